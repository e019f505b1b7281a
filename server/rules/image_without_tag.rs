use super::{
    Findings,
    context::{Context, names_its_image},
    rule,
};
use crate::stages::{ReferenceKind, Resolution, image::looks_like_image};

rule! {
    /// A FROM that names an image without a tag.
    ///
    /// ## Why
    /// Without a tag or a digest the tag is `latest`, which is another image after each release: the same file builds something
    /// else tomorrow. A name that a build of the workspace gives a build context is none of an image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM debian:12
    /// ```
    IMAGE_WITHOUT_TAG: "image-without-tag", "A FROM names an image without a tag", Information, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for reference in context.stages.references() {
        let Resolution::Image(image) = &reference.resolution else { continue };
        if reference.kind != ReferenceKind::From
            || reference.variable.is_some()
            || image.tag.is_some()
            || image.digest.is_some()
            || !names_its_image(context, &context.stages.all()[reference.stage])
        {
            continue;
        }
        // A stage was meant, which another rule says.
        let mut named = context.stages.names().with_name(&reference.text).iter();
        if named.any(|&index| index != reference.stage) && !looks_like_image(&reference.text) {
            continue;
        }
        let message = format!("No tag: this is {image}, which changes with each release");
        out.report(&IMAGE_WITHOUT_TAG, reference.range.clone(), message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, message, silent};

    #[test]
    fn images_without_a_tag_are_found() {
        fires(
            &IMAGE_WITHOUT_TAG,
            "
            FROM debian
                 ^^^^^^ information
            FROM localhost:5000/x/y AS y
                 ^^^^^^^^^^^^^^^^^^ information
            FROM golang AS golang
                 ^^^^^^ information
            FROM debian AS x # builds
                 ^^^^^^ information
            ",
        );
        assert_eq!(
            message(&IMAGE_WITHOUT_TAG, "FROM debian\n"),
            "No tag: this is debian:latest, which changes with each release"
        );
    }

    #[test]
    fn stages_variables_digests_and_scratch_are_left_alone() {
        let digest = "0".repeat(64);
        silent(
            &IMAGE_WITHOUT_TAG,
            &format!(
                "ARG B=debian\nFROM a:1 AS build\nFROM build\nFROM build-${{TARGETARCH}}\nFROM scratch\n\
                 FROM debian@sha256:{digest}\nFROM $B\nFROM ${{NOPE}}x\n"
            ),
        );
        silent(&IMAGE_WITHOUT_TAG, "FROM a:1 AS Base\nFROM Base\nFROM tools\nFROM b:1 AS tools\n");
    }
}
