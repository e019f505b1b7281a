//! Trees of parts of a file, so that a keystroke costs what it touches.
//!
//! Reparsing a tree takes time in proportion to the whole tree, however little has changed. So a file is cut into chunks of
//! whole lines, each with a tree of its own. A chunk starts with an instruction at the start of a line: whatever stands above,
//! the scanner then is in the state that it has there too, as long as the instruction before has come to its end. That is
//! checked each time, by parsing a chunk together with the first word of the next: only if an instruction starts there, the
//! cut holds. Otherwise (a continuation, a heredoc) the chunks are joined.

use std::{cell::RefCell, ops::Range, sync::Arc};

use tree_sitter::{InputEdit, Node, Parser, Point, Tree};

use super::lower;
use crate::text::Text;

/// Some lines of the file with their tree, in which offsets count from the start of the chunk.
#[derive(Debug, Clone)]
pub(super) struct Chunk {
    /// In bytes.
    pub len: usize,
    /// Of these bytes and of the first word behind them.
    pub tree: Arc<Tree>,
}

/// A replacement of `old` (bytes before) by what is at `new` (bytes now).
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub old: Range<usize>,
    pub new: Range<usize>,
}

/// Shortest chunk, in lines: smaller ones would cost more than they save.
const LINES: usize = 32;

/// How much of the next chunk a chunk is parsed with, in bytes, at most: longer than any keyword. An edit in it concerns both.
const BEHIND: usize = 16;

/// Cuts a text into chunks where lines start with a keyword, if it is to be cut at all.
pub(super) fn parse(text: &Text, is_cut: bool) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut start = 0;
    while start < text.len() || chunks.is_empty() {
        let mut lines = LINES;
        let (end, tree) = loop {
            let end = if is_cut { candidate(text, start, lines) } else { text.len() };
            let tree = tree_of(text, start..end, None);
            if end == text.len() || holds(&tree, end - start) {
                break (end, tree);
            }
            // Twice as many each time: all attempts together cost no more than the last.
            lines *= 2;
        };
        chunks.push(Chunk { len: end - start, tree: Arc::new(tree) });
        start = end;
    }
    chunks
}

/// The chunks after a change, and which of them are new.
pub(super) fn reparse(
    before: &[Chunk],
    text: &Text,
    change: &Change,
    is_cut: bool,
) -> (Vec<Chunk>, Range<usize>) {
    let mut starts = Vec::with_capacity(before.len());
    let mut end = 0;
    for chunk in before {
        starts.push(end);
        end += chunk.len;
    }
    let mut first = starts.partition_point(|&start| start <= change.old.start).saturating_sub(1);
    if first > 0 && change.old.start < starts[first] + BEHIND {
        first -= 1;
    }
    let last = starts.partition_point(|&start| start <= change.old.end).max(first + 1) - 1;
    let start = starts.get(first).copied().unwrap_or(0);
    let after =
        |chunk: usize| starts.get(chunk).map_or(text.len(), |&old| old - change.old.end + change.new.end);

    let mut next = last + 1;
    let mut tree = None;
    if first == last
        && let Some(chunk) = before.get(first)
    {
        let mut old = Tree::clone(&chunk.tree);
        // Rows and columns are never asked for: bytes are all that reparsing needs.
        let nowhere = Point::new(0, 0);
        old.edit(&InputEdit {
            start_byte: change.old.start - start,
            old_end_byte: change.old.end - start,
            new_end_byte: change.new.end - start,
            start_position: nowhere,
            old_end_position: nowhere,
            new_end_position: nowhere,
        });
        tree = Some(tree_of(text, start..after(next), Some(&old)));
    }
    // Again twice as many each time.
    let mut more = 1;
    let tree = loop {
        let end = after(next);
        let tree = tree.take().unwrap_or_else(|| tree_of(text, start..end, None));
        if end == text.len() || holds(&tree, end - start) {
            break tree;
        }
        next = (next + more).min(before.len());
        more *= 2;
    };
    let mut chunks = before[..first].to_vec();
    let region = start..after(next);
    match if is_cut { cuts(&tree, text, &region) } else { Vec::new() } {
        cuts if cuts.is_empty() => chunks.push(Chunk { len: region.len(), tree: Arc::new(tree) }),
        cuts => {
            let ends = cuts.iter().copied().chain([region.end]);
            let mut start = region.start;
            for end in ends {
                chunks.push(Chunk { len: end - start, tree: Arc::new(tree_of(text, start..end, None)) });
                start = end;
            }
        }
    }
    let new = first..chunks.len();
    chunks.extend_from_slice(before.get(next..).unwrap_or_default());
    (chunks, new)
}

