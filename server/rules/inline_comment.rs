use std::ops::Range;

use super::{
    Findings, Severity,
    context::Context,
    rule,
    stage_edits::{indent, insert, newline, replace},
};
use crate::{
    syntax::{Arguments, Instruction, Keyword, Placed, Word},
    text::Edit,
};

rule! {
    /// A comment at the end of an instruction.
    ///
    /// ## Why
    /// Only a line that starts with `#` is a comment. Elsewhere `#` and the words behind it are arguments: `FROM` and `ENV`
    /// stop the build, `COPY` copies files of these names, `USER` and `WORKDIR` take it all as their value, and JSON behind
    /// which something stands becomes a shell command.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS builder # compiles
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// # compiles
    /// FROM golang:1.22 AS builder
    /// ```
    INLINE_COMMENT: "inline-comment", "A comment that is none, for it does not start its line", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.doc.syntax().instructions().iter().enumerate() {
        let instruction = placed.instruction.effective();
        for (at, range) in comments(context, placed) {
            let severity = severity(context, index, instruction, at);
            let message = format!("A comment needs a line of its own: {}", what_happens(instruction.keyword));
            let edits = move_up(context, placed, &range);
            out.report(&INLINE_COMMENT, range, message)
                .severity(severity)
                .fix("Move the comment to its own line", edits)
                .prefer_single_fix();
        }
    }
}

/// What was meant as a comment in an instruction: where it starts, in bytes from the start of the instruction, and all of
/// it in bytes of the file.
pub(super) fn comments(context: &Context<'_>, placed: &Placed) -> Vec<(usize, Range<usize>)> {
    let mut found: Vec<(usize, Range<usize>)> = Vec::new();
    for at in starts(placed.instruction.effective()) {
        let start = placed.at(at..at).start;
        if found.last().is_none_or(|(_, last)| last.end <= start) {
            found.push((at, comment(context, placed, start)));
        }
    }
    found
}

