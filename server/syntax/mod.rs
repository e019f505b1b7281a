//! The syntax tree and the typed view of each instruction.
//!
//! Parsing always succeeds: a half-typed file is the normal case. What is wrong with a text, and what its names mean, is
//! not known here.

pub mod instruction;
mod lower;
pub mod word;

use std::{cell::RefCell, collections::HashMap, ops::Range, sync::Arc};

use tree_sitter::{InputEdit, Node, Parser, Point, Tree};

pub use instruction::{Arguments, Flag, Heredoc, Instruction, Keyword, MountOption, Pair};
pub use word::Word;

use crate::text::Text;

/// The tree of one version of a text, and its instructions.
#[derive(Debug, Clone)]
pub struct Syntax {
    tree: Tree,
    escape: char,
    instructions: Vec<Placed>,
    comments: Vec<Range<usize>>,
    directives: Vec<Directive>,
}

/// An instruction at its place in the file.
#[derive(Debug, Clone)]
pub struct Placed {
    /// Where it starts, in bytes of the file.
    pub start: usize,
    /// Unchanged as long as the text of the instruction is.
    pub instruction: Arc<Instruction>,
    /// Identity of the tree node, which tree-sitter keeps for what an edit does not touch.
    node: usize,
}

impl Placed {
    /// All of it, heredocs included, in bytes of the file.
    pub fn range(&self) -> Range<usize> {
        self.start..self.start + self.instruction.len
    }

    /// A range of the instruction as bytes of the file.
    pub fn at(&self, range: Range<usize>) -> Range<usize> {
        self.start + range.start..self.start + range.end
    }
}

/// A parser directive: `# name=value` in the leading block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// All of it, in bytes of the file.
    pub range: Range<usize>,
    /// In bytes of the file.
    pub name: Range<usize>,
    /// In bytes of the file.
    pub value: Option<Range<usize>>,
}

/// A tree whose text has changed since it was made, on its way to the next [`Syntax`].
#[derive(Debug)]
pub struct Stale<'a> {
    tree: Tree,
    before: &'a Syntax,
}

impl Syntax {
    /// Parses a text from the start.
    pub fn parse(text: &Text) -> Syntax {
        Syntax::read(parse(text, None), text, None)
    }

    /// Starts a change.
    pub fn stale(&self) -> Stale<'_> {
        Stale { tree: self.tree.clone(), before: self }
    }

    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The character that continues lines and escapes: `\`, or as the `escape` directive says.
    pub fn escape(&self) -> char {
        self.escape
    }

    /// The instructions in file order; that of an ONBUILD is inside it.
    pub fn instructions(&self) -> &[Placed] {
        &self.instructions
    }

    /// Comment lines outside of instructions, in bytes, without their line endings.
    pub fn comments(&self) -> &[Range<usize>] {
        &self.comments
    }

    pub fn directives(&self) -> &[Directive] {
        &self.directives
    }

    /// The instruction at `offset` (bytes), its end included; of two that touch, the later.
    pub fn instruction_at(&self, offset: usize) -> Option<usize> {
        let index = self.instructions.partition_point(|placed| placed.start <= offset).checked_sub(1)?;
        (offset <= self.instructions[index].range().end).then_some(index)
    }

    fn read(tree: Tree, text: &Text, before: Option<&Syntax>) -> Syntax {
        let mut syntax = Syntax {
            escape: '\\',
            instructions: Vec::new(),
            comments: Vec::new(),
            directives: Vec::new(),
            tree,
        };
        let tree = syntax.tree.clone();
        let mut reuse = None;
        let mut cursor = tree.walk();
        if !cursor.goto_first_child() {
            return syntax;
        }
        loop {
            let node = cursor.node();
            match node.kind() {
                "comment" => syntax.comments.push(node.byte_range()),
                "parser_directive" => syntax.directive(node, text),
                // No instruction comes before the last directive: the escape character is known by now.
                kind if lower::keyword(kind).is_some() => {
                    let reuse = reuse.get_or_insert_with(|| Reuse::of(before, syntax.escape));
                    let instruction = reuse
                        .find(node.id())
                        .unwrap_or_else(|| Arc::new(lower::lower(&mut cursor, text, syntax.escape)));
                    syntax.instructions.push(Placed {
                        start: node.start_byte(),
                        instruction,
                        node: node.id(),
                    });
                }
                _ => {}
            }
            if !cursor.goto_next_sibling() {
                break;
            }
        }
        syntax
    }

    fn directive(&mut self, node: Node<'_>, text: &Text) {
        let Some(name) = node.child_by_field_name("name") else { return };
        let value = node.child_by_field_name("value").map(|value| value.byte_range());
        if let Some(value) = &value
            && text.slice(name.byte_range()).eq_ignore_ascii_case("escape")
            && text.slice(value.clone()) == "`"
        {
            self.escape = '`';
        }
        self.directives.push(Directive { range: node.byte_range(), name: name.byte_range(), value });
    }
}

