use super::{
    Findings, Severity,
    context::Context,
    owners::{Owner, account, id, is_name, owner},
    rule,
    stage_edits::replace,
};
use crate::{
    flow::{AccountKind, StageFlow},
    text::Edit,
};

rule! {
    /// Files that belong to another user than the one that the image runs as.
    ///
    /// ## Why
    /// `--chown` gives files to the user that works with them. When the image then runs as somebody else, that one can read
    /// them at best; mostly one of the two names is a mistake. Files that nobody shall change can belong to root.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// RUN useradd app
    /// COPY --chown=node:node . /app
    /// USER app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:20
    /// RUN useradd app
    /// COPY --chown=app:app . /app
    /// USER app
    /// ```
    CHOWN_DIFFERS_FROM_USER: "chown-differs-from-user", "A --chown is for another user than the image runs as", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let Some(stage) = context.final_stage() else { return };
    let instructions = context.stages.all()[stage].instructions.clone();
    let has_chown = |index: &usize| context.instruction(*index).instruction.flag("chown").is_some();
    let mut chowns = instructions.clone().filter(has_chown).peekable();
    if chowns.peek().is_none() {
        return;
    }
    let flow = context.flow().stage(stage);
    let end = flow.end();
    let Some(user) = end.user_name().filter(|user| is_name(user) && !user.is_empty()) else { return };
    if end.user.in_any_build().is_none() && end.user_by.is_none() {
        return;
    }
    let given = given_last(context, stage);
    for index in chowns {
        let Some(owner) = owner(context, index) else { continue };
        let name = owner.user();
        let number = index - instructions.start;
        if given.is_some_and(|given| number < given) {
            continue;
        }
        let differs = is_name(name) && !name.is_empty() && name != user;
        if !differs || shares_group(flow, user, &owner) {
            continue;
        }
        let message = format!("These files belong to \"{name}\", but the image runs as \"{user}\"");
        let finding = out.report(&CHOWN_DIFFERS_FROM_USER, owner.range(), message);
        if !owner.certain || !end.user.certain {
            finding.severity(Severity::Information);
        }
        if let Some(by) = end.user_by {
            finding.related(context.place_of(by), "The user is set here");
        }
        if context.fixes
            && let Some((text, edits)) = for_user(flow, number, user, &owner)
        {
            finding.fix(format!("Change to `--chown={text}`"), Some(edits)).prefer_single_fix();
        }
    }
}

/// Whether the user may be in the group that the files belong to.
fn shares_group(flow: &StageFlow, user: &str, owner: &Owner<'_>) -> bool {
    let group = owner.group().filter(|group| !group.is_empty()).unwrap_or(owner.user());
    let number = id(flow, AccountKind::Group, group);
    let is_group = |other: &str| other == group || Some(other) == number;
    let mut accounts =
        flow.accounts().filter(|account| account.kind == AccountKind::User && *account.name == *user);
    group == user
        || accounts.any(|account| !account.groups_known || account.groups.iter().any(|group| is_group(group)))
}

/// The last instruction of the stage, by its number, in which a command gives files to somebody, or opens them.
fn given_last(context: &Context<'_>, stage: usize) -> Option<usize> {
    let gives = |name: &str| matches!(name, "chown" | "chgrp" | "chmod" | "setfacl");
    let mut running = context.running_in(stage).iter().rev();
    running.find(|running| gives(running.name())).map(|running| running.number)
}

/// The same for the user: by name where it is there already, else by number.
fn for_user(flow: &StageFlow, number: usize, user: &str, owner: &Owner<'_>) -> Option<(String, Vec<Edit>)> {
    let is_there = flow.has_account(AccountKind::User, user, number) == Some(true);
    let made = account(flow, AccountKind::User, user);
    let group = made.and_then(|account| account.groups.first()).map_or(user, |group| group);
    let name = |kind, name: &str| match is_there {
        true => Some(name.to_owned()),
        false => id(flow, kind, name).map(str::to_owned),
    };
    let to = name(AccountKind::User, user)?;
    let text = match owner.group() {
        None => to,
        Some(_) => match name(AccountKind::Group, group) {
            Some(group) => format!("{to}:{group}"),
            None => to,
        },
    };
    Some((text.clone(), vec![replace(owner.range(), text)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn files_for_another_user_are_found_in_the_final_stage() {
        fires(
            &CHOWN_DIFFERS_FROM_USER,
            "
            FROM node:20 AS build
            RUN useradd app
            COPY --chown=node:node . /app
            USER app
            FROM node:20-alpine
            COPY --from=build --chown=node:node /app/dist /app/dist
                                      ^^^^^^^^^ warning
            ARG OWNER=node
            COPY --chown=$OWNER x /x
                         ^^^^^^ information
            RUN addgroup -g 1001 -S web && adduser -S app -u 1001 -G web
            USER app
            ",
        );
        assert_eq!(
            message(
                &CHOWN_DIFFERS_FROM_USER,
                "FROM node:20\nRUN useradd app\nCOPY --chown=node a /a\nUSER app:app\n"
            ),
            "These files belong to \"node\", but the image runs as \"app\""
        );
    }

    #[test]
    fn the_same_user_numbers_root_and_shared_groups_are_left_alone() {
        for rest in [
            "COPY --chown=app . .\nUSER app",
            "COPY --chown=root:root . .\nUSER app",
            "COPY --chown=1000:1000 . .\nUSER app",
            "COPY --chown=node . .\nUSER 1000",
            "COPY --chown=node . .\nUSER root",
            "COPY --chown=node . .",
            "RUN useradd -g web app\nCOPY --chown=node:web . .\nUSER app",
            "RUN useradd -G node,web app\nCOPY --chown=node . .\nUSER app",
            "RUN useradd app && usermod -aG web app\nCOPY --chown=node:web . .\nUSER app",
            "COPY --chown=node:app . .\nUSER app",
            "COPY --chown=node . .\nRUN chown -R app .\nUSER app",
            "ARG U\nCOPY --chown=$U . .\nUSER app",
        ] {
            silent(&CHOWN_DIFFERS_FROM_USER, &format!("FROM node:20\n{rest}\n"));
        }
    }

    #[test]
    fn the_name_is_changed_or_the_number_where_the_user_comes_later() {
        assert_eq!(
            fixed(
                &CHOWN_DIFFERS_FROM_USER,
                "FROM node:20\nRUN useradd app\nCOPY --chown=node:node . .\nUSER app\n",
                "Change to `--chown=app:app`"
            ),
            "FROM node:20\nRUN useradd app\nCOPY --chown=app:app . .\nUSER app\n"
        );
        let text = "FROM node:20-alpine\nCOPY --chown=node:node . .\nRUN addgroup -g 1002 -S web && adduser -S app -u 1001 -G web\nUSER app\n";
        assert_eq!(
            fixed(&CHOWN_DIFFERS_FROM_USER, text, "Change to `--chown=1001:1002`"),
            text.replace("node:node", "1001:1002")
        );
    }
}
