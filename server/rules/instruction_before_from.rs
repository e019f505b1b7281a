use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{insert, newline, replace},
};
use crate::{
    syntax::{Keyword, Placed},
    text::Edit,
};

rule! {
    /// An instruction that belongs to no stage.
    ///
    /// ## Why
    /// Only ARG, comments and parser directives may stand above the first FROM. With anything else the build stops.
    ///
    /// ## Example
    /// ```dockerfile
    /// WORKDIR /app
    /// FROM alpine:3.20
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// WORKDIR /app
    /// ```
    INSTRUCTION_BEFORE_FROM: "instruction-before-from", "An instruction above the first FROM", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let Some(stage) = context.stages.all().first() else { return };
    let above = &context.doc.syntax().instructions()[..stage.instructions.start];
    // An unknown word may be a FROM that is being typed.
    let unknown = above.iter().position(|placed| placed.instruction.keyword == Keyword::Unknown);
    let above = &above[..unknown.unwrap_or(above.len())];
    let misplaced: Vec<&Placed> =
        above.iter().filter(|placed| placed.instruction.keyword != Keyword::Arg).collect();
    let Some(first) = misplaced.first() else { return };
    let finding = out.report(
        &INSTRUCTION_BEFORE_FROM,
        first.at(first.instruction.word.range()),
        format!("{} stands before the first FROM; only ARG can", first.instruction.keyword.name()),
    );
    finding.related(context.declaration(stage.index), "The first stage starts here");
    for other in &misplaced[1..] {
        finding.related(other.at(other.instruction.word.range()), "This one too");
    }
    finding.fix("Move below FROM", move_below(context, &misplaced)).prefer_single_fix();
}

/// Moves whole lines, in their order, to the line after the first FROM.
fn move_below(context: &Context<'_>, misplaced: &[&Placed]) -> Option<Vec<Edit>> {
    let text = context.doc.text();
    let newline = newline(context);
    let from = context.declaration(0);
    let mut moved = String::new();
    let mut edits = Vec::new();
    for placed in misplaced {
        let range = placed.range();
        if placed.instruction.heredocs.iter().any(|heredoc| heredoc.end.is_none()) {
            return None;
        }
        let last = text.line_of(range.end.saturating_sub(1));
        let lines = text.line_start(text.line_of(range.start))..text.line_start(last + 1);
        moved += newline;
        moved += text.slice(range).trim_end_matches(['\r', '\n']);
        edits.push(replace(lines, ""));
    }
    edits.push(insert(from.end, moved));
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn one_finding_stands_for_all_of_them() {
        fires(
            &INSTRUCTION_BEFORE_FROM,
            "
            ARG V=1
            ENV A=$V
            ^^^ error
            RUN <<EOF
            FROM x
            EOF
            FROM a:$V
            RUN ls
            ",
        );
    }

    #[test]
    fn args_comments_and_directives_may_stand_there() {
        silent(&INSTRUCTION_BEFORE_FROM, "# escape=\\\n# c\nARG A=1\narg B\n\nFROM a:1\nRUN ls\n");
    }

    #[test]
    fn all_of_them_move() {
        assert_eq!(
            fixed(
                &INSTRUCTION_BEFORE_FROM,
                "
                WORKDIR /a
                ARG V=1
                RUN a \\
                  b
                # The app.
                FROM a:$V AS x
                RUN ls
                ",
                "Move below FROM",
            ),
            "ARG V=1\n# The app.\nFROM a:$V AS x\nWORKDIR /a\nRUN a \\\n  b\nRUN ls\n"
        );
        assert_eq!(
            fixed(&INSTRUCTION_BEFORE_FROM, "RUN a\r\nFROM a:1\r\n", "Move below FROM"),
            "FROM a:1\r\nRUN a\r\n"
        );
    }
}
