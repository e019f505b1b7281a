//! The variables that Compose knows: those of the shell first, then those of `.env`.

use std::{collections::HashMap, path::Path};

use super::{super::Files, model::Environment};

/// What is known of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    Set(String),
    Unset,
    Unknown,
}

#[derive(Debug, Clone)]
pub struct Variables {
    shell: Environment,
    /// `None` for a value that is an expression itself.
    dotenv: HashMap<String, Option<String>>,
}

impl Variables {
    /// The variables of a project in `directory`.
    pub fn of(shell: &Environment, directory: &Path, files: &dyn Files) -> Variables {
        let text = files.read(&directory.join(".env"));
        Variables { shell: shell.clone(), dotenv: text.map(|text| parse(&text)).unwrap_or_default() }
    }

    /// These, with the ones of an included project's `.env` added.
    pub fn with(&self, directory: &Path, files: &dyn Files) -> Variables {
        let mut all = Variables::of(&self.shell, directory, files);
        all.dotenv.extend(self.dotenv.iter().map(|(name, value)| (name.clone(), value.clone())));
        all
    }

    pub fn get(&self, name: &str) -> Variable {
        if let Environment::Exact(shell) = &self.shell
            && let Some(value) = shell.get(name)
        {
            return Variable::Set(value.clone());
        }
        match (self.dotenv.get(name), &self.shell) {
            (Some(Some(value)), _) => Variable::Set(value.clone()),
            (None, Environment::Exact(_)) => Variable::Unset,
            (Some(None), _) | (None, Environment::Unknown) => Variable::Unknown,
        }
    }
}

/// The lines of a `.env` file (compose-go dotenv/parser.go, without values of many lines).
fn parse(text: &str) -> HashMap<String, Option<String>> {
    let mut found = HashMap::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=').filter(|(name, _)| !name.starts_with('#')) else {
            continue;
        };
        found.insert(name.trim_end().to_owned(), value_of(value.trim_start()));
    }
    found
}

fn value_of(written: &str) -> Option<String> {
    if let Some(inner) = written.strip_prefix('\'') {
        return inner.split('\'').next().map(str::to_owned);
    }
    let value = match written.strip_prefix('"') {
        Some(inner) => inner.split('"').next().unwrap_or(inner),
        None if written.starts_with('#') => "",
        None => written.split(" #").next().unwrap_or(written).trim_end(),
    };
    (!value.contains(['$', '\\'])).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_dotenv_file() {
        let found =
            parse("\u{feff}# c=d\nA=1\nexport B = two words # c\nC=\"q #\" x\nD='$x'\nE=$A\nF=\nbare\n");
        let get = |name: &str| found.get(name).cloned();
        assert_eq!(get("A"), Some(Some("1".into())));
        assert_eq!(get("B"), Some(Some("two words".into())));
        assert_eq!(get("C"), Some(Some("q #".into())));
        assert_eq!(get("D"), Some(Some("$x".into())));
        assert_eq!(get("E"), Some(None));
        assert_eq!(get("F"), Some(Some(String::new())));
        assert_eq!(found.len(), 6);
    }
}
