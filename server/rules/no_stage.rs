use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{insert, newline},
};
use crate::syntax::{Keyword, Placed};

rule! {
    /// A file without any `FROM`.
    ///
    /// ## Why
    /// A build needs at least one stage, and a stage starts with `FROM`. `FROM scratch` is one that starts from nothing.
    ///
    /// ## Example
    /// ```dockerfile
    /// ARG VERSION=1
    /// COPY app /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// ARG VERSION=1
    /// FROM scratch
    /// COPY app /app
    /// ```
    NO_STAGE: "no-stage", "A file without any `FROM`", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    if !context.stages.all().is_empty() || !context.doc.is_read() {
        return;
    }
    let all = context.doc.syntax().instructions();
    let Some(first) = all.first() else {
        // Where BuildKit says it: at the end of the last line.
        let text = context.doc.text();
        let last = text.line_of(text.len());
        let is_empty = last > 0 && text.line_start(last) == text.len();
        let at = text.line_range(last - usize::from(is_empty)).end;
        out.report(&NO_STAGE, at..at, "There is no instruction: a build needs at least one stage");
        return;
    };
    let is_arg = |placed: &&Placed| placed.instruction.keyword == Keyword::Arg;
    let misplaced = all.iter().find(|placed| !is_arg(placed));
    // An unknown word may be a FROM that is being typed; so may one below ARGs.
    let is_unknown = |placed: &Placed| placed.instruction.keyword == Keyword::Unknown;
    if misplaced.is_some_and(is_unknown) {
        return;
    }
    let at = misplaced.unwrap_or(first);
    let line = context.doc.text().line_start(context.doc.text().line_of(at.start));
    let skeleton = format!("FROM scratch{}", newline(context));
    out.report(
        &NO_STAGE,
        at.at(at.instruction.word.range()),
        "There is no FROM: a build needs at least one stage",
    )
    .fix("Insert `FROM scratch`", misplaced.map(|_| vec![insert(line, skeleton)]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn a_file_needs_a_stage() {
        fires(&NO_STAGE, "# c\nARG A=1\n^^^ error\n");
        fires(&NO_STAGE, "ARG A=1\nRUN ls\n^^^ error\nCOPY a b\n");
        for text in ["", "\n", "# c", "# syntax=docker/dockerfile:1\n", "\u{feff}", " \r\n"] {
            only(text, &["no-stage"]);
        }
    }

    #[test]
    fn a_word_that_may_become_a_from_is_another_finding() {
        silent(&NO_STAGE, "FRO\n");
        silent(&NO_STAGE, "ARG A\nFRMO a\nRUN ls\n");
        silent(&NO_STAGE, "FROM\n");
    }

    #[test]
    fn what_there_is_gets_a_stage() {
        let fix = |text: &str| fixed(&NO_STAGE, text, "Insert `FROM scratch`");
        assert_eq!(fix("ARG A=1\n# c\nCOPY a b\n"), "ARG A=1\n# c\nFROM scratch\nCOPY a b\n");
    }
}
