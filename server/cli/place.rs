//! Bytes as the command line names them: lines and columns from 1, columns in characters.

use std::ops::Range;

use serde::Serialize;

use crate::text::{Encoding, Position, Text};

/// One place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

/// From a place up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    pub start: Place,
    /// The first place behind it.
    pub end: Place,
}

impl Span {
    /// `range`: in bytes.
    pub fn of(text: &Text, range: &Range<usize>) -> Span {
        let place = |offset| {
            let Position { line, column } = text.position(offset, Encoding::Utf32);
            Place { line: line + 1, column: column + 1 }
        };
        Span { start: place(range.start), end: place(range.end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn columns_count_characters_from_one() {
        let doc = Document::open("# é😀\r\nFROM é😀x", 0);
        let at = doc.text().to_string().find('x').expect("it is there");
        let span = Span::of(doc.text(), &(at..at + 1));
        assert_eq!(span.start, Place { line: 2, column: 8 });
        assert_eq!(span.end, Place { line: 2, column: 9 });
    }
}
