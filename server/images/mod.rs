//! What is known of base images: their system, their shell, what they set.
//!
//! The facts stand in `base-images.json`, each with its source. What is not known there is `None` or `Unknown`, and a rule
//! must then be silent.

use std::sync::Arc;

use crate::stages::Image;

/// What is known of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The name under which the facts stand, such as `golang`, `gcr.io/distroless/static`.
    pub repository: String,
    pub family: Family,
    /// Finer than the family: `azurelinux`, `amazonlinux-2`.
    pub os: String,
    pub libc: Libc,
    pub package_manager: PackageManager,
    pub shell: Shell,
    /// The directory that it starts in; `/` where the image sets none, `None` where that is not known.
    pub workdir: Option<String>,
    /// The user that it runs as; `root` where the image sets none, `None` where that is not known.
    pub user: Option<String>,
    /// Accounts in /etc/passwd, those of its family included.
    pub users: Vec<String>,
    /// Groups in /etc/group, likewise.
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
    pub confidence: Confidence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Libc {
    Glibc,
    Musl,
    /// There is none.
    None,
    Unknown,
}

/// The group of programs that install packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PackageManager {
    Apt,
    Apk,
    /// dnf, microdnf, yum, tdnf.
    Rpm,
    Zypper,
    Pacman,
    None,
    Unknown,
}

/// The best shell of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Builder,
    Runtime,
    Both,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sibling {
    pub image: String,
    pub when: String,
}

/// How the facts came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
}

/// What is known of an image; `None` for an unknown one. Of an image by digest alone, what all its tags share.
///
/// `windows`: the build is one for Windows, where tags that are shared between systems mean another image.
pub fn facts(_image: &Image, _windows: bool) -> Option<Arc<Facts>> {
    None
}
