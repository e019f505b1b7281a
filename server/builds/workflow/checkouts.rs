//! Where the files of the repository are in the workspace of a job.

use std::path::{Path, PathBuf};

use crate::builds::{files::join, node::Node, written::Sureness};

/// How many steps of a job are looked at.
const CHECKOUTS: usize = 64;

/// The `actions/checkout` steps so far.
#[derive(Debug, Default)]
pub struct Checkouts {
    /// Folders that the repository is in.
    own: Vec<PathBuf>,
    /// Folders that another one is in, or maybe.
    foreign: Vec<PathBuf>,
}

impl Checkouts {
    pub fn add(&mut self, step: &Node) {
        let uses = step.get("uses").and_then(|uses| uses.text()).unwrap_or_default();
        if uses.split('@').next().is_none_or(|name| !name.trim().eq_ignore_ascii_case("actions/checkout")) {
            return;
        }
        let input =
            |key: &str| step.at(&["with", key]).and_then(|it| it.text()).map(str::trim).unwrap_or_default();
        let path = input("path");
        if path.contains("${{") || self.own.len() + self.foreign.len() >= CHECKOUTS {
            return;
        }
        let folder = join(Path::new("/"), path);
        let folder = folder.strip_prefix("/").unwrap_or(&folder).to_owned();
        let repository: String = input("repository").split_whitespace().collect();
        if repository.is_empty() || repository == "${{github.repository}}" {
            self.own.push(folder);
        } else {
            self.foreign.push(folder);
        }
    }

    /// The path in the repository of a path in the workspace.
    pub fn locate(&self, path: &Path) -> (PathBuf, Sureness) {
        let depth = |folder: &&PathBuf| folder.components().count();
        let holds = |folder: &&PathBuf| path.starts_with(folder);
        let own = self.own.iter().filter(holds).max_by_key(depth);
        let foreign = self.foreign.iter().filter(holds).max_by_key(depth);
        let is_foreign = foreign.is_some_and(|foreign| own.is_none_or(|own| depth(&own) <= depth(&foreign)));
        if is_foreign {
            return (path.to_owned(), Sureness::likely("another repository is checked out there"));
        }
        match own {
            Some(own) if own.as_os_str().is_empty() => (path.to_owned(), Sureness::CERTAIN),
            Some(own) => {
                let inside = path.strip_prefix(own).unwrap_or(path).to_owned();
                (inside, Sureness::likely("the repository is checked out in a folder"))
            }
            None if self.own.is_empty() => (path.to_owned(), Sureness::CERTAIN),
            None => (path.to_owned(), Sureness::likely("the repository is checked out in another folder")),
        }
    }
}
