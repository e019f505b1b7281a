//! Mappings and sequences between brackets.

use super::{
    super::node::Node, Collection, DEPTH, Measured, Reader, inline::starts_plain, is_blank, is_break,
    is_flow_mark, line_end, next_start, scalars,
};

impl Reader<'_> {
    /// The collection that starts here. One that is not closed ends before a line that is not indented further than
    /// `column`.
    pub(super) fn flow(&mut self, column: isize, depth: usize) -> Measured {
        let start = self.at;
        let is_mapping = self.rest().starts_with('{');
        let close = if is_mapping { '}' } else { ']' };
        let mut collection =
            if is_mapping { Collection::mapping(start) } else { Collection::sequence(start) };
        if depth >= DEPTH {
            self.whole = false;
            self.at = line_end(self.text, start);
            return Measured::leaf(Node::null(start..start));
        }
        self.at += 1;
        let mut is_separate = true;
        loop {
            if !self.skip_to_word(column) {
                self.whole = false;
                break;
            }
            let rest = self.rest();
            let Some(first) = rest.chars().next() else { break };
            if first == close {
                self.at += 1;
                break;
            }
            match first {
                ',' => {
                    self.whole &= !is_separate;
                    is_separate = true;
                    self.at += 1;
                }
                // It closes a collection around this one.
                ']' | '}' => {
                    self.whole = false;
                    break;
                }
                _ => {
                    self.whole &= is_separate;
                    is_separate = false;
                    self.flow_entry(is_mapping, column, depth + 1, &mut collection);
                }
            }
        }
        collection.done(self.at)
    }

    /// Goes over blanks, comments and line breaks; says whether there is something before the collection has to end.
    fn skip_to_word(&mut self, column: isize) -> bool {
        let before = (self.at, self.line);
        loop {
            self.skip_blanks();
            if !self.is_line_done() {
                let indent = self.at as isize - self.line as isize;
                let is_inside =
                    self.line == before.1 || indent > column || self.rest().starts_with([']', '}']);
                if !is_inside {
                    (self.at, self.line) = before;
                }
                return is_inside;
            }
            let end = line_end(self.text, self.at);
            if end == self.text.len() {
                (self.at, self.line) = before;
                return false;
            }
            self.at = next_start(self.text, end);
            self.line = self.at;
        }
    }

    /// A pair of a mapping, or an item of a sequence, which may be a pair, too.
    fn flow_entry(&mut self, is_mapping: bool, column: isize, depth: usize, into: &mut Collection) {
        let start = self.at;
        let is_explicit = self.rest().strip_prefix('?').is_some_and(super::is_apart);
        if is_explicit {
            self.at += 1;
            if !self.skip_to_word(column) {
                return;
            }
        }
        let is_quoted = self.rest().starts_with(['"', '\'', '{', '[']);
        let key = self.flow_value(column, depth);
        let behind = (self.at, self.line);
        let is_pair = self.skip_to_word(column) && self.is_flow_colon(is_quoted);
        if !is_pair {
            (self.at, self.line) = behind;
            if is_mapping || is_explicit {
                let null = Measured::leaf(Node::null(self.at..self.at));
                into.grow(&key);
                into.pair(&key.node, null);
            } else {
                into.item(key);
            }
            return;
        }
        self.at += 1;
        let typed = self.typed_here();
        let behind = (self.at, self.line);
        let has_value = self.skip_to_word(column) && !self.rest().starts_with([',', ']', '}']);
        let value = if has_value {
            self.flow_value(column, depth)
        } else {
            (self.at, self.line) = behind;
            typed
        };
        if is_mapping {
            into.grow(&key);
            into.pair(&key.node, value);
        } else {
            let mut pair = Collection::mapping(start);
            pair.grow(&key);
            pair.pair(&key.node, value);
            into.item(pair.done(self.at));
        }
    }

    /// Whether a colon ends a key here; right behind a quote or a bracket it needs no blank.
    fn is_flow_colon(&self, is_quoted: bool) -> bool {
        self.rest()
            .strip_prefix(':')
            .is_some_and(|rest| is_quoted || super::is_apart(rest) || rest.starts_with(is_flow_mark))
    }

    fn flow_value(&mut self, column: isize, depth: usize) -> Measured {
        let properties = self.properties(true);
        let start = self.at;
        let value = match self.rest().chars().next() {
            Some('"' | '\'') => self.quoted(column),
            Some('{' | '[') => self.flow(column, depth),
            Some('*') => self.alias(depth, true),
            None | Some(',' | ']' | '}') => Measured::leaf(Node::null(start..start)),
            Some(':') if self.is_flow_colon(false) => Measured::leaf(Node::null(start..start)),
            _ => self.flow_plain(column),
        };
        self.finish(properties, value)
    }

    fn flow_plain(&mut self, column: isize) -> Measured {
        let start = self.at;
        self.whole &= starts_plain(self.rest());
        // One character at least, however wrong it is.
        let first = self.rest().chars().next().map_or(0, char::len_utf8);
        let mut end = start + first.max(flow_plain_end(self.rest()));
        self.at = end;
        while self.rest().trim_start_matches(is_blank).starts_with(is_break) {
            let behind = (self.at, self.line);
            let is_more = self.skip_to_word(column)
                && !self.text[end..self.at].contains('#')
                && starts_plain(self.rest())
                && !self.rest().starts_with(is_break);
            if !is_more {
                (self.at, self.line) = behind;
                break;
            }
            end = self.at + flow_plain_end(self.rest());
            self.at = end;
        }
        end = start + self.text[start..end].trim_end_matches(is_blank).len();
        Measured::scalar(start..end, scalars::plain(self.text, start..end))
    }
}

/// Where a plain scalar ends in its line.
fn flow_plain_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_end = |at: usize| match bytes[at] {
        b',' | b'[' | b']' | b'{' | b'}' | b'\r' | b'\n' => true,
        b':' => super::is_apart(&text[at + 1..]) || text[at + 1..].starts_with(is_flow_mark),
        b'#' => at > 0 && matches!(bytes[at - 1], b' ' | b'\t'),
        _ => false,
    };
    (0..bytes.len()).find(|at| is_end(*at)).unwrap_or(bytes.len())
}
