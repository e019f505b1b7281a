//! The outline of a file: stages with their instructions.

use std::ops::Range;

use crate::document::Document;

/// What an outline entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolKind {
    Stage,
    Instruction,
    /// An ARG before the first FROM.
    GlobalArg,
}

/// One entry of the outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    pub name: String,
    pub detail: Option<String>,
    pub kind: SymbolKind,
    /// All of it, in bytes.
    pub range: Range<usize>,
    /// What to select, inside `range`, in bytes.
    pub selection: Range<usize>,
    pub children: Vec<Symbol>,
}

/// The outline, in file order.
pub fn symbols(_doc: &Document) -> Vec<Symbol> {
    Vec::new()
}
