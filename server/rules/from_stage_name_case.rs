use super::{
    Findings, Severity,
    context::Context,
    rule,
    stage_edits::{literal, replace},
};
use crate::stages::{Found, Lookup, Reference, ReferenceKind, Resolution};

rule! {
    /// A `FROM` that writes the name of a stage with capitals.
    ///
    /// ## Why
    /// BuildKit keeps the names of stages in lower case, and `FROM` looks them up as written. Nor can an image have capitals
    /// in its name: the build always fails. `COPY --from` and mounts do not mind the case.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22 AS Builder
    /// FROM Builder
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22 AS Builder
    /// FROM builder
    /// ```
    FROM_STAGE_NAME_CASE: "from-stage-name-case", "`FROM` finds stages in lower case only", Error, check
}

/// The stage that a FROM would mean in lower case.
pub fn meant(context: &Context<'_>, reference: &Reference) -> Option<usize> {
    let text = &reference.text;
    if reference.kind != ReferenceKind::From
        || !matches!(reference.resolution, Resolution::Invalid(_) | Resolution::Unknown)
        || !text.bytes().any(|b| b.is_ascii_uppercase())
    {
        return None;
    }
    match context.stages.names().look_up(Lookup::From(reference.stage), &text.to_lowercase()) {
        Found::Stage(index) => Some(index),
        Found::Beyond(_) | Found::Other => None,
    }
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for reference in context.stages.references() {
        let Some(stage) = meant(context, reference) else { continue };
        let lower = reference.text.to_lowercase();
        let message = format!(
            "FROM only finds the stage as \"{lower}\"; no image can be called \"{}\"",
            reference.text
        );
        // A value of a variable can come from outside.
        let severity = if reference.variable.is_some() { Severity::Warning } else { Severity::Error };
        let edits = literal(reference).map(|range| vec![replace(range, &lower)]);
        out.report(&FROM_STAGE_NAME_CASE, reference.range.clone(), message)
            .severity(severity)
            .related(context.declaration(stage), "The stage")
            .fix(format!("Use `{lower}`"), edits)
            .prefer_single_fix();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn capitals_fail_even_if_the_stage_is_declared_with_them() {
        fires(
            &FROM_STAGE_NAME_CASE,
            "
            FROM a:1 AS Builder
            FROM \"Builder\"
                  ^^^^^^^ error
            FROM BUILDER AS x
                 ^^^^^^^ error
            ",
        );
        only("FROM a:1 AS Builder\nFROM Builder\n", &["StageNameCasing", "from-stage-name-case"]);
    }

    #[test]
    fn a_default_with_capitals_can_be_overridden() {
        let text = "
            ARG S=Production
            FROM a:1 AS production
            FROM ${S}
                 ^^^^ warning
            ";
        fires(&FROM_STAGE_NAME_CASE, text);
        assert_eq!(
            fixed(
                &FROM_STAGE_NAME_CASE,
                &text.replace("                 ^^^^ warning\n", ""),
                "Use `production`"
            ),
            "ARG S=production\nFROM a:1 AS production\nFROM ${S}\n"
        );
    }

    #[test]
    fn copies_lower_case_and_other_names_are_left_alone() {
        silent(&FROM_STAGE_NAME_CASE, "FROM a:1 AS Builder\nFROM builder\nCOPY --from=BUILDER /a /a\n");
        silent(&FROM_STAGE_NAME_CASE, "FROM Builder\nFROM a:1 AS Builder\n");
    }
}
