//! From the name of a stage, the path of a Dockerfile or the name of an argument to what it means.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use super::{What, at};
use crate::{
    builds::{Build, Dockerfile, node::Scalar},
    workspace::{Workspace, meaning},
};

/// The answer to "go to definition".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// What was understood as a reference, in bytes.
    pub origin: Range<usize>,
    /// Where it leads: more than one place only where builds of several Dockerfiles share it.
    pub targets: Vec<Target>,
}

/// A place in some file, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub file: PathBuf,
    pub full: Range<usize>,
    pub selection: Range<usize>,
}

/// Finds what the value at `offset` (bytes) means.
pub fn definition(workspace: &Workspace, file: &Path, offset: usize) -> Option<Definition> {
    let mut origin = None;
    let mut targets: Vec<Target> = Vec::new();
    for hit in at(workspace, file, offset) {
        let value = hit.what.value();
        let found = match hit.what {
            What::Stage(_, value) => hit.meaning.summary().zip(value.known()).and_then(|(summary, name)| {
                let stage = &summary.stages[meaning::stage(hit.build.tool, summary, name)?];
                let (scalar, path) = match hit.meaning.path() {
                    Some(path) => (None, path),
                    None => inline(hit.build)?,
                };
                let place = |range: &Range<usize>| match scalar {
                    None => Some(range.clone()),
                    Some(scalar) => {
                        scalar.place(range.start..range.start).map(|at| at.start..at.start + range.len())
                    }
                };
                let selection = place(&stage.selection)?;
                let full = match scalar {
                    None => stage.range.clone(),
                    Some(_) => selection.clone(),
                };
                Some(Target { file: path.to_owned(), full, selection })
            }),
            What::Dockerfile(_) => {
                hit.meaning.path().map(|path| Target { file: path.to_owned(), full: 0..0, selection: 0..0 })
            }
            What::Arg(arg) => hit.meaning.path().zip(arg.name.known()).and_then(|(path, name)| {
                let range = hit.meaning.summary()?.arg(name)?;
                Some(Target { file: path.to_owned(), full: range.clone(), selection: range })
            }),
        };
        let Some(target) = found else { continue };
        origin.get_or_insert_with(|| value.spot.range.clone());
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    Some(Definition { origin: origin?, targets })
}

/// The Dockerfile that stands in a file, and that file.
fn inline(build: &Build) -> Option<(Option<&Scalar>, &Path)> {
    match &build.dockerfile {
        Dockerfile::Inline(scalar, spot) => Some((Some(scalar), &spot.file)),
        Dockerfile::Local(_) | Dockerfile::Remote | Dockerfile::Unknown(_) => None,
    }
}
