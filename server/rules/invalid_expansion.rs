use std::{collections::HashSet, ops::Range};

use super::{Findings, Severity, context::Context, rule};
use crate::{
    stages::{
        expand::{Anything, ExpandError, Expanded, Variables, fault},
        globals::{Open, is_predefined},
    },
    syntax::{Arguments, Instruction, Keyword, Placed, Word},
};

rule! {
    /// A variable or a quote that BuildKit can't read.
    ///
    /// ## Why
    /// BuildKit itself expands variables, in all but RUN, CMD and ENTRYPOINT, and it knows fewer forms than a shell:
    /// `${v:-x}`, `${v:+x}`, `${v:?x}`, the same without `:`, `${v#p}`, `${v##p}`, `${v%p}`, `${v%%p}`, `${v/p/x}` and
    /// `${v//p/x}`. At any other, at one without its `}`, and at a quote without its partner the build stops.
    ///
    /// ## Example
    /// ```dockerfile
    /// ARG NAME=Alpine
    /// FROM ${NAME,,}:3.20
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// ARG NAME=alpine
    /// FROM ${NAME}:3.20
    /// ```
    INVALID_EXPANSION: "invalid-expansion", "A variable or a quote that BuildKit can't read", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let globals = Open(context.stages.globals());
    let mut declared = HashSet::new();
    for (index, placed) in context.doc.syntax().instructions().iter().enumerate() {
        let instruction = &*placed.instruction;
        match (&instruction.arguments, context.stages.of_instruction(index)) {
            (Arguments::From(from), Some(_)) => {
                let platform = instruction.flag("platform").and_then(|flag| flag.value.as_ref());
                // White space ended the word: said elsewhere.
                let base = from.base.as_ref().filter(|_| from.unexpected.is_empty());
                for word in platform.into_iter().chain(base) {
                    look(context, out, placed, word, &globals, Severity::Error);
                }
            }
            (Arguments::Pairs(pairs), None) if instruction.keyword == Keyword::Arg => {
                for pair in pairs {
                    if let Some(value) = &pair.value {
                        look(context, out, placed, value, &Above(&declared), Severity::Error);
                    }
                    declared.insert(pair.name.text());
                }
            }
            (_, Some(stage)) => {
                let severity = match instruction.keyword {
                    Keyword::Onbuild => context.refused(index),
                    _ => context.if_built(stage.index),
                };
                in_stage(context, out, placed, instruction.effective(), severity);
            }
            (_, None) => {}
        }
    }
}

/// What global ARGs may refer to: those above them, with any value.
struct Above<'a>(&'a HashSet<&'a str>);

impl Variables for Above<'_> {
    fn value(&self, name: &str) -> Option<Expanded> {
        (self.0.contains(name) || is_predefined(name)).then(Expanded::any)
    }
}

/// What the instructions of a stage expand (instructions/commands.go, the methods `Expand` and `ExpandRaw`).
fn in_stage(
    context: &Context<'_>,
    out: &mut Findings,
    placed: &Placed,
    instruction: &Instruction,
    severity: Severity,
) {
    // One quote tears two words.
    let mut found = false;
    let mut look = |word: &Word| {
        found = found || look(context, out, placed, word, &Anything, severity);
    };
    match (instruction.keyword, &instruction.arguments) {
        (Keyword::Copy | Keyword::Add, Arguments::Words { words, .. }) => {
            let expands = |name: &str| matches!(name, "chown" | "chmod" | "checksum");
            let flags = instruction.flags.iter().filter(|flag| expands(flag.name.text()));
            flags.filter_map(|flag| flag.value.as_ref()).for_each(&mut look);
            words.iter().filter(|word| !instruction.heredoc_markers.contains(word)).for_each(&mut look);
            heredocs(context, out, placed, instruction, severity);
        }
        (
            Keyword::Workdir | Keyword::User | Keyword::StopSignal | Keyword::Volume | Keyword::Expose,
            Arguments::Words { words, .. },
        ) => words.iter().for_each(look),
        (Keyword::Env | Keyword::Label, Arguments::Pairs(pairs)) => {
            // One without a value is another finding.
            for pair in pairs.iter().filter(|pair| pair.value.is_some()) {
                look(&pair.name);
                pair.value.iter().for_each(&mut look);
            }
        }
        (Keyword::Arg, Arguments::Pairs(pairs)) => {
            pairs.iter().filter_map(|pair| pair.value.as_ref()).for_each(look);
        }
        _ => {}
    }
}

