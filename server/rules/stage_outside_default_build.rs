use super::{
    Findings,
    context::{Context, has_finished_end, is_well_formed},
    rule,
    stage_edits::{move_to_end, title},
    test_stage_skipped::last_test,
};
use crate::outside::Asked;

rule! {
    /// A stage that a build without `--target` does not build.
    ///
    /// ## Why
    /// Only the last stage and what it needs are built. Often that is intended: `docker build --target` and Bake build such stages
    /// by their names: a stage that a build in another file of the workspace asks for, or needs, is left alone. Of a stage that tests, `test-stage-skipped` tells.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20 AS docs
    /// RUN npm run docs
    /// FROM node:20
    /// ```
    ///
    /// ## Instead
    /// Let the last stage need it, if it should always run.
    /// ```dockerfile
    /// FROM node:20 AS docs
    /// RUN npm run docs
    /// FROM node:20
    /// COPY --from=docs /out/docs /docs
    /// ```
    STAGE_OUTSIDE_DEFAULT_BUILD: "stage-outside-default-build", "A stage that only `--target` builds", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let Some(target) = context.stages.target().stage() else { return };
    // A target that nobody can know from the text may be any stage.
    if context.doc.outside().users.iter().any(|user| user.target == Asked::Unknown) {
        return;
    }
    for &stage in context.outside() {
        if context.needed_by_target(stage).is_some() {
            continue;
        }
        // What is skipped with its tests has a finding that says so.
        if last_test(context, stage).is_some() {
            continue;
        }
        let Some(name) = &context.stages.all()[stage].name else { continue };
        let default = title(&context.stages.all()[target]).replacen("Stage", "stage", 1);
        let message = format!(
            "Not part of the default build: {default} does not need it. Built by docker build --target {}",
            name.text
        );
        let finding = out.report(&STAGE_OUTSIDE_DEFAULT_BUILD, name.range.clone(), message);
        finding.related(context.declaration(target), "This is what is built by default");
        // Many files have such stages, and moving one takes a copy of all its lines.
        if context.fixes {
            finding.fix("Make it the default: move it to the end", move_to_end(context, stage));
        }
    }
}

/// The stages that only `--target` builds, by their names. Stages that a variable may choose, or that are used by a mistake
/// which is reported elsewhere, are not among them.
pub fn outside(context: &Context<'_>) -> Vec<usize> {
    let mut outside = Vec::new();
    if context.stages.target().stage().is_none() || !has_finished_end(context) {
        return outside;
    }
    let mut possible = None;
    for stage in context.stages.all() {
        let Some(name) = &stage.name else { continue };
        // A later stage with its name is what --target means, and has a finding for it.
        let is_last = context.stages.names().with_name(&name.text).last() == Some(&stage.index);
        if !is_last
            || context.built_by_default[stage.index]
            || name.text.starts_with('#')
            || !is_well_formed(context, stage)
        {
            continue;
        }
        let possible = possible.get_or_insert_with(|| {
            let mut possible =
                context.reached((0..context.variable.len()).filter(|&index| context.variable[index]));
            possible.iter_mut().zip(context.meant()).for_each(|(possible, meant)| *possible |= meant);
            possible
        });
        if !possible[stage.index] {
            outside.push(stage.index);
        }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::user;
    use crate::rules::testing::{among, fires, fixed, only, silent};

    #[test]
    fn a_stage_that_the_last_one_does_not_need_gets_a_hint() {
        fires(
            &STAGE_OUTSIDE_DEFAULT_BUILD,
            "
            FROM a:1 AS base
            FROM base AS docs
                         ^^^^ hint
            FROM base
            ",
        );
        let found = crate::rules::check(&crate::document::Document::open("FROM a:1 AS docs\nFROM b:1\n", 0));
        assert_eq!(found[0].tags, []);
    }

    #[test]
    fn what_is_built_or_may_be_chosen_by_a_variable_is_left_alone() {
        silent(&STAGE_OUTSIDE_DEFAULT_BUILD, "ARG K=docs\nFROM a:1 AS docs\nFROM b:1 AS app\nFROM ${K}\n");
        silent(
            &STAGE_OUTSIDE_DEFAULT_BUILD,
            "ARG V=a\nFROM a:1 AS dep\nFROM dep AS base-a\nFROM a:1 AS base-b\nFROM base-${V}\n",
        );
        silent(
            &STAGE_OUTSIDE_DEFAULT_BUILD,
            "FROM a:1 AS x\nFROM b:1 AS y\nONBUILD COPY --from=x /f /f\nFROM y\n",
        );
        silent(
            &STAGE_OUTSIDE_DEFAULT_BUILD,
            "FROM a:1 AS x\nFROM x AS y\nFROM b:1\nRUN --mount=from=y,target=/y ls\n",
        );
        silent(&STAGE_OUTSIDE_DEFAULT_BUILD, "FROM a:1\nFROM b:1 AS only\n");
    }

    #[test]
    fn what_is_being_typed_at_the_end_changes_nothing() {
        for end in ["FROM ", "FROM x AS", "FROM x\nRUN <<EOF\n"] {
            silent(&STAGE_OUTSIDE_DEFAULT_BUILD, &format!("FROM a:1 AS x\nFROM x AS y\n{end}"));
        }
        only("FROM a:1 AS x\nFROM b:1 AS x\n", &["DuplicateStageName"]);
    }

    #[test]
    fn a_mistake_that_hides_its_use_is_all_that_is_reported() {
        only("FROM a:1 AS bad\nFROM b:1\nADD --from=bad /f /f\n", &["unknown-flag"]);
        only("FROM a:1 AS bad\nFROM b:1\nCOPY --form=bad /f /f\n", &["unknown-flag"]);
        only("FROM a:1 AS bad\nFROM b:1\nCOPY --from bad /f /f\n", &["unknown-flag"]);
    }

    #[test]
    fn it_can_become_the_last() {
        assert_eq!(
            fixed(
                &STAGE_OUTSIDE_DEFAULT_BUILD,
                "
                FROM a:1 AS base

                # Tests.
                FROM base AS test
                RUN t

                FROM a:1
                FROM base AS app
                COPY --from=2 /a /a
                ",
                "Make it the default: move it to the end",
            ),
            "FROM a:1 AS base\n\nFROM a:1\nFROM base AS app\nCOPY --from=1 /a /a\n\n# Tests.\nFROM base AS test\nRUN t\n"
        );
    }

    #[test]
    fn what_a_build_of_the_workspace_asks_for_is_left_alone() {
        let text = "FROM a:1 AS dep\nFROM dep AS docs\nFROM b:1\n";
        among([user("web").target("DOCS").likely()]).silent(&STAGE_OUTSIDE_DEFAULT_BUILD, text);
        among([user("web").unknown_target()]).silent(&STAGE_OUTSIDE_DEFAULT_BUILD, text);
        among([user("web"), user("dep").target("dep"), user("odd").target("0")]).fires(
            &STAGE_OUTSIDE_DEFAULT_BUILD,
            "
            FROM a:1 AS dep
            FROM dep AS docs
                        ^^^^ hint
            FROM b:1
            ",
        );
    }
}
