use std::collections::HashMap;

use super::{Findings, Tag, context::Context, rule, stage_edits::replace};
use crate::syntax::{Keyword, Placed};

rule! {
    /// A CMD, ENTRYPOINT or HEALTHCHECK that a later one of the same stage replaces.
    ///
    /// ## Why
    /// An image has one of each: the last one counts, the others do nothing. This is BuildKit's check
    /// MultipleInstructionsDisallowed.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// CMD ["first"]
    /// CMD ["second"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// CMD ["second"]
    /// ```
    MULTIPLE_INSTRUCTIONS_DISALLOWED: "MultipleInstructionsDisallowed",
    "Only the last CMD, ENTRYPOINT and HEALTHCHECK of a stage counts", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut of_triggers = HashMap::new();
    for stage in context.stages.all() {
        let is_own = |index: &usize| context.instruction(*index).instruction.keyword != Keyword::Onbuild;
        let own = replaced(context, stage.instructions.clone().filter(is_own), out);
        // Two triggers of one kind are one mistake, however many stages run them.
        let triggers = &context.triggers[stage.index];
        if !triggers.is_empty() && context.is_triggered(stage.index) {
            of_triggers.insert(stage.index, replaced(context, triggers.iter().copied(), out));
        }
        // What the triggers of the base set comes before what the stage sets itself.
        let Some(base) = context.stages.base(stage.index).filter(|_| context.built[stage.index]) else {
            continue;
        };
        let Some(triggers) = base.target().and_then(|base| of_triggers.get(&base)) else { continue };
        for (trigger, own) in triggers.iter().zip(own) {
            let (Some((_, trigger)), Some((first, _))) = (trigger, own) else { continue };
            let message = message(first.instruction.effective().word.text());
            out.report(&MULTIPLE_INSTRUCTIONS_DISALLOWED, base.range.clone(), message)
                .related(trigger.range(), "Runs in this stage")
                .related(first.range(), "Counts instead");
        }
    }
}

/// Reports what a later one of some instructions (indices into
/// [`Syntax::instructions`](crate::syntax::Syntax::instructions)) replaces. The first and the last CMD, ENTRYPOINT and
/// HEALTHCHECK among them.
fn replaced<'a>(
    context: &Context<'a>,
    instructions: impl Iterator<Item = usize>,
    out: &mut Findings,
) -> [Option<(&'a Placed, &'a Placed)>; 3] {
    let mut found: [Option<(&Placed, &Placed)>; 3] = [None; 3];
    for index in instructions {
        let placed = context.instruction(index);
        let instruction = placed.instruction.effective();
        let kind = match instruction.keyword {
            Keyword::Cmd => 0,
            Keyword::Entrypoint => 1,
            Keyword::Healthcheck => 2,
            _ => continue,
        };
        let Some((first, earlier)) = found[kind].replace((placed, placed)) else { continue };
        found[kind] = Some((first, placed));
        let message = message(instruction.word.text());
        let finding = out.report(&MULTIPLE_INSTRUCTIONS_DISALLOWED, earlier.range(), message);
        finding.related(placed.range(), "This one counts");
        let text = context.doc.text();
        let end = text.line_start(text.line_of(earlier.range().end) + 1);
        let lines = text.line_start(text.line_of(earlier.start))..end;
        finding
            .fix(format!("Remove this {}", instruction.keyword.name()), Some(vec![replace(lines, "")]))
            .prefer_single_fix();
        finding.tags.push(Tag::Unnecessary);
    }
    found
}

fn message(name: &str) -> String {
    format!(
        "Multiple {name} instructions should not be used in the same stage because only the last one will be used"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn all_but_the_last_of_a_stage_are_found() {
        fires(
            &MULTIPLE_INSTRUCTIONS_DISALLOWED,
            "
            FROM a:1
            CMD [\"a\"]
            ^^^^^^^^^ warning
            ENTRYPOINT [\"e\"]
            cmd b
            ^^^^^ warning
            HEALTHCHECK CMD a
            ^^^^^^^^^^^^^^^^^ warning
            HEALTHCHECK NONE
            CMD [\"c\"]
            ",
        );
    }

    #[test]
    fn each_stage_may_set_its_own() {
        silent(
            &MULTIPLE_INSTRUCTIONS_DISALLOWED,
            "FROM a:1 AS x\nCMD [\"a\"]\nONBUILD CMD [\"x\"]\nONBUILD CMD [\"x\"]\nFROM b:1\nCMD [\"a\"]\nENTRYPOINT [\"e\"]\n",
        );
    }

    #[test]
    fn triggers_count_where_they_run() {
        fires(
            &MULTIPLE_INSTRUCTIONS_DISALLOWED,
            "
            FROM a:1 AS x
            CMD [\"a\"]
            ONBUILD CMD [\"b\"]
            ^^^^^^^^^^^^^^^^^ warning
            ONBUILD CMD [\"c\"]
            FROM x
                 ^ warning
            CMD [\"d\"]
            ",
        );
    }

    #[test]
    fn the_one_that_does_not_count_goes() {
        assert_eq!(
            fixed(
                &MULTIPLE_INSTRUCTIONS_DISALLOWED,
                "FROM a:1\r\n  CMD a \\\r\n    b\r\n# c\r\nCMD d\r\n",
                "Remove this CMD"
            ),
            "FROM a:1\r\n# c\r\nCMD d\r\n"
        );
    }
}
