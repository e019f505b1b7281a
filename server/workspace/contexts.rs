//! The folders that a Dockerfile is built from.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::Workspace;
use crate::builds::{Certainty, Dockerfile};

/// Most build contexts of one Dockerfile that anybody looks into.
const MANY: usize = 4;

impl Workspace {
    /// The build contexts of a Dockerfile, in no special order: those of the builds that certainly are of this file; without any,
    /// its own folder and those of the builds that may be.
    pub fn build_contexts(&self, dockerfile: &Path) -> Vec<PathBuf> {
        let mut certain = BTreeSet::new();
        let mut likely = BTreeSet::new();
        for build in self.builds_of(dockerfile) {
            let Dockerfile::Local(local) = &build.dockerfile else { continue };
            let Some(context) = &local.context else { continue };
            let meaning = self.meaning(build);
            if meaning.path() != Some(dockerfile) {
                continue;
            }
            match meaning.certainty {
                Certainty::Certain => certain.insert(context.clone()),
                Certainty::Likely => likely.insert(context.clone()),
                Certainty::Unknown => false,
            };
        }
        if certain.is_empty() {
            likely.extend(dockerfile.parent().map(Path::to_owned));
        }
        let chosen = if certain.is_empty() { likely } else { certain };
        chosen.into_iter().take(MANY).collect()
    }
}
