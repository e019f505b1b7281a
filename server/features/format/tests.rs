use std::sync::Arc;

use super::*;
use crate::{
    settings::{Continuation, Format, Indent, KeywordCase, Settings},
    shell::Script,
    syntax::Arguments,
};

const STYLES: [Format; 3] = [
    Format {
        keyword_case: KeywordCase::Keep,
        indent: Indent::Editor,
        indent_width: 4,
        continuation: Continuation::Single,
    },
    Format {
        keyword_case: KeywordCase::Upper,
        indent: Indent::Tabs,
        indent_width: 8,
        continuation: Continuation::Align,
    },
    Format {
        keyword_case: KeywordCase::Lower,
        indent: Indent::Spaces,
        indent_width: 2,
        continuation: Continuation::Keep,
    },
];

fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for edit in edits {
        assert!(edit.range.start >= at, "{edits:?} of {text:?}");
        assert_ne!(text[edit.range.clone()], *edit.text, "an edit changes something");
        out.push_str(&text[at..edit.range.start]);
        out.push_str(&edit.text);
        at = edit.range.end;
    }
    out + &text[at..]
}

fn formatted(text: &str, settings: &Format) -> String {
    let doc = Document::open(text, 0).with_settings(Arc::new(Settings::default()));
    apply(text, &format(&doc, &Style::alone(settings), None))
}

/// Formats a text in the default style, with either line ending; both twice.
#[track_caller]
fn check(text: &str, expected: &str) {
    for ending in ["\n", "\r\n"] {
        let (text, expected) = (text.replace('\n', ending), expected.replace('\n', ending));
        assert_eq!(formatted(&text, &STYLES[0]), expected);
        assert_eq!(formatted(&expected, &STYLES[0]), expected, "formatted again");
    }
}

#[track_caller]
fn check_same(text: &str) {
    check(text, text);
}

#[test]
fn words_are_separated_by_one_blank() {
    check(
        "  FROM   --platform=x\ta   AS\tb  \nCOPY  --from=b  --chown=1:1   a   b/  \nENV  A=\"x  y\"   B=c\\ d   E=\n\
         EXPOSE 1  2\nARG   A   B=1\n  WORKDIR   /a  b\nONBUILD   COPY   a   b\nENTRYPOINT   a  'b  c'\n\
         HEALTHCHECK  --interval=1s   CMD   a  b\n",
        "FROM --platform=x a AS b\nCOPY --from=b --chown=1:1 a b/\nENV A=\"x  y\" B=c\\ d E=\n\
         EXPOSE 1 2\nARG A B=1\nWORKDIR /a  b\nONBUILD COPY a b\nENTRYPOINT a  'b  c'\n\
         HEALTHCHECK --interval=1s CMD a  b\n",
    );
}

#[test]
fn json_arrays_are_written_alike() {
    check(
        "FROM a\nCMD [ \"a\" ,\"b , c\",  \"d\\\" ]\" ]\nVOLUME  []\nRUN [ -f x ] && y\nCOPY [\"a  b\",\"c\"]\n",
        "FROM a\nCMD [\"a\", \"b , c\", \"d\\\" ]\"]\nVOLUME []\nRUN [ -f x ] && y\nCOPY [\"a  b\", \"c\"]\n",
    );
    check(
        "FROM a\nCMD [\\\n  \"a\", \\\n  \"b\" \\\n  ]\n",
        "FROM a\nCMD [ \\\n    \"a\", \\\n    \"b\" \\\n]\n",
    );
}

#[test]
fn continued_lines_are_indented_and_keep_their_structure() {
    check(
        "FROM a\nRUN set -e;\\\n  if a;   \\\n  then \\\n      b; \\\t\n# c \n  fi   \nCOPY a \\\n       b \\\n   c /\n",
        "FROM a\nRUN set -e; \\\n    if a; \\\n    then \\\n        b; \\\n    # c\n    fi\nCOPY a \\\n    b \\\n    c /\n",
    );
    check(
        "FROM a\nRUN a && \\\nb \\\n\\\n\t\\\nc\n",
        "FROM a\nRUN a && \\\n    b \\\n    \\\n    \\\n    c\n",
    );
    // A word that goes on in the next line.
    check_same("FROM a\nRUN apt-get inst\\\nall && c\nCOPY a\\\nb c\n");
}

