use std::{collections::HashSet, ops::Range};

use super::{
    Finding, Findings, Severity,
    context::Context,
    flags::{Given, given, leading},
    near::nearest,
    rule,
    stage_edits::replace,
};
use crate::{
    language::flags::{self, Kind, known},
    syntax::{Arguments, Flag, Instruction, Keyword, Pair, Placed, Word},
    text::Edit,
};

rule! {
    /// A flag that the instruction does not have, has once only, or that lacks its value.
    ///
    /// ## Why
    /// BuildKit knows the flags of each instruction, in lower case; the build stops at any other. A value follows its flag
    /// behind a `=`, without white space. Only COPY has `--from`. Words that start with `--` are read as flags in front of
    /// the arguments of instructions that have none, too: `CMD --help` fails.
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

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.doc.syntax().instructions().iter().enumerate() {
        for instruction in [&*placed.instruction, placed.instruction.effective()] {
            let is_inner =
                placed.instruction.keyword == Keyword::Onbuild && instruction.keyword != Keyword::Onbuild;
            let severity = || context.parse_error(index, is_inner);
            if instruction.flags.is_empty() {
                without_flags(context, out, placed, instruction, &severity);
            } else if is_complete(instruction) {
                with_flags(context, out, placed, instruction, &severity);
            }
            if placed.instruction.keyword != Keyword::Onbuild {
                break;
            }
        }
    }
}

fn with_flags(
    context: &Context<'_>,
    out: &mut Findings,
    placed: &Placed,
    instruction: &Instruction,
    severity: &dyn Fn() -> Severity,
) {
    let Some(all) = known(instruction.keyword) else { return };
    // The first of each that the instruction has.
    let mut before: Vec<(&str, &Flag)> = Vec::new();
    let mut used = None;
    for flag in &instruction.flags {
        let given = given(context, placed, flag);
        // Nothing but `--` ends the flags.
        if given.name.is_empty() && given.value.is_none() {
            continue;
        }
        let Some(known) = all.iter().find(|known| known.entry.name == given.name) else {
            let used = used.get_or_insert_with(|| names(instruction));
            unknown(out, placed, instruction, flag, &given, all, used).severity(severity());
            continue;
        };
        let first = before.iter().find(|(other, _)| *other == known.entry.name);
        match first.filter(|_| known.kind != Kind::Many) {
            Some((_, first)) => {
                repeated(context, out, placed, flag, first).severity(severity());
            }
            None if known.kind != Kind::Switch && given.value.is_none() => {
                without_value(context, out, placed, instruction, flag).severity(severity());
            }
            None => {}
        }
        if first.is_none() {
            before.push((known.entry.name, flag));
        }
    }
}

/// What BuildKit takes for a flag in front of the arguments of an instruction that has none (parser/split_command.go).
fn without_flags(
    context: &Context<'_>,
    out: &mut Findings,
    placed: &Placed,
    instruction: &Instruction,
    severity: &dyn Fn() -> Severity,
) {
    let keyword = instruction.keyword;
    // Those of ARG are lost, which is an error only if nothing is left.
    let is_arg = keyword == Keyword::Arg;
    if !is_arg && known(keyword).is_none_or(|known| !known.is_empty()) {
        return;
    }
    let flags: Vec<Range<usize>> = match &instruction.arguments {
        Arguments::Words { json: true, .. } => return,
        Arguments::Text(text) => in_word(text, context.doc.syntax().escape()),
        Arguments::Words { words, .. } if keyword == Keyword::User || keyword == Keyword::Workdir => {
            words.first().map_or(Vec::new(), |word| in_word(word, context.doc.syntax().escape()))
        }
        Arguments::Words { words, .. } => {
            let is_flag = |word: &&Word| is_flag(word.text());
            words.iter().take_while(is_flag).map(Word::range).collect()
        }
        Arguments::Pairs(pairs) => {
            // `--=` is one, too.
            let is_flag = |pair: &&Pair| {
                is_flag(pair.name.text())
                    || (pair.name.text() == "--" && pair.value.is_some() && !pair.legacy)
            };
            let range = |pair: &Pair| if pair.legacy { pair.name.range() } else { pair.range.clone() };
            pairs.iter().take_while(is_flag).map(range).collect()
        }
        Arguments::Onbuild(inner) if is_flag(inner.word.text()) => vec![inner.word.range()],
        Arguments::Onbuild(_) | Arguments::From(_) | Arguments::Nothing => return,
    };
    if is_arg && flags.len() < instruction.pairs().len() {
        return;
    }
    for flag in flags {
        let range = placed.at(flag);
        let shown = context.doc.text().slice(range.clone());
        let message = format!("{} has no flags, and \"{shown}\" is read as one", keyword.name());
        let finding = out.report(&UNKNOWN_FLAG, range, message);
        finding.severity(severity());
        if let (Keyword::Cmd, Arguments::Text(text)) = (keyword, &instruction.arguments) {
            finding.fix("Write it as a JSON array", as_array(placed, text)).prefer_single_fix();
        }
    }
}

fn is_flag(text: &str) -> bool {
    text.len() > 2 && text.starts_with("--")
}

