//! Recipes of make.

use std::{collections::HashMap, ops::Range, path::Path, sync::Arc};

use super::{
    Certainty, Files, Found, Quoting, Spot, Value,
    command::{self, Cwd, Dialect, Script, Variables},
    files::join,
};

/// Values of variables may hold others that deep.
const MAX_DEPTH: usize = 8;

/// A longer value is not worked out.
const MAX_VALUE: usize = 4096;

/// What the recipes of a Makefile have built.
pub fn builds(path: &Path, files: &dyn Files) -> Found {
    let Some(text) = files.read(path).filter(|text| command::may_build(text)) else {
        return Found::default();
    };
    let file: Arc<Path> = Arc::from(path);
    let lines = lines(&text);
    let variables = variables(&text, &lines, &file, &files.root(path));
    let script = Script {
        file: &file,
        text: &text,
        place: &Some,
        range: 0..text.len(),
        dialect: Dialect::Make,
        cwd: cwd(path, files),
        variables: &variables,
        title: None,
    };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut found = Found::default();
    for line in &lines {
        let content = &text[line.range.clone()];
        let has_commands = line.kind == Kind::Recipe || content.contains("$(shell");
        if !has_commands || !command::may_build(content) {
            continue;
        }
        let marks = content.len() - content.trim_start_matches(['@', '-', '+', ' ', '\t']).len();
        let title = line.target.map(|target| format!("recipe `{target}` of {name}"));
        let script = Script { title: title.as_deref(), ..script.clone() };
        let range = line.range.start + marks..line.range.end;
        found.builds.extend(command::plain(&text, range, &script, files).builds);
    }
    found
}

/// make is called in the folder of its file; other files are included from anywhere.
fn cwd(path: &Path, files: &dyn Files) -> Cwd {
    let own = path.parent().map(Path::to_owned).unwrap_or_default();
    let is_main =
        |name: &std::ffi::OsStr| ["Makefile", "makefile", "GNUmakefile"].iter().any(|main| name == *main);
    match path.file_name().is_some_and(is_main) {
        true => Cwd::certain(own),
        false => Cwd::likely([files.root(path), own], "another Makefile may include this one"),
    }
}

/// A line, with those that a backslash joins to it.
struct Line<'a> {
    /// In bytes of the file, without the mark of a recipe and without the last newline.
    range: Range<usize>,
    kind: Kind,
    /// The rule that it belongs to.
    target: Option<&'a str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A command.
    Recipe,
    /// Anything else: an assignment, a rule, a condition.
    Other,
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let (mut at, mut prefix, mut target, mut is_defining) = (0, '\t', None, false);
    while at < text.len() {
        let start = at;
        at = line_end(text, at);
        let range = start..start + text[start..at].trim_end_matches(['\n', '\r']).len();
        let content = &text[range.clone()];
        let first = content.split_ascii_whitespace().next().unwrap_or("");
        if is_defining {
            is_defining = first != "endef";
            lines.push(Line { range, kind: Kind::Recipe, target: None });
            continue;
        }
        if let Some(recipe) = content.strip_prefix(prefix) {
            lines.push(Line { range: range.end - recipe.len()..range.end, kind: Kind::Recipe, target });
            continue;
        }
        is_defining = first == "define" || (first == "override" && content.contains(" define "));
        if let Some((name, _, value)) = assignment(content) {
            if name == ".RECIPEPREFIX" {
                prefix = content[value].chars().next().unwrap_or('\t');
            }
        } else if let Some(colon) = rule(content) {
            let name = content[..colon].trim();
            target = Some(name).filter(|name| !name.contains([' ', '$', '\t', '\n']) && !name.is_empty());
            if let Some(semicolon) = content[colon..].find(';') {
                let start = range.start + colon + semicolon + 1;
                lines.push(Line { range: start..range.end, kind: Kind::Recipe, target });
            }
        }
        lines.push(Line { range, kind: Kind::Other, target: None });
    }
    lines
}

/// Behind the newline that ends a line; one behind a backslash does not.
fn line_end(text: &str, start: usize) -> usize {
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        at += line.len();
        if !line.trim_end_matches(['\n', '\r']).ends_with('\\') {
            break;
        }
    }
    at
}

