use std::ops::Range;

use super::{
    Findings, Severity,
    bases::{is_copied, root_name, root_place},
    context::Context,
    rule,
    running::Running,
    stage_edits::replace,
};
use crate::{
    images::{Facts, Family, PackageManager},
    tools::{self, Action, Packages},
};

rule! {
    /// A package manager that the image does not have, or a package that has another name there.
    ///
    /// ## Why
    /// Alpine has `apk`, Debian and Ubuntu have `apt-get`, Red Hat's family has `dnf`. None of them is in an image of the others,
    /// and many packages have other names there.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apt-get update && apt-get install -y curl
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache curl
    /// ```
    WRONG_PACKAGE_MANAGER: "wrong-package-manager", "A package manager, or a package, that the image's distribution does not have", Warning, check
}

/// Packages by the names that Debian and Ubuntu, and that Alpine have for them; neither has the other's.
const NAMES: [(&str, &str); 10] = [
    ("build-essential", "build-base"),
    ("libcurl4-openssl-dev", "curl-dev"),
    ("libpq-dev", "postgresql-dev"),
    ("libsqlite3-dev", "sqlite-dev"),
    ("libssl-dev", "openssl-dev"),
    ("openjdk-11-jdk", "openjdk11"),
    ("openjdk-17-jdk", "openjdk17"),
    ("openjdk-17-jre", "openjdk17-jre"),
    ("python3-pip", "py3-pip"),
    ("zlib1g-dev", "zlib-dev"),
];

/// Names of Alpine's packages that people get wrong.
const MISSPELT: [(&str, &str); 1] = [("openssl-lib-static", "openssl-libs-static")];

fn check(context: &Context<'_>, out: &mut Findings) {
    // The first call of a stage stands for all: its FROM is what is wrong.
    let mut told = None;
    let mut asked = None;
    for running in context.running() {
        let Some(packages) = running.call.and_then(tools::packages) else { continue };
        let flow = running.flow();
        let Some(facts) = flow.certain_image() else { continue };
        if packages.manager == facts.package_manager {
            if packages.action == Action::Install {
                names(context, out, running, facts, &packages);
            }
            continue;
        }
        let script = (running.instruction, running.line.script);
        if told == Some(running.stage)
            || asked == Some(script)
            || !has_another(facts)
            || running.name().starts_with("xx-")
            || running.line.command.conditional
        {
            continue;
        }
        if asks_first(running) {
            asked = Some(script);
            continue;
        }
        told = Some(running.stage);
        if may_have(context, running, facts) {
            continue;
        }
        let base = root_name(context, flow);
        let message = match name_of(facts.package_manager) {
            Some(own) => format!("{base} has no `{}`: it installs packages with {own}", running.name()),
            None => format!("{base} has no `{}`, nor another package manager", running.name()),
        };
        let finding = out.report(&WRONG_PACKAGE_MANAGER, program(running), message);
        if let Some(place) = root_place(context, flow) {
            finding.related(place, "The image of this stage");
        }
    }
}

/// Whether all that an image has to install packages with is known.
fn has_another(facts: &Facts) -> bool {
    match facts.package_manager {
        PackageManager::Unknown => false,
        // Without a shell the RUN has another finding.
        PackageManager::None => facts.family == Family::Busybox,
        _ => facts.family != Family::Unknown,
    }
}

/// `which apk && apk add`, `chroot / apt-get update`
fn asks_first(running: &Running<'_>) -> bool {
    let mut calls = running.line.ran.script.commands.iter().filter_map(tools::call);
    calls.any(|call| {
        matches!(call.name, "command" | "which" | "type" | "hash" | "test" | "[" | "[[" | "chroot")
    })
}

/// Whether a stage may have got the package manager that it calls: one distribution packages the tools of the others, and a
/// COPY may bring anything.
fn may_have(context: &Context<'_>, running: &Running<'_>, facts: &Facts) -> bool {
    const PACKAGES: [&str; 9] =
        ["apt", "apk-tools", "dnf", "microdnf", "yum", "zypper", "pacman", "dpkg", "rpm"];
    const PROGRAMS: [&str; 5] = ["/usr/bin/x", "/usr/sbin/x", "/bin/x", "/sbin/x", "/usr/local/bin/x"];
    let flow = running.flow();
    let calls = flow.chain().flat_map(|stage| context.running_in(stage.index())).filter_map(|it| it.call);
    let mut own = calls.filter_map(tools::packages).filter(|found| found.manager == facts.package_manager);
    let name = running.name();
    own.any(|found| !found.complete || found.packages.iter().any(|package| PACKAGES.contains(&package.name)))
        || flow.facts().any(|fact| {
            let is_there = fact.path.ends_with(name) || PROGRAMS.iter().any(|path| fact.touches(path));
            is_there && is_copied(context, fact)
        })
}

