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

impl Embedded<'_> {
    /// The place in the file (bytes) of a part of the Dockerfile (bytes of its text); of one that is on several lines, of what
    /// is on the first.
    pub fn place(&self, part: &Range<usize>) -> Option<Range<usize>> {
        let line = self.scalar.text[part.clone()].find(['\n', '\r']).map_or(part.end, |at| part.start + at);
        self.scalar.place(part.start..line)
    }
}

/// The Dockerfile around `offset` (bytes of the file), and the offset in its text.
pub fn at<'a>(workspace: &'a Workspace, file: &Path, offset: usize) -> Option<(Embedded<'a>, usize)> {
    for build in workspace.builds_in(file) {
        let Dockerfile::Inline(scalar, spot) = &build.dockerfile else { continue };
        if *spot.file != *file || offset < scalar.range.start || scalar.range.end < offset {
            continue;
        }
        let Some(inner) = scalar.offset(offset) else { continue };
        return Some((Embedded { doc: Document::open(&scalar.text, 0), scalar }, inner));
    }
    None
}
