use super::{
    Findings, Severity,
    context::Context,
    copies::{self, Copying, LOOKED_AT, stage_title},
    rule,
    running::Running,
    stage_edits::replace,
};
use crate::{
    flow::{Known, Origin, Product, RootKind, path},
    syntax::Word,
    text::Edit,
    tools::{self, Dev},
};

rule! {
    /// The final image takes all of the directory in which another stage builds.
    ///
    /// ## Why
    /// Sources, tools and caches of the build come with it, and the small image that a stage of its own was for is lost. Copy
    /// what the build makes. Of an interpreted language that is often most of it, so there it is only a hint.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// WORKDIR /src
    /// COPY . .
    /// RUN go build -o server .
    /// FROM alpine:3.20
    /// COPY --from=build /src /app
    /// CMD ["/app/server"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// WORKDIR /src
    /// COPY . .
    /// RUN go build -o server .
    /// FROM alpine:3.20
    /// COPY --from=build /src/server /app/server
    /// CMD ["/app/server"]
    /// ```
    WHOLE_WORKDIR_COPIED: "whole-workdir-copied", "A `COPY --from` takes sources and build tools along", Information, check
}

/// Names of directories for results.
const RESULTS: [&str; 17] = [
    "_site",
    "artifacts",
    "bin",
    "build",
    "dist",
    "export",
    "install",
    "installed",
    "lib",
    "out",
    "output",
    "public",
    "publish",
    "release",
    "rootfs",
    "site",
    "target",
];

