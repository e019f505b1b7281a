//! Which program a command calls.

use super::words::{Operand, leading, text};
use crate::shell::{Argument, Command, Piece};

/// The program that a command calls, behind `sudo`, `env A=1`, `exec`, `time` and the like.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    pub command: &'a Command,
    /// The program without its folder and version: `npm` of `/usr/bin/npm`, `python` of `python3.12`. A script of an unusual
    /// folder keeps its folder: `./install` is no `install`.
    pub name: &'a str,
    pub arguments: &'a [Argument],
    /// What finds the program, if it is not PATH: `npx`, `pnpm`, `poetry`, `bundle`; `python` for `python -m pip`.
    pub via: Option<&'a str>,
    /// The words in front of the program, such as `env A=1`.
    before: &'a [Argument],
}

impl<'a> Call<'a> {
    /// What it sets a variable to, in `A=1 program` or `env A=1 program`.
    pub fn assigned(&self, name: &str) -> Option<Operand<'a>> {
        let word = self.before.iter().rev().find_map(|word| {
            let rest = leading(word).strip_prefix(name)?;
            rest.starts_with('=').then_some(Operand { argument: word, from: name.len() + 1 })
        });
        let named = |assignment: &&'a crate::shell::Assignment| assignment.name == name;
        word.or_else(|| self.command.assignments.iter().rev().find(named).map(|found| (&found.value).into()))
    }

    /// Whether it sets a variable to this text.
    pub(super) fn assigns(&self, name: &str, value: &str) -> bool {
        self.assigned(name).is_some_and(|operand| operand.text() == Some(value))
    }

    /// An argument by its place, if it is literal.
    pub(super) fn word(&self, index: usize) -> Option<&'a str> {
        self.arguments.get(index).and_then(text)
    }

    /// Whether one of its arguments is this text.
    pub(super) fn says(&self, word: &str) -> bool {
        self.arguments.iter().any(|argument| text(argument) == Some(word))
    }

    /// The same call without its first `count` arguments.
    pub(super) fn behind(self, count: usize) -> Call<'a> {
        Call { arguments: self.arguments.get(count..).unwrap_or_default(), ..self }
    }
}

/// Reads a command; `None` for one without a literal name.
pub fn call(command: &Command) -> Option<Call<'_>> {
    let mut via = None;
    let mut at = 0;
    // Every turn takes a word away, so it ends.
    loop {
        let word = command.words.get(at)?;
        let name = program(word, via)?;
        let arguments = &command.words[at + 1..];
        let Some((skipped, launcher)) = launched(name, arguments) else {
            return Some(Call { command, name, arguments, via, before: &command.words[..at] });
        };
        via = launcher.or(via);
        at += 1 + skipped;
    }
}

/// The program that a word names.
fn program<'a>(word: &'a Argument, via: Option<&str>) -> Option<&'a str> {
    let Some(Piece::Text(last)) = word.pieces.last() else { return None };
    let Some((folder, name)) = last.rsplit_once('/') else {
        let name = (word.pieces.len() == 1).then_some(last.as_str())?;
        return (!name.is_empty()).then(|| without_version(name));
    };
    // `npx @angular/cli`, `npx tsc@5`
    if folder.starts_with('@') && via.is_some() {
        return Some(without_version(last));
    }
    let folder = folder.rsplit('/').next().unwrap_or_default();
    let usual = matches!(folder, "bin" | "sbin" | ".bin" | "Scripts");
    let usual = usual || matches!(name, "gradlew" | "mvnw" | "manage.py" | "artisan");
    match usual {
        true => Some(without_version(name)),
        false if word.pieces.len() == 1 => Some(last),
        false => None,
    }
}

/// `python` of `python3.12`, `gcc` of `gcc-12`, `tsc` of `tsc@5`.
fn without_version(name: &str) -> &str {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
    let versioned =
        matches!(base, "python" | "pip" | "php" | "ruby" | "gcc" | "g++" | "clang" | "clang++" | "pypy");
    match name.rfind('@') {
        _ if versioned => base,
        Some(at) if at > 0 => &name[..at],
        _ => name,
    }
}

