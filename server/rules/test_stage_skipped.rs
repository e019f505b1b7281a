use super::{
    Findings, Severity,
    context::Context,
    rule,
    running::Running,
    stage_edits::{insert, newline, title},
};
use crate::{
    outside::{Asked, titles},
    text::Edit,
    tools,
};

rule! {
    /// A stage runs tests, and the default build does not build it.
    ///
    /// ## Why
    /// BuildKit builds the last stage and what that one needs; a stage in between that nothing copies from and nothing builds on
    /// does not run, whether its tests pass or not. Where another command builds it with `--target`, that is intended: if
    /// a file of the workspace does so, this is a hint.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22 AS deps
    /// COPY . .
    /// RUN npm ci
    ///
    /// FROM deps AS test
    /// RUN npm test
    ///
    /// FROM deps AS prod
    /// CMD ["node", "server.js"]
    /// ```
    ///
    /// ## Instead
    /// A file that only a passed test leaves makes the last stage need it.
    /// ```dockerfile
    /// FROM node:22 AS deps
    /// COPY . .
    /// RUN npm ci
    ///
    /// FROM deps AS test
    /// RUN npm test && touch /test.ok
    ///
    /// FROM deps AS prod
    /// COPY --from=test /test.ok /tmp/
    /// CMD ["node", "server.js"]
    /// ```
    TEST_STAGE_SKIPPED: "test-stage-skipped", "Tests that the default build does not run", Information, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for &stage in context.outside() {
        let Some(test) = last_test(context, stage) else { continue };
        let Some(name) = &context.stages.all()[stage].name else { continue };
        let who = context.needed_by_target(stage).map(|target| who(context, stage, target));
        let runs = match &who {
            Some(who) => who.clone(),
            None => format!("docker build --target {} runs them", name.text),
        };
        let message = format!(
            "The default build does not run this stage: nothing in it depends on \"{}\". Its tests do not gate the image; {runs}",
            name.text
        );
        let finding = out.report(&TEST_STAGE_SKIPPED, name.range.clone(), message);
        if who.is_some() || context.doc.outside().users.iter().any(|user| user.target == Asked::Unknown) {
            finding.severity(Severity::Hint);
        }
        finding.related(test.range(), "This tests");
        if let Some(target) = context.stages.target().stage() {
            finding.related(context.declaration(target), "This is what is built by default");
            if context.fixes {
                let what = title(&context.stages.all()[target]).replacen("Stage", "stage", 1);
                finding.fix(format!("Let {what} depend on it"), gate(context, stage, target, test));
            }
        }
    }
}

/// Which builds of the workspace run a stage, because they ask for `target`.
fn who(context: &Context<'_>, stage: usize, target: usize) -> String {
    let titles = titles(context.targeted_by(target));
    if stage == target {
        return format!("they are run by {titles}");
    }
    let name = context.stages.all()[target].title();
    format!("they are run for \"{name}\", which is built by {titles}")
}

/// The last command of a stage that tests or lints, if one does.
pub fn last_test<'c>(context: &'c Context<'_>, stage: usize) -> Option<&'c Running<'c>> {
    let mut commands = context.running_in(stage).iter().rev();
    commands.find(|running| running.call.is_some_and(tools::tests))
}

