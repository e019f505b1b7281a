use super::*;
use crate::{syntax::Syntax, text::Text};

/// The variables of the last instruction of a text, as `name@reader`.
fn found(text: &str) -> String {
    let syntax = Syntax::parse(&Text::new(text));
    let placed = syntax.instructions().last().expect("an instruction");
    let show = |occurrence: &Occurrence| {
        let range = placed.at(occurrence.range.clone());
        let written: String = text[range].replace("\\\n", "");
        assert_eq!(written, *occurrence.name, "{text}");
        let reader = match occurrence.reader {
            Reader::BuildKit => "",
            Reader::Build(Shell::Posix) => "@sh",
            Reader::Build(Shell::PowerShell) => "@pwsh",
            Reader::Build(Shell::Cmd) => "@cmd",
            Reader::Container(_) => "@run",
            Reader::Assignment => "=",
            Reader::Text => "@text",
        };
        let operator = match occurrence.operator {
            Operator::Value => "",
            Operator::Default => "-",
            Operator::Alternative => "+",
            Operator::Required => "?",
            Operator::Other => "/",
        };
        format!("{}{operator}{reader}", occurrence.name)
    };
    let shown: Vec<String> = placed.instruction.effective().variables.iter().map(show).collect();
    shown.join(" ")
}

#[test]
fn every_instruction_that_buildkit_expands_is_read() {
    for (line, expected) in [
        ("FROM --platform=$P ${I:-alpine}:$T AS $N", "P I- T"),
        ("ARG A=$B C=${D}", "B D"),
        ("ENV A=$B \"$C\"='$D' E=\\$F", "B C"),
        ("ENV A b $C", "C"),
        ("LABEL a=\"x $B\"", "B"),
        ("COPY --chown=$U:$G --chmod=$M $A b\\$C /$D", "U G M A D"),
        ("COPY [\"$A\", \"/$B\"]", "A B"),
        ("ADD --checksum=$C $A /", "C A"),
        ("WORKDIR $A", "A"),
        ("USER ${U:?who}", "U?"),
        ("VOLUME $A /b", "A"),
        ("EXPOSE $P/tcp", "P"),
        ("STOPSIGNAL $S", "S"),
        ("RUN --mount=type=cache,target=$T,id=${I} x", "T I"),
        ("RUN --mount=type=secret,id=x,env=X --mount=type=cache,target=/a,env=Y x $X", "X= X@sh"),
        ("RUN --mount=type=secret,id=x,env=$X x", "X"),
        ("ONBUILD ENV A=$B", "B"),
        ("SHELL [\"$A\"]", ""),
        ("MAINTAINER $A", ""),
        ("ENV A=${B%$C} D=${E/$F/${G:+$H}}", "B/ C E/ F G+ H"),
        ("ENV A=${B", "B/"),
        ("ENV A=$12a$@$$ B=${1} C=$", "12 @ $ 1"),
        ("ENV A=${B\\\nC}", "BC"),
    ] {
        assert_eq!(found(&format!("{line}\n")), expected, "{line}");
    }
}

#[test]
fn shells_quote_nest_and_assign() {
    for (line, expected) in [
        ("RUN echo $A \"$B\" '$C' \\$D", "A@sh B@sh C@text D@text"),
        ("RUN X=$A; export Y=1 Z && echo $X", "X= A@sh Y= Z= X@sh"),
        ("RUN A=1 B=2 make C=3 $D", "A= B= D@sh"),
        ("RUN for i in $A; do echo ${i%.c}; done; read -r l", "i= A@sh i/@sh l="),
        ("RUN echo $(X=$A; echo \"$B $(echo '$C')\")", "X= A@sh B@sh C@text"),
        ("RUN echo `echo $A` \"`X=$B`\"", "A@sh X= B@sh"),
        ("RUN echo $((A + ${B} * (C)))$D", "A@sh B@sh C@sh D@sh"),
        ("RUN echo ${A:-$B} ${#C} \"${D:+'$E'}\"", "A-@sh B@sh C@sh D+@sh E@sh"),
        ("RUN sh -c 'echo $A' && echo '$B'", "A@sh B@text"),
        ("RUN a && \\\n  `# $X it's` \\\n  b $A", "A@sh"),
        ("RUN [\"bash\", \"-lc\", \"X=1 && echo \\\"$A\\\"\"]", "X= A@sh"),
        ("RUN [\"echo\", \"$A\"]", ""),
        ("RUN echo a # $A it's\n", ""),
        ("RUN echo \"\\$A \\${B}\"", "A@text B@text"),
        ("RUN if [ -v A ]; then B=1; fi", "A= B="),
        ("RUN case $A in b) C=1;; esac", "A@sh C="),
        ("RUN echo $env:A %B% \\\n  $C", "env@sh A@pwsh B@cmd C@sh"),
        ("CMD serve $PORT", "PORT@run"),
        ("CMD X=1 serve $X", "X@run"),
        ("ENTRYPOINT [\"sh\", \"-c\", \"exec $A\"]", "A@run"),
        ("HEALTHCHECK --interval=1s CMD curl $A", "A@run"),
    ] {
        assert_eq!(found(&format!("{line}\n")), expected, "{line}");
    }
}

#[test]
fn heredocs_are_read_by_whoever_gets_them() {
    for (text, expected) in [
        ("RUN <<EOF\necho $A 'it $B'\nX=1\nEOF\n", "A@sh B@text X="),
        ("RUN <<'EOF'\necho $A\nEOF\n", "A@sh"),
        ("RUN <<EOF\n#!/usr/bin/env python3\nprint('$A')\nEOF\n", "A@text"),
        ("RUN <<EOF\n#!/bin/bash\necho $A\nEOF\n", "A@sh"),
        ("RUN cat <<EOF > $A\n'$B' \\$C\nEOF\n", "A@sh B@sh"),
        ("RUN cat <<'EOF' > /x\n$A\nEOF\n", "A@text"),
        ("RUN <<EOF\ncat <<-'X' > $A\n$B\n\tX\necho $C\nEOF\n", "A@sh B@text C@sh"),
        ("COPY <<EOF /x\n$A '$B' \\$C\nEOF\n", "A B"),
        ("COPY <<\"EOF\" /x\n$A\nEOF\n", "A@text"),
        ("COPY <<A <<'B' /x/\n$A\nA\n$B\nB\n", "A B@text"),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]
    #[test]
    fn nothing_is_too_broken(parts in proptest::collection::vec(proptest::sample::select(vec![
        "$", "{", "}", "(", ")", "((", "))", "'", "\"", "`", "\\", "<<", "EOF", "\n", " ", "#", "A", "=", ":-", "é", "%", "/", ";", "export ", "for ", "!",
    ]), 0..30)) {
        let text = parts.concat();
        for keyword in ["RUN", "ENV A=", "RUN <<EOF\n", "COPY <<EOF /\n", "CMD"] {
            let text = format!("FROM a\n{keyword} {text}\nEOF\n");
            let text = Text::new(&text);
            let syntax = Syntax::parse(&text);
            for placed in syntax.instructions() {
                for occurrence in &placed.instruction.effective().variables {
                    let written = text.slice(placed.at(occurrence.range.clone())).into_owned();
                    proptest::prop_assert!(written.starts_with(occurrence.name.chars().next().unwrap()), "{written} {occurrence:?}");
                }
            }
        }
    }
}
