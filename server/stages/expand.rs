//! Variables in words, as BuildKit's `shell/lex.go` expands them.
//!
//! An expanded text knows which of its parts stand literally where in the file, so that a stage that is reached through
//! `ARG BASE=builder` and `FROM ${BASE}` can be renamed where its name is written. A part whose value depends on how the
//! build is called is [`Piece::Any`].

use std::ops::Range;

use super::pattern::Pattern;

/// A word after expansion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expanded {
    pieces: Vec<Piece>,
}

/// A part of an expanded word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Known text, and where it stands in the file (bytes) if it stands there just so.
    Text(String, Option<Range<usize>>),
    /// Any text: its value is given to the build from outside.
    Any,
}

impl Piece {
    /// Where it stands in the file, in bytes.
    pub fn source(&self) -> Option<Range<usize>> {
        match self {
            Piece::Text(_, source) => source.clone(),
            Piece::Any => None,
        }
    }
}

/// Why BuildKit refuses to expand a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpandError {
    /// A `${` without its `}`, a quote without its partner, an operator that there is not.
    Syntax,
    /// `${X?message}` with X not set.
    Required,
    /// Nested deeper than anyone writes.
    TooDeep,
    /// Longer than any name. Does not leave this module: the result counts as unknown.
    TooLong,
}

/// What a variable stands for.
pub trait Variables {
    /// The value of a variable that is set.
    fn value(&self, name: &str) -> Option<Expanded>;
}

/// No variable is set.
pub struct Nothing;

impl Variables for Nothing {
    fn value(&self, _name: &str) -> Option<Expanded> {
        None
    }
}

/// Every variable is set, to anything: in a stage the base image may do that.
pub struct Anything;

impl Variables for Anything {
    fn value(&self, _name: &str) -> Option<Expanded> {
        Some(Expanded::any())
    }
}

impl Expanded {
    /// Text that stands at `source` (bytes of the file), or nowhere.
    pub fn known(text: &str, source: Option<Range<usize>>) -> Expanded {
        let mut expanded = Expanded::default();
        expanded.push(text, source);
        expanded
    }

    /// A value that nothing in the file tells.
    pub fn any() -> Expanded {
        Expanded { pieces: vec![Piece::Any] }
    }

    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The text, if all of it is known.
    pub fn text(&self) -> Option<String> {
        self.pieces.iter().try_fold(String::new(), |text, piece| match piece {
            Piece::Text(part, _) => Some(text + part),
            Piece::Any => None,
        })
    }

    /// Whether no part of it is certain: it could be any text at all.
    pub fn is_anything(&self) -> bool {
        !self.pieces.is_empty() && self.pieces.iter().all(|piece| *piece == Piece::Any)
    }

    /// Whether `text` is one of the texts that this can stand for.
    pub fn matches(&self, text: &str) -> bool {
        // Each known part is looked for as early as possible; only the last has to close the text.
        let mut rest = text;
        let mut open = false;
        for (index, piece) in self.pieces.iter().enumerate() {
            let Piece::Text(part, _) = piece else {
                open = true;
                continue;
            };
            let last = index + 1 == self.pieces.len();
            let found = match (open, last) {
                (false, _) => rest.starts_with(part.as_str()).then_some(0),
                (true, true) => rest.ends_with(part.as_str()).then(|| rest.len() - part.len()),
                (true, false) => rest.find(part.as_str()),
            };
            let Some(at) = found else { return false };
            rest = &rest[at + part.len()..];
            open = false;
        }
        open || rest.is_empty()
    }

