//! `check`: what is wrong with some files.

use std::{
    collections::HashSet,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use clap::{Args, ValueEnum};

use super::{
    Build, Outcome, complain,
    files::{self, STDIN, Source},
    fix, github, json, print, sarif, settings, target, text,
    workspace::Workspaces,
};
use crate::{
    context_files::ignore_of,
    document::Document,
    outside::Outside,
    rules::{self, Finding, Severity},
    settings::Settings,
    stages::BuildOptions,
    text::Text,
    workspace::{Workspace, parallel},
};

const AFTER_HELP: &str = "\
Folders are searched for Dockerfile, Dockerfile.*, *.Dockerfile and the same with Containerfile, in any case. What
.gitignore and .ignore leave out is left out; so are links, and files like Dockerfile.md, Dockerfile.bak and
Dockerfile.j2. A file that is named itself is always read. In folders, or if they are named, the files that say what is built are checked, too
(Compose, Bake, workflows and others, see `dockerfile-ls targets`), and what they build counts for the Dockerfiles.

`# check=skip=RULE` in a file silences one of BuildKit's checks there, `# dockerfile-ls: skip=RULE` any rule. The nearest
dockerfile-ls.toml beside or above a file sets the severity of rules: off, hint, information, warning or error.

--fix applies the preferred fix of each finding and reports what is left. A file is written only if something changes; of
standard input the fixed text goes to standard output, and the report to standard error.

Exit code: 0 for nothing found, 1 for findings as severe as --fail-on or more, 2 if something could not be read or
written.

Examples:
  dockerfile-ls check
  dockerfile-ls check --fail-on error docker/ build.Dockerfile
  dockerfile-ls check --format sarif . > findings.sarif
  dockerfile-ls check --fix docker/
  dockerfile-ls check --fix - < Dockerfile | diff Dockerfile -
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
    /// Apply what fixes there are to the files
    #[arg(long)]
    fix: bool,
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
    /// SARIF 2.1.0, for code scanning and viewers
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
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
    pub path: PathBuf,
    /// As it is shown.
    pub file: String,
    /// What the findings are about: the fixed text, if it was fixed.
    pub text: Text,
    pub findings: Vec<Finding>,
    /// What is wrong with the target that was asked for; the findings are about the default target then.
    pub target_complaint: Option<String>,
    /// What was fixed; `None` if nothing was.
    pub fixed: Option<fix::Fixed>,
    /// Why it could not be fixed.
    pub fix_failure: Option<io::Error>,
}

/// What is asked of every file.
struct Asked {
    options: Arc<BuildOptions>,
    fix: bool,
}

pub fn run(arguments: &Arguments) -> Outcome {
    let mut outcome = Outcome::Clean;
    let mut files = files::find(&arguments.paths, &mut |message| outcome = complain(message));
    let workspaces = Workspaces::open(&arguments.paths);
    let is_named = |path: &PathBuf| arguments.paths.contains(path);
    files.retain(|path| !is_named(path) || !workspaces.is_source(path));
    let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    let known: HashSet<PathBuf> = files.iter().map(real).collect();
    files.extend(workspaces.dockerfiles().into_iter().filter(|path| !known.contains(&real(path))));
    let sources = workspaces.sources();
    if files.is_empty() && sources.is_empty() && outcome == Outcome::Clean {
        // Not a failure: the same job may run over many repositories.
        complain("there is no Dockerfile here");
    }
    let asked = Asked { options: Arc::new(arguments.build.options()), fix: arguments.fix };
    let settings = settings::of(&files, &mut |message| outcome = complain(message));
    let mut checked = Vec::new();
    for (path, result) in files.iter().zip(check_all(&files, &settings, &workspaces, &asked)) {
        match result {
            Ok(file) => checked.push(file),
            Err(error) => outcome = complain(format_args!("cannot read {}: {error}", files::title(path))),
        }
    }
    checked.extend(check_sources(sources, &asked, &mut |message| outcome = complain(message)));
    for file in &checked {
        if let Some(fixed) = &file.fixed {
            complain(fix::message(&file.file, fixed));
        }
        if let Some(error) = &file.fix_failure {
            outcome = complain(format_args!("cannot fix {}: {error}", file.file));
        }
    }
    // Of many files some may well lack the stage: those were checked for their default target.
    if checked.iter().all(|file| file.target_complaint.is_some()) {
        for Checked { file, target_complaint, .. } in &checked {
            outcome = complain(format_args!("{file}: {}", target_complaint.as_deref().unwrap_or_default()));
        }
    }
    if let Some(least) = arguments.fail_on.severity()
        && checked.iter().flat_map(|file| &file.findings).any(|finding| finding.severity >= least)
    {
        outcome = outcome.max(Outcome::Findings);
    }
    let least = if arguments.hints { Severity::Hint } else { Severity::Information };
    let write = |out: &mut dyn Write, colours| match arguments.format {
        Format::Text => text::write(out, &checked, least, colours),
        Format::Json => json::write(out, &checked),
        Format::Sarif => sarif::write(out, &checked, least),
        Format::Github => github::write(out, &checked, least),
    };
    if arguments.fix && files.iter().any(|path| path.as_os_str() == STDIN) {
        // Standard output has the fixed text. Where this is closed there is nobody left to tell.
        let _ = write(&mut io::stderr().lock(), false);
        return outcome;
    }
    let outcome = outcome.max(print(|out| write(out, text::colours())));
    // The process ends: giving thousands of documents back piece by piece would take a tenth of its time.
    std::mem::forget(checked);
    outcome
}

