//! Which Dockerfile and which stage a build means, as things stand now.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Summary, Workspace};
use crate::{
    builds::{Build, Certainty, Dockerfile, Local, Tool, Value, node::Scalar},
    document::Document,
};

/// The Dockerfile that a build means.
#[derive(Debug, Clone)]
pub struct Meaning {
    pub place: Place,
    pub certainty: Certainty,
    /// Why it is not certain; empty if it is.
    pub why: &'static str,
}

/// Where a Dockerfile is.
#[derive(Debug, Clone)]
pub enum Place {
    File(PathBuf, Arc<Summary>),
    /// In the file that describes the build.
    Inline(Arc<Summary>),
    /// There is none where it should be.
    Missing(PathBuf),
    /// Nobody can know.
    Unknown,
}

impl Meaning {
    /// The Dockerfile, if it is a file that is there.
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::File(path, _) => Some(path),
            Place::Inline(_) | Place::Missing(_) | Place::Unknown => None,
        }
    }

    /// The stages, where they are known.
    pub fn summary(&self) -> Option<&Arc<Summary>> {
        match &self.place {
            Place::File(_, summary) | Place::Inline(summary) => Some(summary),
            Place::Missing(_) | Place::Unknown => None,
        }
    }

    fn unknown(why: &'static str) -> Meaning {
        Meaning { place: Place::Unknown, certainty: Certainty::Unknown, why }
    }
}

impl Workspace {
    /// The Dockerfile that a build means.
    pub fn meaning(&self, build: &Build) -> Meaning {
        match &build.dockerfile {
            Dockerfile::Local(local) => self.local(build, local),
            Dockerfile::Inline(scalar, _) => Meaning {
                place: Place::Inline(Arc::new(inline(scalar))),
                certainty: Certainty::Certain,
                why: "",
            },
            Dockerfile::Remote => Meaning::unknown("its Dockerfile is not on this disk"),
            Dockerfile::Unknown(why) => Meaning::unknown(why),
        }
    }

    fn local(&self, build: &Build, local: &Local) -> Meaning {
        let mut found: Vec<(&PathBuf, &Arc<Summary>)> = Vec::new();
        for guess in &local.guesses {
            let first = guess.iter().find_map(|path| Some((path, self.dockerfile(path)?)));
            found.extend(first.filter(|(path, _)| !found.iter().any(|(other, _)| other == path)));
        }
        let single = local.guesses.len() == 1;
        let target = build.target.as_ref().and_then(Value::known);
        if !single
            && found.len() > 1
            && let Some(name) = target
        {
            // Of several that may be meant, those that have the stage are.
            found.retain(|(_, summary)| stage(build.tool, summary, name).is_some());
        }
        match found[..] {
            [(path, summary)] => {
                let place = Place::File(path.clone(), summary.clone());
                let guessed = Certainty::Likely;
                match single {
                    true => Meaning { place, certainty: local.certainty, why: local.why },
                    false => Meaning {
                        place,
                        certainty: local.certainty.min(guessed),
                        why: if local.why.is_empty() {
                            "it depends on the folder that the command is called in"
                        } else {
                            local.why
                        },
                    },
                }
            }
            [] => match local.guesses.first().and_then(|guess| guess.first()) {
                Some(path) if single => Meaning {
                    place: Place::Missing(path.clone()),
                    certainty: local.certainty,
                    why: "there is no such Dockerfile",
                },
                _ => Meaning::unknown("there is no such Dockerfile"),
            },
            _ => Meaning::unknown("several Dockerfiles may be meant"),
        }
    }
}

/// The stage of a Dockerfile that a builder takes for a name.
pub fn stage(tool: Tool, summary: &Summary, name: &str) -> Option<usize> {
    match tool {
        Tool::BuildKit => summary.target(name),
        Tool::Buildah => summary.target_as_written(name),
        Tool::Kaniko => summary.first_target(name),
    }
}

/// What stands in a scalar that is a Dockerfile, in bytes of its text.
fn inline(scalar: &Scalar) -> Summary {
    Summary::of(&Document::open(&scalar.text, 0))
}
