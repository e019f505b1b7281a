//! What a target comes to with what it inherits and what `--set` changes (bake/bake.go, `target`, `newOverrides`, `group`).

use std::{
    cell::Cell,
    collections::{HashMap, HashSet},
    path::Path,
    rc::Rc,
    sync::Arc,
};

use crate::builds::{
    BuildArg, NamedContext,
    value::{Certainty, Spot, Value},
};

use super::{Context, Error, Target, define::Definitions, layer::Layer};

/// How many targets may inherit one from another.
const MAX_DEPTH: usize = 200;

/// How many arguments and contexts are taken on in all; then they are left out.
const MAX_ENTRIES: usize = 200_000;

/// Puts targets together, each once.
pub(super) struct Resolver<'a> {
    definitions: &'a Definitions,
    /// What `--set` says, by target, in order.
    overrides: HashMap<String, Vec<Override>>,
    cwd: &'a Path,
    /// What was put together without a loop in it.
    known: HashMap<String, Rc<Layer>>,
    /// How many more looks at a target there may be, so that none of the worst files takes forever.
    looks: Cell<usize>,
    entries: Cell<usize>,
}

#[derive(Debug, Clone)]
struct Override {
    key: String,
    /// `None` where `--set` gives none.
    value: Option<String>,
}

/// One look at a target and its parents.
#[derive(Default)]
struct Visit {
    /// `None` while a target is put together.
    seen: HashMap<String, Option<Rc<Layer>>>,
    has_loop: bool,
    /// Parents that there are not, or that nobody can know.
    missing: Vec<Error>,
}

impl<'a> Resolver<'a> {
    pub fn new(definitions: &'a Definitions, cwd: &'a Path) -> Resolver<'a> {
        Resolver {
            definitions,
            overrides: HashMap::new(),
            cwd,
            known: HashMap::new(),
            looks: Cell::new(20_000 + 10 * definitions.targets.len()),
            entries: Cell::new(MAX_ENTRIES),
        }
    }

    /// Takes in a `--set`.
    pub fn set(&mut self, set: &str) -> Result<(), Error> {
        let (key, value) = match set.split_once('=') {
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (set, None),
        };
        let invalid = || Error::InvalidOverride(set.to_owned());
        let (pattern, key) = key.strip_suffix('+').unwrap_or(key).split_once('.').ok_or_else(invalid)?;
        let needs_name = |map| key == map || key.strip_prefix(map) == Some(".");
        if (value.is_none() && !key.starts_with("args.")) || needs_name("args") || needs_name("contexts") {
            return Err(invalid());
        }
        let targets = &self.definitions.targets;
        let names: Vec<&str> = match self.definitions.target(pattern) {
            Some(definition) => vec![&definition.name],
            None => {
                targets.iter().map(|target| target.name.as_str()).filter(|name| glob(pattern, name)).collect()
            }
        };
        if names.is_empty() {
            return Err(Error::NoMatch(pattern.to_owned()));
        }
        for name in names {
            let said = Override { key: key.to_owned(), value: value.clone() };
            self.overrides.entry(name.to_owned()).or_default().push(said);
        }
        Ok(())
    }

    /// A target with all that it inherits, and why parents of it are left out.
    pub fn resolve(&mut self, name: &str) -> Result<(Target, Vec<Error>), Error> {
        let mut visit = Visit::default();
        let layer = self.layer(name, &mut visit, 0)?;
        if !visit.has_loop && visit.missing.is_empty() {
            let seen = visit.seen.into_iter();
            self.known.extend(seen.filter_map(|(name, layer)| Some((name, layer?))));
        }
        let definition =
            self.definitions.target(name).ok_or_else(|| Error::UnknownTarget(name.to_owned()))?;
        let layer = self.taken(&layer);
        // A context that nobody sets is the working directory, or the folder of the file that has the target.
        let base = if layer.context.is_some() { &layer.context_base } else { &definition.base };
        let target = Target {
            name: name.to_owned(),
            declared: definition.declared.clone(),
            context_base: base.as_ref().map_or_else(|| self.cwd.to_owned(), |base| base.to_path_buf()),
            context: layer.context,
            dockerfile: layer.dockerfile,
            inline: layer.inline,
            target: layer.target,
            contexts: layer.contexts,
            no_cache_filter: layer.no_cache_filter,
            args: layer.args,
            overridden: layer.overridden,
        };
        Ok((target, visit.missing))
    }

    fn layer(&self, name: &str, visit: &mut Visit, depth: usize) -> Result<Rc<Layer>, Error> {
        if let Some(known) = self.known.get(name) {
            return Ok(known.clone());
        }
        self.looks.set(self.looks.get().saturating_sub(1));
        if depth >= MAX_DEPTH || self.looks.get() == 0 {
            return Err(Error::TooDeep(name.to_owned()));
        }
        let definition =
            self.definitions.target(name).ok_or_else(|| Error::UnknownTarget(name.to_owned()))?;
        visit.seen.insert(name.to_owned(), None);
        let mut layer = Layer::default();
        for parent in definition.layer.inherits.iter().flatten() {
            match visit.seen.get(parent) {
                Some(Some(seen)) => layer.merge(&self.taken(seen)),
                // Bake cuts a loop without a word.
                Some(None) => visit.has_loop = true,
                None if self.definitions.target(parent).is_none() => {
                    visit.missing.push(Error::UnknownTarget(parent.clone()));
                }
                None => {
                    let parent = self.layer(parent, visit, depth + 1)?;
                    layer.merge(&self.taken(&parent));
                }
            }
        }
        layer.merge(&definition.layer);
        layer.overridden = definition.layer.overridden.clone();
        for said in self.overrides.get(name).into_iter().flatten() {
            said.change(&mut layer);
        }
        layer.normalize();
        let layer = Rc::new(layer);
        visit.seen.insert(name.to_owned(), Some(layer.clone()));
        Ok(layer)
    }

    /// A layer to take on, without its arguments and contexts if there were too many already.
    fn taken(&self, layer: &Layer) -> Layer {
        let left = self.entries.get().checked_sub(layer.entries());
        self.entries.set(left.unwrap_or(0));
        if left.is_some() { layer.clone() } else { layer.without_entries() }
    }

    /// The targets that names mean: those of a group, or the target itself; each once.
    pub fn targets_of(&self, names: Vec<String>) -> Vec<String> {
        let mut all = Vec::new();
        let mut seen = HashSet::new();
        let mut open = names;
        open.reverse();
        while let Some(name) = open.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            match self.definitions.group(&name) {
                None => all.push(name),
                Some(group) => open.extend(group.targets.iter().rev().cloned()),
            }
        }
        all
    }

    /// The names of groups and targets that a pattern means.
    pub fn matching(&self, pattern: &str) -> Result<Vec<String>, Error> {
        if !pattern.contains(['*', '?', '[', ']']) {
            return Ok(vec![pattern.to_owned()]);
        }
        let groups = self.definitions.groups.iter().map(|group| &group.name);
        let names = groups.chain(self.definitions.targets.iter().map(|target| &target.name));
        let names: Vec<String> = names.filter(|name| glob(pattern, name)).cloned().collect();
        if names.is_empty() { Err(Error::NoMatch(pattern.to_owned())) } else { Ok(names) }
    }
}

