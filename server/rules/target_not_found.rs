use super::{
    Elsewhere, Findings, SourceContext,
    near::{Near, nearest},
    rule,
    source::is_certain,
};
use crate::{
    builds::Tool,
    text::Edit,
    workspace::{Summary, meaning},
};

rule! {
    /// A target that no stage of the Dockerfile has.
    ///
    /// ## Why
    /// The build stops: "target stage could not be found". BuildKit looks for a stage with the name, in any case. A number is no
    /// name here, other than in `COPY --from`. Files that name a target are Compose and Bake files, workflows, tasks, scripts with
    /// `docker build --target` and the like. Where values from outside decide about the target or the Dockerfile, nothing is said.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// FROM alpine:3.20 AS prod
    /// ```
    /// ```yaml
    /// services:
    ///   web:
    ///     build:
    ///       context: .
    ///       target: prdo
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// FROM alpine:3.20 AS prod
    /// ```
    /// ```yaml
    /// services:
    ///   web:
    ///     build:
    ///       context: .
    ///       target: prod
    /// ```
    TARGET_NOT_FOUND: "target-not-found", "A target that no stage has", Error, source check
}

fn check(context: &SourceContext<'_>, out: &mut Findings) {
    let near = Near::new();
    for (spot, uses) in context.by_place(|build| build.target.iter().map(|value| (value, ())).collect()) {
        let stage = |(build, meaning, value, ()): &(
            &crate::builds::Build,
            &meaning::Meaning,
            &crate::builds::Value,
            (),
        )| { Some(meaning::stage(build.tool, meaning.summary()?, value.known()?)) };
        // What one build does not find another one may.
        if uses.iter().any(|it| stage(it).is_none_or(|stage| stage.is_some()) || !is_certain(it.2, it.1)) {
            continue;
        }
        let Some((build, meaning, value, ())) = uses.first() else { continue };
        let (Some(summary), Some(name)) = (meaning.summary(), value.known()) else { continue };
        if summary.is_foreign || summary.stages.is_empty() {
            continue;
        }
        let path = meaning.path();
        let dockerfile =
            path.map_or("the Dockerfile in this file".to_owned(), |path| context.workspace.title(path));
        let is_number = name.bytes().all(|b| b.is_ascii_digit()) && build.tool != Tool::Buildah;
        let found = suggestion(&near, summary, name);
        let mut message = match is_number {
            true => format!(
                "\"{name}\" is no target of {dockerfile}: stages are asked for by their names, not by numbers"
            ),
            false => format!("{dockerfile} has no stage \"{name}\""),
        };
        if let Some(found) = &found {
            message += &format!(" (did you mean \"{found}\"?)");
        }
        let finding = out.report(&TARGET_NOT_FOUND, spot.range.clone(), message);
        for (index, name) in summary.names() {
            let stage = &summary.stages[index];
            if let (Some(path), true) = (path, found.as_deref() == Some(name)) {
                finding.elsewhere.push(Elsewhere {
                    file: path.to_owned(),
                    range: stage.selection.clone(),
                    line: stage.line,
                    message: "This stage has a similar name".into(),
                });
            }
        }
        let written = |name: &str| value.quoting.and_then(|quoting| quoting.write(name));
        if let Some(found) = found
            && let Some(text) = written(&found)
        {
            let edit = Edit { range: spot.range.clone(), text };
            finding.fix(format!("Replace by \"{found}\""), Some(vec![edit])).prefer_single_fix();
        }
    }
}

/// The stage that was meant, as its name is written.
fn suggestion(near: &Near, summary: &Summary, name: &str) -> Option<String> {
    if let Some(stage) = name.parse::<usize>().ok().and_then(|index| summary.stages.get(index)) {
        return stage.name.as_deref().map(str::to_owned);
    }
    let lower: Vec<(usize, String)> =
        summary.names().map(|(index, name)| (index, name.to_lowercase())).collect();
    let found = near.find(name, lower.iter().map(|(index, name)| (*index, name.as_str())));
    let name_of = |index: usize| summary.stages[index].name.as_deref().map(str::to_owned);
    let closest = || {
        nearest(&name.to_lowercase(), &summary.names().map(|(_, name)| name).collect::<Vec<_>>())
            .map(str::to_owned)
    };
    found.first().copied().and_then(name_of).or_else(closest)
}
