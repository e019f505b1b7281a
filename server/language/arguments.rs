//! Build arguments that mean something to BuildKit.

use super::Entry;

/// Whom an argument is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    /// BuildKit sets it, for FROM lines.
    Platform,
    /// Every build takes it without an ARG, for the proxies of its RUNs.
    Proxy,
    /// For the builder, as `--build-arg`.
    Builder,
    /// For those who list what is in an image, as an ARG of the file.
    Scan,
}

use ArgumentKind::{Builder, Platform, Proxy, Scan};

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

const fn platform(name: &'static str, summary: &'static str) -> (ArgumentKind, Entry) {
    (Platform, Entry::new(name, summary, "automatic-platform-args-in-the-global-scope"))
}

const fn proxy(index: usize, summary: &'static str) -> (ArgumentKind, Entry) {
    (Proxy, Entry::new(PROXY_ARGS[index], summary, "predefined-args"))
}

const fn builder(name: &'static str, summary: &'static str) -> (ArgumentKind, Entry) {
    (Builder, Entry::new(name, summary, "buildkit-built-in-build-args"))
}

const fn scan(name: &'static str, summary: &'static str) -> (ArgumentKind, Entry) {
    let page = "https://docs.docker.com/build/metadata/attestations/sbom/#arguments";
    (Scan, Entry::new(name, summary, page))
}

const HTTP: &str = "The proxy for `http://` addresses";
const HTTPS: &str = "The proxy for `https://` addresses";
const FTP: &str = "The proxy for `ftp://` addresses";
const NONE: &str = "Hosts that no proxy is used for, with commas between";
const ALL: &str = "The proxy for all addresses that no other is for";

/// All of them (dockerfile2llb/platform.go, dockerui/config.go and docs/reference.md, "BuildKit built-in build args").
pub const ARGUMENTS: [(ArgumentKind, Entry); 32] = [
    platform("BUILDPLATFORM", "The platform of the machine that builds, such as `linux/amd64`"),
    platform("BUILDOS", "The operating system of the machine that builds, such as `linux`"),
    platform("BUILDOSVERSION", "The version of the operating system that builds; empty but for Windows"),
    platform("BUILDARCH", "The architecture of the machine that builds, such as `amd64`"),
    platform("BUILDVARIANT", "The variant of the architecture that builds, such as `v7`; often empty"),
    platform("TARGETPLATFORM", "The platform that is built for, such as `linux/arm64`"),
    platform("TARGETOS", "The operating system that is built for, such as `linux`"),
    platform(
        "TARGETOSVERSION",
        "The version of the operating system that is built for; empty but for Windows",
    ),
    platform("TARGETARCH", "The architecture that is built for, such as `arm64`"),
    platform("TARGETVARIANT", "The variant of the architecture that is built for, such as `v7`; often empty"),
    platform(
        "TARGETSTAGE",
        "The stage that is built: the value of `--target`, else the name of the last stage",
    ),
    proxy(0, HTTP),
    proxy(1, HTTP),
    proxy(2, HTTPS),
    proxy(3, HTTPS),
    proxy(4, FTP),
    proxy(5, FTP),
    proxy(6, NONE),
    proxy(7, NONE),
    proxy(8, ALL),
    proxy(9, ALL),
    builder("BUILDKIT_SYNTAX", "The image that reads the Dockerfile, whatever its `# syntax=` says"),
    builder(
        "BUILDKIT_INLINE_CACHE",
        "With `1`, the image carries what `--cache-from` needs to take it as a cache",
    ),
    builder("BUILDKIT_CONTEXT_KEEP_GIT_DIR", "With `1`, a Git repository as context keeps its `.git`"),
    builder("BUILDKIT_MULTI_PLATFORM", "With `1`, one platform gives an image index, as several do"),
    builder("BUILDKIT_CACHE_MOUNT_NS", "A prefix for the ids of cache mounts, which keeps projects apart"),
    builder("BUILDKIT_SANDBOX_HOSTNAME", "The host name that RUNs see; `buildkitsandbox` by default"),
    builder("BUILDKIT_BUILD_NAME", "The name of the build in histories"),
    builder(
        "BUILDKIT_DOCKERFILE_CHECK",
        "What a `# check=` directive would say, such as `skip=all` or `error=true`",
    ),
    builder(
        "SOURCE_DATE_EPOCH",
        "The time of the image and its files, in seconds since 1970, for builds that come out the same again",
    ),
    scan(
        "BUILDKIT_SBOM_SCAN_CONTEXT",
        "With `true`, the list of what is in the image covers the build context",
    ),
    scan(
        "BUILDKIT_SBOM_SCAN_STAGE",
        "With `true` or names of stages, the list covers stages that are not the last",
    ),
];

/// The argument of that name.
pub fn argument(name: &str) -> Option<(ArgumentKind, &'static Entry)> {
    ARGUMENTS.iter().find(|(_, entry)| entry.name == name).map(|(kind, entry)| (*kind, entry))
}

impl ArgumentKind {
    /// The section of the texts that is for all of the kind.
    pub fn heading(self) -> &'static str {
        match self {
            Platform => "platform",
            Proxy => "proxy",
            Builder => "builder",
            Scan => "scan",
        }
    }

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Platform => "platform argument",
            Proxy => "proxy argument",
            Builder | Scan => "argument of BuildKit",
        }
    }
}
