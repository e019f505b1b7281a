use super::{Findings, Severity, context::Context, rule, stage_edits::replace};
use crate::{
    stages::globals::is_predefined,
    variables::{DeclarationKind, Variables},
};

rule! {
    /// A default for one of the arguments that tell the platform.
    ///
    /// ## Why
    /// BuildKit sets `TARGETARCH`, `BUILDPLATFORM` and the others by itself. A default takes the place of that value, whatever
    /// platform is asked for: images for arm64 then hold programs for amd64.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM --platform=$BUILDPLATFORM golang:1.26
    /// ARG TARGETARCH=amd64
    /// RUN GOARCH=$TARGETARCH go build -o /app ./cmd/app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM --platform=$BUILDPLATFORM golang:1.26
    /// ARG TARGETARCH
    /// RUN GOARCH=$TARGETARCH go build -o /app ./cmd/app
    /// ```
    PLATFORM_ARG_DEFAULT: "platform-arg-default", "A default replaces the platform that BuildKit sets", Information, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let variables = context.doc.variables();
    let mut is_cross = None;
    for declaration in variables.declarations() {
        let Some(value) = &declaration.value else { continue };
        let name = &*declaration.name;
        if declaration.kind != DeclarationKind::Arg || !is_predefined(name) || name == "TARGETSTAGE" {
            continue;
        }
        // `${TARGETARCH:-amd64}` keeps what is set.
        if variables.uses_in(value.clone()).iter().any(|used| *used.name == *name) {
            continue;
        }
        let written = context.doc.text().slice(value.clone());
        let written = written.trim_matches(['"', '\'']);
        let message = format!("The default \"{written}\" replaces the value that BuildKit sets for {name}");
        let finding = out.report(&PLATFORM_ARG_DEFAULT, value.clone(), message);
        // Other defaults choose another builder, or the system that everybody asks for.
        let decides = matches!(name, "TARGETARCH" | "TARGETVARIANT" | "TARGETPLATFORM");
        if decides && *is_cross.get_or_insert_with(|| builds_across(variables)) {
            finding.severity(Severity::Warning);
        }
        let edits = vec![replace(declaration.range.end..value.end, "")];
        finding.fix("Remove the default", Some(edits)).prefer_single_fix();
    }
}

/// Whether a stage of the file runs on the machine that builds, for another one.
fn builds_across(variables: &Variables) -> bool {
    variables.uses().iter().any(|used| used.stage.is_none() && &*used.name == "BUILDPLATFORM")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn it_is_worse_in_a_file_that_builds_across() {
        fires(
            &PLATFORM_ARG_DEFAULT,
            "
            FROM a:1
            ARG TARGETARCH=amd64
                           ^^^^^ information
            ",
        );
        fires(
            &PLATFORM_ARG_DEFAULT,
            "
            ARG BUILDPLATFORM=linux/amd64
                              ^^^^^^^^^^^ information
            FROM --platform=$BUILDPLATFORM a:1
            ARG A=1 TARGETOS=\"linux\" TARGETARCH TARGETVARIANT=v7
                             ^^^^^^^ information
                                                              ^^ warning
            ",
        );
    }

    #[test]
    fn without_a_default_or_with_itself_in_it_it_is_left_alone() {
        silent(
            &PLATFORM_ARG_DEFAULT,
            "ARG TARGETARCH=${TARGETARCH:-amd64}\nFROM a:1\nARG TARGETOS\nENV TARGETARCH=amd64\n",
        );
    }

    #[test]
    fn the_default_goes() {
        assert_eq!(
            fixed(&PLATFORM_ARG_DEFAULT, "FROM a:1\nARG TARGETARCH=amd64 B=1\n", "Remove the default"),
            "FROM a:1\nARG TARGETARCH B=1\n"
        );
    }
}