/// Checks all files, on all processors; results are in the order of the files.
fn check_all(
    files: &[PathBuf],
    settings: &[Arc<Settings>],
    workspaces: &Workspaces,
    asked: &Asked,
) -> Vec<io::Result<Checked>> {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let jobs: Vec<_> = files.iter().zip(settings).collect();
    let results = parallel::map(&jobs, workers, |(path, settings)| {
        let around = Around { settings: (*settings).clone(), outside: workspaces.outside(path) };
        check(path, &around, asked)
    });
    let bug = || Err(io::Error::other("dockerfile-ls failed, which is a bug"));
    results.into_iter().map(|result| result.unwrap_or_else(bug)).collect()
}

/// What is around a file.
struct Around {
    settings: Arc<Settings>,
    outside: Arc<Outside>,
}

/// Checks the files that say what is built, and fixes them likewise.
fn check_sources(
    sources: Vec<(PathBuf, Arc<Path>, &Workspace)>,
    asked: &Asked,
    failed: &mut dyn FnMut(String),
) -> Vec<Checked> {
    let paths: Vec<PathBuf> = sources.iter().map(|(shown, ..)| shown.clone()).collect();
    let settings = settings::of(&paths, failed);
    let mut all = Vec::new();
    for ((shown, file, workspace), settings) in sources.into_iter().zip(settings) {
        // A Dockerfile with a command in a comment is checked as what it is; its comments are no mistakes of the build.
        let Ok(source) = files::read(&file) else { continue };
        let text = Text::new(&source.text);
        let findings = rules::check_source(workspace, &file, &text, &settings);
        if findings.is_empty() {
            continue;
        }
        let mut checked = Checked {
            file: files::title(&shown),
            path: shown,
            text,
            findings,
            target_complaint: None,
            fixed: None,
            fix_failure: None,
        };
        if asked.fix {
            checked.fix_failure = fix_source(&mut checked, &source).err();
        }
        all.push(checked);
    }
    all
}

/// Applies the preferred fixes of a file that says what is built. What is left cannot be found before the workspace is read
/// again, so what was fixed is taken away.
fn fix_source(checked: &mut Checked, source: &Source) -> io::Result<()> {
    let preferred =
        |finding: &Finding| finding.fixes.iter().find(|fix| fix.preferred).map(|fix| fix.edits.clone());
    let edits: Vec<_> = checked.findings.iter().filter_map(preferred).flatten().collect();
    if edits.is_empty() {
        return Ok(());
    }
    fix::obstacle(&checked.path, source)?;
    let text = fix::apply(&source.text, &edits);
    fix::write(&checked.path, &text, source.has_bom)?;
    let left: Vec<Finding> = checked.findings.iter().filter(|it| preferred(it).is_none()).cloned().collect();
    checked.fixed = Some(fix::difference(&checked.findings, &left));
    // Places count in the text as it was.
    checked.findings = left;
    Ok(())
}

/// Checks one file, and fixes it if that is asked for.
fn check(path: &Path, around: &Around, asked: &Asked) -> io::Result<Checked> {
    let source = files::read(path)?;
    let (doc, target_complaint) = open(path, &source.text, around, &asked.options);
    let findings = rules::check(&doc);
    let mut checked = Checked {
        path: path.to_owned(),
        file: files::title(path),
        text: doc.text().clone(),
        findings,
        target_complaint,
        fixed: None,
        fix_failure: None,
    };
    if asked.fix {
        let fixed = fix(&mut checked, &doc, &source, around, asked);
        checked.fix_failure = fixed.err();
    }
    Ok(checked)
}

/// Makes a document of a file's text: for the target that is asked for, or with a complaint for the default one.
fn open(path: &Path, text: &str, around: &Around, options: &Arc<BuildOptions>) -> (Document, Option<String>) {
    let ignore = (path.as_os_str() != STDIN).then(|| ignore_of(path)).flatten();
    let read = |options| {
        let doc = Document::with_options(text, 0, options);
        let doc = doc.with_settings(around.settings.clone()).with_ignore(ignore.clone());
        doc.with_outside(around.outside.clone())
    };
    let doc = read(options.clone());
    let Some(complaint) = target::complaint(&doc) else { return (doc, None) };
    let default = BuildOptions { target: None, ..BuildOptions::clone(options) };
    (read(Arc::new(default)), Some(complaint))
}

fn fix(
    checked: &mut Checked,
    doc: &Document,
    source: &Source,
    around: &Around,
    asked: &Asked,
) -> io::Result<()> {
    let edits = rules::fix_all(doc);
    if edits.is_none() && checked.path.as_os_str() != STDIN {
        return Ok(());
    }
    fix::obstacle(&checked.path, source)?;
    let text = fix::apply(&source.text, edits.as_deref().unwrap_or_default());
    fix::write(&checked.path, &text, source.has_bom)?;
    if edits.is_none() {
        return Ok(());
    }
    let (doc, target_complaint) = open(&checked.path, &text, around, &asked.options);
    let findings = rules::check(&doc);
    checked.fixed = Some(fix::difference(&checked.findings, &findings));
    checked.text = doc.text().clone();
    checked.findings = findings;
    checked.target_complaint = target_complaint;
    Ok(())
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
        elsewhere: Vec::new(),
        tags: Vec::new(),
        fixes: Vec::new(),
        also: None,
    };
    let findings = vec![
        Finding {
            page: Some("https://example.org/casing"),
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
    Checked {
        path: "web/Dockerfile".into(),
        file: "web/Dockerfile".into(),
        text: Text::new(source),
        findings,
        target_complaint: None,
        fixed: None,
        fix_failure: None,
    }
}
