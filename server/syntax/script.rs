//! The scripts of an instruction: what a shell reads of it, and where that stands.
//!
//! Which shell it is takes the instructions above; whoever asks has to know that it is a POSIX one.

use std::{borrow::Cow, fmt, ops::Range, sync::OnceLock};

use super::{
    instruction::{Arguments, Heredoc, Instruction, Keyword},
    word::Word,
};
use crate::shell::{Argument, Command, Dialect, Script};

/// A script, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub script: Script,
    place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// The text behind the keyword, without continuations.
    Text(Word),
    /// Text that stands as it is from here on, in bytes from the start of the instruction.
    At(usize),
}

impl Ran {
    /// A range of the script in bytes from the start of the (outer) instruction.
    pub fn source(&self, part: Range<usize>) -> Range<usize> {
        match &self.place {
            Place::Text(word) => word.source(part),
            Place::At(start) => start + part.start..start + part.end,
        }
    }
}

/// The scripts of an instruction, once they were asked for. No part of its value.
#[derive(Default)]
pub(super) struct Scripts(OnceLock<Box<[Ran]>>);

impl Scripts {
    pub(super) fn get_or_read<'t>(
        &self,
        instruction: &Instruction,
        text: &dyn Fn(Range<usize>) -> Cow<'t, str>,
    ) -> &[Ran] {
        self.0.get_or_init(|| read(instruction, text).into())
    }
}

/// A copy is asked anew.
impl Clone for Scripts {
    fn clone(&self) -> Scripts {
        Scripts::default()
    }
}

/// They follow from the rest of the instruction.
impl PartialEq for Scripts {
    fn eq(&self, _other: &Scripts) -> bool {
        true
    }
}

impl Eq for Scripts {}

/// Whether somebody has asked is nothing to show.
impl fmt::Debug for Scripts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Scripts")
    }
}

fn read<'t>(instruction: &Instruction, text: &dyn Fn(Range<usize>) -> Cow<'t, str>) -> Vec<Ran> {
    if !matches!(
        instruction.keyword,
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck
    ) {
        return Vec::new();
    }
    match &instruction.arguments {
        Arguments::Text(word) => {
            // A heredoc alone is the script (dockerfile2llb/convert.go, `dispatchRun`).
            if let [heredoc] = &instruction.heredocs[..]
                && word.text().trim() == heredoc.marker.text()
            {
                return vec![body(heredoc, text)];
            }
            let head = Ran { script: Script::parse(word.text()), place: Place::Text(word.clone()) };
            match instruction.heredocs.last().filter(|_| reads_script(&head.script.commands)) {
                Some(heredoc) => vec![head, body(heredoc, text)],
                None => vec![head],
            }
        }
        Arguments::Words { words, json: true } => {
            let words = words.iter().map(|word| (word.text(), word.range()));
            vec![Ran { script: Script::from_words(words), place: Place::At(0) }]
        }
        Arguments::Words { .. }
        | Arguments::From(_)
        | Arguments::Pairs(_)
        | Arguments::Onbuild(_)
        | Arguments::Nothing => Vec::new(),
    }
}

/// The script in a heredoc. One for another interpreter is not read.
fn body<'t>(heredoc: &Heredoc, text: &dyn Fn(Range<usize>) -> Cow<'t, str>) -> Ran {
    let body = text(heredoc.body.clone());
    let interpreter = body.strip_prefix("#!").map(|rest| rest.lines().next().unwrap_or_default());
    let is_shell = interpreter.is_none_or(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        Dialect::of(&words) == Dialect::Posix
    });
    let script = if is_shell { Script::parse(&body) } else { Script::default() };
    Ran { script, place: Place::At(heredoc.body.start) }
}

/// Whether a command is a shell that reads its script from a heredoc: `bash -e <<EOF`.
fn reads_script(commands: &[Command]) -> bool {
    let [command] = commands else { return false };
    let Some((name, options)) = command.words.split_first() else { return false };
    let is_option =
        |word: &Argument| word.text().is_some_and(|text| text.starts_with('-') && !text.ends_with('c'));
    command.fed
        && name.text().is_some_and(|name| Dialect::of(&[name]) == Dialect::Posix)
        && options.iter().all(is_option)
}
