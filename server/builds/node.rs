//! A YAML or JSON value with its places: what the readers of such files look at.

use std::{collections::HashSet, ops::Range, path::Path, sync::Arc};

use super::value::{Quoting, Spot, Value};

/// What a YAML or JSON text holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The value of each YAML document; of JSON one at most.
    pub roots: Vec<Arc<Node>>,
    /// Whether all of the text was understood. If not, values may be missing, or cut short.
    pub whole: bool,
    /// Whether a JSON text has neither comments nor trailing commas. True for YAML.
    pub strict: bool,
}

/// A value. One that several aliases or merge keys mean is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// In bytes of the file, quotes and brackets included; empty where nothing is written.
    pub range: Range<usize>,
    /// A tag such as `!reset`, as written.
    pub tag: Option<String>,
    pub content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing, or `null` and `~`.
    Null,
    Scalar(Scalar),
    Sequence(Vec<Arc<Node>>),
    Mapping(Mapping),
}

/// Keys with their values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping {
    /// In file order, as written.
    pub own: Vec<Entry>,
    /// The mappings behind `<<`: of two with one key the first counts, and own keys before all of them.
    pub merged: Vec<Arc<Node>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub key: Scalar,
    pub value: Arc<Node>,
}

/// A text, a number or another single value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// Without quotes, escapes and folds.
    pub text: String,
    /// The inner text in bytes of the file: without quotes, for a block scalar from its first line on.
    pub range: Range<usize>,
    pub style: Style,
    /// Whether it is text to a YAML or JSON reader, and no number, boolean or null.
    pub is_text: bool,
    /// Where the parts of `text` stand, in its order; what an escape or a fold makes has no place.
    pub pieces: Vec<Piece>,
}

/// A part of a scalar's text that stands in the file as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Its start in the text.
    pub text: usize,
    /// Its start in the file.
    pub file: usize,
    pub len: usize,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Single,
    /// Also each string of JSON.
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

impl Node {
    /// Nothing, at a place where something could stand.
    pub fn null(range: Range<usize>) -> Node {
        Node { range, tag: None, content: Content::Null }
    }

    pub fn is_null(&self) -> bool {
        self.content == Content::Null
    }

    /// The value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Arc<Node>> {
        match &self.content {
            Content::Mapping(mapping) => mapping.get(key),
            _ => None,
        }
    }

    /// The value on a way of keys.
    pub fn at(&self, keys: &[&str]) -> Option<&Arc<Node>> {
        let (first, rest) = keys.split_first()?;
        let value = self.get(first)?;
        if rest.is_empty() { Some(value) } else { value.at(rest) }
    }

    /// What a mapping holds, merged keys included, each key once; of anything else nothing.
    pub fn entries(&self) -> Vec<&Entry> {
        match &self.content {
            Content::Mapping(mapping) => mapping.entries(),
            _ => Vec::new(),
        }
    }

    /// What a sequence holds; of anything else nothing.
    pub fn items(&self) -> &[Arc<Node>] {
        match &self.content {
            Content::Sequence(items) => items,
            _ => &[],
        }
    }

    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.content {
            Content::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }
}

impl Mapping {
    pub fn get(&self, key: &str) -> Option<&Arc<Node>> {
        let own = self.own.iter().find(|entry| entry.key.text == key).map(|entry| &entry.value);
        own.or_else(|| self.merged.iter().find_map(|node| node.get(key)))
    }

    /// Own keys in file order, then merged ones.
    pub fn entries(&self) -> Vec<&Entry> {
        let mut all: Vec<&Entry> = self.own.iter().collect();
        if self.merged.is_empty() {
            return all;
        }
        let mut seen: HashSet<&str> = all.iter().map(|entry| entry.key.text.as_str()).collect();
        let merged = self.merged.iter().flat_map(|node| node.entries());
        all.extend(merged.filter(|entry| seen.insert(&entry.key.text)));
        all
    }
}

impl Scalar {
    /// Where a part of the text (bytes) stands in the file; `None` if it does not stand there in one piece as it is. An empty
    /// part stands where the text before or behind it does.
    pub fn place(&self, part: Range<usize>) -> Option<Range<usize>> {
        let inside = |piece: &&Piece| piece.text <= part.start && part.end <= piece.text + piece.len;
        let piece = self.pieces.iter().find(inside);
        match piece {
            Some(piece) => {
                let start = piece.file + part.start - piece.text;
                Some(start..start + part.len())
            }
            None if self.text.is_empty() && part.is_empty() => Some(self.range.start..self.range.start),
            None => None,
        }
    }

    /// The same; of a part over several lines, what stands on the first.
    pub fn place_on_a_line(&self, part: &Range<usize>) -> Option<Range<usize>> {
        let line = self.text[part.clone()].find(['\n', '\r']).map_or(part.end, |at| part.start + at);
        self.place(part.start..line)
    }

    /// From the file to the text: the offset in the text that stands at `file` (bytes), or at the end of a piece there.
    pub fn offset(&self, file: usize) -> Option<usize> {
        let inside = |piece: &&Piece| piece.file <= file && file <= piece.file + piece.len;
        match self.pieces.iter().rev().find(inside) {
            Some(piece) => Some(piece.text + file - piece.file),
            None if self.text.is_empty() && self.range.start <= file && file <= self.range.end => Some(0),
            None => None,
        }
    }

    /// How the whole text could be replaced; `None` if escapes or folds make it other than it stands there.
    pub fn quoting(&self) -> Option<Quoting> {
        self.place(0..self.text.len())?;
        Some(match self.style {
            Style::Plain => Quoting::YamlPlain,
            Style::Single => Quoting::YamlSingle,
            Style::Double => Quoting::Double,
            Style::Literal | Style::Folded => Quoting::Line,
        })
    }

    /// The scalar as a literal value of a file.
    pub fn value(&self, file: &Arc<Path>) -> Value {
        let quoting = self.quoting();
        let range = self.place(0..self.text.len()).unwrap_or_else(|| self.range.clone());
        let literal = Value::literal(self.text.as_str(), Spot::new(file, range), Quoting::Line);
        Value { quoting, ..literal }
    }
}
