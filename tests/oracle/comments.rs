//! Comments that switch rules off, and the fixes that write them.

use dockerfile_ls::{
    document::Document,
    rules::{self, Finding, Fix, RULES, Severity},
    text::Edit,
};

use crate::shared;

/// Files with comments, and the checks that BuildKit's converter reports of them, by line.
const CASES: [(&str, &[(usize, &str)]); 42] = [
    ("# check=skip=StageNameCasing\nFROM alpine AS A\n", &[]),
    ("#!/usr/bin/env x\n# escape=`\n# check=skip=StageNameCasing\nFROM alpine AS A\n", &[]),
    ("  # check=skip=StageNameCasing\nFROM alpine AS A\n", &[(2, "StageNameCasing")]),
    ("FROM alpine\n # check=skip=StageNameCasing\nFROM alpine AS A\n", &[(3, "StageNameCasing")]),
    ("FROM alpine\n## check=skip=StageNameCasing\nFROM alpine AS A\n", &[(3, "StageNameCasing")]),
    ("FROM alpine\n# check=skip=StageNameCasing\n\nFROM alpine AS A\n", &[]),
    ("FROM alpine\n# check=skip=StageNameCasing\n#\nFROM alpine AS A\n", &[(4, "StageNameCasing")]),
    ("\n# check=skip=StageNameCasing\nFROM alpine AS A\nFROM alpine AS B\n", &[(4, "StageNameCasing")]),
    (
        "# syntax=docker/dockerfile:1\n\n# check=skip=StageNameCasing\nFROM alpine AS A\nFROM alpine AS B\n",
        &[(5, "StageNameCasing")],
    ),
    (
        "\u{feff}\n# check=skip=StageNameCasing\nFROM alpine AS A\nFROM alpine AS B\n",
        &[(4, "StageNameCasing")],
    ),
    ("\u{feff}#!x\n# check=skip=StageNameCasing\nFROM alpine AS A\nFROM alpine AS B\n", &[]),
    ("FROM alpine\r\n# check=skip=StageNameCasing\r\nFROM alpine AS A\r\n", &[]),
    ("FROM alpine\nCMD [\"a\"]\n# check=skip=MultipleInstructionsDisallowed\nCMD [\"b\"]\n", &[]),
    (
        "FROM alpine\n# check=skip=MultipleInstructionsDisallowed\nCMD [\"a\"]\nCMD [\"b\"]\n",
        &[(3, "MultipleInstructionsDisallowed")],
    ),
    (
        "FROM alpine\nCMD [\"a\"]\n# check=skip=MultipleInstructionsDisallowed\nCMD [\"b\"]\nCMD [\"c\"]\n",
        &[(4, "MultipleInstructionsDisallowed")],
    ),
    ("# check=skip=StageNameCasing\tx\nFROM alpine AS A\n", &[(2, "StageNameCasing")]),
    ("# check=skip=StageNameCasing x\nFROM alpine AS A\n", &[]),
    ("# check=skip=X, StageNameCasing\nFROM alpine AS A\n", &[(2, "StageNameCasing")]),
    ("# check=skip=X,\tStageNameCasing\nFROM alpine AS A\n", &[]),
    ("# check=skip=StageNameCasing;skip=X\nFROM alpine AS A\n", &[(2, "StageNameCasing")]),
    ("# check=skip=all;skip=X\nFROM alpine AS A\n", &[]),
    ("# check=skip=X,all\nFROM alpine AS A\n", &[(2, "StageNameCasing")]),
    ("# CHECK = skip=StageNameCasing\nFROM alpine AS A\n", &[]),
    ("# check=skip=stagenamecasing\nFROM alpine AS A\n", &[(2, "StageNameCasing")]),
    ("FROM alpine\n# check=foo\n# check=skip=StageNameCasing\nFROM alpine AS A\n", &[(4, "StageNameCasing")]),
    (
        "FROM alpine\n# check=skip=X\n# check=skip=StageNameCasing\nFROM alpine AS A\n",
        &[(4, "StageNameCasing")],
    ),
    ("FROM alpine\n# escape=`\n# check=skip=StageNameCasing\nFROM alpine AS A\n", &[]),
    (
        "FROM alpine AS b\nEXPOSE 80/TCP\n# check=skip=ExposeProtoCasing\nEXPOSE 81/TCP\n",
        &[(2, "ExposeProtoCasing")],
    ),
    ("# check=experimental=all;skip=all\n# foo\nFROM alpine AS a\n", &[(3, "InvalidDefinitionDescription")]),
    (
        "FROM alpine\n# foo\n# check=experimental=InvalidDefinitionDescription\nFROM alpine AS a\n",
        &[(4, "InvalidDefinitionDescription")],
    ),
    ("FROM alpine\n# foo\nFROM alpine AS a\n", &[]),
    (
        "FROM alpine\n# check=skip=SecretsUsedInArgOrEnv\nARG PASSWORD\nARG TOKEN\n",
        &[(4, "SecretsUsedInArgOrEnv")],
    ),
    (
        "FROM alpine\n# check=skip=ReservedStageName,DuplicateStageName\nFROM alpine AS scratch\nFROM alpine AS a\n# check=skip=all\nFROM alpine AS a\n",
        &[(3, "ReservedStageName"), (6, "DuplicateStageName")],
    ),
    (
        "# check=skip=ReservedStageName\nFROM alpine AS scratch\nFROM alpine AS a\nFROM alpine AS a\n",
        &[(4, "DuplicateStageName")],
    ),
    ("# check=skip=all\nFROM alpine AS scratch\nFROM alpine AS a\nFROM alpine AS a\n", &[]),
    (
        "#!x\n# check=skip=DuplicateStageName\nFROM alpine AS scratch\nFROM alpine AS a\nFROM alpine AS a\n",
        &[(3, "ReservedStageName")],
    ),
    (
        "\n# check=skip=all\nFROM alpine AS scratch\nFROM alpine AS a\nFROM alpine AS a\n",
        &[(3, "ReservedStageName"), (5, "DuplicateStageName")],
    ),
    ("# check=skip=ReservedStageName\\\nFROM alpine AS scratch\n", &[(2, "ReservedStageName")]),
    ("FROM alpine\nRUN a \\\n# check=skip=all\n\n b\n", &[(5, "NoEmptyContinuation")]),
    (
        "FROM alpine\n# check=skip=all\nWORKDIR a\nWORKDIR b\n# check=skip=WorkdirRelativePath\nENV A b\nMAINTAINER x\n# check=skip=MaintainerDeprecated\nMAINTAINER y\n",
        &[(6, "LegacyKeyValueFormat"), (7, "MaintainerDeprecated")],
    ),
    (
        "# check=skip=FromAsCasing,StageNameCasing\nFROM alpine as A\n# check=skip=RedundantTargetPlatform\nFROM --platform=$TARGETPLATFORM alpine AS b\nfrom --platform=$TARGETPLATFORM alpine AS c\n",
        &[(5, "ConsistentInstructionCasing"), (5, "RedundantTargetPlatform")],
    ),
    (
        "FROM scratch\n# check=skip=UndefinedVar\nENV A=$b\nLABEL x=$y\n# check=skip=ExposeInvalidFormat,JSONArgsRecommended\nEXPOSE 1:2\nCMD x\n",
        &[(4, "UndefinedVar"), (7, "JSONArgsRecommended")],
    ),
];

