//! `check`, `fmt`, `graph`, `targets`, `explain` and `settings` on the command line.
//!
//! This file knows the arguments and the exit codes. Each command is one file, each output format another, and
//! [`place`] is where bytes become lines and columns.

mod all_settings;
mod check;
mod explain;
mod files;
mod fix;
mod fmt;
mod github;
mod graph;
mod json;
mod pages;
mod place;
mod sarif;
mod settings;
mod target;
mod targets;
mod text;
mod workspace;

use std::{
    collections::BTreeMap,
    fmt::Display,
    io::{self, BufWriter, Write},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};

use crate::stages::BuildOptions;

/// What a command ends with. Of two that apply, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Clean = 0,
    /// There are findings that count.
    Findings = 1,
    /// Something could not be read or written, or was asked for in a wrong way.
    Failed = 2,
}

const ABOUT: &str = "A language server for multi-stage Dockerfiles that follows BuildKit's own rules.

Without a command it is the server: it speaks the Language Server Protocol on its standard input and output.";

const AFTER_HELP: &str = "\
Examples:
  dockerfile-ls --stdio                                  what an editor runs
  dockerfile-ls check                                    check every Dockerfile below the current folder
  dockerfile-ls check --fail-on error docker/            let a job fail for errors only
  dockerfile-ls fmt --check                              let a job fail for files that are not formatted
  dockerfile-ls explain unknown-stage-reference          say what a rule is about
  dockerfile-ls graph Dockerfile                         show what the default target builds and pulls
  dockerfile-ls graph --target test --format mermaid     draw it for a README
  dockerfile-ls targets                                  list what Compose, Bake and CI files build
  dockerfile-ls settings                                 list what can be set up";

#[derive(Debug, Parser)]
#[command(name = "dockerfile-ls", version, about = ABOUT, after_help = AFTER_HELP, arg_required_else_help = true)]
struct Cli {
    /// Run the server on standard input and output, as without any argument
    // Listed for `--help` only: `main` looks for it before anything is parsed here.
    #[arg(long)]
    stdio: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Arguments),
    Fmt(fmt::Arguments),
    Graph(graph::Arguments),
    Targets(targets::Arguments),
    Explain(explain::Arguments),
    Settings(all_settings::Arguments),
}

/// How the build would be called.
#[derive(Debug, Args)]
struct Build {
    /// Look at a build of this stage instead of the last one (as `docker build --target`)
    #[arg(long, value_name = "STAGE")]
    target: Option<String>,
    /// Give a global ARG a value (as `docker build --build-arg`); without `=VALUE` it comes from the environment
    #[arg(long = "build-arg", value_name = "NAME=VALUE", value_parser = build_arg)]
    build_args: Vec<(String, Option<String>)>,
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Some(Command::Check(arguments)) => check::run(&arguments),
        Some(Command::Fmt(arguments)) => fmt::run(&arguments),
        Some(Command::Graph(arguments)) => graph::run(&arguments),
        Some(Command::Targets(arguments)) => targets::run(&arguments),
        Some(Command::Explain(arguments)) => explain::run(&arguments),
        Some(Command::Settings(arguments)) => all_settings::run(&arguments),
        // `--stdio` behind something else.
        None => return crate::lsp::run(),
    };
    ExitCode::from(outcome as u8)
}

impl Build {
    fn options(&self) -> BuildOptions {
        // Of two with one name the later counts, set or not.
        let mut build_args = BTreeMap::new();
        for (name, value) in &self.build_args {
            match value {
                Some(value) => build_args.insert(name.clone(), value.clone()),
                None => build_args.remove(name),
            };
        }
        BuildOptions { target: self.target.clone(), build_args }
    }
}

fn build_arg(text: &str) -> Result<(String, Option<String>), String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text, std::env::var(text).ok()),
    };
    if name.is_empty() {
        return Err("it has no name: write NAME=VALUE".into());
    }
    Ok((name.to_owned(), value))
}

/// Writes to standard output. A reader that has seen enough and closed it is no failure.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Outcome {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Ok(()) => Outcome::Clean,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What is still buffered has nobody to go to.
            let _ = out.into_parts();
            Outcome::Clean
        }
        Err(error) => complain(format_args!("cannot write the output: {error}")),
    }
}

/// Says on standard error what went wrong.
fn complain(message: impl Display) -> Outcome {
    // Where even that is closed there is nobody left to tell.
    let _ = writeln!(io::stderr(), "dockerfile-ls: {message}");
    Outcome::Failed
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn build_arguments_are_split_at_the_first_equals_sign() {
        assert_eq!(build_arg("A=b=c"), Ok(("A".into(), Some("b=c".into()))));
        assert_eq!(build_arg("A="), Ok(("A".into(), Some(String::new()))));
        assert_eq!(build_arg("DOCKERFILE_LS_IS_NOT_SET"), Ok(("DOCKERFILE_LS_IS_NOT_SET".into(), None)));
        assert!(build_arg("=x").is_err());
    }
}
