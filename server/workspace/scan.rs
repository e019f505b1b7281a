//! Reads a whole workspace, and its units one by one.

use std::{
    collections::BTreeSet,
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use super::{
    Summary, Workspace,
    disk::{self, Disk, MAX_DOCKERFILE},
    parallel, walk,
};
use crate::{
    builds::{
        self, Files, Found, comments as in_comments,
        kinds::{Kind, Unit, may_build, units_of},
    },
    document::Document,
};

/// What the comments of a Dockerfile say is built.
pub fn comments(path: &Path, doc: &Document, files: &dyn Files) -> Found {
    let comments = doc.syntax().comments();
    let text = |range: &Range<usize>| doc.text().slice(range.clone());
    if !comments.iter().any(|range| may_build(Kind::Comments, &text(range))) {
        return Found::default();
    }
    let all: Vec<_> = comments.iter().map(|range| (range.start, text(range))).collect();
    in_comments::builds(path, all.iter().map(|(start, text)| (*start, &**text)), files)
}

/// Whether some comment of a Dockerfile may hold a command that builds; the text alone tells, without its instructions.
fn has_commands(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with('#') && may_build(Kind::Comments, line))
}

impl Workspace {
    /// Looks into all folders, with some threads. What can't be read is left out and told to the log. `stop` ends it early.
    pub fn scan(folders: Vec<PathBuf>, workers: usize, stop: &(dyn Fn() -> bool + Sync)) -> Workspace {
        let mut workspace = Workspace::new(folders);
        let mut dockerfiles = BTreeSet::new();
        let mut units = BTreeSet::new();
        for folder in workspace.folders.clone() {
            let found = walk::walk(&folder, &mut |why| tracing::warn!("{why}"), stop);
            dockerfiles.extend(found.dockerfiles);
            units.extend(found.sources.iter().flat_map(|(kind, path)| units_of(*kind, path)));
        }
        workspace.add_dockerfiles(dockerfiles.into_iter().collect(), workers, stop);
        workspace.add_units(units.into_iter().collect(), workers, stop);
        workspace
    }

    fn add_dockerfiles(&mut self, paths: Vec<PathBuf>, workers: usize, stop: &(dyn Fn() -> bool + Sync)) {
        let read = parallel::map(&paths, workers, |path| {
            if stop() {
                return None;
            }
            match disk::read(path, MAX_DOCKERFILE) {
                Ok(text) if !has_commands(&text) => Some(None),
                Ok(text) => {
                    let doc = Document::open(&text, 0);
                    let found = comments(path, &doc, &Disk::new(&self.open, &self.folders));
                    Some(Some((Arc::new(Summary::of(&doc)), found)))
                }
                Err(error) => {
                    tracing::warn!("{} is left out: {error}", path.display());
                    None
                }
            }
        });
        let mut units = Vec::new();
        for (path, read) in paths.into_iter().zip(read) {
            let cell = match read.flatten() {
                None => continue,
                Some(None) => OnceLock::new(),
                Some(Some((summary, found))) => {
                    if !found.builds.is_empty() {
                        units.push((path.clone(), found));
                    }
                    OnceLock::from(summary)
                }
            };
            self.dockerfiles.insert(path, cell);
        }
        for (path, found) in units {
            self.put(Unit::File(Kind::Comments, path.clone()), found, [path].into());
        }
    }

    fn add_units(&mut self, units: Vec<Unit>, workers: usize, stop: &(dyn Fn() -> bool + Sync)) {
        let found = parallel::map(&units, workers, |unit| {
            let disk = Disk::new(&self.open, &self.folders);
            let found = if stop() { Found::default() } else { builds::read(unit, &disk) };
            (found, disk.seen())
        });
        for (unit, found) in units.into_iter().zip(found) {
            let Some((found, files)) = found else { continue };
            // Most files say nothing of builds, and are not watched for it: when one changes it is read by its name. What
            // looked at others may find builds there later.
            if !found.builds.is_empty() || files.len() > 1 {
                self.put(unit, found, files);
            }
        }
    }
}
