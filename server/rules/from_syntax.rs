use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{insert, replace, suggested_name},
    unknown_flag,
};
use crate::{
    stages::{Image, names::is_valid_name},
    syntax::{Arguments, Placed, Word, instruction::From},
};

rule! {
    /// A `FROM` with too few or too many words.
    ///
    /// ## Why
    /// `FROM` takes an image or a stage, and after it nothing or `AS` and a name. With anything else the build stops. White
    /// space ends a word, inside of `${…}` too.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20 AS base
    /// ```
    FROM_SYNTAX: "from-syntax", "`FROM` has too few or too many words", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for stage in context.stages.all() {
        let placed = context.opening(stage.index);
        let Arguments::From(from) = &placed.instruction.arguments else { continue };
        let is_comment = |word: Option<&Word>| word.is_some_and(|word| word.text().starts_with('#'));
        if is_comment(from.base.as_ref()) || is_comment(from.name.as_ref()) {
            continue;
        }
        let Some(base) = &from.base else {
            let range = placed.at(placed.instruction.word.range());
            out.report(&FROM_SYNTAX, range, "FROM needs an image or a stage");
            continue;
        };
        match (&from.as_keyword, &from.name) {
            (Some(as_keyword), None) => {
                let name = suggested_name(context, stage);
                let as_keyword = placed.at(as_keyword.clone());
                let end = placed.at(base.range()).end;
                out.report(&FROM_SYNTAX, as_keyword.clone(), "AS needs the name of the stage")
                    .fix(format!("Call it `{name}`"), Some(vec![insert(as_keyword.end, format!(" {name}"))]))
                    .fix("Remove `AS`", Some(vec![replace(end..as_keyword.end, "")]));
            }
            _ if from.unexpected.is_empty() || is_comment(from.unexpected.first()) => {}
            // `--platform linux/amd64 alpine`: the flag lacks its value.
            _ if unknown_flag::lacks_value(&placed.instruction) => {}
            (_, name) => unexpected(context, out, placed, from, name.as_ref().unwrap_or(base)),
        }
    }
}

/// `before`: the last word that is right.
fn unexpected(context: &Context<'_>, out: &mut Findings, placed: &Placed, from: &From, before: &Word) {
    let (Some(first), Some(last)) = (from.unexpected.first(), from.unexpected.last()) else { return };
    // A comment at the end has a finding of its own.
    let comment = from.unexpected.iter().position(|word| word.text().starts_with('#'));
    let last = comment.and_then(|at| from.unexpected.get(at - 1)).unwrap_or(last);
    let range = placed.at(first.range().start..last.range().end);
    let words = &from.unexpected[..comment.unwrap_or(from.unexpected.len())];
    let open = before.text().rfind("${").is_some_and(|at| !before.text()[at..].contains('}'));
    let torn = torn(from);
    let message = match words {
        _ if torn.is_some() => "White space ends the name of the image".to_owned(),
        _ if open => "White space ends the name of the image, inside of ${…} too".to_owned(),
        [flag, ..] if flag.text().starts_with("--") => {
            format!("\"{}\" stands behind the image; flags come before it", flag.text())
        }
        _ if from.name.is_some() => {
            format!("FROM ends with the name of the stage; \"{}\" is too much", first.text())
        }
        _ => "FROM takes one word, or three: an image, AS and a name".to_owned(),
    };
    let remove = replace(placed.at(before.range()).end..range.end, "");
    let finding = out.report(&FROM_SYNTAX, range.clone(), message);
    if let Some(whole) = torn {
        let is_rest_right = match &words[1..] {
            [] => true,
            [r#as, name] => {
                r#as.text().eq_ignore_ascii_case("as") && is_valid_name(&name.text().to_lowercase())
            }
            _ => false,
        };
        let gap = placed.at(before.range()).end..range.start;
        let edits = (is_rest_right && Image::parse(&whole).is_ok()).then(|| vec![replace(gap, "")]);
        finding.fix(format!("Write `{whole}`"), edits).prefer_single_fix();
        return;
    }
    match words {
        // A name behind a flag would be lost with the rest.
        _ if open || words[1..].iter().any(|word| word.text().eq_ignore_ascii_case("as")) => {}
        [flag] if flag.text().starts_with("--") && from.name.is_none() => {
            let at = placed.at(placed.instruction.word.range()).end;
            let edits = vec![insert(at, format!(" {}", context.doc.text().slice(range))), remove];
            finding.fix("Move the flag to the front", Some(edits)).prefer_single_fix();
        }
        [name] if from.name.is_none() && is_valid_name(&name.text().to_lowercase()) => {
            finding
                .fix(format!("Call the stage `{}`", name.text()), Some(vec![insert(range.start, "AS ")]))
                .prefer_single_fix()
                .fix(format!("Remove `{}`", name.text()), Some(vec![remove]));
        }
        [wrong, name] if from.name.is_none() && is_valid_name(&name.text().to_lowercase()) => {
            finding
                .fix("Write `AS`", Some(vec![replace(placed.at(wrong.range()), "AS")]))
                .prefer_single_fix();
        }
        _ => {
            finding.fix("Remove what is too much", Some(vec![remove])).prefer_single_fix();
        }
    }
}

