//! Reads YAML: what [`Node`]s a text comes to, however unfinished it is.

mod repair;
mod scalars;

use std::{collections::HashMap, ops::Range, sync::Arc};

use tree_sitter::Node as Syntax;

use super::node::{Content, Entry, Mapping, Node, Read, Scalar, Style};

/// How deep values may nest, aliases followed. Deeper ones are nothing.
const DEPTH: usize = 100;

/// How many values aliases may bring in, those in them counted again each time.
const EXPANSION: usize = 100_000;

/// How far lines may be indented, in bytes. The grammar's scanner keeps its stack of columns in a buffer of 1,024 bytes, and
/// writes behind its end if there are too many.
const COLUMNS: usize = 100;

/// What a YAML text holds.
pub fn read(text: &str) -> Read {
    let is_deep = text.lines().any(|line| line.find(|c| !matches!(c, ' ' | '-' | '?' | ':')) > Some(COLUMNS));
    let tree = if is_deep { None } else { repair::parse(text) };
    let Some(tree) = tree else {
        return Read { roots: Vec::new(), whole: false, strict: true };
    };
    if !tree.root_node().has_error() {
        let mut reader = Reader::new(text, text.len(), 0, &[]);
        let roots = reader.documents(tree.root_node(), 0);
        let roots = roots.into_iter().map(|root| root.node).collect();
        return Read { roots, whole: reader.whole, strict: true };
    }
    let Some(repaired) = repair::repair(text, tree) else {
        return Read { roots: Vec::new(), whole: false, strict: true };
    };
    let mut cuts: Vec<Cut> =
        repaired.cut.iter().map(|range| Cut { range: range.clone(), text: &text[range.clone()] }).collect();
    cuts.sort_by_key(|cut| cut.range.start);
    let mut reader = Reader::new(&repaired.text, text.len(), 0, &cuts);
    let roots = reader.documents(repaired.tree.root_node(), 0);
    let roots = roots.into_iter().map(|root| root.node).collect();
    Read { roots, whole: false, strict: true }
}

/// A value that the parser did not understand.
struct Cut<'a> {
    range: Range<usize>,
    text: &'a str,
}

struct Reader<'a> {
    text: &'a str,
    /// The length of what is really written of `text`.
    len: usize,
    /// Where `text` starts in the file.
    shift: usize,
    cuts: &'a [Cut<'a>],
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

