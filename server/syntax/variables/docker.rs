//! Variables in a word that BuildKit expands (shell/lex.go), and where it can't.

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

/// A place that BuildKit stops at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    /// In bytes of the text: what it is about, as far as it was read.
    pub range: Range<usize>,
}

/// Why BuildKit can't expand a text (`processStopOn`, `processDollar` and the quotes in shell/lex.go).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// A quote without its partner.
    Quote(char),
    /// A `${` without its `}`.
    Unclosed,
    /// `${}`, `${{…`, `${:…`
    NoName,
    /// `${X!}`: what follows the name is no operator.
    Operator,
    /// `${X/a}`: a pattern without its replacement.
    NoReplacement,
    /// `${X#\a}`: a pattern escapes only `*`, `?`, `}`, `/` and `\`.
    Escape,
}

/// How deep variables may stand in the operands of others; deeper ones are not looked at.
const DEEP: usize = 64;

/// Calls `found` with the range of each name in `text`, and its operator. What BuildKit could not read to the end is read as
/// far as it goes.
pub fn scan(text: &str, escape: char, quotes: Quotes, found: &mut dyn FnMut(Range<usize>, Operator)) {
    if text.contains('$') {
        Scanner { text, at: 0, escape, quotes, depth: 0, found, problem: None }.until(None, None);
    }
}

/// The first place in `text` that BuildKit can't expand, whatever the variables are.
pub fn problem(text: &str, escape: char, quotes: Quotes) -> Option<Problem> {
    let quoted = quotes == Quotes::Taken && text.contains(['"', '\'']);
    if !quoted && !text.contains("${") {
        return None;
    }
    let mut scanner = Scanner { text, at: 0, escape, quotes, depth: 0, found: &mut |_, _| {}, problem: None };
    scanner.until(None, None);
    scanner.problem
}

struct Scanner<'a, 'f> {
    text: &'a str,
    at: usize,
    escape: char,
    quotes: Quotes,
    depth: usize,
    found: &'f mut dyn FnMut(Range<usize>, Operator),
    /// The first one, in the order in which BuildKit would meet them.
    problem: Option<Problem>,
}

/// The text of a pattern as it is put together; `None` once a variable stands in it.
type Pattern = Option<String>;

