use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{block_start, insert, newline, replace},
    undeclared::{Cause, Undeclared, declare_above, describe, stage_of},
};
use crate::{
    text::Edit,
    variables::{Declaration, DeclarationKind},
};

rule! {
    /// A stage uses an ARG of another stage, which it does not build on.
    ///
    /// ## Why
    /// A stage inherits the arguments of the stage that its FROM names, and of no other. `COPY --from` brings files only. The
    /// variable is empty here.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.26 AS build
    /// ARG APP_VERSION=1.2
    /// RUN go build -ldflags "-X main.version=$APP_VERSION" -o /app .
    ///
    /// FROM alpine:3.20
    /// COPY --from=build /app /app
    /// LABEL org.opencontainers.image.version=$APP_VERSION
    /// ```
    ///
    /// ## Instead
    /// A global ARG holds the value once, for each stage that asks for it.
    /// ```dockerfile
    /// ARG APP_VERSION=1.2
    /// FROM golang:1.26 AS build
    /// ARG APP_VERSION
    /// RUN go build -ldflags "-X main.version=$APP_VERSION" -o /app .
    ///
    /// FROM alpine:3.20
    /// COPY --from=build /app /app
    /// ARG APP_VERSION
    /// LABEL org.opencontainers.image.version=$APP_VERSION
    /// ```
    ARG_LOST_ACROSS_STAGES: "arg-lost-across-stages", "A stage uses an ARG of a stage that it does not build on", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for undeclared in context.undeclared() {
        let Cause::Arg(index) = undeclared.cause else { continue };
        let declaration = &context.doc.variables().declarations()[index];
        let name = &undeclared.name;
        let stage = stage_of(context, declaration);
        let message =
            format!("ARG {name} of {stage} is not visible here: this stage does not build on that one");
        let range = undeclared.carrier(context).range.clone();
        let finding = describe(context, out.report(&ARG_LOST_ACROSS_STAGES, range, message), undeclared);
        finding.related(declaration.range.clone(), "Declared here");
        if !context.fixes {
            continue;
        }
        let first = undeclared.first(context);
        match value(context, declaration) {
            None => {
                let edits = declare_above(context, first, "ARG", name);
                finding.fix(format!("Add `ARG {name}` above its first use"), edits).prefer_single_fix();
            }
            Some(value) => {
                let title = format!("Make it a global `ARG {name}={value}`");
                finding.fix(title, globalize(context, undeclared, declaration, &value)).prefer_single_fix();
                let copy = format!("{name}={value}");
                let edits = declare_above(context, first, "ARG", &copy);
                finding.fix(format!("Add `ARG {copy}` above its first use"), edits);
            }
        }
    }
}

/// The default as written, if it means the same anywhere.
fn value(context: &Context<'_>, declaration: &Declaration) -> Option<String> {
    let value = context.doc.text().slice(declaration.value.clone()?);
    (!value.contains(['$', '\n', '\r'])).then(|| value.into_owned())
}

/// Moves the default up, so that both stages only ask for it. `None` where several stages have a default of their own.
fn globalize(
    context: &Context<'_>,
    undeclared: &Undeclared,
    declaration: &Declaration,
    value: &str,
) -> Option<Vec<Edit>> {
    let name = &undeclared.name;
    let all = context.doc.variables().declarations().iter();
    let others = all.filter(|other| other.name == *name && **other != *declaration);
    if others.into_iter().any(|other| other.value.is_some() || other.kind == DeclarationKind::Env) {
        return None;
    }
    let mut edits = declare_above(context, undeclared.first(context), "ARG", name)?;
    edits.push(insert(block_start(context, 0), format!("ARG {name}={value}{}", newline(context))));
    edits.push(replace(declaration.range.end..declaration.value.clone()?.end, ""));
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn siblings_inherit_nothing() {
        fires(
            &ARG_LOST_ACROSS_STAGES,
            "
            FROM a:1 AS x
            ARG V=1
            FROM a:1
            COPY --from=x /a /a
            LABEL v=$V w=$V
                     ^ warning
            FROM x
            LABEL v=$V
            ",
        );
        only(
            "FROM scratch AS x\nARG V=1\nCOPY x /\nFROM scratch\nCOPY --from=x / /x\nLABEL v=$V\n",
            &["arg-lost-across-stages"],
        );
    }

    #[test]
    fn names_that_anybody_may_set_are_left_alone() {
        silent(
            &ARG_LOST_ACROSS_STAGES,
            "FROM a:1 AS x\nARG USER=u\nFROM a:1\nRUN echo $USER $HOME\nENV H=$USER\n",
        );
    }

    #[test]
    fn the_default_moves_up_or_is_repeated() {
        let text = "FROM a:1 AS x\nARG V=\"1 2\" W\nRUN $V\nFROM a:1\nLABEL v=$V\n";
        assert_eq!(
            fixed(&ARG_LOST_ACROSS_STAGES, text, "Make it a global `ARG V=\"1 2\"`"),
            "ARG V=\"1 2\"\nFROM a:1 AS x\nARG V W\nRUN $V\nFROM a:1\nARG V\nLABEL v=$V\n"
        );
        assert_eq!(
            fixed(&ARG_LOST_ACROSS_STAGES, text, "Add `ARG V=\"1 2\"` above its first use"),
            "FROM a:1 AS x\nARG V=\"1 2\" W\nRUN $V\nFROM a:1\nARG V=\"1 2\"\nLABEL v=$V\n"
        );
        assert_eq!(
            fixed(
                &ARG_LOST_ACROSS_STAGES,
                "FROM a:1 AS x\nARG V\nFROM a:1\nLABEL v=$V\n",
                "Add `ARG V` above its first use"
            ),
            "FROM a:1 AS x\nARG V\nFROM a:1\nARG V\nLABEL v=$V\n"
        );
    }
}
