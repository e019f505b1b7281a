//! `docker_build` of a Tiltfile (tilt tiltfile/docker.go), and commands in its strings.

use std::{ops::Range, path::Path, sync::Arc};

use super::{
    Build, BuildArg, Certainty, Dockerfile, Files, Found, Local, Quoting, Spot, Tool, Value,
    command::{self, Cwd, Dialect, Script, Variables},
    files::{default_dockerfiles, is_remote, join},
    node::{Piece, Scalar, Style},
};

/// The functions that build.
const CALLS: [&str; 2] = ["docker_build", "docker_build_with_restart"];

/// What a Tiltfile has built.
pub fn builds(path: &Path, files: &dyn Files) -> Found {
    let Some(text) = files.read(path).filter(|text| command::may_build(text)) else {
        return Found::default();
    };
    let file: Arc<Path> = Arc::from(path);
    let tokens = tokens(&text);
    let mut found = Found::default();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Name if CALLS.contains(&&text[token.range.clone()]) => {
                if let Some(arguments) = arguments(&text, &tokens[at + 1..]) {
                    found.builds.push(build(&text, &file, token, &arguments));
                }
            }
            Kind::String(_) if command::may_build(&text[token.inner.clone()]) => {
                found.builds.extend(in_string(&text, &file, token, files));
            }
            _ => {}
        }
    }
    found.builds.sort_by_key(|build| build.declared.range.start);
    found
}

/// The commands of `local('docker build …')` or `custom_build`.
fn in_string(text: &str, file: &Arc<Path>, token: &Token, files: &dyn Files) -> Vec<Build> {
    let script = Script {
        file,
        text,
        place: &Some,
        range: token.inner.clone(),
        dialect: Dialect::Posix,
        cwd: Cwd {
            certainty: Certainty::Likely,
            why: "a string may be no command",
            ..Cwd::certain(folder(file))
        },
        variables: &Variables::new(),
        title: None,
    };
    command::plain(text, token.inner.clone(), &script, files).builds
}

fn folder(file: &Arc<Path>) -> std::path::PathBuf {
    file.parent().map(Path::to_owned).unwrap_or_default()
}

/// What a reader of Starlark makes of a text, as far as calls with literals need it.
#[derive(Debug, Clone)]
struct Token {
    kind: Kind,
    range: Range<usize>,
    /// Of a string: without its quotes.
    inner: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    /// A string, if it stands there as it is, with how another would be written.
    String(Option<Quoting>),
    Sign(u8),
}

fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    // Whether no later string with three quotes is closed.
    let mut is_open = false;
    while let Some(byte) = bytes.get(at).copied() {
        let start = at;
        match byte {
            b'#' => at = line_end(text, at),
            b'"' | b'\'' => {
                let token = string(text, start, &mut is_open);
                at = token.range.end;
                tokens.push(token);
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
                at += bytes[at..].iter().take_while(|byte| is_name(byte)).count();
                tokens.push(Token { kind: Kind::Name, range: start..at, inner: start..at });
            }
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            _ => {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
                tokens.push(Token { kind: Kind::Sign(byte), range: start..at, inner: start..at });
            }
        }
    }
    tokens
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find(['\n', '\r']).map_or(text.len(), |len| at + len)
}

/// A string from its quote on; one that is not closed ends with its line.
fn string(text: &str, start: usize, is_open: &mut bool) -> Token {
    let quote = text.as_bytes()[start];
    let triple = [quote; 3];
    if text.as_bytes()[start..].starts_with(&triple) && !*is_open {
        let sign = char::from(quote).to_string().repeat(3);
        if let Some(len) = text[start + 3..].find(&sign) {
            let inner = start + 3..start + 3 + len;
            let is_plain = !text[inner.clone()].contains('\\');
            let kind = Kind::String(is_plain.then_some(Quoting::Line));
            return Token { kind, range: start..inner.end + 3, inner };
        }
        *is_open = true;
    }
    let bytes = text.as_bytes();
    let is_inside =
        |at: usize| bytes.get(at).is_some_and(|byte| *byte != quote && !matches!(byte, b'\n' | b'\r'));
    let (mut at, mut is_plain) = (start + 1, true);
    while is_inside(at) {
        if bytes[at] == b'\\' && bytes.get(at + 1).is_some_and(|next| !matches!(next, b'\n' | b'\r')) {
            is_plain = false;
            at += 1;
        }
        at += text[at..].chars().next().map_or(1, char::len_utf8);
    }
    let inner = start + 1..at;
    let quoting = if quote == b'"' { Quoting::Double } else { Quoting::ShellSingle };
    let end = if bytes.get(at) == Some(&quote) { at + 1 } else { at };
    Token { kind: Kind::String(is_plain.then_some(quoting)), range: start..end, inner }
}

