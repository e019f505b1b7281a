//! What can stand at the cursor. One file per kind of place.

mod account;
mod argument;
mod caches;
mod flag;
mod forms;
mod image;
mod keyword;
mod mount;
mod path;
mod place;
mod probe;
mod recipe;
mod stage;
mod template;
#[cfg(test)]
mod tests;
mod value;
mod variable;

use std::{collections::HashSet, ops::Range};

pub use image::images_of;

use super::{comments, topic::Topic};
use crate::document::Document;
use place::{Place, Spot};

/// What a completion stands for; the client shows an icon for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionKind {
    Stage,
    /// A build context that another file gives.
    Context,
    /// The name of a rule.
    Rule,
    /// A directive, or a part of one.
    Directive,
    Variable,
    /// The keyword of an instruction, or another word of the language.
    Keyword,
    /// Several lines, or an instruction with its arguments.
    Snippet,
    Flag,
    /// An option of a mount.
    Option,
    /// One of a few values.
    Value,
    Image,
    File,
    Folder,
    /// A user or a group.
    Account,
}

/// One thing that can stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    pub label: String,
    pub kind: CompletionKind,
    /// What the item replaces when the whole word is replaced, in bytes.
    pub replace: Range<usize>,
    /// What the item replaces when text behind the cursor is kept, in bytes: from the word's start to the cursor.
    pub insert: Range<usize>,
    /// What is written there.
    pub text: String,
    /// What is written there by clients that take snippets (LSP, "Snippet Syntax"), if that is something else.
    pub snippet: Option<String>,
    /// One short line beside the label.
    pub detail: Option<String>,
    pub documentation: Documentation,
    /// What the client compares with what is typed; the label if `None`.
    pub filter: Option<String>,
    /// Whether nobody should use it any more.
    pub deprecated: bool,
}

/// What a client shows beside an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Documentation {
    #[default]
    Nothing,
    /// Markdown.
    Text(String),
    /// Told when the client asks for it.
    Topic(Topic),
}

impl Completion {
    /// An item that writes its label over `word` (bytes), with the cursor at `offset`.
    pub fn new(
        label: impl Into<String>,
        kind: CompletionKind,
        word: &Range<usize>,
        offset: usize,
    ) -> Completion {
        let label = label.into();
        Completion {
            text: label.clone(),
            label,
            kind,
            replace: word.clone(),
            insert: word.start..offset,
            snippet: None,
            detail: None,
            documentation: Documentation::Nothing,
            filter: None,
            deprecated: false,
        }
    }

    pub fn detail(self, detail: impl Into<String>) -> Completion {
        Completion { detail: Some(detail.into()), ..self }
    }

    pub fn topic(self, topic: Topic) -> Completion {
        Completion { documentation: Documentation::Topic(topic), ..self }
    }
}

/// What completion may ask of the world around a file.
pub trait Around {
    /// What stands in a folder of the build context, in any order. `folder`: with `/` between and without one at its ends;
    /// empty for the context itself. What a `.dockerignore` leaves out is not among it. Empty where nothing is known.
    fn context_entries(&self, folder: &str) -> Vec<Entry>;

    /// Images that the workspace builds on, as written, the most used first.
    fn images(&self) -> Vec<String>;
}

/// A file or folder in a build context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub is_folder: bool,
}

/// A file of which nothing around it is known.
#[derive(Debug, Clone, Copy)]
pub struct Alone;

impl Around for Alone {
    fn context_entries(&self, _: &str) -> Vec<Entry> {
        Vec::new()
    }

    fn images(&self) -> Vec<String> {
        Vec::new()
    }
}

/// All that can stand at `offset` (bytes), best first.
pub fn completion(doc: &Document, offset: usize, around: &dyn Around) -> Vec<Completion> {
    let found = comments::completion(doc, offset).or_else(|| variable::completion(doc, offset));
    if let Some(found) = found {
        return found;
    }
    let stages = || stage::completion(doc, offset).unwrap_or_default();
    let images = || image::completion(doc, offset, around).unwrap_or_default();
    let paths = || path::completion(doc, offset, around).unwrap_or_default();
    let Some(spot) = Spot::find(doc, offset) else { return join([stages(), images()]) };
    match &spot.place {
        Place::Keyword | Place::Trigger => keyword::completion(&spot),
        Place::Start { dashes: true } => flag::completion(&spot),
        // What is meant is rarely a flag, and rarely an image that is far down in the list.
        Place::Start { dashes: false } => {
            let mut images = images();
            let others = images.split_off(images.len().min(IMAGES));
            let words = argument::completion(&spot);
            join([stages(), images, paths(), words, flag::completion(&spot), others])
        }
        Place::FlagValue(name) => join([stages(), images(), value::completion(&spot, name)]),
        Place::MountKey(others) => mount::keys(&spot, others),
        Place::MountValue(others, key) => {
            join([stages(), images(), paths(), mount::values(&spot, others, key)])
        }
        Place::Word(_) => join([paths(), argument::completion(&spot)]),
        Place::PairName => argument::completion(&spot),
        Place::Text => join([stages(), paths(), argument::completion(&spot)]),
    }
}

/// How many images come before flags.
const IMAGES: usize = 5;

/// All of them, each once.
fn join<const N: usize>(parts: [Vec<Completion>; N]) -> Vec<Completion> {
    let mut joined: Vec<Completion> = parts.into_iter().flatten().collect();
    let mut seen = HashSet::new();
    joined.retain(|item| seen.insert((item.label.clone(), item.text.clone())));
    joined
}

/// The items that what is typed can become, those that start with it first; their order is kept otherwise.
fn fitting(typed: &str, mut items: Vec<Completion>) -> Vec<Completion> {
    if typed.is_empty() {
        return items;
    }
    let typed = typed.to_lowercase();
    let lower = |item: &Completion| item.label.to_lowercase();
    items.retain(|item| is_subsequence(&typed, &lower(item)));
    items.sort_by_cached_key(|item| !lower(item).starts_with(&typed));
    items
}

/// Whether the letters of `part` occur in `text` in that order.
pub fn is_subsequence(part: &str, text: &str) -> bool {
    let mut rest = text.chars();
    part.chars().all(|c| rest.any(|other| other == c))
}
