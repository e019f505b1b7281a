//! Bake: what `docker buildx bake` builds from its files, in HCL, JSON or Compose (buildx bake/bake.go).
//!
//! Two questions are answered here. What does one call build, exactly as bake itself resolves it: [`load`]. And what do the
//! files of a folder describe, whatever it is that somebody will call: [`project`] and [`file`].

mod define;
mod found;
mod layer;
mod load;
mod resolve;
mod sources;

use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc};

pub use define::{BLOCKS, TARGET as ATTRIBUTES};
pub use found::{dockerfile, file, is_bake, project};
pub use load::load;

use super::{
    hcl::eval::Problem,
    node::Scalar,
    value::{Spot, Value},
    {BuildArg, NamedContext},
};

/// The files that are read where none is named, as far as there are any; the later ones win (buildx bake/bake.go,
/// `defaultFilenames`). `compose.override.yaml` is not among them.
pub const DEFAULT_FILES: [&str; 8] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
    "docker-bake.json",
    "docker-bake.hcl",
    "docker-bake.override.json",
    "docker-bake.override.hcl",
];

/// A call of bake.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Invocation {
    /// What `-f` names, in order; without any, `BUILDX_BAKE_FILE` or the default names are looked for.
    pub files: Vec<String>,
    pub cwd: PathBuf,
    /// The environment; what `--var` sets belongs in here too.
    pub env: BTreeMap<String, String>,
    /// What `--set` says: `target.key=value`.
    pub set: Vec<String>,
    /// The targets and groups that are asked for, or patterns of them; without any, `default`.
    pub names: Vec<String>,
}

/// A target as bake builds it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    pub name: String,
    /// The labels of its blocks, or the name of its Compose service.
    pub declared: Vec<Spot>,
    /// `None` where nothing says it: `.`.
    pub context: Option<Value>,
    /// What the context is relative to.
    pub context_base: PathBuf,
    /// `None` or empty where nothing says it: `Dockerfile`, in the context.
    pub dockerfile: Option<Value>,
    pub inline: Option<Inline>,
    /// `None` where nothing says it: the last stage.
    pub target: Option<Value>,
    pub contexts: Vec<Context>,
    pub no_cache_filter: Vec<Value>,
    pub args: Vec<BuildArg>,
    /// Literal targets in its own blocks that a later block takes the place of.
    pub overridden: Vec<Value>,
}

/// A Dockerfile that stands in a bake file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inline {
    pub value: Value,
    /// The text with its pieces, if it is a literal.
    pub scalar: Option<Scalar>,
}

/// A context with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    pub named: NamedContext,
    /// What a path in it is relative to; `None` for the working directory.
    pub base: Option<Arc<PathBuf>>,
}

/// Why bake builds nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    NoFile(PathBuf),
    /// There is none of the default files.
    NoFiles,
    Syntax(Spot),
    /// An expression that can't be worked out.
    Problem(Problem),
    InvalidName(String, Spot),
    TemplateInLabel(Spot),
    NameWithoutMatrix(Spot),
    MatrixWithoutName(Spot),
    /// A matrix that is no object of lists.
    InvalidMatrix(Spot),
    UnknownTarget(String),
    NoMatch(String),
    LinkToItself(String),
    LinkLoop(String, String),
    Stdin(&'static str),
    InvalidOverride(String),
    TooDeep(String),
    Compose(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |spot: &Spot| format!("{}:{}", spot.file.display(), spot.range.start);
        match self {
            Error::NoFile(path) => write!(f, "{} can't be read", path.display()),
            Error::NoFiles => write!(f, "there is no bake file"),
            Error::Syntax(spot) => write!(f, "{}: this is no HCL or JSON", at(spot)),
            Error::Problem(problem) => write!(f, "{}: {}", at(&problem.spot), problem.kind),
            Error::InvalidName(name, spot) => {
                write!(f, "{}: `{name}` is no name: letters, digits, `_` and `-` only", at(spot))
            }
            Error::TemplateInLabel(spot) => write!(f, "{}: a label can't be computed", at(spot)),
            Error::NameWithoutMatrix(spot) => write!(f, "{}: `name` needs a `matrix`", at(spot)),
            Error::MatrixWithoutName(spot) => write!(f, "{}: a `matrix` needs a `name`", at(spot)),
            Error::InvalidMatrix(spot) => write!(f, "{}: a `matrix` is an object of lists", at(spot)),
            Error::UnknownTarget(name) => write!(f, "there is no target `{name}`"),
            Error::NoMatch(pattern) => write!(f, "no target is like `{pattern}`"),
            Error::LinkToItself(name) => write!(f, "target `{name}` has itself as a context"),
            Error::LinkLoop(from, to) => write!(f, "the contexts of `{from}` and `{to}` need each other"),
            Error::Stdin(what) => write!(f, "bake takes no {what} from standard input"),
            Error::InvalidOverride(set) => write!(f, "`{set}` is no `target.key=value`"),
            Error::TooDeep(name) => write!(f, "target `{name}` inherits over too many others"),
            Error::Compose(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests;
