use std::{borrow::Cow, ops::Range};

use super::{
    Findings,
    context::Context,
    mount::{Mount, MountType, Setting},
    rule,
};
use crate::{
    stages::Resolution,
    syntax::{Keyword, Placed},
};

rule! {
    /// A mount over the whole file system.
    ///
    /// ## Why
    /// Nothing can be mounted at `/`. A target that is not absolute starts at the working directory, and so does one that is
    /// missing: with a working directory of `/` that is the root.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22
    /// RUN --mount=type=bind,target=/ go build -o /app ./...
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22
    /// WORKDIR /src
    /// RUN --mount=type=bind,target=. go build -o /app ./...
    /// ```
    MOUNT_TARGET_ROOT: "mount-target-root", "A mount over the whole file system", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    // The working directory of each stage, at its end so far; `None` where only the base image knows.
    let mut directories: Vec<Option<String>> = Vec::new();
    let mut triggers: Vec<bool> = Vec::new();
    let mut mounts = context.mounts().iter().peekable();
    for (index, placed) in context.doc.syntax().instructions().iter().enumerate() {
        let instruction = placed.instruction.effective();
        let onbuild = instruction.keyword != placed.instruction.keyword;
        match instruction.keyword {
            Keyword::From if !onbuild => {
                let base = context.stages.base(directories.len()).map(|base| &base.resolution);
                directories.push(match base {
                    Some(Resolution::Scratch) => Some("/".to_owned()),
                    Some(&Resolution::Stage(base)) if triggers.get(base) == Some(&false) => {
                        directories.get(base).cloned().flatten()
                    }
                    _ => None,
                });
                triggers.push(false);
            }
            // The triggers come first in the stages that build on this one.
            Keyword::Workdir if onbuild => {
                if let Some(trigger) = triggers.last_mut() {
                    *trigger = true;
                }
            }
            Keyword::Workdir => {
                if let (Some(directory), Some(word)) = (directories.last_mut(), instruction.words().first()) {
                    let value = context.value(index, word);
                    *directory = value.and_then(|value| join(directory.as_deref(), &value));
                }
            }
            Keyword::Run => {
                let directory = directories.last().and_then(Option::as_deref).filter(|_| !onbuild);
                while let Some(mount) = mounts.next_if(|mount| mount.instruction <= index) {
                    let Some(range) = root_target(&mount.mount, directory, &mount.range) else { continue };
                    report(context, out, index, placed, range, directory);
                }
            }
            _ => {}
        }
    }
}

/// What to mark if the mount is one at `/` (dockerfile2llb/convert_runmount.go, `dispatchRunMounts`).
fn root_target(mount: &Mount, directory: Option<&str>, flag: &Range<usize>) -> Option<Range<usize>> {
    use MountType::{Bind, Cache, Tmpfs};
    if !mount.faults.is_empty() || !matches!(mount.kind, Some(Bind | Cache | Tmpfs)) {
        return None;
    }
    let (target, range) = match &mount.target {
        Setting::Known(target, range) => (target.as_str(), range),
        Setting::Absent => ("", flag),
        Setting::Unknown(_) => return None,
    };
    // BuildKit looks at an absolute one as it is written.
    let is_root = match target.starts_with('/') {
        true => target == "/",
        false => join(Some(directory?), target)? == "/",
    };
    is_root.then(|| range.clone())
}

fn report(
    context: &Context<'_>,
    out: &mut Findings,
    index: usize,
    placed: &Placed,
    range: Range<usize>,
    directory: Option<&str>,
) {
    let range = placed.at(range);
    let written: Cow<'_, str> = context.doc.text().slice(range.clone());
    let message = match directory {
        _ if written.ends_with("=/") => "Nothing can be mounted at /",
        _ if written.starts_with("--") => "The mount has no target, and the working directory is /",
        _ => "The target is /, where nothing can be mounted",
    };
    out.report(&MOUNT_TARGET_ROOT, range, message).severity(context.build_error(index));
}

/// The longest path in bytes (`PATH_MAX`); a longer one counts as unknown.
const LONGEST: usize = 4096;

/// `path` as seen from `directory`, which is absolute; `None` if that takes a directory and there is none.
fn join(directory: Option<&str>, path: &str) -> Option<String> {
    let start = if path.starts_with('/') { "" } else { directory? };
    let mut parts: Vec<&str> = Vec::new();
    for part in start.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    // No file system has longer ones, and a relative WORKDIR makes each longer than the last.
    let path = format!("/{}", parts.join("/"));
    (path.len() <= LONGEST).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, silent};

    #[test]
    fn nothing_is_mounted_at_the_root() {
        fires(
            &MOUNT_TARGET_ROOT,
            "
            FROM a:1
            RUN --mount=type=bind,target=/ ls
                                  ^^^^^^^^ warning
            FROM scratch AS s
            RUN --mount=type=cache,id=x ls
                ^^^^^^^^^^^^^^^^^^^^^^^ error
            WORKDIR a
            RUN --mount=target=.. ls
                        ^^^^^^^^^ error
            FROM s
            WORKDIR ..
            RUN --mount=type=tmpfs,dst=./ ls
                                   ^^^^^^ error
            ONBUILD RUN --mount=target=/ ls
                                ^^^^^^^^ warning
            ",
        );
    }

    #[test]
    fn a_working_directory_that_only_the_image_knows_is_no_root() {
        silent(
            &MOUNT_TARGET_ROOT,
            "
            FROM a:1
            RUN --mount=target=. ls
            WORKDIR b
            RUN --mount=target=.. ls
            WORKDIR /src
            RUN --mount=target=. --mount=type=cache,target=//  ls
            WORKDIR $X
            RUN --mount=target=. ls
            FROM scratch AS s
            ARG X
            RUN --mount=type=ssh --mount=type=secret,id=x --mount=target=$X ls
            ONBUILD WORKDIR /x
            ONBUILD RUN --mount=target=. ls
            FROM s
            RUN --mount=target=. ls
            ",
        );
    }

    #[test]
    fn what_is_wrong_with_the_mount_is_said_first() {
        silent(&MOUNT_TARGET_ROOT, "FROM a:1\nRUN --mount=type=foo,target=/ ls\nRUN --mount=\n");
    }
}
