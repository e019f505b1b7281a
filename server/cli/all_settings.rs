//! `settings`: all that can be set up, as a list, as a JSON schema, and as the page in `docs/settings.md`.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use clap::{Args, ValueEnum};

use super::{Outcome, print};
use crate::{
    configuration::{
        FILE, SECTION, Spelling,
        json_schema::{default, json_schema},
        schema::{GROUPS, Group, Keys, Kind, Setting},
    },
    settings::Level,
};

const AFTER_HELP: &str = "\
Examples:
  dockerfile-ls settings
  dockerfile-ls settings --format json-schema > dockerfile-ls.schema.json
  dockerfile-ls settings --format json-schema --editor      as editors write their names: inlayHints";

/// List what can be set in a dockerfile-ls.toml and in the settings of an editor
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write names as the settings of an editor do
    #[arg(long)]
    editor: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// The page in docs/settings.md
    Markdown,
    /// What programs check and complete settings with
    JsonSchema,
}

pub fn run(arguments: &Arguments) -> Outcome {
    let spelling = if arguments.editor { Spelling::Camel } else { Spelling::Kebab };
    print(|out| match arguments.format {
        Format::Text => list(out, spelling),
        Format::Markdown => out.write_all(page().as_bytes()),
        Format::JsonSchema => {
            serde_json::to_writer_pretty(&mut *out, &json_schema(spelling))?;
            writeln!(out)
        }
    })
}

fn list(out: &mut dyn Write, spelling: Spelling) -> io::Result<()> {
    let mut rows: Vec<(String, String, &str)> = Vec::new();
    for group in &GROUPS {
        let name = spelling.of(group.name);
        match group.keys {
            Keys::Rules => rows.push((format!("{name}.RULE"), String::new(), group.summary)),
            Keys::Settings(settings) => rows.extend(settings.iter().map(|setting| {
                (
                    format!("{name}.{}", spelling.of(setting.name)),
                    default(setting).to_string(),
                    setting.meaning,
                )
            })),
        }
    }
    let width = |column: fn(&(String, String, &str)) -> usize| rows.iter().map(column).max().unwrap_or(0);
    let (names, defaults) = (width(|row| row.0.len()), width(|row| row.1.len()));
    for (name, default, meaning) in &rows {
        writeln!(out, "{name:names$}  {default:defaults$}  {meaning}")?;
    }
    Ok(())
}

/// What `docs/settings.md` holds.
fn page() -> String {
    let mut text = format!(
        "\
<!-- Made from server/configuration/schema.rs by `cargo run -- settings --format markdown > docs/settings.md`. -->
# Settings

For a team, a `{FILE}` beside the Dockerfile or in a folder above it; the nearest counts. The editor looks no further than its
workspace, the command line up to the root.

```toml
[rules]
stage-outside-default-build = \"off\"

[inlay-hints]
stage-numbers = false
```

For yourself, the same in the settings of your editor, where they win over the file key by key: in `initializationOptions`, in
`workspace/didChangeConfiguration`, or in the answer to `workspace/configuration`, of which the later in this list wins; below `{SECTION}`
or as they are.

```json
{{\"{SECTION}\": {{\"rules\": {{\"stage-outside-default-build\": \"off\"}}, \"inlayHints\": {{\"stageNumbers\": false}}}}}}
```

`inlay-hints` and `inlayHints`, and so on, are the same. What can't be used is named, with what was probably meant; the rest counts.
Changes count at once, those of a file when the editor tells of them or saves any file.

`dockerfile-ls settings --format json-schema` writes the JSON schema for `{FILE}`, and with `--editor` the one for settings of an editor.
"
    );
    for group in &GROUPS {
        let _ = write!(text, "\n## `{}`\n\n{}.\n", group.name, group.summary);
        match group.keys {
            Keys::Rules => {
                let levels: Vec<_> = Level::NAMES.iter().map(|(name, _)| format!("`\"{name}\"`")).collect();
                let _ = write!(
                    text,
                    "\nEach is one of {}. [These are the rules](rules/README.md).\n",
                    levels.join(", ")
                );
            }
            Keys::Settings(settings) => table(&mut text, group, settings),
        }
    }
    text
}

fn table(text: &mut String, group: &Group, settings: &[Setting]) {
    let editor = Spelling::Camel.of(group.name);
    if group.is_switch() {
        let _ = write!(text, "`{0} = false` switches all of them off, `{0} = true` on.\n", group.name);
    }
    text.push_str("\n| setting | in an editor | default | meaning |\n|---|---|---|---|\n");
    for setting in settings {
        let (name, camel) = (setting.name, Spelling::Camel.of(setting.name));
        let _ =
            write!(text, "| `{name}` | `{editor}.{camel}` | `{}` | {}", default(setting), setting.meaning);
        match &setting.kind {
            Kind::Switch(_) => {}
            Kind::Number(range, _) => {
                let _ = write!(text, "; from {} to {}", range.start(), range.end());
            }
            Kind::Choice(choices) => {
                let choices: Vec<_> =
                    choices.iter().map(|it| format!("`\"{}\"`: {}", it.name, it.meaning)).collect();
                let _ = write!(text, "; {}", choices.join("; "));
            }
        }
        text.push_str(" |\n");
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_page_is_that_of_the_settings() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
        let there = std::fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
        assert!(
            there == page(),
            "docs/settings.md is out of date: run `cargo run -- settings --format markdown > docs/settings.md`"
        );
    }
}
