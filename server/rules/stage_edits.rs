//! Edits that several fixes need: move, add, name and rename stages.
//!
//! Where a stage changes its place, the numbers that count stages change with it.

use std::ops::Range;

use super::context::Context;
use crate::{
    stages::{
        Found, Lookup, Reference, ReferenceKind, Resolution, Stage, expand::Piece, image::looks_like_image,
        names,
    },
    syntax::Arguments,
    text::Edit,
};

pub fn replace(range: Range<usize>, text: impl Into<String>) -> Edit {
    Edit { range, text: text.into() }
}

pub fn insert(at: usize, text: impl Into<String>) -> Edit {
    replace(at..at, text)
}

/// The line ending of the file.
pub fn newline(context: &Context<'_>) -> &'static str {
    let text = context.doc.text();
    let end = text.line_range(0).end;
    if text.slice(end..text.line_start(1)) == "\r\n" { "\r\n" } else { "\n" }
}

/// The blanks that the line of `offset` (bytes) starts with.
pub fn indent(context: &Context<'_>, offset: usize) -> String {
    let text = context.doc.text();
    let line = text.slice(text.line_range(text.line_of(offset)));
    line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
}

/// Where the text of a stage starts, with the comment lines directly above it.
pub fn block_start(context: &Context<'_>, stage: usize) -> usize {
    let text = context.doc.text();
    let comments = context.doc.syntax().comments();
    let from = context.opening(stage).start;
    let mut line = text.line_of(from);
    let mut above = comments.partition_point(|comment| comment.start < from);
    while above > 0 && text.line_of(comments[above - 1].start) + 1 == line {
        above -= 1;
        line -= 1;
    }
    text.line_start(line)
}

/// The text of a stage, from the comments above it up to the next stage.
fn block(context: &Context<'_>, stage: usize) -> Range<usize> {
    let start = block_start(context, stage);
    if stage + 1 < context.stages.all().len() {
        return start..block_start(context, stage + 1);
    }
    start..context.doc.text().len()
}

/// Takes the text of a stage out.
fn cut(context: &Context<'_>, stage: usize) -> Edit {
    let block = block(context, stage);
    if stage + 1 < context.stages.all().len() || stage == 0 {
        return replace(block, "");
    }
    // The last one goes with the empty lines above it.
    let before = end_of_words(context, block.start);
    replace(before..block.end, newline(context))
}

/// The end of the last line above `before` (the start of a line, or the end of the text) that is not empty.
fn end_of_words(context: &Context<'_>, before: usize) -> usize {
    let text = context.doc.text();
    let lines = (0..=text.line_of(before)).rev().map(|line| text.line_range(line));
    let lines = lines.map(|line| line.start..line.end.min(before));
    let ends = lines.map(|line| line.start + text.slice(line).trim_end_matches(BLANK).len());
    ends.zip((0..=text.line_of(before)).rev())
        .find(|(end, line)| *end > text.line_start(*line))
        .map_or(0, |(end, _)| end)
}

const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

/// The text of a stage, if it can stand in front of other text without swallowing it.
fn portable_text(context: &Context<'_>, stage: usize) -> Option<String> {
    let text = context.doc.text().slice(block(context, stage)).trim_end_matches(BLANK).to_owned();
    let open = context.stages.all()[stage].instructions.clone().any(|index| {
        let heredocs = &context.instruction(index).instruction.heredocs;
        heredocs.iter().any(|heredoc| heredoc.end.is_none())
    });
    (!open && !text.ends_with(context.doc.syntax().escape())).then_some(text)
}

/// The edits after which every number counts the stage that it counted, when stage `index` becomes `moved(index)` and
/// there are `more` stages. `except` are references that are edited already.
fn renumber(
    context: &Context<'_>,
    moved: impl Fn(usize) -> usize,
    more: i64,
    except: &dyn Fn(&Reference) -> bool,
) -> Vec<Edit> {
    let numbers = context.numbers.iter().map(|&index| &context.stages.references()[index]);
    numbers
        .filter(|reference| !except(reference))
        .filter_map(|reference| {
            let old = names::stage_number(&reference.text)?;
            let new = match reference.resolution {
                Resolution::Stage(target) => moved(target) as i64,
                Resolution::NumberedImage(_) => old.checked_add(more)?,
                _ => old,
            };
            (old != new).then(|| replace(reference.range.clone(), new.to_string()))
        })
        .collect()
}

/// Moves `stage` up, above `before`. `None` where that would change what it, or another one, means.
pub fn move_above(context: &Context<'_>, stage: usize, before: usize) -> Option<Vec<Edit>> {
    debug_assert!(before < stage);
    if !context.fixes {
        return None;
    }
    // What it needs has to stay above it.
    if !needs_only_above(context, stage, before) || !is_same_everywhere(context, stage, before..stage) {
        return None;
    }
    let text = portable_text(context, stage)?;
    let newline = newline(context);
    let moved = |index: usize| match index {
        _ if index == stage => before,
        _ if (before..stage).contains(&index) => index + 1,
        _ => index,
    };
    // Numbers in the stage itself go with its text.
    let inside = |reference: &Reference| reference.stage == stage;
    if context.numbers.iter().any(|&index| {
        let reference = &context.stages.references()[index];
        inside(reference) && reference.target().is_some_and(|target| moved(target) != target)
    }) {
        return None;
    }
    let mut edits = renumber(context, moved, 0, &inside);
    edits.push(insert(block_start(context, before), format!("{text}{newline}{newline}")));
    edits.push(cut(context, stage));
    Some(edits)
}

/// Moves `stage` to the end of the file. `None` where another one needs it where it is.
pub fn move_to_end(context: &Context<'_>, stage: usize) -> Option<Vec<Edit>> {
    if !context.fixes {
        return None;
    }
    let last = context.stages.all().len() - 1;
    // Without a name the last one could not be built any more.
    context.stages.all()[last].name.as_ref()?;
    let counts = |&index: &usize| context.stages.references()[index].stage == stage;
    if stage == last
        || context.needed[stage]
        || context.numbers.iter().any(counts)
        || !is_same_everywhere(context, stage, stage + 1..last + 1)
    {
        return None;
    }
    let text = portable_text(context, stage)?;
    portable_text(context, last)?;
    let newline = newline(context);
    let moved = |index: usize| match index {
        _ if index == stage => last,
        _ if index > stage => index - 1,
        _ => index,
    };
    let mut edits = renumber(context, moved, 0, &|_| false);
    let all = context.doc.text().len();
    let end = end_of_words(context, all);
    edits.push(replace(end..all, format!("{newline}{newline}{text}{newline}")));
    edits.push(cut(context, stage));
    Some(edits)
}

/// Takes a stage out that no other one needs.
pub fn remove(context: &Context<'_>, stage: usize) -> Vec<Edit> {
    if !context.fixes {
        return Vec::new();
    }
    let moved = |index: usize| if index > stage { index - 1 } else { index };
    let mut edits = renumber(context, moved, -1, &|reference| reference.stage == stage);
    edits.push(cut(context, stage));
    edits
}

/// Puts `text` (whole lines, a FROM among them) above `stage`. `except` is a reference that is edited already.
pub fn add_above(context: &Context<'_>, stage: usize, text: &str, except: Option<&Reference>) -> Vec<Edit> {
    if !context.fixes {
        return Vec::new();
    }
    let moved = |index: usize| if index >= stage { index + 1 } else { index };
    let is_except = |reference: &Reference| except.is_some_and(|other| other.range == reference.range);
    let mut edits = renumber(context, moved, 1, &is_except);
    edits.push(insert(block_start(context, stage), text));
    edits
}

/// Whether all that `stage` needs stands above `before`.
fn needs_only_above(context: &Context<'_>, stage: usize, before: usize) -> bool {
    context.needs(stage).iter().all(|edge| edge.from < before)
}

/// Whether the name of `stage` means nothing else in the stages `between`, so that it can move across them.
fn is_same_everywhere(context: &Context<'_>, stage: usize, between: Range<usize>) -> bool {
    let Some(name) = &context.stages.all()[stage].name else { return true };
    let lower = name.text.to_lowercase();
    // A base that would then be this stage: meant to be, unless it is a well-known image.
    let is_base = |index: usize| context.stages.base(index).is_some_and(|base| base.text == lower);
    context.stages.names().with_name(&lower).len() == 1
        && !(looks_like_image(&lower) && between.clone().any(is_base))
}

/// Calls a stage by another name, here and where `follows` says so. `None` where a use can't be edited.
pub fn rename(
    context: &Context<'_>,
    stage: usize,
    name: &str,
    follows: impl Fn(&Reference) -> bool,
) -> Option<Vec<Edit>> {
    let declared = context.stages.all()[stage].name.as_ref()?;
    // Who asks for it by the old name stands in another file; case does not matter there.
    let is_asked_for = context.is_target(stage) && !declared.text.eq_ignore_ascii_case(name);
    if !context.fixes || context.variable[stage] || is_asked_for {
        return None;
    }
    let mut edits = vec![replace(declared.range.clone(), name)];
    for &index in &context.uses[stage] {
        let reference = &context.stages.references()[index];
        if reference.is_number() || !follows(reference) {
            continue;
        }
        edits.push(replace(literal(reference)?, name));
    }
    edits.sort_by_key(|edit| edit.range.start);
    edits.dedup();
    Some(edits)
}

/// Where the name that a reference uses is written: in it, or in the default of the ARG that it takes it from.
pub fn literal(reference: &Reference) -> Option<Range<usize>> {
    match &reference.variable {
        None => Some(reference.range.clone()),
        Some(variable) => match variable.default.pieces() {
            [Piece::Text(text, Some(range))] if *text == reference.text => Some(range.clone()),
            _ => None,
        },
    }
}

/// Whether comments between `offset` (bytes) and the next instruction would be directives if no instruction stood above
/// them (parser/directives.go).
pub fn becomes_directive(context: &Context<'_>, offset: usize) -> bool {
    let instructions = context.doc.syntax().instructions();
    let next = instructions.partition_point(|placed| placed.start < offset);
    let end = instructions.get(next).map_or(context.doc.text().len(), |placed| placed.start);
    context.doc.text().slice(offset..end).lines().any(|line| {
        let comment = line.trim_start().strip_prefix('#').and_then(|comment| comment.split_once('='));
        let name = comment.map(|(name, _)| name.trim().to_ascii_lowercase());
        matches!(name.as_deref(), Some("syntax" | "escape" | "check"))
    })
}

/// `name`, or with a number behind it if a stage has that name, or an image that a stage of that name would hide.
pub fn free_name(context: &Context<'_>, name: &str) -> String {
    let names = context.stages.names();
    let is_free = |name: &str| {
        matches!(names.look_up(Lookup::Mount, name), Found::Other) && !context.is_referred_to(name)
    };
    if is_free(name) {
        return name.to_owned();
    }
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    numbered.into_iter().find(|name| is_free(name)).expect("one of infinitely many is free")
}

/// A name for a stage that has none.
pub fn suggested_name(context: &Context<'_>, stage: &Stage) -> String {
    const BUILDERS: [&str; 10] =
        ["golang", "rust", "maven", "gradle", "gcc", "node", "sdk", "buildpack-deps", "swift", "haskell"];
    let base = context.stages.base(stage.index).map(|base| &base.resolution);
    let name = match base {
        Some(Resolution::Image(image)) => {
            let repository = image.repository.rsplit('/').next().unwrap_or_default();
            if BUILDERS.contains(&repository) {
                Some("builder".to_owned())
            } else {
                names::valid_name_near(repository).map(|name| format!("{name}-stage"))
            }
        }
        _ => None,
    };
    free_name(context, &name.unwrap_or_else(|| format!("stage-{}", stage.index)))
}

/// Gives an unnamed stage a name. `None` where its FROM is not finished.
pub fn name_stage(context: &Context<'_>, stage: usize, name: &str) -> Option<Edit> {
    let placed = context.opening(stage);
    match &placed.instruction.arguments {
        Arguments::From(from) if from.as_keyword.is_none() && from.unexpected.is_empty() => {
            let base = placed.at(from.base.as_ref()?.range());
            Some(insert(base.end, format!(" AS {name}")))
        }
        _ => None,
    }
}

/// What a COPY may write to mean a stage.
pub fn copy_text(stage: &Stage) -> String {
    match &stage.name {
        Some(name) => name.text.clone(),
        None => stage.index.to_string(),
    }
}

/// How a message calls a stage: `Stage "builder"`, or `Stage 2`.
pub fn title(stage: &Stage) -> String {
    match &stage.name {
        Some(name) => format!("Stage \"{}\"", name.text),
        None => format!("Stage {}", stage.index),
    }
}

/// How many other stages are offered instead of a wrong one.
const OFFERED: usize = 5;

/// The stages above a reference that it could mean instead, nearest first, with the text that means them.
pub fn stages_above(context: &Context<'_>, reference: &Reference) -> Vec<(usize, String)> {
    let all = &context.stages.all()[..reference.stage];
    let text = |stage: &Stage| match reference.kind {
        ReferenceKind::Copy => Some(copy_text(stage)),
        ReferenceKind::Mount | ReferenceKind::From => {
            stage.name.as_ref().map(|name| name.text.to_lowercase())
        }
    };
    // A name that a later stage has too means that one.
    let means = |stage: &Stage| {
        stage
            .name
            .as_ref()
            .is_none_or(|name| context.stages.names().with_name(&name.text).last() == Some(&stage.index))
    };
    let offered = all.iter().rev().filter(|stage| means(stage));
    offered.filter_map(|stage| Some((stage.index, text(stage)?))).take(OFFERED).collect()
}
