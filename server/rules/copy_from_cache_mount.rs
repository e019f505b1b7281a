use super::{
    Findings, Severity,
    context::Context,
    copies::{self, Copying, LOOKED_AT, is_of_system, stage_title},
    rule,
    stage_edits::{insert, replace},
};
use crate::{
    flow::{Mount, MountKind, Origin, Product, StageFlow, path},
    syntax::{Arguments, Word},
    text::Edit,
};

rule! {
    /// A `COPY --from` of what a stage writes into a cache mount.
    ///
    /// ## Why
    /// What a RUN writes below the target of a cache, bind or tmpfs mount is not part of the stage. The COPY finds nothing there,
    /// and the build fails.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM rust:1.80 AS build
    /// WORKDIR /app
    /// COPY . .
    /// RUN --mount=type=cache,target=/app/target cargo build --release
    /// FROM debian:12-slim
    /// COPY --from=build /app/target/release/server /usr/local/bin/
    /// ```
    ///
    /// ## Instead
    /// Copy the result elsewhere in the same RUN.
    /// ```dockerfile
    /// FROM rust:1.80 AS build
    /// WORKDIR /app
    /// COPY . .
    /// RUN --mount=type=cache,target=/app/target cargo build --release && cp /app/target/release/server /server
    /// FROM debian:12-slim
    /// COPY --from=build /server /usr/local/bin/
    /// ```
    COPY_FROM_CACHE_MOUNT: "copy-from-cache-mount", "A `COPY --from` of what lies in a cache mount", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut left = LOOKED_AT;
    for copying in copies::all(context) {
        let flow = copying.flow;
        if flow.chain().all(|stage| stage.mounts().is_empty()) {
            continue;
        }
        for word in copying.sources.iter().filter(|word| word.text().contains('/')) {
            let Some(known) = copying.source(context, word) else { continue };
            let Some(path) = known.value.as_deref() else { continue };
            let Some(rest) = left.checked_sub(flow.fact_count()) else { return };
            left = rest;
            let Some(mount) = lost(flow, path) else { continue };
            report(context, &copying, word, path, mount, known.certain && mount.certain, out);
        }
    }
}

/// The mount of `flow` that alone can have had `path`, the last if there are several.
fn lost<'f>(flow: &'f StageFlow, path: &str) -> Option<&'f Mount> {
    let mounts = || flow.chain().flat_map(|stage| stage.mounts().iter().rev());
    let mount = mounts().find(|mount| path::is_within(path, &mount.path))?;
    let has_mount = |run: Origin| {
        mounts().any(|mount| {
            path::is_within(path, &mount.path)
                && (mount.by.stage, mount.by.instruction) == (run.stage, run.instruction)
        })
    };
    // A RUN that may write anything, without the mount, may have written this.
    if flow.chain().any(|stage| stage.opaque_runs().iter().any(|&run| !has_mount(run))) {
        return None;
    }
    let mut writes_here = false;
    for fact in flow.facts().filter(|fact| fact.touches(path)) {
        let above = !path::is_within(&fact.path, &mount.path);
        writes_here |= fact.volatile.is_some();
        let stays = match fact.product {
            // The context as a whole has no results of builds.
            Product::Context => !above,
            _ => fact.volatile.is_none() && !has_mount(fact.by),
        };
        if stays {
            return None;
        }
    }
    // What a mount hides may come from the image.
    (writes_here || !is_of_system(path)).then_some(mount)
}

fn report(
    context: &Context<'_>,
    copying: &Copying<'_>,
    word: &Word,
    path: &str,
    mount: &Mount,
    certain: bool,
    out: &mut Findings,
) {
    let kind = match mount.kind {
        MountKind::Bind => "bind",
        MountKind::Cache => "cache",
        MountKind::Tmpfs => "tmpfs",
    };
    let title = stage_title(context, copying.from);
    let message = format!(
        "{} is a {kind} mount in {title}; its files are not part of the stage. Copy the result elsewhere in the same RUN",
        mount.path
    );
    let range = copying.placed.at(word.range());
    let finding = out.report(&COPY_FROM_CACHE_MOUNT, range, message);
    finding.severity(if certain { Severity::Warning } else { Severity::Information });
    finding.related(context.place_of(mount.by), format!("The RUN with the {kind} mount"));
    if context.fixes
        && let Some((to, edits)) = copied_out(context, copying, word, path, mount.by)
    {
        finding.fix(format!("Copy it to `{to}` in that RUN"), Some(edits)).prefer_single_fix();
    }
}

