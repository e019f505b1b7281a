//! Findings, against BuildKit's errors and warnings.

use std::collections::{BTreeMap, BTreeSet};

use dockerfile_ls::{
    document::Document,
    rules::{self, Finding, Severity},
    stages::ReferenceKind,
    syntax::Keyword,
};
use serde_json::Value;

use crate::shared;

/// Where BuildKit's error has no line: the line (from 1) of what it is about.
const LINES: [(&str, u64); 9] = [
    ("COPY --from=5 out of range", 3),
    ("COPY --from=${V}", 5),
    ("unreachable error skipped in build, found in check", 2),
    ("only ARG", 1),
    ("check bad option", 1),
    ("escape invalid", 1),
    ("idx oob", 3),
    ("un var", 2),
    ("unreach err", 2),
];

/// Cases whose error is not for a rule of this kind, and why.
const OUT_OF_SCOPE: [&str; 3] = [
    // Its `# syntax=` asks for another frontend, which has directives of its own.
    "duplicate directive",
    // A target that is asked for and not there.
    "target 0",
    "target stage-0",
];

/// Cases that BuildKit converts, and whose build fails once it runs: what they copy or run is not there.
const FAILS_WHEN_RUN: [&str; 2] = ["COPY from empty scratch stage", "scratch run"];

/// What BuildKit finds only after parsing, when it follows stages and variables: errors of constructs that it parses.
const BEYOND_PARSING: [&str; 7] = [
    "invalid-flag-value",
    "UndefinedArgInFrom",
    "bad-platform",
    "invalid-expansion",
    "invalid-image-name",
    "stage-copies-from-itself",
    "variable-in-stage-reference",
];

fn line(doc: &Document, finding: &Finding) -> u64 {
    doc.text().line_of(finding.range.start) as u64 + 1
}

