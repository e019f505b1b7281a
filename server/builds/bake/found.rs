//! The builds that the files of a folder describe, one for each target, whether somebody calls it or not.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use crate::builds::{
    Build, Dockerfile, Files, Found, Local, Tool,
    files::{default_dockerfiles, is_remote, join},
    node::{Scalar, Style},
    value::{Certainty, Spot, Value},
};

use super::{
    DEFAULT_FILES, Error, Target,
    define::{Definition, Definitions, Reading},
    resolve::Resolver,
    sources::{Source, add_compose},
};

/// Whether a file's name or text says that it is bake's, Compose files aside.
pub fn is_bake(path: &Path, text: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("").to_ascii_lowercase();
    if name.ends_with(".json") {
        return name.contains("bake") && text.contains("\"target\"");
    }
    if !name.ends_with(".hcl") {
        return false;
    }
    let is_target = |line: &str| {
        let Some(rest) = line.strip_prefix("target").filter(|rest| rest.contains('{')) else { return false };
        let label = rest.trim_start();
        label.starts_with('"')
            || (label.len() < rest.len() && label.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    name.starts_with("docker-bake.") || text.lines().any(is_target)
}

/// What the default files of a folder describe. Targets that only Compose files have are left to their reader.
pub fn project(folder: &Path, files: &dyn Files) -> Found {
    let paths: Vec<PathBuf> = default_files(folder, files);
    match paths.iter().rev().find(|path| is_own(path)) {
        Some(main) => run(&paths, main, |_| true, "", files).found,
        None => Found::default(),
    }
}

/// What a bake file describes: alone, or over the default files of its folder if it lacks what they may have. One of those
/// files stands for all of them.
pub fn file(path: &Path, files: &dyn Files) -> Found {
    let folder = path.parent().unwrap_or(path);
    let defaults = default_files(folder, files);
    if defaults.iter().any(|default| default == path) {
        return project(folder, files);
    }
    let is_own = |definition: &Definition| definition.declared.iter().any(|spot| *spot.file == *path);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    let why = if name.contains("bake") { "" } else { "its name does not say that it is a bake file" };
    let alone = run(&[path.to_owned()], path, is_own, why, files);
    if !alone.lacks_something || defaults.is_empty() {
        return alone.found;
    }
    let mut paths = defaults;
    paths.push(path.to_owned());
    run(&paths, path, is_own, "it is taken to be used with the default files", files).found
}

fn default_files(folder: &Path, files: &dyn Files) -> Vec<PathBuf> {
    DEFAULT_FILES.iter().map(|name| folder.join(name)).filter(|path| files.exists(path)).collect()
}

/// Whether a file is no Compose file.
fn is_own(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "hcl" || extension == "json")
}

struct Run {
    found: Found,
    /// Whether a parent or a variable is missing that another file may have.
    lacks_something: bool,
}

fn run(
    paths: &[PathBuf],
    main: &Path,
    is_wanted: impl Fn(&Definition) -> bool,
    why: &'static str,
    files: &dyn Files,
) -> Run {
    let folder = main.parent().unwrap_or(main);
    let sources: Vec<Source> = paths.iter().filter_map(|path| Source::read(path, files)).collect();
    let mut definitions = Definitions::default();
    let reading = Reading { env: None, by_file: false };
    // What is wrong with a Compose file is for its own reader to say.
    let is_shaky = add_compose(&mut definitions, &sources, folder, reading, files).is_err();
    definitions.read(&sources, reading);
    let mut lacks_something = definitions.errors.iter().any(is_lack);
    let doubt = match why {
        "" if is_shaky || !definitions.errors.is_empty() => "a bake file has an error",
        why => why,
    };
    let root = files.root(main);
    let mut folders = vec![folder.to_owned()];
    if root != folder {
        folders.push(root);
    }
    let mut builds = Vec::new();
    let mut resolver = Resolver::new(&definitions, folder);
    for definition in definitions.targets.iter().filter(|target| target.has_block && is_wanted(target)) {
        let Ok((target, missing)) = resolver.resolve(&definition.name) else { continue };
        lacks_something |= !missing.is_empty();
        let is_computed = definition.layer.inherits.contains(&None);
        let doubt = match doubt {
            "" if !missing.is_empty() => "it inherits from a target that there is not",
            "" if is_computed => "it inherits from a target that nobody can know",
            doubt => doubt,
        };
        builds.extend(build(target, main, &folders, doubt));
    }
    builds.sort_by(|left: &Build, right| {
        (&left.declared.file, left.declared.range.start)
            .cmp(&(&right.declared.file, right.declared.range.start))
    });
    let mut seen = HashSet::new();
    let broken = definitions.errors.iter().filter_map(|error| match error {
        Error::Syntax(spot) => Some(spot.file.clone()),
        _ => None,
    });
    let broken = broken.filter(|file| seen.insert(file.clone())).collect();
    Run { found: Found { builds, broken, ignored: definitions.ignored }, lacks_something }
}

fn is_lack(error: &Error) -> bool {
    use crate::builds::hcl::eval::ProblemKind;
    let Error::Problem(problem) = error else { return false };
    matches!(problem.kind, ProblemKind::UnknownVariable(_) | ProblemKind::UnknownFunction(_))
}

/// The record of a target; none is sure if there is a doubt.
fn build(target: Target, main: &Path, folders: &[PathBuf], doubt: &'static str) -> Option<Build> {
    let labels: Vec<&Spot> = target.declared.iter().filter(|spot| is_own(&spot.file)).collect();
    let declared = (*labels.iter().find(|spot| *spot.file == *main).or(labels.first())?).clone();
    let doubted = |value: Value| match value.certainty {
        Certainty::Certain if !doubt.is_empty() => {
            Value { certainty: Certainty::Likely, why: doubt, ..value }
        }
        _ => value,
    };
    let dockerfile = match dockerfile(&target, folders) {
        Dockerfile::Local(local) if !doubt.is_empty() && local.certainty == Certainty::Certain => {
            Dockerfile::Local(Local { certainty: Certainty::Likely, why: doubt, ..local })
        }
        other => other,
    };
    Some(Build {
        tool: Tool::BuildKit,
        title: format!("bake target `{}`", target.name),
        declared,
        dockerfile,
        target: target.target.map(doubted),
        overridden: target.overridden,
        no_cache_filter: target.no_cache_filter.into_iter().map(doubted).collect(),
        args: target.args,
        contexts: target.contexts.into_iter().map(|context| context.named).collect(),
    })
}

/// The Dockerfile of a target: in its context, which is relative to where bake is called (bake/bake.go, `toBuildOpt`).
pub fn dockerfile(target: &Target, folders: &[PathBuf]) -> Dockerfile {
    if let Some(inline) = &target.inline {
        return match (&inline.scalar, &inline.value.text) {
            (Some(scalar), _) => Dockerfile::Inline(scalar.clone(), inline.value.spot.clone()),
            (None, Some(text)) => {
                let range = inline.value.spot.range.clone();
                let scalar = Scalar {
                    text: text.clone(),
                    range,
                    style: Style::Literal,
                    is_text: true,
                    pieces: Vec::new(),
                };
                Dockerfile::Inline(scalar, inline.value.spot.clone())
            }
            (None, None) => Dockerfile::Unknown(inline.value.why),
        };
    }
    let written = target.dockerfile.as_ref().filter(|value| value.text.as_deref() != Some(""));
    let values = [target.context.as_ref(), written];
    if let Some(unknown) = values.into_iter().flatten().find(|value| value.text.is_none()) {
        return Dockerfile::Unknown(unknown.why);
    }
    let text = |value: Option<&Value>| value.and_then(|value| value.text.clone());
    let (context, path) = (text(target.context.as_ref()).unwrap_or_default(), text(written));
    let (context_in_cwd, path_in_cwd) = (context.strip_prefix("cwd://"), path.as_deref().and_then(cwd_path));
    let is_remote_path = path_in_cwd.is_none() && path.as_deref().is_some_and(is_url);
    if (context_in_cwd.is_none() && is_remote(&context)) || is_remote_path {
        return Dockerfile::Remote;
    }
    let mut guesses: Vec<Vec<PathBuf>> = Vec::new();
    let mut first = None;
    for folder in folders {
        // What is not relative to the first folder is so for another reason than the place of the call.
        let base = if target.context_base == folders[0] { folder } else { &target.context_base };
        let context = match context_in_cwd {
            Some(inner) => join(folder, inner),
            None => join(base, &context),
        };
        let (base, guess) = match (path_in_cwd, &path) {
            (Some(inner), _) => (folder.clone(), vec![join(folder, inner)]),
            (None, Some(path)) => (context.clone(), vec![join(&context, path)]),
            (None, None) => (context.clone(), default_dockerfiles(&context)),
        };
        first.get_or_insert((context, base));
        if !guesses.contains(&guess) {
            guesses.push(guess);
        }
    }
    let Some((context, base)) = first else {
        return Dockerfile::Unknown("nothing says where bake is called");
    };
    let least = values.into_iter().flatten().min_by_key(|value| value.certainty);
    let (certainty, why) = least.map_or((Certainty::Certain, ""), |value| (value.certainty, value.why));
    Dockerfile::Local(Local {
        guesses,
        context: Some(context),
        written: written.cloned(),
        base,
        certainty,
        why,
    })
}

fn cwd_path(path: &str) -> Option<&str> {
    path.strip_prefix("cwd://")
}

/// Whether a Dockerfile's path is fetched, or comes from standard input.
fn is_url(path: &str) -> bool {
    path == "-" || path.starts_with("http://") || path.starts_with("https://")
}
