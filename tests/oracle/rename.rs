//! Every named stage of every real file, renamed: the build must be the same, and the way back must lead to the same bytes.

use std::{collections::BTreeMap, fs};

use dockerfile_ls::{
    document::Document,
    features::rename::{RenameError, rename},
    stages::{Edge, Reference, ReferenceKind, Resolution, Stages},
    text::Edit,
};

use crate::shared;

/// The texts of the files in the corpus, by file name.
pub fn corpus() -> BTreeMap<String, String> {
    let Some(folder) = shared::folder() else { return BTreeMap::new() };
    let files = fs::read_dir(folder.join("corpus/dockerfiles")).expect("the corpus is readable");
    let paths = files.map(|entry| entry.expect("the corpus is readable").path());
    let read = |path: std::path::PathBuf| {
        let text = fs::read(&path).expect("the file is readable");
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        (name, String::from_utf8_lossy(&text).into_owned())
    };
    paths.map(read).collect()
}

pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = text.to_owned();
    for edit in edits.iter().rev() {
        out.replace_range(edit.range.clone(), &edit.text);
    }
    out
}

/// All that a build does, without the names of the stages.
#[derive(Debug, PartialEq)]
pub struct Graph<'a> {
    stages: usize,
    named: Vec<bool>,
    references: Vec<(ReferenceKind, bool, usize, usize, &'a Resolution)>,
    edges: &'a [Edge],
    built: Vec<Vec<bool>>,
    images: Vec<String>,
}

impl Graph<'_> {
    pub fn of(doc: &Document) -> Graph<'_> {
        let stages: &Stages = doc.stages();
        let fact = |r: &'_ Reference| -> (ReferenceKind, bool, usize, usize) {
            (r.kind, r.onbuild, r.stage, r.instruction)
        };
        let references = stages.references().iter().map(|reference| {
            let (kind, onbuild, stage, instruction) = fact(reference);
            (kind, onbuild, stage, instruction, &reference.resolution)
        });
        Graph {
            stages: stages.all().len(),
            named: stages.all().iter().map(|stage| stage.name.is_some()).collect(),
            references: references.collect(),
            edges: stages.edges(),
            built: (0..stages.all().len()).map(|target| stages.built_for(target)).collect(),
            images: stages.images(&stages.built()).into_iter().collect(),
        }
    }
}

/// What became of the renames.
#[derive(Default)]
struct Tally {
    done: usize,
    edits: usize,
    refused: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    /// Renames one stage in every way that there is, and back.
    fn rename(&mut self, file: &str, text: &str, doc: &Document, stage: usize, new_name: &str) {
        let stages = doc.stages();
        let name = stages.all()[stage].name.clone().expect("only named stages are renamed");
        let result = rename(doc, name.range.start, new_name);
        for reference in stages.references_to(stage).filter(|reference| reference.variable.is_none()) {
            if rename(doc, reference.range.start, new_name) != result
                || rename(doc, reference.range.end, new_name) != result
            {
                self.wrong
                    .push(format!("{file}: {} is renamed otherwise from {:?}", name.text, reference.range));
            }
        }
        match result {
            Ok(edits) => {
                self.done += 1;
                self.edits += edits.len();
                if let Err(why) = check(text, doc, stage, new_name, &edits) {
                    self.wrong.push(format!("{file}: {} as {new_name}: {why}", name.text));
                }
            }
            Err(error) => {
                let kind = format!("{error:?}");
                let kind = kind.split([' ', '(']).next().unwrap_or_default().to_owned();
                if kind != "UpperCase" {
                    println!("refused: {file}: {}: {error}", name.text);
                }
                *self.refused.entry(kind).or_default() += 1;
            }
        }
    }

    fn report(&self, what: &str) {
        let refused: usize = self.refused.values().sum();
        println!(
            "{what}: {} renamed with {} edits, {refused} refused {:?}, {} wrong",
            self.done,
            self.edits,
            self.refused,
            self.wrong.len()
        );
        assert!(self.wrong.is_empty(), "{}", self.wrong[..self.wrong.len().min(20)].join("\n"));
    }
}

