//! BuildKit's own comment.

use std::ops::Range;

use super::Name;
use crate::document::Document;

/// A `# check=…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What BuildKit reads of its value, in bytes of the file: up to the first blank.
    pub value: Range<usize>,
    pub parts: Vec<Part>,
    /// `None` if BuildKit can't read it.
    pub options: Option<Options>,
}

/// One `key=value` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// In bytes of the file.
    pub key: Range<usize>,
    /// In bytes of the file.
    pub value: Range<usize>,
}

/// What it asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Each check is off, but experimental ones.
    pub skip_all: bool,
    pub skip: Vec<Name>,
    pub experimental_all: bool,
    pub experimental: Vec<Name>,
    /// Whether what a check finds stops the build.
    pub error: bool,
}

impl Check {
    /// Reads a comment whose value stands at `value` (bytes of the file).
    pub fn read(doc: &Document, value: Range<usize>) -> Check {
        let text = doc.text().slice(value.clone());
        let text = text.split_once(' ').map_or(&*text, |(text, _)| text);
        let mut parts = Vec::new();
        let mut start = value.start;
        for part in text.splitn(3, ';') {
            let equals = part.find('=').map_or(part.len(), |at| at + 1);
            let key = start..start + equals.saturating_sub(1).max(part.find('=').unwrap_or(part.len()));
            parts.push(Part { key, value: start + equals..start + part.len() });
            start += part.len() + 1;
        }
        Check {
            options: Options::parse(text, value.start),
            value: value.start..value.start + text.len(),
            parts,
        }
    }
}

impl Options {
    /// Reads what stands behind `check=`, which starts at `start` (bytes of the file). `None` for what BuildKit refuses
    /// (linter/linter.go, `ParseLintOptions`).
    pub fn parse(text: &str, start: usize) -> Option<Options> {
        let mut options = Options::default();
        if text.trim().is_empty() {
            return Some(options);
        }
        let mut at = start;
        for part in text.splitn(3, ';') {
            let (key, value) = part.split_once('=')?;
            let value_start = at + key.len() + 1;
            match (key.trim(), value.trim()) {
                ("skip", "all") => options.skip_all = true,
                ("skip", _) => options.skip = names(value, value_start),
                ("experimental", "all") => options.experimental_all = true,
                ("experimental", _) => options.experimental = names(value, value_start),
                // Go's `strconv.ParseBool`.
                ("error", "1" | "t" | "T" | "TRUE" | "true" | "True") => options.error = true,
                ("error", "0" | "f" | "F" | "FALSE" | "false" | "False") => options.error = false,
                _ => return None,
            }
            at += part.len() + 1;
        }
        Some(options)
    }
}

/// The names between the commas, empty ones too: BuildKit knows no rule that is called so.
fn names(list: &str, start: usize) -> Vec<Name> {
    let mut at = start;
    let name = |part: &str| {
        let text = part.trim();
        let from = at + part.len() - part.trim_start().len();
        at += part.len() + 1;
        Name { text: text.to_owned(), range: from..from + text.len() }
    };
    list.split(',').map(name).collect()
}

/// Name and value of the directive that stands behind a `#`, in bytes of `text`, whichever it is (parser/directives.go,
/// `directiveRegexp`).
pub fn directive(text: &str) -> Option<(Range<usize>, Range<usize>)> {
    let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}');
    let start = text.len() - text.trim_start().len();
    let rest = &text[start..];
    let len = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let value = rest[len..].trim_start_matches(blank).strip_prefix('=')?.trim_start_matches(blank);
    let from = text.len() - value.len();
    let value = value.trim_end_matches(blank);
    (!value.is_empty()).then(|| (start..start + len, from..from + value.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<Options> {
        Options::parse(text, 0)
    }

    fn skipped(text: &str) -> Vec<String> {
        parsed(text).expect(text).skip.into_iter().map(|name| name.text).collect()
    }

    #[test]
    fn lists_are_split_at_commas_and_the_last_counts() {
        assert_eq!(skipped("skip=A,B"), ["A", "B"]);
        assert_eq!(skipped("skip=A;skip=B"), ["B"]);
        assert_eq!(skipped("error=true;\tskip = A,\tB"), ["A", "B"]);
        assert_eq!(skipped("skip="), [""]);
        assert!(skipped("experimental=all").is_empty());
        let both = parsed("skip=all;skip=A").expect("it is fine");
        assert!(both.skip_all);
        assert!(!parsed("skip=A,all").expect("it is fine").skip_all);
    }

    #[test]
    fn what_buildkit_refuses_says_nothing() {
        for text in
            ["foo", "skip", "error=yes", "skip=A;", "skp=A", "skip=A;error=true;experimental=x;skip=B;z"]
        {
            let refused = parsed(text).is_none();
            // Of more than three parts the rest belongs to the third.
            assert_eq!(refused, !text.contains("experimental"), "{text}");
        }
        assert_eq!(parsed(""), Some(Options::default()));
    }

    #[test]
    fn names_know_where_they_stand() {
        let doc = Document::open("# check=error=true;skip=A,B why\n", 0);
        let check = Check::read(&doc, 8..31);
        assert_eq!(check.value, 8..27);
        assert_eq!(check.parts, [Part { key: 8..13, value: 14..18 }, Part { key: 19..23, value: 24..27 }]);
        let ranges = check.options.expect("it is fine").skip.into_iter().map(|name| name.range);
        assert_eq!(ranges.collect::<Vec<_>>(), [24..25, 26..27]);
    }
}
