use super::{Findings, context::Context, rule};
use crate::stages::Resolution;

rule! {
    /// An image with the tag `latest`.
    ///
    /// ## Why
    /// `latest` is another image after each release: the same file builds something else tomorrow.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:latest
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM debian:12
    /// ```
    IMAGE_LATEST: "image-latest", "An image has the tag `latest`", Information, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for reference in context.stages.references() {
        let Resolution::Image(image) = &reference.resolution else { continue };
        if reference.variable.is_some() || image.tag.as_deref() != Some("latest") || image.digest.is_some() {
            continue;
        }
        let range = &reference.range;
        let tag = range.end.saturating_sub("latest".len())..range.end;
        let is_plain = tag.start > range.start && context.doc.text().slice(tag.clone()) == "latest";
        let message = format!("The tag latest changes with each release: {image} is not the same tomorrow");
        out.report(&IMAGE_LATEST, if is_plain { tag } else { range.clone() }, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, silent};

    #[test]
    fn the_tag_is_found_wherever_an_image_is_named() {
        fires(
            &IMAGE_LATEST,
            "
            FROM debian:latest
                        ^^^^^^ information
            COPY --from=x/y:latest /a /a
                            ^^^^^^ information
            RUN --mount=from=\"x/y:latest\",target=/x ls
                                  ^^^^^^ information
            ",
        );
    }

    #[test]
    fn other_tags_digests_and_variables_are_left_alone() {
        let digest = "0".repeat(64);
        silent(
            &IMAGE_LATEST,
            &format!(
                "ARG T=latest\nFROM a:latest-slim\nFROM a:latest@sha256:{digest}\nFROM a:$T\nFROM latest:1\n"
            ),
        );
    }
}