#[test]
fn quotes_expansions_and_values_stay_as_they_are() {
    for same in [
        "RUN a 'b  \\\n  c' \\\n    d\n",
        "RUN a \"$(b \\\n c)\"\n",
        "RUN a=${b:-c \\\n d}\n",
        "RUN a # b \\\n  c\n",
        "RUN a 'b \\\n  c\n",
        "RUN echo a\\   \\\n  b\n",
        "LABEL a=\"b \\\n  c\" d=e\n",
        "ENV A b   c \\\n  d\n",
        "MAINTAINER a   b \\\n c\n",
        "USER a   b \\\n  c\n",
        "FOO  a   b \\\n  c\n",
        "SHELL [\"cmd\", \"/S\", \"/C\"]\nRUN a   b   \\\n  c\n",
        "SHELL [\"python3\", \"-c\"]\nRUN if x: \\\n  y\n",
    ] {
        check_same(&format!("FROM a\n{same}"));
    }
    check_same("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN echo a   \\\n  b\n");
    check(
        "# escape=`\nFROM a\nRUN a   b  `\n  c `  \nCOPY a   `\n b c\\  \n",
        "# escape=`\nFROM a\nRUN a   b  `\n  c `\nCOPY a   `\n b c\\\n",
    );
    check("# escape=`\nFROM a\nCOPY  a   `\n b c\\  \n", "# escape=`\nFROM a\nCOPY a `\n    b c\\\n");
}

#[test]
fn heredocs_stay_as_they_are() {
    check(
        "FROM a\nRUN  <<EOF  \n  a   b \\\n\n\n\tFROM  x  \nEOF\n\n\nCOPY  <<-\"A\"  <<B   /d/\n  x  \n\tA\n y \nB",
        "FROM a\nRUN <<EOF\n  a   b \\\n\n\n\tFROM  x  \nEOF\n\nCOPY <<-\"A\" <<B /d/\n  x  \n\tA\n y \nB\n",
    );
    check_same("FROM a\nRUN <<EOF\n  a  \n\n\n");
    check(
        "FROM a\nRUN a && \\\n  cat <<EOF >b\n  x\nEOF\n",
        "FROM a\nRUN a && \\\n    cat <<EOF >b\n  x\nEOF\n",
    );
}

#[test]
fn empty_lines_and_the_ends_of_lines() {
    check("\n\nFROM a  \n\n \n\n# b  \n\t\n\nRUN c\t\n\n\n", "FROM a\n\n# b\n\nRUN c\n");
    check("FROM a\nRUN b \\\n  \n  c", "FROM a\nRUN b \\\n\n    c\n");
    check("FROM a\n  # b  \n", "FROM a\n  # b\n");
    check("# syntax=docker/dockerfile:1  \n\n\nFROM a", "# syntax=docker/dockerfile:1\n\nFROM a\n");
    // Without the empty line it would be a directive.
    check("\n\n# escape=`\nFROM a\n", "\n# escape=`\nFROM a\n");
    check("  \n", "\n");
    for same in ["", "\n\n", "FROM a\nRUN a \\\n\n\n\n", "# syntax=x/y\nFROM   a  \n\n\n\nx\n"] {
        check_same(same);
    }
}

#[test]
fn keywords_get_the_case_that_is_asked_for() {
    let text = "from a as b\nOnbuild run c\nhealthcheck cmd as\nheAlthcheck None\nfoo x\nRUN as\n";
    let case = |keyword_case| formatted(text, &Format { keyword_case, ..STYLES[0] });
    assert_eq!(case(KeywordCase::Keep), text);
    assert_eq!(
        case(KeywordCase::Upper),
        "FROM a AS b\nONBUILD RUN c\nHEALTHCHECK CMD as\nHEALTHCHECK NONE\nfoo x\nRUN as\n"
    );
    assert_eq!(
        case(KeywordCase::Lower),
        "from a as b\nonbuild run c\nhealthcheck cmd as\nhealthcheck none\nfoo x\nrun as\n"
    );
}

