//! Signatures of the values of flags.

use super::{Asked, Help, Parameter, Signature, documentation};
use crate::{
    language::{
        Entry,
        flags::{self, Kind},
        mounts::{self, MountType, OPTIONS, TYPES},
        texts::Texts,
        values::Value,
    },
    syntax::{Flag, MountOption},
};

/// For a flag whose value the cursor is in (bytes from the start of the instruction).
pub(super) fn help(known: &flags::Flag, flag: &Flag, at: usize, asked: Asked<'_>) -> Help {
    if known.value == Value::Mount {
        return mount(flag, at, asked);
    }
    let (parts, active) = value(known, flag, at);
    let mut label = format!("--{}", known.entry.name);
    let mut parameters = Vec::new();
    for (before, part, after) in parts {
        label.push_str(before);
        parameters
            .push(Parameter { range: label.len()..label.len() + part.len(), documentation: what(known) });
        label.push_str(&part);
        label.push_str(after);
    }
    let documentation = documentation(&known.entry);
    Help { signatures: vec![Signature { label, documentation, parameters, active }], active: 0 }
}

/// What a parameter is, where that is not clear by its name.
fn what(known: &flags::Flag) -> String {
    match known.value {
        Value::Platform => "Such as `linux/arm64` or `$BUILDPLATFORM`".to_owned(),
        Value::Stage => "A stage above, a build context with a name, or an image".to_owned(),
        Value::Owner => "A name, or a number".to_owned(),
        Value::FileMode => "Such as `755` or `u=rwX,go=rX`".to_owned(),
        Value::Duration => "Such as `30s` or `1m30s`".to_owned(),
        Value::Digest => "`sha256:…` of a download, the commit of a Git repository".to_owned(),
        Value::Pattern => "Such as `**/*.md`".to_owned(),
        Value::OneOf(values) => {
            let lines: Vec<String> =
                values.iter().map(|(name, what)| format!("- `{name}`: {what}")).collect();
            lines.join("\n")
        }
        Value::Id
        | Value::Truth
        | Value::Count
        | Value::Size
        | Value::Path
        | Value::SourcePath
        | Value::Mount
        | Value::Text => String::new(),
    }
}

/// A part of a value: what stands before it, itself, and what stands behind it.
type Part = (&'static str, String, &'static str);

/// The parts of a value, and the index of the one that the cursor is in.
fn value(known: &flags::Flag, flag: &Flag, at: usize) -> (Vec<Part>, usize) {
    let typed = flag.value.as_ref().map_or("", |value| &value.text()[..value.text_offset(at)]);
    let name = shape(known.value);
    match known.value {
        Value::Owner => {
            let parts = vec![("=", "<user>".to_owned(), ""), ("[:", "<group>".to_owned(), "]")];
            (parts, usize::from(typed.contains(':')))
        }
        Value::Platform => {
            let parts = vec![
                ("=", "<os>".to_owned(), ""),
                ("/", "<architecture>".to_owned(), ""),
                ("[/", "<variant>".to_owned(), "]"),
            ];
            (parts, typed.matches('/').count().min(2))
        }
        _ if known.kind == Kind::Switch => (vec![("[=", name, "]")], 0),
        _ => (vec![("=", name, "")], 0),
    }
}

/// What a value looks like.
fn shape(value: Value) -> String {
    match value {
        Value::Platform => "<platform>",
        Value::Stage => "<stage | context | image>",
        Value::Owner => "<user>",
        Value::Id => "<number>",
        Value::FileMode => "<mode>",
        Value::Truth => "<true | false>",
        Value::Duration => "<duration>",
        Value::Count => "<count>",
        Value::Size => "<size>",
        Value::Digest => "<digest>",
        Value::Pattern => "<pattern>",
        Value::Path => "<path>",
        Value::SourcePath => "<source path>",
        Value::Mount => "<mount>",
        Value::Text => "<name>",
        Value::OneOf(values) => {
            let names: Vec<&str> = values.iter().map(|value| value.0).collect();
            return format!("<{}>", names.join(" | "));
        }
    }
    .to_owned()
}

