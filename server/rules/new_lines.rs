//! Edits that add a line.

use super::{
    context::Context,
    stage_edits::{indent, insert, newline},
};
use crate::{syntax::Keyword, text::Edit};

/// Puts an instruction above another (index into [`Syntax::instructions`](crate::syntax::Syntax::instructions)) and the
/// comments that belong to that one.
pub fn line_above(context: &Context<'_>, index: usize, keyword: Keyword, rest: &str) -> Edit {
    let placed = context.instruction(index);
    let text = context.doc.text();
    let mut line = text.line_of(placed.start);
    for (comment, _) in context.doc.comments_above(index).iter().rev() {
        match text.line_of(comment.start) {
            above if above + 1 == line => line = above,
            _ => break,
        }
    }
    let keyword = cased(keyword, placed.instruction.word.text());
    let written = format!("{}{keyword} {rest}{}", indent(context, placed.start), newline(context));
    insert(text.line_start(line), written)
}

/// Puts an instruction below another. `None` where that one does not end.
pub fn line_below(context: &Context<'_>, index: usize, keyword: Keyword, rest: &str) -> Option<Edit> {
    let placed = context.instruction(index);
    let text = context.doc.text();
    let end = text.line_range(text.line_of(placed.range().end)).end;
    let heredocs = &placed.instruction.effective().heredocs;
    let is_open = heredocs.iter().any(|heredoc| heredoc.end.is_none())
        || text.slice(placed.start..end).trim_end().ends_with(context.doc.syntax().escape());
    let keyword = cased(keyword, placed.instruction.word.text());
    let written = format!("{}{}{keyword} {rest}", newline(context), indent(context, placed.start));
    (!is_open && end >= placed.range().end).then(|| insert(end, written))
}

/// Where a setting of the image goes: above the first CMD or ENTRYPOINT of a stage behind an instruction (by its number in the
/// stage), else below all.
pub fn before_command(
    context: &Context<'_>,
    stage: usize,
    behind: usize,
    keyword: Keyword,
    rest: &str,
) -> Option<Edit> {
    let instructions = context.stages.all()[stage].instructions.clone();
    let is_command = |&index: &usize| {
        matches!(context.instruction(index).instruction.keyword, Keyword::Cmd | Keyword::Entrypoint)
    };
    match instructions.clone().skip(behind + 1).find(is_command) {
        Some(index) => Some(line_above(context, index, keyword, rest)),
        None => line_below(context, instructions.end - 1, keyword, rest),
    }
}

/// A keyword in small letters if its neighbour is.
fn cased(keyword: Keyword, like: &str) -> String {
    let is_lower = like.bytes().all(|b| b.is_ascii_lowercase());
    if is_lower { keyword.name().to_lowercase() } else { keyword.name().to_owned() }
}
