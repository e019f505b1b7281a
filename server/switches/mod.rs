//! Comments that switch rules off and on: BuildKit's `# check=skip=…`, and our own `# dockerfile-ls: skip=…`.
//!
//! What they say and where they stand is known here, and what BuildKit makes of its own. Which rules there are is not.

mod check;
mod own;
mod version;

use std::ops::Range;

use crate::document::Document;
pub use check::{Check, Options, Part, directive};
pub use own::{OWN, Own};
pub use version::minor_version;

/// The name of a rule in a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub text: String,
    /// In bytes of the file.
    pub range: Range<usize>,
}

/// The lines that a file starts with: BuildKit's directives, and the comments below them up to the first empty line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Where a new directive can stand, in bytes: below the others, at the start of a line.
    pub next_directive: usize,
    /// How many lines they are.
    pub lines: usize,
    /// The `check` directive.
    pub check: Option<Check>,
    pub own: Vec<Own>,
}

impl Head {
    /// Reads the first lines (parser/directives.go, `ParseDirective`).
    pub fn read(doc: &Document) -> Head {
        let text = doc.text();
        let mut head = Head { next_directive: 0, lines: 0, check: None, own: Vec::new() };
        let mut in_directives = true;
        for number in 0..text.lines() {
            let mut range = text.line_range(number);
            if number == 0 && text.chunk_from(0).starts_with("\u{feff}".as_bytes()) {
                range.start += '\u{feff}'.len_utf8();
                head.next_directive = range.start;
            }
            // The first instruction may be long.
            let mut start = text.chunk_from(range.start).iter();
            if start.find(|byte| !byte.is_ascii_whitespace()) != Some(&b'#') {
                break;
            }
            let line = text.slice(range.clone());
            if number == 0 && line.starts_with("#!") {
                head.next_directive = text.line_start(1);
                head.lines = 1;
                continue;
            }
            if !line.trim_start().starts_with('#') {
                break;
            }
            head.lines = number + 1;
            head.own.extend(Own::read(&line, range.start));
            let found = line.strip_prefix('#').and_then(directive).filter(|_| in_directives);
            let Some((name, value)) = found else {
                in_directives = false;
                continue;
            };
            let value = range.start + 1 + value.start..range.start + 1 + value.end;
            match line[1..][name].to_ascii_lowercase().as_str() {
                "check" if head.check.is_none() => head.check = Some(Check::read(doc, value)),
                "check" | "syntax" | "escape" => {}
                _ => {
                    in_directives = false;
                    continue;
                }
            }
            head.next_directive = text.line_start(number + 1);
        }
        head
    }
}

/// The comment above an instruction that BuildKit obeys: the first `check` (linter/linter.go,
/// `WithMergedConfigFromComments`).
pub fn check_above(doc: &Document, instruction: usize) -> Option<Check> {
    doc.comments_above(instruction).into_iter().find_map(|(comment, text)| {
        let (name, value) = directive(&text)?;
        // An indented comment starts with its `#`, and is no directive.
        let line = doc.text().slice(comment.clone());
        let start = comment.start + line.find(&text)?;
        text[name]
            .eq_ignore_ascii_case("check")
            .then(|| Check::read(doc, start + value.start..start + value.end))
    })
}

/// Our comments above an instruction.
pub fn own_above(doc: &Document, instruction: usize) -> Vec<Own> {
    let comments = doc.comments_above(instruction).into_iter();
    comments.filter_map(|(comment, _)| Own::read(&doc.text().slice(comment.clone()), comment.start)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        Head::read(&Document::open(text, 0))
    }

    #[test]
    fn the_check_directive_counts_in_the_first_lines_only() {
        for text in [
            "# check=skip=A\nFROM a\n",
            "\u{feff}# check=skip=A\r\nFROM a\r\n",
            "#!/usr/bin/env x\n# check=skip=A\nFROM a\n",
            "\u{feff}#!x\n# escape=`\n#CHECK = skip=A why\nFROM a\n",
            "#\u{a0}check=skip=A\n",
        ] {
            let check = head(text).check.expect(text);
            let options = check.options.expect(text);
            assert_eq!(
                options.skip.iter().map(|name| name.text.as_str()).collect::<Vec<_>>(),
                ["A"],
                "{text}"
            );
        }
        for text in [
            "\n# check=skip=A\n",
            " # check=skip=A\n",
            "# a comment\n# check=skip=A\n",
            "# other=x\n# check=skip=A\n",
            "## check=skip=A\n",
            "# check=\nFROM a\n",
            "FROM a\n# check=skip=A\nFROM b\n",
        ] {
            assert_eq!(head(text).check, None, "{text}");
        }
    }

    #[test]
    fn a_new_directive_goes_below_the_others() {
        for (text, line) in [
            ("FROM a\n", "FROM a"),
            ("\u{feff}FROM a\n", "FROM a"),
            ("# syntax=x\n# escape=`\n# a comment\nFROM a\n", "# a comment"),
            ("#!x\r\n# syntax=x\r\n\r\nFROM a\r\n", "\r"),
            ("#!x", ""),
        ] {
            assert_eq!(
                text[head(text).next_directive..].lines().next().unwrap_or_default(),
                line.trim_end(),
                "{text}"
            );
        }
    }

    #[test]
    fn our_comments_count_up_to_the_first_empty_line() {
        let text = "# syntax=x\n# dockerfile-ls: skip=a\n# more\n# dockerfile-ls: skip=b\n\n# dockerfile-ls: skip=c\nFROM a\n";
        let doc = Document::open(text, 0);
        let names = |own: Vec<Own>| {
            own.iter().flat_map(|own| own.names.clone()).map(|name| name.text).collect::<Vec<_>>()
        };
        assert_eq!(names(Head::read(&doc).own), ["a", "b"]);
        assert_eq!(names(own_above(&doc, 0)), ["a", "b", "c"]);
    }

    #[test]
    fn the_first_check_above_an_instruction_counts() {
        let skip = |text: &str| {
            let doc = Document::open(text, 0);
            let check = check_above(&doc, doc.syntax().instructions().len() - 1)?;
            Some(
                check
                    .options?
                    .skip
                    .into_iter()
                    .map(|name| (doc.text().slice(name.range).into_owned(), name.text))
                    .collect::<Vec<_>>(),
            )
        };
        let one = |name: &str| Some(vec![(name.to_owned(), name.to_owned())]);
        assert_eq!(skip("FROM a\n# check=skip=A\n# check=skip=B\nRUN x\n"), one("A"));
        assert_eq!(skip("FROM a\r\n# x\r\n#  Check =  skip=A  why\r\n\r\nRUN x\r\n"), one("A"));
        assert_eq!(skip("FROM a\n# check=skip=A\n#\nRUN x\n"), None);
        assert_eq!(skip("FROM a\n # check=skip=A\nRUN x\n"), None);
        assert_eq!(skip("FROM a\n# check=bad\n# check=skip=B\nRUN x\n"), None);
    }
}
