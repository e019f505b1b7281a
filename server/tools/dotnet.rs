//! .NET.

use super::words::{Operand, Part, Word, text, words};
use super::writes::{nothing, usual};
use super::{Call, Compile, Compiler, Dependencies, Dev, Ecosystem, Manifest, Output, Product, Writes};

/// Flags of `dotnet` whose value may be the next argument.
const VALUED: &[&str] = &[
    "o",
    "output",
    "c",
    "configuration",
    "r",
    "runtime",
    "ucr",
    "f",
    "framework",
    "v",
    "verbosity",
    "a",
    "arch",
    "os",
    "s",
    "source",
    "configfile",
    "packages",
    "logger",
    "l",
    "collect",
    "results-directory",
    "version-suffix",
    "artifacts-path",
    "tool-path",
    "version",
    "p",
    "property",
    "project",
    "startup-project",
    "context",
];

pub(super) fn dependencies<'a>(call: Call<'a>) -> Option<Dependencies<'a>> {
    (call.word(0) == Some("restore")).then(|| Dependencies {
        ecosystem: Ecosystem::Dotnet,
        tool: call.name,
        dev: Dev::Unknown,
        manifests: vec![Manifest::Usual("*.sln"), Manifest::Usual("*.csproj")],
        sources: false,
    })
}

pub(super) fn compiles<'a>(call: Call<'a>) -> Option<Compile<'a>> {
    if !matches!(call.word(0), Some("build" | "publish" | "pack")) {
        return None;
    }
    let mut found = Compile::of(Product::Neutral);
    for word in words(&call.arguments[1..], VALUED) {
        match word {
            Word::Flag("r" | "runtime", Some(runtime)) => {
                found.target = Some(runtime);
                found.crossed = true;
                found.unclear |= runtime.text().is_none();
            }
            Word::Flag("a" | "arch" | "os", Some(_)) => found.crossed = true,
            Word::Flag("self-contained", value) => {
                // Its value may stand behind it, but need not.
                let mut pairs = call.arguments.windows(2);
                let refused = pairs.any(|pair| {
                    text(&pair[0]) == Some("--self-contained") && text(&pair[1]) == Some("false")
                });
                found.self_contained = !refused && value.is_none_or(|value| value.text() != Some("false"));
            }
            Word::Flag("sc", _) => found.self_contained = true,
            Word::Flag("p" | "property", Some(property)) => set(&mut found, property),
            Word::Operand(operand) => match operand.leading().split_once([':', '=']) {
                Some(("/p" | "/property", rest)) => {
                    let from = operand.leading().len() - rest.len();
                    set(&mut found, Operand { from, ..operand });
                }
                _ => {
                    found.unclear |= matches!(operand.parts().next(), Some(Part::Variable(_) | Part::Unknown))
                }
            },
            Word::Flag(..) => {}
        }
    }
    if found.self_contained || found.target.is_some() {
        found.product = Product::Native(Compiler::Dotnet);
    }
    Some(found)
}

/// `-p:PublishAot=true` and its like.
fn set(found: &mut Compile, property: Operand) {
    let text = property.leading().trim_start_matches(':');
    let Some((name, value)) = text.split_once('=') else { return };
    match name {
        "PublishAot" | "SelfContained" if value.eq_ignore_ascii_case("true") => found.self_contained = true,
        "SelfContained" if value.eq_ignore_ascii_case("false") => found.self_contained = false,
        "RuntimeIdentifier" => found.crossed = true,
        "StaticExecutable" => found.statically = true,
        _ => {}
    }
}

pub(super) fn writes<'a>(call: Call<'a>) -> Writes<'a> {
    let Some(verb) = call.word(0).filter(|_| call.name == "dotnet") else {
        return Writes::AtLeast(Vec::new());
    };
    let value = |wanted: &[&str]| {
        words(&call.arguments[1..], VALUED).find_map(|word| match word {
            Word::Flag(name, value) if wanted.contains(&name) => value,
            _ => None,
        })
    };
    let product = compiles(call).map_or(Product::Neutral, |found| found.product);
    match verb {
        "publish" | "build" | "pack" => match value(&["o", "output", "artifacts-path"]) {
            // `bin` and `obj` of the projects are written too, below wherever these are.
            Some(folder) => Writes::AtLeast(vec![Output::under(folder, product)]),
            // In `bin` of each project.
            None => Writes::AtLeast(Vec::new()),
        },
        "test" | "vstest" => Writes::AtLeast(
            value(&["results-directory", "o", "output"])
                .map(|folder| Output::under(folder, Product::Neutral))
                .into_iter()
                .collect(),
        ),
        "restore" | "msbuild" | "clean" | "new" | "add" | "sln" | "remove" | "format" => {
            Writes::AtLeast(vec![usual("/root/.nuget", Product::Dependencies(Ecosystem::Dotnet))])
        }
        "tool" => Writes::Only(vec![match value(&["tool-path"]) {
            Some(folder) => Output::under(folder, Product::Other),
            None => usual("/root/.dotnet", Product::Other),
        }]),
        "dev-certs" => Writes::Only(vec![match value(&["ep", "export-path"]) {
            Some(file) => Output::under(file, Product::Neutral),
            None => usual("/root/.aspnet", Product::Neutral),
        }]),
        "--info" | "--version" | "--list-sdks" | "--list-runtimes" | "nuget" | "workload" | "help"
        | "build-server" => nothing(),
        _ => Writes::Anything,
    }
}
