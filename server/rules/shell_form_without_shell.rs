use super::{
    Findings,
    bases::{lacks_shell, root_name, root_place},
    context::Context,
    json_args_recommended::{is_said_otherwise, use_json},
    rule, run_without_shell,
};
use crate::{
    flow::StageFlow,
    images::Setting,
    syntax::{Arguments, Instruction, Keyword, Placed},
};

rule! {
    /// A CMD, ENTRYPOINT or HEALTHCHECK in shell form in an image that has no shell.
    ///
    /// ## Why
    /// The shell form starts `/bin/sh`, which neither `scratch` nor a distroless image has: the build passes, and the container
    /// does not start.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM gcr.io/distroless/static-debian12:nonroot
    /// COPY app /app
    /// ENTRYPOINT /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM gcr.io/distroless/static-debian12:nonroot
    /// COPY app /app
    /// ENTRYPOINT ["/app"]
    /// ```
    SHELL_FORM_WITHOUT_SHELL: "shell-form-without-shell", "A command in shell form in an image that has no shell", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.with(&[Keyword::Entrypoint, Keyword::Cmd, Keyword::Healthcheck]) {
        let instruction = &placed.instruction;
        let Some(stage) = context.stages.of_instruction(index).filter(|_| is_shell_form(instruction)) else {
            continue;
        };
        let flow = context.flow().stage(stage.index);
        let number = index - stage.instructions.start;
        if !is_in_force(context, flow, number, instruction)
            || !lacks_shell(context, flow, usize::MAX)
            || run_without_shell::has_one(context, stage.index)
        {
            continue;
        }
        let keyword = instruction.keyword;
        let has_entrypoint = flow.end().entrypoint.is_some()
            || flow.certain_image().is_some_and(|facts| facts.entrypoint != Setting::NotSet);
        let then = match keyword {
            Keyword::Healthcheck => "the check always fails",
            Keyword::Cmd if has_entrypoint => "the ENTRYPOINT gets `/bin/sh -c` as arguments",
            _ => "the container can't start",
        };
        let message = format!(
            "{} in shell form needs `/bin/sh`, which {} does not have: {then}",
            keyword.name(),
            root_name(context, flow)
        );
        let finding = out.report(&SHELL_FORM_WITHOUT_SHELL, placed.at(instruction.word.range()), message);
        if let Some(base) = root_place(context, flow) {
            finding.related(base, "No shell is in here");
        }
        if context.fixes {
            finding
                .fix("Use the JSON form", use_json(context, stage.index, placed, instruction))
                .prefer_single_fix();
        }
    }
}

fn is_shell_form(instruction: &Instruction) -> bool {
    let Arguments::Text(text) = &instruction.arguments else { return false };
    let is_command = match instruction.keyword {
        Keyword::Healthcheck => {
            instruction.action.as_ref().is_some_and(|action| action.text().eq_ignore_ascii_case("CMD"))
        }
        Keyword::Cmd | Keyword::Entrypoint => true,
        _ => false,
    };
    is_command && !text.text().trim().is_empty() && !is_said_otherwise(instruction)
}

/// Whether an instruction of a stage decides what its image does.
fn is_in_force(context: &Context<'_>, flow: &StageFlow, number: usize, instruction: &Instruction) -> bool {
    let end = flow.end();
    let is_it = |by: Option<crate::flow::Origin>| {
        by.is_some_and(|by| by.stage == flow.index() && by.instruction == number)
    };
    match instruction.keyword {
        Keyword::Entrypoint => is_it(end.entrypoint),
        // An ENTRYPOINT in shell form takes no CMD.
        Keyword::Cmd => {
            let entrypoint = end.entrypoint.map(|by| {
                let start = context.stages.all()[by.stage].instructions.start;
                let placed: &Placed = context.instruction(start + by.instruction);
                placed.instruction.effective()
            });
            is_it(end.cmd) && !entrypoint.is_some_and(is_shell_form)
        }
        _ => {
            let stage = &context.stages.all()[flow.index()];
            let below = stage.instructions.start + number + 1..stage.instructions.end;
            !below
                .into_iter()
                .any(|index| context.instruction(index).instruction.keyword == Keyword::Healthcheck)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, only, silent};

    #[test]
    fn what_starts_a_container_needs_no_shell_there() {
        fires(
            &SHELL_FORM_WITHOUT_SHELL,
            "
            FROM gcr.io/distroless/static:nonroot AS a
            COPY a /a
            ENTRYPOINT /a
            ^^^^^^^^^^ warning
            CMD serve
            HEALTHCHECK NONE
            HEALTHCHECK --interval=3s CMD /a health
            ^^^^^^^^^^^ warning
            FROM scratch
            COPY a /a
            CMD /a
            CMD /a $PORT
            ^^^ warning
            ",
        );
    }

    #[test]
    fn the_message_says_what_happens() {
        assert_eq!(
            message(&SHELL_FORM_WITHOUT_SHELL, "FROM scratch\nCOPY a /a\nCMD /a\n"),
            "CMD in shell form needs `/bin/sh`, which `scratch` does not have: the container can't start"
        );
        assert_eq!(
            message(&SHELL_FORM_WITHOUT_SHELL, "FROM gcr.io/distroless/nodejs20-debian12\nCMD server.js\n"),
            "CMD in shell form needs `/bin/sh`, which `gcr.io/distroless/nodejs20-debian12` does not have: the ENTRYPOINT gets \
             `/bin/sh -c` as arguments"
        );
    }

    #[test]
    fn json_shells_and_what_another_image_replaces_are_left_alone() {
        for lines in [
            "FROM gcr.io/distroless/static:debug\nSHELL [\"/busybox/sh\", \"-c\"]\nENTRYPOINT /a",
            "FROM gcr.io/distroless/static:debug\nENTRYPOINT /a",
            "FROM gcr.io/distroless/static:nonroot\nENTRYPOINT [\"/a\"]",
            "FROM scratch\nADD root.tar /\nCMD /a",
            "FROM scratch\nCOPY --from=busybox:1.36 /bin/sh /bin/sh\nCMD /a",
            "FROM scratch\nCMD a\nCMD [\"a\"]",
            "FROM alpine:3.20\nCMD a",
            "FROM scratch\nCMD",
        ] {
            silent(&SHELL_FORM_WITHOUT_SHELL, &format!("{lines}\n"));
        }
    }

    #[test]
    fn a_run_without_a_shell_says_it_already() {
        only("FROM scratch\nRUN /a\nHEALTHCHECK CMD /a\n", &["run-without-shell"]);
    }

    #[test]
    fn plain_words_become_json() {
        let fix = |line: &str| {
            let text = format!("FROM scratch\nCOPY a /a\n{line}\n");
            fixed(&SHELL_FORM_WITHOUT_SHELL, &text, "Use the JSON form")
        };
        assert_eq!(fix("ENTRYPOINT /a --b"), "FROM scratch\nCOPY a /a\nENTRYPOINT [\"/a\", \"--b\"]\n");
        assert_eq!(fix("HEALTHCHECK CMD /a"), "FROM scratch\nCOPY a /a\nHEALTHCHECK CMD [\"/a\"]\n");
    }
}
