use super::{
    Findings, Severity,
    context::Context,
    rule,
    stage_edits::{free_name, rename},
};
use crate::stages::{Resolution, names::is_reserved_name};

rule! {
    /// A stage called `scratch` or `context`.
    ///
    /// ## Why
    /// Both words mean something else where stages are named: the empty image, and the files that the build was given. This
    /// is BuildKit's check ReservedStageName.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS context
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20 AS sources
    /// ```
    RESERVED_STAGE_NAME: "ReservedStageName", "A stage has a name that means something else", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for stage in context.stages.all() {
        let Some(name) = stage.name.as_ref().filter(|name| is_reserved_name(&name.text)) else { continue };
        let lower = name.text.to_lowercase();
        let free = free_name(context, &format!("{lower}-stage"));
        let message = format!("Stage name should not use the same name as reserved stage \"{lower}\"");
        // A name for the empty file system that it starts from hides nothing that anybody would miss.
        let base = context.stages.base(stage.index).map(|base| &base.resolution);
        let is_harmless = lower == "scratch" && base == Some(&Resolution::Scratch);
        let severity = if is_harmless { Severity::Information } else { Severity::Warning };
        out.report(&RESERVED_STAGE_NAME, name.range.clone(), message)
            .severity(severity)
            .fix(format!("Rename to `{free}`"), rename(context, stage.index, &free, |_| true))
            .prefer_single_fix();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn two_names_are_reserved() {
        fires(
            &RESERVED_STAGE_NAME,
            "
            FROM a:1 AS scratch
                        ^^^^^^^ warning
            FROM a:1 AS Context
                        ^^^^^^^ warning
            ",
        );
    }

    #[test]
    fn the_words_may_be_used() {
        silent(&RESERVED_STAGE_NAME, "FROM scratch AS export\nCOPY --from=context /a /a\n");
    }

    #[test]
    fn the_uses_get_the_new_name_too() {
        assert_eq!(
            fixed(
                &RESERVED_STAGE_NAME,
                "FROM a:1 AS context\nFROM b:1\nCOPY --from=context /a /a\n",
                "Rename to `context-stage`"
            ),
            "FROM a:1 AS context-stage\nFROM b:1\nCOPY --from=context-stage /a /a\n"
        );
    }
}
