//! Calls that install what a project depends on.

use super::call::Call;
use super::words::{Operand, Word, leading, text, words};
use super::{Ecosystem, dotnet, go, java, node, php, python, ruby, rust};

/// A call that installs or fetches the dependencies of a project, as a manifest lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependencies<'a> {
    pub ecosystem: Ecosystem,
    /// The program: `npm`, `pip`, `uv`, …
    pub tool: &'a str,
    /// Whether those for development come with it.
    pub dev: Dev,
    /// The files that it reads.
    pub manifests: Vec<Manifest<'a>>,
    /// Whether it needs the project's own sources too, as `pip install .` and `poetry install` do.
    pub sources: bool,
}

/// Whether dependencies for development are installed, as far as the call itself tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dev {
    /// They are, unless the environment of the stage says otherwise (`NODE_ENV`, `BUNDLE_WITHOUT`, `COMPOSER_NO_DEV`).
    Included,
    Left,
    /// A variable decides, or the tool knows no such thing.
    Unknown,
}

/// A file that lists dependencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manifest<'a> {
    /// In the directory that the command runs in, perhaps with a `*`; not every project has every one.
    Usual(&'static str),
    /// As the command says: `-r requirements/prod.txt`.
    Named(Operand<'a>),
}

/// The dependencies that a call installs; `None` for `npm install left-pad` and `npm install -g pnpm`.
pub fn dependencies<'a>(call: Call<'a>) -> Option<Dependencies<'a>> {
    match call.name {
        "npm" | "yarn" | "pnpm" | "bun" => node::dependencies(call),
        "pip" | "poetry" | "uv" | "pdm" | "pipenv" => python::dependencies(call),
        "go" | "xx-go" => go::dependencies(call),
        "cargo" | "xx-cargo" => rust::dependencies(call),
        "mvn" | "mvnw" | "gradle" | "gradlew" => java::dependencies(call),
        "dotnet" => dotnet::dependencies(call),
        "composer" => php::dependencies(call),
        "bundle" => ruby::dependencies(call),
        "mix" if call.word(0) == Some("deps.get") => Some(Dependencies {
            ecosystem: Ecosystem::Elixir,
            tool: call.name,
            dev: elixir_dev(call),
            manifests: vec![Manifest::Usual("mix.exs"), Manifest::Usual("mix.lock")],
            sources: false,
        }),
        _ => None,
    }
}

fn elixir_dev(call: Call) -> Dev {
    let mut words = words(&call.arguments[1..], &["only"]);
    match words.find(|word| matches!(word, Word::Flag("only", _))) {
        Some(Word::Flag(_, Some(only))) => match only.text() {
            Some("prod") => Dev::Left,
            Some(_) => Dev::Included,
            None => Dev::Unknown,
        },
        _ if call.assigns("MIX_ENV", "prod") => Dev::Left,
        _ => Dev::Included,
    }
}

/// The ecosystem whose dependencies for development a call takes away, or leaves out where they were installed before.
pub fn prunes(call: Call) -> Option<Ecosystem> {
    match call.name {
        "npm" | "yarn" | "pnpm" | "bun" => node::prunes(call).then_some(Ecosystem::Node),
        "composer" | "poetry" | "uv" | "pdm" | "bundle" => {
            let found = dependencies(call)?;
            (found.dev == Dev::Left).then_some(found.ecosystem)
        }
        "node-prune" => Some(Ecosystem::Node),
        "rm" => call.arguments.iter().find_map(|path| {
            let folder = Operand::from(path).file_name()?;
            match folder {
                "node_modules" => Some(Ecosystem::Node),
                "vendor" => Some(Ecosystem::Php),
                _ => None,
            }
        }),
        _ => None,
    }
}

/// Whether `flag` is there, and its value if that is literal; a value of its own is `--flag=value`.
pub(super) fn flag<'a>(call: Call<'a>, name: &str) -> Option<Option<&'a str>> {
    call.arguments.iter().find_map(|argument| {
        let rest = leading(argument).strip_prefix(name)?;
        match rest.as_bytes().first() {
            None if argument.pieces.len() == 1 => Some(Some("")),
            Some(b'=') => Some(text(argument).map(|all| &all[name.len() + 1..])),
            _ => None,
        }
    })
}
