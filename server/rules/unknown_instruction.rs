use super::{
    Findings,
    context::Context,
    near::nearest,
    rule,
    stage_edits::{insert, replace},
};
use crate::{
    syntax::{Arguments, Instruction, Keyword, Placed},
    text::Edit,
};

rule! {
    /// A line that starts with a word that is no instruction.
    ///
    /// ## Why
    /// BuildKit knows 18 instructions, in any case, each followed by white space. At any other word the build stops. Often it
    /// is a misspelt one, or the line belongs to a command above that lacks its `\`.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENTRYPIONT ["/app"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENTRYPOINT ["/app"]
    /// ```
    UNKNOWN_INSTRUCTION: "unknown-instruction", "A line that starts with no instruction", Error, check
}

/// Every instruction, in lower case (command/command.go).
const NAMES: [&str; 18] = [
    "add",
    "arg",
    "cmd",
    "copy",
    "entrypoint",
    "env",
    "expose",
    "from",
    "healthcheck",
    "label",
    "maintainer",
    "onbuild",
    "run",
    "shell",
    "stopsignal",
    "user",
    "volume",
    "workdir",
];

/// Longest word, in bytes, that can be a misspelt instruction, or one that lacks the blank behind it and is shown whole.
const LONG: usize = 40;

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.doc.syntax().instructions().iter().enumerate() {
        let instruction = placed.instruction.effective();
        if instruction.keyword == Keyword::Unknown && !is_known(instruction) {
            unknown(context, out, index, placed, instruction);
        }
    }
    nothing_continued(context, out);
}

/// A continuation at the end of the file that continues nothing: to BuildKit an instruction without a name
/// (parser/parser.go, `Parse`).
fn nothing_continued(context: &Context<'_>, out: &mut Findings) {
    let text = context.doc.text();
    let Some(last) = context.doc.syntax().instructions().last() else { return };
    let end = last.range().end;
    let rest = text.slice(end..text.len());
    // What stands on the last line of the instruction belongs to it, unless that is the end of a heredoc.
    let mut is_below = !last.instruction.heredocs.is_empty() && text.line_start(text.line_of(end)) == end;
    let mut start = end;
    let mut place = None;
    let mut lines = Vec::new();
    for line in rest.split_inclusive('\n') {
        let shown = line.trim_matches([' ', '\t', '\r', '\n']);
        if is_below && shown.strip_prefix(context.doc.syntax().escape()) == Some("") {
            let at = start + line.find(shown).unwrap_or(0);
            place.get_or_insert(at..at + shown.len());
            lines.push(replace(start..start + line.len(), ""));
        }
        start += line.len();
        is_below = true;
    }
    let Some(place) = place else { return };
    let title = if lines.len() > 1 { "Remove these lines" } else { "Remove the line" };
    out.report(&UNKNOWN_INSTRUCTION, place, "Nothing follows that this line could continue")
        .fix(title, Some(lines))
        .prefer_single_fix();
}

/// Whether BuildKit knows the word after all: a continuation may tear it, and white space of any kind goes off the end of
/// an instruction, which some can do without.
fn is_known(instruction: &Instruction) -> bool {
    let word = instruction.word.text();
    let is = |word: &str, names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name));
    let alone =
        instruction.arguments == Arguments::Nothing && is(word.trim_end(), &["run", "cmd", "entrypoint"]);
    alone || is(word, &NAMES)
}

