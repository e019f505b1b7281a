//! Findings as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::{
    check::{Checked, severity_name},
    place::Span,
};
use crate::{
    rules::{Finding, Fix, Related, Tag},
    text::Edit,
};

/// One finding, as programs read it. Fields are only ever added.
#[derive(Debug, Serialize)]
struct Record<'a> {
    file: &'a str,
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    range: Span,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<RelatedRecord<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct RelatedRecord<'a> {
    file: &'a str,
    range: Span,
    message: &'a str,
}

#[derive(Debug, Serialize)]
struct FixRecord<'a> {
    title: &'a str,
    preferred: bool,
    edits: Vec<EditRecord<'a>>,
}

#[derive(Debug, Serialize)]
struct EditRecord<'a> {
    range: Span,
    text: &'a str,
}

/// Writes the findings of all files as one array.
pub fn write(out: &mut dyn Write, files: &[Checked]) -> io::Result<()> {
    let records = files.iter().flat_map(|file| file.findings.iter().map(|finding| Record::of(file, finding)));
    serde_json::to_writer_pretty(&mut *out, &records.collect::<Vec<_>>())?;
    writeln!(out)
}

impl<'a> Record<'a> {
    fn of(file: &'a Checked, finding: &'a Finding) -> Record<'a> {
        let span = |range| Span::of(&file.text, range);
        let related = |related: &'a Related| RelatedRecord {
            file: &file.file,
            range: span(&related.range),
            message: &related.message,
        };
        let edit = |edit: &'a Edit| EditRecord { range: span(&edit.range), text: &edit.text };
        let fix = |fix: &'a Fix| FixRecord {
            title: &fix.title,
            preferred: fix.preferred,
            edits: fix.edits.iter().map(edit).collect(),
        };
        let tag = |tag: &Tag| match tag {
            Tag::Unnecessary => "unnecessary",
            Tag::Deprecated => "deprecated",
        };
        Record {
            file: &file.file,
            code: finding.code,
            severity: severity_name(finding.severity),
            message: &finding.message,
            range: span(&finding.range),
            related: finding.related.iter().map(related).collect(),
            fixes: finding.fixes.iter().map(fix).collect(),
            page: finding.page,
            tags: finding.tags.iter().map(tag).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cli::check::sample;

    #[test]
    fn a_finding_has_every_field_and_leaves_out_what_is_empty() {
        let mut out = Vec::new();
        write(&mut out, &[sample()]).expect("memory takes everything");
        let all: Value = serde_json::from_slice(&out).expect("it is JSON");
        let range = |line, from, to| json!({ "start": { "line": line, "column": from }, "end": { "line": line, "column": to } });
        assert_eq!(
            all,
            json!([
                {
                    "file": "web/Dockerfile", "code": "StageNameCasing", "severity": "hint",
                    "message": "a hint", "range": range(1, 17, 24), "page": "https://example.org/casing",
                    "tags": ["deprecated", "unnecessary"],
                },
                {
                    "file": "web/Dockerfile", "code": "broken", "severity": "error",
                    "message": "an error", "range": range(2, 11, 12),
                },
                {
                    "file": "web/Dockerfile", "code": "unknown-stage-reference", "severity": "warning",
                    "message": "no stage named `bulder`", "range": range(5, 13, 19),
                    "related": [
                        { "file": "web/Dockerfile", "range": range(1, 17, 24), "message": "this name is near" },
                    ],
                    "fixes": [
                        {
                            "title": "Use `builder`", "preferred": true,
                            "edits": [{ "range": range(5, 13, 19), "text": "builder" }],
                        },
                        { "title": "Do\nnothing", "preferred": false, "edits": [] },
                    ],
                },
                {
                    "file": "web/Dockerfile", "code": "at-the-end", "severity": "information",
                    "message": "and nothing after it", "range": range(6, 1, 1),
                },
            ])
        );
    }

    #[test]
    fn nothing_found_is_an_empty_array() {
        let mut out = Vec::new();
        write(&mut out, &[]).expect("memory takes everything");
        assert_eq!(String::from_utf8_lossy(&out), "[]\n");
    }
}
