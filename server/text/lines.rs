//! A whole text at once, for answers that convert many places.

use std::ops::Range;

use super::{Encoding, Position, Text, line_ending_len, units};

/// The lines of a text, ready for many look-ups. Costs a copy of the text; see [`Text`] for single look-ups.
#[derive(Debug, Clone)]
pub struct Lines {
    text: String,
    /// Where each line starts, in bytes.
    starts: Vec<usize>,
}

impl Lines {
    pub fn new(text: &Text) -> Lines {
        let text = text.to_string();
        let bytes = text.as_bytes();
        let is_end = |at: usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let ends = (0..bytes.len()).filter(|&at| is_end(at)).map(|at| at + 1);
        let starts = std::iter::once(0).chain(ends).collect();
        Lines { text, starts }
    }

    /// All of the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of `range` (bytes, on character boundaries and inside the text).
    pub fn slice(&self, range: Range<usize>) -> &str {
        &self.text[range]
    }

    /// Where each line starts, in bytes.
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The length of `range` (bytes, on character boundaries and inside the text) in units of `encoding`.
    pub fn units(&self, range: Range<usize>, encoding: Encoding) -> u32 {
        units(&self.text[range], encoding)
    }

    /// The line that holds `offset` (bytes), from 0.
    pub fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset) - 1
    }

    /// The bytes of `line` (from 0, one that there is) without its ending.
    pub fn line_range(&self, line: usize) -> Range<usize> {
        let start = self.starts[line];
        let next = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        start..next - line_ending_len(&self.text.as_bytes()[start..next])
    }

    /// The position of `offset` (bytes, on a character boundary and inside the text), as [`Text::position`] has it.
    pub fn position(&self, offset: usize, encoding: Encoding) -> Position {
        let line = self.line_of(offset);
        let range = self.line_range(line);
        let column = units(&self.text[range.start..offset.min(range.end)], encoding);
        Position { line: line as u32, column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_the_rope() {
        let text = Text::new("é😀x\r\n\rab\n\n\r\n日本");
        let lines = Lines::new(&text);
        for (offset, _) in text.to_string().char_indices().chain([(text.len(), ' ')]) {
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                assert_eq!(
                    lines.position(offset, encoding),
                    text.position(offset, encoding),
                    "{offset} {encoding:?}"
                );
            }
        }
    }
}
