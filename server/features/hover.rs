//! What is worth knowing about the thing under the cursor.

use std::ops::Range;

use crate::document::Document;

/// The text of a hover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// What it is about, in bytes.
    pub range: Range<usize>,
    /// Markdown that also reads well as plain text.
    pub markdown: String,
}

/// What to show for `offset` (bytes).
pub fn hover(_doc: &Document, _offset: usize) -> Option<Hover> {
    None
}
