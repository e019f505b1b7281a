//! The types of mounts and their options (instructions/commands_runmount.go, `parseMount`).

use super::{Entry, values::Value};

/// What is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MountType {
    Bind,
    Cache,
    Tmpfs,
    Secret,
    Ssh,
}

use MountType::{Bind, Cache, Secret, Ssh, Tmpfs};

/// The types; a mount without one is a bind.
pub const TYPES: [(MountType, Entry); 5] = [
    (Bind, Entry::new("bind", "Files of the build context, a stage or an image", "run---mounttypebind")),
    (Cache, Entry::new("cache", "A directory that is kept between builds", "run---mounttypecache")),
    (Tmpfs, Entry::new("tmpfs", "An empty directory in memory", "run---mounttypetmpfs")),
    (Secret, Entry::new("secret", "A secret that the build is given", "run---mounttypesecret")),
    (Ssh, Entry::new("ssh", "The SSH agent or keys that the build is given", "run---mounttypessh")),
];

/// How a cache is shared.
pub const SHARING: [(&str, &str); 3] = [
    ("shared", "Several builds write at once"),
    ("private", "Each build that writes at the same time has one of its own"),
    ("locked", "A build waits until the one that writes is done"),
];

/// An option of a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MountOption {
    pub entry: Entry,
    /// Other names of the same.
    pub aliases: &'static [&'static str],
    /// The types that it is for.
    pub types: &'static [MountType],
    pub value: Value,
    /// Whether it may stand alone, without a value.
    pub alone: bool,
}

impl MountOption {
    const fn new(entry: Entry, types: &'static [MountType], value: Value) -> MountOption {
        MountOption { entry, aliases: &[], types, value, alone: false }
    }

    const fn or(self, aliases: &'static [&'static str]) -> MountOption {
        MountOption { aliases, ..self }
    }

    const fn alone(self) -> MountOption {
        MountOption { alone: true, ..self }
    }

    /// All its names, the usual one first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.entry.name).chain(self.aliases.iter().copied())
    }
}

const ALL: &[MountType] = &[Bind, Cache, Tmpfs, Secret, Ssh];
const FILES: &[MountType] = &[Cache, Secret, Ssh];
const KEYS: &str = "run---mount";

const TYPE_NAMES: &[(&str, &str)] = &[
    ("bind", TYPES[0].1.summary),
    ("cache", TYPES[1].1.summary),
    ("tmpfs", TYPES[2].1.summary),
    ("secret", TYPES[3].1.summary),
    ("ssh", TYPES[4].1.summary),
];

/// The options.
pub const OPTIONS: [MountOption; 14] = [
    MountOption::new(
        Entry::new("type", "What is mounted; bind by default", KEYS),
        ALL,
        Value::OneOf(TYPE_NAMES),
    ),
    MountOption::new(Entry::new("target", "Where it is mounted", KEYS), ALL, Value::Path)
        .or(&["dst", "destination"]),
    MountOption::new(
        Entry::new("source", "What is mounted, as a path in `from`; of a secret its id", KEYS),
        &[Bind, Cache, Secret],
        Value::SourcePath,
    )
    .or(&["src"]),
    MountOption::new(
        Entry::new("from", "A stage, a build context or an image to mount", KEYS),
        &[Bind, Cache],
        Value::Stage,
    ),
    MountOption::new(Entry::new("id", "The name of the cache, secret or socket", KEYS), FILES, Value::Text),
    MountOption::new(
        Entry::new("sharing", "What several builds do with the cache at once", "run---mounttypecache"),
        &[Cache],
        Value::OneOf(&SHARING),
    ),
    MountOption::new(Entry::new("readonly", "The command can't write to it", KEYS), ALL, Value::Truth)
        .or(&["ro"])
        .alone(),
    MountOption::new(
        Entry::new("readwrite", "The command can write to it; what it writes to a bind is lost", KEYS),
        ALL,
        Value::Truth,
    )
    .or(&["rw"])
    .alone(),
    MountOption::new(
        Entry::new("required", "The build fails without the secret or socket", KEYS),
        &[Secret, Ssh],
        Value::Truth,
    )
    .alone(),
    MountOption::new(
        Entry::new("env", "The variable that holds the secret", "run---mounttypesecret"),
        &[Secret],
        Value::Text,
    ),
    MountOption::new(
        Entry::new("mode", "The permissions of what is mounted, as octal number", KEYS),
        FILES,
        Value::FileMode,
    ),
    MountOption::new(Entry::new("uid", "The number of the user who owns it", KEYS), FILES, Value::Id),
    MountOption::new(Entry::new("gid", "The number of the group that owns it", KEYS), FILES, Value::Id),
    MountOption::new(
        Entry::new("size", "The most that it can hold", "run---mounttypetmpfs"),
        &[Tmpfs],
        Value::Size,
    ),
];

/// The names that options may have, aliases included.
pub fn option_names() -> Vec<&'static str> {
    OPTIONS.iter().flat_map(MountOption::names).collect()
}

/// The option of that name or alias, which may be in upper case.
pub fn option(name: &str) -> Option<&'static MountOption> {
    OPTIONS.iter().find(|option| option.names().any(|other| other.eq_ignore_ascii_case(name)))
}
