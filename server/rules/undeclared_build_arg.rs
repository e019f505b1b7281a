use super::{Findings, Severity, SourceContext, near::nearest, rule, source::Use};
use crate::{
    builds::Build, language::arguments::PROXY_ARGS, stages::globals::is_predefined, text::Edit,
    workspace::Summary,
};

rule! {
    /// A build argument that the Dockerfile never declares.
    ///
    /// ## Why
    /// Only what an ARG declares gets a value from outside; any other argument is dropped, and BuildKit says that it was not
    /// consumed. Often the name is misspelt, or the ARG was renamed. Where several Dockerfiles share a list of arguments, one
    /// that declares it is enough.
    ///
    /// ## Example
    /// ```dockerfile
    /// ARG GO_VERSION=1.22
    /// FROM golang:${GO_VERSION}
    /// ```
    /// ```yaml
    /// services:
    ///   web:
    ///     build:
    ///       context: .
    ///       args:
    ///         GO_VERSOIN: "1.23"
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// ARG GO_VERSION=1.22
    /// FROM golang:${GO_VERSION}
    /// ```
    /// ```yaml
    /// services:
    ///   web:
    ///     build:
    ///       context: .
    ///       args:
    ///         GO_VERSION: "1.23"
    /// ```
    UNDECLARED_BUILD_ARG: "undeclared-build-arg", "A build argument that the Dockerfile never declares", Warning, source check
}

fn check(context: &SourceContext<'_>, out: &mut Findings) {
    for (spot, uses) in
        context.by_place(|build: &Build| build.args.iter().map(|arg| (&arg.name, ())).collect())
    {
        let mut near = None;
        let unused = uses.iter().all(|it| {
            let Use { build, meaning, value, .. } = it;
            let (Some(summary), Some(name)) = (meaning.summary(), value.known()) else { return false };
            if !it.is_certain() || summary.is_foreign || summary.stages.is_empty() || is_taken(name) {
                return false;
            }
            near = near.take().or_else(|| similar(summary, name, build));
            !summary.has_arg(name)
        });
        let Some(Use { meaning, value, .. }) = uses.first().filter(|_| unused) else { continue };
        let Some(name) = value.known() else { continue };
        let dockerfile = meaning
            .path()
            .map_or("the Dockerfile in this file".to_owned(), |path| context.workspace.title(path));
        let finding = out.report(
            &UNDECLARED_BUILD_ARG,
            spot.range.clone(),
            format!("No ARG of {dockerfile} declares \"{name}\", so the build does not see it"),
        );
        let Some(near) = near else {
            finding.severity(Severity::Information);
            continue;
        };
        finding.message += &format!(" (did you mean \"{near}\"?)");
        if let Some(text) = value.quoting.and_then(|quoting| quoting.write(&near)) {
            let edit = Edit { range: spot.range.clone(), text };
            finding.fix(format!("Replace by \"{near}\""), Some(vec![edit])).prefer_single_fix();
        }
    }
}

/// Whether BuildKit, a frontend or the platform takes an argument of this name without an ARG.
fn is_taken(name: &str) -> bool {
    PROXY_ARGS.contains(&name)
        || matches!(name, "SOURCE_DATE_EPOCH" | "COMPOSE_DOCKER_CLI_BUILD")
        || is_predefined(name)
        || name.starts_with("BUILDKIT_")
        || name.starts_with("DOCKER_BUILD")
}

/// The argument that was meant, in whatever case: none that the build gives already.
fn similar(summary: &Summary, name: &str, build: &Build) -> Option<String> {
    let is_given = |arg: &str| build.args.iter().any(|given| given.name.known() == Some(arg));
    let open: Vec<&str> = summary.args().filter(|arg| !is_given(arg)).collect();
    let lower: Vec<String> = open.iter().map(|arg| arg.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let near = nearest(name, &lower)?;
    open.into_iter().find(|arg| arg.to_lowercase() == near).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{Project, project};

    fn here() -> Project {
        project(&[
            ("Dockerfile", "ARG GO_VERSION=1.26\nFROM golang:${GO_VERSION}\nARG FLAGS\nRUN make $FLAGS\n"),
            ("other/Dockerfile", "FROM a:1\nARG OTHER\nRUN make $OTHER\n"),
        ])
    }

    #[test]
    fn an_argument_that_nothing_declares_is_found() {
        here().fires(
            &UNDECLARED_BUILD_ARG,
            "compose.yaml",
            "
            services:
              web:
                build:
                  context: .
                  args:
                    GO_VERSOIN: \"1\"
                    ^^^^^^^^^^ warning
                    FLAGS: -s
                    SOMETHING_ELSE: a
                    ^^^^^^^^^^^^^^ information
                    flags: -s
                    ^^^^^ information
                    HTTP_PROXY: a
                    TARGETARCH: b
                    BUILDKIT_INLINE_CACHE: 1
            ",
        );
        here().fires(
            &UNDECLARED_BUILD_ARG,
            "build.sh",
            "
            docker build --build-arg FLAG=x --build-arg GO_VERSION --build-arg \"$NAME=x\" .
                                     ^^^^ warning
            ",
        );
    }

    #[test]
    fn nothing_is_said_where_nobody_can_know() {
        for (path, text) in [
            ("compose.yaml", "services: {a: {build: {context: nowhere, args: {X: y}}}}"),
            (
                "compose.yaml",
                "services: {a: {build: {context: \"https://example.org/x.git\", args: {X: y}}}}",
            ),
            ("README.md", "```sh\ndocker build --build-arg X=y .\n```\n"),
        ] {
            here().silent(&UNDECLARED_BUILD_ARG, path, text);
        }
        let foreign = [("Dockerfile", "# syntax=example.org/own\nFROM a:1 AS x\n")];
        let text = "services: {a: {build: {context: ., args: {X: y}}}}";
        project(&foreign).silent(&UNDECLARED_BUILD_ARG, "compose.yaml", text);
    }

    #[test]
    fn of_dockerfiles_that_share_arguments_one_is_enough() {
        let text = "x-args: &args {OTHER: a}\nservices:\n  a: {build: {context: ., args: *args}}\n  b: {build: {context: other, args: *args}}\n";
        here().silent(&UNDECLARED_BUILD_ARG, "compose.yaml", text);
    }
}
