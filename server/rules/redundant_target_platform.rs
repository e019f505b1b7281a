use super::{
    Findings,
    context::Context,
    from_words::{look_up, platform},
    rule,
    stage_edits::replace,
};
use crate::stages::{expand::Variables, globals::WithDefaults};

rule! {
    /// `--platform=$TARGETPLATFORM`, which is what a FROM does anyway.
    ///
    /// ## Why
    /// An image is pulled for the platform that is built for unless something else is asked for. This is BuildKit's check
    /// RedundantTargetPlatform.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM --platform=$TARGETPLATFORM alpine:3.20
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ```
    REDUNDANT_TARGET_PLATFORM: "RedundantTargetPlatform", "A FROM asks for the platform that it has anyway", Hint, check
}

const TARGET: &str = "TARGETPLATFORM";

fn check(context: &Context<'_>, out: &mut Findings) {
    for stage in context.stages.all() {
        let Some(value) = platform(context, stage.index).filter(|value| value.text().contains(TARGET)) else {
            continue;
        };
        let looked = look_up(context, value);
        let target = WithDefaults(context.stages.globals()).value(TARGET).and_then(|value| value.text());
        let is_target = looked.result.ok().and_then(|value| value.text()) == target && target.is_some();
        if looked.matched != [TARGET] || !looked.unmatched.is_empty() || !is_target {
            continue;
        }
        let placed = context.opening(stage.index);
        let Some(flag) = placed.instruction.flag("platform") else { continue };
        let range = placed.at(flag.range.clone());
        let message = format!(
            "Setting platform to predefined {} in FROM is redundant as this is the default behavior",
            value.text()
        );
        // With the blanks in front of it, on its line.
        let text = context.doc.text();
        let before = text.slice(text.line_start(text.line_of(range.start))..range.start);
        let blank = before.len() - before.trim_end_matches([' ', '\t']).len();
        let without = replace(range.start - blank..range.end, "");
        out.report(&REDUNDANT_TARGET_PLATFORM, range, message)
            .fix("Remove the flag", Some(vec![without]))
            .prefer_single_fix();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn the_variable_alone_is_found() {
        fires(
            &REDUNDANT_TARGET_PLATFORM,
            "
            FROM --platform=$TARGETPLATFORM a:1
                 ^^^^^^^^^^^^^^^^^^^^^^^^^^ hint
            FROM --platform=${TARGETPLATFORM:-linux/arm64} a:1
                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ hint
            ",
        );
    }

    #[test]
    fn other_platforms_are_left_alone() {
        silent(
            &REDUNDANT_TARGET_PLATFORM,
            "FROM --platform=$BUILDPLATFORM a:1\nFROM --platform=${TARGETPLATFORM}/v2 a:1\n\
             FROM --platform=${TARGETPLATFORM:-$BUILDPLATFORM} a:1\nFROM --platform=linux/amd64 a:1\n",
        );
    }

    #[test]
    fn the_flag_goes_with_the_blank_in_front() {
        let fix = |text| fixed(&REDUNDANT_TARGET_PLATFORM, text, "Remove the flag");
        assert_eq!(fix("FROM  --platform=$TARGETPLATFORM a:1 AS b\n"), "FROM a:1 AS b\n");
        assert_eq!(fix("from \\\n\t--platform=$TARGETPLATFORM \\\n\ta:1\n"), "from \\\n \\\n\ta:1\n");
    }
}
