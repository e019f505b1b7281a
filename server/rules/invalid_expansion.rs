use std::cell::OnceCell;

use super::{Findings, Severity, context::Context, invalid_json_form, rule, stage_edits::insert};
use crate::{
    syntax::{
        Arguments, Instruction, Keyword, Placed, Word,
        variables::{
            Operator, Reader,
            docker::{Problem, ProblemKind, Quotes, problem},
        },
    },
    variables::{Meaning, Mode},
};

rule! {
    /// A variable or a quote that BuildKit can't read.
    ///
    /// ## Why
    /// BuildKit expands variables in the words of FROM, ENV, LABEL, ARG, COPY, ADD, WORKDIR, USER, VOLUME, EXPOSE, STOPSIGNAL, in the
    /// options of mounts, and in files that a COPY makes of a heredoc. Quotes have partners there, `${` has its `}`, and the
    /// operators are `:-`, `:+`, `:?`, `-`, `+`, `?`, `#`, `##`, `%`, `%%`, `/` and `//`. The build also fails where `${X:?}`
    /// asks for a variable that is certainly not set.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV PATH=/opt/bin:${PATH
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV PATH=/opt/bin:${PATH}
    /// ```
    INVALID_EXPANSION: "invalid-expansion", "A variable or a quote that BuildKit can't read", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.doc.syntax().instructions().iter().enumerate() {
        let instruction = placed.instruction.effective();
        // Above the first FROM only ARG may stand: anything else there is another finding.
        if context.stages.of_instruction(index).is_none() && instruction.keyword != Keyword::Arg {
            continue;
        }
        let is_array = OnceCell::new();
        for_each_word(instruction, &mut |word| {
            let Some(problem) = problem(word.text(), context.doc.syntax().escape(), Quotes::Taken) else {
                return;
            };
            let is_quote = matches!(problem.kind, ProblemKind::Quote(_));
            // The quotes of an array that is none are not meant for words: said elsewhere.
            let is_array = || *is_array.get_or_init(|| invalid_json_form::is_meant(instruction));
            if !is_quote || !is_array() {
                report(context, out, index, placed, word, problem);
            }
        });
        let is_copied = matches!(instruction.keyword, Keyword::Copy | Keyword::Add);
        for heredoc in instruction.heredocs.iter().filter(|_| is_copied) {
            if heredoc.end.is_none() || heredoc.marker.text().contains(['"', '\'']) {
                continue;
            }
            let body = context.doc.text().slice(placed.at(heredoc.body.clone()));
            if !body.contains("${") {
                continue;
            }
            let body = Word::plain(&body, heredoc.body.start);
            // Whatever the file's escape character is.
            if let Some(problem) = problem(body.text(), '\\', Quotes::Kept) {
                report(context, out, index, placed, &body, problem);
            }
        }
    }
    required(context, out);
}

