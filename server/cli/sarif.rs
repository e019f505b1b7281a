//! Findings as SARIF 2.1.0. Of the format this models what is written, and nothing else.

use std::{
    collections::{BTreeMap, HashMap},
    env,
    io::{self, Write},
    ops::Range,
    path::{Component, Path, absolute},
};

use serde::Serialize;
use serde_json::{Value, json};

use super::check::Checked;
use crate::{
    rules::{Finding, Fix, RULES, Rule, Severity},
    text::{Encoding, Position, Text},
};

/// What stands for the folder in which the command was run.
const BASE: &str = "%SRCROOT%";

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message<'a>,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Value>,
    partial_fingerprints: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
struct Message<'a> {
    text: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation<'a> {
    artifact_location: &'a Artifact,
    region: Region,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

/// From 1, columns in UTF-16 code units; the end is behind the last.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

/// Writes the findings from `least` on, and what the rules behind them say.
pub fn write(out: &mut dyn Write, files: &[Checked], least: Severity) -> io::Result<()> {
    let folder = env::current_dir().ok();
    let has = |rule: &Rule| {
        let is = |finding: &Finding| finding.code == rule.code && finding.severity >= least;
        files.iter().any(|file| file.findings.iter().any(is))
    };
    let rules: Vec<&Rule> = RULES.into_iter().filter(|rule| has(rule)).collect();
    let artifacts: Vec<Artifact> =
        files.iter().map(|file| Artifact::of(&file.path, folder.as_deref())).collect();
    let mut results = Vec::new();
    for (file, artifact) in files.iter().zip(&artifacts) {
        // The same finding on equal lines counts up, so that each has a fingerprint of its own.
        let mut seen = HashMap::new();
        for finding in file.findings.iter().filter(|finding| finding.severity >= least) {
            let hash = fingerprint(&file.text, finding);
            let count: &mut usize = seen.entry(hash).or_default();
            *count += 1;
            let rule_index = rules.iter().position(|rule| rule.code == finding.code);
            results.push(result(file, artifact, finding, rule_index, format!("{hash:016x}:{count}")));
        }
    }
    let mut run = json!({
        "tool": { "driver": {
            "name": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": rules.into_iter().map(descriptor).collect::<Vec<_>>(),
        }},
        "columnKind": "utf16CodeUnits",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "results": results,
    });
    if let Some(folder) = folder {
        run["originalUriBaseIds"] = json!({ BASE: { "uri": format!("{}/", file_uri(&folder)) } });
    }
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// What SARIF calls a reporting descriptor.
fn descriptor(rule: &Rule) -> Value {
    let documentation = rule.documentation();
    let about = documentation.split_once("\n## ").map_or(documentation.as_str(), |(about, _)| about).trim();
    json!({
        "id": rule.code,
        "name": pascal_case(rule.code),
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": about },
        "help": { "text": documentation, "markdown": documentation },
        "helpUri": rule.page(),
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

fn result<'a>(
    file: &'a Checked,
    artifact: &'a Artifact,
    finding: &'a Finding,
    rule_index: Option<usize>,
    fingerprint: String,
) -> SarifResult<'a> {
    let place = |range: &Range<usize>| PhysicalLocation {
        artifact_location: artifact,
        region: Region::of(&file.text, range),
    };
    let related = finding.related.iter().map(|related| Location {
        physical_location: place(&related.range),
        message: Some(Message { text: &related.message }),
    });
    // A fix must change something there.
    let fixes = finding.fixes.iter().filter(|fix| !fix.edits.is_empty());
    SarifResult {
        rule_id: finding.code,
        rule_index,
        level: level(finding.severity),
        message: Message { text: &finding.message },
        locations: [Location { physical_location: place(&finding.range), message: None }],
        related_locations: related.collect(),
        fixes: fixes.map(|fix| replacements(&file.text, artifact, fix)).collect(),
        partial_fingerprints: BTreeMap::from([("ruleAndLine/v1", fingerprint)]),
    }
}

fn replacements(text: &Text, artifact: &Artifact, fix: &Fix) -> Value {
    let replacements = fix.edits.iter().map(|edit| {
        json!({
            "deletedRegion": Region::of(text, &edit.range),
            "insertedContent": { "text": edit.text },
        })
    });
    json!({
        "description": { "text": fix.title },
        "artifactChanges": [{
            "artifactLocation": artifact,
            "replacements": replacements.collect::<Vec<_>>(),
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information | Severity::Hint => "note",
    }
}

impl Region {
    fn of(text: &Text, range: &Range<usize>) -> Region {
        let place = |offset| {
            let Position { line, column } = text.position(offset, Encoding::Utf16);
            (line + 1, column + 1)
        };
        let ((start_line, start_column), (end_line, end_column)) = (place(range.start), place(range.end));
        Region { start_line, start_column, end_line, end_column }
    }
}

impl Artifact {
    /// `path` from `folder` on where it is below that, otherwise from the root.
    fn of(path: &Path, folder: Option<&Path>) -> Artifact {
        let climbs = path.components().any(|part| matches!(part, Component::ParentDir));
        // Only the file system knows what is above a link.
        let whole = if climbs { path.canonicalize().or_else(|_| absolute(path)) } else { absolute(path) };
        let whole = whole.unwrap_or_else(|_| path.to_owned());
        match folder.and_then(|folder| whole.strip_prefix(folder).ok()) {
            Some(inside) => Artifact { uri: encode(inside), uri_base_id: Some(BASE) },
            None => Artifact { uri: file_uri(&whole), uri_base_id: None },
        }
    }
}

/// The URI of an absolute path.
fn file_uri(path: &Path) -> String {
    let encoded = encode(path);
    format!("file://{}{encoded}", if encoded.starts_with('/') { "" } else { "/" })
}

/// A path as a URI has it: `/` between its parts, and percent signs for all but plain characters (RFC 3986, section 2.3).
fn encode(path: &Path) -> String {
    let mut uri = String::new();
    for part in path.components() {
        if matches!(part, Component::RootDir) {
            uri.push('/');
            continue;
        }
        if !uri.is_empty() && !uri.ends_with('/') {
            uri.push('/');
        }
        for &byte in part.as_os_str().as_encoded_bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    uri.push(char::from(byte));
                }
                _ => uri.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    uri
}

/// `unknown-flag` as `UnknownFlag`.
fn pascal_case(code: &str) -> String {
    let words = code.split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    });
    words.collect()
}

/// Stays when lines above come and go: of the rule and the text of the line (FNV-1a, the same in every version).
fn fingerprint(text: &Text, finding: &Finding) -> u64 {
    let line = text.line_range(text.line_of(finding.range.start));
    let line = text.slice(line);
    let bytes = finding.code.bytes().chain([0]).chain(line.trim().bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::check::sample;

    fn render(files: &[Checked], least: Severity) -> Value {
        let mut out = Vec::new();
        write(&mut out, files, least).expect("memory takes everything");
        serde_json::from_slice(&out).expect("it is JSON")
    }

    #[test]
    fn a_result_has_its_place_related_places_and_fixes() {
        let log = render(&[sample()], Severity::Information);
        let run = &log["runs"][0];
        assert_eq!(run["columnKind"], "utf16CodeUnits");
        let base = run["originalUriBaseIds"][BASE]["uri"].as_str().expect("there is a base");
        assert!(base.starts_with("file:///") && base.ends_with('/'), "{base}");
        let results = run["results"].as_array().expect("an array");
        assert_eq!(results.len(), 3, "the hint is left out");
        let file = json!({ "uri": "web/Dockerfile", "uriBaseId": BASE });
        let region = |line: u32, from: u32, to: u32| json!({ "startLine": line, "startColumn": from, "endLine": line, "endColumn": to });
        let place = |region: &Value| json!({ "artifactLocation": file, "region": region });
        // Two UTF-16 code units.
        assert_eq!(results[0]["locations"][0]["physicalLocation"], place(&region(2, 11, 13)));
        let mut second = results[1].clone();
        second["partialFingerprints"].take();
        let here = region(5, 13, 19);
        let replacement = json!({ "deletedRegion": here, "insertedContent": { "text": "builder" } });
        let related = json!({ "physicalLocation": place(&region(1, 17, 24)), "message": { "text": "this name is near" } });
        assert_eq!(
            second,
            json!({
                "ruleId": "unknown-stage-reference", "ruleIndex": 0, "level": "warning",
                "message": { "text": "no stage named `bulder`" },
                "locations": [{ "physicalLocation": place(&here) }],
                "relatedLocations": [related],
                // Of the two fixes one changes nothing.
                "fixes": [{
                    "description": { "text": "Use `builder`" },
                    "artifactChanges": [{ "artifactLocation": file, "replacements": [replacement] }],
                }],
                "partialFingerprints": null,
            })
        );
    }

    #[test]
    fn rules_are_those_with_results_and_explain_themselves() {
        let log = render(&[sample()], Severity::Hint);
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("an array");
        let rule = rules.iter().find(|rule| rule["id"] == "unknown-stage-reference").expect("it is there");
        assert_eq!(rule["name"], "UnknownStageReference");
        assert_eq!(rule["defaultConfiguration"]["level"], "warning");
        assert!(rule["help"]["markdown"].as_str().is_some_and(|text| text.contains("## Instead")), "{rule}");
        assert!(rule["helpUri"].as_str().is_some_and(|uri| uri.ends_with("/unknown-stage-reference.md")));
    }

    #[test]
    fn equal_lines_have_fingerprints_of_their_own_that_outlive_lines_above() {
        let prints = |text: &str| -> Vec<String> {
            let doc = crate::document::Document::open(text, 0);
            let findings = crate::rules::check(&doc);
            let log =
                render(&[Checked { text: doc.text().clone(), findings, ..sample() }], Severity::Warning);
            let results = log["runs"][0]["results"].as_array().expect("an array");
            results.iter().map(|result| result["partialFingerprints"]["ruleAndLine/v1"].to_string()).collect()
        };
        let text = "FROM a:1 AS builder\nFROM b:1\nCOPY --from=bulder /a /b\nCOPY --from=bulder /a /b\n";
        let before = prints(text);
        assert_eq!(before.len(), 2);
        assert_ne!(before[0], before[1]);
        assert_eq!(prints(&format!("# more\n\n{text}")), before);
    }

    #[test]
    fn paths_are_uris() {
        let uri = |path: &str| Artifact::of(Path::new(path), Some(Path::new("/repo"))).uri;
        assert_eq!(uri("/repo/a b/ü%/Dockerfile#1"), "a%20b/%C3%BC%25/Dockerfile%231");
        assert_eq!(uri("/else:where/Dockerfile"), "file:///else%3Awhere/Dockerfile");
    }
}
