//! Code lenses in the shape that clients take.
//!
//! A command that the client does not have would be a link to an error. So those that build are there for clients alone that
//! say they have them, and the first lens is plain text for others: a command without a name.

use serde::Serialize;
use tower_lsp::ls_types::{self as lsp, Uri};

use super::{
    capabilities::{COPY_BUILD_COMMAND, RUN_BUILD, SHOW_REFERENCES},
    commands::BuildLine,
    convert::{Places, View},
    index::Index,
    store::file,
};
use crate::features::{lens, outside::build_command::BuildCommands};

/// A [`CodeLens`](lsp::CodeLens) whose arguments are not JSON values before they are written: all uses of all stages may be many.
#[derive(Debug, Serialize)]
pub struct Lens {
    range: lsp::Range,
    command: Command,
}

#[derive(Debug, Serialize)]
struct Command {
    title: String,
    command: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<Arguments>,
}

/// Each a list.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Arguments {
    Uses(Uri, lsp::Position, Vec<lsp::Location>),
    Build([BuildLine; 1]),
}

/// `textDocument/codeLens`.
pub fn lenses(index: &Index, view: &View<'_>) -> Vec<Lens> {
    let commands = view.client.commands;
    let found = lens::lenses(view.document);
    let places = Places::new(view);
    let path = file(view.uri).filter(|_| commands.run_build || commands.copy_build_command);
    let builds = path.as_ref().and_then(|path| index.with(|all| BuildCommands::of(all, path, view.document)));
    let mut lenses = Vec::new();
    for lens in found {
        let range = places.range(&lens.range);
        let mut add = |title: String, command: &'static str, arguments: Option<Arguments>| {
            lenses.push(Lens { range, command: Command { title, command, arguments } });
        };
        if let Some(title) = lens.title {
            if commands.show_references && !lens.uses.is_empty() {
                let location = |range| lsp::Location { uri: view.uri.clone(), range: places.range(range) };
                let uses = lens.uses.iter().map(location).collect();
                add(title, SHOW_REFERENCES, Some(Arguments::Uses(view.uri.clone(), range.start, uses)));
            } else {
                add(title, "", None);
            }
        }
        let Some(build) = builds.as_ref().and_then(|builds| builds.command(lens.stage)) else { continue };
        let line = BuildLine::new(view.uri, build);
        let arguments = || Some(Arguments::Build([line.clone()]));
        if lens.build && commands.run_build {
            add("Build".into(), RUN_BUILD, arguments());
        }
        if lens.copy && commands.copy_build_command {
            add("Copy build command".into(), COPY_BUILD_COMMAND, arguments());
        }
    }
    lenses
}
