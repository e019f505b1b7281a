use super::{
    Finding, Findings, Severity,
    context::Context,
    rule,
    stage_edits::{replace, stages_above},
};
use crate::stages::{Reference, Resolution};

rule! {
    /// A `COPY --from` with a number that no stage has.
    ///
    /// ## Why
    /// Stages count from 0, unnamed ones included. The build stops with "invalid stage index". A number that is too big may
    /// also hit an image that some other instruction copies from, for BuildKit appends those to its list of stages.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS builder
    /// FROM alpine:3.20
    /// COPY --from=2 /app /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS builder
    /// FROM alpine:3.20
    /// COPY --from=builder /app /app
    /// ```
    STAGE_INDEX_OUT_OF_RANGE: "stage-index-out-of-range", "A number that no stage has", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    // What an ONBUILD counts is for the file that triggers it to say.
    for reference in context.stages.references().iter().filter(|reference| !reference.onbuild) {
        match &reference.resolution {
            Resolution::NoSuchNumber(number) => {
                let has = match context.stages.all().len() {
                    1 => "this file has only stage 0".to_owned(),
                    count => format!("this file has stages 0–{}", count - 1),
                };
                report(context, out, reference, format!("There is no stage {number}; {has}"));
            }
            Resolution::NumberedImage(image) => {
                let message = format!(
                    "{} refers to an external image by accident of numbering: \"{image}\"",
                    reference.text
                );
                report(context, out, reference, message).severity(Severity::Warning);
            }
            _ => {}
        }
    }
}

fn report<'a>(
    context: &Context<'_>,
    out: &'a mut Findings,
    reference: &Reference,
    message: String,
) -> &'a mut Finding {
    let finding = out.report(&STAGE_INDEX_OUT_OF_RANGE, reference.range.clone(), message);
    if let Some(last) = context.stages.all().last() {
        finding.related(context.declaration(last.index), format!("The last stage is {}", last.index));
    }
    for (_, text) in stages_above(context, reference) {
        finding.fix(format!("Use `{text}`"), Some(vec![replace(reference.range.clone(), text)]));
    }
    finding.prefer_single_fix()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn numbers_outside_the_file_are_errors_wherever_they_are() {
        fires(
            &STAGE_INDEX_OUT_OF_RANGE,
            "
            FROM a:1 AS x
            FROM b:1
            COPY --from=3 /f /f
                        ^ error
            COPY --from=-1 /f /f
                        ^^ error
            COPY --from=+3 /f /f
                        ^^ error
            FROM c:1
            ",
        );
    }

    #[test]
    fn a_number_that_hits_an_image_is_a_warning() {
        fires(
            &STAGE_INDEX_OUT_OF_RANGE,
            "
            FROM a:1 AS x
            COPY --from=nginx:1 /f /f
            FROM b:1
            COPY --from=2 /f /f
                        ^ warning
            ",
        );
    }

    #[test]
    fn numbers_of_stages_names_and_onbuilds_are_left_alone() {
        silent(
            &STAGE_INDEX_OUT_OF_RANGE,
            "FROM a:1 AS x\nFROM b:1\nCOPY --from=0 /f /f\nCOPY --from=+00 /f /f\n",
        );
        silent(&STAGE_INDEX_OUT_OF_RANGE, "FROM a:1 AS x\nRUN --mount=from=7,target=/x ls\n");
        silent(&STAGE_INDEX_OUT_OF_RANGE, "FROM a:1 AS x\nONBUILD COPY --from=7 /f /f\n");
    }

    #[test]
    fn stages_above_are_offered() {
        let text = "FROM a:1 AS x\nFROM b:1\nFROM c:1\nCOPY --from=3 /f /f\n";
        assert_eq!(message(&STAGE_INDEX_OUT_OF_RANGE, text), "There is no stage 3; this file has stages 0–2");
        let after = fixed(&STAGE_INDEX_OUT_OF_RANGE, text, "Use `x`");
        assert!(after.ends_with("COPY --from=x /f /f\n"));
        fixed(&STAGE_INDEX_OUT_OF_RANGE, text, "Use `1`");
    }
}
