//! The text of a document: a rope, byte offsets, and the positions that clients count in.
//!
//! Lines end with `\n`, `\r\n` or `\r` and nothing else (LSP 3.17, Text Documents). Inside the server every place is a
//! byte offset; [`Position`] exists only here and in `lsp::convert`.

mod lines;

use std::{borrow::Cow, ops::Range};

pub use lines::Lines;
use ropey::Rope;

/// A text that is cheap to clone and cheap to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(Rope);

/// One replacement in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced, in bytes.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}

/// What a column counts (LSP 3.17, `PositionEncodingKind`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, the protocol's default.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

/// A place as a client names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// From 0.
    pub line: u32,
    /// From 0, in units of an [`Encoding`].
    pub column: u32,
}

impl Text {
    pub fn new(text: &str) -> Text {
        Text(Rope::from_str(text))
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len_bytes()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of lines; the text after the last line ending counts as one, even if it is empty.
    pub fn lines(&self) -> usize {
        self.0.len_lines()
    }

    /// The text of `range` (bytes, on character boundaries and inside the text).
    pub fn slice(&self, range: Range<usize>) -> Cow<'_, str> {
        self.0.byte_slice(range).into()
    }

    /// The largest piece of contiguous text that starts at `offset` (bytes); empty at the end.
    pub fn chunk_from(&self, offset: usize) -> &[u8] {
        if offset >= self.len() {
            return &[];
        }
        let (chunk, start, _, _) = self.0.chunk_at_byte(offset);
        &chunk.as_bytes()[offset - start..]
    }

    /// The last border between characters at or before `offset` (bytes); the end of the text for an offset behind it.
    pub fn floor_char_boundary(&self, offset: usize) -> usize {
        if offset >= self.len() { self.len() } else { self.0.char_to_byte(self.0.byte_to_char(offset)) }
    }

    /// Replaces `range` (bytes, on character boundaries and inside the text).
    pub fn replace(&mut self, range: Range<usize>, with: &str) {
        let start = self.0.byte_to_char(range.start);
        let end = self.0.byte_to_char(range.end);
        if start < end {
            self.0.remove(start..end);
        }
        if !with.is_empty() {
            self.0.insert(start, with);
        }
    }

    /// The line that holds `offset` (bytes), from 0.
    pub fn line_of(&self, offset: usize) -> usize {
        self.0.byte_to_line(offset.min(self.len()))
    }

    /// Where `line` (from 0) starts, in bytes; the end of the text for a line that there is not.
    pub fn line_start(&self, line: usize) -> usize {
        if line >= self.lines() { self.len() } else { self.0.line_to_byte(line) }
    }

    /// The bytes of `line` (from 0) without its ending.
    pub fn line_range(&self, line: usize) -> Range<usize> {
        if line >= self.lines() {
            return self.len()..self.len();
        }
        let start = self.0.line_to_byte(line);
        let next = if line + 1 < self.lines() { self.0.line_to_byte(line + 1) } else { self.len() };
        let tail = next.saturating_sub(2).max(start)..next;
        let tail: Vec<u8> = tail.map(|at| self.0.byte(at)).collect();
        start..next - line_ending_len(&tail)
    }

    /// The position of `offset` (bytes; clamped to the text and down to a character boundary).
    /// An offset inside a line ending is the end of that line.
    pub fn position(&self, offset: usize, encoding: Encoding) -> Position {
        let line = self.line_of(offset);
        let range = self.line_range(line);
        let column = self.column(range.start, offset.min(range.end), encoding);
        Position { line: line as u32, column }
    }

    /// The length of a part of a line, in units of `encoding`. `end` goes down to a character boundary.
    fn column(&self, start: usize, end: usize, encoding: Encoding) -> u32 {
        if end <= start {
            return 0;
        }
        let (chunk, chunk_start, _, _) = self.0.chunk_at_byte(start);
        if let Some(part) = chunk.get(start - chunk_start..end - chunk_start) {
            return units(part, encoding);
        }
        let end = self.0.char_to_byte(self.0.byte_to_char(end));
        let part = self.0.byte_slice(start..end);
        let len = match encoding {
            Encoding::Utf8 => part.len_bytes(),
            Encoding::Utf16 => part.len_utf16_cu(),
            Encoding::Utf32 => part.len_chars(),
        };
        len as u32
    }