/// Where a value stands.
#[derive(Clone, Copy)]
struct At {
    depth: usize,
    /// The column of the collection around it.
    indent: Option<usize>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, len: usize, shift: usize, cuts: &'a [Cut<'a>]) -> Reader<'a> {
        Reader { text, len, shift, cuts, anchors: HashMap::new(), expanded: 0, whole: true }
    }

    /// The value of each document, as one that stands `depth` values deep.
    fn documents(&mut self, root: Syntax, depth: usize) -> Vec<Measured> {
        let mut cursor = root.walk();
        let documents: Vec<Syntax> =
            root.named_children(&mut cursor).filter(|node| node.kind() == "document").collect();
        documents.into_iter().map(|document| self.document(document, depth)).collect()
    }

    fn document(&mut self, document: Syntax, depth: usize) -> Measured {
        self.anchors.clear();
        let mut cursor = document.walk();
        let value = document.named_children(&mut cursor).find(|node| is_value(*node));
        match value {
            Some(value) => self.value(value, At { depth, indent: None }),
            None => Measured::leaf(Node::null(self.range(document.end_byte()..document.end_byte()))),
        }
    }

    /// A `block_node` or a `flow_node`: perhaps an anchor and a tag, and perhaps a value.
    fn value(&mut self, syntax: Syntax<'_>, at: At) -> Measured {
        let (mut anchor, mut tag, mut content) = (None, None, None);
        let mut cursor = syntax.walk();
        for child in syntax.named_children(&mut cursor) {
            match child.kind() {
                "anchor" => anchor = self.slice(child).strip_prefix('&'),
                "tag" => tag = Some(self.slice(child)),
                "comment" => {}
                _ if child.is_error() => {}
                _ => content = Some(child),
            }
        }
        let end = self.range(syntax.end_byte()..syntax.end_byte());
        let mut sized = match content {
            Some(content) => self.content(content, tag, at),
            None => Measured::leaf(Node::null(end)),
        };
        if let Some(tag) = tag {
            let node = Arc::unwrap_or_clone(sized.node);
            sized.node = Arc::new(Node { tag: Some(tag.to_owned()), ..node });
        }
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, sized.clone());
        }
        sized
    }

    fn content(&mut self, syntax: Syntax, tag: Option<&str>, at: At) -> Measured {
        let bytes = syntax.byte_range();
        let range = self.range(bytes.clone());
        if at.depth >= DEPTH {
            self.whole = false;
            return Measured::leaf(Node::null(range));
        }
        let scalar = match syntax.kind() {
            "alias" => return self.alias(syntax, at),
            "block_mapping" | "flow_mapping" => return self.mapping(syntax, at),
            "block_sequence" | "flow_sequence" => return self.sequence(syntax, at),
            "plain_scalar" => scalars::plain(self.text, bytes, self.shift),
            "block_scalar" => {
                let block = scalars::Block { range: bytes, parent: at.indent };
                scalars::block(self.text, &block, self.shift)
            }
            "double_quote_scalar" | "single_quote_scalar" => scalars::quoted(self.text, bytes, self.shift),
            // The grammar has no other kind.
            _ => return Measured::leaf(Node::null(range)),
        };
        Measured::leaf(Node { range, tag: None, content: scalar_content(self.clamped(scalar), tag) })
    }

    fn alias(&mut self, syntax: Syntax, at: At) -> Measured {
        let name = self.slice(syntax).trim_start_matches('*');
        let null = Measured::leaf(Node::null(self.range(syntax.byte_range())));
        let Some(target) = self.anchors.get(name).cloned() else { return null };
        let expanded = self.expanded + target.count;
        if expanded > EXPANSION || at.depth + target.depth > DEPTH {
            self.whole = false;
            return null;
        }
        self.expanded = expanded;
        target
    }

    fn mapping(&mut self, syntax: Syntax, at: At) -> Measured {
        let inner = At { depth: at.depth + 1, indent: Some(self.column(syntax.start_byte())) };
        let mut mapping = Mapping::default();
        let (mut count, mut depth) = (1, 1);
        let mut cursor = syntax.walk();
        for child in syntax.named_children(&mut cursor) {
            let Some(pair) = self.pair(child, inner) else { continue };
            count += 1 + pair.value.count;
            depth = depth.max(1 + pair.value.depth);
            mapping.add(pair);
        }
        let range = self.range(syntax.byte_range());
        Measured {
            node: Arc::new(Node { range, tag: None, content: Content::Mapping(mapping) }),
            count,
            depth,
        }
    }

    /// A pair, or a lone key of a flow mapping.
    fn pair(&mut self, syntax: Syntax, at: At) -> Option<Pair> {
        let is_pair = matches!(syntax.kind(), "block_mapping_pair" | "flow_pair");
        if !is_pair && !is_value(syntax) {
            return None;
        }
        let key = if is_pair { syntax.child_by_field_name("key") } else { Some(syntax) };
        let start = self.range(syntax.start_byte()..syntax.start_byte());
        let key = match key {
            Some(key) => self.value(key, at).node,
            None => Arc::new(Node::null(start)),
        };
        let is_merge = key.scalar().is_some_and(|key| key.style == Style::Plain && key.text == "<<");
        let key = key_scalar(&key)?;
        let value = syntax.child_by_field_name("value").filter(|_| is_pair);
        let value = match value {
            Some(value) => self.value(value, at),
            None => self.missing(syntax, at),
        };
        Some(Pair { key, value, is_merge })
    }

    /// The value of a pair that has none: one that was cut out, or nothing, where a value would be typed.
    fn missing(&mut self, pair: Syntax, at: At) -> Measured {
        let mut cursor = pair.walk();
        let colon = pair.children(&mut cursor).filter(|child| child.kind() == ":").last();
        let end = colon.map_or(pair.end_byte(), |colon| colon.end_byte());
        let cut = self.cuts.partition_point(|cut| cut.range.start < end);
        let cut = self.cuts.get(cut).filter(|cut| {
            self.text.get(end..cut.range.start).is_some_and(|between| between.chars().all(is_blank))
        });
        match cut {
            Some(cut) => self.cut(cut, at),
            None => Measured::leaf(Node::null(self.typed_at(end))),
        }
    }

    fn cut(&mut self, cut: &Cut<'a>, at: At) -> Measured {
        let range = self.range(cut.range.clone());
        let scalar = match cut.text.chars().next() {
            Some('"' | '\'') => scalars::quoted(cut.text, 0..cut.text.len(), range.start),
            Some('{' | '[') => return self.unfinished(cut, at),
            // An alias or a tag that has no name yet.
            Some('*' | '&' | '!') | None => return Measured::leaf(Node::null(range)),
            Some(_) => scalars::plain(cut.text, 0..cut.text.len(), range.start),
        };
        Measured::leaf(Node { range, tag: None, content: Content::Scalar(scalar) })
    }

    /// A flow collection that has no end. Aliases in it are not followed.
    fn unfinished(&mut self, cut: &Cut<'a>, at: At) -> Measured {
        let range = self.range(cut.range.clone());
        let closed = format!("{}{}", cut.text, repair::closing(cut.text));
        let tree = repair::parse(&closed).filter(|tree| !tree.root_node().has_error());
        let Some(tree) = tree else { return Measured::leaf(Node::null(range)) };
        let mut reader = Reader::new(&closed, cut.text.len(), range.start, &[]);
        let roots = reader.documents(tree.root_node(), at.depth);
        roots.into_iter().next().unwrap_or_else(|| Measured::leaf(Node::null(range)))
    }

    fn sequence(&mut self, syntax: Syntax, at: At) -> Measured {
        let inner = At { depth: at.depth + 1, indent: Some(self.column(syntax.start_byte())) };
        let mut items = Vec::new();
        let (mut count, mut depth) = (1, 1);
        let mut cursor = syntax.walk();
        for child in syntax.named_children(&mut cursor) {
            let item = match child.kind() {
                "block_sequence_item" => self.item(child, inner),
                "flow_pair" => self.single_pair(child, inner),
                _ if is_value(child) => self.value(child, inner),
                _ => continue,
            };
            count += item.count;
            depth = depth.max(1 + item.depth);
            items.push(item.node);
        }
        let range = self.range(syntax.byte_range());
        Measured {
            node: Arc::new(Node { range, tag: None, content: Content::Sequence(items) }),
            count,
            depth,
        }
    }

    fn item(&mut self, syntax: Syntax, at: At) -> Measured {
        let mut cursor = syntax.walk();
        let value = syntax.named_children(&mut cursor).find(|child| is_value(*child));
        match value {
            Some(value) => self.value(value, at),
            None => Measured::leaf(Node::null(self.typed_at(syntax.start_byte() + 1))),
        }
    }

    /// `[key: value]` holds a mapping of one pair.
    fn single_pair(&mut self, syntax: Syntax, at: At) -> Measured {
        let range = self.range(syntax.byte_range());
        let Some(pair) = self.pair(syntax, At { depth: at.depth + 1, ..at }) else {
            return Measured::leaf(Node::null(range));
        };
        let (count, depth) = (2 + pair.value.count, 1 + pair.value.depth);
        let mut mapping = Mapping::default();
        mapping.add(pair);
        Measured {
            node: Arc::new(Node { range, tag: None, content: Content::Mapping(mapping) }),
            count,
            depth,
        }
    }

    fn slice(&self, syntax: Syntax) -> &'a str {
        self.text.get(syntax.byte_range()).unwrap_or_default()
    }

    /// In bytes of the file.
    fn range(&self, range: Range<usize>) -> Range<usize> {
        range.start.min(self.len) + self.shift..range.end.min(self.len) + self.shift
    }

    fn clamped(&self, scalar: Scalar) -> Scalar {
        let end = self.len + self.shift;
        Scalar { range: scalar.range.start.min(end)..scalar.range.end.min(end), ..scalar }
    }

    /// Where a value would be typed behind a mark that ends at `end`.
    fn typed_at(&self, end: usize) -> Range<usize> {
        let at = if self.text[end..].starts_with(is_blank) { end + 1 } else { end };
        self.range(at..at)
    }

    /// In bytes, from the start of the line.
    fn column(&self, at: usize) -> usize {
        let start = self.text[..at].rfind(['\r', '\n']).map_or(0, |line| line + 1);
        let mark = if self.text[start..].starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        at.saturating_sub(start + mark)
    }
}

struct Pair {
    key: Scalar,
    value: Measured,
    is_merge: bool,
}

impl Measured {
    fn leaf(node: Node) -> Measured {
        Measured { node: Arc::new(node), count: 1, depth: 1 }
    }
}

impl Mapping {
    fn add(&mut self, pair: Pair) {
        let Pair { key, value: Measured { node: value, .. }, is_merge } = pair;
        match &value.content {
            _ if !is_merge => self.own.push(Entry { key, value }),
            Content::Sequence(items) => self.merged.extend(items.iter().cloned()),
            _ => self.merged.push(value),
        }
    }
}

fn is_value(syntax: Syntax) -> bool {
    matches!(syntax.kind(), "block_node" | "flow_node")
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn scalar_content(scalar: Scalar, tag: Option<&str>) -> Content {
    match tag {
        Some("!!str" | "!") => Content::Scalar(Scalar { is_text: true, ..scalar }),
        Some("!!int" | "!!float" | "!!bool") => Content::Scalar(Scalar { is_text: false, ..scalar }),
        Some("!!null") => Content::Null,
        _ if scalar.style == Style::Plain && scalars::is_null(&scalar.text) => Content::Null,
        _ => Content::Scalar(scalar),
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

#[cfg(test)]
mod tests;
