use super::{
    Findings, Severity,
    bases::{lacks_shell, may_hold_shell, root_name, root_place},
    context::Context,
    json_args_recommended::is_said_otherwise,
    mount::Setting,
    rule,
    stage_edits::{copy_text, indent, insert, newline, replace},
};
use crate::{
    flow::{Fact, StageFlow},
    images::Shell,
    language::mounts::MountType,
    syntax::{Arguments, Instruction, Keyword},
    text::Edit,
};

rule! {
    /// A RUN in shell form in a stage that has no shell.
    ///
    /// ## Why
    /// `RUN mkdir /data` is `/bin/sh -c "mkdir /data"`. `scratch` is empty, and distroless images have no shell either, nor the
    /// programs that one would call. Let a stage with a shell do the work, and copy what it makes.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// RUN mkdir /data
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20 AS files
    /// RUN mkdir /data
    /// FROM scratch
    /// COPY --from=files /data /data
    /// ```
    RUN_WITHOUT_SHELL: "run-without-shell", "A RUN in shell form in a stage that has no shell", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    // After the first of a stage nothing new is to be said about the others.
    let mut last = None;
    for (index, placed) in context.with(&[Keyword::Run]) {
        let instruction = &placed.instruction;
        let Some(stage) = context.stages.of_instruction(index).filter(|stage| last != Some(stage.index))
        else {
            continue;
        };
        let flow = context.flow().stage(stage.index);
        let number = index - stage.instructions.start;
        if !is_shell_form(instruction) || !lacks_shell(context, flow, number) || brings_shell(context, index)
        {
            continue;
        }
        last = Some(stage.index);
        if flow.parent().is_some_and(|parent| has_one(context, parent.index())) {
            continue;
        }
        let message = format!("{} has no shell to run this command with", root_name(context, flow));
        let severity =
            if flow.root().is_scratch() { context.if_built(stage.index) } else { Severity::Warning };
        let finding = out.report(&RUN_WITHOUT_SHELL, placed.at(instruction.word.range()), message);
        finding.severity(severity);
        if let Some(base) = root_place(context, flow) {
            finding.related(base, "No shell is in here");
        }
        if context.fixes
            && let Some((builder, edits)) = in_builder(context, flow, number, index)
        {
            finding.fix(format!("Let stage {builder} do it, and copy"), Some(edits)).prefer_single_fix();
        }
    }
}

/// The same RUN in the nearest stage above that has a shell, and a COPY of what it makes, where that is certain.
fn in_builder(
    context: &Context<'_>,
    flow: &StageFlow,
    number: usize,
    index: usize,
) -> Option<(String, Vec<Edit>)> {
    let placed = context.instruction(index);
    let text = context.doc.text().slice(placed.range()).into_owned();
    let mut commands = context.running_in(flow.index()).iter().filter(|running| running.number == number);
    if text.contains('\n') || !commands.all(|command| matches!(command.name(), "mkdir" | "touch")) {
        return None;
    }
    let made: Vec<&Fact> = flow.own_facts().iter().filter(|fact| fact.by.instruction == number).collect();
    let is_clear = |fact: &&Fact| {
        fact.certain && fact.by.stage == flow.index() && fact.volatile.is_none() && text.contains(&*fact.path)
    };
    let is_opaque = flow.opaque_runs().iter().any(|by| by.instruction == number);
    if made.is_empty() || is_opaque || !made.iter().all(is_clear) {
        return None;
    }
    let has_shell = |flow: &&StageFlow| {
        let shell = flow.certain_image().map(|facts| facts.shell);
        matches!(shell, Some(Shell::Bash | Shell::Sh)) && flow.before(1).is_root() == Some(true)
    };
    let above = context.stages.all()[..flow.index()].iter().rev();
    let builder = above.map(|stage| context.flow().stage(stage.index)).find(has_shell)?;
    let builder = &context.stages.all()[builder.index()];
    // Right behind the FROM, where its user is still that of the image.
    let first = context.instruction(builder.instructions.clone().nth(1)?).start;
    let name = copy_text(builder);
    let newline = newline(context);
    let copies = made.iter().map(|fact| format!("COPY --from={name} {0} {0}", fact.path));
    let copies = copies.collect::<Vec<_>>().join(&format!("{newline}{}", indent(context, placed.start)));
    let moved = format!("{}{newline}{}", text.trim_end(), indent(context, first));
    Some((name, vec![insert(first, moved), replace(placed.range(), copies)]))
}