/// An argument of a call: its tokens.
struct Argument<'a> {
    name: Option<&'a str>,
    tokens: &'a [Token],
    /// Where it would be typed, if it is empty.
    at: usize,
}

/// The arguments behind the name of a function. A call that is not closed ends where the next one begins.
fn arguments<'a>(text: &'a str, tokens: &'a [Token]) -> Option<Vec<Argument<'a>>> {
    tokens.first().filter(|token| token.kind == Kind::Sign(b'('))?;
    let (mut depth, mut start, mut all) = (0usize, 1, Vec::new());
    for (at, token) in tokens.iter().enumerate() {
        let is_next = token.kind == Kind::Name && CALLS.contains(&&text[token.range.clone()]);
        match token.kind {
            Kind::Sign(b'(' | b'[' | b'{') => depth += 1,
            Kind::Sign(b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        let is_end = depth == 0 || is_next || at + 1 == tokens.len();
        if !is_end && (depth != 1 || token.kind != Kind::Sign(b',')) {
            continue;
        }
        let end = if depth > 0 && at + 1 == tokens.len() && !is_next { at + 1 } else { at };
        all.extend(tokens.get(start..end).and_then(|tokens| argument(text, tokens)));
        if is_end {
            break;
        }
        start = at + 1;
    }
    Some(all)
}

fn argument<'a>(text: &'a str, tokens: &'a [Token]) -> Option<Argument<'a>> {
    let first = tokens.first()?;
    if first.kind == Kind::Name
        && let Some(sign) = tokens.get(1).filter(|token| token.kind == Kind::Sign(b'='))
    {
        let blank = text[sign.range.end..].starts_with(' ');
        let at = sign.range.end + usize::from(blank);
        return Some(Argument { name: Some(&text[first.range.clone()]), tokens: &tokens[2..], at });
    }
    Some(Argument { name: None, tokens, at: first.range.start })
}

fn build(text: &str, file: &Arc<Path>, call: &Token, arguments: &[Argument]) -> Build {
    let named = |name: &str| arguments.iter().rev().find(|argument| argument.name == Some(name));
    let nth = |at: usize| arguments.iter().filter(|argument| argument.name.is_none()).nth(at);
    let value = |argument: &Argument| value(text, file, argument);
    let image = nth(0).or_else(|| named("ref")).map(&value);
    let context = nth(1).or_else(|| named("context")).map(&value);
    let name = &text[call.range.clone()];
    let title = match image.as_ref().and_then(Value::known) {
        Some(image) => format!("{name} of `{image}` in {}", name_of(file)),
        None => format!("{name} in {}", name_of(file)),
    };
    let args =
        named("build_args").map(|argument| build_args(text, file, argument.tokens)).unwrap_or_default();
    Build {
        tool: Tool::BuildKit,
        title,
        declared: Spot::new(file, call.range.clone()),
        dockerfile: dockerfile(
            text,
            file,
            context,
            named("dockerfile").map(value),
            named("dockerfile_contents"),
        ),
        target: named("target").map(value),
        overridden: Vec::new(),
        no_cache_filter: Vec::new(),
        args,
        contexts: Vec::new(),
    }
}

fn name_of(file: &Arc<Path>) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A string is a literal, anything else is not known.
fn value(text: &str, file: &Arc<Path>, argument: &Argument) -> Value {
    match argument.tokens {
        [] => Value::literal("", Spot::new(file, argument.at..argument.at), Quoting::Bare),
        [token] => match token.kind {
            Kind::String(Some(quoting)) => {
                Value::literal(&text[token.inner.clone()], Spot::new(file, token.inner.clone()), quoting)
            }
            Kind::String(None) => Value::unknown(Spot::new(file, token.inner.clone()), "it has escapes"),
            Kind::Name | Kind::Sign(_) => {
                Value::unknown(Spot::new(file, token.range.clone()), "an expression")
            }
        },
        [first, .., last] => {
            Value::unknown(Spot::new(file, first.range.start..last.range.end), "an expression")
        }
    }
}

/// `{'NAME': 'value'}`
fn build_args(text: &str, file: &Arc<Path>, tokens: &[Token]) -> Vec<BuildArg> {
    let mut args: Vec<BuildArg> = Vec::new();
    let Some((Token { kind: Kind::Sign(b'{'), .. }, inner)) = tokens.split_first() else { return args };
    for pair in inner.split(|token| matches!(token.kind, Kind::Sign(b',' | b'}'))) {
        let [key, Token { kind: Kind::Sign(b':'), .. }, tokens @ ..] = pair else { continue };
        let name = value(
            text,
            file,
            &Argument { name: None, tokens: std::slice::from_ref(key), at: key.range.start },
        );
        if name.known().is_none() {
            continue;
        }
        let value = value(text, file, &Argument { name: None, tokens, at: key.range.end });
        args.retain(|other| other.name.text != name.text);
        args.push(BuildArg { name, value: Some(value) });
    }
    args
}

/// The Dockerfile's path counts from the Tiltfile, not from the context.
fn dockerfile(
    text: &str,
    file: &Arc<Path>,
    context: Option<Value>,
    path: Option<Value>,
    contents: Option<&Argument>,
) -> Dockerfile {
    if let Some(contents) = contents {
        return match contents.tokens {
            [Token { kind: Kind::String(Some(_)), inner, .. }] => {
                let text = text[inner.clone()].to_owned();
                let pieces = vec![Piece { text: 0, file: inner.start, len: inner.len() }];
                let scalar =
                    Scalar { text, range: inner.clone(), style: Style::Literal, is_text: true, pieces };
                Dockerfile::Inline(scalar, Spot::new(file, inner.clone()))
            }
            _ => Dockerfile::Unknown("an expression makes the Dockerfile"),
        };
    }
    let base = folder(file);
    let context = match context.as_ref().map(|context| context.text.as_deref()) {
        Some(Some(context)) if is_remote(context) => return Dockerfile::Remote,
        Some(Some(context)) => Some(join(&base, context)),
        Some(None) | None => None,
    };
    let (guesses, base) = match (&path, &context) {
        (Some(path), _) => match path.known() {
            Some(text) => (vec![join(&base, text)], base),
            None => return Dockerfile::Unknown("the path of the Dockerfile is not known"),
        },
        (None, Some(context)) => (default_dockerfiles(context), context.clone()),
        (None, None) => return Dockerfile::Unknown("the context is not known"),
    };
    let (certainty, why) = match context {
        Some(_) => (Certainty::Certain, ""),
        None => (Certainty::Likely, "the context is not known"),
    };
    Dockerfile::Local(Local { guesses: vec![guesses], context, written: path, base, certainty, why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::files::Memory;

    fn read(text: &str) -> Vec<Build> {
        let builds = builds("/project/Tiltfile".as_ref(), &Memory::new(&[("Tiltfile", text)])).builds;
        for value in
            builds.iter().filter_map(|build| build.target.as_ref()).filter(|value| value.is_literal())
        {
            assert_eq!(text.get(value.spot.range.clone()), value.text.as_deref());
        }
        builds
    }

    fn targets(text: &str) -> Vec<Option<String>> {
        read(text).into_iter().map(|build| build.target.and_then(|value| value.text)).collect()
    }

    #[test]
    fn keywords_with_literals() {
        let text = "docker_build('a', './x', dockerfile='y/D', target='dev', build_args={'A': 'b', \"C\": c()})\n\
                    docker_build('b', 'x', live_update=[sync('.', '/a')], target=t)\n# docker_build('c', '.')\n\
                    docker_build('d', context='.', dockerfile_contents='''\nFROM a AS b\n''', target=\"b\")";
        assert_eq!(targets(text), [Some("dev".into()), None, Some("b".into())]);
        let builds = read(text);
        assert_eq!(builds[0].args.len(), 2);
        assert_eq!(builds[0].title, "docker_build of `a` in Tiltfile");
        assert!(
            matches!(&builds[0].dockerfile, Dockerfile::Local(local) if local.guesses[0][0] == Path::new("/project/y/D"))
        );
        assert!(
            matches!(&builds[1].dockerfile, Dockerfile::Local(local) if local.guesses[0][0] == Path::new("/project/x/Dockerfile"))
        );
        assert!(
            matches!(&builds[2].dockerfile, Dockerfile::Inline(scalar, _) if scalar.text == "\nFROM a AS b\n")
        );
    }

    #[test]
    fn calls_that_are_being_typed() {
        let text = "docker_build('b', '.', target=\ndocker_build('c', '.', target='x')";
        assert_eq!(targets(text), [Some("".into()), Some("x".into())]);
        assert_eq!(read(text)[0].target.as_ref().unwrap().spot.range, 30..30);
        let text = "docker_build('b', '.', target='bu\ndocker_build('c', '.', target='x')";
        assert_eq!(targets(text), [Some("bu".into()), Some("x".into())]);
        for (at, _) in text.char_indices() {
            read(&text[..at]);
        }
    }

    #[test]
    fn commands_in_strings() {
        assert_eq!(
            targets("custom_build('x', 'docker build --target a -t $EXPECTED_REF .', ['.'])"),
            [Some("a".into())]
        );
    }
}
