use super::{
    Findings, Severity,
    context::Context,
    owners::account,
    rule,
    stage_edits::{insert, replace},
};
use crate::{
    flow::{AccountKind, StageFlow, path},
    images::Family,
    syntax::Keyword,
    text::Edit,
};

rule! {
    /// What is copied to `/root`, while the image runs as another user.
    ///
    /// ## Why
    /// The home of root is closed to everybody else (mode 0700): the program does not find what lies there. `pip install --user`
    /// as root installs there.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3.12 AS build
    /// RUN pip install --user flask
    ///
    /// FROM python:3.12-slim
    /// RUN useradd --create-home app
    /// COPY --from=build /root/.local /root/.local
    /// USER app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM python:3.12 AS build
    /// RUN python -m venv /opt/venv && /opt/venv/bin/pip install flask
    ///
    /// FROM python:3.12-slim
    /// RUN useradd --create-home app
    /// COPY --from=build /opt/venv /opt/venv
    /// USER app
    /// ```
    COPIED_INTO_ROOT_HOME: "copied-into-root-home", "What is copied to /root can't be seen by the user of the image", Warning, check
}

const HOME: &str = "/root";

fn check(context: &Context<'_>, out: &mut Findings) {
    if context.with(&[Keyword::User]).next().is_none() {
        return;
    }
    let Some(stage) = context.final_stage() else { return };
    let flow = context.flow().stage(stage);
    let end = flow.end();
    if end.is_root() != Some(false) || !has_closed_home(flow) {
        return;
    }
    let user = end.user_name().unwrap_or_default();
    let mut found: Vec<_> = flow
        .facts()
        .filter(|fact| fact.by.command.is_none() && path::is_within(&fact.path, HOME))
        .map(|fact| fact.by)
        .collect();
    found.sort_unstable();
    found.dedup();
    if found.is_empty() || is_opened(context, flow) {
        return;
    }
    for by in found {
        let index = context.stages.all()[by.stage].instructions.start + by.instruction;
        let placed = context.instruction(index);
        let instruction = placed.instruction.effective();
        let Some(destination) = instruction.meant_words().last() else { continue };
        if !matches!(instruction.keyword, Keyword::Copy | Keyword::Add) {
            continue;
        }
        let message = format!("The image runs as \"{user}\", who can't read what is in {HOME}");
        let finding = out.report(&COPIED_INTO_ROOT_HOME, placed.at(destination.range()), message);
        if !end.user.certain || context.value(index, destination).is_none() {
            finding.severity(Severity::Information);
        }
        if let Some(by) = end.user_by {
            finding.related(context.place_of(by), "The user is set here");
        }
        if context.fixes
            && by.stage == stage
            && let Some((home, edits)) = moved(context, flow, index, user)
        {
            finding.fix(format!("Copy to `{home}`"), Some(edits));
        }
    }
}

/// Whether the image has a home of root that nobody else may enter. Where it has none, COPY makes an open one.
fn has_closed_home(flow: &StageFlow) -> bool {
    let family = flow.certain_image().map(|facts| facts.family);
    matches!(family, Some(Family::Debian | Family::Ubuntu | Family::Alpine | Family::Rhel | Family::Wolfi))
}

/// Whether a command does something to the home of root, such as opening it.
fn is_opened(context: &Context<'_>, flow: &StageFlow) -> bool {
    flow.chain().any(|stage| {
        context.running_in(stage.index()).iter().any(|running| {
            matches!(running.name(), "chmod" | "chown" | "chgrp" | "setfacl" | "usermod" | "mv" | "cp" | "ln")
                && running.line.command.words.iter().any(|word| {
                    let text = running.text(word).value;
                    text.is_some_and(|text| text.starts_with(HOME) || text.starts_with('~'))
                })
        })
    })
}

/// The same in the home of the user, if a command makes one; the ENVs of the stage go along.
fn moved(context: &Context<'_>, flow: &StageFlow, index: usize, user: &str) -> Option<(String, Vec<Edit>)> {
    let account = account(flow, AccountKind::User, user).filter(|account| account.created)?;
    let home = account.home.as_deref().map_or_else(|| format!("/home/{user}"), str::to_owned);
    let placed = context.instruction(index);
    let destination = placed.instruction.meant_words().last()?;
    let rest = destination.text().strip_prefix(HOME)?;
    let mut edits = vec![replace(placed.at(destination.source(0..HOME.len())), home.clone())];
    let stage = context.stages.of_instruction(index)?;
    let is_there = flow.has_account(AccountKind::User, user, index - stage.instructions.start);
    if placed.instruction.flag("chown").is_none() && is_there == Some(true) {
        edits.push(insert(placed.at(placed.instruction.word.range()).end, format!(" --chown={user}")));
    }
    let later = stage
        .instructions
        .clone()
        .filter(|&index| context.instruction(index).instruction.keyword == Keyword::Env);
    for index in later {
        let placed = context.instruction(index);
        for value in placed.instruction.pairs().iter().filter_map(|pair| pair.value.as_ref()) {
            let uses = value.text().match_indices("/root/").map(|(at, _)| at);
            let uses = uses.filter(|&at| at == 0 || value.text()[..at].ends_with([':', '"', '=']));
            edits.extend(uses.map(|at| replace(placed.at(value.source(at..at + HOME.len())), home.clone())));
        }
    }
    Some((format!("{home}{rest}"), edits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    const BUILD: &str = "FROM python:3.12 AS b\nRUN pip install --user x\n";

    #[test]
    fn what_the_user_of_the_image_needs_is_found() {
        fires(
            &COPIED_INTO_ROOT_HOME,
            "
            FROM python:3.12 AS b
            RUN pip install --user x
            FROM python:3.12-slim AS base
            COPY --from=b /root/.local /root/.local
                                       ^^^^^^^^^^^^ warning
            WORKDIR /root
            ARG D=/root/x
            COPY a $D
                   ^^ information
            FROM base
            USER 1000
            ",
        );
    }

    #[test]
    fn root_opened_homes_and_unknown_images_are_left_alone() {
        for rest in [
            "FROM python:3.12-slim\nCOPY --from=b /root/.local /root/.local",
            "FROM python:3.12-slim\nCOPY --from=b /root/.local /root/.local\nRUN chmod 755 /root\nUSER app",
            "FROM python:3.12-slim\nCOPY --from=b /root/.local /home/app/.local\nUSER app",
            "FROM ghcr.io/a/b\nCOPY --from=b /root/.local /root/.local\nUSER app",
            "FROM scratch\nCOPY --from=b /root/.local /root/.local\nUSER 1000",
            "FROM python:3.12-slim\nWORKDIR /root\nUSER app",
        ] {
            silent(&COPIED_INTO_ROOT_HOME, &format!("{BUILD}{rest}\n"));
        }
    }

    #[test]
    fn it_goes_to_the_home_of_the_user_with_the_path() {
        assert_eq!(
            fixed(
                &COPIED_INTO_ROOT_HOME,
                &format!(
                    "{BUILD}FROM python:3.12-slim\nRUN useradd -m app\nCOPY --from=b /root/.local /root/.local\n\
                     ENV PATH=/root/.local/bin:$PATH\nUSER app\n"
                ),
                "Copy to `/home/app/.local`"
            ),
            format!(
                "{BUILD}FROM python:3.12-slim\nRUN useradd -m app\nCOPY --chown=app --from=b /root/.local /home/app/.local\n\
                 ENV PATH=/home/app/.local/bin:$PATH\nUSER app\n"
            )
        );
    }
}
