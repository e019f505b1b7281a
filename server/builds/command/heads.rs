//! What a command line calls: the programs that build, behind all that can stand in front of them.

use super::flags::{self, Flags};
use crate::builds::words::{Dialect, Kind, Part, Word};

/// A program that builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `docker build`, `docker buildx build`
    Docker,
    /// `docker buildx bake`
    Bake,
    Podman,
    Buildah,
    Nerdctl,
    Kaniko,
}

/// The beginning of a command that builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub program: Program,
    /// "docker build"
    pub name: String,
    /// The word with the program's name.
    pub word: usize,
    pub arguments: Vec<Word>,
    /// Why it is not sure that this is called; empty if it is.
    pub doubt: &'static str,
    /// Behind `xargs`: more arguments come from elsewhere.
    pub is_partial: bool,
}

impl Program {
    pub fn flags(self) -> &'static Flags {
        match self {
            Program::Docker => &flags::DOCKER,
            Program::Bake => &flags::BAKE,
            Program::Podman | Program::Buildah => &flags::BUILDAH,
            Program::Nerdctl => &flags::NERDCTL,
            Program::Kaniko => &flags::KANIKO,
        }
    }
}

/// Words in front of a command that are part of the shell's language.
const RESERVED: [&str; 14] = [
    "if", "then", "else", "elif", "do", "while", "until", "!", "{", "time", "exec", "eval", "command",
    "nohup",
];

/// Programs that call another, with those of their flags that take the next word.
const WRAPPERS: [(&str, &str); 10] = [
    ("sudo", "-u -g -h -p -C -D -r -t -T -U -R --user --group --chdir"),
    ("doas", "-u -C"),
    ("env", "-u -C -S --unset --chdir"),
    ("nice", "-n --adjustment"),
    ("ionice", "-c -n"),
    ("timeout", "-k -s --kill-after --signal"),
    ("xargs", "-I -n -P -d -L -s -E -a --max-args --max-procs --delimiter"),
    ("stdbuf", "-i -o -e"),
    ("call", ""),
    ("lima", ""),
];

/// So many words may stand in front of the program that another one calls.
const MAX_WORDS_OF_WRAPPER: usize = 6;

/// Sub commands that build, by the program's name.
const SUB_COMMANDS: [(&str, &[&str], Program); 25] = [
    ("docker", &["build"], Program::Docker),
    ("docker", &["image", "build"], Program::Docker),
    ("docker", &["builder", "build"], Program::Docker),
    ("docker", &["builder", "b"], Program::Docker),
    ("docker", &["buildx", "build"], Program::Docker),
    ("docker", &["buildx", "b"], Program::Docker),
    ("docker", &["buildx", "dap", "build"], Program::Docker),
    ("docker", &["buildx", "debug", "build"], Program::Docker),
    ("docker", &["buildx", "bake"], Program::Bake),
    ("docker", &["buildx", "f"], Program::Bake),
    ("docker", &["bake"], Program::Bake),
    ("buildx", &["build"], Program::Docker),
    ("buildx", &["b"], Program::Docker),
    ("buildx", &["bake"], Program::Bake),
    ("podman", &["build"], Program::Podman),
    ("podman", &["image", "build"], Program::Podman),
    ("podman", &["buildx", "build"], Program::Podman),
    ("podman", &["builder", "build"], Program::Podman),
    ("podman", &["farm", "build"], Program::Podman),
    ("buildah", &["build"], Program::Buildah),
    ("buildah", &["bud"], Program::Buildah),
    ("buildah", &["build-using-dockerfile"], Program::Buildah),
    ("nerdctl", &["build"], Program::Nerdctl),
    ("nerdctl", &["image", "build"], Program::Nerdctl),
    ("nerdctl", &["builder", "build"], Program::Nerdctl),
];

/// How `name=value` begins, if a word is an assignment.
pub fn assignment(word: &Word) -> Option<usize> {
    let start = word.start();
    let at = start.find('=')?;
    let name = start[..at].strip_suffix('+').unwrap_or(&start[..at]);
    let is_name = !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (is_name && !name.is_empty()).then_some(at)
}

/// How many words stand in front of the program, and whether one of them is `xargs`.
pub fn prefix(words: &[Word], dialect: Dialect) -> (usize, bool) {
    let (mut at, mut is_partial) = (0, false);
    while let Some(word) = words.get(at) {
        let text = word.text().unwrap_or_default();
        let is_prompt = matches!(dialect, Dialect::Console | Dialect::Prose)
            && (matches!(text.as_str(), "$" | "%" | "#" | "PS" | "❯" | "→") || text.ends_with('>'));
        if is_prompt || RESERVED.contains(&text.as_str()) || assignment(word).is_some() {
            at += 1;
            continue;
        }
        let Some((name, values)) = WRAPPERS.iter().find(|(name, _)| *name == text) else { break };
        at += 1;
        is_partial |= *name == "xargs";
        while let Some(flag) = words.get(at).map(Word::known).filter(|text| text.starts_with('-')) {
            at += 1;
            if flag == "--" {
                break;
            }
            at += usize::from(values.split(' ').any(|value| value == flag));
        }
        if *name == "timeout" {
            at += 1;
        }
    }
    (at.min(words.len()), is_partial)
}

