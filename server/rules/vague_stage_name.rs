use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{free_name, rename, suggested_name},
};

rule! {
    /// A stage whose name says no more than its number.
    ///
    /// ## Why
    /// Readers of `COPY --from=stage2` have to look up what that is, and such names become wrong when a stage is added.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS stage1
    /// FROM alpine:3.20
    /// COPY --from=stage1 /app /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS compiler
    /// FROM alpine:3.20
    /// COPY --from=compiler /app /app
    /// ```
    VAGUE_STAGE_NAME: "vague-stage-name", "A stage has a name that says nothing", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for stage in context.stages.all() {
        let Some(name) = stage.name.as_ref().filter(|name| is_vague(&name.text)) else { continue };
        let message = format!("\"{}\" says nothing about what this stage is for", name.text);
        let finding = out.report(&VAGUE_STAGE_NAME, name.range.clone(), message);
        if !context.fixes {
            continue;
        }
        let better = suggested_name(context, stage);
        // One that counts, too, is no better.
        if better != free_name(context, &format!("stage-{}", stage.index)) {
            finding
                .fix(format!("Rename to `{better}`"), rename(context, stage.index, &better, |_| true))
                .prefer_single_fix();
        }
    }
}

/// Whether it is a word for any stage, and a number or nothing.
fn is_vague(name: &str) -> bool {
    let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_numbered = word.len() < name.len();
    let word = word.strip_suffix(['-', '_']).filter(|_| is_numbered).unwrap_or(word);
    let is = |words: &[&str]| words.iter().any(|other| other.eq_ignore_ascii_case(word));
    is(&["stage", "tmp", "temp"]) || (is_numbered && is(&["step", "s", "build"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, user};
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn words_for_any_stage_get_a_hint() {
        fires(
            &VAGUE_STAGE_NAME,
            "
            FROM a:1 AS stage2
                        ^^^^^^ hint
            FROM a:1 AS stage
                        ^^^^^ hint
            FROM a:1 AS Step-1
                        ^^^^^^ hint
            FROM a:1 AS s0
                        ^^ hint
            FROM a:1 AS build3
                        ^^^^^^ hint
            FROM a:1 AS tmp
                        ^^^ hint
            ",
        );
    }

    #[test]
    fn words_that_say_something_are_left_alone() {
        for name in ["compiler", "build", "staging", "s", "base1", "buildx", "node20", "stage-deps"] {
            silent(&VAGUE_STAGE_NAME, &format!("FROM a:1 AS {name}\n"));
        }
    }

    #[test]
    fn its_base_gives_a_better_name() {
        assert_eq!(
            fixed(
                &VAGUE_STAGE_NAME,
                "FROM golang:1 AS stage1\nFROM b:1\nCOPY --from=Stage1 /f /f\n",
                "Rename to `builder`"
            ),
            "FROM golang:1 AS builder\nFROM b:1\nCOPY --from=builder /f /f\n"
        );
    }

    #[test]
    fn a_stage_that_another_file_asks_for_is_not_renamed_here_alone() {
        let text = "FROM golang:1 AS stage1\nFROM a:1\nCOPY --from=stage1 /a /a\n";
        let doc = |users| Fixture::new(text).with_users(users).doc;
        let fixes = |users| crate::rules::check(&doc(users))[0].fixes.len();
        assert_eq!((fixes(vec![]), fixes(vec![user("web").target("stage1")])), (1, 0));
    }
}
