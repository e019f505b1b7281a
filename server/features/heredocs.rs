//! The names of heredocs: where one is given, and where it ends the text.

use std::ops::Range;

use crate::document::Document;

/// The two places of a heredoc's name, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Behind `<<`, without a `-` and without quotes.
    pub name: Range<usize>,
    /// The line that ends the heredoc; `None` while there is none.
    pub end: Option<Range<usize>>,
}

/// The heredoc whose name stands at `offset` (bytes).
pub fn at(doc: &Document, offset: usize) -> Option<Named> {
    let placed = &doc.syntax().instructions()[doc.syntax().instruction_at(offset)?];
    let mut all = placed.instruction.effective().heredocs.iter().map(|heredoc| {
        let marker = placed.at(heredoc.marker.range());
        let text = doc.text().slice(marker.clone());
        let start = text.find("<<").map_or(0, |at| at + 2);
        let name = text[start..].trim_start_matches('-').trim_matches(['"', '\'']);
        let start = marker.start + text.rfind(name).unwrap_or(start);
        let end = heredoc.end.clone().map(|end| trimmed(doc, placed.at(end)));
        Named { name: start..start + name.len(), end }
    });
    let touches = |range: &Range<usize>| range.start <= offset && offset <= range.end;
    all.find(|named| {
        !named.name.is_empty() && (touches(&named.name) || named.end.as_ref().is_some_and(touches))
    })
}

/// Without the tabs that may stand before the word.
fn trimmed(doc: &Document, range: Range<usize>) -> Range<usize> {
    let text = doc.text().slice(range.clone());
    let start = range.start + text.len() - text.trim_start().len();
    start..start + text.trim().len()
}

#[cfg(test)]
mod tests {
    use crate::{
        features::{definition::definition, references::references},
        fixture::Fixture,
    };

    /// The marks show the name and the word that ends the heredoc.
    fn check(text: &str) {
        let fixture = Fixture::new(text);
        let found: Vec<_> =
            references(&fixture.doc, fixture.cursor).into_iter().map(|(range, _)| range).collect();
        assert_eq!(found, fixture.marked, "{text}");
        let target = definition(&fixture.doc, fixture.cursor).map(|found| found.targets[0].selection.clone());
        assert_eq!(target.as_ref(), fixture.marked.first(), "{text}");
    }

    #[test]
    fn a_name_and_its_end_belong_together() {
        check("FROM a\nRUN <<E$0OF\n      ^^^\necho\nEOF\n^^^\n");
        check("FROM a\nRUN <<-\"EOF\" cat\n        ^^^\n\techo\n\tEO$0F\n ^^^\n");
        check("FROM a\nCOPY <<A <<B$0 /x/\n           ^\na\nA\nb\nB\n^\n");
    }

    #[test]
    fn the_text_between_is_no_name() {
        check("FROM a\nRUN <<EOF\ne$0cho\nEOF\n");
    }
}
