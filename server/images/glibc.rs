//! Which glibc a release of a distribution has: a program linked against a newer one does not start there.

use super::row::Told;

/// Release → version. All of a distribution's releases keep their glibc's version for good.
const DEBIAN: &[(&str, (u32, u32))] = &[
    ("stretch", (2, 24)),
    ("9", (2, 24)),
    ("buster", (2, 28)),
    ("10", (2, 28)),
    ("bullseye", (2, 31)),
    ("11", (2, 31)),
    ("bookworm", (2, 36)),
    ("12", (2, 36)),
    ("trixie", (2, 41)),
    ("13", (2, 41)),
];
const UBUNTU: &[(&str, (u32, u32))] = &[
    ("xenial", (2, 23)),
    ("16.04", (2, 23)),
    ("bionic", (2, 27)),
    ("18.04", (2, 27)),
    ("focal", (2, 31)),
    ("20.04", (2, 31)),
    ("jammy", (2, 35)),
    ("22.04", (2, 35)),
    ("noble", (2, 39)),
    ("24.04", (2, 39)),
];
/// Red Hat's, and what is built from its sources.
const RHEL: &[(&str, (u32, u32))] = &[("7", (2, 17)), ("8", (2, 28)), ("9", (2, 34)), ("10", (2, 39))];
const AMAZON: &[(&str, (u32, u32))] = &[("2", (2, 26)), ("2023", (2, 34))];

/// Repositories whose tags are releases of the distribution itself.
const DISTRIBUTIONS: [&str; 7] =
    ["debian", "ubuntu", "almalinux", "rockylinux", "oraclelinux", "amazonlinux", "centos"];

/// The version in an image of a glibc system, where its name tells the release; `None` where that moves, as in `node:20`.
pub(super) fn version(os: &str, told: &Told<'_>) -> Option<(u32, u32)> {
    let (distribution, release) = os.split_once('-').unwrap_or((os, ""));
    let versions = match distribution {
        "debian" => DEBIAN,
        "ubuntu" => UBUNTU,
        "rhel" | "centos" | "almalinux" | "rockylinux" | "oraclelinux" => RHEL,
        "amazonlinux" => AMAZON,
        _ => return None,
    };
    let of =
        |release: &str| versions.iter().find(|(known, _)| *known == release).map(|(_, version)| *version);
    if let Some(version) = of(release).or_else(|| of(told.groups.os_release.as_deref()?)) {
        return Some(version);
    }
    let mut words = told.tag?.split('-');
    if DISTRIBUTIONS.contains(&told.repository) {
        let first = words.clone().next()?;
        // Point releases keep it: `12.5`, `9.3`.
        return of(first).or_else(|| of(first.split('.').next()?));
    }
    // A number alone is the version of something else.
    words.find_map(|word| {
        let name = word.strip_prefix(distribution).unwrap_or(word);
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        if is_number { None } else { of(name) }
    })
}
