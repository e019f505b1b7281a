//! The store's text against a plain string that is edited the slow and obvious way.

use std::str::FromStr;

use tower_lsp::ls_types::{Position, Range};

use super::*;

const ENCODINGS: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

fn uri() -> Uri {
    Uri::from_str("file:///Dockerfile").expect("a URI")
}

fn at(line: u32, character: u32) -> Position {
    Position { line, character }
}

fn change(range: Option<(Position, Position)>, text: &str) -> TextDocumentContentChangeEvent {
    let range = range.map(|(start, end)| Range { start, end });
    TextDocumentContentChangeEvent { range, range_length: None, text: text.into() }
}

fn text(store: &Store) -> String {
    store.get(&uri()).expect("open").document.text().to_string()
}

#[track_caller]
fn check(before: &str, changes: &[TextDocumentContentChangeEvent], after: &str) {
    let store = Store::default();
    store.open(uri(), 1, before, Arc::default());
    assert!(store.change(&uri(), 2, changes, Encoding::Utf16));
    assert_eq!(text(&store), after);
    assert_eq!(store.get(&uri()).expect("open").document.version(), 2);
}

#[test]
fn changes_apply_one_after_the_other() {
    check(
        "FROM a\nRUN b\n",
        &[change(Some((at(0, 6), at(0, 6))), "\nUSER x"), change(Some((at(2, 4), at(2, 5))), "c")],
        "FROM a\nUSER x\nRUN c\n",
    );
}

#[test]
fn a_full_text_replaces_what_is_before_it() {
    check(
        "FROM a\n",
        &[
            change(Some((at(0, 0), at(0, 6))), "lost"),
            change(None, "FROM é\n"),
            change(Some((at(0, 5), at(0, 6))), "b"),
        ],
        "FROM b\n",
    );
    check("FROM a\n", &[change(None, "")], "");
}

#[test]
fn places_outside_the_text_are_clamped_and_reversed_ranges_turned() {
    check("ab\ncd", &[change(Some((at(0, 99), at(0, 99))), "X")], "abX\ncd");
    check("ab\ncd", &[change(Some((at(9, 0), at(99, 99))), "X")], "ab\ncdX");
    check("ab\ncd", &[change(Some((at(1, 1), at(0, 1))), "X")], "aXd");
}

#[test]
fn no_changes_are_a_new_version() {
    check("ab", &[], "ab");
}

#[test]
fn unknown_documents_are_left_alone() {
    let store = Store::default();
    assert!(!store.change(&uri(), 2, &[change(None, "x")], Encoding::Utf16));
    assert!(store.get(&uri()).is_none());
    assert!(!store.close(&uri()));
}

#[test]
fn opening_again_starts_again_under_another_serial() {
    let store = Store::default();
    store.open(uri(), 1, "a", Arc::default());
    let first = store.get(&uri()).expect("open");
    store.open(uri(), 1, "b", Arc::default());
    let second = store.get(&uri()).expect("open");
    assert_ne!(first.serial, second.serial);
    assert_eq!((first.document.text().to_string().as_str(), text(&store).as_str()), ("a", "b"));
}

#[test]
fn a_text_that_can_not_be_read_is_kept_for_the_next_change() {
    let store = Store::default();
    let unread = afresh(&Text::new("FROM a AS b\nRUN \r\nx"), 1, |_| panic!("this text is too much"));
    assert!(unread.syntax().instructions().is_empty() && unread.stages().all().is_empty());
    assert!(crate::rules::check(&unread).is_empty());
    store.put(uri(), unread);
    assert_eq!(text(&store), "FROM a AS b\nRUN \r\nx");

    assert!(store.change(&uri(), 2, &[change(Some((at(1, 4), at(2, 0))), "y")], Encoding::Utf16));
    let read = store.get(&uri()).expect("open").document;
    assert_eq!(read.text().to_string(), "FROM a AS b\nRUN yx");
    assert_eq!(read.syntax().instructions().len(), 2);
    assert_eq!(read.stages().all().len(), 1);
}

/// A small generator of random numbers, so that a failure can be repeated from its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn text(&mut self) -> String {
        const PIECES: [&str; 16] = [
            "FROM a", " AS ", "\n", "\r\n", "\r", "é", "😀", "\u{2028}", "\t", "x", "", "--from=", "# ",
            "漢字", "\\\n", "\u{c}",
        ];
        (0..self.below(6)).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }

    /// A byte offset on a character boundary, not between `\r` and `\n`: a client can't name that place.
    fn offset(&mut self, text: &str) -> usize {
        let mut offset = self.below(text.len() + 1);
        while !text.is_char_boundary(offset)
            || text[..offset].ends_with('\r') && text[offset..].starts_with('\n')
        {
            offset -= 1;
        }
        offset
    }
}

/// The position of `offset` in `text`, counted character by character.
fn position(text: &str, offset: usize, encoding: Encoding) -> Position {
    let (mut line, mut character) = (0, 0);
    let mut chars = text[..offset].chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\n' || c == '\r' {
            if c == '\r' && chars.peek() == Some(&'\n') {
                chars.next();
            }
            (line, character) = (line + 1, 0);
        } else {
            character += match encoding {
                Encoding::Utf8 => c.len_utf8() as u32,
                Encoding::Utf16 => c.len_utf16() as u32,
                Encoding::Utf32 => 1,
            };
        }
    }
    at(line, character)
}

#[test]
fn ten_thousand_random_changes_give_the_text_of_a_plain_string() {
    for (seed, encoding) in (1..).zip(ENCODINGS) {
        let mut random = Random(seed);
        let mut model = String::from("FROM golang AS builder\n");
        let store = Store::default();
        store.open(uri(), 0, &model, Arc::default());
        for version in 1..=4000 {
            let mut changes = Vec::new();
            for _ in 0..=random.below(3) {
                let new = random.text();
                if random.below(50) == 0 || model.len() > 2000 {
                    model.clone_from(&new);
                    changes.push(change(None, &new));
                    continue;
                }
                let (a, b) = (random.offset(&model), random.offset(&model));
                let span = (position(&model, a, encoding), position(&model, b, encoding));
                changes.push(change(Some(span), &new));
                model.replace_range(a.min(b)..a.max(b), &new);
            }
            store.change(&uri(), version, &changes, encoding);
            assert_eq!(text(&store), model, "seed {seed}, version {version}, {encoding:?}");
        }
    }
}
