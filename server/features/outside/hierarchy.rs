//! The builds of the workspace that ask for a stage, as its callers.

use std::path::Path;

use crate::{
    builds::{Spot, Value},
    workspace::{Workspace, meaning},
};

/// A build that asks for a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// How people call it.
    pub title: String,
    /// Where it says so: its target, else its own name.
    pub spot: Spot,
}

/// The builds that ask for a stage (by its index) of a Dockerfile, by its name or, for the last one, without one; by file and
/// place.
pub fn callers(workspace: &Workspace, dockerfile: &Path, stage: usize) -> Vec<Caller> {
    let mut callers = Vec::new();
    for build in workspace.builds_of(dockerfile) {
        let meaning = workspace.meaning(build);
        if meaning.path() != Some(dockerfile) {
            continue;
        }
        let Some(summary) = meaning.summary() else { continue };
        let (asked, spot) = match &build.target {
            Some(target) if target.text.as_deref() != Some("") => {
                let named = Value::known(target);
                (named.and_then(|name| meaning::stage(build.tool, summary, name)), &target.spot)
            }
            _ => (summary.stages.len().checked_sub(1), &build.declared),
        };
        if asked == Some(stage) {
            callers.push(Caller { title: build.title.clone(), spot: spot.clone() });
        }
    }
    let key = |caller: &Caller| (caller.spot.file.clone(), caller.spot.range.start, caller.title.clone());
    callers.sort_by_cached_key(key);
    callers.dedup();
    callers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn builds_call_the_stage_that_they_ask_for() {
        let path = Path::new("/w/Dockerfile");
        let mut workspace = Workspace::new(vec!["/w".into()]);
        workspace.set_dockerfile(path, &Document::open("FROM a AS test\nFROM b AS run\n", 0));
        let compose =
            "services:\n  t:\n    build:\n      context: .\n      target: test\n  web:\n    build: .\n";
        workspace.set_open(Path::new("/w/compose.yaml"), compose.into(), &[]);
        let called = |stage| {
            let callers = callers(&workspace, path, stage).into_iter();
            callers.map(|it| format!("{}: {}", it.title, &compose[it.spot.range])).collect::<Vec<_>>()
        };
        assert_eq!(called(0), ["compose service `t`: test"]);
        assert_eq!(called(1), ["compose service `web`: web"]);
        assert_eq!(called(7), [""; 0]);
    }
}
