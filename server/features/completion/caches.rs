//! Directories in which well-known programs keep what they download or compile, for `RUN --mount=type=cache`.

use crate::images::PackageManager;

/// A directory that is worth keeping between builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cache {
    /// For root; absolute.
    pub target: &'static str,
    /// What is kept there.
    pub what: &'static str,
    /// The images that have the program.
    pub with: With,
    /// Whether only one build at a time may write to it.
    pub locked: bool,
}

/// What an image has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum With {
    /// A language, as the facts about images name it.
    Language(&'static str),
    Packages(PackageManager),
    Anything,
}

use With::{Anything, Language, Packages};

const fn cache(with: With, target: &'static str, what: &'static str) -> Cache {
    Cache { target, what, with, locked: false }
}

const fn locked(with: With, target: &'static str, what: &'static str) -> Cache {
    Cache { target, what, with, locked: true }
}

/// The directories, those of one kind of image in the order in which they matter.
pub(super) const CACHES: [Cache; 25] = [
    cache(Language("go"), "/go/pkg/mod", "Modules of Go"),
    cache(Language("go"), "/root/.cache/go-build", "What Go has compiled"),
    cache(Language("node"), "/root/.npm", "Packages of npm"),
    cache(Language("node"), "/root/.local/share/pnpm/store", "Packages of pnpm"),
    cache(Language("node"), "/usr/local/share/.cache/yarn", "Packages of Yarn 1"),
    cache(Language("bun"), "/root/.bun/install/cache", "Packages of Bun"),
    cache(Language("python"), "/root/.cache/pip", "Packages of pip"),
    cache(Language("python"), "/root/.cache/uv", "Packages of uv"),
    cache(Language("python"), "/root/.cache/pypoetry", "Packages of Poetry"),
    cache(Language("rust"), "/usr/local/cargo/registry", "Crates"),
    cache(Language("rust"), "/usr/local/cargo/git", "Crates from Git repositories"),
    cache(Language("java"), "/root/.m2", "Artifacts of Maven"),
    cache(Language("java"), "/root/.gradle", "Artifacts of Gradle"),
    cache(Language("dotnet"), "/root/.nuget/packages", "Packages of NuGet"),
    cache(Language("php"), "/tmp/cache", "Packages of Composer, in its image"),
    cache(Language("ruby"), "/usr/local/bundle/cache", "Gems"),
    cache(Language("elixir"), "/root/.hex", "Packages of Hex"),
    // Images of Debian and Ubuntu have a file that makes apt remove what it has installed from.
    locked(
        Packages(PackageManager::Apt),
        "/var/cache/apt",
        "Packages of apt, without /etc/apt/apt.conf.d/docker-clean",
    ),
    locked(Packages(PackageManager::Apt), "/var/lib/apt", "Lists of packages of apt"),
    // Packages are kept only where /etc/apk/cache is a link to it.
    cache(Packages(PackageManager::Apk), "/var/cache/apk", "Lists of packages of apk"),
    // Packages are kept only with `keepcache=1`.
    locked(Packages(PackageManager::Rpm), "/var/cache/dnf", "Lists of packages of dnf"),
    locked(Packages(PackageManager::Rpm), "/var/cache/libdnf5", "Lists of packages of dnf 5"),
    locked(Packages(PackageManager::Rpm), "/var/cache/yum", "Lists of packages of yum"),
    locked(Packages(PackageManager::Zypper), "/var/cache/zypp", "Lists of packages of zypper"),
    cache(Anything, "/root/.cache", "Caches of many programs"),
];
