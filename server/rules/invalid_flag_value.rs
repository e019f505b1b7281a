use std::ops::Range;

use super::{
    Finding, Findings, Severity,
    context::Context,
    flags::given,
    near::nearest,
    rule,
    stage_edits::replace,
    values::{
        duration::{self, DurationError},
        file_mode::is_mode,
        number,
        remote::{ALGORITHMS, DigestError, Source, check_digest, source},
    },
};
use crate::{
    language::flags::{Kind, known},
    syntax::{Flag, Instruction, Keyword, Placed, Word, csv},
};

rule! {
    /// A flag with a value that it does not take.
    ///
    /// ## Why
    /// BuildKit checks the values of `--network`, `--security` and `--device` of a RUN, of all flags of a HEALTHCHECK, of
    /// switches such as `--link`, and of `--chmod` and `--checksum`. Variables work in the last two only.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// HEALTHCHECK --interval=30 CMD true
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// HEALTHCHECK --interval=30s CMD true
    /// ```
    INVALID_FLAG_VALUE: "invalid-flag-value", "A flag with a value that it does not take", Error, check
}

/// What is wrong with a value.
struct Wrong {
    message: String,
    /// What to write instead of the whole value.
    instead: Option<String>,
    /// What it is about, if not all of the value: bytes from the start of the instruction.
    range: Option<Range<usize>>,
}

impl Wrong {
    fn because(message: impl Into<String>) -> Option<Wrong> {
        Some(Wrong { message: message.into(), instead: None, range: None })
    }

    fn instead(message: impl Into<String>, instead: Option<impl Into<String>>) -> Option<Wrong> {
        Some(Wrong { message: message.into(), instead: instead.map(Into::into), range: None })
    }
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.doc.syntax().instructions().iter().enumerate() {
        let instruction = placed.instruction.effective();
        let Some(known) = known(instruction.keyword).filter(|known| !known.is_empty()) else { continue };
        // The flags of a `HEALTHCHECK NONE` are lost.
        let is_none = |action: &Word| action.text().eq_ignore_ascii_case("none");
        if instruction.action.as_ref().is_some_and(is_none) {
            continue;
        }
        let onbuild = instruction.keyword != placed.instruction.keyword;
        for flag in &instruction.flags {
            let given = given(context, placed, flag);
            let Some(known) = known.iter().find(|known| known.entry.name == given.name) else { continue };
            let name = known.entry.name;
            let Some(value) = flag.value.as_ref().filter(|_| !given.odd) else { continue };
            let wrong = match (instruction.keyword, known.kind) {
                (_, Kind::Switch) => switch(name, value.text()),
                (Keyword::Run, _) => run(name, value),
                (Keyword::Healthcheck, _) => healthcheck(name, value.text()),
                _ => None,
            };
            if let Some(wrong) = wrong {
                report(out, placed, flag, value, wrong, context.parse_error(index, onbuild));
            }
            let Some(text) = context.value(index, value).filter(|text| !text.is_empty()) else { continue };
            let wrong = match (instruction.keyword, name) {
                (Keyword::Copy | Keyword::Add, "chmod") if !is_mode(&text) => {
                    Wrong::because(format!("\"{text}\" is no mode: octal up to 07777, or like u+x,go=r"))
                }
                (Keyword::Add, "checksum") => checksum(context, index, instruction, &text),
                _ => None,
            };
            if let Some(wrong) = wrong {
                report(out, placed, flag, value, wrong, context.build_error(index));
            }
        }
    }
}

fn report<'f>(
    out: &'f mut Findings,
    placed: &Placed,
    flag: &Flag,
    value: &Word,
    wrong: Wrong,
    severity: Severity,
) -> &'f mut Finding {
    let at = if value.text().is_empty() { flag.range.clone() } else { value.range() };
    let range = placed.at(wrong.range.unwrap_or(at));
    let finding = out.report(&INVALID_FLAG_VALUE, range, wrong.message);
    finding.severity(severity);
    if let Some(instead) = wrong.instead.filter(|_| !value.text().is_empty()) {
        let edit = replace(placed.at(value.range()), instead.clone());
        finding.fix(format!("Write `{instead}`"), Some(vec![edit])).prefer_single_fix();
    }
    finding
}