fn in_word(word: &Word, escape: char) -> Vec<Range<usize>> {
    leading(word.text(), escape).into_iter().map(|range| word.source(range)).collect()
}

/// The words of a command as a JSON array, if no shell is needed to tell them apart.
fn as_array(placed: &Placed, command: &Word) -> Option<Vec<Edit>> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " \t-_=/.,:@%+".contains(c);
    let words = command.text().split_ascii_whitespace();
    let words = words.map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
    let is_plain = command.text().chars().all(is_plain);
    is_plain.then(|| vec![replace(placed.at(command.range()), format!("[{words}]"))])
}

/// Whether all that has to follow the flags is there; if not, that is what is to be said.
fn is_complete(instruction: &Instruction) -> bool {
    match &instruction.arguments {
        Arguments::From(from) => from.base.is_some(),
        // The flags of a `HEALTHCHECK NONE` are lost.
        _ if instruction.keyword == Keyword::Healthcheck => {
            instruction.action.as_ref().is_some_and(|action| !action.text().eq_ignore_ascii_case("none"))
        }
        // RUN needs no command.
        _ if instruction.keyword == Keyword::Run => true,
        Arguments::Words { words, .. } => words.len() >= 2,
        _ => false,
    }
}

/// The names of the flags that an instruction has.
fn names(instruction: &Instruction) -> HashSet<&str> {
    instruction.flags.iter().map(|flag| flag.name.text()).collect()
}

fn unknown<'f>(
    out: &'f mut Findings,
    placed: &Placed,
    instruction: &Instruction,
    flag: &Flag,
    given: &Given<'_>,
    known: &[flags::Flag],
    used: &HashSet<&str>,
) -> &'f mut Finding {
    let name = &*given.name;
    let keyword = instruction.keyword.name();
    let allowed = |other: &&flags::Flag| {
        (other.kind == Kind::Many || !used.contains(other.entry.name))
            && (other.kind == Kind::Switch || given.value.is_some())
    };
    let names: Vec<&str> = known.iter().filter(allowed).map(|known| known.entry.name).collect();
    let near = nearest(name, &names);
    let is_copy = instruction.keyword == Keyword::Add && name == "from";
    let mut message = format!("{keyword} has no flag --{name}");
    match near {
        _ if is_copy => message += ". Only COPY has it",
        Some(near) => message += &format!(". Did you mean --{near}?"),
        None => {}
    }
    let end = if given.odd { flag.range.end } else { flag.name.range().end };
    let name_range = placed.at(flag.range.start..end);
    let finding = out.report(&UNKNOWN_FLAG, name_range.clone(), message);
    if is_copy {
        finding.fix("Use COPY", use_copy(placed, instruction)).prefer_single_fix();
    } else if let Some(near) = near.filter(|_| !given.odd) {
        let edit = replace(name_range, format!("--{near}"));
        finding.fix(format!("Use `--{near}`"), Some(vec![edit])).prefer_single_fix();
    }
    finding
}

fn use_copy(placed: &Placed, instruction: &Instruction) -> Option<Vec<Edit>> {
    let fits = |flag: &Flag| flags::flag(Keyword::Copy, flag.name.text()).is_some();
    let word = &instruction.word;
    let copy = if word.text().starts_with('a') { "copy" } else { "COPY" };
    instruction.flags.iter().all(fits).then(|| vec![replace(placed.at(word.range()), copy)])
}

fn repeated<'f>(
    context: &Context<'_>,
    out: &'f mut Findings,
    placed: &Placed,
    flag: &Flag,
    first: &Flag,
) -> &'f mut Finding {
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
        .related(placed.at(first.range.clone()), "Given here first")
        .fix(format!("Remove `{}`", shown(flag)), Some(without(flag)));
    if shown(flag) == shown(first) {
        finding.prefer_single_fix();
    } else {
        finding.fix(format!("Remove `{}`", shown(first)), Some(without(first)));
    }
    finding
}

fn without_value<'f>(
    context: &Context<'_>,
    out: &'f mut Findings,
    placed: &Placed,
    instruction: &Instruction,
    flag: &Flag,
) -> &'f mut Finding {
    let name = flag.name.text();
    let range = placed.at(flag.range.clone());
    let next = next_word(instruction, name).map(|word| placed.at(word)).filter(|word| {
        let between = context.doc.text().slice(range.end..word.start.max(range.end));
        between.bytes().all(|b| matches!(b, b' ' | b'\t')) && Some(flag) == instruction.flags.last()
    });
    let message = match next {
        Some(_) => format!("--{name} needs its value behind a \"=\", without white space"),
        None => format!("--{name} needs a value: --{name}=…"),
    };
    let edits = next.map(|word| vec![replace(range.end..word.start, "=")]);
    out.report(&UNKNOWN_FLAG, range, message).fix("Write `=`", edits).prefer_single_fix()
}

