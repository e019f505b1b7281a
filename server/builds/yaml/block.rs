//! Mappings and sequences whose lines are indented.

use super::{
    super::node::{Node, Style},
    Collection, DEPTH, Measured, Properties, Reader, is_apart, is_blank, is_break, line_end, next_start,
    scalars::{self, Block},
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

    fn skip_line(&mut self) {
        self.at = line_end(self.text, self.at);
    }

    fn column(&self) -> isize {
        self.at as isize - self.line as isize
    }

    /// Goes to the first word of the next line that has one, if the one of this line is done; gives its column.
    fn next_line(&mut self) -> Option<isize> {
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
    fn end_line(&mut self) {
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

    /// A value that starts in this line and is no block collection.
    fn inline(&mut self, around: Around) -> Measured {
        let start = self.at;
        let line = self.rest_of_line();
        let value = match line.chars().next() {
            Some('"' | '\'') => self.quoted(around.column),
            Some('{' | '[') => self.flow(around.column, around.depth),
            Some('*') => self.alias(around.depth, false),
            Some('|' | '>') if header_end(line).is_some() => return self.block_scalar(around.column),
            Some('&') => {
                self.whole = false;
                self.at += 1;
                Measured::leaf(Node::null(start..self.at))
            }
            _ => return self.plain(around.column),
        };
        self.end_line();
        value
    }

    /// A scalar in quotes. One that is not closed before something that can't be in it ends with its line.
    pub(super) fn quoted(&mut self, column: isize) -> Measured {
        let start = self.at;
        let style = if self.rest().starts_with('"') { Style::Double } else { Style::Single };
        let closed = self.quote_end(start, style, column);
        let end = closed.unwrap_or_else(|| {
            self.whole = false;
            let line = self.rest_of_line();
            start + line.trim_end_matches(is_blank).len()
        });
        self.at = end;
        Measured::scalar(start..end, scalars::quoted(self.text, start..end))
    }

    fn quote_end(&self, start: usize, style: Style, column: isize) -> Option<usize> {
        let end = start + 2 + scalars::closing_quote(&self.text[start + 1..], style)?;
        let Some(first) = self.text[start..end].find(is_break) else { return Some(end) };
        let mut at = start + first;
        while at < end {
            let line = next_start(self.text, at);
            at = line_end(self.text, line);
            let spaces = self.text[line..at].len() - self.text[line..at].trim_start_matches(is_blank).len();
            if line + spaces < at && spaces as isize <= column {
                return None;
            }
        }
        let behind = self.text[end..line_end(self.text, end)].trim_start_matches(is_blank);
        (behind.is_empty() || behind.starts_with(['#', ',', ']', '}'])).then_some(end)
    }

    /// A plain scalar, which goes on in lines that are indented further than `column` and have no key.
    fn plain(&mut self, column: isize) -> Measured {
        let start = self.at;
        let line = self.rest_of_line();
        let mut end = start + comment_start(line);
        self.whole &= starts_plain(line) && plain_end(line) == comment_start(line);
        let mut is_open = end == line_end(self.text, start);
        while is_open {
            let behind = (self.at, self.line);
            self.skip_line();
            let next = self.next_line();
            let between = &self.text[end..self.at.max(end)];
            let line = self.rest_of_line();
            let is_more = next.is_some_and(|next| next > column)
                && !between.contains('#')
                && plain_end(line) == comment_start(line);
            if !is_more {
                (self.at, self.line) = behind;
                break;
            }
            end = self.at + comment_start(line);
            is_open = end == line_end(self.text, self.at);
        }
        end = start + self.text[start..end].trim_end_matches(is_blank).len();
        self.skip_line();
        Measured::scalar(start..end, scalars::plain(self.text, start..end))
    }

    fn block_scalar(&mut self, column: isize) -> Measured {
        let start = self.at;
        let header = line_end(self.text, start);
        let given = self.text[start..header].chars().take(3).find_map(|c| c.to_digit(10));
        let mut indent = given.map(|given| column.max(0) + given as isize);
        let mut end = header;
        let mut line = next_start(self.text, header);
        while line < self.text.len() {
            let line_end = line_end(self.text, line);
            let written = &self.text[line..line_end];
            let spaces = (written.len() - written.trim_start_matches(' ').len()) as isize;
            if spaces < written.len() as isize {
                let least = *indent.get_or_insert(spaces.max(column + 1));
                if spaces < least {
                    break;
                }
                end = line_end;
                self.line = line;
            }
            line = next_start(self.text, line_end);
        }
        self.at = end;
        let parent = usize::try_from(column).ok();
        let scalar = scalars::block(self.text, &Block { range: start..end, parent });
        Measured::scalar(start..end, scalar)
    }
}

/// Whether a plain scalar may start so (YAML 1.2.2, 7.3.3).
pub(super) fn starts_plain(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        None => false,
        Some('-' | '?' | ':') => !is_apart(chars.as_str()),
        Some(c) => !matches!(
            c,
            ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`'
        ),
    }
}

/// Where a plain scalar ends in its line: before `: ` or a comment.
fn plain_end(line: &str) -> usize {
    let bytes = line.as_bytes();
    let is_colon = |at: usize| bytes[at] == b':' && is_apart(&line[at + 1..]);
    (0..bytes.len()).find(|at| is_colon(*at) || is_comment(bytes, *at)).unwrap_or(bytes.len())
}

fn comment_start(line: &str) -> usize {
    let bytes = line.as_bytes();
    (0..bytes.len()).find(|at| is_comment(bytes, *at)).unwrap_or(bytes.len())
}

fn is_comment(bytes: &[u8], at: usize) -> bool {
    bytes[at] == b'#' && at > 0 && matches!(bytes[at - 1], b' ' | b'\t')
}

/// Where the header of a block scalar ends: `|` or `>` with up to two indicators.
fn header_end(line: &str) -> Option<usize> {
    let indicators = line[1..].find(|c: char| !matches!(c, '1'..='9' | '+' | '-')).unwrap_or(line.len() - 1);
    let rest = &line[1 + indicators..];
    let inner = rest.trim_start_matches(is_blank);
    let is_over = inner.is_empty() || inner.starts_with('#') && inner.len() < rest.len();
    (indicators <= 2 && is_over && !rest.contains(is_break)).then_some(1 + indicators)
}