/// Switches are on, or say `true` or `false` (instructions/bflag.go).
fn switch(name: &str, value: &str) -> Option<Wrong> {
    match value.to_lowercase().as_str() {
        "true" | "false" => None,
        "" => Wrong::because(format!("--{name}= needs true or false")),
        "1" | "yes" | "on" | "y" | "t" => {
            Wrong::instead(format!("--{name} takes true or false, not \"{value}\""), Some("true"))
        }
        "0" | "no" | "off" | "n" | "f" => {
            Wrong::instead(format!("--{name} takes true or false, not \"{value}\""), Some("false"))
        }
        lower => Wrong::instead(
            format!("--{name} takes true or false, not \"{value}\""),
            nearest(lower, &["true", "false"]),
        ),
    }
}

/// instructions/commands_runnetwork.go, commands_runsecurity.go, commands_rundevice.go
fn run(name: &str, value: &Word) -> Option<Wrong> {
    let one_of = |values: &[&str]| {
        let text = value.text();
        if values.contains(&text) {
            return None;
        }
        let (last, first) = values.split_last()?;
        let first = first.join(", ");
        let variable = if text.contains('$') { "; it takes no variables" } else { "" };
        let message = format!("--{name} takes {first} or {last}, not \"{text}\"{variable}");
        Wrong::instead(message, nearest(text, values))
    };
    match name {
        "network" => one_of(&["default", "none", "host"]),
        "security" => one_of(&["sandbox", "insecure"]),
        "device" => device(value),
        _ => None,
    }
}

/// A name, and `required` with or without a truth value (`ParseDevice`).
fn device(value: &Word) -> Option<Wrong> {
    if value.text().is_empty() {
        return Wrong::because("--device needs the name of a device");
    }
    let fields = match csv::fields(value) {
        Ok(fields) => fields,
        Err(quote) => {
            let message = "A quote stands around a whole field, from comma to comma";
            return Some(Wrong { message: message.into(), instead: None, range: Some(value.source(quote)) });
        }
    };
    let mut named = false;
    for field in fields {
        let text = field.text();
        let (key, option) = match text.split_once('=') {
            Some((key, option)) => (key.to_lowercase(), Some(option)),
            None => (text.to_lowercase(), None),
        };
        let message = match (key.as_str(), option) {
            ("required", None) => continue,
            ("required", Some(option)) if number::is_bool(option) => continue,
            ("required", Some(option)) => format!("\"{option}\" is neither true nor false"),
            ("name", Some(option)) if !named => {
                named = !option.is_empty();
                continue;
            }
            ("name", Some(_)) => "The device has a name already".to_owned(),
            _ if !named => {
                named = !text.is_empty();
                continue;
            }
            (_, None) => format!("\"{text}\" is too much: the device has a name already"),
            (_, Some(_)) => format!("A device has no option \"{key}\""),
        };
        let range = if text.is_empty() { value.range() } else { field.range() };
        return Some(Wrong { message, instead: None, range: Some(range) });
    }
    None
}

/// Durations from a millisecond on, and a number of retries (instructions/parse.go, `parseOptInterval`).
fn healthcheck(name: &str, value: &str) -> Option<Wrong> {
    const MILLISECOND: i64 = 1_000_000;
    // As if it were not there.
    if value.is_empty() {
        return None;
    }
    let variable = if value.contains('$') { "; HEALTHCHECK takes no variables" } else { "" };
    if name == "retries" {
        return match value.parse::<i32>() {
            Ok(0..) => None,
            Ok(_) => Wrong::because("--retries can't be negative"),
            Err(_) => Wrong::because(format!("\"{value}\" is no number of retries{variable}")),
        };
    }
    match duration::parse(value) {
        Ok(0 | MILLISECOND..) => None,
        Ok(_) => Wrong::because(format!("--{name} is at least 1ms, or 0 for the default")),
        Err(DurationError::NoUnit) => {
            let instead = value.bytes().all(|b| b.is_ascii_digit()).then(|| format!("{value}s"));
            Wrong::instead(format!("\"{value}\" needs a unit: s, m, h or ms"), instead)
        }
        Err(DurationError::Other) => {
            Wrong::because(format!("\"{value}\" is no duration like 30s or 1m30s{variable}"))
        }
    }
}

