//! A text that is put together from parts of a file.

use std::ops::Range;

use crate::builds::node::Piece;

/// A text, and where its parts stand.
#[derive(Debug, Default)]
pub struct Excerpt {
    pub text: String,
    /// In the order of the text.
    pub pieces: Vec<Piece>,
}

impl Excerpt {
    /// Adds a text that stands at `file` (bytes) as it is.
    pub fn push(&mut self, text: &str, file: usize) {
        self.pieces.push(Piece { text: self.text.len(), file, len: text.len() });
        self.text.push_str(text);
    }

    /// Adds a text that does not stand in the file.
    pub fn push_foreign(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Where a part of the text stands, if in one piece.
    pub fn place(&self, part: Range<usize>) -> Option<Range<usize>> {
        let before = self.pieces.partition_point(|piece| piece.text <= part.start);
        let piece = self.pieces[..before].last().filter(|piece| part.end <= piece.text + piece.len)?;
        let start = piece.file + part.start - piece.text;
        Some(start..start + part.len())
    }

    /// From the first part to the end of the last, in bytes of the file.
    pub fn range(&self) -> Option<Range<usize>> {
        let (first, last) = (self.pieces.first()?, self.pieces.last()?);
        Some(first.file..last.file + last.len)
    }
}
