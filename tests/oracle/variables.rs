//! Every ARG and ENV of every real file, renamed: all must mean the same, nothing may be left behind, and the way back must
//! lead to the same bytes. And every use of one leads to a declaration that gives it its value.

use std::collections::{BTreeMap, HashSet};

use dockerfile_ls::{
    document::Document,
    features::{
        definition::definition,
        rename::{RenameError, rename},
    },
    rules,
    syntax::variables::Reader,
    variables::{Declaration, Group, Meaning, Symbol, Use},
};

use crate::rename::{Graph, apply, corpus, text_is_split};

const NEW_NAME: &str = "FRESH_NAME_1";

#[derive(Default)]
struct Tally {
    done: usize,
    edits: usize,
    refused: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    /// Renames each variable of a file once, asked at each of its declarations.
    fn file(&mut self, file: &str, text: &str) {
        let doc = Document::open(text, 0);
        let mut seen: HashSet<usize> = HashSet::new();
        for index in 0..doc.variables().declarations().len() {
            if seen.contains(&index) {
                continue;
            }
            let declaration = &doc.variables().declarations()[index];
            let group = doc.variables().group(doc.stages(), Symbol::Declaration(index));
            seen.extend(&group.declarations);
            let result = rename(&doc, declaration.range.start, NEW_NAME);
            let declared =
                group.declarations.iter().map(|&index| &doc.variables().declarations()[index].range);
            let used = group.uses.iter().map(|&index| &doc.variables().uses()[index].range);
            for range in declared.chain(used) {
                if rename(&doc, range.end, NEW_NAME) != result {
                    self.wrong
                        .push(format!("{file}: {} is renamed otherwise from {range:?}", declaration.name));
                }
            }
            match result {
                Ok(edits) => {
                    self.done += 1;
                    self.edits += edits.len();
                    let after = apply(text, &edits);
                    let now = Document::open(&after, 0);
                    let place = now.variables().declarations()[index].range.start;
                    let back = rename(&now, place, &declaration.name);
                    let split = text_is_split(text, &edits);
                    match back.map(|back| apply(&after, &back) == text) {
                        Ok(true) => {}
                        Ok(false) if split => {}
                        // A variable of another stage has kept the name, and both would be hard to tell apart.
                        Err(RenameError::VariableTaken { .. })
                            if shares_name(&doc, &group, &declaration.name) => {}
                        back => {
                            self.wrong.push(format!("{file}: {}: the way back: {back:?}", declaration.name))
                        }
                    }
                    if let Err(why) = check(&doc, &after, &group, &declaration.name) {
                        self.wrong.push(format!("{file}: {}: {why}", declaration.name));
                    }
                }
                Err(error) => {
                    let kind = format!("{error:?}");
                    let kind = kind.split([' ', '(']).next().unwrap_or_default().to_owned();
                    if kind != "WellKnown" {
                        println!("refused: {file}: {}: {error}", declaration.name);
                    }
                    *self.refused.entry(kind).or_default() += 1;
                }
            }
        }
    }
}

/// Whether a variable that is not of the group has the name, too.
fn shares_name(doc: &Document, group: &Group, name: &str) -> bool {
    let declarations = doc.variables().declarations().iter().filter(|it| *it.name == *name).count();
    let uses = doc.variables().uses().iter().filter(|it| *it.name == *name).count();
    declarations > group.declarations.len() || uses > group.uses.len()
}

