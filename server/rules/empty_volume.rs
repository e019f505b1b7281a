use super::{Findings, context::Context, rule};
use crate::syntax::{Arguments, Keyword};

rule! {
    /// A `VOLUME` without a path.
    ///
    /// ## Why
    /// A volume is a directory of the container. BuildKit refuses an empty name, and one of blanks, which only quotes and the
    /// JSON form can make.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// VOLUME ["/data", ""]
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// VOLUME ["/data"]
    /// ```
    EMPTY_VOLUME: "empty-volume", "A `VOLUME` without a path", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (index, placed) in context.with(&[Keyword::Volume]) {
        let instruction = placed.instruction.effective();
        let Arguments::Words { words, json } = &instruction.arguments else { continue };
        for word in words {
            // Blanks alone are refused when the file is parsed; what is empty after its quotes, when the stage is built
            // (instructions/parse.go, `parseVolume`; dockerfile2llb/convert.go, `dispatchVolume`).
            let severity = if *json && word.text().trim().is_empty() {
                context.parse_error(index, instruction.keyword != placed.instruction.keyword)
            } else if context.value(index, word).is_some_and(|value| value.is_empty()) {
                context.build_error(index)
            } else {
                continue;
            };
            let inner = placed.at(word.range());
            // With the quotes of a JSON string, so that there is something to see.
            let range = if *json { inner.start.saturating_sub(1)..inner.end + 1 } else { inner };
            out.report(&EMPTY_VOLUME, range, "A volume needs a path").severity(severity);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, silent};

    #[test]
    fn a_volume_has_a_path() {
        fires(
            &EMPTY_VOLUME,
            "
            FROM a:1
            VOLUME [\"/a\", \" \"]
                          ^^^ error
            VOLUME \"\" /b
                   ^^ error
            ONBUILD VOLUME \"\"
                           ^^ warning
            ",
        );
        silent(&EMPTY_VOLUME, "FROM a:1\nVOLUME /a $X\nVOLUME\nVOLUME []\n");
    }

    #[test]
    fn in_a_stage_that_is_not_built_only_the_parser_minds() {
        fires(
            &EMPTY_VOLUME,
            "
            FROM a:1 AS a
            VOLUME ''
                   ^^ warning
            VOLUME [\"\"]
                    ^^ error
            FROM b:1
            ",
        );
    }
}