/// Packages that have another name in this distribution.
fn names(
    context: &Context<'_>,
    out: &mut Findings,
    running: &Running<'_>,
    facts: &Facts,
    packages: &Packages<'_>,
) {
    let wanted = |name: &str| {
        let pair = |(debian, alpine): &(&'static str, &'static str)| match facts.family {
            Family::Alpine if *debian == name => Some(*alpine),
            Family::Debian | Family::Ubuntu if *alpine == name => Some(*debian),
            _ => None,
        };
        let misspelt = |(wrong, right): &(&str, &'static str)| {
            (facts.family == Family::Alpine && *wrong == name).then_some(*right)
        };
        NAMES.iter().find_map(pair).or_else(|| MISSPELT.iter().find_map(misspelt))
    };
    for package in &packages.packages {
        // It may be a virtual package or one of another repository: Alpine has a few of Debian's names.
        let Some(right) = wanted(package.name).filter(|_| package.name != "libpq-dev") else { continue };
        let system = if facts.family == Family::Alpine { "Alpine" } else { "Debian" };
        let range = running.place(package.argument.range.clone());
        let message = format!("{system} has no package `{}`: there it is `{right}`", package.name);
        let finding = out.report(&WRONG_PACKAGE_MANAGER, range.clone(), message);
        finding.severity(Severity::Information);
        let is_plain = *context.doc.text().slice(range.clone()) == *package.name;
        finding
            .fix(format!("Install `{right}`"), is_plain.then(|| vec![replace(range, right)]))
            .prefer_single_fix();
    }
}

/// The word that names the program.
fn program(running: &Running<'_>) -> Range<usize> {
    let words = &running.line.command.words;
    let behind = running.call.map_or(0, |call| call.arguments.len() + 1);
    let word = words.len().checked_sub(behind).and_then(|at| words.get(at));
    word.map_or_else(|| running.range(), |word| running.place(word.range.clone()))
}

fn name_of(manager: PackageManager) -> Option<&'static str> {
    match manager {
        PackageManager::Apt => Some("`apt-get`"),
        PackageManager::Apk => Some("`apk`"),
        PackageManager::Rpm => Some("`dnf` or `yum`"),
        PackageManager::Zypper => Some("`zypper`"),
        PackageManager::Pacman => Some("`pacman`"),
        PackageManager::None | PackageManager::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn another_distributions_package_manager_is_not_there() {
        fires(
            &WRONG_PACKAGE_MANAGER,
            "
            FROM alpine:3.20
            RUN apt-get update && apt-get install -y curl
                ^^^^^^^ warning
            FROM debian:12 AS base
            FROM base
            RUN apk add --no-cache curl
                ^^^ warning
            FROM busybox:1.36
            RUN sudo apk add curl
                     ^^^ warning
            ",
        );
        assert_eq!(
            message(&WRONG_PACKAGE_MANAGER, "FROM node:20-alpine\nRUN apt-get update\n"),
            "`node:20-alpine` has no `apt-get`: it installs packages with `apk`"
        );
    }

    #[test]
    fn what_may_be_there_and_what_asks_first_are_left_alone() {
        for lines in [
            "ARG B=alpine\nFROM $B\nRUN apt-get update",
            "FROM alpine:3.20\nRUN apk add curl",
            "FROM alpine:3.20\nRUN if [ -x /usr/bin/apt-get ]; then apt-get update; fi",
            "FROM alpine:3.20\nRUN which apt-get && apt-get update",
            "FROM alpine:3.20\nRUN apk add apt && apt-get update",
            "FROM alpine:3.20\nCOPY --from=debian:12 / /\nRUN apt-get update",
            "FROM ghcr.io/a/b:1\nRUN apt-get update",
            "FROM quay.io/centos/centos:stream9\nRUN yum install -y curl",
            "FROM scratch\nADD root.tar /\nRUN apt-get update",
        ] {
            silent(&WRONG_PACKAGE_MANAGER, &format!("{lines}\n"));
        }
    }

    #[test]
    fn a_package_with_another_name_gets_it() {
        let fix = |from: &str, run: &str, right: &str| {
            fixed(&WRONG_PACKAGE_MANAGER, &format!("FROM {from}\nRUN {run}\n"), &format!("Install `{right}`"))
        };
        assert_eq!(
            fix("python:3.12", "apt-get install -y gcc postgresql-dev", "libpq-dev"),
            "FROM python:3.12\nRUN apt-get install -y gcc libpq-dev\n"
        );
        assert_eq!(
            fix("rust:1.79-alpine", "apk add openssl-lib-static", "openssl-libs-static"),
            "FROM rust:1.79-alpine\nRUN apk add openssl-libs-static\n"
        );
        silent(&WRONG_PACKAGE_MANAGER, "FROM alpine:3.20\nRUN apk add libpq-dev postgresql-dev\n");
    }
}