#[test]
fn continuations_can_stand_in_one_column() {
    let align = Format { continuation: Continuation::Align, ..STYLES[0] };
    let text = "FROM a\nRUN  b &&   \\\n  cé 'd \\\n  e' \\\n  && looong \\\n  f\n";
    let expected = "FROM a\nRUN b &&      \\\n    cé 'd \\\n  e'          \\\n    && looong \\\n    f\n";
    assert_eq!(formatted(text, &align), expected);
    assert_eq!(formatted(expected, &align), expected);
    let keep = Format { continuation: Continuation::Keep, ..STYLES[0] };
    assert_eq!(formatted("FROM a\nRUN b   \\\n c\n", &keep), "FROM a\nRUN b   \\\n    c\n");
    let tabs = Format { indent: Indent::Tabs, ..STYLES[0] };
    assert_eq!(
        formatted("FROM a\nRUN b \\\n  c \\\n        d\n", &tabs),
        "FROM a\nRUN b \\\n\tc \\\n\t  \td\n".replace("  \t", "\t  ")
    );
}

#[test]
fn a_range_changes_its_lines_only() {
    let text = "FROM  a\nRUN  b \\\n  c \\\n  d\n\n\n\nRUN  e";
    let doc = Document::open(text, 0);
    let style = Style::alone(&STYLES[0]);
    let of = |from: &str, to: &str| {
        let range = text.find(from).expect("it is there")..text.find(to).expect("it is there");
        apply(text, &format(&doc, &style, Some(range)))
    };
    assert_eq!(of("  c", " \\\n  d"), text.replace("  c", "    c"));
    assert_eq!(of("  c", "  d"), text.replace("  c", "    c"), "up to the start of a line");
    assert_eq!(of("M", "M"), text.replace("M  a", "M a"), "a cursor is on its line");
    assert_eq!(of("RUN  e", "e"), format!("{}\n", text.replace("RUN  e", "RUN e")));
    assert_eq!(format(&doc, &style, Some(900..1000)).len(), 2, "beyond the end is the last line");
}

#[test]
fn what_is_asked_not_to_be_trimmed_stays() {
    let style = Style { trim: false, trim_end: false, end_last_line: false, ..Style::alone(&STYLES[0]) };
    for same in ["FROM a  \n# b \nRUN c \\ \n    d \n  \n", "FROM a", "FROM a\n\n\n"] {
        assert_eq!(format(&Document::open(same, 0), &style, None), [], "{same:?}");
    }
}

#[track_caller]
fn check_typed(text: &str, expected: Option<&str>) {
    let offset = text.find('|').expect("a cursor");
    let text = text.replace('|', "");
    let style = Style::alone(&STYLES[0]);
    let edit = after_newline(&Document::open(&text, 0), offset, &style);
    let typed = edit.map(|edit| apply(&text, &[edit]));
    assert_eq!(typed.as_deref(), expected, "{text:?}");
}

#[test]
fn enter_indents_what_goes_on_and_nothing_else() {
    check_typed("FROM a\nRUN b \\\n|", Some("FROM a\nRUN b \\\n    "));
    check_typed("FROM a\r\nRUN b \\\r\n|\r\nRUN c\r\n", Some("FROM a\r\nRUN b \\\r\n    \r\nRUN c\r\n"));
    check_typed(
        "FROM a\nRUN b \\\n      c \\\n|\nRUN \"",
        Some("FROM a\nRUN b \\\n      c \\\n      \nRUN \""),
    );
    check_typed("FROM a\nRUN b \\\n|c", Some("FROM a\nRUN b \\\n    c"));
    check_typed("FROM a\nRUN b \\\n  # x\n|\n", Some("FROM a\nRUN b \\\n  # x\n  \n"));
    // The editor has done it, or more.
    check_typed("FROM a\nRUN b \\\n    |", None);
    check_typed("FROM a\nRUN b \\\n\t\t|c", None);
    // Blanks would be read.
    for text in [
        "FROM a\nRUN b 'c \\\n|",
        "FROM a\nRUN b\\\n|",
        "FROM a\nENV A b \\\n|",
        "FROM a\nRUN <<EOF\nx \\\n|\nEOF\n",
        "FROM a\nRUN <<EOF\n  |",
    ] {
        check_typed(text, None);
    }
    // The instruction has come to its end.
    check_typed("FROM a\nRUN b \\\n    c\n    |", Some("FROM a\nRUN b \\\n    c\n"));
    check_typed("FROM a\nRUN b \\\n    c\n    |\nRUN d", Some("FROM a\nRUN b \\\n    c\n\nRUN d"));
    check_typed("FROM a\n    |x", None);
    check_typed("|FROM a", None);
}

