use std::ops::Range;

use super::{
    Findings, Severity,
    context::Context,
    rule,
    running::Running,
    stage_edits::{insert, newline, replace},
    stage_roles::is_development,
    test_stage_skipped::last_test,
};
use crate::{
    flow::path,
    shell::Directory,
    stages::ReferenceKind,
    syntax::{Arguments, Instruction, Keyword, Placed, Word},
    text::Edit,
    tools::{self, Dependencies, Ecosystem, Manifest},
};

rule! {
    /// All sources are copied before the dependencies are installed.
    ///
    /// ## Why
    /// A step runs again when what was copied above it has changed. After `COPY . .` that is any edit of any file, and every build
    /// installs all dependencies anew. With only the files that list them above, their step is taken from the cache.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22-alpine
    /// WORKDIR /app
    /// COPY . .
    /// RUN npm ci
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:22-alpine
    /// WORKDIR /app
    /// COPY package*.json ./
    /// RUN npm ci
    /// COPY . .
    /// ```
    COPY_ALL_BEFORE_INSTALL: "copy-all-before-install", "Sources are copied before dependencies are installed", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    // Only the first installation of an ecosystem in a stage tells something: the others stand below it.
    let mut seen: (usize, Vec<Ecosystem>) = (0, Vec::new());
    for running in context.running() {
        let Some(found) = running.call.and_then(tools::dependencies) else { continue };
        // What needs the sources cannot stand above them.
        if found.sources || found.manifests.is_empty() {
            continue;
        }
        if seen.0 != running.stage {
            seen = (running.stage, Vec::new());
        }
        if seen.1.contains(&found.ecosystem) {
            continue;
        }
        seen.1.push(found.ecosystem);
        let Some(copy) = copy_of_all(context, running) else { continue };
        if is_installed_above(context, running, copy, found.ecosystem) || has_manifests_mounted(running) {
            continue;
        }
        let placed = context.instruction(copy);
        let sources = all_of_context(&placed.instruction).map_or(0..0, Word::range);
        let message = format!(
            "Every change to the sources runs `{}` again: copy {} and install before the rest is copied",
            short(context, running),
            names(&found, running)
        );
        let finding = out.report(&COPY_ALL_BEFORE_INSTALL, placed.at(sources), message);
        finding.severity(severity(context, running));
        finding.related(running.range(), "This installs dependencies");
        if context.fixes {
            finding.fix("Copy the lists of dependencies first", reordered(context, running, copy, &found));
            finding.prefer_single_fix();
        }
    }
}

/// The COPY or ADD (index) above a command, in its stage or one that this builds on, that puts the whole context where it runs.
fn copy_of_all(context: &Context<'_>, running: &Running<'_>) -> Option<usize> {
    let directory = running.directory()?.value?;
    for stage in running.flow().chain() {
        let index = stage.index();
        let instructions = context.stages.all()[index].instructions.clone();
        let end = if index == running.stage { running.instruction } else { instructions.end };
        for at in (instructions.start..end).rev() {
            let instruction = &context.instruction(at).instruction;
            if all_of_context(instruction).is_none() {
                continue;
            }
            let to = instruction.meant_words().last().and_then(|word| context.value(at, word))?;
            let here = stage.before(at - instructions.start).workdir.value.as_deref();
            let to = path::join(here, &to)?;
            if path::is_within(&directory, &to) {
                return Some(at);
            }
        }
    }
    None
}

/// The source of a COPY or ADD that means all of the context.
fn all_of_context(instruction: &Instruction) -> Option<&Word> {
    let is_copy = matches!(instruction.keyword, Keyword::Copy | Keyword::Add);
    let is_part = |name| instruction.flag(name).is_some();
    if !is_copy || is_part("from") || is_part("exclude") || is_part("parents") {
        return None;
    }
    let [sources @ .., _] = instruction.meant_words() else { return None };
    sources.iter().find(|word| matches!(word.text(), "." | "./" | "/" | "*" | "./*"))
}

/// Whether the same was installed above the COPY: then this only adds what the sources need.
fn is_installed_above(
    context: &Context<'_>,
    running: &Running<'_>,
    copy: usize,
    ecosystem: Ecosystem,
) -> bool {
    let mut above = running.flow().chain().flat_map(|stage| context.running_in(stage.index()));
    let installs = |call| {
        tools::dependencies(call).is_some_and(|found| found.ecosystem == ecosystem)
            // `cargo chef cook`
            || (ecosystem == Ecosystem::Rust && call.arguments.iter().any(|it| it.literal().as_deref() == Some("cook")))
    };
    above.any(|other| other.instruction < copy && other.call.is_some_and(installs))
}

/// Whether the lists of dependencies come from a mount.
fn has_manifests_mounted(running: &Running<'_>) -> bool {
    mounts(running).any(|kind| kind == "bind")
}

/// The types of its mounts.
fn mounts<'a>(running: &Running<'a>) -> impl Iterator<Item = String> + use<'a> {
    let flags = running.placed().instruction.flags.iter().filter(|flag| flag.name.text() == "mount");
    flags.map(|flag| {
        let kind = flag.mount.iter().rev().find(|option| option.key.text().eq_ignore_ascii_case("type"));
        let kind = kind.and_then(|option| option.value.as_ref());
        kind.map_or_else(|| "bind".to_owned(), |kind| kind.text().to_ascii_lowercase())
    })
}