/// The colon of a rule, outside of variables.
fn rule(line: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            b'#' => return None,
            b':' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

/// The name, the operator, and where the value stands in the line.
fn assignment(line: &str) -> Option<(&str, &str, Range<usize>)> {
    let at = line.find('=')?;
    let before = &line[..at];
    let operator = before.len() - before.trim_end_matches([':', '?', '+', '!']).len();
    let mut name = before[..at - operator].trim();
    while let Some(rest) =
        ["export ", "override ", "private ", "unexport "].iter().find_map(|word| name.strip_prefix(word))
    {
        name = rest.trim_start();
    }
    if name.is_empty() || name.contains([' ', '\t', ':', '#', '$', '(', '\n']) {
        return None;
    }
    let value = &line[at + 1..];
    let start = at + 1 + value.len() - value.trim_start_matches([' ', '\t']).len();
    let value = &line[start..];
    let value = value.find(" #").map_or(value, |comment| &value[..comment]);
    Some((name, &line[at - operator..at], start..start + value.trim_end().len()))
}

/// The variables that are set once, to something known.
fn variables(text: &str, lines: &[Line], file: &Arc<Path>, root: &Path) -> Variables {
    let mut written: HashMap<&str, Option<Range<usize>>> = HashMap::new();
    for line in lines.iter().filter(|line| line.kind == Kind::Other) {
        let content = &text[line.range.clone()];
        if let Some((name, operator, value)) = assignment(content) {
            let range = line.range.start + value.start..line.range.start + value.end;
            let is_only = !written.contains_key(name) && operator != "+" && operator != "!";
            written.insert(name, is_only.then_some(range));
        } else if let Some(name) = content.strip_prefix("define ") {
            written.insert(name.trim(), None);
        } else if let Some(colon) = rule(content)
            && let Some((name, ..)) = assignment(&content[colon + 1..])
        {
            // Of one target only.
            written.insert(name, None);
        }
    }
    let mut variables = Variables::new();
    for (name, range) in &written {
        let Some(range) = range else { continue };
        let spot = Spot::new(file, range.clone());
        let value = &text[range.clone()];
        if !value.contains('$') {
            let is_word = !value.contains([' ', '\t', '\\', '\'', '"', '\n']);
            let literal = Value::literal(value, spot, Quoting::Bare);
            let quoting = literal.quoting.filter(|_| is_word);
            variables.insert((*name).to_owned(), Value { quoting, ..literal });
            continue;
        }
        let known = |name: &str| written.get(name).cloned().flatten().map(|range| &text[range]);
        let own = file.parent().unwrap_or(file);
        if let Some(value) = expanded(value, &known, &|call| folder(call, own, root), 0) {
            let why = "variables are part of it";
            variables.insert((*name).to_owned(), Value::computed(value, spot, Certainty::Likely, why));
        }
    }
    variables
}

/// A value with the variables in it; `None` if one is not known.
fn expanded<'a>(
    value: &str,
    known: &dyn Fn(&str) -> Option<&'a str>,
    folder: &dyn Fn(&str) -> Option<String>,
    depth: usize,
) -> Option<String> {
    if depth == MAX_DEPTH || value.len() > MAX_VALUE {
        return None;
    }
    if let Some(folder) = folder(value) {
        return Some(folder);
    }
    let mut out = String::new();
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let inner = rest[at + 1..].strip_prefix(['(', '{'])?;
        let end = inner.find([')', '}'])?;
        match known(&inner[..end]) {
            Some(value) => out.push_str(&expanded(value, known, folder, depth + 1)?),
            None => out.push_str(&folder(&rest[at..at + end + 3])?),
        }
        if out.len() > MAX_VALUE {
            return None;
        }
        rest = &inner[end + 1..];
    }
    out.push_str(rest);
    Some(out)
}

