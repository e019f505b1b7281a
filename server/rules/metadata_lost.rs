use super::{
    Findings,
    context::Context,
    rule,
    stage_roles::{is_development, is_production},
};
use crate::{
    stages::ReferenceKind,
    syntax::{Instruction, Keyword},
};

rule! {
    /// A setting of an image in a stage of which only files are used.
    ///
    /// ## Why
    /// `COPY --from` and mounts take files. What EXPOSE, HEALTHCHECK, VOLUME, STOPSIGNAL, CMD and ENTRYPOINT say stays in the
    /// stage; only `FROM` inherits it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// HEALTHCHECK CMD curl -f http://localhost/
    /// FROM alpine:3.20
    /// COPY --from=build /app /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// FROM alpine:3.20
    /// COPY --from=build /app /app
    /// HEALTHCHECK CMD curl -f http://localhost/
    /// ```
    METADATA_LOST: "metadata-lost", "A setting of an image whose files alone are used", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let target = context.stages.target().stage();
    for stage in context.stages.all() {
        let mut uses = context.uses[stage.index].iter().map(|&index| &context.stages.references()[index]);
        let Some(user) = uses.next() else { continue };
        let copied_only =
            user.kind != ReferenceKind::From && uses.all(|user| user.kind != ReferenceKind::From);
        let is_target = |name: &str| is_development(name) || is_production(name);
        if !copied_only
            || target == Some(stage.index)
            || context.is_target(stage.index)
            || context.variable[stage.index]
            || stage.name.as_ref().is_some_and(|name| is_target(&name.text))
        {
            continue;
        }
        for index in stage.instructions.clone().skip(1) {
            let placed = context.instruction(index);
            if !is_metadata(&placed.instruction) {
                continue;
            }
            let word = &placed.instruction.word;
            let message = format!(
                "Only files are copied from this stage: this {} does not reach another image",
                placed.instruction.keyword.name()
            );
            out.report(&METADATA_LOST, placed.at(word.range()), message)
                .related(user.range.clone(), "Uses the files of the stage");
        }
    }
}

/// Labels are left out: they say where the files of a stage come from, too.
fn is_metadata(instruction: &Instruction) -> bool {
    match instruction.keyword {
        Keyword::Cmd | Keyword::Entrypoint | Keyword::Expose | Keyword::StopSignal | Keyword::Volume => true,
        Keyword::Healthcheck => {
            instruction.action.as_ref().is_none_or(|action| !action.text().eq_ignore_ascii_case("none"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, silent};

    #[test]
    fn settings_of_a_stage_that_is_copied_from_get_a_hint() {
        fires(
            &METADATA_LOST,
            "
            FROM a:1 AS b
            HEALTHCHECK CMD x
            ^^^^^^^^^^^ hint
            expose 80
            ^^^^^^ hint
            FROM c:1
            COPY --from=b /f /f
            CMD [\"c\"]
            ",
        );
        fires(
            &METADATA_LOST,
            "
            FROM a:1 AS b
            VOLUME /v
            ^^^^^^ hint
            FROM c:1
            RUN --mount=from=b,target=/x ls
            ",
        );
    }

    #[test]
    fn what_is_built_on_or_may_be_a_target_is_left_alone() {
        silent(&METADATA_LOST, "FROM a:1 AS b\nHEALTHCHECK CMD x\nFROM b\n");
        silent(&METADATA_LOST, "FROM a:1 AS b\nCMD x\nFROM b\nFROM c:1\nCOPY --from=b /f /f\n");
        silent(&METADATA_LOST, "FROM a:1 AS dev\nCMD x\nFROM c:1\nCOPY --from=dev /f /f\n");
        silent(&METADATA_LOST, "FROM a:1 AS b\nCMD x\nFROM c:1\n");
        silent(&METADATA_LOST, "ARG S=b\nFROM a:1 AS b\nCMD x\nFROM $S\nCOPY --from=b /f /f\n");
        silent(&METADATA_LOST, "FROM a:1 AS b\nLABEL x=y\nHEALTHCHECK NONE\nFROM c:1\nCOPY --from=b /f /f\n");
    }
}
