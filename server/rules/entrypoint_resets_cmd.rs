use super::{
    Findings, Severity,
    context::Context,
    rule,
    stage_edits::{indent, insert, newline},
};
use crate::{
    stages::{ReferenceKind, Resolution},
    syntax::{Arguments, Instruction, Keyword, Placed},
    text::Edit,
};

rule! {
    /// An ENTRYPOINT that drops the CMD of the stage that this one builds on.
    ///
    /// ## Why
    /// An ENTRYPOINT resets a CMD that was inherited. The container starts the program of the ENTRYPOINT, and gives it no
    /// arguments. A CMD of the stage itself is kept, wherever it stands.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS base
    /// CMD ["serve"]
    /// FROM base
    /// ENTRYPOINT ["/init"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20 AS base
    /// CMD ["serve"]
    /// FROM base
    /// ENTRYPOINT ["/init"]
    /// CMD ["serve"]
    /// ```
    ENTRYPOINT_RESETS_CMD: "entrypoint-resets-cmd", "An ENTRYPOINT drops an inherited CMD", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    // Per stage, the CMD that it ends with, if one of this file (dockerfile2llb/convert.go, `dispatchEntrypoint`).
    let mut commands: Vec<Option<usize>> = Vec::with_capacity(context.stages.all().len());
    // What triggers set comes before what the stage itself sets, and counts as its own.
    let triggered: Vec<bool> =
        (0..context.stages.all().len()).map(|stage| sets_commands(context, stage)).collect();
    for stage in context.stages.all() {
        let own = |keyword: Keyword| {
            let mut all = stage.instructions.clone().rev();
            all.find(|&index| context.instruction(index).instruction.keyword == keyword)
        };
        let parent = match context.stages.base(stage.index).map(|base| &base.resolution) {
            Some(&Resolution::Stage(parent)) if !triggered[parent] => Some(parent),
            _ => None,
        };
        let inherited = parent.and_then(|parent| commands.get(parent).copied().flatten());
        let (cmd, entrypoint) = (own(Keyword::Cmd), own(Keyword::Entrypoint));
        let ends_with = match (cmd, entrypoint) {
            (Some(cmd), _) => Some(cmd).filter(|&cmd| !is_empty(&context.instruction(cmd).instruction)),
            (None, Some(_)) => None,
            (None, None) => inherited,
        };
        commands.push(ends_with);
        let (Some(lost), Some(entrypoint), None) = (inherited, entrypoint, cmd) else { continue };
        if !matters(context, stage.index) || !takes_arguments(&context.instruction(entrypoint).instruction) {
            continue;
        }
        let (entrypoint, lost) = (context.instruction(entrypoint), context.instruction(lost));
        if !is_shell(&lost.instruction) {
            report(context, out, entrypoint, lost);
        }
    }
}

fn report(context: &Context<'_>, out: &mut Findings, entrypoint: &Placed, lost: &Placed) {
    let word = entrypoint.instruction.word.range();
    let message =
        format!("ENTRYPOINT drops the CMD that this stage inherits (line {})", context.line(lost.start));
    let finding = out.report(&ENTRYPOINT_RESETS_CMD, entrypoint.at(word), message);
    finding.related(lost.range(), "Does not count any more");
    if is_whole_command(&entrypoint.instruction) {
        finding.severity(Severity::Hint);
    }
    if context.fixes {
        finding.fix("Repeat the CMD here", repeat(context, entrypoint, lost)).prefer_single_fix();
    }
}

/// The CMD once more, below the ENTRYPOINT.
fn repeat(context: &Context<'_>, entrypoint: &Placed, lost: &Placed) -> Option<Vec<Edit>> {
    let text = context.doc.text();
    let end = text.line_range(text.line_of(entrypoint.range().end)).end;
    let is_whole = text.slice(entrypoint.range().end..end.max(entrypoint.range().end)).trim().is_empty();
    let command = text.slice(lost.range());
    // A comment between its lines, or a continuation at its end, would come along.
    let is_simple = !command.contains(['\n', '\r']);
    let line = format!("{}{}{}", newline(context), indent(context, entrypoint.start), command.trim_end());
    (is_whole && is_simple).then(|| vec![insert(end, line)])
}

/// Whether an ONBUILD of a stage sets what the stages that build on it start.
fn sets_commands(context: &Context<'_>, stage: usize) -> bool {
    context.triggers[stage].iter().any(|&index| {
        let keyword = context.instruction(index).instruction.effective().keyword;
        matches!(keyword, Keyword::Cmd | Keyword::Entrypoint)
    })
}

/// Whether it can be started: it is built, or has a name to ask for. Not if all that build on it say what to run.
fn matters(context: &Context<'_>, stage: usize) -> bool {
    if context.stages.target().stage() == Some(stage) || context.is_target(stage) {
        return true;
    }
    let declared = &context.stages.all()[stage];
    let users = context.uses[stage].iter().map(|&index| &context.stages.references()[index]);
    let mut children = users.filter(|user| user.kind == ReferenceKind::From).peekable();
    let has_children = children.peek().is_some();
    let sets_own = |child: usize| {
        let mut instructions = context.stages.all()[child].instructions.clone();
        instructions.any(|index| context.instruction(index).instruction.keyword == Keyword::Cmd)
    };
    (declared.name.is_some() || context.built[stage])
        && (!has_children || !children.all(|user| sets_own(user.stage)))
}

