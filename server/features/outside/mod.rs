//! The features in files that say what is built: Compose, Bake, workflows and the like.
//!
//! All go by the records of the [`Workspace`]: what stands under the cursor is a value of some build.

pub mod build_command;
pub mod completion;
pub mod definition;
pub mod embedded;
pub mod hierarchy;
pub mod hover;
pub mod moved;
pub mod rename;

use std::path::Path;

use crate::{
    builds::{Build, BuildArg, Dockerfile, Role, Value},
    workspace::{Workspace, meaning::Meaning},
};

/// What a place of such a file is, for one build. Several builds may share a place.
#[derive(Debug)]
pub struct Hit<'a> {
    pub build: &'a Build,
    pub meaning: Meaning,
    pub what: What<'a>,
}

#[derive(Debug, Clone, Copy)]
pub enum What<'a> {
    /// It names a stage, or will.
    Stage(Role, &'a Value),
    /// It is the path of the Dockerfile.
    Dockerfile(&'a Value),
    /// It names an argument.
    Arg(&'a BuildArg),
}

impl What<'_> {
    pub fn value(&self) -> &Value {
        match self {
            What::Stage(_, value) | What::Dockerfile(value) => value,
            What::Arg(arg) => &arg.name,
        }
    }
}

/// What stands at `offset` (bytes), the end of a value included.
pub fn at<'a>(workspace: &'a Workspace, file: &Path, offset: usize) -> Vec<Hit<'a>> {
    let mut hits = Vec::new();
    for build in workspace.builds_in(file) {
        let here = |value: &&Value| *value.spot.file == *file && value.spot.touches(offset);
        let written = match &build.dockerfile {
            Dockerfile::Local(local) => local.written.as_ref(),
            Dockerfile::Inline(..) | Dockerfile::Remote | Dockerfile::Unknown(_) => None,
        };
        let stage =
            build.mentions().filter(|(_, value)| here(value)).map(|(role, value)| What::Stage(role, value));
        let path = written.filter(here).map(What::Dockerfile);
        let arg = build.args.iter().filter(|arg| here(&&arg.name)).map(What::Arg);
        for what in stage.chain(path).chain(arg) {
            hits.push(Hit { build, meaning: workspace.meaning(build), what });
        }
    }
    hits
}
