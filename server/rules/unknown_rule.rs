use std::ops::Range;

use super::{
    Findings, buildkit,
    context::Context,
    ignore::line_in_head,
    names::{is_known, nearest_rule},
    rule, rule_index,
};
use crate::{
    switches::{Check, Head, Name, Own, directive},
    text::Edit,
};

rule! {
    /// A comment that switches off a rule which there is not.
    ///
    /// ## Why
    /// Nothing happens then, and nothing says so: BuildKit passes over names that it does not know. Our own rules are
    /// switched off by a comment in our own word, for BuildKit does not know them either.
    ///
    /// ## Example
    /// ```dockerfile
    /// # dockerfile-ls: skip=unknown-stage-refrence
    /// FROM alpine:3.20
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// # dockerfile-ls: skip=unknown-stage-reference
    /// FROM alpine:3.20
    /// ```
    UNKNOWN_RULE: "unknown-rule", "A comment switches off a rule that there is not", Warning, check
}

/// How many unknown names are looked at in a file: enough for every real one, and an end to made-up ones.
const LOOK_UPS: usize = 200;

fn check(context: &Context<'_>, out: &mut Findings) {
    let doc = context.doc;
    let head = Head::read(doc);
    let mut left = LOOK_UPS;
    if let Some(check) = &head.check {
        look_at_check(context, &head, check, None, &mut left, out);
    }
    for comment in doc.syntax().comments() {
        let line = doc.text().slice(comment.clone());
        if let Some(own) = Own::read(&line, comment.start) {
            look_at_own(context, &own, &mut left, out);
        } else if let Some(text) = line.strip_prefix('#')
            && let Some((name, value)) = directive(text)
            && text[name].eq_ignore_ascii_case("check")
        {
            let start = comment.start + 1;
            let check = Check::read(doc, start + value.start..start + value.end);
            if head.check.as_ref() != Some(&check) {
                look_at_check(context, &head, &check, Some(comment.start), &mut left, out);
            }
        }
    }
}

fn look_at_own(context: &Context<'_>, own: &Own, left: &mut usize, out: &mut Findings) {
    if own.key.text != "skip" {
        let message = format!("There is no `{}` in such a comment, only `skip`", own.key.text);
        let edits = Some(vec![Edit { range: own.key.range.clone(), text: "skip".into() }]);
        out.report(&UNKNOWN_RULE, own.key.range.clone(), message)
            .fix("Use `skip`", edits)
            .prefer_single_fix();
        return;
    }
    for name in own.names.iter().filter(|name| name.text != "all" && !is_known(&name.text)) {
        let Some(rest) = left.checked_sub(1) else { return };
        *left = rest;
        let finding = out.report(&UNKNOWN_RULE, name.range.clone(), "");
        match nearest_rule(&name.text, |_| true) {
            Some(near) => {
                finding.message = format!("There is no rule \"{}\". Did you mean \"{near}\"?", name.text);
                finding.fix(format!("Use `{near}`"), rename(name, near)).prefer_single_fix();
            }
            None => {
                finding.message = format!("There is no rule \"{}\"", name.text);
                finding.fix(format!("Remove `{}`", name.text), Some(vec![removal(context, name)]));
            }
        }
    }
}

/// `above`: the start of the comment, if it stands above an instruction.
fn look_at_check(
    context: &Context<'_>,
    head: &Head,
    check: &Check,
    above: Option<usize>,
    left: &mut usize,
    out: &mut Findings,
) {
    let Some(options) = &check.options else { return };
    for name in options.skip.iter().chain(&options.experimental) {
        if name.text.is_empty() || name.text == "all" || buildkit::when(&name.text).is_some() {
            continue;
        }
        let Some(rest) = left.checked_sub(1) else { return };
        *left = rest;
        if rule_index(&name.text).is_some() {
            let message =
                format!("BuildKit has no check \"{0}\": write `# dockerfile-ls: skip={0}`", name.text);
            let edits = context.fixes.then(|| own_instead(context, head, name, above));
            out.report(&UNKNOWN_RULE, name.range.clone(), message)
                .fix("Use a comment of dockerfile-ls", edits)
                .prefer_single_fix();
        } else if let Some(near) = nearest_rule(&name.text, |known| buildkit::when(known).is_some()) {
            let message = format!("BuildKit has no check \"{}\". Did you mean \"{near}\"?", name.text);
            out.report(&UNKNOWN_RULE, name.range.clone(), message)
                .fix(format!("Use `{near}`"), rename(name, near))
                .prefer_single_fix();
        }
    }
}

fn rename(name: &Name, to: &str) -> Option<Vec<Edit>> {
    Some(vec![Edit { range: name.range.clone(), text: to.to_owned() }])
}

