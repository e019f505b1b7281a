//! Reads JSON, with the comments and trailing commas that editors' settings may have: what [`Node`]s a text comes to, however
//! unfinished it is.
//!
//! This is no parser with a grammar, since a text has a value here whatever is wrong with it: a string that is not closed
//! ends with its line, a key without a value has none, and what nobody expects is skipped.

use std::{ops::Range, sync::Arc};

use super::{
    decoded::{Decoded, escape},
    node::{Content, Entry, Mapping, Node, Read, Scalar, Style},
};

/// How deep values may nest. What stands behind a deeper one is not read.
const DEPTH: usize = 100;

/// What a JSON text holds.
pub fn read(text: &str) -> Read {
    let mut reader = Reader { text, at: 0, whole: true, strict: true, arrays: 0 };
    if text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    reader.skip();
    let root = if reader.at < text.len() { reader.value(0) } else { None };
    reader.skip();
    let whole = reader.whole && root.is_some() && reader.at == text.len();
    Read { roots: root.map(Arc::new).into_iter().collect(), whole, strict: reader.strict }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    whole: bool,
    strict: bool,
    /// How many arrays are open.
    arrays: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes behind blanks and comments.
    fn skip(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            self.at += blanks;
            let rest = &rest[blanks..];
            let comment = if rest.starts_with("//") {
                rest.find(['\r', '\n']).unwrap_or(rest.len())
            } else if let Some(inner) = rest.strip_prefix("/*") {
                inner.find("*/").map_or(rest.len(), |len| len + 4)
            } else {
                return;
            };
            self.at += comment;
            self.strict = false;
        }
    }

    /// The value that starts here; `None` if none does.
    fn value(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        if depth >= DEPTH {
            self.whole = false;
            self.at = self.text.len();
            return Some(Node::null(start..start));
        }
        let content = match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => Content::Scalar(self.string()),
            b',' | b':' | b']' | b'}' => return None,
            _ => self.word(),
        };
        Some(Node { range: start..self.at, tag: None, content })
    }

    fn object(&mut self, depth: usize) -> Content {
        self.at += 1;
        let mut mapping = Mapping::default();
        let mut after_comma = false;
        loop {
            self.skip();
            let Some(next) = self.peek() else {
                self.whole = false;
                break;
            };
            match next {
                b'}' => {
                    self.strict &= !after_comma;
                    self.at += 1;
                    break;
                }
                // Most likely the end of the array around it.
                b']' if self.arrays > 0 => {
                    self.whole = false;
                    break;
                }
                b',' => {
                    self.whole &= !after_comma && !mapping.own.is_empty();
                    after_comma = true;
                    self.at += 1;
                    continue;
                }
                b'"' => {
                    self.whole &= after_comma || mapping.own.is_empty();
                    let key = self.string();
                    self.entry(key, depth, &mut mapping);
                }
                b']' | b'[' | b'{' | b':' => {
                    self.whole = false;
                    self.at += 1;
                }
                _ => {
                    self.whole = false;
                    let start = self.at;
                    self.word();
                    let key = plain(self.text, start..self.at);
                    self.entry(key, depth, &mut mapping);
                }
            }
            after_comma = false;
        }
        Content::Mapping(mapping)
    }

    /// What follows a key.
    fn entry(&mut self, key: Scalar, depth: usize, mapping: &mut Mapping) {
        self.skip();
        if self.peek() != Some(b':') {
            self.whole = false;
            return;
        }
        self.at += 1;
        let blank = usize::from(matches!(self.peek(), Some(b' ' | b'\t')));
        let typed_at = self.at + blank;
        self.skip();
        let start = self.at;
        let value = self.value(depth + 1).filter(|_| {
            let end = self.at;
            self.skip();
            // A string with a colon behind it is the next key.
            let is_key = self.peek() == Some(b':');
            self.at = if is_key { start } else { end };
            !is_key
        });
        self.whole &= value.is_some();
        let value = Arc::new(value.unwrap_or_else(|| Node::null(typed_at..typed_at)));
        mapping.own.push(Entry { key, value });
    }

    fn array(&mut self, depth: usize) -> Content {
        self.at += 1;
        self.arrays += 1;
        let mut items = Vec::new();
        let mut after_comma = false;
        loop {
            self.skip();
            let Some(next) = self.peek() else {
                self.whole = false;
                break;
            };
            match next {
                b']' => {
                    self.strict &= !after_comma;
                    self.at += 1;
                    break;
                }
                b'}' => {
                    self.whole = false;
                    break;
                }
                b',' => {
                    self.whole &= !after_comma && !items.is_empty();
                    after_comma = true;
                    self.at += 1;
                    continue;
                }
                b':' => {
                    self.whole = false;
                    self.at += 1;
                }
                _ => {
                    self.whole &= after_comma || items.is_empty();
                    items.extend(self.value(depth + 1).map(Arc::new));
                }
            }
            after_comma = false;
        }
        self.arrays -= 1;
        Content::Sequence(items)
    }

    /// A string from its quote on. One that is not closed ends with its line, without what closes something else there.
    fn string(&mut self) -> Scalar {
        let text = self.text;
        let start = self.at + 1;
        let mut decoded = Decoded::default();
        let mut at = start;
        loop {
            // Never further than needed: a whole file may be one line.
            let stop = text[at..].find(['"', '\\', '\r', '\n']).map_or(text.len(), |stop| at + stop);
            match text.as_bytes().get(stop) {
                Some(b'"') => {
                    decoded.keep(&text[at..stop], at);
                    self.at = stop + 1;
                    return string(decoded, start..stop);
                }
                Some(b'\\') => {
                    decoded.keep(&text[at..stop], at);
                    let rest = &text[stop + 1..];
                    let made = if rest.starts_with(['\r', '\n']) { None } else { escape(rest) };
                    let (made, len) = made.unwrap_or(('\\', 0));
                    decoded.make(made);
                    at = stop + 1 + len;
                }
                _ => {
                    self.whole = false;
                    let rest = text[at..stop].trim_end_matches([' ', '\t', ',', '}', ']']);
                    decoded.keep(rest, at);
                    self.at = at + rest.len();
                    return string(decoded, start..self.at);
                }
            }
        }
    }

    /// `true`, `null`, a number, or something that is none of them.
    fn word(&mut self) -> Content {
        let start = self.at;
        let rest = &self.text[start..];
        let is_end =
            |c: char| matches!(c, ',' | ':' | '{' | '}' | '[' | ']' | '"' | '/') || c.is_ascii_whitespace();
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let len = rest[first..].find(is_end).map_or(rest.len(), |len| first + len);
        self.at += len;
        let word = &rest[..len];
        if word == "null" {
            return Content::Null;
        }
        let is_number = word.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        self.whole &= is_number || matches!(word, "true" | "false");
        Content::Scalar(plain(self.text, start..self.at))
    }
}