/// The words that BuildKit expands when it builds an instruction (the `Expand` methods in instructions/commands.go).
fn for_each_word(instruction: &Instruction, visit: &mut dyn FnMut(&Word)) {
    let mut flags = |names: &[&str]| {
        let values = instruction.flags.iter().filter(|flag| names.contains(&flag.name.text()));
        values.filter_map(|flag| flag.value.as_ref()).for_each(&mut *visit);
    };
    match instruction.keyword {
        Keyword::Copy => flags(&["chown", "chmod"]),
        Keyword::Add => flags(&["chown", "chmod", "checksum"]),
        _ => {}
    }
    match instruction.keyword {
        Keyword::Env | Keyword::Label => {
            for pair in instruction.pairs() {
                visit(&pair.name);
                pair.value.iter().for_each(&mut *visit);
            }
        }
        // The name is not expanded.
        Keyword::Arg => instruction.pairs().iter().filter_map(|pair| pair.value.as_ref()).for_each(visit),
        Keyword::Copy | Keyword::Add => {
            let is_heredoc = |word: &&Word| {
                instruction.heredocs.iter().any(|heredoc| heredoc.marker.range() == word.range())
            };
            // Without a destination that is the error.
            let words = instruction.words().iter().filter(|word| !is_heredoc(word));
            words.filter(|_| instruction.words().len() > 1).for_each(visit);
        }
        Keyword::Expose | Keyword::StopSignal | Keyword::User | Keyword::Volume | Keyword::Workdir => {
            instruction.words().iter().for_each(visit);
        }
        Keyword::Run => {
            let options = instruction.flags.iter().flat_map(|flag| &flag.mount);
            // A variable in a `from` is an error of its own.
            let is_refused =
                |key: &str, value: &Word| key.eq_ignore_ascii_case("from") && value.text().contains('$');
            let values = options.filter_map(|option| Some((option.key.text(), option.value.as_ref()?)));
            values.filter(|(key, value)| !is_refused(key, value)).for_each(|(_, value)| visit(value));
        }
        Keyword::From => {
            flags(&["platform"]);
            // White space ended the word: said elsewhere.
            if let Arguments::From(from) = &instruction.arguments
                && from.unexpected.is_empty()
            {
                from.base.iter().for_each(visit);
            }
        }
        Keyword::Cmd
        | Keyword::Entrypoint
        | Keyword::Healthcheck
        | Keyword::Maintainer
        | Keyword::Onbuild
        | Keyword::Shell
        | Keyword::Unknown => {}
    }
}

fn report(
    context: &Context<'_>,
    out: &mut Findings,
    index: usize,
    placed: &Placed,
    word: &Word,
    problem: Problem,
) {
    let text = &word.text()[problem.range.clone()];
    let message = match problem.kind {
        ProblemKind::Quote(quote) => format!("The {quote} has no partner"),
        ProblemKind::Unclosed => "The ${ has no }".to_owned(),
        ProblemKind::NoName => "The ${ needs the name of a variable".to_owned(),
        ProblemKind::Operator => format!("\"{text}\" ends with no operator that BuildKit knows"),
        ProblemKind::NoReplacement => "The pattern needs a / and what to replace it with".to_owned(),
        ProblemKind::Escape => "A pattern escapes only *, ?, }, / and \\".to_owned(),
    };
    // The rest of a heredoc, and of a long value, is too much to mark.
    let shown = text.find('\n').map_or(text.len(), |end| text[..end].trim_end().len());
    let range = placed.at(word.source(problem.range.start..problem.range.start + shown));
    let finding = out.report(&INVALID_EXPANSION, range.clone(), message);
    finding.severity(severity(context, index));
    let name = text.strip_prefix("${").map(str::trim_end).filter(|_| problem.kind == ProblemKind::Unclosed);
    if name.is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    }) {
        finding.fix("Write `}`", Some(vec![insert(range.end, "}")])).prefer_single_fix();
    }
}

/// FROM lines and the ARGs above them are expanded whatever is built.
fn severity(context: &Context<'_>, index: usize) -> Severity {
    let keyword = context.instruction(index).instruction.keyword;
    let is_global = keyword == Keyword::From || context.stages.of_instruction(index).is_none();
    if is_global { Severity::Error } else { context.build_error(index) }
}

