//! Renaming a stage.

use std::{fmt, ops::Range};

use crate::{document::Document, text::Edit};

/// Why a stage can't be renamed, as a sentence for the person who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenameError {
    /// Nothing at this place names a stage.
    NotAStage,
}

impl fmt::Display for RenameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RenameError::NotAStage => f.write_str("There is no stage name here"),
        }
    }
}

impl std::error::Error for RenameError {}

/// What a client may offer for editing before it sends the new name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamable {
    /// The text that the new name replaces at the cursor, in bytes.
    pub range: Range<usize>,
    /// The name as it should stand in the input box.
    pub name: String,
}

/// Whether the stage at `offset` (bytes) can be renamed.
pub fn prepare(_doc: &Document, _offset: usize) -> Result<Renamable, RenameError> {
    Err(RenameError::NotAStage)
}

/// The edits that give the stage at `offset` (bytes) a new name. They do not overlap and are in file order; all ranges
/// are in the text as it is.
pub fn rename(_doc: &Document, _offset: usize, _new_name: &str) -> Result<Vec<Edit>, RenameError> {
    Err(RenameError::NotAStage)
}
