//! What is known of base images: their system, their shell, what they set.
//!
//! The facts stand in `base-images.jsonl` and `families.json`, each with its source; README.md beside them says how to add
//! one. What is not known there is `None` or `Unknown`, and a rule must then be silent. Nothing is read before the first
//! image is asked for.

mod glibc;
mod names;
pub mod pages;
mod row;
mod shared;
mod table;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use serde::Deserialize;

use crate::stages::Image;
use row::Told;

/// What is known of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The name under which the facts stand, such as `golang`, `gcr.io/distroless/static`.
    pub repository: String,
    pub family: Family,
    /// Finer than the family: `azurelinux`, `amazonlinux-2`. `unknown` where it is.
    pub os: String,
    pub libc: Libc,
    /// The version of glibc, where the name of the image tells the release of its distribution.
    pub glibc: Option<(u32, u32)>,
    pub package_manager: PackageManager,
    pub shell: Shell,
    /// The directory that it starts in; `/` where the image sets none, `None` where that is not known.
    pub workdir: Option<String>,
    /// The user that it runs as; `root` where the image sets none, `None` where that is not known.
    pub user: Option<String>,
    /// Accounts in /etc/passwd, those of its family included.
    pub users: Vec<String>,
    /// Groups in /etc/group, likewise; empty where they are not known.
    pub groups: Vec<String>,
    pub entrypoint: Setting,
    pub cmd: Setting,
    /// Variables that it may set.
    pub env: Vec<String>,
    /// Directories that it puts in PATH.
    pub path: Vec<String>,
    pub language: Option<Language>,
    pub role: Role,
    pub has_compiler: Option<bool>,
    pub has_ca_certificates: Option<bool>,
    /// Smaller images for the same, their names filled in, with when to take them.
    pub siblings: Vec<Sibling>,
    /// In a sentence or two, for people.
    pub notes: String,
    /// Where they were read: `repository@commit:file`, or in words.
    pub source: String,
    pub confidence: Confidence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    Debian,
    Ubuntu,
    Alpine,
    Rhel,
    Wolfi,
    Busybox,
    /// Distroless without a libc.
    DistrolessStatic,
    Distroless,
    Scratch,
    Windows,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Libc {
    Glibc,
    Musl,
    /// There is none.
    None,
    Unknown,
}

/// The group of programs that install packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageManager {
    Apt,
    Apk,
    /// dnf, microdnf, yum, tdnf.
    #[serde(alias = "dnf", alias = "microdnf", alias = "yum", alias = "tdnf")]
    Rpm,
    Zypper,
    Pacman,
    None,
    Unknown,
}

/// The best shell of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    Bash,
    Sh,
    None,
    PowerShell,
    Cmd,
    Unknown,
}

/// An ENTRYPOINT or CMD of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    Words(Vec<String>),
    NotSet,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// `node`, `python`, `go`, …
    pub name: String,
    /// As far as the tag tells.
    pub version: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Builder,
    Runtime,
    #[default]
    Both,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sibling {
    pub image: String,
    pub when: String,
}

/// How the facts came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Good enough for hovers only.
    General,
    Documented,
    /// Read in the image's own source.
    Read,
}

impl Facts {
    /// Whether warnings may rest on it.
    pub fn is_certain(&self) -> bool {
        self.confidence >= Confidence::Documented
    }

    /// Whether it may set a variable.
    pub fn sets(&self, variable: &str) -> bool {
        // Every image has a PATH, or the builder gives it one (util/system/path.go).
        variable == "PATH" || self.env.iter().any(|name| name == variable)
    }

    /// Whether it may have an account of that name. Accounts that are not well known may be there.
    pub fn has_user(&self, name: &str) -> bool {
        let known = self.is_certain() && self.family != Family::Unknown;
        !known || self.users.iter().any(|user| user == name)
    }

    /// Whether it may have a group of that name.
    pub fn has_group(&self, name: &str) -> bool {
        let known = self.is_certain() && (!self.groups.is_empty() || self.family == Family::Scratch);
        !known || self.groups.iter().any(|group| group == name)
    }
}

