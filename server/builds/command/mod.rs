//! Command lines that build: `docker build`, `buildx bake`, `podman build`, `buildah bud`, `nerdctl build`, kaniko.
//!
//! All kinds of files that hold commands hand a [`Script`] to [`builds`]: scripts, recipes, steps of a workflow, comments.

mod call;
mod dockerfile;
pub mod excerpt;
pub mod flags;
mod heads;
#[cfg(test)]
mod tests;
mod variables;
mod walk;

use std::{
    collections::HashMap,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use variables::Scope;
use walk::Walk;

pub use super::words::Dialect;
use super::{
    Build, Certainty, Files, Found, Spot, Value,
    words::{self, Command, Word},
};

/// Commands that stand in a file.
#[derive(Clone)]
pub struct Script<'a> {
    pub file: &'a Arc<Path>,
    /// As the shell gets it: escapes of a YAML or JSON string decoded, its indent taken away. Blanks that somebody has just
    /// typed at the end of a plain YAML scalar should be part of it: a value may come behind them.
    pub text: &'a str,
    /// Where a part of `text` (bytes) stands in the file; `None` where it does not in one piece.
    pub place: &'a dyn Fn(Range<usize>) -> Option<Range<usize>>,
    /// The whole of it in bytes of the file: the spot of what has no place of its own.
    pub range: Range<usize>,
    pub dialect: Dialect,
    pub cwd: Cwd,
    /// Variables from outside of `text` that have one literal value: of make, of just, a job's `variables`. Of a template the
    /// name is the text between the marks without blanks around: `matrix.target` of `${{ matrix.target }}`, `.T` of `{{.T}}`.
    pub variables: &'a Variables,
    /// What the builds are called; without one "docker build in build.sh".
    pub title: Option<&'a str>,
}

/// Names with the values that they have for all that is known; a use of one is at most likely.
pub type Variables = HashMap<String, Value>;

/// The folder that a command is called in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cwd {
    /// Absolute and normal, best first.
    pub guesses: Vec<PathBuf>,
    /// How sure the first guess is, or that it is one of them.
    pub certainty: Certainty,
    /// What makes it uncertain; empty if nothing does.
    pub why: &'static str,
}

/// What a script has built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commands {
    /// In the order of their places.
    pub builds: Vec<Build>,
    /// Calls of `docker buildx bake`.
    pub bakes: Vec<BakeCall>,
    /// Where the next script of the same shell goes on.
    pub cwd: Cwd,
}

/// A call of `docker buildx bake`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BakeCall {
    pub title: String,
    /// The program's name.
    pub declared: Spot,
    pub cwd: Cwd,
    /// `-f`, in their order; none: the names that bake looks for.
    pub files: Vec<Value>,
    /// Targets, groups and patterns.
    pub targets: Vec<Value>,
    /// `--set web.target=x`
    pub sets: Vec<Set>,
    /// `--var`, and assignments in front of the command.
    pub variables: Vec<(String, Value)>,
    /// Whether the definition or the context is a repository.
    pub is_remote: bool,
}

/// `--set` of bake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// A target's name, or a pattern with `*`.
    pub pattern: String,
    /// `target`, `dockerfile`, `args.X`.
    pub key: String,
    pub value: Value,
}

/// The builds of a script, without those of bake.
pub fn builds(script: &Script, files: &dyn Files) -> Found {
    Found { builds: commands(script, files).builds, ..Found::default() }
}

/// All that a script has built.
pub fn commands(script: &Script, files: &dyn Files) -> Commands {
    let mut walk = Walk::new(script.cwd.clone());
    if may_build(script.text) {
        walk.script(script, files, None, 0);
    }
    walk.builds.sort_by_key(|build| build.declared.range.start);
    walk.bakes.sort_by_key(|bake| bake.declared.range.start);
    Commands { builds: walk.builds, bakes: walk.bakes, cwd: walk.cwd }
}

/// The one command that a list of words is: the `command` and `args` of a task, or an `args` of a container.
pub fn command(words: &[Value], script: &Script, files: &dyn Files) -> Commands {
    let mut walk = Walk::new(script.cwd.clone());
    let scope = Scope::new(script, &[], files, None);
    let words = words.iter().map(Word::of).collect();
    walk.command(&scope, &Command { words, input: None }, files, 0);
    Commands { builds: walk.builds, bakes: walk.bakes, cwd: walk.cwd }
}

/// The builds of a text that stands in its file as it is, from `range` on.
pub fn plain(text: &str, range: Range<usize>, script: &Script, files: &dyn Files) -> Commands {
    let start = range.start;
    let place = |part: Range<usize>| Some(part.start + start..part.end + start);
    let text = text.get(range.clone()).unwrap_or("");
    commands(&Script { text, place: &place, range, ..script.clone() }, files)
}

/// The words of a part of a file, for fields that hold arguments.
pub fn literal_words(text: &str, range: Range<usize>) -> Vec<Word> {
    let start = range.start;
    let place = |part: Range<usize>| Some(part.start + start..part.end + start);
    let items = words::read(text.get(range).unwrap_or(""), Dialect::Posix, &place);
    let commands = items.into_iter().filter_map(|item| match item {
        words::Item::Command(command) => Some(command.words),
        words::Item::Open | words::Item::Close => None,
    });
    commands.flatten().collect()
}

/// Whether a text can have anything to read: a cheap look before any work.
pub fn may_build(text: &str) -> bool {
    ["build", "bake", "bud", "kaniko", "BUILD", "BAKE"].iter().any(|word| text.contains(word))
}

impl Cwd {
    /// A folder that is sure.
    pub fn certain(folder: PathBuf) -> Cwd {
        Cwd { guesses: vec![folder], certainty: Certainty::Certain, why: "" }
    }

    /// One of several folders, best first.
    pub fn likely(guesses: impl IntoIterator<Item = PathBuf>, why: &'static str) -> Cwd {
        let mut all: Vec<PathBuf> = Vec::new();
        for guess in guesses {
            if !all.contains(&guess) {
                all.push(guess);
            }
        }
        Cwd { guesses: all, certainty: Certainty::Likely, why }
    }

    /// Makes it less sure.
    fn doubt(&mut self, why: &'static str) {
        if self.certainty > Certainty::Likely {
            (self.certainty, self.why) = (Certainty::Likely, why);
        }
    }
}
