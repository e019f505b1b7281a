//! Names of stages and arguments, where a file that says what is built takes one.

use std::path::Path;

use super::{What, at};
use crate::{
    builds::Value,
    features::completion::{Completion, CompletionKind, is_subsequence},
    text::Text,
    workspace::Workspace,
};

/// All that can stand at `offset` (bytes), best first.
pub fn completion(workspace: &Workspace, file: &Path, text: &Text, offset: usize) -> Vec<Completion> {
    let mut found: Vec<(bool, Completion)> = Vec::new();
    for hit in at(workspace, file, offset) {
        let Some(summary) = hit.meaning.summary() else { continue };
        let value = hit.what.value();
        // An expression is nobody's to replace; a value that is just being typed stands as it is.
        if value.quoting.is_none() || value.spot.range.end > text.len() {
            continue;
        }
        let typed = text.slice(value.spot.range.start..offset).to_lowercase();
        let mut add = |label: &str, kind, detail: Option<String>| {
            let lower = label.to_lowercase();
            let known = found.iter().any(|(_, other)| other.label == label && other.kind == kind);
            if known || !is_subsequence(&typed, &lower) {
                return;
            }
            let Some(written) = written(value, label) else { return };
            let item = Completion {
                text: written,
                detail,
                ..Completion::new(label, kind, &value.spot.range, offset)
            };
            found.push((lower.starts_with(&typed), item));
        };
        match hit.what {
            What::Stage(..) => {
                // The last stage is the likeliest to be meant.
                for (index, name) in summary.names().collect::<Vec<_>>().into_iter().rev() {
                    let base = &summary.stages[index].base;
                    // Of two with one name only one can be meant.
                    if crate::workspace::meaning::stage(hit.build.tool, summary, name) == Some(index) {
                        add(name, CompletionKind::Stage, (!base.is_empty()).then(|| format!("FROM {base}")));
                    }
                }
            }
            What::Arg(_) => {
                for name in summary.args() {
                    add(name, CompletionKind::Variable, Some("ARG".into()));
                }
            }
            What::Dockerfile(_) => {}
        }
    }
    found.sort_by_key(|(starts, _)| !starts);
    found.into_iter().map(|(_, completion)| completion).collect()
}

fn written(value: &Value, label: &str) -> Option<String> {
    value.quoting?.write(label)
}
