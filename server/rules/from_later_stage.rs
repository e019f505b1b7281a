use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{move_above, title},
};
use crate::stages::{ReferenceKind, Resolution, image::looks_like_image};

rule! {
    /// A `FROM` that names a stage which comes later in the file.
    ///
    /// ## Why
    /// `FROM` looks at the stages above it only. What it does not find there is pulled as an image, without a word.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM base AS app
    /// FROM alpine:3.20 AS base
    /// FROM app
    /// ```
    ///
    /// ## Instead
    /// Put the stage that is built on first.
    /// ```dockerfile
    /// FROM alpine:3.20 AS base
    /// FROM base AS app
    /// FROM app
    /// ```
    FROM_LATER_STAGE: "from-later-stage", "`FROM` names a stage that comes later", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for reference in context.stages.references() {
        if reference.kind != ReferenceKind::From || reference.variable.is_some() {
            continue;
        }
        let (Resolution::Image(image), text) = (&reference.resolution, &reference.text) else { continue };
        let named = context.stages.names().with_name(text);
        let Some(&later) = named.iter().find(|&&index| index > reference.stage) else { continue };
        if looks_like_image(text) {
            continue;
        }
        let stage = &context.stages.all()[later];
        let message = format!(
            "{} is defined after this one (line {}), and FROM only sees stages above it. Docker will try to pull an image \
             \"{}/{}:latest\"",
            title(stage),
            context.line(stage.range.start),
            image.registry,
            image.repository
        );
        let title = title(stage);
        out.report(&FROM_LATER_STAGE, reference.range.clone(), message)
            .related(context.declaration(later), format!("{title} is declared here"))
            .fix(
                format!("Move {} above this stage", title.replacen("Stage", "stage", 1)),
                move_above(context, later, reference.stage),
            )
            .prefer_single_fix();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn a_base_that_is_declared_below_is_found() {
        fires(
            &FROM_LATER_STAGE,
            "
            FROM base AS app
                 ^^^^ warning
            FROM alpine:3.20 AS Base
            FROM app
            ",
        );
    }

    #[test]
    fn images_and_stages_above_are_left_alone() {
        silent(&FROM_LATER_STAGE, "FROM golang AS golang\n");
        silent(&FROM_LATER_STAGE, "FROM base AS base\n");
        silent(&FROM_LATER_STAGE, "FROM golang\nFROM a:1 AS golang\n");
        silent(&FROM_LATER_STAGE, "FROM a:1 AS base\nFROM base\nFROM b:1 AS base\n");
        silent(&FROM_LATER_STAGE, "FROM base:1\nFROM alpine:3.20 AS base\n");
        silent(&FROM_LATER_STAGE, "ARG B=base\nFROM $B\nFROM alpine:3.20 AS base\n");
    }

    #[test]
    fn the_stage_can_be_moved() {
        assert_eq!(
            fixed(
                &FROM_LATER_STAGE,
                "
                FROM base AS app
                RUN a

                FROM alpine:3.20 AS base
                RUN b
                ",
                "Move stage \"base\" above this stage",
            ),
            "FROM alpine:3.20 AS base\nRUN b\n\nFROM base AS app\nRUN a\n"
        );
        only("FROM base AS app\nFROM alpine:3.20 AS base\nFROM app\n", &["from-later-stage"]);
    }
}
