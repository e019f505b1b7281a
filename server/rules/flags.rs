//! Flags as BuildKit reads them.

use std::borrow::Cow;

use super::context::Context;
use crate::syntax::{Flag, Placed, Word};

/// A flag's name, and its value if there is a `=`.
#[derive(Debug)]
pub struct Given<'a> {
    pub name: Cow<'a, str>,
    pub value: Option<Cow<'a, str>>,
    /// Whether quotes or escapes stand in the name, or around name and value.
    pub odd: bool,
}

/// Reads a flag as BuildKit does, which takes off its quotes before it looks for the `=` (parser/split_command.go,
/// `extractBuilderFlags`; instructions/bflag.go).
pub fn given<'a>(context: &Context<'_>, placed: &Placed, flag: &'a Flag) -> Given<'a> {
    let name = flag.name.range();
    let text = context.doc.text();
    let is_plain = |start| name.end >= flag.range.end || text.chunk_from(start).first() == Some(&b'=');
    if name.start == flag.range.start + 2 && is_plain(placed.start + name.end) {
        let value = flag.value.as_ref().map(|value| value.text().into());
        return Given { name: flag.name.text().into(), value, odd: false };
    }
    let raw = text.slice(placed.at(flag.range.clone()));
    let word = Word::plain(&raw, 0).without_flag_quotes(context.doc.syntax().escape());
    let (name, value) = match word.text().split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned().into())),
        None => (word.text(), None),
    };
    Given { name: name.strip_prefix("--").unwrap_or(name).to_owned().into(), value, odd: true }
}

/// The flags at the start of a text that is read as flags though the instruction has none: ranges in `text`.
pub fn leading(text: &str, escape: char) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while text[at..].starts_with("--") {
        let end = at + end_of_flag(&text[at..], escape);
        if &text[at..end] == "--" {
            break;
        }
        found.push(at..end);
        at = text.len() - text[end..].trim_start().len();
    }
    found
}

/// Where the first flag of a text ends: at the first white space outside of quotes.
fn end_of_flag(text: &str, escape: char) -> usize {
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            None if c.is_whitespace() => return at,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            Some(open) if open == c => quote = None,
            _ if c == escape => drop(chars.next()),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_flags_end_at_white_space_outside_of_quotes() {
        let found = |text: &str| -> Vec<String> {
            leading(text, '\\').into_iter().map(|range| text[range].to_owned()).collect()
        };
        assert_eq!(found("--a --b=\"c d\" e --f"), ["--a", "--b=\"c d\""]);
        assert_eq!(found("--a\\ b c"), ["--a\\ b"]);
        assert_eq!(found("-- --a"), [""; 0]);
        assert_eq!(found("-a --b"), [""; 0]);
        assert_eq!(found("--é"), ["--é"]);
    }
}
