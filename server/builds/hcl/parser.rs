//! Bodies: attributes and blocks. A broken line is skipped, a block that is not closed ends where the next one begins.

use std::ops::Range;

use super::{Attribute, Block, Body, Expr, File, Kind, Label};

/// How deep brackets and blocks may be nested; deeper ones are unknown.
const MAX_DEPTH: usize = 32;

pub(super) struct Parsed {
    pub file: File,
    /// Whether the end of a block or an object was missing.
    pub is_unclosed: bool,
}

pub(super) struct Parser<'a> {
    pub text: &'a str,
    pub at: usize,
    /// Nothing behind it is read.
    pub end: usize,
    pub broken: Vec<Range<usize>>,
    pub depth: usize,
    is_unclosed: bool,
    /// Whether an attribute that is indented no deeper than an open object's line ends the object.
    by_indent: bool,
    /// The end up to which no comment is closed any more.
    unclosed_comment: Option<usize>,
    /// How many bytes may be looked through for the ends of heredocs.
    pub heredoc_budget: usize,
}

/// Where line ends are nothing but space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// A line end ends the expression.
    End,
    /// Between brackets or in an interpolation: a line that starts an attribute, a block or the end of one is not part of it.
    Skip,
    /// Between the braces of an object: attributes are part of it if they are indented deeper than this, or if that is not
    /// looked at.
    Object { indent: usize },
}

pub(super) fn file(text: &str, by_indent: bool) -> Parsed {
    let mut parser = Parser::new(text);
    parser.by_indent = by_indent;
    if text.starts_with('\u{feff}') {
        parser.at = '\u{feff}'.len_utf8();
    }
    let body = parser.body(false);
    Parsed { file: File { body, broken: parser.broken }, is_unclosed: parser.is_unclosed }
}

impl<'a> Parser<'a> {
    pub fn new(text: &'a str) -> Parser<'a> {
        Parser {
            text,
            at: 0,
            end: text.len(),
            broken: Vec::new(),
            depth: 0,
            is_unclosed: false,
            by_indent: false,
            unclosed_comment: None,
            heredoc_budget: text.len().saturating_mul(4),
        }
    }

    fn body(&mut self, in_block: bool) -> Body {
        let mut body = Body::default();
        loop {
            self.skip_all();
            let start = self.at;
            match self.peek() {
                None => {
                    self.is_unclosed |= in_block;
                    if in_block {
                        self.broken.push(start..start);
                    }
                    return body;
                }
                Some('}') if in_block => {
                    self.at += 1;
                    return body;
                }
                // Blocks with a label stand at the top only: the one around was not closed.
                Some(_) if in_block && self.is_header(start, true) && self.starts_line(start) => {
                    self.is_unclosed = true;
                    self.broken.push(start..start);
                    return body;
                }
                Some(_) => {}
            }
            if self.statement(&mut body).is_none() {
                self.skip_line();
                // A brace at the end of what is no header closes nothing.
                if self.at == start {
                    self.bump();
                }
                self.broken.push(start..self.at);
            }
        }
    }

    /// An attribute or a block; `None` if the line is neither.
    fn statement(&mut self, body: &mut Body) -> Option<()> {
        let start = self.at;
        let name = self.identifier()?;
        let name_range = start..self.at;
        self.skip_space(Lines::End);
        if self.is_assignment() {
            self.at += 1;
            let value = self.value();
            body.attributes.push(Attribute { name, name_range, value });
            self.skip_space(Lines::End);
            // Several in one line are not HCL; but they are what one means.
            self.accept(",");
            self.skip_space(Lines::End);
            let is_done = self.peek().is_none_or(|next| matches!(next, '\n' | '}'));
            if !is_done && !self.is_attribute(self.at) {
                let rest = self.at;
                self.skip_line();
                self.broken.push(rest..self.at);
            }
            return Some(());
        }
        let mut labels = Vec::new();
        while let Some(label) = self.label() {
            labels.push(label);
            self.skip_space(Lines::End);
        }
        if !self.accept("{") || self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let inner = self.body(true);
        self.depth -= 1;
        let range = start..self.at;
        body.blocks.push(Block { kind: name, kind_range: name_range, labels, body: inner, range });
        Some(())
    }

    /// What stands behind `=`; if nothing does, the place is the end of the line, where one types.
    fn value(&mut self) -> Expr {
        let behind = self.at;
        self.skip_space(Lines::End);
        match self.peek() {
            None | Some('\n') => {
                let mut spaces = self.text[behind..self.at].bytes();
                let width = spaces.position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(self.at - behind);
                self.missing(behind + width)
            }
            Some('}') => self.missing(self.at.min(behind + 1)),
            _ => self.expression(Lines::End),
        }
    }

    fn missing(&mut self, at: usize) -> Expr {
        self.broken.push(at..at);
        Expr { range: at..at, kind: Kind::Missing }
    }

    fn label(&mut self) -> Option<Label> {
        let start = self.at;
        if self.peek() != Some('"') {
            let text = self.identifier()?;
            return Some(Label { text, range: start..self.at, is_template: false });
        }
        let expr = self.quoted();
        let has_end = self.text[start + 1..self.at].ends_with('"');
        let inner = start + 1..self.at - usize::from(has_end);
        Some(match expr.kind {
            Kind::Text { scalar, is_closed: true } => {
                Label { text: scalar.text, range: scalar.range, is_template: false }
            }
            Kind::Text { .. } => return None,
            _ => Label { text: self.text[inner.clone()].to_owned(), range: inner, is_template: true },
        })
    }

    pub fn peek(&self) -> Option<char> {
        self.text[self.at..self.end].chars().next()
    }

    pub fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    pub fn rest(&self) -> &'a str {
        &self.text[self.at..self.end]
    }

