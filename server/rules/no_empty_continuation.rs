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
    blank_end(context, out);
}

/// The blanks that a file ends with below a line that is continued: an empty line without a line ending.
fn blank_end(context: &Context<'_>, out: &mut Findings) {
    let text = context.doc.text();
    let last = text.line_range(text.lines() - 1);
    let Some(placed) = context.doc.syntax().instructions().last() else { return };
    let instruction = &placed.instruction;
    if last.is_empty() || !instruction.heredocs.is_empty() || !instruction.empty_lines.is_empty() {
        return;
    }
    let is_blank = text.slice(last.clone()).trim_matches([' ', '\t']).is_empty();
    let above = text.line_range(text.lines().saturating_sub(2));
    if !is_blank || above.end == last.end || placed.range().end < above.start {
        return;
    }
    if text.slice(above).trim_end().ends_with(context.doc.syntax().escape()) {
        out.report(&NO_EMPTY_CONTINUATION, last.clone(), "Empty continuation line")
            .fix("Remove the empty line", Some(vec![replace(last, "")]))
            .prefer_single_fix();
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
    fn blanks_at_the_end_of_the_file_are_an_empty_line() {
        let text = "FROM a:1\r\nRUN a \\\r\n  ";
        let doc = crate::document::Document::open(text, 0);
        let findings = crate::rules::check(&doc);
        let found: Vec<_> = findings.iter().map(|finding| (finding.code, finding.range.clone())).collect();
        assert_eq!(found, [("NoEmptyContinuation", 19..21)]);
        assert_eq!(fixed(&NO_EMPTY_CONTINUATION, text, "Remove the empty line"), "FROM a:1\r\nRUN a \\\r\n");
        silent(&NO_EMPTY_CONTINUATION, "FROM a:1\r\nRUN a\r\n  ");
        silent(&NO_EMPTY_CONTINUATION, "FROM a:1\r\nRUN <<E\r\na \\\r\n  ");
        silent(&NO_EMPTY_CONTINUATION, "FROM a:1\r\n# \\\r\n  ");
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
