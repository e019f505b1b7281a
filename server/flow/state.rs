//! What holds at one point of a stage.

use std::sync::Arc;

use super::{Origin, path};
use crate::shell::Dialect;

/// A value as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known<T> {
    /// With the defaults of all ARGs; `None` where only running the build would tell.
    pub value: Option<T>,
    /// Whether it is the same however the build is called.
    pub certain: bool,
}

impl<T> Known<T> {
    /// One that is the same however the build is called.
    pub fn certain(value: T) -> Known<T> {
        Known { value: Some(value), certain: true }
    }

    pub fn unknown() -> Known<T> {
        Known { value: None, certain: false }
    }

    /// The value, if it is the same however the build is called.
    pub fn in_any_build(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.certain)
    }
}

/// What holds before an instruction, or at the end of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Absolute and clean.
    pub workdir: Known<Arc<str>>,
    /// The WORKDIR that says so; `None` for that of the base image.
    pub workdir_by: Option<Origin>,
    /// User and group as one text, as USER takes it. `root` where nothing sets one.
    pub user: Known<Arc<str>>,
    /// The USER that says so; `None` for that of the base image.
    pub user_by: Option<Origin>,
    pub shell: Dialect,
    /// The SHELL that says so; `None` for that of the base image, or `/bin/sh`.
    pub shell_by: Option<Origin>,
    /// The ENTRYPOINT in force; `None` for that of the base image, if any.
    pub entrypoint: Option<Origin>,
    /// The CMD in force, likewise.
    pub cmd: Option<Origin>,
    /// Whether an ENTRYPOINT took away the CMD that was in force.
    pub cmd_reset: bool,
}

impl Point {
    /// The name or number of the user, without the group.
    pub fn user_name(&self) -> Option<&str> {
        self.user.value.as_deref().map(|user| user.split(':').next().unwrap_or_default())
    }

    /// Where a path leads that an instruction names here: absolute and clean.
    pub fn path(&self, text: &Known<String>) -> Known<String> {
        let Some(written) = text.value.as_deref() else { return Known::unknown() };
        let certain = text.certain && (self.workdir.certain || written.starts_with('/'));
        match path::join(self.workdir.value.as_deref(), written) {
            Some(path) => Known { value: Some(path), certain },
            None => Known::unknown(),
        }
    }

    /// Whether the user is certainly root, or certainly not; `None` where that is not known.
    pub fn is_root(&self) -> Option<bool> {
        self.user_name().map(|name| matches!(name, "" | "root" | "0"))
    }
}
