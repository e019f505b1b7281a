use std::ops::Range;

use serde_json::Value;

use super::{
    Findings, Severity,
    context::Context,
    inline_comment::behind_json,
    json_text::{Mistake, as_meant, elements},
    rule,
    stage_edits::replace,
};
use crate::{
    syntax::{
        Arguments, Instruction, Keyword, Placed, Word,
        variables::docker::{Quotes, problem},
        word::WordBuilder,
    },
    text::Edit,
};

rule! {
    /// Arguments that look like a JSON array of strings and are none.
    ///
    /// ## Why
    /// In an array each element must be a string: numbers, `true` or `null` stop the build. SHELL takes nothing but an
    /// array. Text that is no JSON, for its single quotes or a comma too much, silently becomes a shell command, or words
    /// with the quotes in them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// CMD ['sleep', '60']
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// CMD ["sleep", "60"]
    /// ```
    INVALID_JSON_FORM: "invalid-json-form", "What looks like a JSON array of strings and is none", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.doc.syntax().instructions().iter().enumerate() {
        let instruction = placed.instruction.effective();
        if let Some(text) = array(instruction) {
            if let Some(other) = others(text.text()) {
                not_strings(context, out, placed, instruction.keyword, &text, &other);
                continue;
            }
            if let Some((strings, mistake)) = as_meant(text.text(), instruction.keyword == Keyword::Volume) {
                not_json(context, out, (index, placed), instruction, &text, &strings, mistake);
                continue;
            }
        }
        if instruction.keyword == Keyword::Shell {
            shell(context, out, index, placed, instruction);
        }
    }
}

/// Whether BuildKit refuses the array, which has elements that are no strings.
pub(super) fn is_refused(instruction: &Instruction) -> bool {
    array(instruction).is_some_and(|text| others(text.text()).is_some())
}

/// Whether the arguments are meant as an array of strings, and are none for a mistake in it.
pub(super) fn is_meant(instruction: &Instruction) -> bool {
    array(instruction).is_some_and(|text| {
        others(text.text()).is_none()
            && as_meant(text.text(), instruction.keyword == Keyword::Volume).is_some()
    })
}

fn takes_paths(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::Copy | Keyword::Add | Keyword::Volume)
}

/// The arguments, if they start with `[` but are no array of strings.
fn array(instruction: &Instruction) -> Option<Word> {
    match (instruction.keyword, &instruction.arguments) {
        (
            Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell | Keyword::Healthcheck,
            Arguments::Text(word),
        ) => word.text().trim_start().starts_with('[').then(|| word.clone()),
        (keyword, Arguments::Words { words, json: false }) if takes_paths(keyword) => {
            let first = words.first().filter(|word| word.text().starts_with('['))?;
            let mut all = WordBuilder::new(first.range().start);
            let mut end = first.range().end;
            for (index, word) in words.iter().enumerate() {
                if index > 0 {
                    all.push(" ", end);
                }
                all.take(word, 0..word.text().len());
                end = word.range().end;
            }
            Some(all.finish(end))
        }
        _ => None,
    }
}

/// The elements of a JSON array that are no strings; `None` if there are none, or if it is no JSON.
fn others(text: &str) -> Option<Vec<(Range<usize>, Value)>> {
    let values: Vec<Value> = serde_json::from_str(text).ok()?;
    let places = elements(text);
    let others = places.into_iter().zip(values).filter(|(_, value)| !value.is_string());
    let others: Vec<_> = others.collect();
    (!others.is_empty()).then_some(others)
}

