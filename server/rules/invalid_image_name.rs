use super::{Findings, context::Context, from_stage_name_case, from_syntax, rule, stage_edits::replace};
use crate::{
    stages::{Image, ImageError, Reference, ReferenceKind, Resolution},
    syntax::{Arguments, instruction::From},
};

rule! {
    /// A name that is no stage, and that no image can have.
    ///
    /// ## Why
    /// Images are named in lower case, as `registry/path:tag@digest`. With anything else the build stops, even if the stage
    /// is not needed.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM Ubuntu:24.04
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM ubuntu:24.04
    /// ```
    INVALID_IMAGE_NAME: "invalid-image-name", "Neither a stage nor a name that an image can have", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for reference in context.stages.references() {
        if reference.variable.is_some() {
            expanded(context, out, reference);
            continue;
        }
        let Resolution::Invalid(error) = reference.resolution else { continue };
        if is_reported_otherwise(context, reference) {
            continue;
        }
        let text = &reference.text;
        let lower = text.to_lowercase();
        let message = match (error, reference.kind) {
            _ if text.is_empty() => "The name of the image is empty".to_owned(),
            (ImageError::UpperCase, _) => format!("\"{text}\" is no image: its name must be in lower case"),
            (ImageError::Format, ReferenceKind::From) => {
                format!("\"{text}\" is neither a stage above nor a valid image name")
            }
            (ImageError::Format, _) => format!("\"{text}\" is neither a stage nor a valid image name"),
        };
        let repository = text.find([':', '@']).filter(|_| !text.contains('/')).unwrap_or(text.len());
        let (name, rest) = text.split_at(repository);
        let lower = if rest.is_empty() { lower } else { name.to_lowercase() + rest };
        // `FROM BASE_IMAGE`: the argument's value was meant.
        let args = &context.stages.globals().args;
        let arg = args.iter().find(|arg| reference.kind == ReferenceKind::From && arg.name == *text);
        if let Some(arg) = arg {
            out.report(
                &INVALID_IMAGE_NAME,
                reference.range.clone(),
                format!("{message}. Did you mean \"${{{text}}}\"?"),
            )
            .related(arg.name_range.clone(), "This argument has the name")
            .fix(
                format!("Use `${{{text}}}`"),
                Some(vec![replace(reference.range.clone(), format!("${{{text}}}"))]),
            )
            .prefer_single_fix();
            continue;
        }
        let can_be_lower = lower != *text && (lower == "scratch" || Image::parse(&lower).is_ok());
        out.report(&INVALID_IMAGE_NAME, reference.range.clone(), message)
            .severity(context.always(reference.onbuild, reference.stage))
            .fix(
                format!("Use `{lower}`"),
                can_be_lower.then(|| vec![replace(reference.range.clone(), &lower)]),
            )
            .prefer_single_fix();
    }
}

/// A base with variables that have no value, whatever the build is given.
fn expanded(context: &Context<'_>, out: &mut Findings, reference: &Reference) {
    let Some(variable) = &reference.variable else { return };
    if reference.resolution != Resolution::Unknown || variable.error.is_some() {
        return;
    }
    let Some(name) = variable.open.text() else { return };
    let placed = context.opening(reference.stage);
    let Arguments::From(From { base: Some(word), unexpected, .. }) = &placed.instruction.arguments else {
        return;
    };
    // White space inside of ${…} ended the word: said elsewhere.
    if !unexpected.is_empty() {
        return;
    }
    let word = word.text();
    let shown = match name.as_str() {
        "" => format!("\"{word}\" is empty"),
        _ => format!("\"{word}\" is \"{name}\", and no name of an image"),
    };
    // A variable that nothing sets is UndefinedArgInFrom. A `$` in the name comes from quotes or an escape.
    if context.undeclared_in_from(word).is_empty() || name.contains('$') {
        out.report(&INVALID_IMAGE_NAME, reference.range.clone(), shown);
    }
}

fn is_reported_otherwise(context: &Context<'_>, reference: &Reference) -> bool {
    from_stage_name_case::meant(context, reference).is_some()
        || is_torn(context, reference)
        // A comment, where a name should be.
        || (reference.kind == ReferenceKind::From && reference.text.starts_with('#'))
        || context.is_near_miss(reference)
}

/// White space ended the name: from-syntax says so.
fn is_torn(context: &Context<'_>, reference: &Reference) -> bool {
    let arguments = &context.instruction(reference.instruction).instruction.arguments;
    matches!(arguments, Arguments::From(from) if from_syntax::torn(from).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, only, silent};

    #[test]
    fn names_that_no_image_has_are_errors_wherever_they_are() {
        fires(
            &INVALID_IMAGE_NAME,
            "
            FROM SCRATCH
                 ^^^^^^^ error
            COPY --from=Scratch /a /a
                        ^^^^^^^ error
            FROM alpine:
                 ^^^^^^^ error
            RUN --mount=from=a_-b,target=/x ls
                             ^^^^ error
            FROM a:1
            ",
        );
    }

    #[test]
    fn what_nothing_can_set_is_empty() {
        fires(
            &INVALID_IMAGE_NAME,
            "
            FROM a:$TARGETOSVERSION/
            FROM '$T'
                 ^^^^ error
            FROM a${T}
            ",
        );
        only("FROM a:${VERSIN}\n", &["UndefinedArgInFrom"]);
        assert_eq!(
            message(&INVALID_IMAGE_NAME, "FROM '$T'\n"),
            "\"'$T'\" is \"$T\", and no name of an image"
        );
    }

    #[test]
    fn in_an_onbuild_it_fails_only_for_those_who_build_on_it() {
        fires(
            &INVALID_IMAGE_NAME,
            "
            FROM a:1
            ONBUILD COPY --from=Nope:1 /a /a
                                ^^^^^^ warning
            ",
        );
    }

    #[test]
    fn what_is_valid_depends_on_variables_or_means_a_stage_is_left_alone() {
        silent(
            &INVALID_IMAGE_NAME,
            "ARG T\nFROM alpine:$T\nFROM ${T}\nFROM localhost:5000/a/b:C\nFROM a:V1\n",
        );
        only("FROM a:1 AS Builder\nFROM Builder\n", &["StageNameCasing", "from-stage-name-case"]);
        only("FROM a:1 AS builder\nFROM a:1\nCOPY --from=Biulder /a /a\n", &["unknown-stage-reference"]);
    }

    #[test]
    fn the_bare_name_of_an_argument_gets_its_dollar() {
        let text = "ARG BASE_IMAGE\nFROM BASE_IMAGE\n";
        assert_eq!(
            fixed(&INVALID_IMAGE_NAME, text, "Use `${BASE_IMAGE}`"),
            "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\n"
        );
    }

    #[test]
    fn capitals_become_small() {
        assert_eq!(
            fixed(&INVALID_IMAGE_NAME, "FROM Ubuntu:24.04\n", "Use `ubuntu:24.04`"),
            "FROM ubuntu:24.04\n"
        );
        assert_eq!(
            fixed(&INVALID_IMAGE_NAME, "FROM Ubuntu:Noble\n", "Use `ubuntu:Noble`"),
            "FROM ubuntu:Noble\n"
        );
        assert_eq!(fixed(&INVALID_IMAGE_NAME, "FROM SCRATCH\n", "Use `scratch`"), "FROM scratch\n");
    }

    #[test]
    fn an_escaped_equals_sign_is_no_part_of_the_name() {
        silent(&INVALID_IMAGE_NAME, "FROM a:1\nCOPY --from\\= /a /a\nCOPY --from\\=b:1 /a /a\n");
    }
}
