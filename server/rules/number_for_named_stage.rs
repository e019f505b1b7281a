use super::{Findings, context::Context, rule, stage_edits::replace};
use crate::stages::names::is_valid_name;

rule! {
    /// A `COPY --from` with the number of a stage that has a name.
    ///
    /// ## Why
    /// The name says what is copied from, and still means the same stage when others are added or removed.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS builder
    /// FROM alpine:3.20
    /// COPY --from=0 /app /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS builder
    /// FROM alpine:3.20
    /// COPY --from=builder /app /app
    /// ```
    NUMBER_FOR_NAMED_STAGE: "number-for-named-stage", "A stage with a name is used by its number", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for &index in &context.numbers {
        let reference = &context.stages.references()[index];
        let Some(target) = reference.target().filter(|&target| target < reference.stage) else { continue };
        let Some(name) = context.stages.all()[target].name.as_ref() else { continue };
        // A name that a later stage has too means that one.
        let is_last = context.stages.names().with_name(&name.text).last() == Some(&target);
        if reference.onbuild || !is_last || !is_valid_name(&name.text) {
            continue;
        }
        let message = format!("Stage {target} has a name: \"{}\"", name.text);
        out.report(&NUMBER_FOR_NAMED_STAGE, reference.range.clone(), message)
            .related(name.range.clone(), format!("Stage {target}"))
            .fix(format!("Use `{}`", name.text), Some(vec![replace(reference.range.clone(), &name.text)]))
            .prefer_single_fix();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn a_number_where_there_is_a_name_gets_a_hint() {
        fires(
            &NUMBER_FOR_NAMED_STAGE,
            "
            FROM a:1 AS x
            FROM b:1
            COPY --from=0 /f /f
                        ^ hint
            ",
        );
    }

    #[test]
    fn names_that_mean_another_stage_or_are_missing_are_left_alone() {
        silent(&NUMBER_FOR_NAMED_STAGE, "FROM a:1 AS x\nFROM b:1\nCOPY --from=x /f /f\n");
        silent(&NUMBER_FOR_NAMED_STAGE, "FROM a:1\nFROM b:1\nCOPY --from=0 /f /f\n");
        silent(&NUMBER_FOR_NAMED_STAGE, "FROM a:1 AS x\nFROM b:1 AS x\nFROM c:1\nCOPY --from=0 /f /f\n");
        silent(&NUMBER_FOR_NAMED_STAGE, "FROM a:1 AS x\nFROM b:1 AS y\nCOPY --from=1 /f /f\n");
    }

    #[test]
    fn the_name_replaces_it() {
        assert_eq!(
            fixed(&NUMBER_FOR_NAMED_STAGE, "FROM a:1 AS X\nFROM b:1\nCOPY --from=+0 /f /f\n", "Use `X`"),
            "FROM a:1 AS X\nFROM b:1\nCOPY --from=X /f /f\n"
        );
    }
}
