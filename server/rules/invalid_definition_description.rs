use std::ops::Range;

use super::{
    Findings,
    context::Context,
    rule, rule_index,
    stage_edits::{insert, newline, replace},
};
use crate::{
    syntax::{Arguments, Keyword},
    text::Edit,
};

rule! {
    /// A comment above a stage or argument that does not start with its name.
    ///
    /// ## Why
    /// A comment that starts with the name is the description that `docker build --call=targets` and `--call=outline` show.
    /// This is BuildKit's experimental check InvalidDefinitionDescription: it is off unless `# check=experimental=` asks
    /// for it.
    ///
    /// ## Example
    /// ```dockerfile
    /// # check=experimental=InvalidDefinitionDescription
    /// # The compiler and all it needs
    /// FROM golang:1.22 AS builder
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// # check=experimental=InvalidDefinitionDescription
    /// # builder The compiler and all it needs
    /// FROM golang:1.22 AS builder
    /// ```
    INVALID_DEFINITION_DESCRIPTION: "InvalidDefinitionDescription",
    "A comment above a stage or argument does not start with its name", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    if !may_be_asked_for(context) {
        return;
    }
    for (index, placed) in context.doc.syntax().instructions().iter().enumerate() {
        let instruction = &placed.instruction;
        let names: Vec<String> = match (&instruction.arguments, instruction.keyword) {
            (Arguments::From(from), _) => from.name.iter().map(|name| name.text().to_lowercase()).collect(),
            (Arguments::Pairs(pairs), Keyword::Arg) => {
                pairs.iter().map(|pair| pair.name.text().to_owned()).collect()
            }
            _ => continue,
        };
        let comments = if names.is_empty() { Vec::new() } else { context.doc.comments_above(index) };
        let Some((range, text)) = comments.last() else { continue };
        let first = text.split(' ').next().unwrap_or_default();
        if names.iter().any(|name| name == first) {
            continue;
        }
        let example = if let [name] = &names[..] { name } else { "<arg_key>" };
        let keyword = instruction.keyword.name();
        let message = format!("Comment for {keyword} should follow the format: `# {example} <description>`");
        let finding = out.report(&INVALID_DEFINITION_DESCRIPTION, range.clone(), message);
        finding.related(placed.at(instruction.word.range()), "What it describes");
        let name = &names[0];
        let named = (names.len() == 1).then(|| vec![with_name(context, range, name)]);
        finding.fix(format!("Start it with `{name}`"), named);
        // Behind blanks it would not be empty: BuildKit takes the first character of the line off.
        let separator = format!("{}#", newline(context));
        finding.fix("Separate it with an empty comment", Some(vec![insert(range.end, separator)]));
    }
}

/// Puts a name in front of what a comment says, and the `#` at the start of the line.
fn with_name(context: &Context<'_>, comment: &Range<usize>, name: &str) -> Edit {
    let text = context.doc.text();
    let said = text.slice(comment.clone()).into_owned();
    let words = said.trim_start_matches('#').trim_start();
    let start = text.line_start(text.line_of(comment.start));
    let end = comment.start + (said.len() - words.len());
    // Of a line without blanks in front only what is missing is put in.
    if start == comment.start && said.starts_with("# ") {
        return insert(end, format!("{name} "));
    }
    replace(start..end, format!("# {name} "))
}

/// Whether a setting or a comment can have asked for it: nobody else needs to wait for it.
fn may_be_asked_for(context: &Context<'_>) -> bool {
    let doc = context.doc;
    let says = |range: &Range<usize>| doc.text().slice(range.clone()).contains("experimental");
    let level =
        rule_index(INVALID_DEFINITION_DESCRIPTION.code).and_then(|index| doc.settings().levels.get(index));
    level.is_some()
        || doc.syntax().directives().iter().any(|directive| says(&directive.range))
        || doc.syntax().comments().iter().any(says)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    const ON: &str = "# check=experimental=InvalidDefinitionDescription\n";

    #[test]
    fn the_last_comment_above_counts() {
        fires(
            &INVALID_DEFINITION_DESCRIPTION,
            "
            # check=skip=StageNameCasing;experimental=all
            # X is given
            # the version
            ^^^^^^^^^^^^^ warning
            ARG X
            # a word
            ^^^^^^^^ warning
            FROM a:1 AS b
            ",
        );
    }

    #[test]
    fn it_is_off_by_default_and_for_comments_that_are_separate() {
        silent(&INVALID_DEFINITION_DESCRIPTION, "# c\nFROM a:1 AS b\n");
        silent(
            &INVALID_DEFINITION_DESCRIPTION,
            &format!("{ON}# X c\nARG X\n# Y c\nARG X Y\n# c\n#\nFROM a:1 AS B\n# c\nFROM a:1\n# c\nRUN ls\n"),
        );
    }

    #[test]
    fn a_name_in_front_or_a_line_between() {
        let text = format!("{ON}# The  tool\nFROM a:1 AS Tool\n");
        let fix = |title| fixed(&INVALID_DEFINITION_DESCRIPTION, &text, title);
        assert_eq!(fix("Start it with `tool`"), format!("{ON}# tool The  tool\nFROM a:1 AS Tool\n"));
        assert_eq!(
            fix("Separate it with an empty comment"),
            format!("{ON}# The  tool\n#\nFROM a:1 AS Tool\n")
        );
    }
}
