use super::{
    Findings,
    context::{Context, has_finished_end},
    from_words::platform,
    rule,
    stage_edits::replace,
    stage_roles::{is_development, is_tool},
};
use crate::{
    stages::Resolution,
    syntax::{Keyword, Placed},
    text::Edit,
};

rule! {
    /// A final image for the platform of the builder.
    ///
    /// ## Why
    /// `$BUILDPLATFORM` is the machine that builds. An image that is built for arm64 on an amd64 machine then holds amd64
    /// programs, and does not start where it should run. Only stages that compile are meant to run on the builder.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM --platform=$BUILDPLATFORM nginx:1.27
    /// CMD ["nginx"]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM nginx:1.27
    /// CMD ["nginx"]
    /// ```
    FINAL_ON_BUILD_PLATFORM: "final-on-build-platform", "The final image is for the builder's platform", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let all = context.stages.all();
    let Some(target) = context.image().filter(|_| has_finished_end(context)) else { return };
    let is_run = |name: &str| !is_tool(name) && !is_development(name);
    if all[target].name.as_ref().is_some_and(|name| !is_run(&name.text)) {
        return;
    }
    // Down to the stage that starts from an image: its platform is that of all above.
    let mut stage = target;
    let mut runs = None;
    let root = loop {
        runs = runs.or_else(|| what_runs(context, stage));
        match context.stages.base(stage).map(|base| &base.resolution) {
            Some(&Resolution::Stage(base)) if base < stage => stage = base,
            Some(Resolution::Image(_)) => break stage,
            _ => return,
        }
    };
    let Some(value) = platform(context, root) else { return };
    if !matches!(value.text(), "$BUILDPLATFORM" | "${BUILDPLATFORM}") {
        return;
    }
    let (placed, Some(runs)) = (context.opening(root), runs) else { return };
    // A default of its own replaces the platform that builds (see `platform-arg-default`).
    let mut globals = context.doc.variables().declarations().iter().filter(|it| it.stage.is_none());
    let default = globals.find(|it| &*it.name == "BUILDPLATFORM").and_then(|it| it.value.clone());
    let default =
        default.map(|default| context.doc.text().slice(default).trim_matches(['"', '\'']).to_owned());
    let which = default.unwrap_or_else(|| "the platform that builds it".into());
    let message = format!("The final image is for {which}, whatever platform is asked for");
    let finding = out.report(&FINAL_ON_BUILD_PLATFORM, placed.at(value.range()), message);
    finding.related(runs.range(), "Runs in the final image");
    if root != target {
        finding.related(context.declaration(target), "The final stage");
    } else {
        finding.fix("Remove `--platform`", without_platform(context, placed)).prefer_single_fix();
    }
}

/// What says that containers are started from a stage.
fn what_runs<'a>(context: &Context<'a>, stage: usize) -> Option<&'a Placed> {
    let mut instructions = context.stages.all()[stage].instructions.clone();
    let is = |keyword| matches!(keyword, Keyword::Cmd | Keyword::Entrypoint | Keyword::Expose);
    instructions
        .find(|&index| is(context.instruction(index).instruction.keyword))
        .map(|index| context.instruction(index))
}

/// Takes the flag out, with the blanks in front of it on its line.
fn without_platform(context: &Context<'_>, placed: &Placed) -> Option<Vec<Edit>> {
    let text = context.doc.text();
    let range = placed.at(placed.instruction.flag("platform")?.range.clone());
    let before = text.slice(text.line_start(text.line_of(range.start))..range.start);
    let blank = before.len() - before.trim_end_matches([' ', '\t']).len();
    Some(vec![replace(range.start - blank..range.end, "")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn what_is_run_is_for_the_platform_that_is_asked_for() {
        fires(
            &FINAL_ON_BUILD_PLATFORM,
            "
            FROM --platform=$BUILDPLATFORM nginx:1.27 AS base
                            ^^^^^^^^^^^^^^ warning
            FROM base
            CMD [\"nginx\"]
            ",
        );
        fires(
            &FINAL_ON_BUILD_PLATFORM,
            "
            FROM a:1 AS build
            FROM --platform=${BUILDPLATFORM} nginx:1.27
                            ^^^^^^^^^^^^^^^^ warning
            EXPOSE 80
            ",
        );
    }

    #[test]
    fn builders_exports_and_checks_are_left_alone() {
        silent(
            &FINAL_ON_BUILD_PLATFORM,
            "FROM --platform=$BUILDPLATFORM a:1 AS b\nCMD x\nFROM c:1\nCMD [\"x\"]\n",
        );
        silent(&FINAL_ON_BUILD_PLATFORM, "FROM --platform=$BUILDPLATFORM scratch\nCMD [\"x\"]\n");
        silent(&FINAL_ON_BUILD_PLATFORM, "FROM --platform=$BUILDPLATFORM a:1\nRUN x\n");
        silent(&FINAL_ON_BUILD_PLATFORM, "FROM --platform=$BUILDPLATFORM a:1 AS lint\nCMD [\"x\"]\n");
        silent(&FINAL_ON_BUILD_PLATFORM, "FROM --platform=$TARGETPLATFORM a:1\nCMD [\"x\"]\n");
        silent(
            &FINAL_ON_BUILD_PLATFORM,
            "FROM --platform=$BUILDPLATFORM a:1 AS b\nFROM b AS test\nCMD [\"x\"]\n",
        );
    }

    #[test]
    fn the_flag_goes() {
        assert_eq!(
            fixed(
                &FINAL_ON_BUILD_PLATFORM,
                "FROM --platform=$BUILDPLATFORM a:1\nCMD [\"x\"]\n",
                "Remove `--platform`"
            ),
            "FROM a:1\nCMD [\"x\"]\n"
        );
    }

    #[test]
    fn a_default_of_the_platform_is_named() {
        let text = "ARG BUILDPLATFORM=linux/amd64\nFROM --platform=$BUILDPLATFORM a:1\nCMD [\"a\"]\n";
        let found = message(&FINAL_ON_BUILD_PLATFORM, text);
        assert_eq!(found, "The final image is for linux/amd64, whatever platform is asked for");
    }
}
