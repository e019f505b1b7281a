//! What can be folded away: stages, long instructions, heredocs, comment blocks.

use std::ops::Range;

use crate::{document::Document, syntax::Placed, text::Lines};

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

/// All folds, by start; of those that start together, the longer first.
pub fn folds(doc: &Document) -> Vec<Fold> {
    let region = |range| Fold { range, kind: FoldKind::Region };
    let mut all: Vec<Fold> = doc.stages().all().iter().map(|stage| region(stage.range.clone())).collect();
    for placed in doc.syntax().instructions() {
        all.push(region(placed.range()));
        all.extend(heredocs(placed).map(region));
    }
    let text = &Lines::new(doc.text());
    let inside = doc.syntax().instructions().iter().flat_map(|placed| comments_inside(text, placed));
    all.extend(inside.map(|range| Fold { range, kind: FoldKind::Comment }));
    let blocks = doc
        .syntax()
        .comments()
        .chunk_by(|above, below| text.line_of(above.start) + 1 == text.line_of(below.start));
    let comment = |block: &[Range<usize>]| Fold {
        range: block[0].start..block[block.len() - 1].end,
        kind: FoldKind::Comment,
    };
    all.extend(blocks.map(comment));
    all.retain_mut(|fold| {
        fold.range.end = trimmed_end(text, &fold.range);
        text.line_of(fold.range.start) < text.line_of(fold.range.end)
    });
    all.sort_by_key(|fold| (fold.range.start, std::cmp::Reverse(fold.range.end)));
    // A stage of a single instruction folds once.
    all.dedup();
    all
}

/// Each heredoc from its first line to its end.
fn heredocs(placed: &Placed) -> impl Iterator<Item = Range<usize>> {
    placed.instruction.effective().heredocs.iter().map(|heredoc| {
        let end = heredoc.end.as_ref().map_or(heredoc.body.end, |end| end.end);
        placed.at(heredoc.body.start..end)
    })
}

/// The blocks of comment lines between the lines of an instruction.
fn comments_inside(text: &Lines, placed: &Placed) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    let first = text.line_of(placed.start);
    // What follows is the text of heredocs, where a `#` means something else.
    let last = text.line_of((placed.start + placed.instruction.head()).saturating_sub(1).max(placed.start));
    let mut before = None;
    for line in first + 1..=last {
        let range = text.line_range(line);
        if !text.slice(range.clone()).trim_start().starts_with('#') {
            continue;
        }
        match blocks.last_mut() {
            Some(block) if before == Some(line - 1) => block.end = range.end,
            _ => blocks.push(range),
        }
        before = Some(line);
    }
    blocks
}

/// Where the last line of `range` ends that holds more than blanks.
fn trimmed_end(text: &Lines, range: &Range<usize>) -> usize {
    let mut end = range.end;
    while end > range.start {
        let line = text.line_range(text.line_of(end));
        let start = line.start.max(range.start);
        let last = end.min(line.end);
        if last > start && !text.slice(start..last).trim().is_empty() {
            return last;
        }
        if start == range.start {
            break;
        }
        end = start - 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_instructions_heredocs_and_comments_fold() {
        let text = "# a\n# b\n\n# c\nFROM a AS x\nRUN a \\\n  b\n\nRUN <<EOF\nx\ny\nEOF\nFROM b\n";
        let doc = Document::open(text, 0);
        let lines = |fold: &Fold| {
            (doc.text().line_of(fold.range.start), doc.text().line_of(fold.range.end), fold.kind)
        };
        let found: Vec<_> = folds(&doc).iter().map(lines).collect();
        let region = FoldKind::Region;
        assert_eq!(
            found,
            [(0, 1, FoldKind::Comment), (4, 11, region), (5, 6, region), (8, 11, region), (9, 11, region)]
        );
    }

    #[test]
    fn comments_between_the_lines_of_an_instruction_fold() {
        let text = "FROM a\nRUN a && \\\n# b\n  # c\n  d && \\\n# e\n  f\nRUN <<EOF\n# x\n# y\nEOF\n";
        let doc = Document::open(text, 0);
        let line = |at| doc.text().line_of(at);
        let comments = folds(&doc).into_iter().filter(|fold| fold.kind == FoldKind::Comment);
        let found: Vec<_> = comments.map(|fold| (line(fold.range.start), line(fold.range.end))).collect();
        assert_eq!(found, [(2, 3)]);
    }

    #[test]
    fn an_unfinished_continuation_ends_with_its_text() {
        let doc = Document::open("FROM a\nRUN a \\\n b \\\n\n\n", 0);
        let ends: Vec<_> = folds(&doc).iter().map(|fold| doc.text().line_of(fold.range.end)).collect();
        assert_eq!(ends, [2, 2]);
    }
}
