use super::{Findings, Severity, context::Context, rule, stage_edits::replace};
use crate::syntax::{Flag, Instruction, Keyword, Placed};

rule! {
    /// A `COPY --link --chown` with the name of a user.
    ///
    /// ## Why
    /// `--link` puts the files into a layer of their own, in which there is no `/etc/passwd` to look a name up. The build fails with
    /// "invalid user index: -1". Numbers need no file, and `root` is always 0.
    ///
    /// A colon with nothing behind it gives the files to the group root, and not to the user's own.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// COPY --link --chown=node . /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:20
    /// COPY --link --chown=1000 . /app
    /// ```
    LINK_CHOWN_BY_NAME: "link-chown-by-name", "A linked layer knows no names of users", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.with(&[Keyword::Copy, Keyword::Add]) {
        let instruction = placed.instruction.effective();
        let Some(flag) = instruction.flag("chown") else { continue };
        let Some(value) = flag.value.as_ref().filter(|value| !value.text().is_empty()) else { continue };
        let Some(owner) = context.value(index, value) else { continue };
        let (user, group) =
            owner.split_once(':').map_or((&*owner, None), |(user, group)| (user, Some(group)));
        let range = placed.at(value.range());
        let name = [Some(user), group].into_iter().flatten().find(|name| is_name(name));
        if let (Some(name), Some(link)) = (name, link(instruction)) {
            let message = format!(
                "A linked layer has no /etc/passwd to look up \"{name}\": use its number with --link"
            );
            out.report(&LINK_CHOWN_BY_NAME, range, message)
                .related(placed.at(link.range.clone()), "Makes a layer of its own")
                .fix("Remove `--link`", Some(vec![without(context, placed, link)]));
        } else if group == Some("") && !user.is_empty() {
            let message = format!("With nothing behind the colon the group is root, not that of \"{user}\"");
            let end = value
                .text()
                .ends_with(':')
                .then(|| placed.at(value.source(value.text().len() - 1..value.text().len())));
            out.report(&LINK_CHOWN_BY_NAME, range, message)
                .severity(Severity::Hint)
                .fix("Remove the colon", end.map(|colon| vec![replace(colon, "")]))
                .prefer_single_fix();
        }
    }
}

/// What has to be looked up (client/llb/fileop.go, `WithUser`).
fn is_name(text: &str) -> bool {
    !text.is_empty() && text != "root" && text.parse::<i32>().is_err()
}

/// The flag that asks for a layer of its own. With `--chmod` there is none (dockerfile2llb/convert_copy.go, `dispatchCopy`).
fn link(instruction: &Instruction) -> Option<&Flag> {
    let flag = instruction.flag("link").filter(|_| instruction.flag("chmod").is_none())?;
    let is_on = flag.value.as_ref().is_none_or(|value| value.text() == "true");
    is_on.then_some(flag)
}

/// The flag and the blanks in front of it, on its line, taken out.
fn without(context: &Context<'_>, placed: &Placed, flag: &Flag) -> crate::text::Edit {
    let text = context.doc.text();
    let range = placed.at(flag.range.clone());
    let before = text.slice(text.line_start(text.line_of(range.start))..range.start);
    let blank = before.len() - before.trim_end_matches([' ', '\t']).len();
    replace(range.start - blank..range.end, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn names_with_link_are_found() {
        fires(
            &LINK_CHOWN_BY_NAME,
            "
            FROM a:1
            ENV U=app
            COPY --link --chown=app a /a
                                ^^^ warning
            ADD --chown=1:staff --link=true a /a
                        ^^^^^^^ warning
            COPY --chown=$U --link a /a
                         ^^ warning
            COPY --chown=app: a /a
                         ^^^^ hint
            ",
        );
    }

    #[test]
    fn numbers_root_and_copies_without_link_are_left_alone() {
        silent(
            &LINK_CHOWN_BY_NAME,
            "
            FROM a:1
            ARG U
            COPY --link --chown=1000 a /a
            COPY --link --chown=1000:1000 a /a
            COPY --link --chown=root:root a /a
            COPY --link --chown=:0 a /a
            COPY --link=false --chown=app a /a
            COPY --link --chmod=755 --chown=app a /a
            COPY --link --chown=$U a /a
            COPY --chown=app:app a /a
            COPY --chown= a /a
            ",
        );
    }

    #[test]
    fn link_or_the_colon_goes() {
        assert_eq!(
            fixed(&LINK_CHOWN_BY_NAME, "FROM a:1\nCOPY --link --chown=app a /a\n", "Remove `--link`"),
            "FROM a:1\nCOPY --chown=app a /a\n"
        );
        assert_eq!(
            fixed(&LINK_CHOWN_BY_NAME, "FROM a:1\nCOPY --chown=app: a /a\n", "Remove the colon"),
            "FROM a:1\nCOPY --chown=app a /a\n"
        );
    }
}
