use super::{Findings, Severity, context::Context, rule, stage_edits::title};
use crate::{
    stages::{ReferenceKind, Resolution},
    syntax::{Instruction, Keyword, Placed},
};

rule! {
    /// A COPY from a stage, or from `scratch`, that holds no files.
    ///
    /// ## Why
    /// `FROM scratch` starts with nothing. Unless a RUN, COPY, ADD or WORKDIR puts something into the stage there is nothing to
    /// copy, and the build fails when it gets there. A stage whose place a build context takes in some build of the workspace
    /// is left alone.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch AS files
    /// FROM alpine:3.20
    /// COPY --from=files /app /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM scratch AS files
    /// COPY app /app
    /// FROM alpine:3.20
    /// COPY --from=files /app /app
    /// ```
    COPY_FROM_EMPTY_STAGE: "copy-from-empty-stage", "A COPY from a stage without files", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut empty = None;
    for reference in context.stages.references() {
        if reference.kind != ReferenceKind::Copy {
            continue;
        }
        let source = match reference.resolution {
            Resolution::Scratch => None,
            Resolution::Stage(source) if source < reference.stage => Some(source),
            _ => continue,
        };
        if source.is_some_and(|source| !empty.get_or_insert_with(|| empty_stages(context))[source]) {
            continue;
        }
        // An empty stage often is the place of a build context.
        if source.is_some_and(|source| context.is_replaced(source)) {
            continue;
        }
        let message = match source {
            None => "There is nothing to copy: scratch is empty".to_owned(),
            Some(source) => format!(
                "There is nothing to copy: {} is empty",
                title(&context.stages.all()[source]).replacen("Stage", "stage", 1)
            ),
        };
        let placed = context.instruction(reference.instruction);
        let severity = match fails(context, reference.instruction, placed) {
            true => context.build_error(reference.instruction),
            false => Severity::Warning,
        };
        let finding = out.report(&COPY_FROM_EMPTY_STAGE, reference.range.clone(), message);
        finding.severity(severity);
        if let Some(source) = source {
            finding.related(context.declaration(source), "Starts from scratch, and nothing adds a file");
        }
    }
}

/// Per stage, whether it builds on `scratch` and nothing puts a file into it.
fn empty_stages(context: &Context<'_>) -> Vec<bool> {
    let mut empty: Vec<bool> = Vec::with_capacity(context.stages.all().len());
    // Whether what builds on a stage gets files from its triggers.
    let filling = |stage: usize| {
        let mut triggers = context.triggers[stage].iter();
        triggers.any(|&index| adds(context.instruction(index).instruction.effective()))
    };
    let filling: Vec<bool> = (0..context.stages.all().len()).map(filling).collect();
    for stage in context.stages.all() {
        let starts_empty = match context.stages.base(stage.index).map(|base| &base.resolution) {
            Some(Resolution::Scratch) => true,
            Some(&Resolution::Stage(base)) => empty.get(base) == Some(&true) && !filling[base],
            _ => false,
        };
        // The base of another build may be chosen by a variable.
        let is_certain = context.stages.base(stage.index).is_some_and(|base| base.variable.is_none());
        let mut own = stage.instructions.clone().skip(1);
        empty.push(
            starts_empty && is_certain && !own.any(|index| adds(&context.instruction(index).instruction)),
        );
    }
    empty
}

/// Whether it may put a file into its stage: what is no instruction may be meant as one that does.
fn adds(instruction: &Instruction) -> bool {
    use Keyword::{Add, Copy, Run, Unknown, Workdir};
    matches!(instruction.keyword, Add | Copy | Run | Unknown | Workdir)
}

/// Whether one of the sources has to be there: the root always is, and a pattern may match nothing
/// (dockerfile2llb/convert_copy.go, `dispatchCopy`).
fn fails(context: &Context<'_>, index: usize, placed: &Placed) -> bool {
    let instruction = placed.instruction.effective();
    if instruction.flag("parents").is_some() {
        return false;
    }
    let Some((_, sources)) = instruction.meant_words().split_last() else { return false };
    sources.iter().any(|source| {
        let Some(path) = context.value(index, source) else { return false };
        let is_file = path.split(['/', '\\']).any(|part| !matches!(part, "" | "." | ".."));
        is_file && !path.contains(['*', '?', '[']) && !path.contains("<<")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, message, silent};

    #[test]
    fn nothing_can_be_copied_from_an_empty_stage() {
        fires(
            &COPY_FROM_EMPTY_STAGE,
            "
            FROM scratch AS e
            FROM a:1
            COPY --from=e /f /f
                        ^ error
            COPY --from=scratch /f /f
                        ^^^^^^^ error
            ",
        );
        fires(
            &COPY_FROM_EMPTY_STAGE,
            "
            FROM scratch AS e
            ENV A=b
            FROM e AS f
            FROM a:1 AS g
            COPY --from=1 /f /f
                        ^ warning
            FROM a:1
            COPY --from=F / /x
                        ^ warning
            COPY --from=f /* /x
                        ^ warning
            ",
        );
        assert_eq!(
            message(&COPY_FROM_EMPTY_STAGE, "FROM scratch AS e\nFROM a:1\nCOPY --from=e /f /f\n"),
            "There is nothing to copy: stage \"e\" is empty"
        );
    }

    #[test]
    fn what_fills_a_stage_or_may_do_so_keeps_it_silent() {
        for line in ["COPY f /f", "ADD f /f", "WORKDIR /f", "RUN [\"x\"]", "COPY <<f /f\nf", "COPPY f /f"] {
            silent(
                &COPY_FROM_EMPTY_STAGE,
                &format!("FROM scratch AS e\n{line}\nFROM a:1\nCOPY --from=e /f /f\n"),
            );
        }
        silent(
            &COPY_FROM_EMPTY_STAGE,
            "FROM scratch AS e\nONBUILD COPY f /f\nFROM e AS g\nFROM a:1\nCOPY --from=g /f /f\n",
        );
        silent(&COPY_FROM_EMPTY_STAGE, "ARG B=scratch\nFROM $B AS e\nFROM a:1\nCOPY --from=e /f /f\n");
        silent(&COPY_FROM_EMPTY_STAGE, "FROM scratch AS e\nFROM a:1\nRUN --mount=from=e,target=/x ls\n");
        silent(&COPY_FROM_EMPTY_STAGE, "FROM a:1\nCOPY --from=e /f /f\nFROM scratch AS e\n");
    }
}
