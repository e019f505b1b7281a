//! What the other files of a workspace do with a Dockerfile: values that a [`Document`](crate::document::Document) is judged by.

use std::{
    collections::{BTreeMap, HashSet},
    fmt::Write,
};

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
    /// How sure it is that this Dockerfile is what it builds, and that target.
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
        self.with_context(name).next().is_some()
    }

    /// The builds that give a context this name (in lower case), if only for one platform.
    pub fn with_context(&self, name: &str) -> impl Iterator<Item = &User> {
        self.users.iter().filter(move |user| user.gives_context(name))
    }

    /// The names that builds give contexts.
    pub fn context_names(&self) -> HashSet<&str> {
        self.users.iter().flat_map(|user| user.contexts.keys()).map(|key| without_platform(key)).collect()
    }

    /// Whether some build gives this argument a value.
    pub fn is_given(&self, arg: &str) -> bool {
        self.users.iter().filter_map(|user| user.args.get(arg)).any(|value| value.as_deref() != Some(""))
    }

    /// The names that builds ask for, with who asks.
    pub fn targets(&self) -> impl Iterator<Item = (&str, &User)> {
        self.users.iter().filter_map(|user| match &user.target {
            Asked::Named(name) => Some((name.as_str(), user)),
            Asked::Default | Asked::Unknown => None,
        })
    }
}

impl User {
    /// Whether it asks for a target by a name, if only one that nobody can know.
    pub fn names_a_target(&self) -> bool {
        match &self.target {
            Asked::Default => false,
            Asked::Named(name) => !name.is_empty(),
            Asked::Unknown => true,
        }
    }

    /// Whether it gives a context this name (in lower case), if only for one platform.
    pub fn gives_context(&self, name: &str) -> bool {
        // Most give none.
        !self.contexts.is_empty() && self.contexts.keys().any(|key| without_platform(key) == name)
    }
}

/// The name of a context as a stage or an image is asked for by it: in lower case and without `:latest` (dockerui/config.go,
/// `NamedContext`).
pub fn context_name(key: &str) -> String {
    let lower = key.to_lowercase();
    lower.strip_suffix(":latest").unwrap_or(&lower).to_owned()
}

/// `base` of `base::linux/arm64`, which BuildKit tries first (dockerui/config.go, `NamedContext`).
pub fn without_platform(key: &str) -> &str {
    key.split("::").next().unwrap_or(key)
}

/// Most builds that a text names.
const SHOWN: usize = 5;

/// How people call builds, each title once: "compose service `web`, bake target `release` and 7 more". Empty without builds.
pub fn titles<'a>(users: impl IntoIterator<Item = &'a User>) -> String {
    let mut seen = HashSet::new();
    let mut text = String::new();
    for user in users {
        if !seen.insert(user.title.as_str()) || seen.len() > SHOWN {
            continue;
        }
        let _ = write!(text, "{}{}", if text.is_empty() { "" } else { ", " }, user.title);
    }
    if seen.len() > SHOWN {
        let _ = write!(text, " and {} more", seen.len() - SHOWN);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::user;

    #[test]
    fn titles_come_once_and_not_too_many() {
        let named = |names: &[&str]| titles(&names.iter().map(|name| user(name)).collect::<Vec<_>>());
        assert_eq!(named(&[]), "");
        assert_eq!(named(&["a", "b", "a"]), "a, b");
        assert_eq!(named(&["a", "b", "c", "d", "e", "f", "b", "g"]), "a, b, c, d, e and 2 more");
    }

    #[test]
    fn a_context_for_one_platform_is_one_of_that_name() {
        let outside = Outside { users: vec![user("a").context("base::linux/arm64")] };
        assert!(outside.has_context("base") && !outside.has_context("bas"));
        assert_eq!(outside.context_names(), HashSet::from(["base"]));
    }
}
