use super::{Findings, context::Context, new_lines::before_command, owners::owner, rule};
use crate::{images::Family, syntax::Keyword};

rule! {
    /// The last USER of the final image is root.
    ///
    /// ## Why
    /// Root was meant for some steps of the build, as a rule, and the image then runs as root too. Without a USER most images
    /// run as root anyway; one that says so was probably meant to go back to another user.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// USER node
    /// COPY . /app
    /// USER root
    /// RUN apt-get update
    /// CMD ["node", "/app"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:20
    /// USER node
    /// COPY . /app
    /// USER root
    /// RUN apt-get update
    /// USER node
    /// CMD ["node", "/app"]
    /// ```
    EXPLICIT_ROOT_AT_END: "explicit-root-at-end", "The last USER of the final image is root", Information, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    if context.with(&[Keyword::User]).next().is_none() {
        return;
    }
    let Some(stage) = context.final_stage() else { return };
    let flow = context.flow().stage(stage);
    let end = flow.end();
    let Some(by) = end.user_by.filter(|_| end.is_root() == Some(true) && end.user.certain) else { return };
    if flow.image().is_some_and(|facts| facts.family == Family::Windows) || drops_root(context, stage) {
        return;
    }
    let index = context.stages.all()[by.stage].instructions.start + by.instruction;
    // A variable that nothing sets is another rule's.
    let Some(owner) = owner(context, index).filter(|owner| !owner.user().is_empty()) else { return };
    // The user before, if there was another.
    let before = context.flow().stage(by.stage).before(by.instruction);
    let other = before.user.value.as_deref().filter(|_| before.is_root() == Some(false));
    let message = match other {
        Some(other) => format!("The image runs as root: nothing goes back to \"{other}\""),
        None => "The image runs as root".to_owned(),
    };
    let finding = out.report(&EXPLICIT_ROOT_AT_END, owner.range(), message);
    if by.stage != stage {
        finding.related(context.declaration(stage), "The final stage");
    }
    if context.fixes
        && let Some(other) = other.filter(|other| !other.contains([' ', '$']))
    {
        let behind = if by.stage == stage { by.instruction } else { 0 };
        let edit = before_command(context, stage, behind, Keyword::User, other);
        finding.fix(format!("Go back to `USER {other}`"), edit.map(|edit| vec![edit]));
    }
}

/// Whether a program that gives root up is named where the container starts, or installed.
fn drops_root(context: &Context<'_>, stage: usize) -> bool {
    const PROGRAMS: [&str; 6] = ["gosu", "su-exec", "setpriv", "runuser", "setuidgid", "chpst"];
    let flow = context.flow().stage(stage);
    flow.chain().any(|stage| {
        let text = context.doc.text().slice(context.stages.all()[stage.index()].range.clone());
        PROGRAMS.iter().any(|program| text.contains(program))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn root_at_the_end_of_the_final_chain_is_found() {
        fires(
            &EXPLICIT_ROOT_AT_END,
            "
            FROM a:1
            USER app
            USER root
                 ^^^^ information
            CMD [\"x\"]
            ",
        );
        fires(
            &EXPLICIT_ROOT_AT_END,
            "
            FROM a:1 AS base
            USER 0:0
                 ^^^ information
            FROM base
            CMD [\"x\"]
            ",
        );
    }

    #[test]
    fn builders_other_users_and_images_that_give_root_up_are_left_alone() {
        silent(&EXPLICIT_ROOT_AT_END, "FROM a:1 AS b\nUSER root\nFROM a:1\nCMD [\"x\"]\n");
        silent(&EXPLICIT_ROOT_AT_END, "FROM a:1\nUSER root\nRUN x\nUSER app\n");
        silent(&EXPLICIT_ROOT_AT_END, "FROM a:1\nARG U=root\nUSER $U\n");
        silent(&EXPLICIT_ROOT_AT_END, "FROM a:1 AS test\nUSER root\n");
        silent(&EXPLICIT_ROOT_AT_END, "FROM a:1\nUSER root\nENTRYPOINT [\"gosu\", \"app\", \"x\"]\n");
        silent(&EXPLICIT_ROOT_AT_END, "FROM a:1\nCMD [\"x\"]\n");
    }

    #[test]
    fn the_user_before_comes_back() {
        let fix = |text| fixed(&EXPLICIT_ROOT_AT_END, text, "Go back to `USER node`");
        assert_eq!(
            fix("FROM node:20\nUSER node\nUSER root\nRUN x\n# Go.\nCMD [\"x\"]\n"),
            "FROM node:20\nUSER node\nUSER root\nRUN x\nUSER node\n# Go.\nCMD [\"x\"]\n"
        );
        assert_eq!(
            fix("from node:20\nuser node\nuser root\n"),
            "from node:20\nuser node\nuser root\nuser node\n"
        );
    }
}
