//! Where the stage or variable under the cursor is declared.

use std::ops::Range;

use super::heredocs;
use crate::{
    document::Document,
    stages::{Mention, Stages},
    variables::{Declaration, Symbol},
};

/// The answer to "go to definition".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The text under the cursor that was understood as a reference, in bytes.
    pub origin: Range<usize>,
    /// Where it leads. More than one only where a variable leaves the choice open.
    pub targets: Vec<Target>,
}

/// One place that a definition leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The whole stage or declaration, in bytes.
    pub full: Range<usize>,
    /// What to select: the name, or the base of an unnamed stage, in bytes.
    pub selection: Range<usize>,
}

/// Finds the declaration of what stands at `offset` (bytes).
///
/// In `FROM base-${V}` the name V is that of a variable; all else, the `$` and braces included, stands for the base as a
/// whole, which may be a stage. So does the name of a variable that nothing declares.
pub fn definition(doc: &Document, offset: usize) -> Option<Definition> {
    if let Some(definition) = doc.variables().at(offset).and_then(|symbol| variable(doc, symbol)) {
        return Some(definition);
    }
    let stages = doc.stages();
    let Some(mention) = stages.at(offset) else { return heredoc(doc, offset) };
    let (origin, found) = match mention {
        Mention::Declaration(stage) => (stages.selection(stage), vec![stage]),
        Mention::Reference(index) => {
            let reference = &stages.references()[index];
            let open = || reference.variable.as_ref().map(|variable| variable.candidates.clone());
            let found = reference.target().map(|stage| vec![stage]).or_else(open);
            (reference.range.clone(), found.unwrap_or_default())
        }
    };
    let targets: Vec<Target> = found.into_iter().map(|stage| target(stages, stage)).collect();
    (!targets.is_empty()).then_some(Definition { origin, targets })
}

/// A use leads to the declaration that gives the value, and that of an ARG in a stage without a default to the global one.
fn variable(doc: &Document, symbol: Symbol) -> Option<Definition> {
    let variables = doc.variables();
    let declarations = variables.declarations();
    let (origin, found) = match symbol {
        Symbol::Declaration(index) => {
            let declaration = &declarations[index];
            let globals = variables.redeclared(declaration);
            let global = globals.iter().rev().find(|&&global| declarations[global].value.is_some());
            let again = global.or(globals.last()).filter(|_| declaration.value.is_none());
            (&declaration.range, vec![*again.unwrap_or(&index)])
        }
        Symbol::Use(index) => {
            let used = &variables.uses()[index];
            let found = match (variables.meant(used).first(), variables.set_by_command(used)) {
                (Some(&nearest), _) => vec![nearest],
                (None, Some(setter)) => {
                    let range = &variables.uses()[setter].range;
                    let targets = vec![Target { full: range.clone(), selection: range.clone() }];
                    return Some(Definition { origin: used.range.clone(), targets });
                }
                (None, None) => variables.from_candidates(doc.stages(), used),
            };
            (&used.range, found)
        }
    };
    let target = |&index: &usize| {
        let Declaration { range, value, .. } = &declarations[index];
        let end = value.as_ref().map_or(range.end, |value| value.end);
        Target { full: range.start..end, selection: range.clone() }
    };
    let targets: Vec<Target> = found.iter().map(target).collect();
    (!targets.is_empty()).then(|| Definition { origin: origin.clone(), targets })
}

fn heredoc(doc: &Document, offset: usize) -> Option<Definition> {
    let heredocs::Named { name, end } = heredocs::at(doc, offset)?;
    let origin = end.filter(|end| end.start <= offset).unwrap_or_else(|| name.clone());
    Some(Definition { origin, targets: vec![Target { full: name.clone(), selection: name }] })
}

