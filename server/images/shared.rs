//! What all tags of a repository have in common, for an image by digest alone.

use super::{
    Facts, Family, Libc, PackageManager, Role, Setting, Shell,
    row::Told,
    table::{Groups, Repository},
};

/// Facts on which all rows agree, those for Windows aside if there are others; of what an image may have, all.
pub(super) fn facts(repository: &Repository, groups: Groups) -> Option<Facts> {
    let told = Told { repository: repository.name, tag: None, groups };
    let has_other = repository.rows().any(|row| row.family != Family::Windows);
    let rows = repository.rows().filter(|row| !has_other || row.family != Family::Windows);
    let mut all = rows.map(|row| row.facts(&told));
    let first = Facts { siblings: Vec::new(), ..all.next()? };
    Some(all.fold(first, join))
}

fn join(a: Facts, b: Facts) -> Facts {
    Facts {
        repository: a.repository,
        family: same(a.family, b.family).unwrap_or(Family::Unknown),
        os: same(a.os, b.os).unwrap_or_else(|| "unknown".to_owned()),
        libc: same(a.libc, b.libc).unwrap_or(Libc::Unknown),
        glibc: same(a.glibc, b.glibc).flatten(),
        package_manager: same(a.package_manager, b.package_manager).unwrap_or(PackageManager::Unknown),
        shell: same(a.shell, b.shell).unwrap_or(Shell::Unknown),
        workdir: same(a.workdir, b.workdir).flatten(),
        user: same(a.user, b.user).flatten(),
        users: both(a.users, b.users),
        // No groups means that they are not known.
        groups: if a.groups.is_empty() || b.groups.is_empty() {
            Vec::new()
        } else {
            both(a.groups, b.groups)
        },
        entrypoint: same(a.entrypoint, b.entrypoint).unwrap_or(Setting::Unknown),
        cmd: same(a.cmd, b.cmd).unwrap_or(Setting::Unknown),
        env: both(a.env, b.env),
        path: both(a.path, b.path),
        language: same(a.language, b.language).flatten(),
        role: same(a.role, b.role).unwrap_or(Role::Both),
        has_compiler: same(a.has_compiler, b.has_compiler).flatten(),
        has_ca_certificates: same(a.has_ca_certificates, b.has_ca_certificates).flatten(),
        siblings: Vec::new(),
        notes: same(a.notes, b.notes).unwrap_or_default(),
        source: same(a.source, b.source).unwrap_or_default(),
        confidence: a.confidence.min(b.confidence),
    }
}

fn same<T: PartialEq>(a: T, b: T) -> Option<T> {
    (a == b).then_some(a)
}

fn both(mut a: Vec<String>, b: Vec<String>) -> Vec<String> {
    for name in b {
        if !a.contains(&name) {
            a.push(name);
        }
    }
    a
}
