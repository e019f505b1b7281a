use std::ops::Range;

use super::{
    Findings,
    context::Context,
    copies::{self, Copying},
    rule,
    running::Running,
    stage_edits::{insert, replace},
};
use crate::{flow::path, shell::Argument, shell::Piece, text::Edit};

rule! {
    /// Packages are copied from another stage only to be installed.
    ///
    /// ## Why
    /// What a COPY brings stays in its layer of the image, also when a later RUN deletes it. A bind mount shows the files of the
    /// other stage to the one RUN that needs them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3.12 AS build
    /// RUN pip wheel --wheel-dir /wheels flask
    /// FROM python:3.12-slim
    /// COPY --from=build /wheels /wheels
    /// RUN pip install /wheels/*
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM python:3.12 AS build
    /// RUN pip wheel --wheel-dir /wheels flask
    /// FROM python:3.12-slim
    /// RUN --mount=type=bind,from=build,source=/wheels,target=/wheels pip install /wheels/*
    /// ```
    BIND_INSTEAD_OF_COPY: "bind-instead-of-copy", "Packages are copied only to be installed", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (copying, running) in installed(context) {
        let message = format!(
            "These files stay in the image after {} has installed them. A bind mount from {} leaves nothing behind",
            running.name(),
            copies::stage_title(context, copying.from)
        );
        let source = copying.sources[0].range().start..copying.destination.range().end;
        let finding = out.report(&BIND_INSTEAD_OF_COPY, copying.placed.at(source), message);
        finding.related(running.range(), "They are installed here");
        if context.fixes {
            finding.fix("Mount them instead", mounted(context, &copying, running)).prefer_single_fix();
        }
    }
}

/// The COPYs of packages into the final image that the next RUN installs, with its command.
pub fn installed<'c, 'a>(context: &'c Context<'a>) -> Vec<(Copying<'a>, &'c Running<'a>)> {
    let mut found = Vec::new();
    if context.stages.all().len() < 2 {
        return found;
    }
    let Some(last) = context.final_stage() else { return found };
    for stage in context.flow().stage(last).chain().map(|stage| stage.index()) {
        for copying in copies::all(context).filter(|copying| copying.stage == stage) {
            let Some(to) = copying.target(context).value.filter(|to| to != "/") else { continue };
            // Commands come in the order of the file.
            let all = context.running_in(stage);
            let behind = &all[all.partition_point(|running| running.number < copying.number)..];
            let Some(next) = behind.first().map(|running| running.number) else { continue };
            let same = behind.iter().take_while(|running| running.number == next);
            found.extend(
                same.filter(|running| installs(running, &to)).take(1).map(|running| (copying, running)),
            );
        }
    }
    found
}

/// Whether a command installs package files that lie in `directory`.
fn installs(running: &Running<'_>, directory: &str) -> bool {
    let Some(call) = running.call else { return false };
    let verbs: &[&str] = match running.name() {
        "pip" | "apt-get" | "apt" | "dnf" | "yum" | "microdnf" => &["install"],
        "apk" => &["add"],
        "dpkg" => &["-i", "--install"],
        "rpm" => &["-i", "-ivh", "-U", "-Uvh", "--install", "-ih"],
        _ => return false,
    };
    let is_verb = |word: &Argument| word.text().is_some_and(|text| verbs.contains(&text));
    call.arguments.iter().any(is_verb)
        && call.arguments.iter().enumerate().any(|(index, word)| {
            let flag = index.checked_sub(1).and_then(|before| call.arguments[before].text());
            package(word, flag).is_some_and(|place| {
                let here = running.point().workdir.value.as_deref();
                path::join(here, place).is_some_and(|path| path::is_within(&path, directory))
            })
        })
}

/// The file, or else the directory, of packages that an argument names.
fn package<'w>(word: &'w Argument, flag: Option<&str>) -> Option<&'w str> {
    let Some(Piece::Text(text)) = word.pieces.first() else { return None };
    if let Some(links) = text.strip_prefix("--find-links=") {
        return (word.pieces.len() == 1).then_some(links);
    }
    if matches!(flag, Some("--find-links" | "-f")) {
        return (word.pieces.len() == 1).then_some(text);
    }
    let ends = [".whl", ".deb", ".rpm", ".apk", ".tar.gz"];
    if word.pieces.len() == 1 {
        return (text.contains('/') && ends.iter().any(|end| text.ends_with(end))).then_some(text);
    }
    let slash = text.rfind('/')?;
    (word.is_pattern() && !text.starts_with('-')).then(|| if slash == 0 { "/" } else { &text[..slash] })
}

