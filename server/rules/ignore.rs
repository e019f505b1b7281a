//! Fixes that hide a finding: the comment that its rule obeys, or a name more in one that is there.

use super::{
    Finding, Fix, RULES, Severity,
    buildkit::{self, EXPERIMENTAL},
    comments::Place,
    rule_index,
};
use crate::{
    document::Document,
    switches::{Check, Head, Own, check_above, own_above},
    text::Edit,
};

/// How to ignore the findings of a document.
#[derive(Debug)]
pub struct Ignore<'a> {
    doc: &'a Document,
    head: Head,
    /// The comments above the instruction that was asked for last.
    above: Option<Above>,
}

#[derive(Debug)]
struct Above {
    instruction: usize,
    check: Option<Check>,
    own: Vec<Own>,
}

impl<'a> Ignore<'a> {
    pub fn new(doc: &'a Document) -> Ignore<'a> {
        Ignore { doc, head: Head::read(doc), above: None }
    }

    /// The ways to ignore a finding: here, and in the whole file. None for what stops the build.
    pub fn ways(&mut self, finding: &Finding) -> Vec<Fix> {
        if stops_the_build(self.doc, &self.head, finding) || finding.code == EXPERIMENTAL {
            return Vec::new();
        }
        let place = Place::of(self.doc, finding);
        if let Some(instruction) = place.instruction
            && self.above.as_ref().is_none_or(|above| above.instruction != instruction)
        {
            let (check, own) = (check_above(self.doc, instruction), own_above(self.doc, instruction));
            self.above = Some(Above { instruction, check, own });
        }
        let above = self.above.as_ref().filter(|above| place.instruction == Some(above.instruction));
        let (doc, head) = (self.doc, &self.head);
        let mut ways = Vec::new();
        let mut add = |code: &str, here: Option<Edit>, file: Option<Edit>| {
            for (edit, what) in [(here, "here"), (file, "in this file")] {
                let title = format!("Ignore {code} {what}");
                ways.extend(edit.map(|edit| Fix { title, edits: vec![edit], preferred: false }));
            }
        };
        let check = finding.buildkit_check();
        if check != Some(finding.code) {
            let here = above.map(|above| own_here(doc, head, above, finding.code));
            add(finding.code, here, Some(own_file(doc, head, finding.code)));
        }
        // BuildKit's comment silences what BuildKit says of the same as well.
        if let Some(check) = check {
            let above = above.filter(|_| place.check.is_some());
            add(
                check,
                above.and_then(|above| check_here(doc, head, above, check)),
                check_file(doc, head, check),
            );
        }
        ways
    }
}

/// Whether the build fails, as opposed to a user who wants to see an error.
fn stops_the_build(doc: &Document, head: &Head, finding: &Finding) -> bool {
    let Some(index) = rule_index(finding.code) else { return true };
    let severity = match doc.settings().levels.get(index) {
        Some(_) => RULES[index].severity,
        None => finding.severity,
    };
    // With `error=true` BuildKit's checks stop it too, and its comment is how to say that they need not.
    let options = head.check.as_ref().and_then(|check| check.options.as_ref());
    let by_wish = buildkit::when(finding.code).is_some() && options.is_some_and(|options| options.error);
    severity == Severity::Error && !by_wish
}

fn check_here(doc: &Document, head: &Head, above: &Above, code: &str) -> Option<Edit> {
    match &above.check {
        // Behind a `#!` the directive is a comment as well.
        Some(check) if head.check.as_ref() == Some(check) => None,
        Some(check) => check_with(doc, check, code),
        None => {
            let at = line_start(doc, above.instruction);
            // Directly below the directives it would be one of them. BuildKit takes an indented comment for prose.
            let blank = if at == head.next_directive { newline(doc) } else { "" };
            let text = format!("{blank}# check=skip={code}{}", newline(doc));
            Some(Edit { range: at..at, text })
        }
    }
}

fn check_file(doc: &Document, head: &Head, code: &str) -> Option<Edit> {
    match &head.check {
        Some(check) => check_with(doc, check, code),
        None => Some(line_in_head(doc, head, &format!("# check=skip={code}"))),
    }
}

/// Adds a name to a comment. Not to one that BuildKit can't read: it would count for nothing there.
fn check_with(doc: &Document, check: &Check, code: &str) -> Option<Edit> {
    check.options.as_ref()?;
    let text = doc.text();
    // Of two lists the later counts.
    let skip = check.parts.iter().rfind(|part| text.slice(part.key.clone()).trim() == "skip");
    let (at, text) = match skip {
        Some(part) => {
            let list = text.slice(part.value.clone());
            let end = part.value.start + list.trim_end().len();
            let comma = if list.trim().is_empty() { "" } else { "," };
            (end, format!("{comma}{code}"))
        }
        // A fourth part would belong to the third.
        None if check.parts.len() < 3 => (check.value.end, format!(";skip={code}")),
        None => return None,
    };
    Some(Edit { range: at..at, text })
}

fn own_here(doc: &Document, head: &Head, above: &Above, code: &str) -> Edit {
    // Those in the first lines count for the whole file.
    let head_end = doc.text().line_start(head.lines);
    if let Some(edit) = own_with(above.own.iter().filter(|own| own.end > head_end), code) {
        return edit;
    }
    let at = line_start(doc, above.instruction);
    let start = doc.syntax().instructions()[above.instruction].start;
    let indent = doc.text().slice(at..start.max(at));
    // In the comment lines that the file starts with it would count for all of it.
    let blank = if doc.text().line_of(at) == head.lines { newline(doc) } else { "" };
    let text = format!("{blank}{indent}# dockerfile-ls: skip={code}{}", newline(doc));
    Edit { range: at..at, text }
}

fn own_file(doc: &Document, head: &Head, code: &str) -> Edit {
    own_with(head.own.iter(), code)
        .unwrap_or_else(|| line_in_head(doc, head, &format!("# dockerfile-ls: skip={code}")))
}

/// Adds a name to one of some comments, if there is one.
fn own_with<'a>(mut comments: impl Iterator<Item = &'a Own>, code: &str) -> Option<Edit> {
    let own = comments.find(|own| own.key.text == "skip")?;
    let comma = if own.names.is_empty() { "" } else { "," };
    Some(Edit { range: own.end..own.end, text: format!("{comma}{code}") })
}

