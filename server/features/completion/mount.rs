//! Mounts of a RUN: their options and values, and whole ones.

use super::{
    Completion, CompletionKind, Documentation,
    caches::{CACHES, Cache, With},
    fitting, flag,
    place::{Mount, Spot},
    template, value,
};
use crate::{
    features::topic::Topic,
    flow::StageFlow,
    language::{
        mounts::{self, MountOption, MountType, TYPES},
        values::Value,
    },
    syntax::Keyword,
};

/// The type that a mount has, or will have while none is written.
fn type_of(others: &Mount) -> Option<MountType> {
    let Some((_, value)) = others.iter().find(|(key, _)| key.eq_ignore_ascii_case("type")) else {
        return Some(MountType::Bind);
    };
    let value = value.as_deref().unwrap_or_default();
    TYPES.iter().find(|(_, entry)| entry.name.eq_ignore_ascii_case(value)).map(|(kind, _)| *kind)
}

fn has(others: &Mount, option: &MountOption) -> bool {
    others.iter().any(|(key, _)| option.names().any(|name| name.eq_ignore_ascii_case(key)))
}

/// The options that a mount can still have.
pub(super) fn keys(spot: &Spot<'_>, others: &Mount) -> Vec<Completion> {
    let kind = type_of(others);
    let typed = spot.typed();
    let missing = || {
        mounts::OPTIONS.iter().filter(|option| {
            // A type that nobody knows may have any.
            kind.is_none_or(|kind| option.types.contains(&kind)) && !has(others, option)
        })
    };
    let mut items: Vec<Completion> = missing().map(|option| key(spot, option, option.entry.name)).collect();
    // The types with their key: what most mounts start with.
    let types = TYPES.iter().filter(|_| others.is_empty() && !spot.has_equals());
    let types = types.map(|(_, entry)| {
        let item = spot.item(format!("type={}", entry.name), CompletionKind::Option).detail(entry.summary);
        item.topic(Topic::Mount(entry.name.to_owned()))
    });
    items.splice(items.len().min(1)..items.len().min(1), types);
    // Other names of the same, for those who start to type them.
    let lower = typed.to_lowercase();
    let aliases = missing().flat_map(|option| option.aliases.iter().map(move |alias| (option, *alias)));
    let aliases = aliases.filter(|(_, alias)| !lower.is_empty() && alias.starts_with(&lower));
    items.extend(aliases.map(|(option, alias)| key(spot, option, alias)));
    fitting(&typed, items)
}

fn key(spot: &Spot<'_>, option: &MountOption, name: &str) -> Completion {
    let text = if option.alone || spot.has_equals() { name.to_owned() } else { format!("{name}=") };
    Completion {
        text,
        deprecated: option.entry.deprecated.is_some(),
        ..spot
            .item(name, CompletionKind::Option)
            .detail(option.entry.summary)
            .topic(Topic::MountOption(option.entry.name.to_owned()))
    }
}

/// The values of an option; what `from` names is for others to say.
pub(super) fn values(spot: &Spot<'_>, others: &Mount, name: &str) -> Vec<Completion> {
    let Some(option) = mounts::option(name) else { return Vec::new() };
    let kind = type_of(others);
    let is_type = option.entry.name == "type";
    let mut items = match option.value {
        Value::OneOf(words) if is_type => words
            .iter()
            .map(|(word, what)| {
                spot.item(*word, CompletionKind::Value).detail(*what).topic(Topic::Mount((*word).to_owned()))
            })
            .collect(),
        Value::Stage => return Vec::new(),
        Value::Path => targets(spot, kind),
        Value::FileMode if kind == Some(MountType::Cache) => value::listed(spot, &value::MODES),
        Value::FileMode => value::listed(spot, &SECRET_MODES),
        Value::Size => value::listed(spot, &SIZES),
        other => value::of(spot, other, name),
    };
    if !matches!(option.value, Value::OneOf(_) | Value::Truth) {
        let used = used(spot, kind, option);
        let used = used.into_iter().filter(|text| items.iter().all(|item| item.label != *text));
        let used: Vec<Completion> =
            used.map(|text| spot.item(text, CompletionKind::Value).detail("Used in this file")).collect();
        items.splice(0..0, used);
    }
    fitting(&spot.typed(), items)
}

const SECRET_MODES: [(&str, &str); 3] =
    [("0400", "Its owner reads it; the default"), ("0440", "Its group too"), ("0444", "Everybody reads it")];

const SIZES: [(&str, &str); 3] = [("64m", "64 MiB"), ("512m", "512 MiB"), ("1g", "1 GiB")];