/// Whether the edits rename the stage and nothing else.
fn check(text: &str, doc: &Document, stage: usize, new_name: &str, edits: &[Edit]) -> Result<(), String> {
    let after_text = apply(text, edits);
    let after = Document::open(&after_text, 0);
    if Graph::of(doc) != Graph::of(&after) {
        return Err(format!("the graph differs:\n{:#?}\n{:#?}", Graph::of(doc), Graph::of(&after)));
    }
    let name_of = |doc: &Document, index: usize| doc.stages().all()[index].name.clone().map(|name| name.text);
    for index in 0..doc.stages().all().len() {
        let expected = if index == stage { Some(new_name.to_owned()) } else { name_of(doc, index) };
        if name_of(&after, index) != expected {
            return Err(format!("stage {index} is called {:?}", name_of(&after, index)));
        }
    }
    for (before, now) in doc.stages().references().iter().zip(after.stages().references()) {
        let renamed = before.target() == Some(stage) && !before.is_number();
        let expected = if renamed { new_name } else { &before.text };
        if now.text != expected {
            return Err(format!("{} became {}", before.text, now.text));
        }
        // What other values than the defaults can choose, they still can; an image with its registry or tag chooses none.
        if before.text.contains(['/', ':', '@']) {
            continue;
        }
        let candidates = |reference: &Reference| {
            reference.variable.as_ref().map(|variable| variable.candidates.clone()).unwrap_or_default()
        };
        let now = candidates(now);
        if let Some(lost) = candidates(before).into_iter().find(|stage| !now.contains(stage)) {
            return Err(format!("{} can't mean stage {lost} any more", before.text));
        }
    }

    let declaration = after.stages().all()[stage].name.clone().expect("it was given one");
    let old_name = name_of(doc, stage).expect("it had one");
    let back = rename(&after, declaration.range.start, &old_name);
    let mut spellings = doc.stages().references_to(stage).filter(|reference| !reference.is_number());
    let one_spelling = spellings.all(|reference| reference.text == old_name);
    match back {
        // References that were written in another case, or over two lines, come back as the declaration is written.
        Ok(back) if one_spelling && !text_is_split(text, edits) => {
            let back = apply(&after_text, &back);
            if back != text { Err("the way back leads elsewhere".to_owned()) } else { Ok(()) }
        }
        Ok(back) => {
            let back = Document::open(&apply(&after_text, &back), 0);
            if Graph::of(&back) != Graph::of(doc) {
                Err("the way back builds else".to_owned())
            } else {
                Ok(())
            }
        }
        // BuildKit takes `AS Build` with `FROM build`; the other way round there is none to write.
        Err(RenameError::UpperCase { .. }) if old_name != old_name.to_lowercase() => Ok(()),
        // BuildKit takes a stage called `scratch`; nobody should be helped to call one so.
        Err(RenameError::Reserved(_)) => Ok(()),
        Err(error) => Err(format!("there is no way back: {error}")),
    }
}

pub fn text_is_split(text: &str, edits: &[Edit]) -> bool {
    edits.iter().any(|edit| text[edit.range.clone()].contains('\n'))
}

/// Renames all stages of all files, each text first changed by `change`.
fn rename_all(what: &str, new_name: &str, change: impl Fn(&str) -> String) {
    let mut tally = Tally::default();
    for (file, text) in corpus() {
        let text = change(&text);
        let doc = Document::open(&text, 0);
        for stage in doc.stages().all().iter().filter(|stage| stage.name.is_some()) {
            tally.rename(&file, &text, &doc, stage.index, new_name);
        }
    }
    tally.report(what);
}

#[test]
fn every_stage_of_every_real_file_can_be_renamed_and_back() {
    rename_all("fresh names", "fresh-name-1", str::to_owned);
}

#[test]
fn upper_case_is_taken_where_no_from_would_miss_it() {
    rename_all("fresh names in mixed case", "Fresh.Name_1", str::to_owned);
}

#[test]
fn references_in_another_case_follow() {
    rename_all("references and declarations in upper case", "fresh-name-1", |text| {
        let doc = Document::open(text, 0);
        let mut edits = Vec::new();
        let mut upper = |range: std::ops::Range<usize>| {
            let text = doc.text().slice(range.clone()).to_uppercase();
            edits.push(Edit { range, text });
        };
        for stage in doc.stages().all() {
            stage.name.iter().for_each(|name| upper(name.range.clone()));
        }
        for reference in doc.stages().references() {
            if reference.kind != ReferenceKind::From && reference.target().is_some() {
                upper(reference.range.clone());
            }
        }
        edits.sort_by_key(|edit| edit.range.start);
        apply(text, &edits)
    });
}

#[test]
fn references_are_found_over_windows_line_endings() {
    rename_all("with CRLF", "fresh-name-1", |text| text.replace("\r\n", "\n").replace('\n', "\r\n"));
}
