use super::{
    Findings,
    context::{Context, is_digits},
    rule,
    stage_edits::{name_stage, replace, suggested_name},
};
use crate::{
    stages::{Reference, ReferenceKind, Resolution},
    text::Edit,
};

rule! {
    /// A mount whose `from` is a number.
    ///
    /// ## Why
    /// Only `COPY --from` counts stages. A mount takes the number for the name of an image, and tries to pull it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// FROM alpine:3.20
    /// RUN --mount=from=0,target=/x ls /x
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:20 AS build
    /// FROM alpine:3.20
    /// RUN --mount=from=build,target=/x ls /x
    /// ```
    MOUNT_FROM_STAGE_NUMBER: "mount-from-stage-number", "A mount cannot use the number of a stage", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for reference in context.stages.references() {
        if reference.kind != ReferenceKind::Mount
            || !matches!(reference.resolution, Resolution::Image(_))
            || !is_digits(&reference.text)
        {
            continue;
        }
        let message = format!(
            "RUN --mount cannot use stage numbers; this pulls an image called \"{}\". Name the stage",
            reference.text
        );
        let finding = out.report(&MOUNT_FROM_STAGE_NUMBER, reference.range.clone(), message);
        let number =
            reference.text.parse().ok().filter(|&number: &usize| number < context.stages.all().len());
        let Some(number) = number else { continue };
        finding.related(context.declaration(number), format!("Stage {number}"));
        if number < reference.stage && !reference.onbuild {
            let (title, edits) = use_name(context, reference, number);
            finding.fix(title, edits).prefer_single_fix();
        }
    }
}

fn use_name(context: &Context<'_>, reference: &Reference, number: usize) -> (String, Option<Vec<Edit>>) {
    let stage = &context.stages.all()[number];
    if let Some(name) = &stage.name {
        // A name that a later stage has too means that one.
        let last = context.stages.names().with_name(&name.text).last() == Some(&number);
        let edits = last.then(|| vec![replace(reference.range.clone(), &name.text)]);
        return (format!("Use `{}`", name.text), edits);
    }
    let name = suggested_name(context, stage);
    let edits =
        name_stage(context, number, &name).map(|edit| vec![edit, replace(reference.range.clone(), &name)]);
    (format!("Name stage {number} `{name}`"), edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn a_number_is_an_image() {
        fires(
            &MOUNT_FROM_STAGE_NUMBER,
            "
            FROM node:20 AS build
            FROM alpine:3.20
            RUN --mount=type=bind,from=0,target=/x ls /x
                                       ^ warning
            RUN --mount=from=7,target=/x ls /x
                             ^ warning
            ",
        );
        only(
            "FROM node:20 AS build\nFROM alpine:3.20\nRUN --mount=from=0,target=/x ls\n",
            &["mount-from-stage-number"],
        );
    }

    #[test]
    fn copies_and_names_are_left_alone() {
        silent(&MOUNT_FROM_STAGE_NUMBER, "FROM node:20 AS build\nFROM a:1\nCOPY --from=0 /a /a\n");
        silent(
            &MOUNT_FROM_STAGE_NUMBER,
            "FROM node:20 AS build\nFROM a:1\nRUN --mount=from=build,target=/x ls /x\n",
        );
    }

    #[test]
    fn the_stage_is_named_if_it_has_to_be() {
        assert_eq!(
            fixed(
                &MOUNT_FROM_STAGE_NUMBER,
                "FROM node:20 AS b\nFROM a:1\nRUN --mount=from=0,target=/x ls\n",
                "Use `b`"
            ),
            "FROM node:20 AS b\nFROM a:1\nRUN --mount=from=b,target=/x ls\n"
        );
        assert_eq!(
            fixed(
                &MOUNT_FROM_STAGE_NUMBER,
                "FROM node:20 # \nFROM node:20\nFROM a:1\nRUN --mount=from=1,target=/x ls\n",
                "Name stage 1 `builder`"
            ),
            "FROM node:20 # \nFROM node:20 AS builder\nFROM a:1\nRUN --mount=from=builder,target=/x ls\n"
        );
    }
}
