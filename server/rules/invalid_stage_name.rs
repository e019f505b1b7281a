use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{free_name, rename},
};
use crate::stages::names::{is_valid_name, valid_name_near};

rule! {
    /// A name that no stage can have.
    ///
    /// ## Why
    /// BuildKit takes names that start with a letter and go on with letters, digits, `-`, `_` and `.`; there are no variables
    /// in them. With anything else the build stops.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS 2nd
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20 AS second
    /// ```
    INVALID_STAGE_NAME: "invalid-stage-name", "A name that no stage can have", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for stage in context.stages.all() {
        let Some(name) = &stage.name else { continue };
        // A `#` is the start of what was meant as a comment.
        if is_valid_name(&name.text.to_lowercase()) || name.text.starts_with('#') {
            continue;
        }
        let near = free_name(context, valid_name_near(&name.text).as_deref().unwrap_or("stage"));
        let why = if name.text.contains('$') {
            "it can hold no variables"
        } else {
            "it must start with a letter and hold only letters, digits, \"-\", \"_\" and \".\""
        };
        out.report(
            &INVALID_STAGE_NAME,
            name.range.clone(),
            format!("\"{}\" is not a valid stage name: {why}", name.text),
        )
        .fix(format!("Rename to `{near}`"), rename(context, stage.index, &near, |_| true))
        .prefer_single_fix();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn digits_in_front_symbols_quotes_and_variables_are_errors() {
        for name in ["2nd", "my@x", "_a", "\"q\"", "é"] {
            let marks = "^".repeat(name.len());
            fires(&INVALID_STAGE_NAME, &format!("FROM a:1 AS {name}\n            {marks} error\nFROM b:1\n"));
        }
        only("ARG N=x\nFROM a:1 AS $N\n", &["invalid-stage-name"]);
    }

    #[test]
    fn letters_digits_and_three_signs_are_fine() {
        silent(&INVALID_STAGE_NAME, "FROM a:1 AS my_x.v2-b\nFROM a:1 AS Builder\nFROM a:1 AS\nFROM a:1\n");
    }

    #[test]
    fn the_uses_get_the_new_name_too() {
        assert_eq!(
            fixed(
                &INVALID_STAGE_NAME,
                "
                FROM a:1 AS my@x
                FROM my@x AS y
                FROM b:1
                COPY --from=my@x /a /a
                COPY --from=0 /a /a
                COPY --from=y /a /a
                ",
                "Rename to `my-x`",
            ),
            "FROM a:1 AS my-x\nFROM my-x AS y\nFROM b:1\nCOPY --from=my-x /a /a\nCOPY --from=0 /a /a\nCOPY --from=y /a /a\n"
        );
    }
}
