use super::{Findings, Severity, context::Context, owners::is_number, rule, stage_edits::insert};
use crate::{
    flow::{Fact, Point, path},
    syntax::{Keyword, Word},
};

rule! {
    /// A COPY below a USER, without `--chown`.
    ///
    /// ## Why
    /// A USER is for RUN, CMD and ENTRYPOINT. COPY and ADD make files of root, whatever the USER is; the user can read them, as a
    /// rule, and not change them. It is no hint but an information where the user will want to write: in a VOLUME, or with a
    /// `chmod`, which fails.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// USER node
    /// COPY . /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:20
    /// USER node
    /// COPY --chown=node . /app
    /// ```
    COPY_AFTER_USER_WITHOUT_CHOWN: "copy-after-user-without-chown", "A COPY below a USER makes files of root", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    if context.with(&[Keyword::User]).next().is_none() {
        return;
    }
    for (index, placed) in context.with(&[Keyword::Copy, Keyword::Add]) {
        let instruction = &placed.instruction;
        let has = |name| instruction.flag(name).is_some();
        if instruction.keyword == Keyword::Onbuild || has("chown") || has("chmod") {
            continue;
        }
        let Some(stage) = context.stages.of_instruction(index) else { continue };
        let number = index - stage.instructions.start;
        let flow = context.flow().stage(stage.index);
        let point = flow.before(number);
        if point.user_by.is_none() || point.is_root() != Some(false) || instruction.words().len() < 2 {
            continue;
        }
        let Some(user) = written_user(context, point) else { continue };
        let message = format!("These files belong to root, not to \"{user}\"");
        let range = placed.at(instruction.word.range());
        let facts = flow.own_facts().iter().filter(|fact| fact.by.instruction == number);
        let needs = facts.clone().find_map(|fact| needs_to_write(context, stage.index, number, fact));
        let finding = out.report(&COPY_AFTER_USER_WITHOUT_CHOWN, range.clone(), message);
        if let Some((place, why)) = needs {
            finding.severity(Severity::Information).related(place, why);
        }
        // A layer of its own has no names to look up.
        if !has("link") || is_number(user.split(':').next().unwrap_or_default()) {
            finding
                .fix(
                    format!("Add `--chown={user}`"),
                    Some(vec![insert(range.end, format!(" --chown={user}"))]),
                )
                .prefer_single_fix();
        }
    }
}

/// The USER in force as it is written, if that can stand in a flag.
fn written_user<'a>(context: &Context<'a>, point: &Point) -> Option<&'a str> {
    let by = point.user_by?;
    let index = context.stages.all()[by.stage].instructions.start + by.instruction;
    let user = context.instruction(index).instruction.effective().words().first().map(Word::text)?;
    (!user.contains([' ', '\t', '"', '\''])).then_some(user)
}

/// Where the stage says that the user wants to change what a COPY brought.
fn needs_to_write(
    context: &Context<'_>,
    stage: usize,
    number: usize,
    fact: &Fact,
) -> Option<(std::ops::Range<usize>, &'static str)> {
    let first = context.stages.all()[stage].instructions.start;
    let behind = context.stages.all()[stage].instructions.clone().skip(number + 1);
    let is_same = |text: &str| {
        path::join(Some("/"), text).is_some_and(|it| path::is_within(&fact.path, &it) && it != "/")
    };
    for index in behind.take(20) {
        let placed = context.instruction(index);
        match placed.instruction.keyword {
            Keyword::Volume => {
                let mut words = placed.instruction.words().iter();
                if let Some(word) = words.find(|word| is_same(word.text())) {
                    return Some((placed.at(word.range()), "The program writes there"));
                }
            }
            Keyword::Run if context.flow().stage(stage).before(index - first).is_root() == Some(false) => {
                let running = context.running_in(stage).iter().filter(|running| running.instruction == index);
                let mut changes = running.filter(|running| matches!(running.name(), "chmod" | "chown"));
                let change = changes.find(|running| {
                    let arguments = running.call.map_or(&[][..], |call| call.arguments);
                    arguments.iter().any(|argument| {
                        let text = running.text(argument).value;
                        text.is_some_and(|text| text.starts_with('/') && *fact.path == *text)
                    })
                });
                if let Some(change) = change {
                    return Some((change.range(), "Only the owner may do this"));
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn files_of_root_below_a_user_are_found() {
        fires(
            &COPY_AFTER_USER_WITHOUT_CHOWN,
            "
            FROM node:20 AS base
            COPY a /a
            USER node
            COPY a /a
            ^^^^ hint
            FROM base
            ADD a /data/
            ^^^ information
            COPY run.sh /run.sh
            ^^^^ information
            RUN chmod +x /run.sh
            VOLUME /data
            USER root
            COPY a /a
            ",
        );
    }

    #[test]
    fn owners_modes_and_root_are_left_alone() {
        silent(
            &COPY_AFTER_USER_WITHOUT_CHOWN,
            "FROM node:20\nUSER node\nCOPY --chown=node a /a\nCOPY --chmod=755 a /a\nONBUILD COPY a /a\nUSER 0\nCOPY a /a\n",
        );
        silent(&COPY_AFTER_USER_WITHOUT_CHOWN, "FROM node:20\nARG U\nUSER $U\nCOPY a /a\n");
    }

    #[test]
    fn the_user_becomes_the_owner() {
        assert_eq!(
            fixed(
                &COPY_AFTER_USER_WITHOUT_CHOWN,
                "FROM node:20\nUSER 1000:1000\nCOPY --link \\\n  a /a\n",
                "Add `--chown=1000:1000`"
            ),
            "FROM node:20\nUSER 1000:1000\nCOPY --chown=1000:1000 --link \\\n  a /a\n"
        );
    }
}
