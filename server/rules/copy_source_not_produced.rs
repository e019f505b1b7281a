use std::ops::Range;

use super::{
    Findings, Severity,
    context::Context,
    copies::{self, Copying, LOOKED_AT, Mentions, is_of_system, stage_title, top},
    rule,
    stage_edits::{indent, insert, newline, replace},
};
use crate::{
    flow::{Fact, Origin, Product, Scope, StageFlow, path},
    stages::{ReferenceKind, Resolution},
    syntax::Word,
    tools,
};

rule! {
    /// A `COPY --from` of what nothing in that stage seems to create.
    ///
    /// ## Why
    /// The build fails with "not found". Most often the stage has no `WORKDIR`, so that its commands run in `/`, or a command
    /// writes to another directory. Stages with commands that may write anywhere, images of which little is known, and what
    /// a build of the workspace replaces by a build context, are not judged.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22 AS build
    /// COPY . .
    /// RUN npm ci && npm run build
    /// FROM nginx:1.27
    /// COPY --from=build /app/dist /usr/share/nginx/html
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:22 AS build
    /// WORKDIR /app
    /// COPY . .
    /// RUN npm ci && npm run build
    /// FROM nginx:1.27
    /// COPY --from=build /app/dist /usr/share/nginx/html
    /// ```
    COPY_SOURCE_NOT_PRODUCED: "copy-source-not-produced", "A `COPY --from` of what nothing in that stage creates", Warning, check
}

/// Names that people give to what a build makes, and not to sources.
const RESULTS: [&str; 6] = ["dist", "out", "publish", "site", "wheelhouse", "wheels"];

/// Paths that are not in an image, and where what they are about is; empty if it is not there at all. Those that end with
/// a slash stand for all below.
const ELSEWHERE: [(&str, &str, &str); 7] = [
    ("library/caddy", "/usr/local/bin/caddy", "/usr/bin/caddy"),
    ("library/golang", "/usr/bin/go", "/usr/local/go/bin/go"),
    ("library/golang", "/usr/local/bin/", ""),
    ("library/nginx", "/etc/default.conf", "/etc/nginx/conf.d/default.conf"),
    ("library/nginx", "/etc/nginx.conf", "/etc/nginx/nginx.conf"),
    ("library/node", "/usr/bin/node", "/usr/local/bin/node"),
    ("library/node", "/usr/bin/npm", "/usr/local/bin/npm"),
];

fn check(context: &Context<'_>, out: &mut Findings) {
    of_images(context, out);
    let mut mentions = Mentions::default();
    let mut left = LOOKED_AT;
    // A missing WORKDIR is one finding, however much is copied.
    let mut without_workdir = vec![false; context.stages.all().len()];
    for copying in copies::all(context) {
        let flow = copying.flow;
        if flow.is_opaque() || flow.certain_image().is_none() {
            continue;
        }
        for word in copying.sources {
            let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '@' | '+');
            if !word.text().starts_with('/') || !word.text().chars().all(is_plain) {
                continue;
            }
            let Some(path) = path::join(Some("/"), word.text()).filter(|path| path != "/") else { continue };
            let Some(rest) = left.checked_sub(flow.fact_count()) else { return };
            left = rest;
            if let Some(fact) = near_miss(context, flow, &path) {
                wrong_place(context, &copying, word, &path, fact, out);
            } else if !without_workdir[copying.from] && is_nowhere(context, &mut mentions, flow, &path) {
                without_workdir[copying.from] = true;
                nowhere(context, &copying, word, &path, out);
            }
        }
    }
}

/// What a command writes by an option of its own that was meant by `path`, which nothing writes.
fn near_miss<'f>(context: &Context<'_>, flow: &'f StageFlow, path: &str) -> Option<&'f Fact> {
    let (name, parent) = (path::name(path), path::parent(path));
    let is_result = |fact: &Fact| {
        matches!(fact.product, Product::Native(_) | Product::Neutral | Product::Dependencies(_))
            && !fact.vague
            && fact.volatile.is_none()
            && fact.origin.command.is_some()
            && fact.origin == fact.by
    };
    let same_name = |fact: &&Fact| path::name(&fact.path) == name;
    let same_parent = |fact: &&Fact| parent != "/" && path::parent(&fact.path) == parent;
    let results = || flow.facts().filter(|fact| is_result(fact));
    let fact = results().find(same_name).or_else(|| results().find(same_parent))?;
    let is_name = path::name(&fact.path) == name;
    let covers = |fact: &Fact| match fact.product {
        _ if !fact.touches(path) => false,
        // What a build makes is no part of the sources.
        Product::Context => {
            !(is_name && RESULTS.contains(&name) && path::below(path, &fact.path) != Some(""))
        }
        // It makes `bin` and `obj`, and no folder of that name.
        _ => !(fact.vague && is_name && name == "publish" && runs_dotnet(context, fact.origin)),
    };
    (!flow.facts().any(covers)).then_some(fact)
}

