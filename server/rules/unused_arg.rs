use std::collections::HashSet;

use super::{
    Findings, Tag,
    context::{Context, has_finished_end},
    rule,
    stage_edits::{becomes_directive, replace},
};
use crate::{
    stages::Stage,
    text::Edit,
    variables::{Declaration, well_known::is_well_known},
};

rule! {
    /// An ARG above the first FROM that no FROM line uses and no stage declares again.
    ///
    /// ## Why
    /// It has no effect. Of an ARG in a stage that can't be told: it is in the environment of each RUN below it.
    ///
    /// ## Example
    /// ```dockerfile
    /// ARG ALPINE_VERSION=3.20
    /// FROM alpine:3.20
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// ARG ALPINE_VERSION=3.20
    /// FROM alpine:${ALPINE_VERSION}
    /// ```
    UNUSED_ARG: "unused-arg", "Nothing uses a global ARG", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let variables = context.doc.variables();
    let declarations = variables.declarations();
    let first = declarations.partition_point(|declaration| declaration.stage.is_none());
    let (globals, stages) = declarations.split_at(first);
    if globals.is_empty() || !has_finished_end(context) {
        return;
    }
    // A stage's name that was meant to come from a variable.
    let has_variable_name = |stage: &Stage| stage.name.as_ref().is_some_and(|name| name.text.contains('$'));
    if context.stages.all().iter().any(has_variable_name) {
        return;
    }
    let mut unused: HashSet<&str> = globals.iter().map(|global| &*global.name).collect();
    let uses = variables.uses().iter().map(|used| &*used.name);
    for name in uses.chain(stages.iter().map(|declaration| &*declaration.name)) {
        unused.remove(name);
        if unused.is_empty() {
            return;
        }
    }
    for global in globals {
        if !unused.contains(&*global.name) || is_well_known(&global.name) {
            continue;
        }
        let message = format!("No FROM line uses ARG {}, and no stage declares it again", global.name);
        let finding = out.report(&UNUSED_ARG, global.range.clone(), message);
        finding.tags.push(Tag::Unnecessary);
        finding.fix(format!("Remove `ARG {}`", global.name), remove(context, global)).prefer_single_fix();
    }
}

/// Takes the whole line out, if nothing else is declared there.
fn remove(context: &Context<'_>, global: &Declaration) -> Option<Vec<Edit>> {
    let placed = context.instruction(global.instruction);
    if !context.fixes || placed.instruction.pairs().len() != 1 {
        return None;
    }
    let text = context.doc.text();
    let range = placed.range();
    let start = text.line_start(text.line_of(range.start));
    let end = text.line_start(text.line_of(range.end) + 1);
    if global.instruction == 0 && becomes_directive(context, end) {
        return None;
    }
    Some(vec![replace(start..end, "")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn only_what_is_nowhere_is_unused() {
        fires(
            &UNUSED_ARG,
            "
            ARG A=1
            ARG B=$A C=2
                     ^ hint
            ARG D
            FROM a:$B
            ONBUILD ARG D
            ",
        );
        silent(&UNUSED_ARG, "ARG A=1\nFROM a:1\nRUN echo $A\n");
        silent(&UNUSED_ARG, "ARG A=1\nARG BUILDKIT_SYNTAX=x\n");
        silent(&UNUSED_ARG, "ARG A=1\nFROM\n");
    }

    #[test]
    fn the_line_goes() {
        assert_eq!(
            fixed(&UNUSED_ARG, "ARG A=1\nARG \\\n  B=2\nFROM a:$A\n", "Remove `ARG B`"),
            "ARG A=1\nFROM a:$A\n"
        );
    }

    #[test]
    fn a_comment_below_does_not_become_a_directive() {
        let doc = crate::document::Document::open("ARG A=1\n# Check = 1\nFROM a:1\n", 0);
        let findings = crate::rules::check(&doc);
        let finding = findings.iter().find(|finding| finding.code == UNUSED_ARG.code).expect("it is unused");
        assert!(finding.fixes.is_empty());
    }
}
