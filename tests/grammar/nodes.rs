//! The nodes of trees, without recursion: trees may be deep.

use std::ops::Range;

use dockerfile_ls::syntax::Syntax;
use tree_sitter::{Parser, Tree};

/// A node's kind (the grammar's number of it) and its place in bytes.
pub type Place = (u16, Range<usize>);

/// Every node of a file's trees with its place in the file, roots left out, or the first ERROR or MISSING one.
pub fn nodes(syntax: &Syntax) -> Result<Vec<Place>, String> {
    let mut all = Vec::new();
    for (start, len, tree) in syntax.trees() {
        of_tree(tree, start, len, &mut all)?;
    }
    Ok(all)
}

/// The same of a text that is parsed as a whole.
pub fn whole(text: &str) -> Result<Vec<Place>, String> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_dockerfile::LANGUAGE.into()).expect("the grammar fits");
    let tree = parser.parse(text, None).expect("nothing cancels it");
    let mut all = Vec::new();
    of_tree(&tree, 0, text.len(), &mut all)?;
    Ok(all)
}

fn of_tree(tree: &Tree, start: usize, len: usize, all: &mut Vec<Place>) -> Result<(), String> {
    let mut cursor = tree.walk();
    let mut is_root = true;
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            return Err(format!("{node:?}"));
        }
        if !std::mem::take(&mut is_root)
            && (node.start_byte() < len || node.start_byte() == len && node.end_byte() == len)
        {
            all.push((node.kind_id(), start + node.start_byte()..start + node.end_byte()));
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return Ok(());
            }
        }
    }
}
