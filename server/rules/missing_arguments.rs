use std::ops::Range;

use super::{Findings, Severity, context::Context, invalid_json_form, rule, stage_edits::insert};
use crate::syntax::{Arguments, Instruction, Keyword, Pair, Placed};

rule! {
    /// An instruction without the arguments that it needs.
    ///
    /// ## Why
    /// The build stops at it. RUN, CMD and ENTRYPOINT may stand alone, all others need at least one argument: COPY and ADD a
    /// source and a destination, ENV and LABEL a name and a value, which may be empty.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY app.conf
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY app.conf /etc/
    /// ```
    MISSING_ARGUMENTS: "missing-arguments", "An instruction without the arguments that it needs", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.doc.syntax().instructions().iter().enumerate() {
        let instruction = placed.instruction.effective();
        let Some(missing) = missing(context, placed, instruction) else { continue };
        let name = instruction.keyword.name();
        let range = placed.at(missing.range.unwrap_or_else(|| instruction.word.range()));
        let severity = if missing.always { Severity::Error } else { context.refused(index) };
        out.report(&MISSING_ARGUMENTS, range, format!("{name} needs {}", missing.what))
            .severity(severity)
            .fix(
                "Give it an empty value",
                missing.equals.map(|at| vec![insert(placed.at(at..at).start, "=")]),
            );
    }
}

/// What an instruction lacks.
struct Missing {
    what: &'static str,
    /// What there is, in bytes from the start of the instruction.
    range: Option<Range<usize>>,
    /// Whether it is refused in an ONBUILD too.
    always: bool,
    /// Where a `=` would help, in bytes from the start of the instruction.
    equals: Option<usize>,
}

/// As instructions/parse.go and parser/line_parsers.go have it; FROM has a rule of its own.
fn missing(context: &Context<'_>, placed: &Placed, instruction: &Instruction) -> Option<Missing> {
    let simple = |what| Some(Missing { what, range: None, always: false, equals: None });
    let words = instruction.words();
    let none = match &instruction.arguments {
        Arguments::Nothing => true,
        Arguments::Words { words, .. } => words.is_empty(),
        Arguments::Pairs(pairs) => pairs.is_empty(),
        Arguments::From(_) | Arguments::Text(_) | Arguments::Onbuild(_) => false,
    };
    match instruction.keyword {
        Keyword::Copy | Keyword::Add if none => simple("a source and a destination"),
        Keyword::Copy | Keyword::Add => match words {
            [source] if !invalid_json_form::is_refused(instruction) => {
                Some(Missing { range: Some(source.range()), ..simple("a destination behind the source")? })
            }
            _ => None,
        },
        Keyword::Env | Keyword::Label if none => simple("a name and a value"),
        Keyword::Env | Keyword::Label => match instruction.pairs() {
            [pair @ Pair { legacy: true, value: None, .. }] => Some(Missing {
                range: Some(pair.name.range()),
                always: true,
                equals: Some(pair.name.range().end).filter(|_| !pair.name.text().contains(['\\', '`'])),
                ..simple("a value behind the name")?
            }),
            _ => None,
        },
        Keyword::Arg if none => simple("a name"),
        Keyword::Expose if none => simple("a port"),
        Keyword::Volume if none => simple("a path"),
        Keyword::Workdir if none => simple("a path"),
        Keyword::User if none => simple("a user"),
        Keyword::StopSignal if none => simple("a signal"),
        // Forbidden in an ONBUILD, with or without a name.
        Keyword::Maintainer if none && placed.instruction.keyword != Keyword::Onbuild => simple("a name"),
        Keyword::Shell if none => simple("a JSON array with at least one string"),
        // An ONBUILD in an ONBUILD is forbidden, whatever it holds.
        Keyword::Onbuild if placed.instruction.arguments == Arguments::Nothing => {
            Some(Missing { always: true, ..simple("an instruction")? })
        }
        // `NONE` and `CMD` leave nothing behind.
        Keyword::Healthcheck if none && is_alone(context, placed, instruction) => {
            simple("NONE, or CMD and a command")
        }
        _ => None,
    }
}

/// Whether nothing but flags, blanks, continuations and comment lines follows the keyword.
fn is_alone(context: &Context<'_>, placed: &Placed, instruction: &Instruction) -> bool {
    let word = instruction.word.range();
    let start = instruction.flags.last().map_or(word.end, |flag| flag.range.end);
    let rest = context.doc.text().slice(placed.at(start..word.start + instruction.len));
    let mut lines = rest.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
    lines.all(|line| line.trim_end().trim_end_matches(['\\', '`']).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn what_is_missing_is_an_error() {
        for line in [
            "COPY",
            "ADD",
            "ENV",
            "LABEL",
            "ARG",
            "EXPOSE",
            "VOLUME",
            "WORKDIR",
            "USER",
            "STOPSIGNAL",
            "MAINTAINER",
            "SHELL",
            "ONBUILD",
            "HEALTHCHECK",
            "VOLUME []",
            "SHELL []",
            "COPY []",
            "HEALTHCHECK --interval=1s",
            "HEALTHCHECK --interval=1s \\\n  # c\n",
        ] {
            let marks = "^".repeat(line.split([' ', '\n']).next().unwrap().len());
            let (first, rest) = line.split_once('\n').unwrap_or((line, ""));
            fires(&MISSING_ARGUMENTS, &format!("FROM a:1\n{first}\n{marks} error\n{rest}"));
            only(&format!("FROM a:1\n{line}\n"), &["missing-arguments"]);
        }
    }

    #[test]
    fn one_word_is_not_enough_for_some() {
        fires(
            &MISSING_ARGUMENTS,
            "
            FROM a:1
            COPY --chown=1 a
                           ^ error
            COPY [\"a\"]
                   ^ error
            ENV A
                ^ error
            LABEL a\tb
            LABEL a
                  ^ error
            ",
        );
    }

    #[test]
    fn in_an_onbuild_the_parser_sees_less() {
        fires(
            &MISSING_ARGUMENTS,
            "
            FROM a:1
            ONBUILD COPY a
                         ^ warning
            ONBUILD ARG
                    ^^^ warning
            ONBUILD ENV A
                        ^ error
            ",
        );
    }

    #[test]
    fn enough_is_enough() {
        silent(
            &MISSING_ARGUMENTS,
            "
            FROM a:1
            RUN
            CMD
            ENTRYPOINT
            CMD []
            HEALTHCHECK NONE
            HEALTHCHECK CMD ls
            COPY a b
            COPY <<EOF /a
            EOF
            ENV A=
            ENV A b
            LABEL a=
            ARG A
            USER \\
              a
            ONBUILD RUN
            ",
        );
    }

    #[test]
    fn a_variable_gets_an_empty_value() {
        let fix = |text: &str| fixed(&MISSING_ARGUMENTS, text, "Give it an empty value");
        assert_eq!(fix("FROM a:1\nENV A\n"), "FROM a:1\nENV A=\n");
        assert_eq!(fix("FROM a:1\nONBUILD env A\r\n"), "FROM a:1\nONBUILD env A=\r\n");
    }
}