/// How many arguments a program that starts another takes for itself, and its name if it finds that other one in its own way.
fn launched<'a>(name: &'a str, arguments: &'a [Argument]) -> Option<(usize, Option<&'a str>)> {
    let skip = |valued: &[&str]| flags(arguments, valued);
    let first = arguments.first().and_then(text);
    let behind =
        |words: usize, valued: &[&str]| words + flags(arguments.get(words..).unwrap_or_default(), valued);
    let count = match name {
        "exec" | "time" | "nohup" | "command" | "builtin" | "eatmydata" | "fakeroot" | "busybox"
        | "setsid" => {
            let plain = arguments.first().is_some_and(|word| !leading(word).starts_with('-'));
            return plain.then_some((0, None));
        }
        "sudo" | "doas" => return rest(skip(&["-u", "-g", "-C", "-D", "-h", "-p", "-U"]), arguments),
        "env" | "cross-env" => {
            let flags = skip(&["-u", "-C", "--unset", "--chdir"]);
            let set = |word: &&Argument| leading(word).contains('=');
            return rest(flags + arguments[flags..].iter().take_while(set).count(), arguments);
        }
        "nice" | "ionice" | "chrt" => return rest(skip(&["-n", "-c"]), arguments),
        "stdbuf" => return rest(skip(&["-i", "-o", "-e"]), arguments),
        "timeout" => return rest(skip(&["-s", "-k", "--signal", "--kill-after"]) + 1, arguments),
        "gosu" | "su-exec" | "setuidgid" | "chpst" => return rest(1, arguments),
        "setpriv" => return rest(skip(&["--reuid", "--regid", "--groups"]), arguments),
        // Only the names of package managers: `corepack enable` is a command of its own.
        "corepack" if matches!(first, Some("npm" | "yarn" | "pnpm")) => 0,
        "npx" | "bunx" | "pnpx" | "uvx" => skip(&["-p", "--package", "--from", "--with", "--python"]),
        "npm" if matches!(first, Some("exec" | "x")) => behind(1, &["-p", "--package", "-w", "--workspace"]),
        "pnpm" | "yarn" | "bun" if matches!(first, Some("exec" | "dlx" | "x")) => {
            behind(1, &["-p", "--package"])
        }
        "poetry" | "uv" | "pipenv" | "pdm" | "rye" | "hatch" if first == Some("run") => behind(
            1,
            &["-p", "--python", "--with", "--extra", "--group", "--directory", "--project", "--package"],
        ),
        "bundle" if first == Some("exec") => behind(1, &[]),
        "rustup" if first == Some("run") => behind(1, &[]) + 1,
        "opam" if first == Some("exec") => behind(1, &["--switch"]),
        "python" => {
            let module = arguments.iter().position(|word| text(word) == Some("-m"))?;
            let plain = |word: &Argument| leading(word).starts_with('-');
            arguments[..module].iter().all(plain).then_some(module + 1)?
        }
        _ => return None,
    };
    rest(count, arguments).map(|(count, _)| (count, Some(name)))
}

/// As many arguments, if a program stands behind them.
fn rest<'a>(count: usize, arguments: &[Argument]) -> Option<(usize, Option<&'a str>)> {
    let count = count + usize::from(arguments.get(count).and_then(text) == Some("--"));
    arguments.get(count).is_some_and(|word| !leading(word).starts_with('-')).then_some((count, None))
}

/// How many arguments at the front are flags, with the values of those in `valued`.
fn flags(arguments: &[Argument], valued: &[&str]) -> usize {
    let mut count = 0;
    while let Some(word) = arguments.get(count)
        && leading(word).starts_with('-')
        && text(word) != Some("--")
    {
        count += 1 + usize::from(text(word).is_some_and(|flag| valued.contains(&flag)));
    }
    count.min(arguments.len())
}
