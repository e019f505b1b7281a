//! What can be folded away.

use std::ops::Range;

use crate::document::Document;

/// What a fold hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoldKind {
    /// A stage, an instruction of several lines, or a heredoc.
    Region,
    /// A block of comment lines.
    Comment,
}

/// A foldable range that spans at least two lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// In bytes, without the line ending of the last line.
    pub range: Range<usize>,
    pub kind: FoldKind,
}

/// All folds, by start.
pub fn folds(_doc: &Document) -> Vec<Fold> {
    Vec::new()
}
