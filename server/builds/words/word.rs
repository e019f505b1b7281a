//! A word and its parts.

use std::{ops::Range, path::Path, sync::Arc};

use crate::builds::value::{Certainty, Quoting, Spot, Value};

/// A word of a command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word {
    pub parts: Vec<Part>,
    /// In bytes of the text that was read, quotes included.
    pub range: Range<usize>,
}

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it comes to; empty if it is to be expanded.
    pub text: String,
    /// In bytes of the file, without quotes; `None` if it does not stand there in one piece.
    pub place: Option<Range<usize>>,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// It stands there as it is, and another text can be written there.
    Plain(Quoting),
    /// What a backslash or another escape leaves.
    Escaped,
    /// The value of a variable.
    Variable {
        name: String,
        /// What it is without one: `${X:-this}`.
        default: Option<Box<Part>>,
        /// Whether who runs the shell knows it, and not the shell: make, just, a template.
        is_outer: bool,
    },
    /// The shell may make another text of it: `*`, `{a,b}`, `~`.
    Pattern,
    /// `<name>`, `[name]` or `…` of somebody who explains.
    Placeholder,
    /// The output of a command, arithmetic; what it is.
    Unknown(&'static str),
}

impl Word {
    /// A word that is all of a literal value, for lists of words such as the `args` of a task.
    pub fn of(value: &Value) -> Word {
        let kind = match (&value.text, value.quoting) {
            (Some(_), Some(quoting)) => Kind::Plain(quoting),
            (Some(_), None) => Kind::Escaped,
            (None, _) => Kind::Unknown(value.why),
        };
        let text = value.text.clone().unwrap_or_default();
        Word { parts: vec![Part { text, place: Some(value.spot.range.clone()), kind }], range: 0..0 }
    }

    /// What the program gets; `None` if an expansion is part of it.
    pub fn text(&self) -> Option<String> {
        let is_literal = |part: &Part| matches!(part.kind, Kind::Plain(_) | Kind::Escaped);
        self.parts.iter().all(is_literal).then(|| self.known())
    }

    /// The text with all that is expanded left out.
    pub fn known(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }

    /// How its text begins, up to the first expansion.
    pub fn start(&self) -> String {
        let is_literal = |part: &&Part| matches!(part.kind, Kind::Plain(_) | Kind::Escaped);
        self.parts.iter().take_while(is_literal).map(|part| part.text.as_str()).collect()
    }

    pub fn is(&self, text: &str) -> bool {
        self.text().is_some_and(|own| own == text)
    }

    pub fn has_placeholder(&self) -> bool {
        self.parts.iter().any(|part| part.kind == Kind::Placeholder)
    }

    /// A piece of the word, by bytes of [`Word::known`]. An expansion at its edge is part of it.
    pub fn slice(&self, piece: Range<usize>) -> Word {
        let (mut parts, mut offset, mut edge) = (Vec::new(), 0, None);
        for part in &self.parts {
            let own = offset..offset + part.text.len();
            offset = own.end;
            if own.is_empty() {
                if piece.start <= own.start && own.start <= piece.end {
                    parts.push(part.clone());
                }
                continue;
            }
            let (start, end) = (piece.start.max(own.start), piece.end.min(own.end));
            if start < end {
                parts.push(part.piece(start - own.start..end - own.start));
            } else if start == end {
                edge = edge.or(Some(part.piece(start - own.start..start - own.start)));
            }
        }
        if parts.is_empty() {
            parts.extend(edge);
        }
        Word { parts, range: self.range.clone() }
    }

    /// The pieces between separators, such as the names of `a,b`.
    pub fn split(&self, separator: char) -> Vec<Word> {
        let text = self.known();
        let mut pieces = Vec::new();
        let mut start = 0;
        for (at, found) in text.match_indices(separator) {
            pieces.push(self.slice(start..at));
            start = at + found.len();
        }
        pieces.push(self.slice(start..text.len()));
        pieces
    }

    /// The parts before and behind the first separator, if there is one.
    pub fn split_once(&self, separator: char) -> Option<(Word, Word)> {
        let text = self.known();
        let at = text.find(separator)?;
        Some((self.slice(0..at), self.slice(at + separator.len_utf8()..text.len())))
    }

    /// Where it stands; `all` if it has no place of its own.
    pub fn spot(&self, file: &Arc<Path>, all: &Range<usize>) -> Spot {
        let starts = self.parts.iter().filter_map(|part| part.place.as_ref());
        let ends = starts.clone();
        let range = match (starts.map(|place| place.start).min(), ends.map(|place| place.end).max()) {
            (Some(start), Some(end)) => start..end,
            _ => all.clone(),
        };
        Spot::new(file, range)
    }

    /// What a word without expansions gives; `None` if it has some.
    pub fn literal(&self, file: &Arc<Path>, all: &Range<usize>) -> Option<Value> {
        let text = self.text()?;
        let spot = self.spot(file, all);
        Some(match self.parts.as_slice() {
            [Part { kind: Kind::Plain(quoting), place: Some(_), .. }] => Value::literal(text, spot, *quoting),
            _ => Value::computed(text, spot, Certainty::Likely, "it is written with escapes or in parts"),
        })
    }
}

impl Part {
    /// A piece of a part with text, in bytes of it.
    fn piece(&self, piece: Range<usize>) -> Part {
        let Some(text) = self.text.get(piece.clone()) else { return self.clone() };
        // Only what stands there as it is has its pieces there as well.
        let place = self.place.clone().map(|place| match place.len() == self.text.len() {
            true => place.start + piece.start..place.start + piece.end,
            false => place,
        });
        Part { text: text.to_owned(), place, kind: self.kind.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str, at: usize) -> Part {
        let place = Some(at..at + text.len());
        Part { text: text.into(), place, kind: Kind::Plain(Quoting::Bare) }
    }

    #[test]
    fn pieces_keep_their_places() {
        let variable = Kind::Variable { name: "X".into(), default: None, is_outer: false };
        let variable = Part { text: String::new(), place: Some(14..16), kind: variable };
        let word = Word { parts: vec![plain("--target=", 5), variable.clone()], range: 5..16 };
        let (flag, value) = word.split_once('=').unwrap();
        assert_eq!(flag.text().as_deref(), Some("--target"));
        assert_eq!(value.parts, [variable]);

        let word = Word { parts: vec![plain("--f=a,b", 0)], range: 0..7 };
        let (_, value) = word.split_once('=').unwrap();
        assert_eq!(
            value.split(','),
            [
                Word { parts: vec![plain("a", 4)], range: 0..7 },
                Word { parts: vec![plain("b", 6)], range: 0..7 }
            ]
        );
        let empty = Word { parts: vec![plain("--f=", 0)], range: 0..4 }.split_once('=').unwrap().1;
        assert_eq!(empty.parts, [plain("", 4)]);
    }
}