/// The texts of heredocs whose word has no quotes.
fn heredocs(
    context: &Context<'_>,
    out: &mut Findings,
    placed: &Placed,
    instruction: &Instruction,
    severity: Severity,
) {
    for (marker, heredoc) in instruction.heredoc_markers.iter().zip(&instruction.heredocs) {
        if heredoc.end.is_none() || marker.text().contains(['"', '\'']) {
            continue;
        }
        let body = placed.at(heredoc.body.clone());
        let text = context.doc.text().slice(body.clone());
        if let Some((_, part)) = fault(&text, '\\', false, &Anything) {
            // To the end of its line at most.
            let end = text[part.clone()].find('\n').map_or(part.end, |at| part.start + at);
            report(
                out,
                &text[part.start..end],
                body.start + part.start..body.start + end,
                ExpandError::Syntax,
                severity,
            );
        }
    }
}

fn look(
    context: &Context<'_>,
    out: &mut Findings,
    placed: &Placed,
    word: &Word,
    variables: &dyn Variables,
    severity: Severity,
) -> bool {
    let escape = context.doc.syntax().escape();
    let Some((error, part)) = fault(word.text(), escape, true, variables) else { return false };
    let range = placed.at(word.source(part.clone()));
    report(out, &word.text()[part], range, error, severity);
    true
}

fn report(out: &mut Findings, text: &str, range: Range<usize>, error: ExpandError, severity: Severity) {
    let shown = if text.len() > 60 { "This" } else { &format!("\"{text}\"") };
    let name = text.trim_start_matches(['$', '{']);
    let name = &name[..name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len())];
    let message = match error {
        ExpandError::Required => format!("{shown} stops the build: nothing sets {name}"),
        _ if text.starts_with(['"', '\'']) => "The quote has no partner".to_owned(),
        _ if !text.contains('}') && is_open(&text[2.min(text.len())..][name.len()..]) => {
            format!("{shown} has no }}")
        }
        _ => format!("{shown} is no form of a variable that BuildKit knows"),
    };
    out.report(&INVALID_EXPANSION, range, message).severity(severity);
}

/// Whether what follows the name of a variable is nothing, or an operator that BuildKit knows.
fn is_open(rest: &str) -> bool {
    let operator = rest.strip_prefix(':').unwrap_or(rest);
    rest.is_empty() || operator.starts_with(['-', '+', '?']) || rest.starts_with(['#', '%', '/'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, message, only, silent};

    #[test]
    fn forms_that_buildkit_does_not_know_are_errors() {
        fires(
            &INVALID_EXPANSION,
            "
            ARG A=${X,,}
                  ^^^^^^ error
            ARG B=\"${A\"
                   ^^^^ error
            FROM --platform=${BUILDPLATFORM^} ${A
                            ^^^^^^^^^^^^^^^^^ error
                                              ^^^ error
            FROM a:1
            ENV C=${A D=b
                  ^^^ error
            ",
        );
    }

    #[test]
    fn in_a_stage_only_the_form_counts() {
        fires(
            &INVALID_EXPANSION,
            "
            FROM a:1 AS unused
            USER ${U
                 ^^^ warning
            FROM a:1
            COPY \"a b\" /c
                 ^^ error
            ENV C='${A' D=${C:?c} E=${C@Q}
                                    ^^^^^^ error
            LABEL a=${b:=c}
                    ^^^^^^^ error
            WORKDIR $
            EXPOSE ${P:-80}
            COPY <<EOF /x
            it's ${A,}
                 ^^^^^ error
            EOF
            ONBUILD VOLUME ${V
                           ^^^ warning
            ",
        );
    }

    #[test]
    fn what_certainly_has_no_value_is_an_error() {
        fires(
            &INVALID_EXPANSION,
            "
            ARG A=${X:?must be set}
                  ^^^^^^^^^ error
            FROM a:${Y?}
                   ^^^^^ error
            ",
        );
    }

    #[test]
    fn what_the_build_may_be_given_and_what_a_shell_expands_are_left_alone() {
        silent(
            &INVALID_EXPANSION,
            "
            ARG X
            ARG A=${X:?must}
            FROM --platform=${TARGETPLATFORM:?} a:${X:?}
            ENV A=${HOME:?} B=\\${C D='${E'
            RUN echo ${A,,} \"
            CMD echo ${A
            HEALTHCHECK CMD echo ${A
            COPY <<'EOF' /x
            ${A,,}
            EOF
            ",
        );
        only("ARG B\nFROM ${B:-a b}\n", &["from-syntax"]);
    }

    #[test]
    fn the_message_says_what_is_wrong() {
        let of = |word: &str| message(&INVALID_EXPANSION, &format!("FROM a:{word}\n"));
        assert_eq!(of("${A"), "\"${A\" has no }");
        assert_eq!(of("${A:-x"), "\"${A:-x\" has no }");
        assert_eq!(of("\"x"), "The quote has no partner");
        assert_eq!(of("${A,,}"), "\"${A,,}\" is no form of a variable that BuildKit knows");
        assert_eq!(of("${A:?b}"), "\"${A:?b}\" stops the build: nothing sets A");
    }
}
