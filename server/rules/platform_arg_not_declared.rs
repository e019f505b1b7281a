use super::{
    Findings,
    context::Context,
    rule,
    undeclared::{Cause, describe, offer_arg},
};

rule! {
    /// A stage uses one of the variables that tell the platform, and has no ARG for it.
    ///
    /// ## Why
    /// `TARGETARCH`, `BUILDPLATFORM` and the others are there for FROM lines without being declared. Within a stage they are
    /// empty until the stage, or one that it builds on, says `ARG` and the name. What is built with an empty value is built
    /// for the machine that builds it, whatever platform was asked for.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM --platform=$BUILDPLATFORM golang:1.26
    /// RUN GOARCH=$TARGETARCH go build -o /app ./cmd/app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM --platform=$BUILDPLATFORM golang:1.26
    /// ARG TARGETARCH
    /// RUN GOARCH=$TARGETARCH go build -o /app ./cmd/app
    /// ```
    PLATFORM_ARG_NOT_DECLARED: "platform-arg-not-declared", "A stage uses a platform argument that it does not declare", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for undeclared in context.undeclared().iter().filter(|undeclared| undeclared.cause == Cause::Platform) {
        let name = &undeclared.name;
        let message = format!("{name} is empty here: a stage sees it after \"ARG {name}\" only");
        let range = undeclared.carrier(context).range.clone();
        let finding = describe(context, out.report(&PLATFORM_ARG_NOT_DECLARED, range, message), undeclared);
        offer_arg(context, finding, undeclared);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn from_lines_see_it_and_stages_have_to_ask() {
        fires(
            &PLATFORM_ARG_NOT_DECLARED,
            "
            ARG TARGETOS
            FROM --platform=$BUILDPLATFORM a:1-$TARGETARCH AS a
            RUN GOOS=$TARGETOS GOARCH=${TARGETARCH} make
                      ^^^^^^^^ warning
                                        ^^^^^^^^^^ warning
            RUN echo $TARGETARCH
            FROM a:1
            ADD x-${TARGETARCH:-amd64} /
                    ^^^^^^^^^^ information
            ",
        );
    }

    #[test]
    fn who_asks_or_inherits_or_sets_it_has_it() {
        silent(
            &PLATFORM_ARG_NOT_DECLARED,
            "FROM a:1 AS a\nARG TARGETARCH\nRUN $TARGETARCH\nFROM a\nRUN $TARGETARCH\nFROM a:1\nRUN TARGETARCH=$(uname -m); $TARGETARCH\n",
        );
    }

    #[test]
    fn the_argument_is_added() {
        assert_eq!(
            fixed(
                &PLATFORM_ARG_NOT_DECLARED,
                "FROM a:1\nWORKDIR /x\nRUN $TARGETARCH\n",
                "Add `ARG TARGETARCH` above its first use",
            ),
            "FROM a:1\nWORKDIR /x\nARG TARGETARCH\nRUN $TARGETARCH\n"
        );
    }
}
