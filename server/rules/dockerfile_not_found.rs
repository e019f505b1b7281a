use super::{Findings, SourceContext, near::distance, rule, source::Use};
use crate::{
    builds::{Build, Dockerfile, Local, Value},
    text::Edit,
    workspace::meaning::Place,
};

rule! {
    /// The path of a Dockerfile that is not there.
    ///
    /// ## Why
    /// The build stops. A path starts from the build context in Compose and Bake files and from the folder of the command in
    /// `docker build --file`. A Dockerfile that something else makes before the build is not there yet either; where that is
    /// so, switch the rule off on that line.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ```
    /// ```yaml
    /// services:
    ///   web:
    ///     build:
    ///       context: .
    ///       dockerfile: Dockerfil
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ```
    /// ```yaml
    /// services:
    ///   web:
    ///     build:
    ///       context: .
    ///       dockerfile: Dockerfile
    /// ```
    DOCKERFILE_NOT_FOUND: "dockerfile-not-found", "The path of a Dockerfile that is not there", Warning, source check
}

fn check(context: &SourceContext<'_>, out: &mut Findings) {
    for (spot, uses) in context.by_place(written) {
        let is_missing = |place: &Place| matches!(place, Place::Missing(_));
        let missing = uses
            .iter()
            .all(|it| it.is_certain() && it.value.known().is_some() && is_missing(&it.meaning.place));
        let Some(Use { meaning, value, more: local, .. }) = uses.first().filter(|_| missing) else {
            continue;
        };
        let (Place::Missing(path), Some(text)) = (&meaning.place, value.known()) else { continue };
        // Without the folder the sources are not here at all: a submodule, say.
        if !path.parent().is_some_and(|folder| folder.is_dir()) && text.contains('/') && !local.base.is_dir()
        {
            continue;
        }
        let title = context.workspace.title(path);
        let finding =
            out.report(&DOCKERFILE_NOT_FOUND, spot.range.clone(), format!("There is no file {title}"));
        let near = context.workspace.dockerfiles().into_iter().filter_map(|other| {
            let rest = other.strip_prefix(&local.base).ok()?.to_str()?;
            let distance = distance(rest, text.strip_prefix("./").unwrap_or(text));
            (distance <= 3 && distance * 3 < text.len()).then(|| (distance, rest.to_owned()))
        });
        if let Some((_, near)) = near.min()
            && let Some(text) = value.quoting.and_then(|quoting| quoting.write(&near))
        {
            finding.message += &format!(" (did you mean \"{near}\"?)");
            let edit = Edit { range: spot.range.clone(), text };
            finding.fix(format!("Replace by \"{near}\""), Some(vec![edit])).prefer_single_fix();
        }
    }
}

/// The path of the Dockerfile, where one is written.
fn written(build: &Build) -> Vec<(&Value, &Local)> {
    match &build.dockerfile {
        Dockerfile::Local(local) => local.written.iter().map(|value| (value, local)).collect(),
        Dockerfile::Inline(..) | Dockerfile::Remote | Dockerfile::Unknown(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{Project, project};

    fn here() -> Project {
        project(&[("web.Dockerfile", "FROM a:1\n"), ("docker/app/Dockerfile", "FROM a:1\n")])
    }

    #[test]
    fn a_written_path_that_leads_nowhere_is_found() {
        here().fires(
            &DOCKERFILE_NOT_FOUND,
            "compose.yaml",
            "
            services:
              web:
                build: {context: ., dockerfile: web.dockerfile}
                                                ^^^^^^^^^^^^^^ warning
              right:
                build: {context: ., dockerfile: ./web.Dockerfile}
              default:
                build: .
            ",
        );
        here().fires(
            &DOCKERFILE_NOT_FOUND,
            "build.sh",
            "
            docker build -f wbe.Dockerfile .
                            ^^^^^^^^^^^^^^ warning
            docker build -f web.Dockerfile .
            ",
        );
    }

    #[test]
    fn nothing_is_said_where_nobody_can_know() {
        for (path, text) in [
            ("compose.yaml", "services: {a: {build: {context: ., dockerfile: $FILE}}}"),
            ("compose.yaml", "services: {a: {build: {context: ., dockerfile: \"\"}}}"),
            ("compose.yaml", "services: {a: {build: {context: ., dockerfile: }}}"),
            (
                "compose.yaml",
                "services: {a: {build: {context: \"https://example.org/x.git\", dockerfile: x}}}",
            ),
            ("compose.yaml", "services: {a: {build: {dockerfile_inline: \"FROM a:1\"}}}"),
            ("README.md", "```sh\ndocker build -f nothing .\n```\n"),
            ("docker-bake.hcl", "target \"a\" {\n  dockerfile = FILE\n}\n"),
            ("build.sh", "docker build -f - . <<EOF\nFROM a:1\nEOF\n"),
        ] {
            here().silent(&DOCKERFILE_NOT_FOUND, path, text);
        }
    }

    #[test]
    fn it_says_what_was_meant() {
        let message = |path: &str| {
            let text = format!("services: {{a: {{build: {{context: ., dockerfile: {path}}}}}}}");
            here().message(&DOCKERFILE_NOT_FOUND, "compose.yaml", &text)
        };
        assert_eq!(
            message("wbe.Dockerfile"),
            "There is no file wbe.Dockerfile (did you mean \"web.Dockerfile\"?)"
        );
        assert_eq!(message("something"), "There is no file something");
    }
}
