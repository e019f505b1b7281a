//! Comments that say something: BuildKit's parser directives, and what switches rules of ours off.

use super::Entry;

const OURS: &str = "https://github.com/dockerfile-ls/dockerfile-ls#switching-a-rule-off";

/// A directive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Directive {
    pub entry: Entry,
    /// Whether only the first lines of a file may hold it.
    pub head: bool,
}

/// All of them. Names of directives may be in upper case.
pub const DIRECTIVES: [Directive; 4] = [
    Directive { entry: Entry::new("syntax", "Which frontend reads this file", "syntax"), head: true },
    Directive { entry: Entry::new("escape", "Which character continues lines", "escape"), head: true },
    Directive {
        entry: Entry::new("check", "Switches BuildKit's checks off, or makes them errors", "check"),
        head: false,
    },
    Directive { entry: Entry::new("dockerfile-ls: skip", "Switches rules off", OURS), head: false },
];

/// Values of directives, with the name of the directive.
pub const VALUES: [(&str, Entry); 4] = [
    ("syntax", Entry::new("docker/dockerfile:1", "The newest stable syntax", "syntax")),
    ("syntax", Entry::new("docker/dockerfile:1-labs", "With features that may still change", "syntax")),
    ("escape", Entry::new("\\", "Continues lines and escapes, as without the directive", "escape")),
    ("escape", Entry::new("`", "For paths of Windows", "escape")),
];

/// What can stand behind `check=`, before a `=`.
pub const CHECK_KEYS: [Entry; 3] = [
    Entry::new("skip", "Checks that are not made", "check"),
    Entry::new("error", "With `true`, what a check finds stops the build", "check"),
    Entry::new("experimental", "Checks that are made though they may still change", "check"),
];

/// The directive of that name, which may be in upper case.
pub fn directive(name: &str) -> Option<&'static Directive> {
    DIRECTIVES.iter().find(|directive| directive.entry.name.eq_ignore_ascii_case(name))
}
