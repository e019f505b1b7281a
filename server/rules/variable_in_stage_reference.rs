use std::collections::HashMap;

use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{add_above, block_start, free_name, newline, replace},
};
use crate::{
    stages::{Reference, ReferenceKind, Resolution, names::valid_name_near},
    syntax::Keyword,
    text::Edit,
};

rule! {
    /// A variable in a `COPY --from` or in the `from` of a mount.
    ///
    /// ## Why
    /// BuildKit expands no variables there: it has to know which stages it needs before it runs anything. The build stops,
    /// whatever its target is.
    ///
    /// ## Example
    /// ```dockerfile
    /// ARG SOURCE=nginx:1.27
    /// FROM alpine:3.20
    /// COPY --from=${SOURCE} /etc/nginx /etc/nginx
    /// ```
    ///
    /// ## Instead
    /// A `FROM` can hold variables of the ARGs above the first one. Copy from a stage that does.
    /// ```dockerfile
    /// ARG SOURCE=nginx:1.27
    /// FROM ${SOURCE} AS source
    ///
    /// FROM alpine:3.20
    /// COPY --from=source /etc/nginx /etc/nginx
    /// ```
    VARIABLE_IN_STAGE_REFERENCE: "variable-in-stage-reference", "A variable where BuildKit expands none", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let mut defaults = Defaults::new();
    for reference in context.stages.references() {
        if reference.resolution != Resolution::Variable {
            continue;
        }
        let variable = variable(&reference.text);
        let name = variable.map(|variable| stage_name(context, variable));
        let place = if reference.kind == ReferenceKind::Mount { "A mount's from" } else { "--from" };
        let message = match &name {
            Some(name) => format!(
                "{place} cannot contain variables. Add a stage \"FROM {} AS {name}\" and copy from that",
                reference.text
            ),
            None => format!("{place} cannot contain variables, quotes or escapes"),
        };
        let finding = out.report(&VARIABLE_IN_STAGE_REFERENCE, reference.range.clone(), message);
        finding.severity(context.always(reference.onbuild, reference.stage));
        let args = &context.stages.globals().args;
        if let Some(arg) = variable.and_then(|variable| args.iter().rev().find(|arg| arg.name == variable)) {
            finding.related(arg.name_range.clone(), "FROM can use this argument");
        }
        if let (Some(variable), Some(name), true) = (variable, name, context.fixes) {
            let title = format!("Copy from a new stage `{name}`");
            let edits = add_stage(context, &mut defaults, reference, variable, &name);
            finding.fix(title, edits).prefer_single_fix();
        }
    }
}

/// The name of the first variable.
fn variable(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('$')?;
    let rest = rest.strip_prefix('{').unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    (end > 0).then_some(&rest[..end])
}

fn stage_name(context: &Context<'_>, variable: &str) -> String {
    let name = valid_name_near(&variable.replace('_', "-"));
    free_name(context, name.as_deref().unwrap_or("source"))
}

/// The default of a variable in a stage, once somebody asked.
type Defaults = HashMap<(usize, String), Option<String>>;

fn add_stage(
    context: &Context<'_>,
    defaults: &mut Defaults,
    reference: &Reference,
    variable: &str,
    name: &str,
) -> Option<Vec<Edit>> {
    // Continuations and quotes are part of the place, but not of the text.
    let raw = context.doc.text().slice(reference.range.clone());
    if reference.onbuild || raw != reference.text || raw.contains(['"', '\'', ' ', '\\', '`']) {
        return None;
    }
    let newline = newline(context);
    let mut text = format!("FROM {raw} AS {name}{newline}{newline}");
    let globals = context.stages.globals();
    let is_global = globals.args.iter().any(|arg| arg.name == variable) || is_predefined(variable);
    let mut edits = Vec::new();
    if !is_global {
        // Without a value there the FROM would have no base.
        let key = (reference.stage, variable.to_owned());
        let default = defaults.entry(key).or_insert_with(|| default(context, reference.stage, variable));
        let default = default.as_deref()?;
        let arg = format!("ARG {variable}={default}{newline}");
        if reference.stage == 0 {
            text.insert_str(0, &arg);
        } else {
            edits.push(super::stage_edits::insert(block_start(context, 0), arg));
        }
    }
    edits.extend(add_above(context, reference.stage, &text, Some(reference)));
    edits.push(replace(reference.range.clone(), name));
    Some(edits)
}

