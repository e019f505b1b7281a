use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{insert, replace},
    unknown_flag,
};
use crate::syntax::{Arguments, Keyword};

rule! {
    /// A `HEALTHCHECK` that neither runs a command nor is `NONE`.
    ///
    /// ## Why
    /// Behind its flags `HEALTHCHECK` takes `CMD` and a command, or `NONE` alone. The build stops at anything else.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM nginx:1.27
    /// HEALTHCHECK --interval=30s curl -f http://localhost/
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM nginx:1.27
    /// HEALTHCHECK --interval=30s CMD curl -f http://localhost/
    /// ```
    INVALID_HEALTHCHECK: "invalid-healthcheck", "A `HEALTHCHECK` that neither runs a command nor is `NONE`", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.with(&[Keyword::Healthcheck]) {
        let instruction = placed.instruction.effective();
        let Some(action) = &instruction.action else { continue };
        let severity = || context.parse_error(index, instruction.keyword != placed.instruction.keyword);
        let range = placed.at(action.range());
        let finding = match (action.text().to_ascii_uppercase().as_str(), &instruction.arguments) {
            // An empty array is no argument either.
            ("NONE", Arguments::Text(text)) if text.text().trim() != "[]" => {
                let unexpected = placed.at(text.range());
                let remove = replace(range.end..unexpected.end, "");
                out.report(&INVALID_HEALTHCHECK, unexpected, "HEALTHCHECK NONE ends with NONE")
                    .fix("Remove what is too much", Some(vec![remove]))
            }
            ("CMD", Arguments::Nothing) => {
                out.report(&INVALID_HEALTHCHECK, range, "HEALTHCHECK CMD needs a command")
            }
            ("CMD", Arguments::Words { words, json: true }) if words.is_empty() => {
                out.report(&INVALID_HEALTHCHECK, range, "HEALTHCHECK CMD needs a command")
            }
            ("NONE" | "CMD", _) => continue,
            // `--interval 30s`: the flag lacks its value.
            _ if unknown_flag::lacks_value(instruction) => continue,
            _ => {
                let shown = action.text();
                let message = format!("HEALTHCHECK takes CMD or NONE, not \"{shown}\"");
                out.report(&INVALID_HEALTHCHECK, range.clone(), message)
                    .fix("Write `CMD`", Some(vec![insert(range.start, "CMD ")]))
            }
        };
        finding.severity(severity()).prefer_single_fix();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn it_runs_a_command_or_none() {
        fires(
            &INVALID_HEALTHCHECK,
            "
            FROM a:1
            HEALTHCHECK curl -f x
                        ^^^^ error
            HEALTHCHECK --interval=1s CMD
                                      ^^^ error
            HEALTHCHECK cmd []
                        ^^^ error
            HEALTHCHECK NONE x y
                             ^^^ error
            HEALTHCHECK [\"CMD\", \"x\"]
                        ^^^^^^^ error
            ONBUILD HEALTHCHECK x
                                ^ warning
            ",
        );
    }

    #[test]
    fn one_that_does_is_left_alone() {
        silent(
            &INVALID_HEALTHCHECK,
            "FROM a:1\nHEALTHCHECK\nHEALTHCHECK none\nHEALTHCHECK NONE []\nHEALTHCHECK CMD x\nHEALTHCHECK --x CMD [\"x\"]\n",
        );
    }

    #[test]
    fn a_command_gets_its_word() {
        let after = fixed(&INVALID_HEALTHCHECK, "FROM a:1\nHEALTHCHECK curl x\n", "Write `CMD`");
        assert_eq!(after, "FROM a:1\nHEALTHCHECK CMD curl x\n");
    }

    #[test]
    fn the_value_of_a_flag_is_no_action() {
        only("FROM a:1\nHEALTHCHECK --interval 30s CMD curl x\n", &["unknown-flag"]);
    }
}
