use super::{Findings, Severity, context::Context, rule, stage_edits::insert};
use crate::{
    stages::{
        Resolution,
        expand::{Expanded, Piece},
    },
    syntax::{Keyword, Word},
    variables::{Meaning, Mode},
};

rule! {
    /// The first `WORKDIR` of a stage is relative.
    ///
    /// ## Why
    /// Where it leads to depends on the working directory of the base image, which may change with its next version. A WORKDIR
    /// of the stage that a stage builds on counts. This is BuildKit's check WorkdirRelativePath.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM nginx:1.27
    /// WORKDIR html
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM nginx:1.27
    /// WORKDIR /usr/share/nginx
    /// WORKDIR html
    /// ```
    WORKDIR_RELATIVE_PATH: "WorkdirRelativePath", "A relative working directory depends on the base image", Information, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let count = context.stages.all().len();
    // Per stage: whether a WORKDIR is in force at its end, and its first ONBUILD WORKDIR.
    let mut is_set = vec![false; count];
    let mut triggers = vec![None; count];
    let mut reported = vec![false; count];
    for stage in context.stages.all() {
        let base = context.stages.base(stage.index);
        let parent = base.and_then(|base| base.target()).filter(|&parent| parent < stage.index);
        let mut set = parent.is_some_and(|parent| is_set[parent]);
        // Another base may bring one.
        let is_open =
            base.and_then(|base| base.variable.as_ref()).is_some_and(|base| !base.candidates.is_empty());
        if let Some((parent, trigger)) = parent.and_then(|parent| Some((parent, triggers[parent]?))) {
            if !set && !is_open && !std::mem::replace(&mut reported[parent], true) {
                look_at(context, out, trigger);
            }
            set = true;
        }
        for index in stage.instructions.clone() {
            let instruction = &context.instruction(index).instruction;
            if instruction.effective().keyword != Keyword::Workdir {
                continue;
            }
            if instruction.keyword == Keyword::Onbuild {
                triggers[stage.index].get_or_insert(index);
            } else {
                if !set && !is_open {
                    look_at(context, out, index);
                }
                set = true;
            }
        }
        is_set[stage.index] = set;
    }
}

/// Reports a WORKDIR (dockerfile2llb/convert.go, `dispatchWorkdir`) that is the first, if it is relative.
fn look_at(context: &Context<'_>, out: &mut Findings, index: usize) {
    let placed = context.instruction(index);
    let [word] = placed.instruction.effective().words() else { return };
    let Ok(value) = context.doc.expand(index, word, Mode::Defaults) else { return };
    if is_relative(context, index, &value) != Some(true) {
        return;
    }
    // An empty one because of a variable that is reported itself.
    let uses = context.doc.variables().uses_in(placed.at(word.range()));
    if value.pieces().is_empty() && uses.iter().any(|used| used.meaning == Meaning::Undeclared) {
        return;
    }
    let open = context.doc.expand(index, word, Mode::Open).ok();
    let severity = match open.and_then(|open| is_relative(context, index, &open)) {
        Some(true) => Severity::Information,
        Some(false) | None => Severity::Hint,
    };
    let path = value.text().unwrap_or_else(|| word.text().to_owned());
    let message = format!("Relative workdir {path:?} can have unexpected results if the base image changes");
    let finding = out.report(&WORKDIR_RELATIVE_PATH, placed.at(word.range()), message);
    finding.severity(severity);
    finding.fix(format!("Write `/{}`", word.text()), absolute(context, index, word));
}

/// Whether a path is relative; `None` if that depends on values that are not known.
fn is_relative(context: &Context<'_>, index: usize, path: &Expanded) -> Option<bool> {
    let start = match path.pieces().first() {
        None => "",
        Some(Piece::Text(text, _)) => text,
        Some(Piece::Any) => return None,
    };
    // A drive makes a path absolute on Windows, and nobody would write one elsewhere.
    let has_drive = start.as_bytes().get(1) == Some(&b':') && start.as_bytes()[0].is_ascii_alphabetic();
    let is_absolute =
        start.starts_with('/') || has_drive || (start.starts_with('\\') && is_windows(context, index));
    Some(!is_absolute)
}

/// Whether an instruction is for Windows: the file is written so, or its stage builds on an image of Windows.
fn is_windows(context: &Context<'_>, index: usize) -> bool {
    if context.doc.syntax().escape() == '`' {
        return true;
    }
    let mut next = context.stages.of_instruction(index).map(|stage| stage.index);
    while let Some(base) = next.and_then(|stage| context.stages.base(stage)) {
        if let Resolution::Image(image) = &base.resolution {
            return image.is_windows();
        }
        next = base.target().filter(|&target| target < base.stage);
    }
    false
}

fn absolute(context: &Context<'_>, index: usize, word: &Word) -> Option<Vec<crate::text::Edit>> {
    let is_plain = word.text().starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let start = context.instruction(index).at(word.range()).start;
    (context.fixes && is_plain).then(|| vec![insert(start, "/")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn the_first_of_a_chain_is_found() {
        fires(
            &WORKDIR_RELATIVE_PATH,
            "
            ARG D=x
            FROM a:1 AS a
            WORKDIR app
                    ^^^ information
            WORKDIR sub
            FROM a
            WORKDIR sub
            FROM b:1
            ARG D
            WORKDIR $D/y
                    ^^^^ hint
            FROM b:1
            ENV E=./z
            WORKDIR $E
                    ^^ information
            FROM b:1 AS t
            ONBUILD WORKDIR t
                            ^ information
            FROM t
            WORKDIR u
            ",
        );
        assert_eq!(
            message(&WORKDIR_RELATIVE_PATH, "FROM a:1\nWORKDIR \"a b\"\n"),
            "Relative workdir \"a b\" can have unexpected results if the base image changes"
        );
    }

    #[test]
    fn absolute_and_unknown_ones_are_left_alone() {
        silent(
            &WORKDIR_RELATIVE_PATH,
            "ARG B=a\nFROM a:1 AS a\nENV H=/h\nWORKDIR $H/x\nFROM b:1\nWORKDIR $HOME\nFROM ${B}\nWORKDIR x\nFROM c\nWORKDIR C:/x\n\
             FROM scratch\nWORKDIR $NOPE\nFROM mcr.microsoft.com/windows/nanoserver:1\nWORKDIR \\\\x\n",
        );
        silent(&WORKDIR_RELATIVE_PATH, "# escape=`\nFROM a:1\nWORKDIR C:\\x\nFROM a:1\nWORKDIR \\x\n");
    }

    #[test]
    fn a_slash_makes_it_absolute() {
        assert_eq!(
            fixed(&WORKDIR_RELATIVE_PATH, "FROM a:1\nworkdir app\n", "Write `/app`"),
            "FROM a:1\nworkdir /app\n"
        );
    }
}
