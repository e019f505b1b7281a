use super::{
    Findings,
    context::{Context, is_digits, is_unknown_name},
    rule,
    stage_edits::{add_above, free_name, newline, replace},
};
use crate::{
    stages::{Image, Reference, ReferenceKind, Resolution, names::valid_name_near},
    text::Edit,
};

rule! {
    /// A `COPY --from` or a mount from an image without a tag.
    ///
    /// ## Why
    /// Without a tag or a digest the tag is `latest`, which is another image after each release. A FROM on top of the file
    /// shows what the build pulls, and tools that keep images up to date find it there. A name that a build of the workspace
    /// gives a build context is none of an image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY --from=busybox /bin/wget /bin/wget
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM busybox:1.36 AS tools
    /// FROM alpine:3.20
    /// COPY --from=tools /bin/wget /bin/wget
    /// ```
    COPY_FROM_UNTAGGED_IMAGE: "copy-from-untagged-image", "A COPY or mount from an image without a tag", Information, check
}

/// How many of the findings offer the fix: each holds an edit for every number in the file.
const OFFERED: usize = 50;

fn check(context: &Context<'_>, out: &mut Findings) {
    // A number that counts an image that is copied from would count another one then.
    let by_accident = |&index: &usize| {
        matches!(context.stages.references()[index].resolution, Resolution::NumberedImage(_))
    };
    let can_be_named = context.fixes && !context.numbers.iter().any(by_accident);
    let mut offered = 0;
    for reference in context.stages.references() {
        let Resolution::Image(image) = &reference.resolution else { continue };
        if reference.kind == ReferenceKind::From
            || image.tag.is_some()
            || image.digest.is_some()
            // A misspelt stage, or the number of one.
            || is_unknown_name(reference)
            || is_digits(&reference.text)
        {
            continue;
        }
        let message = format!("No tag: this is {image}, which changes with each release");
        let finding = out.report(&COPY_FROM_UNTAGGED_IMAGE, reference.range.clone(), message);
        if can_be_named && !reference.onbuild && offered < OFFERED {
            offered += 1;
            let (name, edits) = name_as_stage(context, reference, image);
            finding.fix(format!("Name it as a stage: `FROM {} AS {name}`", reference.text), edits);
        }
    }
}

/// Puts a stage for the image on top of the file. Its tag is for the user to choose.
fn name_as_stage(context: &Context<'_>, reference: &Reference, image: &Image) -> (String, Option<Vec<Edit>>) {
    let repository = image.repository.rsplit('/').next().unwrap_or_default();
    let name = valid_name_near(repository).unwrap_or_else(|| "tools".to_owned());
    let name = free_name(context, &format!("{name}-image"));
    let newline = newline(context);
    let text = format!("FROM {} AS {name}{newline}{newline}", reference.text);
    let mut edits = add_above(context, 0, &text, Some(reference));
    edits.push(replace(reference.range.clone(), &name));
    (name, Some(edits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn copies_and_mounts_from_images_without_a_tag_are_found() {
        fires(
            &COPY_FROM_UNTAGGED_IMAGE,
            "
            FROM a:1
            COPY --from=busybox /bin/x /x
                        ^^^^^^^ information
            RUN --mount=from=ghcr.io/x/y,target=/y ls
                             ^^^^^^^^^^^ information
            ",
        );
    }

    #[test]
    fn tags_stages_and_what_is_wrong_otherwise_are_left_alone() {
        silent(
            &COPY_FROM_UNTAGGED_IMAGE,
            "FROM a:1 AS x\nFROM b:1\nCOPY --from=x /a /a\nCOPY --from=busybox:1.36 /a /a\nCOPY --from=scratch / /\n",
        );
        only(
            "FROM a:1 AS builder\nFROM b:1\nCOPY --from=builder /a /a\nCOPY --from=buidler /a /a\n",
            &["unknown-stage-reference"],
        );
        only("FROM a:1\nRUN --mount=from=7,target=/x ls\n", &["mount-from-stage-number"]);
    }

    #[test]
    fn it_becomes_a_stage_on_top() {
        assert_eq!(
            fixed(
                &COPY_FROM_UNTAGGED_IMAGE,
                "# Ours.\nFROM a:1\nFROM b:1\nCOPY --from=busybox /a /a\nCOPY --from=0 /b /b\n",
                "Name it as a stage: `FROM busybox AS busybox-image`"
            ),
            "FROM busybox AS busybox-image\n\n# Ours.\nFROM a:1\nFROM b:1\nCOPY --from=busybox-image /a /a\nCOPY --from=1 /b /b\n"
        );
    }
}
