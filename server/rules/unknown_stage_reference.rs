use std::collections::HashMap;

use super::{
    Finding, Findings, Severity,
    context::{Context, is_unknown_name},
    rule,
    stage_edits::{add_above, newline, replace},
};
use crate::stages::{Reference, Resolution, names::is_valid_name};

rule! {
    /// A `COPY --from` or a mount that names no stage of the file.
    ///
    /// ## Why
    /// BuildKit takes every name that no stage has for the name of an image, and tries to pull it, unless the build gives a
    /// context that name. Contexts that files of the workspace give (Compose, Bake) are known here. With a misspelt stage
    /// the build fails late, with a message about a registry, or copies from a stranger's image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS builder
    /// FROM alpine:3.20
    /// COPY --from=biulder /app /app
    /// ```
    ///
    /// ## Instead
    /// Write the name of a stage above, or the image with its tag.
    /// ```dockerfile
    /// FROM golang:1.22 AS builder
    /// FROM alpine:3.20
    /// COPY --from=builder /app /app
    /// COPY --from=nginx:1.27 /etc/nginx/nginx.conf /etc/
    /// ```
    UNKNOWN_STAGE_REFERENCE: "unknown-stage-reference", "`--from` or a mount names no stage", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    // Per name, the first stage that wants it: a new stage has to stand above all of them.
    let mut wanted: HashMap<String, usize> = HashMap::new();
    for reference in context.stages.references() {
        if !is_unknown_name(reference) {
            continue;
        }
        let first = *wanted.entry(reference.text.to_lowercase()).or_insert(reference.stage);
        let near = context.near(&reference.text, reference.stage);
        match &reference.resolution {
            Resolution::Image(image) => {
                let message = format!(
                    "No stage named \"{}\". Docker will try to pull an image \"{}/{}:latest\".",
                    reference.text, image.registry, image.repository
                );
                let finding = report(context, out, reference, &near, message);
                if reference.onbuild {
                    finding.severity(Severity::Information);
                }
                if context.fixes && is_valid_name(&reference.text) {
                    let edits = create(context, reference, first);
                    finding.fix(format!("Create stage {}", reference.text), Some(edits));
                }
                if near.len() + context.near_contexts(&reference.text).len() == 1 {
                    finding.prefer_first_fix();
                }
            }
            // What could not be pulled either. Without a stage that was meant, the text is what is wrong.
            Resolution::Invalid(_) if context.is_near_miss(reference) => {
                let message =
                    format!("No stage named \"{}\", and no image can have that name.", reference.text);
                report(context, out, reference, &near, message)
                    .severity(context.always(reference.onbuild, reference.stage))
                    .prefer_single_fix();
            }
            _ => {}
        }
    }
}

fn report<'a>(
    context: &Context<'_>,
    out: &'a mut Findings,
    reference: &Reference,
    near: &[usize],
    mut message: String,
) -> &'a mut Finding {
    let name = |&stage: &usize| context.stages.all()[stage].name.as_ref().map(|name| name.text.as_str());
    let contexts = context.near_contexts(&reference.text);
    match (near.first().and_then(name), contexts.first()) {
        (Some(name), _) => message += &format!(" Did you mean \"{name}\"?"),
        (None, Some(name)) => message += &format!(" Did you mean the build context \"{name}\"?"),
        (None, None) => message.truncate(message.len() - 1),
    }
    let finding = out.report(&UNKNOWN_STAGE_REFERENCE, reference.range.clone(), message);
    for stage in near {
        let Some(name) = name(stage) else { continue };
        finding.related(context.declaration(*stage), format!("Stage \"{name}\" is declared here")).fix(
            format!("Use `{name}`"),
            is_valid_name(&name.to_lowercase()).then(|| vec![replace(reference.range.clone(), name)]),
        );
    }
    for name in contexts {
        finding.fix(format!("Use `{name}`"), Some(vec![replace(reference.range.clone(), *name)]));
    }
    finding
}

