use super::{
    Findings,
    context::Context,
    rule,
    running::Running,
    stage_edits::{insert, newline, replace},
};
use crate::{
    syntax::Keyword,
    text::Edit,
    tools::{self, Action},
    variables::{Declaration, DeclarationKind},
};

rule! {
    /// An ARG that every build sets anew stands above the installation of packages.
    ///
    /// ## Why
    /// The arguments of a stage are in the environment of every RUN below them, used or not. With a new value, such as that of a
    /// commit, BuildKit runs them again: the packages come from no cache any more.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12-slim
    /// ARG GIT_SHA
    /// RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
    /// LABEL org.opencontainers.image.revision=$GIT_SHA
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM debian:12-slim
    /// RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
    /// ARG GIT_SHA
    /// LABEL org.opencontainers.image.revision=$GIT_SHA
    /// ```
    VOLATILE_ARG_EARLY: "volatile-arg-early", "An ARG that changes with each build stands above an installation", Information, check
}

/// Names of what is different in each build.
const VOLATILE: [&str; 27] = [
    "APP_VERSION",
    "BUILDDATE",
    "BUILDTIME",
    "BUILD_DATE",
    "BUILD_ID",
    "BUILD_NUMBER",
    "BUILD_SHA",
    "BUILD_TIME",
    "BUILD_TIMESTAMP",
    "BUILD_VERSION",
    "CI_COMMIT_SHA",
    "COMMIT",
    "COMMIT_HASH",
    "COMMIT_ID",
    "COMMIT_SHA",
    "GITHUB_SHA",
    "GIT_COMMIT",
    "GIT_HASH",
    "GIT_REF",
    "GIT_REVISION",
    "GIT_SHA",
    "GIT_VERSION",
    "REVISION",
    "SHA",
    "SOURCE_COMMIT",
    "VCS_REF",
    "VERSION",
];

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut installs = None;
    for declaration in context.doc.variables().declarations() {
        let Some(stage) = declaration.stage else { continue };
        if declaration.kind != DeclarationKind::Arg
            || declaration.onbuild
            || VOLATILE.binary_search(&declaration.name.to_ascii_uppercase().as_str()).is_err()
        {
            continue;
        }
        let installs = installs.get_or_insert_with(|| {
            context.running().iter().filter(|running| is_install(running)).collect::<Vec<_>>()
        });
        let below = installs.partition_point(|running| running.instruction < declaration.instruction);
        let install = installs.get(below).filter(|running| running.stage == stage);
        let Some(install) = install else { continue };
        // Who needs it there, or above, is right.
        if is_used(context, declaration, declaration.instruction..install.instruction + 1, &[Keyword::Label])
        {
            continue;
        }
        let message = format!("Each new value of {} runs the installation below again", declaration.name);
        let finding = out.report(&VOLATILE_ARG_EARLY, declaration.range.clone(), message);
        finding.related(install.range(), "This runs again, although it does not use it");
        if context.fixes {
            let last = installs.iter().rev().find(|running| running.stage == stage);
            let last = last.unwrap_or(install).instruction;
            let edits = moved(context, declaration, install.instruction, last);
            finding.fix("Move it down to its first use", edits).prefer_single_fix();
        }
    }
}

fn is_install(running: &Running<'_>) -> bool {
    running.call.is_some_and(|call| {
        let packages = tools::packages(call);
        packages.is_some_and(|found| found.action == Action::Install && !found.packages.is_empty())
            || tools::dependencies(call).is_some()
    })
}

/// Whether some of the instructions use it, other than those of `except`.
fn is_used(
    context: &Context<'_>,
    declaration: &Declaration,
    instructions: std::ops::Range<usize>,
    except: &[Keyword],
) -> bool {
    let end = context.instruction(instructions.end - 1).range().end;
    let uses = context.doc.variables().uses_in(context.instruction(instructions.start).start..end);
    uses.iter().any(|used| {
        used.name == declaration.name
            && !except.contains(&context.instruction(used.instruction).instruction.keyword)
    })
}

/// Takes the ARG to its first use, or right below the last installation if there is none; `first` and `last` are the indices of
/// installations.
fn moved(context: &Context<'_>, declaration: &Declaration, first: usize, last: usize) -> Option<Vec<Edit>> {
    let placed = context.instruction(declaration.instruction);
    let stage = &context.stages.all()[declaration.stage?];
    if placed.instruction.pairs().len() != 1
        || is_used(context, declaration, declaration.instruction..first, &[])
    {
        return None;
    }
    let text = context.doc.text();
    let newline = newline(context);
    let start = text.line_start(text.line_of(placed.start));
    let line = text.line_of(placed.range().end);
    let end = if line + 1 < text.lines() { text.line_start(line + 1) } else { text.len() };
    let written = text.slice(start..placed.range().end).into_owned();
    if written.ends_with(context.doc.syntax().escape()) {
        return None;
    }
    let uses = context.doc.variables().uses_in(end..text.len());
    let used = uses.iter().find(|used| used.name == declaration.name && used.stage == declaration.stage);
    let used = used.map(|used| used.instruction).filter(|index| stage.instructions.contains(index));
    let to = match used {
        Some(index) => insert(
            text.line_start(text.line_of(context.instruction(index).start)),
            format!("{written}{newline}"),
        ),
        None => insert(context.end_of_instruction(last)?, format!("{newline}{written}")),
    };
    Some(vec![replace(start..end, ""), to])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn what_changes_with_each_build_stands_below_installations() {
        assert!(VOLATILE.is_sorted());
        fires(
            &VOLATILE_ARG_EARLY,
            "
            FROM node:20
            ARG GIT_SHA
                ^^^^^^^ information
            ARG VERSION=dev
                ^^^^^^^ information
            ARG NODE_ENV
            LABEL version=$VERSION
            RUN npm ci
            ENV SHA=$GIT_SHA
            ",
        );
    }

    #[test]
    fn what_is_used_there_or_stands_below_is_left_alone() {
        for text in [
            "ARG VERSION=1\nRUN apt-get install -y x=$VERSION",
            "ARG VERSION=1\nRUN curl -O https://example.org/$VERSION\nRUN apk add x",
            "RUN apk add x\nARG VERSION",
            "ARG VERSION\nRUN make",
            "ARG NODE_VERSION=1\nRUN apk add x",
        ] {
            silent(&VOLATILE_ARG_EARLY, &format!("FROM a:1\n{text}\n"));
        }
        silent(&VOLATILE_ARG_EARLY, "ARG VERSION=1\nFROM a:1\nRUN apk add x\n");
    }

    #[test]
    fn it_moves_down() {
        assert_eq!(
            fixed(
                &VOLATILE_ARG_EARLY,
                "FROM a:1\nARG COMMIT=x\nRUN apk add x\nCOPY . .\nRUN make C=$COMMIT\n",
                "Move it down to its first use",
            ),
            "FROM a:1\nRUN apk add x\nCOPY . .\nARG COMMIT=x\nRUN make C=$COMMIT\n"
        );
        assert_eq!(
            fixed(
                &VOLATILE_ARG_EARLY,
                "FROM a:1\r\nARG COMMIT\r\nRUN apk add x",
                "Move it down to its first use"
            ),
            "FROM a:1\r\nRUN apk add x\r\nARG COMMIT"
        );
    }
}
