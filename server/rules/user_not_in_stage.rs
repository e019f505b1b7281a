use std::collections::HashMap;

use super::{
    Findings, Severity,
    context::Context,
    new_lines::line_above,
    owners::{Owner, id, is_number, owner, owners_in, stage_title},
    rule,
    stage_edits::replace,
};
use crate::{
    flow::{Account, AccountKind, Root},
    images::Family,
    syntax::Keyword,
    text::Edit,
};

rule! {
    /// A USER or `--chown` with a name that only another stage knows.
    ///
    /// ## Why
    /// A user that is made in one stage is not there in another, unless that one builds on it: it stands in the `/etc/passwd` of
    /// the first. With such a USER the next RUN fails, or the container when it starts. For a `--chown` BuildKit says
    /// nothing, and the files belong to root.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS build
    /// RUN adduser -D -u 1000 app
    ///
    /// FROM alpine:3.20
    /// USER app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20 AS build
    ///
    /// FROM alpine:3.20
    /// RUN adduser -D -u 1000 app
    /// USER app
    /// ```
    USER_NOT_IN_STAGE: "user-not-in-stage", "A USER or --chown names an account that only another stage has", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let flow = context.flow();
    if flow.stages().len() < 2 {
        return;
    }
    let mut elsewhere: HashMap<(AccountKind, &str), &Account> = HashMap::new();
    for account in flow.stages().iter().flat_map(|stage| stage.own_accounts()) {
        if account.created {
            elsewhere.entry((account.kind, &account.name)).or_insert(account);
        }
    }
    if elsewhere.is_empty() {
        return;
    }
    let mut told: Option<(usize, Vec<String>)> = None;
    let mut found: Vec<_> = context.with(&[Keyword::User, Keyword::Copy, Keyword::Add]).collect();
    found.sort_unstable_by_key(|(index, _)| *index);
    for (index, _) in found {
        let Some(owner) = owner(context, index) else { continue };
        let Some(stage) = context.stages.of_instruction(index) else { continue };
        let of_stage = flow.stage(stage.index);
        // Without any account at all: another rule says so.
        if of_stage.root().is_scratch() {
            continue;
        }
        let number = index - stage.instructions.start;
        let missing = owner.names().find_map(|(kind, name)| {
            let account = elsewhere.get(&(kind, name))?;
            (of_stage.has_account(kind, name, number) == Some(false)).then_some(*account)
        });
        let Some(account) = missing.filter(|account| account.origin.stage != stage.index) else { continue };
        // One finding per stage and name.
        let names = match &mut told {
            Some((last, names)) if *last == stage.index => names,
            _ => &mut told.insert((stage.index, Vec::new())).1,
        };
        if names.iter().any(|name| **name == *account.name) {
            continue;
        }
        names.push(account.name.to_string());
        report(context, out, &owner, account);
    }
}

fn report(context: &Context<'_>, out: &mut Findings, owner: &Owner<'_>, account: &Account) {
    let what = match account.kind {
        AccountKind::User => "user",
        AccountKind::Group => "group",
    };
    let there = stage_title(&context.stages.all()[account.origin.stage]);
    let mut message =
        format!("No {what} \"{}\" in this stage: {there} makes it, and only files are copied", account.name);
    if !owner.is_user_instruction() {
        message += "; the files will belong to root";
    }
    let finding = out.report(&USER_NOT_IN_STAGE, owner.range_of(account.kind), message);
    if !owner.certain {
        finding.severity(Severity::Information);
    }
    finding.related(context.place_of(account.origin), "Made here");
    if !context.fixes {
        return;
    }
    if let Some(commands) = commands(context, owner, account) {
        let edit = line_above(context, owner.instruction, Keyword::Run, &commands);
        finding.fix(format!("Make the {what} in this stage"), Some(vec![edit])).prefer_single_fix();
    }
    finding.fix("Use its number", numbers(context, owner, account));
}

/// The commands that make the account, and the group that it is in, if the same programs are there in this stage.
fn commands(context: &Context<'_>, owner: &Owner<'_>, account: &Account) -> Option<String> {
    let stage = context.stages.of_instruction(owner.instruction)?.index;
    let (here, there) = (context.flow().stage(stage), context.flow().stage(account.origin.stage));
    let point = here.before(owner.instruction - context.stages.all()[stage].instructions.start);
    if point.is_root() != Some(true) || tools(here.root())? != tools(there.root())? {
        return None;
    }
    let belongs = |other: &&Account| {
        other.kind == AccountKind::Group
            && (other.name == account.name || account.groups.contains(&other.name))
            && other.created
    };
    let same = |other: &&Account| other.created && other.name == account.name;
    let made = there.own_accounts().iter();
    let mut origins: Vec<_> =
        made.filter(|other| belongs(other) || same(other)).map(|it| it.origin).collect();
    origins.sort_unstable();
    origins.dedup();
    let text = |origin| context.doc.text().slice(context.place_of(origin)).into_owned();
    let commands: Vec<String> = origins.into_iter().map(text).collect();
    let is_plain = |command: &String| !command.contains(['\n', '\r', '$', '>', '<', '|']);
    (commands.len() < 5 && commands.iter().all(is_plain)).then(|| commands.join(" && "))
}

