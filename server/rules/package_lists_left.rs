use super::{
    Findings,
    context::Context,
    rule,
    running::Running,
    stage_edits::{insert, newline},
};
use crate::{
    flow::StageFlow,
    images::PackageManager,
    shell::Piece,
    syntax::{Instruction, Word},
    text::Edit,
    tools::{self, Action},
};

rule! {
    /// The image keeps apt's lists of packages.
    ///
    /// ## Why
    /// `apt-get update` fetches tens of megabytes that nothing needs once the packages are installed. Only the RUN that fetched them
    /// can take them away: a later one hides them, and the image is as large as before. What a stage for building keeps does not
    /// matter: this looks at the stages that the image is made of.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM debian:12-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates \
    ///     && rm -rf /var/lib/apt/lists/*
    /// ```
    PACKAGE_LISTS_LEFT: "package-lists-left", "The image keeps apt's lists of packages", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let Some(last) = context.final_stage() else { return };
    for stage in context.flow().stage(last).chain().map(StageFlow::index) {
        let commands = context.running_in(stage);
        let mut told = None;
        for running in commands {
            if told == Some(running.number) || !fetches(running) {
                continue;
            }
            told = Some(running.number);
            let start = commands.partition_point(|other| other.number < running.number);
            let same = commands[start..].iter().take_while(|other| other.number == running.number);
            if same.clone().any(cleans) || keeps_them_out(&running.placed().instruction) {
                continue;
            }
            let message =
                "The lists of packages stay in the image: remove /var/lib/apt/lists/* in the same RUN";
            let finding = out.report(&PACKAGE_LISTS_LEFT, running.range(), message);
            if context.fixes {
                finding.fix("Remove them in the same RUN", removed(context, running)).prefer_single_fix();
            }
        }
    }
}

fn fetches(running: &Running<'_>) -> bool {
    matches!(running.name(), "apt-get" | "apt")
        && running
            .call
            .and_then(tools::packages)
            .is_some_and(|found| found.action == Action::Update && found.manager == PackageManager::Apt)
}

fn cleans(running: &Running<'_>) -> bool {
    let Some(call) = running.call else { return false };
    let says = |words: &[&str]| {
        call.arguments.iter().flat_map(|argument| &argument.pieces).any(|piece| match piece {
            Piece::Text(text) | Piece::Pattern(text) => words.iter().any(|word| text.contains(word)),
            Piece::Variable(..) | Piece::Any => false,
        })
    };
    match call.name {
        "rm" | "find" => says(&["/var/lib/apt", "/var/lib/"]),
        "apt-get" | "apt" => says(&["distclean", "dist-clean"]),
        _ => false,
    }
}

/// Whether a mount takes what is written there.
fn keeps_them_out(instruction: &Instruction) -> bool {
    let options = instruction.flags.iter().flat_map(|flag| &flag.mount);
    let mut targets = options.filter(|option| {
        ["target", "dst", "destination"].iter().any(|name| option.key.text().eq_ignore_ascii_case(name))
    });
    targets.any(|target| {
        let path = target.value.as_ref().map_or("", Word::text).trim_end_matches('/');
        matches!(path, "/var/lib/apt" | "/var/lib/apt/lists" | "/var/lib" | "/var")
    })
}

fn removed(context: &Context<'_>, running: &Running<'_>) -> Option<Vec<Edit>> {
    const REMOVE: &str = "rm -rf /var/lib/apt/lists/*";
    let placed = running.placed();
    let instruction = &placed.instruction;
    if let Some(heredoc) = instruction.heredocs.get(running.line.script) {
        // The end of its last line.
        let at = placed.at(heredoc.body.clone()).end;
        return heredoc.end.is_some().then(|| vec![insert(at, format!("{REMOVE}{}", newline(context)))]);
    }
    let end = context.end_of_commands(running)?;
    Some(vec![insert(end, format!(" && {REMOVE}"))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn lists_that_stay_in_the_image_are_found() {
        fires(
            &PACKAGE_LISTS_LEFT,
            "
            FROM debian:12 AS base
            RUN apt-get update \\
                ^^^^^^^^^^^^^^ hint
             && apt-get install -y curl
            FROM base AS build
            RUN apt-get update && apt-get install -y gcc
            FROM base
            RUN apt update
                ^^^^^^^^^^ hint
            ",
        );
    }

    #[test]
    fn who_removes_them_or_ships_another_stage_is_left_alone() {
        for run in [
            "apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/*",
            "apt-get update && rm -rf /tmp/* /var/lib/{apt,dpkg}/",
            "--mount=type=cache,target=/var/lib/apt,sharing=locked apt-get update",
            "apt-get install -y a",
            "apk update",
        ] {
            silent(&PACKAGE_LISTS_LEFT, &format!("FROM debian:12\nRUN {run}\n"));
        }
        silent(
            &PACKAGE_LISTS_LEFT,
            "FROM debian:12 AS b\nRUN apt-get update\nFROM debian:12\nCOPY --from=b /a /a\n",
        );
        silent(&PACKAGE_LISTS_LEFT, "FROM debian:12 AS dev\nRUN apt-get update\n");
    }

    #[test]
    fn they_are_removed_where_they_came() {
        assert_eq!(
            fixed(
                &PACKAGE_LISTS_LEFT,
                "FROM a:1\r\nRUN apt-get update && \\\r\n  apt-get install -y a\r\n",
                "Remove them in the same RUN"
            ),
            "FROM a:1\r\nRUN apt-get update && \\\r\n  apt-get install -y a && rm -rf /var/lib/apt/lists/*\r\n"
        );
        assert_eq!(
            fixed(
                &PACKAGE_LISTS_LEFT,
                "FROM a:1\nRUN <<EOF\napt-get update\nEOF\n",
                "Remove them in the same RUN"
            ),
            "FROM a:1\nRUN <<EOF\napt-get update\nrm -rf /var/lib/apt/lists/*\nEOF\n"
        );
    }
}
