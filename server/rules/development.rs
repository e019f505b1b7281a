//! Whether dependencies for development are among those that are installed somewhere.

use super::{context::Context, running::Running};
use crate::{
    flow::{Fact, Origin, Product, StageFlow, path},
    shell::Piece,
    tools::{self, Dev, Ecosystem},
    variables::Mode,
};

/// The last command that decided it.
#[derive(Debug)]
pub struct Install<'c> {
    pub running: &'c Running<'c>,
    pub ecosystem: Ecosystem,
    pub dev: Dev,
    /// Whether the command itself says that it leaves them out, and not its environment.
    pub says_so: bool,
    /// Where the dependencies stand in the stage that was asked.
    pub path: &'c str,
    /// Whether the command runs in every build, and another one does not hide in a script.
    pub certain: bool,
}

/// What installed the dependencies that stand at or below `path` in `stage`, before the command or instruction `before` of it
/// (at its end if there is none): the last command that had a say, in this stage or the one that they were copied from.
pub fn installed<'c>(
    context: &'c Context<'_>,
    stage: &'c StageFlow,
    before: Option<Origin>,
    path: &str,
) -> Option<Install<'c>> {
    let is_before =
        |fact: &&Fact| before.is_none_or(|before| fact.by.stage != before.stage || fact.by < before);
    for fact in stage.facts().filter(is_before) {
        let Product::Dependencies(ecosystem) = fact.product else { continue };
        if fact.volatile.is_some() || !path::is_within(&fact.path, path) || !is_usual(ecosystem, &fact.path) {
            continue;
        }
        let running = context.running_at(fact.origin)?;
        let call = running.call?;
        // These keep what is there.
        if ecosystem == Ecosystem::Node
            && matches!(call.arguments.first()?.literal()?.as_str(), "rebuild" | "dedupe" | "link")
        {
            continue;
        }
        let found = tools::dependencies(call).filter(|found| found.ecosystem == ecosystem);
        let dev = match found.map(|found| found.dev) {
            _ if matches!(call.name, "rm" | "node-prune") => return None,
            _ if tools::prunes(call) == Some(ecosystem) => Dev::Left,
            Some(dev) => dev,
            None => return None,
        };
        let says_so = dev == Dev::Left;
        let dev = if dev == Dev::Included { in_environment(context, running, ecosystem) } else { dev };
        let certain = fact.certain
            && running.flow().certain_image().is_some()
            && !is_hidden(context, stage, fact.origin);
        return Some(Install { running, ecosystem, dev, says_so, path: &fact.path, certain });
    }
    None
}

/// Whether a path is where the tools of an ecosystem put dependencies, and not one of them.
fn is_usual(ecosystem: Ecosystem, path: &str) -> bool {
    match ecosystem {
        Ecosystem::Node => path::name(path) == "node_modules",
        Ecosystem::Php => path::name(path) == "vendor",
        _ => true,
    }
}

/// Whether a script that nobody can read ran since `origin`, and may have done anything.
fn is_hidden(context: &Context<'_>, stage: &StageFlow, origin: Origin) -> bool {
    let own = context.flow().stage(origin.stage);
    let mut runs = stage.chain().chain([own]).flat_map(StageFlow::opaque_runs);
    runs.any(|run| run.stage != origin.stage || *run > origin)
}

/// Whether what a command installs by itself includes dependencies for development, in the environment of its stage.
fn in_environment(context: &Context<'_>, running: &Running<'_>, ecosystem: Ecosystem) -> Dev {
    let names: &[&str] = match ecosystem {
        Ecosystem::Node => {
            &["NODE_ENV", "NPM_CONFIG_OMIT", "npm_config_omit", "NPM_CONFIG_PRODUCTION", "YARN_PRODUCTION"]
        }
        Ecosystem::Php => &["COMPOSER_NO_DEV"],
        Ecosystem::Ruby => &["BUNDLE_WITHOUT", "BUNDLE_DEPLOYMENT", "BUNDLE_ONLY"],
        Ecosystem::Python => &["UV_NO_DEV", "UV_NO_DEFAULT_GROUPS", "UV_NO_GROUP", "POETRY_WITHOUT"],
        _ => return Dev::Unknown,
    };
    // An image may set them, one that nobody knows too.
    let Some(image) = running.flow().image() else { return Dev::Unknown };
    if names.iter().any(|name| image.sets(name)) || is_configured(context, running, names) {
        return Dev::Unknown;
    }
    let doc = context.doc;
    for index in doc.variables().visible(context.stages, Some(running.stage), running.placed().start) {
        let name = &*doc.variables().declarations()[index].name;
        if !names.contains(&name) {
            continue;
        }
        let value = |mode| doc.value_of_declaration(index, mode).and_then(|value| value.text());
        match (value(Mode::Defaults), value(Mode::Open)) {
            (Some(a), Some(b)) if a == b && name == "NODE_ENV" && a != "production" => {}
            _ => return Dev::Unknown,
        }
    }
    Dev::Included
}

/// Whether a command above changes the settings of the tool: `export NODE_ENV=production`, `npm config set omit dev`.
fn is_configured(context: &Context<'_>, running: &Running<'_>, names: &[&str]) -> bool {
    let stages = running.flow().chain().map(StageFlow::index);
    let mut above = stages.flat_map(|stage| context.running_in(stage));
    above.any(|other| {
        let command = other.line.command;
        let same_run = (other.stage, other.number) == (running.stage, running.number);
        let exports = matches!(other.name(), "" | "export") && same_run;
        if exports && command.assignments.iter().any(|it| names.contains(&it.name.as_str())) {
            return true;
        }
        let Some(call) = other.call else { return false };
        let says = |wanted: &[&str]| {
            call.arguments.iter().flat_map(|argument| &argument.pieces).any(
                |piece| matches!(piece, Piece::Text(text) if wanted.iter().any(|word| text.contains(word))),
            )
        };
        matches!(call.name, "npm" | "pnpm" | "yarn" | "bundle" | "uv" | "poetry")
            && says(&["config", "set"])
            && says(&["omit", "production", "only", "without", "deployment"])
    })
}
