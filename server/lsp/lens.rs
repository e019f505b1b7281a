//! Code lenses in the shape that clients take.
//!
//! A command that the client does not have would be a link to an error. So those that build are there for clients alone that
//! say they have them, and the first lens is plain text for others: a command without a name.

use serde_json::json;
use tower_lsp::ls_types as lsp;

use super::{
    capabilities::{COPY_BUILD_COMMAND, RUN_BUILD, SHOW_REFERENCES},
    commands,
    convert::View,
    index::Index,
    store::file,
};
use crate::features::{lens, outside::build_command::BuildCommands};

/// `textDocument/codeLens`.
pub fn lenses(index: &Index, view: &View<'_>) -> Vec<lsp::CodeLens> {
    let commands = view.client.commands;
    let found = lens::lenses(view.document);
    let path = file(view.uri).filter(|_| commands.run_build || commands.copy_build_command);
    let builds = path.as_ref().and_then(|path| index.with(|all| BuildCommands::of(all, path, view.document)));
    let mut lenses = Vec::new();
    for lens in found {
        let range = view.range(&lens.range);
        let mut add = |title: String, command: &str, arguments: Option<Vec<lsp::LSPAny>>| {
            let command = lsp::Command { title, command: command.to_owned(), arguments };
            lenses.push(lsp::CodeLens { range, command: Some(command), data: None });
        };
        if let Some(title) = lens.title {
            let can_show = commands.show_references && !lens.uses.is_empty();
            let locations = || lens.uses.iter().map(|range| view.location(range)).collect::<Vec<_>>();
            match can_show {
                true => {
                    let arguments = vec![json!(view.uri), json!(range.start), json!(locations())];
                    add(title, SHOW_REFERENCES, Some(arguments));
                }
                false => add(title, "", None),
            }
        }
        let Some(build) = builds.as_ref().and_then(|builds| builds.command(lens.stage)) else { continue };
        let arguments = || Some(vec![commands::build_command(view.uri, &build)]);
        if lens.build && commands.run_build {
            add("Build".into(), RUN_BUILD, arguments());
        }
        if lens.copy && commands.copy_build_command {
            add("Copy build command".into(), COPY_BUILD_COMMAND, arguments());
        }
    }
    lenses
}
