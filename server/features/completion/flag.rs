//! Names of flags, and what stands where one could.

use super::{
    Completion, CompletionKind, fitting, mount,
    place::{Place, Spot},
};
use crate::{
    features::topic::Topic,
    language::flags::{self, Flag, Kind},
    switches::minor_version,
    syntax::Keyword,
};

/// The flags that can still stand at the cursor.
pub(super) fn completion(spot: &Spot<'_>) -> Vec<Completion> {
    let typed = spot.typed();
    if spot.place == (Place::Start { dashes: true }) {
        return missing(spot, &typed);
    }
    // A flag stands in front of the word that is there.
    if typed.is_empty() { missing(&spot.without_word(), "") } else { Vec::new() }
}

fn missing(spot: &Spot<'_>, typed: &str) -> Vec<Completion> {
    let keyword = spot.keyword();
    let asked = minor_version(spot.doc).map(|(minor, _)| minor);
    let is_newer = |flag: &Flag| asked.is_some_and(|minor| flag.since > minor);
    let is_there = |flag: &Flag| {
        flag.kind != Kind::Many && spot.other_flags().any(|other| other.name.text() == flag.entry.name)
    };
    let mut missing: Vec<&Flag> =
        flags::known(keyword).unwrap_or_default().iter().filter(|flag| !is_there(flag)).collect();
    // What the file's syntax does not know comes last.
    missing.sort_by_key(|flag| is_newer(flag));
    let mut items: Vec<Completion> =
        missing.into_iter().map(|flag| item(spot, flag, is_newer(flag))).collect();
    if keyword == Keyword::Run && !spot.has_equals() {
        items.extend(mount::whole(spot));
    }
    fitting(typed, items)
}

fn item(spot: &Spot<'_>, flag: &Flag, is_newer: bool) -> Completion {
    let label = format!("--{}", flag.entry.name);
    let has_value = flag.kind != Kind::Switch;
    let text = if has_value && !spot.has_equals() { format!("{label}=") } else { label.clone() };
    let detail = match is_newer {
        true => format!("{} (needs docker/dockerfile:1.{})", flag.entry.summary, flag.since),
        false => flag.entry.summary.to_owned(),
    };
    spaced(
        spot,
        Completion {
            text,
            deprecated: flag.entry.deprecated.is_some(),
            ..spot
                .item(label, CompletionKind::Flag)
                .detail(detail)
                .topic(Topic::Flag(spot.keyword(), flag.entry.name.to_owned()))
        },
    )
}

/// The same with a blank behind it where a word follows at once, which it would become a part of.
pub(super) fn spaced(spot: &Spot<'_>, item: Completion) -> Completion {
    let touches = spot.word.is_empty() && spot.rest().starts_with(|c: char| !c.is_whitespace());
    if !touches {
        return item;
    }
    let snippet = item.snippet.map(|snippet| format!("{snippet} "));
    // The cursor goes where the value does.
    let snippet = snippet.or_else(|| item.text.ends_with('=').then(|| format!("{}$0 ", item.text)));
    Completion { text: format!("{} ", item.text), snippet, ..item }
}
