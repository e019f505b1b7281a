//! Python's installers.

use super::dependencies::flag;
use super::words::{Operand, Word, text, words};
use super::writes::{nothing, usual};
use super::{Call, Compile, Dependencies, Dev, Ecosystem, Manifest, Output, Product, Writes};

const PACKAGES: Product = Product::Dependencies(Ecosystem::Python);

/// Flags of pip whose value may be the next argument.
const PIP: &[&str] = &[
    "r",
    "requirement",
    "c",
    "constraint",
    "i",
    "index-url",
    "extra-index-url",
    "f",
    "find-links",
    "t",
    "target",
    "prefix",
    "root",
    "w",
    "wheel-dir",
    "d",
    "dest",
    "e",
    "editable",
    "trusted-host",
    "cache-dir",
    "timeout",
    "retries",
    "python",
    "platform",
    "python-version",
    "implementation",
    "abi",
    "no-binary",
    "only-binary",
    "global-option",
    "config-settings",
    "C",
    "proxy",
    "cert",
    "progress-bar",
    "upgrade-strategy",
    "src",
    "log",
    "report",
    "root-user-action",
    "group",
    "use-feature",
    "p",
    "extra",
    "exec-prefix",
    "exists-action",
    "client-cert",
    "build-option",
    "index-strategy",
    "link-mode",
    "o",
    "output-file",
];

const POETRY: &[&str] = &[
    "without",
    "with",
    "only",
    "extras",
    "E",
    "C",
    "directory",
    "P",
    "project",
    "group",
    "G",
    "extra",
    "no-group",
    "only-group",
    "f",
    "format",
    "o",
    "output",
    "p",
    "python",
    "package",
    "index-url",
    "default-index",
    "index",
    "cache-dir",
    "link-mode",
    "no-install-package",
    "output-file",
];

pub(super) fn dependencies<'a>(call: Call<'a>) -> Option<Dependencies<'a>> {
    let found = |dev, manifests, sources| {
        Some(Dependencies { ecosystem: Ecosystem::Python, tool: call.name, dev, manifests, sources })
    };
    let usual = |names: &[&'static str]| names.iter().copied().map(Manifest::Usual).collect();
    let word = |index| call.word(index).unwrap_or_default();
    let has = |name| flag(call, name).is_some();
    match (call.name, word(0)) {
        ("pip", "install" | "wheel" | "download") => listed(call, call.behind(1)),
        ("uv", "pip") if matches!(word(1), "install" | "sync") => listed(call, call.behind(2)),
        ("uv", "sync") => {
            let dev = grouped(call, &["--no-dev", "--no-default-groups", "--only-group"]);
            let project = !["--no-install-project", "--no-install-workspace", "--no-install-local"]
                .iter()
                .any(|name| has(name));
            found(dev, usual(&["pyproject.toml", "uv.lock"]), project)
        }
        ("poetry", "install" | "sync") => {
            let sources = !has("--no-root") && !has("--only");
            found(grouped(call, &["--no-dev", "--only"]), usual(&["pyproject.toml", "poetry.lock"]), sources)
        }
        ("pdm", "install" | "sync") => {
            let dev = grouped(call, &["--prod", "--production", "--no-dev"]);
            found(dev, usual(&["pyproject.toml", "pdm.lock"]), !has("--no-self") && !has("--no-project"))
        }
        ("pipenv", "install" | "sync") => {
            let named = words(&call.arguments[1..], PIP).any(|word| matches!(word, Word::Operand(_)));
            let listed = has("-r") || has("--requirements");
            if named || listed {
                return None;
            }
            // Without `--dev` pipenv leaves them out.
            let dev = if has("--dev") || has("-d") { Dev::Included } else { Dev::Left };
            found(dev, usual(&["Pipfile", "Pipfile.lock"]), false)
        }
        _ => None,
    }
}