    pub fn accept(&mut self, token: &str) -> bool {
        let is_there = self.rest().starts_with(token);
        if is_there {
            self.at += token.len();
        }
        is_there
    }

    pub fn identifier(&mut self) -> Option<String> {
        let len = identifier_len(self.rest())?;
        let name = self.rest()[..len].to_owned();
        self.at += len;
        Some(name)
    }

    /// Whether a `=` stands here that gives a value: no `==` and no `=>`.
    fn is_assignment(&self) -> bool {
        let rest = self.rest();
        rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>")
    }

    /// Spaces, comments and line ends.
    fn skip_all(&mut self) {
        loop {
            self.skip_space(Lines::End);
            if self.peek() != Some('\n') {
                return;
            }
            self.at += 1;
        }
    }

    /// Spaces and comments, and line ends where they are nothing else.
    pub fn skip_space(&mut self, lines: Lines) {
        loop {
            let rest = self.rest();
            match rest.bytes().next() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\n') if self.goes_on(lines) => self.at += 1,
                Some(b'#') => self.skip_line(),
                Some(b'/') if rest.starts_with("//") => self.skip_line(),
                Some(b'/') if rest.starts_with("/*") => {
                    let is_hopeless = self.unclosed_comment == Some(self.end);
                    let close = if is_hopeless { None } else { rest.find("*/") };
                    match close {
                        Some(len) => self.at += len + 2,
                        // As long as it is not closed it is none, or it would hide all that follows.
                        None => {
                            self.unclosed_comment = Some(self.end);
                            self.broken.push(self.at..self.at + 2);
                            self.skip_line();
                        }
                    }
                }
                _ => return,
            }
        }
    }

    /// To the end of the line, before the line end.
    pub fn skip_line(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    /// Whether what is between brackets goes on behind the line end here.
    fn goes_on(&mut self, lines: Lines) -> bool {
        let rest = &self.text[self.at + 1..self.end];
        let line = self.at + 1 + rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
        let starts = |byte| self.text.as_bytes().get(line) == Some(&byte) && line < self.end;
        match lines {
            Lines::End => false,
            Lines::Skip => !starts(b'}') && !self.is_attribute(line) && !self.is_header(line, true),
            Lines::Object { indent } => {
                let is_out = self.by_indent && line - self.at - 1 <= indent && self.is_attribute(line);
                let goes_on = !is_out && !self.is_header(line, true);
                self.is_unclosed |= !goes_on;
                goes_on
            }
        }
    }

    /// Whether `name =` starts here.
    pub fn is_attribute(&self, at: usize) -> bool {
        let rest = &self.text[at..self.end];
        let Some(len) = identifier_len(rest) else { return false };
        let rest = rest[len..].trim_start_matches([' ', '\t']);
        rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>")
    }

    /// Whether a block starts here: a kind, labels and a brace in one line.
    fn is_header(&self, at: usize, with_label: bool) -> bool {
        let mut rest = &self.text[at..self.end];
        let mut words = 0;
        loop {
            let len = match rest.strip_prefix('"') {
                Some(inner) if words > 0 => match inner.find(['"', '\n']) {
                    Some(len) if inner.as_bytes()[len] == b'"' => Some(len + 2),
                    _ => return false,
                },
                _ => identifier_len(rest),
            };
            let Some(len) = len else { break };
            words += 1;
            // No block has that many labels, and lines of words are not looked through again and again.
            if words > 4 {
                return false;
            }
            rest = rest[len..].trim_start_matches([' ', '\t']);
        }
        words > usize::from(with_label) && rest.starts_with('{')
    }

    fn starts_line(&self, at: usize) -> bool {
        let before = self.text[..at].trim_end_matches([' ', '\t']);
        before.is_empty() || before.ends_with(['\n', '\u{feff}'])
    }

    /// How far the line of `at` is indented, in bytes.
    pub fn indent(&self, at: usize) -> usize {
        let start = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        self.text[start..].bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    }

    pub fn is_too_deep(&self) -> bool {
        self.depth >= MAX_DEPTH
    }

    pub fn note_unclosed(&mut self) {
        self.is_unclosed = true;
    }
}

/// The length of the identifier at the start, in bytes (HCL syntax specification, "Identifiers").
fn identifier_len(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if !first.is_alphabetic() && first != '_' {
        return None;
    }
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    Some(text.find(|c| !is_part(c)).unwrap_or(text.len()))
}