/// What the usual ways to say "the folder of this Makefile" or "of the repository" come to, with a path behind them.
fn folder(value: &str, own: &Path, root: &Path) -> Option<String> {
    let mut depth = 0usize;
    let end = value.find(|c| {
        depth = match c {
            '(' | '{' => depth + 1,
            ')' | '}' => depth.saturating_sub(1),
            _ => depth,
        };
        depth == 0 && matches!(c, ')' | '}')
    })?;
    let (call, rest) = value.split_at(end + 1);
    if !call.starts_with("$(") && !call.starts_with("${") || rest.contains(['$', ' ']) {
        return None;
    }
    let is_own = matches!(call, "$(CURDIR)" | "${CURDIR}" | "$(PWD)" | "${PWD}" | "$(shell pwd)")
        || (call.contains("MAKEFILE_LIST")
            && (call.contains("$(dir ") || call.contains("dirname "))
            && !call.contains("$(notdir "));
    let folder = match is_own {
        true => own,
        false if call == "$(shell git rev-parse --show-toplevel)" => root,
        false => return None,
    };
    join(folder, rest.trim_start_matches('/')).to_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::{Dockerfile, files::Memory};

    fn read(text: &str) -> Found {
        let found = builds("/project/Makefile".as_ref(), &Memory::new(&[("Makefile", text)]));
        for value in found.builds.iter().filter_map(|build| build.target.as_ref()) {
            if value.is_literal() {
                assert_eq!(text.get(value.spot.range.clone()), value.text.as_deref());
            }
        }
        found
    }

    fn targets(text: &str) -> Vec<String> {
        let known = |build: &crate::builds::Build| build.target.clone()?.text;
        read(text).builds.iter().filter_map(known).collect()
    }

    #[test]
    fn recipes_are_read_line_by_line() {
        let text = "# docker build --target no .\nT ?= dev # x\nimage: deps\n\t@cd x && docker build \\\n\t  --target a .\n\
                    \tdocker build --target $(T) .\nother: ; docker build --target b .\n";
        assert_eq!(targets(text), ["a", "dev", "b"]);
        let found = read(text);
        assert_eq!(found.builds[0].title, "recipe `image` of Makefile");
        let Dockerfile::Local(local) = &found.builds[1].dockerfile else { panic!() };
        assert_eq!(local.guesses[0][0], Path::new("/project/Dockerfile"));
        assert_eq!(local.certainty, Certainty::Certain);
    }

    #[test]
    fn variables_are_worked_out() {
        let text = "DOCKER = docker\nBUILD := $(DOCKER) build -f x/D\na:\n\t$(BUILD) --target a .\n\t$(DOCKER) build --target b .\n\
                    T = x\nT = y\n\t${DOCKER} build --target $(T) .\nL = $(L)\nM = $(M)$(M)\n";
        assert_eq!(targets(text), ["a", "b"]);
        assert!(
            matches!(&read(text).builds[0].dockerfile, Dockerfile::Local(local) if local.guesses[0][0].ends_with("x/D"))
        );
    }

    #[test]
    fn folders_have_their_usual_names() {
        let path = |text: &str| {
            let Dockerfile::Local(local) = read(text).builds.remove(0).dockerfile else { panic!("{text}") };
            local.guesses[0][0].display().to_string()
        };
        let at = "x:\n\tdocker build -f $(D)/a --target t $(D)\n";
        for own in [
            "$(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))",
            "$(shell dirname $(realpath $(firstword $(MAKEFILE_LIST))))",
            "$(CURDIR)",
            "$(shell git rev-parse --show-toplevel)",
        ] {
            assert_eq!(path(&format!("D := {own}\n{at}")), "/project/a", "{own}");
        }
        assert_eq!(path(&format!("D := $(dir $(lastword $(MAKEFILE_LIST)))../b\n{at}")), "/b/a");
        assert_eq!(path(&format!("R := $(shell pwd)\nD = $(R)/b\nE = $(D)\n{at}")), "/project/b/a");
        assert_eq!(path(&format!("D = ${{CURDIR}}/b\n{at}")), "/project/b/a");
        for other in [
            "$(X) $(dir $(lastword $(MAKEFILE_LIST)))",
            "x/$(dir $(lastword $(MAKEFILE_LIST)))",
            "$(CURDIR",
            ")",
        ] {
            let found = read(&format!("D = {other}\n{at}"));
            assert!(
                !matches!(&found.builds[0].dockerfile, Dockerfile::Local(local) if local.guesses[0][0].starts_with("/project/a"))
            );
        }
        assert!(matches!(read(&format!("D = $(X)/b\n{at}")).builds[0].dockerfile, Dockerfile::Unknown(_)));
    }

    #[test]
    fn definitions_functions_and_prefixes() {
        assert_eq!(targets("define x\ndocker build --target a .\nendef\n"), ["a"]);
        assert_eq!(targets("X := $(shell docker build -q --target a .)\n"), ["a"]);
        assert_eq!(targets(".RECIPEPREFIX = >\nx:\n>docker build --target a .\n"), ["a"]);
        assert_eq!(targets("x:\r\n\tdocker build --target a .\r\n"), ["a"]);
        assert_eq!(targets("ifeq ($(A),1)\nx:\n\tdocker build --target a .\n"), ["a"]);
        assert_eq!(read("x:\n\tdocker build --target \ny:\n\tdocker build --target a .\n").builds.len(), 2);
    }
}
