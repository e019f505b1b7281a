//! What there is to read of a word beyond its summary: the Markdown files in `texts`, in sections.

use crate::syntax::Keyword;

/// A file of texts. Its sections start with a `##` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// Of an instruction, before the first section; the sections are its flags and words.
    Instruction(Keyword),
    Mounts,
    Directives,
    Arguments,
    Words,
}

impl Texts {
    fn file(self) -> &'static str {
        match self {
            Texts::Instruction(keyword) => match keyword {
                Keyword::Add => include_str!("texts/add.md"),
                Keyword::Arg => include_str!("texts/arg.md"),
                Keyword::Cmd => include_str!("texts/cmd.md"),
                Keyword::Copy => include_str!("texts/copy.md"),
                Keyword::Entrypoint => include_str!("texts/entrypoint.md"),
                Keyword::Env => include_str!("texts/env.md"),
                Keyword::Expose => include_str!("texts/expose.md"),
                Keyword::From => include_str!("texts/from.md"),
                Keyword::Healthcheck => include_str!("texts/healthcheck.md"),
                Keyword::Label => include_str!("texts/label.md"),
                Keyword::Maintainer => include_str!("texts/maintainer.md"),
                Keyword::Onbuild => include_str!("texts/onbuild.md"),
                Keyword::Run => include_str!("texts/run.md"),
                Keyword::Shell => include_str!("texts/shell.md"),
                Keyword::StopSignal => include_str!("texts/stopsignal.md"),
                Keyword::User => include_str!("texts/user.md"),
                Keyword::Volume => include_str!("texts/volume.md"),
                Keyword::Workdir => include_str!("texts/workdir.md"),
                Keyword::Unknown => "",
            },
            Texts::Mounts => include_str!("texts/mounts.md"),
            Texts::Directives => include_str!("texts/directives.md"),
            Texts::Arguments => include_str!("texts/arguments.md"),
            Texts::Words => include_str!("texts/words.md"),
        }
    }

    /// What stands before the first section; `None` if nothing does.
    pub fn introduction(self) -> Option<String> {
        unwrapped(self.file().lines().take_while(|line| !line.starts_with("## ")))
    }

    /// What stands below `## heading`; `None` if there is no such section.
    pub fn section(self, heading: &str) -> Option<String> {
        let mut lines = self.file().lines();
        lines.find(|line| line.strip_prefix("## ") == Some(heading))?;
        unwrapped(lines.take_while(|line| !line.starts_with("## ")))
    }
}

/// The lines, with those of a paragraph joined: some clients break where the Markdown does.
fn unwrapped<'a>(lines: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut text = String::new();
    let mut fenced = false;
    for line in lines {
        let is_fence = line.starts_with("```");
        let is_numbered = line.split_once(". ").is_some_and(|(number, _)| number.parse::<u8>().is_ok());
        let starts = is_fence || line.starts_with("- ") || is_numbered;
        let goes_on = !fenced && !starts && !line.is_empty() && !text.is_empty() && !text.ends_with("\n\n");
        if goes_on {
            text.pop();
            text.push(' ');
        }
        text.push_str(if fenced || is_fence { line } else { line.trim_start() });
        text.push('\n');
        fenced ^= is_fence;
    }
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        document::Document,
        language::instructions::INSTRUCTIONS,
        rules::{self, Severity},
    };

    #[test]
    fn paragraphs_are_one_line_and_examples_stay() {
        let lines = ["a", "b", "", "- c", "  d", "- e", "", "```sh", "f", "  g", "```", ""];
        assert_eq!(unwrapped(lines.into_iter()).as_deref(), Some("a b\n\n- c d\n- e\n\n```sh\nf\n  g\n```"));
        assert_eq!(unwrapped(["", ""].into_iter()), None);
    }

    /// Examples are what people copy.
    #[test]
    fn nothing_is_wrong_with_any_example() {
        let all = INSTRUCTIONS.map(|(keyword, _)| Texts::Instruction(keyword)).into_iter();
        let others = [Texts::Mounts, Texts::Directives, Texts::Arguments, Texts::Words];
        let files = all.chain(others).map(Texts::file);
        let mut count = 0;
        for example in files.flat_map(|file| file.split("```dockerfile\n").skip(1)) {
            let example = example.split("```").next().unwrap_or_default();
            let is_copying = example.contains("from=build") && !example.contains("AS build");
            let above = if is_copying { "FROM me/tools:1 AS build\n" } else { "" };
            let text = match example {
                _ if example.contains("FROM ") => format!("{above}{example}"),
                _ if example.starts_with("# ") => format!("{example}FROM me/app:1\n"),
                _ => format!("{above}FROM me/app:1\n{example}"),
            };
            let found = rules::check(&Document::open(&text, 1)).into_iter();
            let wrong = found.filter(|it| matches!(it.severity, Severity::Error | Severity::Warning));
            let wrong: Vec<String> = wrong.map(|it| it.message).collect();
            assert!(wrong.is_empty(), "{example}{wrong:?}");
            count += 1;
        }
        assert!(count > 30, "{count}");
    }

    #[test]
    fn sections_end_at_the_next() {
        let copy = Texts::Instruction(Keyword::Copy);
        assert!(copy.introduction().is_some_and(|text| !text.contains("##")));
        assert!(copy.section("--from").is_some_and(|text| text.contains("registry") && !text.contains("##")));
        assert_eq!(copy.section("--nothing"), None);
    }
}
