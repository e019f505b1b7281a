use std::ops::Range;

use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{insert, newline, replace},
};
use crate::{
    syntax::{
        Arguments, Heredoc, Instruction, Placed, Word,
        variables::docker::{Quotes, problem},
    },
    text::Edit,
};

rule! {
    /// A heredoc without the line that ends it.
    ///
    /// ## Why
    /// A heredoc goes on to a line that is just its word, without blanks (behind `<<-` tabs may stand in front). Without
    /// such a line it takes the rest of the file, and the build stops. BuildKit looks for `<<` at the start of a word, whatever
    /// it means to the shell: `$((1 << N))` starts a heredoc too.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN <<EOF
    /// apk add curl
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN <<EOF
    /// apk add curl
    /// EOF
    /// ```
    UNTERMINATED_HEREDOC: "unterminated-heredoc", "A heredoc without its end", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    // It takes the rest of the file: only the last instruction can have one.
    let Some(placed) = context.doc.syntax().instructions().last() else { return };
    let instruction = placed.instruction.effective();
    if instruction.heredoc_markers.is_empty() || is_unreadable(instruction) {
        return;
    }
    let heredocs = &instruction.heredocs;
    let open = heredocs.iter().position(|heredoc| heredoc.end.is_none()).unwrap_or(heredocs.len());
    // Those behind it got no text at all.
    let Some(marker) = instruction.heredoc_markers.get(open) else { return };
    let range = placed.at(marker.range());
    let name = delimiter(marker.text());
    if is_operator(marker, &name) {
        let shown = marker.text();
        let message = format!("BuildKit takes \"{shown}\" as the start of a heredoc, which then has no end");
        let blank = placed.at(marker.source(shown.find("<<").unwrap_or(0)..shown.len())).start;
        out.report(&UNTERMINATED_HEREDOC, range, message)
            .fix("Take the blank in front of `<<` away", join(context, blank))
            .prefer_single_fix();
        return;
    }
    let message = match name.is_empty() {
        true => "The heredoc has no end".to_owned(),
        false => format!("The heredoc has no end: a line with nothing but \"{name}\""),
    };
    let finding = out.report(&UNTERMINATED_HEREDOC, range, message);
    if !context.fixes || name.contains(['$', '\n']) || name.is_empty() {
        return;
    }
    let near = heredocs.get(open).and_then(|heredoc| near_end(context, placed, heredoc, &name));
    if let Some(line) = near {
        finding.related(line.clone(), "This line has white space around the word");
        finding.fix("Take the white space off", Some(vec![replace(line, name)])).prefer_single_fix();
        return;
    }
    // Behind a continuation at the end of the file the next line would go on with the instruction.
    let end = placed.start + placed.instruction.len;
    let is_torn =
        heredocs.is_empty() && context.doc.text().slice(placed.at(marker.range()).end..end).contains('\n');
    if is_torn {
        return;
    }
    finding.fix(format!("Insert `{name}`"), Some(vec![end_line(context, placed, &name)])).prefer_single_fix();
}

/// Whether BuildKit can't read all of it, for example a `${X,,}`: then it finds no heredoc (parser/parser.go,
/// `heredocsFromLine`).
fn is_unreadable(instruction: &Instruction) -> bool {
    match &instruction.arguments {
        Arguments::Text(text) => problem(text.text(), '\\', Quotes::Taken).is_some(),
        Arguments::Words { words, .. } => {
            let words: Vec<&str> = words.iter().map(Word::text).collect();
            problem(&words.join(" "), '\\', Quotes::Taken).is_some()
        }
        _ => false,
    }
}

/// The word that ends the heredoc of a marker.
fn delimiter(marker: &str) -> String {
    let word = marker.trim_start_matches(|c: char| c.is_ascii_digit());
    let word = word.strip_prefix("<<").unwrap_or(word);
    let word = word.strip_prefix('-').unwrap_or(word).trim_start();
    word.chars().filter(|c| !matches!(c, '"' | '\'' | '\\')).collect()
}

/// Whether it looks more like arithmetic than like a heredoc.
fn is_operator(marker: &Word, name: &str) -> bool {
    let blank = marker.text().split_once("<<").is_some_and(|(_, rest)| rest.starts_with([' ', '\t']));
    name.contains([')', '(', ';', '|', '&']) || (blank && name.bytes().all(|b| b.is_ascii_digit()))
}

/// Takes the blanks in front of `at` away, so that no word starts there.
fn join(context: &Context<'_>, at: usize) -> Option<Vec<Edit>> {
    let text = context.doc.text();
    let before = text.slice(text.line_start(text.line_of(at))..at);
    let end = before.trim_end_matches([' ', '\t']);
    let blank = before.len() - end.len();
    (blank > 0 && !end.is_empty()).then(|| vec![replace(at - blank..at, "")])
}