/// Where `${X?}` and `${X:?}` ask for what is certainly not there.
fn required(context: &Context<'_>, out: &mut Findings) {
    let uses = context.doc.variables().uses().iter();
    for used in uses.filter(|used| used.operator == Operator::Required && used.reader == Reader::BuildKit) {
        let keyword = context.instruction(used.instruction).instruction.keyword;
        if used.stage.is_none() {
            if used.meaning == Meaning::Undeclared && matches!(keyword, Keyword::Arg | Keyword::From) {
                let message = format!("{} is not set here", used.name);
                let finding = out.report(&INVALID_EXPANSION, used.range.clone(), message);
                // The default of an ARG does not count if a value is given.
                if keyword == Keyword::Arg {
                    finding.severity(Severity::Warning);
                }
            }
            continue;
        }
        if used.onbuild || keyword == Keyword::Arg {
            continue;
        }
        let text = context.doc.text();
        let rest = text.slice(used.range.end..text.line_range(text.line_of(used.range.end)).end);
        let message = match context.doc.value_of_use(used, Mode::Open) {
            None => format!("{} is not set here", used.name),
            Some(value) if rest.starts_with(':') && value.text().is_some_and(|text| text.is_empty()) => {
                format!("{} is empty here", used.name)
            }
            Some(_) => continue,
        };
        let severity = severity(context, used.instruction);
        out.report(&INVALID_EXPANSION, used.range.clone(), message).severity(severity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn what_buildkit_expands_it_must_be_able_to_read() {
        fires(
            &INVALID_EXPANSION,
            "
            FROM a:1
            ENV A=${B C=\"d
                  ^^^ error
                        ^^ error
            LABEL a=b c=${D!}
                        ^^^^ error
            ARG A=${}
                  ^^^ error
            ENV A='\\d' B='c\\ d
                         ^^^^^ error
            COPY --chown=${U a ${B:=c} /
                         ^^^ error
                               ^^^^^ error
            ADD [\"${A\", \"/\"]
                  ^^^ error
            WORKDIR \"/a
                    ^^^ error
            USER ${A/b}
                 ^^^^^^ error
            VOLUME /a ${A#\\x}
                          ^^ error
            EXPOSE \"80 81\"
                   ^^^ error
                         ^ error
            STOPSIGNAL ${
                       ^^ error
            RUN --mount=target=${A ls
                               ^^^ error
            ONBUILD USER ${A
                         ^^^ warning
            ",
        );
    }

    #[test]
    fn from_lines_and_their_args_are_expanded_in_every_build() {
        fires(
            &INVALID_EXPANSION,
            "
            ARG A=${X,,}
                  ^^^^ error
            ARG B=\"${A\"
                   ^^^^ error
            ARG C=${X:?must}
                    ^ warning
            FROM --platform=${BUILDPLATFORM^} ${A
                            ^^^^^^^^^^^^^^^^ error
                                              ^^^ error
            FROM a:${Y?}
                     ^ error
            ",
        );
        silent(&INVALID_EXPANSION, "ARG X\nARG A=${X:?must}\nFROM --platform=${TARGETPLATFORM:?} a:${X:?}\n");
    }

    #[test]
    fn heredocs_that_are_copied_are_expanded() {
        fires(
            &INVALID_EXPANSION,
            "
            FROM a:1
            COPY <<A <<'B' /
            it's
            x ${Y
              ^^^ error
            A
            ${
            B
            ",
        );
    }

    #[test]
    fn what_must_be_set_and_can_not_be_is_an_error() {
        fires(
            &INVALID_EXPANSION,
            "
            FROM scratch
            ENV E=
            USER ${A:?no}
                   ^ error
            USER ${E:?no}
                   ^ error
            USER ${E?no}
            ARG B
            USER ${B:?no}
            ",
        );
        silent(&INVALID_EXPANSION, "FROM a:1\nUSER ${A:?no}\n");
    }

    #[test]
    fn what_others_read_is_left_alone() {
        silent(
            &INVALID_EXPANSION,
            "
            FROM a:1
            RUN echo ${A
            RUN <<E
            ${A
            E
            CMD echo \"
            SHELL [\"${A\"]
            HEALTHCHECK CMD ${A
            MAINTAINER ${A
            ARG ${A=b
            COPY --exclude=${A a b
            ENV A='${' B=\\${ C=\"$\" W='\\d' V='a b' D=${A:-${B%/}} E=it\\'s
            ENV A='\\d' B='x y' C='\\' D='\\
            ' E=${A:-'\\'}
            ",
        );
    }

    #[test]
    fn the_brace_that_is_missing_can_be_written() {
        let after = fixed(&INVALID_EXPANSION, "FROM a:1\nENV A=\"b\" C=x-${B\n", "Write `}`");
        assert_eq!(after, "FROM a:1\nENV A=\"b\" C=x-${B}\n");
    }
}