/// Takes a name out of its list, with one comma.
fn removal(context: &Context<'_>, name: &Name) -> Edit {
    let text = context.doc.text();
    let line = text.line_range(text.line_of(name.range.start));
    let before = text.slice(line.start..name.range.start);
    let after = text.slice(name.range.end..line.end);
    let range = if before.trim_end().ends_with(',') {
        line.start + before.trim_end().len() - 1..name.range.end
    } else if after.trim_start().starts_with(',') {
        let rest = after.trim_start()[1..].trim_start();
        name.range.start..line.end - rest.len()
    } else {
        name.range.clone()
    };
    Edit { range, text: String::new() }
}

/// Moves a name from BuildKit's comment to one of ours.
fn own_instead(context: &Context<'_>, head: &Head, name: &Name, above: Option<usize>) -> Vec<Edit> {
    let text = context.doc.text();
    let line = text.line_of(name.range.start);
    let own = format!("# dockerfile-ls: skip={}", name.text);
    if alone(context, name) {
        return vec![replace_line(context, line, &own)];
    }
    let added = match above {
        Some(start) => {
            let ending = text.line_range(line).end..text.line_start(line + 1);
            Edit { range: start..start, text: format!("{own}{}", text.slice(ending)) }
        }
        None => line_in_head(context.doc, head, &own),
    };
    vec![removal(context, name), added]
}

/// Whether a comment is there for this name only.
fn alone(context: &Context<'_>, name: &Name) -> bool {
    let text = context.doc.text();
    let line = text.slice(text.line_range(text.line_of(name.range.start)));
    let value = line.split_once('=').map_or("", |(_, value)| value.trim());
    value.split_once('=').is_some_and(|(_, list)| list.trim() == name.text)
}

fn replace_line(context: &Context<'_>, line: usize, with: &str) -> Edit {
    let range: Range<usize> = context.doc.text().line_range(line);
    let mark = context.doc.text().slice(range.clone()).starts_with('\u{feff}');
    let start = if mark { range.start + '\u{feff}'.len_utf8() } else { range.start };
    Edit { range: start..range.end, text: with.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn names_that_there_are_not() {
        fires(
            &UNKNOWN_RULE,
            "
            # check=skip=StageNameCase,Other
                         ^^^^^^^^^^^^^ warning
            # dockerfile-ls: skip=unknown-flg,stage-cycle, nothing
                                  ^^^^^^^^^^^ warning
                                                           ^^^^^^^ warning
            FROM alpine:3.20
            # check=skip=unknown-flag;error=false
                         ^^^^^^^^^^^^ warning
            # dockerfile-ls: ignore=unknown-flag
                             ^^^^^^ warning
            RUN x
            ",
        );
    }

    #[test]
    fn names_of_others_are_none_of_our_business() {
        silent(
            &UNKNOWN_RULE,
            "
            # check=skip=StageNameCasing,InvalidBaseImagePlatform,SomeNewCheck;experimental=all
            # check=skip
            # dockerfile-ls: skip=StageNameCasing,all because = it
            FROM alpine:3.20
            # hadolint ignore=DL3008
            # check = this
            RUN x \\
            # dockerfile-ls: skip=x
              y
            ",
        );
    }

    #[test]
    fn the_message_names_the_rule_that_is_near() {
        assert_eq!(
            message(&UNKNOWN_RULE, "# check=skip=stage-name-casing\nFROM alpine:3.20\n"),
            "BuildKit has no check \"stage-name-casing\". Did you mean \"StageNameCasing\"?"
        );
        assert_eq!(
            message(&UNKNOWN_RULE, "FROM alpine:3.20\n# dockerfile-ls: skip=x-y\nRUN x\n"),
            "There is no rule \"x-y\""
        );
    }

    #[test]
    fn our_rules_move_to_a_comment_of_ours() {
        let title = "Use a comment of dockerfile-ls";
        for (before, after) in [
            (
                "\u{feff}# check=skip=unknown-flag\nFROM a:1\n",
                "\u{feff}# dockerfile-ls: skip=unknown-flag\nFROM a:1\n",
            ),
            (
                "# check=error=true;skip=StageNameCasing,unknown-flag,FromAsCasing why\r\nFROM a:1\r\n",
                "# check=error=true;skip=StageNameCasing,FromAsCasing why\r\n# dockerfile-ls: skip=unknown-flag\r\nFROM a:1\r\n",
            ),
            (
                "FROM a:1\n# check=skip=unknown-flag,FromAsCasing\nRUN x\n",
                "FROM a:1\n# dockerfile-ls: skip=unknown-flag\n# check=skip=FromAsCasing\nRUN x\n",
            ),
        ] {
            assert_eq!(fixed(&UNKNOWN_RULE, before, title), after);
        }
    }
}
