//! What is worth knowing about what a FROM inherits and a `COPY --from` brings.

use std::{fmt::Write, ops::Range};

use super::Hover;
use crate::{
    document::Document,
    flow::{self, Origin, RootKind, StageFlow, path},
    images::{self, Facts, Family, Libc, PackageManager, Setting},
    stages::{Reference, ReferenceKind, Resolution},
    syntax::{Keyword, Placed, Word},
};

/// Most writers of a path that are told.
const WRITERS: usize = 3;

/// For the source or destination of a `COPY --from` at `offset` (bytes).
pub(super) fn hover(doc: &Document, offset: usize) -> Option<Hover> {
    let index = doc.syntax().instruction_at(offset)?;
    let placed = &doc.syntax().instructions()[index];
    if placed.instruction.keyword != Keyword::Copy {
        return None;
    }
    let mut references = doc.stages().references_in(index).iter();
    let source = references.find(|it| it.kind == ReferenceKind::Copy && !it.onbuild)?;
    let range = |word: &Word| placed.at(word.range());
    let touches = |range: &Range<usize>| range.start <= offset && offset <= range.end;
    let word = placed.instruction.meant_words().iter().find(|word| touches(&range(word)))?;
    let markdown = copied(doc, source, placed, Some(word))?;
    Some(Hover { range: range(word), markdown })
}

/// What a `COPY --from` of a stage brings and where it puts it; of one source, or of all.
pub(super) fn copied(
    doc: &Document,
    reference: &Reference,
    placed: &Placed,
    only: Option<&Word>,
) -> Option<String> {
    let from = reference.target().filter(|&from| from < reference.stage)?;
    let (destination, sources) = placed.instruction.meant_words().split_last()?;
    let stage = doc.stages().all()[reference.stage].instructions.start;
    let here = doc.flow().stage(reference.stage).before(reference.instruction - stage);
    let to = here.path(&flow::text_of(doc, reference.instruction, destination)).value;
    let mut text = String::new();
    for source in
        sources.iter().filter(|source| only.is_none_or(|only| only == *source || only == destination))
    {
        let Some(line) = source_text(doc, from, reference.instruction, source) else { continue };
        let separator = if text.is_empty() { "" } else { "\n\n" };
        let _ = write!(text, "{separator}{line}");
    }
    if let Some(to) = to.filter(|_| !text.is_empty()) {
        let _ = write!(text, "\n\nCopied to `{to}`");
        if !destination.text().starts_with('/')
            && let Some(directory) = &here.workdir.value
        {
            let _ = write!(text, ", seen from the working directory `{directory}`");
        }
    }
    (!text.is_empty()).then_some(text)
}

/// What a source path is in the stage that it is copied from.
fn source_text(doc: &Document, from: usize, instruction: usize, source: &Word) -> Option<String> {
    let written = flow::text_of(doc, instruction, source).value?;
    let path = path::join(Some("/"), &written)?;
    let stage = doc.flow().stage(from);
    let title = doc.stages().all()[from].title();
    let mut text = format!("`{path}` of `{title}`");
    if let Some(directory) = stage.end().workdir.value.as_deref()
        && !written.starts_with('/')
        && directory != "/"
    {
        let _ = write!(text, ": a source starts at the root, not at the working directory `{directory}`");
    }
    let mut writers: Vec<Origin> = Vec::new();
    for fact in stage.writers(&path) {
        if !writers.contains(&fact.origin) {
            writers.push(fact.origin);
        }
    }
    writers.truncate(WRITERS);
    match writers.is_empty() {
        true if stage.is_opaque() => text.push_str("\n\nWhat writes it can't be told"),
        true => text.push_str("\n\nNothing in the stage is known to write it"),
        false => {
            let _ = write!(text, "\n\nWritten by:");
            for origin in writers {
                let _ = write!(text, "\n- {}", origin_text(doc, from, origin));
            }
        }
    }
    Some(text)
}

