//! Words and signs that are neither instructions nor flags.

use super::Entry;

/// A word or sign with a meaning of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpecialWord {
    As,
    Scratch,
    /// `CMD` of a HEALTHCHECK.
    HealthCmd,
    HealthNone,
    /// `<<EOF`.
    Heredoc,
    /// The brackets of a command.
    ExecForm,
    /// The brackets of paths.
    JsonForm,
    /// The escape character at the end of a line.
    Continuation,
}

use SpecialWord::{As, Continuation, ExecForm, HealthCmd, HealthNone, Heredoc, JsonForm, Scratch};

/// All of them.
pub const WORDS: [(SpecialWord, Entry); 8] = [
    (As, Entry::new("AS", "Gives the stage a name", "from")),
    (Scratch, Entry::new("scratch", "The empty file system", "from")),
    (HealthCmd, Entry::new("CMD", "The command that tests the container", "healthcheck")),
    (HealthNone, Entry::new("NONE", "No health check", "healthcheck")),
    (Heredoc, Entry::new("heredoc", "Several lines as a script or a file", "here-documents")),
    (ExecForm, Entry::new("exec form", "A program and its arguments, without a shell", "exec-form")),
    (JsonForm, Entry::new("JSON form", "Words in double quotes", "shell-and-exec-form")),
    (Continuation, Entry::new("continuation", "The line goes on in the next", "escape")),
];

/// What there is to say of one.
pub fn word(word: SpecialWord) -> &'static Entry {
    let index = WORDS.iter().position(|(other, _)| *other == word);
    &WORDS[index.unwrap_or_default()].1
}
