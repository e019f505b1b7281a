//! The JSON form of HCL: objects are blocks or attributes, as their reader asks for, and strings are templates (HCL JSON
//! syntax specification).

use std::sync::Arc;

use crate::builds::{
    json,
    node::{Content, Node, Piece, Scalar},
};

use super::{Attribute, Block, Body, Expr, File, Kind, Label, Part, parser::Parser};

/// Deeper values are unknown.
const MAX_DEPTH: usize = 64;

/// Reads a file in which the keys `blocks` hold blocks with one label, and all others are attributes.
pub fn parse(text: &str, blocks: &[&str]) -> File {
    let read = json::read(text);
    let mut file = File::default();
    if !read.whole || !read.strict {
        file.broken.push(0..text.len());
    }
    for root in &read.roots {
        // A body may be a list of objects.
        for body in one_or_more(root) {
            read_body(body, blocks, &mut file.body);
        }
    }
    file
}

fn read_body(node: &Node, blocks: &[&str], body: &mut Body) {
    for entry in node.entries() {
        if !blocks.contains(&entry.key.text.as_str()) {
            let value = expression(&entry.value, 0);
            let (name, name_range) = (entry.key.text.clone(), entry.key.range.clone());
            body.attributes.push(Attribute { name, name_range, value });
            continue;
        }
        for labelled in one_or_more(&entry.value) {
            for label in labelled.entries() {
                let (text, range) = (label.key.text.clone(), label.key.range.clone());
                for inner in one_or_more(&label.value) {
                    let mut block = Block {
                        kind: entry.key.text.clone(),
                        kind_range: entry.key.range.clone(),
                        labels: vec![Label { text: text.clone(), range: range.clone(), is_template: false }],
                        body: Body::default(),
                        range: range.start..inner.range.end.max(range.end),
                    };
                    read_body(inner, &[], &mut block.body);
                    body.blocks.push(block);
                }
            }
        }
    }
}

/// What a list holds, or the value alone.
fn one_or_more(node: &Arc<Node>) -> &[Arc<Node>] {
    match &node.content {
        Content::Sequence(items) => items,
        _ => std::slice::from_ref(node),
    }
}

fn expression(node: &Node, depth: usize) -> Expr {
    let range = node.range.clone();
    let kind = match &node.content {
        _ if depth > MAX_DEPTH => Kind::Unknown,
        // Nothing at all is not the word `null`.
        Content::Null if range.is_empty() => Kind::Missing,
        Content::Null => Kind::Null,
        Content::Scalar(scalar) if !scalar.is_text => match scalar.text.as_str() {
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            text if text.parse::<f64>().is_ok() => Kind::Number(text.to_owned()),
            _ => Kind::Unknown,
        },
        Content::Scalar(scalar) => template(scalar),
        Content::Sequence(items) => {
            Kind::List(items.iter().map(|item| expression(item, depth + 1)).collect())
        }
        Content::Mapping(mapping) => {
            let entries = mapping.entries();
            let read = entries.into_iter().map(|entry| {
                let key = Expr { range: entry.key.range.clone(), kind: template(&entry.key) };
                (key, expression(&entry.value, depth + 1))
            });
            Kind::Object(read.collect())
        }
    };
    Expr { range, kind }
}

/// A string: most are no more than their text.
fn template(scalar: &Scalar) -> Kind {
    if !scalar.text.contains("${") && !scalar.text.contains("%{") {
        return Kind::Text { scalar: scalar.clone(), is_closed: true };
    }
    let mut expr = Parser::new(&scalar.text).plain_template();
    relocate(&mut expr, scalar);
    expr.kind
}

/// Puts an expression that was read in a scalar's text where it stands in the file; what does not stand there as it is gets
/// the whole scalar's place.
fn relocate(expr: &mut Expr, scalar: &Scalar) {
    expr.range = scalar.place(expr.range.clone()).unwrap_or_else(|| scalar.range.clone());
    let all = |inner: &mut [Expr]| inner.iter_mut().for_each(|inner| relocate(inner, scalar));
    match &mut expr.kind {
        Kind::Missing | Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Variable(_) | Kind::Unknown => {}
        Kind::Text { scalar: text, .. } => {
            let kept = |piece: &Piece| {
                let place = scalar.place(piece.file..piece.file + piece.len)?;
                Some(Piece { file: place.start, ..*piece })
            };
            text.pieces = text.pieces.iter().filter_map(kept).collect();
            text.range = scalar.place(text.range.clone()).unwrap_or_else(|| scalar.range.clone());
        }
        Kind::Template(parts) => {
            for part in parts {
                if let Part::Value(value) = part {
                    relocate(value, scalar);
                }
            }
        }
        Kind::List(elements) => all(elements),
        Kind::Object(entries) => {
            for (key, value) in entries {
                relocate(key, scalar);
                relocate(value, scalar);
            }
        }
        Kind::Attribute(inner, _) | Kind::Not(inner) | Kind::Negative(inner) => relocate(inner, scalar),
        Kind::Index(inner, index) => {
            relocate(inner, scalar);
            relocate(index, scalar);
        }
        Kind::Call { arguments, .. } => all(arguments),
        Kind::Conditional(three) => all(three.as_mut_slice()),
        Kind::Binary(_, two) => all(two.as_mut_slice()),
    }
}
