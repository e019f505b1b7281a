use std::ops::Range;

use super::{Findings, context::Context, rule};
use crate::{flow::StagePlatform, stages::ReferenceKind, syntax::Keyword};

rule! {
    /// A download for one architecture, in a file that cares for several.
    ///
    /// ## Why
    /// The rest of the file uses `$TARGETARCH` or `$TARGETPLATFORM`, so it is meant for several platforms. A program for amd64
    /// does not run in an image for another one.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// ARG TARGETARCH
    /// RUN GOARCH=$TARGETARCH go build -o /app .
    ///
    /// FROM alpine:3.20
    /// ADD https://example.com/tool-linux-amd64 /usr/local/bin/tool
    /// COPY --from=build /app /app
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// ARG TARGETARCH
    /// RUN GOARCH=$TARGETARCH go build -o /app .
    ///
    /// FROM alpine:3.20
    /// ARG TARGETARCH
    /// ADD https://example.com/tool-linux-$TARGETARCH /usr/local/bin/tool
    /// COPY --from=build /app /app
    /// ```
    HARD_CODED_ARCH: "hard-coded-arch", "A download for one architecture, in a file for several", Hint, check
}

const ARCHITECTURES: [&str; 5] = ["amd64", "x86_64", "arm64", "aarch64", "x86-64"];

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut found: Vec<(usize, Range<usize>)> = Vec::new();
    for running in context.running().iter().filter(|running| matches!(running.name(), "curl" | "wget")) {
        if running.line.command.conditional {
            continue;
        }
        for argument in running.call.map_or(&[][..], |call| call.arguments) {
            let place = running.place(argument.range.clone());
            found.extend(architecture(context, place).map(|place| (running.stage, place)));
        }
    }
    for (index, placed) in context.with(&[Keyword::Add]) {
        let Some(stage) = context.stages.of_instruction(index) else { continue };
        let Some((_, sources)) = placed.instruction.meant_words().split_last() else { continue };
        for source in sources.iter().filter(|source| source.text().contains("://")) {
            found.extend(architecture(context, placed.at(source.range())).map(|place| (stage.index, place)));
        }
    }
    if found.is_empty() || !is_for_several(context) {
        return;
    }
    for (stage, place) in found {
        if context.flow().stage(stage).root().platform == StagePlatform::Const {
            continue;
        }
        let arch = context.doc.text().slice(place.clone()).into_owned();
        let message =
            format!("This download is for {arch} only, while the file uses the platform that is asked for");
        out.report(&HARD_CODED_ARCH, place, message);
    }
}

/// Where a URL names an architecture and no variable that may.
fn architecture(context: &Context<'_>, place: Range<usize>) -> Option<Range<usize>> {
    let text = context.doc.text().slice(place.clone());
    if !text.contains("://") || text.to_ascii_lowercase().contains("arch") {
        return None;
    }
    let (at, arch) = ARCHITECTURES.iter().find_map(|arch| Some((text.find(arch)?, arch)))?;
    Some(place.start + at..place.start + at + arch.len())
}

/// Whether the file says anything of the platform that is asked for.
fn is_for_several(context: &Context<'_>) -> bool {
    let is_it = |name: &str| matches!(name, "TARGETARCH" | "TARGETPLATFORM");
    let in_from = |text: &str| text.contains("TARGETARCH");
    context.doc.variables().uses().iter().any(|used| is_it(&used.name))
        || context
            .stages
            .references()
            .iter()
            .any(|reference| reference.kind == ReferenceKind::From && in_from(&reference.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, silent};

    #[test]
    fn one_architecture_in_a_file_for_several_is_found() {
        fires(
            &HARD_CODED_ARCH,
            "
            FROM alpine:3.20
            ARG TARGETARCH
            RUN echo $TARGETARCH && curl -fsSL -o /x https://example.com/x_amd64.tgz
                                                                           ^^^^^ hint
            ADD https://example.com/x86_64/x /x
                                    ^^^^^^ hint
            ",
        );
    }

    #[test]
    fn files_for_one_platform_and_cases_are_left_alone() {
        silent(&HARD_CODED_ARCH, "FROM alpine:3.20\nRUN curl -O https://example.com/x_amd64.tgz\n");
        let several = "FROM alpine:3.20\nARG TARGETARCH\nRUN echo $TARGETARCH\n";
        for rest in [
            "RUN if [ -n \"$X\" ]; then curl -O https://example.com/x_amd64.tgz; fi",
            "RUN curl -O https://example.com/${TARGETARCH}/x_amd64.tgz",
            "RUN curl -o /amd64 https://example.com/x",
            "FROM --platform=linux/amd64 alpine:3.20\nRUN curl -O https://example.com/x_amd64.tgz",
        ] {
            silent(&HARD_CODED_ARCH, &format!("{several}{rest}\n"));
        }
    }
}
