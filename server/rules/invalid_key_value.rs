use std::ops::Range;

use super::{Findings, Severity, context::Context, inline_comment, rule, stage_edits::replace};
use crate::{
    syntax::{Keyword, Pair, Placed},
    text::Edit,
};

rule! {
    /// A word of an `ENV`, `LABEL` or `ARG` that is no `name=value`.
    ///
    /// ## Why
    /// Once the first word of an `ENV` or `LABEL` has a `=`, each one needs a `=` with a name in front of it, and no white
    /// space around; `ARG` needs the name. With anything else the build stops. A value with blanks goes in quotes.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV GREETING=hello world
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV GREETING="hello world"
    /// ```
    INVALID_KEY_VALUE: "invalid-key-value", "A word that is no `name=value`", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.with(&[Keyword::Arg, Keyword::Env, Keyword::Label]) {
        let instruction = placed.instruction.effective();
        let pairs = instruction.pairs();
        let needs_value = instruction.keyword != Keyword::Arg && pairs.len() > 1;
        if instruction.keyword != Keyword::Arg {
            for pair in pairs.iter().filter(|pair| !pair.legacy) {
                torn(context, out, placed, pair);
            }
        }
        let is_wrong = |pair: &Pair| is_nameless(pair) || (needs_value && pair.value.is_none());
        if !pairs.iter().any(is_wrong) {
            continue;
        }
        let comments = inline_comment::comments(context, placed);
        let in_comment = |pair: &Pair| {
            let start = placed.at(pair.range.clone()).start;
            comments.iter().any(|(_, comment)| comment.contains(&start))
        };
        let mut next = 0;
        while let Some(pair) = pairs.get(next) {
            let at = next;
            next += 1;
            if !is_wrong(pair) || in_comment(pair) {
                continue;
            }
            if pair.value.is_none() {
                // What stands next to each other belongs together.
                while pairs
                    .get(next)
                    .is_some_and(|pair| is_wrong(pair) && !is_nameless(pair) && !in_comment(pair))
                {
                    next += 1;
                }
                // `A =b`: the blank is wrong, and said there.
                if pairs.get(next).is_some_and(is_nameless) {
                    continue;
                }
                let words = Words { context, placed, pairs, at: at..next };
                without_equals(&words, out, instruction.keyword.name());
            } else {
                let severity = match instruction.keyword {
                    // The parser stops at the word in front of it already.
                    Keyword::Env | Keyword::Label if at > 0 && pairs[at - 1].value.is_none() => {
                        Severity::Error
                    }
                    _ => context.refused(index),
                };
                let words = Words { context, placed, pairs, at: at..next };
                without_name(&words, out, severity);
            }
        }
    }
}

fn is_nameless(pair: &Pair) -> bool {
    pair.value.is_some() && pair.name.text().is_empty()
}

/// Some pairs of an instruction, next to each other.
struct Words<'a, 'd> {
    context: &'a Context<'d>,
    placed: &'a Placed,
    pairs: &'a [Pair],
    at: Range<usize>,
}

impl Words<'_, '_> {
    /// In bytes of the file.
    fn range(&self) -> Range<usize> {
        let start = self.pairs[self.at.start].range.start;
        self.placed.at(start..self.pairs[self.at.end - 1].range.end)
    }

    fn before(&self) -> Option<&Pair> {
        self.pairs.get(self.at.start.checked_sub(1)?)
    }
}

fn without_equals(words: &Words<'_, '_>, out: &mut Findings, keyword: &str) {
    let range = words.range();
    let source = words.context.doc.text().slice(range.clone());
    let message = match source.contains('\n') || source.len() > 60 {
        true => format!("A \"=\" is missing: behind its first name=value, {keyword} takes nothing else"),
        false => {
            format!("\"{source}\" has no \"=\": behind its first name=value, {keyword} takes nothing else")
        }
    };
    let finding = out.report(&INVALID_KEY_VALUE, range.clone(), message);
    let Some(Pair { value: Some(value), .. }) = words.before() else { return };
    let value = words.placed.at(value.range());
    if value.is_empty() {
        let edits = (words.at.len() == 1).then(|| vec![replace(value.end..range.start, "")]);
        finding.fix("Remove the blank", edits).prefer_single_fix();
    } else {
        finding
            .fix("Put the value in quotes", quote(words.context, value.start..range.end))
            .prefer_single_fix();
    }
}

