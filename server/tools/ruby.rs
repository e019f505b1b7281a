//! Ruby, and Elixir's and Erlang's builders.

use super::dependencies::flag;
use super::words::{Operand, Word, leading, text, words};
use super::writes::{nothing, usual};
use super::{Call, Dependencies, Dev, Ecosystem, Manifest, Output, Product, Writes};

const GEMS: Product = Product::Dependencies(Ecosystem::Ruby);

const VALUED: &[&str] =
    &["path", "without", "with", "jobs", "j", "retry", "gemfile", "binstubs", "standalone"];

/// `bundle _2.4.0_ install`: the version is no request.
fn verb<'a>(call: Call<'a>) -> &'a str {
    let at = usize::from(call.word(0).is_some_and(|word| word.starts_with('_')));
    let word = call.word(at).unwrap_or_default();
    if word.starts_with('-') && !matches!(word, "--version" | "-v") { "install" } else { word }
}

pub(super) fn dependencies<'a>(call: Call<'a>) -> Option<Dependencies<'a>> {
    if !matches!(verb(call), "install" | "") {
        return None;
    }
    let without = call.assigned("BUNDLE_WITHOUT").or_else(|| {
        words(call.arguments, VALUED).find_map(|word| match word {
            Word::Flag("without", value) => value,
            _ => None,
        })
    });
    let dev = match without.map(Operand::text) {
        Some(Some(groups)) if groups.contains("dev") || groups.contains("test") => Dev::Left,
        Some(None) => Dev::Unknown,
        _ if call.assigned("BUNDLE_DEPLOYMENT").is_some() || flag(call, "--deployment").is_some() => {
            Dev::Left
        }
        _ if call.arguments.iter().any(|word| text(word).is_none()) && flag(call, "--without").is_none() => {
            Dev::Unknown
        }
        _ => Dev::Included,
    };
    let manifests = vec![Manifest::Usual("Gemfile"), Manifest::Usual("Gemfile.lock")];
    Some(Dependencies { ecosystem: Ecosystem::Ruby, tool: call.name, dev, manifests, sources: false })
}

pub(super) fn writes<'a>(call: Call<'a>) -> Writes<'a> {
    let value = |valued: &'static [&'static str], wanted: &[&str]| {
        words(call.arguments, valued).find_map(|word| match word {
            Word::Flag(name, value) if wanted.contains(&name) => value,
            _ => None,
        })
    };
    match call.name {
        "bundle" => match verb(call) {
            "install" | "" | "update" | "add" | "clean" | "cache" | "package" => {
                let path = call.assigned("BUNDLE_PATH").or_else(|| value(VALUED, &["path"]));
                Writes::AtLeast(vec![match path {
                    Some(path) => Output::under(path, GEMS),
                    None if flag(call, "--deployment").is_some() => usual("vendor", GEMS),
                    None => usual("/usr/local/bundle", GEMS),
                }])
            }
            "config" | "--version" | "-v" | "info" | "show" | "check" | "lock" | "platform" | "list" => {
                Writes::Only(vec![usual(".bundle", Product::Neutral)])
            }
            _ => Writes::Anything,
        },
        "gem" => match (
            call.word(0),
            value(&["i", "install-dir", "n", "bindir", "v", "version"], &["i", "install-dir"]),
        ) {
            (_, Some(folder)) => Writes::Only(vec![Output::under(folder, GEMS)]),
            (Some("build"), None) => Writes::AtLeast(Vec::new()),
            _ => Writes::Only(vec![
                usual("/usr", GEMS),
                usual("/var/lib/gems", GEMS),
                usual("/root/.gem", GEMS),
            ]),
        },
        "mix" => match call.word(0) {
            Some("local.hex" | "local.rebar" | "archive.install" | "hex.config") => Writes::Only(vec![
                usual("/root/.mix", Product::Neutral),
                usual("/root/.hex", Product::Neutral),
            ]),
            Some(
                "deps.get" | "deps.compile" | "deps.clean" | "compile" | "release" | "phx.digest" | "do"
                | "assets.deploy" | "assets.setup" | "deps.unlock" | "deps.update",
            ) => {
                let path = call.arguments.iter().position(|word| leading(word) == "--path");
                let path = path.and_then(|at| call.arguments.get(at + 1)).map(Operand::from);
                let mut outputs = vec![usual("deps", Product::Dependencies(Ecosystem::Elixir))];
                outputs.push(usual("_build", Product::Dependencies(Ecosystem::Elixir)));
                outputs
                    .extend(path.map(|path| Output::under(path, Product::Dependencies(Ecosystem::Elixir))));
                Writes::AtLeast(outputs)
            }
            _ => Writes::Anything,
        },
        "rebar3" => Writes::AtLeast(vec![usual("_build", Product::Dependencies(Ecosystem::Elixir))]),
        _ if call.word(0) == Some("--version") => nothing(),
        // Tasks of the project: below it, in general, but nobody knows.
        _ => Writes::Anything,
    }
}