/// ``line 4: `npm run build` ``, with the stage if it is another.
pub(super) fn origin_text(doc: &Document, stage: usize, origin: Origin) -> String {
    let index = doc.stages().all()[origin.stage].instructions.start + origin.instruction;
    let placed = &doc.syntax().instructions()[index];
    let range = command_range(doc, placed, origin).unwrap_or(placed.range());
    let line = doc.text().line_of(range.start) + 1;
    let source = doc.text().slice(range);
    let shown = source.lines().next().unwrap_or_default().trim_end_matches([' ', '\t', '\\']);
    let place = match origin.stage == stage {
        true => String::new(),
        false => format!(" of `{}`", doc.stages().all()[origin.stage].title()),
    };
    format!("line {line}{place}: `{shown}`")
}

fn command_range(doc: &Document, placed: &Placed, origin: Origin) -> Option<Range<usize>> {
    let (script, number) = origin.command?;
    let ran = placed.scripts(doc.text()).get(script)?;
    Some(placed.at(ran.source(ran.script.commands.get(number)?.range.clone())))
}

/// What is known of an image that is copied from or mounted.
pub(super) fn image(doc: &Document, reference: &Reference) -> Option<String> {
    let Resolution::Image(image) = &reference.resolution else { return None };
    let facts = images::facts(image, doc.flow().stage(reference.stage).is_windows())?;
    Some(format!("`{image}`: {}", system(&facts)))
}

/// What a stage starts with, from the stage or image in its FROM.
pub(super) fn inherited(doc: &Document, stage: usize) -> Option<String> {
    let flow = doc.flow().stage(stage);
    if flow.parent().is_none() && flow.root().kind == RootKind::Scratch {
        return None;
    }
    let mut text = String::new();
    if let RootKind::Image(image, Some(facts)) = &flow.root().kind {
        let _ = write!(text, "`{image}`: {}", system(facts));
        if !facts.is_certain() {
            text.push_str(" (from general knowledge)");
        }
    }
    let point = flow.before(0);
    let mut inherited = Vec::new();
    if let Some(directory) = &point.workdir.value {
        inherited.push(format!("working directory `{directory}`"));
    }
    if let Some(user) = &point.user.value {
        inherited.push(format!("user `{user}`"));
    }
    inherited.extend(started(
        doc,
        flow,
        "entrypoint",
        point.entrypoint,
        flow.image().map(|it| &it.entrypoint),
    ));
    let cmd = flow.image().map(|facts| &facts.cmd).filter(|_| !point.cmd_reset);
    inherited.extend(started(doc, flow, "command", point.cmd, cmd));
    if !inherited.is_empty() {
        let separator = if text.is_empty() { "" } else { "\n\n" };
        let _ = write!(text, "{separator}Inherits {}", inherited.join(", "));
    }
    if let Some(facts) = flow.image()
        && flow.parent().is_none()
    {
        if !facts.env.is_empty() {
            let names: Vec<String> = facts.env.iter().map(|name| format!("`{name}`")).collect();
            let _ = write!(text, "\n\nMay set {}", names.join(", "));
        }
        if !facts.notes.is_empty() {
            let _ = write!(text, "\n\n{}", facts.notes);
        }
    }
    (!text.is_empty()).then_some(text)
}

/// ``entrypoint `["/init"]` ``, from a stage or the image.
fn started(
    doc: &Document,
    flow: &StageFlow,
    what: &str,
    by: Option<Origin>,
    image: Option<&Setting>,
) -> Option<String> {
    let Some(origin) = by else {
        let Setting::Words(words) = image? else { return None };
        return Some(format!("{what} `{}`", words.join(" ")));
    };
    let start = doc.stages().all()[origin.stage].instructions.start;
    let placed = &doc.syntax().instructions()[start + origin.instruction];
    let keyword = placed.at(placed.instruction.effective().word.range());
    let source = doc.text().slice(keyword.end..placed.start + placed.instruction.head());
    let shown = source.trim().lines().next().unwrap_or_default().trim_end_matches([' ', '\\']).to_owned();
    let place = match origin.stage == flow.index() {
        true => String::new(),
        false => format!(" of `{}`", doc.stages().all()[origin.stage].title()),
    };
    Some(format!("{what} `{shown}`{place}"))
}