/// A value in which white space stands that is no ordinary blank: it ends the word here, unlike elsewhere
/// (parser/line_parsers.go, `parseWords`).
fn torn(context: &Context<'_>, out: &mut Findings, placed: &Placed, pair: &Pair) {
    let Some(value) = pair.value.as_ref().filter(|value| !value.text().is_ascii()) else { return };
    let text = value.text();
    let is_wide = |c: char| c.is_whitespace() && !c.is_ascii();
    let Some(at) = text.find(is_wide).filter(|&at| !text[..at].contains(['"', '\'', '\\', '`'])) else {
        return;
    };
    let rest = text[at..].trim_start();
    let next = rest.split(char::is_whitespace).next().unwrap_or_default();
    if next.is_empty() || next.contains('=') {
        return;
    }
    let blank = placed.at(value.source(at..text.len() - rest.len()));
    let message = "This is no ordinary blank, but it ends the value, and what follows has no \"=\"";
    out.report(&INVALID_KEY_VALUE, blank, message)
        .fix("Put the value in quotes", quote(context, placed.at(value.range())))
        .prefer_single_fix();
}

/// Makes one value of what stands in `range`, if that is on one line and holds no quotes or escapes of its own.
fn quote(context: &Context<'_>, range: Range<usize>) -> Option<Vec<Edit>> {
    let text = context.doc.text().slice(range.clone());
    (!text.contains(['"', '\'', '\\', '`', '\n']))
        .then(|| vec![replace(range.start..range.start, "\""), replace(range.end..range.end, "\"")])
}

fn without_name(words: &Words<'_, '_>, out: &mut Findings, severity: Severity) {
    let range = words.range();
    let equals = range.start..range.start + 1;
    let Some(name) = words.before().filter(|pair| pair.value.is_none()) else {
        out.report(&INVALID_KEY_VALUE, equals, "The name in front of \"=\" is missing").severity(severity);
        return;
    };
    let name = words.placed.at(name.range.clone());
    let blank = name.end..equals.start;
    let on_one_line = !words.context.doc.text().slice(blank.clone()).contains('\n');
    out.report(
        &INVALID_KEY_VALUE,
        name.start..equals.end,
        "No white space may stand between a name and its \"=\"",
    )
    .severity(severity)
    .fix("Remove the blank", on_one_line.then(|| vec![replace(blank, "")]))
    .prefer_single_fix();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn words_without_equals_sign_are_errors() {
        fires(
            &INVALID_KEY_VALUE,
            "
            FROM a:1
            ENV A=b C
                    ^ error
            LABEL a=b c d e=f g
                      ^^^ error
                              ^ error
            ENV A=b \\
              C
              ^ error
            ENV A=b \"\"
                    ^^ error
            ONBUILD ENV A=b c
                            ^ error
            ",
        );
    }

    #[test]
    fn names_may_not_be_missing() {
        fires(
            &INVALID_KEY_VALUE,
            "
            ARG =x
                ^ error
            FROM a:1
            ENV =x
                ^ error
            LABEL a=b =c
                      ^ error
            ARG A =b
                ^^^ error
            ENV A=b C =d
                    ^^^ error
            ONBUILD ENV =x
                        ^ warning
            ONBUILD ENV A=b C =d
                            ^^^ error
            ",
        );
    }

    #[test]
    fn each_form_that_works_is_left_alone() {
        silent(
            &INVALID_KEY_VALUE,
            "
            ARG A B=c D
            FROM a:1
            ENV A b c d
            ENV A =b
            ENV A= B=c \\
              # c
              D=\"e f\" G=h\\ i
            LABEL \"a b\"=c
            ARG A
            ",
        );
    }

    #[test]
    fn any_white_space_ends_a_value() {
        let text = "FROM a:1\nENV A=b\u{a0}c D=e\n";
        only(text, &["invalid-key-value"]);
        let after = fixed(&INVALID_KEY_VALUE, text, "Put the value in quotes");
        assert_eq!(after, "FROM a:1\nENV A=\"b\u{a0}c\" D=e\n");
        silent(&INVALID_KEY_VALUE, "FROM a:1\nENV A=b\u{a0}C=d E=\"f\u{a0}g\" H=\u{e9}\nARG A=b\u{a0}c\n");
    }

    #[test]
    fn a_comment_is_another_finding() {
        only("FROM a:1\nENV A=b # c d\n", &["inline-comment"]);
        only("FROM a:1\nENV A=b c # d\n", &["invalid-key-value", "inline-comment"]);
    }

    #[test]
    fn each_has_its_fix() {
        let fixes = [
            ("ENV A=b c  d E=f", "Put the value in quotes", "ENV A=\"b c  d\" E=f"),
            ("ENV A= b", "Remove the blank", "ENV A=b"),
            ("ARG A =b", "Remove the blank", "ARG A=b"),
            ("ENV A=b C\t=d", "Remove the blank", "ENV A=b C=d"),
        ];
        for (line, title, after) in fixes {
            let file = |line: &str| format!("FROM a:1\n{line}\n");
            assert_eq!(fixed(&INVALID_KEY_VALUE, &file(line), title), file(after));
        }
    }
}
