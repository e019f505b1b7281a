//! `check`: what is wrong with some files.

use std::{
    io,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use clap::{Args, ValueEnum};

use super::{Build, Outcome, complain, files, json, print, target, text};
use crate::{
    context_files::ignore_of,
    document::Document,
    rules::{self, Finding, Severity},
    stages::{BuildOptions, Target},
};

const AFTER_HELP: &str = "\
Folders are searched for Dockerfile, Dockerfile.*, *.Dockerfile and the same with Containerfile, in any case. What
.gitignore and .ignore leave out is left out; so are links, and files like Dockerfile.md, Dockerfile.bak and
Dockerfile.j2. A file that is named itself is always read. `# check=skip=RULE` in a file silences a rule there.

Exit code: 0 for nothing found, 1 for findings as severe as --fail-on or more, 2 if something could not be read.

Examples:
  dockerfile-ls check
  dockerfile-ls check --fail-on error docker/ build.Dockerfile
  dockerfile-ls check --format json . > findings.json
  git show HEAD:Dockerfile | dockerfile-ls check -";

/// Report what is wrong with Dockerfiles
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(flatten)]
    build: Build,
    /// How to show the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit with 1 if there is a finding of this severity or a worse one
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Warning)]
    fail_on: FailOn,
    /// Show hints too (JSON always has them)
    #[arg(long)]
    hints: bool,
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, with excerpts
    Text,
    /// An array of all findings
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Information,
    Hint,
    Never,
}

/// A file and what is wrong with it.
#[derive(Debug)]
pub struct Checked {
    /// As it is shown.
    pub file: String,
    pub doc: Document,
    pub findings: Vec<Finding>,
}

pub fn run(arguments: &Arguments) -> Outcome {
    let mut outcome = Outcome::Clean;
    let files = files::find(&arguments.paths, &mut |message| outcome = complain(message));
    if files.is_empty() && outcome == Outcome::Clean {
        // Not a failure: the same job may run over many repositories.
        complain("there is no Dockerfile here");
    }
    let options = Arc::new(arguments.build.options());
    let mut checked = Vec::new();
    for (path, result) in files.iter().zip(check_all(&files, &options)) {
        match result {
            Ok(file) => checked.push(file),
            Err(error) => outcome = complain(format_args!("cannot read {}: {error}", files::title(path))),
        }
    }
    // Of many files some may well lack the stage: those were checked for their default target.
    let complaints: Vec<_> = checked.iter().map(|file| (&file.file, target::complaint(&file.doc))).collect();
    if !complaints.is_empty() && complaints.iter().all(|(_, complaint)| complaint.is_some()) {
        for (file, complaint) in complaints {
            outcome = complain(format_args!("{file}: {}", complaint.unwrap_or_default()));
        }
    }
    if let Some(least) = arguments.fail_on.severity()
        && checked.iter().flat_map(|file| &file.findings).any(|finding| finding.severity >= least)
    {
        outcome = outcome.max(Outcome::Findings);
    }
    outcome.max(print(|out| match arguments.format {
        Format::Text => {
            let least = if arguments.hints { Severity::Hint } else { Severity::Information };
            text::write(out, &checked, least, text::colours())
        }
        Format::Json => json::write(out, &checked),
    }))
}

/// Checks all files, on all processors; results are in the order of the files.
fn check_all(files: &[PathBuf], options: &Arc<BuildOptions>) -> Vec<io::Result<Checked>> {
    let workers = thread::available_parallelism().map_or(1, usize::from).min(files.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut results = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = files.get(index) else { return results };
            // Something that goes wrong with one file says nothing about the others.
            let result = panic::catch_unwind(AssertUnwindSafe(|| check(path, options)));
            let result =
                result.unwrap_or_else(|_| Err(io::Error::other("dockerfile-ls failed, which is a bug")));
            results.push((index, result));
        }
    };
    if workers <= 1 {
        return work().into_iter().map(|(_, result)| result).collect();
    }
    let mut results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn check(path: &Path, options: &Arc<BuildOptions>) -> io::Result<Checked> {
    let text = files::read(path)?;
    let ignore = (path.as_os_str() != files::STDIN).then(|| ignore_of(path)).flatten();
    let doc = Document::with_options(&text, 0, options.clone()).with_ignore(ignore.clone());
    let findings = if let Target::NotFound(_) = doc.stages().target() {
        let default = BuildOptions { target: None, ..BuildOptions::clone(options) };
        rules::check(&Document::with_options(&text, 0, Arc::new(default)).with_ignore(ignore))
    } else {
        rules::check(&doc)
    };
    Ok(Checked { file: files::title(path), doc, findings })
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Information => Some(Severity::Information),
            FailOn::Hint => Some(Severity::Hint),
            FailOn::Never => None,
        }
    }
}

/// A severity as people and programs read it.
pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
        Severity::Hint => "hint",
    }
}

/// A file with one finding of every kind, for the tests of the renderers.
#[cfg(test)]
pub fn sample() -> Checked {
    use crate::{
        rules::{Fix, Related, Tag},
        text::Edit,
    };

    let source = "FROM node:22 AS builder\r\nRUN make é😀\r\n\r\nFROM alpine\r\nCOPY --from=bulder /a /b\r\n";
    let doc = Document::open(source, 0);
    let at = |what: &str| {
        let start = source.find(what).expect("the sample holds it");
        start..start + what.len()
    };
    let finding = |severity, code, range, message: &str| Finding {
        code,
        page: None,
        severity,
        range,
        message: message.into(),
        related: Vec::new(),
        tags: Vec::new(),
        fixes: Vec::new(),
    };
    let findings = vec![
        Finding {
            page: Some("https://example.org/casing".into()),
            tags: vec![Tag::Deprecated, Tag::Unnecessary],
            ..finding(Severity::Hint, "StageNameCasing", at("builder"), "a hint")
        },
        finding(Severity::Error, "broken", at("😀"), "an error"),
        Finding {
            related: vec![Related { range: at("builder"), message: "this name is near".into() }],
            fixes: vec![
                Fix {
                    title: "Use `builder`".into(),
                    edits: vec![Edit { range: at("bulder"), text: "builder".into() }],
                    preferred: true,
                },
                Fix { title: "Do\nnothing".into(), edits: Vec::new(), preferred: false },
            ],
            ..finding(Severity::Warning, "unknown-stage-reference", at("bulder"), "no stage named `bulder`")
        },
        finding(Severity::Information, "at-the-end", source.len()..source.len(), "and nothing after it"),
    ];
    Checked { file: "web/Dockerfile".into(), doc, findings }
}
