//! The workspaces of what is named on the command line.

use std::{
    env, io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use crate::{
    builds::kinds::kind_of,
    outside::Outside,
    workspace::{Workspace, walk::is_dockerfile},
};

/// All that is to be known of a folder.
pub fn open(folder: &Path) -> io::Result<Workspace> {
    let folder = folder.canonicalize()?;
    if !folder.is_dir() {
        return Err(io::Error::other("it is no folder"));
    }
    let workers = thread::available_parallelism().map_or(1, usize::from);
    Ok(Workspace::scan(vec![folder], workers, &|| false))
}

/// The workspaces of the paths of a command.
#[derive(Debug, Default)]
pub struct Workspaces {
    /// Those of folders, each with its folder as it was named. None is inside another.
    all: Vec<(PathBuf, Workspace)>,
    /// Files that say what is built and are named themselves.
    files: Vec<(PathBuf, Arc<Path>, Workspace)>,
}

impl Workspaces {
    pub fn open(paths: &[PathBuf]) -> Workspaces {
        let real: Vec<(&PathBuf, PathBuf)> =
            paths.iter().filter_map(|path| Some((path, path.canonicalize().ok()?))).collect();
        let folders: Vec<_> = real.iter().filter(|(_, real)| real.is_dir()).collect();
        let is_first = |index: usize, real: &Path| {
            let mut others = folders.iter().enumerate();
            !others.any(|(at, (_, other))| real.starts_with(other) && (real != other || at < index))
        };
        let outermost = folders.iter().enumerate().filter(|(index, (_, real))| is_first(*index, real));
        // What can't be looked into is told by whoever looks for Dockerfiles there.
        let all: Vec<_> =
            outermost.filter_map(|(_, (named, real))| Some(((*named).clone(), open(real).ok()?))).collect();
        let is_inside = |file: &Path| folders.iter().any(|(_, folder)| file.starts_with(folder));
        let files = real.iter().filter(|(_, real)| !real.is_dir() && !is_inside(real));
        let files = files.filter_map(|(named, real)| file(named, real)).collect();
        Workspaces { all, files }
    }

    /// Whether a path is that of a file that says what is built, and of no Dockerfile.
    pub fn is_source(&self, path: &Path) -> bool {
        let Ok(real) = path.canonicalize() else { return false };
        let in_folder = |workspace: &Workspace| {
            // Comments of a Dockerfile may say what is built, too.
            workspace.sources().contains(&*real) && !workspace.dockerfiles().contains(&&real)
        };
        self.files.iter().any(|(named, ..)| named == path)
            || self.all.iter().any(|(_, workspace)| in_folder(workspace))
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
        let mut all: Vec<_> = self
            .files
            .iter()
            .map(|(named, file, workspace)| (named.clone(), file.clone(), workspace))
            .collect();
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

/// A file that says what is built, with what else it speaks of.
fn file(named: &Path, real: &Path) -> Option<(PathBuf, Arc<Path>, Workspace)> {
    kind_of(real)?;
    if real.file_name().is_none_or(is_dockerfile) {
        return None;
    }
    let here = env::current_dir().and_then(|folder| folder.canonicalize()).ok();
    let folder =
        here.filter(|folder| real.starts_with(folder)).or_else(|| real.parent().map(Path::to_owned))?;
    let mut workspace = Workspace::new(vec![folder]);
    workspace.files_changed(&[real.to_owned()]);
    // One that says nothing may be a Dockerfile, whatever its name.
    let source = workspace.sources().into_iter().find(|source| **source == *real)?;
    Some((named.to_owned(), source, workspace))
}