fn not_strings(
    context: &Context<'_>,
    out: &mut Findings,
    placed: &Placed,
    keyword: Keyword,
    text: &Word,
    others: &[(Range<usize>, Value)],
) {
    let Some((first, _)) = others.first() else { return };
    let place = |part: &Range<usize>| placed.at(text.source(part.clone()));
    let name = keyword.name();
    let shown = &text.text()[first.clone()];
    let message = match shown.len() {
        0..=40 => format!("{shown} is no string, as each element of the array of {name} must be"),
        _ => format!("This is no string, as each element of the array of {name} must be"),
    };
    let is_scalar = |value: &Value| !value.is_array() && !value.is_object();
    let edits = others.iter().all(|(_, value)| is_scalar(value)).then(|| {
        let edit = |(part, _): &(Range<usize>, Value)| {
            let range = place(part);
            replace(range.clone(), format!("\"{}\"", context.doc.text().slice(range)))
        };
        others.iter().map(edit).collect()
    });
    let on_one_line = others.iter().all(|(part, _)| !context.doc.text().slice(place(part)).contains('\n'));
    out.report(&INVALID_JSON_FORM, place(first), message)
        .severity(Severity::Error)
        .fix("Put it in quotes", edits.filter(|_| on_one_line))
        .prefer_single_fix();
}

fn not_json(
    context: &Context<'_>,
    out: &mut Findings,
    (index, placed): (usize, &Placed),
    instruction: &Instruction,
    text: &Word,
    strings: &[String],
    mistake: Mistake,
) {
    let keyword = instruction.keyword;
    let name = keyword.name();
    let effect = match keyword {
        Keyword::Shell => "SHELL needs a JSON array".to_owned(),
        _ if takes_paths(keyword) => format!("{name} takes this as plain words, for it is no JSON array"),
        _ => format!("{name} takes this as a shell command, for it is no JSON array"),
    };
    let why = match mistake {
        Mistake::Quotes => "strings stand in double quotes",
        Mistake::NoQuotes => "strings need double quotes",
        Mistake::CommaTooMuch => "no comma may stand in front of the ]",
        Mistake::NoComma => "a comma is missing",
        Mistake::NoEnd => "its ] is missing",
        Mistake::Escape => "a \\ is written \\\\",
    };
    // A white space in quotes tears them apart.
    let is_torn = |word: &Word| problem(word.text(), context.doc.syntax().escape(), Quotes::Taken).is_some();
    let severity = match keyword {
        Keyword::Shell => context.refused(index),
        _ if takes_paths(keyword) && instruction.words().iter().any(is_torn) => context.build_error(index),
        _ => Severity::Warning,
    };
    let range = placed.at(text.range());
    out.report(&INVALID_JSON_FORM, range.clone(), format!("{effect}: {why}"))
        .severity(severity)
        .fix("Write it as JSON", write(context, &range, strings))
        .prefer_single_fix();
}

fn write(context: &Context<'_>, range: &Range<usize>, strings: &[String]) -> Option<Vec<Edit>> {
    let strings: Vec<String> = strings.iter().map(|text| Value::from(text.as_str()).to_string()).collect();
    let on_one_line = context.fixes && !context.doc.text().slice(range.clone()).contains('\n');
    on_one_line.then(|| vec![replace(range.clone(), format!("[{}]", strings.join(", ")))])
}

