//! Reads YAML: what [`Node`]s a text comes to, however unfinished it is.
//!
//! This is no parser with a grammar. Structure is taken from columns, line by line, so a line that nobody understands takes
//! none of its neighbours along, and there is a value whatever is wrong with a text.

mod block;
mod flow;
mod inline;
mod scalars;

use std::{collections::HashMap, ops::Range, sync::Arc};

use super::node::{Content, Entry, Mapping, Node, Read, Scalar, Style};

/// How deep values may nest, aliases followed. Deeper ones are nothing.
const DEPTH: usize = 100;

/// How many values aliases may bring in, those in them counted again each time.
const EXPANSION: usize = 100_000;

/// What a YAML text holds.
pub fn read(text: &str) -> Read {
    let mut whole = true;
    let mut roots = Vec::new();
    for document in documents(text) {
        let mut reader = Reader::new(&text[..document.end], document.start);
        roots.push(reader.document());
        whole &= reader.whole;
    }
    Read { roots, whole, strict: true }
}

/// Where the documents of a text stand, without the marks between them.
fn documents(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    // What stands before a mark is a document if there is anything in it, what stands behind `---` always is.
    let (mut is_marked, mut has_content) = (false, false);
    let mut at = start;
    while at < text.len() {
        let end = line_end(text, at);
        let line = &text[at..end];
        let mark = ["---", "..."].into_iter().find(|mark| {
            line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(is_blank))
        });
        if let Some(mark) = mark {
            if is_marked || has_content {
                found.push(start..at);
            }
            is_marked = mark == "---";
            has_content = false;
            start = at + mark.len();
        } else if line.starts_with('%') && !is_marked && !has_content {
            start = end;
        } else {
            let inner = line.trim_start_matches(is_blank);
            has_content |= !inner.is_empty() && !inner.starts_with('#');
        }
        at = next_start(text, end);
    }
    if is_marked || has_content {
        found.push(start..text.len());
    }
    found
}

struct Reader<'a> {
    /// All up to the end of the document.
    text: &'a str,
    at: usize,
    /// Where the line of `at` starts.
    line: usize,
    anchors: HashMap<&'a str, Measured>,
    expanded: usize,
    whole: bool,
}

/// A value, with what it takes to walk it.
#[derive(Clone)]
struct Measured {
    node: Arc<Node>,
    /// Values in it, itself included.
    count: usize,
    depth: usize,
}

/// What may stand before a value.
#[derive(Clone, Copy, Default)]
struct Properties<'a> {
    anchor: Option<&'a str>,
    tag: Option<&'a str>,
}

/// Puts a mapping or a sequence together.
struct Collection {
    start: usize,
    content: Content,
    count: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, start: usize) -> Reader<'a> {
        let line = text[..start].rfind(is_break).map_or(0, |at| at + 1);
        let line = if text[line..].starts_with('\u{feff}') { line + '\u{feff}'.len_utf8() } else { line };
        Reader { text, at: start, line, anchors: HashMap::new(), expanded: 0, whole: true }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// What is left of the line.
    fn rest_of_line(&self) -> &'a str {
        &self.text[self.at..line_end(self.text, self.at)]
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_blank).len();
    }

    /// Whether nothing but a comment is left of the line.
    fn is_line_done(&self) -> bool {
        let rest = self.rest();
        let is_behind_blank = self.at == self.line || self.text[..self.at].ends_with([' ', '\t', '\r', '\n']);
        rest.is_empty() || rest.starts_with(is_break) || rest.starts_with('#') && is_behind_blank
    }

    /// Anchors and tags at this place.
    fn properties(&mut self, is_flow: bool) -> Properties<'a> {
        let mut properties = Properties::default();
        loop {
            let rest = self.rest();
            if !rest.starts_with(['&', '!']) {
                return properties;
            }
            let len = word_len(rest, is_flow);
            match (rest.starts_with('!'), &rest[1..len]) {
                (true, _) => properties.tag = Some(&rest[..len]),
                (false, "") => return properties,
                (false, name) => properties.anchor = Some(name),
            }
            self.at += len;
            self.skip_blanks();
        }
    }

    /// Gives a value its properties.
    fn finish(&mut self, properties: Properties<'a>, mut measured: Measured) -> Measured {
        if let Some(tag) = properties.tag {
            let node = Arc::unwrap_or_clone(measured.node);
            let content = tagged(node.content, tag);
            measured.node = Arc::new(Node { tag: Some(tag.to_owned()), content, ..node });
        }
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor, measured.clone());
        }
        measured
    }

    /// The value that `*name` means, at this place.
    fn alias(&mut self, depth: usize, is_flow: bool) -> Measured {
        let start = self.at;
        self.at += word_len(self.rest(), is_flow);
        let name = &self.text[start + 1..self.at];
        self.whole &= !name.is_empty();
        let null = Measured::leaf(Node::null(start..self.at));
        let Some(target) = self.anchors.get(name).cloned() else { return null };
        let expanded = self.expanded + target.count;
        if expanded > EXPANSION || depth + target.depth > DEPTH {
            self.whole = false;
            return null;
        }
        self.expanded = expanded;
        target
    }

    /// Where a value would be typed behind a mark that ends here.
    fn typed_here(&self) -> Measured {
        let at = self.at + usize::from(self.rest().starts_with(is_blank));
        Measured::leaf(Node::null(at..at))
    }
}

