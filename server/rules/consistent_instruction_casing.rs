use super::{
    Findings,
    context::Context,
    from_as_casing::{is_lower, is_upper},
    rule,
    stage_edits::replace,
};
use crate::{
    syntax::{Arguments, Keyword, Placed},
    text::Edit,
};

rule! {
    /// An instruction in another case than most.
    ///
    /// ## Why
    /// Instructions count in any case, but a file reads better when they look alike. This is BuildKit's check
    /// ConsistentInstructionCasing.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// Copy a /a
    /// RUN ls /a
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY a /a
    /// RUN ls /a
    /// ```
    CONSISTENT_INSTRUCTION_CASING: "ConsistentInstructionCasing", "An instruction is in another case than most", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    // Global ARGs don't count (dockerfile2llb/validations.go, `validateCommandCasing`).
    let instructions = || {
        let all = context.stages.all().iter().flat_map(|stage| stage.instructions.clone());
        all.map(|index| context.instruction(index))
            .filter(|placed| placed.instruction.keyword != Keyword::Unknown)
    };
    let (mut lower, mut upper) = (0, 0);
    for placed in instructions() {
        let word = placed.instruction.word.text();
        lower += usize::from(is_lower(word));
        upper += usize::from(is_upper(word));
    }
    let to_lower = lower > upper;
    for placed in instructions() {
        let word = &placed.instruction.word;
        let (fits, case) = match to_lower {
            true => (is_lower(word.text()), "lowercase"),
            false => (is_upper(word.text()), "uppercase"),
        };
        if fits {
            continue;
        }
        let message =
            format!("Command '{}' should match the case of the command majority ({case})", word.text());
        let wanted = in_case(word.text(), to_lower);
        out.report(&CONSISTENT_INSTRUCTION_CASING, placed.at(word.range()), message)
            .fix(format!("Write `{wanted}`"), Some(edits(context, placed, to_lower)))
            .prefer_single_fix();
    }
}

fn in_case(word: &str, lower: bool) -> String {
    if lower { word.to_ascii_lowercase() } else { word.to_ascii_uppercase() }
}

/// The keyword in the other case, and the `AS` of a FROM with it.
fn edits(context: &Context<'_>, placed: &Placed, lower: bool) -> Vec<Edit> {
    let word = &placed.instruction.word;
    let mut edits = vec![replace(placed.at(word.range()), in_case(word.text(), lower))];
    if let Arguments::From(from) = &placed.instruction.arguments
        && let Some(range) = &from.as_keyword
    {
        let range = placed.at(range.clone());
        let text = in_case(&context.doc.text().slice(range.clone()), lower);
        edits.push(replace(range, text));
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn the_majority_counts_and_a_tie_means_upper_case() {
        fires(
            &CONSISTENT_INSTRUCTION_CASING,
            "
            arg X
            arg Y
            FROM a:1
            run ls
            ^^^ hint
            Env A=b
            ^^^ hint
            ",
        );
        fires(
            &CONSISTENT_INSTRUCTION_CASING,
            "
            from a:1
            run ls
            CMD [\"ls\"]
            ^^^ hint
            ",
        );
    }

    #[test]
    fn global_args_and_what_is_in_an_onbuild_do_not_count() {
        silent(&CONSISTENT_INSTRUCTION_CASING, "arg X\narg Y\nFROM a:1\nONBUILD run ls\nONBUILD run ls\n");
    }

    #[test]
    fn as_goes_with_its_from() {
        assert_eq!(
            fixed(&CONSISTENT_INSTRUCTION_CASING, "from a:1 as b\nRUN ls\nRUN ls\n", "Write `FROM`"),
            "FROM a:1 AS b\nRUN ls\nRUN ls\n"
        );
        assert_eq!(
            fixed(&CONSISTENT_INSTRUCTION_CASING, "from a:1\n\tRun ls\n", "Write `run`"),
            "from a:1\n\trun ls\n"
        );
    }
}