/// SHELL in shell form.
fn shell(
    context: &Context<'_>,
    out: &mut Findings,
    index: usize,
    placed: &Placed,
    instruction: &Instruction,
) {
    let Arguments::Text(word) = &instruction.arguments else { return };
    // A comment behind the array is another finding.
    if behind_json(word).is_some() {
        return;
    }
    let range = placed.at(word.range());
    let is_plain = !word.text().contains(['"', '\'', '[', ']', '\\', '`', '$', ',']);
    let strings: Vec<String> = word.text().split_ascii_whitespace().map(str::to_owned).collect();
    out.report(&INVALID_JSON_FORM, range.clone(), "SHELL needs a JSON array: [\"/bin/sh\", \"-c\"]")
        .severity(context.refused(index))
        .fix("Write it as JSON", write(context, &range, &strings).filter(|_| is_plain))
        .prefer_single_fix();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn elements_that_are_no_strings_are_errors() {
        fires(
            &INVALID_JSON_FORM,
            "
            FROM a:1
            CMD [\"a\", 1]
                      ^ error
            RUN [ null , 2 ]
                  ^^^^ error
            COPY [\"a\", {\"b\": [1, \"]\"]}, 3]
                       ^^^^^^^^^^^^^^^ error
            VOLUME [true]
                    ^^^^ error
            HEALTHCHECK CMD [\"a\", 1]
                                  ^ error
            ONBUILD CMD [1]
                         ^ error
            ",
        );
        only("FROM a:1\nCOPY [1]\n", &["invalid-json-form"]);
    }

    #[test]
    fn shell_takes_an_array_only() {
        fires(
            &INVALID_JSON_FORM,
            "
            FROM a:1
            SHELL bash -c
                  ^^^^^^^ error
            SHELL ['bash', '-c']
                  ^^^^^^^^^^^^^^ error
            ONBUILD SHELL bash
                          ^^^^ warning
            ",
        );
        only("FROM a:1\nSHELL [\"bash\"] # c\n", &["inline-comment"]);
    }

    #[test]
    fn what_was_meant_as_json_is_a_warning() {
        for (line, arguments) in [
            ("CMD", "['a', 'b']"),
            ("CMD", "[\"a\", \"b\",]"),
            ("ENTRYPOINT", "[\"a\" \"b\"]"),
            ("CMD", "[\"a\", \"b\""),
            ("CMD", "[npm, start]"),
            ("RUN", "[ 'a', 'b' ]"),
            ("VOLUME", "[/data]"),
            ("VOLUME", "['/data', '/x']"),
            ("COPY", "['a', '/x']"),
            ("RUN", "[\"C:\\Windows\\x\", \"b\"]"),
            ("CMD", "[“a”, “b”]"),
        ] {
            let (gap, marks) = (" ".repeat(line.len() + 1), "^".repeat(arguments.len()));
            fires(&INVALID_JSON_FORM, &format!("FROM a:1\n{line} {arguments}\n{gap}{marks} warning\n"));
        }
    }

    #[test]
    fn paths_with_blanks_are_torn_and_stop_the_build() {
        fires(
            &INVALID_JSON_FORM,
            "
            FROM a:1
            COPY [\"a b\", c]
                 ^^^^^^^^^^ error
            ",
        );
        only("FROM a:1\nCOPY ['a b', '/x']\nADD [\"a b\", \"c\"\n", &["invalid-json-form"; 2]);
    }

    #[test]
    fn tests_globs_and_arrays_are_left_alone() {
        silent(
            &INVALID_JSON_FORM,
            "
            FROM a:1
            RUN [ -f x ] && y
            RUN [ -f x ]
            RUN [ \"$x\" = 'y' ]
            RUN [ 'a' ]
            RUN [[ -n $x ]]
            RUN [\"a\", \"b\"]
            RUN [\"a\", \"b\"] && c
            RUN [ \"a\" ] || [ 'b' ]
            CMD []
            COPY [ab]* /x
            COPY [a-z] [0-9]
            COPY [ab] /x/[c]
            CMD [\"a\", \\
              \"b\"]
            ",
        );
    }

    #[test]
    fn each_has_its_fix() {
        let fixes = [
            ("CMD [\"a\", 1, true]", "Put it in quotes", "CMD [\"a\", \"1\", \"true\"]"),
            ("CMD ['say \"a\"', 'b']", "Write it as JSON", "CMD [\"say \\\"a\\\"\", \"b\"]"),
            ("CMD [\"a\", \"b\", ]", "Write it as JSON", "CMD [\"a\", \"b\"]"),
            ("CMD [\"C:\\Win\", \"b\"]", "Write it as JSON", "CMD [\"C:\\\\Win\", \"b\"]"),
            ("onbuild shell bash -c", "Write it as JSON", "onbuild shell [\"bash\", \"-c\"]"),
            ("COPY ['a b', '/x']", "Write it as JSON", "COPY [\"a b\", \"/x\"]"),
        ];
        for (line, title, after) in fixes {
            let file = |line: &str| format!("FROM a:1\n{line}\n");
            assert_eq!(fixed(&INVALID_JSON_FORM, &file(line), title), file(after));
        }
    }
}
