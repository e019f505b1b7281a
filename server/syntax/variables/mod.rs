//! Where an instruction writes the name of a variable: `$X` and `${X…}` in what BuildKit expands, and in what a shell reads.
//!
//! Depends on the instruction alone. What a name means, and which shell reads a text, is not known here: that takes the
//! instructions above (see [`variables`](crate::variables)).

pub mod docker;
mod shell;

use std::{ops::Range, sync::Arc};

use super::{
    instruction::{Arguments, Flag, Heredoc, Instruction, Keyword},
    word::Word,
};
use crate::shell::is_command_flag;

/// A place that writes the name of a variable without declaring it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    pub name: Arc<str>,
    /// The name without `$`, braces and operator, in bytes from the start of the (outer) instruction.
    pub range: Range<usize>,
    pub reader: Reader,
    pub operator: Operator,
}

/// Who reads the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reader {
    /// BuildKit, when it builds.
    BuildKit,
    /// The shell of a RUN, if it is of this kind.
    Build(Shell),
    /// The shell of a CMD, ENTRYPOINT or HEALTHCHECK, when the container runs.
    Container(Shell),
    /// The shell of a RUN sets the name, or exports or reads it: `X=…`, `export X`, `for X in`; or a secret is put there.
    Assignment,
    /// Nobody here: quoted text that looks like it, such as a script that is written to a file.
    Text,
}

/// How a shell writes variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shell {
    /// `$X`
    Posix,
    /// `$env:X`
    PowerShell,
    /// `%X%`
    Cmd,
}

/// What is done with the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `$X`, `${X}`
    Value,
    /// `${X:-word}`, `${X-word}`, `${X:=word}`
    Default,
    /// `${X:+word}`, `${X+word}`
    Alternative,
    /// `${X:?word}`, `${X?word}`
    Required,
    /// Another, such as `${X%word}`.
    Other,
}

impl Operator {
    /// Tells the operator from what follows the name in `${X…`.
    fn of(rest: &str) -> Operator {
        match rest.strip_prefix(':').unwrap_or(rest).as_bytes().first() {
            Some(b'}') if rest.starts_with('}') => Operator::Value,
            Some(b'-' | b'=') => Operator::Default,
            Some(b'+') => Operator::Alternative,
            Some(b'?') => Operator::Required,
            _ => Operator::Other,
        }
    }
}

/// Finds the variables of an instruction, in file order; for an ONBUILD none, they are those of its inner instruction.
/// `text` gives a part of the source (bytes from the start of the outer instruction), `escape` is the file's escape character.
pub fn occurrences<'t>(
    instruction: &Instruction,
    escape: char,
    text: &dyn Fn(Range<usize>) -> std::borrow::Cow<'t, str>,
) -> Box<[Occurrence]> {
    let mut finder = Finder { escape, text, found: Vec::new() };
    finder.instruction(instruction);
    finder.found.sort_by_key(|occurrence| occurrence.range.start);
    finder.found.into()
}

struct Finder<'a, 't> {
    escape: char,
    text: &'a dyn Fn(Range<usize>) -> std::borrow::Cow<'t, str>,
    found: Vec<Occurrence>,
}

impl Finder<'_, '_> {
    fn instruction(&mut self, instruction: &Instruction) {
        match instruction.keyword {
            Keyword::Onbuild | Keyword::Shell | Keyword::Maintainer | Keyword::Unknown => return,
            Keyword::Run => {
                self.flags(instruction, &["mount"]);
                instruction.flags.iter().for_each(|flag| self.secret(flag));
            }
            Keyword::From => self.flags(instruction, &["platform"]),
            Keyword::Copy => self.flags(instruction, &["chown", "chmod", "from"]),
            Keyword::Add => self.flags(instruction, &["chown", "chmod", "checksum"]),
            _ => {}
        }
        match (&instruction.arguments, instruction.keyword) {
            (Arguments::From(from), _) => from.base.iter().for_each(|base| self.word(base)),
            (Arguments::Pairs(pairs), keyword) => {
                for pair in pairs {
                    // The name of an ARG is not expanded.
                    if keyword != Keyword::Arg {
                        self.word(&pair.name);
                    }
                    pair.value.iter().for_each(|value| self.word(value));
                }
            }
            (Arguments::Words { words, json: true }, keyword) if is_command(keyword) => {
                self.command_array(words, reader(keyword));
            }
            (Arguments::Words { words, .. }, _) => words.iter().for_each(|word| self.word(word)),
            (Arguments::Text(command), keyword) if is_command(keyword) => {
                self.shell(command, reader(keyword));
            }
            (Arguments::Text(_) | Arguments::Onbuild(_) | Arguments::Nothing, _) => {}
        }
        for heredoc in &instruction.heredocs {
            self.heredoc(instruction, heredoc);
        }
    }

