//! `graph`: the stages of a file, what they need, and what a target therefore builds and pulls.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{Build, Outcome, complain, files, print, settings, target, workspace};
use crate::{
    document::Document,
    features::graph::{self, Graph, Look},
    rules,
};

const AFTER_HELP: &str = "\
The last stage is the default target. It and what it needs are built; nothing else is, so a test stage that no other
stage copies from does not run.

Examples:
  dockerfile-ls graph
  dockerfile-ls graph .                                      all Dockerfiles, with who builds what
  dockerfile-ls graph --target test docker/web.Dockerfile
  dockerfile-ls graph --build-arg VARIANT=debug --format json Dockerfile
  dockerfile-ls graph --format svg Dockerfile > stages.svg
  dockerfile-ls graph --format svg --theme dark --needed Dockerfile > stages.svg";

/// Show the stages of a Dockerfile, what they need, and what is built
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(flatten)]
    build: Build,
    /// How to show the graph
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The colours of a picture
    #[arg(long, value_enum, default_value_t = Theme::Light)]
    theme: Theme,
    /// Leave out of a picture what the target does not need
    #[arg(long)]
    needed: bool,
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
    /// A picture
    Svg,
}

impl Format {
    fn meant(self) -> graph::Format {
        match self {
            Format::Text => graph::Format::Text,
            Format::Json => graph::Format::Json,
            Format::Mermaid => graph::Format::Mermaid,
            Format::Dot => graph::Format::Dot,
            Format::Svg => graph::Format::Svg,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Theme {
    /// For light pages
    Light,
    /// For dark pages
    Dark,
}

impl Arguments {
    fn look<'a>(&self, title: &'a str) -> Look<'a> {
        let theme = match self.theme {
            Theme::Light => graph::Theme::Light,
            Theme::Dark => graph::Theme::Dark,
        };
        Look { theme, needed: self.needed, title }
    }

    /// The graph of a document. Only some formats have a place for what is found.
    fn graph(&self, doc: &Document) -> Graph {
        let mut graph = Graph::of(doc);
        if matches!(self.format, Format::Json | Format::Svg) {
            graph.count(doc, &rules::check_only(doc));
        }
        graph
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
    let mut failed = Outcome::Clean;
    let settings =
        settings::of(std::slice::from_ref(&arguments.file), &mut |message| failed = complain(message));
    let doc = Document::with_options(&text, 0, Arc::new(arguments.build.options()));
    let doc = settings.into_iter().fold(doc, Document::with_settings);
    if let Some(complaint) = target::complaint(&doc) {
        return complain(format_args!("{title}: {complaint}"));
    }
    let graph = arguments.graph(&doc);
    let printed = print(|out| graph.write(out, arguments.format.meant(), &arguments.look(&title)));
    if failed == Outcome::Clean { printed } else { failed }
}

/// The graph of each Dockerfile in a folder, with what other files of the folder build.
fn folder(arguments: &Arguments) -> Outcome {
    if arguments.format == Format::Svg {
        return complain("a picture is of one Dockerfile, not of a folder");
    }
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
            all.push(Titled { file: workspace.title(path), graph: arguments.graph(&doc) });
        }
    }
    print(|out| match arguments.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &all)?;
            writeln!(out)
        }
        Format::Text | Format::Mermaid | Format::Dot | Format::Svg => {
            all.iter().enumerate().try_for_each(|(index, titled)| {
                if index > 0 {
                    writeln!(out)?;
                }
                match arguments.format {
                    Format::Mermaid => writeln!(out, "%% {}", titled.file)?,
                    Format::Dot => writeln!(out, "// {}", titled.file)?,
                    Format::Text | Format::Json | Format::Svg => {}
                }
                titled.graph.write(out, arguments.format.meant(), &arguments.look(&titled.file))
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
