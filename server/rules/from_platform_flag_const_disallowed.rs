use super::{
    Findings,
    context::Context,
    from_words::{look_up, platform},
    rule,
};
use crate::stages::platform::Platform;

rule! {
    /// A `--platform` that is the same for every build.
    ///
    /// ## Why
    /// The stage has that platform even when another one is built for, and runs in an emulator or not at all. A stage whose
    /// name says its operating system or architecture is taken to be meant so. This is BuildKit's check
    /// FromPlatformFlagConstDisallowed.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM --platform=linux/amd64 golang:1.22 AS builder
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM --platform=$BUILDPLATFORM golang:1.22 AS builder
    /// ```
    FROM_PLATFORM_FLAG_CONST_DISALLOWED: "FromPlatformFlagConstDisallowed", "The platform of a FROM is the same for every build", Information, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for stage in context.stages.all() {
        let Some(value) = platform(context, stage.index) else { continue };
        let looked = look_up(context, value);
        if !looked.matched.is_empty() || !looked.unmatched.is_empty() {
            continue;
        }
        let Some(text) = looked.result.ok().and_then(|value| value.text()) else { continue };
        let Some(Platform { os, architecture }) = Platform::parse(&text) else { continue };
        let name = stage.name.as_ref().map(|name| name.text.to_lowercase()).unwrap_or_default();
        if name.contains(&os) || name.contains(&architecture) {
            continue;
        }
        let message = format!("FROM --platform flag should not use constant value \"{text}\"");
        let range = context.opening(stage.index).at(value.range());
        out.report(&FROM_PLATFORM_FLAG_CONST_DISALLOWED, range, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, silent};

    #[test]
    fn every_constant_platform_is_found() {
        fires(
            &FROM_PLATFORM_FLAG_CONST_DISALLOWED,
            "
            FROM --platform=linux/amd64 a:1
                            ^^^^^^^^^^^ information
            FROM --platform=arm64 a:1 AS b
                            ^^^^^ information
            ",
        );
    }

    #[test]
    fn variables_and_stages_that_say_it_are_left_alone() {
        silent(
            &FROM_PLATFORM_FLAG_CONST_DISALLOWED,
            "ARG P=linux/amd64\nFROM --platform=$P a:1\nFROM --platform=linux/amd64 a:1 AS build-AMD64\n\
             FROM --platform=linux/aarch64 a:1 AS arm64\nFROM --platform= a:1\nFROM --platform=linux/ a:1\n",
        );
    }
}
