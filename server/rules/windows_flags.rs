use super::{Findings, context::Context, rule, stage_edits::replace};
use crate::{images::Family, syntax::Keyword};

rule! {
    /// `--chown` or `--chmod` in a stage for Windows.
    ///
    /// ## Why
    /// Owners and modes are those of Linux; the builder does not support the flags for Windows containers.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
    /// COPY --chown=ContainerUser app.exe C:\\app.exe
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
    /// COPY app.exe C:\\app.exe
    /// ```
    WINDOWS_FLAGS: "windows-flags", "An owner or mode is set in a stage for Windows", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.with(&[Keyword::Copy, Keyword::Add]) {
        let instruction = placed.instruction.effective();
        let mut flags =
            instruction.flags.iter().filter(|flag| matches!(flag.name.text(), "chown" | "chmod")).peekable();
        if flags.peek().is_none() {
            continue;
        }
        let Some(stage) = context.stages.of_instruction(index) else { continue };
        let root = context.flow().stage(stage.index).root();
        let is_windows = root.facts().is_some_and(|facts| facts.family == Family::Windows);
        if !is_windows || !root.certain {
            continue;
        }
        for flag in flags {
            let range = placed.at(flag.range.clone());
            let message = format!("`--{}` is not supported for Windows", flag.name.text());
            // With the blank in front of it.
            let text = context.doc.text();
            let before = text.slice(text.line_start(text.line_of(range.start))..range.start);
            let blank = before.len() - before.trim_end_matches([' ', '\t']).len();
            let without = replace(range.start - blank..range.end, "");
            out.report(&WINDOWS_FLAGS, range, message)
                .fix("Remove the flag", Some(vec![without]))
                .prefer_single_fix();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn owners_and_modes_are_found_on_windows() {
        fires(
            &WINDOWS_FLAGS,
            "
            FROM mcr.microsoft.com/windows/servercore:ltsc2022
            COPY --chown=app --chmod=755 a C:/a
                 ^^^^^^^^^^^ warning
                             ^^^^^^^^^^^ warning
            FROM alpine:3.20
            COPY --chown=app a /a
            ",
        );
    }

    #[test]
    fn other_systems_are_left_alone() {
        silent(&WINDOWS_FLAGS, "# escape=`\nFROM ghcr.io/a/b\nCOPY --chown=app a C:/a\n");
        silent(
            &WINDOWS_FLAGS,
            "ARG I=mcr.microsoft.com/windows/nanoserver:ltsc2022\nFROM $I\nCOPY --chown=app a C:/a\n",
        );
    }

    #[test]
    fn the_flag_goes() {
        assert_eq!(
            fixed(
                &WINDOWS_FLAGS,
                "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nCOPY --chown=app a C:/a\n",
                "Remove the flag"
            ),
            "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nCOPY a C:/a\n"
        );
    }
}
