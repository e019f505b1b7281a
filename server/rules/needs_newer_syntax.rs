use std::ops::Range;

use super::{Findings, context::Context, rule, stage_edits::replace};
use crate::{language, switches::minor_version, syntax::Instruction};

rule! {
    /// Something that the version of the Dockerfile syntax which the file asks for does not know.
    ///
    /// ## Why
    /// `# syntax=docker/dockerfile:1.2` builds the file with that version, however new Docker is: flags and heredocs that came
    /// later are errors. `docker/dockerfile:1` is always the newest.
    ///
    /// ## Example
    /// ```dockerfile
    /// # syntax=docker/dockerfile:1.2
    /// FROM alpine:3.20
    /// COPY --link app /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// # syntax=docker/dockerfile:1
    /// FROM alpine:3.20
    /// COPY --link app /app
    /// ```
    NEEDS_NEWER_SYNTAX: "needs-newer-syntax", "The file asks for a syntax without something that it uses", Hint, check
}

const HEREDOCS: u32 = 4;

/// The version that knows all of these.
const NEWEST: u32 = 20;

fn check(context: &Context<'_>, out: &mut Findings) {
    let Some((minor, version)) = minor_version(context.doc).filter(|(minor, _)| *minor < NEWEST) else {
        return;
    };
    for placed in context.doc.syntax().instructions() {
        let instruction = placed.instruction.effective();
        for (what, since, range) in needs(instruction) {
            if since <= minor {
                continue;
            }
            let message =
                format!("{what} came with docker/dockerfile:1.{since}, and the file asks for 1.{minor}");
            out.report(&NEEDS_NEWER_SYNTAX, placed.at(range), message)
                .related(version.clone(), "The version of the syntax")
                .fix("Use the newest: `docker/dockerfile:1`", Some(vec![replace(version.clone(), "1")]))
                .prefer_single_fix();
        }
    }
}

/// What an instruction has that not every version knows, with the version and the place.
fn needs(instruction: &Instruction) -> impl Iterator<Item = (String, u32, Range<usize>)> + '_ {
    let flags = instruction.flags.iter().filter_map(|flag| {
        let known = language::flags::flag(instruction.keyword, flag.name.text())?;
        Some((
            format!("{} --{}", instruction.keyword.name(), known.entry.name),
            known.since,
            flag.range.start..flag.name.range().end,
        ))
    });
    let heredocs = instruction.heredocs.iter().take(1);
    flags.chain(heredocs.map(|heredoc| ("A heredoc".to_owned(), HEREDOCS, heredoc.marker.range())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn what_came_later_gets_a_hint() {
        fires(
            &NEEDS_NEWER_SYNTAX,
            "
            # syntax=docker/dockerfile:1.3.1
            FROM a:1
            COPY --chmod=755 --link a /a
                             ^^^^^^ hint
            RUN --mount=type=ssh <<EOF
                                 ^^^^^ hint
            EOF
            ONBUILD ADD --unpack a /a
                        ^^^^^^^^ hint
            ",
        );
    }

    #[test]
    fn new_versions_and_those_for_experiments_are_left_alone() {
        for version in
            ["docker/dockerfile:1", "docker/dockerfile:1.7-labs", "docker/dockerfile:1.20", "x/y:1.0"]
        {
            silent(
                &NEEDS_NEWER_SYNTAX,
                &format!("# syntax={version}\nFROM a:1\nCOPY --link --parents a /a\n"),
            );
        }
        silent(&NEEDS_NEWER_SYNTAX, "# syntax=docker/dockerfile:1.4\nFROM a:1\nCOPY --link a /a\n");
        silent(&NEEDS_NEWER_SYNTAX, "FROM a:1\nCOPY --link a /a\n");
    }

    #[test]
    fn the_file_asks_for_the_newest() {
        assert_eq!(
            fixed(
                &NEEDS_NEWER_SYNTAX,
                "# syntax=docker/dockerfile:1.2\nFROM a:1\nCOPY --link a /a\n",
                "Use the newest: `docker/dockerfile:1`"
            ),
            "# syntax=docker/dockerfile:1\nFROM a:1\nCOPY --link a /a\n"
        );
    }
}
