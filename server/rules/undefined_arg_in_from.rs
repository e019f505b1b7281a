use std::collections::{HashMap, HashSet};

use super::{
    Findings, Severity,
    context::Context,
    from_words::{base, look_up, place, platform, with_anything},
    near::Near,
    rule,
    stage_edits::{block_start, insert, newline, replace, title},
};
use crate::{
    stages::{Found, Image, Lookup, expand::ExpandError, globals::predefined_names, platform::Platform},
    syntax::{Keyword, Pair, Placed, Word},
    text::Edit,
};

rule! {
    /// A variable in a FROM that no ARG above the first FROM declares.
    ///
    /// ## Why
    /// FROM lines see the arguments that stand above the first FROM, and no others: neither those of a stage, nor what
    /// `--build-arg` passes without an ARG. The variable is empty. This is BuildKit's check UndefinedArgInFrom.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:${VERSION}
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// ARG VERSION=22
    /// FROM node:${VERSION}
    /// ```
    UNDEFINED_ARG_IN_FROM: "UndefinedArgInFrom", "A FROM uses an argument that is not declared above the first FROM", Warning, check
}

/// A variable that is not declared, in a word of a FROM.
struct Undeclared<'a> {
    stage: usize,
    word: &'a Word,
    name: String,
    severity: Severity,
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let undeclared = undeclared(context);
    if undeclared.is_empty() {
        return;
    }
    let near = Near::new();
    let names =
        || predefined_names().chain(context.stages.globals().args.iter().map(|arg| arg.name.as_str()));
    let mut declared = Declared::default();
    for Undeclared { stage, word, name, severity } in &undeclared {
        let placed = context.opening(*stage);
        let near = near.suggest(name, names());
        let elsewhere = declared.above(context, *stage).get(name.as_str());
        let mut message = format!("FROM argument '{name}' is not declared");
        if let Some(near) = near {
            message += &format!(" (did you mean {near}?)");
        }
        if let Some((stage, ..)) = elsewhere {
            let title = title(&context.stages.all()[*stage]);
            let title = title.replacen("Stage", "stage", 1);
            message += &format!(". ARG {name} in {title} is not visible to FROM");
        }
        let range = placed.at(place(word, name));
        let finding = out.report(&UNDEFINED_ARG_IN_FROM, range.clone(), message);
        finding.severity(*severity);
        if let Some((_, placed, pair)) = elsewhere {
            finding.related(placed.at(pair.range.clone()), "Seen in its stage only");
        }
        // Of short names any two are near, so that says nothing of what was meant.
        let is_name = |near: &&str| near.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if let Some(near) = near.filter(|_| name.len() >= 4).filter(is_name) {
            let text = context.doc.text().slice(range.clone());
            let edit = (text.starts_with('$') && text.matches(name.as_str()).count() == 1)
                .then(|| vec![replace(range, text.replacen(name.as_str(), near, 1))]);
            finding.fix(format!("Use `{near}`"), edit);
        }
        let moved = elsewhere.and_then(|(_, placed, pair)| moved(context, placed, pair));
        let top = block_start(context, 0);
        match moved {
            Some((text, edit)) => {
                let declaration = insert(top, format!("ARG {text}{}", newline(context)));
                finding
                    .fix(format!("Declare `ARG {text}` above the first FROM"), Some(vec![declaration, edit]));
            }
            None => {
                let declaration = insert(top, format!("ARG {name}{}", newline(context)));
                finding.fix(format!("Declare `ARG {name}` above the first FROM"), Some(vec![declaration]));
            }
        }
        finding.prefer_single_fix();
    }
}

fn undeclared<'a>(context: &Context<'a>) -> Vec<Undeclared<'a>> {
    let mut declared: Option<HashSet<&str>> = None;
    let mut found = Vec::new();
    for stage in context.stages.all() {
        // Without a base that is the error.
        let base = base(context, stage.index);
        if base.is_none() {
            continue;
        }
        let words = [(base, false), (platform(context, stage.index), true)];
        for (word, is_platform) in words {
            let Some(word) = word.filter(|word| word.text().contains('$')) else { continue };
            let declared = declared.get_or_insert_with(|| {
                context.stages.globals().args.iter().map(|arg| arg.name.as_str()).collect()
            });
            let looked = look_up(context, word);
            // So is a `${` without its end.
            if matches!(looked.result, Err(ExpandError::Syntax)) {
                continue;
            }
            let names = looked.unmatched.into_iter().filter(|name| !declared.contains(name.as_str()));
            found.extend(names.map(|name| {
                let fails = if is_platform {
                    has_no_platform(context, word)
                } else {
                    has_no_base(context, stage.index, word)
                };
                let severity = if fails { Severity::Error } else { Severity::Warning };
                Undeclared { stage: stage.index, word, name, severity }
            }));
        }
    }
    found
}

