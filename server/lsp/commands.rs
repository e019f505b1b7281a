//! `workspace/executeCommand`: questions that the protocol has no request for.

use std::sync::Arc;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tower_lsp::{
    jsonrpc::{Error, Result},
    ls_types::{self as lsp, Uri},
};

use super::{index::Index, sources::Sources, store::file};
use crate::{
    document::Document,
    features::{
        graph::{Format, Graph, Look, Theme},
        outside::build_command::{BuildCommand, BuildCommands},
    },
    rules,
    stages::Target,
};

/// The command line that builds a stage.
const BUILD_COMMAND: &str = "dockerfile-ls.buildCommand";
/// A drawing of the stages.
const STAGE_GRAPH: &str = "dockerfile-ls.stageGraph";

/// The names of all commands.
pub const ALL: [&str; 2] = [BUILD_COMMAND, STAGE_GRAPH];

/// `{"uri": …, "stage": "test"}`; the stage by its name or number, the last one without it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BuildArguments {
    uri: Uri,
    stage: Option<StageName>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a stage is named by its name or its number")]
enum StageName {
    Number(usize),
    Name(String),
}

/// `{"uri": …, "format": "mermaid", "target": "test"}`; the last stage without a target. A picture may have `"theme": "dark"`, and
/// `"needed": true` to leave out what the target does not need.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GraphArguments {
    uri: Uri,
    format: Option<String>,
    target: Option<String>,
    theme: Option<String>,
    needed: Option<bool>,
}

/// Answers a command.
pub fn execute(
    index: &Index,
    sources: &Sources,
    params: lsp::ExecuteCommandParams,
) -> Result<Option<lsp::LSPAny>> {
    let lsp::ExecuteCommandParams { command, arguments, .. } = params;
    match command.as_str() {
        // Some clients send what is nothing but a title.
        "" => Ok(None),
        BUILD_COMMAND => build(index, sources, read(&command, arguments)?).map(Some),
        STAGE_GRAPH => graph(index, sources, read(&command, arguments)?).map(Some),
        _ => Err(Error::invalid_params(format!(
            "there is no command `{command}`; there are {}",
            ALL.join(", ")
        ))),
    }
}

/// The one argument of a command, a table.
fn read<T: DeserializeOwned>(command: &str, arguments: Vec<Value>) -> Result<T> {
    let count = arguments.len();
    let Ok([argument]) = <[Value; 1]>::try_from(arguments) else {
        return Err(Error::invalid_params(format!(
            "{command} takes one argument, a table, not {count} of them"
        )));
    };
    if !argument.is_object() {
        return Err(Error::invalid_params(format!("the argument of {command} has to be a table")));
    }
    serde_json::from_value(argument)
        .map_err(|error| Error::invalid_params(format!("the argument of {command}: {error}")))
}

/// A command line with all that somebody who runs it needs.
#[derive(Debug, Clone, Serialize)]
pub struct BuildLine {
    command: String,
    cwd: String,
    target: Option<String>,
    uri: Uri,
}

impl BuildLine {
    pub fn new(uri: &Uri, BuildCommand { line, folder, target }: BuildCommand) -> BuildLine {
        BuildLine { command: line, cwd: folder, target, uri: uri.clone() }
    }
}

fn build(index: &Index, sources: &Sources, arguments: BuildArguments) -> Result<Value> {
    let uri = &arguments.uri;
    let document = document(index, sources, uri)?;
    let Some(path) = file(uri) else {
        return Err(Error::invalid_params(format!("{} is not a file on this disk", uri.as_str())));
    };
    let stages = document.stages();
    let stage = match &arguments.stage {
        None => stages.all().len().checked_sub(1),
        Some(StageName::Number(index)) => Some(*index).filter(|&index| index < stages.all().len()),
        Some(StageName::Name(name)) => stages.names().with_name(name).last().copied(),
    };
    let stage = stage.ok_or_else(|| Error::invalid_params("there is no such stage".to_owned()))?;
    let command = index.with(|all| BuildCommands::of(all, &path, &document)?.command(stage));
    match command {
        Some(command) => Ok(json!(BuildLine::new(uri, command))),
        None => {
            let title = stages.all()[stage].title();
            Err(Error::invalid_params(format!("no command line can ask for {title}")))
        }
    }
}

fn graph(index: &Index, sources: &Sources, arguments: GraphArguments) -> Result<Value> {
    let format = named("format", arguments.format.as_deref(), &Format::NAMES)?.unwrap_or(Format::Mermaid);
    let theme = named("theme", arguments.theme.as_deref(), &Theme::NAMES)?.unwrap_or_default();
    let mut document = document(index, sources, &arguments.uri)?;
    if let Some(target) = arguments.target {
        document = Arc::new(document.for_target(target));
    }
    if let Target::NotFound(name) = document.stages().target() {
        return Err(Error::invalid_params(format!("there is no stage `{name}`")));
    }
    let title = index.title(&arguments.uri);
    let mut out = Vec::new();
    let mut graph = Graph::of(&document);
    if matches!(format, Format::Svg | Format::Json) {
        graph.count(&document, &rules::check_only(&document));
    }
    let look = Look { theme, needed: arguments.needed.unwrap_or(false), title: &title };
    let written = graph.write(&mut out, format, &look);
    match written.map(|()| String::from_utf8(out)) {
        Ok(Ok(text)) => Ok(text.into()),
        Ok(Err(_)) | Err(_) => Err(Error::internal_error()),
    }
}

/// What a name among those of `known` means.
fn named<T: Copy>(what: &str, name: Option<&str>, known: &[(&str, T)]) -> Result<Option<T>> {
    let Some(name) = name else { return Ok(None) };
    if let Some((_, meant)) = known.iter().find(|(known, _)| *known == name) {
        return Ok(Some(*meant));
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    Err(Error::invalid_params(format!("there is no {what} `{name}`; there are {names}")))
}

/// A Dockerfile as it is open, else from the disk.
fn document(index: &Index, sources: &Sources, uri: &Uri) -> Result<Arc<Document>> {
    if sources.get(uri).is_some() {
        return Err(Error::invalid_params(format!("{} is not a Dockerfile", uri.as_str())));
    }
    index.document(uri).ok_or_else(|| Error::invalid_params(format!("{} can't be read", uri.as_str())))
}
