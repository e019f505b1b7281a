//! `targets`: every place beside the Dockerfiles that names a stage, and what it means.

use std::{
    collections::HashMap,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{Outcome, complain, place::Span, print, workspace};
use crate::{
    builds::{Certainty, Role, kinds::MAX_SIZE},
    features::outside::embedded,
    text::Text,
    workspace::{
        Workspace, disk,
        mentions::{Home, Mention},
    },
};

const AFTER_HELP: &str = "\
Looked at: Compose and Bake files, GitHub workflows and actions, GitLab CI, devcontainer.json, VS Code tasks, skaffold,
Tiltfile, Quadlet, and the build commands in shell scripts, Makefiles, justfiles, Taskfiles, package.json, Markdown and the
comments of Dockerfiles. What .gitignore and .ignore leave out is left out.

Certain: it means this stage. Likely: it does unless the command is called from another folder, or with other values.
Unknown: nobody can tell from the files alone.

Examples:
  dockerfile-ls targets
  dockerfile-ls targets --format json services/ | jq '.[] | select(.stage == null)'";

/// List every place outside of Dockerfiles that names a stage, and the stage that it means
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// How to show the list
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The folder to look through
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each place
    Text,
    /// An array of all places
    Json,
}

/// One place that names a stage. Fields are only ever added.
#[derive(Debug, Serialize)]
struct Row {
    /// From the folder on, as all paths here.
    file: String,
    /// From 1.
    line: u32,
    /// From 1, in characters.
    column: u32,
    kind: &'static str,
    name: Option<String>,
    /// Whether the name stands there as it is.
    literal: bool,
    dockerfile: Option<String>,
    stage: Option<StageRow>,
    certainty: &'static str,
    why: String,
}

#[derive(Debug, Serialize)]
struct StageRow {
    name: Option<String>,
    /// The line of its FROM, from 1.
    line: usize,
}

pub fn run(arguments: &Arguments) -> Outcome {
    let workspace = match workspace::open(&arguments.folder) {
        Ok(workspace) => workspace,
        Err(error) => return complain(format_args!("cannot read {}: {error}", arguments.folder.display())),
    };
    let rows = rows(&workspace);
    print(|out| match arguments.format {
        Format::Text => write_text(out, &rows),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &rows)?;
            writeln!(out)
        }
    })
}

fn rows(workspace: &Workspace) -> Vec<Row> {
    let mut texts: HashMap<Arc<Path>, Option<Text>> = HashMap::new();
    let mut rows = Vec::new();
    for mention in workspace.mentions() {
        let file = mention.spot.file.clone();
        let read = || disk::read(&file, MAX_SIZE).ok().map(|text| Text::new(&text));
        let Some(text) = texts.entry(file.clone()).or_insert_with(read) else { continue };
        let place = Span::of(text, &mention.spot.range).start;
        rows.push(row(workspace, &mention, place.line, place.column));
    }
    rows
}

fn row(workspace: &Workspace, mention: &Mention, line: u32, column: u32) -> Row {
    let title = |path: &Path| workspace.title(path);
    let (dockerfile, stage) = match &mention.dockerfile {
        Home::File(path) => {
            let summary = workspace.dockerfile(path);
            let stage = mention.stage.and_then(|index| summary?.stages.get(index));
            let row = |stage: &crate::workspace::StageSummary| StageRow {
                name: stage.name.as_deref().map(str::to_owned),
                line: stage.line + 1,
            };
            (Some(title(path)), stage.map(row))
        }
        Home::Inline(file, start) => {
            let stage = mention.stage.and_then(|index| inline_stage(workspace, file, *start, index));
            (Some(title(file)), stage)
        }
        Home::Missing(path) => (Some(title(path)), None),
        Home::Unknown => (None, None),
    };
    let by = mention.titles.join(", ");
    let why = match (mention.why, mention.stage) {
        ("", None) => format!("{by}: the Dockerfile has no such stage"),
        ("", Some(_)) => by,
        (why, _) => format!("{by}: {why}"),
    };
    Row {
        file: title(&mention.spot.file),
        line,
        column,
        kind: match mention.role {
            Role::Target => "target",
            Role::NoCacheFilter => "no-cache-filter",
            Role::Context => "context",
        },
        name: mention.name.clone(),
        literal: mention.quoting.is_some(),
        dockerfile,
        stage,
        certainty: match mention.certainty {
            Certainty::Certain => "certain",
            Certainty::Likely => "likely",
            Certainty::Unknown => "unknown",
        },
        why,
    }
}

/// A stage of the Dockerfile that stands in a file from this byte on.
fn inline_stage(workspace: &Workspace, file: &Path, start: usize, index: usize) -> Option<StageRow> {
    let embedded = embedded::starting_at(workspace, file, start)?;
    let stages = embedded.doc.stages();
    let name = stages.all().get(index)?.name.as_ref().map(|name| name.text.clone());
    let place = embedded.place(&stages.selection(index))?;
    let text = disk::read(file, MAX_SIZE).ok()?;
    Some(StageRow { name, line: Text::new(&text).line_of(place.start) + 1 })
}

fn write_text(out: &mut dyn Write, rows: &[Row]) -> io::Result<()> {
    for row in rows {
        let name = row.name.as_deref().unwrap_or("?");
        write!(out, "{}:{}:{}: {} {name}", row.file, row.line, row.column, row.kind)?;
        match (&row.dockerfile, &row.stage) {
            (Some(file), Some(stage)) => write!(out, " -> {file}:{}", stage.line)?,
            (Some(file), None) => write!(out, " -> no stage of {file}")?,
            (None, _) => write!(out, " -> ?")?,
        }
        writeln!(out, " ({}: {})", row.certainty, row.why)?;
    }
    Ok(())
}