/// Takes the COPY away and gives the RUN a mount, if nothing else needs the files.
fn mounted(context: &Context<'_>, copying: &Copying<'_>, running: &Running<'_>) -> Option<Vec<Edit>> {
    let is_plain = |text: &str| {
        text.starts_with('/')
            && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'))
    };
    let [source] = copying.sources else { return None };
    let (from, target) = (source.text(), copying.target(context).value?);
    let flag = copying.placed.instruction.flag("from")?;
    let name = flag.value.as_ref()?.text();
    // It must be a directory, so that it can be mounted over one.
    let is_directory = !path::name(from).contains('.');
    if !is_plain(from)
        || !is_plain(&target)
        || !is_directory
        || name.bytes().all(|b| b.is_ascii_digit())
        || copying.placed.instruction.flags.len() != 1
        || is_named_again(context, copying, running, &target)
    {
        return None;
    }
    let text = context.doc.text();
    let lines =
        text.line_of(copying.placed.start)..text.line_of(copying.placed.range().end.saturating_sub(1)) + 1;
    let range: Range<usize> = text.line_start(lines.start)..text.line_start(lines.end);
    let run = running.placed();
    let word = run.at(run.instruction.word.range());
    let mount = format!(" --mount=type=bind,from={name},source={from},target={target}");
    Some(vec![replace(range, ""), insert(word.end, mount)])
}

/// Whether another command or instruction of the stage names the files: one that deletes them could not do it in a mount.
fn is_named_again(context: &Context<'_>, copying: &Copying<'_>, running: &Running<'_>, target: &str) -> bool {
    let stage = &context.stages.all()[copying.stage];
    let own = running.range();
    (copying.index + 1..stage.instructions.end).any(|index| {
        let range = context.instruction(index).range();
        let parts = match index == running.instruction {
            true => [range.start..own.start, own.end..range.end],
            false => [range.clone(), range.end..range.end],
        };
        parts.into_iter().any(|part| context.doc.text().slice(part).contains(target))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn packages_are_installed_and_stay() {
        fires(
            &BIND_INSTEAD_OF_COPY,
            "
            FROM python:3.12 AS b
            RUN pip wheel -w /wheels flask
            FROM python:3.12-slim
            WORKDIR /app
            COPY --from=b /wheels /wheels
                          ^^^^^^^^^^^^^^^ hint
            RUN pip install --no-cache /wheels/* && rm -rf /wheels
            COPY --from=b /d/a.deb debs/
                          ^^^^^^^^^^^^^^ hint
            RUN dpkg -i debs/a.deb
            COPY --from=b /wheels /w
                          ^^^^^^^^^^ hint
            RUN pip install --no-index --find-links=/w flask
            ",
        );
        assert_eq!(
            fixed(
                &BIND_INSTEAD_OF_COPY,
                "FROM a:1 AS b\nFROM a:1\nCOPY --from=b /wheels /wheels\nRUN pip install /wheels/*\n",
                "Mount them instead"
            ),
            "FROM a:1 AS b\nFROM a:1\nRUN --mount=type=bind,from=b,source=/wheels,target=/wheels pip install /wheels/*\n"
        );
    }

    #[test]
    fn other_files_are_left_alone() {
        for lines in [
            "RUN --mount=type=bind,from=b,source=/wheels,target=/wheels pip install /wheels/*",
            "COPY --from=b /app/requirements.txt /r/\nRUN pip install -r /r/requirements.txt",
            "COPY --from=b /wheels /wheels\nRUN ls\nRUN pip install /wheels/*",
            "COPY --from=b /wheels /wheels\nRUN pip install flask",
            "COPY wheels /wheels\nRUN pip install /wheels/*",
        ] {
            silent(&BIND_INSTEAD_OF_COPY, &format!("FROM a:1 AS b\nFROM a:1\n{lines}\n"));
        }
    }
}
