use super::{Findings, context::Context, rule, stage_edits::replace};
use crate::syntax::Arguments;

rule! {
    /// `FROM` and `AS` in different cases.
    ///
    /// ## Why
    /// Keywords count in any case, but a file reads better when they look alike. This is BuildKit's check FromAsCasing.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 as builder
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS builder
    /// ```
    FROM_AS_CASING: "FromAsCasing", "The case of AS is not that of FROM", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for stage in context.stages.all() {
        let placed = context.opening(stage.index);
        let Arguments::From(from) = &placed.instruction.arguments else { continue };
        let (Some(range), Some(_)) = (&from.as_keyword, &from.name) else { continue };
        let range = placed.at(range.clone());
        let keyword = placed.instruction.word.text();
        let is = context.doc.text().slice(range.clone());
        let should = match keyword {
            _ if is_lower(keyword) => "as",
            _ if is_upper(keyword) => "AS",
            // Its own case is what is wrong then.
            _ => continue,
        };
        if is == should {
            continue;
        }
        let message = format!("'{is}' and '{keyword}' keywords' casing do not match");
        out.report(&FROM_AS_CASING, range.clone(), message)
            .fix(format!("Write `{should}`"), Some(vec![replace(range, should)]))
            .prefer_single_fix();
    }
}

pub fn is_lower(word: &str) -> bool {
    !word.contains(|c: char| c.is_ascii_uppercase())
}

pub fn is_upper(word: &str) -> bool {
    !word.contains(|c: char| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn any_letter_of_as_counts() {
        fires(
            &FROM_AS_CASING,
            "
            FROM a:1 as b
                     ^^ hint
            from a:1 AS c
                     ^^ hint
            FROM a:1 As d
                     ^^ hint
            ",
        );
    }

    #[test]
    fn where_from_itself_is_mixed_there_is_nothing_to_match() {
        silent(&FROM_AS_CASING, "From a:1 as b\nFROM a:1 AS c\nfrom a:1 as d\nFROM a:1\nFROM a:1 as\n");
    }

    #[test]
    fn as_becomes_like_from() {
        let fix = |text, title| fixed(&FROM_AS_CASING, text, title);
        assert_eq!(fix("from a:1 \\\r\n  AS b\r\n", "Write `as`"), "from a:1 \\\r\n  as b\r\n");
        assert_eq!(fix("FROM a:1 aS b\n", "Write `AS`"), "FROM a:1 AS b\n");
    }
}