impl Override {
    fn change(&self, layer: &mut Layer) {
        // It stands on a command line that is not here.
        let nowhere = Spot::new(&Arc::from(Path::new("")), 0..0);
        let value = |text: &str| Value::computed(text, nowhere.clone(), Certainty::Certain, "`--set`");
        let text = self.value.as_deref();
        match self.key.split_once('.') {
            Some(("args", name)) => {
                let arg = BuildArg { name: value(name), value: text.map(value) };
                layer.merge(&Layer { args: vec![arg], ..Layer::default() });
            }
            Some(("contexts", name)) => {
                let named = NamedContext { key: value(name), value: value(text.unwrap_or("")) };
                let contexts = vec![Context { named, base: None }];
                layer.merge(&Layer { contexts, ..Layer::default() });
            }
            Some(_) => {}
            None => match self.key.as_str() {
                "context" => {
                    layer.context = text.map(value);
                    layer.context_base = None;
                }
                "dockerfile" => layer.dockerfile = text.map(value),
                "target" => layer.target = text.map(value),
                // The value is kept where nobody looks for it, so that the list is emptied (`newOverrides`).
                "no-cache-filter" => layer.no_cache_filter.clear(),
                _ => {}
            },
        }
    }
}

/// Whether a name is like a pattern of `*`, `?` and `[a-z]` (Go `path.Match`).
fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last `*` stands, and what it has eaten so far.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match (pattern.get(p), name[n]) {
            (Some('*'), _) => {
                star = Some((p, n));
                p += 1;
                continue;
            }
            (Some('?'), _) => p += 1,
            (Some('['), c) => match class(&pattern[p + 1..], c) {
                Some((true, len)) => p += 1 + len,
                Some((false, _)) => p = pattern.len() + 1,
                None => return false,
            },
            (Some(expected), c) if *expected == c => p += 1,
            _ => p = pattern.len() + 1,
        }
        if p > pattern.len() {
            let Some((place, eaten)) = star else { return false };
            (p, n) = (place + 1, eaten + 1);
            star = Some((place, n));
            continue;
        }
        n += 1;
    }
    pattern[p.min(pattern.len())..].iter().all(|c| *c == '*')
}

/// Whether a character is in a class, and the length of the class behind its bracket.
fn class(pattern: &[char], c: char) -> Option<(bool, usize)> {
    let end = pattern.iter().position(|c| *c == ']')?;
    let is_negated = pattern.first() == Some(&'^');
    let mut members = &pattern[usize::from(is_negated)..end];
    let mut is_in = false;
    while let Some((first, rest)) = members.split_first() {
        match rest {
            ['-', last, more @ ..] => {
                is_in |= (*first..=*last).contains(&c);
                members = more;
            }
            _ => {
                is_in |= *first == c;
                members = rest;
            }
        }
    }
    Some((is_in != is_negated, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_a_shell() {
        for (pattern, name) in [("*", "a"), ("a*c", "abbc"), ("a?c", "abc"), ("[a-c]x", "bx"), ("[^a]", "b")]
        {
            assert!(glob(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("a", "ab"), ("a*c", "abd"), ("?", ""), ("[ab", "a"), ("*b", "a"), ("[^a]", "a")]
        {
            assert!(!glob(pattern, name), "{pattern} {name}");
        }
    }
}
