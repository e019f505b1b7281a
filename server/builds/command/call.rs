//! What a command that builds says with its flags and operands.

use super::{
    BakeCall, Cwd, Set,
    flags::Parsed,
    heads::{self, Head, Program},
    variables::Scope,
};
use crate::builds::{
    BuildArg, NamedContext, Spot, Value, files,
    words::{Command, Dialect, Input, Kind, Part, Word},
};

/// A call of a program that builds one Dockerfile.
#[derive(Debug)]
pub struct Call {
    pub program: Program,
    /// The program's name.
    pub declared: Spot,
    pub target: Option<Value>,
    /// Targets that a later flag takes the place of.
    pub overridden: Vec<Value>,
    pub files: Vec<Value>,
    pub context: Option<Value>,
    /// kaniko's `--context-sub-path`
    pub sub_path: Option<Value>,
    pub no_cache_filter: Vec<Value>,
    pub args: Vec<BuildArg>,
    pub contexts: Vec<NamedContext>,
    pub input: Option<Input>,
    /// Why it is not sure what the words mean; empty if it is.
    pub doubt: &'static str,
}

/// Reads the arguments of a command; `None` if it is no call that anybody could run.
pub fn call(scope: &Scope, head: &Head, command: &Command) -> Option<Call> {
    let dialect = scope.script.dialect;
    let (arguments, is_spread) = scope.spread(&head.arguments);
    let (mut parsed, _) = head.program.flags().read(&arguments, false, &|word| awaited(scope, word));
    let is_shown = matches!(dialect, Dialect::Console | Dialect::Prose);
    let mut doubt = doubt(head, &parsed);
    if is_spread && doubt.is_empty() {
        doubt = "an array gives it more words";
    }
    if parsed.operands.len() > 1 {
        doubt = "it has more words than one context";
    }
    let context = context(scope, &mut parsed, dialect);
    let target = parsed.all("target").next_back().map(|word| target(word, dialect));
    let is_left_open = |word: Option<&Word>| word.is_some_and(Word::has_placeholder);
    let files: Vec<Word> = match head.program {
        Program::Kaniko => parsed.all("dockerfile").next_back().cloned().into_iter().collect(),
        Program::Docker | Program::Nerdctl => parsed.all("file").next_back().cloned().into_iter().collect(),
        Program::Podman | Program::Buildah => parsed.all("file").flat_map(|word| word.split(',')).collect(),
        Program::Bake => Vec::new(),
    };
    if is_shown
        && (is_left_open(target.as_ref())
            || is_left_open(context.as_ref())
            || files.iter().any(Word::has_placeholder))
    {
        return None;
    }
    // Somebody only begins to type, or speaks of the command.
    let may_be_bare = matches!(head.program, Program::Buildah | Program::Kaniko)
        || ["build-context", "no-cache-filter"].iter().any(|flag| parsed.all(flag).next().is_some());
    if context.is_none() && target.is_none() && files.is_empty() && !may_be_bare {
        return None;
    }
    let is_contextless = context.is_none() && parsed.all("context").next().is_none();
    let needs_context = matches!(head.program, Program::Docker | Program::Nerdctl | Program::Kaniko);
    if is_contextless && needs_context && doubt.is_empty() {
        doubt = "it has no context";
    }
    let mut targets: Vec<Value> = parsed.all("target").map(|word| scope.value(word)).collect();
    targets.pop();
    let last = |name| parsed.all(name).next_back().map(|word| scope.path(word));
    Some(Call {
        program: head.program,
        declared: command.words[head.word].spot(scope.script.file, &scope.script.range),
        target: target.map(|word| scope.value(&word)),
        overridden: targets,
        files: files.iter().map(|word| scope.path(word)).collect(),
        context: match head.program {
            Program::Kaniko => last("context"),
            _ => context.map(|word| scope.path(&word)),
        },
        sub_path: last("context-sub-path"),
        no_cache_filter: parsed
            .all("no-cache-filter")
            .flat_map(|word| word.split(','))
            .map(|word| scope.value(&word))
            .collect(),
        args: build_args(scope, &parsed),
        contexts: contexts(scope, &parsed),
        input: command.input.clone(),
        doubt,
    })
}

fn doubt(head: &Head, parsed: &Parsed) -> &'static str {
    if !head.doubt.is_empty() {
        head.doubt
    } else if head.is_partial {
        "xargs gives it more words"
    } else if parsed.has_unknown {
        "it has a flag that is not known"
    } else {
        ""
    }
}

