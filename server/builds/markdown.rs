//! Commands in the code blocks of Markdown.

use std::{ops::Range, path::Path, sync::Arc};

use super::{
    Files, Found,
    command::{self, Cwd, Dialect, Script, Variables},
};

/// What the commands of a Markdown file have built.
pub fn builds(path: &Path, files: &dyn Files) -> Found {
    let Some(text) = files.read(path).filter(|text| command::may_build(text)) else {
        return Found::default();
    };
    let file: Arc<Path> = Arc::from(path);
    let own = path.parent().map(Path::to_owned).unwrap_or_default();
    let script = Script {
        file: &file,
        text: &text,
        place: &Some,
        range: 0..text.len(),
        dialect: Dialect::Console,
        cwd: Cwd::likely([own, files.root(path)], "a text does not say in which folder a command is called"),
        variables: &Variables::new(),
        title: None,
    };
    let mut found = Found::default();
    for (dialect, range) in fences(&text) {
        let script = Script { dialect, ..script.clone() };
        found.builds.extend(command::plain(&text, range, &script, files).builds);
    }
    found
}

/// The insides of code blocks that may be commands. One that is not closed goes on to the end, as CommonMark has it.
fn fences(text: &str) -> Vec<(Dialect, Range<usize>)> {
    let mut fences = Vec::new();
    let mut open: Option<(&str, Option<Dialect>, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        // Blocks in lists are indented, and those in quotes marked.
        let trimmed = line.trim_start_matches([' ', '\t', '>']).trim_end();
        let Some(mark) = mark(trimmed) else { continue };
        let info = trimmed[mark.len()..].trim();
        match open {
            None if info.contains('`') => {}
            None => open = Some((mark, dialect(info), at)),
            Some((other, dialect, inside)) => {
                if info.is_empty() && mark.starts_with(other) {
                    fences.extend(dialect.map(|dialect| (dialect, inside..start)));
                    open = None;
                }
            }
        }
    }
    if let Some((_, Some(dialect), inside)) = open {
        fences.push((dialect, inside..text.len()));
    }
    fences
}

/// The backticks or tildes at the beginning of a line, if there are three.
fn mark(line: &str) -> Option<&str> {
    let sign = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let len = line.len() - line.trim_start_matches(sign).len();
    (len >= 3).then(|| &line[..len])
}

/// How a block of that language is read, if it may have commands.
fn dialect(info: &str) -> Option<Dialect> {
    let info = info.trim_start_matches(['{', '.']);
    let language = info.split([' ', ',', '}', '{', '\t']).next().unwrap_or("").to_ascii_lowercase();
    match language.as_str() {
        "" | "sh" | "bash" | "shell" | "console" | "zsh" | "shell-session" | "sh-session"
        | "shellsession" | "terminal" | "text" => Some(Dialect::Console),
        "powershell" | "pwsh" | "ps1" => Some(Dialect::PowerShell),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::{Certainty, Dockerfile, files::Memory};

    fn targets(text: &str) -> Vec<String> {
        let found = builds("/project/docs/a.md".as_ref(), &Memory::new(&[("docs/a.md", text)]));
        for build in &found.builds {
            let target = build.target.as_ref().unwrap();
            assert_eq!(text.get(target.spot.range.clone()), target.text.as_deref());
            let Dockerfile::Local(local) = &build.dockerfile else { panic!() };
            assert_eq!(local.certainty, Certainty::Likely);
        }
        found.builds.iter().filter_map(|build| build.target.clone()?.text).collect()
    }

    #[test]
    fn commands_stand_in_code_blocks() {
        let text = "docker build --target no .\n```sh\ndocker build --target a .\n```\n\
                    ```yaml\ndocker build --target no .\n```\n- x\n  ~~~console\n  $ docker build \\\n> --target b .\n  ~~~\n\
                    ```\n# docker build --target c .\r\n```\ndocker build --target no .\n````bash\n```\ndocker build --target d .";
        assert_eq!(targets(text), ["a", "b", "c", "d"]);
    }

    #[test]
    fn placeholders_are_no_names() {
        assert!(targets("```\ndocker build --target <stage> .\ndocker build --target [x] .\n```").is_empty());
    }

    #[test]
    fn a_folder_of_a_clone_may_be_the_root() {
        let text = "```sh\ngit clone x && cd x\ndocker build --target a .\n```";
        let found = builds("/project/a.md".as_ref(), &Memory::new(&[("a.md", text)]));
        let Dockerfile::Local(local) = &found.builds[0].dockerfile else { panic!() };
        assert_eq!(local.guesses[1][0], Path::new("/project/Dockerfile"));
    }
}
