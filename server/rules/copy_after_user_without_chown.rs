use std::{collections::HashMap, ops::Range};

use super::{Findings, Severity, context::Context, owners::is_number, rule, stage_edits::insert};
use crate::{
    flow::{Origin, Point, StageFlow, path},
    stages::{Reference, ReferenceKind},
    syntax::{Keyword, Word},
};

rule! {
    /// A COPY below a USER, without `--chown`.
    ///
    /// ## Why
    /// A USER is for RUN, CMD and ENTRYPOINT. Files of the build context belong to root, whatever the USER is, and what comes
    /// from another stage keeps its owner. The user can read files of root, as a rule, and not change them. It is no hint but
    /// an information where the user will want to write: in a VOLUME, or with a `chmod`, which fails.
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
    let mut changes: Option<(usize, Vec<Change>)> = None;
    let mut of_root: HashMap<usize, bool> = HashMap::new();
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
        // On Windows COPY sets no owners.
        if flow.is_windows() {
            continue;
        }
        if point.user_by.is_none() || point.is_root() != Some(false) || instruction.words().len() < 2 {
            continue;
        }
        if has("from") {
            let source = source(context, index);
            let mut is_of_root =
                |source| *of_root.entry(source).or_insert_with(|| has_files_of_root(context, source));
            if !source.is_some_and(&mut is_of_root) {
                continue;
            }
        }
        let Some(user) = written_user(context, point) else { continue };
        let message = format!("These files belong to root, not to \"{user}\"");
        let range = placed.at(instruction.word.range());
        let changes = match &changes {
            Some((of, changes)) if *of == stage.index => changes,
            _ => &changes.insert((stage.index, changes_in(context, stage.index))).1,
        };
        let needs =
            changes.iter().find(|change| change.number > number && is_of(flow, stage.index, number, change));
        let finding = out.report(&COPY_AFTER_USER_WITHOUT_CHOWN, range.clone(), message);
        if let Some(change) = needs {
            finding.severity(Severity::Information).related(change.place.clone(), change.why);
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

/// The stage that a `COPY --from` takes from. Of the files of images and contexts nothing is known.
fn source(context: &Context<'_>, index: usize) -> Option<usize> {
    let mut references = context.stages.references_in(index).iter();
    references.find(|reference| reference.kind == ReferenceKind::Copy).and_then(Reference::target)
}

/// Whether a stage has files of root alone, as far as one can see: a `COPY --from` keeps their owners
/// (testCopyChownExistingDir in dockerfile_copy_test.go).
fn has_files_of_root(context: &Context<'_>, stage: usize) -> bool {
    context.flow().stage(stage).chain().all(|stage| {
        let instructions = context.stages.all()[stage.index()].instructions.clone();
        let as_root = |number| stage.before(number).is_root() != Some(false);
        let has_chown = |index| context.instruction(index).instruction.flag("chown").is_some();
        let gives = |name: &str| matches!(name, "chown" | "chgrp" | "install");
        (0..instructions.len()).all(as_root)
            && !instructions.clone().any(has_chown)
            && !context.running_in(stage.index()).iter().any(|running| gives(running.name()))
    })
}

/// The USER in force as it is written, if that can stand in a flag.
fn written_user<'a>(context: &Context<'a>, point: &Point) -> Option<&'a str> {
    let by = point.user_by?;
    let index = context.stages.all()[by.stage].instructions.start + by.instruction;
    let user = context.instruction(index).instruction.effective().words().first().map(Word::text)?;
    (!user.contains([' ', '\t', '"', '\''])).then_some(user)
}

/// A place that says that the user of a stage changes a file.
struct Change {
    /// The instruction, by its number in the stage.
    number: usize,
    place: Range<usize>,
    /// Absolute and clean.
    path: String,
    /// Whether also what lies below the path.
    below: bool,
    why: &'static str,
}

/// How many of a stage are looked at.
const MOST: usize = 50;

fn changes_in(context: &Context<'_>, stage: usize) -> Vec<Change> {
    let instructions = context.stages.all()[stage].instructions.clone();
    let mut found = Vec::new();
    for (number, index) in instructions.enumerate() {
        let placed = context.instruction(index);
        if placed.instruction.keyword != Keyword::Volume {
            continue;
        }
        found.extend(placed.instruction.meant_words().iter().filter_map(|word| {
            let path = path::join(None, word.text())?;
            let why = "The program writes there";
            Some(Change { number, place: placed.at(word.range()), path, below: true, why })
        }));
    }
    let changes = context.running_in(stage).iter().filter(|running| {
        matches!(running.name(), "chmod" | "chown") && running.point().is_root() == Some(false)
    });
    for running in changes {
        for argument in running.call.map_or(&[][..], |call| call.arguments) {
            let path = running.text(argument).value.and_then(|text| path::join(None, &text));
            let (number, place, why) = (running.number, running.range(), "Only the owner may do this");
            found.extend(path.map(|path| Change { number, place, path, below: false, why }));
        }
    }
    found.truncate(MOST);
    found
}

/// Whether a change is about what an instruction (by its number in the stage) brings.
fn is_of(flow: &StageFlow, stage: usize, number: usize, change: &Change) -> bool {
    let by = Origin { stage, instruction: number, command: None };
    flow.own_facts().iter().filter(|fact| fact.by == by).any(|fact| match change.below {
        true => change.path != "/" && path::is_within(&fact.path, &change.path),
        false => *fact.path == *change.path,
    })
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
        silent(
            &COPY_AFTER_USER_WITHOUT_CHOWN,
            "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nUSER ContainerUser\nCOPY a C:\\\\a\n",
        );
    }

    #[test]
    fn what_comes_from_a_stage_keeps_its_owner() {
        let check = |build: &str, expected: usize| {
            let text =
                format!("FROM node:20 AS build\n{build}\nFROM node:20\nUSER node\nCOPY --from=build /a /a\n");
            let found = crate::rules::check(&crate::document::Document::open(&text, 1));
            let found = found.iter().filter(|it| it.code == COPY_AFTER_USER_WITHOUT_CHOWN.code);
            assert_eq!(found.count(), expected, "{build}");
        };
        check("RUN make /a", 1);
        for build in ["USER node\nRUN make /a", "COPY --chown=node a /a", "RUN make /a && chown node /a"] {
            check(build, 0);
        }
        silent(&COPY_AFTER_USER_WITHOUT_CHOWN, "FROM node:20\nUSER node\nCOPY --from=me/tools:1 /a /a\n");
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
