use super::{
    Findings, Tag,
    context::{Context, has_finished_end, is_well_formed},
    rule,
    stage_edits::{becomes_directive, name_stage, remove, suggested_name},
};

rule! {
    /// A stage without a name that nothing uses.
    ///
    /// ## Why
    /// Only the last stage and what it needs are built, and another one can be asked for by its name only: nothing can ever
    /// build this one.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22
    /// RUN go build -o /app .
    /// FROM alpine:3.20
    /// COPY app /app
    /// ```
    ///
    /// ## Instead
    /// Name it and copy from it, or leave it out.
    /// ```dockerfile
    /// FROM golang:1.22 AS builder
    /// RUN go build -o /app .
    /// FROM alpine:3.20
    /// COPY --from=builder /app /app
    /// ```
    DEAD_UNNAMED_STAGE: "dead-unnamed-stage", "A stage that nothing can ever build", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut meant = None;
    let Some(last) = context.stages.all().last().filter(|_| has_finished_end(context)) else { return };
    for stage in context.stages.all() {
        if stage.name.is_some()
            || stage.index == last.index
            || context.built[stage.index]
            || context.needed[stage.index]
            || !is_well_formed(context, stage)
            || meant.get_or_insert_with(|| context.meant())[stage.index]
        {
            continue;
        }
        let finding = out.report(
            &DEAD_UNNAMED_STAGE,
            stage.range.clone(),
            "This stage is never built: it has no name, and no later stage uses it",
        );
        finding.related(context.declaration(last.index), "The last stage is what is built");
        finding.tags.push(Tag::Unnecessary);
        if context.fixes {
            let name = suggested_name(context, stage);
            finding.fix("Name this stage", name_stage(context, stage.index, &name).map(|edit| vec![edit]));
            let is_first = stage.instructions.start == 0;
            if !is_first || !becomes_directive(context, stage.range.end) {
                finding.fix("Remove this stage", Some(remove(context, stage.index)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn it_is_found_and_faded_as_a_whole() {
        let text = "
            FROM a:1
            ^^^^^^^^ warning
            RUN x
            FROM b:1
            ";
        fires(&DEAD_UNNAMED_STAGE, text);
        let doc = crate::document::Document::open("FROM a:1\nRUN x\n\nFROM b:1\n", 0);
        let found = crate::rules::check(&doc);
        assert_eq!((found[0].range.clone(), &found[0].tags[..]), (0..14, &[Tag::Unnecessary][..]));
    }

    #[test]
    fn stages_that_are_used_or_have_a_name_or_are_last_are_left_alone() {
        silent(&DEAD_UNNAMED_STAGE, "FROM a:1\nRUN x\nFROM b:1\nCOPY --from=0 /f /f\n");
        silent(&DEAD_UNNAMED_STAGE, "FROM a:1 AS x\nFROM b:1\n");
        silent(&DEAD_UNNAMED_STAGE, "FROM a:1\nFROM b:1 AS unused\nCOPY --from=0 /f /f\nFROM c:1\n");
        silent(&DEAD_UNNAMED_STAGE, "FROM a:1\n");
    }

    #[test]
    fn what_is_being_typed_at_the_end_changes_nothing() {
        for end in ["FROM ", "FROM b:1 AS", "FROM b:1\nRUN <<EOF\n", "FROM b:1 A"] {
            silent(&DEAD_UNNAMED_STAGE, &format!("FROM a:1\nRUN x\n{end}"));
        }
    }

    #[test]
    fn a_mistake_that_hides_its_use_is_all_that_is_reported() {
        only("FROM a:1\nFROM b:1\nCOPY --from=2 /f /f\n", &["stage-index-out-of-range"]);
        only("FROM a:1\nFROM b:1\nCOPY --from=1 /f /f\n", &["stage-copies-from-itself"]);
        only("FROM a:1\nFROM b:1\nRUN --mount=from=0,target=/x ls\n", &["mount-from-stage-number"]);
        only("FROM a:1\nFROM b:1\nADD --from=0 /f /f\n", &["unknown-flag"]);
        only("FROM a:1 b\nFROM b:1\n", &["from-syntax"]);
    }

    #[test]
    fn a_comment_below_does_not_become_a_directive() {
        let doc = crate::document::Document::open("FROM a:1\n# check=1\nFROM b:1\n", 0);
        let finding = crate::rules::check(&doc).remove(0);
        assert_eq!((finding.code, finding.fixes.len()), (DEAD_UNNAMED_STAGE.code, 1));
    }

    #[test]
    fn it_can_be_named_or_removed() {
        let text = "
            ARG V=1
            # One.
            FROM golang:1
            RUN x

            FROM b:1
            FROM c:1
            COPY --from=1 /f /f
            ";
        assert_eq!(
            fixed(&DEAD_UNNAMED_STAGE, text, "Name this stage"),
            "ARG V=1\n# One.\nFROM golang:1 AS builder\nRUN x\n\nFROM b:1\nFROM c:1\nCOPY --from=1 /f /f\n"
        );
        assert_eq!(
            fixed(&DEAD_UNNAMED_STAGE, text, "Remove this stage"),
            "ARG V=1\nFROM b:1\nFROM c:1\nCOPY --from=0 /f /f\n"
        );
    }
}