/// What is read of a text: all but blanks between words, and the case of keywords.
fn reading(doc: &Document) -> Vec<String> {
    let read = |placed: &crate::syntax::Placed| {
        let outer = &placed.instruction;
        let instruction = outer.effective();
        let mut shown = format!("{:?} {:?}", outer.keyword, instruction.keyword);
        for flag in &instruction.flags {
            shown += &format!(" --{}={:?}", flag.name.text(), flag.value.as_ref().map(|value| value.text()));
        }
        let action = instruction.action.as_ref().map(|action| action.text().to_uppercase());
        shown += &format!(" {action:?} {}", instruction.heredoc_markers.len());
        for heredoc in instruction.heredocs.iter() {
            shown += &format!(" {:?}", doc.text().slice(placed.at(heredoc.body.clone())));
        }
        shown
            + &match &instruction.arguments {
                Arguments::From(from) => {
                    // However they are told apart.
                    let words = from.base.iter().chain(&from.name).chain(&from.unexpected);
                    let words = words.flat_map(|word| word.text().split(char::is_whitespace));
                    let words: Vec<_> = words.filter(|word| !["", "\\"].contains(word)).collect();
                    format!("{words:?}")
                }
                Arguments::Words { words, json } => {
                    format!("{json} {:?}", words.iter().map(|word| word.text()).collect::<Vec<_>>())
                }
                Arguments::Text(word)
                    if matches!(instruction.keyword, Keyword::Unknown | Keyword::Maintainer) =>
                {
                    word.text().to_owned()
                }
                // BuildKit cuts blanks off the end, even one that is escaped for a shell.
                Arguments::Text(word) => shell_reading(word.text().trim_end_matches([' ', '\t'])),
                Arguments::Pairs(pairs) => {
                    let pair = |pair: &crate::syntax::Pair| {
                        let value = pair.value.as_ref().map(|value| value.text().to_owned());
                        (pair.name.text().to_owned(), value, pair.legacy)
                    };
                    format!("{:?}", pairs.iter().map(pair).collect::<Vec<_>>())
                }
                Arguments::Onbuild(_) | Arguments::Nothing => String::new(),
            }
    };
    doc.syntax().instructions().iter().map(read).collect()
}

/// The words of a shell's text as another reader than the formatter's sees them, and the text between blanks.
fn shell_reading(text: &str) -> String {
    // Where no text should be, it is kept as it stands in the file.
    if text.contains('\n') {
        return text.split_whitespace().collect();
    }
    // What the reader of shells can't read it takes for one word, blanks and all. Without quotes they mean nothing.
    let quotes = text.contains(['"', '\'', '\\', '`']);
    let text = if quotes { text.to_owned() } else { text.split_whitespace().collect::<Vec<_>>().join(" ") };
    let script = Script::parse(&text);
    let mut shown = format!(
        "{:?} {}",
        text.split([' ', '\t']).filter(|it| !it.is_empty()).collect::<Vec<_>>(),
        script.understood
    );
    for command in &script.commands {
        for word in &command.words {
            let pieces = word.pieces.iter().map(|piece| match piece {
                crate::shell::Piece::Variable(name, _) => format!("${name}"),
                other => format!("{other:?}"),
            });
            shown += &format!(" {:?}", pieces.collect::<Vec<_>>());
        }
        shown.push(';');
    }
    shown
}

