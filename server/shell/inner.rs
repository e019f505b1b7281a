//! Commands that run text: `sh -c '…'`, whose script is read, and `eval` and `source`, where only running it would tell.

use std::ops::Range;

use super::{
    Argument, Dialect, Directory, Piece, is_command_flag,
    read::{Context, Reader},
};

/// Programs that run the command behind them.
const WRAPPERS: [&str; 13] = [
    "busybox",
    "chroot",
    "command",
    "dumb-init",
    "env",
    "exec",
    "gosu",
    "nice",
    "nohup",
    "su-exec",
    "sudo",
    "time",
    "tini",
];

/// Files that are sourced to set variables.
const SETTINGS: [&str; 22] = [
    "/activate",
    "/bashrc",
    "/.bashrc",
    "/.bash_profile",
    "/.profile",
    "/profile",
    "/.zshrc",
    "/env",
    "/environment",
    "/enable",
    "/nvm.sh",
    "/conda.sh",
    "/setup.bash",
    "/setup.sh",
    "/setvars.sh",
    "/sdkman-init.sh",
    "/emsdk_env.sh",
    "/vars.sh",
    "/os-release",
    "/lsb-release",
    "/envvars",
    ".env",
];

/// Reads on in the text that the reader's last command runs, if it runs one. `text` is the script that it stands in, which
/// starts at `base`; `None` if its words have no place of their own there.
pub fn read(reader: &mut Reader, base: usize, text: Option<&str>, context: Context) {
    let Some(command) = reader.commands.last() else { return };
    let Some(name) = command.words.first().and_then(Argument::text) else { return };
    match name {
        "eval" => reader.understood = false,
        "." | "source" => {
            let settings = command.words.get(1).is_some_and(sets_only);
            reader.understood &= settings;
        }
        _ => {
            let Some(script) = script(name, &command.words) else { return };
            let logs_in = matches!(name, "su" | "runuser") && command.words.iter().any(is_login);
            let script = Source::of(script, base, text);
            let directory = reader.directory.clone();
            if logs_in {
                reader.directory = Directory::Unknown;
            }
            match script {
                Some(Source { text, base, whole }) => reader.text(&text, base, whole, context.deeper()),
                None => reader.understood = false,
            }
            reader.directory = directory;
        }
    }
}

fn is_login(word: &Argument) -> bool {
    matches!(word.text(), Some("-" | "-l" | "--login"))
}

/// Whether sourcing a file does no more than set variables and functions, as its name tells.
fn sets_only(file: &Argument) -> bool {
    match file.pieces.last() {
        Some(Piece::Text(path)) => {
            path.contains("profile.d/")
                || SETTINGS.iter().any(|end| path.ends_with(end) || end.strip_prefix('/') == Some(path))
        }
        _ => false,
    }
}

/// The argument that is a script, if the command is a shell with a `-c`.
fn script<'a>(name: &str, words: &'a [Argument]) -> Option<&'a Argument> {
    let short = name.rsplit('/').next().unwrap_or_default();
    if matches!(short, "su" | "runuser") {
        let flag = words.iter().position(|word| matches!(word.text(), Some("-c" | "--command" | "-lc")))?;
        return words.get(flag + 1);
    }
    let is_shell = |word: &Argument| word.text().is_some_and(|text| Dialect::of(&[text]) == Dialect::Posix);
    let shell = match WRAPPERS.contains(&short) {
        true => words.iter().position(is_shell)?,
        false if Dialect::of(&[name]) == Dialect::Posix => 0,
        false => return None,
    };
    let mut options = words[shell + 1..].iter();
    while let Some(option) = options.next() {
        let text = option.text()?;
        if !text.starts_with(['-', '+']) {
            return None;
        }
        if is_command_flag(text) || text.starts_with("-c") {
            return options.as_slice().iter().find(|word| !is_flag(word));
        }
        // `-o pipefail`
        if text.ends_with('o') && !text.starts_with("--") {
            options.next();
        }
    }
    None
}

fn is_flag(word: &Argument) -> bool {
    word.text().is_some_and(|text| text.starts_with('-') && !text.contains(' '))
}

/// The text of a script that is an argument.
struct Source {
    text: String,
    /// Where it starts.
    base: usize,
    /// Its place, if its parts have none of their own.
    whole: Option<Range<usize>>,
}

impl Source {
    fn of(argument: &Argument, base: usize, outer: Option<&str>) -> Option<Source> {
        let range = argument.range.clone();
        if let Some(text) = argument.text()
            && text.len() == range.len()
            && outer.is_none()
        {
            return Some(Source { text: text.to_owned(), base: range.start, whole: None });
        }
        let raw =
            outer.and_then(|outer| outer.get(range.start.checked_sub(base)?..range.end.checked_sub(base)?));
        if let Some(text) = raw.and_then(unquoted) {
            return Some(Source { text: text.to_owned(), base: range.start + 1, whole: None });
        }
        let mut text = String::new();
        for piece in &argument.pieces {
            match piece {
                Piece::Text(part) | Piece::Pattern(part) => text.push_str(part),
                Piece::Variable(name, _) => text.extend(["${", name, "}"]),
                Piece::Any => return None,
            }
        }
        Some(Source { text, base: 0, whole: Some(range) })
    }
}

/// What is between the quotes of a word, if it stands there as the shell passes it on, but for variables.
fn unquoted(raw: &str) -> Option<&str> {
    if let Some(inner) = raw.strip_prefix('\'').and_then(|raw| raw.strip_suffix('\'')) {
        return (!inner.contains('\'')).then_some(inner);
    }
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains(['"', '\\', '`']) && !inner.contains("$(")).then_some(inner)
}
