//! Names of variables that mean something outside of the file.

/// Build arguments that every build takes without an ARG, for proxies (BuildKit passes them on to RUN only).
pub const PROXY_ARGS: [&str; 10] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
];

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
    Some(match name {
        "BUILDPLATFORM" => "The platform of the machine that builds, such as `linux/amd64`",
        "BUILDOS" => "The operating system of the machine that builds, such as `linux`",
        "BUILDOSVERSION" => "The version of the operating system that builds; empty but for Windows",
        "BUILDARCH" => "The architecture of the machine that builds, such as `amd64`",
        "BUILDVARIANT" => "The variant of the architecture that builds, such as `v7`; often empty",
        "TARGETPLATFORM" => "The platform that is built for, such as `linux/arm64`",
        "TARGETOS" => "The operating system that is built for, such as `linux`",
        "TARGETOSVERSION" => "The version of the operating system that is built for; empty but for Windows",
        "TARGETARCH" => "The architecture that is built for, such as `arm64`",
        "TARGETVARIANT" => "The variant of the architecture that is built for, such as `v7`; often empty",
        "TARGETSTAGE" => "The stage that is built: the value of `--target`, else the name of the last stage",
        _ => return None,
    })
}
