//! One call of bake, resolved as bake does it (bake/bake.go, `ReadTargets`; commands/bake.go).

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
};

use crate::builds::{Files, files::join};

use super::{
    DEFAULT_FILES, Error, Invocation, Target,
    define::{Definitions, Reading},
    resolve::Resolver,
    sources::{Source, add_compose},
};

/// The targets that a call builds, those that others need as contexts included, by name.
pub fn load(invocation: &Invocation, files: &dyn Files) -> Result<Vec<Target>, Error> {
    let mut sources = Vec::new();
    for path in paths(invocation, files)? {
        sources.push(Source::read(&path, files).ok_or(Error::NoFile(path))?);
    }
    let by_file = is_set(invocation, "BUILDX_BAKE_FILE_RELATIVE_PATHS");
    let nothing = BTreeMap::new();
    let without_env = is_set(invocation, "BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP");
    let env = if without_env { &nothing } else { &invocation.env };
    let mut definitions = Definitions::default();
    let reading = Reading { env: Some(env), by_file };
    add_compose(&mut definitions, &sources, &invocation.cwd, reading, files)?;
    definitions.read(&sources, reading);
    if let Some(error) = definitions.errors.first() {
        return Err(error.clone());
    }
    let mut resolver = Resolver::new(&definitions, &invocation.cwd);
    for set in &invocation.set {
        resolver.set(set)?;
    }
    resolve(&mut resolver, &invocation.names)
}

/// What is asked for, and what that needs.
fn resolve(resolver: &mut Resolver, names: &[String]) -> Result<Vec<Target>, Error> {
    let default = ["default".to_owned()];
    let mut wanted = Vec::new();
    for name in if names.is_empty() { &default } else { names } {
        // Dots are no part of a target's name, but of a Compose service's.
        wanted.extend(resolver.matching(&name.replace('.', "_"))?);
    }
    let mut wanted = resolver.targets_of(wanted);
    let mut targets: BTreeMap<String, Target> = BTreeMap::new();
    while let Some(name) = wanted.pop() {
        if targets.contains_key(&name) {
            continue;
        }
        let (target, missing) = resolver.resolve(&name)?;
        if let Some(error) = missing.into_iter().next() {
            return Err(error);
        }
        for (what, value) in [("context", &target.context), ("Dockerfile", &target.dockerfile)] {
            if value.as_ref().and_then(|value| value.text.as_deref()) == Some("-") {
                return Err(Error::Stdin(what));
            }
        }
        wanted.extend(links(&target).map(str::to_owned));
        targets.insert(name, target);
    }
    check_links(&targets)?;
    Ok(targets.into_values().collect())
}

/// The targets that one has as contexts.
fn links(target: &Target) -> impl Iterator<Item = &str> {
    target.contexts.iter().filter_map(|context| context.named.value.text.as_deref()?.strip_prefix("target:"))
}

/// Targets can't need each other (`loadLinks`).
fn check_links(targets: &BTreeMap<String, Target>) -> Result<(), Error> {
    // Targets that need none any more are taken away until none is left, or only a loop.
    let mut needs: HashMap<&str, usize> = HashMap::new();
    let mut users: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, target) in targets {
        needs.insert(name, links(target).count());
        for link in links(target) {
            if link == name {
                return Err(Error::LinkToItself(name.clone()));
            }
            users.entry(link).or_default().push(name);
        }
    }
    let mut free: Vec<&str> = needs.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    while let Some(name) = free.pop() {
        needs.remove(name);
        for user in users.remove(name).unwrap_or_default() {
            let Some(count) = needs.get_mut(user) else { continue };
            *count -= 1;
            if *count == 0 {
                free.push(user);
            }
        }
    }
    let Some(name) = needs.keys().min() else { return Ok(()) };
    let other = links(&targets[*name]).find(|link| needs.contains_key(link)).unwrap_or(name);
    Err(Error::LinkLoop((*name).to_owned(), other.to_owned()))
}

/// The files that are read.
fn paths(invocation: &Invocation, files: &dyn Files) -> Result<Vec<PathBuf>, Error> {
    let named =
        |names: &mut dyn Iterator<Item = &str>| names.map(|name| join(&invocation.cwd, name)).collect();
    if !invocation.files.is_empty() {
        return Ok(named(&mut invocation.files.iter().map(String::as_str)));
    }
    if let Some(list) = invocation.env.get("BUILDX_BAKE_FILE").filter(|list| !list.is_empty()) {
        let separator = invocation.env.get("BUILDX_BAKE_FILE_SEPARATOR").map_or(":", String::as_str);
        return Ok(named(&mut list.split(separator)));
    }
    let all = DEFAULT_FILES.iter().map(|name| invocation.cwd.join(name));
    let found: Vec<PathBuf> = all.filter(|path| files.exists(path)).collect();
    if found.is_empty() { Err(Error::NoFiles) } else { Ok(found) }
}

/// Whether a switch of the environment is on (Go `strconv.ParseBool`).
fn is_set(invocation: &Invocation, name: &str) -> bool {
    invocation
        .env
        .get(name)
        .is_some_and(|value| matches!(value.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"))
}
