use super::{Findings, context::Context, new_lines::before_command, rule, running::Running};
use crate::{
    flow::{Account, AccountKind, path},
    syntax::{Arguments, Keyword},
    tools,
};

rule! {
    /// The final image makes a user, and runs as root.
    ///
    /// ## Why
    /// A user that is made and never used was meant to run the program, as a rule: without a USER the image runs as root.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN adduser -D app
    /// COPY server /server
    /// CMD ["/server"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN adduser -D app
    /// COPY server /server
    /// USER app
    /// CMD ["/server"]
    /// ```
    CREATED_USER_NOT_USED: "created-user-not-used", "The final image makes a user, and runs as root", Information, check
}

const MANY: usize = 20;

fn check(context: &Context<'_>, out: &mut Findings) {
    let Some(stage) = context.final_stage() else { return };
    let flow = context.flow().stage(stage);
    let end = flow.end();
    let made = |account: &&Account| account.kind == AccountKind::User && account.created;
    // So many are no oversight.
    if !(1..MANY).contains(&flow.accounts().filter(made).count()) {
        return;
    }
    // One that says root is another rule's.
    if end.user_by.is_some() || end.is_root() != Some(true) || !end.user.certain {
        return;
    }
    // A script, or what the base image starts, may change to the user.
    let Some(starts) = end.entrypoint.or(end.cmd) else { return };
    let starts = context.stages.all()[starts.stage].instructions.start + starts.instruction;
    let Some(program) = program(context, starts) else { return };
    let mut users = flow.accounts().filter(made);
    let program = path::name(&program);
    let is_needed = |user: &Account| program.contains(&*user.name) || is_used(context, stage, &user.name);
    if program.ends_with(".sh") || program.contains("entrypoint") || users.any(is_needed) {
        return;
    }
    let Some(last) = flow.accounts().find(made) else { return };
    let running = context.running_in(last.origin.stage).iter();
    let Some(running) = running.clone().find(|running| running.origin() == last.origin) else { return };
    let message = format!("User \"{}\" is made, but the image runs as root", last.name);
    let finding = out.report(&CREATED_USER_NOT_USED, place(running, &last.name), message);
    if context.fixes {
        let behind = if last.origin.stage == stage { last.origin.instruction } else { 0 };
        let edit = before_command(context, stage, behind, Keyword::User, &last.name);
        finding.fix(format!("Run as `USER {}`", last.name), edit.map(|edit| vec![edit]));
    }
}

/// The program that a container starts; `None` if it can't be seen, as in shell form with several commands.
fn program(context: &Context<'_>, index: usize) -> Option<String> {
    let instruction = &context.instruction(index).instruction;
    match &instruction.arguments {
        Arguments::Words { words, .. } => {
            let wrappers = ["tini", "dumb-init", "--", "-g", "env"];
            let is_wrapper = |text: &str| wrappers.contains(&text.rsplit('/').next().unwrap_or_default());
            words.iter().map(|word| word.text()).find(|text| !is_wrapper(text)).map(str::to_owned)
        }
        Arguments::Text(word) if !word.text().contains(['$', ';', '&', '|']) => {
            word.text().split_whitespace().find(|word| *word != "exec").map(str::to_owned)
        }
        _ => None,
    }
}

/// Whether anything in the chain of the final stage names the user beside what makes it, or changes users.
fn is_used(context: &Context<'_>, stage: usize, name: &str) -> bool {
    const PROGRAMS: [&str; 9] =
        ["gosu", "su-exec", "setpriv", "runuser", "sudo", "su", "setuidgid", "chpst", "supervisord"];
    context.flow().stage(stage).chain().any(|stage| {
        let commands = context
            .running_in(stage.index())
            .iter()
            .filter(|running| running.call.is_none_or(|call| tools::accounts(call).is_empty()));
        let mut commands = commands.map(|running| context.doc.text().slice(running.range()));
        let uses =
            |text: &str| has_word(text, name) || PROGRAMS.iter().any(|program| has_word(text, program));
        let mut rest = context.stages.all()[stage.index()].instructions.clone().skip(1);
        commands.any(|text| uses(&text))
            || rest.any(|index| {
                let placed = context.instruction(index);
                let keyword = placed.instruction.keyword;
                !matches!(keyword, Keyword::Run | Keyword::Label)
                    && uses(&context.doc.text().slice(placed.range()))
            })
    })
}

/// Whether `text` has `word` for itself, and not as part of a path or of another name.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part))
}

/// Where a command names the user.
fn place(running: &Running<'_>, name: &str) -> std::ops::Range<usize> {
    let arguments = running.call.map_or(&[][..], |call| call.arguments);
    let named = arguments.iter().find(|argument| running.text(*argument).value.as_deref() == Some(name));
    named.map_or_else(|| running.range(), |argument| running.place(argument.range.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn a_user_for_nothing_is_found_in_the_final_chain() {
        fires(
            &CREATED_USER_NOT_USED,
            "
            FROM alpine:3.20 AS base
            RUN apk add --no-cache git && adduser -D -u 1000 app
                                                             ^^^ information
            FROM base
            WORKDIR /app
            CMD [\"/app/server\"]
            ",
        );
    }

    #[test]
    fn users_that_something_uses_are_left_alone() {
        for rest in [
            "USER app\nCMD [\"/a\"]",
            "RUN chown -R app:app /data\nCMD [\"/a\"]",
            "COPY --chown=app . .\nCMD [\"/a\"]",
            "RUN apk add su-exec\nCMD [\"/a\"]",
            "ENTRYPOINT [\"/docker-entrypoint.sh\"]",
            "ENTRYPOINT [\"tini\", \"--\", \"/entrypoint\"]",
            "CMD [\"appd\"]",
            "CMD a && b",
            "USER root\nCMD [\"/a\"]",
            "",
        ] {
            silent(&CREATED_USER_NOT_USED, &format!("FROM alpine:3.20\nRUN adduser -D app\n{rest}\n"));
        }
        silent(&CREATED_USER_NOT_USED, "FROM a:1 AS b\nRUN adduser -D app\nFROM alpine:3.20\nCMD [\"/a\"]\n");
        silent(&CREATED_USER_NOT_USED, "FROM ghcr.io/a/b\nRUN adduser -D app\nCMD [\"/a\"]\n");
    }

    #[test]
    fn the_image_runs_as_it() {
        assert_eq!(
            fixed(
                &CREATED_USER_NOT_USED,
                "FROM alpine:3.20\nRUN adduser -D app\nENTRYPOINT [\"/a\"]\nCMD [\"b\"]\n",
                "Run as `USER app`"
            ),
            "FROM alpine:3.20\nRUN adduser -D app\nUSER app\nENTRYPOINT [\"/a\"]\nCMD [\"b\"]\n"
        );
    }
}
