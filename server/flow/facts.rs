//! What stages write where.

use std::sync::Arc;

use super::path;
pub use crate::tools::{Product, Scope};

/// Where something stands: an instruction of a stage, by its number in the stage (the FROM is 0), and of a RUN the command, by
/// its script and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    pub stage: usize,
    pub instruction: usize,
    pub command: Option<(usize, usize)>,
}

/// Something writes a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Absolute and clean.
    pub path: Arc<str>,
    pub scope: Scope,
    pub product: Product,
    /// Where it came into being: of what is copied between stages, in the stage that it comes from.
    pub origin: Origin,
    /// The instruction that brought it to this stage: that of `origin`, or a COPY.
    pub by: Origin,
    /// Whether it is written in every build.
    pub certain: bool,
    /// The mount that keeps it out of the stage.
    pub volatile: Option<Arc<str>>,
    /// Whether it says no more than that something may be written below this directory.
    pub vague: bool,
}

/// A mount whose files are no part of the stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Absolute and clean.
    pub path: Arc<str>,
    pub kind: MountKind,
    /// Its RUN.
    pub by: Origin,
    /// Whether it is there in every build.
    pub certain: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MountKind {
    Bind,
    Cache,
    Tmpfs,
}

impl Fact {
    /// Whether it may write `path` or something below it.
    pub fn touches(&self, path: &str) -> bool {
        path::is_within(&self.path, path) || (self.scope == Scope::Under && path::is_within(path, &self.path))
    }
}
