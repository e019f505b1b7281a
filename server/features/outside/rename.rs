//! The places outside of a Dockerfile that a new name of a stage concerns.

use std::path::{Path, PathBuf};

use crate::{
    builds::Certainty,
    text::Edit,
    workspace::{Workspace, mentions::Mention},
};

/// What a new name of a stage changes outside of its Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Renamed {
    /// By file and place.
    pub edits: Vec<OutsideEdit>,
    /// What names the stage and can't be edited.
    pub left: Vec<Left>,
}

/// An edit of another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideEdit {
    pub file: PathBuf,
    pub edit: Edit,
    /// Why somebody should look at it first; empty if it is certain.
    pub why: &'static str,
}

/// A place that names the stage in a way that no edit can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub file: PathBuf,
    /// In bytes.
    pub offset: usize,
    pub why: &'static str,
}

/// What to change in other files when a stage (by its index) of a Dockerfile is called `name`.
pub fn rename(workspace: &Workspace, dockerfile: &Path, stage: usize, name: &str) -> Renamed {
    renamed(workspace.mentions_of(dockerfile, stage), name)
}

/// What to change at some mentions of one stage.
pub fn renamed(mentions: Vec<Mention>, name: &str) -> Renamed {
    let mut renamed = Renamed::default();
    for mention in mentions {
        let file = mention.spot.file.to_path_buf();
        let text = mention.quoting.and_then(|quoting| quoting.write(name));
        let Some(text) = text.filter(|_| mention.certainty > Certainty::Unknown) else {
            let why = if mention.why.is_empty() { "it is not written there as it is" } else { mention.why };
            renamed.left.push(Left { file, offset: mention.spot.range.start, why });
            continue;
        };
        let why = match mention.certainty {
            Certainty::Certain => "",
            Certainty::Likely | Certainty::Unknown if mention.why.is_empty() => "it may mean another stage",
            Certainty::Likely | Certainty::Unknown => mention.why,
        };
        let edit = OutsideEdit { file, edit: Edit { range: mention.spot.range, text }, why };
        // A place with several roles is edited once.
        if !renamed.edits.iter().any(|other| other.file == edit.file && other.edit.range == edit.edit.range) {
            renamed.edits.push(edit);
        }
    }
    renamed
}
