//! What files outside of a Dockerfile have built from it: Compose, Bake, workflows, tasks, scripts.
//!
//! Each kind of file is read by a small module of its own, and all of them yield the same record, a [`Build`]: which
//! Dockerfile, which target, which arguments and contexts, each value with the place where it is written. Nothing here knows
//! the stages of a Dockerfile, or an editor: texts come through [`Files`], places are bytes of their file.

pub mod command;
pub mod comments;
pub mod files;
pub mod justfile;
pub mod makefile;
pub mod markdown;
pub mod node;
pub mod quadlet;
pub mod script;
pub mod tiltfile;
pub mod value;
pub mod words;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

pub use files::Files;
pub use value::{Certainty, Quoting, Spot, Value};

/// What a reader found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// In the order of their places.
    pub builds: Vec<Build>,
    /// Files whose syntax is broken so that other builds may be missing, or cut short.
    pub broken: Vec<Arc<Path>>,
}

/// Something that has an image built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    pub tool: Tool,
    /// How people call it: "compose service `web`", "bake target `release`", "step `Build` of job `test`".
    pub title: String,
    /// Where it is declared: the service's key, the block's label, the program's name.
    pub declared: Spot,
    pub dockerfile: Dockerfile,
    /// The stage that is built; `None` without one: the last stage. Text that is being typed is empty.
    pub target: Option<Value>,
    /// Values that another file or line takes the place of: they name a target, and never count.
    pub overridden: Vec<Value>,
    /// Stages that are built anew whatever the cache has.
    pub no_cache_filter: Vec<Value>,
    /// Arguments, each once, as they reach the builder.
    pub args: Vec<BuildArg>,
    /// Contexts with a name, each once.
    pub contexts: Vec<NamedContext>,
}

/// Who builds, as far as names of stages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tool {
    /// BuildKit and all that call it: names in any case, no numbers, of two with one name the last.
    BuildKit,
    /// podman and buildah: names as they are written, an unnamed stage by its number (imagebuilder, `ThroughTarget`).
    Buildah,
    /// kaniko: names in any case, of two with one name the first.
    Kaniko,
}

/// The Dockerfile that is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dockerfile {
    Local(Local),
    /// It stands in the file itself.
    Inline(node::Scalar, Spot),
    /// In a repository or behind a URL, or from standard input.
    Remote,
    /// A value that nobody can know decides; why.
    Unknown(&'static str),
}

/// A Dockerfile on this disk, or none where it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// What the path may mean, best first. More than one guess only where it depends on how the command is called; of one
    /// guess, the first file that exists is taken (`Dockerfile`, `dockerfile`). Paths are absolute and normal.
    pub guesses: Vec<Vec<PathBuf>>,
    /// The folder that is the build context in the first guess, if it is one.
    pub context: Option<PathBuf>,
    /// The path as it is written, if it is.
    pub written: Option<Value>,
    /// What a written path starts from in the first guess.
    pub base: PathBuf,
    /// How sure it is that this is the Dockerfile, other guesses aside.
    pub certainty: Certainty,
    /// What makes it uncertain; empty if nothing does.
    pub why: &'static str,
}

/// An argument of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildArg {
    pub name: Value,
    /// `None` where it comes from the environment.
    pub value: Option<Value>,
}

/// A build context with a name: it takes the place of a stage or an image of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedContext {
    pub key: Value,
    pub value: Value,
}
