//! The flags of each instruction.

use super::{Entry, values::Value};
use crate::syntax::Keyword;

/// What may follow the name of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `=value`, once.
    One,
    /// `=value`, any number of times.
    Many,
    /// Nothing, or `=true` or `=false`, once.
    Switch,
}

use Kind::{Many, One, Switch};

/// A flag of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    pub entry: Entry,
    pub kind: Kind,
    pub value: Value,
    /// The minor version of `docker/dockerfile:1.x` that it came with (docs/reference.md, "Minimum Dockerfile version").
    pub since: u32,
}

impl Flag {
    const fn new(entry: Entry, kind: Kind, value: Value) -> Flag {
        Flag { entry, kind, value, since: 0 }
    }

    const fn since(self, since: u32) -> Flag {
        Flag { since, ..self }
    }
}

const FROM: [Flag; 1] = [Flag::new(
    Entry::new("platform", "The platform of the base, where it has several", "from"),
    One,
    Value::Platform,
)];

const COPY: [Flag; 6] = [
    Flag::new(
        Entry::new("from", "Copies from a stage, a build context or an image", "copy---from"),
        One,
        Value::Stage,
    ),
    Flag::new(
        Entry::new("chown", "The user and group that own the copies", "copy---chown"),
        One,
        Value::Owner,
    ),
    Flag::new(Entry::new("chmod", "The permissions of the copies", "copy---chmod"), One, Value::FileMode)
        .since(2),
    Flag::new(
        Entry::new(
            "link",
            "Copies into a layer of its own, which stays when those below change",
            "copy---link",
        ),
        Switch,
        Value::Truth,
    )
    .since(4),
    Flag::new(
        Entry::new("parents", "Keeps the directories that the sources stand in", "copy---parents"),
        Switch,
        Value::Truth,
    )
    .since(20),
    Flag::new(
        Entry::new("exclude", "Leaves out files that match a pattern", "copy---exclude"),
        Many,
        Value::Pattern,
    )
    .since(19),
];

const ADD: [Flag; 7] = [
    Flag::new(
        Entry::new("chown", "The user and group that own what is added", "add---chown"),
        One,
        Value::Owner,
    ),
    Flag::new(Entry::new("chmod", "The permissions of what is added", "add---chmod"), One, Value::FileMode)
        .since(2),
    Flag::new(
        Entry::new("link", "Adds in a layer of its own, which stays when those below change", "add---link"),
        Switch,
        Value::Truth,
    )
    .since(4),
    Flag::new(
        Entry::new("keep-git-dir", "Keeps the .git directory of a Git repository", "add---keep-git-dir"),
        Switch,
        Value::Truth,
    )
    .since(1),
    Flag::new(
        Entry::new("checksum", "The digest that a download must have", "add---checksum"),
        One,
        Value::Digest,
    )
    .since(6),
    Flag::new(
        Entry::new("unpack", "Whether archives are unpacked, downloads too", "add---unpack"),
        Switch,
        Value::Truth,
    )
    .since(17),
    Flag::new(
        Entry::new("exclude", "Leaves out files that match a pattern", "add---exclude"),
        Many,
        Value::Pattern,
    )
    .since(19),
];

const RUN: [Flag; 4] = [
    Flag::new(
        Entry::new("mount", "Mounts files for the time of the command", "run---mount"),
        Many,
        Value::Mount,
    )
    .since(2),
    Flag::new(
        Entry::new("network", "The network that the command has", "run---network"),
        One,
        Value::OneOf(&[
            ("default", "The network of the build"),
            ("none", "No network but the loopback"),
            ("host", "The network of the host; the build has to allow it"),
        ]),
    )
    .since(3),
    Flag::new(
        Entry::new("security", "Whether the command has elevated rights", "run---security"),
        One,
        Value::OneOf(&[
            ("sandbox", "None, as without the flag"),
            ("insecure", "All of them; the build has to allow it"),
        ]),
    )
    .since(20),
    Flag::new(
        Entry::new("device", "A CDI device that the command can use", "run---device"),
        Many,
        Value::Text,
    ),
];

const HEALTHCHECK: [Flag; 5] = [
    Flag::new(
        Entry::new("interval", "Time between two tests; 30s by default", "healthcheck"),
        One,
        Value::Duration,
    ),
    Flag::new(
        Entry::new("timeout", "Time that a test may take; 30s by default", "healthcheck"),
        One,
        Value::Duration,
    ),
    Flag::new(
        Entry::new(
            "start-period",
            "Time to start in which failures do not count; 0s by default",
            "healthcheck",
        ),
        One,
        Value::Duration,
    ),
    Flag::new(
        Entry::new("start-interval", "Time between two tests while starting; 5s by default", "healthcheck"),
        One,
        Value::Duration,
    ),
    Flag::new(
        Entry::new("retries", "Failures in a row that make it unhealthy; 3 by default", "healthcheck"),
        One,
        Value::Count,
    ),
];

/// The flags of an instruction (instructions/parse.go and the hooks in commands_run*.go). Those that only some builders
/// have are among them. `None` for those whose flags BuildKit does not look at: ARG and STOPSIGNAL lose them.
pub fn known(keyword: Keyword) -> Option<&'static [Flag]> {
    Some(match keyword {
        Keyword::From => &FROM,
        Keyword::Copy => &COPY,
        Keyword::Add => &ADD,
        Keyword::Run => &RUN,
        Keyword::Healthcheck => &HEALTHCHECK,
        Keyword::Cmd
        | Keyword::Entrypoint
        | Keyword::Env
        | Keyword::Expose
        | Keyword::Label
        | Keyword::Maintainer
        | Keyword::Onbuild
        | Keyword::Shell
        | Keyword::User
        | Keyword::Volume
        | Keyword::Workdir => &[],
        Keyword::Arg | Keyword::StopSignal | Keyword::Unknown => return None,
    })
}

/// The flag of that name.
pub fn flag(keyword: Keyword, name: &str) -> Option<&'static Flag> {
    known(keyword)?.iter().find(|flag| flag.entry.name == name)
}
