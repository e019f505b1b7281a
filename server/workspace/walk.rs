//! Which files of a folder matter here.

use std::{
    collections::HashSet,
    ffi::OsStr,
    fs::Metadata,
    path::{Path, PathBuf},
};

use ignore::{DirEntry, WalkBuilder};

use crate::builds::kinds::{Kind, MAX_SIZE, kind_of};

/// Most files that matter of one workspace. A folder that has more is no project.
const MAX_FILES: usize = 200_000;

/// What follows `Dockerfile.` where the file only looks like one: notes on one, templates and settings for one, copies
/// that editors and tools leave behind.
const NOT_A_VARIANT: &[&str] = &[
    "adoc",
    "backup",
    "bak",
    "dockerignore",
    "erb",
    "hbs",
    "html",
    "in",
    "j2",
    "jinja",
    "jinja2",
    "json",
    "lock",
    "md",
    "mustache",
    "old",
    "orig",
    "patch",
    "png",
    "rej",
    "rst",
    "save",
    "sha256",
    "svg",
    "swo",
    "swp",
    "template",
    "tmp",
    "tmpl",
    "toml",
    "tpl",
    "txt",
    "yaml",
    "yml",
];

/// The files that matter below some folders, sorted.
#[derive(Debug, Default)]
pub struct Found {
    pub dockerfiles: Vec<PathBuf>,
    /// Files that may say what is built.
    pub sources: Vec<(Kind, PathBuf)>,
}

/// Looks through a folder. What `.gitignore` and `.ignore` leave out is left out, and so are links. Hidden folders count
/// (`.devcontainer`), that of git does not. What cannot be looked into goes to `failed`. `stop` ends it early.
pub fn walk(folder: &Path, failed: &mut dyn FnMut(String), stop: &dyn Fn() -> bool) -> Found {
    search(folder, |_| true, failed, stop)
}

/// Those of these paths that [`walk`] finds in a folder, with all that it finds below them.
pub fn reach(folder: &Path, paths: &[PathBuf]) -> Found {
    let near = |path: &PathBuf| path.starts_with(folder) || folder.starts_with(path);
    let wanted: HashSet<PathBuf> = paths.iter().filter(|path| near(path)).cloned().collect();
    if wanted.is_empty() {
        return Found::default();
    }
    let above: HashSet<PathBuf> =
        wanted.iter().flat_map(|path| path.ancestors()).map(Path::to_owned).collect();
    let leads =
        move |path: &Path| above.contains(path) || path.ancestors().any(|above| wanted.contains(above));
    search(folder, leads, &mut |why| tracing::debug!("{why}"), &|| false)
}

fn search(
    folder: &Path,
    wanted: impl Fn(&Path) -> bool + Send + Sync + 'static,
    failed: &mut dyn FnMut(String),
    stop: &dyn Fn() -> bool,
) -> Found {
    let walk = WalkBuilder::new(folder)
        .hidden(false)
        // An unpacked archive has its .gitignore without a repository around it.
        .require_git(false)
        .filter_entry(move |entry| {
            entry.file_name() != ".git" && entry.file_name() != "node_modules" && wanted(entry.path())
        })
        .build();
    let mut found = Found::default();
    for entry in walk {
        if stop() {
            break;
        }
        match entry {
            Ok(entry) => found.add(entry),
            Err(error) => failed(error.to_string()),
        }
        if found.dockerfiles.len() + found.sources.len() >= MAX_FILES {
            failed(format!("{}: only the first {MAX_FILES} files were looked at", folder.display()));
            break;
        }
    }
    found.dockerfiles.sort();
    found.sources.sort();
    found
}

impl Found {
    /// Adds what was found in another folder.
    pub fn extend(&mut self, other: Found) {
        self.dockerfiles.extend(other.dockerfiles);
        self.sources.extend(other.sources);
    }

    fn add(&mut self, entry: DirEntry) {
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            return;
        }
        if is_dockerfile(entry.file_name()) {
            self.dockerfiles.push(plain(entry.into_path()));
        } else if let Some(kind) = kind_of(entry.path()) {
            self.sources.push((kind, plain(entry.into_path())));
        } else if !entry.file_name().to_string_lossy().contains('.')
            && entry.metadata().is_ok_and(|metadata| is_program(&metadata))
        {
            self.sources.push((Kind::Script, plain(entry.into_path())));
        }
    }
}

/// Without the `./` of a walk through the current folder.
fn plain(path: PathBuf) -> PathBuf {
    path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
}

/// Whether a file without an extension may be a script.
fn is_program(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    let may_run = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let may_run = false;
    may_run && metadata.len() <= MAX_SIZE
}

/// Whether a file in a folder is taken for a Dockerfile: `Dockerfile`, `Dockerfile.dev`, `dev.Dockerfile` and the same with
/// `Containerfile`, in any case.
pub fn is_dockerfile(name: &OsStr) -> bool {
    let Some(name) = name.to_str().map(str::to_lowercase) else { return false };
    ["dockerfile", "containerfile"].into_iter().any(|word| {
        if let Some(rest) = name.strip_prefix(word) {
            let Some(variant) = rest.strip_prefix('.') else { return rest.is_empty() };
            let last = variant.rsplit('.').next().unwrap_or_default();
            return !variant.is_empty() && !variant.ends_with('~') && !NOT_A_VARIANT.contains(&last);
        }
        name.strip_suffix(word).and_then(|rest| rest.strip_suffix('.')).is_some_and(|stem| !stem.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dockerfiles_are_known_by_their_names() {
        for name in [
            "Dockerfile",
            "dockerfile",
            "DOCKERFILE",
            "Dockerfile.dev",
            "Dockerfile.alpine3.20",
            "dev.Dockerfile",
            "web.dockerfile",
            "Containerfile",
            "Containerfile.ci",
            "Dockerfile.go",
            "app.Containerfile",
        ] {
            assert!(is_dockerfile(name.as_ref()), "{name}");
        }
        for name in [
            "Dockerfile.md",
            ".dockerignore",
            "Dockerfile.dockerignore",
            "Dockerfile.bak~",
            "Dockerfile~",
            "Dockerfile.dev.bak",
            "Dockerfile.",
            "Dockerfiles",
            "MyDockerfile",
            "Dockerfile.j2",
            ".dockerfile",
            "",
        ] {
            assert!(!is_dockerfile(name.as_ref()), "{name}");
        }
    }
}
