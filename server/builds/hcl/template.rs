//! Quoted strings, heredocs and the templates in them.

use std::ops::Range;

use crate::builds::{
    decoded::Decoded,
    node::{Scalar, Style},
};

use super::{
    Expr, Kind, Part,
    parser::{Lines, Parser},
};

/// What a template stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    /// Between quotes, on one line, with escapes.
    Quotes,
    /// Up to the parser's end; this many bytes of indentation are cut off each line.
    Lines { indent: usize },
}

impl Parser<'_> {
    /// A string in quotes. One that is not closed ends with its line.
    pub fn quoted(&mut self) -> Expr {
        let start = self.at;
        self.at += 1;
        let (parts, is_closed) = self.template(Around::Quotes);
        let inner = start + 1..if is_closed { self.at - 1 } else { self.at };
        if !is_closed {
            self.broken.push(start..self.at);
        }
        finished(parts, start..self.at, inner, Style::Double, is_closed)
    }

    /// `<<NAME` to the line that is `NAME`, `<<-NAME` without the common indentation.
    pub fn heredoc(&mut self) -> Expr {
        let start = self.at;
        self.at += 2;
        let is_flush = self.accept("-");
        let name =
            self.identifier().filter(|_| self.rest().trim_start_matches(['\r', ' ']).starts_with('\n'));
        self.skip_line();
        let body = (self.at + 1).min(self.end);
        let Some((body_end, end)) = name.and_then(|name| self.heredoc_end(body, &name)) else {
            self.broken.push(start..self.at);
            return Expr { range: start..self.at, kind: Kind::Unknown };
        };
        let lines = self.text[body..body_end].lines().filter(|line| !line.trim().is_empty());
        let indents = lines.map(|line| line.len() - line.trim_start_matches([' ', '\t']).len());
        let indent = if is_flush { indents.min().unwrap_or(0) } else { 0 };
        let file_end = std::mem::replace(&mut self.end, body_end);
        self.at = body;
        let (parts, _) = self.template(Around::Lines { indent });
        self.end = file_end;
        self.at = end;
        finished(parts, start..end, body..body_end, Style::Literal, true)
    }

    /// Where a heredoc's text ends, and where its last line does.
    fn heredoc_end(&mut self, body: usize, name: &str) -> Option<(usize, usize)> {
        let mut line = body;
        while line < self.end && self.heredoc_budget > 0 {
            let len = self.text[line..self.end].find('\n').unwrap_or(self.end - line);
            let content = &self.text[line..line + len];
            self.heredoc_budget = self.heredoc_budget.saturating_sub(len + 1);
            if content.trim() == name {
                return Some((line, line + content.trim_end().len()));
            }
            line += len + 1;
        }
        None
    }

    /// The whole text as a template, as JSON has it.
    pub fn plain_template(&mut self) -> Expr {
        let (parts, _) = self.template(Around::Lines { indent: 0 });
        finished(parts, 0..self.end, 0..self.end, Style::Double, true)
    }

    /// The parts up to the end, and whether there is one.
    fn template(&mut self, around: Around) -> (Vec<(Part, Decoded)>, bool) {
        let mut parts = Vec::new();
        let mut literal = Decoded::default();
        let mut run = self.at;
        let mut at_line_start = true;
        let is_closed = loop {
            if let (Around::Lines { indent }, true) = (around, at_line_start) {
                literal.keep(&self.text[run..self.at], run);
                let spaces = self.rest().bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                self.at += spaces.min(indent);
                run = self.at;
                at_line_start = false;
            }
            let rest = self.rest();
            let Some(first) = rest.bytes().next() else { break around != Around::Quotes };
            match first {
                b'"' if around == Around::Quotes => break true,
                b'\n' if around == Around::Quotes => break false,
                b'\r' if around == Around::Quotes && rest.starts_with("\r\n") => break false,
                b'\\' if around == Around::Quotes => {
                    literal.keep(&self.text[run..self.at], run);
                    let (escaped, len) = escape(rest);
                    escaped.into_iter().for_each(|c| literal.make(c));
                    self.at += len;
                    run = self.at;
                }
                b'$' | b'%'
                    if rest[1..].starts_with(rest.get(..1).unwrap_or("")) && rest[2..].starts_with('{') =>
                {
                    // Of `$${` the second `${` is the text.
                    literal.keep(&self.text[run..self.at], run);
                    run = self.at + 1;
                    self.at += 3;
                }
                b'$' | b'%' if rest[1..].starts_with('{') => {
                    literal.keep(&self.text[run..self.at], run);
                    parts.extend(take(&mut literal));
                    parts.push((Part::Value(self.interpolation(around)), Decoded::default()));
                    run = self.at;
                }
                b'\n' => {
                    self.at += 1;
                    at_line_start = true;
                }
                _ => self.bump(),
            }
        };
        // What is typed may well have spaces behind it.
        let end = if is_closed { self.at } else { run + self.text[run..self.at].trim_end().len() };
        literal.keep(&self.text[run..end], run);
        parts.extend(take(&mut literal));
        if is_closed && around == Around::Quotes {
            self.at += 1;
        } else {
            self.at = end;
        }
        (parts, is_closed)
    }

    /// `${ value }`, or a directive, which is not worked out.
    fn interpolation(&mut self, around: Around) -> Expr {
        let start = self.at;
        let is_directive = self.peek() == Some('%');
        self.at += 2;
        let strips = self.accept("~");
        self.skip_space(Lines::Skip);
        self.depth += 1;
        let inner = self.expression(Lines::Skip);
        self.depth -= 1;
        self.skip_space(Lines::Skip);
        let strips = self.accept("~") || strips;
        if !self.accept("}") {
            // What is no expression ends with its brace, or with the string that it stands in.
            let stop = match around {
                Around::Quotes => self.rest().find(['}', '"', '\n']),
                Around::Lines { .. } => self.rest().find(['}', '\n']),
            };
            self.at += stop.unwrap_or(self.rest().len());
            let is_closed = self.accept("}");
            if !is_directive || !is_closed {
                self.broken.push(start..self.at);
            }
            return Expr { range: start..self.at, kind: Kind::Unknown };
        }
        if is_directive || strips { Expr { range: start..self.at, kind: Kind::Unknown } } else { inner }
    }
}

