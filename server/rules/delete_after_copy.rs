use std::collections::HashSet;

use super::{
    Findings, bind_instead_of_copy,
    context::Context,
    copies::{self, Copying, LOOKED_AT, is_of_system},
    rule,
    running::Running,
    stage_edits::insert,
};
use crate::{
    flow::path,
    shell::{Argument, Piece},
    text::Edit,
};

rule! {
    /// A RUN deletes what a COPY from another stage brought in.
    ///
    /// ## Why
    /// Every instruction adds a layer. The files stay in that of the COPY, and the image is no smaller. Delete them in the stage
    /// that they come from, or copy only the rest.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22 AS build
    /// WORKDIR /app
    /// COPY . .
    /// RUN npm ci && npm run build
    /// FROM node:22-slim
    /// COPY --from=build /app /app
    /// RUN rm -rf /app/src
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:22 AS build
    /// WORKDIR /app
    /// COPY . .
    /// RUN npm ci && npm run build
    /// RUN rm -rf /app/src
    /// FROM node:22-slim
    /// COPY --from=build /app /app
    /// ```
    DELETE_AFTER_COPY: "delete-after-copy", "A RUN deletes what a COPY from another stage brought in", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    if context.stages.all().len() < 2 {
        return;
    }
    let deletes = |running: &&Running<'_>| matches!(running.name(), "rm" | "npm" | "pnpm");
    if !context.running().iter().any(|running| deletes(&running)) {
        return;
    }
    let Some(last) = context.final_stage() else { return };
    let stages = context.flow().stage(last).chain().map(|stage| stage.index());
    let mut of_final = vec![Vec::new(); context.stages.all().len()];
    let mut is_final = vec![false; context.stages.all().len()];
    stages.for_each(|stage| is_final[stage] = true);
    // Those that are installed have a finding of their own.
    let installed: HashSet<usize> =
        bind_instead_of_copy::installed(context).iter().map(|(copying, _)| copying.index).collect();
    for copying in copies::all(context).filter(|copying| is_final[copying.stage]) {
        if !installed.contains(&copying.index)
            && let Some(to) = copying.target(context).value
        {
            of_final[copying.stage].push((copying, to));
        }
    }
    let mut left = LOOKED_AT;
    for running in context.running().iter().filter(|running| is_final[running.stage]).filter(deletes) {
        let Some(call) = running.call else { continue };
        let all = &of_final[running.stage];
        let copies = &all[..all.partition_point(|(copying, _)| copying.number < running.number)];
        for word in call.arguments {
            let Some(path) = deleted(running, word) else { continue };
            let Some(rest) = left.checked_sub(copies.len()) else { return };
            left = rest;
            let Some((copying, to)) = copies.iter().rev().find(|(_, to)| is_part(&path, to)) else {
                continue;
            };
            report(context, running, word, &path, copying, to, out);
        }
    }
}

/// The path that a word of a command makes it delete: of a pattern, the directory that it starts with.
fn deleted(running: &Running<'_>, word: &Argument) -> Option<String> {
    let here = running.point().workdir.value.as_deref();
    if running.name() != "rm" {
        return (word.text() == Some("prune")).then(|| path::join(here, "node_modules"))?;
    }
    let Some(Piece::Text(text)) = word.pieces.first() else { return None };
    if text.starts_with('-') || running.line.command.directory != crate::shell::Directory::Start {
        return None;
    }
    match word.pieces.len() {
        1 => path::join(here, text),
        // `/wheels/*`, and not `/wheels*`.
        _ if word.is_pattern() => path::join(here, text.strip_suffix('/')?),
        _ => None,
    }
}

/// Whether `path` is, or is part of, or contains, what was copied to `to`.
fn is_part(path: &str, to: &str) -> bool {
    if path::is_within(to, path) {
        return path != "/";
    }
    // What else may be there in directories of the system nobody knows.
    to != "/" && path::is_within(path, to) && !(is_of_system(to) && to.matches('/').count() < 3)
}