/// `Alpine Linux, musl, apk`.
pub(in crate::features) fn system(facts: &Facts) -> String {
    let family = match facts.family {
        Family::Debian => "Debian",
        Family::Ubuntu => "Ubuntu",
        Family::Alpine => "Alpine Linux",
        Family::Rhel => "a relative of Red Hat Enterprise Linux",
        Family::Wolfi => "Wolfi",
        Family::Busybox => "BusyBox",
        Family::DistrolessStatic => "distroless, for static programs",
        Family::Distroless => "distroless",
        Family::Scratch => "empty",
        Family::Windows => "Windows",
        Family::Unknown => "a Linux of another kind",
    };
    let libc = match facts.libc {
        Libc::Glibc => Some("glibc"),
        Libc::Musl => Some("musl"),
        Libc::None => Some("no libc"),
        Libc::Unknown => None,
    };
    let manager = match facts.package_manager {
        PackageManager::Apt => Some("apt"),
        PackageManager::Apk => Some("apk"),
        PackageManager::Rpm => Some("rpm packages"),
        PackageManager::Zypper => Some("zypper"),
        PackageManager::Pacman => Some("pacman"),
        PackageManager::None => Some("no package manager"),
        PackageManager::Unknown => None,
    };
    let shell = (facts.shell == crate::images::Shell::None).then_some("no shell");
    let parts: Vec<&str> = [Some(family), libc, manager, shell].into_iter().flatten().collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::tests::text;

    #[test]
    fn a_source_tells_who_writes_it_and_where_it_goes() {
        insta::assert_snapshot!(text("
            FROM node:20 AS build
            WORKDIR /app
            COPY . .
            RUN npm ci && npm run build
            FROM nginx:1.27
            WORKDIR /usr/share/nginx
            COPY --from=build di$0st html
        "), @r"
        `/dist` of `build`: a source starts at the root, not at the working directory `/app`

        Nothing in the stage is known to write it

        Copied to `/usr/share/nginx/html`, seen from the working directory `/usr/share/nginx`
        ");
        insta::assert_snapshot!(text("
            FROM golang:1.22 AS build
            RUN CGO_ENABLED=0 go build -o /out/app .
            FROM alpine:3.20 AS collect
            COPY --from=build /out /out
            FROM scratch
            COPY --from=collect /out/app /bi$0n/app
        "), @r"
        `/out/app` of `collect`

        Written by:
        - line 2 of `build`: `CGO_ENABLED=0 go build -o /out/app .`

        Copied to `/bin/app`
        ");
    }

    #[test]
    fn a_from_tells_what_it_brings() {
        insta::assert_snapshot!(text("
            FROM gol$0ang:1.22-alpine AS base
        "), @r"
        Image `golang:1.22-alpine`; no stage above has that name

        ---

        `golang:1.22-alpine`: Alpine Linux, musl, apk

        Inherits working directory `/go`, user `root`

        May set `GOLANG_VERSION`, `GOTOOLCHAIN`, `GOPATH`

        No gcc: cgo is off by itself, binaries are static. No git, no bash, no make. GOTOOLCHAIN only since 1.21.
        ");
        insta::assert_snapshot!(text("
            FROM debian:12 AS base
            WORKDIR /app
            USER app
            ENTRYPOINT [\"/init\"]
            FROM ba$0se
        "), @r#"
        **base** · stage 0

        Base: `debian:12`

        Used by:
        - `stage 1` builds on it, line 5

        Part of the default build; alone: `docker build --target base .`

        ---

        `debian:12`: Debian, glibc, apt

        Inherits working directory `/app`, user `app`, entrypoint `["/init"]` of `base`
        "#);
        assert!(!text("FROM ghcr.io/nobody/$0nothing:1\n").contains("Inherits"));
    }
}
