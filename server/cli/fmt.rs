//! `fmt`: files in one style.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;

use super::{
    Outcome, complain,
    files::{self, STDIN, Source},
    fix, print, settings,
};
use crate::{
    document::Document,
    features::format::{Style, format},
    settings::Settings,
};

const AFTER_HELP: &str = "\
Only white space changes, and the case of keywords if the settings ask for it: what BuildKit reads stays as it is, and so do
comments, heredocs and quoted text. Folders are searched as by `dockerfile-ls check`. The table [format] of the nearest
dockerfile-ls.toml beside or above a file says how it is to look.

Of standard input the formatted text goes to standard output.

Exit code: 0 if all is well, 1 if --check found a file that is not formatted, 2 if something could not be read or written.

Examples:
  dockerfile-ls fmt
  dockerfile-ls fmt --check docker/ build.Dockerfile
  dockerfile-ls fmt - < Dockerfile";

/// Format Dockerfiles
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Write nothing, list the files that are not formatted
    #[arg(long)]
    check: bool,
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Outcome {
    let mut outcome = Outcome::Clean;
    let files = files::find(&arguments.paths, &mut |message| outcome = complain(message));
    if files.is_empty() && outcome == Outcome::Clean {
        // Not a failure: the same job may run over many repositories.
        complain("there is no Dockerfile here");
    }
    let settings = settings::of(&files, &mut |message| outcome = complain(message));
    let mut changed = Vec::new();
    for (path, settings) in files.iter().zip(settings) {
        match file(path, settings, arguments.check) {
            Ok(true) => changed.push(files::title(path)),
            Ok(false) => {}
            Err(error) => outcome = complain(format_args!("cannot format {}: {error}", files::title(path))),
        }
    }
    if arguments.check {
        if !changed.is_empty() {
            outcome = outcome.max(Outcome::Findings);
        }
        return outcome.max(print(|out| changed.iter().try_for_each(|file| writeln!(out, "{file}"))));
    }
    for file in changed.iter().filter(|_| !files.iter().any(|path| path.as_os_str() == STDIN)) {
        complain(format_args!("formatted {file}"));
    }
    outcome
}

/// Formats one file. Whether it was not as it should be.
fn file(path: &Path, settings: Arc<Settings>, check: bool) -> io::Result<bool> {
    let source = files::read(path)?;
    let style = Style::alone(&settings.format);
    let formatted = formatted(&source, settings, &style);
    let changes = formatted != source.text;
    if !check && (changes || path.as_os_str() == STDIN) {
        fix::obstacle(path, &source)?;
        fix::write(path, &formatted, source.has_bom)?;
    }
    Ok(changes)
}

fn formatted(source: &Source, settings: Arc<Settings>, style: &Style) -> String {
    // What is no text can't be written back.
    if !source.is_utf8 {
        return source.text.clone();
    }
    let doc = Document::open(&source.text, 0).with_settings(settings);
    fix::apply(&source.text, &format(&doc, style, None))
}