    fn flags(&mut self, instruction: &Instruction, expanded: &[&str]) {
        let is_expanded = |flag: &&Flag| expanded.contains(&flag.name.text());
        for flag in instruction.flags.iter().filter(is_expanded) {
            flag.value.iter().for_each(|value| self.word(value));
        }
    }

    /// `--mount=type=secret,env=X` sets X for the command (instructions/commands_runmount.go, `parseMount`).
    fn secret(&mut self, flag: &Flag) {
        let option = |key: &str| {
            let mut options = flag.mount.iter().rev();
            options.find(|option| option.key.text().eq_ignore_ascii_case(key))?.value.as_ref()
        };
        let is_secret = option("type").is_some_and(|value| value.text().eq_ignore_ascii_case("secret"));
        if let Some(name) = option("env").filter(|name| is_secret && is_name(name.text())) {
            add(&mut self.found, name, 0..name.text().len(), Reader::Assignment, Operator::Value);
        }
    }

    /// A word that BuildKit expands.
    fn word(&mut self, word: &Word) {
        if word.text().contains('$') {
            docker::scan(word.text(), self.escape, docker::Quotes::Taken, &mut |name, operator| {
                add(&mut self.found, word, name, Reader::BuildKit, operator);
            });
        }
    }

    /// The text of a shell command.
    fn shell(&mut self, command: &Word, reader: fn(Shell) -> Reader) {
        shell::scan(command.text(), &mut |name, as_read, operator| {
            let reader = match as_read {
                shell::Role::Read(shell) => reader(shell),
                // What a container's shell sets is no concern of the build.
                shell::Role::Assignment if reader(Shell::Posix) != Reader::Build(Shell::Posix) => return,
                shell::Role::Assignment => Reader::Assignment,
                shell::Role::Text => Reader::Text,
            };
            add(&mut self.found, command, name, reader, operator);
        });
    }

    /// `["sh", "-c", "echo $X"]`: the word behind the `-c` is a script.
    fn command_array(&mut self, words: &[Word], reader: fn(Shell) -> Reader) {
        let Some((first, rest)) = words.split_first() else { return };
        if !shell::is_shell(first.text()) {
            return;
        }
        let flag = rest.iter().position(|word| is_command_flag(word.text()));
        if let Some(script) = flag.and_then(|flag| rest.get(flag + 1)) {
            self.shell(script, reader);
        }
    }

    fn heredoc(&mut self, instruction: &Instruction, heredoc: &Heredoc) {
        let body = (self.text)(heredoc.body.clone());
        if !body.contains(['$', '%', '=']) {
            return;
        }
        let body = Word::plain(&body, heredoc.body.start);
        let quoted = heredoc.marker.text().contains(['"', '\'', '\\']);
        if instruction.keyword == Keyword::Run {
            // A heredoc alone is the script, whether its delimiter is quoted or not; beside a command it is its input.
            let alone = matches!(&instruction.arguments, Arguments::Text(text) if text.text().trim() == heredoc.marker.text());
            if alone && has_shell(body.text()) {
                return self.shell(&body, Reader::Build);
            }
            let reader = if quoted || alone { Reader::Text } else { Reader::Build(Shell::Posix) };
            docker::scan(body.text(), '\\', docker::Quotes::Kept, &mut |name, operator| {
                if is_variable(&body.text()[name.clone()]) {
                    add(&mut self.found, &body, name, reader, operator);
                }
            });
        } else {
            let reader = if quoted { Reader::Text } else { Reader::BuildKit };
            docker::scan(body.text(), '\\', docker::Quotes::Kept, &mut |name, operator| {
                if !quoted || is_variable(&body.text()[name.clone()]) {
                    add(&mut self.found, &body, name, reader, operator);
                }
            });
        }
    }
}

/// Whether a shell can read a variable of that name.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && shell::name_len(name) == name.len()
}

/// Whether a name is that of a variable, and not `1` or `@`, which only BuildKit takes for one.
fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Whether a shell runs a heredoc's body: not if a `#!` line names something else.
fn has_shell(body: &str) -> bool {
    let Some(interpreter) = body.strip_prefix("#!") else { return true };
    let line = interpreter.lines().next().unwrap_or_default();
    line.split_whitespace().any(shell::is_shell)
}

fn is_command(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck)
}

fn reader(keyword: Keyword) -> fn(Shell) -> Reader {
    if keyword == Keyword::Run { Reader::Build } else { Reader::Container }
}

fn add(found: &mut Vec<Occurrence>, word: &Word, name: Range<usize>, reader: Reader, operator: Operator) {
    let text = &word.text()[name.clone()];
    found.push(Occurrence { name: text.into(), range: word.source(name), reader, operator });
}

#[cfg(test)]
mod tests;