/// The first line at least `lines` below `start` that looks like the start of an instruction; the end if there is none.
fn candidate(text: &Text, start: usize, lines: usize) -> usize {
    let first = text.line_of(start) + lines;
    (first..text.lines())
        .map(|line| text.line_start(line))
        .find(|&start| {
            let word = text.slice(start..text.floor_char_boundary(start + BEHIND));
            let word = word.split([' ', '\t']).next().unwrap_or_default();
            lower::is_keyword(word) && is_behind_newline(text, start)
        })
        .unwrap_or(text.len())
}

/// BuildKit's lines end with `\n`; a `\r` alone ends none.
fn is_behind_newline(text: &Text, start: usize) -> bool {
    start > 0 && text.chunk_from(start - 1).first() == Some(&b'\n')
}

/// Where a chunk that has grown can be cut, in bytes of the file: instructions at the start of a line.
fn cuts(tree: &Tree, text: &Text, region: &Range<usize>) -> Vec<usize> {
    // A line with its end takes four bytes or more.
    if region.len() <= 4 * 4 * LINES || tree.root_node().child_count() as usize <= 4 * LINES {
        return Vec::new();
    }
    let mut cuts = Vec::new();
    let mut count = 0;
    let mut cursor = tree.walk();
    let mut more = cursor.goto_first_child();
    while more {
        let node = cursor.node();
        let start = region.start + node.start_byte();
        if count >= 2 * LINES && start < region.end && is_instruction(&node) && is_behind_newline(text, start)
        {
            cuts.push(start);
            count = 0;
        }
        count += 1;
        more = cursor.goto_next_sibling();
    }
    cuts
}

/// Whether an instruction starts where a chunk ends.
fn holds(tree: &Tree, len: usize) -> bool {
    let mut cursor = tree.walk();
    cursor.goto_first_child_for_byte(len).is_some() && {
        let node = cursor.node();
        node.start_byte() == len && is_instruction(&node)
    }
}

fn is_instruction(node: &Node<'_>) -> bool {
    lower::keyword(node.kind()).is_some()
}

/// The tree of a part of a text and of the first word behind it.
fn tree_of(text: &Text, range: Range<usize>, old: Option<&Tree>) -> Tree {
    thread_local! {
        static PARSER: RefCell<Parser> = RefCell::new({
            let mut parser = Parser::new();
            parser.set_language(&tree_sitter_dockerfile::LANGUAGE.into()).expect("the grammar was generated for this tree-sitter");
            parser
        });
    }
    let end = text.floor_char_boundary(range.end + BEHIND);
    let mut read = |offset: usize, _| {
        let start = range.start + offset;
        let bytes = if start < end { text.chunk_from(start) } else { &[] };
        let bytes = &bytes[..bytes.len().min(end.saturating_sub(start))];
        // Behind the chunk only the first word of the next line counts.
        let word = range.end.saturating_sub(start).min(bytes.len());
        match bytes[word..].iter().position(|byte| byte.is_ascii_whitespace()) {
            Some(len) if start + word >= range.end => &bytes[..word + len],
            _ => bytes,
        }
    };
    PARSER.with_borrow_mut(|parser| {
        parser
            .parse_with_options(&mut read, old, None)
            .expect("a parse ends unless it is cancelled, and nothing cancels it")
    })
}