use crate::syntax::Keyword;

#[test]
fn what_may_be_a_flag_or_a_word_stays() {
    let text = "FROM a\nWORKDIR  \\ \n  --from=x \\\n<<EOF\n";
    let once = formatted(text, &STYLES[0]);
    assert_eq!(reading(&Document::open(&once, 0)), reading(&Document::open(text, 0)), "{once}");
}

const PARTS: [&str; 60] = [
    "FROM a AS b",
    "RUN",
    "COPY",
    "ENV",
    "LABEL",
    "CMD",
    "ARG",
    "ONBUILD",
    "WORKDIR",
    "HEALTHCHECK",
    "FOO",
    "VOLUME",
    "EXPOSE",
    "SHELL [\"cmd\"]",
    "SHELL [\"/bin/bash\", \"-c\"]",
    "\n",
    "\n",
    "\n",
    "\n\n\n",
    "\r\n",
    " \\\n",
    "\\\n",
    "  \\ \n  ",
    "\\\r\n\t",
    " ",
    "  ",
    "\t",
    "a",
    "b=c",
    "é",
    "\u{a0}",
    "\"",
    "'",
    "\\",
    "`",
    "$(",
    "${a:-",
    ")",
    "}",
    "# c",
    "\n# c \\\n",
    "# escape=`\n",
    "<<EOF",
    "<<-'E'",
    "\nEOF\n",
    "\nE\n",
    "[",
    "]",
    "\"x  y\"",
    ", ",
    "[\"a\" ,\"b\"]",
    "--from=x",
    "--mount=type=cache,target=/a",
    "CMD",
    "&&",
    ";",
    "case",
    "\u{feff}",
    "\r",
    "\u{b}",
];

/// Found by the test below, now and then.
#[test]
fn blanks_and_comments_at_the_end_belong_to_no_word() {
    for text in [
        "FROM a AS b \\\n# c",
        "FROM a AS b\u{a0} \\\n# c",
        "ARG \\\n\" ",
        "ARG \" ",
        "ENV A='x \t",
        "COPY \"a b  ",
    ] {
        let once = formatted(text, &STYLES[0]);
        assert_eq!(
            reading(&Document::open(text, 0)),
            reading(&Document::open(&once, 0)),
            "{text:?}, {once:?}"
        );
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 1500, failure_persistence: None, ..Default::default() })]
    #[test]
    fn nothing_changes_what_is_read_and_once_is_enough(
        parts in proptest::collection::vec(proptest::sample::select(&PARTS[..]), 0..24),
        style in 0..STYLES.len(),
    ) {
        let text = parts.concat();
        let once = formatted(&text, &STYLES[style]);
        proptest::prop_assert_eq!(&formatted(&once, &STYLES[style]), &once, "again, of {:?}", text);
        let (before, after) = (Document::open(&text, 0), Document::open(&once, 0));
        proptest::prop_assert_eq!(reading(&before), reading(&after), "of {:?}, now {:?}", text, once);
        let directives = |doc: &Document| doc.syntax().directives().len();
        proptest::prop_assert_eq!(directives(&before), directives(&after), "of {:?}", text);
    }

    #[test]
    fn each_part_of_a_formatted_text_can_come_alone(
        parts in proptest::collection::vec(proptest::sample::select(&PARTS[..]), 0..24),
        from in 0..60usize,
        len in 0..20usize,
    ) {
        let text = parts.concat();
        let doc = Document::open(&text, 0);
        let style = Style::alone(&STYLES[0]);
        let once = apply(&text, &format(&doc, &style, Some(from..from + len)));
        proptest::prop_assert_eq!(reading(&doc), reading(&Document::open(&once, 0)), "of {:?}, now {:?}", text, once);
        for offset in text.char_indices().map(|(at, _)| at) {
            if let Some(edit) = after_newline(&doc, offset, &style) {
                let typed = apply(&text, &[edit]);
                proptest::prop_assert_eq!(reading(&doc), reading(&Document::open(&typed, 0)), "of {:?}, now {:?}", text, typed);
            }
        }
    }
}
