//! All preferred fixes at once.

use std::ops::Range;

use super::{Finding, Severity, check};
use crate::{document::Document, text::Edit};

/// How often the text is looked at again: a fix may uncover what another one is for.
const ROUNDS: usize = 20;

/// Most fixes that are tried one by one in a round, when all together would bring an error.
const ATTEMPTS: usize = 50;

/// The edits of `doc` that apply every preferred fix: those that do not overlap at once, the rest in further rounds on what
/// these leave, until there is none. They come in file order and do not overlap. `None` if there is nothing to fix.
pub fn fix_all(doc: &Document) -> Option<Vec<Edit>> {
    let mut now = doc.clone();
    let mut pieces = Pieces::of(doc.text().len());
    let mut findings = check(doc);
    for _ in 0..ROUNDS {
        let Some((edits, fixed, left)) = round(&now, &findings) else { break };
        pieces.apply(&edits);
        (now, findings) = (fixed, left);
    }
    let edits = pieces.edits();
    (!edits.is_empty()).then_some(edits)
}

/// As many fixes as can be applied at once: their edits, the document after them, and what is wrong with that.
fn round(doc: &Document, findings: &[Finding]) -> Option<(Vec<Edit>, Document, Vec<Finding>)> {
    let fixes = || findings.iter().filter_map(|finding| finding.fixes.iter().find(|fix| fix.preferred));
    let mut chosen = Chosen::default();
    fixes().for_each(|fix| chosen.add(&fix.edits));
    let attempt = |edits: Vec<Edit>| {
        let fixed = applied(doc, &edits);
        let left = check(&fixed);
        // Two fixes may choose the same new name, and each be right alone.
        (!edits.is_empty() && errors(&left) <= errors(findings)).then_some((edits, fixed, left))
    };
    attempt(chosen.edits).or_else(|| fixes().take(ATTEMPTS).find_map(|fix| attempt(fix.edits.clone())))
}

fn errors(findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| finding.severity == Severity::Error).count()
}

fn applied(doc: &Document, edits: &[Edit]) -> Document {
    let mut draft = doc.draft();
    // From the end, so that the places of the others stay what they are.
    edits.iter().rev().for_each(|edit| draft.replace(edit.range.clone(), &edit.text));
    draft.finish(doc.version())
}

/// Edits that do not touch each other, in file order.
#[derive(Debug, Default)]
struct Chosen {
    edits: Vec<Edit>,
}

impl Chosen {
    /// Adds all the edits of a fix, or none.
    fn add(&mut self, edits: &[Edit]) {
        let free = edits.iter().all(|edit| {
            let at = self.edits.partition_point(|other| other.range.end < edit.range.start);
            self.edits.get(at).is_none_or(|other| edit.range.end < other.range.start)
        });
        if free {
            for edit in edits {
                let at = self.edits.partition_point(|other| other.range.end <= edit.range.start);
                self.edits.insert(at, edit.clone());
            }
        }
    }
}

/// A changed text, as parts of the original and what is new between them.
#[derive(Debug)]
struct Pieces {
    all: Vec<Piece>,
    /// Length of the original in bytes.
    len: usize,
}

#[derive(Debug, Clone)]
enum Piece {
    /// In bytes of the original.
    Kept(Range<usize>),
    New(String),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Piece::Kept(range) => range.len(),
            Piece::New(text) => text.len(),
        }
    }

    /// The part of it from `start` to `end`, in bytes from its own start.
    fn part(&self, start: usize, end: usize) -> Piece {
        match self {
            Piece::Kept(range) => Piece::Kept(range.start + start..range.start + end),
            Piece::New(text) => Piece::New(text[start..end].to_owned()),
        }
    }
}

impl Pieces {
    fn of(len: usize) -> Pieces {
        Pieces { all: vec![Piece::Kept(0..len)], len }
    }

    /// Applies edits in file order, whose ranges count in the text as it is now.
    fn apply(&mut self, edits: &[Edit]) {
        let mut left = std::mem::take(&mut self.all).into_iter();
        let mut piece = left.next();
        // Where `piece` starts in the text as it is now.
        let mut at = 0;
        let mut take_until = |end: usize, into: Option<&mut Vec<Piece>>| {
            let mut taken = Vec::new();
            while at < end
                && let Some(current) = piece.take()
            {
                let len = current.len().min(end - at);
                taken.push(current.part(0, len));
                at += len;
                piece =
                    if len < current.len() { Some(current.part(len, current.len())) } else { left.next() };
            }
            if let Some(into) = into {
                into.append(&mut taken);
            }
        };
        let mut all = Vec::new();
        for edit in edits {
            take_until(edit.range.start, Some(&mut all));
            take_until(edit.range.end, None);
            all.push(Piece::New(edit.text.clone()));
        }
        take_until(usize::MAX, Some(&mut all));
        self.all = all;
    }

    /// What leads from the original to the text as it is now.
    fn edits(&self) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut end = 0;
        let mut new = String::new();
        let rest = Piece::Kept(self.len..self.len);
        for piece in self.all.iter().chain([&rest]) {
            match piece {
                Piece::New(text) => new.push_str(text),
                // An empty part of the middle says nothing about what was there before.
                Piece::Kept(range) if range.is_empty() && range.start < self.len => {}
                Piece::Kept(range) => {
                    if end < range.start || !new.is_empty() {
                        edits.push(Edit { range: end..range.start, text: std::mem::take(&mut new) });
                    }
                    end = range.end;
                }
            }
        }
        edits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::apply;

    fn fixed(text: &str) -> String {
        let edits = fix_all(&Document::open(text, 0)).unwrap_or_default();
        assert!(edits.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start), "{edits:?}");
        apply(text, &edits)
    }

    #[test]
    fn all_that_is_certain_is_fixed_at_once() {
        let text = "FROM golang:1 AS builder # compiles\r\nFROM alpine:3 AS context\r\nFROM a:1\r\n\
                    COPY --from=bulider /a /a\r\nCOPY --form=context /a /a\r\n";
        assert_eq!(
            fixed(text),
            "# compiles\r\nFROM golang:1 AS builder\r\nFROM alpine:3 AS context-stage\r\nFROM a:1\r\n\
             COPY --from=builder /a /a\r\nCOPY --from=context-stage /a /a\r\n"
        );
    }

    #[test]
    fn what_is_in_order_stays() {
        assert_eq!(fix_all(&Document::open("FROM scratch\n", 0)), None);
        assert_eq!(fix_all(&Document::open("", 0)), None);
    }

    #[test]
    fn two_fixes_that_go_wrong_together_are_made_one_after_the_other() {
        let text = "FROM a:1 AS context\nFROM b:1 AS Context\nFROM c:1\nCOPY --from=context /a /a\n";
        let after = fixed(text);
        let doc = Document::open(&after, 0);
        assert!(check(&doc).iter().all(|finding| finding.severity < Severity::Error), "{after}");
    }

    #[test]
    fn edits_of_edits_are_edits_of_the_original() {
        let mut pieces = Pieces::of(6);
        let edit = |range: Range<usize>, text: &str| Edit { range, text: text.into() };
        // abcdef -> aXYdefZ -> a.Y-f
        pieces.apply(&[edit(1..3, "XY"), edit(6..6, "Z")]);
        pieces.apply(&[edit(1..2, "."), edit(3..5, "-"), edit(6..7, "")]);
        assert_eq!(apply("abcdef", &pieces.edits()), "a.Y-f");
        pieces.apply(&[edit(0..5, "")]);
        assert_eq!(apply("abcdef", &pieces.edits()), "");
    }
}
