//! Where settings come from: files called `dockerfile-ls.toml`, and what an editor sends.
//!
//! Each source becomes a [`Layer`]; of two that set the same key the later counts. What can't be used is complained about,
//! and the rest counts.

mod file;
mod json;

use std::fmt;

use crate::{
    rules::{is_known, nearest_rule, rule_index},
    settings::{Level, Settings},
};
pub use file::{FILE, Files};
pub use json::{SECTION, from_json};

/// What one source sets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layer {
    /// By the index of the rule.
    levels: Vec<(usize, Level)>,
    /// What could not be used.
    pub complaints: Vec<Complaint>,
}

/// Something in a source that can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// From 1, in a file.
    pub line: Option<usize>,
    /// A sentence without its full stop.
    pub message: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// The settings that some sources add up to, the strongest last.
pub fn settings<'a>(layers: impl IntoIterator<Item = &'a Layer>) -> Settings {
    let mut settings = Settings::default();
    for (rule, level) in layers.into_iter().flat_map(|layer| &layer.levels) {
        settings.levels.set(*rule, *level);
    }
    settings
}

/// A value as a source has it.
#[derive(Debug)]
enum Value {
    Text(String),
    Table(Vec<Entry>),
    /// Anything else, by its name.
    Other(&'static str),
}

#[derive(Debug)]
struct Entry {
    key: String,
    /// From 1, in a file.
    line: Option<usize>,
    value: Value,
}

impl Value {
    fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "text",
            Value::Table(_) => "a table",
            Value::Other(kind) => kind,
        }
    }
}

/// The groups of settings.
const GROUPS: [&str; 1] = ["rules"];

impl Layer {
    fn read(entries: Vec<Entry>) -> Layer {
        let mut layer = Layer::default();
        for Entry { key, line, value } in entries {
            match (key.as_str(), value) {
                ("rules", Value::Table(rules)) => rules.into_iter().for_each(|entry| layer.rule(entry)),
                ("rules", value) => {
                    let kind = value.kind();
                    layer.complain(
                        line,
                        format!("`rules` has to be a table of rules and their severities, not {kind}"),
                    );
                }
                _ => {
                    layer.complain(line, format!("there is no setting `{key}`; there is {}", listed(&GROUPS)))
                }
            }
        }
        layer
    }

    fn rule(&mut self, Entry { key, line, value }: Entry) {
        let levels = || listed(&Level::NAMES.map(|(name, _)| name));
        let index = rule_index(&key);
        if !is_known(&key) {
            let near = nearest_rule(&key, |_| true);
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return self.complain(line, format!("there is no rule `{key}`{near}"));
        }
        let Value::Text(text) = &value else {
            return self.complain(
                line,
                format!("`rules.{key}` has to be one of {}, not {}", levels(), value.kind()),
            );
        };
        let Some((_, level)) = Level::NAMES.into_iter().find(|(name, _)| name == text) else {
            return self
                .complain(line, format!("`rules.{key}` has to be one of {}, not \"{text}\"", levels()));
        };
        // One of BuildKit's checks that are not made here is as good as off.
        self.levels.extend(index.map(|index| (index, level)));
    }

    fn complain(&mut self, line: Option<usize>, message: String) {
        self.complaints.push(Complaint { line, message });
    }
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}