/// Adds a line below the directives.
pub fn line_in_head(doc: &Document, head: &Head, line: &str) -> Edit {
    let at = head.next_directive;
    let text = match doc.text().slice(0..at).chars().next_back() {
        None | Some('\n' | '\r' | '\u{feff}') => format!("{line}{}", newline(doc)),
        Some(_) => format!("{}{line}", newline(doc)),
    };
    Edit { range: at..at, text }
}

/// Where the line of an instruction starts, in bytes, behind a byte order mark.
fn line_start(doc: &Document, instruction: usize) -> usize {
    let text = doc.text();
    let start = text.line_start(text.line_of(doc.syntax().instructions()[instruction].start));
    let mark = '\u{feff}'.len_utf8();
    if start == 0 && text.len() >= mark && text.chunk_from(0).starts_with("\u{feff}".as_bytes()) {
        mark
    } else {
        start
    }
}

/// The line ending of the file.
fn newline(doc: &Document) -> &'static str {
    let end = doc.text().line_range(0).end;
    if doc.text().slice(end..doc.text().line_start(1)) == "\r\n" { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture::apply, rules::check};

    /// The text after the way to ignore the last finding of a rule.
    fn ignored(text: &str, code: &str, what: &str) -> String {
        let doc = Document::open(text, 0);
        let finding = check(&doc).into_iter().rfind(|finding| finding.code == code).expect("it is found");
        let fixes = Ignore::new(&doc).ways(&finding);
        let fix = fixes.iter().find(|fix| fix.title == format!("Ignore {code} {what}"));
        apply(text, &fix.unwrap_or_else(|| panic!("{fixes:#?}")).edits)
    }

    #[test]
    fn a_check_is_ignored_in_the_file_by_a_directive() {
        for (before, after) in [
            ("", "# check=skip=ReservedStageName\n"),
            ("\u{feff}", "\u{feff}# check=skip=ReservedStageName\n"),
            ("#!x\r\n\r\n", "#!x\r\n# check=skip=ReservedStageName\r\n\r\n"),
            (
                "# syntax=docker/dockerfile:1\n# x\n",
                "# syntax=docker/dockerfile:1\n# check=skip=ReservedStageName\n# x\n",
            ),
            ("# check=skip=A;error=false why\n", "# check=skip=A,ReservedStageName;error=false why\n"),
            ("# check=error=true\n", "# check=error=true;skip=ReservedStageName\n"),
            ("# check=skip=\n", "# check=skip=ReservedStageName\n"),
        ] {
            let from = "FROM a:1 AS scratch";
            assert_eq!(
                ignored(&format!("{before}{from}"), "ReservedStageName", "in this file"),
                format!("{after}{from}")
            );
        }
    }

    #[test]
    fn ours_are_ignored_above_the_instruction_or_at_the_top() {
        let code = "unknown-stage-reference";
        let copy = "FROM a:1 AS builder\n# x\n\tONBUILD COPY \\\n  --from=biulder /a /a\n";
        assert_eq!(
            ignored(copy, code, "here"),
            "FROM a:1 AS builder\n# x\n\t# dockerfile-ls: skip=unknown-stage-reference\n\tONBUILD COPY \\\n  --from=biulder /a /a\n"
        );
        assert_eq!(
            ignored(&copy.replace("# x", "# dockerfile-ls: skip=unknown-flag why"), code, "here"),
            copy.replace("# x", "# dockerfile-ls: skip=unknown-flag,unknown-stage-reference why")
        );
        assert_eq!(
            ignored(&format!("# escape=\\\n# x\n{copy}"), code, "in this file"),
            format!("# escape=\\\n# dockerfile-ls: skip=unknown-stage-reference\n# x\n{copy}")
        );
    }

    #[test]
    fn the_first_instruction_has_an_empty_line_above_its_comment() {
        let rest = "FROM a:1 AS x\nFROM a:1\n";
        let code = "stage-outside-default-build";
        for head in ["", "# x\n"] {
            let after = format!("{head}\n# dockerfile-ls: skip=stage-outside-default-build\n{rest}");
            assert_eq!(ignored(&format!("{head}{rest}"), code, "here"), after);
        }
        assert_eq!(
            ignored(&format!("# x\n\n{rest}"), code, "here"),
            format!("# x\n\n# dockerfile-ls: skip=stage-outside-default-build\n{rest}")
        );
    }

    #[test]
    fn what_buildkit_says_too_can_be_ignored_in_its_words() {
        let text = "# check=skip=A\nARG V=1\nFROM a:$V\nUSER $V\n";
        let doc = Document::open(text, 0);
        let finding = &check(&doc)[0];
        let ways = Ignore::new(&doc).ways(finding);
        let titles: Vec<&str> = ways.iter().map(|fix| &*fix.title).collect();
        let expected = [
            "Ignore global-arg-not-redeclared here",
            "Ignore global-arg-not-redeclared in this file",
            "Ignore UndefinedVar here",
            "Ignore UndefinedVar in this file",
        ];
        assert_eq!(titles, expected);
        for fix in &ways {
            assert_eq!(check(&Document::open(&apply(text, &fix.edits), 0)), [], "{}", fix.title);
        }
        assert!(apply(text, &ways[3].edits).starts_with("# check=skip=A,UndefinedVar\nARG"));
        assert!(apply(text, &ways[2].edits).ends_with("\n# check=skip=UndefinedVar\nUSER $V\n"));
    }

    #[test]
    fn what_stops_the_build_can_not_be_ignored() {
        let doc = Document::open("FROM a:1 x\n", 0);
        assert_eq!(Ignore::new(&doc).ways(&check(&doc)[0]), []);
    }
}
