//! Calls of bake that name a stage: `--set web.target=dev`, or the `set` of an action.
//!
//! What a call builds otherwise stands in the bake files, and is theirs to tell.

use super::{
    Build, Certainty, Dockerfile, Files, Local, Tool, Value,
    bake::{self, Invocation, Target},
    command::{BakeCall, Set},
};

/// Of `--set` flags beyond this many nothing is said.
const SETS: usize = 32;

const WHY: &str = "the bake files decide what is built";

/// A build for each target that a call gives another stage.
pub fn builds(call: &BakeCall, files: &dyn Files) -> Vec<Build> {
    let sets = call.sets.iter().filter(|set| set.key == "target").take(SETS);
    sets.flat_map(|set| set_builds(call, set, files)).collect()
}

fn set_builds(call: &BakeCall, set: &Set, files: &dyn Files) -> Vec<Build> {
    let build = |dockerfile: Dockerfile| {
        let mut build = Build::new(Tool::BuildKit, call.title.clone(), call.declared.clone(), dockerfile);
        build.target = Some(set.value.clone());
        build
    };
    if call.is_remote {
        return vec![build(Dockerfile::Remote)];
    }
    let targets = targets(call, set, files);
    if targets.is_empty() {
        return vec![build(Dockerfile::Unknown("its bake target is not known"))];
    }
    let certainty = call.cwd.certainty.min(Certainty::Likely);
    let why = if call.cwd.why.is_empty() { WHY } else { call.cwd.why };
    let full = |target: Target| {
        let dockerfile = match bake::dockerfile(&target, &call.cwd.guesses) {
            Dockerfile::Local(local) if local.certainty > certainty => {
                Dockerfile::Local(Local { certainty, why, ..local })
            }
            other => other,
        };
        let contexts = target.contexts.into_iter().map(|context| context.named).collect();
        Build { args: target.args, contexts, ..build(dockerfile) }
    };
    targets.into_iter().map(full).collect()
}

/// The targets that a pattern means: of those that are called, if they are known.
fn targets(call: &BakeCall, set: &Set, files: &dyn Files) -> Vec<Target> {
    let text = |value: &Value| value.known().map(str::to_owned);
    let Some(paths) = call.files.iter().map(text).collect::<Option<Vec<_>>>() else { return Vec::new() };
    let called = call.targets.iter().map(text).collect::<Option<Vec<_>>>();
    let is_pattern = set.pattern.contains(['*', '?', '[']);
    let names = match called {
        Some(called) if is_pattern => called,
        _ => vec![set.pattern.clone()],
    };
    let env = call.variables.iter().filter_map(|(name, value)| Some((name.clone(), value.text.clone()?)));
    let mut invocation =
        Invocation { files: paths, cwd: Default::default(), env: env.collect(), set: Vec::new(), names };
    // The first folder that has the files.
    let found = call.cwd.guesses.iter().find_map(|cwd| {
        invocation.cwd = cwd.clone();
        bake::load(&invocation, files).ok()
    });
    let mut targets = found.unwrap_or_default();
    targets.retain(|target| matches(&set.pattern, &target.name));
    targets
}

/// Whether a pattern with `*` for any text fits a name. Others of Go's patterns fit everything.
fn matches(pattern: &str, name: &str) -> bool {
    if pattern.contains(['?', '[', '\\']) {
        return true;
    }
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = name.find(part) else { return false };
        name = &name[at + part.len()..];
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_fit_any_text() {
        for (pattern, name, fits) in [
            ("web", "web", true),
            ("web", "web2", false),
            ("*", "web", true),
            ("w*b", "web", true),
            ("w*b", "we", false),
            ("*e*b", "web", true),
            ("web*web", "web", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }
}