fn check(doc: &Document, after: &str, group: &Group, name: &str) -> Result<(), String> {
    let now = Document::open(after, 0);
    if Graph::of(doc) != Graph::of(&now) {
        return Err("the graph differs".into());
    }
    let codes = |doc: &Document| {
        let line = |offset| doc.text().line_of(offset);
        let mut all = rules::check(doc);
        // It goes by the name alone.
        all.retain(|finding| finding.code != "SecretsUsedInArgOrEnv");
        let mut found: Vec<_> = all.iter().map(|finding| (finding.code, line(finding.range.start))).collect();
        found.sort();
        found
    };
    if codes(doc) != codes(&now) {
        return Err(format!("the findings differ: {:?} {:?}", codes(doc), codes(&now)));
    }
    // Without the help of the table of uses: who spells the old name where the new one is known?
    let variables = now.variables();
    for (at, _) in after.match_indices(name) {
        let (before, behind) = (&after[..at], &after[at + name.len()..]);
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let looks_used = ["$", "${", "$env:", "${#", "${!"].iter().any(|sign| before.ends_with(sign))
            || (before.ends_with('%') && behind.starts_with('%'));
        let Some(index) = now.syntax().instruction_at(at).filter(|_| looks_used) else { continue };
        if behind.starts_with(is_part) {
            continue;
        }
        let stage = now.stages().of_instruction(index).map(|stage| stage.index);
        let instruction = now.syntax().instructions()[index].start;
        let visible = variables.visible(now.stages(), stage, instruction);
        let sees = visible.iter().any(|&index| *variables.declarations()[index].name == *NEW_NAME);
        let is_own = variables.at(at).is_some_and(|symbol| {
            // Another variable of the old name, not of the group.
            matches!(symbol, Symbol::Use(index) if !variables.meant(&variables.uses()[index]).is_empty())
        });
        if sees && !is_own {
            let line = now.text().line_of(at) + 1;
            return Err(format!("line {line} still uses the old name ({} uses changed)", group.uses.len()));
        }
    }
    Ok(())
}

fn rename_all(what: &str, change: impl Fn(&str) -> String) {
    let mut tally = Tally::default();
    for (file, text) in corpus() {
        tally.file(&file, &change(&text));
    }
    let refused: usize = tally.refused.values().sum();
    println!(
        "{what}: {} renamed with {} edits, {refused} refused {:?}, {} wrong",
        tally.done,
        tally.edits,
        tally.refused,
        tally.wrong.len()
    );
    assert!(tally.wrong.is_empty(), "{}", tally.wrong[..tally.wrong.len().min(40)].join("\n"));
}

#[test]
fn every_variable_of_every_real_file_can_be_renamed_and_back() {
    rename_all("variables", str::to_owned);
}

#[test]
fn variables_are_found_over_windows_line_endings() {
    rename_all("variables with CRLF", |text| text.replace("\r\n", "\n").replace('\n', "\r\n"));
}

#[test]
fn every_use_leads_to_a_declaration_that_gives_it_its_value() {
    let (mut uses, mut declared) = (0, 0);
    for (file, text) in corpus() {
        let doc = Document::open(&text, 0);
        for used in doc.variables().uses() {
            uses += 1;
            let found = definition(&doc, used.range.start);
            let Meaning::Declared(_) = used.meaning else {
                // A stage that the base as a whole stands for, what the command sets itself, or what another base than by
                // default declares.
                for target in found.iter().flat_map(|definition| &definition.targets) {
                    let is_assignment =
                        |it: &Use| it.reader == Reader::Assignment && it.range == target.selection;
                    let is_declared = |it: &Declaration| it.name == used.name && it.range == target.selection;
                    assert!(
                        used.stage.is_none()
                            || doc.variables().uses().iter().any(is_assignment)
                            || doc.variables().declarations().iter().any(is_declared),
                        "{file}: {}",
                        used.name
                    );
                }
                continue;
            };
            declared += 1;
            let targets = found.expect("a declared variable leads somewhere").targets;
            let [target] = targets.as_slice() else { panic!("{file}: {} leads to {targets:?}", used.name) };
            let meant = doc.variables().meant(used);
            let nearest = &doc.variables().declarations()[meant[0]];
            assert_eq!(target.selection, nearest.range, "{file}: {}", used.name);
            assert_eq!(nearest.name, used.name, "{file}");
        }
    }
    println!("{uses} uses, {declared} of a declaration");
}
