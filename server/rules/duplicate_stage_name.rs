use std::collections::HashMap;

use super::{
    Findings, Severity,
    context::Context,
    rule,
    stage_edits::{free_name, rename},
};
use crate::stages::ReferenceKind;

rule! {
    /// Two stages with one name.
    ///
    /// ## Why
    /// Each later use means one of the two, and not always the same: `FROM` takes the nearest above, `COPY --from` and mounts
    /// the last in the file, which may stand below them and is an error then. This is BuildKit's check DuplicateStageName.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// FROM node:20 AS build
    /// FROM alpine:3.20
    /// COPY --from=build /app /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// FROM node:20 AS assets
    /// FROM alpine:3.20
    /// COPY --from=build /app /app
    /// ```
    DUPLICATE_STAGE_NAME: "DuplicateStageName", "Two stages have one name", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    // Per name, the stages that have it so far.
    let mut seen: HashMap<String, (usize, usize)> = HashMap::new();
    for stage in context.stages.all() {
        let Some(name) = &stage.name else { continue };
        let lower = name.text.to_lowercase();
        let Some((first, count)) = seen.get_mut(&lower) else {
            seen.insert(lower, (stage.index, 1));
            continue;
        };
        *count += 1;
        let uses = context.uses[stage.index].iter().map(|&index| &context.stages.references()[index]);
        let early = uses.clone().find(|reference| {
            reference.stage < stage.index
                && reference.stage > *first
                && !reference.onbuild
                && !reference.is_number()
                && reference.kind != ReferenceKind::From
                && context.built[reference.stage]
        });
        let later = if *context.stages.names().with_name(&lower).last().expect("it is there") == stage.index {
            ". A FROM below means this one, and so does every COPY --from in the file"
        } else {
            ". A FROM below means this one until the next, a COPY --from the last in the file"
        };
        let message = format!("Duplicate stage name \"{lower}\", stage names should be unique{later}");
        let free = free_name_after(context, &lower, *count);
        let finding = out.report(&DUPLICATE_STAGE_NAME, name.range.clone(), message);
        let first_name = context.stages.all()[*first].name.as_ref();
        finding.related(
            first_name.map_or_else(|| context.declaration(*first), |name| name.range.clone()),
            "The first stage of that name",
        );
        if let Some(early) = early {
            finding
                .severity(Severity::Error)
                .related(early.range.clone(), "This means the stage below, from which it cannot copy");
        }
        finding
            .fix(
                format!("Rename to `{free}`"),
                // What stands above can only have meant the one before.
                rename(context, stage.index, &free, |reference| reference.stage > stage.index),
            )
            .prefer_single_fix();
    }
}

/// Each of several duplicates gets a number of its own, without counting from 2 each time.
fn free_name_after(context: &Context<'_>, name: &str, count: usize) -> String {
    free_name(context, &format!("{name}-{count}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn the_second_and_the_third_are_found_in_any_case() {
        fires(
            &DUPLICATE_STAGE_NAME,
            "
            FROM a:1 AS x
            FROM b:1 AS X
                        ^ warning
            FROM c:1 AS x
                        ^ warning
            FROM x
            ",
        );
    }

    #[test]
    fn it_is_an_error_if_a_copy_between_them_fails_for_it() {
        fires(
            &DUPLICATE_STAGE_NAME,
            "
            FROM a:1 AS d
            FROM b:1 AS m
            COPY --from=d /f /f
            FROM c:1 AS d
                        ^ error
            FROM m
            ",
        );
        fires(
            &DUPLICATE_STAGE_NAME,
            "
            FROM a:1 AS d
            FROM b:1 AS m
            COPY --from=d /f /f
            FROM c:1 AS d
                        ^ warning
            FROM d
            ",
        );
    }

    #[test]
    fn distinct_names_and_unnamed_stages_are_left_alone() {
        silent(&DUPLICATE_STAGE_NAME, "FROM a:1 AS x\nFROM a:1\nFROM a:1\nFROM x AS y\n");
    }

    #[test]
    fn the_uses_below_get_the_new_name_and_those_above_keep_the_old() {
        assert_eq!(
            fixed(
                &DUPLICATE_STAGE_NAME,
                "
                FROM a:1 AS d
                FROM d AS m
                COPY --from=d /f /f
                FROM c:1 AS d
                FROM m
                COPY --from=d /f /f
                RUN --mount=from=D,target=/x ls
                ",
                "Rename to `d-2`",
            ),
            "FROM a:1 AS d\nFROM d AS m\nCOPY --from=d /f /f\nFROM c:1 AS d-2\nFROM m\nCOPY --from=d-2 /f /f\n\
             RUN --mount=from=d-2,target=/x ls\n"
        );
    }
}