impl Scanner<'_, '_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Notes that what starts at `start` is wrong up to here.
    fn stop(&mut self, kind: ProblemKind, start: usize) {
        let range = start..self.at;
        self.problem.get_or_insert(Problem { kind, range });
    }

    /// Reads up to `stop`, which is consumed, or up to the end. Whether it was found. A `pattern` gets the text with its
    /// escapes.
    fn until(&mut self, stop: Option<char>, mut pattern: Option<&mut Pattern>) -> bool {
        self.depth += 1;
        let mut found = stop.is_none();
        while let Some(c) = self.next() {
            let start = self.at - c.len_utf8();
            match c {
                _ if Some(c) == stop => {
                    found = true;
                    break;
                }
                '\'' if self.quotes == Quotes::Taken => {
                    let rest = &self.text[self.at..];
                    let end = rest.find('\'');
                    push(&mut pattern, &rest[..end.unwrap_or(rest.len())]);
                    self.at += end.map_or(rest.len(), |end| end + 1);
                    if end.is_none() {
                        self.stop(ProblemKind::Quote('\''), start);
                    }
                }
                '"' if self.quotes == Quotes::Taken => self.double_quoted(start, &mut pattern),
                '$' => self.dollar(&mut pattern),
                _ => {
                    if c == self.escape {
                        self.next();
                    }
                    push(&mut pattern, &self.text[start..self.at]);
                }
            }
        }
        self.depth -= 1;
        found
    }

    /// `start`: where the quote stands.
    fn double_quoted(&mut self, start: usize, pattern: &mut Option<&mut Pattern>) {
        while let Some(c) = self.next() {
            match c {
                '"' => return,
                '$' => self.dollar(pattern),
                _ if c == self.escape => {
                    let escaped = self.peek().filter(|&c| c == '"' || c == '$' || c == self.escape);
                    if escaped.is_some() {
                        self.next();
                    }
                    push(pattern, &c.to_string());
                    push(pattern, &escaped.unwrap_or(c).to_string());
                }
                _ => push(pattern, &self.text[self.at - c.len_utf8()..self.at]),
            }
        }
        self.stop(ProblemKind::Quote('"'), start);
    }

    fn dollar(&mut self, pattern: &mut Option<&mut Pattern>) {
        let start = self.at - 1;
        let braced = self.peek() == Some('{');
        if braced {
            self.next();
        }
        if braced && matches!(self.peek(), Some('{' | '}' | ':')) {
            let at = self.at;
            self.next();
            self.stop(ProblemKind::NoName, start);
            self.at = at;
        }
        let name = self.name();
        let rest = &self.text[self.at..];
        let operator = if braced { Operator::of(rest) } else { Operator::Value };
        if !name.is_empty() {
            (self.found)(name.clone(), operator);
        }
        if let Some(pattern) = pattern {
            match name.is_empty() && !braced {
                true => push(&mut Some(&mut **pattern), "$"),
                false => **pattern = None,
            }
        }
        if !braced || self.depth >= DEEP {
            return;
        }
        match self.next() {
            Some('}') => {}
            Some('/') => {
                let all = self.peek() == Some('/');
                if all {
                    self.next();
                }
                let from = self.at;
                let mut text = Some(String::new());
                if !self.until(Some('/'), Some(&mut text)) {
                    self.stop(ProblemKind::NoReplacement, start);
                }
                let pattern = from..self.at;
                if !self.until(Some('}'), None) {
                    self.stop(ProblemKind::Unclosed, start);
                }
                self.check(text, pattern);
            }
            Some(operator @ ('#' | '%')) => {
                let from = self.at;
                let mut text = Some(String::new());
                if !self.until(Some('}'), Some(&mut text)) {
                    self.stop(ProblemKind::Unclosed, start);
                }
                let text = text.map(|text| text.strip_prefix(operator).map_or(text.clone(), str::to_owned));
                self.check(text, from..self.at.max(from + 1) - 1);
            }
            Some(c) => {
                let is_operator = match c {
                    ':' => matches!(self.next(), Some('+' | '-' | '?')),
                    _ => matches!(c, '+' | '-' | '?'),
                };
                let end = self.at;
                if !self.until(Some('}'), None) {
                    self.stop(ProblemKind::Unclosed, start);
                } else if !is_operator {
                    self.problem.get_or_insert(Problem { kind: ProblemKind::Operator, range: start..end });
                }
            }
            None => self.stop(ProblemKind::Unclosed, start),
        }
    }

    /// Looks at the escapes of a pattern (`convertShellPatternToRegex`), which stands at `range`.
    fn check(&mut self, pattern: Pattern, range: Range<usize>) {
        let Some(pattern) = pattern else { return };
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            if c == '\\'
                && chars.next_if(|c| matches!(c, '}' | '/')).is_none()
                && !matches!(chars.next(), Some('*' | '?' | '\\'))
            {
                self.problem.get_or_insert(Problem { kind: ProblemKind::Escape, range });
                return;
            }
        }
    }

    /// A variable's name: letters, digits and `_`, a number, or one of the shell's special parameters (`processName`).
    fn name(&mut self) -> Range<usize> {
        let start = self.at;
        let rest = &self.text[start..];
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        self.at += match self.peek() {
            Some(c) if c.is_numeric() => rest.find(|c: char| !c.is_numeric()).unwrap_or(rest.len()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            _ => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
        };
        start..self.at
    }
}

fn push(pattern: &mut Option<&mut Pattern>, text: &str) {
    if let Some(Some(pattern)) = pattern {
        pattern.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, quotes: Quotes, expected: Option<(ProblemKind, &str)>) {
        let found = problem(text, '\\', quotes);
        let found = found.as_ref().map(|problem| (problem.kind, &text[problem.range.clone()]));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_buildkit_can_not_expand_has_its_place() {
        use ProblemKind::{Escape, NoName, NoReplacement, Operator, Quote, Unclosed};
        for (text, kind, part) in [
            ("a\"b", Quote('"'), "\"b"),
            ("a'b\"", Quote('\''), "'b\""),
            ("x${A", Unclosed, "${A"),
            ("x${", Unclosed, "${"),
            ("${A:-b", Unclosed, "${A:-b"),
            ("${A:-\"}", Quote('"'), "\"}"),
            ("${}x", NoName, "${}"),
            ("${{A}}", NoName, "${{"),
            ("${A!}x", Operator, "${A!"),
            ("${A:=x}", Operator, "${A:="),
            ("${A:#x}", Operator, "${A:#"),
            ("${A/b}", NoReplacement, "${A/b}"),
            ("${A/b/", Unclosed, "${A/b/"),
            ("${A#\\x}", Escape, "\\x"),
            ("${A%%'\\x'}", Escape, "%'\\x'"),
            ("${A/\\x/y}", Escape, "\\x/"),
        ] {
            check(text, Quotes::Taken, Some((kind, part)));
        }
        check("\"'${A", Quotes::Kept, Some((Unclosed, "${A")));
    }

    #[test]
    fn what_it_expands_has_no_problem() {
        for text in [
            "'${'",
            "\\${",
            "$",
            "$1$@",
            "${1}",
            "${-}",
            "${+x}",
            "${A:-${B}}",
            "${A#\\*}",
            "${A%\\}}",
            "${A#$B\\x}",
            "${A//\\//-}",
            "\"a\\\"b\"",
            "${A:?m}",
            "${A#\"\\x\"}",
        ] {
            check(text, Quotes::Taken, None);
        }
        check("\"'", Quotes::Kept, None);
    }
}
