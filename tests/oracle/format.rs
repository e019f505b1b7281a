//! Formatted files: what BuildKit reads of them, and what we find in them, is what it was.

use std::collections::BTreeMap;

use dockerfile_ls::{
    document::Document,
    features::format::{Style, format},
    rules,
    settings::{Continuation, Format, Indent, KeywordCase},
    shell::{Piece, Script},
    syntax::{Arguments, Keyword},
};
use serde_json::Value;

use crate::{parsing::all_facts, shared};

fn formatted(text: &str, style: &Style) -> String {
    let mut out = String::new();
    let mut at = 0;
    for edit in format(&Document::open(text, 0), style, None) {
        out.push_str(&text[at..edit.range.start]);
        out.push_str(&edit.text);
        at = edit.range.end;
    }
    out + &text[at..]
}

/// The instructions in the shape of `instructions.jsonl`, but for their lines.
fn unplaced(facts: &[Value]) -> Vec<Value> {
    let without = |fact: &Value| {
        let mut fact = fact.clone();
        let fields = fact.as_object_mut().expect("facts are objects");
        fields.retain(|name, _| !name.ends_with("_line"));
        fact
    };
    facts.iter().map(without).collect()
}

/// What is beyond the shape of that list: arguments, heredocs, and what a shell makes of its text.
///
/// The shell form keeps blanks of continued lines, and a shell does not care for them outside of quotes. So it counts as the
/// same if its text between blanks is the same, and the words of its commands as tree-sitter-bash reads them, in which
/// blanks within quotes are a part.
fn arguments(doc: &Document) -> Vec<String> {
    let all = doc.syntax().instructions().iter().map(|placed| {
        let instruction = placed.instruction.effective();
        let bodies: Vec<_> = instruction
            .heredocs
            .iter()
            .map(|heredoc| doc.text().slice(placed.at(heredoc.body.clone())))
            .collect();
        let read = match &instruction.arguments {
            Arguments::Words { words, .. } => {
                format!("{:?}", words.iter().map(|it| it.text()).collect::<Vec<_>>())
            }
            Arguments::Pairs(pairs) => {
                let pairs = pairs.iter().map(|it| (it.name.text(), it.value.as_ref().map(|it| it.text())));
                format!("{:?}", pairs.collect::<Vec<_>>())
            }
            Arguments::Text(word)
                if matches!(instruction.keyword, Keyword::Unknown | Keyword::Maintainer) =>
            {
                word.text().to_owned()
            }
            Arguments::Text(word) => format!("{:?} {:?}", parts(word.text()), commands(word.text())),
            Arguments::From(_) | Arguments::Onbuild(_) | Arguments::Nothing => String::new(),
        };
        format!("{read} {bodies:?}")
    });
    all.collect()
}

fn parts(text: &str) -> Vec<&str> {
    text.split([' ', '\t']).filter(|part| !part.is_empty()).collect()
}

fn commands(text: &str) -> Vec<Vec<String>> {
    let piece = |piece: &Piece| match piece {
        Piece::Variable(name, _) => format!("${name}"),
        Piece::Text(text) | Piece::Pattern(text) => text.clone(),
        Piece::Any => "…".to_owned(),
    };
    let script = Script::parse(text);
    let words = script.commands.iter().map(|command| {
        let values = command.assignments.iter().map(|assignment| &assignment.value);
        let all =
            values.chain(&command.words).chain(command.redirects.iter().map(|redirect| &redirect.target));
        all.map(|word| word.pieces.iter().map(piece).collect()).collect()
    });
    words.collect()
}

/// How often each rule finds something. The case of keywords is a matter of style.
fn findings(doc: &Document) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in rules::check_only(doc) {
        if !["ConsistentInstructionCasing", "FromAsCasing"].contains(&finding.code) {
            *counts.entry(finding.code).or_default() += 1;
        }
    }
    counts
}

#[test]
fn formatting_real_files_changes_nothing_that_is_read() {
    let plain = Format::default();
    let other = Format {
        keyword_case: KeywordCase::Lower,
        indent: Indent::Tabs,
        continuation: Continuation::Align,
        ..plain
    };
    let (mut changed, mut files) = (0, 0);
    for record in shared::lines("corpus/instructions.jsonl") {
        let lines = shared::corpus_text(&record);
        let windows = lines.replace("\r\n", "\n").replace('\n', "\r\n");
        files += 1;
        for (text, settings) in [(&lines, &plain), (&lines, &other), (&windows, &plain)] {
            let style = Style::alone(settings);
            let once = formatted(text, &style);
            let file = &record["file"];
            changed += usize::from(once != *text);
            assert!(formatted(&once, &style) == once, "{file} changes again");
            assert!(
                !once.replace("\r\n", "").contains('\n') || settings == &other || text == &lines,
                "{file}"
            );
            let (before, after) = (Document::open(text, 0), Document::open(&once, 0));
            let facts = unplaced(&all_facts(&after));
            if record["accepted"] == true {
                let theirs = record["instructions"].as_array().expect("a list");
                assert_eq!(facts, unplaced(theirs), "{file}: BuildKit's list");
            }
            assert_eq!(facts, unplaced(&all_facts(&before)), "{file}: our list");
            assert_eq!(arguments(&after), arguments(&before), "{file}");
            assert_eq!(findings(&after), findings(&before), "{file}");
        }
    }
    println!("{files} files in three variants, {changed} of them changed by formatting");
}
