//! Every place that means the stage, variable or heredoc under the cursor.

use std::ops::Range;

use super::heredocs;
use crate::{document::Document, syntax::variables::Reader, variables::Symbol};

/// What a place does with a stage or variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Declaration,
    Reference,
    /// A command sets the variable for itself.
    Assignment,
}

/// All places that mean the stage or variable at `offset` (bytes), declarations included, in file order. The declaration of
/// an unnamed stage is the base in its FROM. Empty where neither is meant. Serves references and document highlights alike.
pub fn references(doc: &Document, offset: usize) -> Vec<(Range<usize>, Use)> {
    if let Some(symbol) = doc.variables().at(offset) {
        return variable(doc, symbol);
    }
    if let Some(heredoc) = heredocs::at(doc, offset) {
        let end = heredoc.end.map(|end| (end, Use::Reference));
        return [(heredoc.name, Use::Declaration)].into_iter().chain(end).collect();
    }
    let stages = doc.stages();
    let Some(stage) = stages.at(offset).and_then(|mention| stages.meant(mention)) else { return Vec::new() };
    let mut all = vec![(stages.selection(stage), Use::Declaration)];
    all.extend(stages.references_to(stage).map(|reference| (reference.range.clone(), Use::Reference)));
    all.sort_by_key(|(range, _)| range.start);
    all
}

fn variable(doc: &Document, symbol: Symbol) -> Vec<(Range<usize>, Use)> {
    let variables = doc.variables();
    let group = variables.group(doc.stages(), symbol);
    let declarations = group.declarations.iter().map(|&index| &variables.declarations()[index].range);
    let uses = group.uses.iter().map(|&index| {
        let used = &variables.uses()[index];
        let is_set = used.reader == Reader::Assignment;
        (used.range.clone(), if is_set { Use::Assignment } else { Use::Reference })
    });
    let mut all: Vec<_> = declarations.map(|range| (range.clone(), Use::Declaration)).chain(uses).collect();
    all.sort_by_key(|(range, _)| range.start);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    fn check(text: &str) {
        let fixture = Fixture::new(text);
        let found: Vec<_> =
            references(&fixture.doc, fixture.cursor).into_iter().map(|(range, _)| range).collect();
        assert_eq!(found, fixture.marked, "{text}");
    }

    #[test]
    fn every_kind_of_reference_is_found_from_the_declaration() {
        check(
            "
            FROM golang AS Bui$0ld
                           ^^^^^
            FROM build AS next
                 ^^^^^
            COPY --link --from=BUILD /a /b
                               ^^^^^
            COPY --from=\"build\" /a /b
                         ^^^^^
            RUN --mount=type=cache,target=/x --mount=from=build,target=/y true
                                                          ^^^^^
            ONBUILD COPY --from=build /a /b
                                ^^^^^
            COPY --from=0 /a /b
                        ^
            COPY --from=build:1 /a /b
            # build
        ",
        );
    }

    #[test]
    fn and_from_a_number() {
        check(
            "
            FROM golang
                 ^^^^^^
            FROM alpine
            COPY --from=0 /a /b
                        ^
            COPY --from=$00 /c /d
                        ^
        ",
        );
    }

    #[test]
    fn a_variable_is_followed_through_stages_commands_and_scripts() {
        let text = "
            ARG V=1
                ^
            FROM a:$V$0 AS x
                    ^
            RUN echo $V
            ARG V
                ^
            RUN V=${V:-2} && echo '$V'
                ^   ^               ^
            FROM x
            CMD echo $V
            RUN echo $V
                      ^
        ";
        check(text);
        let fixture = Fixture::new(text);
        let kinds: Vec<Use> =
            references(&fixture.doc, fixture.cursor).into_iter().map(|(_, kind)| kind).collect();
        use Use::{Assignment, Declaration, Reference};
        assert_eq!(kinds, [Declaration, Reference, Declaration, Assignment, Reference, Reference, Reference]);
    }

    #[test]
    fn an_image_has_none() {
        check(
            "
            FROM golang
            COPY --from=ngi$0nx /a /b
        ",
        );
    }
}
