use super::{Findings, context::Context, rule, stage_edits::replace};

rule! {
    /// An empty line in an instruction that is continued over several lines.
    ///
    /// ## Why
    /// BuildKit leaves it out, but will refuse it in a future release: it looks like the end of the instruction. This is
    /// BuildKit's check NoEmptyContinuation.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add \
    ///
    ///     curl
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add \
    ///     curl
    /// ```
    NO_EMPTY_CONTINUATION: "NoEmptyContinuation", "An empty line stands in a continued instruction", Information, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let text = context.doc.text();
    for placed in context.doc.syntax().instructions() {
        let instruction = &placed.instruction;
        let Some(empty) = instruction.empty_lines.first() else { continue };
        // BuildKit says it at the last line, where there is something to mark.
        let head = instruction.head();
        // The body of a heredoc starts on the line after.
        let below = usize::from(head < instruction.len);
        let end = text.line_of(placed.start + head.saturating_sub(1 - below));
        let last = text.line_range(end - below);
        let shown = text.slice(last.clone());
        let start = last.start + (shown.len() - shown.trim_start().len());
        let range = start..(last.start + shown.trim_end().len()).max(start);
        let finding = out.report(&NO_EMPTY_CONTINUATION, range, "Empty continuation line");
        finding.related(placed.at(empty.clone()), "This line is empty");
        if context.fixes {
            let edits =
                instruction.empty_lines.iter().map(|line| replace(placed.at(line.clone()), "")).collect();
            let title = if instruction.empty_lines.len() > 1 {
                "Remove the empty lines"
            } else {
                "Remove the empty line"
            };
            finding.fix(title, Some(edits)).prefer_single_fix();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn one_finding_per_instruction_at_its_last_line() {
        fires(
            &NO_EMPTY_CONTINUATION,
            "
            FROM a:1
            RUN a \\

              b \\
            \t
              c
              ^ information
            RUN d
            ",
        );
    }

    #[test]
    fn comments_between_the_lines_and_empty_lines_elsewhere_are_left_alone() {
        silent(
            &NO_EMPTY_CONTINUATION,
            "FROM a:1\n\nRUN a \\\n# c\n  b\n\nRUN <<EOF\n\nEOF\n\nRUN <<-EOF\n\t\n\tb\n\tEOF\n\nCOPY <<A <<B /\n\nA\n\nB\n",
        );
    }

    #[test]
    fn the_empty_lines_go() {
        assert_eq!(
            fixed(
                &NO_EMPTY_CONTINUATION,
                "FROM a:1\r\nRUN a \\\r\n\r\n \r\n  b\r\n",
                "Remove the empty lines"
            ),
            "FROM a:1\r\nRUN a \\\r\n  b\r\n"
        );
        assert_eq!(
            fixed(&NO_EMPTY_CONTINUATION, "FROM a:1\nRUN <<E \\\n\n && b\n\nE\n", "Remove the empty line"),
            "FROM a:1\nRUN <<E \\\n && b\n\nE\n"
        );
    }
}