/// The text there is, if there is some.
fn take(literal: &mut Decoded) -> Option<(Part, Decoded)> {
    if literal.text.is_empty() {
        return None;
    }
    let literal = std::mem::take(literal);
    Some((Part::Text(literal.text.clone()), literal))
}

/// A text if nothing is computed in it, the value itself if there is nothing else, else a template.
fn finished(
    mut parts: Vec<(Part, Decoded)>,
    range: Range<usize>,
    inner: Range<usize>,
    style: Style,
    is_closed: bool,
) -> Expr {
    let is_text = parts.iter().all(|(part, _)| matches!(part, Part::Text(_)));
    if is_text {
        let literal = parts.pop().map(|(_, literal)| literal).unwrap_or_default();
        let scalar =
            Scalar { text: literal.text, range: inner, style, is_text: true, pieces: literal.pieces };
        return Expr { range, kind: Kind::Text { scalar, is_closed } };
    }
    if !is_closed {
        return Expr { range, kind: Kind::Unknown };
    }
    if let [(Part::Value(_), _)] = parts.as_slice()
        && let Some((Part::Value(value), _)) = parts.pop()
    {
        return value;
    }
    // Without the quotes, as all that is written.
    Expr { range: inner, kind: Kind::Template(parts.into_iter().map(|(part, _)| part).collect()) }
}

/// The character that an escape at the start means, and the length of the escape in bytes.
fn escape(text: &str) -> (Option<char>, usize) {
    let hex = |len: usize| {
        let digits =
            text.get(2..2 + len).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        (code.and_then(char::from_u32), if digits.is_some() { 2 + len } else { 2 })
    };
    match text[1..].chars().next() {
        Some('n') => (Some('\n'), 2),
        Some('r') => (Some('\r'), 2),
        Some('t') => (Some('\t'), 2),
        Some('u') => hex(4),
        Some('U') => hex(8),
        // A line end is not escaped: the string ends there.
        None | Some('\n' | '\r') => (None, 1),
        Some(other) => (Some(other), 1 + other.len_utf8()),
    }
}
