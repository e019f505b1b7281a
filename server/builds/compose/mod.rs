//! Docker Compose: which services are built, from which Dockerfile, with which target.
//!
//! [`load`] takes a set of files together as Compose does; Bake does the same with its own set of files. [`project`] and
//! [`file`] know which files make up a set where nobody says so.

mod environment;
mod interpolation;
mod load;
mod model;
mod record;
mod section;

use std::path::{Path, PathBuf};

use environment::{Variable, Variables};
pub use load::load;
pub use model::{Context, Environment, Invocation, Place, Project, Refusal, Section, Service};

use super::{Build, Dockerfile, Files, Found, files::join, yaml};

/// The files that Compose looks for in a folder; the first that is there counts (compose-go cli/options.go).
const DEFAULTS: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// The files that go over such a one; again the first.
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// Whether it is a file for Compose: by its name, or because it has services that are built.
pub fn is_compose(path: &Path, text: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some((stem, "yaml" | "yml")) = name.rsplit_once('.') else { return false };
    let is_named = |word: &str| {
        let rest = stem.strip_prefix(word);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    };
    if is_named("compose") || is_named("docker-compose") || stem.ends_with(".compose") {
        return true;
    }
    let is_worth_a_look = text.contains("services:") && text.contains("build:");
    is_worth_a_look
        && yaml::read(text).roots.iter().any(|root| {
            let services = root.get("services");
            services.is_some_and(|services| {
                services.entries().iter().any(|entry| entry.value.get("build").is_some())
            })
        })
}

/// Whether Compose finds a file of that name by itself.
pub fn is_default_name(name: &str) -> bool {
    DEFAULTS.contains(&name) || OVERRIDES.contains(&name)
}

/// What `docker compose` builds in a folder, without any flags.
pub fn project(folder: &Path, files: &dyn Files) -> Found {
    let variables = Variables::of(&Environment::Unknown, folder, files);
    let paths: Vec<PathBuf> = match variables.get("COMPOSE_FILE") {
        Variable::Set(named) if !named.is_empty() => {
            named.split(':').map(|path| join(folder, path)).collect()
        }
        Variable::Set(_) | Variable::Unset | Variable::Unknown => {
            let Some(main) = first(folder, &DEFAULTS, files) else { return Found::default() };
            [Some(main), first(folder, &OVERRIDES, files)].into_iter().flatten().collect()
        }
    };
    let main = paths.first().cloned().unwrap_or_default();
    let directory = main.parent().unwrap_or(folder);
    let project = load(&invocation(paths, directory), files);
    Found { builds: record::builds(&project, Some(&main)), broken: project.broken, ..Found::default() }
}

/// What a Compose file is for that is not found by its name: it stands alone, or goes over the project of its folder.
pub fn file(path: &Path, files: &dyn Files) -> Found {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let alone = load(&invocation(vec![path.to_owned()], folder), files);
    let main = first(folder, &DEFAULTS, files).filter(|main| main != path);
    let paths = match main {
        Some(main) if goes_over(&alone, &load(&invocation(vec![main.clone()], folder), files)) => {
            vec![main, path.to_owned()]
        }
        _ => vec![path.to_owned()],
    };
    let is_own = |build: &Build| *build.declared.file == *path;
    let read = |directory: &Path| load(&invocation(paths.clone(), directory), files);
    let project = read(folder);
    let mut builds = record::builds(&project, None);
    // Somebody may name it behind a file of the folder above all, whose paths count then.
    let root = files.root(path);
    if root != folder {
        let others = record::builds(&read(&root), None);
        builds.iter_mut().zip(others).for_each(|(build, other)| add_guesses(build, other));
    }
    builds.retain(is_own);
    let broken = project.broken.into_iter().filter(|broken| **broken == *path).collect();
    Found { builds, broken, ..Found::default() }
}

/// Whether a file has services that are whole only over those of `main`.
fn goes_over(alone: &Project, main: &Project) -> bool {
    alone.services.iter().any(|service| {
        let lacks_context = service
            .build
            .as_ref()
            .is_some_and(|build| build.context.is_none() && build.inline.is_none() && !build.lacks_base);
        let is_there = |other: &Service| other.name == service.name && other.build.is_some();
        lacks_context && main.services.iter().any(is_there)
    })
}

fn add_guesses(build: &mut Build, other: Build) {
    if build.declared != other.declared {
        return;
    }
    let (Dockerfile::Local(local), Dockerfile::Local(other)) = (&mut build.dockerfile, other.dockerfile)
    else {
        return;
    };
    for guess in other.guesses {
        if !local.guesses.contains(&guess) {
            local.guesses.push(guess);
        }
    }
}

fn first(folder: &Path, names: &[&str], files: &dyn Files) -> Option<PathBuf> {
    names.iter().map(|name| folder.join(name)).find(|path| files.exists(path))
}

fn invocation(files: Vec<PathBuf>, directory: &Path) -> Invocation {
    Invocation { files, directory: directory.to_owned(), environment: Environment::Unknown }
}

#[cfg(test)]
mod tests;
