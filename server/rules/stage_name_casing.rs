use super::{Findings, context::Context, rule, stage_edits::rename};
use crate::stages::names::is_valid_name;

rule! {
    /// A stage name with capital letters.
    ///
    /// ## Why
    /// BuildKit keeps the names of stages in lower case. `COPY --from` finds them in any case, `FROM` only in lower case. This
    /// is BuildKit's check StageNameCasing.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS Builder
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS builder
    /// ```
    STAGE_NAME_CASING: "StageNameCasing", "A stage name has capital letters", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for stage in context.stages.all() {
        let Some(name) =
            stage.name.as_ref().filter(|name| name.text.contains(|c: char| c.is_ascii_uppercase()))
        else {
            continue;
        };
        let lower = name.text.to_lowercase();
        // A name that no stage can have in any case is another rule's.
        if !is_valid_name(&lower) {
            continue;
        }
        let message = format!("Stage name '{}' should be lowercase", name.text);
        let finding = out.report(&STAGE_NAME_CASING, name.range.clone(), message);
        let edits = rename(context, stage.index, &lower, |_| true);
        finding.fix(format!("Rename to `{lower}`"), edits).prefer_single_fix();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn one_capital_letter_is_enough() {
        fires(
            &STAGE_NAME_CASING,
            "
            FROM a:1 AS Build
                        ^^^^^ hint
            FROM a:1 AS x-Y
                        ^^^ hint
            ",
        );
    }

    #[test]
    fn small_letters_and_names_that_are_wrong_in_any_case_are_left_alone() {
        silent(&STAGE_NAME_CASING, "FROM A/B AS c\nFROM a:1 AS d-1.2_e\nFROM a:1\n");
        only("FROM a:1 AS 2Nd\n", &["invalid-stage-name"]);
    }

    #[test]
    fn all_uses_get_the_new_name() {
        assert_eq!(
            fixed(
                &STAGE_NAME_CASING,
                "
                FROM a:1 AS Build
                FROM build AS next
                RUN --mount=from=BUILD,target=/x ls
                COPY --from=Build /a /b
                COPY --from=0 /a /b
                ",
                "Rename to `build`"
            ),
            "FROM a:1 AS build\nFROM build AS next\nRUN --mount=from=build,target=/x ls\nCOPY --from=build /a /b\n\
             COPY --from=0 /a /b\n"
        );
    }
}