fn unknown(
    context: &Context<'_>,
    out: &mut Findings,
    index: usize,
    placed: &Placed,
    instruction: &Instruction,
) {
    let word = instruction.word.text();
    let range = placed.at(instruction.word.range());
    let severity = context.refused(index);
    let onbuild = placed.instruction.keyword == Keyword::Onbuild;
    if let Some((name, rest)) = glued(word) {
        let (name, blank) = (&word[..name], rest - name);
        let place = placed.at(instruction.word.source(name.len()..name.len() + blank));
        let message = match blank {
            0 => format!("A blank is missing behind {name}"),
            _ => format!("{name} must be followed by an ordinary blank; this one looks like it and is none"),
        };
        let finding = out.report(&UNKNOWN_INSTRUCTION, range.clone(), message);
        finding.severity(severity);
        // `RUNS` may be `RUN` as well as `RUN S`.
        let near = near(word, onbuild)
            .filter(|_| blank == 0 && word[rest..].starts_with(|c: char| c.is_alphanumeric()));
        if let Some(near) = &near {
            finding.fix(format!("Use `{near}`"), Some(vec![replace(range, near)]));
        }
        finding.fix("Insert a blank", Some(vec![replace(place, " ")]));
        finding.prefer_single_fix();
        return;
    }
    let near = near(word, onbuild);
    let shown: String = word.chars().take(LONG).collect();
    let more = if shown.len() < word.len() { "…" } else { "" };
    let mut message = format!("\"{shown}{more}\" is no instruction");
    if let Some(near) = &near {
        message += &format!(". Did you mean {near}?");
    }
    let finding = out.report(&UNKNOWN_INSTRUCTION, range.clone(), message);
    finding.severity(severity);
    match near {
        Some(near) => finding.fix(format!("Use `{near}`"), Some(vec![replace(range, near)])),
        None => finding.fix("Continue the line above", continue_above(context, index, word)),
    };
    finding.prefer_single_fix();
}

/// What does in a Dockerfile what these do in a shell.
const OF_SHELLS: [(&str, &str); 2] = [("cd", "workdir"), ("export", "env")];

/// The instruction that someone who wrote `word` most likely meant, in the same case.
fn near(word: &str, onbuild: bool) -> Option<String> {
    if let Some((_, name)) = OF_SHELLS.iter().find(|(command, _)| *command == word) {
        return Some(name.to_uppercase());
    }
    let is_allowed = |name: &&str| !onbuild || !matches!(*name, "from" | "maintainer" | "onbuild");
    let near = Some(word).filter(|word| word.len() <= LONG).and_then(|word| nearest(word, &NAMES))?;
    if !is_allowed(&near) {
        return None;
    }
    Some(if word.contains(|c: char| c.is_uppercase()) { near.to_uppercase() } else { near.to_owned() })
}

/// Where the name of an instruction ends in a word that goes on behind it, and where the argument starts: `FROMalpine`,
/// `CMD["a"]`, or with white space between that is none to BuildKit.
fn glued(word: &str) -> Option<(usize, usize)> {
    let starts = |name: &&&str| word.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    let end = NAMES.iter().filter(starts).map(|name| name.len()).max()?;
    let (name, rest) = word.split_at(end);
    let argument = rest.trim_start();
    let upper = name.bytes().all(|b| b.is_ascii_uppercase());
    let fits = |c: char| match c {
        '_' | '-' | '+' | ':' | ';' | ',' | '\\' | '`' => false,
        _ if c.is_ascii_lowercase() => upper,
        _ if c.is_alphanumeric() => false,
        _ => true,
    };
    let is_glued = argument.starts_with(fits) || argument.len() < rest.len();
    is_glued.then_some((end, word.len() - argument.len()))
}