impl Stale<'_> {
    /// Tells of one replacement. `range` is what was replaced, in bytes of the text before it, `len` the length in bytes of
    /// what stands there now.
    pub fn edit(&mut self, range: Range<usize>, len: usize) {
        // Rows and columns are never asked for: bytes are all that reparsing needs.
        let nowhere = Point::new(0, 0);
        self.tree.edit(&InputEdit {
            start_byte: range.start,
            old_end_byte: range.end,
            new_end_byte: range.start + len,
            start_position: nowhere,
            old_end_position: nowhere,
            new_end_position: nowhere,
        });
    }

    /// Parses the changed text, reusing what the changes did not touch.
    pub fn reparse(self, text: &Text) -> Syntax {
        Syntax::read(parse(text, Some(&self.tree)), text, Some(self.before))
    }
}

/// Finds the instructions of the version before by their nodes, which come in the same order in both.
///
/// A node's identity is the address of its subtree. `before` keeps its tree alive, so no other node can have that address.
struct Reuse<'a> {
    before: &'a [Placed],
    next: usize,
    /// How many nodes in a row were not found.
    misses: u32,
    by_node: Option<HashMap<usize, usize>>,
}

impl<'a> Reuse<'a> {
    /// How far to look for the next instruction that was not edited, and how often in vain, before a map of all is worth
    /// its price.
    const NEAR: usize = 8;

    fn of(before: Option<&'a Syntax>, escape: char) -> Reuse<'a> {
        // With another escape character the same nodes can mean other words.
        let before = before.filter(|before| before.escape == escape);
        Reuse { before: before.map_or(&[], |before| &before.instructions), next: 0, misses: 0, by_node: None }
    }

    fn find(&mut self, node: usize) -> Option<Arc<Instruction>> {
        let near = &self.before[self.next..self.before.len().min(self.next + Reuse::NEAR)];
        let index = near.iter().position(|placed| placed.node == node).map(|ahead| self.next + ahead);
        let Some(index) = index.or_else(|| self.far(node)) else {
            self.misses += 1;
            return None;
        };
        self.misses = 0;
        self.next = index + 1;
        Some(self.before[index].instruction.clone())
    }

    fn far(&mut self, node: usize) -> Option<usize> {
        if (self.misses as usize) < Reuse::NEAR || self.before.len() - self.next <= Reuse::NEAR {
            return None;
        }
        let all = self.before.iter().enumerate().skip(self.next);
        let map =
            self.by_node.get_or_insert_with(|| all.map(|(index, placed)| (placed.node, index)).collect());
        map.get(&node).copied()
    }
}

fn parse(text: &Text, old: Option<&Tree>) -> Tree {
    thread_local! {
        static PARSER: RefCell<Parser> = RefCell::new({
            let mut parser = Parser::new();
            parser.set_language(&tree_sitter_dockerfile::LANGUAGE.into()).expect("the grammar was generated for this tree-sitter");
            parser
        });
    }
    PARSER.with_borrow_mut(|parser| {
        parser
            .parse_with_options(&mut |offset, _| text.chunk_from(offset), old, None)
            .expect("a parse ends unless it is cancelled, and nothing cancels it")
    })
}
