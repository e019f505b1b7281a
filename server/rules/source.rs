//! What is wrong with a file that says what is built: the builds in it, held against their Dockerfiles.

use std::{collections::HashMap, path::Path, sync::Arc};

use super::{Check, Finding, Findings, Fix, RULES, check, check_only, rule_index};
use crate::{
    builds::{Build, Certainty, Dockerfile, Spot, Value, node::Scalar},
    document::Document,
    settings::{Level, Settings},
    text::{Edit, Text},
    workspace::{Workspace, meaning::Meaning},
};

/// A file and what its builds mean.
#[derive(Debug)]
pub struct SourceContext<'a> {
    pub workspace: &'a Workspace,
    pub file: &'a Path,
    pub text: &'a Text,
    /// The builds that have something written in the file.
    pub builds: Vec<(&'a Build, Meaning)>,
}

/// A value that a build has, with what the build means.
#[derive(Debug)]
pub struct Use<'b, V> {
    pub build: &'b Build,
    pub meaning: &'b Meaning,
    pub value: &'b Value,
    pub more: V,
}

impl<'a> SourceContext<'a> {
    fn new(workspace: &'a Workspace, file: &'a Path, text: &'a Text) -> SourceContext<'a> {
        let builds = workspace.builds_in(file).map(|build| (build, workspace.meaning(build))).collect();
        SourceContext { workspace, file, text, builds }
    }

    /// The values of this file by their place, each with the builds that have it: what is wrong for one of them may be right
    /// for another.
    pub fn by_place<'b, V>(
        &'b self,
        values: impl Fn(&'b Build) -> Vec<(&'b Value, V)>,
    ) -> Vec<(&'b Spot, Vec<Use<'b, V>>)> {
        let mut index: HashMap<&Spot, usize> = HashMap::new();
        let mut all: Vec<(&Spot, Vec<_>)> = Vec::new();
        for (build, meaning) in &self.builds {
            for (value, more) in values(build) {
                if *value.spot.file != *self.file || value.spot.range.end > self.text.len() {
                    continue;
                }
                let at = *index.entry(&value.spot).or_insert_with(|| {
                    all.push((&value.spot, Vec::new()));
                    all.len() - 1
                });
                all[at].1.push(Use { build, meaning, value, more });
            }
        }
        all
    }
}

/// All findings of a file that says what is built, with their fixes, in file order; also those of the Dockerfiles that stand
/// in it.
pub fn check_source(
    workspace: &Workspace,
    file: &Path,
    text: &Text,
    settings: &Arc<Settings>,
) -> Vec<Finding> {
    run(workspace, file, text, settings, check)
}

/// The same for every keystroke: without the fixes of the Dockerfiles that stand in it, some of which take long to find.
pub fn check_source_only(
    workspace: &Workspace,
    file: &Path,
    text: &Text,
    settings: &Arc<Settings>,
) -> Vec<Finding> {
    run(workspace, file, text, settings, check_only)
}

fn run(
    workspace: &Workspace,
    file: &Path,
    text: &Text,
    settings: &Arc<Settings>,
    check_inline: fn(&Document) -> Vec<Finding>,
) -> Vec<Finding> {
    let context = SourceContext::new(workspace, file, text);
    let mut findings = Findings { all: Vec::new() };
    for (index, rule) in RULES.iter().enumerate() {
        if let Check::Source(check) = rule.check
            && settings.levels.get(index) != Some(Level::Off)
        {
            check(&context, &mut findings);
        }
    }
    findings.all.retain_mut(|finding| {
        let level = rule_index(finding.code).and_then(|index| settings.levels.get(index));
        finding.obey(level) && !is_skipped(text, finding)
    });
    for (scalar, _) in inline(&context) {
        let doc = Document::open(&scalar.text, 0).with_settings(settings.clone());
        findings.all.extend(check_inline(&doc).into_iter().filter_map(|finding| moved(finding, scalar)));
    }
    findings.all.sort_by_key(|finding| (finding.range.start, finding.range.end));
    findings.all
}

/// The Dockerfiles that stand in the file, each once.
fn inline<'a>(context: &SourceContext<'a>) -> Vec<(&'a Scalar, &'a Spot)> {
    let mut found: Vec<(&Scalar, &Spot)> = Vec::new();
    for (build, _) in &context.builds {
        if let Dockerfile::Inline(scalar, spot) = &build.dockerfile
            && *spot.file == *context.file
            && !found.iter().any(|(_, other)| *other == spot)
        {
            found.push((scalar, spot));
        }
    }
    found
}

/// A finding in the text of a scalar, as one in its file; `None` where its place is not one in the file.
fn moved(finding: Finding, scalar: &Scalar) -> Option<Finding> {
    let range = scalar.place_on_a_line(&finding.range)?;
    let mut moved = Finding { range, related: Vec::new(), fixes: Vec::new(), ..finding.clone() };
    for related in finding.related {
        if let Some(range) = scalar.place_on_a_line(&related.range) {
            moved.related(range, related.message);
        }
    }
    let edits = |fix: &Fix| -> Option<Vec<Edit>> {
        // A line of a block scalar is indented, which no fix knows.
        let edit = |edit: &Edit| {
            let plain = !edit.text.contains(['\n', '\r']) && !edit.text.is_empty();
            Some(Edit { range: scalar.place(edit.range.clone())?, text: edit.text.clone() }).filter(|_| plain)
        };
        fix.edits.iter().map(edit).collect()
    };
    let is_block = matches!(scalar.style, crate::builds::node::Style::Literal);
    for fix in finding.fixes.iter().filter(|_| is_block) {
        if let Some(edits) = edits(fix) {
            moved.fixes.push(Fix { edits, ..fix.clone() });
        }
    }
    Some(moved)
}

