use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{move_above, title},
};
use crate::stages::{EdgeKind, ReferenceKind};

rule! {
    /// A `COPY --from` or a mount of a stage that comes later in the file.
    ///
    /// ## Why
    /// A stage can only copy from stages above it: the build stops with "it needs to be defined before current stage".
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS app
    /// COPY --from=assets /a /a
    /// FROM node:20 AS assets
    /// FROM app
    /// ```
    ///
    /// ## Instead
    /// Put the stage that is copied from first.
    /// ```dockerfile
    /// FROM node:20 AS assets
    /// FROM alpine:3.20 AS app
    /// COPY --from=assets /a /a
    /// FROM app
    /// ```
    STAGE_FORWARD_REFERENCE: "stage-forward-reference", "A stage copies from one that comes later", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for reference in context.stages.references() {
        let Some(target) = reference.target() else { continue };
        if reference.kind == ReferenceKind::From
            || reference.onbuild
            || target <= reference.stage
            || context.in_one_cycle(reference.stage, target)
        {
            continue;
        }
        let stage = &context.stages.all()[target];
        let line = context.line(stage.range.start);
        let message = format!(
            "{} is defined after this one (line {line}). A stage can only copy from stages above it",
            title(stage)
        );
        let finding = out.report(&STAGE_FORWARD_REFERENCE, reference.range.clone(), message);
        finding
            .severity(context.if_built(reference.stage))
            .related(context.declaration(target), format!("{} is declared here", title(stage)));
        // Of several stages with that name, COPY means the last.
        let name = stage.name.as_ref().filter(|_| !reference.is_number());
        let above = name.and_then(|name| {
            let named = context.stages.names().with_name(&name.text);
            named.iter().rev().find(|&&index| index < reference.stage).copied()
        });
        if let Some(above) = above {
            finding.related(
                context.declaration(above),
                "This one has the same name; the last in the file counts",
            );
        } else {
            let to = title(&context.stages.all()[reference.stage]);
            let what = title(stage);
            let edits = move_above(context, target, reference.stage);
            finding
                .fix(format!("Move {} above {}", lower_first(&what), lower_first(&to)), edits)
                .prefer_single_fix();
        }
    }
    triggers(context, out);
}

/// What an ONBUILD copies from is looked up where something is built on its stage.
fn triggers(context: &Context<'_>, out: &mut Findings) {
    for edge in context.stages.edges() {
        let Some(base) = context.stages.base(edge.to) else { continue };
        if edge.kind != EdgeKind::Onbuild || edge.from < edge.to {
            continue;
        }
        let stage = &context.stages.all()[edge.from];
        let below = if edge.from == edge.to { "is this one" } else { "is defined below this one" };
        let line = context.line(stage.range.start);
        let message = format!(
            "An ONBUILD of \"{}\" copies from here. {} {below} (line {line}); a stage can only copy from stages above it",
            base.text,
            title(stage)
        );
        out.report(&STAGE_FORWARD_REFERENCE, base.range.clone(), message)
            .severity(context.if_built(edge.to))
            .related(context.instruction(edge.instruction).range(), "This is the ONBUILD")
            .related(context.declaration(edge.from), format!("{} is declared here", title(stage)));
    }
}

/// `Stage "x"` inside a sentence.
fn lower_first(title: &str) -> String {
    title.replacen("Stage", "stage", 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, only, silent};

    #[test]
    fn copies_and_mounts_from_below_fail_when_they_are_built() {
        fires(
            &STAGE_FORWARD_REFERENCE,
            "
            FROM a:1 AS x
            COPY --from=Y /f /f
                        ^ error
            COPY --from=1 /f /f
                        ^ error
            RUN --mount=from=y,target=/y ls
                             ^ error
            FROM b:1 AS y
            FROM x
            ",
        );
        fires(
            &STAGE_FORWARD_REFERENCE,
            "
            FROM a:1 AS x
            COPY --from=y /f /f
                        ^ warning
            FROM b:1 AS y
            FROM c:1
            ",
        );
    }

    #[test]
    fn a_name_that_is_declared_again_below_means_the_later_stage() {
        fires(
            &STAGE_FORWARD_REFERENCE,
            "
            FROM a:1 AS d
            FROM b:1 AS m
            COPY --from=d /f /f
                        ^ error
            FROM c:1 AS d
            FROM m
            ",
        );
    }

    #[test]
    fn the_trigger_of_an_onbuild_is_reported_where_it_runs() {
        fires(
            &STAGE_FORWARD_REFERENCE,
            "
            FROM a:1 AS base
            ONBUILD COPY --from=y /f /f
            FROM base AS child
                 ^^^^ error
            FROM b:1 AS y
            FROM child
            ",
        );
    }

    #[test]
    fn stages_above_cycles_and_onbuilds_that_nobody_triggers_are_left_alone() {
        silent(&STAGE_FORWARD_REFERENCE, "FROM a:1 AS d\nFROM b:1 AS m\nCOPY --from=d /f /f\nFROM m\n");
        silent(&STAGE_FORWARD_REFERENCE, "FROM a:1 AS d\nONBUILD COPY --from=e /f /f\nFROM b:1 AS e\n");
        only(
            "
            FROM a:1 AS x
            COPY --from=y /f /f
            FROM b:1 AS y
            COPY --from=x /f /f
            ",
            &["stage-cycle"],
        );
    }

    #[test]
    fn the_whole_stage_moves_with_its_comments() {
        let text = "
            # The app.
            FROM a:1 AS x
            COPY --from=y /f /f

            # What it needs.
            FROM b:1 AS y
            RUN make \\
              all

            FROM x
            COPY --from=0 /f /f
            ";
        assert_eq!(
            fixed(&STAGE_FORWARD_REFERENCE, text, "Move stage \"y\" above stage \"x\""),
            "# What it needs.\nFROM b:1 AS y\nRUN make \\\n  all\n\n# The app.\nFROM a:1 AS x\n\
             COPY --from=y /f /f\n\nFROM x\nCOPY --from=1 /f /f\n"
        );
        assert_eq!(
            message(&STAGE_FORWARD_REFERENCE, text),
            "Stage \"y\" is defined after this one (line 6). A stage can only copy from stages above it"
        );
    }

    #[test]
    fn the_last_stage_moves_too() {
        let after = fixed(
            &STAGE_FORWARD_REFERENCE,
            "FROM a:1 AS x\r\nCOPY --from=y /f /f\r\n\r\nFROM b:1 AS y\r\nRUN b",
            "Move stage \"y\" above stage \"x\"",
        );
        assert_eq!(after, "FROM b:1 AS y\r\nRUN b\r\n\r\nFROM a:1 AS x\r\nCOPY --from=y /f /f\r\n");
    }

    #[test]
    fn a_stage_that_needs_what_would_then_be_below_stays() {
        let doc = crate::document::Document::open(
            "FROM a:1 AS x\nCOPY --from=z /f /f\nFROM b:1 AS y\nFROM y AS z\nFROM x\n",
            0,
        );
        let found = crate::rules::check(&doc);
        let found = found.iter().find(|finding| finding.code == STAGE_FORWARD_REFERENCE.code).unwrap();
        assert_eq!(found.fixes, []);
    }
}
