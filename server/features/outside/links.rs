//! Links from a file that says what is built to the Dockerfiles that it names.

use std::path::Path;

use crate::{
    builds::Dockerfile,
    features::links::{Link, Target},
    workspace::Workspace,
};

/// The paths of Dockerfiles in `file` that are there, in the order of their places.
pub fn links(workspace: &Workspace, file: &Path) -> Vec<Link> {
    let mut found: Vec<Link> = Vec::new();
    for build in workspace.builds_in(file) {
        let Dockerfile::Local(local) = &build.dockerfile else { continue };
        let written =
            local.written.as_ref().filter(|value| *value.spot.file == *file && value.known().is_some());
        let Some(range) = written.map(|value| value.spot.range.clone()).filter(|range| !range.is_empty())
        else {
            continue;
        };
        // Several builds may share a place.
        if found.iter().any(|link| link.range == range) {
            continue;
        }
        let meaning = workspace.meaning(build);
        let Some(path) = meaning.path() else { continue };
        let tooltip = format!("Open `{}`", workspace.title(path));
        found.push(Link { range, target: Target::File(path.to_owned()), tooltip });
    }
    found.sort_by_key(|link| link.range.start);
    found
}
