use std::ops::Range;

use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{insert, newline, replace},
};
use crate::text::Edit;

rule! {
    /// A parser directive that is a mere comment, for it does not stand on top of the file.
    ///
    /// ## Why
    /// Directives count as long as nothing else came before: the first instruction, empty line or other comment ends them.
    /// Below, `# syntax=`, `# escape=` and `# check=error=` do nothing, and nobody says so.
    ///
    /// ## Example
    /// ```dockerfile
    /// # Our image.
    /// # syntax=docker/dockerfile:1
    /// FROM alpine:3.20
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// # syntax=docker/dockerfile:1
    /// # Our image.
    /// FROM alpine:3.20
    /// ```
    MISPLACED_DIRECTIVE: "misplaced-directive", "A parser directive that comes too late to be one", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let text = context.doc.text();
    for comment in context.doc.syntax().comments() {
        let line = text.slice(comment.clone());
        let Some(name) = directive(&line) else { continue };
        let message = format!("# {name}= does nothing here: it must stand on top of the file");
        out.report(&MISPLACED_DIRECTIVE, comment.clone(), message)
            .fix("Move it to the top", move_up(context, comment, name))
            .prefer_single_fix();
    }
}

/// The directive that a comment would be on top of the file, if it is one that does nothing below.
fn directive(comment: &str) -> Option<&'static str> {
    let (name, value) = comment.strip_prefix('#')?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let is = |other| name.eq_ignore_ascii_case(other);
    if is("escape") && matches!(value, "`" | "\\") {
        Some("escape")
    } else if is("syntax") && is_image(value) {
        Some("syntax")
    } else if is("check") && is_for_file(value) {
        Some("check")
    } else {
        None
    }
}

/// Whether it looks like the name of a frontend: `docker/dockerfile:1`.
fn is_image(value: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
    value.contains('/') && value.chars().all(is_part) && !value.contains("//") && !value.starts_with('/')
}

/// Whether these are options of `# check=` with one that counts for a whole file only.
fn is_for_file(value: &str) -> bool {
    let mut for_file = false;
    value.split(';').all(|option| {
        let Some((key, value)) = option.split_once('=') else { return false };
        let switches = key == "error" && matches!(value, "true" | "false");
        for_file |= switches;
        switches || matches!(key, "skip" | "experimental")
    }) && for_file
}

/// Puts the line below the directives that there are. What a new escape character would do to the file is not known here.
fn move_up(context: &Context<'_>, comment: &Range<usize>, name: &str) -> Option<Vec<Edit>> {
    if !context.fixes || name == "escape" {
        return None;
    }
    let text = context.doc.text();
    let directives = context.doc.syntax().directives();
    let same = |range: &Range<usize>| text.slice(range.clone()).eq_ignore_ascii_case(name);
    if directives.iter().any(|directive| same(&directive.name)) {
        return None;
    }
    let first = text.slice(text.line_range(0));
    let top = match directives.last() {
        Some(last) => text.line_start(text.line_of(last.range.start) + 1),
        None if first.starts_with('\u{feff}') => 3,
        None if first.starts_with("#!") => return None,
        None => 0,
    };
    let line = text.line_of(comment.start);
    let cut = replace(text.line_start(line).max(top)..text.line_start(line + 1), "");
    Some(vec![insert(top, format!("{}{}", text.slice(comment.clone()), newline(context))), cut])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn what_stands_below_other_lines_does_nothing() {
        fires(
            &MISPLACED_DIRECTIVE,
            "
            # My image.
            # syntax=docker/dockerfile:1
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning
            #escape = `
            ^^^^^^^^^^^ warning
            FROM a:1
            # check=skip=StageNameCasing;error=true
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning
            RUN ls
            ",
        );
    }

    #[test]
    fn directives_prose_and_checks_of_one_instruction_are_left_alone() {
        silent(
            &MISPLACED_DIRECTIVE,
            "
            # syntax=docker/dockerfile:1
            # escape=`
            # check=error=true
            # The syntax= line above is needed
            # syntax = see above
            # escape=x
            ## syntax=docker/dockerfile:1
            FROM a:1
            # check=skip=JSONArgsRecommended
            CMD ls
            RUN <<EOF
            # syntax=docker/dockerfile:1
            EOF
            ",
        );
    }

    #[test]
    fn it_moves_to_the_top() {
        let fix = |text: &str| fixed(&MISPLACED_DIRECTIVE, text, "Move it to the top");
        assert_eq!(fix("# c\n# syntax=a/b\nFROM a:1\n"), "# syntax=a/b\n# c\nFROM a:1\n");
        assert_eq!(
            fix("# escape=\\\r\nFROM a:1\r\n  # syntax=a/b\r\nRUN b\r\n"),
            "# escape=\\\r\n# syntax=a/b\r\nFROM a:1\r\nRUN b\r\n"
        );
        assert_eq!(fix("\u{feff}# c\n# syntax=a/b\nFROM a:1"), "\u{feff}# syntax=a/b\n# c\nFROM a:1");
    }
}