fn check(context: &Context<'_>, out: &mut Findings) {
    if context.stages.all().len() < 2 {
        return;
    }
    let Some(last) = context.final_stage() else { return };
    if context.flow().stage(last).root().kind == RootKind::Scratch {
        return;
    }
    let mut of_final = vec![false; context.stages.all().len()];
    context.flow().stage(last).chain().for_each(|stage| of_final[stage.index()] = true);
    let mut left = LOOKED_AT;
    let mut looked = vec![None; context.stages.all().len()];
    for copying in copies::all(context).filter(|copying| of_final[copying.stage]) {
        let flow = copying.flow;
        for word in copying.sources {
            let Some(path) = copying.source(context, word).and_then(|path| path.value) else { continue };
            if path == "/" || RESULTS.contains(&path::name(&path)) || path.contains(['*', '?', '[']) {
                continue;
            }
            let Some(rest) = left.checked_sub(flow.fact_count()) else { return };
            left = rest;
            let workdir = flow.end().workdir.value.as_deref();
            let is_home = workdir.is_some_and(|workdir| path::is_within(workdir, &path));
            if !is_home && !has_sources(context, &copying, &path, true) {
                continue;
            }
            let kind = *looked[copying.from].get_or_insert_with(|| kind(context, copying.from));
            if kind != Kind::Nothing && has_sources(context, &copying, &path, false) {
                report(context, &copying, word, &path, kind, out);
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Compiled,
    Interpreted,
    /// Nothing is built, or only what is run is left in the end.
    Nothing,
}

/// What a stage and those that it builds on make.
fn kind(context: &Context<'_>, stage: usize) -> Kind {
    let mut kind = Kind::Nothing;
    let mut last = None;
    for stage in context.flow().stage(stage).chain() {
        for running in context.running_in(stage.index()).iter().rev() {
            let Some(call) = running.call else { continue };
            let pruned = tools::prunes(call).is_some();
            let found = tools::dependencies(call);
            if last.is_none() && (pruned || found.is_some()) {
                last = Some(pruned || found.is_some_and(|found| found.dev == Dev::Left));
            }
            if let Some(compiled) = tools::compiles(call) {
                kind = match compiled.product {
                    Product::Neutral if !is_compiled(running) => Kind::Interpreted,
                    _ => return Kind::Compiled,
                };
            }
        }
    }
    if last == Some(true) { Kind::Nothing } else { kind }
}

/// Whether what makes byte code or an archive leaves the sources behind.
fn is_compiled(running: &Running<'_>) -> bool {
    matches!(running.name(), "mvn" | "mvnw" | "gradle" | "gradlew" | "javac" | "sbt" | "ant" | "dotnet")
}

/// Whether directories of the context were copied to `path` (`itself`), or to it or below it, in the stage that is copied from.
fn has_sources(context: &Context<'_>, copying: &Copying<'_>, path: &str, itself: bool) -> bool {
    let facts = copying.flow.facts();
    let mut copied = facts.filter(|fact| {
        fact.product == Product::Context
            && fact.by == fact.origin
            && if itself { *fact.path == *path } else { path::is_within(&fact.path, path) }
    });
    copied.any(|fact| takes_directory(context, fact.by))
}

fn takes_directory(context: &Context<'_>, copy: Origin) -> bool {
    let index = context.stages.all()[copy.stage].instructions.start + copy.instruction;
    let words = context.instruction(index).instruction.effective().meant_words();
    // `src`, `.`; not `package.json`.
    let is_directory = |word: &Word| !path::name(word.text()).trim_start_matches('.').contains('.');
    words.split_last().is_some_and(|(_, sources)| sources.iter().any(is_directory))
}

fn report(
    context: &Context<'_>,
    copying: &Copying<'_>,
    word: &Word,
    path: &str,
    kind: Kind,
    out: &mut Findings,
) {
    let title = stage_title(context, copying.from);
    let results = results(copying, path);
    let mut message = format!("{path} of {title} holds sources, build tools and caches too");
    message += ". Copy only what the build makes";
    if !results.is_empty() {
        message += &format!(": {}", results.join(", "));
    }
    let finding = out.report(&WHOLE_WORKDIR_COPIED, copying.placed.at(word.range()), message);
    finding.severity(if kind == Kind::Compiled { Severity::Information } else { Severity::Hint });
    if context.fixes {
        for result in &results {
            finding.fix(format!("Copy only `{result}`"), only(context, copying, word, path, result));
        }
    }
}

/// What commands are known to write below `path`, at most a few.
fn results(copying: &Copying<'_>, path: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for fact in copying.flow.facts() {
        let is_result = !fact.vague
            && fact.volatile.is_none()
            && fact.by == fact.origin
            && fact.origin.command.is_some()
            && matches!(fact.product, Product::Native(_) | Product::Neutral | Product::Dependencies(_))
            && path::below(&fact.path, path).is_some_and(|rest| !rest.is_empty());
        if is_result && !is_note(&fact.path) && !found.iter().any(|path| **path == *fact.path) {
            found.push(fact.path.to_string());
        }
    }
    found.truncate(4);
    found.reverse();
    found
}

/// What a package manager leaves beside the sources.
fn is_note(path: &str) -> bool {
    matches!(path::name(path), "Cargo.lock" | "go.mod" | "go.sum" | "poetry.lock" | "uv.lock")
}

fn only(
    context: &Context<'_>,
    copying: &Copying<'_>,
    word: &Word,
    path: &str,
    result: &str,
) -> Option<Vec<Edit>> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    let [_] = copying.sources else { return None };
    let Known { value: Some(to), .. } = copying.target(context) else { return None };
    let to = path::join(Some(&to), path::below(result, path)?)?;
    let words = [word, copying.destination];
    if !words.iter().all(|word| word.text().chars().all(is_plain)) {
        return None;
    }
    let at = |word: &Word| copying.placed.at(word.range());
    Some(vec![replace(at(word), result), replace(at(copying.destination), to)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    const GO: &str = "
        FROM golang:1.22 AS b
        WORKDIR /w
        COPY . .
        RUN go build -o app
        FROM alpine:3.20
        COPY --from=b /w /srv
        ";

    #[test]
    fn sources_come_along() {
        assert_eq!(
            message(&WHOLE_WORKDIR_COPIED, GO),
            "/w of stage \"b\" holds sources, build tools and caches too. Copy only what the build makes: /w/app"
        );
        let after = fixed(&WHOLE_WORKDIR_COPIED, GO, "Copy only `/w/app`");
        assert!(after.ends_with("COPY --from=b /w/app /srv/app\n"), "{after}");
        fires(
            &WHOLE_WORKDIR_COPIED,
            "
            FROM maven:3-eclipse-temurin-21 AS m
            WORKDIR /usr/src/app
            COPY src ./src
            RUN mvn package
            FROM node:20 AS n
            COPY . /web
            RUN cd /web && npm ci && npm run build
            FROM debian:12
            COPY --from=m /usr/src /usr/src
                          ^^^^^^^^ information
            COPY --from=n /web /web
                          ^^^^ hint
            ",
        );
    }

    #[test]
    fn results_are_left_alone() {
        for (from, to) in [
            ("COPY --from=b /w ", "COPY --from=b /w/app "),
            ("WORKDIR /w", "WORKDIR /publish"),
            ("alpine:3.20", "scratch"),
            ("COPY . .", "COPY go.mod go.sum ."),
            ("go build -o app", "ls"),
            ("alpine:3.20", "alpine:3.20 AS dev"),
        ] {
            let text = GO.replace("        ", "").replace(from, to);
            silent(
                &WHOLE_WORKDIR_COPIED,
                &text.replace(
                    "--from=b /w /srv",
                    if to.contains("publish") { "--from=b /publish /srv" } else { "--from=b /w /srv" },
                ),
            );
        }
        for install in ["npm ci --omit=dev", "npm ci && npm run build && npm prune --omit=dev"] {
            silent(
                &WHOLE_WORKDIR_COPIED,
                &format!(
                    "FROM node:20 AS b\nWORKDIR /w\nCOPY . .\nRUN {install}\nFROM node:20-slim\nCOPY --from=b /w /w\n"
                ),
            );
        }
    }
}