fn runs_dotnet(context: &Context<'_>, origin: Origin) -> bool {
    let running = context.running_in(origin.stage).iter().find(|running| running.origin() == origin);
    running.is_some_and(|running| running.name() == "dotnet")
}

fn wrong_place(
    context: &Context<'_>,
    copying: &Copying<'_>,
    word: &Word,
    path: &str,
    fact: &Fact,
    out: &mut Findings,
) {
    let place = context.place_of(fact.origin);
    let command = shortened(&context.doc.text().slice(place.clone()));
    let title = stage_title(context, copying.from);
    let message = format!(
        "Nothing in {title} seems to create {path}; `{command}` (line {}) writes {}",
        context.line(place.start),
        fact.path
    );
    let finding = out.report(&COPY_SOURCE_NOT_PRODUCED, copying.placed.at(word.range()), message);
    finding.severity(if fact.certain { Severity::Warning } else { Severity::Information });
    finding.related(place, format!("This writes {}", fact.path));
    let edit = replace(copying.placed.at(word.range()), &*fact.path);
    finding.fix(format!("Write `{}`", fact.path), Some(vec![edit])).prefer_single_fix();
}

/// A command in one line that is not too long.
fn shortened(command: &str) -> String {
    let mut text = command.split_whitespace().filter(|word| *word != "\\").collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = text.char_indices().nth(60) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Whether `path` lies in a directory at the root that neither the stage nor its image knows of.
fn is_nowhere(context: &Context<'_>, mentions: &mut Mentions, flow: &StageFlow, path: &str) -> bool {
    let is_usual_image = flow.certain_image().is_some_and(|facts| {
        // Images of programs have them where they like; those of languages and systems are those of a Linux distribution.
        !facts.repository.contains('/')
            && !matches!(&*facts.repository, "composer" | "nextcloud" | "wordpress")
            || facts.repository.starts_with("mcr.microsoft.com/dotnet/sdk")
    });
    if !is_usual_image
        || is_of_system(path)
        || !builds(context, flow)
        || mentions.name(context, flow.index(), path)
    {
        return false;
    }
    let mut builds_in_root = false;
    for fact in flow.facts() {
        if *fact.path != *"/" {
            if top(&fact.path) == top(path) {
                return false;
            }
            continue;
        }
        // What other stages had there may be anything.
        match (fact.vague, fact.product) {
            _ if fact.by != fact.origin => return false,
            (true, _) => builds_in_root = true,
            (false, Product::Context) if is_project(context, fact.by) => {}
            (false, _) if fact.scope == Scope::Exact => {}
            (false, _) => return false,
        }
    }
    // Files of the context may be anything. Where they are built in the root, they are a project that is at home elsewhere.
    builds_in_root || flow.facts().all(|fact| *fact.path != *"/" || fact.product != Product::Context)
}

/// Whether a stage installs what a project needs, or compiles it: then it is written to its end.
fn builds(context: &Context<'_>, flow: &StageFlow) -> bool {
    flow.chain().flat_map(|stage| context.running_in(stage.index())).any(|running| {
        running
            .call
            .is_some_and(|call| tools::compiles(call).is_some() || tools::dependencies(call).is_some())
    })
}

/// Whether a COPY takes the whole context, or files of it.
fn is_project(context: &Context<'_>, copy: Origin) -> bool {
    let index = context.stages.all()[copy.stage].instructions.start + copy.instruction;
    let words = context.instruction(index).instruction.meant_words();
    let is_it = |word: &Word| {
        let text = word.text().trim_end_matches('/');
        text == "." || path::name(text).trim_start_matches('.').contains('.')
    };
    words.split_last().is_some_and(|(_, sources)| sources.iter().all(is_it))
}

fn nowhere(context: &Context<'_>, copying: &Copying<'_>, word: &Word, path: &str, out: &mut Findings) {
    let flow = copying.flow;
    let title = stage_title(context, copying.from);
    let directory = flow.end().workdir.value.as_deref().unwrap_or("/");
    let mut message = format!("Nothing in {title} seems to create {path}");
    let none = flow.end().workdir_by.is_none();
    if none {
        message += &format!(": it has no WORKDIR, and its commands run in {directory}");
    }
    let finding = out.report(&COPY_SOURCE_NOT_PRODUCED, copying.placed.at(word.range()), message);
    finding.related(context.declaration(copying.from), format!("The start of {title}"));
    if none && context.fixes {
        let wanted = format!("/{}", top(path));
        let place = below_from(context, copying.from);
        let blanks = indent(context, context.opening(copying.from).start);
        let edit = insert(place.end, format!("{}{blanks}WORKDIR {wanted}", newline(context)));
        finding.fix(format!("Set `WORKDIR {wanted}` in {title}"), Some(vec![edit]));
    }
}

/// The FROM of a stage without its line ending, in bytes of the file.
fn below_from(context: &Context<'_>, stage: usize) -> Range<usize> {
    let range = context.opening(stage).range();
    let text = context.doc.text().slice(range.clone());
    range.start..range.start + text.trim_end().len()
}

fn of_images(context: &Context<'_>, out: &mut Findings) {
    for reference in context.stages.references() {
        let (ReferenceKind::Copy, Resolution::Image(image)) = (reference.kind, &reference.resolution) else {
            continue;
        };
        let known = ELSEWHERE.iter().filter(|(name, ..)| *name == image.repository);
        if image.registry != "docker.io" || known.clone().next().is_none() {
            continue;
        }
        let placed = context.instruction(reference.instruction);
        let Some((_, sources)) = placed.instruction.meant_words().split_last() else { continue };
        for word in sources {
            let is_it = |(_, path, _): &&(&str, &str, &str)| match path.ends_with('/') {
                true => word.text().len() > path.len() && word.text().starts_with(path),
                false => word.text() == *path,
            };
            let Some((_, path, right)) = known.clone().find(is_it) else { continue };
            let short = image.repository.trim_start_matches("library/");
            let message = match *right {
                "" => format!("The image {short} has nothing in {}", path.trim_end_matches('/')),
                right => format!("There is no {} in the image {short}. Did you mean {right}?", word.text()),
            };
            let edit = || vec![replace(placed.at(word.range()), *right)];
            out.report(&COPY_SOURCE_NOT_PRODUCED, placed.at(word.range()), message)
                .fix(format!("Write `{right}`"), (!right.is_empty()).then(edit))
                .prefer_single_fix();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn a_directory_that_nothing_makes() {
        let text = "
            FROM node:20 AS b
            COPY . .
            RUN npm run build
            FROM nginx:1.27
            COPY --from=b /app/dist /usr/share/nginx/html
            ";
        assert_eq!(
            message(&COPY_SOURCE_NOT_PRODUCED, text),
            "Nothing in stage \"b\" seems to create /app/dist: it has no WORKDIR, and its commands run in /"
        );
        assert_eq!(
            fixed(&COPY_SOURCE_NOT_PRODUCED, text, "Set `WORKDIR /app` in stage \"b\"").lines().nth(1),
            Some("WORKDIR /app")
        );
        fires(
            &COPY_SOURCE_NOT_PRODUCED,
            "
            FROM node:20 AS dependencies
            RUN npm install
            FROM node:20 AS builder
            COPY --from=dependencies /app/node_modules ./node_modules
                                     ^^^^^^^^^^^^^^^^^ warning
            RUN npm run build
            FROM node:20-alpine AS production
            COPY --from=builder /app/dist ./dist
                                ^^^^^^^^^ warning
            COPY --from=builder /app/package.json ./
            ",
        );
        // Numbers, and a working directory that is not that of the path.
        fires(
            &COPY_SOURCE_NOT_PRODUCED,
            "
            FROM golang:1.22
            WORKDIR /src
            COPY . .
            RUN go build -o app .
            FROM alpine:3.20
            COPY --from=0 /build/server /server
                          ^^^^^^^^^^^^^ warning
            ",
        );
    }

    #[test]
    fn a_command_that_writes_elsewhere() {
        let text = "
            FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build
            WORKDIR /src
            COPY . .
            RUN dotnet restore && \\
                dotnet publish -c Release -o /app/publish
            FROM mcr.microsoft.com/dotnet/aspnet:8.0
            COPY --from=build /src/publish .
            ";
        assert_eq!(
            message(&COPY_SOURCE_NOT_PRODUCED, text),
            "Nothing in stage \"build\" seems to create /src/publish; `dotnet publish -c Release -o /app/publish` (line 5) \
             writes /app/publish"
        );
        let after = fixed(&COPY_SOURCE_NOT_PRODUCED, text, "Write `/app/publish`");
        assert!(after.ends_with("COPY --from=build /app/publish .\n"));
        fires(
            &COPY_SOURCE_NOT_PRODUCED,
            "
            FROM golang:1.22 AS b
            ARG OUT=/out
            WORKDIR /src
            COPY . .
            RUN go build -o /bin/server ./cmd && go build -o $OUT/tool ./tool
            FROM scratch
            COPY --from=b /app/server /server
                          ^^^^^^^^^^^ warning
            COPY --from=b /opt/tool /tool
                          ^^^^^^^^^ information
            ",
        );
    }

    #[test]
    fn paths_that_images_have_elsewhere() {
        fires(
            &COPY_SOURCE_NOT_PRODUCED,
            "
            FROM alpine:3.20
            COPY --from=golang:1.22 /usr/local/bin/hello /usr/local/bin/
                                    ^^^^^^^^^^^^^^^^^^^^ warning
            COPY --from=nginx:alpine /etc/nginx.conf /
                                     ^^^^^^^^^^^^^^^ warning
            COPY --from=nginx:alpine /etc/nginx/nginx.conf /
            COPY --from=golang:1.22 /usr/local/go /usr/local/bin /usr/local/
            COPY --from=quay.io/library/nginx /etc/nginx.conf /
            ",
        );
    }

    #[test]
    fn what_may_be_there_is_left_alone() {
        for lines in [
            "WORKDIR /app\nCOPY . .\nRUN npm run build",
            "WORKDIR app\nRUN npm run build",
            "COPY . /app\nRUN npm run build --prefix /app",
            "COPY . .\nRUN npm run build && ./post.sh",
            "COPY . .\nRUN npm run build -- --output-path=/app/dist",
            "COPY . .",
            "COPY app .\nRUN npm run build",
            "COPY rootfs /",
            "ADD https://example.com/a.tar.gz /\nRUN npm ci && tar xf a.tar.gz",
            "ARG D=/app\nWORKDIR $D",
            "ENV D=/app\nRUN npm run build",
            "RUN --mount=type=cache,target=/app npm run build",
            "RUN git clone https://example.com/app.git && cd app && npm run build",
            "RUN make",
            "RUN adduser app",
            "COPY --from=a / /\nRUN npm run build",
        ] {
            let text = format!(
                "FROM debian:12 AS a\nRUN make\nFROM node:20 AS b\n{lines}\nFROM nginx:1.27\nCOPY --from=b /app/dist /d\n"
            );
            silent(&COPY_SOURCE_NOT_PRODUCED, &text);
        }
        for (base, source) in [
            ("ghcr.io/a/b", "/app/dist"),
            ("$B", "/app/dist"),
            ("composer:2", "/app/dist"),
            ("node:20", "/usr/src/dist"),
            ("node:20", "/app/*.js"),
            ("node:20", "/app/$X"),
            ("node:20", "app/dist"),
            ("scratch", "/app/dist"),
        ] {
            let text = format!(
                "ARG B\nFROM {base} AS b\nRUN npm run build\nFROM nginx:1.27\nCOPY --from=b {source} /d\n"
            );
            silent(&COPY_SOURCE_NOT_PRODUCED, &text);
        }
        silent(
            &COPY_SOURCE_NOT_PRODUCED,
            "FROM golang:1.22 AS b\nWORKDIR /src\nCOPY . .\nRUN go build -o /out/server .\nFROM scratch\n\
             COPY --from=b /src/server /out/server /s/\n",
        );
    }
}
