//! Node's package managers and bundlers, and generators of sites.

use super::dependencies::flag;
use super::words::{Word, text, words};
use super::writes::{nothing, system, usual};
use super::{Call, Dependencies, Dev, Ecosystem, Manifest, Output, Product, Writes};

const MODULES: Product = Product::Dependencies(Ecosystem::Node);

/// Flags of the four whose value may be the next argument.
const VALUED: &[&str] = &[
    "prefix",
    "C",
    "dir",
    "cwd",
    "registry",
    "omit",
    "include",
    "only",
    "filter",
    "F",
    "workspace",
    "w",
    "cache",
    "loglevel",
    "network-timeout",
    "cache-folder",
    "store-dir",
    "modules-folder",
    "mutex",
    "install-strategy",
    "network-concurrency",
    "mode",
    "fetch-retries",
    "fetch-timeout",
    "jobs",
    "reporter",
    "backend",
    "child-concurrency",
    "userconfig",
    "before",
    "os",
    "cpu",
    "libc",
];

/// What a package manager is asked to do: its first word that is no flag, and the words behind it.
fn request<'a>(call: Call<'a>) -> (&'a str, Vec<&'a str>) {
    let mut operands = words(call.arguments, VALUED).filter_map(|word| match word {
        Word::Operand(operand) => Some(operand.text().unwrap_or("?")),
        Word::Flag(..) => None,
    });
    let first = operands.next().unwrap_or_default();
    (first, operands.collect())
}

fn has_flag(call: Call, wanted: &[&str]) -> bool {
    words(call.arguments, VALUED).any(|word| matches!(word, Word::Flag(name, _) if wanted.contains(&name)))
}

fn is_global(call: Call) -> bool {
    has_flag(call, &["g", "global"])
        || flag(call, "--location") == Some(Some("global"))
        || call.word(0) == Some("global")
}

/// Whether it installs what the project lists.
fn installs(call: Call) -> bool {
    if is_global(call) {
        return false;
    }
    let (verb, rest) = request(call);
    let known = match call.name {
        "npm" => matches!(
            verb,
            "ci" | "i" | "install" | "clean-install" | "isntall" | "install-ci-test" | "it" | "cit"
        ),
        "yarn" => {
            matches!(verb, "" | "install")
                && !call.says("--version")
                && !call.says("-v")
                && !call.says("--help")
        }
        "pnpm" => matches!(verb, "i" | "install" | "fetch" | "ci"),
        "bun" => matches!(verb, "i" | "install"),
        _ => false,
    };
    known && rest.iter().all(|word| *word == ".")
}

pub(super) fn dependencies<'a>(call: Call<'a>) -> Option<Dependencies<'a>> {
    if !installs(call) {
        return None;
    }
    let lock: &[&'static str] = match call.name {
        "npm" => &["package*.json"],
        "yarn" => &["package.json", "yarn.lock"],
        "pnpm" => &["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"],
        _ => &["package.json", "bun.lock*"],
    };
    Some(Dependencies {
        ecosystem: Ecosystem::Node,
        tool: call.name,
        dev: dev(call),
        manifests: lock.iter().copied().map(Manifest::Usual).collect(),
        sources: false,
    })
}

fn dev(call: Call) -> Dev {
    let mut unclear = call.arguments.iter().any(|word| text(word).is_none());
    let mut left = call.assigns("NODE_ENV", "production") || call.assigns("npm_config_omit", "dev");
    unclear |= call.assigned("NODE_ENV").is_some_and(|value| value.text().is_none());
    for word in words(call.arguments, VALUED) {
        let Word::Flag(name, value) = word else { continue };
        let value = value.and_then(|value| value.text());
        match (name, value) {
            ("include", Some("dev")) | ("production" | "prod", Some("false")) | ("dev" | "D", _) => {
                return Dev::Included;
            }
            ("omit", Some("dev")) | ("only", Some("prod" | "production")) => left = true,
            ("production" | "prod" | "no-dev", None | Some("true" | "")) => left = true,
            ("P", None) if call.name == "pnpm" => left = true,
            ("p", None) if call.name == "bun" => left = true,
            _ => {}
        }
    }
    match left {
        true => Dev::Left,
        false if unclear => Dev::Unknown,
        false => Dev::Included,
    }
}

pub(super) fn prunes(call: Call) -> bool {
    let (verb, rest) = request(call);
    let production = || dev(call) == Dev::Left;
    match (call.name, verb) {
        ("npm" | "pnpm", "prune") | ("pnpm", "deploy") => production(),
        ("yarn", "workspaces") => rest.first() == Some(&"focus") && production(),
        _ => installs(call) && production(),
    }
}

/// Whether it runs a script or program that builds the project, and so needs its dependencies for development.
pub fn builds(call: Call) -> bool {
    let word = |index| call.word(index).unwrap_or_default();
    match call.name {
        "npm" | "yarn" | "pnpm" | "bun" => {
            let (verb, rest) = request(call);
            match verb {
                "run" | "run-script" => rest.first().is_some_and(|script| is_build(script)),
                "workspace" => rest.get(1..).is_some_and(|rest| rest.iter().any(|script| is_build(script))),
                "workspaces" | "-r" | "recursive" => rest.iter().any(|script| is_build(script)),
                _ if call.name == "npm" => false,
                verb => is_build(verb) || is_builder(verb, rest.first().copied().unwrap_or_default()),
            }
        }
        name => is_builder(name, word(0)),
    }
}

