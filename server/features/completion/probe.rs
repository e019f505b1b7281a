//! What the text at the cursor is: the syntax tells, with one more letter there. Continued lines, quotes, heredocs and
//! half-typed flags are then as they will be.

use crate::{document::Document, syntax::Syntax};

/// Stands for what is about to be typed.
pub(super) const LETTER: &str = "x";

/// The syntax as it would be with [`LETTER`] at `offset` (bytes).
pub(super) fn syntax(doc: &Document, offset: usize) -> Syntax {
    let mut text = doc.text().clone();
    let mut stale = doc.syntax().stale();
    text.replace(offset..offset, LETTER);
    stale.edit(offset..offset, LETTER.len());
    stale.reparse(&text)
}
