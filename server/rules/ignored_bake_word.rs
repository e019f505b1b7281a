use super::{Findings, SourceContext, near::nearest, rule};
use crate::{
    builds::{
        bake::{ATTRIBUTES, BLOCKS},
        kinds::{Kind, kind_of},
    },
    text::Edit,
};

rule! {
    /// A misspelt attribute or block of a Bake file, which Bake passes over without a word.
    ///
    /// ## Why
    /// Bake reads what it knows and leaves out the rest (bake/bake.go, `Target`), so a misspelt `target` builds the last stage
    /// instead. Names count in lower case only. Attributes that look like none that Bake knows are left alone: a later version
    /// may know them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// FROM alpine:3.20 AS prod
    /// ```
    /// ```hcl
    /// target "default" {
    ///   targt = "build"
    /// }
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS build
    /// FROM alpine:3.20 AS prod
    /// ```
    /// ```hcl
    /// target "default" {
    ///   target = "build"
    /// }
    /// ```
    IGNORED_BAKE_WORD: "ignored-bake-word", "A misspelt word that Bake passes over", Warning, source check
}

fn check(context: &SourceContext<'_>, out: &mut Findings) {
    // In JSON, as in files that nothing is built from, any word may be meant for somebody else.
    let is_hcl = context.file.extension().is_some_and(|extension| extension == "hcl");
    if kind_of(context.file) != Some(Kind::Bake) || !is_hcl || context.builds.is_empty() {
        return;
    }
    for spot in context.workspace.ignored_in(context.file) {
        if spot.range.end > context.text.len() {
            continue;
        }
        let word = context.text.slice(spot.range.clone()).into_owned();
        // A block has its kind at the start of its line's text, an attribute stands in a block.
        let known = if is_block(context, spot.range.end) { &BLOCKS[..] } else { &ATTRIBUTES[..] };
        if word == "targets" {
            let message = "Bake reads \"targets\" in a group only, and passes over it here";
            out.report(&IGNORED_BAKE_WORD, spot.range.clone(), message);
            continue;
        }
        let Some(near) = nearest(&word, known) else { continue };
        let finding = out.report(
            &IGNORED_BAKE_WORD,
            spot.range.clone(),
            format!("Bake knows no \"{word}\" and passes over it (did you mean \"{near}\"?)"),
        );
        let edit = Edit { range: spot.range.clone(), text: near.into() };
        finding.fix(format!("Replace by \"{near}\""), Some(vec![edit])).prefer_single_fix();
    }
}

/// Whether the word that ends at `end` (bytes) opens a block: no `=` follows.
fn is_block(context: &SourceContext<'_>, end: usize) -> bool {
    let line = context.text.line_range(context.text.line_of(end));
    !context.text.slice(end..line.end.max(end)).trim_start().starts_with(['=', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::project;

    #[test]
    fn misspelt_words_are_found_and_put_right() {
        let mut project = project(&[("Dockerfile", "FROM a:1 AS x\nFROM b:1\n")]);
        project.fires(
            &IGNORED_BAKE_WORD,
            "docker-bake.hcl",
            "
            target \"default\" {
              targt = \"x\"
              ^^^^^ warning
              Target = \"x\"
              ^^^^^^ warning
              dockerfile = \"Dockerfile\"
              targets = [\"x\"]
              ^^^^^^^ warning
            }
            taget \"other\" {
            ^^^^^ warning
              target = \"x\"
            }
            ",
        );
    }

    #[test]
    fn what_is_like_nothing_that_bake_knows_is_left_alone() {
        let mut project = project(&[("Dockerfile", "FROM a:1 AS x\n")]);
        let text = "target \"default\" {\n  something-new = 1\n}\nvariable \"V\" {\n  validation { }\n}\nsettings { }\n";
        project.silent(&IGNORED_BAKE_WORD, "docker-bake.hcl", text);
        project.silent(
            &IGNORED_BAKE_WORD,
            "docker-bake.json",
            "{\"target\": {\"default\": {\"targt\": \"x\"}}}",
        );
    }
}