/// One source, from elsewhere, and for a URL a whole checksum (dockerfile2llb/convert_copy.go, `dispatchCopy`).
fn checksum(context: &Context<'_>, index: usize, instruction: &Instruction, text: &str) -> Option<Wrong> {
    let (_, sources) = instruction.words().split_last()?;
    let is_heredoc =
        |word: &&Word| instruction.heredocs.iter().any(|heredoc| heredoc.marker.range() == word.range());
    let mut paths = sources.iter().filter(|word| !is_heredoc(word));
    let (Some(only), None) = (paths.next(), paths.next()) else {
        return Wrong::because("--checksum takes exactly one source");
    };
    let kind = source(&context.value(index, only)?);
    match kind {
        Source::Path => return Wrong::because("--checksum is for URLs and Git repositories"),
        // That of a repository is a commit, which BuildKit compares when it has it.
        Source::Url if !context.value(index, only)?.contains(".git") => {}
        Source::Url | Source::Git | Source::Unknown => return None,
    }
    match check_digest(text).err()? {
        DigestError::Form
            if text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) && text.len() == 64 =>
        {
            Wrong::instead(
                "A checksum starts with its algorithm, such as sha256:",
                Some(format!("sha256:{text}")),
            )
        }
        DigestError::Form => Wrong::because(format!("\"{text}\" is no checksum like sha256:…")),
        DigestError::Algorithm => {
            let names = ALGORITHMS.map(|(name, _)| name).join(", ");
            Wrong::because(format!("BuildKit knows no such algorithm: {names} are what there is"))
        }
        DigestError::Length(length) => {
            let found = text.split_once(':').map_or(0, |(_, digits)| digits.len());
            Wrong::because(format!("The checksum has {found} digits instead of {length}"))
        }
        DigestError::Digits => Wrong::because("The checksum has other characters than 0 to 9 and a to f"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn what_buildkit_does_not_take_is_an_error() {
        fires(
            &INVALID_FLAG_VALUE,
            "
            FROM a:1
            RUN --network=lan --security=none ls
                          ^^^ error
                                         ^^^^ error
            RUN --network=$N ls
                          ^^ error
            RUN --network= ls
                ^^^^^^^^^^ error
            RUN --device=a,b --device=a,required=yes ls
                           ^ error
                                        ^^^^^^^^^^^^ error
            COPY --link=maybe --parents= a b
                        ^^^^^ error
                              ^^^^^^^^^^ error
            COPY --chmod=888 a b
                         ^^^ error
            COPY --chmod=\"rwx\" a b
                          ^^^ error
            ADD --checksum=sha256:0 https://a/b c
                           ^^^^^^^^ error
            ADD --checksum=sha256:0 a b
                           ^^^^^^^^ error
            ADD --checksum=sha256:0 https://a/b https://a/c d
                           ^^^^^^^^ error
            HEALTHCHECK --interval=30 --timeout=1us --retries=x CMD y
                                   ^^ error
                                                ^^^ error
                                                              ^ error
            ",
        );
    }

    #[test]
    fn what_only_the_build_finds_is_a_warning_in_stages_that_are_not_built() {
        fires(
            &INVALID_FLAG_VALUE,
            "
            FROM a:1 AS x
            COPY --chmod=9 a b
                         ^ warning
            COPY --link=x a b
                        ^ error
            FROM b:1
            ONBUILD RUN --network=x ls
                                  ^ warning
            ",
        );
    }

    #[test]
    fn what_it_takes_is_left_alone() {
        silent(
            &INVALID_FLAG_VALUE,
            "
            FROM a:1
            ARG M=x
            RUN --network=none --security=insecure --device=vendor.com/class=name,required ls
            RUN --device=a --device=name=b,required=false --device=required ls
            COPY --link --parents=TRUE --chmod=u+x,go= a b
            COPY --chmod=$M --chown=x:y a b
            COPY --chmod= a b
            ADD --checksum=24454f830c https://github.com/a/b.git c
            ADD --checksum=$M https://a/b c
            ADD --checksum=x $M c
            HEALTHCHECK --interval=1m30s --timeout=0 --start-period=1.5h --retries=0 --start-interval= CMD x
            HEALTHCHECK --interval=x NONE
            ",
        );
    }

    #[test]
    fn obvious_values_have_a_fix() {
        for (line, title, after) in [
            ("RUN --network=hosts ls", "Write `host`", "RUN --network=host ls"),
            ("COPY --link=yes a b", "Write `true`", "COPY --link=true a b"),
            ("HEALTHCHECK --interval=30 CMD x", "Write `30s`", "HEALTHCHECK --interval=30s CMD x"),
        ] {
            let file = |line: &str| format!("FROM a:1\n{line}\n");
            assert_eq!(fixed(&INVALID_FLAG_VALUE, &file(line), title), file(after));
        }
    }
}
