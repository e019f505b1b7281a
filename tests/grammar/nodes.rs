//! The nodes of a tree, without recursion: trees may be deep.

use std::ops::Range;

use tree_sitter::Tree;

/// Every node of a tree with its place, or the first ERROR or MISSING one.
pub fn nodes(tree: &Tree) -> Result<Vec<(&str, Range<usize>)>, String> {
    let mut all = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            return Err(format!("{node:?}"));
        }
        all.push((node.kind(), node.byte_range()));
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return Ok(all);
            }
        }
    }
}
