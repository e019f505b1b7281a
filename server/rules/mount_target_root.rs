use std::{borrow::Cow, ops::Range};

use super::{
    Findings,
    context::Context,
    mount::{Mount, Setting},
    rule,
};
use crate::{
    flow::path,
    language::mounts::MountType,
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
    for mount in context.mounts() {
        let Some(stage) = context.stages.of_instruction(mount.instruction) else { continue };
        let placed = context.instruction(mount.instruction);
        let onbuild = placed.instruction.keyword == Keyword::Onbuild;
        let flow = context.flow().stage(stage.index);
        let point = flow.before(mount.instruction - stage.instructions.start);
        // The working directory of an image is no ground for an error.
        let is_known = !onbuild && (point.workdir_by.is_some() || flow.root().is_scratch());
        let directory = point.workdir.in_any_build().filter(|_| is_known).map(|directory| &**directory);
        let Some(range) = root_target(&mount.mount, directory, &mount.range) else { continue };
        report(context, out, mount.instruction, placed, range, directory);
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
        false => path::join(Some(directory?), target)? == "/",
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
