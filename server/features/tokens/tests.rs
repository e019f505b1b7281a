use super::*;
use crate::fixture::{Fixture, outside, user};

/// The tokens, one a line: the text, the kind, the modifiers.
fn shown(doc: &Document) -> String {
    let lines = Lines::new(doc.text());
    let mut shown = String::new();
    for token in tokens(doc, &lines, None) {
        let text = lines.slice(token.range.clone());
        shown += &format!("{text} {:?}", token.kind);
        for modifier in Modifier::ALL.into_iter().filter(|it| token.modifiers.contains(*it)) {
            shown += &format!(" {modifier:?}");
        }
        shown += "\n";
    }
    shown
}

/// `expected`: token after token, separated by `, `.
#[track_caller]
fn check(text: &str, expected: &str) {
    let doc = Fixture::new(text).doc;
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let found = shown(&doc).trim_end().replace('\n', ", ");
    assert_eq!(words(&found), words(expected), "{text}");
}

/// The same behind a FROM.
#[track_caller]
fn check_in_stage(text: &str, expected: &str) {
    check(&format!("FROM a\n{text}\n"), &format!("FROM Keyword, a Image, {expected}"));
}

#[test]
fn stages_are_told_from_images() {
    check(
        "
        FROM --platform=$BUILDPLATFORM ghcr.io:443/a/b:1@sha256:0 AS build
        FROM build
        FROM scratch
        COPY --from=build --link --chown=a:b a b
        COPY --from=0 a b
        COPY --from=nginx:1 a b
        RUN --mount=type=bind,from=build,target=/x
        ",
        "FROM Keyword, --platform FlagName, = Operator, $BUILDPLATFORM Variable Predefined,
         ghcr.io:443/a/b Image, 1 Tag, sha256:0 Digest Readonly, AS Keyword, build Stage Declaration,
         FROM Keyword, build Stage,
         FROM Keyword, scratch Image Predefined,
         COPY Keyword, --from FlagName, = Operator, build Stage, --link FlagName,
         --chown FlagName, = Operator, a:b User, a Path, b Path,
         COPY Keyword, --from FlagName, = Operator, 0 Stage, a Path, b Path,
         COPY Keyword, --from FlagName, = Operator, nginx Image, 1 Tag, a Path, b Path,
         RUN Keyword, --mount FlagName, = Operator, type MountKey, = Operator, bind Constant,
         from MountKey, = Operator, build Stage, target MountKey, = Operator, /x Path",
    );
}

#[test]
fn a_context_of_the_workspace_is_neither_stage_nor_image() {
    let doc = Document::open("FROM base\nCOPY --from=base a b\n", 0);
    let doc = doc.with_outside(outside([user("x").context("base")]));
    assert_eq!(shown(&doc).matches("base Context").count(), 2);
}

#[test]
fn the_variable_of_a_base_lies_over_its_parts() {
    check(
        "
        ARG V=1
        FROM ${I:-x:2}
        FROM golang:${V}-alpine
        ",
        "ARG Keyword, V Variable Declaration, = Operator, 1 Text,
         FROM Keyword, ${I Variable, :- Operator, x:2 Image, } Variable,
         FROM Keyword, golang Image, ${V} Variable, -alpine Tag",
    );
}

#[test]
fn declarations_and_their_values() {
    check(
        r#"
        # syntax = docker/dockerfile:1
        # a comment
        FROM a
        ARG TARGETARCH A=b
        ENV C="x $A y" D=e
        ENV G h i
        LABEL j=$C k
        "#,
        "# Comment, syntax DirectiveName, = Operator, docker/dockerfile:1 DirectiveValue, # a comment Comment,
         FROM Keyword, a Image,
         ARG Keyword, TARGETARCH Variable Declaration Predefined, A Variable Declaration, = Operator, b Text,
         ENV Keyword, C Variable Declaration, = Operator, \"x Text, $A Variable, y\" Text,
         D Variable Declaration, = Operator, e Text,
         ENV Keyword, G Variable Declaration, h i Text,
         LABEL Keyword, j LabelKey, = Operator, $C Variable, k LabelKey",
    );
}

#[test]
fn arguments_are_what_their_instruction_makes_of_them() {
    check_in_stage(
        r#"MAINTAINER b
EXPOSE 80/tcp $P
USER c:d
WORKDIR /é
STOPSIGNAL SIGINT
VOLUME ["/e", "/f"]
SHELL ["bash", "-c"]
HEALTHCHECK --interval=3s --retries=3 CMD curl -f "x"
ONBUILD ADD --checksum=sha256:0 https://g /h
NONSENSE i"#,
        r#"MAINTAINER Keyword Deprecated, b Text, EXPOSE Keyword, 80 Number, tcp Constant, $P Variable,
           USER Keyword, c:d User, WORKDIR Keyword, /é Path, STOPSIGNAL Keyword, SIGINT Signal,
           VOLUME Keyword, "/e" Path, "/f" Path, SHELL Keyword, "bash" Text, "-c" Text,
           HEALTHCHECK Keyword, --interval FlagName, = Operator, 3s Number, --retries FlagName, = Operator, 3 Number,
           CMD Keyword, -f FlagName, "x" Text,
           ONBUILD Keyword, ADD Keyword, --checksum FlagName, = Operator, sha256:0 Digest, https://g Path, /h Path"#,
    );
}