/// The program and its sub command at the beginning of `words`, if they build. `value` gives what is known of a variable.
pub fn head(words: &[Word], dialect: Dialect, value: &dyn Fn(&Word) -> Option<String>) -> Option<Head> {
    let (first, is_partial) = prefix(words, dialect);
    if let Some(head) = called(words, first, is_partial, value) {
        return Some(head);
    }
    if dialect == Dialect::Prose || !may_call(words.get(first)?) {
        return None;
    }
    let is_program = |word: &Word| {
        let name = word.text().unwrap_or_default();
        SUB_COMMANDS.iter().any(|(program, ..)| *program == name)
    };
    let behind = words.iter().enumerate().skip(first + 1).take(MAX_WORDS_OF_WRAPPER);
    let (at, _) =
        behind.take_while(|(_, word)| !word.known().contains('\n')).find(|(_, word)| is_program(word))?;
    let head = called(words, at, is_partial, value)?;
    Some(Head { doubt: "another program calls it", ..head })
}

/// Whether a program that nobody knows may call the one behind it: `retry 3 docker build`. Not so what only shows or looks
/// for its arguments, or calls them on another machine.
fn may_call(first: &Word) -> bool {
    const NOT: [&str; 20] = [
        "echo",
        "printf",
        "print",
        "cat",
        "grep",
        "which",
        "type",
        "man",
        "help",
        "alias",
        "test",
        "[",
        "[[",
        "for",
        "case",
        "ssh",
        "kubectl",
        "write-host",
        "write-output",
        "rem",
    ];
    let name = first.known().to_ascii_lowercase();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    !NOT.contains(&name) && !SUB_COMMANDS.iter().any(|(program, ..)| *program == name)
}

/// The head that the word at `word` begins.
fn called(
    words: &[Word],
    word: usize,
    is_partial: bool,
    value: &dyn Fn(&Word) -> Option<String>,
) -> Option<Head> {
    let first = words.get(word)?;
    let (called, doubt) = match first.text() {
        Some(text) => (text, ""),
        None => {
            let text = value(first).or_else(|| engine(first)).or_else(|| behind_variable(first))?;
            (text, "a variable names the program")
        }
    };
    let mut called = called.split_ascii_whitespace();
    let path = called.next()?;
    let name = path.rsplit(['/', '\\']).next()?.trim_end_matches(".exe");
    // What a variable has behind the program's name is part of the words.
    let mut rest: Vec<Word> = called.map(given).collect();
    rest.extend_from_slice(&words[word + 1..]);
    let head = |program, name: String, arguments: &[Word]| Head {
        program,
        name,
        word,
        arguments: arguments.to_vec(),
        doubt,
        is_partial,
    };
    if name == "kaniko" || (name == "executor" && path.contains("kaniko")) {
        return Some(head(Program::Kaniko, "kaniko".into(), &rest));
    }
    let name = if name == "docker-buildx" { "buildx" } else { name };
    let (mut known, mut at): (Vec<String>, usize) = (Vec::new(), 0);
    loop {
        let empty = |_: &Word| None;
        let (_, read) = global(name, known.last().map(String::as_str)).read(&rest[at..], true, &empty);
        at += read;
        known.push(rest.get(at)?.text()?);
        at += 1;
        let same = |sub: &[&str]| sub.len() == known.len() && sub.iter().zip(&known).all(|(a, b)| a == b);
        if let Some((_, _, program)) =
            SUB_COMMANDS.iter().find(|(program, sub, _)| *program == name && same(sub))
        {
            return Some(head(*program, format!("{name} {}", known.join(" ")), &rest[at..]));
        }
        if known.len() == 3 {
            return None;
        }
    }
}

/// The flags in front of the next sub command.
fn global(program: &str, last: Option<&str>) -> &'static Flags {
    match (program, last) {
        (_, Some("buildx")) | ("buildx", _) => &flags::BUILDX_GLOBAL,
        ("podman" | "buildah", _) => &flags::PODMAN_GLOBAL,
        ("nerdctl", _) => &flags::NERDCTL_GLOBAL,
        _ => &flags::DOCKER_GLOBAL,
    }
}

/// The program that a variable stands for by its own name: `$(DOCKER)`, `${CONTAINER_ENGINE}`.
fn engine(word: &Word) -> Option<String> {
    let [Part { kind: Kind::Variable { name, .. }, .. }] = word.parts.as_slice() else { return None };
    let name = name.to_ascii_lowercase();
    let known = ["buildx", "podman", "buildah", "nerdctl", "docker"];
    let found = known.into_iter().find(|program| name.contains(program));
    let is_engine = || ["container", "engine", "oci"].iter().any(|part| name.contains(part));
    let found = found.or_else(|| is_engine().then_some("docker"))?;
    let suffix = if name.ends_with("build") && found == "docker" { " build" } else { "" };
    Some(format!("{found}{suffix}"))
}

/// The program right behind a variable: `$(Q)docker`, `$(BIN)/docker`.
fn behind_variable(word: &Word) -> Option<String> {
    let [Part { kind: Kind::Variable { .. }, .. }, rest @ ..] = word.parts.as_slice() else { return None };
    let is_plain = rest.iter().all(|part| matches!(part.kind, Kind::Plain(_)));
    (is_plain && !rest.is_empty()).then(|| word.known())
}

/// A word without a place.
fn given(text: &str) -> Word {
    let part = Part { text: text.to_owned(), place: None, kind: Kind::Escaped };
    Word { parts: vec![part], range: 0..0 }
}
