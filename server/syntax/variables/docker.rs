//! Variables in a word that BuildKit expands (shell/lex.go).

use std::ops::Range;

use super::Operator;

/// What quotes in a text mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quotes {
    /// They quote: within single ones no variable is seen.
    Taken,
    /// They are text, as in the body of a heredoc.
    Kept,
}

/// How deep variables may stand in the operands of others; deeper ones are not looked at.
const DEEP: usize = 64;

/// Calls `found` with the range of each name in `text`, and its operator. What BuildKit could not read to the end is read as
/// far as it goes.
pub fn scan(text: &str, escape: char, quotes: Quotes, found: &mut dyn FnMut(Range<usize>, Operator)) {
    if text.contains('$') {
        Scanner { text, at: 0, escape, quotes, depth: 0, found }.until(None);
    }
}

struct Scanner<'a, 'f> {
    text: &'a str,
    at: usize,
    escape: char,
    quotes: Quotes,
    depth: usize,
    found: &'f mut dyn FnMut(Range<usize>, Operator),
}

impl Scanner<'_, '_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Reads up to `stop`, which is consumed, or up to the end.
    fn until(&mut self, stop: Option<char>) {
        self.depth += 1;
        while let Some(c) = self.next() {
            match c {
                _ if Some(c) == stop => break,
                '\'' if self.quotes == Quotes::Taken => {
                    let rest = &self.text[self.at..];
                    self.at += rest.find('\'').map_or(rest.len(), |end| end + 1);
                }
                '"' if self.quotes == Quotes::Taken => self.double_quoted(),
                '$' => self.dollar(),
                _ if c == self.escape => {
                    self.next();
                }
                _ => {}
            }
        }
        self.depth -= 1;
    }

    fn double_quoted(&mut self) {
        while let Some(c) = self.next() {
            match c {
                '"' => return,
                '$' => self.dollar(),
                _ if c == self.escape
                    && self.peek().is_some_and(|c| c == '"' || c == '$' || c == self.escape) =>
                {
                    self.next();
                }
                _ => {}
            }
        }
    }

    fn dollar(&mut self) {
        let braced = self.peek() == Some('{');
        if braced {
            self.next();
        }
        let name = self.name();
        let rest = &self.text[self.at..];
        let operator = if braced { Operator::of(rest) } else { Operator::Value };
        if !name.is_empty() {
            (self.found)(name, operator);
        }
        if !braced || self.depth >= DEEP {
            return;
        }
        match self.next() {
            Some('}') | None => {}
            Some('/') => {
                self.until(Some('/'));
                self.until(Some('}'));
            }
            Some(_) => self.until(Some('}')),
        }
    }

    /// A name as BuildKit reads it (shell/lex.go, `processName`): that of a variable, a number, or one of `@*#?-$!`.
    fn name(&mut self) -> Range<usize> {
        let start = self.at;
        if self.peek().is_some_and(|c| c.is_ascii_digit()) {
            let rest = &self.text[start..];
            self.at += rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            return start..self.at;
        }
        if self.peek().is_some_and(|c| "@*#?-$!".contains(c)) {
            self.at += 1;
            return start..self.at;
        }
        if self.peek().is_some_and(|c| c.is_alphabetic() || c == '_') {
            let rest = &self.text[start..];
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            self.at += rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        }
        start..self.at
    }
}