fn string(decoded: Decoded, range: Range<usize>) -> Scalar {
    Scalar { text: decoded.text, range, style: Style::Double, is_text: true, pieces: decoded.pieces }
}

fn plain(text: &str, range: Range<usize>) -> Scalar {
    let mut decoded = Decoded::default();
    decoded.keep(&text[range.clone()], range.start);
    Scalar { style: Style::Plain, is_text: false, ..string(decoded, range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<'a>(read: &'a Read, keys: &[&str]) -> Option<&'a str> {
        read.roots.first()?.at(keys)?.text()
    }

    #[test]
    fn values_have_their_places() {
        let source =
            "{\"a\": {\"b\": \"x\\u00e9y\", \"n\": -1.5e3, \"t\": true, \"z\": null}, \"l\": [\"p\", 2]}";
        let read = read(source);
        assert!(read.whole && read.strict);
        let b = read.roots[0].at(&["a", "b"]).unwrap();
        assert_eq!(b.text(), Some("xéy"));
        assert_eq!(&source[b.range.clone()], "\"x\\u00e9y\"");
        let scalar = b.scalar().unwrap();
        assert_eq!(&source[scalar.range.clone()], "x\\u00e9y");
        assert_eq!(scalar.quoting(), None);
        assert_eq!(&source[scalar.place(3..4).unwrap()], "y");
        assert!(!read.roots[0].at(&["a", "n"]).unwrap().scalar().unwrap().is_text);
        assert!(read.roots[0].at(&["a", "z"]).unwrap().is_null());
        assert_eq!(read.roots[0].get("l").unwrap().items().len(), 2);
    }

    #[test]
    fn comments_and_trailing_commas_are_fine_but_not_strict() {
        let tolerant = read("\u{feff}// c\r\n{ /* \" */ \"a\": [1, 2,], // x\n \"b\": \"//no\",\n}\n");
        assert!(tolerant.whole && !tolerant.strict);
        assert_eq!(text(&tolerant, &["b"]), Some("//no"));
        assert!(!read("{\"a\": 1,}").strict);
        assert!(!read("[1,]").strict);
        assert!(read("[1]").strict);
    }

    #[test]
    fn a_value_that_is_missing_is_nothing_right_behind_the_colon() {
        for (source, at) in [
            ("{\"target\":\n\"context\": \".\"}", 10),
            ("{\"target\": \n\"context\": \".\"}", 11),
            ("{\"target\": ,\"context\": \".\"}", 11),
            ("{\"target\":, \"context\": \".\"}", 10),
        ] {
            let read = read(source);
            assert!(!read.whole);
            let target = read.roots[0].get("target").unwrap();
            assert!(target.is_null());
            assert_eq!(target.range, at..at, "{source}");
            assert_eq!(text(&read, &["context"]), Some("."));
        }
    }

    #[test]
    fn an_open_quote_ends_with_its_line() {
        let source = "{\"a\": {\"target\": \"bu,\n\"context\": \".\"}, \"b\": \"x }\n";
        let read = read(source);
        assert!(!read.whole);
        assert_eq!(text(&read, &["a", "target"]), Some("bu"));
        assert_eq!(text(&read, &["a", "context"]), Some("."));
        assert_eq!(text(&read, &["b"]), Some("x"));
        let target = read.roots[0].at(&["a", "target"]).unwrap().scalar().unwrap();
        assert_eq!(&source[target.range.clone()], "bu");
    }

    #[test]
    fn what_is_broken_does_not_take_its_neighbours_along() {
        for broken in ["targ", "\"targ\"", "\"x\" 1", ":", "]", "{", "[1", "\"a\": bu", "'a': 'b'", "é"] {
            let source = format!("{{\"p\": {{\"q\": \"1\"}},\n{broken}\n\"r\": \"2\"}}");
            let read = read(&source);
            assert!(!read.whole, "{source}");
            assert_eq!(text(&read, &["p", "q"]), Some("1"), "{source}");
            if broken != "[1" {
                assert_eq!(text(&read, &["r"]), Some("2"), "{source}");
            }
        }
        assert!(!read("").whole);
        assert!(!read("{} x").whole);
        assert!(!read("{\"a\": 1 \"b\": 2}").whole);
    }

    #[test]
    fn nesting_has_a_limit() {
        let deep = "[".repeat(100_000);
        assert!(!read(&deep).whole);
        let deep = "{\"a\":".repeat(100_000);
        assert!(!read(&deep).whole);
    }
}
