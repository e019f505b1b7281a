//! Instructions, their lines, bases, names, `--from` and mounts: equal to BuildKit's.

use dockerfile_ls::{
    document::Document,
    syntax::{Arguments, Placed},
};
use serde_json::{Value, json};

use crate::shared;

/// What we read, in the shape of `instructions.jsonl`.
fn facts(doc: &Document, placed: &Placed) -> Value {
    let range = placed.range();
    let line = |offset| doc.text().line_of(offset) + 1;
    let outer = &placed.instruction;
    let mut fact = json!({
        "instruction": outer.word.text().to_uppercase(),
        "first_line": line(range.start),
        "last_line": line(range.end.saturating_sub(1).max(range.start)),
    });
    let instruction = outer.effective();
    if let Arguments::From(from) = &instruction.arguments {
        fact["base"] = json!(from.base.as_ref().map(|word| word.text()));
        if let Some(name) = &from.name {
            fact["stage_name"] = json!(name.text());
        }
    }
    if let Some(value) = instruction.flag("from").and_then(|flag| flag.value.as_ref()) {
        fact["from"] = json!(value.text());
    }
    let flags: Vec<String> = instruction
        .flags
        .iter()
        .map(|flag| match &flag.value {
            Some(value) => format!("--{}={}", flag.name.text(), value.text()),
            None => format!("--{}", flag.name.text()),
        })
        .collect();
    if !flags.is_empty() {
        fact["flags"] = json!(flags);
    }
    let mounts: Vec<&str> = instruction
        .flags
        .iter()
        .flat_map(|flag| &flag.mount)
        .filter(|option| option.key.text().eq_ignore_ascii_case("from"))
        .filter_map(|option| Some(option.value.as_ref()?.text()))
        .collect();
    if !mounts.is_empty() {
        fact["mount_from"] = json!(mounts);
    }
    fact
}

pub fn all_facts(doc: &Document) -> Vec<Value> {
    doc.syntax().instructions().iter().map(|placed| facts(doc, placed)).collect()
}

/// Compares a file with BuildKit's list and says how they differ.
fn difference(text: &str, record: &Value) -> Option<String> {
    let ours = all_facts(&Document::open(text, 0));
    let theirs = record["instructions"].as_array().expect("a list");
    if ours == *theirs {
        return None;
    }
    let at = ours.iter().zip(theirs).position(|(a, b)| a != b).unwrap_or(ours.len().min(theirs.len()));
    Some(format!(
        "instruction {at}:\n  ours   {:?}\n  theirs {:?}",
        ours.get(at).map(Value::to_string),
        theirs.get(at).map(Value::to_string)
    ))
}

fn compare(records: Vec<Value>, text: impl Fn(&Value) -> String, name: &str) {
    let mut wrong = Vec::new();
    let mut equal = 0;
    for record in records.iter().filter(|record| record["accepted"] == true) {
        match difference(&text(record), record) {
            Some(difference) => wrong.push(format!("{}: {difference}", record[name])),
            None => equal += 1,
        }
    }
    println!("{equal} of {} files as BuildKit reads them", equal + wrong.len());
    assert!(wrong.is_empty(), "{}\n{} differ", wrong.join("\n"), wrong.len());
}

#[test]
fn constructs_are_read_as_buildkit_reads_them() {
    compare(
        shared::lines("oracle/constructs.jsonl"),
        |record| record["dockerfile"].as_str().unwrap().to_owned(),
        "name",
    );
}

#[test]
fn real_files_are_read_as_buildkit_reads_them() {
    compare(shared::lines("corpus/instructions.jsonl"), shared::corpus_text, "file");
}

/// The nodes that `file` has with `line` in it, against those it has without: each other instruction must be there, with
/// the same facts.
fn damage(before: &[Value], after: &[Value], lines_before: u64, may_swallow: usize) -> Option<String> {
    let shift = |fact: &Value| {
        let mut fact = fact.clone();
        for key in ["first_line", "last_line"] {
            let line = fact[key].as_u64().unwrap();
            fact[key] = json!(if line > lines_before { line + 1 } else { line });
        }
        fact
    };
    let expected: Vec<Value> = before.iter().map(shift).collect();
    let (above, below): (Vec<_>, Vec<_>) =
        expected.into_iter().partition(|fact| fact["first_line"].as_u64().unwrap() <= lines_before);
    let missing: Vec<_> = above.iter().filter(|fact| !after.contains(fact)).collect();
    if !missing.is_empty() {
        return Some(format!("above: {missing:?}"));
    }
    let missing: Vec<_> = below.iter().filter(|fact| !after.contains(fact)).collect();
    let swallowed = below.iter().take(may_swallow).filter(|fact| missing.contains(fact)).count();
    (missing.len() > swallowed).then(|| format!("below: {missing:?}"))
}

#[test]
fn an_unfinished_line_leaves_every_other_instruction_as_it_is() {
    let Some(folder) = shared::folder() else { return };
    let unfinished = std::fs::read_to_string(folder.join("oracle/unfinished-lines.json")).unwrap();
    let unfinished: Vec<Value> = serde_json::from_str(&unfinished).unwrap();
    let verdicts = shared::lines("corpus/verdicts.jsonl");
    let multi_stage = verdicts.iter().filter(|record| record["stages"].as_u64() > Some(1));
    let (mut cases, mut wrong, mut files) = (0, Vec::new(), 0);
    for record in multi_stage.take(130) {
        let text = shared::corpus_text(record).replace("\r\n", "\n");
        let doc = Document::open(&text, 0);
        let before = all_facts(&doc);
        let line_of = |fact: &Value| fact["first_line"].as_u64().unwrap();
        let froms: Vec<&Value> = before.iter().filter(|fact| fact["instruction"] == "FROM").collect();
        let Some(last_from) = froms.last().filter(|_| froms.len() > 1) else { continue };
        files += 1;
        let middle = &before[before.len() / 2];
        // After the first FROM, before the last, in the middle, at the end: as numbers of lines above.
        let places = [
            froms[0]["last_line"].as_u64().unwrap(),
            line_of(last_from) - 1,
            line_of(middle) - 1,
            text.lines().count() as u64,
        ];
        for place in places {
            for case in &unfinished {
                let line = case["line"].as_str().unwrap();
                let may_swallow = &case["following_instructions_it_may_swallow"];
                let may_swallow = may_swallow.as_u64().map_or(usize::MAX, |count| count as usize);
                let offset = doc.text().line_start(place as usize);
                let newline = if offset > 0 && !text[..offset].ends_with('\n') { "\n" } else { "" };
                let inserted = format!("{newline}{line}\n");

                let mut draft = doc.draft();
                draft.replace(offset..offset, &inserted);
                let edited = draft.finish(1);
                let fresh = Document::open(&edited.text().to_string(), 1);
                let what = || format!("{} with `{line}` after line {place}", record["file"]);
                cases += 1;
                if all_facts(&edited) != all_facts(&fresh) {
                    wrong.push(format!("{}: the incremental instructions differ", what()));
                }
                if let Some(damage) = damage(&before, &all_facts(&fresh), place, may_swallow) {
                    wrong.push(format!("{}: {damage}", what()));
                }
            }
        }
    }
    println!("{cases} cases in {files} files, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong[..wrong.len().min(20)].join("\n"));
}
