use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{replace, stages_above},
};
use crate::{
    stages::{Reference, ReferenceKind, Resolution},
    syntax::Keyword,
    text::Edit,
};

rule! {
    /// A stage that copies from itself.
    ///
    /// ## Why
    /// The build stops with "circular dependency detected". Mostly a number is off by one: stages count from 0.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS builder
    /// FROM alpine:3.20
    /// COPY --from=1 /app /app
    /// ```
    ///
    /// ## Instead
    /// Name the stage above; inside one stage use `RUN cp`.
    /// ```dockerfile
    /// FROM golang:1.22 AS builder
    /// FROM alpine:3.20
    /// COPY --from=builder /app /app
    /// ```
    STAGE_COPIES_FROM_ITSELF: "stage-copies-from-itself", "A stage copies from itself", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for reference in context.stages.references() {
        if reference.kind == ReferenceKind::From
            || reference.onbuild
            || reference.target() != Some(reference.stage)
        {
            continue;
        }
        let mut message = String::from("This stage copies from itself: circular dependency");
        let above = if reference.is_number() { stages_above(context, reference) } else { Vec::new() };
        if reference.is_number() {
            message += &format!(". Stage {} is this stage", reference.stage);
            if let Some((index, text)) = above.first() {
                let name = context.stages.all()[*index].name.as_ref().map(|_| format!(" (\"{text}\")"));
                message += &format!("; did you mean {index}{}?", name.unwrap_or_default());
            }
        }
        let finding = out.report(&STAGE_COPIES_FROM_ITSELF, reference.range.clone(), message);
        finding.related(context.declaration(reference.stage), "This stage");
        let named = context.stages.all()[reference.stage].name.as_ref().filter(|_| !reference.is_number());
        let same = named.and_then(|name| {
            context.stages.names().with_name(&name.text).iter().rev().find(|&&index| index < reference.stage)
        });
        if let Some(&same) = same {
            finding.related(
                context.declaration(same),
                "This one has the same name; the last in the file counts",
            );
        }
        for (_, text) in above {
            finding.fix(format!("Use `{text}`"), Some(vec![replace(reference.range.clone(), text)]));
        }
        finding.prefer_single_fix();
        if same.is_none() {
            finding.fix("Copy with `RUN cp`", run_cp(context, reference));
        }
    }
}

/// `RUN cp -a` in place of the COPY, if that is plain enough to mean the same.
fn run_cp(context: &Context<'_>, reference: &Reference) -> Option<Vec<Edit>> {
    let placed = context.instruction(reference.instruction);
    let instruction = &placed.instruction;
    let words = instruction.words();
    let is_plain = |text: &str| {
        text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-'))
            && !text.starts_with('-')
    };
    let base = context.stages.base(reference.stage).map(|base| &base.resolution);
    if instruction.keyword != Keyword::Copy
        || base == Some(&Resolution::Scratch)
        || instruction.flags.len() != 1
        || !instruction.heredocs.is_empty()
        || words.len() < 2
        || !words.iter().all(|word| is_plain(word.text()))
    {
        return None;
    }
    let (to, from) = words.split_last()?;
    let mut text = String::from("RUN cp -a");
    for word in from {
        // A source counts from the root of the stage, wherever its WORKDIR is.
        text += if word.text().starts_with('/') { " " } else { " /" };
        text += word.text();
    }
    text = text + " " + to.text();
    Some(vec![replace(placed.range(), text)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn names_numbers_and_mounts_of_the_very_stage_are_errors_wherever_they_are() {
        fires(
            &STAGE_COPIES_FROM_ITSELF,
            "
            FROM a:1 AS x
            COPY --from=X /a /b
                        ^ error
            COPY --from=0 a* /b
                        ^ error
            RUN --mount=from=x,target=/x ls
                             ^ error
            FROM b:1
            ",
        );
        fires(
            &STAGE_COPIES_FROM_ITSELF,
            "
            FROM golang:1.22 AS builder
            FROM alpine:3.20
            COPY --from=1 /app /app
                        ^ error
            ",
        );
    }

    #[test]
    fn others_are_left_alone() {
        silent(&STAGE_COPIES_FROM_ITSELF, "FROM nginx\nCOPY --from=nginx /a /a\n");
        silent(&STAGE_COPIES_FROM_ITSELF, "FROM a:1 AS x\nONBUILD COPY --from=x /a /a\nFROM x\n");
    }

    #[test]
    fn a_number_is_replaced_by_a_stage_above() {
        let text = "
            FROM golang:1.22 AS builder
            FROM alpine:3.20
            COPY --from=1 /app /app
            ";
        assert_eq!(
            message(&STAGE_COPIES_FROM_ITSELF, text),
            "This stage copies from itself: circular dependency. Stage 1 is this stage; did you mean 0 (\"builder\")?"
        );
        let after = fixed(&STAGE_COPIES_FROM_ITSELF, text, "Use `builder`");
        assert!(after.ends_with("COPY --from=builder /app /app\n"));
    }

    #[test]
    fn a_copy_inside_a_stage_is_a_run() {
        assert_eq!(
            fixed(
                &STAGE_COPIES_FROM_ITSELF,
                "FROM a:1 AS x\nCOPY --from=x out/f /b/\n",
                "Copy with `RUN cp`"
            ),
            "FROM a:1 AS x\nRUN cp -a /out/f /b/\n"
        );
    }
}
