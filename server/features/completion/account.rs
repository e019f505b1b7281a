//! Users and groups, for USER and `--chown`.

use super::{Completion, CompletionKind, fitting, place::Spot, value};
use crate::{
    flow::{AccountKind, RootKind, StageFlow},
    syntax::{Keyword, Word},
};

/// Accounts of a system that nothing which people build runs as.
const OF_SYSTEM: [&str; 26] = [
    "daemon",
    "bin",
    "sys",
    "sync",
    "games",
    "man",
    "lp",
    "mail",
    "news",
    "uucp",
    "proxy",
    "backup",
    "list",
    "irc",
    "gnats",
    "_apt",
    "adm",
    "halt",
    "shutdown",
    "operator",
    "cron",
    "ftp",
    "sshd",
    "guest",
    "ntp",
    "systemd-network",
];

/// Those that have no rights, and that servers run as.
const WITHOUT_RIGHTS: [&str; 2] = ["www-data", "nobody"];

/// The accounts that can stand at the cursor: users, groups behind a colon. `with_group`: also a user with the group of the same
/// name.
pub(super) fn completion(spot: &Spot<'_>, with_group: bool) -> Vec<Completion> {
    let typed = spot.typed();
    let Some(colon) = typed.find(':') else {
        let mut items = items(spot, AccountKind::User, spot.word.start);
        if with_group {
            let likely = items.iter().take(3);
            let pairs: Vec<Completion> = likely
                .filter(|item| !is_system(&item.label) && !item.label.contains(':'))
                .map(|item| {
                    let label = format!("{0}:{0}", item.label);
                    Completion { text: label.clone(), label, ..item.clone() }
                })
                .collect();
            items.splice(items.len().min(3)..items.len().min(3), pairs);
        }
        return fitting(&typed, items);
    };
    let start = spot.word.start + colon + 1;
    let mut items = items(spot, AccountKind::Group, start);
    // The group of the same name is the usual one.
    items.sort_by_key(|item| item.label != typed[..colon]);
    fitting(&typed[colon + 1..], items)
}

fn is_system(name: &str) -> bool {
    OF_SYSTEM.contains(&name) || WITHOUT_RIGHTS.contains(&name)
}

/// All accounts of a kind that the stage knows, the likeliest first. `start`: where the name starts, in bytes.
fn items(spot: &Spot<'_>, kind: AccountKind, start: usize) -> Vec<Completion> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, detail: &str| {
        let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
        if is_name && !found.iter().any(|(other, _)| other == name) {
            found.push((name.to_owned(), detail.to_owned()));
        }
    };
    let flow = spot.flow();
    if let Some((stage, number)) = flow {
        made(spot, stage, number, kind).iter().for_each(|(name, detail)| add(name, detail));
    }
    let facts = flow.and_then(|(stage, _)| StageFlow::image(stage));
    let of_image = facts.map(|facts| format!("Of {}", facts.repository)).unwrap_or_default();
    if let Some(user) = facts.and_then(|facts| facts.user.as_deref()) {
        let user = user.split(':').next().unwrap_or_default();
        if user != "root" {
            add(user, &of_image);
        }
    }
    for name in used(spot, kind) {
        add(&name, "Used in this file");
    }
    let listed = facts.map_or(&[][..], |facts| match kind {
        AccountKind::User => &facts.users,
        AccountKind::Group => &facts.groups,
    });
    // The image's own come behind those of its system.
    let is_of_system =
        |name: &str| is_system(name) || facts.is_some_and(|facts| facts.is_account_of_system(name));
    let known = listed.iter().rev().filter(|name| !is_of_system(name) && *name != "root");
    known.for_each(|name| add(name, &of_image));
    match flow.map(|(stage, _)| &stage.root().kind) {
        Some(RootKind::Scratch) => {
            add("65532", "A number: there are no names in an empty stage");
            add("0", "root");
        }
        _ => add("root", "May do everything"),
    }
    let without_rights = WITHOUT_RIGHTS.into_iter().filter(|name| listed.iter().any(|other| other == name));
    without_rights.for_each(|name| add(name, &of_image));
    listed.iter().filter(|name| is_of_system(name)).for_each(|name| add(name, &of_image));
    let end = spot.doc.text().slice(start..spot.word.end).find(':').map_or(spot.word.end, |at| start + at);
    let word = start..end.max(spot.offset);
    let item = |(name, detail): (String, String)| {
        let item = Completion::new(name, CompletionKind::Account, &word, spot.offset);
        if detail.is_empty() { item } else { item.detail(detail) }
    };
    found.into_iter().map(item).collect()
}

/// Accounts that commands above make, the nearest first, with where.
fn made(spot: &Spot<'_>, stage: &StageFlow, number: usize, kind: AccountKind) -> Vec<(String, String)> {
    let stages = spot.doc.stages().all();
    let is_above =
        |origin: &crate::flow::Origin| origin.stage != stage.index() || origin.instruction < number;
    let here = stage.accounts().filter(|account| is_above(&account.origin));
    let mut found: Vec<(String, String)> = Vec::new();
    for account in here {
        let id = account.id.as_deref().map(|id| format!(", {id}")).unwrap_or_default();
        let title = stages.get(account.origin.stage).map(|stage| stage.title()).unwrap_or_default();
        // A new user comes with a group of its name, as a rule.
        if account.kind == kind || kind == AccountKind::Group && account.created {
            found.push((account.name.to_string(), format!("Made in {title}{id}")));
        }
    }
    found
}

/// Numbers of accounts that commands of the stage say.
pub(super) fn numbers(spot: &Spot<'_>, groups: bool) -> Vec<Completion> {
    let Some((stage, _)) = spot.flow() else { return Vec::new() };
    let kind = if groups { AccountKind::Group } else { AccountKind::User };
    let accounts = stage.accounts().filter(|account| account.kind == kind);
    let mut items: Vec<Completion> = Vec::new();
    for account in accounts {
        let Some(id) = account.id.as_deref() else { continue };
        if items.iter().all(|item| item.label != id) {
            items.push(spot.item(id, CompletionKind::Value).detail(&*account.name));
        }
    }
    if items.is_empty() {
        items = value::listed(spot, &[("1000", "The first user of most systems"), ("0", "root")]);
    }
    items
}

/// Accounts that the file names elsewhere.
fn used(spot: &Spot<'_>, kind: AccountKind) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |word: &Word| {
        let text = word.text().trim();
        let (user, group) = text.split_once(':').unwrap_or((text, ""));
        let name = if kind == AccountKind::User { user } else { group };
        if value::is_new(&found, name) && !name.contains(['$', '"', '\'']) {
            found.push(name.to_owned());
        }
    };
    for placed in spot.doc.syntax().instructions() {
        let instruction = placed.instruction.effective();
        // What is being typed names nobody yet.
        if placed.start == spot.start() {
            continue;
        }
        if instruction.keyword == Keyword::User {
            instruction.words().first().into_iter().for_each(&mut add);
        }
        let chown = instruction.flag("chown").and_then(|flag| flag.value.as_ref());
        chown.into_iter().for_each(&mut add);
    }
    found
}
