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
    /// Files below `/work` by their paths there.
    pub fn new(files: &[(&str, &str)]) -> Memory {
        let root = PathBuf::from("/work");
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
    fn repositories_and_urls_are_not_on_this_disk() {
        for remote in ["https://example.org/r.git#main:sub", "git@example.org:o/r", "-", "github.com/o/r"] {
            assert!(is_remote(remote), "{remote}");
        }
        for local in [".", "./github.com", "/abs", "dir"] {
            assert!(!is_remote(local), "{local}");
        }
    }
}
