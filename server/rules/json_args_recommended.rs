use super::{Findings, context::Context, inline_comment, invalid_json_form, rule, stage_edits::replace};
use crate::{
    syntax::{Arguments, Instruction, Keyword, Placed},
    text::Edit,
};

rule! {
    /// A CMD or ENTRYPOINT in shell form.
    ///
    /// ## Why
    /// A shell runs the program then, and does not pass on signals: `docker stop` waits ten seconds and kills it. With a SHELL
    /// of one's own that is taken to be meant. This is BuildKit's check JSONArgsRecommended.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// CMD httpd -f
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// CMD ["httpd", "-f"]
    /// ```
    JSON_ARGS_RECOMMENDED: "JSONArgsRecommended", "A CMD or ENTRYPOINT is in shell form", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    // Per stage, whether a SHELL has been given at its end, and after its triggers in a stage that builds on it.
    let mut shells: Vec<(bool, bool)> = Vec::with_capacity(context.stages.all().len());
    for stage in context.stages.all() {
        let base = context.stages.base(stage.index).and_then(|base| base.target());
        let mut shell = base.and_then(|base| shells.get(base)).is_some_and(|shells| shells.1);
        for index in stage.instructions.clone() {
            let placed = context.instruction(index);
            shell |= placed.instruction.keyword == Keyword::Shell;
            if !shell {
                look_at(context, stage.index, placed, &placed.instruction, out);
            }
        }
        let mut trigger_shell = shell;
        if context.is_triggered(stage.index) {
            for &index in &context.triggers[stage.index] {
                let placed = context.instruction(index);
                let instruction = placed.instruction.effective();
                trigger_shell |= instruction.keyword == Keyword::Shell;
                if !trigger_shell {
                    look_at(context, stage.index, placed, instruction, out);
                }
            }
        }
        shells.push((shell, trigger_shell));
    }
}

fn look_at(
    context: &Context<'_>,
    stage: usize,
    placed: &Placed,
    instruction: &Instruction,
    out: &mut Findings,
) {
    if !matches!(instruction.keyword, Keyword::Cmd | Keyword::Entrypoint) {
        return;
    }
    if matches!(instruction.arguments, Arguments::Words { json: true, .. }) || is_said_otherwise(instruction)
    {
        return;
    }
    let name = instruction.word.text();
    let message =
        format!("JSON arguments recommended for {name} to prevent unintended behavior related to OS signals");
    let finding = out.report(&JSON_ARGS_RECOMMENDED, placed.at(instruction.word.range()), message);
    if context.fixes {
        finding.fix("Use the JSON form", use_json(context, stage, placed, instruction)).prefer_single_fix();
    }
}

/// Whether JSON was meant: that it is none is another finding, which says the same and why.
pub(super) fn is_said_otherwise(instruction: &Instruction) -> bool {
    let Arguments::Text(text) = &instruction.arguments else { return false };
    invalid_json_form::is_meant(instruction) || inline_comment::behind_json(text).is_some()
}

/// The same in JSON, where no shell is needed to read it.
pub(super) fn use_json(
    context: &Context<'_>,
    stage: usize,
    placed: &Placed,
    instruction: &Instruction,
) -> Option<Vec<Edit>> {
    let Arguments::Text(text) = &instruction.arguments else { return None };
    let range = placed.at(text.range());
    if context.doc.text().slice(range.clone()).contains('\n') {
        return None;
    }
    // A CMD is not given to an ENTRYPOINT in shell form, but to one in JSON form.
    let has_cmd = |&index: &usize| context.instruction(index).instruction.effective().keyword == Keyword::Cmd;
    if instruction.keyword == Keyword::Entrypoint
        && context.stages.all()[stage].instructions.clone().any(|index| has_cmd(&index))
    {
        return None;
    }
    let mut words = text.text().split_ascii_whitespace().peekable();
    // That is what the JSON form does.
    words.next_if_eq(&"exec");
    let program = words.peek()?;
    if program.contains('=') || BUILTINS.contains(program) {
        return None;
    }
    let words: Option<Vec<String>> =
        words.map(|word| word.chars().all(is_plain).then(|| format!("\"{word}\""))).collect();
    Some(vec![replace(range, format!("[{}]", words?.join(", ")))])
}

/// Whether a character stands for itself in any shell.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | ',' | '=' | '@' | '+')
}

/// What a shell does itself.
const BUILTINS: [&str; 22] = [
    ".", ":", "alias", "bg", "case", "cd", "command", "eval", "exit", "export", "fg", "for", "if", "read",
    "set", "shift", "source", "trap", "ulimit", "umask", "until", "while",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn both_instructions_in_each_stage_are_found() {
        fires(
            &JSON_ARGS_RECOMMENDED,
            "
            FROM a:1
            CMD a
            ^^^ hint
            FROM b:1
            entrypoint a && b
            ^^^^^^^^^^ hint
            FROM c:1
            CMD [ -f a ]
            ^^^ hint
            ",
        );
    }

    #[test]
    fn an_array_that_is_none_has_a_finding_that_says_why() {
        only("FROM a:1\nCMD ['a']\n", &["invalid-json-form"]);
        only("FROM a:1\nENTRYPOINT [\"a\" \"b\"]\n", &["invalid-json-form"]);
        only("FROM a:1\nCMD [\"a\"] # c\n", &["inline-comment"]);
    }

    #[test]
    fn json_a_shell_of_ones_own_and_other_instructions_are_left_alone() {
        silent(
            &JSON_ARGS_RECOMMENDED,
            "
            FROM a:1 AS a
            CMD []
            RUN ls
            HEALTHCHECK CMD ls
            SHELL [\"bash\", \"-c\"]
            CMD a
            ONBUILD CMD a
            FROM a AS b
            CMD a
            FROM b
            ENTRYPOINT a
            ",
        );
    }

    #[test]
    fn triggers_count_where_a_stage_runs_them() {
        fires(
            &JSON_ARGS_RECOMMENDED,
            "
            FROM a:1 AS a
            ONBUILD CMD a
                    ^^^ hint
            ONBUILD SHELL [\"s\"]
            ONBUILD ENTRYPOINT b
            FROM a:1
            ONBUILD CMD a
            FROM a
            CMD b
            ",
        );
    }

    #[test]
    fn plain_words_become_json() {
        let fix =
            |line: &str| fixed(&JSON_ARGS_RECOMMENDED, &format!("FROM a:1\n{line}\n"), "Use the JSON form");
        assert_eq!(fix("CMD  httpd  -f"), "FROM a:1\nCMD  [\"httpd\", \"-f\"]\n");
        assert_eq!(fix("entrypoint exec /a/b.c --d=e"), "FROM a:1\nentrypoint [\"/a/b.c\", \"--d=e\"]\n");
    }

    #[test]
    fn what_needs_a_shell_keeps_it() {
        for line in
            ["CMD a $B", "CMD A=b c", "CMD a; b", "CMD cd /a", "CMD \"a\"", "CMD a*", "CMD a \\\n b", "CMD"]
        {
            let doc = crate::document::Document::open(&format!("FROM a:1\n{line}\n"), 0);
            let found = crate::rules::check(&doc);
            assert!(found.iter().any(|finding| finding.code == "JSONArgsRecommended"), "{line}");
            assert!(found.iter().all(|finding| finding.fixes.is_empty()), "{line}");
        }
    }
}