/// Whether a CMD would be given to it: the shell form takes none.
fn takes_arguments(entrypoint: &Instruction) -> bool {
    matches!(&entrypoint.arguments, Arguments::Words { words, json: true } if !words.is_empty())
}

/// Programs that start what their arguments say.
const WRAPPERS: [&str; 9] = [
    "catatonit",
    "docker-entrypoint.sh",
    "dumb-init",
    "entrypoint.sh",
    "env",
    "gosu",
    "init",
    "su-exec",
    "tini",
];

/// Whether an ENTRYPOINT brings its own arguments, so that it may well be meant to replace the CMD.
fn is_whole_command(entrypoint: &Instruction) -> bool {
    let words = entrypoint.words();
    let first = words.first().and_then(|word| word.text().rsplit('/').next()).unwrap_or_default();
    let expects_more = words.last().is_some_and(|word| word.text() == "--");
    words.len() > 1 && !expects_more && !WRAPPERS.contains(&first)
}

/// Whether it starts nothing but a shell, which nobody misses.
fn is_shell(cmd: &Instruction) -> bool {
    let text = match &cmd.arguments {
        Arguments::Words { words, .. } if words.len() == 1 => words[0].text(),
        Arguments::Text(text) => text.text().trim(),
        _ => return false,
    };
    matches!(text.rsplit('/').next(), Some("ash" | "bash" | "sh" | "zsh"))
}

fn is_empty(cmd: &Instruction) -> bool {
    match &cmd.arguments {
        Arguments::Words { words, .. } => words.is_empty(),
        Arguments::Text(text) => text.text().trim().is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn an_inherited_cmd_that_is_dropped_is_found() {
        fires(
            &ENTRYPOINT_RESETS_CMD,
            "
            FROM a:1 AS b
            CMD [\"serve\"]
            FROM b AS c
            FROM c
            ENTRYPOINT [\"/init\"]
            ^^^^^^^^^^ warning
            ",
        );
        assert_eq!(
            message(&ENTRYPOINT_RESETS_CMD, "FROM a:1 AS b\nCMD [\"s\"]\nFROM b\nENTRYPOINT [\"/i\"]\n"),
            "ENTRYPOINT drops the CMD that this stage inherits (line 2)"
        );
    }

    #[test]
    fn a_cmd_of_its_own_or_of_an_image_is_left_alone() {
        silent(
            &ENTRYPOINT_RESETS_CMD,
            "FROM a:1 AS b\nCMD [\"s\"]\nFROM b\nENTRYPOINT [\"/i\"]\nCMD [\"s\"]\n",
        );
        silent(
            &ENTRYPOINT_RESETS_CMD,
            "FROM a:1 AS b\nCMD [\"s\"]\nFROM b\nCMD [\"s\"]\nENTRYPOINT [\"/i\"]\n",
        );
        silent(&ENTRYPOINT_RESETS_CMD, "FROM a:1 AS b\nCMD []\nFROM b\nENTRYPOINT [\"/i\"]\n");
        silent(&ENTRYPOINT_RESETS_CMD, "FROM a:1 AS b\nFROM b\nENTRYPOINT [\"/i\"]\n");
        silent(&ENTRYPOINT_RESETS_CMD, "FROM a:1 AS b\nCMD [\"/bin/bash\"]\nFROM b\nENTRYPOINT [\"/i\"]\n");
        silent(&ENTRYPOINT_RESETS_CMD, "FROM a:1 AS b\nCMD [\"s\"]\nFROM b\nENTRYPOINT /i\n");
        silent(
            &ENTRYPOINT_RESETS_CMD,
            "FROM a:1 AS b\nCMD [\"s\"]\nONBUILD CMD [\"t\"]\nFROM b\nENTRYPOINT [\"/i\"]\n",
        );
        silent(
            &ENTRYPOINT_RESETS_CMD,
            "FROM a:1 AS b\nCMD [\"s\"]\nFROM b AS c\nENTRYPOINT [\"/i\"]\nFROM c\nCMD [\"x\"]\n",
        );
    }

    #[test]
    fn it_is_said_where_it_happens_and_not_below() {
        fires(
            &ENTRYPOINT_RESETS_CMD,
            "
            FROM a:1 AS b
            CMD serve \\
              --all
            FROM b AS c
            ENTRYPOINT [\"/i\"]
            ^^^^^^^^^^ warning
            FROM c
            ENTRYPOINT [\"/j\"]
            ",
        );
    }

    #[test]
    fn what_has_arguments_of_its_own_gets_a_hint_unless_it_starts_others() {
        fires(
            &ENTRYPOINT_RESETS_CMD,
            "
            FROM a:1 AS b
            CMD [\"x.sh\", \"/tmp\"]
            FROM b AS c
            ENTRYPOINT [\"/y.sh\", \"start\"]
            ^^^^^^^^^^ hint
            FROM b
            ENTRYPOINT [\"/sbin/tini\", \"-g\"]
            ^^^^^^^^^^ warning
            ",
        );
    }

    #[test]
    fn the_cmd_is_repeated() {
        assert_eq!(
            fixed(
                &ENTRYPOINT_RESETS_CMD,
                "FROM a:1 AS b\r\nCMD [\"s\"]\r\nFROM b\r\n  ENTRYPOINT [\"/i\"]",
                "Repeat the CMD here"
            ),
            "FROM a:1 AS b\r\nCMD [\"s\"]\r\nFROM b\r\n  ENTRYPOINT [\"/i\"]\r\n  CMD [\"s\"]"
        );
    }
}