fn show(doc: &Document, findings: &[Finding]) -> String {
    let show = |f: &Finding| format!("  {}: {:?} {}: {}", line(doc, f), f.severity, f.code, f.message);
    findings.iter().map(show).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_case_that_buildkit_refuses_has_an_error_and_no_other_has() {
    let records = shared::lines("oracle/cases.jsonl");
    let (mut errors, mut warnings, mut accepted, mut other, mut wrong) = (0, 0, 0, 0, Vec::new());
    for record in &records {
        let name = record["name"].as_str().unwrap();
        let text = record["dockerfile"].as_str().unwrap();
        let doc = Document::open(text, 0);
        let findings = rules::check(&doc);
        let of = |severity| findings.iter().filter(move |finding| finding.severity == severity);
        let error = record["check"]["error"].as_str();
        let what =
            |problem: &str| format!("{name}: {problem} ({error:?})\n{text}\n{}", show(&doc, &findings));
        if OUT_OF_SCOPE.contains(&name) {
            other += 1;
            if of(Severity::Error).count() > 0 {
                wrong.push(what("an error, though it is out of scope"));
            }
            continue;
        }
        let Some(_) = error else {
            accepted += 1;
            if (of(Severity::Error).count() > 0) != FAILS_WHEN_RUN.contains(&name) {
                wrong.push(what("an error, though BuildKit accepts it, or none where it fails when it runs"));
            }
            continue;
        };
        let known = record["check"]["error_line"].as_u64().filter(|line| *line > 0);
        let hand = LINES.iter().find(|(case, _)| *case == name).map(|(_, line)| *line);
        let Some(expected) = known.or(hand) else {
            wrong.push(what("no line is known"));
            continue;
        };
        // What only the check of all stages refuses is a warning.
        let severity = if record["build"]["error"].is_null() { Severity::Warning } else { Severity::Error };
        let found: Vec<u64> = of(severity).map(|finding| line(&doc, finding)).collect();
        if !found.contains(&expected) {
            wrong.push(what(&format!("no {severity:?} on line {expected}")));
        } else if severity == Severity::Error {
            errors += 1;
        } else if of(Severity::Error).count() > 0 {
            wrong.push(what("an error, though it builds"));
        } else {
            warnings += 1;
        }
    }
    println!(
        "{errors} errors and {warnings} warnings where BuildKit has an error, none in {accepted} that it accepts; {other} \
         out of scope; {} cases",
        records.len()
    );
    assert!(wrong.is_empty(), "{}\n{} wrong", wrong.join("\n\n"), wrong.len());
}

#[test]
fn each_construct_that_buildkit_refuses_has_an_error_and_no_other_has() {
    let records = shared::lines("oracle/constructs.jsonl");
    let (mut refused, mut wrong) = (0, Vec::new());
    for record in &records {
        let doc = Document::open(record["dockerfile"].as_str().unwrap(), 0);
        let findings = rules::check(&doc);
        let errors: Vec<&Finding> = findings.iter().filter(|f| f.severity == Severity::Error).collect();
        let is_right = match record["error"].as_str() {
            None => errors.iter().all(|finding| BEYOND_PARSING.contains(&finding.code)),
            Some(error) => {
                refused += 1;
                // Those errors that don't say it are about the second line, or about files without one.
                let said =
                    error.split_once("on line ").and_then(|(_, rest)| rest.split(':').next()?.parse().ok());
                let expected: u64 = said.unwrap_or_else(|| doc.text().lines().min(3) as u64 - 1).max(1);
                errors.iter().any(|finding| line(&doc, finding) == expected)
            }
        };
        if !is_right {
            wrong.push(format!("{} ({}):\n{}", record["name"], record["error"], show(&doc, &findings)));
        }
    }
    println!("{refused} of {} constructs refused", records.len());
    assert!(wrong.is_empty(), "{}\n{} wrong", wrong.join("\n"), wrong.len());
}

#[test]
fn no_real_file_that_buildkit_accepts_has_an_error() {
    let records = shared::lines("corpus/verdicts.jsonl");
    let mut table: BTreeMap<(&str, Severity), (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for record in &records {
        let doc = Document::open(&shared::corpus_text(record), 0);
        let findings = rules::check(&doc);
        let mut here: BTreeMap<(&str, Severity), usize> = BTreeMap::new();
        for finding in &findings {
            *here.entry((finding.code, finding.severity)).or_default() += 1;
        }
        for (key, count) in here {
            let entry = table.entry(key).or_default();
            *entry = (entry.0 + count, entry.1 + 1);
        }
        let serious: Vec<Finding> =
            findings.into_iter().filter(|finding| finding.severity >= Severity::Information).collect();
        if !serious.is_empty() {
            let error = record["check"]["error"].as_str();
            println!("{} {error:?}\n{}", record["file"], show(&doc, &serious));
        }
        if record["check"]["error"].is_null() && serious.iter().any(|f| f.severity == Severity::Error) {
            wrong.push(format!("{}\n{}", record["file"], show(&doc, &serious)));
        }
    }
    for ((code, severity), (count, files)) in table {
        println!("{code:30} {severity:?}: {count} in {files} files");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files that BuildKit refuses here only because no registry was there to tell the base image's working directory, which
/// a mount's target counts from.
const NEEDS_A_REGISTRY: [&str; 1] = ["01128_crazy-max_diun__hack_docs.Dockerfile"];

#[test]
fn each_real_file_that_buildkit_refuses_has_its_finding_on_that_line() {
    let records = shared::lines("corpus/verdicts.jsonl");
    let (mut errors, mut arguments, mut others, mut wrong) = (0, 0, 0, Vec::new());
    for record in records.iter().filter(|record| !record["check"]["error"].is_null()) {
        let doc = Document::open(&shared::corpus_text(record), 0);
        let findings = rules::check(&doc);
        let at = record["check"]["error_line"].as_u64().expect("all of these have a line");
        let here = |finding: &&Finding| line(&doc, finding) == at;
        if findings.iter().filter(here).any(|finding| finding.severity == Severity::Error) {
            errors += 1;
        } else if findings.iter().filter(here).any(|finding| finding.code == "InvalidDefaultArgInFrom") {
            // It builds if the argument is passed: no error.
            arguments += 1;
        } else if NEEDS_A_REGISTRY.contains(&record["file"].as_str().unwrap()) {
            others += 1;
        } else {
            wrong.push(format!("{} {}\n{}", record["file"], record["check"]["error"], show(&doc, &findings)));
        }
    }
    println!("{errors} with an error, {arguments} with an argument that must be passed, {others} named");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// BuildKit's checks that need neither a registry nor other files.
const CHECKS: [&str; 18] = [
    "ConsistentInstructionCasing",
    "DuplicateStageName",
    "ExposeInvalidFormat",
    "ExposeProtoCasing",
    "FromAsCasing",
    "FromPlatformFlagConstDisallowed",
    "InvalidDefaultArgInFrom",
    "InvalidDefinitionDescription",
    "JSONArgsRecommended",
    "LegacyKeyValueFormat",
    "MaintainerDeprecated",
    "MultipleInstructionsDisallowed",
    "NoEmptyContinuation",
    "RedundantTargetPlatform",
    "ReservedStageName",
    "SecretsUsedInArgOrEnv",
    "StageNameCasing",
    "UndefinedArgInFrom",
];

/// The lines on which BuildKit has a finding: that of the instruction, for a trigger those of the FROMs that run it.
fn buildkit_lines(doc: &Document, finding: &Finding) -> Vec<u64> {
    let instructions = doc.syntax().instructions();
    let line_of = |index: usize| doc.text().line_of(instructions[index].start) as u64 + 1;
    let below = instructions.partition_point(|placed| placed.start <= finding.range.start);
    match finding.code {
        "NoEmptyContinuation" => vec![line(doc, finding)],
        // The finding is at the comment.
        "InvalidDefinitionDescription" => vec![line_of(below)],
        _ if instructions[below - 1].instruction.keyword == Keyword::Onbuild
            && finding.code != "ConsistentInstructionCasing" =>
        {
            let holder =
                doc.stages().of_instruction(below - 1).expect("an ONBUILD with findings is in a stage");
            let built = doc.stages().built();
            let users =
                doc.stages().references_to(holder.index).filter(|user| user.kind == ReferenceKind::From);
            users.filter(|user| built[user.stage]).map(|user| line_of(user.instruction)).collect()
        }
        _ => vec![line_of(below - 1)],
    }
}

/// What of BuildKit's warnings another finding on the same line says, as it has the same cause.
fn is_said_otherwise(rule: &str, codes: &[&str]) -> bool {
    let others: &[&str] = match rule {
        "InvalidDefaultArgInFrom" => &["UndefinedArgInFrom", "invalid-image-name", "from-stage-name-case"],
        "JSONArgsRecommended" => &["inline-comment", "invalid-json-form"],
        "StageNameCasing" => &["invalid-stage-name"],
        _ => &[],
    };
    codes.iter().any(|code| others.contains(code))
}

/// How the findings of one rule compare.
#[derive(Default)]
struct Row {
    equal: usize,
    said_otherwise: usize,
    /// BuildKit stops at an error before it gets to the check.
    refused: usize,
    missing: usize,
    extra: usize,
}

fn compare_checks(records: Vec<Value>, text: impl Fn(&Value) -> String, name: &str) {
    let mut table: BTreeMap<&str, Row> = CHECKS.map(|rule| (rule, Row::default())).into();
    let mut wrong = Vec::new();
    for record in &records {
        let text = text(record);
        let doc = Document::open(&text, 0);
        let findings = rules::check(&doc);
        let refused = !record["check"]["error"].is_null();
        for rule in CHECKS {
            let warnings = record["check"]["warnings"].as_array().unwrap();
            let warnings = warnings.iter().filter(|warning| warning["rule"] == rule);
            let mut theirs: Vec<u64> = warnings.map(|warning| warning["line"].as_u64().unwrap()).collect();
            let ours = findings.iter().filter(|finding| finding.code == rule);
            let mut extra = Vec::new();
            let row = table.get_mut(rule).expect("all are in it");
            for line in ours.flat_map(|finding| buildkit_lines(&doc, finding)) {
                match theirs.iter().position(|their| *their == line) {
                    Some(at) => {
                        theirs.swap_remove(at);
                        row.equal += 1;
                    }
                    None => extra.push(line),
                }
            }
            let codes = |at: u64| -> Vec<&str> {
                let here = findings.iter().filter(|finding| line(&doc, finding) == at);
                here.map(|finding| finding.code).collect()
            };
            let missing = theirs.len();
            theirs.retain(|&line| !is_said_otherwise(rule, &codes(line)));
            row.said_otherwise += missing - theirs.len();
            row.missing += theirs.len();
            match extra.len() {
                count if refused => row.refused += count,
                count => row.extra += count,
            }
            if !theirs.is_empty() || !(extra.is_empty() || refused) {
                wrong.push(format!("{} {rule}: extra {extra:?}, missing {theirs:?}", record[name]));
            }
        }
    }
    println!("{:32} equal  said otherwise  refused  missing  extra", "");
    for (rule, row) in table {
        println!(
            "{rule:32} {:5}  {:14}  {:7}  {:7}  {:5}",
            row.equal, row.said_otherwise, row.refused, row.missing, row.extra
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_cases_have_buildkits_warnings() {
    compare_checks(
        shared::lines("oracle/cases.jsonl"),
        |record| record["dockerfile"].as_str().unwrap().to_owned(),
        "name",
    );
}

#[test]
fn real_files_have_buildkits_warnings() {
    compare_checks(shared::lines("corpus/verdicts.jsonl"), shared::corpus_text, "file");
}

/// UndefinedVar and WorkdirRelativePath, of which BuildKit knows more with the base image at hand, and we with the file.
fn compare_variables(records: Vec<Value>, text: impl Fn(&Value) -> String, name: &str) {
    let mut table: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for record in &records {
        let doc = Document::open(&text(record), 0);
        let findings = rules::check(&doc);
        // BuildKit has the first line of the instruction.
        let line = |offset: usize| {
            let index = doc.syntax().instruction_at(offset).expect("it is about an instruction");
            doc.text().line_of(doc.syntax().instructions()[index].start) as u64 + 1
        };
        for rule in ["UndefinedVar", "WorkdirRelativePath"] {
            let warnings = record["check"]["warnings"].as_array().unwrap();
            let theirs = warnings.iter().filter(|warning| warning["rule"] == rule);
            // What is undefined in two words of one instruction is one finding.
            let theirs: BTreeSet<(u64, &str)> = theirs
                .map(|warning| (warning["line"].as_u64().unwrap(), warning["message"].as_str().unwrap()))
                .collect();
            let ours = findings.iter().filter(|finding| finding.code == rule);
            let ours: BTreeSet<(u64, &str)> =
                ours.map(|finding| (line(finding.range.start), finding.message.as_str())).collect();
            *table.entry((rule, "agreed")).or_default() += ours.intersection(&theirs).count();
            for (at, message) in theirs.difference(&ours) {
                let variable =
                    message.split_once("'$").and_then(|(_, rest)| rest.split_once('\'')).map(|(v, _)| v);
                let placed = doc.syntax().instructions().iter();
                let index =
                    placed.clone().position(|placed| line(placed.start) == *at).expect("an instruction");
                let stage = doc.stages().of_instruction(index).expect("in a stage").index;
                let says = |finding: &&Finding| {
                    let uses = doc.variables().uses_in(finding.range.clone());
                    uses.iter().any(|used| Some(&*used.name) == variable && used.stage == Some(stage))
                };
                let cause = match findings.iter().find(says) {
                    Some(finding) => finding.code,
                    None if variable.is_some() && !doc.variables().has_known_root(stage) => {
                        "the base image may set it"
                    }
                    None if message.contains("\"C:\\\\") => "absolute on Windows",
                    None => {
                        wrong.push(format!("{}:{at}: miss of {message}", record[name]));
                        continue;
                    }
                };
                *table.entry((rule, cause)).or_default() += 1;
            }
            for (at, message) in ours.difference(&theirs) {
                if record["check"]["error"].is_null() {
                    wrong.push(format!("{}:{at}: extra {message}", record[name]));
                } else {
                    *table.entry((rule, "extra in a file that BuildKit refuses")).or_default() += 1;
                }
            }
        }
    }
    for ((rule, what), count) in table {
        println!("{rule:20} {what}: {count}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_cases_have_buildkits_variables() {
    compare_variables(
        shared::lines("oracle/cases.jsonl"),
        |record| record["dockerfile"].as_str().unwrap().to_owned(),
        "name",
    );
}

#[test]
fn real_files_have_buildkits_variables() {
    compare_variables(shared::lines("corpus/verdicts.jsonl"), shared::corpus_text, "file");
}

/// The text after a fix; what is wrong with its edits otherwise.
fn apply(text: &str, fix: &rules::Fix) -> Result<String, String> {
    let mut out = String::new();
    let mut at = 0;
    for edit in &fix.edits {
        let before = text.get(at..edit.range.start).ok_or_else(|| format!("{edit:?} is out of order"))?;
        out = out + before + &edit.text;
        at = edit.range.end;
    }
    Ok(out + text.get(at..).ok_or("the last edit ends outside")?)
}

/// What is wrong with the fixes of a file.
fn bad_fixes(text: &str) -> (usize, Vec<String>) {
    let before = rules::check(&Document::open(text, 0));
    let errors = |findings: &[Finding]| findings.iter().filter(|f| f.severity == Severity::Error).count();
    let mut bad = Vec::new();
    let mut fixes = 0;
    for finding in &before {
        for fix in &finding.fixes {
            fixes += 1;
            let after = match apply(text, fix) {
                Ok(after) => after,
                Err(error) => {
                    bad.push(format!("{}: {error}\n{text}", fix.title));
                    continue;
                }
            };
            let doc = Document::open(&after, 0);
            let now = rules::check(&doc);
            // The same rule at the same words, wherever these are now.
            let same = |text: &str, findings: &[Finding], words: &str| {
                let is_same =
                    |other: &&Finding| other.code == finding.code && &text[other.range.clone()] == words;
                findings.iter().filter(is_same).count()
            };
            let words = &text[finding.range.clone()];
            if same(&after, &now, words) >= same(text, &before, words) {
                bad.push(format!("{}: still there in\n{after}\n{}", fix.title, show(&doc, &now)));
            }
            if errors(&now) > errors(&before) {
                bad.push(format!("{}: a new error in\n{after}\n{}", fix.title, show(&doc, &now)));
            }
        }
    }
    (fixes, bad)
}

#[test]
fn every_fix_removes_its_finding_and_brings_no_error() {
    let cases = shared::lines("oracle/cases.jsonl");
    let cases = cases.iter().map(|record| record["dockerfile"].as_str().unwrap().to_owned());
    let files = shared::lines("corpus/verdicts.jsonl");
    let mut fixes = 0;
    let mut wrong = Vec::new();
    for text in cases.chain(files.iter().map(shared::corpus_text)) {
        let (count, bad) = bad_fixes(&text);
        fixes += count;
        wrong.extend(bad);
    }
    println!("{fixes} fixes, {} bad", wrong.len());
    assert!(wrong.is_empty(), "{}\n{} bad", wrong[..wrong.len().min(8)].join("\n----\n"), wrong.len());
}

/// Two letters swapped in one name of a real file: one finding more, and no other.
#[test]
fn one_misspelt_name_is_one_finding() {
    let (mut cases, mut near, mut wrong) = (0, 0, Vec::new());
    for record in
        shared::lines("corpus/verdicts.jsonl").iter().filter(|record| record["stages"].as_u64() > Some(1))
    {
        let text = shared::corpus_text(record);
        let doc = Document::open(&text, 0);
        let before = rules::check(&doc);
        for reference in doc.stages().references() {
            let name = &reference.text;
            let swapped: String = match name.char_indices().nth(2) {
                Some((at, c)) if name.len() >= 4 && name.is_ascii() && !name[1..2].contains(c) => {
                    format!("{}{c}{}{}", &name[..1], &name[1..at], &name[at + 1..])
                }
                _ => continue,
            };
            let Some(target) = reference.target().filter(|_| reference.kind != ReferenceKind::From) else {
                continue;
            };
            // What stands only above by its number, or in an ONBUILD, is another matter.
            if reference.is_number() || reference.onbuild || doc.stages().names().with_name(name).len() > 1 {
                continue;
            }
            cases += 1;
            let changed =
                format!("{}{swapped}{}", &text[..reference.range.start], &text[reference.range.end..]);
            let changed = Document::open(&changed, 0);
            let after = rules::check(&changed);
            let new: Vec<&Finding> = after
                .iter()
                .filter(|new| {
                    let is_old = |old: &&Finding| old.code == new.code && old.message == new.message;
                    before.iter().find(is_old).is_none()
                })
                .collect();
            let declared = doc.stages().all()[target].name.as_ref().expect("it is referred to by name");
            match new[..] {
                [new] if new.code == "unknown-stage-reference" => {
                    near +=
                        usize::from(new.message.ends_with(&format!("Did you mean \"{}\"?", declared.text)));
                }
                _ => wrong.push(format!("{} {name}:\n{}", record["file"], show(&changed, &after))),
            }
        }
    }
    println!("{cases} misspelt names, {near} with the right one suggested");
    assert!(wrong.is_empty(), "{}\n{} wrong", wrong[..wrong.len().min(9)].join("\n"), wrong.len());
}

/// Cuts each file off after every so many characters, and leaves out every so many: nothing may panic, and every range is
/// inside the text and on the border of a character.
#[test]
fn no_text_is_too_broken() {
    let cases = shared::lines("oracle/cases.jsonl");
    let cases = cases.iter().map(|record| (record["dockerfile"].as_str().unwrap().to_owned(), 1));
    let files = shared::lines("corpus/verdicts.jsonl");
    let files = files.iter().filter(|record| record["stages"].as_u64() > Some(1));
    let mut texts = 0;
    for (text, step) in cases.chain(files.map(|record| (shared::corpus_text(record), 997))) {
        for (at, c) in text.char_indices().step_by(step) {
            let without = format!("{}{}", &text[..at], &text[at + c.len_utf8()..]);
            for text in [&text[..at], &without] {
                texts += 1;
                for finding in rules::check(&Document::open(text, 0)) {
                    let related = finding.related.iter().map(|related| &related.range);
                    for range in related.chain([&finding.range]) {
                        assert!(text.get(range.clone()).is_some(), "{finding:?} in\n{text}");
                    }
                    for fix in &finding.fixes {
                        apply(text, fix).unwrap_or_else(|error| panic!("{}: {error} in\n{text}", fix.title));
                    }
                }
            }
        }
    }
    println!("{texts} broken texts");
}
