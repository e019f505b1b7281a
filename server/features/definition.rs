//! Where the stage under the cursor is declared.

use std::ops::Range;

use crate::document::Document;

/// The answer to "go to definition".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The text under the cursor that was understood as a reference, in bytes.
    pub origin: Range<usize>,
    /// Where it leads. More than one only where a variable leaves the choice open.
    pub targets: Vec<Target>,
}

/// One place that a definition leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The whole stage, in bytes.
    pub full: Range<usize>,
    /// What to select: the stage's name, or the base of an unnamed stage, in bytes.
    pub selection: Range<usize>,
}

/// Finds the declaration of what stands at `offset` (bytes).
pub fn definition(_doc: &Document, _offset: usize) -> Option<Definition> {
    None
}
