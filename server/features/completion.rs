//! What can stand at the cursor.

use std::ops::Range;

use crate::document::Document;

/// What a completion stands for; the client shows an icon for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionKind {
    Stage,
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
    /// One short line beside the label.
    pub detail: Option<String>,
    /// Markdown.
    pub documentation: Option<String>,
}

/// All that can stand at `offset` (bytes), best first.
pub fn completion(_doc: &Document, _offset: usize) -> Vec<Completion> {
    Vec::new()
}
