//! The text of a scalar, put together from what stands in the file and from what escapes and folds make.

use std::ops::Range;

use super::node::{Piece, Scalar};

#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub text: String,
    pub pieces: Vec<Piece>,
}

impl Decoded {
    /// A part that stands at `file` (bytes) as it is.
    pub fn keep(&mut self, part: &str, file: usize) {
        if part.is_empty() {
            return;
        }
        match self.pieces.last_mut() {
            Some(last) if last.file + last.len == file && last.text + last.len == self.text.len() => {
                last.len += part.len();
            }
            _ => self.pieces.push(Piece { text: self.text.len(), file, len: part.len() }),
        }
        self.text.push_str(part);
    }

    /// A character that is written in another way.
    pub fn make(&mut self, c: char) {
        self.text.push(c);
    }

    /// A part (bytes of its text) of another scalar, with its places.
    pub fn copy(&mut self, scalar: &Scalar, part: Range<usize>) {
        let mut at = part.start;
        let first = scalar.pieces.partition_point(|piece| piece.text + piece.len <= part.start);
        for piece in scalar.pieces[first..].iter().take_while(|piece| piece.text < part.end) {
            let (start, end) = (piece.text.max(part.start), (piece.text + piece.len).min(part.end));
            self.text.push_str(&scalar.text[at..start]);
            self.keep(&scalar.text[start..end], piece.file + start - piece.text);
            at = end;
        }
        self.text.push_str(&scalar.text[at..part.end]);
    }

    /// Line breaks that stand for `count` of them in the text.
    pub fn breaks(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n('\n', count));
    }
}

/// What an escape sequence stands for, and its length in bytes; `text` starts behind the backslash. YAML's list (YAML 1.2.2,
/// 5.7), which has all of JSON's. What is no escape stands for itself.
pub(super) fn escape(text: &str) -> Option<(char, usize)> {
    let first = text.chars().next()?;
    let digits = match first {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => {
            let made = match first {
                '0' => '\0',
                'a' => '\u{7}',
                'b' => '\u{8}',
                't' => '\t',
                'n' => '\n',
                'v' => '\u{b}',
                'f' => '\u{c}',
                'r' => '\r',
                'e' => '\u{1b}',
                'N' => '\u{85}',
                '_' => '\u{a0}',
                'L' => '\u{2028}',
                'P' => '\u{2029}',
                other => other,
            };
            return Some((made, first.len_utf8()));
        }
    };
    let Some(code) = hexadecimal(text, 1, digits) else { return Some((first, 1)) };
    if let Some(c) = char::from_u32(code) {
        return Some((c, 1 + digits));
    }
    // The halves of a surrogate pair, as JSON writes what is outside of the basic plane.
    let low = text.get(5..7).filter(|next| *next == "\\u").and_then(|_| hexadecimal(text, 7, 4));
    match low {
        Some(low @ 0xdc00..=0xdfff) if digits == 4 && (0xd800..=0xdbff).contains(&code) => {
            let c = char::from_u32(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00))?;
            Some((c, 11))
        }
        _ => Some((char::REPLACEMENT_CHARACTER, 1 + digits)),
    }
}

fn hexadecimal(text: &str, from: usize, digits: usize) -> Option<u32> {
    let text = text.get(from..from + digits)?;
    text.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_stand_side_by_side_are_one_piece() {
        let mut decoded = Decoded::default();
        decoded.keep("ab", 10);
        decoded.keep("c", 12);
        decoded.make('\n');
        decoded.keep("d", 14);
        assert_eq!(decoded.text, "abc\nd");
        assert_eq!(
            decoded.pieces,
            [Piece { text: 0, file: 10, len: 3 }, Piece { text: 4, file: 14, len: 1 }]
        );
    }

    #[test]
    fn escapes_are_those_of_yaml_and_json() {
        assert_eq!(escape("n"), Some(('\n', 1)));
        assert_eq!(escape("/"), Some(('/', 1)));
        assert_eq!(escape("x69ld"), Some(('i', 3)));
        assert_eq!(escape("u00e9"), Some(('é', 5)));
        assert_eq!(escape("U0001F600"), Some(('😀', 9)));
        assert_eq!(escape("ud83d\\ude00"), Some(('😀', 11)));
        assert_eq!(escape("ud83d"), Some(('\u{fffd}', 5)));
        assert_eq!(escape("ud83d\\u0041"), Some(('\u{fffd}', 5)));
        assert_eq!(escape("x6"), Some(('x', 1)));
        assert_eq!(escape("ué00"), Some(('u', 1)));
        assert_eq!(escape("é"), Some(('é', 2)));
        assert_eq!(escape(""), None);
    }
}
