//! Arguments before the first FROM: what FROM lines may use.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use super::expand::{Expanded, Variables, expand};
use crate::syntax::{Keyword, Syntax};

/// What a build is called with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuildOptions {
    /// `--target`; the last stage without it.
    pub target: Option<String>,
    /// `--build-arg`.
    pub build_args: BTreeMap<String, String>,
}

/// The variables that BuildKit sets for FROM lines without an ARG, with the values of a build on and for linux/amd64
/// (dockerfile2llb/platform.go, `defaultArgs`). `TARGETSTAGE` comes with them.
pub const PREDEFINED: [(&str, &str); 10] = [
    ("BUILDPLATFORM", "linux/amd64"),
    ("BUILDOS", "linux"),
    ("BUILDOSVERSION", ""),
    ("BUILDARCH", "amd64"),
    ("BUILDVARIANT", ""),
    ("TARGETPLATFORM", "linux/amd64"),
    ("TARGETOS", "linux"),
    ("TARGETOSVERSION", ""),
    ("TARGETARCH", "amd64"),
    ("TARGETVARIANT", ""),
];

/// The names of the variables that FROM lines may use without an ARG.
pub fn predefined_names<'a>() -> impl Iterator<Item = &'a str> {
    PREDEFINED.iter().map(|(name, _)| *name).chain(["TARGETSTAGE"])
}

/// Whether `word` is nothing but one of the variables that tell the platform.
pub fn is_platform_variable(word: &str) -> bool {
    let name = word.strip_prefix('$').unwrap_or(word);
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    word.starts_with('$') && PREDEFINED.iter().any(|(predefined, _)| *predefined == name)
}

/// Whether BuildKit sets a variable of that name for FROM lines without an ARG; in a stage, `ARG X` brings its value.
pub fn is_predefined(name: &str) -> bool {
    name == "TARGETSTAGE" || PREDEFINED.iter().any(|(predefined, _)| *predefined == name)
}

/// The names of the variables that BuildKit sets for FROM lines.
pub fn predefined() -> impl Iterator<Item = &'static str> {
    PREDEFINED.iter().map(|(name, _)| *name).chain(["TARGETSTAGE"])
}

/// Whether an operating system or an architecture has that name.
pub fn is_platform_value(name: &str) -> bool {
    const VALUES: [&str; 14] = [
        "386", "amd64", "arm", "arm64", "darwin", "freebsd", "linux", "loong64", "mips64", "mips64le",
        "ppc64le", "riscv64", "s390x", "windows",
    ];
    VALUES.contains(&name)
}

/// An ARG before the first FROM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalArg {
    pub name: String,
    /// Its name, in bytes of the file.
    pub name_range: Range<usize>,
    /// Its default as written, in bytes of the file.
    pub default_range: Option<Range<usize>>,
}

/// The global arguments with their values.
#[derive(Debug, Clone, Default)]
pub struct Globals {
    pub args: Vec<GlobalArg>,
    defaults: HashMap<String, Expanded>,
    open: HashMap<String, Expanded>,
}

/// What a build without arguments of its own sees.
pub struct WithDefaults<'a>(pub &'a Globals);

/// What any build may see: all that can be given from outside is unknown.
pub struct Open<'a>(pub &'a Globals);

impl Variables for WithDefaults<'_> {
    fn value(&self, name: &str) -> Option<Expanded> {
        self.0.defaults.get(name).cloned()
    }
}

impl Variables for Open<'_> {
    fn value(&self, name: &str) -> Option<Expanded> {
        self.0.open.get(name).cloned()
    }
}

impl Globals {
    /// The value that FROM lines and an `ARG X` in a stage see, going by defaults and the build's arguments.
    pub fn by_default(&self, name: &str) -> Option<&Expanded> {
        self.defaults.get(name)
    }

    /// The same with all that can come from outside unknown.
    pub fn in_any_build(&self, name: &str) -> Option<&Expanded> {
        self.open.get(name)
    }

    /// `target`: the name of the stage that is built.
    pub fn read(syntax: &Syntax, options: &BuildOptions, target: &str) -> Globals {
        let given = |name: &str| options.build_args.get(name).map(|value| Expanded::known(value, None));
        Globals::with_arguments(syntax, &given, target)
    }

    /// The same for a build with arguments that may not be known. `given`: the value of an argument that the build gives.
    pub fn with_arguments(
        syntax: &Syntax,
        given: &dyn Fn(&str) -> Option<Expanded>,
        target: &str,
    ) -> Globals {
        let mut globals = Globals::default();
        let stage = [("TARGETSTAGE", target)];
        for (name, value) in PREDEFINED.into_iter().chain(stage) {
            let given = given(name);
            globals.open.insert(name.into(), given.clone().unwrap_or_else(Expanded::any));
            globals.defaults.insert(name.into(), given.unwrap_or_else(|| Expanded::known(value, None)));
        }
        let before_from =
            syntax.instructions().iter().take_while(|placed| placed.instruction.keyword != Keyword::From);
        for placed in before_from.filter(|placed| placed.instruction.keyword == Keyword::Arg) {
            for pair in placed.instruction.pairs() {
                let name = pair.name.text().to_owned();
                let given = given(&name);
                // A value is copied wherever it is used, so a long one would make a much longer file.
                let short = |value: Expanded| if value.is_long() { Expanded::any() } else { value };
                // An ARG whose default can't be expanded stops the build; here it is as if it had none.
                let default = pair.value.as_ref().and_then(|value| {
                    let source = |part| placed.at(value.source(part));
                    expand(value.text(), syntax.escape(), &source, &WithDefaults(&globals)).ok()
                });
                globals.open.insert(name.clone(), given.clone().unwrap_or_else(Expanded::any));
                if let Some(value) = given.or(default).map(short) {
                    globals.defaults.insert(name.clone(), value);
                }
                globals.args.push(GlobalArg {
                    name,
                    name_range: placed.at(pair.name.range()),
                    default_range: pair.value.as_ref().map(|value| placed.at(value.range())),
                });
            }
        }
        globals
    }
}
