//! The workspace of a folder that is named on the command line.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use crate::{outside::Outside, workspace::Workspace};

/// All that is to be known of a folder.
pub fn open(folder: &Path) -> io::Result<Workspace> {
    let folder = folder.canonicalize()?;
    if !folder.is_dir() {
        return Err(io::Error::other("it is no folder"));
    }
    let workers = thread::available_parallelism().map_or(1, usize::from);
    Ok(Workspace::scan(vec![folder], workers, &|| false))
}

/// The workspaces of those paths that are folders.
#[derive(Debug, Default)]
pub struct Workspaces {
    /// Each with its folder as it was named.
    all: Vec<(PathBuf, Workspace)>,
}

impl Workspaces {
    pub fn open(paths: &[PathBuf]) -> Workspaces {
        let folders = paths.iter().filter(|path| path.is_dir());
        // What can't be looked into is told by whoever looks for Dockerfiles there.
        let open = |path: &PathBuf| Some((path.clone(), open(path).ok()?));
        Workspaces { all: folders.filter_map(open).collect() }
    }

    /// What other files do with a Dockerfile.
    pub fn outside(&self, dockerfile: &Path) -> Arc<Outside> {
        let found = self.all.iter().find_map(|(_, workspace)| {
            let path = dockerfile.canonicalize().ok()?;
            workspace
                .folders()
                .iter()
                .any(|folder| path.starts_with(folder))
                .then(|| workspace.outside(&path))
        });
        Arc::new(found.unwrap_or_default())
    }

    /// The files that say what is built, by the path that they are shown with.
    pub fn sources(&self) -> Vec<(PathBuf, Arc<Path>, &Workspace)> {
        let mut all = Vec::new();
        for (named, workspace) in &self.all {
            for file in workspace.sources() {
                let rest = workspace.folders().iter().find_map(|folder| file.strip_prefix(folder).ok());
                let Some(rest) = rest else { continue };
                let shown = if named == Path::new(".") { rest.to_owned() } else { named.join(rest) };
                all.push((shown, file.clone(), workspace));
            }
        }
        all
    }

    /// Dockerfiles of unusual names that something builds, by the path that they are shown with.
    pub fn dockerfiles(&self) -> Vec<PathBuf> {
        let mut all = Vec::new();
        for (named, workspace) in &self.all {
            for file in workspace.dockerfiles() {
                let rest = workspace.folders().iter().find_map(|folder| file.strip_prefix(folder).ok());
                let Some(rest) = rest else { continue };
                all.push(if named == Path::new(".") { rest.to_owned() } else { named.join(rest) });
            }
        }
        all
    }
}
