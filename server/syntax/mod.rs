//! The syntax tree and the typed view of each instruction.
//!
//! Parsing always succeeds: a half-typed file is the normal case. What is wrong with a text, and what its names mean, is
//! not known here.

mod chunks;
pub mod csv;
pub mod instruction;
mod lower;
mod script;
pub mod variables;
pub mod word;

use std::{ops::Range, sync::Arc};

use tree_sitter::{Node, Tree};

pub use instruction::{Arguments, Flag, Heredoc, Instruction, Keyword, MountOption, Pair};
pub use script::Ran;
pub use variables::Occurrence;
pub use word::Word;

use crate::text::Text;
use chunks::{Change, Chunk};

/// The character that continues lines and escapes, unless a directive says otherwise.
const ESCAPE: char = '\\';

/// The tree of one version of a text, and its instructions.
#[derive(Debug, Clone)]
pub struct Syntax {
    chunks: Vec<Chunk>,
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

    /// The scripts of the instruction, or of the one in an ONBUILD: see [`Instruction::scripts`].
    pub fn scripts(&self, text: &Text) -> &[Ran] {
        self.instruction.effective().scripts(|range| text.slice(self.at(range)))
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

/// A syntax whose text has changed since it was made, on its way to the next [`Syntax`].
#[derive(Debug)]
pub struct Stale<'a> {
    before: &'a Syntax,
    change: Option<Change>,
}

impl Syntax {
    /// Parses a text from the start.
    pub fn parse(text: &Text) -> Syntax {
        let mut syntax = Syntax::of(chunks::parse(text, true));
        syntax.read(text, 0..syntax.chunks.len(), None);
        // Only the default character makes chunks that stand alone: a directive is known to the first one only.
        if syntax.escape != ESCAPE {
            syntax = Syntax::of(chunks::parse(text, false));
            syntax.read(text, 0..1, None);
        }
        syntax
    }

    /// Starts a change.
    pub fn stale(&self) -> Stale<'_> {
        Stale { before: self, change: None }
    }

    /// The trees of the parts of the file, in file order: where a part starts and its length in bytes, and its tree, in which
    /// offsets count from there. What a tree has beyond that length belongs to the next part.
    pub fn trees(&self) -> impl Iterator<Item = (usize, usize, &Tree)> {
        self.chunks.iter().scan(0, |next, chunk| {
            let start = *next;
            *next += chunk.len;
            Some((start, chunk.len, &*chunk.tree))
        })
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

    fn of(chunks: Vec<Chunk>) -> Syntax {
        Syntax {
            chunks,
            escape: ESCAPE,
            instructions: Vec::new(),
            comments: Vec::new(),
            directives: Vec::new(),
        }
    }

    /// Adds what the chunks with these indices hold.
    fn read(&mut self, text: &Text, new: Range<usize>, mut reuse: Option<Reuse<'_>>) {
        let chunks = self.chunks[new.clone()].to_vec();
        let mut start: usize = self.chunks[..new.start].iter().map(|chunk| chunk.len).sum();
        for chunk in chunks {
            let mut cursor = chunk.tree.walk();
            let mut more = cursor.goto_first_child();
            while more && cursor.node().start_byte() < chunk.len {
                let node = cursor.node();
                let range = start + node.start_byte()..start + node.end_byte();
                match node.kind() {
                    "comment" => self.comments.push(range),
                    "parser_directive" => self.directive(node, text),
                    // No instruction comes before the last directive: the escape character is known by now.
                    kind if lower::keyword(kind).is_some() => {
                        let same = reuse.as_mut().and_then(|reuse| reuse.find(&range, kind));
                        let instruction = same
                            .unwrap_or_else(|| Arc::new(lower::lower(&mut cursor, text, start, self.escape)));
                        self.instructions.push(Placed { start: range.start, instruction });
                    }
                    _ => {}
                }
                more = cursor.goto_next_sibling();
            }
            start += chunk.len;
        }
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
    }

    /// Parses the changed text, reusing what the changes did not touch.
    pub fn reparse(self, text: &Text) -> Syntax {
        let before = self.before;
        let Some(change) = self.change else { return before.clone() };
        let (chunks, new) = chunks::reparse(&before.chunks, text, &change, before.escape == ESCAPE);
        let start: usize = chunks[..new.start].iter().map(|chunk| chunk.len).sum();
        let end = start + chunks[new.clone()].iter().map(|chunk| chunk.len).sum::<usize>();
        // Where what follows the new chunks stood before.
        let old_end = end + change.old.end - change.new.end;
        let mut syntax = Syntax::of(chunks);
        if new.start > 0 {
            syntax.escape = before.escape;
            syntax.directives.clone_from(&before.directives);
        }
        let above = before.instructions.partition_point(|placed| placed.start < start);
        let below = before.instructions.partition_point(|placed| placed.start < old_end);
        syntax.instructions.reserve(before.instructions.len() + 1);
        syntax.instructions.extend_from_slice(&before.instructions[..above]);
        let comments_above = before.comments.partition_point(|comment| comment.start < start);
        let comments_below = before.comments.partition_point(|comment| comment.start < old_end);
        syntax.comments.extend_from_slice(&before.comments[..comments_above]);

        let reuse = Reuse { before: &before.instructions[above..below], change: change.clone(), next: 0 };
        syntax.read(text, new, Some(reuse));
        if syntax.escape != before.escape {
            return Syntax::parse(text);
        }
        let moved = |offset: usize| offset - old_end + end;
        syntax.instructions.extend(
            before.instructions[below..]
                .iter()
                .map(|placed| Placed { start: moved(placed.start), instruction: placed.instruction.clone() }),
        );
        let moved =
            before.comments[comments_below..].iter().map(|range| moved(range.start)..moved(range.end));
        syntax.comments.extend(moved);
        syntax
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

impl Reuse<'_> {
    /// The instruction that stands at `range` (bytes now).
    fn find(&mut self, range: &Range<usize>, kind: &str) -> Option<Arc<Instruction>> {
        let Change { old, new } = &self.change;
        let start = if range.end <= new.start {
            range.start
        } else if range.start >= new.end {
            range.start - new.end + old.end
        } else {
            return None;
        };
        while self.before.get(self.next).is_some_and(|placed| placed.start < start) {
            self.next += 1;
        }
        let same = self.before.get(self.next)?;
        let same_kind = lower::keyword(kind) == Some(same.instruction.keyword);
        (same.start == start && same.instruction.len == range.len() && same_kind)
            .then(|| same.instruction.clone())
    }
}