/// Which programs make accounts: those of busybox, or `useradd` and its like.
fn tools(root: &Root) -> Option<bool> {
    match root.facts()?.family {
        Family::Alpine | Family::Wolfi | Family::Busybox => Some(true),
        Family::Debian | Family::Ubuntu => Some(false),
        _ => None,
    }
}

/// Numbers in the place of the name, wherever the stage uses it.
fn numbers(context: &Context<'_>, owner: &Owner<'_>, account: &Account) -> Option<Vec<Edit>> {
    let stage = context.stages.of_instruction(owner.instruction)?.index;
    let is_same =
        |owner: &Owner<'_>| owner.names().any(|(kind, name)| kind == account.kind && *account.name == *name);
    let uses = owners_in(context, stage).filter(is_same);
    uses.map(|owner| number(context, &owner, account)).collect()
}

fn number(context: &Context<'_>, owner: &Owner<'_>, account: &Account) -> Option<Edit> {
    let there = context.flow().stage(account.origin.stage);
    let part = |kind, name: &str| match name {
        "root" => Some("0".to_owned()),
        name if is_number(name) => Some(name.to_owned()),
        name => id(there, kind, name).map(str::to_owned),
    };
    let user = part(AccountKind::User, owner.user())?;
    let text = match owner.group() {
        Some(group) => format!("{user}:{}", part(AccountKind::Group, group)?),
        None => user,
    };
    Some(replace(owner.range(), text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn accounts_of_other_stages_are_not_there() {
        fires(
            &USER_NOT_IN_STAGE,
            "
            FROM debian:12 AS b
            RUN groupadd -g 1001 web && useradd -u 1000 -g web u
            FROM alpine:3.20
            RUN apk add --no-cache ca-certificates
            COPY --chown=root:web a /a
                              ^^^ warning
            COPY --from=b --chown=u:web /a /a
                                  ^ warning
            USER u
            FROM debian:12-slim
            ARG U=u
            USER $U
                 ^^ information
            ",
        );
    }

    #[test]
    fn what_may_be_there_is_left_alone() {
        let other = "FROM alpine:3.20 AS b\nRUN adduser -D u && adduser -D node\n";
        for rest in [
            "FROM node:20\nUSER node",
            "FROM b\nUSER u",
            "FROM alpine:3.20\nUSER 1000",
            "FROM alpine:3.20\nRUN adduser -D u\nUSER u",
            "FROM alpine:3.20\nRUN apk add u-server\nUSER u",
            "FROM alpine:3.20\nCOPY --from=b /etc/passwd /etc/passwd\nUSER u",
            "FROM alpine:3.20\nCOPY --from=b / /\nUSER u",
            "FROM alpine:3.20\nADD root.tar.gz /\nUSER u",
            "FROM alpine:3.20\nRUN ./setup\nUSER u",
            "FROM alpine:3.20\nRUN curl x | sh\nUSER u",
            "FROM alpine:3.20\nARG U\nUSER $U",
            "FROM ghcr.io/a/b\nUSER u",
            "ARG I=alpine:3.20\nFROM $I\nUSER u",
            "FROM scratch\nCOPY x /\nUSER u",
        ] {
            silent(&USER_NOT_IN_STAGE, &format!("{other}{rest}\n"));
        }
        silent(&USER_NOT_IN_STAGE, "FROM alpine:3.20\nUSER u\nFROM alpine:3.20\nUSER u\n");
    }

    #[test]
    fn the_user_is_made_where_it_is_needed() {
        let text = "
            FROM alpine:3.20 AS b
            RUN addgroup -S -g 1001 web && adduser -S -u 1000 -G web u
            FROM alpine:3.20
            COPY start.sh /
            # No root.
            USER u:web
            CMD [\"/a\"]
            ";
        let fix = |title| fixed(&USER_NOT_IN_STAGE, text, title);
        let made = fix("Make the user in this stage");
        assert!(
            made.contains("COPY start.sh /\nRUN addgroup -S -g 1001 web && adduser -S -u 1000 -G web u\n# No root.\nUSER u:web\n"),
            "{made}"
        );
        assert!(fix("Use its number").contains("USER 1000:1001\n"));
        assert_eq!(
            message(&USER_NOT_IN_STAGE, text),
            "No user \"u\" in this stage: stage \"b\" makes it, and only files are copied"
        );
    }
}