/// The name of an image that white space tears apart: `alpine: 3.20`.
pub(super) fn torn(from: &From) -> Option<String> {
    let (base, next) = (from.base.as_ref()?.text(), from.unexpected.first()?.text());
    let is_torn = base.ends_with([':', '@', '/']) || next.starts_with([':', '@']);
    (is_torn && from.name.is_none()).then(|| format!("{base}{next}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn missing_words_are_errors() {
        fires(
            &FROM_SYNTAX,
            "
            FROM a:1 AS
                     ^^ error
            from
            ^^^^ error
            FROM --platform=linux/amd64
            ^^^^ error
            ",
        );
    }

    #[test]
    fn words_too_many_are_errors() {
        fires(
            &FROM_SYNTAX,
            "
            FROM a:1 x
                     ^ error
            FROM a:1 A x
                     ^^^ error
            FROM a:1 AS x y z
                          ^^^ error
            FROM a:1 --platform=linux/amd64
                     ^^^^^^^^^^^^^^^^^^^^^^ error
            ",
        );
        fires(
            &FROM_SYNTAX,
            "
            ARG B
            FROM ${B:?must set}
                           ^^^^ error
            ",
        );
    }

    #[test]
    fn one_or_three_words_are_fine() {
        silent(
            &FROM_SYNTAX,
            "FROM a:1\nFROM a:1 as x\nFROM --platform=linux/amd64 a:1 AS y\nFROM a:1 \\\n  # c\n  AS z\n",
        );
    }

    #[test]
    fn a_comment_is_another_finding() {
        only("FROM a:1 AS x # c\nFROM x # c\n", &["inline-comment", "inline-comment"]);
        only("FROM a:1 AS # c\n", &["inline-comment"]);
        only("FROM # c\n", &["inline-comment"]);
        only("FROM a:1 AS x y # c\n", &["from-syntax", "inline-comment"]);
    }

    #[test]
    fn white_space_in_names_and_behind_flags_is_one_mistake() {
        only("FROM alpine: 3.20\nFROM a/b@ sha256:0 x y\n", &["from-syntax"; 2]);
        only("FROM --platform linux/amd64 alpine:3.20 AS x\n", &["unknown-flag"]);
    }

    #[test]
    fn each_has_its_fix() {
        let fixes = [
            ("FROM golang:1 AS", "Call it `builder`", "FROM golang:1 AS builder"),
            ("FROM golang:1 AS", "Remove `AS`", "FROM golang:1"),
            ("FROM a:1 x", "Call the stage `x`", "FROM a:1 AS x"),
            ("FROM a:1 x", "Remove `x`", "FROM a:1"),
            ("FROM a:1 A x", "Write `AS`", "FROM a:1 AS x"),
            ("FROM a:1 AS x y z", "Remove what is too much", "FROM a:1 AS x"),
            ("FROM alpine: 3.20", "Write `alpine:3.20`", "FROM alpine:3.20"),
            ("FROM alpine :3.20 as x", "Write `alpine:3.20`", "FROM alpine:3.20 as x"),
            ("FROM a:1 --platform=b", "Move the flag to the front", "FROM --platform=b a:1"),
        ];
        for (text, title, after) in fixes {
            assert_eq!(fixed(&FROM_SYNTAX, &format!("{text}\n"), title), format!("{after}\n"));
        }
    }
}
