use std::ops::Range;

use super::{Findings, Severity, context::Context, near::nearest, rule, stage_edits::replace};
use crate::syntax::Directive;

rule! {
    /// A parser directive that BuildKit does not take.
    ///
    /// ## Why
    /// On top of the file, `# escape=` takes a backslash or a backtick, `# check=` takes `skip=`, `experimental=` and `error=`
    /// with `;` between them, and each directive may stand there once. With anything else the build stops. The value of
    /// `# check=` ends at its first blank.
    ///
    /// ## Example
    /// ```dockerfile
    /// # check=skip=StageNameCasing;JSONArgsRecommended
    /// FROM alpine:3.20
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// # check=skip=StageNameCasing,JSONArgsRecommended
    /// FROM alpine:3.20
    /// ```
    INVALID_DIRECTIVE: "invalid-directive", "A parser directive that BuildKit does not take", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let text = context.doc.text();
    let directives = context.doc.syntax().directives();
    for (index, directive) in directives.iter().enumerate() {
        let name = text.slice(directive.name.clone()).to_ascii_lowercase();
        let is_same = |other: &&Directive| text.slice(other.name.clone()).eq_ignore_ascii_case(&name);
        if let Some(first) = directives[..index].iter().find(is_same) {
            let line = text.line_of(directive.range.start);
            let edits = vec![replace(text.line_start(line)..text.line_start(line + 1), "")];
            out.report(&INVALID_DIRECTIVE, directive.name.clone(), format!("# {name}= is given twice"))
                .related(first.range.clone(), "Given here first")
                .fix("Remove this line", Some(edits))
                .prefer_single_fix();
            continue;
        }
        // Blanks alone are a value, which ends where they start.
        let value = directive.value.clone().unwrap_or(directive.range.end..directive.range.end);
        match name.as_str() {
            "escape" => escape(context, out, directive.name.clone(), value),
            "check" if is_read(context, directives, index) => options(context, out, value),
            _ => {}
        }
    }
}

fn escape(context: &Context<'_>, out: &mut Findings, name: Range<usize>, value: Range<usize>) {
    let text = context.doc.text().slice(value.clone());
    if text == "\\" || text == "`" {
        return;
    }
    let range = if value.is_empty() { name } else { value.clone() };
    out.report(&INVALID_DIRECTIVE, range, "The escape character must be \\ or `, and nothing else")
        .fix("Use `\\`", Some(vec![replace(value.clone(), "\\")]))
        .fix("Use a backtick", Some(vec![replace(value, "`")]));
}

/// Whether BuildKit takes the options from it: from an indented line, or below one, it does not (parser/directives.go,
/// `ParseDirective`).
fn is_read(context: &Context<'_>, directives: &[Directive], index: usize) -> bool {
    let text = context.doc.text();
    let line = |directive: &Directive| text.line_start(text.line_of(directive.range.start));
    let starts_line = |directive: &Directive| {
        directive.range.start == line(directive) || text.slice(0..directive.range.start) == "\u{feff}"
    };
    directives[..=index].iter().all(starts_line)
}

/// The options of `# check=` (linter/linter.go, `ParseLintOptions`).
fn options(context: &Context<'_>, out: &mut Findings, value: Range<usize>) {
    let all = context.doc.text().slice(value.clone());
    let (read, ignored) = all.split_once(' ').unwrap_or((&all, ""));
    let mut errors = false;
    let mut at = value.start;
    for part in read.splitn(3, ';') {
        let range = at..at + part.len();
        at = range.end + 1;
        // An empty value is none, an empty part is one too much.
        if !read.is_empty() {
            errors |= option(out, part, range.clone(), range.start > value.start);
        }
    }
    let ignored = ignored.trim_start();
    if errors || ignored.is_empty() || ignored.starts_with('#') {
        return;
    }
    let start = value.end - ignored.len();
    let blank = value.start + read.len()..start;
    let joined = [",", ";"].iter().any(|sign| read.ends_with(sign) || ignored.starts_with(sign));
    out.report(
        &INVALID_DIRECTIVE,
        start..value.end,
        "The value of # check= ends at its first blank: this is not read",
    )
    .severity(Severity::Warning)
    .fix("Remove the blank", (joined && !ignored.contains(' ')).then(|| vec![replace(blank, "")]))
    .prefer_single_fix();
}

