//! Mappings and sequences whose lines are indented.

use super::{
    super::node::{Node, Style},
    Collection, DEPTH, Measured, Properties, Reader,
    inline::{plain_end, starts_plain},
    is_apart, is_blank, line_end, next_start, scalars,
};

/// Where a value stands.
#[derive(Clone, Copy)]
pub(super) struct Around {
    /// The column of the collection around it; -1 around a document. All lines of the value are indented further.
    pub column: isize,
    pub depth: usize,
    /// Whether the value may start a collection in this line: behind `- `, but not behind `key: `.
    pub is_compact: bool,
    /// Whether a sequence may stand in the same column: behind a key.
    pub is_pair: bool,
}

impl Around {
    const DOCUMENT: Around = Around { column: -1, depth: 0, is_compact: false, is_pair: false };

    /// Around the value of a key in `column`.
    fn pair(column: isize, depth: usize) -> Around {
        Around { column, depth, is_compact: false, is_pair: true }
    }

    /// Around an item whose dash stands in `column`.
    fn item(column: isize, depth: usize) -> Around {
        Around { column, depth, is_compact: true, is_pair: false }
    }
}

impl<'a> Reader<'a> {
    /// The value of a document. Of several, where there may be just one, the first that is more than a scalar.
    pub(super) fn document(&mut self) -> std::sync::Arc<Node> {
        let is_behind_mark = self.at > self.line;
        let mut found = if is_behind_mark {
            self.value(Around::DOCUMENT).node
        } else if self.next_line().is_some() {
            self.block(Around::DOCUMENT).node
        } else {
            self.typed_here().node
        };
        while self.next_line().is_some() {
            self.whole = false;
            let start = self.at;
            let other = self.block(Around::DOCUMENT).node;
            if found.entries().is_empty() && found.items().is_empty() {
                found = other;
            }
            if self.at == start {
                self.skip_line();
            }
        }
        found
    }

    pub(super) fn skip_line(&mut self) {
        self.at = line_end(self.text, self.at);
    }

    fn column(&self) -> isize {
        self.at as isize - self.line as isize
    }

    /// Goes to the first word of the next line that has one, if the one of this line is done; gives its column.
    pub(super) fn next_line(&mut self) -> Option<isize> {
        loop {
            let is_start = self.text[self.line..self.at].chars().all(|c| c == ' ');
            let is_tab = self.rest().starts_with('\t');
            if is_start && is_tab {
                // Compose and all others refuse tabs here.
                self.skip_blanks();
                self.whole &= self.is_line_done();
                self.skip_line();
            }
            self.skip_spaces();
            if !self.is_line_done() && !self.rest().starts_with('\t') {
                return Some(self.column());
            }
            self.skip_blanks();
            if !self.is_line_done() {
                return Some(self.column());
            }
            let end = line_end(self.text, self.at);
            if end == self.text.len() {
                self.at = end;
                return None;
            }
            self.at = next_start(self.text, end);
            self.line = self.at;
        }
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(' ').len();
    }

    /// Goes to the end of the line. What still stands there is not understood.
    pub(super) fn end_line(&mut self) {
        self.skip_blanks();
        self.whole &= self.is_line_done();
        self.skip_line();
    }

    /// The value behind a mark, in this line or in the next ones.
    fn value(&mut self, around: Around) -> Measured {
        let typed = self.typed_here();
        self.skip_blanks();
        let start = (self.at, self.line);
        let properties = self.properties(false);
        if !self.is_line_done() {
            if around.is_compact && properties.anchor.is_none() && properties.tag.is_none() {
                return self.block(around);
            }
            if around.is_compact && self.is_key() {
                // They are the key's.
                (self.at, self.line) = start;
                return self.block(around);
            }
            let value = self.inline(around);
            return self.finish(properties, value);
        }
        let behind = (self.at, self.line);
        let is_inside = match self.next_line() {
            None => false,
            Some(column) if column == around.column => around.is_pair && self.is_dash(),
            Some(column) => column > around.column,
        };
        if !is_inside {
            (self.at, self.line) = behind;
            let is_bare = properties.anchor.is_none() && properties.tag.is_none();
            let null = if is_bare { typed } else { Measured::leaf(Node::null(behind.0..behind.0)) };
            return self.finish(properties, null);
        }
        let value = self.block(around);
        self.finish(properties, value)
    }