/// Whether groups for development are left out: by one of `flags`, `--without dev` or `--only main`.
fn grouped(call: Call, flags: &[&str]) -> Dev {
    let mut unclear = call.arguments.iter().any(|word| text(word).is_none());
    if flags.iter().any(|name| *name != "--only" && *name != "--only-group" && flag(call, name).is_some()) {
        return Dev::Left;
    }
    for word in words(call.arguments, POETRY) {
        match word {
            Word::Flag("without" | "no-group", Some(groups))
            | Word::Flag("only" | "only-group", Some(groups)) => {
                let only = matches!(word, Word::Flag("only" | "only-group", _));
                let Some(groups) = groups.text() else {
                    unclear = true;
                    continue;
                };
                let dev = groups.split([',', ' ']).any(|group| group.trim().contains("dev"));
                if dev != only {
                    return Dev::Left;
                }
            }
            _ => {}
        }
    }
    if unclear { Dev::Unknown } else { Dev::Included }
}

/// `pip install -r requirements.txt`, `pip install .`; not `pip install flask`.
fn listed<'a>(call: Call<'a>, rest: Call<'a>) -> Option<Dependencies<'a>> {
    let mut manifests = Vec::new();
    let mut sources = false;
    for word in words(rest.arguments, PIP) {
        match word {
            Word::Flag("r" | "requirement", Some(file)) => manifests.push(Manifest::Named(file)),
            Word::Flag("e" | "editable", Some(path)) => sources |= is_project(path),
            Word::Operand(path)
                if call.name == "uv" && path.text().is_some_and(|path| path.ends_with(".txt")) =>
            {
                manifests.push(Manifest::Named(path));
            }
            Word::Operand(path) => sources |= is_project(path),
            Word::Flag(..) => {}
        }
    }
    if sources {
        manifests.extend(["pyproject.toml", "setup.py", "setup.cfg"].map(Manifest::Usual));
    }
    let dev = Dev::Unknown;
    (!manifests.is_empty()).then_some(Dependencies {
        ecosystem: Ecosystem::Python,
        tool: call.name,
        dev,
        manifests,
        sources,
    })
}

/// `.`, `.[test]`, `./lib`: sources that were copied, and no package of an index.
fn is_project(path: Operand) -> bool {
    let start = path.leading();
    let start = start.split('[').next().unwrap_or_default();
    (matches!(start, "." | "./") || start.starts_with("./")) && !start.ends_with(".whl")
}

pub(super) fn compiles<'a>(call: Call<'a>) -> Option<Compile<'a>> {
    (call.name == "build" && call.via.is_some()).then(|| Compile::of(Product::Neutral))
}

