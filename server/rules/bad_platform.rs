use super::{Findings, context::Context, near::nearest, rule, stage_edits::replace};
use crate::{
    stages::{
        expand::expand,
        globals::Open,
        platform::{self, Platform},
    },
    syntax::{Arguments, Placed, Word, instruction::From},
};

rule! {
    /// A `--platform` of a `FROM` that is none.
    ///
    /// ## Why
    /// A platform is an operating system, an architecture, or both and perhaps a variant with `/` between: `linux/arm64`.
    /// With anything else, or with nothing because no ARG above the first FROM sets its variable, the build stops.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM --platform=linux/x86/64/v1 golang:1.22
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM --platform=linux/amd64 golang:1.22
    /// ```
    BAD_PLATFORM: "bad-platform", "A `--platform` that is none", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for stage in context.stages.all() {
        let placed = context.opening(stage.index);
        // Without a base that is the error.
        let Arguments::From(From { base: Some(_), .. }) = &placed.instruction.arguments else { continue };
        let Some(flag) = placed.instruction.flag("platform") else { continue };
        // An empty value is as good as none.
        let Some(value) = flag.value.as_ref().filter(|value| !value.text().is_empty()) else { continue };
        look(context, out, placed, value);
    }
}

fn look(context: &Context<'_>, out: &mut Findings, placed: &Placed, word: &Word) {
    let globals = Open(context.stages.globals());
    let Ok(expanded) = expand(word.text(), context.doc.syntax().escape(), &|part| part, &globals) else {
        return;
    };
    // What can be given to the build may be right.
    let Some(platform) = expanded.text().filter(|text| Platform::parse(text).is_none()) else { return };
    let range = placed.at(word.range());
    let text = word.text();
    let message = match platform.as_str() {
        "" => format!("\"{text}\" is empty, and no platform"),
        _ if platform == text => format!("\"{text}\" is no platform"),
        _ => format!("\"{text}\" is \"{platform}\", and no platform"),
    };
    // A variable that nothing sets is UndefinedArgInFrom.
    if !context.undeclared_in_from(text).is_empty() && !platform.contains('$') {
        return;
    }
    let finding = out.report(&BAD_PLATFORM, range.clone(), message);
    if platform == text
        && let Some(near) = nearest(&platform, &platform::words())
    {
        finding.fix(format!("Use `{near}`"), Some(vec![replace(range, near)])).prefer_single_fix();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, only, silent};

    #[test]
    fn what_certainly_is_no_platform_is_an_error() {
        fires(
            &BAD_PLATFORM,
            "
            FROM --platform=x86 a:1
                            ^^^ error
            FROM --platform=linux/arm/v7/x a:1
                            ^^^^^^^^^^^^^^ error
            FROM --platform=linux/* a:1
                            ^^^^^^^ error
            ",
        );
        let text = "FROM --platform=linux/x/y/z a:1\n";
        assert_eq!(message(&BAD_PLATFORM, text), "\"linux/x/y/z\" is no platform");
        only("FROM --platform=linux/$NOPE a:1\n", &["UndefinedArgInFrom"]);
    }

    #[test]
    fn platforms_and_what_the_build_may_be_given_are_left_alone() {
        silent(
            &BAD_PLATFORM,
            "
            ARG P
            ARG Q=nope
            FROM --platform=$BUILDPLATFORM a:1
            FROM --platform=$P a:1
            FROM --platform=linux/$P a:1
            FROM --platform=$Q a:1
            FROM --platform= a:1
            FROM --platform=Linux a:1
            FROM --platform=aarch64 a:1
            FROM --platform=linux/arm/v7 a:1
            FROM --platform=any/thing.1 a:1
            FROM --platform=windows(10.0.17763+win32k)/amd64 a:1
            FROM --platform=\"linux/amd64\" a:1
            FROM --platform=${NOPE:-linux/amd64} a:1
            ",
        );
    }

    #[test]
    fn a_near_name_replaces_it() {
        assert_eq!(
            fixed(&BAD_PLATFORM, "FROM --platform=amd46 a:1\n", "Use `amd64`"),
            "FROM --platform=amd64 a:1\n"
        );
    }
}
