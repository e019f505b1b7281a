//! PHP.

use super::dependencies::flag;
use super::words::{Operand, Word, text, words};
use super::writes::{nothing, system, usual};
use super::{Call, Dependencies, Dev, Ecosystem, Manifest, Output, Product, Scope, Writes};

const VENDOR: Product = Product::Dependencies(Ecosystem::Php);

const VALUED: &[&str] =
    &["d", "working-dir", "ignore-platform-req", "apcu-autoloader-prefix", "s", "stability", "repository"];

pub(super) fn dependencies<'a>(call: Call<'a>) -> Option<Dependencies<'a>> {
    let mut operands = words(call.arguments, VALUED).filter_map(|word| match word {
        Word::Operand(operand) => Some(operand),
        Word::Flag(..) => None,
    });
    let verb = operands.next().and_then(Operand::text);
    if !matches!(verb, Some("install" | "i")) || operands.next().is_some() {
        return None;
    }
    let dev = match (flag(call, "--no-dev").is_some(), call.assigned("COMPOSER_NO_DEV").map(Operand::text)) {
        (true, _) | (_, Some(Some("1"))) => Dev::Left,
        (false, Some(None)) => Dev::Unknown,
        (false, _) if call.arguments.iter().any(|word| text(word).is_none()) => Dev::Unknown,
        (false, _) => Dev::Included,
    };
    let manifests = vec![Manifest::Usual("composer.json"), Manifest::Usual("composer.lock")];
    // Scripts and the map of classes need the sources.
    let sources = flag(call, "--no-scripts").is_none() && flag(call, "--no-autoloader").is_none();
    Some(Dependencies { ecosystem: Ecosystem::Php, tool: call.name, dev, manifests, sources })
}

pub(super) fn writes<'a>(call: Call<'a>) -> Writes<'a> {
    match call.name {
        "composer" => composer(call),
        "php" | "artisan" => {
            let asked = call
                .word(0)
                .is_some_and(|word| matches!(word, "-v" | "-m" | "-i" | "--version" | "--ini" | "-r"));
            if asked && call.word(0) != Some("-r") { nothing() } else { Writes::Anything }
        }
        "phpize" => Writes::AtLeast(Vec::new()),
        _ => system(),
    }
}

fn composer<'a>(call: Call<'a>) -> Writes<'a> {
    let folder = words(call.arguments, VALUED).find_map(|word| match word {
        Word::Flag("d" | "working-dir", value) => value,
        _ => None,
    });
    let verb = words(call.arguments, VALUED).find_map(|word| match word {
        Word::Operand(operand) => Some(operand.text().unwrap_or_default()),
        Word::Flag(..) => None,
    });
    match verb.unwrap_or_default() {
        "global" => {
            Writes::Only(vec![usual("/root", VENDOR), usual("/tmp", VENDOR), usual("/composer", VENDOR)])
        }
        "install" | "i" | "update" | "require" | "dump-autoload" | "dumpautoload" | "remove" | "du" => {
            // Scripts of the project run too.
            Writes::AtLeast(vec![match folder {
                Some(folder) => Output::inside(folder, "vendor", Scope::Under, VENDOR),
                None => usual("vendor", VENDOR),
            }])
        }
        "create-project" => Writes::AtLeast(Vec::new()),
        "config"
        | "clear-cache"
        | "clearcache"
        | "self-update"
        | "check-platform-reqs"
        | "validate"
        | "diagnose"
        | "" => nothing(),
        _ => Writes::Anything,
    }
}