fn is_build(script: &str) -> bool {
    matches!(script.split([':', '-']).next(), Some("build" | "compile" | "bundle" | "generate"))
}

/// Programs that are no use but for building, in general installed as dependencies for development.
fn is_builder(name: &str, first: &str) -> bool {
    match name {
        "tsc" | "webpack" | "rollup" | "esbuild" | "parcel" | "tsup" | "swc" | "babel" | "ncc" => {
            !first.starts_with("--version")
        }
        "vite" | "next" | "nuxt" | "ng" | "astro" | "gatsby" | "vue-cli-service" | "react-scripts"
        | "nest" | "docusaurus" | "vitepress" | "@angular/cli" | "remix" | "quasar" => {
            matches!(first, "build" | "generate" | "export")
        }
        "turbo" | "nx" | "lerna" => matches!(first, "build" | "run" | "run-many"),
        _ => false,
    }
}

pub(super) fn writes<'a>(call: Call<'a>) -> Writes<'a> {
    let manager = matches!(call.name, "npm" | "yarn" | "pnpm" | "bun");
    match call.name {
        "corepack" => return nothing(),
        _ if manager => {
            if let Some(writes) = managed(call) {
                return writes;
            }
        }
        // A script may write anywhere.
        "node" | "tsx" | "gulp" | "grunt" | "lein" => {
            let asked = call.word(0).is_some_and(|word| matches!(word, "--version" | "-v" | "-p" | "--help"));
            return if asked { nothing() } else { Writes::Anything };
        }
        "eslint" => return nothing(),
        _ if call.says("--version") => return nothing(),
        _ => {}
    }
    generated(call)
}

/// What a package manager writes itself; `None` if it runs something.
fn managed<'a>(call: Call<'a>) -> Option<Writes<'a>> {
    let (verb, rest) = request(call);
    if is_global(call) {
        return Some(system());
    }
    let folder = words(call.arguments, VALUED).find_map(|word| match word {
        Word::Flag("prefix" | "C" | "dir" | "cwd", value) => value,
        _ => None,
    });
    let modules = match folder {
        Some(folder) => Output::inside(folder, "node_modules", super::Scope::Under, MODULES),
        None => usual("node_modules", MODULES),
    };
    match verb {
        // Scripts of packages, and those of the project, run too.
        "ci" | "i" | "install" | "clean-install" | "add" | "prune" | "update" | "up" | "upgrade"
        | "rebuild" | "dedupe" | "remove" | "uninstall" | "rm" | "link" | "fetch" | "import" => {
            Some(Writes::AtLeast(vec![modules]))
        }
        "" if call.name == "yarn" && !call.says("--version") => Some(Writes::AtLeast(vec![modules])),
        "workspaces" if rest.first() == Some(&"focus") => Some(Writes::AtLeast(vec![modules])),
        "deploy" if call.name == "pnpm" => {
            let target = words(call.arguments, VALUED).filter_map(|word| match word {
                Word::Operand(operand) => Some(operand),
                Word::Flag(..) => None,
            });
            Some(Writes::Only(target.skip(1).map(|target| Output::under(target, MODULES)).collect()))
        }
        "config" | "set" | "cache" | "audit" | "list" | "ls" | "version" | "view" | "--version" | "store"
        | "root" | "bin" | "fund" | "outdated" | "why" | "login" | "pkg" | "policies" | "plugin"
        | "setup" | "env" | "" => Some(nothing()),
        "pack" | "init" | "create" => Some(Writes::AtLeast(Vec::new())),
        _ => None,
    }
}

/// Generators write below the directory that they run in, wherever their settings say, or where a flag says.
fn generated<'a>(call: Call<'a>) -> Writes<'a> {
    const TARGETS: &[&str] = &[
        "o",
        "out",
        "output",
        "out-dir",
        "outDir",
        "outdir",
        "output-path",
        "outfile",
        "d",
        "dest",
        "destination",
        "dist-dir",
        "site-dir",
        "dir",
        "output-dir",
        "outputPath",
    ];
    let target = |word| match word {
        Word::Flag(name, Some(target)) if TARGETS.contains(&name) => {
            // In Rollup `-d` is the directory; in MkDocs the site's; in none of the list a switch with a value.
            Some(Output::under(target, Product::Neutral))
        }
        _ => None,
    };
    let outputs: Vec<_> = match call.name {
        // `npm run build -- --outDir x`: flags of a script that we do not know.
        "npm" | "yarn" | "pnpm" | "bun" => Vec::new(),
        "tsc" => super::words::words_of_names(call.arguments, TARGETS).filter_map(target).collect(),
        "sphinx-build" => {
            let paths = words(call.arguments, &["b", "M", "d", "c", "D", "A", "t", "j", "w"]);
            let paths = paths.filter_map(|word| match word {
                Word::Operand(operand) => Some(operand),
                Word::Flag(..) => None,
            });
            paths.skip(1).take(1).map(|to| Output::under(to, Product::Neutral)).collect()
        }
        _ => words(call.arguments, TARGETS).filter_map(target).collect(),
    };
    Writes::AtLeast(outputs)
}
