use super::{Findings, context::Context, rule};
use crate::{
    stages::expand::{Nothing, expand},
    syntax::{Keyword, Word},
};

rule! {
    /// A variable whose name says that it holds a secret.
    ///
    /// ## Why
    /// What an ARG or ENV holds stays in the image or its history, for everyone who can pull it. A secret mount is there while
    /// one RUN needs it. This is BuildKit's check SecretsUsedInArgOrEnv.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ARG GITHUB_TOKEN
    /// RUN fetch --token=$GITHUB_TOKEN
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN --mount=type=secret,id=github fetch --token-file=/run/secrets/github
    /// ```
    SECRETS_USED_IN_ARG_OR_ENV: "SecretsUsedInArgOrEnv", "An ARG or ENV seems to hold a secret", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for command in context.commands(&[Keyword::Arg, Keyword::Env]) {
        let keyword = command.instruction.keyword;
        for pair in command.instruction.pairs() {
            let name = if keyword == Keyword::Env { key(context, &pair.name) } else { None };
            let name = name.as_deref().unwrap_or(pair.name.text());
            if !is_secret(name) {
                continue;
            }
            let message = format!(
                "Do not use ARG or ENV instructions for sensitive data ({} {})",
                keyword.name(),
                quoted(name)
            );
            out.report(&SECRETS_USED_IN_ARG_OR_ENV, command.placed.at(pair.name.range()), message);
        }
    }
}

/// The name of an ENV where it is not written as it is.
fn key(context: &Context<'_>, name: &Word) -> Option<String> {
    let escape = context.doc.syntax().escape();
    if !name.text().contains(['"', '\'', escape]) || name.text().contains('$') {
        return None;
    }
    expand(name.text(), escape, &|part| part, &Nothing).ok()?.text()
}

/// As Go's `%q` has it, for what a name may hold.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether one of the words between underscores says so, and none takes it back (dockerfile2llb/validations.go,
/// `getSecretsRegex`).
fn is_secret(name: &str) -> bool {
    const SECRET: [&str; 10] = [
        "apikey",
        "auth",
        "credential",
        "credentials",
        "key",
        "password",
        "pword",
        "passwd",
        "secret",
        "token",
    ];
    const HARMLESS: [&str; 3] = ["public", "file", "version"];
    let has =
        |words: &[&str]| name.split('_').any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)));
    has(&SECRET) && !has(&HARMLESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, silent};

    #[test]
    fn whole_words_in_any_case_are_found() {
        fires(
            &SECRETS_USED_IN_ARG_OR_ENV,
            "
            FROM a:1
            ARG NPM_TOKEN A=b Secret=x
                ^^^^^^^^^ warning
                              ^^^^^^ warning
            ENV my_api_key=1 \\
                ^^^^^^^^^^ warning
                AUTH=2
                ^^^^ warning
            ",
        );
    }

    #[test]
    fn other_words_public_ones_and_global_args_are_left_alone() {
        silent(
            &SECRETS_USED_IN_ARG_OR_ENV,
            "
            ARG TOKEN
            FROM a:1
            ARG TOKENS KEYBOARD PUBLIC_KEY PASSWORD_FILE TOKEN_VERSION
            LABEL token=x
            ONBUILD ARG TOKEN
            ",
        );
    }

    #[test]
    fn what_a_stage_does_to_those_that_build_on_it_counts_where_one_does() {
        fires(
            &SECRETS_USED_IN_ARG_OR_ENV,
            "
            FROM a:1 AS x
            ONBUILD ARG TOKEN
                        ^^^^^ warning
            FROM x
            ",
        );
    }
}