/// Whether a comment on the line of the finding, or the one above it, switches it off: `# dockerfile-ls: skip=RULE`.
fn is_skipped(text: &Text, finding: &Finding) -> bool {
    let line = text.line_of(finding.range.start);
    let lines = [Some(line), line.checked_sub(1)];
    lines.into_iter().flatten().any(|line| {
        let line = text.slice(text.line_range(line)).into_owned();
        let Some((_, names)) = line.split_once("dockerfile-ls: skip=") else { return false };
        names.split([',', ' ', '\t', '\r', '\n']).any(|name| name == finding.code || name == "all")
    })
}

impl<V> Use<'_, V> {
    /// Whether it is sure enough to be judged: the value stands there as it is, and which Dockerfile it is for is certain.
    pub fn is_certain(&self) -> bool {
        self.value.certainty == Certainty::Certain && self.meaning.certainty == Certainty::Certain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Severity;
    use crate::rules::testing::{Project, project};

    fn here() -> Project {
        project(&[("Dockerfile", "FROM alpine:3.24 AS prod\n")])
    }

    fn shown(project: &mut Project, text: &str) -> Vec<(&'static str, String)> {
        let found = project.findings("compose.yaml", text);
        found.iter().map(|it| (it.code, text[it.range.clone()].to_owned())).collect()
    }

    #[test]
    fn a_comment_on_the_line_or_above_switches_a_rule_off() {
        let finds = |before: &str, after: &str| {
            let text =
                format!("services:\n  a:\n    build:\n      context: .\n{before}      target: none{after}\n");
            !here().findings("compose.yaml", &text).is_empty()
        };
        assert!(finds("", "") && finds("", " # dockerfile-ls: skip=other"));
        assert!(!finds("", " # dockerfile-ls: skip=target-not-found"));
        assert!(!finds("      # dockerfile-ls: skip=undeclared-build-arg,target-not-found\n", ""));
        assert!(!finds("", " # dockerfile-ls: skip=all"));
        assert!(finds("      # dockerfile-ls: skip=all\n\n", ""));
    }

    #[test]
    fn settings_decide_how_bad_it_is() {
        let text = "services: {a: {build: {context: ., target: none}}}";
        let severity = |level| {
            let mut settings = Settings::default();
            let index = rule_index("target-not-found").expect("it is a rule");
            settings.levels.set(index, level);
            let mut project = here();
            project.settings = Arc::new(settings);
            project.findings("compose.yaml", text).first().map(|finding| finding.severity)
        };
        assert_eq!(severity(Level::Hint), Some(Severity::Hint));
        assert_eq!(severity(Level::Information), Some(Severity::Information));
        assert_eq!(severity(Level::Warning), Some(Severity::Warning));
        assert_eq!(severity(Level::Error), Some(Severity::Error));
        assert_eq!(severity(Level::Off), None);
    }

    #[test]
    fn findings_of_a_dockerfile_in_the_file_are_at_their_place() {
        let text = "services:\n  é:\n    build:\n      dockerfile_inline: |\n        FROM golang:1.26 AS build\n        FROM alpine:3.24\n        \
                    COPY --from=biuld /a /a\n";
        assert_eq!(shown(&mut here(), text), [("unknown-stage-reference", "biuld".to_owned())]);
        let crlf = text.replace('\n', "\r\n");
        assert_eq!(shown(&mut here(), &crlf), [("unknown-stage-reference", "biuld".to_owned())]);
        // Two services with one text have one finding.
        let twice = format!("{}  b:\n    build: *b\n", text.replace("build:\n", "build: &b\n"));
        assert_eq!(shown(&mut here(), &twice), [("unknown-stage-reference", "biuld".to_owned())]);
    }

    #[test]
    fn fixes_in_a_block_of_lines_are_applied_there() {
        let text = "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM golang:1.26 AS build\n        FROM alpine:3.24\n        \
                    COPY --from=biuld /a /a\n";
        let found = here().findings("compose.yaml", text);
        let edits = &found[0].fixes[0].edits;
        let [edit] = &edits[..] else { panic!("{edits:#?}") };
        assert_eq!((&text[edit.range.clone()], edit.text.as_str()), ("biuld", "build"));
        // Between quotes a text would have to be written otherwise.
        let quoted = "services: {a: {build: {dockerfile_inline: \"FROM b:1 AS build\\nFROM a:1\\nCOPY --from=biuld /a /a\"}}}";
        let found = here().findings("compose.yaml", quoted);
        assert_eq!((found.len(), found[0].fixes.len(), &quoted[found[0].range.clone()]), (1, 0, "biuld"));
    }
}
