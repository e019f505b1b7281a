use super::{
    Elsewhere, Findings, SourceContext,
    near::{Near, nearest},
    rule,
    source::Use,
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
        let stage =
            |it: &Use<'_, ()>| Some(meaning::stage(it.build.tool, it.meaning.summary()?, it.value.known()?));
        // What one build does not find another one may.
        if uses.iter().any(|it| stage(it).is_none_or(|stage| stage.is_some()) || !it.is_certain()) {
            continue;
        }
        let Some(Use { build, meaning, value, .. }) = uses.first() else { continue };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{Project, project};

    const DOCKERFILE: &str = "FROM golang:1.26 AS build\nFROM alpine:3.24 AS prod\n";

    fn here() -> Project {
        project(&[("Dockerfile", DOCKERFILE), ("other/Dockerfile", "FROM a:1 AS other\n")])
    }

    #[test]
    fn a_target_that_no_stage_has_is_an_error_wherever_it_stands() {
        for (path, text) in [
            (
                "compose.yaml",
                "
                services:
                  web:
                    build:
                      context: .
                      target: prdo
                              ^^^^ error
                  quoted:
                    build: {context: ., target: \"pro\"}
                                                 ^^^ error
                  right:
                    build: {context: ., target: PROD}
                ",
            ),
            (
                "docker-bake.hcl",
                "
                target \"a\" {
                  target = \"biuld\"
                            ^^^^^ error
                }
                ",
            ),
            (
                ".github/workflows/ci.yml",
                "
                jobs:
                  image:
                    steps:
                      - uses: docker/build-push-action@v6
                        with:
                          context: .
                          target: prodd
                                  ^^^^^ error
                      - run: docker build --target xx .
                                                   ^^ error
                ",
            ),
            (
                "build.sh",
                "
                docker build --target='prd' .
                                       ^^^ error
                podman build --target PROD .
                                      ^^^^ error
                ",
            ),
        ] {
            here().fires(&TARGET_NOT_FOUND, path, text);
        }
    }

    #[test]
    fn nothing_is_said_where_nobody_can_know() {
        for (path, text) in [
            ("compose.yaml", "services: {a: {build: {context: ., target: \"${STAGE:-none}\"}}}"),
            ("compose.yaml", "services: {a: {build: {context: ., target: $STAGE}}}"),
            ("compose.yaml", "services: {a: {build: {context: ., target: \"\"}}}"),
            ("compose.yaml", "services: {a: {build: {context: ., target: }}}"),
            ("compose.yaml", "services: {a: {build: {context: nowhere, target: none}}}"),
            (
                "compose.yaml",
                "services: {a: {build: {context: \"https://example.org/x.git\", target: none}}}",
            ),
            // Whatever is there: the project's folder is not known for sure.
            ("deploy/other.yaml", "services: {a: {build: {context: ., target: none}}}"),
            ("build.sh", "docker build --target none \"$DIR\"\ncat x | docker build --target none -\n"),
            ("README.md", "```sh\ndocker build --target none .\n```\n"),
            ("docker-bake.hcl", "target \"a\" {\n  target = NAME\n}\n"),
            ("docker-bake.hcl", "target \"a\" {\n  target = \n}\n"),
        ] {
            here().silent(&TARGET_NOT_FOUND, path, text);
        }
        let foreign = [("Dockerfile", "# syntax=example.org/own\nFROM a:1 AS x\n")];
        let compose = "services: {a: {build: {context: ., target: none}}}";
        project(&foreign).silent(&TARGET_NOT_FOUND, "compose.yaml", compose);
        project(&[("Dockerfile", "# Nothing yet\n")]).silent(&TARGET_NOT_FOUND, "compose.yaml", compose);
    }

    #[test]
    fn a_text_that_several_builds_share_is_right_if_it_is_for_one() {
        let shared = |target: &str| {
            format!(
                "x-t: &t {target}\nservices:\n  a: {{build: {{context: ., target: *t}}}}\n  b: {{build: {{context: other, \
                 target: *t}}}}\n"
            )
        };
        here().silent(&TARGET_NOT_FOUND, "compose.yaml", &shared("other"));
        here().silent(&TARGET_NOT_FOUND, "compose.yaml", &shared("prod"));
    }

    #[test]
    fn it_says_what_was_meant() {
        let message = |target: &str| {
            let text = format!("services: {{a: {{build: {{context: ., target: {target}}}}}}}");
            here().message(&TARGET_NOT_FOUND, "compose.yaml", &text)
        };
        assert_eq!(message("prdo"), "Dockerfile has no stage \"prdo\" (did you mean \"prod\"?)");
        assert_eq!(message("PRDO"), "Dockerfile has no stage \"PRDO\" (did you mean \"prod\"?)");
        assert_eq!(message("something-else"), "Dockerfile has no stage \"something-else\"");
        assert_eq!(
            message("\"0\""),
            "\"0\" is no target of Dockerfile: stages are asked for by their names, not by numbers (did you mean \"build\"?)"
        );
        let inline = "services: {a: {build: {dockerfile_inline: \"FROM a:1 AS x\", target: yy}}}";
        let message = here().message(&TARGET_NOT_FOUND, "compose.yaml", inline);
        assert_eq!(message, "the Dockerfile in this file has no stage \"yy\"");
    }
}
