use super::{Findings, context::Context, near::nearest, rule, stage_edits::replace};
use crate::{
    syntax::{Arguments, Flag, Instruction, Keyword, Placed},
    text::Edit,
};

rule! {
    /// A flag that the instruction does not have, has once only, or that lacks its value.
    ///
    /// ## Why
    /// BuildKit knows the flags of each instruction, in lower case; the build stops at any other. A value follows its flag
    /// behind a `=`, without white space. Only COPY has `--from`.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS builder
    /// FROM alpine:3.20
    /// ADD --from=builder /app /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS builder
    /// FROM alpine:3.20
    /// COPY --from=builder /app /app
    /// ```
    UNKNOWN_FLAG: "unknown-flag", "A flag that the instruction does not have", Error, check
}

/// What may follow the name of a flag.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `=value`, once.
    One,
    /// `=value`, any number of times.
    Many,
    /// Nothing, or `=true` or `=false`, once.
    Switch,
}

use Kind::{Many, One, Switch};

/// The flags of an instruction (instructions/parse.go and the hooks in commands_run*.go). Those that only some builders
/// have are among them.
fn flags(keyword: Keyword) -> Option<&'static [(&'static str, Kind)]> {
    Some(match keyword {
        Keyword::From => &[("platform", One)],
        Keyword::Copy => &[
            ("from", One),
            ("chown", One),
            ("chmod", One),
            ("link", Switch),
            ("parents", Switch),
            ("exclude", Many),
        ],
        Keyword::Add => &[
            ("chown", One),
            ("chmod", One),
            ("link", Switch),
            ("keep-git-dir", Switch),
            ("checksum", One),
            ("unpack", Switch),
            ("exclude", Many),
        ],
        Keyword::Run => &[("mount", Many), ("network", One), ("security", One), ("device", Many)],
        _ => return None,
    })
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for placed in context.doc.syntax().instructions() {
        let instruction = placed.instruction.effective();
        let Some(known) = flags(instruction.keyword) else { continue };
        // What is not typed to the end may still be about to get there.
        if instruction.flags.is_empty() || !is_complete(instruction) {
            continue;
        }
        for (index, flag) in instruction.flags.iter().enumerate() {
            let name = flag.name.text();
            if name.is_empty() || is_odd(context, placed, flag) {
                continue;
            }
            let before = &instruction.flags[..index];
            match known.iter().find(|(known, _)| *known == name) {
                None => unknown(context, out, placed, instruction, flag, known),
                Some((_, kind)) => {
                    let first = before.iter().find(|other| other.name.text() == name);
                    match first.filter(|_| *kind != Many) {
                        Some(first) => repeated(context, out, placed, flag, first),
                        None if *kind != Switch && flag.value.is_none() => {
                            without_value(context, out, placed, instruction, flag);
                        }
                        None => {}
                    }
                }
            }
        }
    }
}

fn is_complete(instruction: &Instruction) -> bool {
    match &instruction.arguments {
        Arguments::From(from) => from.base.is_some(),
        Arguments::Words { words, .. } if instruction.keyword != Keyword::Run => words.len() >= 2,
        Arguments::Words { .. } | Arguments::Text(_) => true,
        _ => false,
    }
}

/// Whether quotes or escapes hide where the name of the flag ends.
fn is_odd(context: &Context<'_>, placed: &Placed, flag: &Flag) -> bool {
    let raw = context.doc.text().slice(placed.at(flag.range.clone())).into_owned();
    let name = raw.split('=').next().unwrap_or_default();
    name.strip_prefix("--") != Some(flag.name.text())
}

fn severity(context: &Context<'_>, placed: &Placed) -> super::Severity {
    let index = context.doc.syntax().instruction_at(placed.start);
    let onbuild = placed.instruction.keyword == Keyword::Onbuild;
    match index.and_then(|index| context.stages.of_instruction(index)) {
        Some(stage) => context.always(onbuild, stage.index),
        None => super::Severity::Warning,
    }
}

