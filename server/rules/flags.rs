//! The flags of each instruction, and flags as BuildKit reads them.

use std::borrow::Cow;

use super::context::Context;
use crate::syntax::{Flag, Keyword, Placed, Word};

/// What may follow the name of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `=value`, once.
    One,
    /// `=value`, any number of times.
    Many,
    /// Nothing, or `=true` or `=false`, once.
    Switch,
}

use Kind::{Many, One, Switch};

/// The flags of an instruction (instructions/parse.go and the hooks in commands_run*.go). Those that only some builders
/// have are among them. `None` for those whose flags BuildKit does not look at: ARG and STOPSIGNAL lose them.
pub fn known(keyword: Keyword) -> Option<&'static [(&'static str, Kind)]> {
    Some(match keyword {
        Keyword::From => &[("platform", One)],
        Keyword::Copy => &[
            ("from", One),
            ("chown", One),
            ("chmod", One),
            ("link", Switch),
            ("parents", Switch),
            ("exclude", Many),
        ],
        Keyword::Add => &[
            ("chown", One),
            ("chmod", One),
            ("link", Switch),
            ("keep-git-dir", Switch),
            ("checksum", One),
            ("unpack", Switch),
            ("exclude", Many),
        ],
        Keyword::Run => &[("mount", Many), ("network", One), ("security", One), ("device", Many)],
        Keyword::Healthcheck => &[
            ("interval", One),
            ("timeout", One),
            ("start-period", One),
            ("start-interval", One),
            ("retries", One),
        ],
        Keyword::Cmd
        | Keyword::Entrypoint
        | Keyword::Env
        | Keyword::Expose
        | Keyword::Label
        | Keyword::Maintainer
        | Keyword::Onbuild
        | Keyword::Shell
        | Keyword::User
        | Keyword::Volume
        | Keyword::Workdir => &[],
        Keyword::Arg | Keyword::StopSignal | Keyword::Unknown => return None,
    })
}

/// A flag's name, and its value if there is a `=`.
#[derive(Debug)]
pub struct Given<'a> {
    pub name: Cow<'a, str>,
    pub value: Option<Cow<'a, str>>,
    /// Whether quotes or escapes stand in the name, or around name and value.
    pub odd: bool,
}

/// Whether an instruction has a flag of that name.
pub fn is_known(keyword: Keyword, name: &str) -> bool {
    known(keyword).is_some_and(|flags| flags.iter().any(|(known, _)| *known == name))
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
