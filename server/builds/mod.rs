//! What files outside of a Dockerfile have built from it: Compose, Bake, workflows, tasks, scripts.
//!
//! Each kind of file is read by a small module of its own, and all of them yield the same record, a [`Build`]: which
//! Dockerfile, which target, which arguments and contexts, each value with the place where it is written. Nothing here knows
//! the stages of a Dockerfile, or an editor: texts come through [`Files`], places are bytes of their file.

pub mod bake;
pub mod bake_calls;
pub mod command;
pub mod comments;
pub mod compose;
mod decoded;
pub mod devcontainer;
mod editor_variables;
mod embedded;
pub mod files;
pub mod gitlab;
pub mod hcl;
pub mod json;
pub mod justfile;
pub mod kinds;
pub mod makefile;
pub mod markdown;
pub mod node;
mod options;
pub mod package_json;
pub mod quadlet;
pub mod script;
pub mod skaffold;
pub mod taskfile;
pub mod tiltfile;
pub mod value;
pub mod vscode_tasks;
pub mod words;
pub mod workflow;
mod written;
pub mod yaml;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

pub use files::Files;
use kinds::{Kind, Unit, may_build};
pub use value::{Certainty, Quoting, Spot, Value};

/// What a reader found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// In the order of their places.
    pub builds: Vec<Build>,
    /// Files whose syntax is broken so that other builds may be missing, or cut short.
    pub broken: Vec<Arc<Path>>,
    /// Attributes and blocks of a Bake file that bake does not read, without a word.
    pub ignored: Vec<Spot>,
}

impl Found {
    /// What a file comes to before anything is found in it: it may be broken.
    fn in_file(read: &node::Read, file: &Arc<Path>) -> Found {
        let broken = if read.whole { Vec::new() } else { vec![file.clone()] };
        Found { broken, ..Found::default() }
    }
}

/// What a value of a build has to do with stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// It names the stage to build.
    Target,
    /// It names a stage that is built anew each time.
    NoCacheFilter,
    /// It names a context, which takes the place of a stage of that name.
    Context,
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

/// What a unit says is built.
pub fn read(unit: &Unit, files: &dyn Files) -> Found {
    let mut found = read_all(unit, files);
    if files::copied_project(&unit.path()).is_some() {
        for build in &mut found.builds {
            // Copies are seldom whole, and nobody edits them without thought.
            if let Dockerfile::Local(local) = &mut build.dockerfile
                && local.certainty == Certainty::Certain
            {
                (local.certainty, local.why) = (Certainty::Likely, "it is a copy from another project");
            }
        }
    }
    found
}

fn read_all(unit: &Unit, files: &dyn Files) -> Found {
    let text = |path: &Path, kind: Kind| files.read(path).filter(|text| may_build(kind, text));
    match unit {
        Unit::ComposeProject(folder) => compose::project(folder, files),
        Unit::ComposeFile(path) => match text(path, Kind::Compose) {
            Some(text) if compose::is_compose(path, &text) => compose::file(path, files),
            _ => Found::default(),
        },
        Unit::BakeProject(folder) => bake::project(folder, files),
        Unit::BakeFile(path) => match text(path, Kind::Bake) {
            Some(text) if bake::is_bake(path, &text) => bake::file(path, files),
            _ => Found::default(),
        },
        Unit::File(kind, path) => {
            let reader = match kind {
                Kind::Workflow => workflow::builds,
                Kind::GitlabCi => gitlab::builds,
                Kind::Devcontainer => devcontainer::builds,
                Kind::VsCodeTasks => vscode_tasks::builds,
                Kind::Skaffold => skaffold::builds,
                Kind::Taskfile => taskfile::builds,
                Kind::PackageJson => package_json::builds,
                Kind::Tiltfile => tiltfile::builds,
                Kind::Quadlet => quadlet::builds,
                Kind::Script => script::builds,
                Kind::Makefile => makefile::builds,
                Kind::Justfile => justfile::builds,
                Kind::Markdown => markdown::builds,
                // These are read by those who know what else is in the file.
                Kind::Comments | Kind::Compose | Kind::Bake => return Found::default(),
            };
            match text(path, *kind) {
                Some(_) => reader(path, files),
                None => Found::default(),
            }
        }
    }
}

impl Build {
    /// One that says nothing but what it builds.
    pub fn new(tool: Tool, title: String, declared: Spot, dockerfile: Dockerfile) -> Build {
        Build {
            tool,
            title,
            declared,
            dockerfile,
            target: None,
            overridden: Vec::new(),
            no_cache_filter: Vec::new(),
            args: Vec::new(),
            contexts: Vec::new(),
        }
    }

    /// The values that name a stage, or may. Of contexts with a name most name none.
    pub fn mentions(&self) -> impl Iterator<Item = (Role, &Value)> {
        let targets = self.target.iter().chain(&self.overridden).map(|value| (Role::Target, value));
        let filters = self.no_cache_filter.iter().map(|value| (Role::NoCacheFilter, value));
        let contexts = self.contexts.iter().map(|context| (Role::Context, &context.key));
        targets.chain(filters).chain(contexts)
    }

    /// The place of everything that is written.
    pub fn spots_mut(&mut self) -> impl Iterator<Item = &mut Spot> {
        let written = match &mut self.dockerfile {
            Dockerfile::Local(local) => local.written.as_mut().map(|value| &mut value.spot),
            Dockerfile::Inline(_, spot) => Some(spot),
            Dockerfile::Remote | Dockerfile::Unknown(_) => None,
        };
        let targets = self.target.iter_mut().chain(&mut self.overridden).chain(&mut self.no_cache_filter);
        let args = self.args.iter_mut().flat_map(|arg| [Some(&mut arg.name), arg.value.as_mut()]);
        let contexts = self.contexts.iter_mut().flat_map(|context| [&mut context.key, &mut context.value]);
        let values = targets.chain(args.flatten()).chain(contexts).map(|value| &mut value.spot);
        written.into_iter().chain(values).chain([&mut self.declared])
    }

    /// The paths of all files that may be its Dockerfile.
    pub fn candidates(&self) -> impl Iterator<Item = &PathBuf> {
        let guesses = match &self.dockerfile {
            Dockerfile::Local(local) => local.guesses.as_slice(),
            Dockerfile::Inline(..) | Dockerfile::Remote | Dockerfile::Unknown(_) => &[],
        };
        guesses.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_sure_in_a_copy_of_another_project() {
        let certainty = |path: &str| {
            let folder = Path::new("/project").join(path);
            let bake = folder.join("docker-bake.hcl");
            let texts = [(bake.to_str().unwrap(), "target \"a\" {\n  target = \"a\"\n}\n")];
            let files = files::Memory { root: folder.clone(), ..files::Memory::new(&texts) };
            let found = read(&Unit::BakeProject(folder), &files);
            let Dockerfile::Local(local) = &found.builds[0].dockerfile else { panic!() };
            local.certainty
        };
        assert_eq!(certainty("vendor/example.org/a/b"), Certainty::Likely);
        assert_eq!(certainty("sub"), Certainty::Certain);
    }
}
