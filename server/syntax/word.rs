//! Words of an instruction, as BuildKit sees them after joining continued lines.

use std::ops::Range;

/// Some text of an instruction without the continuations, comments and quotes that BuildKit takes out of it, which still
/// knows where each of its bytes comes from.
///
/// All source offsets are in bytes from the start of the instruction, so that a word stays valid when text above changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word {
    text: Box<str>,
    /// Where it stands, from the first to the last byte that it was made of.
    range: Range<usize>,
    /// Where the text is not contiguous in the source: from `.0` (offset in `text`) on it comes from `.1` (source).
    /// Empty for text that stands in the source as it is.
    pieces: Box<[(usize, usize)]>,
}

impl Word {
    /// A word that stands in the source as it is.
    pub fn plain(text: &str, start: usize) -> Word {
        Word { text: text.into(), range: start..start + text.len(), pieces: Box::default() }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the word stands, in bytes from the start of the instruction. Outer quotes that were taken off are outside.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Where a part of the text stands, in bytes from the start of the instruction.
    pub fn source(&self, part: Range<usize>) -> Range<usize> {
        if self.pieces.is_empty() {
            return self.range.start + part.start..self.range.start + part.end;
        }
        let start = self.offset(part.start);
        // The end of a part is where its last byte ends, not where the next piece starts.
        let end = if part.is_empty() { start } else { self.offset(part.end - 1) + 1 };
        start..end
    }

    /// The offset in the text of a source offset (bytes from the start of the instruction), clamped to the text.
    pub fn text_offset(&self, source: usize) -> usize {
        if source <= self.range.start {
            return 0;
        }
        if self.pieces.is_empty() {
            return (source - self.range.start).min(self.text.len());
        }
        let index = self.pieces.partition_point(|piece| piece.1 <= source).saturating_sub(1);
        let (text, from) = self.pieces[index];
        let next = self.pieces.get(index + 1).map_or(self.text.len(), |piece| piece.0);
        (text + source.saturating_sub(from)).min(next)
    }

    fn offset(&self, at: usize) -> usize {
        let index = self.pieces.partition_point(|piece| piece.0 <= at).saturating_sub(1);
        let (text, source) = self.pieces[index];
        source + (at - text)
    }

    /// A part of the word (offsets in the text, on character boundaries).
    pub fn part(&self, part: Range<usize>) -> Word {
        let source = self.source(part.clone());
        let mut out = WordBuilder::new(source.start);
        out.take(self, part);
        out.finish(source.end)
    }

    /// The word without its quotes, as BuildKit takes them off flags (parser/split_command.go, `extractBuilderFlags`).
    pub fn without_flag_quotes(self, escape: char) -> Word {
        if !self.text.contains(['"', '\'', escape]) {
            return self;
        }
        let mut out = WordBuilder::new(self.range.start);
        let mut quote = None;
        let mut chars = self.text.char_indices();
        while let Some((at, c)) = chars.next() {
            match (quote, c) {
                (None, '"' | '\'') => quote = Some(c),
                (Some(open), _) if open == c => quote = None,
                (_, _) if c == escape => {
                    let Some((at, c)) = chars.next() else { break };
                    out.take(&self, at..at + c.len_utf8());
                }
                _ => out.take(&self, at..at + c.len_utf8()),
            }
        }
        let outer = self.range.clone();
        let mut word = out.finish(outer.end);
        word.range = match word.text.len() {
            // `""`: between the quotes.
            0 => outer.start + 1..(outer.start + 1).max(outer.end - 1),
            length => word.source(0..length),
        };
        word
    }
}

/// Puts a word together from parts of the source.
#[derive(Debug)]
pub struct WordBuilder {
    text: String,
    start: usize,
    pieces: Vec<(usize, usize)>,
    /// Where the next byte would come from if the text were contiguous.
    next: usize,
}

impl WordBuilder {
    /// `start`: where the word begins, in bytes from the start of the instruction.
    pub fn new(start: usize) -> WordBuilder {
        WordBuilder { text: String::new(), start, pieces: Vec::new(), next: start }
    }

    /// Adds text that stands at `source`.
    pub fn push(&mut self, text: &str, source: usize) {
        if text.is_empty() {
            return;
        }
        if source != self.next {
            if self.pieces.is_empty() && !self.text.is_empty() {
                self.pieces.push((0, self.start));
            }
            self.pieces.push((self.text.len(), source));
        }
        self.text.push_str(text);
        self.next = source + text.len();
    }

    /// Adds a part of another word.
    pub fn take(&mut self, word: &Word, part: Range<usize>) {
        if word.pieces.is_empty() {
            return self.push(&word.text[part.clone()], word.range.start + part.start);
        }
        let first = word.pieces.partition_point(|piece| piece.0 <= part.start).saturating_sub(1);
        for (index, &(text, source)) in word.pieces.iter().enumerate().skip(first) {
            if text >= part.end {
                break;
            }
            let end = word.pieces.get(index + 1).map_or(word.text.len(), |next| next.0);
            let (from, to) = (part.start.max(text), part.end.min(end));
            if from < to {
                self.push(&word.text[from..to], source + (from - text));
            }
        }
    }

    /// `end`: where the word ends, in bytes from the start of the instruction.
    pub fn finish(self, end: usize) -> Word {
        Word { text: self.text.into(), range: self.start..end, pieces: self.pieces.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_taken_off_and_the_rest_keeps_its_place() {
        let word = Word::plain(r#"a"b c"'d'\"e"#, 10).without_flag_quotes('\\');
        assert_eq!(word.text(), "ab cd\"e");
        assert_eq!(word.source(1..2), 12..13, "b");
        assert_eq!(word.source(4..5), 17..18, "d");
    }

    #[test]
    fn a_word_in_quotes_is_the_text_between_them() {
        let word = Word::plain("\"builder\"", 7).without_flag_quotes('\\');
        assert_eq!((word.text(), word.range()), ("builder", 8..15));
        assert_eq!(Word::plain("\"\"", 7).without_flag_quotes('\\').range(), 8..8);
        assert_eq!(Word::plain("\"buil", 7).without_flag_quotes('\\').range(), 8..12);
    }

    #[test]
    fn source_and_text_offsets_agree_over_a_continuation() {
        let mut builder = WordBuilder::new(3);
        builder.push("buil", 3);
        builder.push("der", 9);
        let word = builder.finish(12);
        assert_eq!(word.text(), "builder");
        assert_eq!(word.source(0..7), 3..12);
        assert_eq!(word.source(0..4), 3..7);
        assert_eq!(word.source(4..7), 9..12);
        assert_eq!(word.text_offset(10), 5);
        assert_eq!(word.part(2..7).source(0..5), 5..12);
    }
}