/// The word that is the context. Words that only the shell knows may be flags as well.
fn context(scope: &Scope, parsed: &mut Parsed, dialect: Dialect) -> Option<Word> {
    if parsed.operands.len() > 1 {
        let literal = |word: &&Word| word.text().is_some();
        let first = parsed.operands.iter().find(literal).or(parsed.operands.first()).cloned();
        parsed.operands = first.into_iter().collect();
    }
    let word = parsed.operands.pop()?;
    if dialect != Dialect::Prose {
        return Some(word);
    }
    // The sentence goes on behind the command, or right with its first words.
    let text = word.known();
    let is_path =
        text.starts_with(['.', '/', '-', '~']) || text.contains('/') || scope.path(&word).text.is_none();
    is_path.then_some(word)
}

/// The word without what ends a sentence.
fn target(word: &Word, dialect: Dialect) -> Word {
    let text = word.known();
    let len = match dialect {
        Dialect::Prose => text.trim_end_matches(['.', ',', ';', ':', '!']).len(),
        _ => text.len(),
    };
    word.slice(0..len)
}

/// The empty value behind a flag where its value is still to be typed: behind one blank, or at the end of its line.
fn awaited(scope: &Scope, flag: &Word) -> Option<Word> {
    let script = scope.script;
    let rest = script.text.get(flag.range.end..)?;
    let blanks = rest.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    if blanks == 0 || flag.range.is_empty() {
        return None;
    }
    let is_line_end = rest[blanks..].chars().next().is_none_or(|c| matches!(c, '\n' | '\r'));
    let at = flag.range.end + if is_line_end { blanks } else { 1 };
    let kind = Kind::Plain(crate::builds::Quoting::Bare);
    let part = Part { text: String::new(), place: (script.place)(at..at), kind };
    Some(Word { parts: vec![part], range: at..at })
}

fn build_args(scope: &Scope, parsed: &Parsed) -> Vec<BuildArg> {
    let mut args: Vec<BuildArg> = Vec::new();
    for word in parsed.all("build-arg") {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(scope.value(&value))),
            None => (word.clone(), None),
        };
        let Some(name) = name.literal(scope.script.file, &scope.script.range) else { continue };
        if name.known().is_none() {
            continue;
        }
        args.retain(|other| other.name.text != name.text);
        args.push(BuildArg { name, value });
    }
    args
}

fn contexts(scope: &Scope, parsed: &Parsed) -> Vec<NamedContext> {
    let mut contexts: Vec<NamedContext> = Vec::new();
    for word in parsed.all("build-context") {
        let Some((key, value)) = word.split_once('=') else { continue };
        let key = scope.value(&key);
        contexts.retain(|other| key.text.is_none() || other.key.text != key.text);
        contexts.push(NamedContext { key, value: scope.path(&value) });
    }
    contexts
}

/// Reads a call of bake.
pub fn bake(scope: &Scope, head: &Head, command: &Command, cwd: &Cwd, title: String) -> Option<BakeCall> {
    let dialect = scope.script.dialect;
    let (parsed, _) = head.program.flags().read(&head.arguments, false, &|word| awaited(scope, word));
    if matches!(dialect, Dialect::Console | Dialect::Prose)
        && parsed
            .operands
            .iter()
            .chain(parsed.values.iter().map(|(_, value)| value))
            .any(Word::has_placeholder)
    {
        return None;
    }
    let mut cwd = cwd.clone();
    let doubt = doubt(head, &parsed);
    if !doubt.is_empty() {
        cwd.doubt(doubt);
    }
    let operands = parsed.operands.iter();
    let (remote, targets): (Vec<_>, Vec<_>) =
        operands.map(|word| scope.value(word)).partition(|value| value.known().is_some_and(is_remote));
    let mut variables: Vec<(String, Value)> = Vec::new();
    let assigned = command.words[..head.word].iter().filter(|word| heads::assignment(word).is_some());
    for word in assigned.chain(parsed.all("var")) {
        let Some((name, value)) = word.split_once('=') else { continue };
        let name = name.known();
        variables.retain(|(other, _)| *other != name);
        variables.push((name, scope.value(&value)));
    }
    Some(BakeCall {
        title,
        declared: command.words[head.word].spot(scope.script.file, &scope.script.range),
        cwd,
        files: parsed.all("file").map(|word| scope.path(word)).collect(),
        targets,
        sets: parsed.all("set").filter_map(|word| set(scope, word)).collect(),
        variables,
        is_remote: !remote.is_empty(),
    })
}

fn is_remote(text: &str) -> bool {
    files::is_remote(text) && text != "-"
}

/// `pattern.key=value`
fn set(scope: &Scope, word: &Word) -> Option<Set> {
    let (path, value) = word.split_once('=')?;
    let path = path.text()?;
    let (pattern, key) = path.split_once('.')?;
    Some(Set { pattern: pattern.to_owned(), key: key.to_owned(), value: scope.value(&value) })
}