/// Whether a stage, or one that it builds on, has such a RUN.
pub(super) fn has_one(context: &Context<'_>, stage: usize) -> bool {
    context.flow().stage(stage).chain().any(|flow| {
        let instructions = context.stages.all()[flow.index()].instructions.clone();
        instructions.enumerate().any(|(number, index)| {
            is_shell_form(&context.instruction(index).instruction)
                && lacks_shell(context, flow, number)
                && !brings_shell(context, index)
        })
    })
}

fn is_shell_form(instruction: &Instruction) -> bool {
    let Arguments::Text(text) = &instruction.arguments else { return false };
    // A heredoc with a `#!` is a program of its own (dockerfile2llb/convert.go, `dispatchRun`).
    let is_program = !instruction.heredocs.is_empty() && text.text().trim_start().starts_with("<<");
    instruction.keyword == Keyword::Run
        && !text.text().trim().is_empty()
        && !is_program
        && !is_said_otherwise(instruction)
}

/// Whether a mount of a RUN (index) may put a shell in place.
fn brings_shell(context: &Context<'_>, index: usize) -> bool {
    let mounts = context.mounts();
    let start = mounts.partition_point(|mount| mount.instruction < index);
    let own = mounts[start..].iter().take_while(|mount| mount.instruction == index);
    let mut own = own.map(|mount| &mount.mount).filter(|it| matches!(it.kind, None | Some(MountType::Bind)));
    own.any(|mount| match &mount.target {
        Setting::Known(target, _) => !target.starts_with('/') || may_hold_shell(target),
        Setting::Absent | Setting::Unknown(_) => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, only, silent};

    #[test]
    fn scratch_and_distroless_have_no_shell() {
        fires(
            &RUN_WITHOUT_SHELL,
            "
            FROM scratch AS unused
            RUN mkdir /d
            ^^^ warning
            FROM gcr.io/distroless/static-debian12:nonroot AS other
            COPY app /app/
            RUN echo a && ./b
            ^^^ warning
            RUN echo c
            FROM other
            RUN echo d
            FROM scratch
            WORKDIR /app
            COPY --from=other /etc/passwd /etc/passwd
            run ./x
            ^^^ error
            ",
        );
        assert_eq!(
            message(
                &RUN_WITHOUT_SHELL,
                "FROM gcr.io/distroless/cc-debian12:nonroot@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nRUN ls\n"
            ),
            "`gcr.io/distroless/cc-debian12:nonroot` has no shell to run this command with"
        );
    }

    #[test]
    fn a_shell_may_come_in_many_ways() {
        for lines in [
            "FROM scratch\nADD rootfs.tar.gz /\nRUN mkdir /d",
            "FROM scratch\nCOPY rootfs/ /\nRUN mkdir /d",
            "FROM scratch\nCOPY app /app\nRUN [\"/app\", \"init\"]",
            "FROM scratch\nCOPY app /app\nRUN [\"/app\", \"install-shell\"]\nRUN ls",
            "FROM scratch\nCOPY --from=busybox:1.36 /bin/ /bin/\nRUN ls",
            "FROM scratch\nRUN --mount=from=busybox:1.36,source=/bin,target=/bin ls",
            "FROM gcr.io/distroless/base-debian12:debug\nRUN ls",
            "FROM gcr.io/distroless/base-debian12\nSHELL [\"/busybox/sh\", \"-c\"]\nRUN ls",
            "ARG BASE=scratch\nFROM $BASE\nRUN ls",
            "FROM a:1 AS scratch-like\nFROM scratch-like\nRUN ls",
            "FROM alpine:3.20\nRUN ls",
            "FROM scratch\nONBUILD RUN ls",
            "FROM scratch\nRUN",
        ] {
            silent(&RUN_WITHOUT_SHELL, &format!("{lines}\n"));
        }
    }

    #[test]
    fn a_stage_with_a_shell_can_do_it() {
        assert_eq!(
            fixed(
                &RUN_WITHOUT_SHELL,
                "FROM alpine:3.20 AS b\nCOPY a /a\nFROM scratch\nRUN mkdir -p /d /e\nCOPY --from=b /a /a\n",
                "Let stage b do it, and copy"
            ),
            "FROM alpine:3.20 AS b\nRUN mkdir -p /d /e\nCOPY a /a\nFROM scratch\nCOPY --from=b /d /d\nCOPY --from=b /e /e\n\
             COPY --from=b /a /a\n"
        );
    }

    #[test]
    fn it_is_the_only_finding() {
        only("FROM scratch\nRUN ./setup\n", &["run-without-shell"]);
    }
}