/// What is known of an image; `None` for an unknown one. Of an image by digest alone, what all its tags share.
///
/// `windows`: the build is one for Windows, where tags that are shared between systems mean another image.
pub fn facts(image: &Image, windows: bool) -> Option<Arc<Facts>> {
    /// Enough for the images of any workspace; names that are being typed must not pile up.
    const LIMIT: usize = 2048;
    type Cache = HashMap<(String, bool), Option<Arc<Facts>>>;
    static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);

    let name = names::canonical(image);
    // Where both are written, the tag tells more, and is likely to tell the truth.
    let tag = match (&image.tag, &image.digest) {
        (Some(tag), _) => Some(tag.as_str()),
        (None, Some(_)) => None,
        (None, None) => Some("latest"),
    };
    let key = (tag.map_or_else(|| name.clone(), |tag| format!("{name}:{tag}")), windows);
    if let Some(known) = CACHE.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return known.clone();
    }
    let found = look_up(&name, tag, windows).map(Arc::new);
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if cache.len() >= LIMIT {
        cache.clear();
    }
    cache.insert(key, found.clone());
    found
}

impl Facts {
    /// Whether an account comes with the system that the image is made of, rather than with the image.
    pub fn is_account_of_system(&self, name: &str) -> bool {
        row::is_of_family(self.family, name)
    }
}

/// The names of images that something is known of, those that most people build on first.
pub fn known() -> impl Iterator<Item = &'static str> {
    /// After the FROMs of public repositories.
    const USUAL: [&str; 18] = [
        "alpine",
        "debian",
        "ubuntu",
        "node",
        "python",
        "golang",
        "nginx",
        "rust",
        "eclipse-temurin",
        "php",
        "ruby",
        "mcr.microsoft.com/dotnet/sdk",
        "mcr.microsoft.com/dotnet/aspnet",
        "gcr.io/distroless/static-debian12",
        "maven",
        "gradle",
        "busybox",
        "postgres",
    ];
    USUAL.into_iter().chain(table::names().filter(|name| !USUAL.contains(name)))
}

/// Tags that an image has, by its name as the facts have it; by far not all.
pub fn known_tags(image: &Image) -> Vec<&'static str> {
    /// What people choose an image for, rather than a version, and the families whose images have such tags: many patterns
    /// of the table take any tag.
    const VARIANTS: [(&str, &[Family]); 8] = [
        ("alpine", &[Family::Alpine]),
        ("slim", &[Family::Debian]),
        ("bookworm", &[Family::Debian]),
        ("bookworm-slim", &[Family::Debian]),
        ("trixie", &[Family::Debian]),
        ("nonroot", &[Family::Distroless, Family::DistrolessStatic]),
        ("debug", &[Family::Distroless, Family::DistrolessStatic]),
        ("debug-nonroot", &[Family::Distroless, Family::DistrolessStatic]),
    ];
    let name = names::canonical(image);
    let Some(found) = table::find(&name) else { return Vec::new() };
    let has = |(tag, families): &(&str, &[Family])| {
        found.repository.names_tag(tag)
            && look_up(&name, Some(tag), false).is_some_and(|facts| families.contains(&facts.family))
    };
    VARIANTS.into_iter().filter(has).map(|(tag, _)| tag).collect()
}

/// What is known of `FROM scratch`: that there is nothing.
pub fn scratch() -> Arc<Facts> {
    static SCRATCH: LazyLock<Arc<Facts>> = LazyLock::new(|| {
        Arc::new(Facts {
            repository: "scratch".to_owned(),
            family: Family::Scratch,
            os: "none".to_owned(),
            libc: Libc::None,
            glibc: None,
            package_manager: PackageManager::None,
            shell: Shell::None,
            workdir: Some("/".to_owned()),
            user: Some("root".to_owned()),
            users: Vec::new(),
            groups: Vec::new(),
            entrypoint: Setting::NotSet,
            cmd: Setting::NotSet,
            env: Vec::new(),
            path: Vec::new(),
            language: None,
            role: Role::Runtime,
            has_compiler: Some(false),
            has_ca_certificates: Some(false),
            siblings: Vec::new(),
            notes: "Not an image, but a reserved word: no files, no users, no shell.".to_owned(),
            source: "moby/buildkit: frontend/dockerfile/dockerfile2llb/convert.go".to_owned(),
            confidence: Confidence::Read,
        })
    });
    SCRATCH.clone()
}

fn look_up(name: &str, tag: Option<&str>, windows: bool) -> Option<Facts> {
    let found = table::find(name)?;
    let repository = found.repository;
    let facts = match tag {
        Some(tag) => {
            let (row, groups) = repository.row(tag)?;
            let groups = groups.or(found.groups);
            row.facts(&Told { repository: repository.name, tag: Some(tag), groups })
        }
        None => shared::facts(repository, found.groups)?,
    };
    (!windows || facts.family == Family::Windows).then_some(facts)
}
