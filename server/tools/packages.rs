//! The package managers of systems.

use super::call::Call;
use super::words::{Operand, Part, Word, words};
use super::writes::{nothing, system};
use super::{Output, Product, Writes};
use crate::images::PackageManager;
use crate::shell::Argument;

/// What a call asks of a system's package manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packages<'a> {
    pub manager: PackageManager,
    pub action: Action,
    /// Those that it names; local files are none.
    pub packages: Vec<Package<'a>>,
    /// Whether these are all: no variable or pattern may hold more.
    pub complete: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package<'a> {
    pub argument: &'a Argument,
    /// Without version and repository: `curl` of `curl=8.5.0-r0`.
    pub name: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Install,
    Remove,
    /// Fetches the lists of packages.
    Update,
    /// Takes lists and caches away.
    Clean,
    Other,
}

const APT: &[&str] = &[
    "t",
    "target-release",
    "default-release",
    "o",
    "option",
    "c",
    "config-file",
    "a",
    "host-architecture",
    "P",
];
const APK: &[&str] = &[
    "t",
    "virtual",
    "X",
    "repository",
    "p",
    "root",
    "keys-dir",
    "repositories-file",
    "cache-dir",
    "wait",
    "arch",
    "cache-max-age",
    "progress-fd",
    "timeout",
];
const RPM: &[&str] = &[
    "c",
    "config",
    "d",
    "e",
    "R",
    "installroot",
    "releasever",
    "enablerepo",
    "disablerepo",
    "repo",
    "repoid",
    "setopt",
    "x",
    "exclude",
    "excludepkgs",
    "forcearch",
    "comment",
    "downloaddir",
    "destdir",
    "errorlevel",
    "debuglevel",
];
const ZYPPER: &[&str] =
    &["R", "root", "r", "repo", "from", "t", "type", "D", "C", "cache-dir", "p", "plus-repo"];
const PACMAN: &[&str] = &["r", "root", "b", "dbpath", "config", "cachedir", "ignore", "overwrite"];

pub(super) fn is_manager(name: &str) -> bool {
    manager(name).is_some()
        || matches!(name, "dpkg" | "rpm" | "add-apt-repository" | "apt-add-repository" | "yum-config-manager")
}

fn manager(name: &str) -> Option<(PackageManager, &'static [&'static str])> {
    Some(match name {
        "apt-get" | "apt" | "aptitude" => (PackageManager::Apt, APT),
        "apk" | "xx-apk" => (PackageManager::Apk, APK),
        "xx-apt" | "xx-apt-get" => (PackageManager::Apt, APT),
        "dnf" | "yum" | "microdnf" | "tdnf" | "dnf5" => (PackageManager::Rpm, RPM),
        "zypper" => (PackageManager::Zypper, ZYPPER),
        "pacman" => (PackageManager::Pacman, PACMAN),
        _ => return None,
    })
}

/// What a call asks of the package manager that it is.
pub fn packages<'a>(call: Call<'a>) -> Option<Packages<'a>> {
    let (manager, valued) = manager(call.name)?;
    let mut found = Packages { manager, action: Action::Other, packages: Vec::new(), complete: true };
    let mut action = None;
    if manager == PackageManager::Pacman {
        action = Some(pacman(call));
    }
    for word in words(call.arguments, valued) {
        let Word::Operand(operand) = word else { continue };
        if action.is_none() {
            action = Some(operand.text().map_or(Action::Other, verb));
            continue;
        }
        found.complete &= !operand.parts().any(|part| matches!(part, Part::Variable(_) | Part::Unknown));
        let text = operand.leading();
        // `./a.deb`, `https://…/a.rpm`, `*.rpm`
        if text.contains('/') || text.ends_with(".deb") || text.ends_with(".rpm") || text.ends_with(".apk") {
            continue;
        }
        if let Some(name) = name(operand, manager) {
            found.packages.push(Package { argument: operand.argument, name });
        }
    }
    found.action = action.unwrap_or(Action::Other);
    Some(found)
}

fn verb(word: &str) -> Action {
    match word {
        "install" | "add" | "in" | "localinstall" | "groupinstall" | "reinstall" | "build-dep" => {
            Action::Install
        }
        "remove" | "purge" | "del" | "erase" | "rm" | "autoremove" | "auto-remove" | "autopurge" => {
            Action::Remove
        }
        "update" | "makecache" | "refresh" | "ref" | "check-update" => Action::Update,
        "clean" | "autoclean" | "distclean" | "cache" | "cc" => Action::Clean,
        _ => Action::Other,
    }
}

/// `-Syu a` updates and installs, `-Sy` only updates, `-Scc` cleans.
fn pacman(call: Call) -> Action {
    let mut flags = words(call.arguments, PACMAN);
    let has = |letter: &str| {
        words(call.arguments, PACMAN).any(|word| matches!(word, Word::Flag(flag, _) if flag == letter))
    };
    let names = flags.any(|word| matches!(word, Word::Operand(_)));
    match () {
        () if has("R") || has("remove") => Action::Remove,
        () if has("c") || has("clean") => Action::Clean,
        () if (has("S") || has("sync") || has("U")) && names => Action::Install,
        () if has("y") || has("refresh") => Action::Update,
        () => Action::Other,
    }
}

/// Its name without what a manager takes behind it; `None` if a variable is part of that.
fn name<'a>(operand: Operand<'a>, manager: PackageManager) -> Option<&'a str> {
    let ends: &[char] = match manager {
        PackageManager::Apt => &['=', ':', '/'],
        PackageManager::Apk => &['=', '<', '>', '~', '@'],
        _ => &['=', '<', '>'],
    };
    let text = operand.leading();
    let name = match text.find(ends) {
        Some(end) => &text[..end],
        None => operand.text()?,
    };
    // `curl-` takes it away.
    (!name.is_empty() && !name.ends_with('-') && !name.starts_with(['!', '-'])).then_some(name)
}

pub(super) fn writes<'a>(call: Call<'a>) -> Writes<'a> {
    let root = |valued: &'static [&'static str], wanted: &[&str]| {
        words(call.arguments, valued).find_map(|word| match word {
            Word::Flag(name, value) if wanted.contains(&name) => value,
            _ => None,
        })
    };
    let elsewhere = match call.name {
        "apk" => root(APK, &["p", "root"]),
        "zypper" => root(ZYPPER, &["R", "root"]),
        "pacman" => root(PACMAN, &["r", "root"]),
        "dpkg" => root(&["root", "instdir"], &["root", "instdir"]),
        _ => root(RPM, &["installroot", "destdir", "downloaddir", "root"]),
    };
    let to = |folder| Writes::Only(vec![Output::under(folder, Product::Other)]);
    match (elsewhere, call.name) {
        (Some(folder), _) => to(folder),
        (None, "dpkg") if call.says("-x") || call.says("--extract") || call.says("-X") => {
            call.arguments.last().map_or(Writes::Anything, |folder| to(folder.into()))
        }
        (None, "apk") if call.says("fetch") => Writes::AtLeast(Vec::new()),
        (None, "apt-get" | "apt") if call.says("download") || call.says("source") => {
            Writes::AtLeast(Vec::new())
        }
        (None, _) => match packages(call).map(|found| found.action) {
            Some(Action::Update | Action::Clean | Action::Remove) => nothing(),
            _ => system(),
        },
    }
}
