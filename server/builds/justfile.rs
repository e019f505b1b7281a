//! Recipes of just.

use std::{ops::Range, path::Path, sync::Arc};

use super::{
    Files, Found, Quoting, Spot, Value,
    command::{self, Cwd, Dialect, Script, Variables},
    script::shebang,
};

/// What the recipes of a justfile have built.
pub fn builds(path: &Path, files: &dyn Files) -> Found {
    let Some(text) = files.read(path).filter(|text| command::may_build(text)) else {
        return Found::default();
    };
    let file: Arc<Path> = Arc::from(path);
    let own = path.parent().map(Path::to_owned).unwrap_or_default();
    let cwd = match ["working-directory", "no-cd"].iter().any(|word| text.contains(word)) {
        true => Cwd::likely([own], "the file changes the folder of its recipes"),
        false => Cwd::certain(own),
    };
    let (recipes, assigned) = recipes(&text);
    let variables = variables(&text, &assigned, &file);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut found = Found::default();
    for recipe in recipes.iter().filter(|recipe| command::may_build(&text[recipe.body.clone()])) {
        let mut variables = variables.clone();
        for (name, default) in parameters(&text, recipe.header.clone()) {
            variables.remove(name);
            if let Some((range, quoting)) = default {
                let value = Value::literal(&text[range.clone()], Spot::new(&file, range), quoting);
                variables.insert(name.to_owned(), value);
            }
        }
        let title = format!("recipe `{}` of {name}", recipe.name);
        let script = Script {
            file: &file,
            text: &text,
            place: &Some,
            range: 0..text.len(),
            dialect: Dialect::Just,
            cwd: cwd.clone(),
            variables: &variables,
            title: Some(&title),
        };
        for range in scripts(&text, recipe.body.clone()) {
            found.builds.extend(command::plain(&text, range, &script, files).builds);
        }
    }
    found
}

struct Recipe<'a> {
    name: &'a str,
    /// Its first line, in bytes of the file.
    header: Range<usize>,
    /// The indented lines below.
    body: Range<usize>,
}

/// The recipes, and the lines with assignments.
fn recipes(text: &str) -> (Vec<Recipe<'_>>, Vec<Range<usize>>) {
    let (mut recipes, mut assigned): (Vec<Recipe>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let is_body = line.starts_with([' ', '\t']) || line.trim().is_empty();
        if is_body {
            if let Some(recipe) = recipes.last_mut()
                && recipe.body.end == start
            {
                recipe.body.end = at;
            }
            continue;
        }
        let content = line.trim_end();
        if content.starts_with(['#', '[']) {
            continue;
        }
        if content.contains(":=") && !content.starts_with("alias ") {
            assigned.push(start..start + content.len());
            continue;
        }
        let header = content.trim_start_matches('@');
        let len =
            header.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte)).count();
        if len > 0 && header.contains(':') {
            recipes.push(Recipe { name: &header[..len], header: start..start + content.len(), body: at..at });
        }
    }
    (recipes, assigned)
}

/// The parts of a body that a shell gets at once: all of it behind `#!`, else each line with those that it is joined to.
fn scripts(text: &str, body: Range<usize>) -> Vec<Range<usize>> {
    let content = &text[body.clone()];
    if content.trim_start().starts_with("#!") {
        return shebang(content.trim_start()).map(|_| body).into_iter().collect();
    }
    let mut scripts: Vec<Range<usize>> = Vec::new();
    let (mut at, mut goes_on) = (body.start, false);
    for line in content.split_inclusive('\n') {
        let start = at + line.len() - line.trim_start_matches([' ', '\t', '@', '-']).len();
        at += line.len();
        match scripts.last_mut() {
            Some(last) if goes_on => last.end = at,
            _ => scripts.push(start..at),
        }
        goes_on = line.trim_end_matches(['\n', '\r']).ends_with('\\');
    }
    scripts
}

/// `name := 'value'`, once for each name.
fn variables(text: &str, assigned: &[Range<usize>], file: &Arc<Path>) -> Variables {
    let mut variables = Variables::new();
    for range in assigned {
        let line = &text[range.clone()];
        let Some((name, value)) = line.split_once(":=") else { continue };
        let name = name.trim();
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        let start = range.end - value.trim_start().len();
        let Some((range, quoting)) = literal(text, start..range.end) else { continue };
        variables
            .insert(name.to_owned(), Value::literal(&text[range.clone()], Spot::new(file, range), quoting));
    }
    variables
}

/// Where the inner text of a string stands, and how another would be written there.
type Literal = (Range<usize>, Quoting);

/// A string of just, as its inner text.
fn literal(text: &str, range: Range<usize>) -> Option<Literal> {
    let written = text[range.clone()].trim_end();
    let quote = written.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = written.get(1..)?.strip_suffix(quote)?;
    if inner.contains(['\'', '"', '\\']) {
        return None;
    }
    let range = range.start + 1..range.start + 1 + inner.len();
    Some((range, if quote == '"' { Quoting::ShellDouble } else { Quoting::ShellSingle }))
}

/// The parameters of a recipe with the defaults that are literals.
fn parameters(text: &str, header: Range<usize>) -> Vec<(&str, Option<Literal>)> {
    let line = &text[header.clone()];
    let mut parameters = Vec::new();
    let mut at = 0;
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut quote = None;
    for (end, c) in line.char_indices().chain([(line.len(), ':')]) {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ' ' | '\t' | ':') => {
                words.push(at..end);
                at = end + c.len_utf8();
                if c == ':' {
                    break;
                }
            }
            _ => {}
        }
    }
    for word in words.into_iter().skip(1).filter(|word| !word.is_empty()) {
        let content = line[word.clone()].trim_start_matches(['+', '*', '$']);
        let start = header.start + word.end;
        match content.split_once('=') {
            Some((name, value)) => parameters.push((name, literal(text, start - value.len()..start))),
            None => parameters.push((content, None)),
        }
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::files::Memory;

    fn targets(text: &str) -> Vec<String> {
        let found = builds("/project/justfile".as_ref(), &Memory::new(&[("justfile", text)]));
        for value in
            found.builds.iter().filter_map(|build| build.target.as_ref()).filter(|value| value.is_literal())
        {
            assert_eq!(text.get(value.spot.range.clone()), value.text.as_deref());
        }
        found.builds.iter().filter_map(|build| build.target.clone()?.text).collect()
    }

    #[test]
    fn recipes_are_read_line_by_line() {
        let text = "t := 'dev'\n\n# docker build --target no .\nimage: other\n    @docker build \\\n      --target a .\n    docker build --target {{t}} .\n\
                    \nother x='b' y=\"c\":\n  docker build --target {{ x }} .\n  docker build --target {{y}} .\n";
        assert_eq!(targets(text), ["a", "dev", "b", "c"]);
    }

    #[test]
    fn scripts_in_recipes() {
        assert_eq!(targets("a:\n  #!/usr/bin/env bash\n  T=x\n  docker build --target $T .\n"), ["x"]);
        assert!(targets("a:\n  #!/usr/bin/env python\n  docker build --target $T .\n").is_empty());
    }

    #[test]
    fn a_parameter_hides_a_variable() {
        assert!(targets("t := 'dev'\na t:\n  docker build --target {{t}} .\n").is_empty());
        assert_eq!(targets("a:\n  docker build --target x").len(), 1);
    }
}
