//! What is done while somebody types.

use std::ops::Range;

use super::{
    instruction::Layout,
    joined::{Joined, Kind},
    line_start, runs_posix,
    style::Style,
};
use crate::{document::Document, text::Edit};

/// The edit after Enter, with the cursor at `offset` (bytes): a line that goes on with an instruction is indented, one that does
/// not loses the blanks that the editor took from the line above. Nothing but that line is touched.
pub fn after_newline(doc: &Document, offset: usize, style: &Style) -> Option<Edit> {
    if !doc.is_read() || doc.has_other_frontend() {
        return None;
    }
    let text = &*doc.text().slice(0..doc.text().len());
    let start = line_start(text, offset.min(text.len()));
    let lead = start..start + leading(&text[start..]);
    let above = start.checked_sub(1)?;
    let instructions = doc.syntax().instructions();
    let index = instructions.partition_point(|placed| placed.start < start).checked_sub(1)?;
    let placed = &instructions[index];
    let escape = doc.syntax().escape();
    let mut joined = Joined::read(text, placed.start, escape)?;
    let Some(number) = joined.lines.iter().position(|line| line.range.start == start) else {
        let outside = placed.range().end <= above;
        return outside.then(|| unindented(text, lead)).flatten();
    };
    // What follows does not matter: it may be the next instruction until this line is written.
    joined.lines.truncate(number);
    let columns =
        |line: &Range<usize>| style.columns(&text[line.start..line.start + leading(&text[line.clone()])]);
    let beside = joined.lines[1..].iter().rev().find(|line| line.kind != Kind::Empty);
    let wanted = beside.map_or(style.width, |line| columns(&line.range));
    if columns(&(start..text.len())) >= wanted {
        return None;
    }
    let contents = joined.contents();
    let end = contents.last()?.joined.end;
    joined.text.truncate(end);
    let layout = Layout::of(text, joined, &placed.instruction, escape, style, &|| runs_posix(doc, index))?;
    let (_, free) = layout.gaps.around(&layout.joined.text, end)?;
    free.then(|| Edit { range: lead, text: style.blanks(wanted) })
}

/// An empty line without its blanks.
fn unindented(text: &str, lead: Range<usize>) -> Option<Edit> {
    let is_empty = text[lead.end..].starts_with(['\r', '\n']) || lead.end == text.len();
    (is_empty && !lead.is_empty()).then(|| Edit { range: lead, text: String::new() })
}

/// How many bytes of blanks a text starts with.
fn leading(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}
