//! Where the readers get texts from: open buffers before the disk, or a test's own.

use std::{
    path::{Component, Path, PathBuf},
    sync::Arc,
};

/// The files that a reader may look at.
pub trait Files {
    /// The text of a file; `None` if there is none, or none that can be read.
    fn read(&self, path: &Path) -> Option<Arc<str>>;

    /// Whether there is a file (no folder) of that path.
    fn exists(&self, path: &Path) -> bool;

    /// The folder that people call commands from: the repository or workspace folder around `path`, else its own folder.
    fn root(&self, path: &Path) -> PathBuf;
}

/// `path` from `base`, without `.` and `..`, as `filepath.Join` has it: links are not looked at. An absolute path is taken as
/// it is.
pub fn join(base: &Path, path: &str) -> PathBuf {
    let mut joined = PathBuf::new();
    for component in base.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                // Nothing is above the root.
                joined.pop();
            }
            other => joined.push(other),
        }
    }
    joined
}

/// The root of the project that `path` belongs to if that is a copy inside another one: `vendor/github.com/a/b`,
/// `node_modules/@a/b`. Its commands were never meant to be called from the root around.
pub fn copied_project(path: &Path) -> Option<PathBuf> {
    let folders: Vec<Component> = path.parent()?.components().collect();
    let name = |at: usize| folders.get(at).and_then(|folder| folder.as_os_str().to_str()).unwrap_or_default();
    let store = (0..folders.len()).rev().find(|at| matches!(name(*at), "vendor" | "node_modules"))?;
    let first = name(store + 1);
    let depth = match name(store) {
        "node_modules" if first.starts_with('@') => 2,
        "node_modules" => 1,
        // Go: a host, an owner and a project; PHP: an owner and a project.
        _ if first.contains('.') => 3,
        _ => 2,
    };
    Some(folders.iter().take(store + 1 + depth).collect())
}

/// Whether a build context or a Dockerfile's path means something that is not on this disk: a repository, a URL, standard
/// input (buildx build/opt.go, `IsRemoteURL`; moby `urlutil.IsGitURL`).
pub fn is_remote(path: &str) -> bool {
    path == "-"
        || path.contains("://")
        || ["git@", "github.com/"].iter().any(|prefix| path.starts_with(prefix))
}

/// The files that are tried where no Dockerfile is named: buildx takes `dockerfile` where there is no `Dockerfile`
/// (build/opt.go, `handleLowercaseDockerfile`).
pub fn default_dockerfiles(context: &Path) -> Vec<PathBuf> {
    vec![context.join("Dockerfile"), context.join("dockerfile")]
}

/// Files that are only in memory.
#[cfg(test)]
#[derive(Debug, Default)]
pub struct Memory {
    pub root: PathBuf,
    pub files: std::collections::BTreeMap<PathBuf, Arc<str>>,
}

#[cfg(test)]
impl Memory {
    /// Files below `/project` by their paths there.
    pub fn new(files: &[(&str, &str)]) -> Memory {
        let root = PathBuf::from("/project");
        let files = files.iter().map(|(path, text)| (join(&root, path), Arc::from(*text))).collect();
        Memory { root, files }
    }
}

#[cfg(test)]
impl Files for Memory {
    fn read(&self, path: &Path) -> Option<Arc<str>> {
        self.files.get(path).cloned()
    }

    fn exists(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    fn root(&self, _: &Path) -> PathBuf {
        self.root.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_as_texts() {
        assert_eq!(join("/a/b".as_ref(), "../c/./d"), Path::new("/a/c/d"));
        assert_eq!(join("/a".as_ref(), "/x"), Path::new("/x"));
        assert_eq!(join("/a".as_ref(), "."), Path::new("/a"));
        assert_eq!(join("/".as_ref(), "../../x"), Path::new("/x"));
    }

    #[test]
    fn copies_of_other_projects_have_roots_of_their_own() {
        let root = |path: &str| copied_project(path.as_ref()).map(|root| root.display().to_string());
        assert_eq!(root("/w/vendor/github.com/a/b/c/x.hcl").as_deref(), Some("/w/vendor/github.com/a/b"));
        assert_eq!(root("/w/vendor/a/b/c/x.sh").as_deref(), Some("/w/vendor/a/b"));
        assert_eq!(root("/w/node_modules/a/c/x.sh").as_deref(), Some("/w/node_modules/a"));
        assert_eq!(root("/w/node_modules/@a/b/c/x.sh").as_deref(), Some("/w/node_modules/@a/b"));
        assert_eq!(root("/w/vendor/x.sh").as_deref(), Some("/w/vendor"));
        assert_eq!(root("/w/a/vendor.sh"), None);
    }

    #[test]
    fn repositories_and_urls_are_not_on_this_disk() {
        for remote in ["https://example.org/r.git#main:sub", "git@example.org:o/r", "-", "github.com/o/r"] {
            assert!(is_remote(remote), "{remote}");
        }
        for local in [".", "./github.com", "/abs", "dir"] {
            assert!(!is_remote(local), "{local}");
        }
    }
}