fn is_predefined(variable: &str) -> bool {
    ["TARGET", "BUILD"].iter().any(|prefix| {
        let rest = variable.strip_prefix(prefix);
        rest.is_some_and(|rest| matches!(rest, "PLATFORM" | "OS" | "OSVERSION" | "ARCH" | "VARIANT"))
    }) || variable == "TARGETSTAGE"
}

/// The value of the last ARG of that name in the stage, if it is plain.
fn default(context: &Context<'_>, stage: usize, variable: &str) -> Option<String> {
    let instructions = context.stages.all()[stage].instructions.clone();
    let mut values = instructions.rev().filter_map(|index| {
        let placed = context.instruction(index);
        let instruction = &placed.instruction;
        let mut pairs = instruction.pairs().iter().filter(|_| instruction.keyword == Keyword::Arg);
        pairs.find(|pair| pair.name.text() == variable)?.value.as_ref().map(|value| value.text().to_owned())
    });
    values.find(|value| !value.is_empty() && !value.contains(['$', '\n', '#']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, only, silent};

    #[test]
    fn variables_are_errors_wherever_they_are() {
        fires(
            &VARIABLE_IN_STAGE_REFERENCE,
            "
            ARG S=x
            FROM a:1 AS x
            COPY --from=$S /f /f
                        ^^ error
            RUN --mount=type=bind,from=${S:-x},target=/x ls
                                       ^^^^^^^ error
            FROM b:1
            ",
        );
    }

    #[test]
    fn in_an_onbuild_it_fails_only_for_those_who_build_on_it() {
        fires(
            &VARIABLE_IN_STAGE_REFERENCE,
            "
            FROM a:1 AS x
            ONBUILD COPY --from=$S /f /f
                                ^^ warning
            ",
        );
        fires(
            &VARIABLE_IN_STAGE_REFERENCE,
            "
            FROM a:1 AS x
            ONBUILD COPY --from=$S /f /f
                                ^^ error
            FROM x
            ",
        );
    }

    #[test]
    fn from_and_paths_may_hold_variables() {
        silent(
            &VARIABLE_IN_STAGE_REFERENCE,
            "ARG S=x\nFROM a:1 AS x\nFROM $S AS src\nFROM b:1\nCOPY --from=src /$S /f\n",
        );
        silent(&VARIABLE_IN_STAGE_REFERENCE, "FROM a:1\nADD $X /f\nRUN --mount=from=b$,target=/x ls\n");
    }

    #[test]
    fn a_stage_takes_the_variable() {
        let text = "
            ARG S=x
            FROM a:1 AS x
            FROM b:1
            COPY --from=0 /e /e
            COPY --from=${S} /f /f
            ";
        assert_eq!(
            message(&VARIABLE_IN_STAGE_REFERENCE, text),
            "--from cannot contain variables. Add a stage \"FROM ${S} AS s\" and copy from that"
        );
        assert_eq!(
            fixed(&VARIABLE_IN_STAGE_REFERENCE, text, "Copy from a new stage `s`"),
            "ARG S=x\nFROM a:1 AS x\nFROM ${S} AS s\n\nFROM b:1\nCOPY --from=0 /e /e\nCOPY --from=s /f /f\n"
        );
    }

    #[test]
    fn an_argument_of_the_stage_is_declared_on_top() {
        assert_eq!(
            fixed(
                &VARIABLE_IN_STAGE_REFERENCE,
                "
                FROM a:1 AS x
                FROM b:1
                ARG MY_SOURCE=x
                COPY --from=$MY_SOURCE /f /f
                ",
                "Copy from a new stage `my-source`",
            ),
            "ARG MY_SOURCE=x\nFROM a:1 AS x\nFROM $MY_SOURCE AS my-source\n\nFROM b:1\nARG MY_SOURCE=x\n\
             COPY --from=my-source /f /f\n"
        );
        // A base without a value would fail as well.
        let found =
            crate::rules::check(&crate::document::Document::open("FROM b:1\nCOPY --from=$V /f /f\n", 0));
        assert_eq!(found[0].fixes, []);
    }

    #[test]
    fn the_stage_that_the_default_means_is_not_called_unused_as_well() {
        only("ARG S=x\nFROM a:1 AS x\nFROM b:1\nCOPY --from=$S /f /f\n", &["variable-in-stage-reference"]);
    }
}
