use super::{Findings, Tag, context::Context, rule, stage_edits::replace};
use crate::{
    syntax::{Arguments, Keyword, Placed},
    text::Edit,
};

rule! {
    /// `MAINTAINER`, which a label has replaced.
    ///
    /// ## Why
    /// The instruction is deprecated. A label says the same and shows in `docker inspect` and in registries. This is BuildKit's
    /// check MaintainerDeprecated.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// MAINTAINER someone@example.com
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL org.opencontainers.image.authors="someone@example.com"
    /// ```
    MAINTAINER_DEPRECATED: "MaintainerDeprecated", "MAINTAINER is deprecated", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for (_, placed) in context.with(&[Keyword::Maintainer]) {
        // Without a name it is no instruction at all.
        let is_inner = placed.instruction.keyword != Keyword::Maintainer;
        if is_inner || placed.instruction.arguments == Arguments::Nothing {
            continue;
        }
        let message = "Maintainer instruction is deprecated in favor of using label";
        let range = placed.at(placed.instruction.word.range());
        let finding = out.report(&MAINTAINER_DEPRECATED, range, message);
        finding.fix("Use a label", use_label(context, placed)).prefer_single_fix();
        finding.tags.push(Tag::Deprecated);
    }
}

fn use_label(context: &Context<'_>, placed: &Placed) -> Option<Vec<Edit>> {
    let Arguments::Text(author) = &placed.instruction.arguments else { return None };
    let keyword = &placed.instruction.word;
    // A continuation or comment between the two would have to go somewhere.
    let range = placed.at(keyword.range().start..author.range().end);
    if context.doc.text().slice(range.clone()).contains('\n') {
        return None;
    }
    let text = author.text().trim();
    let quoted =
        text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('"'));
    let text = quoted.unwrap_or(text);
    // The name stands for itself; a label's value is expanded.
    let escape = context.doc.syntax().escape();
    let mut value = String::new();
    for c in text.chars() {
        if c == '"' || c == '$' || c == escape {
            value.push(escape);
        }
        value.push(c);
    }
    let label = if keyword.text().starts_with('m') { "label" } else { "LABEL" };
    Some(vec![replace(range, format!("{label} org.opencontainers.image.authors=\"{value}\""))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn every_one_is_found() {
        fires(
            &MAINTAINER_DEPRECATED,
            "
            FROM a:1
            MAINTAINER me
            ^^^^^^^^^^ hint
            maintainer you
            ^^^^^^^^^^ hint
            ",
        );
    }

    #[test]
    fn the_label_is_left_alone() {
        silent(&MAINTAINER_DEPRECATED, "FROM a:1\nLABEL maintainer=me\nRUN echo MAINTAINER\n");
    }

    #[test]
    fn the_name_keeps_its_characters() {
        let fix = |line: &str| fixed(&MAINTAINER_DEPRECATED, &format!("FROM a:1\n{line}\n"), "Use a label");
        let label = |value: &str| format!("FROM a:1\nLABEL org.opencontainers.image.authors=\"{value}\"\n");
        assert_eq!(fix("MAINTAINER Jo Doe <jo@example.com>"), label("Jo Doe <jo@example.com>"));
        assert_eq!(fix("MAINTAINER \"Jo Doe\""), label("Jo Doe"));
        assert_eq!(fix("MAINTAINER Jo \"$\" Doe's"), label("Jo \\\"\\$\\\" Doe's"));
    }
}
