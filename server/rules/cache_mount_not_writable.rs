use super::{Findings, context::Context, mount::Setting, rule, stage_edits::insert};
use crate::{
    flow::StageFlow,
    language::mounts::MountType,
    text::Edit,
    tools::{self, AccountKind, Value},
};

rule! {
    /// A cache mount that the user of its RUN cannot write to.
    ///
    /// ## Why
    /// The folder of a new cache belongs to root, and only root may write there. Under another USER the command fails, or works
    /// without its cache, which is easy to miss.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22-alpine
    /// USER node
    /// WORKDIR /home/node/app
    /// RUN --mount=type=cache,target=/home/node/.npm npm ci
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:22-alpine
    /// USER node
    /// WORKDIR /home/node/app
    /// RUN --mount=type=cache,target=/home/node/.npm,uid=1000,gid=1000 npm ci
    /// ```
    CACHE_MOUNT_NOT_WRITABLE: "cache-mount-not-writable", "A cache mount belongs to root, and its RUN runs as another user", Information, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let caches = context.mounts().iter().filter(|found| {
        found.mount.kind == Some(MountType::Cache)
            && found.mount.faults.is_empty()
            && !found.mount.says_owner()
    });
    for found in caches {
        let Some(stage) = context.stages.of_instruction(found.instruction) else { continue };
        let number = found.instruction - stage.instructions.start;
        let placed = context.instruction(found.instruction);
        // An ONBUILD runs elsewhere.
        if placed.instruction.effective().keyword != placed.instruction.keyword {
            continue;
        }
        let flow = context.flow().stage(stage.index);
        let point = flow.before(number);
        let Some(user) = point.user.in_any_build().filter(|_| point.is_root() == Some(false)) else {
            continue;
        };
        if becomes_root(context, stage.index, number) {
            continue;
        }
        let (name, group) = user.split_once(':').unwrap_or((user, ""));
        let target = match &found.mount.target {
            Setting::Known(target, _) => format!("The cache {target}"),
            _ => "This cache".to_owned(),
        };
        let message = format!("{target} belongs to root: {name} cannot write there without uid= or mode=");
        let finding = out.report(&CACHE_MOUNT_NOT_WRITABLE, placed.at(found.range.clone()), message);
        if let Some(by) = point.user_by {
            finding.related(context.place_of(by), "This is whom it runs as");
        }
        if context.fixes
            && let Some(uid) = user_number(context, flow, name)
        {
            let gid = number_of(group).or_else(|| group.is_empty().then(|| uid.clone()));
            let gid = gid.map_or_else(String::new, |gid| format!(",gid={gid}"));
            let edits: Vec<Edit> =
                vec![insert(placed.at(found.range.clone()).end, format!(",uid={uid}{gid}"))];
            finding.fix(format!("Give it to {name}"), Some(edits)).prefer_single_fix();
        }
    }
}

/// Whether commands of a RUN run as root all the same.
fn becomes_root(context: &Context<'_>, stage: usize, number: usize) -> bool {
    let commands = context.running_in(stage).iter().filter(|running| running.number == number);
    let mut first = commands.filter_map(|running| running.line.command.words.first()?.literal());
    first.any(|word| matches!(word.as_str(), "sudo" | "doas"))
}

fn number_of(text: &str) -> Option<String> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned())
}

/// The number of a user: itself, or as the command says that makes it.
fn user_number(context: &Context<'_>, flow: &StageFlow, user: &str) -> Option<String> {
    if let Some(number) = number_of(user) {
        return Some(number);
    }
    // Everybody knows this one.
    if user == "node" && flow.certain_image().is_some_and(|facts| facts.repository == "node") {
        return Some("1000".to_owned());
    }
    let commands = flow.chain().flat_map(|stage| context.running_in(stage.index()));
    let accounts = commands.filter_map(|running| running.call).flat_map(tools::accounts);
    let mut made =
        accounts.filter(|account| account.kind == AccountKind::User && account.name == Value::Text(user));
    match made.next()?.id? {
        Value::Text(id) => number_of(id),
        Value::Written(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    const TEXT: &str = "FROM python:3.12\nRUN useradd -m -u 1001 app\nUSER app\nRUN --mount=type=cache,target=/home/app/.cache pip install x\n";

    #[test]
    fn a_cache_of_root_under_another_user_is_told_of() {
        fires(
            &CACHE_MOUNT_NOT_WRITABLE,
            "
            FROM node:20
            RUN --mount=type=cache,target=/root/.npm npm i -g pnpm
            USER node
            RUN --mount=type=cache,target=/home/node/.npm npm ci
                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ information
            ",
        );
        assert_eq!(
            message(&CACHE_MOUNT_NOT_WRITABLE, TEXT),
            "The cache /home/app/.cache belongs to root: app cannot write there without uid= or mode="
        );
    }

    #[test]
    fn a_cache_with_an_owner_or_a_user_that_nobody_knows_is_left_alone() {
        for text in [
            "FROM node:20\nUSER node\nRUN --mount=type=cache,target=/c,uid=1000 ls",
            "FROM node:20\nUSER node\nRUN --mount=type=cache,target=/c,mode=0777 ls",
            "FROM node:20\nUSER node\nRUN --mount=type=cache,target=/c sudo make",
            "FROM node:20\nUSER node\nRUN --mount=type=bind,target=/c ls",
            "FROM node:20\nUSER 0\nRUN --mount=type=cache,target=/c ls",
            "FROM node:20\nUSER node\nUSER root\nRUN --mount=type=cache,target=/c ls",
            "FROM node:20\nARG U=x\nUSER $U\nRUN --mount=type=cache,target=/c ls",
            "FROM example.org/unknown:1\nRUN --mount=type=cache,target=/c ls",
        ] {
            silent(&CACHE_MOUNT_NOT_WRITABLE, &format!("{text}\n"));
        }
    }

    #[test]
    fn it_can_be_given_to_the_user() {
        assert_eq!(
            fixed(&CACHE_MOUNT_NOT_WRITABLE, TEXT, "Give it to app"),
            TEXT.replace("/.cache ", "/.cache,uid=1001,gid=1001 ")
        );
        assert_eq!(
            fixed(
                &CACHE_MOUNT_NOT_WRITABLE,
                "FROM a:1\nUSER 5:6\nRUN --mount=type=cache,target=/c ls\n",
                "Give it to 5"
            ),
            "FROM a:1\nUSER 5:6\nRUN --mount=type=cache,target=/c,uid=5,gid=6 ls\n"
        );
    }
}
