//! The words of a command line, as far as finding commands and their arguments needs them.
//!
//! A reader of its own, and none of a shell's grammar: it takes texts that are half typed, or that a template engine goes over
//! before the shell does. Each word is a list of parts, and each part knows whether it stands there as it is.

mod expansion;
mod heredoc;
mod reader;
mod word;

use std::ops::Range;

pub use reader::read;
pub use word::{Kind, Part, Word};

/// Who reads the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Posix,
    /// A backtick joins lines and escapes.
    PowerShell,
    /// `^` joins lines and escapes, `%X%` is a variable.
    Cmd,
    /// A recipe: make's own `$(X)` first, `$$` is the shell's `$`.
    Make,
    /// A recipe of just: its `{{x}}` first.
    Just,
    /// What people show to others: prompts before commands, `<placeholders>` in them.
    Console,
    /// Sentences with commands in them.
    Prose,
}

/// What the reader makes of a text, in its order. The commands of a `$( … )` stand before the command that it is part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    Command(Command),
    /// A subshell begins: `(`, `$(` or a backtick.
    Open,
    Close,
}

/// A simple command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Command {
    pub words: Vec<Word>,
    /// What it reads from, if that is said.
    pub input: Option<Input>,
}

/// Where standard input comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// `< word`
    File(Word),
    /// `<<END`; the lines in bytes of the text.
    Heredoc {
        body: Range<usize>,
        /// Whether the shell leaves the lines as they are: `<<'END'`, or nothing in them to expand.
        is_literal: bool,
        /// `<<-END`
        strips_tabs: bool,
    },
    Pipe,
}
