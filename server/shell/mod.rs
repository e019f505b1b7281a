//! What a POSIX shell makes of a text: its commands in order, with the place of every part.
//!
//! A text goes in and a [`Script`] comes out; nothing here knows of instructions or stages. Reading always succeeds: of a
//! half-typed script the finished commands are there, and [`Script::understood`] is false. All ranges are in bytes of the text.

mod dialect;
mod heredocs;
mod inner;
pub mod quoting;
mod read;
mod repair;
mod words;

use std::{cell::Cell, ops::Range};

pub use dialect::{Dialect, is_command_flag};

/// The commands of a text, in the order in which they start: those of a `$(…)` before the command that it is written in, those
/// of an `sh -c '…'` behind the `sh`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    pub commands: Vec<Command>,
    /// Whether all of it could be read: no syntax error, nothing that only running it would tell (`eval`, a sourced file).
    pub understood: bool,
}

/// One simple command: `A=1 name argument > file`. A bare assignment is a command without words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub range: Range<usize>,
    pub assignments: Vec<Assignment>,
    /// Its name and its arguments.
    pub words: Vec<Argument>,
    pub redirects: Vec<Redirect>,
    /// Where it runs.
    pub directory: Directory,
    /// Whether the script can succeed without it: it stands behind `||`, in a branch, a loop, or a function.
    pub conditional: bool,
    /// Whether another command reads what it writes.
    pub piped: bool,
    /// Whether it reads what another command, or a heredoc, writes.
    pub fed: bool,
}

/// `NAME=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub range: Range<usize>,
    pub name: String,
    pub value: Argument,
}

/// One word after quotes are taken off. Text that stands next to text is one piece; `""` has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// All of it, quotes included.
    pub range: Range<usize>,
    pub pieces: Vec<Piece>,
}

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    /// `$NAME` or `${NAME}`, without an operator; where the name stands.
    Variable(String, Range<usize>),
    /// `*`, `?`, `[…]` or `{a,b}` that the shell matches or multiplies, as written.
    Pattern(String),
    /// What only running it would tell: `$(…)`, `${X#…}`, `$((…))`, `$1`.
    Any,
}

/// `> file`, `>> file`, `< file`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    pub writes: bool,
    pub target: Argument,
}

/// The directory of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directory {
    /// Where the script starts.
    Start,
    /// After these `cd`s, in order.
    After(Vec<Argument>),
    /// Only running it would tell.
    Unknown,
}

impl Script {
    /// Reads a text as bash does, which reads what other POSIX shells read. Of a very long text nothing.
    pub fn parse(text: &str) -> Script {
        PARSED.set(PARSED.get() + 1);
        read::script(text)
    }

    /// The command that these words are, each with its place: the JSON form. Ranges are in the bytes of those places.
    pub fn from_words<'a>(words: impl IntoIterator<Item = (&'a str, Range<usize>)>) -> Script {
        PARSED.set(PARSED.get() + 1);
        let argument = |(text, range): (&str, Range<usize>)| {
            let pieces = if text.is_empty() { Vec::new() } else { vec![Piece::Text(text.to_owned())] };
            Argument { range, pieces }
        };
        read::words(words.into_iter().map(argument).collect())
    }
}

thread_local! {
    static PARSED: Cell<usize> = const { Cell::new(0) };
}

/// How many scripts were read on this thread so far: what shows that an edit reads again only what it changed.
pub fn parsed_on_this_thread() -> usize {
    PARSED.get()
}

impl Argument {
    /// The text, if no variable or pattern is in it.
    pub fn text(&self) -> Option<&str> {
        match &self.pieces[..] {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            // Text is always one piece.
            _ => None,
        }
    }

    /// The text as a value of its own, if no variable or pattern is in it.
    pub fn literal(&self) -> Option<String> {
        self.text().map(str::to_owned)
    }

    /// Whether the shell looks for files that match it, or makes several words of it.
    pub fn is_pattern(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Pattern(_)))
    }
}

#[cfg(test)]
mod tests;