/// Copies `path` to the root of the file system at the end of a RUN, and from there.
fn copied_out(
    context: &Context<'_>,
    copying: &Copying<'_>,
    word: &Word,
    path: &str,
    run: Origin,
) -> Option<(String, Vec<Edit>)> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    let to = format!("/{}", path::name(path));
    let flow = context.flow().stage(run.stage);
    let index = context.stages.all()[run.stage].instructions.start + run.instruction;
    let placed = context.instruction(index);
    let instruction = &placed.instruction;
    let text = context.doc.text().slice(placed.range());
    let last = text.trim_end().lines().last().unwrap_or_default();
    if !word.text().chars().all(is_plain)
        || is_of_system(&to)
        || flow.facts().any(|fact| *fact.path == *to)
        || flow.chain().any(|stage| stage.mounts().iter().any(|mount| path::is_within(&to, &mount.path)))
        || flow.before(run.instruction).is_root() != Some(true)
        || !matches!(instruction.arguments, Arguments::Text(_))
        || !instruction.heredocs.is_empty()
        || last.contains('#')
        || last.ends_with(['\\', '`', '&', '|', ';'])
    {
        return None;
    }
    let end = placed.start + text.trim_end().len();
    let copy = insert(end, format!(" && cp -r {path} {to}"));
    Some((to.clone(), vec![copy, replace(copying.placed.at(word.range()), to)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    const RUST: &str = "
        FROM rust:1.80 AS b
        WORKDIR /app
        COPY . .
        RUN --mount=type=cache,target=/app/target cargo build --release
        FROM debian:12-slim
        COPY --from=b /app/target/release/x /x
        ";

    #[test]
    fn what_lies_in_a_mount_is_no_part_of_the_stage() {
        assert_eq!(
            message(&COPY_FROM_CACHE_MOUNT, RUST),
            "/app/target is a cache mount in stage \"b\"; its files are not part of the stage. Copy the result elsewhere \
             in the same RUN"
        );
        fires(
            &COPY_FROM_CACHE_MOUNT,
            "
            FROM maven:3-eclipse-temurin-21 AS t
            ARG T=/t
            RUN --mount=type=cache,target=/root/.m2 --mount=type=tmpfs,target=$T ./build.sh
            FROM maven:3-eclipse-temurin-21 AS b
            WORKDIR /src
            RUN --mount=target=.,rw mvn package
            FROM debian:12-slim
            COPY --from=b /src/target/a.jar /o/
                          ^^^^^^^^^^^^^^^^^ warning
            COPY --from=t /root/.m2/x /t/x /o/
                                      ^^^^ information
            ",
        );
    }

    #[test]
    fn a_result_that_is_copied_out_is_left_alone() {
        for (from, to) in [
            ("cargo build --release", "cargo build --release && cp target/release/x /x"),
            ("COPY . .", "COPY . .\nRUN cargo build --release"),
            ("COPY . .", "COPY . .\nRUN ./build.sh"),
            ("COPY . .", "COPY . target"),
        ] {
            let text = RUST.replace("\n        ", "\n").replace(from, to);
            let text = if to.contains(" /x") { text.replace("/app/target/release/x", "/x") } else { text };
            silent(&COPY_FROM_CACHE_MOUNT, &text);
        }
        silent(
            &COPY_FROM_CACHE_MOUNT,
            "FROM nginx:1.27 AS b\nRUN --mount=target=/etc/nginx nginx -t\nFROM a:1\nCOPY --from=b /etc/nginx /n\n",
        );
    }

    #[test]
    fn the_run_copies_it_out() {
        let after = fixed(&COPY_FROM_CACHE_MOUNT, RUST, "Copy it to `/x` in that RUN");
        assert!(after.contains("cargo build --release && cp -r /app/target/release/x /x\n"), "{after}");
        assert!(after.ends_with("COPY --from=b /x /x\n"), "{after}");
    }
}
