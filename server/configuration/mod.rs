//! Where settings come from: files called `dockerfile-ls.toml`, and what an editor sends.
//!
//! What can be set is a table, [`schema`]. Each source becomes a [`Layer`]; of two that set the same key the later counts.
//! What can't be used is complained about, and the rest counts.

mod file;
mod json;
pub mod json_schema;
pub mod schema;

use std::{borrow::Cow, fmt};

use crate::{
    rules::{is_known, nearest_name, nearest_rule, rule_index},
    settings::{Level, Settings},
};
pub use file::{FILE, Files};
pub use json::{SECTION, from_json};
use schema::{Choice, GROUPS, Group, Keys, Kind, Set, Setting};

/// What one source sets.
#[derive(Debug, Clone, Default)]
pub struct Layer {
    /// By the index of the rule.
    levels: Vec<(usize, Level)>,
    values: Vec<(&'static Setting, Set)>,
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
        layer.values.iter().for_each(|(setting, value)| setting.apply(*value, &mut settings));
    }
    settings
}

/// A value as a source has it.
#[derive(Debug)]
enum Value {
    Text(String),
    Truth(bool),
    /// A whole number.
    Number(i64),
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
    /// As a complaint names it.
    fn shown(&self) -> Cow<'static, str> {
        match self {
            Value::Text(text) => format!("\"{text}\"").into(),
            Value::Truth(_) => "a truth value".into(),
            Value::Number(number) => number.to_string().into(),
            Value::Table(_) => "a table".into(),
            Value::Other(kind) => (*kind).into(),
        }
    }
}

/// How a source writes names of several words. Each takes the other's as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// `inlay-hints`
    Kebab,
    /// `inlayHints`
    Camel,
}

impl Spelling {
    /// A name in kebab case as this source writes it.
    pub fn of(self, name: &str) -> Cow<'_, str> {
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

impl Layer {
    fn read(entries: Vec<Entry>, spelling: Spelling) -> Layer {
        let mut layer = Layer::default();
        for entry in entries {
            match GROUPS.iter().find(|group| Spelling::is(&entry.key, group.name)) {
                Some(group) => layer.group(group, entry, spelling),
                None => layer.complain(entry.line, no_group(&entry.key, spelling)),
            }
        }
        layer
    }

    fn group(&mut self, group: &'static Group, Entry { key, line, value }: Entry, spelling: Spelling) {
        let expected = match (&group.keys, value) {
            (Keys::Rules, Value::Table(rules)) => {
                return rules.into_iter().for_each(|entry| self.rule(&key, entry));
            }
            (Keys::Settings(settings), Value::Table(entries)) => {
                return entries.into_iter().for_each(|entry| self.setting(&key, settings, entry, spelling));
            }
            (Keys::Settings(settings), Value::Truth(truth)) if group.is_switch() => {
                return self.values.extend(settings.iter().map(|setting| (setting, Set::Truth(truth))));
            }
            (Keys::Rules, value) => ("a table of rules and their severities", value),
            (Keys::Settings(_), value) if group.is_switch() => ("true, false or a table", value),
            (Keys::Settings(_), value) => ("a table", value),
        };
        let (expected, value) = expected;
        self.complain(line, format!("`{key}` has to be {expected}, not {}", value.shown()));
    }

    fn setting(
        &mut self,
        group: &str,
        settings: &'static [Setting],
        Entry { key, line, value }: Entry,
        spelling: Spelling,
    ) {
        let Some(setting) = settings.iter().find(|setting| Spelling::is(&key, setting.name)) else {
            let names: Vec<&str> = settings.iter().map(|setting| setting.name).collect();
            let hint = match nearest_name(&key, names.iter().copied()) {
                Some(near) => format!("did you mean `{}`?", spelling.of(near)),
                None => format!("there are {}", listed(names.iter().map(|name| spelling.of(name)))),
            };
            return self.complain(line, format!("there is no setting `{group}.{key}`; {hint}"));
        };
        match setting.kind.read(&value) {
            Ok(value) => self.values.push((setting, value)),
            Err(expected) => {
                self.complain(line, format!("`{group}.{key}` has to be {expected}, not {}", value.shown()))
            }
        }
    }

    fn rule(&mut self, group: &str, Entry { key, line, value }: Entry) {
        let index = rule_index(&key);
        if !is_known(&key) {
            let near = nearest_rule(&key, |_| true);
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return self.complain(line, format!("there is no rule `{key}`{near}"));
        }
        let level = match &value {
            Value::Text(text) => Level::NAMES.into_iter().find(|(name, _)| name == text),
            Value::Truth(_) | Value::Number(_) | Value::Table(_) | Value::Other(_) => None,
        };
        let Some((_, level)) = level else {
            let levels = listed(Level::NAMES.map(|(name, _)| name));
            let message = format!("`{group}.{key}` has to be one of {levels}, not {}", value.shown());
            return self.complain(line, message);
        };
        // One of BuildKit's checks that are not made here is as good as off.
        self.levels.extend(index.map(|index| (index, level)));
    }

    fn complain(&mut self, line: Option<usize>, message: String) {
        self.complaints.push(Complaint { line, message });
    }
}

impl Kind {
    /// The value that a source gives, or what it would have to be.
    fn read(&self, value: &Value) -> Result<Set, String> {
        match (self, value) {
            (Kind::Switch(_), Value::Truth(truth)) => Ok(Set::Truth(*truth)),
            (Kind::Switch(_), _) => Err("true or false".into()),
            (Kind::Number(range, _), value) => {
                let number = match value {
                    Value::Number(number) => u32::try_from(*number).ok(),
                    Value::Text(_) | Value::Truth(_) | Value::Table(_) | Value::Other(_) => None,
                };
                let number = number.filter(|number| range.contains(number)).map(Set::Number);
                number.ok_or_else(|| format!("a whole number from {} to {}", range.start(), range.end()))
            }
            (Kind::Choice(choices), value) => {
                let is_meant = |choice: &Choice| matches!(value, Value::Text(text) if text == choice.name);
                let index = choices.iter().position(is_meant).map(Set::Choice);
                index.ok_or_else(|| format!("one of {}", listed(choices.iter().map(|it| it.name))))
            }
        }
    }
}

/// The complaint about a key that is no group.
fn no_group(key: &str, spelling: Spelling) -> String {
    let within = |group: &&Group| group.settings().iter().any(|it| Spelling::is(key, it.name));
    let hint = match GROUPS.iter().find(within) {
        Some(group) => format!("did you mean `{}.{key}`?", spelling.of(group.name)),
        None => match nearest_name(key, GROUPS.iter().map(|group| group.name)) {
            Some(near) => format!("did you mean `{}`?", spelling.of(near)),
            None => format!("there are {}", listed(GROUPS.iter().map(|group| spelling.of(group.name)))),
        },
    };
    format!("there is no setting `{key}`; {hint}")
}

fn listed(words: impl IntoIterator<Item = impl fmt::Display>) -> String {
    words.into_iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}
