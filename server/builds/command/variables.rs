//! What the words of a script come to: variables with one assignment, defaults, well-known folders.

use std::{cell::Cell, collections::HashMap};

use super::{Script, heads};
use crate::builds::{
    Certainty, Files, Quoting, Value,
    words::{Command, Item, Kind, Part, Word},
};

/// The variables of a script: those with one known assignment have a value.
pub struct Scope<'a> {
    pub script: &'a Script<'a>,
    files: &'a dyn Files,
    assigned: HashMap<String, Option<Value>>,
    /// The words of arrays: `NAME=(…)` and all that `NAME+=(…)` adds, whatever the condition.
    arrays: HashMap<String, Vec<Word>>,
    /// How many of them may still be put into a command.
    left: Cell<usize>,
    /// Of the script that calls this one with `sh -c`.
    outer: Option<&'a Scope<'a>>,
}

/// So many words of arrays are put into the commands of a script, all told.
const MAX_WORDS: usize = 1 << 16;

const FROM_VARIABLE: &str = "the only value of a variable";
const FROM_DEFAULT: &str = "the default of a variable";

impl<'a> Scope<'a> {
    /// Reads all assignments.
    pub fn new(
        script: &'a Script<'a>,
        items: &[Item],
        files: &'a dyn Files,
        outer: Option<&'a Scope<'a>>,
    ) -> Scope<'a> {
        let mut scope = Scope {
            script,
            files,
            assigned: HashMap::new(),
            arrays: HashMap::new(),
            left: Cell::new(MAX_WORDS),
            outer,
        };
        for (at, item) in items.iter().enumerate() {
            let Item::Command(command) = item else { continue };
            scope.assignments(command);
            if items.get(at + 1) == Some(&Item::Open) {
                scope.array(command, &items[at + 2..]);
            }
        }
        scope
    }

    /// Reads an array, which looks like an assignment of nothing in front of a subshell.
    fn array(&mut self, command: &Command, items: &[Item]) {
        let Some(last) = command.words.last() else { return };
        let known = last.known();
        if heads::assignment(last) != Some(known.len().saturating_sub(1))
            || self.script.text.as_bytes().get(last.range.end) != Some(&b'(')
        {
            return;
        }
        let name = known.trim_end_matches(['+', '=']).to_owned();
        let words = items.iter().map_while(|item| match item {
            Item::Command(command) => Some(command.words.iter().cloned()),
            // A substitution among the words is one of them that is not known.
            Item::Open | Item::Close => None,
        });
        let words: Vec<Word> = words.flatten().collect();
        self.arrays.entry(name).or_default().extend(words);
    }

    /// The words with those of arrays in their places, and whether there are some: `"${NAME[@]}"`.
    pub fn spread(&self, words: &[Word]) -> (Vec<Word>, bool) {
        let mut all = Vec::with_capacity(words.len());
        let mut has_some = false;
        for word in words {
            let source = self.script.text.get(word.range.clone()).unwrap_or_default();
            let inner = source.trim_matches('"').strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            let name = inner.and_then(|inner| inner.strip_suffix("[@]").or(inner.strip_suffix("[*]")));
            let words = name.and_then(|name| self.arrays.get(name));
            match words.and_then(|words| Some((words, self.left.get().checked_sub(words.len())?))) {
                Some((words, left)) => {
                    self.left.set(left);
                    all.extend_from_slice(words);
                    has_some = true;
                }
                None => all.push(word.clone()),
            }
        }
        (all, has_some)
    }

    fn assignments(&mut self, command: &Command) {
        let words = command.words.as_slice();
        let Some(first) = words.first() else { return };
        // PowerShell: `$X = "…"`.
        if let ([Part { kind: Kind::Variable { name, .. }, .. }], Some(sign)) =
            (first.parts.as_slice(), words.get(1))
            && sign.is("=")
        {
            let value = words.get(2).filter(|_| words.len() == 3).and_then(|word| self.fixed(word));
            return self.assign(name.clone(), value);
        }
        let keyword = first.text().unwrap_or_default();
        let declares =
            ["export", "local", "readonly", "declare", "typeset", "set"].contains(&keyword.as_str());
        let is_only = words.iter().all(|word| heads::assignment(word).is_some());
        if declares || is_only {
            for word in words {
                let Some(at) = heads::assignment(word) else { continue };
                let known = word.known();
                let name = known[..at].trim_end_matches('+');
                let value =
                    (name.len() == at).then(|| self.fixed(&word.slice(at + 1..known.len()))).flatten();
                self.assign(name.to_owned(), value);
            }
        }
        // A variable of a loop, or of what somebody types.
        if ["for", "select", "read", "unset"].contains(&keyword.as_str()) {
            let names = if keyword == "for" || keyword == "select" {
                &words[1..words.len().min(2)]
            } else {
                &words[1..]
            };
            for name in names {
                self.assigned.insert(name.known(), None);
            }
        }
    }

    fn assign(&mut self, name: String, value: Option<Value>) {
        let is_first = !self.assigned.contains_key(&name);
        self.assigned.insert(name, value.filter(|_| is_first));
    }

    /// What a word is when it is assigned, if that is the same each time.
    fn fixed(&self, word: &Word) -> Option<Value> {
        let value = self.path(word);
        value.text.is_some().then_some(value)
    }

    /// The value of a word: a literal, or all of it one variable. If a variable is only a part of it, nothing is known.
    pub fn value(&self, word: &Word) -> Value {
        let (file, all) = (self.script.file, &self.script.range);
        if let Some(value) = word.literal(file, all) {
            return value;
        }
        let unknown = |why| Value::unknown(word.spot(file, all), why);
        match word.parts.as_slice() {
            [Part { kind: Kind::Variable { .. }, .. }] => {}
            [Part { kind: Kind::Unknown(why), .. }] => return unknown(why),
            [_] => return unknown("it stands for other texts"),
            _ => return unknown("a part of it is not known"),
        }
        self.variable(&word.parts[0]).unwrap_or_else(|| unknown("a variable whose value is not known"))
    }

    /// The same for a path, where parts may be variables.
    pub fn path(&self, word: &Word) -> Value {
        let value = self.value(word);
        if value.text.is_some() {
            return value;
        }
        let (file, all) = (self.script.file, &self.script.range);
        let computed = |text: String| {
            Value::computed(text, word.spot(file, all), Certainty::Likely, "variables are part of it")
        };
        if let Some(folder) = self.folder(word) {
            return computed(folder);
        }
        let mut text = String::new();
        for part in &word.parts {
            match &part.kind {
                Kind::Plain(_) | Kind::Escaped => text.push_str(&part.text),
                Kind::Variable { .. } => match self.variable(part).and_then(|value| value.text) {
                    Some(known) => text.push_str(&known),
                    None => return value,
                },
                Kind::Pattern | Kind::Placeholder | Kind::Unknown(_) => return value,
            }
        }
        computed(text)
    }

    fn assigned(&self, name: &str) -> Option<&Option<Value>> {
        self.assigned.get(name).or_else(|| self.outer?.assigned(name))
    }

    fn variable(&self, part: &Part) -> Option<Value> {
        let Kind::Variable { name, default, is_outer } = &part.kind else { return None };
        let assigned = if *is_outer { None } else { self.assigned(name) };
        let known = match assigned {
            Some(assigned) => assigned.clone(),
            None => self.script.variables.get(name).cloned(),
        };
        if let Some(value) = known {
            let why = if value.why.is_empty() { FROM_VARIABLE } else { value.why };
            return Some(Value { certainty: value.certainty.min(Certainty::Likely), why, ..value });
        }
        if let (Some(default), None) = (default, assigned)
            && let Kind::Plain(quoting) = default.kind
        {
            let range = default.place.clone().or(part.place.clone()).unwrap_or(self.script.range.clone());
            let spot = crate::builds::Spot::new(self.script.file, range);
            let quoting: Option<Quoting> = default.place.is_some().then_some(quoting);
            let value = Value::computed(default.text.as_str(), spot, Certainty::Likely, FROM_DEFAULT);
            return Some(Value { quoting, ..value });
        }
        let folder = match name.as_str() {
            "PWD" | "CURDIR" => self.script.cwd.guesses.first()?.clone(),
            "GITHUB_WORKSPACE" | "github.workspace" | "CI_PROJECT_DIR" => self.files.root(self.script.file),
            _ => return None,
        };
        let range = part.place.clone().unwrap_or(self.script.range.clone());
        let spot = crate::builds::Spot::new(self.script.file, range);
        Some(Value::computed(folder.to_str()?, spot, Certainty::Likely, "a folder that is usually this one"))
    }

    /// What the usual ways to say "the folder of this script" or "of the repository" come to.
    fn folder(&self, word: &Word) -> Option<String> {
        let source = self.script.text.get(word.range.clone())?;
        let start = source.find("$(")?;
        let end = source.rfind(')')?;
        let command = source.get(start..end)?;
        let rest = source.get(end + 1..)?.trim_matches('"');
        if rest.contains(['$', '`', '*', '\'', '"']) {
            return None;
        }
        let own = self.script.file.parent()?;
        let root = || self.files.root(self.script.file);
        let folder = if command.contains("rev-parse --show-toplevel") {
            root()
        } else if command.contains("dirname") && (command.contains("$0") || command.contains("BASH_SOURCE")) {
            let up = command.split(['"', ')', ' ']).find_map(|word| word.strip_prefix("/.."));
            own.join(up.map_or(String::new(), |more| format!("..{more}")))
        } else if matches!(command, "$(pwd" | "$(pwd -P") {
            self.script.cwd.guesses.first()?.clone()
        } else {
            return None;
        };
        let path = crate::builds::files::join(&folder, rest.trim_start_matches('/'));
        path.to_str().map(str::to_owned)
    }

    /// The first word of a command, if a variable stands for a program.
    pub fn program(&self, word: &Word) -> Option<String> {
        let [part] = word.parts.as_slice() else { return None };
        self.variable(part).and_then(|value| value.text).filter(|text| !text.trim().is_empty())
    }
}