/// What other mounts of the file write for an option, those of the same type, the nearest above first.
fn used(spot: &Spot<'_>, kind: Option<MountType>, option: &MountOption) -> Vec<String> {
    let mut found: Vec<(bool, usize, String)> = Vec::new();
    for placed in spot.doc.syntax().instructions() {
        let instruction = placed.instruction.effective();
        // The one at the cursor is not there yet.
        if instruction.keyword != Keyword::Run {
            continue;
        }
        for flag in &instruction.flags {
            let place = placed.start + flag.range.start;
            if place < spot.offset && spot.offset <= placed.start + flag.range.end {
                continue;
            }
            let others: Mount = flag
                .mount
                .iter()
                .map(|it| (it.key.text().to_owned(), it.value.as_ref().map(|value| value.text().to_owned())))
                .collect();
            if type_of(&others) != kind {
                continue;
            }
            let own = others
                .into_iter()
                .filter(|(key, _)| option.names().any(|name| name.eq_ignore_ascii_case(key)));
            for text in own.filter_map(|(_, value)| value.filter(|value| !value.is_empty())) {
                let distance = place.abs_diff(spot.offset);
                match found.iter_mut().find(|(_, _, other)| *other == text) {
                    Some(known) => known.1 = known.1.min(distance),
                    None => found.push((place > spot.offset, distance, text)),
                }
            }
        }
    }
    found.sort();
    found.into_iter().map(|(_, _, text)| text).collect()
}

/// Where mounts of a type are usually put.
fn targets(spot: &Spot<'_>, kind: Option<MountType>) -> Vec<Completion> {
    match kind {
        Some(MountType::Cache) => caches(spot)
            .into_iter()
            .map(|cache| spot.item(cache.target, CompletionKind::Folder).detail(cache.what))
            .collect(),
        Some(MountType::Secret) => value::listed(
            spot,
            &[
                ("/run/secrets/", "Where a secret is without a target, under its id"),
                ("/root/.npmrc", "Settings of npm"),
                ("/root/.netrc", "Logins for Git, curl and others"),
                ("/etc/pip.conf", "Settings of pip"),
                ("/root/.m2/settings.xml", "Settings of Maven"),
                ("/root/.aws/credentials", "Logins for AWS"),
            ],
        ),
        Some(MountType::Tmpfs) => value::listed(spot, &[("/tmp", "Files for a while"), ("/run", "The same")]),
        _ => value::directories(spot),
    }
}

/// The caches that are worth a mount in this stage first.
fn caches(spot: &Spot<'_>) -> Vec<Cache> {
    let mut found = CACHES.to_vec();
    let facts = spot.flow().and_then(|(stage, _)| StageFlow::image(stage));
    let fits = |cache: &Cache| match (cache.with, facts) {
        (With::Language(name), Some(facts)) => facts.language.as_ref().is_some_and(|it| it.name == name),
        (With::Packages(manager), Some(facts)) => facts.package_manager == manager,
        (With::Anything, _) | (_, None) => false,
    };
    found.sort_by_key(|cache| !fits(cache));
    found
}

/// Mounts with all that they need, as flags.
pub(super) fn whole(spot: &Spot<'_>) -> Vec<Completion> {
    let caches = caches(spot).into_iter().take(3).map(|cache| {
        let sharing = if cache.locked { ",sharing=locked" } else { "" };
        (format!("--mount=type=cache,target={{{{1:{}}}}}{sharing}", cache.target), cache.what, "cache")
    });
    let others = [
        ("--mount=type=bind,source={{1:.}},target={{2:/src}}", "Files that no layer needs", "bind"),
        ("--mount=type=secret,id={{1:name}}", "A file in /run/secrets for the command alone", "secret"),
        ("--mount=type=secret,id={{1:name}},env={{2:NAME}}", "A variable for the command alone", "secret"),
        ("--mount=type=ssh", "The SSH agent, for private repositories", "ssh"),
        ("--mount=type=tmpfs,target={{1:/tmp}}", "Files that no layer gets", "tmpfs"),
    ];
    let others = others.into_iter().map(|(template, what, kind)| (template.to_owned(), what, kind));
    let item = |(template, what, kind): (String, &str, &str)| {
        let text = template::plain(&template);
        let snippet = template::snippet(&template);
        flag::spaced(
            spot,
            Completion {
                snippet: (snippet != text).then_some(snippet),
                documentation: Documentation::Topic(Topic::Mount(kind.to_owned())),
                ..spot.item(text, CompletionKind::Flag).detail(what)
            },
        )
    };
    caches.chain(others).map(item).collect()
}
