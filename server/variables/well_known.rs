//! Names of variables that mean something outside of the file.

pub use crate::language::arguments::PROXY_ARGS;
use crate::language::arguments::{ArgumentKind, argument};

/// Whether programs, shells, BuildKit or images give the name a meaning of their own: renaming it, or taking it for a misspelt
/// other one, would be wrong.
pub fn is_well_known(name: &str) -> bool {
    const NAMES: [&str; 44] = [
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "PWD",
        "OLDPWD",
        "HOSTNAME",
        "TERM",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "EDITOR",
        "PAGER",
        "DISPLAY",
        "UID",
        "GID",
        "EUID",
        "IFS",
        "RANDOM",
        "SECONDS",
        "LINENO",
        "OSTYPE",
        "PS1",
        "ENV",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "SOURCE_DATE_EPOCH",
        "DEBIAN_FRONTEND",
        "JAVA_HOME",
        "GOPATH",
        "GOROOT",
        "GOBIN",
        "CARGO_HOME",
        "RUSTUP_HOME",
        "PYTHONPATH",
        "NODE_PATH",
        "PHP_INI_DIR",
        "CATALINA_HOME",
        "GEM_HOME",
        "BUNDLE_APP_CONFIG",
        "VIRTUAL_ENV",
        "SHLVL",
    ];
    crate::stages::globals::is_predefined(name)
        || PROXY_ARGS.contains(&name)
        || NAMES.contains(&name)
        || name.starts_with("LC_")
        || name.starts_with("BUILDKIT_")
        || is_of_base_image(name)
}

/// Whether official images set the name: the version of what they hold.
pub fn is_of_base_image(name: &str) -> bool {
    const LANGUAGES: [&str; 20] = [
        "PHP", "NODE", "PYTHON", "RUBY", "GOLANG", "JAVA", "RUST", "YARN", "NGINX", "ERLANG", "ELIXIR",
        "SWIFT", "JULIA", "DOTNET", "ASPNET", "NJS", "PKG", "REDIS", "PG", "MYSQL",
    ];
    name.strip_suffix("_VERSION").is_some_and(|language| LANGUAGES.contains(&language))
}

/// What BuildKit sets a platform argument to.
pub fn platform_meaning(name: &str) -> Option<&'static str> {
    argument(name).filter(|(kind, _)| *kind == ArgumentKind::Platform).map(|(_, entry)| entry.summary)
}