fn unknown(
    context: &Context<'_>,
    out: &mut Findings,
    placed: &Placed,
    instruction: &Instruction,
    flag: &Flag,
    known: &[(&'static str, Kind)],
) {
    let name = flag.name.text();
    let keyword = instruction.keyword.name();
    let allowed = |(other, kind): &&(&'static str, Kind)| {
        (*kind == Many || instruction.flag(other).is_none()) && (*kind == Switch || flag.value.is_some())
    };
    let names: Vec<&str> = known.iter().filter(allowed).map(|(name, _)| *name).collect();
    let near = nearest(name, &names);
    let is_copy = instruction.keyword == Keyword::Add && name == "from";
    let mut message = format!("{keyword} has no flag --{name}");
    match near {
        _ if is_copy => message += ". Only COPY has it",
        Some(near) => message += &format!(". Did you mean --{near}?"),
        None => {}
    }
    let name_range = placed.at(flag.range.start..flag.name.range().end);
    let finding = out.report(&UNKNOWN_FLAG, name_range.clone(), message);
    finding.severity(severity(context, placed));
    if is_copy {
        finding.fix("Use COPY", use_copy(placed, instruction)).prefer_single_fix();
    } else if let Some(near) = near {
        let edit = replace(name_range, format!("--{near}"));
        finding.fix(format!("Use `--{near}`"), Some(vec![edit])).prefer_single_fix();
    }
}

fn use_copy(placed: &Placed, instruction: &Instruction) -> Option<Vec<Edit>> {
    let copy = flags(Keyword::Copy)?;
    let fits = |flag: &Flag| copy.iter().any(|(name, _)| *name == flag.name.text());
    let word = &instruction.word;
    let copy = if word.text().starts_with('a') { "copy" } else { "COPY" };
    instruction.flags.iter().all(fits).then(|| vec![replace(placed.at(word.range()), copy)])
}

fn repeated(context: &Context<'_>, out: &mut Findings, placed: &Placed, flag: &Flag, first: &Flag) {
    let name = flag.name.text();
    let text = context.doc.text();
    // With the blanks in front of it, on its line.
    let without = |flag: &Flag| {
        let range = placed.at(flag.range.clone());
        let before = text.slice(text.line_start(text.line_of(range.start))..range.start);
        let blank = before.len() - before.trim_end_matches([' ', '\t']).len();
        vec![replace(range.start - blank..range.end, "")]
    };
    let shown = |flag: &Flag| text.slice(placed.at(flag.range.clone())).into_owned();
    let finding =
        out.report(&UNKNOWN_FLAG, placed.at(flag.range.clone()), format!("--{name} is given twice"));
    finding
        .severity(severity(context, placed))
        .related(placed.at(first.range.clone()), "Given here first")
        .fix(format!("Remove `{}`", shown(flag)), Some(without(flag)));
    if shown(flag) == shown(first) {
        finding.prefer_single_fix();
    } else {
        finding.fix(format!("Remove `{}`", shown(first)), Some(without(first)));
    }
}

fn without_value(
    context: &Context<'_>,
    out: &mut Findings,
    placed: &Placed,
    instruction: &Instruction,
    flag: &Flag,
) {
    let name = flag.name.text();
    let range = placed.at(flag.range.clone());
    // `--from builder /a /b`: the next word was meant, if enough of them are left.
    let next = instruction.words().first().filter(|_| instruction.words().len() > 2);
    let next = next.map(|word| placed.at(word.range())).filter(|word| {
        let between = context.doc.text().slice(range.end..word.start.max(range.end));
        between.bytes().all(|b| matches!(b, b' ' | b'\t')) && Some(flag) == instruction.flags.last()
    });
    let message = match next {
        Some(_) => format!("--{name} needs its value behind a \"=\", without white space"),
        None => format!("--{name} needs a value: --{name}=…"),
    };
    let edits = next.map(|word| vec![replace(range.end..word.start, "=")]);
    out.report(&UNKNOWN_FLAG, range, message)
        .severity(severity(context, placed))
        .fix("Write `=`", edits)
        .prefer_single_fix();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn what_the_instruction_does_not_have_is_an_error() {
        fires(
            &UNKNOWN_FLAG,
            "
            FROM --plattform=linux/amd64 a:1 AS x
                 ^^^^^^^^^^^ error
            FROM b:1
            ADD --from=x /a /a
                ^^^^^^ error
            COPY --form=x /a /a
                 ^^^^^^ error
            COPY --FROM=x /a /a
                 ^^^^^^ error
            RUN --mounts=type=cache,target=/c ls
                ^^^^^^^^ error
            RUN --whatever ls
                ^^^^^^^^^^ error
            ",
        );
    }

    #[test]
    fn once_means_once_and_a_value_follows_its_sign() {
        fires(
            &UNKNOWN_FLAG,
            "
            FROM a:1 AS x
            FROM b:1
            COPY --from=x --from=y /a /a
                          ^^^^^^^^ error
            COPY --link --link /a /a
                        ^^^^^^ error
            COPY --from x /a /a
                 ^^^^^^ error
            COPY --from /a /a
                 ^^^^^^ error
            ",
        );
    }

    #[test]
    fn in_an_onbuild_it_fails_only_for_those_who_build_on_it() {
        fires(&UNKNOWN_FLAG, "FROM a:1\nONBUILD ADD --from=x /a /a\n            ^^^^^^ warning\n");
    }

    #[test]
    fn all_that_buildkit_knows_is_left_alone() {
        silent(
            &UNKNOWN_FLAG,
            "
            FROM --platform=linux/amd64 a:1 AS x
            COPY --from=x --chown=1 --chmod=1 --link --parents=false --exclude=a --exclude=b /a /a
            ADD --keep-git-dir=true --checksum=sha256:0 --unpack --link --exclude=a --exclude=b /a /a
            RUN --mount=type=ssh --mount=type=tmpfs,target=/t --network=none --security=insecure --device=a --device=b ls
            RUN ls --foo
            COPY /a --from=x /a
            COPY -- --foo /a
            HEALTHCHECK --interval=1s --whatever NONE
            COPY \"--from=x\" /a /a
            ",
        );
    }

    #[test]
    fn lines_that_are_being_typed_are_left_alone() {
        for line in [
            "COPY --",
            "COPY --fro",
            "COPY --from",
            "COPY --from=",
            "COPY --from b",
            "RUN --moun",
            "FROM --pl",
        ] {
            silent(&UNKNOWN_FLAG, &format!("FROM a:1 AS b\nFROM a:1\n{line}\nRUN ls\n"));
        }
    }

    #[test]
    fn each_has_its_fix() {
        let fixes = [
            ("ADD --chown=1 --from=x /a /a", "Use COPY", "COPY --chown=1 --from=x /a /a"),
            ("COPY --form=x /a /a", "Use `--from`", "COPY --from=x /a /a"),
            ("COPY --from=x --from=y /a /a", "Remove `--from=y`", "COPY --from=x /a /a"),
            ("COPY --from=y --from=x /a /a", "Remove `--from=y`", "COPY --from=x /a /a"),
            ("COPY --from  x /a /a", "Write `=`", "COPY --from=x /a /a"),
        ];
        for (line, title, after) in fixes {
            let file = |line: &str| format!("FROM a:1 AS x\nFROM y:1\n{line}\n");
            assert_eq!(fixed(&UNKNOWN_FLAG, &file(line), title), file(after));
        }
    }
}
