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

#[cfg(test)]
mod tests {
    use crate::{
        shell,
        syntax::{Placed, Syntax},
        text::Text,
    };

    /// The commands of an instruction, each as its words stand in the file.
    fn commands(placed: &Placed, text: &Text) -> String {
        let mut shown = Vec::new();
        for ran in placed.scripts(text) {
            for command in &ran.script.commands {
                let word = |range| text.slice(placed.at(ran.source(range))).into_owned();
                let words: Vec<String> = command.words.iter().map(|part| word(part.range.clone())).collect();
                shown.push(words.join(" "));
            }
            if !ran.script.understood {
                shown.push("…".to_owned());
            }
        }
        shown.join("; ")
    }

    #[test]
    fn every_form_has_its_commands_at_their_places() {
        for (instruction, expected) in [
            ("RUN a \\\n  # b\n  && c 'd e'", "a; c 'd e'"),
            ("ONBUILD RUN --mount=type=cache,target=/x a &&\\\n b", "a; b"),
            ("CMD [ \"a\", \"b c\" ]", "a b c"),
            ("ENTRYPOINT [\"sh\", \"-c\", \"a && exec b\"]", "sh -c a && exec b; a; exec b"),
            ("HEALTHCHECK --interval=1s CMD a || exit 1", "a; exit 1"),
            ("HEALTHCHECK NONE", ""),
            ("ENV A=b", ""),
            ("RUN <<EOF\na\n# b\nc d\nEOF", "a; c d"),
            ("RUN <<EOF\n#!/usr/bin/env bash\na\nEOF", "a"),
            ("RUN <<EOF\n#!/usr/bin/env python3\na\nEOF", "…"),
            ("RUN bash -ex <<EOF\na\nEOF", "bash -ex; a"),
            ("RUN cat <<EOF > /x && b\na\nEOF", "cat; b"),
            ("RUN python3 <<EOF\na\nEOF", "python3"),
        ] {
            let text = Text::new(&format!("FROM x\n{instruction}\n"));
            let syntax = Syntax::parse(&text);
            let placed = syntax.instructions().last().expect("an instruction");
            assert_eq!(commands(placed, &text), expected, "{instruction}");
        }
    }

    #[test]
    fn a_script_is_read_once_and_not_again_when_another_changes() {
        let mut text = Text::new("FROM x\nRUN a\nRUN b\n");
        let syntax = Syntax::parse(&text);
        let read = |syntax: &Syntax, text: &Text| {
            let before = shell::parsed_on_this_thread();
            syntax.instructions().iter().for_each(|placed| assert!(placed.scripts(text).len() < 2));
            shell::parsed_on_this_thread() - before
        };
        assert_eq!((read(&syntax, &text), read(&syntax, &text)), (2, 0));
        let mut stale = syntax.stale();
        text.replace(11..12, "c");
        stale.edit(11..12, 1);
        let syntax = stale.reparse(&text);
        assert_eq!(read(&syntax, &text), 1);
    }
}