/// Checks one option, and says whether it is wrong. `follows`: a `;` stands in front of it.
fn option(out: &mut Findings, part: &str, range: Range<usize>, follows: bool) -> bool {
    let Some((key, value)) = part.split_once('=') else {
        let message = match part {
            "" => "An option is missing: nothing stands behind the \";\"".to_owned(),
            _ => format!("\"{part}\" is no option: it needs a \"=\""),
        };
        let sign = range.start - usize::from(follows)..range.start;
        let place = if part.is_empty() { sign.clone() } else { range };
        let fix = match part {
            _ if !follows => None,
            "" => Some(("Remove the `;`", "")),
            _ => Some(("Write `,`", ",")),
        };
        let finding = out.report(&INVALID_DIRECTIVE, place, message);
        if let Some((title, text)) = fix {
            finding.fix(title, Some(vec![replace(sign, text)])).prefer_single_fix();
        }
        return true;
    };
    match key.trim() {
        "skip" | "experimental" => false,
        "error" => {
            const BOOLEANS: [&str; 12] =
                ["1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False"];
            if BOOLEANS.contains(&value.trim()) {
                return false;
            }
            let start = range.end - value.len();
            out.report(
                &INVALID_DIRECTIVE,
                start..range.end,
                format!("error= takes true or false, not \"{value}\""),
            )
            .fix("Use `true`", Some(vec![replace(start..range.end, "true")]))
            .fix("Use `false`", Some(vec![replace(start..range.end, "false")]));
            true
        }
        other => {
            let near =
                nearest(&other.chars().take(20).collect::<String>(), &["skip", "experimental", "error"]);
            let place = range.start..range.start + key.len();
            let mut message = format!("# check= has no option \"{other}\"");
            if let Some(near) = near {
                message += &format!(". Did you mean {near}?");
            }
            let edits = near.map(|near| vec![replace(place.clone(), near)]);
            let finding = out.report(&INVALID_DIRECTIVE, place, message);
            finding.fix(format!("Use `{}`", near.unwrap_or_default()), edits).prefer_single_fix();
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn values_that_do_not_exist_are_errors() {
        fires(&INVALID_DIRECTIVE, "# escape=x\n         ^ error\nFROM a:1\n");
        fires(&INVALID_DIRECTIVE, "# escape= \n  ^^^^^^ error\nFROM a:1\n");
        fires(&INVALID_DIRECTIVE, "# check=foo=1\n        ^^^ error\nFROM a:1\n");
        fires(&INVALID_DIRECTIVE, "# check=skip\n        ^^^^ error\nFROM a:1\n");
        fires(&INVALID_DIRECTIVE, "# check=skip=A;error=yes\n                     ^^^ error\nFROM a:1\n");
        fires(&INVALID_DIRECTIVE, "# check=skip=A;\n              ^ error\nFROM a:1\n");
        fires(
            &INVALID_DIRECTIVE,
            "# check=skip=A;skip=B;error=1;x\n                            ^^^ error\nFROM a:1\n",
        );
    }

    #[test]
    fn each_directive_stands_once() {
        fires(
            &INVALID_DIRECTIVE,
            "
            # syntax=docker/dockerfile:1
            # SYNTAX=docker/dockerfile:1
              ^^^^^^ error
            FROM a:1
            ",
        );
    }

    #[test]
    fn what_is_not_read_is_a_warning() {
        fires(&INVALID_DIRECTIVE, "# check=skip=A, B\n                ^ warning\nFROM a:1\n");
    }

    #[test]
    fn values_that_work_and_comments_are_left_alone() {
        for directive in [
            "# escape=`",
            "# escape=\\",
            "# check=skip=all",
            "# check=skip=A,B;error=true;experimental=all",
            "# check=skip=Unknown",
            "# check=error=T # why",
            "# check=",
            "# check= ",
            "# escape=",
            "# syntax=x y",
            "#check= skip=A",
            "# comment\n# check=foo",
            "# check=skip=A;skip=B;skip=C;x",
        ] {
            silent(&INVALID_DIRECTIVE, &format!("{directive}\nFROM a:1\n"));
        }
        silent(&INVALID_DIRECTIVE, "FROM a:1\n# check=foo\nRUN ls\n");
    }

    #[test]
    fn each_has_its_fix() {
        let fixes = [
            ("# escape=|", "Use a backtick", "# escape=`"),
            ("# escape= ", "Use a backtick", "# escape=` "),
            ("# check=skip=A;B", "Write `,`", "# check=skip=A,B"),
            ("# check=skip=A;", "Remove the `;`", "# check=skip=A"),
            ("# check=skpi=A", "Use `skip`", "# check=skip=A"),
            ("# check=skip=A, B", "Remove the blank", "# check=skip=A,B"),
            ("# check=error=yes", "Use `true`", "# check=error=true"),
            ("# escape=\\\n# escape=`", "Remove this line", "# escape=\\"),
        ];
        for (line, title, after) in fixes {
            let file = |line: &str| format!("{line}\nFROM a:1\n");
            assert_eq!(fixed(&INVALID_DIRECTIVE, &file(line), title), file(after));
        }
    }
}