/// Where something starts that was meant as a comment, in bytes from the start of the (outer) instruction.
fn starts(instruction: &Instruction) -> Vec<usize> {
    let starting = |words: &[Word], skip: usize| {
        let words = words.iter().skip(skip).filter(|word| word.text().starts_with('#'));
        words.map(|word| word.range().start).collect()
    };
    match (instruction.keyword, &instruction.arguments) {
        (Keyword::From, Arguments::From(from)) => {
            let words = from.base.iter().chain(&from.name).chain(&from.unexpected);
            let starts = words.filter(|word| word.text().starts_with('#'));
            starts.map(|word| word.range().start).collect()
        }
        // A file can be called `#…`: what follows a source and a destination is meant otherwise.
        (Keyword::Copy | Keyword::Add, Arguments::Words { words, json: false }) => starting(words, 2),
        (Keyword::Expose | Keyword::Volume, Arguments::Words { words, json: false }) => starting(words, 1),
        (Keyword::User | Keyword::Workdir | Keyword::StopSignal, Arguments::Words { words, .. }) => {
            words.first().and_then(behind_blank).into_iter().collect()
        }
        (Keyword::Env | Keyword::Label | Keyword::Arg, Arguments::Pairs(pairs)) => match &pairs[..] {
            // The legacy form: all that follows the name is the value.
            [pair] if pair.legacy => pair.value.as_ref().and_then(behind_blank).into_iter().collect(),
            pairs => {
                let names = pairs.iter().skip(1).map(|pair| &pair.name);
                names.filter(|name| name.text().starts_with('#')).map(|name| name.range().start).collect()
            }
        },
        (
            Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell | Keyword::Healthcheck,
            Arguments::Text(word),
        ) => behind_json(word).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Where a `#` follows white space, outside of quotes.
fn behind_blank(word: &Word) -> Option<usize> {
    let text = word.text();
    let at = text.match_indices('#').map(|(at, _)| at).find(|&at| {
        let before = &text[..at];
        before.ends_with([' ', '\t']) && !before.trim().is_empty()
    })?;
    let quotes = text[..at].matches(['"', '\'']).count();
    (quotes.is_multiple_of(2)).then(|| word.source(at..at + 1).start)
}

/// Where a `#` follows the end of a JSON array of strings.
pub(super) fn behind_json(word: &Word) -> Option<usize> {
    let text = word.text();
    if !text.trim_start().starts_with('[') {
        return None;
    }
    let mut array = serde_json::Deserializer::from_str(text).into_iter::<Vec<String>>();
    array.next()?.ok()?;
    let end = array.byte_offset();
    let rest = text[end..].trim_start();
    let at = text.len() - rest.len();
    rest.starts_with('#').then(|| word.source(at..at + 1).start)
}

/// From `start` (bytes of the file) to the end of its line, without what continues the line.
fn comment(context: &Context<'_>, placed: &Placed, start: usize) -> Range<usize> {
    let text = context.doc.text();
    let end = text.line_range(text.line_of(start)).end;
    let line = text.slice(start..end.max(start));
    let mut comment = line.trim_end();
    if placed.range().end > end {
        comment = comment.strip_suffix(context.doc.syntax().escape()).unwrap_or(comment).trim_end();
    }
    start..start + comment.len()
}

fn severity(context: &Context<'_>, index: usize, instruction: &Instruction, at: usize) -> Severity {
    let onbuild = context.instruction(index).instruction.keyword == Keyword::Onbuild;
    match (instruction.keyword, &instruction.arguments) {
        (Keyword::Shell, _) => context.refused(index),
        // The parser refuses it wherever it is.
        (Keyword::Env | Keyword::Label, Arguments::Pairs(pairs)) => {
            let mut behind = pairs.iter().filter(|pair| pair.range.start >= at);
            if behind.any(|pair| pair.value.is_none()) { Severity::Error } else { Severity::Warning }
        }
        _ if onbuild => Severity::Warning,
        (Keyword::From, _) => Severity::Error,
        // Looked at when the stage is built.
        (Keyword::Expose | Keyword::StopSignal, _) => match context.stages.of_instruction(index) {
            Some(stage) => context.if_built(stage.index),
            None => Severity::Warning,
        },
        _ => Severity::Warning,
    }
}

fn what_happens(keyword: Keyword) -> String {
    let name = keyword.name();
    match keyword {
        Keyword::From => "FROM takes one word, or three with AS".to_owned(),
        Keyword::Env | Keyword::Label => format!("{name} treats what follows # as names and values"),
        Keyword::Expose => "EXPOSE treats every word as a port".to_owned(),
        Keyword::Volume => "VOLUME treats every word as a path".to_owned(),
        Keyword::Arg => "ARG declares arguments with these names".to_owned(),
        Keyword::Copy | Keyword::Add => {
            format!("{name} treats # and what follows as files, and the last word as the destination")
        }
        Keyword::Shell => "SHELL needs JSON, and nothing behind it".to_owned(),
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck => {
            format!("with something behind its ], {name} treats the JSON as a shell command")
        }
        _ => format!("{name} treats it as a part of its value"),
    }
}

/// Puts the comment on a line of its own, above the instruction.
fn move_up(context: &Context<'_>, placed: &Placed, range: &Range<usize>) -> Option<Vec<Edit>> {
    let text = context.doc.text();
    let comment = text.slice(range.clone());
    // On top of the file `# name=value` would be a parser directive.
    let is_first = context.doc.syntax().instructions()[0].start == placed.start;
    let name = comment.trim_start_matches(['#', ' ', '\t']).split('=').next().unwrap_or_default();
    if is_first && comment.contains('=') && name.trim_end().chars().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let line = text.line_start(text.line_of(range.start));
    let before = text.slice(line..range.start);
    let blank = before.len() - before.trim_end_matches([' ', '\t']).len();
    let above = text.line_start(text.line_of(placed.start));
    let moved = format!("{}{comment}{}", indent(context, placed.start), newline(context));
    Some(vec![insert(above, moved), replace(range.start - blank..range.end, "")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn where_words_are_counted_or_checked_it_is_an_error() {
        fires(
            &INLINE_COMMENT,
            "
            FROM a:1 AS x # build
                          ^^^^^^^ error
            ENV A=b # c
                    ^^^ error
            LABEL a=b #c d
                      ^^^^ error
            EXPOSE 80 # web
                      ^^^^^ error
            STOPSIGNAL SIGTERM # now
                               ^^^^^ error
            SHELL [\"a\"] # b
                        ^^^ error
            ",
        );
    }

    #[test]
    fn where_it_becomes_a_value_it_is_a_warning() {
        fires(
            &INLINE_COMMENT,
            "
            FROM a:1
            COPY a /b # why
                      ^^^^^ warning
            ADD --chown=1 a /b\t# why
                               ^^^^^ warning
            USER node # why
                      ^^^^^ warning
            WORKDIR /a   # why not
                         ^^^^^^^^^ warning
            ARG A=1 # why
                    ^^^^^ warning
            VOLUME /a # why
                      ^^^^^ warning
            CMD [\"a\", \"#\"] # why
                           ^^^^^ warning
            ENTRYPOINT [\"a\"] # why
                             ^^^^^ warning
            HEALTHCHECK CMD [\"a\"] # why
                                  ^^^^^ warning
            ENV A b # why
                    ^^^^^ warning
            ENV A=b #c=d
                    ^^^^ warning
            ",
        );
    }

    #[test]
    fn what_is_not_built_or_triggered_does_not_fail() {
        fires(
            &INLINE_COMMENT,
            "
            FROM a:1 AS x
            EXPOSE 80 # web
                      ^^^^^ warning
            ONBUILD ENV A=b # c
                            ^^^ error
            ONBUILD SHELL [\"a\"] # c
                                ^^^ warning
            FROM a:1
            ",
        );
    }

    #[test]
    fn shells_strings_words_and_comments_are_left_alone() {
        silent(
            &INLINE_COMMENT,
            "
            FROM a:1
            RUN make # why
            CMD make # why
            HEALTHCHECK CMD curl x # why
            COPY a#1 /b
            COPY #a #b
            COPY a \\
              # why
              /b
            COPY <<EOF /a
            USER x # data
            EOF
            ENV A=\"b # c\" B=\"#\"
            ENV A \"b # c\"
            WORKDIR /a#b
            EXPOSE 80
            MAINTAINER a # b
            ",
        );
    }

    #[test]
    fn the_comment_moves_above_the_instruction() {
        let fix = |text: &str| fixed(&INLINE_COMMENT, text, "Move the comment to its own line");
        assert_eq!(fix("FROM a:1\n  USER x   # why\n"), "FROM a:1\n  # why\n  USER x\n");
        assert_eq!(fix("FROM a:1 AS x # build\r\nRUN b\r\n"), "# build\r\nFROM a:1 AS x\r\nRUN b\r\n");
        assert_eq!(fix("FROM a:1\nCOPY a b # why \\\n  /c\n"), "FROM a:1\n# why\nCOPY a b \\\n  /c\n");
        assert_eq!(fix("FROM a:1\nCMD [\"a\"] # why\n"), "FROM a:1\n# why\nCMD [\"a\"]\n");
    }

    #[test]
    fn it_is_the_only_finding() {
        only("FROM a:1 AS b # c\nFROM b\n", &["inline-comment"]);
        only("FROM scratch     # Minimal base\nCOPY a /\n", &["inline-comment"]);
        // What a COPY is about is told as if the comment were one.
        let stages = |copy: &str| {
            format!(
                "FROM a:1 AS b\nWORKDIR /app\nRUN make\nFROM alpine:3.20\nWORKDIR /app\nCOPY --from=b {copy}\n"
            )
        };
        only(&stages("/app/dist ./dist # What was built"), &["inline-comment"]);
        only(&stages("/app/lib ./lib  # lib dist /bin"), &["inline-comment"]);
        only(&stages("dist ./dist # why"), &["relative-copy-source", "inline-comment"]);
        // The last stage is known in spite of its comment.
        only(
            "FROM node:20\nRUN make\nFROM node:20 # c\nUSER root\n",
            &["dead-unnamed-stage", "inline-comment", "explicit-root-at-end"],
        );
    }
}
