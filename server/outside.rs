//! What the other files of a workspace do with a Dockerfile: values that a [`Document`](crate::document::Document) is judged by.

use std::collections::BTreeMap;

use crate::builds::Certainty;

/// All builds of a Dockerfile that the workspace's files describe. Empty where there are none, or nobody has looked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outside {
    /// In the order of their files and places.
    pub users: Vec<User>,
}

/// One build of the Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// How people call it: "compose service `web`".
    pub title: String,
    /// The file that describes it, as people of this workspace write its path.
    pub file: String,
    pub target: Asked,
    /// How sure it is that this Dockerfile is what it builds.
    pub certainty: Certainty,
    /// Arguments by name; `None` for a value that nobody can know.
    pub args: BTreeMap<String, Option<String>>,
    /// Contexts with a name, in lower case and without `:latest`; `None` for a value that nobody can know.
    pub contexts: BTreeMap<String, Option<String>>,
}

/// The target that a build asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The last stage.
    Default,
    /// The stage of this name, if there is one.
    Named(String),
    /// One that nobody can know from the text.
    Unknown,
}

impl Outside {
    /// Whether some build gives a context this name (in lower case).
    pub fn has_context(&self, name: &str) -> bool {
        self.users.iter().any(|user| user.contexts.contains_key(name))
    }

    /// The names that builds ask for, with who asks.
    pub fn targets(&self) -> impl Iterator<Item = (&str, &User)> {
        self.users.iter().filter_map(|user| match &user.target {
            Asked::Named(name) => Some((name.as_str(), user)),
            Asked::Default | Asked::Unknown => None,
        })
    }
}