fn target(stages: &Stages, stage: usize) -> Target {
    Target { full: stages.all()[stage].range.clone(), selection: stages.selection(stage) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    /// The marks show where the definition leads.
    fn check(text: &str) {
        let fixture = Fixture::new(text);
        let found = definition(&fixture.doc, fixture.cursor);
        let selections: Vec<_> = found
            .into_iter()
            .flat_map(|definition| definition.targets)
            .map(|target| target.selection)
            .collect();
        assert_eq!(selections, fixture.marked, "{text}");
    }

    #[test]
    fn copy_from_leads_to_the_name_in_its_from() {
        check(
            "
            FROM golang AS builder
                           ^^^^^^^
            FROM scratch
            COPY --chown=1:1 --from=BUIL$0DER --link /a /b
        ",
        );
    }

    #[test]
    fn a_number_leads_to_the_stage_it_counts() {
        check(
            "
            FROM golang
                 ^^^^^^
            FROM scratch
            COPY --from=$00 /a /b
        ",
        );
    }

    #[test]
    fn a_mount_leads_there_too() {
        check(
            "
            FROM golang AS builder
                           ^^^^^^^
            FROM alpine
            RUN --mount=type=cache,target=/x \\
                # why
                --mount=type=bind,from=builder$0,target=/y true
        ",
        );
    }

    #[test]
    fn from_leads_to_the_nearest_above_and_copy_to_the_last() {
        check(
            "
            FROM a AS dup
                      ^^^
            FROM $0dup
            FROM b AS dup
        ",
        );
        check(
            "
            FROM a AS dup
            FROM b AS dup
                      ^^^
            FROM c
            COPY --from=$0dup /a /b
        ",
        );
    }

    #[test]
    fn a_variable_leads_where_its_default_leads_or_to_all_that_fit() {
        check(
            "
            ARG V=debug
            FROM a AS base-debug
                      ^^^^^^^^^^
            FROM a AS base-release
            FROM base-$0${V}
        ",
        );
        check(
            "
            ARG V
            FROM a AS base-debug
                      ^^^^^^^^^^
            FROM a AS base-release
                      ^^^^^^^^^^^^
            FROM a AS other
            FROM base-$0${V}
        ",
        );
    }

    #[test]
    fn the_name_of_a_variable_leads_to_its_declaration() {
        check(
            "
            ARG V=debug
                ^
            FROM a AS base-debug
            FROM base-${V$0}
        ",
        );
        check(
            "
            FROM a AS base-amd64
                      ^^^^^^^^^^
            FROM base-${TARGET$0ARCH}
        ",
        );
        check(
            "
            ARG V=1
            FROM a
            ENV V=2
            ARG V
                ^
            LABEL x=${$0V}
        ",
        );
    }

    #[test]
    fn an_arg_that_is_declared_again_leads_to_the_global_one() {
        check("ARG V=1\n    ^\nARG V\nFROM a\nARG V$0\n");
        check("ARG V\nFROM a\nARG V$0=2\n    ^\n");
        check("FROM a\nENV A=1 V$0=2\n        ^\n");
    }

    #[test]
    fn inherited_variables_lead_to_the_stage_that_declares_them() {
        check(
            "
            FROM a AS x
            ENV V=1
                ^
            FROM x AS y
            FROM y
            CMD serve $V$0
        ",
        );
        check(
            "
            ARG B
            FROM a AS x
            ENV V=1
                ^
            FROM x AS y
            FROM b AS z
            ARG V=2
                ^
            FROM $B
            RUN echo $$0V
        ",
        );
    }

    #[test]
    fn what_the_command_sets_leads_there() {
        check(
            "
            FROM a
            RUN V=1; echo $V$0
                ^
        ",
        );
        check(
            "
            ARG V=1
            FROM a
            RUN echo $V$0
        ",
        );
    }

    #[test]
    fn in_onbuild_it_works_as_outside() {
        check(
            "
            FROM golang AS builder
                           ^^^^^^^
            FROM alpine
            ONBUILD COPY --from=buil$0der /a /b
        ",
        );
    }

    #[test]
    fn images_and_heredoc_text_lead_nowhere() {
        check(
            "
            FROM golang AS builder
            FROM ngi$0nx
        ",
        );
        check(
            "
            FROM golang AS builder
            RUN <<EOF
            COPY --from=buil$0der a b
            EOF
        ",
        );
    }
}