    /// The value that starts with this word, a collection with a column of its own or not.
    fn block(&mut self, around: Around) -> Measured {
        if around.depth >= DEPTH {
            self.whole = false;
            let null = Measured::leaf(Node::null(self.at..self.at));
            self.skip_line();
            while self.next_line().is_some_and(|column| column > around.column) {
                self.skip_line();
            }
            return null;
        }
        if self.is_dash() {
            return self.sequence(around);
        }
        if self.is_mark('?') || self.is_key() {
            return self.mapping(around);
        }
        let properties = self.properties(false);
        if self.is_line_done() {
            let value = self.value(Around { is_compact: false, depth: around.depth + 1, ..around });
            return self.finish(properties, value);
        }
        let value = self.inline(around);
        self.finish(properties, value)
    }

    fn is_mark(&self, mark: char) -> bool {
        self.rest().strip_prefix(mark).is_some_and(is_apart)
    }

    fn is_dash(&self) -> bool {
        self.is_mark('-')
    }

    fn sequence(&mut self, around: Around) -> Measured {
        let column = self.column();
        let mut sequence = Collection::sequence(self.at);
        let mut end = self.at;
        loop {
            if self.is_dash() {
                let here = self.column();
                self.at += 1;
                let item = self.value(Around::item(here, around.depth + 1));
                sequence.item(item);
            } else {
                self.whole = false;
                self.skip_line();
            }
            end = end.max(self.at);
            let Some(next) = self.next_line() else { break };
            let is_of_mapping = around.is_pair && next == around.column && !self.is_dash();
            if is_of_mapping || next < column && next <= around.column {
                break;
            }
            self.whole &= next == column;
        }
        sequence.done(end)
    }

    fn mapping(&mut self, around: Around) -> Measured {
        let column = self.column();
        let mut mapping = Collection::mapping(self.at);
        let mut end = self.at;
        loop {
            let here = self.column();
            if self.is_mark('?') {
                self.explicit(here, around.depth + 1, &mut mapping);
            } else if let Some(key) = self.key() {
                let value = self.value(Around::pair(here, around.depth + 1));
                mapping.pair(&key.node, value);
            } else {
                self.whole = false;
                self.skip_line();
            }
            end = end.max(self.at);
            let Some(next) = self.next_line() else { break };
            if next <= around.column {
                break;
            }
            // A key in a wrong column is still most likely one of this mapping.
            self.whole &= next == column;
        }
        mapping.done(end)
    }

    /// `? key` with `: value` below.
    fn explicit(&mut self, column: isize, depth: usize, mapping: &mut Collection) {
        self.at += 1;
        let key = self.value(Around::item(column, depth));
        let behind = (self.at, self.line);
        let has_value = self.next_line() == Some(column) && self.is_mark(':');
        let value = if has_value {
            self.at += 1;
            self.value(Around::item(column, depth))
        } else {
            (self.at, self.line) = behind;
            Measured::leaf(Node::null(self.at..self.at))
        };
        mapping.grow(&key);
        mapping.pair(&key.node, value);
    }

    fn is_key(&mut self) -> bool {
        let start = self.at;
        let (expanded, whole) = (self.expanded, self.whole);
        let is_key = self.key_text().is_some();
        (self.at, self.expanded, self.whole) = (start, expanded, whole);
        is_key
    }

    /// The key at this place, with its colon.
    fn key(&mut self) -> Option<Measured> {
        let start = self.at;
        let Some((properties, key)) = self.key_text() else {
            self.at = start;
            return None;
        };
        Some(self.finish(properties, key))
    }

    fn key_text(&mut self) -> Option<(Properties<'a>, Measured)> {
        let properties = self.properties(false);
        let line = self.rest_of_line();
        let start = self.at;
        let range = match line.chars().next()? {
            '*' => {
                let key = self.alias(0, false);
                self.skip_blanks();
                return self.colon().then_some((properties, key));
            }
            quote @ ('"' | '\'') => {
                let style = if quote == '"' { Style::Double } else { Style::Single };
                let len = scalars::closing_quote(&line[1..], style)?;
                start..start + len + 2
            }
            ':' if is_apart(&line[1..]) => start..start,
            _ if !starts_plain(line) => return None,
            _ => {
                let colon = plain_end(line);
                let is_colon = line[colon..].starts_with(':');
                if !is_colon {
                    return None;
                }
                start..start + line[..colon].trim_end_matches(is_blank).len()
            }
        };
        let scalar = match &self.text[range.clone()] {
            "" => return self.colon().then(|| (properties, Measured::leaf(Node::null(range)))),
            quoted if quoted.starts_with(['"', '\'']) => scalars::quoted(self.text, range.clone()),
            _ => scalars::plain(self.text, range.clone()),
        };
        self.at = range.end;
        self.skip_blanks();
        let key = Measured::scalar(range, scalar);
        self.colon().then_some((properties, key))
    }

    fn colon(&mut self) -> bool {
        let is_colon = self.is_mark(':');
        self.at += usize::from(is_colon);
        is_colon
    }
}