fn create(context: &Context<'_>, reference: &Reference, above: usize) -> Vec<crate::text::Edit> {
    let newline = newline(context);
    // Without a file in it there would be nothing to copy.
    let text = format!("FROM scratch AS {}{newline}COPY . /{newline}{newline}", reference.text);
    add_above(context, above, &text, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::user;
    use crate::rules::testing::{among, fires, fixed, message, only, silent};

    #[test]
    fn a_misspelt_stage_is_found_and_says_what_was_meant() {
        fires(
            &UNKNOWN_STAGE_REFERENCE,
            "
            FROM golang:1.22 AS builder
            FROM alpine:3.20
            COPY --chown=1 --from=biulder /a /a
                                  ^^^^^^^ warning
            RUN --mount=target=/x,from=bilder ls
                                       ^^^^^^ warning
            ",
        );
        let text = "
            FROM golang:1.22 AS builder
            FROM alpine:3.20
            COPY --from=biulder /a /a
            ";
        assert_eq!(
            message(&UNKNOWN_STAGE_REFERENCE, text),
            "No stage named \"biulder\". Docker will try to pull an image \"docker.io/library/biulder:latest\". \
             Did you mean \"builder\"?"
        );
        let after = fixed(&UNKNOWN_STAGE_REFERENCE, text, "Use `builder`");
        assert!(after.ends_with("COPY --from=builder /a /a\n"), "{after}");
    }

    #[test]
    fn a_name_that_is_none_is_not_written_elsewhere() {
        let doc =
            crate::document::Document::open("FROM a:1 AS $build\nFROM b:1\nCOPY --from=build /a /a\n", 0);
        let findings = crate::rules::check(&doc);
        let fixes = findings.iter().filter(|f| f.code == UNKNOWN_STAGE_REFERENCE.code).flat_map(|f| &f.fixes);
        assert!(fixes.into_iter().all(|fix| !fix.title.contains('$')), "{findings:#?}");
    }

    #[test]
    fn a_part_of_the_name_is_near_enough() {
        fires(
            &UNKNOWN_STAGE_REFERENCE,
            "
            FROM a:1 AS license-set
            FROM alpine:3.20
            COPY --from=set /a /a
                        ^^^ warning
            ",
        );
    }

    #[test]
    fn in_upper_case_it_is_an_error_for_no_image_has_such_a_name() {
        fires(
            &UNKNOWN_STAGE_REFERENCE,
            "
            FROM golang:1.22 AS builder
            FROM alpine:3.20
            COPY --from=Biulder /a /a
                        ^^^^^^^ error
            ",
        );
    }

    #[test]
    fn in_an_onbuild_it_may_be_meant_for_another_file() {
        fires(
            &UNKNOWN_STAGE_REFERENCE,
            "
            FROM alpine:3.20
            ONBUILD COPY --from=assets /a /a
                                ^^^^^^ information
            ",
        );
    }

    #[test]
    fn images_stages_and_what_others_report_are_left_alone() {
        for from in [
            "nginx",
            "nginx:1",
            "a/b",
            "BUILDER",
            "0",
            "5",
            "$X",
            "",
            "scratch",
            "alpine@sha256:0",
            "my.registry",
        ] {
            silent(
                &UNKNOWN_STAGE_REFERENCE,
                &format!("FROM golang:1.22 AS builder\nFROM alpine:3.20\nCOPY --from={from} /a /a\n"),
            );
        }
        silent(&UNKNOWN_STAGE_REFERENCE, "FROM a:1 AS b\nRUN --mount=from=0,target=/x ls\n");
    }

    #[test]
    fn the_stage_that_was_meant_is_not_called_unused_as_well() {
        only(
            "
            FROM golang:1.22 AS deps
            FROM deps AS builder
            FROM alpine:3.20
            COPY --from=biulder /a /a
            ",
            &["unknown-stage-reference"],
        );
    }

    #[test]
    fn a_new_stage_does_not_change_what_numbers_mean() {
        let after = fixed(
            &UNKNOWN_STAGE_REFERENCE,
            "
            FROM a:1 AS x

            # The app.
            FROM b:1 AS y
            COPY --from=0 /f /f
            COPY --from=assets /f /f
            FROM c:1
            COPY --from=1 /f /f
            ",
            "Create stage assets",
        );
        assert_eq!(
            after,
            "FROM a:1 AS x\n\nFROM scratch AS assets\nCOPY . /\n\n# The app.\nFROM b:1 AS y\nCOPY --from=0 /f /f\n\
             COPY --from=assets /f /f\nFROM c:1\nCOPY --from=2 /f /f\n"
        );
    }

    #[test]
    fn a_new_stage_stands_above_all_that_want_it() {
        let after = fixed(
            &UNKNOWN_STAGE_REFERENCE,
            "FROM a:1 AS x\nCOPY --from=assets /f /f\nFROM x\nCOPY --from=assets /f /g\n",
            "Create stage assets",
        );
        assert_eq!(
            after,
            "FROM scratch AS assets\nCOPY . /\n\nFROM a:1 AS x\nCOPY --from=assets /f /f\nFROM x\nCOPY --from=assets /f /g\n"
        );
    }

    #[test]
    fn new_lines_end_as_those_of_the_file() {
        let after = fixed(
            &UNKNOWN_STAGE_REFERENCE,
            "FROM a:1 AS x\r\nCOPY --from=assets /f /f\r\n",
            "Create stage assets",
        );
        assert_eq!(
            after,
            "FROM scratch AS assets\r\nCOPY . /\r\n\r\nFROM a:1 AS x\r\nCOPY --from=assets /f /f\r\n"
        );
    }

    #[test]
    fn a_build_context_is_no_unknown_stage_and_can_be_meant() {
        let given = among([user("bake target `x`").context("assets")]);
        given.silent(
            &UNKNOWN_STAGE_REFERENCE,
            "FROM a:1\nCOPY --from=assets /a /a\nRUN --mount=from=assets,target=/x ls\n",
        );
        let text = "FROM a:1\nCOPY --from=asets /a /a\n";
        assert_eq!(
            given.message(&UNKNOWN_STAGE_REFERENCE, text),
            "No stage named \"asets\". Docker will try to pull an image \"docker.io/library/asets:latest\". Did you mean the build \
             context \"assets\"?"
        );
        // What could not be pulled either is one finding, and its fix leaves none.
        given.fires(
            &UNKNOWN_STAGE_REFERENCE,
            "
            FROM a:1
            COPY --from=Asets /a /a
                        ^^^^^ error
            ",
        );
    }
}
