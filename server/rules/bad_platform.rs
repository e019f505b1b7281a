use super::{Findings, context::Context, near::nearest, rule, stage_edits::replace};
use crate::{
    stages::{expand::expand, globals::Open},
    syntax::{Arguments, Placed, Word},
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
        let Arguments::From(_) = &placed.instruction.arguments else { continue };
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
    let Some(platform) = expanded.text().filter(|platform| !is_platform(platform)) else { return };
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
        && let Some(near) = nearest(&platform, &KNOWN)
    {
        finding.fix(format!("Use `{near}`"), Some(vec![replace(range, near)])).prefer_single_fix();
    }
}

/// What a single word may be (containerd/platforms, database.go): operating systems, then architectures.
const KNOWN: [&str; 47] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "macos",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
    "386",
    "aarch64",
    "amd64",
    "amd64p32",
    "arm",
    "arm64",
    "arm64be",
    "armbe",
    "armel",
    "armhf",
    "i386",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "mipsle",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
    "x86_64",
];

/// Whether containerd can read it (platforms.go, `Parse`).
fn is_platform(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(5, '/').collect();
    let [system, rest @ ..] = &parts[..] else { return false };
    let is_part = |part: &&str| !part.is_empty() && part.chars().all(|c| is_word(c) || c == '.');
    let Some(system) = system_name(system) else { return false };
    match rest {
        [] => {
            let lower = text.to_ascii_lowercase();
            KNOWN.contains(&system.to_ascii_lowercase().as_str())
                || KNOWN.contains(&lower.as_str())
                || lower == "x86-64"
        }
        [_] | [_, _] => rest.iter().all(is_part),
        _ => false,
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// The name of an operating system behind which a version and features may stand: `windows(10.0.17763+win32k)`.
fn system_name(text: &str) -> Option<&str> {
    let (name, options) = match text.split_once('(') {
        Some((name, options)) => (name, options.strip_suffix(')')?),
        None => (text, ""),
    };
    let is_option = |c: char| is_word(c) || matches!(c, '.' | '%');
    let mut options = options.split('+');
    let version = options.next().unwrap_or_default();
    let fits = version.chars().all(is_option)
        && options.all(|feature| {
            !feature.is_empty() && feature.chars().all(is_option) && has_valid_escapes(feature)
        });
    (!name.is_empty() && name.chars().all(is_word) && fits && has_valid_escapes(version)).then_some(name)
}

/// Whether two hexadecimal digits follow each `%`.
fn has_valid_escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit()))
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
