//! Formatting: edits of white space, and of the case of keywords if that is asked for, that change nothing of what BuildKit
//! reads. What a shell reads is changed in the number of blanks between its words only.
//!
//! Comments, heredocs and whatever stands in quotes stay as they are; so does an instruction that can't be read.

mod gaps;
mod instruction;
mod joined;
mod style;
mod typing;

use std::ops::Range;

pub use style::Style;
pub use typing::after_newline;

use crate::{document::Document, shell::Dialect, syntax::Instruction, text::Edit};
use instruction::Layout;
use joined::line;

/// The edits that give a file the style, in file order, none over another. With a range (bytes), those of the lines that it
/// touches.
pub fn format(doc: &Document, style: &Style, range: Option<Range<usize>>) -> Vec<Edit> {
    // Another frontend may read anything in it.
    if !doc.is_read() || doc.has_other_frontend() {
        return Vec::new();
    }
    let text = &*doc.text().slice(0..doc.text().len());
    let mut edits = Vec::new();
    let mut at = 0;
    let placed = doc.syntax().instructions();
    for (index, placed) in placed.iter().enumerate() {
        let line = line_start(text, placed.start);
        between(text, at..line.max(at), style, &mut edits);
        let posix = || runs_posix(doc, index);
        let layout = Layout::read(text, placed, doc.syntax().escape(), style, &posix);
        let mut end = placed.range().end;
        if let Some(layout) = layout {
            edits.extend(layout.edits(placed));
            end = end.max(layout.joined.end());
        }
        at = if text[..end].ends_with('\n') { end } else { next_line(text, end) };
    }
    between(text, at..text.len(), style, &mut edits);
    if placed.last().is_none_or(|last| is_closed(&last.instruction)) {
        end_of_file(text, style, &mut edits);
    }
    if let Some(range) = range {
        let lines = whole_lines(text, range);
        edits.retain(|edit| lines.start <= edit.range.start && edit.range.end <= lines.end);
    }
    edits
}

/// Whether a POSIX shell runs the text of an instruction.
fn runs_posix(doc: &Document, index: usize) -> bool {
    let stages = doc.stages().all();
    let above = stages.partition_point(|stage| stage.instructions.start <= index);
    let Some(stage) = above.checked_sub(1).map(|stage| &stages[stage]) else { return true };
    let point = doc.flow().stage(stage.index).before(index - stage.instructions.start);
    point.shell == Dialect::Posix
}

/// Whether none of its heredocs goes on to the end of the file.
fn is_closed(instruction: &Instruction) -> bool {
    let effective = instruction.effective();
    let found = if instruction.heredocs.is_empty() { &effective.heredocs } else { &instruction.heredocs };
    found.iter().all(|heredoc| heredoc.end.is_some()) && found.len() >= effective.heredoc_markers.len()
}

/// Lines outside of instructions: at most one empty line in a row, none at the start and the end of the file, and nothing behind
/// comments.
fn between(text: &str, region: Range<usize>, style: &Style, edits: &mut Vec<Edit>) {
    let mut remove = |range: Range<usize>| {
        if !range.is_empty() {
            edits.push(Edit { range, text: String::new() });
        }
    };
    let mut at = region.start;
    while at < region.end {
        let (end, first) = empty_lines(text, at..region.end);
        let Some(first) = first else {
            let blanks = line(text, at).filter(|_| style.trim).map(|line| trailing_blanks(text, line));
            // What is no comment is something that nobody expects here.
            remove(blanks.filter(|_| is_comment(text, at)).unwrap_or_default());
            at = next_line(text, at);
            continue;
        };
        let is_last = end == text.len();
        // An empty first line keeps the comments below it from being directives.
        if at == 0 && !is_last && !is_comment(text, end) {
            remove(0..end);
        } else if at > 0 && is_last && style.trim_end {
            remove(at..end);
        } else {
            if style.trim {
                remove(trailing_blanks(text, first.clone()));
            }
            if !is_last {
                remove(next_line(text, at)..end);
            }
        }
        at = end;
    }
}

/// Where the empty lines end that start at the start of `region`, and the first of them, if there is any.
fn empty_lines(text: &str, region: Range<usize>) -> (usize, Option<Range<usize>>) {
    let mut at = region.start;
    let mut first = None;
    while at < region.end {
        let is_empty = |line: &Range<usize>| text[line.clone()].trim_matches([' ', '\t']).is_empty();
        let Some(line) = line(text, at).filter(is_empty) else { break };
        first.get_or_insert(line);
        at = next_line(text, at);
    }
    (at, first)
}

fn is_comment(text: &str, line: usize) -> bool {
    text[line..].trim_start_matches([' ', '\t']).starts_with('#')
}

fn trailing_blanks(text: &str, line: Range<usize>) -> Range<usize> {
    line.start + text[line.clone()].trim_end_matches([' ', '\t']).len()..line.end
}

/// A line ending behind the last line.
fn end_of_file(text: &str, style: &Style, edits: &mut Vec<Edit>) {
    let last = &text[line_start(text, text.len())..];
    if !style.end_last_line || last.trim().is_empty() || last.contains('\r') {
        return;
    }
    let ending = match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    };
    edits.push(Edit { range: text.len()..text.len(), text: ending.to_owned() });
}

/// The lines that a range touches, line endings included. One that ends where a line starts does not touch that.
fn whole_lines(text: &str, range: Range<usize>) -> Range<usize> {
    let last = if range.start < range.end { range.end - 1 } else { range.end };
    let last = last.min(text.len());
    let end = text.as_bytes()[last..].iter().position(|byte| *byte == b'\n');
    line_start(text, range.start.min(text.len()))..end.map_or(text.len(), |end| last + end + 1)
}

/// Where the line starts that holds `at`.
fn line_start(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

/// Where the next line starts.
fn next_line(text: &str, at: usize) -> usize {
    text.as_bytes()[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| at + end + 1)
}

#[cfg(test)]
mod tests;