    /// The byte offset of `position`. As the protocol asks, a column past the end of the line means its end, a line past
    /// the end of the text means the end of the text. A column inside a character means its start.
    pub fn offset(&self, position: Position, encoding: Encoding) -> usize {
        let line = position.line as usize;
        if line >= self.lines() {
            return self.len();
        }
        let range = self.line_range(line);
        let slice = self.0.byte_slice(range.clone());
        let column = position.column as usize;
        let inside = match encoding {
            Encoding::Utf8 if column >= slice.len_bytes() => slice.len_bytes(),
            Encoding::Utf8 => slice.char_to_byte(slice.byte_to_char(column)),
            Encoding::Utf16 if column >= slice.len_utf16_cu() => slice.len_bytes(),
            Encoding::Utf16 => slice.char_to_byte(slice.utf16_cu_to_char(column)),
            Encoding::Utf32 if column >= slice.len_chars() => slice.len_bytes(),
            Encoding::Utf32 => slice.char_to_byte(column),
        };
        range.start + inside
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.chunks().try_for_each(|chunk| f.write_str(chunk))
    }
}

/// The length of `text` in units of `encoding`.
fn units(text: &str, encoding: Encoding) -> u32 {
    let len = match encoding {
        Encoding::Utf8 => text.len(),
        _ if text.is_ascii() => text.len(),
        Encoding::Utf16 => text.chars().map(char::len_utf16).sum(),
        Encoding::Utf32 => text.chars().count(),
    };
    len as u32
}

/// Length in bytes of the line ending that `line` closes with.
fn line_ending_len(line: &[u8]) -> usize {
    match line {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n' | b'\r'] => 1,
        _ => 0,
    }
}

/// Text from a file that goes to a terminal as it is: without anything that would steer the terminal or turn the
/// direction of what follows.
pub fn one_line(text: &str) -> String {
    let steers = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    #[test]
    fn only_the_three_line_endings_of_the_protocol_end_a_line() {
        let text = Text::new("a\u{b}\u{c}\u{85}\u{2028}\u{2029}b\nc\r\nd\re");
        assert_eq!(text.lines(), 4);
        assert_eq!(text.slice(text.line_range(1)), "c");
        assert_eq!(text.slice(text.line_range(2)), "d");
    }

    #[test]
    fn columns_count_in_the_agreed_unit() {
        let text = Text::new("é😀x\n");
        for (encoding, column) in [(Encoding::Utf8, 6), (Encoding::Utf16, 3), (Encoding::Utf32, 2)] {
            assert_eq!(text.position(6, encoding), at(0, column), "{encoding:?}");
            assert_eq!(text.offset(at(0, column), encoding), 6, "{encoding:?}");
        }
    }

    #[test]
    fn positions_outside_the_text_are_clamped() {
        let text = Text::new("ab\r\ncd");
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            assert_eq!(text.offset(at(0, 99), encoding), 2);
            assert_eq!(text.offset(at(1, u32::MAX), encoding), 6);
            assert_eq!(text.offset(at(u32::MAX, 0), encoding), 6);
        }
        assert_eq!(text.position(3, Encoding::Utf16), at(0, 2), "between \\r and \\n");
        assert_eq!(text.position(99, Encoding::Utf16), at(1, 2));
    }

    #[test]
    fn a_column_inside_a_character_means_its_start() {
        let text = Text::new("é😀x");
        assert_eq!(text.offset(at(0, 1), Encoding::Utf8), 0);
        assert_eq!(text.offset(at(0, 2), Encoding::Utf16), 2);
        assert_eq!(text.position(1, Encoding::Utf16), at(0, 0));
    }
}
