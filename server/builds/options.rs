//! Flags for `docker build` that a setting has in a list.

use std::{path::Path, sync::Arc};

use super::{
    Build, Certainty, Files, Value,
    command::{self, Cwd, Dialect, Script, Variables},
};

/// Adds what the flags say to a build; they stand behind its own, so their target counts.
pub(super) fn add(build: &mut Build, words: Vec<Value>, file: &Arc<Path>, files: &dyn Files) {
    if words.is_empty() {
        return;
    }
    let spot = build.declared.clone();
    let made = |text: &str| Value::computed(text, spot.clone(), Certainty::Certain, "");
    let mut all = vec![made("docker"), made("build")];
    all.extend(words);
    all.push(made("."));
    let script = Script {
        file,
        text: "",
        place: &|_| None,
        range: spot.range.clone(),
        dialect: Dialect::Posix,
        cwd: Cwd::certain(Path::new("/").to_owned()),
        variables: &Variables::new(),
        title: None,
    };
    let Some(found) = command::command(&all, &script, files).builds.pop() else { return };
    if found.target.is_some() {
        build.overridden.extend(build.target.take());
        build.target = found.target;
    }
    build.overridden.extend(found.overridden);
    build.no_cache_filter.extend(found.no_cache_filter);
    build.args.retain(|arg| found.args.iter().all(|other| other.name.text != arg.name.text));
    build.args.extend(found.args);
    build.contexts.retain(|own| found.contexts.iter().all(|other| other.key.text != own.key.text));
    build.contexts.extend(found.contexts);
}