/// Makes the last RUN with tests leave a file, and the target copy it.
fn gate(context: &Context<'_>, stage: usize, target: usize, test: &Running<'_>) -> Option<Vec<Edit>> {
    // What builds on the target, or copies from it, cannot be needed by it.
    if stage >= target || context.reached([stage])[target] {
        return None;
    }
    let name = &context.stages.all()[stage].name.as_ref()?.text;
    // Whoever is not root can write there.
    let marker = match test.point().is_root() {
        Some(true) => format!("/{}.ok", name.to_lowercase()),
        _ => format!("/tmp/{}.ok", name.to_lowercase()),
    };
    let newline = newline(context);
    let touch = match context.end_of_commands(test) {
        Some(end) => insert(end, format!(" && touch {marker}")),
        // A JSON array, a heredoc, or what ends otherwise stays as it is.
        None => insert(context.end_of_instruction(test.instruction)?, format!("{newline}RUN touch {marker}")),
    };
    let from = context.opening(target).range().end;
    let copy = format!("{newline}COPY --from={name} {marker} /tmp/");
    Some(vec![touch, insert(from, copy)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::user;
    use crate::rules::testing::{among, fires, fixed, message, only, silent};

    #[test]
    fn a_stage_with_tests_that_nothing_needs_is_told_of() {
        fires(
            &TEST_STAGE_SKIPPED,
            r#"
            FROM python:3.12-slim AS deps
            FROM deps AS test
                         ^^^^ information
            COPY . .
            RUN pytest tests/
            FROM python:3.12-slim AS production
            COPY --from=deps /root/.local /root/.local
            "#,
        );
        assert_eq!(
            message(&TEST_STAGE_SKIPPED, "FROM a:1 AS x\nRUN go vet ./...\nFROM a:1\n"),
            "The default build does not run this stage: nothing in it depends on \"x\". Its tests do not gate the image; docker \
             build --target x runs them"
        );
    }

    #[test]
    fn it_is_all_that_is_said_of_the_stage() {
        only(
            "FROM a:1 AS deps\nFROM deps AS test\nRUN npm test\nFROM deps AS prod\n",
            &["test-stage-skipped"],
        );
        only("FROM a:1 AS x\nFROM b:1\n", &["stage-outside-default-build"]);
    }

    #[test]
    fn tests_that_the_build_runs_are_left_alone() {
        silent(
            &TEST_STAGE_SKIPPED,
            "FROM a:1 AS t\nRUN npm test && touch /t\nFROM a:1\nCOPY --from=t /t /t\n",
        );
        silent(&TEST_STAGE_SKIPPED, "FROM a:1 AS t\nRUN npm test\nFROM t\n");
        silent(&TEST_STAGE_SKIPPED, "FROM a:1 AS t\nRUN npm test\n");
        silent(&TEST_STAGE_SKIPPED, "ARG S=b\nFROM a:1 AS t\nRUN npm test\nFROM a:1 AS b\nFROM $S\n");
    }

    #[test]
    fn the_default_build_can_depend_on_it() {
        let title = "Let stage \"prod\" depend on it";
        assert_eq!(
            fixed(
                &TEST_STAGE_SKIPPED,
                "FROM a:1 AS deps\nFROM deps AS test\nUSER root\nRUN npm ci && \\\n    npm test\n\nFROM deps AS prod\nCMD [\"x\"]\n",
                title,
            ),
            "FROM a:1 AS deps\nFROM deps AS test\nUSER root\nRUN npm ci && \\\n    npm test && touch /test.ok\n\nFROM deps AS prod\nCOPY \
             --from=test /test.ok /tmp/\nCMD [\"x\"]\n"
        );
        assert_eq!(
            fixed(
                &TEST_STAGE_SKIPPED,
                "FROM a:1 AS Test\r\nRUN <<E\r\nnpm test\r\nE\r\nFROM a:1 AS prod\r\n",
                title
            ),
            "FROM a:1 AS Test\r\nRUN <<E\r\nnpm test\r\nE\r\nRUN touch /tmp/test.ok\r\nFROM a:1 AS prod\r\nCOPY --from=Test /tmp/test.ok \
             /tmp/\r\n"
        );
    }

    #[test]
    fn tests_that_another_build_runs_are_a_hint_that_says_which() {
        let among_ci =
            among([user("bake target `ci`").target("test"), user("compose service `t`").target("test")]);
        let text = "
            FROM a:1 AS test
                        ^^^^ hint
            RUN npm test
            FROM a:1
            ";
        among_ci.fires(&TEST_STAGE_SKIPPED, text);
        among([user("ci").unknown_target()]).fires(&TEST_STAGE_SKIPPED, text);
        assert_eq!(
            among_ci.message(&TEST_STAGE_SKIPPED, "FROM a:1 AS test\nRUN npm test\nFROM a:1\n"),
            "The default build does not run this stage: nothing in it depends on \"test\". Its tests do not gate the image; they \
             are run by bake target `ci`, compose service `t`"
        );
        let text = "FROM a:1 AS t\nRUN npm test\nFROM t AS Report\nFROM a:1\n";
        assert!(
            among([user("ci").target("report")])
                .message(&TEST_STAGE_SKIPPED, text)
                .ends_with("they are run for \"Report\", which is built by ci")
        );
    }
}
