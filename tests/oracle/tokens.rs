//! Tokens and selections of every real file, also while it is edited: they lie inside the text and are in order.

use std::ops::Range;

use dockerfile_ls::{
    document::Document,
    features::{
        selection::selection,
        tokens::{Token, tokens},
    },
    text::Lines,
};

use super::rename::corpus;

/// A row of numbers that is the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

/// The tokens of a document, once they were looked at.
fn checked(name: &str, doc: &Document) -> Vec<Token> {
    let lines = Lines::new(doc.text());
    let text = lines.text();
    let all = tokens(doc, &lines, None);
    let mut end = 0;
    for token in &all {
        let shown = text.get(token.range.clone());
        let shown = shown.unwrap_or_else(|| panic!("{name}: {token:?} is not in the text"));
        assert!(!shown.is_empty() && !shown.contains(['\n', '\r']), "{name}: {token:?} is not on one line");
        assert!(end <= token.range.start, "{name}: {token:?} overlaps");
        end = token.range.end;
    }
    all
}

#[test]
fn tokens_are_in_the_text_and_in_order() {
    let mut count = 0;
    for (name, text) in corpus() {
        let doc = Document::open(&text, 0);
        let all = checked(&name, &doc);
        count += all.len();
        let lines = Lines::new(doc.text());
        let mut dice = Dice(text.len() as u64);
        for _ in 0..8 {
            let start = dice.below(text.len());
            let range = start..(start + dice.below(400)).min(text.len());
            let touches = |token: &&Token| token.range.start < range.end && range.start < token.range.end;
            let expected: Vec<_> = all.iter().filter(touches).cloned().collect();
            assert_eq!(tokens(&doc, &lines, Some(range.clone())), expected, "{name} {range:?}");
        }
    }
    eprintln!("{count} tokens");
}

/// What people type, and what nobody expects.
const TYPED: [&str; 16] = [
    "\\\n",
    "\n",
    "\"",
    "'",
    "$",
    "${A:-",
    "<<EOF\n",
    "#",
    "--from=",
    "é",
    "\r",
    "\u{feff}",
    "FROM ",
    "=",
    "[",
    "--mount=type=",
];

#[test]
fn tokens_stay_in_order_while_a_file_is_edited() {
    for (number, (name, text)) in corpus().into_iter().enumerate() {
        let mut doc = Document::open(&text, 0);
        let mut dice = Dice(number as u64);
        for version in 1..12 {
            let len = doc.text().len();
            let start = doc.text().floor_char_boundary(dice.below(len + 1));
            let end = doc.text().floor_char_boundary((start + dice.below(6)).min(len)).max(start);
            let mut draft = doc.draft();
            draft.replace(start..end, TYPED[dice.below(TYPED.len())]);
            doc = draft.finish(version);
            let all = checked(&name, &doc);
            let fresh = Document::open(&doc.text().to_string(), version);
            assert_eq!(all, checked(&name, &fresh), "{name}, edit {version}");
        }
    }
}

#[test]
fn selections_grow_from_the_place_to_the_file() {
    for (name, text) in corpus() {
        let doc = Document::open(&text, 0);
        let mut dice = Dice(text.len() as u64);
        for _ in 0..60 {
            let offset = doc.text().floor_char_boundary(dice.below(text.len() + 1));
            let chain = selection(&doc, offset);
            assert_eq!(chain.last(), Some(&(0..text.len())), "{name} {offset}");
            assert!(chain[0].start <= offset && offset <= chain[0].end, "{name} {offset}");
            let grows = |pair: &[Range<usize>]| {
                let [inner, outer] = pair else { unreachable!("pairs") };
                outer.start <= inner.start && inner.end <= outer.end && inner != outer
            };
            assert!(chain.windows(2).all(grows), "{name} {offset}: {chain:?}");
            assert!(chain.iter().all(|range| text.get(range.clone()).is_some()), "{name} {offset}");
        }
    }
}
