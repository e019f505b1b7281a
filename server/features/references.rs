//! Every place that means the stage under the cursor.

use std::ops::Range;

use crate::document::Document;

/// Whether a place declares a stage or uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Declaration,
    Reference,
}

/// All places that mean the stage at `offset` (bytes), declaration included, in file order. The declaration of an unnamed
/// stage is the base in its FROM. Empty where no stage is meant. Serves references and document highlights alike.
pub fn references(doc: &Document, offset: usize) -> Vec<(Range<usize>, Use)> {
    let stages = doc.stages();
    let Some(stage) = stages.at(offset).and_then(|mention| stages.meant(mention)) else { return Vec::new() };
    let mut all = vec![(stages.selection(stage), Use::Declaration)];
    all.extend(stages.references_to(stage).map(|reference| (reference.range.clone(), Use::Reference)));
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
    fn an_image_has_none() {
        check(
            "
            FROM golang
            COPY --from=ngi$0nx /a /b
        ",
        );
    }
}
