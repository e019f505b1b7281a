//! What COPYs take from other stages of the file.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use super::context::Context;
use crate::{
    flow::{self, Known, StageFlow, path},
    stages::ReferenceKind,
    syntax::{Keyword, Placed, Word},
};

/// A COPY from a stage above. Those of ONBUILDs are not among them.
#[derive(Debug, Clone, Copy)]
pub struct Copying<'a> {
    pub placed: &'a Placed,
    /// As index into [`Syntax::instructions`](crate::syntax::Syntax::instructions).
    pub index: usize,
    /// The stage that it stands in.
    pub stage: usize,
    /// Its number in that stage.
    pub number: usize,
    /// The stage that it copies from.
    pub from: usize,
    /// What flows in that one.
    pub flow: &'a StageFlow,
    pub sources: &'a [Word],
    pub destination: &'a Word,
}

/// All of a file that concern paths of Linux, in file order.
pub fn all<'a>(context: &Context<'a>) -> impl Iterator<Item = Copying<'a>> {
    let references = context.stages.references().iter();
    let copies = references.filter(|reference| reference.kind == ReferenceKind::Copy && !reference.onbuild);
    copies.filter_map(|reference| {
        let from = reference.target().filter(|&from| from < reference.stage)?;
        if context.is_replaced(from) {
            return None;
        }
        let placed = context.instruction(reference.instruction);
        let (destination, sources) = placed.instruction.meant_words().split_last()?;
        let flow = context.flow();
        if sources.is_empty() || flow.stage(reference.stage).is_windows() || flow.stage(from).is_windows() {
            return None;
        }
        let number = reference.instruction - context.stages.all()[reference.stage].instructions.start;
        let (index, stage) = (reference.instruction, reference.stage);
        Some(Copying { placed, index, stage, number, from, flow: flow.stage(from), sources, destination })
    })
}

impl Copying<'_> {
    /// The path of a source in the stage that it comes from, absolute and clean: it starts at the root of that stage,
    /// wherever its working directory is. `None` for a heredoc.
    pub fn source(&self, context: &Context<'_>, word: &Word) -> Option<Known<String>> {
        if word.text().starts_with("<<") {
            return None;
        }
        let text = flow::text_of(context.doc, self.index, word);
        let path = path::join(Some("/"), text.value.as_deref()?)?;
        Some(Known { value: Some(path), certain: text.certain })
    }

    /// Where it copies to, absolute and clean.
    pub fn target(&self, context: &Context<'_>) -> Known<String> {
        destination(context, self.index, self.stage, self.number, self.destination)
    }
}

/// Where the destination of a COPY or ADD is: `index` as in [`Copying::index`], `number` as in [`Copying::number`].
pub fn destination(
    context: &Context<'_>,
    index: usize,
    stage: usize,
    number: usize,
    word: &Word,
) -> Known<String> {
    context.flow().stage(stage).before(number).path(&flow::text_of(context.doc, index, word))
}

/// Most facts that a rule looks at for all COPYs of a file together: no file by hand comes near.
pub const LOOKED_AT: usize = 1_000_000;

/// A stage as messages name it inside a sentence.
pub fn stage_title(context: &Context<'_>, stage: usize) -> String {
    match &context.stages.all()[stage].name {
        Some(name) => format!("stage \"{}\"", name.text),
        None => format!("stage {stage}"),
    }
}

/// Directories that images of Linux have at their root.
const ROOTS: [&str; 23] = [
    "bin", "boot", "dev", "etc", "go", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "nix",
    "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var",
];

/// Whether an absolute path lies in a directory that images of Linux have at their root.
pub fn is_of_system(path: &str) -> bool {
    let top = top(path);
    top.is_empty() || ROOTS.binary_search(&top).is_ok()
}

/// The first name of an absolute path.
pub fn top(path: &str) -> &str {
    path.trim_start_matches('/').split('/').next().unwrap_or_default()
}

/// The directories at the root that the instructions of stages name anywhere, each stage read once.
#[derive(Debug, Default)]
pub struct Mentions {
    stages: HashMap<usize, HashSet<String>>,
}

impl Mentions {
    /// Whether `stage`, or one that it builds on, names the directory that `path` (absolute) starts with.
    pub fn name(&mut self, context: &Context<'_>, stage: usize, path: &str) -> bool {
        context.flow().stage(stage).chain().any(|stage| {
            let named = self.stages.entry(stage.index()).or_insert_with(|| named(context, stage.index()));
            named.contains(top(path))
        })
    }
}

fn named(context: &Context<'_>, stage: usize) -> HashSet<String> {
    let instructions = context.stages.all()[stage].instructions.clone().skip(1);
    let mut found = HashSet::new();
    for index in instructions {
        let placed = context.instruction(index);
        let instruction = placed.instruction.effective();
        // What a COPY takes says nothing of the stage that it stands in.
        let from = match instruction.keyword {
            Keyword::Copy | Keyword::Add => {
                instruction.meant_words().last().map_or(placed.start, |word| placed.at(word.range()).start)
            }
            _ => placed.start,
        };
        let text = context.doc.text().slice(from..placed.range().end);
        found.extend(tops(&text).map(|range| text[range].to_owned()));
    }
    found
}

/// The first names of the absolute paths in a text, in bytes of it.
fn tops(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.match_indices('/').filter_map(move |(at, _)| {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| is_name(c) || matches!(c, '/' | '}' | '~' | '*' | ')')) {
            return None;
        }
        let rest = &text[at + 1..];
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        (end > 0).then_some(at + 1..at + 1 + end)
    })
}
