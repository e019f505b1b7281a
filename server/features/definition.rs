//! Where the stage under the cursor is declared.

use std::ops::Range;

use crate::{
    document::Document,
    stages::{Mention, Stages},
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
    /// The whole stage, in bytes.
    pub full: Range<usize>,
    /// What to select: the stage's name, or the base of an unnamed stage, in bytes.
    pub selection: Range<usize>,
}

/// Finds the declaration of what stands at `offset` (bytes).
pub fn definition(doc: &Document, offset: usize) -> Option<Definition> {
    let stages = doc.stages();
    let mention = stages.at(offset)?;
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
            FROM base-${V$0}
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
            FROM base-${V$0}
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
