//! `graph`: the stages of a file, what they need, and what a target therefore builds and pulls.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{Build, Outcome, complain, files, print, target, workspace};
use crate::{
    document::Document,
    features::graph::{self, Graph},
};

const AFTER_HELP: &str = "\
The last stage is the default target. It and what it needs are built; nothing else is, so a test stage that no other
stage copies from does not run.

Examples:
  dockerfile-ls graph
  dockerfile-ls graph .                                      all Dockerfiles, with who builds what
  dockerfile-ls graph --target test docker/web.Dockerfile
  dockerfile-ls graph --build-arg VARIANT=debug --format json Dockerfile
  dockerfile-ls graph --format dot Dockerfile | dot -Tsvg > stages.svg";

/// Show the stages of a Dockerfile, what they need, and what is built
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(flatten)]
    build: Build,
    /// How to show the graph
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The Dockerfile, `-` for standard input, or a folder for all of its Dockerfiles
    #[arg(value_name = "FILE", default_value = "Dockerfile")]
    file: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A tree from the target down to the images
    Text,
    /// Everything, for programs
    Json,
    /// A Mermaid flowchart, which Markdown on GitHub and GitLab shows
    Mermaid,
    /// A Graphviz graph
    Dot,
}

impl Format {
    fn meant(self) -> graph::Format {
        match self {
            Format::Text => graph::Format::Text,
            Format::Json => graph::Format::Json,
            Format::Mermaid => graph::Format::Mermaid,
            Format::Dot => graph::Format::Dot,
        }
    }
}

pub fn run(arguments: &Arguments) -> Outcome {
    if arguments.file.is_dir() {
        return folder(arguments);
    }
    let title = files::title(&arguments.file);
    let text = match files::read(&arguments.file) {
        Ok(source) => source.text,
        Err(error) => return complain(format_args!("cannot read {title}: {error}")),
    };
    let doc = Document::with_options(&text, 0, Arc::new(arguments.build.options()));
    if let Some(complaint) = target::complaint(&doc) {
        return complain(format_args!("{title}: {complaint}"));
    }
    let graph = Graph::of(&doc);
    print(|out| graph.write(out, arguments.format.meant(), &title))
}

/// The graph of each Dockerfile in a folder, with what other files of the folder build.
fn folder(arguments: &Arguments) -> Outcome {
    let workspace = match workspace::open(&arguments.file) {
        Ok(workspace) => workspace,
        Err(error) => return complain(format_args!("cannot read {}: {error}", arguments.file.display())),
    };
    let mut all = Vec::new();
    for path in workspace.dockerfiles() {
        let Ok(source) = files::read(path) else { continue };
        let options = Arc::new(arguments.build.options());
        let outside = Arc::new(workspace.outside(path));
        let doc = Document::with_options(&source.text, 0, options).with_outside(outside);
        // Of many files some may well lack the target.
        if target::complaint(&doc).is_none() {
            all.push(Titled { file: workspace.title(path), graph: Graph::of(&doc) });
        }
    }
    print(|out| match arguments.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &all)?;
            writeln!(out)
        }
        Format::Text | Format::Mermaid | Format::Dot => {
            all.iter().enumerate().try_for_each(|(index, titled)| {
                if index > 0 {
                    writeln!(out)?;
                }
                match arguments.format {
                    Format::Mermaid => writeln!(out, "%% {}", titled.file)?,
                    Format::Dot => writeln!(out, "// {}", titled.file)?,
                    Format::Text | Format::Json => {}
                }
                titled.graph.write(out, arguments.format.meant(), &titled.file)
            })
        }
    })
}

/// A graph with its Dockerfile, from the folder on.
#[derive(Debug, Serialize)]
struct Titled {
    file: String,
    #[serde(flatten)]
    graph: Graph,
}
