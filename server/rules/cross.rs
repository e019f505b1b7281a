//! Stages that run on the platform of the builder, and those that are for the platform that is asked for.

use super::{
    context::Context,
    stage_roles::{is_development, is_tool},
};
use crate::{
    flow::{Fact, StageFlow, StagePlatform, path},
    stages::{ReferenceKind, expand::Piece},
    syntax::Word,
    variables::Mode,
};

/// A COPY from a stage on the platform of the builder into one for the platform that is asked for.
#[derive(Debug)]
pub struct Crossing<'a> {
    /// As index into [`Syntax::instructions`](crate::syntax::Syntax::instructions).
    pub instruction: usize,
    pub from: &'a StageFlow,
    pub to: &'a StageFlow,
    pub source: &'a Word,
    /// Absolute and clean.
    pub path: String,
}

impl Crossing<'_> {
    /// What it brings that came into being in stages on the platform of the builder.
    pub fn facts<'s>(&'s self, context: &'s Context<'_>) -> impl Iterator<Item = &'s Fact> {
        self.from
            .writers(&self.path)
            .filter(|fact| context.flow().stage(fact.origin.stage).root().platform == StagePlatform::Build)
    }
}

/// How many are looked at.
const MOST: usize = 200;

/// All of a file, in file order, into stages whose files come into an image.
pub fn crossings<'a>(context: &Context<'a>) -> Vec<Crossing<'a>> {
    let mut found = Vec::new();
    let is_on_builder = |stage: usize| {
        let platform =
            context.opening(stage).instruction.flag("platform").and_then(|flag| flag.value.as_ref());
        platform.is_some_and(|platform| platform.text().contains("BUILDPLATFORM"))
    };
    if !context.stages.all().iter().any(|stage| is_on_builder(stage.index)) {
        return found;
    }
    let flow = context.flow();
    let last = context.final_stage().map(|stage| flow.stage(stage));
    let in_last: Vec<usize> =
        last.iter().flat_map(|stage| stage.chain()).map(|stage| stage.index()).collect();
    // A stage that only others use brings its files somewhere else, perhaps to one on the builder again.
    let is_shipped = |stage: usize| {
        let name = context.stages.all()[stage].name.as_ref().map(|name| name.text.as_str());
        let is_for_work = name.is_some_and(|name| is_development(name) || is_tool(name));
        in_last.contains(&stage) || !(context.needed[stage] || context.variable[stage] || is_for_work)
    };
    for reference in context.stages.references() {
        if found.len() >= MOST {
            break;
        }
        let Some(target) = reference.target() else { continue };
        if reference.kind != ReferenceKind::Copy || reference.onbuild || target >= reference.stage {
            continue;
        }
        let (from, to) = (flow.stage(target), flow.stage(reference.stage));
        if !is_shipped(reference.stage)
            || from.root().platform != StagePlatform::Build
            || to.root().platform != StagePlatform::Target
        {
            continue;
        }
        let index = reference.instruction;
        let words = context.instruction(index).instruction.meant_words();
        let Some((_, sources)) = words.split_last() else { continue };
        for source in sources {
            let text = context.doc.expand(index, source, Mode::Defaults).ok();
            let Some(text) =
                text.filter(|text| !text.pieces().contains(&Piece::Any)).and_then(|it| it.text())
            else {
                continue;
            };
            let Some(path) = path::join(Some("/"), &text) else { continue };
            // What a pattern may match lies in the directory in front of it.
            let path = match path.find(['*', '?', '[']) {
                Some(at) => path::parent(&path[..at + 1]).to_owned(),
                None => path,
            };
            found.push(Crossing { instruction: index, from, to, source, path });
        }
    }
    found
}

/// Whether a stage, or one that it builds on, says anything of the platform that is asked for.
pub fn knows_target(context: &Context<'_>, stage: &StageFlow) -> bool {
    const WORDS: [&str; 12] = [
        "TARGETARCH",
        "TARGETPLATFORM",
        "TARGETOS",
        "TARGETVARIANT",
        "GOARCH",
        "GOOS",
        "xx-",
        "goreleaser",
        "--target",
        "-target",
        "CARGO_BUILD_TARGET",
        "CROSS",
    ];
    stage.chain().any(|stage| {
        let text = context.doc.text().slice(context.stages.all()[stage.index()].range.clone());
        WORDS.iter().any(|word| text.contains(word))
    })
}
