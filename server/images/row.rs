//! One row of the table, and the facts that it gives for an image.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    Confidence, Facts, Family, Language, Libc, PackageManager, Role, Setting, Shell, Sibling, glibc,
    table::Groups,
};

pub(super) const FAMILIES: &str = include_str!("families.json");

/// One row, as README.md beside it describes it. Fields that are not written have the value of the family, or are not set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub tags: String,
    pub family: Family,
    os: Option<String>,
    libc: Option<Libc>,
    packages: Option<PackageManager>,
    shell: Option<Shell>,
    workdir: Option<String>,
    user: Option<String>,
    #[serde(default)]
    users: Vec<String>,
    entrypoint: Option<Written>,
    cmd: Option<Written>,
    #[serde(default)]
    env: Vec<String>,
    #[serde(default)]
    path: Vec<String>,
    language: Option<String>,
    version: Option<Version>,
    #[serde(default)]
    role: Role,
    compiler: Option<bool>,
    certificates: Option<bool>,
    #[serde(default)]
    pub siblings: Vec<SiblingPattern>,
    #[serde(default)]
    notes: String,
    pub source: String,
    pub confidence: Confidence,
    #[serde(default)]
    general: Vec<Field>,
}

/// `["a", "b"]` or `"unknown"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Written {
    Words(Vec<String>),
    Unknown(Unknown),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Unknown {
    Unknown,
}

/// Where the version of the language stands.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Version {
    /// `true`: in the group `version` of a pattern, which otherwise is the version of something else.
    Group(bool),
    /// It goes with the release of the distribution: `debian12` → `3.11`.
    Release(BTreeMap<String, String>),
}

/// A smaller image, with placeholders.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SiblingPattern {
    pub image: String,
    when: String,
    /// Major versions for which it exists, where not for all.
    majors: Option<Vec<String>>,
}

/// Fields of a row that may be known less well than the rest of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Field {
    Libc,
    Packages,
    Shell,
    Workdir,
    User,
    Users,
    Entrypoint,
    Cmd,
    Env,
    Path,
    Language,
    Compiler,
    Certificates,
}

/// What the images of a family have in common. The file has notes and sources too, for whoever maintains it.
#[derive(Debug, Deserialize)]
struct System {
    os: String,
    libc: Libc,
    packages: PackageManager,
    shell: Shell,
    #[serde(default)]
    users: Vec<String>,
    #[serde(default)]
    groups: Vec<String>,
}

/// What the name of an image tells.
pub(super) struct Told<'a> {
    pub repository: &'a str,
    /// `None` where there is only a digest.
    pub tag: Option<&'a str>,
    pub groups: Groups,
}

impl Row {
    /// Reads a row: what its repository's line says holds where the row says nothing.
    pub(super) fn read(header: &Map<String, Value>, line: &str) -> serde_json::Result<Row> {
        let mut fields = header.clone();
        for name in ["repository", "names", "aliases"] {
            fields.remove(name);
        }
        let own: Map<String, Value> = serde_json::from_str(line)?;
        let shared = fields.get("notes").and_then(Value::as_str).map(str::to_owned);
        fields.extend(own);
        if let (Some(shared), Some(Value::String(notes))) = (shared, fields.get_mut("notes"))
            && *notes != shared
        {
            *notes = format!("{shared} {notes}");
        }
        serde_json::from_value(Value::Object(fields))
    }