/// Of a `--mount`: one signature for each type that it may still be.
fn mount(flag: &Flag, at: usize, asked: Asked<'_>) -> Help {
    let written = flag.mount.iter().find(|option| option.key.text().eq_ignore_ascii_case("type"));
    let written =
        written.and_then(|option| option.value.as_ref()).map(|value| value.text().to_ascii_lowercase());
    let is_it = |entry: &Entry| written.as_deref() == Some(entry.name);
    let certain = TYPES.iter().any(|(_, entry)| is_it(entry));
    let fits = |entry: &Entry| match &written {
        Some(typed) => is_it(entry) || !certain && entry.name.starts_with(&**typed),
        None => true,
    };
    let types = || TYPES.iter().filter(|(_, entry)| fits(entry));
    let all: Vec<&(MountType, Entry)> =
        if types().count() == 0 { TYPES.iter().collect() } else { types().collect() };
    let signatures: Vec<Signature> =
        all.into_iter().map(|(kind, entry)| mount_form(*kind, entry, flag, at)).collect();
    let shown = signatures.iter().position(|signature| Some(&*signature.label) == asked.shown);
    Help { active: shown.unwrap_or(0), signatures }
}

fn mount_form(kind: MountType, entry: &Entry, flag: &Flag, at: usize) -> Signature {
    let mut label = format!("--mount=type={}", entry.name);
    let start = "--mount=".len();
    let mut parameters =
        vec![Parameter { range: start..label.len(), documentation: entry.summary.to_owned() }];
    let options: Vec<&mounts::MountOption> = options(kind).collect();
    for option in &options {
        let is_needed = option.entry.name == "target" && needs_target(kind);
        let value = match option.alone {
            true => option.entry.name.to_owned(),
            false => format!("{}={}", option.entry.name, shape(option.value)),
        };
        label.push_str(if is_needed { "," } else { "[," });
        let what = Texts::Mounts.section(option.entry.name).unwrap_or_default();
        let documentation = format!("{}\n\n{what}", option.entry.summary).trim().to_owned();
        parameters.push(Parameter { range: label.len()..label.len() + value.len(), documentation });
        label.push_str(&value);
        label.push_str(if is_needed { "" } else { "]" });
    }
    let active = active_option(&options, flag, at);
    Signature { label, documentation: documentation(entry), parameters, active }
}

fn needs_target(kind: MountType) -> bool {
    match kind {
        MountType::Bind | MountType::Cache | MountType::Tmpfs => true,
        MountType::Secret | MountType::Ssh => false,
    }
}

/// The options of a type that change anything, in the order in which people write them.
fn options(kind: MountType) -> impl Iterator<Item = &'static mounts::MountOption> {
    let changes = move |option: &&mounts::MountOption| {
        let as_it_is = match option.entry.name {
            "type" => true,
            "readonly" => kind != MountType::Cache,
            "readwrite" => kind != MountType::Bind,
            // It is another word for `id` there.
            "source" => kind == MountType::Secret,
            _ => false,
        };
        !as_it_is && option.types.contains(&kind)
    };
    OPTIONS.iter().filter(changes)
}

/// The parameter for the option that the cursor is in; 0 is the type.
fn active_option(options: &[&mounts::MountOption], flag: &Flag, at: usize) -> usize {
    let index_of = |name: &str| {
        let option = mounts::option(name)?;
        if option.entry.name == "type" {
            return Some(0);
        }
        options.iter().position(|other| other.entry.name == option.entry.name).map(|index| index + 1)
    };
    let is_at = |option: &&MountOption| option.range.start <= at && at <= option.range.end;
    let current = flag.mount.iter().find(is_at);
    let typed = current.map_or("", |option| option.key.text());
    if let Some(found) = index_of(typed) {
        return found;
    }
    let others = || flag.mount.iter().filter(|option| current.is_none_or(|it| it.range != option.range));
    let is_given = |name: &str| {
        others().any(|option| mounts::option(option.key.text()).is_some_and(|it| it.entry.name == name))
    };
    if !is_given("type") && (typed.is_empty() || "type".starts_with(typed)) && others().next().is_none() {
        return 0;
    }
    let is_next = |option: &&mounts::MountOption| {
        option.names().any(|name| name.starts_with(typed)) && !is_given(option.entry.name)
    };
    options.iter().position(is_next).map_or(0, |index| index + 1)
}
