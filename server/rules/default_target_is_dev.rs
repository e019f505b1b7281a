use super::{
    Findings,
    context::{Context, has_finished_end},
    rule,
    stage_edits::{insert, move_to_end, newline},
    stage_roles::{is_development, is_production},
};
use crate::{
    outside::User,
    stages::{Resolution, StageName, names::is_valid_name},
    text::Edit,
};

rule! {
    /// A stage for development at the end of the file, below the one for production.
    ///
    /// ## Why
    /// The last stage is what `docker build` makes when no `--target` says otherwise. Who forgets the `--target` ships the image
    /// that was meant for development. Nothing is said if all builds that the workspace's files describe name their target.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20 AS prod
    /// RUN npm ci --omit=dev
    /// FROM prod AS dev
    /// RUN npm ci
    /// ```
    ///
    /// ## Instead
    /// Put the stage that is shipped last.
    /// ```dockerfile
    /// FROM node:20 AS dev
    /// RUN npm ci
    /// FROM node:20 AS prod
    /// RUN npm ci --omit=dev
    /// ```
    DEFAULT_TARGET_IS_DEV: "default-target-is-dev", "The last stage is one for development", Information, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let all = context.stages.all();
    // Who names a target has chosen.
    let target = context.stages.target().stage().filter(|target| target + 1 == all.len());
    let Some(name) = target.and_then(|target| all[target].name.as_ref()) else { return };
    if !is_development(&name.text) || !has_finished_end(context) {
        return;
    }
    // Nobody forgets the target where all builds name one.
    let users = &context.doc.outside().users;
    if !users.is_empty() && users.iter().all(User::names_a_target) {
        return;
    }
    let named = all.iter().rev().filter_map(|stage| Some((stage.index, stage.name.as_ref()?)));
    let Some((production, shipped)) = named.into_iter().find(|(_, name)| is_production(&name.text)) else {
        return;
    };
    let message = format!(
        "docker build produces \"{}\", the last stage. \"{}\" takes --target {}",
        name.text, shipped.text, shipped.text
    );
    let finding = out.report(&DEFAULT_TARGET_IS_DEV, name.range.clone(), message);
    finding.related(context.declaration(production), "Not what is built by default");
    if !context.fixes {
        return;
    }
    if context.needed[production] {
        let edits = build_at_end(context, production, shipped);
        finding.fix(format!("Make it the default: end with `FROM {}`", shipped.text.to_lowercase()), edits);
    } else {
        let edits = move_to_end(context, production);
        finding.fix(format!("Move stage \"{}\" to the end", shipped.text), edits);
    }
}

/// Adds a last stage that is `stage`, which has to stay where it is.
fn build_at_end(context: &Context<'_>, stage: usize, name: &StageName) -> Option<Vec<Edit>> {
    let lower = name.text.to_lowercase();
    let text = context.doc.text();
    let end = text.slice(text.line_start(text.line_of(text.len()).saturating_sub(1))..text.len());
    let by_accident = |&index: &usize| {
        matches!(context.stages.references()[index].resolution, Resolution::NumberedImage(_))
    };
    if !is_valid_name(&lower)
        || context.stages.names().with_name(&lower).len() != 1
        || !context.triggers[stage].is_empty()
        || context.numbers.iter().any(by_accident)
        || end.trim_end().ends_with(context.doc.syntax().escape())
    {
        return None;
    }
    let newline = newline(context);
    let before = if end.ends_with('\n') { "" } else { newline };
    Some(vec![insert(text.len(), format!("{before}{newline}FROM {lower}{newline}"))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::user;
    use crate::rules::testing::{among, fires, fixed, message, silent};

    #[test]
    fn a_last_stage_for_development_is_found() {
        fires(
            &DEFAULT_TARGET_IS_DEV,
            "
            FROM a:1 AS prod
            FROM prod AS dev
                         ^^^ information
            ",
        );
        fires(
            &DEFAULT_TARGET_IS_DEV,
            "
            FROM a:1 AS app-release
            FROM b:1 AS unit-tests
                        ^^^^^^^^^^ information
            ",
        );
        assert_eq!(
            message(&DEFAULT_TARGET_IS_DEV, "FROM a:1 AS prod\nFROM prod AS dev\n"),
            "docker build produces \"dev\", the last stage. \"prod\" takes --target prod"
        );
    }

    #[test]
    fn production_last_or_none_at_all_is_fine() {
        silent(&DEFAULT_TARGET_IS_DEV, "FROM a:1 AS dev\nFROM a:1 AS prod\n");
        silent(&DEFAULT_TARGET_IS_DEV, "FROM a:1 AS base\nFROM base AS dev\n");
        silent(&DEFAULT_TARGET_IS_DEV, "FROM a:1 AS prod\nFROM a:1 AS device\n");
        silent(&DEFAULT_TARGET_IS_DEV, "FROM a:1 AS prod\nFROM a:1 AS dev\nFROM \n");
        silent(&DEFAULT_TARGET_IS_DEV, "FROM a:1 AS runtime-deps\nFROM a:1 AS test\n");
    }

    #[test]
    fn production_becomes_the_default() {
        assert_eq!(
            fixed(
                &DEFAULT_TARGET_IS_DEV,
                "FROM a:1 AS prod\nRUN x\n\nFROM b:1 AS dev\nRUN y\n",
                "Move stage \"prod\" to the end"
            ),
            "FROM b:1 AS dev\nRUN y\n\nFROM a:1 AS prod\nRUN x\n"
        );
        let title = "Make it the default: end with `FROM prod`";
        assert_eq!(
            fixed(&DEFAULT_TARGET_IS_DEV, "FROM a:1 AS Prod\r\nFROM prod AS dev", title),
            "FROM a:1 AS Prod\r\nFROM prod AS dev\r\n\r\nFROM prod\r\n"
        );
    }

    #[test]
    fn nobody_forgets_a_target_where_all_builds_name_one() {
        let text = "FROM a:1 AS prod\nFROM prod AS dev\n";
        let prod = || user("prod").target("prod");
        among([prod(), user("dev").unknown_target()]).silent(&DEFAULT_TARGET_IS_DEV, text);
        among([prod(), user("web").target("")]).message(&DEFAULT_TARGET_IS_DEV, text);
    }
}