/// Makes the line a part of the command above, if it starts like one that goes on.
fn continue_above(context: &Context<'_>, index: usize, word: &str) -> Option<Vec<Edit>> {
    if !context.fixes || !matches!(word, "&&" | "||" | "|") {
        return None;
    }
    let above = context.instruction(index.checked_sub(1)?);
    let end = above.range().end;
    let text = context.doc.text();
    let is_shell = matches!(above.instruction.keyword, Keyword::Run | Keyword::Cmd | Keyword::Entrypoint)
        && matches!(above.instruction.arguments, Arguments::Text(_))
        && above.instruction.heredoc_markers.is_empty();
    let is_next = text.line_of(end) + 1 == text.line_of(context.instruction(index).start);
    (is_shell && is_next).then(|| vec![insert(end, format!(" {}", context.doc.syntax().escape()))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, only, silent};

    #[test]
    fn other_words_are_errors() {
        fires(
            &UNKNOWN_INSTRUCTION,
            "
            FROM a:1
            FOO bar
            ^^^ error
            coppy a b
            ^^^^^ error
            CMD[\"a\"]
            ^^^^^^^^ error
            && ls
            ^^ error
            ",
        );
        assert_eq!(
            message(&UNKNOWN_INSTRUCTION, "FROM a:1\nCOPPY a b\n"),
            "\"COPPY\" is no instruction. Did you mean COPY?"
        );
        assert_eq!(
            message(&UNKNOWN_INSTRUCTION, "FROM a:1\nCROSS_BUILD_COPY a b\n"),
            "\"CROSS_BUILD_COPY\" is no instruction"
        );
    }

    #[test]
    fn an_escape_character_behind_it_belongs_to_the_word() {
        fires(&UNKNOWN_INSTRUCTION, "FROM a:1\nRUN\\ ls\n^^^^ error\n");
        assert_eq!(fixed(&UNKNOWN_INSTRUCTION, "FROM\\ a:1\n", "Use `FROM`"), "FROM a:1\n");
        silent(&UNKNOWN_INSTRUCTION, "FROM a:1\nRUN\\\n ls\nRU\\\nN\\\n ls\n");
    }

    #[test]
    fn a_continuation_of_nothing_is_an_error() {
        fires(&UNKNOWN_INSTRUCTION, "FROM a:1\n\n  \\\n  ^ error\n# c\n");
        fires(&UNKNOWN_INSTRUCTION, "FROM a:1\n# c \\\n\\\n^ error\n\n\\\n");
        assert_eq!(
            fixed(&UNKNOWN_INSTRUCTION, "FROM a:1\r\n\\\r\n# c\r\n", "Remove the line"),
            "FROM a:1\r\n# c\r\n"
        );
        fires(&UNKNOWN_INSTRUCTION, "FROM a:1\nRUN <<E\nE\n\\\n^ error\n");
        silent(&UNKNOWN_INSTRUCTION, "FROM a:1\n\\\nRUN ls\nRUN ls \\\n\\\n# \\\n");
    }

    #[test]
    fn in_an_onbuild_it_fails_only_for_those_who_build_on_it() {
        fires(&UNKNOWN_INSTRUCTION, "FROM a:1 AS b\nONBUILD FOO\n        ^^^ warning\n");
        fires(&UNKNOWN_INSTRUCTION, "FROM a:1 AS b\nONBUILD FOO\n        ^^^ error\nFROM b\n");
        assert_eq!(message(&UNKNOWN_INSTRUCTION, "FROM a:1\nONBUILD FORM\n"), "\"FORM\" is no instruction");
    }

    #[test]
    fn instructions_in_any_case_comments_and_data_are_left_alone() {
        silent(
            &UNKNOWN_INSTRUCTION,
            "
            # FOO
            FROM a:1
            rUn ls \\
              # FOO
              foo
            RUN <<EOF
            FOO
            EOF
            R\\
            UN ls
            ONBUILD RUN ls
            \u{a0}RUN ls
            CMD\u{a0}
            ",
        );
    }

    #[test]
    fn it_is_the_only_finding() {
        only("FROMalpine AS b\nRUN ls\n", &["unknown-instruction"]);
        only("FORM alpine AS b\nRUN ls\n", &["unknown-instruction"]);
    }

    #[test]
    fn each_has_its_fix() {
        let fixes = [
            ("ENTRYPIONT [\"a\"]", "Use `ENTRYPOINT`", "ENTRYPOINT [\"a\"]"),
            ("onbuild rnu ls", "Use `run`", "onbuild run ls"),
            ("Rnu ls", "Use `RUN`", "RUN ls"),
            ("CMD[\"a\"]", "Insert a blank", "CMD [\"a\"]"),
            ("cmd[\"a\"]", "Insert a blank", "cmd [\"a\"]"),
            ("WORKDIR/app", "Insert a blank", "WORKDIR /app"),
            ("COPY\u{a0}a b", "Insert a blank", "COPY a b"),
            ("RUNx", "Insert a blank", "RUN x"),
            ("RUN\\\nls", "Insert a blank", "RUN\\\n ls"),
            ("RUNx", "Use `RUN`", "RUN"),
            ("R\\\nNU ls", "Use `RUN`", "RUN ls"),
            ("cd /app", "Use `WORKDIR`", "WORKDIR /app"),
            ("export A=b", "Use `ENV`", "ENV A=b"),
            ("RUN a\n  && b", "Continue the line above", "RUN a \\\n  && b"),
        ];
        for (line, title, after) in fixes {
            let file = |line: &str| format!("FROM a:1 AS x\n{line}\n");
            assert_eq!(fixed(&UNKNOWN_INSTRUCTION, &file(line), title), file(after));
        }
        assert_eq!(
            fixed(&UNKNOWN_INSTRUCTION, "FROMalpine:3\r\nRUN ls\r\n", "Insert a blank"),
            "FROM alpine:3\r\nRUN ls\r\n"
        );
    }
}
