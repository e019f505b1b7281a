//! How rules are tested: small files with `^^^` under what is found, and fixes as the text that they leave.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Finding, Fix, Rule, Severity, check, check_source};
use crate::{
    document::Document,
    fixture::outside,
    outside::{Outside, User},
    settings::Settings,
    text::{Edit, Text},
    workspace::Workspace,
};

/// Builds of a workspace among which rules are tested.
pub struct Among(Arc<Outside>);

pub fn among(users: impl IntoIterator<Item = User>) -> Among {
    Among(outside(users))
}

impl Among {
    fn open(&self, text: &str) -> Document {
        Document::open(text, 0).with_outside(self.0.clone())
    }

    fn findings(&self, rule: &Rule, text: &str) -> Vec<Finding> {
        let mut found = check(&self.open(text));
        found.retain(|finding| finding.code == rule.code);
        found
    }

    /// As [`fires`].
    #[track_caller]
    pub fn fires(&self, rule: &Rule, fixture: &str) {
        let (text, marks) = unmark(fixture);
        let found = self.findings(rule, &text);
        let doc = self.open(&text);
        let shown: Vec<(usize, usize, Severity)> = found
            .iter()
            .map(|finding| {
                let line = doc.text().line_range(doc.text().line_of(finding.range.start));
                (finding.range.start, finding.range.end.min(line.end), finding.severity)
            })
            .collect();
        assert!(!marks.is_empty(), "the fixture marks nothing");
        assert_eq!(shown, marks, "{text}\n{found:#?}");
        for finding in &found {
            for fix in &finding.fixes {
                self.check_fix(&text, finding, fix);
            }
        }
    }

    /// As [`silent`].
    #[track_caller]
    pub fn silent(&self, rule: &Rule, text: &str) {
        let text = dedent(text);
        assert_eq!(self.findings(rule, &text), [], "{text}");
    }

    /// As [`message`].
    #[track_caller]
    pub fn message(&self, rule: &Rule, text: &str) -> String {
        let found = self.findings(rule, &dedent(text));
        let [finding] = &found[..] else { panic!("not one finding: {found:#?}") };
        finding.message.clone()
    }

    #[track_caller]
    fn check_fix(&self, text: &str, finding: &Finding, fix: &Fix) {
        let after = apply(text, &fix.edits);
        // The same rule at the same words, wherever these are now.
        let same = |after: &str| {
            let is_same = |other: &&Finding| {
                other.code == finding.code && after[other.range.clone()] == text[finding.range.clone()]
            };
            check(&self.open(after)).iter().filter(is_same).count()
        };
        let errors = |findings: &[Finding]| findings.iter().filter(|f| f.severity == Severity::Error).count();
        let (before, now) = (check(&self.open(text)), check(&self.open(&after)));
        let what = || format!("`{}` of {text}\nleaves\n{after}\nwith {now:#?}", fix.title);
        assert!(same(&after) < same(text), "still there: {}", what());
        assert!(errors(&now) <= errors(&before), "new errors: {}", what());
    }
}

/// A workspace in memory, for the rules of files that say what is built.
pub struct Project {
    workspace: Workspace,
    folder: PathBuf,
    pub settings: Arc<Settings>,
}

/// A workspace with these Dockerfiles, by their paths.
pub fn project(dockerfiles: &[(&str, &str)]) -> Project {
    let folder = PathBuf::from("/project");
    let mut workspace = Workspace::new(vec![folder.clone()]);
    for (path, text) in dockerfiles {
        workspace.set_dockerfile(&folder.join(path), &Document::open(&dedent(text), 0));
    }
    Project { workspace, folder, settings: Arc::default() }
}

impl Project {
    /// All findings of a file with this text.
    pub fn findings(&mut self, path: &str, text: &str) -> Vec<Finding> {
        let path: &Path = &self.folder.join(path);
        self.workspace.set_open(path, text.into(), &[]);
        check_source(&self.workspace, path, &Text::new(text), &self.settings)
    }

    /// Checks that `rule` finds in a file just what is marked, and that every fix removes its finding.
    #[track_caller]
    pub fn fires(&mut self, rule: &Rule, path: &str, fixture: &str) {
        let (text, marks) = unmark(fixture);
        let found = self.findings(path, &text);
        let found: Vec<&Finding> = found.iter().filter(|finding| finding.code == rule.code).collect();
        let shown: Vec<_> =
            found.iter().map(|found| (found.range.start, found.range.end, found.severity)).collect();
        assert!(!marks.is_empty(), "the fixture marks nothing");
        assert_eq!(shown, marks, "{text}\n{found:#?}");
        for fix in found.iter().flat_map(|finding| &finding.fixes) {
            let after = apply(&text, &fix.edits);
            let left = self.findings(path, &after).iter().filter(|it| it.code == rule.code).count();
            assert_eq!(left, found.len() - 1, "`{}` leaves\n{after}", fix.title);
        }
    }

    /// Checks that `rule` finds nothing in a file.
    #[track_caller]
    pub fn silent(&mut self, rule: &Rule, path: &str, text: &str) {
        let text = dedent(text);
        let mut found = self.findings(path, &text);
        found.retain(|finding| finding.code == rule.code);
        assert_eq!(found, [], "{text}");
    }