impl Measured {
    fn leaf(node: Node) -> Measured {
        Measured { node: Arc::new(node), count: 1, depth: 1 }
    }

    fn scalar(range: Range<usize>, scalar: Scalar) -> Measured {
        let is_null = scalar.style == Style::Plain && scalars::is_null(&scalar.text);
        let content = if is_null { Content::Null } else { Content::Scalar(scalar) };
        Measured::leaf(Node { range, tag: None, content })
    }
}

impl Collection {
    fn mapping(start: usize) -> Collection {
        Collection { start, content: Content::Mapping(Mapping::default()), count: 1, depth: 1 }
    }

    fn sequence(start: usize) -> Collection {
        Collection { start, content: Content::Sequence(Vec::new()), count: 1, depth: 1 }
    }

    fn grow(&mut self, value: &Measured) {
        self.count += 1 + value.count;
        self.depth = self.depth.max(1 + value.depth);
    }

    /// Adds a pair to a mapping. A key that is a collection itself is no key for anybody.
    fn pair(&mut self, key: &Node, value: Measured) {
        self.grow(&value);
        let Content::Mapping(mapping) = &mut self.content else { return };
        let Some(key) = key_scalar(key) else { return };
        let value = value.node;
        let is_merge = key.style == Style::Plain && key.text == "<<";
        match &value.content {
            _ if !is_merge => mapping.own.push(Entry { key, value }),
            Content::Sequence(items) => mapping.merged.extend(items.iter().cloned()),
            _ => mapping.merged.push(value),
        }
    }

    /// Adds an item to a sequence.
    fn item(&mut self, item: Measured) {
        self.grow(&item);
        let Content::Sequence(items) = &mut self.content else { return };
        items.push(item.node);
    }

    fn done(self, end: usize) -> Measured {
        let node = Node { range: self.start..end, tag: None, content: self.content };
        Measured { node: Arc::new(node), count: self.count, depth: self.depth }
    }
}

fn tagged(content: Content, tag: &str) -> Content {
    match (content, tag) {
        (Content::Scalar(scalar), "!!str" | "!") => Content::Scalar(Scalar { is_text: true, ..scalar }),
        (Content::Scalar(scalar), "!!int" | "!!float" | "!!bool") => {
            Content::Scalar(Scalar { is_text: false, ..scalar })
        }
        (Content::Scalar(_), "!!null") => Content::Null,
        (content, _) => content,
    }
}

/// The key that a node makes; `None` if it is a collection.
fn key_scalar(node: &Node) -> Option<Scalar> {
    match &node.content {
        Content::Scalar(scalar) => Some(scalar.clone()),
        Content::Null => Some(Scalar {
            text: String::new(),
            range: node.range.clone(),
            style: Style::Plain,
            is_text: false,
            pieces: Vec::new(),
        }),
        Content::Sequence(_) | Content::Mapping(_) => None,
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n')
}

/// Whether a mark such as `-` or `:` ends before `rest`.
fn is_apart(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n'])
}

fn is_flow_mark(c: char) -> bool {
    matches!(c, ',' | '[' | ']' | '{' | '}')
}

/// The length of an anchor, an alias or a tag.
fn word_len(text: &str, is_flow: bool) -> usize {
    let is_end = |c: char| is_blank(c) || is_break(c) || is_flow && is_flow_mark(c);
    text.find(is_end).unwrap_or(text.len())
}

/// Where the line of `at` ends, before its break.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find(is_break).map_or(text.len(), |len| at + len)
}

/// Where the line behind the break at `end` starts.
fn next_start(text: &str, end: usize) -> usize {
    let len = if text[end..].starts_with("\r\n") { 2 } else { 1 };
    text.len().min(end + len)
}

#[cfg(test)]
mod tests;