#[test]
fn of_a_shell_only_what_cannot_be_mistaken_has_tokens() {
    check_in_stage(
        r#"ARG A
RUN A=1 curl -fsSL --data="a $B" "$(x)" 'c' $A $B && echo ${A%x} "it is $A" > "/d"
RUN sh -c "y -z""#,
        r#"ARG Keyword, A Variable Declaration,
           RUN Keyword, A Variable Modification, -fsSL FlagName, --data FlagName, "a Text, $B Variable, " Text,
           'c' Text, $A Variable, ${A Variable, % Operator, } Variable, "it is Text, $A Variable, " Text, "/d" Text,
           RUN Keyword, -c FlagName, "y -z" Text"#,
    );
    let other = "FROM a\nSHELL [\"pwsh\", \"-c\"]\nRUN x -y 'z'\n";
    assert!(!shown(&Document::open(other, 0)).contains("-y"));
}

#[test]
fn continued_lines_have_tokens_of_their_own() {
    check_in_stage(
        r#"RUN --mount=type=cache,target=/a \
  # b
  c 'd \
    e' \

  && f
COPY --from=bu\
ild g h"#,
        r#"RUN Keyword, --mount FlagName, = Operator, type MountKey, = Operator, cache Constant,
           target MountKey, = Operator, /a Path, \ Continuation, # b Comment, 'd Text, \ Continuation, e' Text,
           \ Continuation, COPY Keyword, --from FlagName, = Operator, bu Image, \ Continuation, ild Image, g Path, h Path"#,
    );
}

#[test]
fn heredocs_show_their_ends_and_their_variables() {
    check_in_stage(
        "ARG A\nCOPY <<-EOF <<\"X\" /b\n\t$A\n\tEOF\n$A\nX\nRUN <<EOF\nc -d $A\nEOF",
        "ARG Keyword, A Variable Declaration, COPY Keyword, <<-EOF HeredocMarker, <<\"X\" HeredocMarker, /b Path,
         $A Variable, EOF HeredocMarker, X HeredocMarker,
         RUN Keyword, <<EOF HeredocMarker, -d FlagName, $A Variable, EOF HeredocMarker",
    );
}

#[test]
fn any_line_ending_and_what_is_half_typed_will_do() {
    for text in [
        "\u{feff}# a\r\nFROM b \\\r\n AS c\r\n",
        "FROM a\rAS b",
        "FROM",
        "FROM a AS",
        "COPY --from=",
        "COPY --",
        "RUN --mount=",
        "RUN --mount=type=",
        "RUN --mount=\"type=bind,from=é\" 'é",
        "ENV =",
        "ENV é=\"",
        "LABEL \"",
        "RUN \\",
        "RUN a \\\\",
        "ARG A=${B:-${C",
        "FROM ${",
        "EXPOSE /",
        "RUN <<",
        "RUN <<A <<B\n",
        "CMD [\"é",
        "CMD [\"é\\u0020\", \"\"]",
        "# escape=`\nRUN a `\n b\n",
        "HEALTHCHECK --",
        "ONBUILD",
        "FROM a@:b",
        "\\\nFROM a\n",
    ] {
        let doc = Document::open(text, 0);
        let lines = Lines::new(doc.text());
        let mut end = 0;
        for token in tokens(&doc, &lines, None) {
            let shown = &text[token.range.clone()];
            assert!(!shown.is_empty() && !shown.contains(['\n', '\r']), "{text:?} {token:?}");
            assert!(end <= token.range.start, "{text:?} {token:?}");
            end = token.range.end;
        }
    }
}

#[test]
fn a_range_has_the_tokens_that_touch_it() {
    let doc = Document::open("# a\nFROM b\nRUN c \\\n  --d 'e'\n# f\nFROM g:h\n", 0);
    let lines = Lines::new(doc.text());
    let all = tokens(&doc, &lines, None);
    for start in 0..=doc.text().len() {
        for end in start..=doc.text().len() {
            let touches = |token: &&Token| token.range.start < end && start < token.range.end;
            let expected: Vec<_> = all.iter().filter(touches).cloned().collect();
            assert_eq!(tokens(&doc, &lines, Some(start..end)), expected, "{start}..{end}");
        }
    }
}
