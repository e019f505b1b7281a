//! Reads a whole workspace, and its units one by one.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Summary, Workspace,
    disk::{self, Disk, MAX_DOCKERFILE},
    parallel, walk,
};
use crate::{
    builds::{
        Files, Found, comments as in_comments, compose, justfile,
        kinds::{Kind, Unit, may_build, units_of},
        makefile, markdown, script,
    },
    document::Document,
};

/// What a unit says is built.
pub fn read(unit: &Unit, files: &dyn Files) -> Found {
    let text = |path: &Path| files.read(path);
    match unit {
        Unit::ComposeProject(folder) => compose::project(folder, files),
        Unit::ComposeFile(path) => match text(path).filter(|text| may_build(Kind::Compose, text)) {
            Some(text) if compose::is_compose(path, &text) => compose::file(path, files),
            _ => Found::default(),
        },
        Unit::BakeProject(_) | Unit::BakeFile(_) => Found::default(),
        Unit::File(kind, path) => {
            let Some(_) = text(path).filter(|text| may_build(*kind, text)) else { return Found::default() };
            match kind {
                Kind::Script => script::builds(path, files),
                Kind::Makefile => makefile::builds(path, files),
                Kind::Justfile => justfile::builds(path, files),
                Kind::Markdown => markdown::builds(path, files),
                // Its Dockerfile has been read already.
                Kind::Comments => Found::default(),
                _ => Found::default(),
            }
        }
    }
}

/// What the comments of a Dockerfile say is built.
pub fn comments(path: &Path, doc: &Document, files: &dyn Files) -> Found {
    let comments = doc.syntax().comments();
    let texts = || comments.iter().map(|range| (range.start, doc.text().slice(range.clone()).into_owned()));
    if !texts().any(|(_, text)| may_build(Kind::Comments, &text)) {
        return Found::default();
    }
    let all: Vec<_> = texts().collect();
    in_comments::builds(path, all.iter().map(|(start, text)| (*start, text.as_str())), files)
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
                Ok(text) => {
                    let doc = Document::open(&text, 0);
                    Some((
                        Arc::new(Summary::of(&doc)),
                        comments(path, &doc, &Disk::new(&self.open, &self.folders)),
                    ))
                }
                Err(error) => {
                    tracing::warn!("{} is left out: {error}", path.display());
                    None
                }
            }
        });
        let mut found = Vec::new();
        for (path, (summary, comments)) in
            paths.into_iter().zip(read).filter_map(|(path, read)| Some((path, read.flatten()?)))
        {
            if !comments.builds.is_empty() {
                found.push((Unit::File(Kind::Comments, path.clone()), comments, [path.clone()].into()));
            }
            self.dockerfiles.insert(path, summary);
        }
        for (unit, comments, files) in found {
            self.put(unit, comments, files);
        }
    }

    fn add_units(&mut self, units: Vec<Unit>, workers: usize, stop: &(dyn Fn() -> bool + Sync)) {
        let found = parallel::map(&units, workers, |unit| {
            let disk = Disk::new(&self.open, &self.folders);
            let found = if stop() { Found::default() } else { read(unit, &disk) };
            (found, disk.seen())
        });
        for (unit, found) in units.into_iter().zip(found) {
            let Some((found, files)) = found else { continue };
            // Most files say nothing of builds, and are not watched for it: when one changes it is read by its name.
            if !found.builds.is_empty() {
                self.put(unit, found, files);
            }
        }
    }
}
