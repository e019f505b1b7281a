//! Where settings come from: files called `dockerfile-ls.toml`, and what an editor sends.
//!
//! Each source becomes a [`Layer`]; of two that set the same key the later counts. What can't be used is complained about,
//! and the rest counts.

mod file;
mod json;

use std::{borrow::Cow, fmt};

use crate::{
    rules::{is_known, nearest_rule, rule_index},
    settings::{InlayHint, Level, Settings},
};
pub use file::{FILE, Files};
pub use json::{SECTION, from_json};

/// What one source sets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layer {
    /// By the index of the rule.
    levels: Vec<(usize, Level)>,
    /// Whether hints of a kind are shown.
    inlay_hints: Vec<(InlayHint, bool)>,
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
    for layer in layers {
        layer.levels.iter().for_each(|(rule, level)| settings.levels.set(*rule, *level));
        layer.inlay_hints.iter().for_each(|(kind, shown)| settings.inlay_hints.set(*kind, *shown));
    }
    settings
}

/// A value as a source has it.
#[derive(Debug)]
enum Value {
    Text(String),
    Truth(bool),
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
            Value::Truth(_) => "a truth value",
            Value::Table(_) => "a table",
            Value::Other(kind) => kind,
        }
    }
}

/// How a source writes names of several words. Each takes the other's as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// `inlay-hints`
    Kebab,
    /// `inlayHints`
    Camel,
}

impl Spelling {
    /// A name in kebab case as this source writes it.
    fn of(self, name: &str) -> Cow<'_, str> {
        let mut words = name.split('-');
        match self {
            Spelling::Kebab => name.into(),
            Spelling::Camel => {
                let first = words.next().unwrap_or_default().to_owned();
                let upper = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
                words.fold(first, |name, word| name + &upper(word)).into()
            }
        }
    }

    /// Whether `key` is a way to write this name.
    fn is(key: &str, name: &str) -> bool {
        key == name || key == Spelling::Camel.of(name)
    }
}

const RULES: &str = "rules";
const INLAY_HINTS: &str = "inlay-hints";

impl Layer {
    fn read(entries: Vec<Entry>, spelling: Spelling) -> Layer {
        let mut layer = Layer::default();
        for Entry { key, line, value } in entries {
            let kind = value.kind();
            let message = match value {
                Value::Table(rules) if key == RULES => {
                    rules.into_iter().for_each(|entry| layer.rule(entry));
                    continue;
                }
                Value::Table(hints) if Spelling::is(&key, INLAY_HINTS) => {
                    hints.into_iter().for_each(|entry| layer.inlay_hint(&key, entry, spelling));
                    continue;
                }
                _ if key == RULES => {
                    format!("`rules` has to be a table of rules and their severities, not {kind}")
                }
                _ if Spelling::is(&key, INLAY_HINTS) => {
                    format!("`{key}` has to be a table of kinds of hints, each true or false, not {kind}")
                }
                _ => {
                    let groups = listed([RULES, INLAY_HINTS].map(|name| spelling.of(name)));
                    format!("there is no setting `{key}`; there are {groups}")
                }
            };
            layer.complain(line, message);
        }
        layer
    }

    fn inlay_hint(&mut self, group: &str, Entry { key, line, value }: Entry, spelling: Spelling) {
        let known = InlayHint::NAMES.into_iter().find(|(name, _)| Spelling::is(&key, name));
        let message = match (known, value) {
            (Some((_, kind)), Value::Truth(shown)) => return self.inlay_hints.push((kind, shown)),
            (Some(_), Value::Text(text)) => {
                format!("`{group}.{key}` has to be true or false, not \"{text}\"")
            }
            (Some(_), value) => format!("`{group}.{key}` has to be true or false, not {}", value.kind()),
            (None, _) => {
                let kinds = listed(InlayHint::NAMES.map(|(name, _)| spelling.of(name)));
                format!("there is no setting `{group}.{key}`; there are {kinds}")
            }
        };
        self.complain(line, message);
    }

    fn rule(&mut self, Entry { key, line, value }: Entry) {
        let levels = || listed(Level::NAMES.map(|(name, _)| name));
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

fn listed(words: impl IntoIterator<Item = impl fmt::Display>) -> String {
    words.into_iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}
