//! Spellings that a program itself advises against.

use std::ops::Range;

use super::call::Call;
use super::words::{leading, text};
use crate::shell::Argument;

/// A spelling that still works, and the one that its program wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecated<'a> {
    /// The first words that are out of date, as a person would name them: `--only=production`.
    pub old: &'a str,
    pub new: &'static str,
    /// Where it stands.
    pub range: Range<usize>,
    /// What to replace; empty if the new spelling does something else too.
    pub edits: Vec<(Range<usize>, &'static str)>,
}

/// The deprecated spelling in a call.
pub fn deprecated<'a>(call: Call<'a>) -> Option<Deprecated<'a>> {
    match call.name {
        "npm" => npm(call),
        "docker" if call.word(0) == Some("scan") => simple(&call.arguments[0], "scan", "scout"),
        "java" => layers(call),
        _ => None,
    }
}

fn simple<'a>(argument: &Argument, old: &'a str, new: &'static str) -> Option<Deprecated<'a>> {
    Some(Deprecated { old, new, range: argument.range.clone(), edits: vec![(argument.range.clone(), new)] })
}

/// npm says "Use `--omit=dev` instead" of `--only=production` and `--production` (npm, lib/utils/npm-usage and
/// @npmcli/config, `definitions.js`).
fn npm<'a>(call: Call<'a>) -> Option<Deprecated<'a>> {
    let verbs = ["ci", "i", "install", "prune", "clean-install", "update", "rebuild", "audit"];
    if !call.arguments.iter().filter_map(text).any(|word| verbs.contains(&word)) {
        return None;
    }
    // Both `--only=prod` and `--only prod`; `--omit=dev` beside it says it already.
    for (index, argument) in call.arguments.iter().enumerate() {
        let Some(word) = text(argument) else { continue };
        match word {
            "--" => return None,
            "--only=production" | "--only=prod" | "--production" | "--production=true" => {
                return simple(argument, word, "--omit=dev");
            }
            "--only" if matches!(call.word(index + 1), Some("production" | "prod")) => {
                let range = argument.range.start..call.arguments[index + 1].range.end;
                let edits = vec![(range.clone(), "--omit=dev")];
                return Some(Deprecated { old: "--only production", new: "--omit=dev", range, edits });
            }
            _ => {}
        }
    }
    None
}

/// `java -Djarmode=layertools -jar app.jar extract` (Spring Boot 3.3 and later say so).
fn layers<'a>(call: Call<'a>) -> Option<Deprecated<'a>> {
    let mode = call.arguments.iter().find(|word| text(word) == Some("-Djarmode=layertools"))?;
    let extract = call.arguments.iter().find(|word| text(word) == Some("extract"))?;
    let extract = (extract.range.clone(), "extract --layers --launcher");
    // Without a destination the new mode extracts to another directory than the old one did.
    let has_destination = call.arguments.iter().any(|word| leading(word).starts_with("--destination"));
    let edits =
        if has_destination { vec![(mode.range.clone(), "-Djarmode=tools"), extract] } else { Vec::new() };
    let range = mode.range.clone();
    Some(Deprecated { old: "-Djarmode=layertools", new: "-Djarmode=tools", range, edits })
}