/// Where BuildKit has it: for a comment at the instruction below.
fn line(doc: &Document, finding: &Finding) -> usize {
    let below = doc.syntax().instructions().iter().find(|placed| placed.start > finding.range.start);
    let at = below.filter(|_| finding.code == "InvalidDefinitionDescription").map(|placed| placed.start);
    doc.text().line_of(at.unwrap_or(finding.range.start)) + 1
}

#[test]
fn comments_hide_what_they_hide_from_buildkit() {
    let mut equal = 0;
    for (text, expected) in CASES {
        let doc = Document::open(text, 0);
        let findings = rules::check(&doc);
        let mut ours: Vec<_> = findings
            .iter()
            .filter(|finding| finding.code.starts_with(|c: char| c.is_ascii_uppercase()))
            .map(|finding| (line(&doc, finding), finding.code))
            .collect();
        ours.sort_unstable();
        let mut theirs: Vec<_> =
            expected.iter().copied().filter(|(_, code)| rules::rule_index(code).is_some()).collect();
        theirs.sort_unstable();
        assert_eq!(ours, theirs, "{text}");
        equal += theirs.len();
    }
    println!("{equal} checks of {} files as BuildKit has them", CASES.len());
}

fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = text.to_owned();
    for edit in edits.iter().rev() {
        out.replace_range(edit.range.clone(), &edit.text);
    }
    out
}