    /// The pattern with `*` for what is not known, for messages.
    pub fn pattern(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| if let Piece::Text(text, _) = piece { text.as_str() } else { "*" })
            .collect()
    }

    fn push(&mut self, text: &str, source: Option<Range<usize>>) {
        if text.is_empty() {
            return;
        }
        if let Some(Piece::Text(last, last_source)) = self.pieces.last_mut() {
            match (last_source, &source) {
                (None, None) => return last.push_str(text),
                (Some(before), Some(now)) if before.end == now.start => {
                    before.end = now.end;
                    return last.push_str(text);
                }
                _ => {}
            }
        }
        self.pieces.push(Piece::Text(text.to_owned(), source));
    }

    fn append(&mut self, other: Expanded) {
        for piece in other.pieces {
            match piece {
                Piece::Text(text, source) => self.push(&text, source),
                Piece::Any if self.pieces.last() == Some(&Piece::Any) => {}
                Piece::Any => self.pieces.push(Piece::Any),
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Whether it is longer than any name of a stage or image.
    pub fn is_long(&self) -> bool {
        let len = |piece: &Piece| if let Piece::Text(text, _) = piece { text.len() } else { 0 };
        self.pieces.len() > MANY || self.pieces.iter().map(len).sum::<usize>() > LONG
    }
}

/// Expands the variables of a word and takes off its quotes (`ProcessWord`). `source` tells where a part of the word
/// stands in the file, in bytes.
pub fn expand(
    word: &str,
    escape: char,
    source: &dyn Fn(Range<usize>) -> Range<usize>,
    variables: &dyn Variables,
) -> Result<Expanded, ExpandError> {
    if !word.contains(['$', '"', '\'', escape]) {
        return Ok(Expanded::known(word, Some(source(0..word.len()))));
    }
    let mut lexer = Lexer { word, at: 0, escape, source, variables, depth: 0 };
    match lexer.until(None, false) {
        Err(ExpandError::TooLong) => Ok(Expanded::any()),
        result => result,
    }
}

/// Longest value in bytes; a longer one counts as unknown. Arguments that refer to each other can double their values
/// line by line, while names of images end at some 520 bytes (repository 255, tag 128, digest 135).
pub(super) const LONG: usize = 1024;
/// Most parts of a value, likewise.
const MANY: usize = 64;
/// Most steps that one pattern may cost, as the product of two lengths; beyond, its result counts as unknown.
const STEPS: usize = 4 * LONG;
const DEEP: usize = 64;

struct Lexer<'a> {
    word: &'a str,
    at: usize,
    escape: char,
    source: &'a dyn Fn(Range<usize>) -> Range<usize>,
    variables: &'a dyn Variables,
    depth: usize,
}

impl<'a> Lexer<'a> {
    fn peek(&self) -> Option<char> {
        self.word[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    /// Adds the character before the cursor, which stands literally in the word.
    fn take(&self, out: &mut Expanded, c: char) {
        let part = self.at - c.len_utf8()..self.at;
        out.push(&self.word[part.clone()], Some((self.source)(part)));
    }

    /// Reads up to `stop`, which is consumed, or up to the end.
    fn until(&mut self, stop: Option<char>, keep_escapes: bool) -> Result<Expanded, ExpandError> {
        self.depth += 1;
        if self.depth > DEEP {
            return Err(ExpandError::TooDeep);
        }
        let mut out = Expanded::default();
        while let Some(c) = self.peek() {
            if Some(c) == stop {
                self.next();
                self.depth -= 1;
                return Ok(out);
            }
            match c {
                '\'' => {
                    self.next();
                    self.single_quoted(&mut out)?;
                }
                '"' => {
                    self.next();
                    self.double_quoted(&mut out, keep_escapes)?;
                }
                '$' => {
                    self.next();
                    let value = self.dollar()?;
                    out.append(value);
                    if out.is_long() {
                        return Err(ExpandError::TooLong);
                    }
                }
                _ => {
                    self.next();
                    if c == self.escape {
                        if keep_escapes {
                            self.take(&mut out, c);
                        }
                        let Some(escaped) = self.next() else { break };
                        self.take(&mut out, escaped);
                    } else {
                        self.take(&mut out, c);
                    }
                }
            }
        }
        self.depth -= 1;
        if stop.is_some() { Err(ExpandError::Syntax) } else { Ok(out) }
    }

    fn single_quoted(&mut self, out: &mut Expanded) -> Result<(), ExpandError> {
        while let Some(c) = self.next() {
            if c == '\'' {
                return Ok(());
            }
            self.take(out, c);
        }
        Err(ExpandError::Syntax)
    }

    fn double_quoted(&mut self, out: &mut Expanded, keep_escapes: bool) -> Result<(), ExpandError> {
        while let Some(c) = self.next() {
            match c {
                '"' => return Ok(()),
                '$' => {
                    let value = self.dollar()?;
                    out.append(value);
                    if out.is_long() {
                        return Err(ExpandError::TooLong);
                    }
                }
                _ if c == self.escape => {
                    if keep_escapes {
                        self.take(out, c);
                    }
                    match self.peek() {
                        Some(escaped) if escaped == '"' || escaped == '$' || escaped == self.escape => {
                            self.next();
                            self.take(out, escaped);
                        }
                        Some(_) => self.take(out, c),
                        None => {}
                    }
                }
                _ => self.take(out, c),
            }
        }
        Err(ExpandError::Syntax)
    }

    /// Reads what follows a `$`.
    fn dollar(&mut self) -> Result<Expanded, ExpandError> {
        if !self.eat('{') {
            let start = self.at;
            let name = self.name();
            if name.is_empty() {
                let dollar = start - 1..start;
                return Ok(Expanded::known("$", Some((self.source)(dollar))));
            }
            return Ok(self.variables.value(name).unwrap_or_default());
        }
        if matches!(self.peek(), None | Some('{' | '}' | ':')) {
            return Err(ExpandError::Syntax);
        }
        let name = self.name();
        let value = self.variables.value(name);
        match self.next() {
            Some('}') => Ok(value.unwrap_or_default()),
            Some(':') => match self.next() {
                Some(operator @ ('+' | '-' | '?')) => self.conditional(operator, value, true),
                _ => Err(ExpandError::Syntax),
            },
            Some(operator @ ('+' | '-' | '?')) => self.conditional(operator, value, false),
            Some(operator @ ('#' | '%')) => {
                let pattern = self.until(Some('}'), true)?;
                check_pattern(&pattern, operator == '%')?;
                on_known([value.unwrap_or_default(), pattern], |[value, pattern]| {
                    let longest = pattern.starts_with(operator);
                    let pattern = Pattern::new(if longest { &pattern[1..] } else { &pattern });
                    if operator == '#' {
                        pattern.trim_start(&value, longest)
                    } else {
                        pattern.trim_end(&value, longest)
                    }
                })
            }
            Some('/') => {
                let all = self.eat('/');
                let pattern = self.until(Some('/'), true)?;
                let replacement = self.until(Some('}'), true)?;
                check_pattern(&pattern, false)?;
                on_known([value.unwrap_or_default(), pattern, replacement], |[value, pattern, with]| {
                    Pattern::new(&pattern).replace(&value, &with, all)
                })
            }
            _ => Err(ExpandError::Syntax),
        }
    }

    fn conditional(
        &mut self,
        operator: char,
        value: Option<Expanded>,
        null_is_unset: bool,
    ) -> Result<Expanded, ExpandError> {
        let word = self.until(Some('}'), false)?;
        let open = value.as_ref().is_some_and(|value| value.text().is_none());
        let set = value.filter(|value| open || !null_is_unset || !value.is_empty());
        match (operator, set) {
            ('-', None) => Ok(word),
            ('+', None) => Ok(Expanded::default()),
            ('+', Some(_)) if open => Ok(Expanded::any()),
            ('+', Some(_)) => Ok(word),
            ('?', None) => Err(ExpandError::Required),
            (_, Some(value)) => Ok(value),
            _ => Err(ExpandError::Syntax),
        }
    }

    /// A variable's name: letters, digits and `_`, a number, or one of the shell's special parameters.
    fn name(&mut self) -> &'a str {
        let rest = &self.word[self.at..];
        let len = match rest.chars().next() {
            Some(c) if c.is_numeric() => rest.find(|c: char| !c.is_numeric()).unwrap_or(rest.len()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            _ => rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()),
        };
        self.at += len;
        &rest[..len]
    }
}

/// Whether BuildKit knows all that a pattern escapes.
fn check_pattern(pattern: &Expanded, reversed: bool) -> Result<(), ExpandError> {
    let is_valid = pattern.text().is_none_or(|text| Pattern::is_valid(&text, reversed));
    if is_valid { Ok(()) } else { Err(ExpandError::Syntax) }
}

/// Applies `change` to a value, a pattern and what else it needs, where all of them are known; otherwise the result is
/// not known either.
fn on_known<const N: usize>(
    values: [Expanded; N],
    change: impl Fn([String; N]) -> String,
) -> Result<Expanded, ExpandError> {
    let texts: Option<Vec<String>> = values.iter().map(Expanded::text).collect();
    let Some(texts) = texts else { return Ok(Expanded::any()) };
    if texts[0].len() * texts[1].len() > STEPS {
        return Err(ExpandError::TooLong);
    }
    let texts = texts.try_into().expect("as many texts as values");
    Ok(Expanded::known(&change(texts), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Env;

    impl Variables for Env {
        fn value(&self, name: &str) -> Option<Expanded> {
            Some(match name {
                "A" => Expanded::known("v1.2.3", Some(100..106)),
                "EMPTY" => Expanded::known("", Some(200..200)),
                "ANY" => Expanded::any(),
                _ => return None,
            })
        }
    }

    fn check(word: &str, expected: &str) {
        let result = expand(word, '\\', &|part| part, &Env).map(|out| out.pattern());
        assert_eq!(result.as_deref().unwrap_or("error"), expected, "{word}");
    }

    /// The forms that BuildKit's manual lists, with the results that its `shell/lex.go` gives.
    #[test]
    fn every_form_gives_what_buildkit_gives() {
        for (word, expected) in [
            ("a$A", "av1.2.3"),
            ("${A}b", "v1.2.3b"),
            ("$NONE-x", "-x"),
            ("$", "$"),
            ("a$/b", "a$/b"),
            ("${NONE:-d}", "d"),
            ("${EMPTY:-d}", "d"),
            ("${EMPTY-d}", ""),
            ("${A:+x}", "x"),
            ("${EMPTY:+x}", ""),
            ("${EMPTY+x}", "x"),
            ("${NONE:?m}", "error"),
            ("${A:?m}", "v1.2.3"),
            ("${A#v}", "1.2.3"),
            ("${A#*.}", "2.3"),
            ("${A##*.}", "3"),
            ("${A%.*}", "v1.2"),
            ("${A%%.*}", "v1"),
            ("${A/./-}", "v1-2.3"),
            ("${A//./-}", "v1-2-3"),
            ("${NONE:-${A#v}}", "1.2.3"),
            ("\"$A\"", "v1.2.3"),
            ("'$A'", "$A"),
            ("\\$A", "$A"),
            ("${A", "error"),
            ("${:x}", "error"),
            ("${}", "error"),
            ("\"a", "error"),
            ("x-${ANY}-y", "x-*-y"),
            ("${ANY:-d}", "*"),
            ("${ANY#v}", "*"),
        ] {
            check(word, expected);
        }
    }

    #[test]
    fn known_text_keeps_its_place() {
        let out = expand("b-$A${NONE:-x}", '\\', &|part| part, &Env).unwrap();
        assert_eq!(
            out.pieces(),
            [
                Piece::Text("b-".into(), Some(0..2)),
                Piece::Text("v1.2.3".into(), Some(100..106)),
                Piece::Text("x".into(), Some(12..13)),
            ]
        );
    }

    #[test]
    fn patterns_match_what_they_can_become() {
        let pattern = expand("base-${ANY}-${ANY}x", '\\', &|part| part, &Env).unwrap();
        for (name, expected) in
            [("base-a-bx", true), ("base--x", true), ("base-a", false), ("bas-a-x", false), ("base-x", false)]
        {
            assert_eq!(pattern.matches(name), expected, "{name}");
        }
    }

    #[test]
    fn patterns_match_as_long_or_short_as_their_operator_wants() {
        for (word, expected) in [
            ("${A/1*./-}", "v-3"),
            ("${A//?.?/x}", "vx.3"),
            ("${A/z/-}", "v1.2.3"),
            ("${A#*}", "v1.2.3"),
            ("${A##*}", ""),
            ("${A%?}", "v1.2."),
            ("${A%%.?.*}", "v1"),
            ("${A//*/x}", "x"),
        ] {
            check(word, expected);
        }
    }

    #[test]
    fn what_is_longer_than_any_name_counts_as_unknown() {
        struct Long;
        impl Variables for Long {
            fn value(&self, _name: &str) -> Option<Expanded> {
                Some(Expanded::known(&"a".repeat(LONG), None))
            }
        }
        for word in [
            "$A$A".to_owned(),
            "\"$A$A\"".to_owned(),
            "${A//a/aaaa}".to_owned(),
            "${A##*a*a*a*a}".to_owned(),
            "$A".repeat(1 << 20),
            format!("${{A//{}/x}}", "*a".repeat(1000)),
        ] {
            let out = expand(&word, '\\', &|part| part, &Long);
            assert_eq!(out, Ok(Expanded::any()), "{}", &word[..word.len().min(30)]);
        }
        let short = expand("${A#a}", '\\', &|part| part, &Long).map(|out| out.pattern());
        assert_eq!(short, Ok("a".repeat(LONG - 1)));
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let deep = "${a:-".repeat(100_000);
        assert_eq!(expand(&deep, '\\', &|part| part, &Nothing), Err(ExpandError::TooDeep));
    }
}
