use super::{
    Findings, Severity,
    context::Context,
    rule,
    undeclared::{Cause, describe, offer_arg},
};

rule! {
    /// A stage uses an ARG that stands above the first FROM, and does not declare it again.
    ///
    /// ## Why
    /// Arguments above the first FROM are there for FROM lines. Within a stage they are empty until the stage, or one that it
    /// builds on, says `ARG` and the name again. BuildKit warns about it in some instructions only, and never in a RUN.
    ///
    /// ## Example
    /// ```dockerfile
    /// ARG VERSION=1.2
    /// FROM alpine:3.20
    /// RUN echo "building $VERSION"
    /// ```
    ///
    /// ## Instead
    /// Without a value, `ARG` takes over the one from above.
    /// ```dockerfile
    /// ARG VERSION=1.2
    /// FROM alpine:3.20
    /// ARG VERSION
    /// RUN echo "building $VERSION"
    /// ```
    GLOBAL_ARG_NOT_REDECLARED: "global-arg-not-redeclared", "A stage uses a global ARG that it does not declare again", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for undeclared in context.undeclared() {
        let Cause::Global(global) = undeclared.cause else { continue };
        let name = &undeclared.name;
        let here = if undeclared.severity == Severity::Hint {
            "here its value is the base image's, if that has one".to_owned()
        } else {
            format!("here it is empty. Add \"ARG {name}\" to this stage")
        };
        let message = format!("ARG {name} above the first FROM is only visible to FROM lines; {here}");
        let range = undeclared.carrier(context).range.clone();
        let finding = describe(context, out.report(&GLOBAL_ARG_NOT_REDECLARED, range, message), undeclared);
        let declared = context.doc.variables().declarations()[global].range.clone();
        finding.related(declared, "Declared for FROM lines");
        offer_arg(context, finding, undeclared);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, only, silent};

    #[test]
    fn the_first_use_of_each_stage_is_found_in_words_and_in_shell_text() {
        fires(
            &GLOBAL_ARG_NOT_REDECLARED,
            "
            ARG V=1
            FROM a:$V AS a
            RUN echo $V
                      ^ warning
            ENV W=$V
            RUN <<EOF
            echo $V
            EOF
            FROM b:1
            COPY a-${V} /
                     ^ warning
            ARG V
            ENV W=$V
            FROM a
            RUN echo $V
            ",
        );
    }

    #[test]
    fn a_fallback_makes_it_less_and_a_name_of_the_base_image_even_less() {
        fires(
            &GLOBAL_ARG_NOT_REDECLARED,
            "
            ARG V=1
            ARG RUST_VERSION=1
            FROM rust:$RUST_VERSION
            RUN echo ${V:-2} $RUST_VERSION
                       ^ information
                              ^^^^^^^^^^^^ hint
            FROM scratch
            USER $RUST_VERSION
                  ^^^^^^^^^^^^ warning
            ",
        );
    }

    #[test]
    fn what_the_run_sets_and_what_nobody_reads_is_left_alone() {
        for run in [
            "V=2; echo $V",
            "export V=2 && echo $V",
            "for V in a b; do echo $V; done",
            "read V < /x; echo $V",
            "echo '$V' \\$V",
            "--mount=type=secret,id=v,env=V echo $V",
            ". /env && echo $V",
            "cat <<'EOF' > /x\n$V\nEOF",
            "[\"echo\", \"$V\"]",
        ] {
            silent(&GLOBAL_ARG_NOT_REDECLARED, &format!("ARG V=1\nFROM a:1\nRUN {run}\nCMD echo $V\n"));
        }
        silent(&GLOBAL_ARG_NOT_REDECLARED, "ARG V=1\nFROM a:1\nSHELL [\"cmd\"]\nRUN echo $V\n");
        silent(&GLOBAL_ARG_NOT_REDECLARED, "ARG V=1\nFROM a:1\nARG V\nRUN $V\nFROM a:1\nENV V=2\nRUN $V\n");
        silent(&GLOBAL_ARG_NOT_REDECLARED, "ARG V=1\nFROM a:1 AS x\nONBUILD RUN echo $V\n");
    }

    #[test]
    fn a_trigger_is_looked_at_where_a_stage_runs_it() {
        fires(
            &GLOBAL_ARG_NOT_REDECLARED,
            "
            ARG V=1
            FROM a:1 AS x
            ONBUILD RUN echo $V
                              ^ warning
            FROM x
            ",
        );
        assert_eq!(
            fixed(
                &GLOBAL_ARG_NOT_REDECLARED,
                "ARG V=1\nFROM a:1 AS x\nONBUILD RUN echo $V\nFROM x\n",
                "Add `ARG V` above its first use",
            ),
            "ARG V=1\nFROM a:1 AS x\nONBUILD ARG V\nONBUILD RUN echo $V\nFROM x\n"
        );
    }

    #[test]
    fn a_variable_base_that_may_bring_it_makes_it_a_hint() {
        fires(
            &GLOBAL_ARG_NOT_REDECLARED,
            "
            ARG V=1
            ARG BASE=a:1
            FROM a:1 AS x
            ARG V
            FROM ${BASE}
            RUN echo $V
                      ^ hint
            ",
        );
    }

    #[test]
    fn it_says_what_to_do_and_does_it() {
        let text = "
            ARG V=1
            FROM a:1 AS x
            WORKDIR /x

            # Why
              run make \\
                  $V
            ";
        assert_eq!(
            message(&GLOBAL_ARG_NOT_REDECLARED, text),
            "ARG V above the first FROM is only visible to FROM lines; here it is empty. Add \"ARG V\" to this stage"
        );
        assert_eq!(
            fixed(&GLOBAL_ARG_NOT_REDECLARED, text, "Add `ARG V` above its first use"),
            "ARG V=1\nFROM a:1 AS x\nWORKDIR /x\n\n  arg V\n# Why\n  run make \\\n      $V\n"
        );
        assert_eq!(
            fixed(&GLOBAL_ARG_NOT_REDECLARED, text, "Add `ARG V` below the FROM"),
            "ARG V=1\nFROM a:1 AS x\nARG V\nWORKDIR /x\n\n# Why\n  run make \\\n      $V\n"
        );
        assert_eq!(
            fixed(
                &GLOBAL_ARG_NOT_REDECLARED,
                "ARG V\r\nFROM a:1\r\nUSER $V",
                "Add `ARG V` above its first use"
            ),
            "ARG V\r\nFROM a:1\r\nARG V\r\nUSER $V"
        );
    }

    #[test]
    fn it_is_the_only_finding_and_buildkits_where_buildkit_looks() {
        only("ARG V=1\nFROM scratch\nUSER $V\nLABEL a=$V\n", &["global-arg-not-redeclared"]);
        let also = |text: &str| crate::rules::check(&crate::document::Document::open(text, 0))[0].also;
        assert_eq!(also("ARG V=1\nFROM a:1\nUSER $V\n"), Some("UndefinedVar"));
        assert_eq!(also("ARG V=1\nFROM a:1\nRUN $V\n"), None);
    }
}
