//! Values of flags and of options of mounts.

use super::{Completion, CompletionKind, account, fitting, place::Spot};
use crate::{
    flow::StageFlow,
    language::{flags, platforms::PLATFORMS, values::Value},
    syntax::{Arguments, Keyword},
};

/// Permissions.
pub(super) const MODES: [(&str, &str); 6] = [
    ("755", "Its owner writes, everybody reads and runs"),
    ("644", "Its owner writes, everybody reads"),
    ("555", "Everybody reads and runs, nobody writes"),
    ("444", "Everybody reads, nobody writes"),
    ("700", "Its owner alone"),
    ("600", "Its owner alone, and nobody runs it"),
];

/// How many of the things that a file writes elsewhere are looked at: more are no help.
pub(super) const MOST_USED: usize = 100;

/// The values that a flag can have here.
pub(super) fn completion(spot: &Spot<'_>, name: &str) -> Vec<Completion> {
    let Some(flag) = flags::flag(spot.keyword(), name) else { return Vec::new() };
    let mut items = of(spot, flag.value, name);
    if !matches!(flag.value, Value::OneOf(_) | Value::Truth | Value::Owner | Value::Stage) {
        let used = used(spot, name).into_iter();
        let used = used.filter(|text| items.iter().all(|item| item.label != *text));
        let used: Vec<Completion> =
            used.map(|text| spot.item(text, CompletionKind::Value).detail("Used in this file")).collect();
        items.splice(0..0, used);
    }
    // The name in front of a colon is no part of what is looked for.
    if flag.value == Value::Owner { items } else { fitting(&spot.typed(), items) }
}

/// The usual values of a kind. `name`: that of the flag or option.
pub(super) fn of(spot: &Spot<'_>, value: Value, name: &str) -> Vec<Completion> {
    match value {
        Value::Platform => platforms(spot),
        Value::Owner => account::completion(spot, true),
        Value::Id => account::numbers(spot, name == "gid"),
        Value::FileMode => listed(spot, &MODES),
        Value::Truth => listed(spot, &[("true", "Yes, as without a value"), ("false", "No")]),
        Value::Duration => listed(
            spot,
            match name {
                "interval" => &[("30s", "As without the flag"), ("10s", ""), ("1m", ""), ("5m", "")],
                "timeout" => &[("5s", ""), ("3s", ""), ("10s", ""), ("30s", "As without the flag")],
                "start-interval" => &[("5s", "As without the flag"), ("1s", ""), ("2s", "")],
                _ => &[("10s", ""), ("30s", ""), ("1m", ""), ("5s", ""), ("0s", "As without the flag")],
            },
        ),
        Value::Count => listed(spot, &[("3", "As without the flag"), ("5", ""), ("1", "")]),
        Value::OneOf(words) => listed(spot, words),
        Value::Digest => listed(spot, &[("sha256:", "64 hexadecimal digits follow")]),
        Value::Path => directories(spot),
        Value::Stage | Value::Size | Value::Pattern | Value::SourcePath | Value::Mount | Value::Text => {
            Vec::new()
        }
    }
}

/// Items of words with what each means, if there is something to say.
pub(super) fn listed(spot: &Spot<'_>, words: &[(&str, &str)]) -> Vec<Completion> {
    let items = words.iter().map(|(word, what)| {
        let item = spot.item(*word, CompletionKind::Value);
        if what.is_empty() { item } else { item.detail(*what) }
    });
    items.collect()
}

/// The platform of the builder first: most stages that say one run there.
fn platforms(spot: &Spot<'_>) -> Vec<Completion> {
    let builder = ("$BUILDPLATFORM", "The platform of the builder, to run and compile for others there");
    let target = ("$TARGETPLATFORM", "The platform that is built for, as without the flag");
    let words: Vec<_> = std::iter::once(builder).chain(PLATFORMS).chain([target]).collect();
    listed(spot, &words)
}

/// What a flag of that name has elsewhere in the file, in file order.
fn used(spot: &Spot<'_>, name: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for placed in spot.doc.syntax().instructions() {
        let instruction = placed.instruction.effective();
        let same = instruction.keyword == spot.keyword() && placed.start != spot.start();
        for flag in instruction.flags.iter().filter(|flag| same && flag.name.text() == name) {
            let text = flag.value.as_ref().map(|value| value.text()).filter(|text| !text.is_empty());
            if let Some(text) = text.filter(|text| is_new(&found, text)) {
                found.push(text.to_owned());
            }
        }
    }
    found
}

/// Whether a text is something, and not among them, and they are not too many already.
pub(super) fn is_new(found: &[String], text: &str) -> bool {
    !text.is_empty() && found.len() < MOST_USED && !found.iter().any(|other| other == text)
}

/// The working directories of the stage and of those that it builds on, the nearest first, then those of other stages.
pub(super) fn workdirs(spot: &Spot<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |path: &str| {
        if path != "/" && is_new(&found, path) {
            found.push(path.to_owned());
        }
    };
    let Some((own, number)) = spot.flow() else { return found };
    let here = own.before(number).workdir.value.clone();
    here.iter().for_each(|path| add(path));
    let stages = own.chain().map(StageFlow::index);
    let mut written: Vec<(usize, usize)> = Vec::new();
    for (rank, stage) in stages.enumerate() {
        let range = spot.doc.stages().all()[stage].instructions.clone();
        written.extend(range.rev().map(|index| (rank, index)));
    }
    let all = spot.doc.flow().stages();
    for (_, index) in written {
        let placed = &spot.doc.syntax().instructions()[index];
        if placed.start >= spot.start() || placed.instruction.keyword != Keyword::Workdir {
            continue;
        }
        let Some(stage) = spot.doc.stages().of_instruction(index) else { continue };
        let after = index - stage.instructions.start + 1;
        all[stage.index].before(after).workdir.value.iter().for_each(|path| add(path));
    }
    for stage in &all[..own.index()] {
        stage.end().workdir.value.iter().for_each(|path| add(path));
    }
    found
}

/// The same as folders.
pub(super) fn directories(spot: &Spot<'_>) -> Vec<Completion> {
    workdirs(spot).into_iter().map(|path| spot.item(path, CompletionKind::Folder).detail("WORKDIR")).collect()
}

/// Ports and the like: the values of an instruction elsewhere in the file.
pub(super) fn words_of(spot: &Spot<'_>, keyword: Keyword) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for placed in spot.doc.syntax().instructions() {
        let instruction = placed.instruction.effective();
        if instruction.keyword != keyword || placed.start == spot.start() {
            continue;
        }
        let Arguments::Words { words, .. } = &instruction.arguments else { continue };
        for word in words {
            if is_new(&found, word.text()) {
                found.push(word.text().to_owned());
            }
        }
    }
    found
}