/// The first line of the body that is the word with white space around.
fn near_end(context: &Context<'_>, placed: &Placed, heredoc: &Heredoc, name: &str) -> Option<Range<usize>> {
    let body = placed.at(heredoc.body.clone());
    let text = context.doc.text().slice(body.clone());
    let mut at = body.start;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        if content.trim() == name {
            return Some(at..at + content.len());
        }
        at += line.len();
    }
    None
}

/// The end where it most likely belongs: in front of the first line that starts with an instruction in capitals, or at the
/// end of the file.
fn end_line(context: &Context<'_>, placed: &Placed, name: &str) -> Edit {
    const STARTS: [&str; 10] =
        ["FROM ", "RUN ", "COPY ", "CMD ", "ENTRYPOINT ", "WORKDIR ", "USER ", "ENV ", "EXPOSE ", "ARG "];
    let text = context.doc.text();
    let newline = newline(context);
    let first = text.line_of(placed.start) + 1;
    let starts = |line: &usize| {
        let line = text.slice(text.line_range(*line));
        STARTS.iter().any(|start| line.starts_with(start))
    };
    match (first..text.lines()).find(starts) {
        // The line may belong to the heredoc's own instruction.
        Some(line) if text.line_start(line) > placed.start + body_start(placed) => {
            insert(text.line_start(line), format!("{name}{newline}"))
        }
        _ => {
            let is_open = text.line_start(text.line_of(text.len())) < text.len();
            let before = if is_open { newline } else { "" };
            insert(text.len(), format!("{before}{name}{newline}"))
        }
    }
}

/// Where the first heredoc's text starts, in bytes from the start of the instruction.
fn body_start(placed: &Placed) -> usize {
    let heredocs = &placed.instruction.effective().heredocs;
    heredocs.first().map_or(placed.instruction.len, |heredoc| heredoc.body.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, only, silent};

    #[test]
    fn a_heredoc_needs_its_end() {
        fires(&UNTERMINATED_HEREDOC, "FROM a:1\nRUN <<EOF\n    ^^^^^ error\nls\nFROM b:1\n");
        fires(&UNTERMINATED_HEREDOC, "FROM a:1\nRUN cat 3<<-'EOF' x\n        ^^^^^^^^^ error\n");
        fires(&UNTERMINATED_HEREDOC, "FROM a:1\nCOPY <<A <<B /x\n         ^^^ error\nA\n");
        fires(&UNTERMINATED_HEREDOC, "FROM a:1\nONBUILD RUN <<EOF\n            ^^^^^ error\n EOF\n");
        only("FROM a:1\nRUN <<EOF", &["unterminated-heredoc"]);
    }

    #[test]
    fn what_has_its_end_or_is_none_is_left_alone() {
        silent(
            &UNTERMINATED_HEREDOC,
            "
            FROM a:1
            RUN <<-A <<\"B\"
            \tA
            B
            RUN cat <<<x
            RUN echo $((1<<FOO))
            RUN echo ${A,,} $((1 << FOO))
            CMD cat <<EOF
            ",
        );
    }

    #[test]
    fn a_shift_is_a_heredoc_too() {
        let text = "FROM a:1\nRUN echo $((1 << FOO))\nRUN ls\n";
        assert_eq!(
            message(&UNTERMINATED_HEREDOC, text),
            "BuildKit takes \"<< FOO))\" as the start of a heredoc, which then has no end"
        );
        let after = fixed(&UNTERMINATED_HEREDOC, text, "Take the blank in front of `<<` away");
        assert_eq!(after, "FROM a:1\nRUN echo $((1<< FOO))\nRUN ls\n");
    }

    #[test]
    fn the_end_comes_where_it_is_missing() {
        let fix = |text: &str, title: &str| fixed(&UNTERMINATED_HEREDOC, text, title);
        assert_eq!(
            fix("FROM a:1\nRUN <<EOF\nls\n\nFROM b:1\nRUN ls\n", "Insert `EOF`"),
            "FROM a:1\nRUN <<EOF\nls\n\nEOF\nFROM b:1\nRUN ls\n"
        );
        assert_eq!(fix("FROM a:1\r\nRUN <<EOF", "Insert `EOF`"), "FROM a:1\r\nRUN <<EOF\r\nEOF\r\n");
        assert_eq!(fix("FROM a:1\r\nRUN <<E\r\nls\r\n", "Insert `E`"), "FROM a:1\r\nRUN <<E\r\nls\r\nE\r\n");
        assert_eq!(
            fix("FROM a:1\nRUN <<EOF\nls\n  EOF \nRUN x\n", "Take the white space off"),
            "FROM a:1\nRUN <<EOF\nls\nEOF\nRUN x\n"
        );
    }
}