    /// The facts for an image that this row is about.
    pub(super) fn facts(&self, told: &Told<'_>) -> Facts {
        let system = system(self.family);
        let guessed = |field| self.general.contains(&field);
        let libc = if guessed(Field::Libc) { Libc::Unknown } else { self.libc.unwrap_or(system.libc) };
        let os = self.os.as_ref().unwrap_or(&system.os);
        let version = self.version(&told.groups);
        let text = |value: &Option<String>, field, unset: &str| match value {
            _ if guessed(field) => None,
            Some(value) => Some(value.clone()),
            // Nothing written means that nothing is set only where somebody looked.
            None => (self.confidence > Confidence::General).then(|| unset.to_owned()),
        };
        let setting = |written: &Option<Written>, field| match written {
            _ if guessed(field) => Setting::Unknown,
            Some(Written::Words(words)) if words.is_empty() => Setting::NotSet,
            Some(Written::Words(words)) => {
                let version = version.as_deref().unwrap_or_default();
                Setting::Words(words.iter().map(|word| word.replace("{version}", version)).collect())
            }
            Some(Written::Unknown(Unknown::Unknown)) => Setting::Unknown,
            None if self.confidence == Confidence::General => Setting::Unknown,
            None => Setting::NotSet,
        };
        Facts {
            repository: told.repository.to_owned(),
            family: self.family,
            libc,
            package_manager: match self.packages.unwrap_or(system.packages) {
                // Which of them it is was not read, but it is one of them.
                PackageManager::Rpm => PackageManager::Rpm,
                _ if guessed(Field::Packages) => PackageManager::Unknown,
                packages => packages,
            },
            shell: if guessed(Field::Shell) { Shell::Unknown } else { self.shell.unwrap_or(system.shell) },
            workdir: text(&self.workdir, Field::Workdir, "/"),
            user: text(&self.user, Field::User, "root"),
            users: union([&system.users, &self.users]),
            // An account comes with a group of its name. Where the family's groups are not known, none is listed.
            groups: if system.groups.is_empty() {
                Vec::new()
            } else {
                union([&system.groups, &system.users, &self.users])
            },
            entrypoint: setting(&self.entrypoint, Field::Entrypoint),
            cmd: setting(&self.cmd, Field::Cmd),
            env: self.env.clone(),
            path: self.path.clone(),
            glibc: if libc == Libc::Glibc { glibc::version(os, told) } else { None },
            os: os.clone(),
            siblings: self.siblings.iter().filter_map(|sibling| sibling.fill(told)).collect(),
            language: self.language.clone().map(|name| Language { name, version }),
            role: self.role,
            has_compiler: self.compiler,
            has_ca_certificates: self.certificates,
            notes: self.notes.clone(),
            source: self.source.clone(),
            confidence: self.confidence,
        }
    }

    fn version(&self, groups: &Groups) -> Option<String> {
        match self.version.as_ref()? {
            Version::Group(true) => groups.version.clone(),
            Version::Group(false) => None,
            Version::Release(versions) => {
                let release = format!("{}{}", system(self.family).os, groups.os_release.as_deref()?);
                versions.get(&release).cloned()
            }
        }
    }
}

impl SiblingPattern {
    /// With all placeholders filled in; `None` where one has no value.
    fn fill(&self, told: &Told<'_>) -> Option<Sibling> {
        let groups = &told.groups;
        let major = groups.version.as_deref().and_then(|version| version.split('.').next());
        if let Some(majors) = &self.majors {
            let major = major?;
            if !majors.iter().any(|known| known == major) {
                return None;
            }
        }
        // There is `12-slim`, but no `latest-slim`.
        let tag = told.tag.filter(|tag| *tag != "latest");
        let mut image = self.image.clone();
        for (placeholder, value) in [
            ("{version}", groups.version.as_deref()),
            ("{version_major}", major),
            ("{variant}", groups.variant.as_deref()),
            ("{os_release}", groups.os_release.as_deref()),
            ("{tag}", tag),
        ] {
            if image.contains(placeholder) {
                image = image.replace(placeholder, value?);
            }
        }
        Some(Sibling { image, when: self.when.clone() })
    }
}

/// Whether every image of a family has the account.
pub(super) fn is_of_family(family: Family, name: &str) -> bool {
    let system = system(family);
    system.users.iter().chain(&system.groups).any(|other| other == name)
}

fn system(family: Family) -> &'static System {
    static SYSTEMS: LazyLock<HashMap<Family, System>> =
        LazyLock::new(|| serde_json::from_str(FAMILIES).expect("a test reads it"));
    &SYSTEMS[&family]
}

fn union<const N: usize>(lists: [&[String]; N]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in lists.into_iter().flatten() {
        if !all.contains(name) {
            all.push(name.clone());
        }
    }
    all
}