    /// The message of the only finding of `rule` in a file.
    #[track_caller]
    pub fn message(&mut self, rule: &Rule, path: &str, text: &str) -> String {
        let mut found = self.findings(path, &dedent(text));
        found.retain(|finding| finding.code == rule.code);
        let [finding] = &found[..] else { panic!("not one finding: {found:#?}") };
        finding.message.clone()
    }
}

/// Checks that `rule` finds just what is marked, with the severity that is written behind each mark, and that every fix
/// removes its finding without bringing an error.
#[track_caller]
pub fn fires(rule: &Rule, fixture: &str) {
    among([]).fires(rule, fixture);
}

/// Checks that `rule` finds nothing.
#[track_caller]
pub fn silent(rule: &Rule, text: &str) {
    among([]).silent(rule, text);
}

/// Checks which rules find something.
#[track_caller]
pub fn only(text: &str, codes: &[&str]) {
    let text = dedent(text);
    let found: Vec<_> = check(&Document::open(&text, 0)).iter().map(|finding| finding.code).collect();
    assert_eq!(found, codes, "{text}");
}

/// The text that the fix with `title` of the first finding of `rule` leaves.
#[track_caller]
pub fn fixed(rule: &Rule, text: &str, title: &str) -> String {
    let text = if text.contains('\r') { text.to_owned() } else { dedent(text) };
    let found = among([]).findings(rule, &text);
    let finding = found.first().unwrap_or_else(|| panic!("nothing found in\n{text}"));
    let fix = finding.fixes.iter().find(|fix| fix.title == title);
    let fix = fix.unwrap_or_else(|| panic!("no such fix: {:#?}", finding.fixes));
    among([]).check_fix(&text, finding, fix);
    apply(&text, &fix.edits)
}

/// The message of the only finding of `rule`.
#[track_caller]
pub fn message(rule: &Rule, text: &str) -> String {
    among([]).message(rule, text)
}

/// Checks that every fix of a text removes its finding, and that there are no more errors then than there were errors
/// and warnings: with another stage at the end, a warning can become an error.
pub fn check_fixes(text: &str) {
    let before = check(&Document::open(text, 0));
    for finding in &before {
        // What moves a whole block, or gives free what was swallowed, can show other mistakes.
        let shows_more = matches!(
            finding.code,
            "instruction-before-from" | "no-stage" | "unknown-instruction" | "unterminated-heredoc"
        );
        for fix in finding.fixes.iter().filter(|_| !shows_more) {
            let after = apply(text, &fix.edits);
            let now = check(&Document::open(&after, 0));
            let what = || format!("`{}` of\n{text}\nleaves\n{after}\nwith {now:#?}", fix.title);
            let same = |text: &str, findings: &[Finding], words: &str| {
                let is_same =
                    |other: &&Finding| other.code == finding.code && &text[other.range.clone()] == words;
                findings.iter().filter(is_same).count()
            };
            let words = &text[finding.range.clone()];
            // A number may have become another, one stage the other.
            let of_rule = |findings: &[Finding]| findings.iter().filter(|f| f.code == finding.code).count();
            // Which stages seem to be meant by mistakes elsewhere changes with the numbers, and so who else is unused.
            let is_use = matches!(finding.code, "dead-unnamed-stage" | "stage-outside-default-build");
            assert!(
                is_use
                    || same(&after, &now, words) < same(text, &before, words)
                    || of_rule(&now) < of_rule(&before),
                "still there: {}",
                what()
            );
            let count = |findings: &[Finding], severity: Severity| {
                findings.iter().filter(|other| other.severity >= severity).count()
            };
            let (errors, known) = (count(&now, Severity::Error), count(&before, Severity::Warning));
            assert!(errors <= known, "new errors: {}", what());
        }
    }
}

#[track_caller]
fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for edit in edits {
        assert!(at <= edit.range.start && edit.range.start <= edit.range.end, "{edits:#?} in\n{text}");
        out.push_str(&text[at..edit.range.start]);
        out.push_str(&edit.text);
        at = edit.range.end;
    }
    out + &text[at..]
}

/// Takes the indent off that all lines share, and the first line break.
pub fn dedent(text: &str) -> String {
    let text = text.strip_prefix('\n').unwrap_or(text);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let indent = lines.map(|line| line.len() - line.trim_start_matches(' ').len()).min().unwrap_or(0);
    let lines = text.lines().map(|line| line.get(indent..).unwrap_or_default());
    let mut out = lines.collect::<Vec<_>>().join("\n");
    out.truncate(out.trim_end_matches(' ').len());
    if text.ends_with('\n') || text.ends_with("\n        ") {
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

/// Splits a fixture into the text and what is marked in it: lines of `^^^` and a severity.
fn unmark(fixture: &str) -> (String, Vec<(usize, usize, Severity)>) {
    let mut text = String::new();
    let mut marks = Vec::new();
    let mut last = 0;
    for line in dedent(fixture).lines() {
        let mark = line.trim_start();
        if !mark.starts_with('^') {
            last = text.len();
            text.push_str(line);
            text.push('\n');
            continue;
        }
        let start = last + line.len() - mark.len();
        let rest = mark.trim_start_matches('^');
        let severity = match rest.trim() {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            "information" => Severity::Information,
            "hint" => Severity::Hint,
            other => panic!("no severity: `{other}`"),
        };
        marks.push((start, start + mark.len() - rest.len(), severity));
    }
    (text, marks)
}
