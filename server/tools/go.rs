//! Go.

use super::compile::may_hold_flags;
use super::words::{Operand, Part, Word, words_of_names};
use super::writes::{nothing, usual};
use super::{Call, Compile, Compiler, Dependencies, Dev, Ecosystem, Manifest, Output, Product, Writes};

const PROGRAM: Product = Product::Native(Compiler::Go);

/// Flags of `go build` and its like whose value may be the next argument.
const VALUED: &[&str] = &[
    "o",
    "C",
    "p",
    "asmflags",
    "buildmode",
    "compiler",
    "gccgoflags",
    "gcflags",
    "installsuffix",
    "ldflags",
    "mod",
    "modfile",
    "overlay",
    "pgo",
    "pkgdir",
    "tags",
    "toolexec",
    "covermode",
    "coverpkg",
    "exec",
    "buildvcs",
];

pub(super) fn dependencies<'a>(call: Call<'a>) -> Option<Dependencies<'a>> {
    let fetches = matches!((call.word(0), call.word(1)), (Some("mod"), Some("download" | "vendor")));
    // `go mod download example.org/x@v1` is for one module.
    let named = call.arguments.iter().skip(2).any(|word| !super::words::leading(word).starts_with('-'));
    (fetches && !named).then(|| Dependencies {
        ecosystem: Ecosystem::Go,
        tool: call.name,
        dev: Dev::Unknown,
        manifests: vec![Manifest::Usual("go.mod"), Manifest::Usual("go.sum")],
        sources: call.word(1) == Some("vendor"),
    })
}

pub(super) fn compiles<'a>(call: Call<'a>) -> Option<Compile<'a>> {
    if call.name != "go" && call.name != "xx-go" && call.name != "garble" {
        let builds =
            !matches!(call.word(0), Some("check" | "--version" | "version" | "login" | "healthcheck"));
        return builds.then(|| Compile { crossed: true, unclear: true, ..Compile::of(PROGRAM) });
    }
    // `go install example.org/tool@v1` makes a tool for the build itself, as a rule.
    if !matches!(call.word(0), Some("build" | "install")) {
        return None;
    }
    let assigned = |name| call.assigned(name);
    let cgo = assigned("CGO_ENABLED");
    let mut found = Compile::of(PROGRAM);
    found.statically = cgo.is_some_and(|value| value.text() == Some("0"));
    found.unclear = cgo.is_some_and(|value| value.text().is_none());
    found.crossed =
        call.name == "xx-go" || ["GOOS", "GOARCH", "GOARM", "CC"].iter().any(|name| assigned(name).is_some());
    for word in words_of_names(&call.arguments[1..], VALUED) {
        found.unclear |= may_hold_flags(word);
        match word {
            Word::Flag("ldflags", Some(value)) => found.statically |= mentions(value, "-static"),
            Word::Flag("tags", Some(value)) => {
                found.statically |= mentions(value, "netgo") || mentions(value, "static_build");
            }
            Word::Flag(..) | Word::Operand(_) => {}
        }
    }
    Some(found)
}

fn mentions(value: Operand, wanted: &str) -> bool {
    value.parts().any(|part| matches!(part, Part::Text(text) if text.contains(wanted)))
}

pub(super) fn writes<'a>(call: Call<'a>) -> Writes<'a> {
    let at = usize::from(call.name == "garble");
    match call.word(at).unwrap_or_default() {
        _ if !matches!(call.name, "go" | "xx-go" | "garble") => Writes::AtLeast(Vec::new()),
        "build" | "test" => {
            let output = words_of_names(call.behind(at + 1).arguments, VALUED).find_map(|word| match word {
                Word::Flag("o", value) => value,
                _ => None,
            });
            let several = call
                .arguments
                .iter()
                .any(|word| super::words::text(word).is_some_and(|text| text.ends_with("...")));
            match output {
                Some(output) if output.text() == Some("/dev/null") => nothing(),
                // Several packages need a directory.
                Some(output) if output.text().is_none_or(|text| text.ends_with(['/', '.'])) || several => {
                    Writes::Only(vec![Output::under(output, PROGRAM)])
                }
                Some(output) => Writes::Only(vec![Output::exact(output, PROGRAM)]),
                None if call.word(at) == Some("test") => Writes::AtLeast(Vec::new()),
                // Named after the module or the directory of its main package.
                None => Writes::AtLeast(vec![usual("", PROGRAM)]),
            }
        }
        "install" | "get" => Writes::Only(vec![match call.assigned("GOBIN") {
            Some(folder) => Output::under(folder, PROGRAM),
            None => usual("/go", PROGRAM),
        }]),
        "mod" if call.word(1) == Some("vendor") => {
            Writes::Only(vec![usual("vendor", Product::Dependencies(Ecosystem::Go))])
        }
        "mod" | "work" => {
            let modules = ["go.mod", "go.sum"].map(|file| usual(file, Product::Neutral));
            Writes::Only(
                [usual("/go", Product::Dependencies(Ecosystem::Go))].into_iter().chain(modules).collect(),
            )
        }
        "env" | "version" | "vet" | "list" | "clean" | "fmt" | "doc" | "help" | "bug" | "--wrap"
        | "--unwrap" => nothing(),
        // Generators and programs of the project.
        _ => Writes::Anything,
    }
}
