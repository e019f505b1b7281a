//! Values that start in a line and are no block collection: scalars with all their lines, and what is in brackets.

use super::{
    super::node::{Node, Style},
    Measured, Reader,
    block::Around,
    is_apart, is_blank, is_break, line_end, next_start,
    scalars::{self, Block},
};

impl Reader<'_> {
    /// A value that starts in this line and is no block collection.
    pub(super) fn inline(&mut self, around: Around) -> Measured {
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
pub(super) fn plain_end(line: &str) -> usize {
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