/// Where packages stay in a cache anyway, and where nobody waits for the image, it is advice.
fn severity(context: &Context<'_>, running: &Running<'_>) -> Severity {
    let stage = &context.stages.all()[running.stage];
    // One that people work in, or that only tests and lints.
    let is_test = stage.name.as_ref().is_some_and(|name| is_development(&name.text))
        || (context.uses[stage.index].is_empty()
            && context.final_stage() != Some(stage.index)
            && last_test(context, stage.index).is_some());
    match () {
        () if is_test || mounts(running).any(|kind| kind == "cache") => Severity::Hint,
        () if running.line.command.conditional || builds_too(context, running) => Severity::Information,
        () => Severity::Warning,
    }
}

/// Whether the installation seems to build something too, by scripts of its packages: it is the last command of its stage, and
/// something else than dependencies is copied from there.
fn builds_too(context: &Context<'_>, running: &Running<'_>) -> bool {
    let last = context.running_in(running.stage).last();
    if last.is_none_or(|last| last.origin() != running.origin()) {
        return false;
    }
    let Some(directory) = running.directory().and_then(|directory| directory.value) else { return false };
    let uses = context.uses[running.stage].iter().map(|&index| &context.stages.references()[index]);
    let mut copies = uses.filter(|reference| reference.kind == ReferenceKind::Copy);
    copies.any(|reference| {
        let words = context.instruction(reference.instruction).instruction.effective().meant_words();
        words.split_last().is_some_and(|(_, sources)| {
            sources.iter().filter_map(|word| path::join(Some("/"), word.text())).any(|source| {
                let below = path::below(&source, &directory);
                below.is_some_and(|rest| !rest.is_empty() && !rest.contains("node_modules"))
            })
        })
    })
}

/// A command without its arguments' end: `npm ci`.
fn short(context: &Context<'_>, running: &Running<'_>) -> String {
    let text = context.doc.text().slice(running.range()).into_owned();
    text.split_whitespace().filter(|word| *word != "\\").take(3).collect::<Vec<_>>().join(" ")
}

/// The files that list the dependencies.
fn manifests(found: &Dependencies<'_>, running: &Running<'_>) -> Option<Vec<String>> {
    let text = |manifest: &Manifest<'_>| match manifest {
        Manifest::Usual(name) => Some((*name).to_owned()),
        Manifest::Named(operand) => running.text(*operand).in_any_build().cloned(),
    };
    found.manifests.iter().map(text).collect()
}

fn names(found: &Dependencies<'_>, running: &Running<'_>) -> String {
    match manifests(found, running) {
        Some(names) => names.join(" and "),
        None => "the lists of dependencies".to_owned(),
    }
}

/// Copies what lists the dependencies and moves the command above the COPY.
fn reordered(
    context: &Context<'_>,
    running: &Running<'_>,
    copy: usize,
    found: &Dependencies<'_>,
) -> Option<Vec<Edit>> {
    let run = running.instruction;
    let own = context.stages.of_instruction(copy)?.index == running.stage;
    // Nothing between them that the command may need.
    let harmless = |index: usize| {
        let keyword = context.instruction(index).instruction.keyword;
        matches!(keyword, Keyword::Run | Keyword::Expose | Keyword::Label | Keyword::Cmd | Keyword::Copy)
    };
    let placed = context.instruction(run);
    if !own
        || !(copy + 1..run).all(harmless)
        || running.line.command.directory != Directory::Start
        || !placed.instruction.heredocs.is_empty()
        || !matches!(placed.instruction.arguments, Arguments::Text(_))
        // What stands in front of it may be for it.
        || running.line.number > 0
        || running.line.command.conditional
    {
        return None;
    }
    let newline = newline(context);
    let doc_text = context.doc.text();
    let mut files = manifests(found, running)?;
    let to = match &files[..] {
        [file] if file.contains('/') => format!("{}/", file.rsplit_once('/')?.0),
        _ => "./".to_owned(),
    };
    if files.iter().any(|file| file.starts_with('/') || file.contains([' ', '$'])) {
        return None;
    }
    // Not every project has each of them; a pattern may match nothing.
    let is_usual = found.manifests.iter().any(|manifest| matches!(manifest, Manifest::Usual(_)));
    for file in files.iter_mut().skip(usize::from(found.ecosystem != Ecosystem::Dotnet)) {
        if is_usual && !file.contains('*') {
            file.push('*');
        }
    }
    let flags = copy_flags(context.instruction(copy), doc_text);
    let command = doc_text.slice(running.range());
    let head = doc_text.slice(placed.start..running.range().start).into_owned();
    let above = format!("COPY {flags}{} {to}{newline}{head}{command}{newline}", files.join(" "));
    let mut edits = vec![insert(context.instruction(copy).start, above)];
    edits.push(replace(rest(context, running)?, ""));
    Some(edits)
}