pub(super) fn writes<'a>(call: Call<'a>) -> Writes<'a> {
    let word = |index| call.word(index).unwrap_or_default();
    match (call.name, word(0)) {
        (_, "--version" | "-V" | "--help") => nothing(),
        ("pip", "install" | "wheel" | "download") => installed(call.behind(1), word(0)),
        ("uv", "pip") if matches!(word(1), "install" | "sync") => installed(call.behind(2), "install"),
        ("pip", _) | ("uv", "pip" | "cache" | "self" | "python") => nothing(),
        ("uv", "tool") | ("pipx", _) | ("easy_install", _) => Writes::Only(vec![
            usual("/root/.local", PACKAGES),
            usual("/usr", PACKAGES),
            usual("/opt", PACKAGES),
        ]),
        ("venv" | "virtualenv", _) => made(call),
        ("uv", "venv") => match operand(call.behind(1), POETRY) {
            Some(path) => Writes::Only(vec![Output::under(path, PACKAGES)]),
            None => Writes::Only(vec![usual(".venv", PACKAGES)]),
        },
        ("uv", "sync" | "add") | ("pdm", "install" | "sync" | "add") => {
            // Where `UV_PROJECT_ENVIRONMENT` says, and in `.venv` unless it does.
            Writes::AtLeast(match call.assigned("UV_PROJECT_ENVIRONMENT") {
                Some(path) => vec![Output::under(path, PACKAGES)],
                None => vec![usual(".venv", PACKAGES)],
            })
        }
        ("uv", "export" | "lock" | "build")
        | ("poetry", "export" | "lock" | "build")
        | ("pdm", "export" | "build") => {
            let file = words(call.arguments, POETRY).find_map(|word| match word {
                Word::Flag("o" | "output" | "output-file", value) => value,
                _ => None,
            });
            match (file, word(0)) {
                (Some(file), _) => Writes::Only(vec![Output::under(file, Product::Neutral)]),
                (None, "export") => nothing(),
                (None, "build") => Writes::Only(vec![usual("dist", Product::Neutral)]),
                (None, _) => Writes::Only(vec![
                    usual("uv.lock", Product::Neutral),
                    usual("poetry.lock", Product::Neutral),
                ]),
            }
        }
        ("poetry", "config" | "self" | "check" | "cache" | "env") | ("pipenv", "--clear") => nothing(),
        // Their environment is where a setting says: in the project, in a cache, or that which is active.
        ("poetry" | "pipenv", "install" | "sync" | "add") => Writes::Anything,
        ("build", _) if call.via.is_some() => {
            let folder = words(call.arguments, &["o", "outdir"]).find_map(|word| match word {
                Word::Flag("o" | "outdir", value) => value,
                _ => None,
            });
            Writes::Only(vec![match folder {
                Some(folder) => Output::under(folder, Product::Neutral),
                None => usual("dist", Product::Neutral),
            }])
        }
        ("ensurepip", _) => installed(call, "install"),
        ("compileall", _) => Writes::AtLeast(Vec::new()),
        ("conda" | "mamba" | "micromamba", "clean" | "config" | "init" | "info" | "list") => nothing(),
        ("conda" | "mamba" | "micromamba", _) => conda(call),
        _ => Writes::Anything,
    }
}

fn operand<'a>(call: Call<'a>, valued: &'static [&'static str]) -> Option<Operand<'a>> {
    words(call.arguments, valued).find_map(|word| match word {
        Word::Operand(operand) => Some(operand),
        Word::Flag(..) => None,
    })
}

/// `python -m venv D`, `virtualenv D`.
fn made<'a>(call: Call<'a>) -> Writes<'a> {
    let paths = words(call.arguments, &["p", "python", "prompt", "seeder"]).filter_map(|word| match word {
        Word::Operand(operand) => Some(Output::under(operand, PACKAGES)),
        Word::Flag(..) => None,
    });
    Writes::Only(paths.collect())
}

/// What `pip install`, `pip wheel` and `pip download` write.
fn installed<'a>(call: Call<'a>, verb: &str) -> Writes<'a> {
    let mut outputs = Vec::new();
    for word in words(call.arguments, PIP) {
        match word {
            Word::Flag("t" | "target" | "prefix" | "root", Some(path)) => {
                outputs.push(Output::under(path, PACKAGES))
            }
            Word::Flag("user", _) => outputs.push(usual("/root/.local", PACKAGES)),
            Word::Flag("w" | "wheel-dir" | "d" | "dest", Some(path)) if verb != "install" => {
                outputs.push(Output::under(path, PACKAGES));
            }
            // An editable install leaves its notes beside the sources.
            Word::Flag("e" | "editable", _) => outputs.push(usual("", Product::Neutral)),
            _ => {}
        }
    }
    if !outputs.is_empty() {
        return Writes::Only(outputs);
    }
    if verb != "install" {
        return Writes::Only(vec![usual("", PACKAGES)]);
    }
    // Into the environment that is active: that of the system, or one that another command has made.
    Writes::AtLeast(vec![usual("/usr", PACKAGES)])
}

/// An environment of conda: at `-p`, or below the installation.
fn conda<'a>(call: Call<'a>) -> Writes<'a> {
    let path =
        words(call.arguments, &["p", "prefix", "n", "name", "c", "channel", "f", "file"]).find_map(|word| {
            match word {
                Word::Flag("p" | "prefix", value) => value,
                _ => None,
            }
        });
    match path {
        Some(path) => Writes::Only(vec![Output::under(path, PACKAGES)]),
        None => Writes::Only(vec![usual("/opt", PACKAGES), usual("/root", PACKAGES)]),
    }
}
