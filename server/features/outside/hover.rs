//! What is worth knowing about a value of a build.

use std::{fmt::Write, path::Path};

use super::{Hit, What, at};
use crate::{
    builds::{Certainty, Role},
    features::hover::Hover,
    workspace::{Workspace, meaning, meaning::Place},
};

/// What to show for `offset` (bytes).
pub fn hover(workspace: &Workspace, file: &Path, offset: usize) -> Option<Hover> {
    let hits = at(workspace, file, offset);
    let range = hits.first()?.what.value().spot.range.clone();
    let mut parts: Vec<String> = Vec::new();
    for part in hits.iter().filter_map(|hit| describe(workspace, hit)) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    (!parts.is_empty()).then(|| Hover { range, markdown: parts.join("\n\n---\n\n") })
}

fn describe(workspace: &Workspace, hit: &Hit<'_>) -> Option<String> {
    let title = |path: &Path| workspace.title(path);
    let value = hit.what.value();
    let home = match &hit.meaning.place {
        Place::File(path, _) => format!("`{}`", title(path)),
        Place::Inline(_) => "the Dockerfile in this file".into(),
        Place::Missing(path) => return Some(format!("There is no file `{}`", title(path))),
        Place::Unknown => {
            let name = value.known()?;
            return Some(format!("**{name}** · of a Dockerfile that is not known here: {}", hit.meaning.why));
        }
    };
    let summary = hit.meaning.summary()?;
    let mut text = match hit.what {
        What::Stage(role, value) => {
            let name = value.known()?;
            let Some(index) = meaning::stage(hit.build.tool, summary, name) else {
                let none = format!("{home} has no stage `{name}`");
                return (role != Role::Context).then_some(none);
            };
            let stage = &summary.stages[index];
            let mut text = format!(
                "**{}** · stage {index} of {home}, line {}",
                stage.name.as_deref().unwrap_or(name),
                stage.line + 1
            );
            if !stage.base.is_empty() {
                let _ = write!(text, "\n\nBase: `{}`", stage.base);
            }
            match role {
                Role::Target => {
                    let last = index + 1 == summary.stages.len();
                    let what = if last {
                        "The default build produces this stage, too"
                    } else {
                        "The default build ends with another stage"
                    };
                    let _ = write!(text, "\n\n{what}");
                }
                Role::NoCacheFilter => text.push_str("\n\nBuilt anew each time, whatever the cache has"),
                Role::Context => text.push_str("\n\nThis context takes the place of the stage"),
            }
            text
        }
        What::Dockerfile(_) => {
            let names: Vec<String> = summary.names().map(|(_, name)| format!("`{name}`")).collect();
            match names.is_empty() {
                true => home,
                false => format!("{home}\n\nStages: {}", names.join(", ")),
            }
        }
        What::Arg(arg) => {
            let name = arg.name.known()?;
            match summary.has_arg(name) {
                true => format!("**{name}** · an ARG of {home}"),
                false => format!("No ARG of {home} declares `{name}`"),
            }
        }
    };
    if hit.meaning.certainty < Certainty::Certain && !hit.meaning.why.is_empty() {
        let _ = write!(text, "\n\nLikely: {}", hit.meaning.why);
    }
    Some(text)
}