/// Whether nothing that a build may be called with makes a base of the word.
fn has_no_base(context: &Context<'_>, stage: usize, word: &Word) -> bool {
    let Ok(value) = with_anything(context, word) else { return true };
    let Some(text) = value.text() else { return false };
    let is_stage = matches!(context.stages.names().look_up(Lookup::From(stage), &text), Found::Stage(_));
    !is_stage && text != "scratch" && Image::parse(&text).is_err()
}

fn has_no_platform(context: &Context<'_>, word: &Word) -> bool {
    let Ok(value) = with_anything(context, word) else { return true };
    value.text().is_some_and(|text| Platform::parse(&text).is_none())
}

/// An ARG of a stage: the stage, the instruction, the declaration in it.
type StageArg<'a> = (usize, &'a Placed, &'a Pair);

/// The ARGs of the stages so far, by name.
#[derive(Default)]
struct Declared<'a> {
    args: HashMap<&'a str, StageArg<'a>>,
    /// How many stages are in.
    stages: usize,
}

impl<'a> Declared<'a> {
    /// With those of all stages above `stage`, which only ever grows.
    fn above(&mut self, context: &Context<'a>, stage: usize) -> &HashMap<&'a str, StageArg<'a>> {
        for index in std::mem::replace(&mut self.stages, stage)..stage {
            for instruction in context.stages.all()[index].instructions.clone() {
                let placed = context.instruction(instruction);
                if placed.instruction.keyword == Keyword::Arg {
                    for pair in placed.instruction.pairs() {
                        self.args.insert(pair.name.text(), (index, placed, pair));
                    }
                }
            }
        }
        &self.args
    }
}

/// What to declare in the place of a stage's ARG, and that ARG without its default.
fn moved(context: &Context<'_>, placed: &Placed, pair: &Pair) -> Option<(String, Edit)> {
    let value = pair.value.as_ref()?;
    let written = context.doc.text().slice(placed.at(pair.range.clone()));
    if value.text().contains('$') || written.contains('\n') || value.text().is_empty() {
        return None;
    }
    let edit = replace(placed.at(pair.name.range().end..value.range().end), "");
    Some((written.into_owned(), edit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, only, silent};

    #[test]
    fn without_a_value_from_anywhere_the_build_fails() {
        fires(
            &UNDEFINED_ARG_IN_FROM,
            "
            ARG TAG=1
            FROM $NOPE
                 ^^^^^ error
            FROM a:${NOPE}
                   ^^^^^^^ error
            FROM --platform=$NOPE a:1
                            ^^^^^ error
            FROM ${NOPE}a:$TAG
                 ^^^^^^^ warning
            FROM a${NOPE:-}
                  ^^^^^^^^^ warning
            FROM ${NOPE:-a:1}
                 ^^^^^^^^^^^^ warning
            ",
        );
    }

    #[test]
    fn what_is_declared_with_or_without_a_value_and_what_buildkit_sets_is_left_alone() {
        silent(
            &UNDEFINED_ARG_IN_FROM,
            "ARG A\nARG B=$C\nFROM --platform=$BUILDPLATFORM $A\nFROM a:$B\nFROM a-$TARGETARCH\nFROM a:1\\$X\nRUN $X\n",
        );
        only("FROM $NOPE\n", &["UndefinedArgInFrom"]);
    }

    #[test]
    fn a_near_name_is_suggested() {
        let text = "ARG VERSION=1\nFROM a:${VERSIN}\n";
        assert_eq!(
            message(&UNDEFINED_ARG_IN_FROM, text),
            "FROM argument 'VERSIN' is not declared (did you mean VERSION?)"
        );
        assert_eq!(
            fixed(&UNDEFINED_ARG_IN_FROM, text, "Use `VERSION`"),
            "ARG VERSION=1\nFROM a:${VERSION}\n"
        );
    }

    #[test]
    fn the_argument_of_a_stage_moves_up() {
        let text = "
            # syntax=docker/dockerfile:1

            # The tools
            FROM a:1 AS a
            ARG V=\"2 0\" W
            RUN $V
            FROM node:$V
        ";
        assert_eq!(
            message(&UNDEFINED_ARG_IN_FROM, text),
            "FROM argument 'V' is not declared. ARG V in stage \"a\" is not visible to FROM"
        );
        let text = text.replace("\"2 0\"", "20");
        assert_eq!(
            fixed(&UNDEFINED_ARG_IN_FROM, &text, "Declare `ARG V=20` above the first FROM"),
            "# syntax=docker/dockerfile:1\n\nARG V=20\n# The tools\nFROM a:1 AS a\nARG V W\nRUN $V\nFROM node:$V\n"
        );
    }

    #[test]
    fn otherwise_it_is_declared_without_a_value() {
        assert_eq!(
            fixed(&UNDEFINED_ARG_IN_FROM, "FROM a:$V\r\n", "Declare `ARG V` above the first FROM"),
            "ARG V\r\nFROM a:$V\r\n"
        );
    }
}
