//! Rust.

use super::compile::may_hold_flags;
use super::words::{Operand, Part, Word, leading, words};
use super::writes::{nothing, usual};
use super::{Call, Compile, Compiler, Dependencies, Dev, Ecosystem, Manifest, Output, Product, Writes};

const PROGRAM: Product = Product::Native(Compiler::Rust);

/// Flags of cargo and rustc whose value may be the next argument.
const VALUED: &[&str] = &[
    "target",
    "target-dir",
    "p",
    "package",
    "bin",
    "example",
    "features",
    "F",
    "manifest-path",
    "profile",
    "j",
    "jobs",
    "root",
    "Z",
    "path",
    "git",
    "branch",
    "tag",
    "rev",
    "version",
    "artifact-dir",
    "out-dir",
    "config",
    "color",
    "message-format",
    "C",
    "recipe-path",
    "exclude",
    "o",
    "L",
    "l",
    "crate-name",
    "crate-type",
    "edition",
    "test",
    "bench",
    "registry",
    "index",
];

/// The request and its arguments, behind `+nightly` and behind `auditable`.
fn request<'a>(call: Call<'a>) -> (&'a str, Call<'a>) {
    let mut at = 0;
    while let Some(word) = call.arguments.get(at) {
        let word = leading(word);
        if !word.starts_with(['+', '-']) && !matches!(word, "auditable" | "--wrap") {
            break;
        }
        at += 1;
    }
    (call.word(at).unwrap_or_default(), call.behind(at + 1))
}

pub(super) fn dependencies<'a>(call: Call<'a>) -> Option<Dependencies<'a>> {
    let (verb, rest) = request(call);
    let cooks = verb == "chef" && rest.word(0) == Some("cook");
    let manifests: &[&'static str] = match verb {
        "fetch" | "vendor" => &["Cargo.toml", "Cargo.lock"],
        "chef" if cooks => &["recipe.json"],
        _ => return None,
    };
    Some(Dependencies {
        ecosystem: Ecosystem::Rust,
        tool: call.name,
        dev: Dev::Unknown,
        manifests: manifests.iter().copied().map(Manifest::Usual).collect(),
        sources: false,
    })
}

pub(super) fn compiles<'a>(call: Call<'a>) -> Option<Compile<'a>> {
    let (verb, rest) = request(call);
    let rest = match call.name {
        "rustc" => call,
        "wasm-pack" | "trunk" => return (verb == "build").then(|| Compile::of(Product::Neutral)),
        _ if matches!(verb, "build" | "b" | "install" | "zigbuild" | "rustc") => rest,
        _ => return None,
    };
    let mut found = Compile::of(PROGRAM);
    found.crossed =
        matches!(call.name, "xx-cargo" | "cross") || call.assigned("CARGO_BUILD_TARGET").is_some();
    found.target = call.assigned("CARGO_BUILD_TARGET");
    let flags = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"].iter().find_map(|name| call.assigned(name));
    found.statically = flags.is_some_and(|flags| mentions(flags, "+crt-static"));
    found.unclear = flags.is_some_and(|flags| may_hold_flags(Word::Operand(flags)));
    for word in words(rest.arguments, VALUED) {
        found.unclear |= may_hold_flags(word);
        match word {
            Word::Flag("target", Some(target)) => {
                found.crossed = true;
                found.target = Some(target);
            }
            Word::Flag("C", Some(value)) => found.statically |= mentions(value, "+crt-static"),
            Word::Flag(..) | Word::Operand(_) => {}
        }
    }
    if let Some(target) = found.target {
        found.statically |= mentions(target, "musl");
        found.unclear |= target.text().is_none() && !mentions(target, "gnu") && !found.statically;
        if mentions(target, "wasm") {
            found.product = Product::Neutral;
        }
    }
    Some(found)
}

fn mentions(value: Operand, wanted: &str) -> bool {
    value.parts().any(|part| matches!(part, Part::Text(text) if text.contains(wanted)))
}

pub(super) fn writes<'a>(call: Call<'a>) -> Writes<'a> {
    let (verb, rest) = request(call);
    let value = |wanted: &[&str]| {
        words(rest.arguments, VALUED).find_map(|word| match word {
            Word::Flag(name, value) if wanted.contains(&name) => value,
            _ => None,
        })
    };
    match call.name {
        "rustup" | "rustup-init" | "cargo-binstall" => {
            let homes = ["/usr", "/root", "/opt"].map(|home| usual(home, PROGRAM));
            return Writes::Only(homes.into());
        }
        "wasm-pack" | "trunk" => return Writes::AtLeast(Vec::new()),
        "rustc" => {
            let output = words(call.arguments, VALUED).find_map(|word| match word {
                Word::Flag("o" | "out-dir", value) => value,
                _ => None,
            });
            return match output {
                Some(output) => Writes::Only(vec![Output::under(output, PROGRAM)]),
                None if call.says("--version") || call.says("-V") || call.says("-vV") => nothing(),
                None => Writes::AtLeast(vec![usual("", PROGRAM)]),
            };
        }
        _ => {}
    }
    match verb {
        "build" | "b" | "zigbuild" | "rustc" | "test" | "bench" | "check" | "clippy" | "doc" | "nextest"
        | "run" | "chef" | "component" | "leptos" | "deb" => {
            let target = value(&["target-dir"]).or_else(|| call.assigned("CARGO_TARGET_DIR"));
            let mut outputs = vec![match target {
                Some(target) => Output::under(target, PROGRAM),
                None => usual("target", PROGRAM),
            }];
            outputs.extend(value(&["artifact-dir", "out-dir"]).map(|folder| Output::under(folder, PROGRAM)));
            // `cargo run` runs the project; of a tool of its own cargo knows nothing. Build scripts write below the sources.
            if matches!(verb, "run" | "leptos") { Writes::Anything } else { Writes::AtLeast(outputs) }
        }
        "install" | "binstall" => {
            Writes::Only(match value(&["root"]).or_else(|| call.assigned("CARGO_INSTALL_ROOT")) {
                Some(root) => vec![Output::under(root, PROGRAM)],
                None => ["/usr/local/cargo", "/root/.cargo"].map(|home| usual(home, PROGRAM)).into(),
            })
        }
        "fetch" | "update" | "generate-lockfile" | "--version" | "clean" | "fmt" | "metadata" | "tree"
        | "login" | "audit" | "" => Writes::Only(
            ["/usr/local/cargo", "/root/.cargo", "Cargo.lock"]
                .map(|home| usual(home, Product::Neutral))
                .into(),
        ),
        "new" | "init" => {
            let path = words(rest.arguments, VALUED).find_map(|word| match word {
                Word::Operand(operand) => Some(operand),
                Word::Flag(..) => None,
            });
            Writes::Only(vec![match path {
                Some(path) => Output::under(path, Product::Neutral),
                None => usual("", Product::Neutral),
            }])
        }
        "vendor" => Writes::AtLeast(vec![usual("vendor", Product::Dependencies(Ecosystem::Rust))]),
        _ => Writes::Anything,
    }
}