/// What is wrong with the fixes that should hide the findings of a file.
fn bad_ignores(text: &str) -> (usize, Vec<String>) {
    let doc = Document::open(text, 0);
    let before = rules::check(&doc);
    let errors = |findings: &[Finding]| findings.iter().filter(|f| f.severity == Severity::Error).count();
    let (mut fixes, mut bad) = (0, Vec::new());
    for finding in &before {
        let words = &text[finding.range.clone()];
        let ways: Vec<Fix> = rules::Ignore::new(&doc).ways(finding);
        // `skip` means nothing to the experimental check: who asked for it can take the word back.
        let can = finding.severity < Severity::Error && finding.code != "InvalidDefinitionDescription";
        if ways.is_empty() == can {
            bad.push(format!("{} ways to ignore {finding:?}", ways.len()));
        }
        for fix in ways {
            fixes += 1;
            let after = apply(text, &fix.edits);
            let mut now = rules::check(&Document::open(&after, 0));
            // Where a description has to be the last comment above its FROM, ours is one more.
            now.retain(|now| now.code != "InvalidDefinitionDescription" || now.code == finding.code);
            let count = |text: &str, findings: &[Finding]| {
                findings.iter().filter(|f| f.code == finding.code && text[f.range.clone()] == *words).count()
            };
            let of_rule = |findings: &[Finding]| findings.iter().filter(|f| f.code == finding.code).count();
            let left = count(&after, &now);
            let wrong = if left >= count(text, &before) {
                "still there"
            } else if fix.title.ends_with("in this file") && of_rule(&now) > 0 {
                "one of the rule is still there"
            } else if errors(&now) > errors(&before) || now.len() >= before.len() {
                "something new"
            } else {
                continue;
            };
            bad.push(format!("{}: {wrong} in\n{after}\n{now:#?}", fix.title));
        }
    }
    (fixes, bad)
}

/// The Dockerfiles in the documentation of the rules.
fn examples() -> Vec<String> {
    let docs = RULES.iter().map(|rule| rule.documentation());
    let blocks = |doc: String| {
        let blocks = doc
            .split("```dockerfile\n")
            .skip(1)
            .filter_map(|block| Some(block.split_once("```")?.0.to_owned()));
        blocks.collect::<Vec<_>>()
    };
    docs.flat_map(blocks).collect()
}

fn corpus() -> Vec<String> {
    let cases = shared::lines("oracle/cases.jsonl");
    let cases = cases.iter().map(|record| record["dockerfile"].as_str().expect("it has one").to_owned());
    let files = shared::lines("corpus/verdicts.jsonl");
    cases.chain(files.iter().map(shared::corpus_text)).collect()
}

#[test]
fn every_finding_that_stops_no_build_can_be_ignored() {
    let (mut fixes, mut wrong) = (0, Vec::new());
    let heads = [
        "",
        "\u{feff}",
        "#!x\n",
        "# syntax=docker/dockerfile:1\n",
        "# check=error=false\n# a comment\n",
        "# check=skip=X why\n\n",
        "# dockerfile-ls: skip=from-syntax why\n# x\n",
        "\n# x\n",
        "# check=experimental=X\nARG x\n# check=skip=X\n\n# dockerfile-ls: skip=from-syntax\n",
        "# x\n\n   ",
    ];
    let examples = examples();
    let examples = examples.iter().flat_map(|example| heads.map(|head| format!("{head}{example}")));
    let examples = examples.flat_map(|text| [text.replace('\n', "\r\n"), text]);
    for text in examples.chain(corpus()) {
        let (count, bad) = bad_ignores(&text);
        fixes += count;
        wrong.extend(bad);
    }
    println!("{fixes} ways to ignore, {} bad", wrong.len());
    assert!(wrong.is_empty(), "{}\n{} bad", wrong[..wrong.len().min(5)].join("\n----\n"), wrong.len());
}

#[test]
fn all_preferred_fixes_of_a_file_leave_none_and_bring_no_error() {
    let (mut files, mut edits_made, mut wrong) = (0, 0, Vec::new());
    let errors = |findings: &[Finding]| findings.iter().filter(|f| f.severity == Severity::Error).count();
    for text in examples().into_iter().chain(corpus()) {
        let doc = Document::open(&text, 0);
        let Some(edits) = rules::fix_all(&doc) else { continue };
        assert!(edits.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start), "{edits:?}");
        files += 1;
        edits_made += edits.len();
        let after = Document::open(&apply(&text, &edits), 0);
        let (before, now) = (rules::check(&doc), rules::check(&after));
        let left = now.iter().any(|finding| finding.fixes.iter().any(|fix| fix.preferred));
        if left || errors(&now) > errors(&before) {
            wrong.push(format!("{text}\nbecomes\n{}\n{now:#?}", after.text()));
        }
    }
    println!("{edits_made} edits in {files} files, {} bad", wrong.len());
    assert!(wrong.is_empty(), "{}\n{} bad", wrong[..wrong.len().min(5)].join("\n----\n"), wrong.len());
}
