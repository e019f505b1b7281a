use super::{Findings, context::Context, rule, stage_edits::replace};
use crate::syntax::{Arguments, Keyword};

rule! {
    /// An `ONBUILD` with an instruction that it can't hold.
    ///
    /// ## Why
    /// `FROM`, `MAINTAINER` and another `ONBUILD` can't be triggered: the build stops at them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ONBUILD ONBUILD RUN make
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ONBUILD RUN make
    /// ```
    FORBIDDEN_ONBUILD: "forbidden-onbuild", "An instruction that `ONBUILD` can't hold", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for placed in context.doc.syntax().instructions() {
        let Arguments::Onbuild(inner) = &placed.instruction.arguments else { continue };
        if !matches!(inner.keyword, Keyword::From | Keyword::Maintainer | Keyword::Onbuild) {
            continue;
        }
        let word = placed.at(inner.word.range());
        let outer = placed.at(placed.instruction.word.range());
        let finding = out.report(
            &FORBIDDEN_ONBUILD,
            word.clone(),
            format!("ONBUILD can't hold {}", inner.keyword.name()),
        );
        if inner.keyword == Keyword::Onbuild
            && !context.doc.text().slice(outer.end..word.start).contains('\n')
        {
            let edit = replace(outer.end..word.end, "");
            finding.fix("Remove one `ONBUILD`", Some(vec![edit])).prefer_single_fix();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn three_instructions_are_forbidden() {
        fires(
            &FORBIDDEN_ONBUILD,
            "
            FROM a:1
            ONBUILD FROM b:1
                    ^^^^ error
            onbuild maintainer me
                    ^^^^^^^^^^ error
            ONBUILD ONBUILD RUN ls
                    ^^^^^^^ error
            ",
        );
        only("FROM a:1\nONBUILD ONBUILD\n", &["forbidden-onbuild"]);
        only("FROM a:1\nONBUILD MAINTAINER\n", &["forbidden-onbuild"]);
        only("FROM a:1\nONBUILD FROM\n", &["forbidden-onbuild"]);
    }

    #[test]
    fn all_others_are_fine() {
        silent(
            &FORBIDDEN_ONBUILD,
            "FROM a:1\nONBUILD RUN ls\nONBUILD COPY a b\nONBUILD ARG A\nONBUILD\nONBUILD foo\n",
        );
    }

    #[test]
    fn one_onbuild_is_enough() {
        assert_eq!(
            fixed(&FORBIDDEN_ONBUILD, "FROM a:1\nonbuild  onbuild run ls\n", "Remove one `ONBUILD`"),
            "FROM a:1\nonbuild run ls\n"
        );
    }
}
