//! What a block says of a target, and what several of them say together (bake/bake.go, `Merge`).

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use crate::builds::{BuildArg, value::Value};

use super::{Context, Inline};

/// More arguments or contexts than this are left out.
const MAX_ENTRIES: usize = 500;

/// What is said of a target; nothing is filled in.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    pub context: Option<Value>,
    /// What the context is relative to; `None` for the working directory.
    pub context_base: Option<Arc<PathBuf>>,
    pub dockerfile: Option<Value>,
    pub inline: Option<Inline>,
    pub target: Option<Value>,
    pub contexts: Vec<Context>,
    pub no_cache_filter: Vec<Value>,
    pub args: Vec<BuildArg>,
    /// The names of parents; `None` for one that nobody can know.
    pub inherits: Vec<Option<String>>,
    pub overridden: Vec<Value>,
}

impl Layer {
    /// Takes on what a later layer says: single values replace, maps are merged key by key, filters add up.
    pub fn merge(&mut self, later: &Layer) {
        if later.context.is_some() {
            self.context = later.context.clone();
            self.context_base = later.context_base.clone();
        }
        if later.dockerfile.is_some() {
            self.dockerfile = later.dockerfile.clone();
        }
        if later.inline.is_some() {
            self.inline = later.inline.clone();
        }
        if later.target.is_some() {
            self.target = later.target.clone();
        }
        merge_by_key(&mut self.contexts, &later.contexts, |context| context.named.key.text.as_deref());
        merge_by_key(&mut self.args, &later.args, |arg| arg.name.text.as_deref());
        self.no_cache_filter.extend_from_slice(&later.no_cache_filter);
    }

    /// The same for a later block of the same name: what it inherits adds up, and a literal target that it replaces is kept as
    /// one that never counts.
    pub fn merge_own(&mut self, later: &Layer) {
        let replaced = self.target.take_if(|_| later.target.is_some());
        self.overridden.extend(replaced.filter(Value::is_literal));
        self.merge(later);
        self.overridden.extend_from_slice(&later.overridden);
        self.inherits.extend_from_slice(&later.inherits);
    }

    /// How many arguments and contexts it has.
    pub fn entries(&self) -> usize {
        self.args.len() + self.contexts.len() + self.no_cache_filter.len()
    }

    /// The same without them.
    pub fn without_entries(&self) -> Layer {
        Layer {
            context: self.context.clone(),
            context_base: self.context_base.clone(),
            dockerfile: self.dockerfile.clone(),
            inline: self.inline.clone(),
            target: self.target.clone(),
            inherits: self.inherits.clone(),
            overridden: self.overridden.clone(),
            ..Layer::default()
        }
    }

    /// What bake does once a target is put together (`normalize`): an empty value removes a context, and of equal filters one
    /// is enough.
    pub fn normalize(&mut self) {
        self.contexts.retain(|context| context.named.value.text.as_deref() != Some(""));
        let mut seen = std::collections::HashSet::new();
        self.no_cache_filter.retain(|value| value.text.is_none() || seen.insert(value.text.clone()));
        self.no_cache_filter.truncate(MAX_ENTRIES);
    }
}

fn merge_by_key<T: Clone>(all: &mut Vec<T>, later: &[T], key: impl Fn(&T) -> Option<&str>) {
    if later.is_empty() {
        return;
    }
    let places: HashMap<String, usize> =
        all.iter().enumerate().filter_map(|(place, entry)| Some((key(entry)?.to_owned(), place))).collect();
    for entry in later {
        match key(entry).and_then(|name| places.get(name)) {
            Some(place) => all[*place] = entry.clone(),
            None if all.len() < MAX_ENTRIES => all.push(entry.clone()),
            None => {}
        }
    }
}