/// The word behind the flags, in bytes from the start of the instruction, if it can be the value of the last one: with enough
/// words left as in `--from builder /a /b`, or of its form.
fn next_word(instruction: &Instruction, name: &str) -> Option<Range<usize>> {
    if let Some(action) = &instruction.action {
        return action.text().starts_with(|c: char| c.is_ascii_digit()).then(|| action.range());
    }
    match &instruction.arguments {
        Arguments::From(from) => {
            let is_base = match &from.unexpected[..] {
                [_] => true,
                [_, r#as, _] => r#as.text().eq_ignore_ascii_case("as"),
                _ => false,
            };
            from.base.as_ref().filter(|_| is_base && from.name.is_none()).map(Word::range)
        }
        Arguments::Words { words, .. } => words.first().filter(|_| words.len() > 2).map(Word::range),
        Arguments::Text(text) if name == "mount" => {
            let (value, _) = text.text().split_once([' ', '\t'])?;
            let is_mount = ["type=", "target=", "from=", "source="].iter().any(|key| value.starts_with(key));
            is_mount.then(|| text.source(0..value.len()))
        }
        Arguments::Text(_) | Arguments::Pairs(_) | Arguments::Onbuild(_) | Arguments::Nothing => None,
    }
}

/// Whether the last flag lacks its value, and the next word is that: what follows is not wrong then.
pub(super) fn lacks_value(instruction: &Instruction) -> bool {
    let last = instruction.flags.last().filter(|flag| flag.value.is_none() && !flag.name.text().is_empty());
    last.is_some_and(|flag| next_word(instruction, flag.name.text()).is_some())
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
            HEALTHCHECK --interval=1s --timeout=1s --start-period=1s --start-interval=1s --retries=1 CMD x
            COPY \"--from=x\" /a /a
            COPY --\"from\"=x /a /a
            CMD -- --help
            CMD [\"--help\"]
            CMD \"--help\"
            ENTRYPOINT -x
            ARG --x A
            STOPSIGNAL --x 9
            RUN
            RUN -- --x
            ",
        );
    }

    #[test]
    fn most_instructions_have_no_flags() {
        fires(
            &UNKNOWN_FLAG,
            "
            FROM a:1
            CMD --help --all
                ^^^^^^ error
                       ^^^^^ error
            ENTRYPOINT --x y
                       ^^^ error
            ENV --x a=b
                ^^^ error
            LABEL --x=y a=b
                  ^^^^^ error
            ARG --x
                ^^^ error
            WORKDIR --x /a
                    ^^^ error
            USER --x a
                 ^^^ error
            VOLUME --x /a
                   ^^^ error
            EXPOSE --x 80
                   ^^^ error
            MAINTAINER --x me
                       ^^^ error
            ONBUILD --x RUN ls
                    ^^^ error
            HEALTHCHECK --x CMD a
                        ^^^ error
            COPY --\"lin\" a b
                 ^^^^^^^ error
            RUN --=x ls
                ^^ error
            ",
        );
    }

    #[test]
    fn lines_that_are_being_typed_are_left_alone() {
        for line in
            ["COPY --", "COPY --fro", "COPY --from", "COPY --from=", "COPY --from b", "RUN --", "FROM --pl"]
        {
            silent(&UNKNOWN_FLAG, &format!("FROM a:1 AS b\nFROM a:1\n{line}\nRUN ls\n"));
        }
    }

    #[test]
    fn above_the_first_from_it_is_an_error_too() {
        fires(&UNKNOWN_FLAG, "ARG --x\n    ^^^ error\nFROM a:1\n");
    }

    #[test]
    fn each_has_its_fix() {
        let fixes = [
            ("ADD --chown=1 --from=x /a /a", "Use COPY", "COPY --chown=1 --from=x /a /a"),
            ("COPY --form=x /a /a", "Use `--from`", "COPY --from=x /a /a"),
            ("COPY --from=x --from=y /a /a", "Remove `--from=y`", "COPY --from=x /a /a"),
            ("COPY --from=y --from=x /a /a", "Remove `--from=y`", "COPY --from=x /a /a"),
            ("COPY --from  x /a /a", "Write `=`", "COPY --from=x /a /a"),
            ("CMD --help -x", "Write it as a JSON array", "CMD [\"--help\", \"-x\"]"),
        ];
        for (line, title, after) in fixes {
            let file = |line: &str| format!("FROM a:1 AS x\nFROM y:1\n{line}\n");
            assert_eq!(fixed(&UNKNOWN_FLAG, &file(line), title), file(after));
        }
        assert_eq!(
            fixed(&UNKNOWN_FLAG, "FROM --platform linux/amd64 a:1 AS x\n", "Write `=`"),
            "FROM --platform=linux/amd64 a:1 AS x\n"
        );
        assert_eq!(
            fixed(&UNKNOWN_FLAG, "FROM a:1\nHEALTHCHECK --retries 3 CMD x\n", "Write `=`"),
            "FROM a:1\nHEALTHCHECK --retries=3 CMD x\n"
        );
        let run = |mount: &str| format!("FROM a:1\nRUN {mount} ls\n");
        assert_eq!(
            fixed(&UNKNOWN_FLAG, &run("--mount type=cache,target=/x"), "Write `=`"),
            run("--mount=type=cache,target=/x")
        );
    }
}