fn report(
    context: &Context<'_>,
    running: &Running<'_>,
    word: &Argument,
    path: &str,
    copying: &Copying<'_>,
    to: &str,
    out: &mut Findings,
) {
    let range = running.place(word.range.clone());
    let finding =
        out.report(&DELETE_AFTER_COPY, range, "The files stay in the earlier layer, that of the COPY");
    finding.related(copying.placed.at(copying.destination.range()), "They are copied here");
    if context.fixes {
        finding
            .fix("Delete them in the stage that they come from", moved(context, running, path, copying, to));
        finding.prefer_single_fix();
    }
}

/// Moves the RUN to the end of the stage that the files come from, if it does nothing else.
fn moved(
    context: &Context<'_>,
    running: &Running<'_>,
    path: &str,
    copying: &Copying<'_>,
    to: &str,
) -> Option<Vec<Edit>> {
    let [source] = copying.sources else { return None };
    let from = copying.source(context, source)?.in_any_build()?.clone();
    let inside = path::below(path, to).filter(|rest| !rest.is_empty())?;
    let all = context.running_in(running.stage);
    let all = &all[all.partition_point(|other| other.number < running.number)..];
    let same = all.partition_point(|other| other.number == running.number);
    let words =
        running.call?.arguments.iter().filter(|word| !word.text().is_some_and(|text| text.starts_with('-')));
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    let run = running.placed();
    if running.name() != "rm"
        || same != 1
        || words.count() != 1
        || !run.instruction.flags.is_empty()
        || !from.chars().chain(inside.chars()).all(is_plain)
        || context.flow().stage(copying.from).end().is_root() != Some(true)
    {
        return None;
    }
    let text = context.doc.text();
    let end = context.instruction(context.stages.all()[copying.from].instructions.end - 1).range();
    if context.stages.all()[copying.from].instructions.len() < 2
        || text.slice(end.clone()).trim_end().ends_with(context.doc.syntax().escape())
    {
        return None;
    }
    let place = end.start + text.slice(end.clone()).trim_end().len();
    let gone = text.line_start(text.line_of(run.start))
        ..text.line_start(text.line_of(run.range().end.saturating_sub(1)) + 1);
    let newline = super::stage_edits::newline(context);
    let all = if running.call?.arguments.iter().any(Argument::is_pattern) { "/*" } else { "" };
    let target = path::join(Some(&from), inside)?;
    Some(vec![
        insert(place, format!("{newline}RUN rm -rf {target}{all}")),
        super::stage_edits::replace(gone, ""),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn a_layer_keeps_what_a_later_one_deletes() {
        fires(
            &DELETE_AFTER_COPY,
            "
            FROM node:20 AS b
            WORKDIR /w
            RUN npm ci
            FROM node:20-slim
            WORKDIR /w
            COPY --from=b /w /w
            RUN rm -rf /w/src ./test
                       ^^^^^^ hint
                              ^^^^^^ hint
            RUN npm prune --omit=dev
                    ^^^^^ hint
            COPY --from=b /tmp/x.tgz /tmp/
            RUN tar xzf /tmp/x.tgz && rm -rf /tmp
                                             ^^^^ hint
            ",
        );
        assert_eq!(
            fixed(
                &DELETE_AFTER_COPY,
                "FROM node:20 AS b\r\nRUN mk\r\nFROM node:20-slim\r\nCOPY --from=b /w /app\r\nRUN rm -rf /app/src\r\nCMD a\r\n",
                "Delete them in the stage that they come from",
            ),
            "FROM node:20 AS b\r\nRUN mk\r\nRUN rm -rf /w/src\r\nFROM node:20-slim\r\nCOPY --from=b /w /app\r\nCMD a\r\n"
        );
    }

    #[test]
    fn other_paths_and_stages_are_left_alone() {
        for lines in [
            "COPY --from=b /w/dist /w/dist",
            "COPY --from=b /w /w\nRUN rm -rf /var/lib/apt/lists/*",
            "COPY --from=b /usr/local /usr/local\nRUN rm -rf /usr/local/share/doc",
            "COPY . /w\nRUN rm -rf /w/src",
            "RUN rm -rf /w\nCOPY --from=b /w /w",
            "COPY --from=b /w /w\nRUN rm -rf /w/src\nFROM a:1",
        ] {
            silent(&DELETE_AFTER_COPY, &format!("FROM a:1 AS b\nFROM a:1\n{lines}\n"));
        }
    }
}
