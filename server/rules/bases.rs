//! What rules say of the image that a stage stands on, and whether a shell is there.

use std::ops::Range;

use super::{
    context::Context,
    stage_roles::{is_development, is_tool},
};
use crate::{
    flow::{Fact, Origin, StageFlow, path},
    images::{Family, Shell},
    syntax::{Arguments, Keyword, Word},
};

/// Where a shell may lie that `/bin/sh` means.
const SHELLS: [&str; 2] = ["/bin/sh", "/usr/bin/sh"];

/// The stage whose FROM names the image or `scratch` that `stage` stands on.
pub fn root_stage(flow: &StageFlow) -> usize {
    flow.chain().last().map_or(flow.index(), StageFlow::index)
}

/// That FROM's word.
pub fn root_word<'a>(context: &Context<'a>, flow: &StageFlow) -> Option<&'a Word> {
    match &context.opening(root_stage(flow)).instruction.arguments {
        Arguments::From(from) => from.base.as_ref(),
        _ => None,
    }
}

/// Where it stands, in bytes of the file.
pub fn root_place(context: &Context<'_>, flow: &StageFlow) -> Option<Range<usize>> {
    let placed = context.opening(root_stage(flow));
    Some(placed.at(root_word(context, flow)?.range()))
}

/// How a message calls what a stage stands on, in backticks: as it is written, without a digest.
pub fn root_name(context: &Context<'_>, flow: &StageFlow) -> String {
    let written = root_word(context, flow).map_or("", Word::text);
    format!("`{}`", written.split('@').next().unwrap_or_default())
}

/// The stages that may be images that people run, each with its number: the one that is built, and those that say what to run,
/// unless their names say that they are for something else.
pub fn shipped(context: &Context<'_>) -> Vec<usize> {
    let final_stage = context.final_stage();
    let is_shipped = |stage: &&crate::stages::Stage| {
        let end = context.flow().stage(stage.index).end();
        let name = stage.name.as_ref().map(|name| name.text.as_str());
        let runs = end.cmd.is_some() || end.entrypoint.is_some();
        final_stage == Some(stage.index)
            || (runs && !name.is_some_and(|name| is_development(name) || is_tool(name)))
    };
    context.stages.all().iter().filter(is_shipped).map(|stage| stage.index).collect()
}

/// Whether a stage certainly has no `/bin/sh` for its instruction `number` (from 0, the FROM), nor another shell that a SHELL
/// names. `usize::MAX` for its end.
pub fn lacks_shell(context: &Context<'_>, flow: &StageFlow, number: usize) -> bool {
    let no_shell = flow.root().is_scratch()
        || flow.certain_image().is_some_and(|facts| {
            facts.shell == Shell::None && !matches!(facts.family, Family::Windows | Family::Unknown)
        });
    no_shell
        && !is_opaque_above(flow, number)
        && flow.before(number).shell_by.is_none()
        && !may_bring(context, flow, number, &SHELLS)
}

/// Whether what is put at `path` may hold a shell.
pub fn may_hold_shell(path: &str) -> bool {
    path::join(None, path).is_none_or(|path| SHELLS.iter().any(|shell| path::is_within(shell, &path)))
}

/// Whether a RUN above instruction `number` of a stage may have written anything.
fn is_opaque_above(flow: &StageFlow, number: usize) -> bool {
    flow.parent().is_some_and(StageFlow::is_opaque)
        || flow.opaque_runs().iter().any(|by| by.stage != flow.index() || by.instruction < number)
}

/// Whether one of `paths` may be written above instruction `number` of a stage.
pub fn may_bring(context: &Context<'_>, flow: &StageFlow, number: usize, paths: &[&str]) -> bool {
    let own =
        flow.own_facts().iter().filter(|fact| fact.by.stage != flow.index() || fact.by.instruction < number);
    let inherited = flow.chain().skip(1).flat_map(StageFlow::own_facts);
    own.chain(inherited).any(|fact| paths.iter().any(|path| fact.touches(path)))
        || flow.chain().any(|stage| copies_system(context, stage, paths))
}

/// Whether a COPY takes one of `paths` from another stage or image: facts don't tell of the files of an image.
fn copies_system(context: &Context<'_>, flow: &StageFlow, paths: &[&str]) -> bool {
    let instructions = context.stages.all()[flow.index()].instructions.clone();
    instructions.into_iter().map(|index| &context.instruction(index).instruction).any(|instruction| {
        let [sources @ .., _] = instruction.meant_words() else { return false };
        instruction.keyword == Keyword::Copy
            && instruction.flag("from").is_some()
            && sources.iter().any(|source| {
                let from = path::join(Some("/"), source.text().trim_end_matches('*'));
                from.is_none_or(|from| paths.iter().any(|path| path::is_within(path, &from)))
            })
    })
}

/// Whether a fact comes from a COPY or ADD.
pub fn is_copied(context: &Context<'_>, fact: &Fact) -> bool {
    fact.by.command.is_none() && matches!(keyword_of(context, fact.by), Keyword::Copy | Keyword::Add)
}

/// What the instruction of an origin does.
pub fn keyword_of(context: &Context<'_>, origin: Origin) -> Keyword {
    let index = context.stages.all()[origin.stage].instructions.start + origin.instruction;
    context.instruction(index).instruction.effective().keyword
}
