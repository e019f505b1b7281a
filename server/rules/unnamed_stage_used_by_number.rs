use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{name_stage, replace, suggested_name},
};
use crate::text::Edit;

rule! {
    /// A `COPY --from` with the number of a stage that has no name.
    ///
    /// ## Why
    /// Numbers count the stages of the file. With a stage more, or one less, the same number means another one, and nobody
    /// says so.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22
    /// RUN go build -o /app .
    /// FROM alpine:3.20
    /// COPY --from=0 /app /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS builder
    /// RUN go build -o /app .
    /// FROM alpine:3.20
    /// COPY --from=builder /app /app
    /// ```
    UNNAMED_STAGE_USED_BY_NUMBER: "unnamed-stage-used-by-number", "A stage without a name is used by its number",
    Information, check
}

/// In how many places a name can replace a number. Where there are more, only the first finding offers it: each fix holds
/// all of them.
const OFFERED: usize = 50;

fn check(context: &Context<'_>, out: &mut Findings) {
    for &index in &context.numbers {
        let reference = &context.stages.references()[index];
        // Those below, and the stage itself, can't be copied from.
        let Some(target) = reference.target().filter(|&target| target < reference.stage) else { continue };
        let stage = &context.stages.all()[target];
        // In an ONBUILD it counts the stages of another file, or of another place in this one.
        if stage.name.is_some() || reference.onbuild {
            continue;
        }
        let message = format!(
            "Stage {target} has no name. If stages are added or removed, {} means another one",
            reference.text
        );
        let finding = out.report(&UNNAMED_STAGE_USED_BY_NUMBER, reference.range.clone(), message);
        finding.related(context.declaration(target), format!("Stage {target}"));
        let uses = &context.uses[target];
        if context.fixes && (uses.len() <= OFFERED || uses.first() == Some(&index)) {
            let name = suggested_name(context, stage);
            let edits = name_and_use(context, target, &name);
            finding.fix(format!("Name stage {target} `{name}`"), edits).prefer_single_fix();
        }
    }
}

/// Names a stage, and writes the name instead of all numbers that mean it.
fn name_and_use(context: &Context<'_>, stage: usize, name: &str) -> Option<Vec<Edit>> {
    let uses = context.uses[stage].iter().map(|&index| &context.stages.references()[index]);
    let numbers = uses.filter(|reference| reference.is_number());
    let edits = numbers.map(|reference| replace(reference.range.clone(), name));
    Some(std::iter::once(name_stage(context, stage, name)?).chain(edits).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn the_number_of_an_unnamed_stage_is_found() {
        fires(
            &UNNAMED_STAGE_USED_BY_NUMBER,
            "
            FROM a:1
            FROM b:1
            COPY --from=0 /f /f
                        ^ information
            COPY --from=\"0\" /g /g
                         ^ information
            ",
        );
    }

    #[test]
    fn names_and_what_is_wrong_otherwise_are_left_alone() {
        silent(&UNNAMED_STAGE_USED_BY_NUMBER, "FROM a:1 AS x\nFROM b:1\nCOPY --from=x /f /f\n");
        silent(&UNNAMED_STAGE_USED_BY_NUMBER, "FROM a:1 AS x\nFROM b:1\nCOPY --from=0 /f /f\n");
        silent(&UNNAMED_STAGE_USED_BY_NUMBER, "FROM a:1\nFROM b:1\nCOPY --from=1 /f /f\n");
        silent(&UNNAMED_STAGE_USED_BY_NUMBER, "FROM a:1\nCOPY --from=1 /f /f\nFROM b:1\n");
        silent(&UNNAMED_STAGE_USED_BY_NUMBER, "FROM a:1\nFROM b:1\nONBUILD COPY --from=0 /f /f\n");
    }

    #[test]
    fn all_numbers_become_the_name() {
        assert_eq!(
            fixed(
                &UNNAMED_STAGE_USED_BY_NUMBER,
                "FROM golang:1\nFROM b:1\nCOPY --from=0 /f /f\nFROM c:1\nCOPY --from=00 /f /f\n",
                "Name stage 0 `builder`"
            ),
            "FROM golang:1 AS builder\nFROM b:1\nCOPY --from=builder /f /f\nFROM c:1\nCOPY --from=builder /f /f\n"
        );
    }
}
