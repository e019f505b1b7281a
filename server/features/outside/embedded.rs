//! Dockerfiles that stand in another file, as Compose's `dockerfile_inline`.

use std::{ops::Range, path::Path};

use crate::{
    builds::{Dockerfile, node::Scalar},
    document::Document,
    workspace::Workspace,
};

/// Such a Dockerfile.
#[derive(Debug)]
pub struct Embedded<'a> {
    pub doc: Document,
    pub scalar: &'a Scalar,
}

impl<'a> Embedded<'a> {
    fn of(scalar: &'a Scalar) -> Embedded<'a> {
        Embedded { doc: Document::open(&scalar.text, 0), scalar }
    }

    /// The place in the file (bytes) of a part of the Dockerfile (bytes of its text); of one that is on several lines, of what
    /// is on the first.
    pub fn place(&self, part: &Range<usize>) -> Option<Range<usize>> {
        self.scalar.place_on_a_line(part)
    }
}

/// The Dockerfile around `offset` (bytes of the file), and the offset in its text.
pub fn at<'a>(workspace: &'a Workspace, file: &Path, offset: usize) -> Option<(Embedded<'a>, usize)> {
    scalars(workspace, file).into_iter().find_map(|scalar| {
        let is_around = scalar.range.start <= offset && offset <= scalar.range.end;
        let inner = scalar.offset(offset).filter(|_| is_around)?;
        Some((Embedded::of(scalar), inner))
    })
}

/// The Dockerfile whose scalar starts at `start` (bytes of the file).
pub fn starting_at<'a>(workspace: &'a Workspace, file: &Path, start: usize) -> Option<Embedded<'a>> {
    scalars(workspace, file).into_iter().find(|scalar| scalar.range.start == start).map(Embedded::of)
}

fn scalars<'a>(workspace: &'a Workspace, file: &Path) -> Vec<&'a Scalar> {
    let scalars = workspace.builds_in(file).filter_map(|build| match &build.dockerfile {
        Dockerfile::Inline(scalar, spot) if *spot.file == *file => Some(scalar),
        _ => None,
    });
    scalars.collect()
}
