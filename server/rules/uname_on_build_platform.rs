use super::{
    Findings, context::Context, cross::crossings, new_lines::line_above, rule, running::Running,
    stage_edits::replace,
};
use crate::{flow::StagePlatform, syntax::Keyword, text::Edit};

rule! {
    /// A stage on the platform of the builder asks the machine for its architecture, for what goes into the image.
    ///
    /// ## Why
    /// With `--platform=$BUILDPLATFORM`, `uname -m` and its like tell what machine builds, and not what the image is for. That
    /// stands in `$TARGETARCH`, once the stage declares it. Tools for the stage itself are not meant.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM --platform=$BUILDPLATFORM debian:12 AS fetch
    /// RUN curl -fsSL -o /usr/local/bin/tool https://example.com/tool-$(dpkg --print-architecture)
    ///
    /// FROM debian:12-slim
    /// COPY --from=fetch /usr/local/bin/tool /usr/local/bin/tool
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM --platform=$BUILDPLATFORM debian:12 AS fetch
    /// ARG TARGETARCH
    /// RUN curl -fsSL -o /usr/local/bin/tool https://example.com/tool-$TARGETARCH
    ///
    /// FROM debian:12-slim
    /// COPY --from=fetch /usr/local/bin/tool /usr/local/bin/tool
    /// ```
    UNAME_ON_BUILD_PLATFORM: "uname-on-build-platform", "A stage on the builder's platform asks the machine for its architecture", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let on_builder = |running: &&Running<'_>| {
        asks(running).is_some() && running.flow().root().platform == StagePlatform::Build
    };
    let mut asking = context.running().iter().filter(on_builder).peekable();
    if asking.peek().is_none() {
        return;
    }
    let crossings = crossings(context);
    let mut told = None;
    for running in asking {
        let by = running.origin();
        let copied = crossings.iter().find(|crossing| {
            crossing.facts(context).any(|fact| {
                (fact.origin.stage, fact.origin.instruction) == (by.stage, by.instruction) && fact.certain
            })
        });
        // Once per RUN.
        let Some(crossing) = copied.filter(|_| told != Some(running.instruction)) else { continue };
        let text = context.doc.text().slice(running.placed().range());
        if ["TARGETARCH", "TARGETPLATFORM"].iter().any(|name| text.contains(name)) {
            continue;
        }
        told = Some(running.instruction);
        let message = "This tells what machine builds, not what the image is for: that is `$TARGETARCH`";
        let copy = context.instruction(crossing.instruction);
        let finding = out.report(&UNAME_ON_BUILD_PLATFORM, running.range(), message);
        finding.related(
            copy.at(crossing.source.range()),
            "Copied into a stage for the platform that is asked for",
        );
        // Others than Debian and Go have other names for architectures.
        if asks(running) == Some(true) && context.fixes {
            finding.fix("Use `$TARGETARCH`", target(context, running)).prefer_single_fix();
        }
    }
}

/// Whether a command tells the architecture of the machine; `true` if by the names that BuildKit has.
fn asks(running: &Running<'_>) -> Option<bool> {
    let call = running.call?;
    let mut words = call.arguments.iter().map(|argument| argument.text());
    match call.name {
        "uname" => words.any(|word| matches!(word, Some("-m" | "-p" | "-i" | "--machine"))).then_some(false),
        "arch" => call.arguments.is_empty().then_some(false),
        "apk" => words.any(|word| word == Some("--print-arch")).then_some(false),
        "dpkg" => words.any(|word| word == Some("--print-architecture")).then_some(true),
        "go" => (words.next() == Some(Some("env")) && words.next() == Some(Some("GOARCH"))).then_some(true),
        _ => None,
    }
}

/// The variable in the place of `$(…)`.
fn target(context: &Context<'_>, running: &Running<'_>) -> Option<Vec<Edit>> {
    let text = context.doc.text();
    let range = running.range();
    let start = range.start.checked_sub(2)?;
    let is_alone = text.slice(start..range.start) == "$("
        && text.len() > range.end
        && text.slice(range.end..range.end + 1) == ")";
    is_alone.then(|| {
        vec![
            line_above(context, running.instruction, Keyword::Arg, "TARGETARCH"),
            replace(start..range.end + 1, "${TARGETARCH}"),
        ]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn what_goes_into_the_image_is_found() {
        fires(
            &UNAME_ON_BUILD_PLATFORM,
            "
            FROM --platform=$BUILDPLATFORM debian:12 AS b
            RUN curl -o /tool https://example.com/tool-$(uname -m)
                                                         ^^^^^^^^ warning
            FROM debian:12
            COPY --from=b /tool /tool
            ",
        );
    }

    #[test]
    fn tools_for_the_stage_itself_are_left_alone() {
        let file = |platform: &str, last: &str| {
            format!(
                "FROM {platform}debian:12 AS b\nRUN curl -o /tool https://example.com/tool-$(uname -m)\nRUN /tool -o /x\nFROM debian:12\n{last}\n"
            )
        };
        silent(&UNAME_ON_BUILD_PLATFORM, &file("--platform=$BUILDPLATFORM ", "COPY --from=b /x /x"));
        silent(&UNAME_ON_BUILD_PLATFORM, &file("", "COPY --from=b /tool /tool"));
        silent(&UNAME_ON_BUILD_PLATFORM, &file("--platform=$BUILDPLATFORM ", ""));
    }

    #[test]
    fn the_variable_takes_its_place() {
        assert_eq!(
            fixed(
                &UNAME_ON_BUILD_PLATFORM,
                "
                FROM --platform=$BUILDPLATFORM debian:12 AS b
                RUN curl -o /tool https://example.com/$(dpkg --print-architecture)/tool
                FROM debian:12
                COPY --from=b /tool /tool
                ",
                "Use `$TARGETARCH`"
            ),
            "FROM --platform=$BUILDPLATFORM debian:12 AS b\nARG TARGETARCH\n\
             RUN curl -o /tool https://example.com/${TARGETARCH}/tool\nFROM debian:12\nCOPY --from=b /tool /tool\n"
        );
    }
}
