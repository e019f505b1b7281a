//! What Compose files come to: services, with what each of them has built.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::super::{
    BuildArg, NamedContext,
    files::{is_remote, join},
    node::Scalar,
    value::{Spot, Value},
};

/// How Compose files are read.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// As with `-f`: later files go over earlier ones. Those that can't be read are left out.
    pub files: Vec<PathBuf>,
    /// What relative paths start from: the folder of the first file for Compose, the working directory for Bake.
    pub directory: PathBuf,
    pub environment: Environment,
}

/// The variables of the shell that the command is called from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Environment {
    /// Nobody knows them.
    Unknown,
    /// These, and no others.
    Exact(BTreeMap<String, String>),
}

/// What a set of Compose files comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Project {
    /// Services with or without a build, in the order in which they appear, those of included files first.
    pub services: Vec<Service>,
    /// Why Compose or Bake would refuse to read the files; empty if they would not.
    pub refusals: Vec<Refusal>,
    /// Files with broken syntax.
    pub broken: Vec<Arc<Path>>,
}

/// A reason to refuse files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub file: Arc<Path>,
    /// The service that it is about, if it is about one.
    pub service: Option<String>,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// As written. Bake calls its target so with `_` in place of each dot.
    pub name: String,
    /// The key in the last file that has the service.
    pub declared: Spot,
    /// `None` if it has no image built.
    pub build: Option<Section>,
}

/// The `build` of a service, all files and all that it extends taken together. Variables are expanded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// `None` where it is left out: `.` then.
    pub context: Option<Value>,
    /// What a relative context starts from.
    pub base: PathBuf,
    pub dockerfile: Option<Value>,
    /// The text of `dockerfile_inline`, and its place.
    pub inline: Option<(Scalar, Spot)>,
    /// Empty text where nothing is typed yet.
    pub target: Option<Value>,
    /// Targets that a later file or a service that extends another one takes the place of.
    pub overridden: Vec<Value>,
    pub no_cache_filter: Vec<Value>,
    /// What Bake takes instead: `x-bake.no-cache-filter`.
    pub bake_no_cache_filter: Vec<Value>,
    pub args: Vec<BuildArg>,
    pub contexts: Vec<Context>,
    /// Whether a service that this one extends could not be found.
    pub lacks_base: bool,
}

/// An entry of `additional_contexts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Its value as written: a folder, something remote, or `service:NAME`.
    pub named: NamedContext,
    /// What a relative folder starts from.
    pub base: PathBuf,
}

/// What a text means where a build context stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder, absolute and normal.
    Local(PathBuf),
    /// Anything with a scheme, a repository, another service.
    Remote,
    /// A variable decides, or the home folder of whoever calls.
    Unknown(&'static str),
}

impl Section {
    /// The build context.
    pub fn place(&self) -> Place {
        match &self.context {
            Some(context) => place(context, &self.base),
            None => Place::Local(join(&self.base, ".")),
        }
    }
}

impl Context {
    pub fn place(&self) -> Place {
        place(&self.named.value, &self.base)
    }
}

/// Compose's rule for paths of contexts (compose-go paths/context.go, `absContextPath`).
fn place(value: &Value, base: &Path) -> Place {
    match value.text.as_deref() {
        None => Place::Unknown(value.why),
        Some(text) if is_remote(text) || text.starts_with("service:") => Place::Remote,
        Some(text) if text.starts_with('~') => Place::Unknown("it is in somebody's home folder"),
        Some(text) => Place::Local(join(base, text)),
    }
}
