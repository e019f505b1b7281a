//! The syntax tree and the typed view of each instruction.
//!
//! Parsing always succeeds: a half-typed file is the normal case. What is wrong with a text, and what its names mean, is
//! not known here.

pub mod csv;
pub mod instruction;
mod lower;
pub mod variables;
pub mod word;

use std::{cell::RefCell, ops::Range, sync::Arc};

use tree_sitter::{InputEdit, Node, Parser, Point, Tree};

pub use instruction::{Arguments, Flag, Heredoc, Instruction, Keyword, MountOption, Pair};
pub use variables::Occurrence;
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
    /// The same value as long as the text of the instruction is the same.
    pub instruction: Arc<Instruction>,
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
    change: Option<Change>,
}

/// Where a text differs from the one before: outside, both are the same.
#[derive(Debug, Clone)]
struct Change {
    /// In bytes of the text before.
    old: Range<usize>,
    /// In bytes of the text now.
    new: Range<usize>,
}

impl Syntax {
    /// Parses a text from the start.
    pub fn parse(text: &Text) -> Syntax {
        Syntax::read(parse(text, None), text, None)
    }

    /// Starts a change.
    pub fn stale(&self) -> Stale<'_> {
        Stale { tree: self.tree.clone(), before: self, change: None }
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

    fn read(tree: Tree, text: &Text, before: Option<(&Syntax, Change)>) -> Syntax {
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
                    let reuse = reuse.get_or_insert_with(|| Reuse::of(before.as_ref(), syntax.escape));
                    let instruction = reuse
                        .find(&node)
                        .unwrap_or_else(|| Arc::new(lower::lower(&mut cursor, text, syntax.escape)));
                    syntax.instructions.push(Placed { start: node.start_byte(), instruction });
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
        let change = self.change.get_or_insert_with(|| Change { old: range.clone(), new: range.clone() });
        change.extend(&range, len);
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
        let change = self.change.unwrap_or(Change { old: 0..0, new: 0..0 });
        Syntax::read(parse(text, Some(&self.tree)), text, Some((self.before, change)))
    }
}

impl Change {
    /// Takes in one more replacement: of `range` (bytes of the text now) by `len` bytes.
    fn extend(&mut self, range: &Range<usize>, len: usize) {
        let left = self.new.start.saturating_sub(range.start);
        let right = range.end.saturating_sub(self.new.end);
        self.old = self.old.start - left..self.old.end + right;
        self.new = self.new.start - left..self.new.end + right - range.len() + len;
    }
}

/// Finds the instructions of the version before whose text did not change, which come in the same order in both.
///
/// How an instruction is read depends on its text and on the escape character only, so an instruction of the same length
/// in the same text is the same. (The identity of tree nodes does not help: it is lost whenever tree-sitter balances the
/// tree, for example at the first edit.)
struct Reuse<'a> {
    before: &'a [Placed],
    change: Change,
    next: usize,
}

impl<'a> Reuse<'a> {
    fn of(before: Option<&(&'a Syntax, Change)>, escape: char) -> Reuse<'a> {
        let Some((before, change)) = before.filter(|(before, _)| before.escape == escape) else {
            return Reuse { before: &[], change: Change { old: 0..0, new: 0..0 }, next: 0 };
        };
        Reuse { before: &before.instructions, change: change.clone(), next: 0 }
    }

    fn find(&mut self, node: &Node<'_>) -> Option<Arc<Instruction>> {
        let Change { old, new } = &self.change;
        let start = if node.end_byte() <= new.start {
            node.start_byte()
        } else if node.start_byte() >= new.end {
            node.start_byte() - new.end + old.end
        } else {
            return None;
        };
        while self.before.get(self.next).is_some_and(|placed| placed.start < start) {
            self.next += 1;
        }
        let same = self.before.get(self.next)?;
        let len = node.end_byte() - node.start_byte();
        let same_kind = lower::keyword(node.kind()) == Some(same.instruction.keyword);
        (same.start == start && same.instruction.len == len && same_kind).then(|| same.instruction.clone())
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
