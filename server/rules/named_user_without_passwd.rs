use super::{
    Findings, Severity,
    context::Context,
    new_lines::line_above,
    owners::{Owner, id, is_number, owner, owners_in},
    rule,
    stage_edits::{copy_text, replace},
};
use crate::{
    flow::{AccountKind, StageFlow},
    syntax::Keyword,
};

rule! {
    /// A USER or `--chown` with a name in a stage that has no `/etc/passwd`.
    ///
    /// ## Why
    /// `scratch` is empty: there is no file in which a name could be looked up. A container with such a USER does not start;
    /// for a `--chown` BuildKit says nothing, and the files belong to root. Numbers need no file.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY app /app
    /// USER app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY app /app
    /// USER 65532
    /// ```
    NAMED_USER_WITHOUT_PASSWD: "named-user-without-passwd", "A USER or --chown names an account where no list of accounts is", Warning, check
}

/// The user of images that have none of their own, by convention.
const NOBODY: &str = "65532";

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut last = None;
    let mut found: Vec<_> = context.with(&[Keyword::User, Keyword::Copy, Keyword::Add]).collect();
    found.sort_unstable_by_key(|(index, _)| *index);
    for (index, _) in found {
        let Some(stage) = context.stages.of_instruction(index) else { continue };
        // One finding per stage.
        if last == Some(stage.index) {
            continue;
        }
        let flow = context.flow().stage(stage.index);
        if !flow.root().is_scratch() {
            continue;
        }
        let Some(owner) = owner(context, index) else { continue };
        let number = index - stage.instructions.start;
        let mut names = owner.names();
        let Some((kind, name)) =
            names.find(|(kind, name)| flow.has_account(*kind, name, number) == Some(false))
        else {
            continue;
        };
        last = Some(stage.index);
        let (what, file) = match kind {
            AccountKind::User => ("user", "/etc/passwd"),
            AccountKind::Group => ("group", "/etc/group"),
        };
        let mut message = format!("This stage has no {file} that lists a {what} \"{name}\"");
        if !owner.is_user_instruction() {
            message += ": the files will belong to root";
        }
        let finding = out.report(&NAMED_USER_WITHOUT_PASSWD, owner.range_of(kind), message);
        if !owner.certain {
            finding.severity(Severity::Information);
        }
        if !context.fixes {
            continue;
        }
        let maker = maker(context, stage.index, &owner);
        if let Some(maker) = maker {
            let account = maker.accounts().find(|account| account.created && *account.name == *name);
            if let Some(account) = account {
                finding.related(context.place_of(account.origin), "Made in another stage");
            }
        }
        let numbers = numbers(maker, &owner);
        let is_missing = |owner: &Owner<'_>| {
            let number = owner.instruction - stage.instructions.start;
            owner.names().any(|(kind, name)| flow.has_account(kind, name, number) == Some(false))
        };
        let uses = owners_in(context, stage.index).filter(is_missing);
        let edits = uses.map(|owner| replace(owner.range(), self::numbers(maker, &owner))).collect();
        finding.fix(format!("Use `{numbers}`"), Some(edits));
        // A number that nobody chose is for a person to choose.
        if !numbers.contains(NOBODY) {
            finding.prefer_single_fix();
        }
        if let Some(maker) = maker.filter(|_| owner.is_user_instruction()) {
            let from = copy_text(&context.stages.all()[maker.index()]);
            let rest = format!("--from={from} /etc/passwd /etc/group /etc/");
            let edit = line_above(context, index, Keyword::Copy, &rest);
            finding.fix(format!("Copy the accounts of stage {from}"), Some(vec![edit]));
        }
    }
}

/// The stage above that makes a user of that name.
fn maker<'a>(context: &Context<'a>, stage: usize, owner: &Owner<'_>) -> Option<&'a StageFlow> {
    let makes = |flow: &&std::sync::Arc<StageFlow>| {
        flow.own_accounts().iter().any(|account| account.created && *account.name == *owner.user())
    };
    context.flow().stages()[..stage].iter().rev().find(makes).map(|flow| &**flow)
}

/// The numbers of the user and group, or those that images without accounts commonly use.
fn numbers(maker: Option<&StageFlow>, owner: &Owner<'_>) -> String {
    let number = |kind, name: &str| match name {
        "root" => "0".to_owned(),
        name if is_number(name) => name.to_owned(),
        name => maker.and_then(|maker| id(maker, kind, name)).unwrap_or(NOBODY).to_owned(),
    };
    let user = number(AccountKind::User, owner.user());
    match owner.group() {
        Some(group) => format!("{user}:{}", number(AccountKind::Group, group)),
        None => user,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn names_are_nothing_in_an_empty_stage() {
        fires(
            &NAMED_USER_WITHOUT_PASSWD,
            "
            FROM scratch AS base
            FROM base
            COPY --chown=app:app a /a
                         ^^^ warning
            USER app
            FROM scratch
            USER 1000:web
                      ^^^ warning
            FROM scratch
            ARG U=app
            USER ${U}
                 ^^^^ information
            ",
        );
    }

    #[test]
    fn numbers_and_copied_lists_are_left_alone() {
        for rest in [
            "USER 65532",
            "USER root",
            "COPY --from=b /etc/passwd /etc/passwd\nUSER app",
            "COPY --from=b /etc/passwd /etc/\nUSER app",
            "COPY passwd.txt /etc/passwd\nUSER app",
            "COPY rootfs /\nUSER app",
            "ADD rootfs.tar.gz /\nUSER app",
        ] {
            silent(&NAMED_USER_WITHOUT_PASSWD, &format!("FROM alpine:3.20 AS b\nFROM scratch\n{rest}\n"));
        }
        silent(&NAMED_USER_WITHOUT_PASSWD, "ARG B=scratch\nFROM $B\nUSER app\n");
        silent(&NAMED_USER_WITHOUT_PASSWD, "FROM alpine:3.20\nUSER app\n");
    }

    #[test]
    fn the_number_is_used_or_the_list_copied() {
        let text = "FROM alpine:3.20 AS b\nRUN adduser -D -u 1234 app\nFROM scratch\nUSER app\n";
        let fix = |title| fixed(&NAMED_USER_WITHOUT_PASSWD, text, title);
        assert_eq!(fix("Use `1234`"), text.replace("USER app", "USER 1234"));
        assert_eq!(
            fix("Copy the accounts of stage b"),
            text.replace("USER", "COPY --from=b /etc/passwd /etc/group /etc/\nUSER")
        );
        assert_eq!(
            fixed(&NAMED_USER_WITHOUT_PASSWD, "FROM scratch\nUSER app:app\n", "Use `65532:65532`"),
            "FROM scratch\nUSER 65532:65532\n"
        );
    }

    #[test]
    fn a_missing_list_is_one_finding() {
        only(
            "FROM alpine:3.20 AS b\nRUN adduser -D app && touch /a\nFROM scratch\nCOPY --from=b --chown=app /a /a\nUSER app\n",
            &["named-user-without-passwd"],
        );
    }
}