/// `--chown` and the like.
fn copy_flags(placed: &Placed, text: &crate::text::Text) -> String {
    placed
        .instruction
        .flags
        .iter()
        .map(|flag| format!("{} ", text.slice(placed.at(flag.range.clone()))))
        .collect()
}

/// What goes away where a command is moved: with its instruction, or up to the next command behind `&&`.
fn rest(context: &Context<'_>, running: &Running<'_>) -> Option<Range<usize>> {
    let text = context.doc.text();
    let placed = running.placed();
    let same = context.running_in(running.stage).iter().filter(|other| other.number == running.number);
    let Some(next) = same.into_iter().find(|other| other.line.number > running.line.number) else {
        let (start, end) = (placed.start, placed.range().end);
        let line = text.line_of(end);
        let behind = if line + 1 < text.lines() { text.line_start(line + 1) } else { text.len() };
        let is_alone = text.slice(running.range().end..end).trim().is_empty();
        return is_alone.then(|| text.line_start(text.line_of(start))..behind);
    };
    let range = running.range().end..next.range().start;
    let escape = context.doc.syntax().escape();
    let between: String = text.slice(range).chars().filter(|c| !c.is_whitespace() && *c != escape).collect();
    (between == "&&").then(|| running.range().start..next.range().start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    const TITLE: &str = "Copy the lists of dependencies first";

    #[test]
    fn sources_above_an_install_are_found() {
        fires(
            &COPY_ALL_BEFORE_INSTALL,
            "
            FROM node:20 AS build
            WORKDIR /app
            COPY . .
                 ^ warning
            RUN npm ci && npm run build
            FROM golang:1.22
            ADD ./ /src/
                ^^ warning
            RUN cd /src/cmd && go mod download
            FROM python:3.12
            WORKDIR /app
            COPY . /app
                 ^ warning
            RUN pip install -r requirements.txt
            ",
        );
        assert_eq!(
            message(
                &COPY_ALL_BEFORE_INSTALL,
                "FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm ci --prefer-offline --no-audit\n"
            ),
            "Every change to the sources runs `npm ci --prefer-offline` again: copy package*.json and install before the rest is copied"
        );
        fires(
            &COPY_ALL_BEFORE_INSTALL,
            "
            FROM node:20 AS test
            WORKDIR /app
            COPY . .
                 ^ hint
            RUN npm ci && npm test
            FROM node:20
            WORKDIR /app
            COPY . .
                 ^ hint
            RUN --mount=type=cache,target=/root/.npm npm ci
            ",
        );
    }

    #[test]
    fn an_installation_that_builds_by_itself_is_told_of_more_softly() {
        fires(
            &COPY_ALL_BEFORE_INSTALL,
            "
            FROM node:20 AS build
            WORKDIR /app
            COPY . .
                 ^ information
            RUN npm install
            FROM busybox
            COPY --from=build /app/build/out /out
            ",
        );
    }

    #[test]
    fn lists_first_are_the_way_to_do_it() {
        for text in [
            "COPY package*.json ./\nRUN npm ci\nCOPY . .",
            "COPY uv.lock pyproject.toml ./\nRUN uv sync --no-install-project\nCOPY . .\nRUN uv sync",
            "COPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\nRUN go mod download && go build",
            "COPY . /elsewhere\nRUN npm ci",
            "COPY . .\nRUN pip install .",
            "COPY . .\nRUN npm install -g pnpm",
            "COPY . .\nRUN --mount=type=bind,source=package.json,target=package.json npm ci",
            "COPY --from=x . .\nRUN npm ci",
        ] {
            silent(&COPY_ALL_BEFORE_INSTALL, &format!("FROM node:20\nWORKDIR /app\n{text}\n"));
        }
    }

    #[test]
    fn lists_can_be_copied_first() {
        assert_eq!(
            fixed(
                &COPY_ALL_BEFORE_INSTALL,
                "FROM node:20\nWORKDIR /app\nCOPY --chown=node . .\nRUN npm ci && \\\n    npm run build\nCMD [\"x\"]\n",
                TITLE,
            ),
            "FROM node:20\nWORKDIR /app\nCOPY --chown=node package*.json ./\nRUN npm ci\nCOPY --chown=node . .\nRUN npm run build\nCMD \
             [\"x\"]\n"
        );
        assert_eq!(
            fixed(
                &COPY_ALL_BEFORE_INSTALL,
                "FROM golang:1.22\r\nWORKDIR /app\r\nCOPY . .\r\nRUN go mod download\r\nRUN go build -o /a .\r\n",
                TITLE,
            ),
            "FROM golang:1.22\r\nWORKDIR /app\r\nCOPY go.mod go.sum* ./\r\nRUN go mod download\r\nCOPY . .\r\nRUN go build -o /a .\r\n"
        );
        assert_eq!(
            fixed(
                &COPY_ALL_BEFORE_INSTALL,
                "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements/prod.txt\n",
                TITLE,
            ),
            "FROM python:3.12\nWORKDIR /app\nCOPY requirements/prod.txt requirements/\nRUN pip install -r requirements/prod.txt\nCOPY . \
             .\n"
        );
    }
}
