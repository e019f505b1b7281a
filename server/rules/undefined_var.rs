use std::collections::HashSet;

use super::{
    Findings,
    context::Context,
    near::Near,
    rule,
    stage_edits::replace,
    undeclared::{Cause, Undeclared, check_of, declare_above, describe},
};
use crate::variables::{DeclarationKind, Use};

rule! {
    /// A variable that neither the stage, nor one that it builds on, declares.
    ///
    /// ## Why
    /// It is empty. What the base image may set is not known here: in a stage that builds on an image, only names are
    /// reported that look like a misspelt one of the stage. This is BuildKit's check UndefinedVar.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ARG VERSION=1.2
    /// COPY app-$VERSOIN.tar.gz /app/
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ARG VERSION=1.2
    /// COPY app-$VERSION.tar.gz /app/
    /// ```
    UNDEFINED_VAR: "UndefinedVar", "A variable is not defined where it is used", Warning, check
}

/// How many declarations are looked through for suggestions before it gets slow.
const BUDGET: usize = 200_000;

fn check(context: &Context<'_>, out: &mut Findings) {
    let variables = context.doc.variables();
    let near = Near::new();
    let mut budget = BUDGET;
    let mut reported = HashSet::new();
    for undeclared in context.undeclared() {
        let meant = match undeclared.cause {
            Cause::Near(declaration) => Some(declaration),
            Cause::Unknown => None,
            Cause::Platform | Cause::Global(_) | Cause::Arg(_) | Cause::Env(_) | Cause::Itself => continue,
        };
        if !variables.has_known_root(undeclared.stage) {
            if let Some(meant) = meant {
                let name = &variables.declarations()[meant].name;
                report(context, out, undeclared, undeclared.carrier(context), Some(name));
            }
            continue;
        }
        // As BuildKit does it, once for each instruction.
        for used in undeclared.uses.iter().map(|&index| &variables.uses()[index]) {
            if check_of(context, used).is_none() || !reported.insert((used.instruction, &used.name)) {
                continue;
            }
            let names = match budget.checked_sub(variables.declarations().len()) {
                Some(left) => {
                    budget = left;
                    environment(context, used)
                }
                None => Vec::new(),
            };
            report(context, out, undeclared, used, near.suggest(&used.name, names.into_iter()));
        }
    }
}

fn report(
    context: &Context<'_>,
    out: &mut Findings,
    undeclared: &Undeclared,
    used: &Use,
    near: Option<&str>,
) {
    let name = &used.name;
    let mut message = format!("Usage of undefined variable '${name}'");
    if let Some(near) = near {
        message += &format!(" (did you mean ${near}?)");
    }
    let finding = out.report(&UNDEFINED_VAR, used.range.clone(), message);
    describe(context, finding, undeclared).same_as(None);
    let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if let Some(near) = near {
        // All of the stage at once: the next one would be found as soon as this is corrected.
        let uses = undeclared.uses.iter().map(|&index| &context.doc.variables().uses()[index]);
        let edits = context.fixes.then(|| uses.map(|used| replace(used.range.clone(), near)).collect());
        finding.fix(format!("Use `{near}`"), edits).prefer_single_fix();
    }
    if is_name {
        let edits = declare_above(context, undeclared.first(context), "ARG", name);
        finding.fix(format!("Add `ARG {name}` above its first use"), edits);
    }
}

/// The names in the environment of an instruction in a stage on `scratch`, in the order of BuildKit's list: what was set last
/// comes last (client/llb/meta.go, `EnvList`).
fn environment<'a>(context: &Context<'a>, used: &Use) -> Vec<&'a str> {
    let all = context.doc.variables().declarations();
    let mut names = Vec::new();
    let mut seen = HashSet::new();
    let globals = context.stages.globals();
    let mut next = used.stage;
    let mut triggers = used.onbuild;
    let mut end = used.instruction;
    loop {
        let start = all.partition_point(|declaration| declaration.stage < next);
        let count = all[start..].partition_point(|declaration| declaration.stage == next);
        let own = &all[start..start + count];
        for onbuild in [true, false] {
            if onbuild && !triggers {
                continue;
            }
            for declaration in own.iter().rev().filter(|declaration| declaration.onbuild == onbuild) {
                let is_arg = declaration.kind == DeclarationKind::Arg;
                let is_above = declaration.instruction < end
                    || (is_arg && declaration.instruction == end && declaration.range.end < used.range.start);
                let is_set = !is_arg
                    || declaration.value.is_some()
                    || context.doc.options().build_args.contains_key(&*declaration.name)
                    || globals.by_default(&declaration.name).is_some();
                if is_above && is_set && seen.insert(&*declaration.name) {
                    names.push(&*declaration.name);
                }
            }
            if onbuild {
                end = usize::MAX;
            }
        }
        let base = next.and_then(|stage| context.stages.base(stage));
        let parent = base.and_then(|base| base.target()).filter(|&parent| Some(parent) < next);
        let Some(parent) = parent else { break };
        (next, triggers, end) = (Some(parent), true, usize::MAX);
    }
    if seen.insert("PATH") {
        names.push("PATH");
    }
    names.reverse();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, message, silent};

    #[test]
    fn on_scratch_everything_is_known() {
        fires(
            &UNDEFINED_VAR,
            "
            FROM scratch AS x
            ENV A=$B P=$PATH N=$1
                   ^ warning
                                ^ warning
            ARG D
            LABEL b=$B d=$D c=${C:-x}
                     ^ warning
                              ^ warning
            EXPOSE $PORT
            RUN echo $E
            COPY <<EOF /x
            $F '$G' \\$H
             ^ warning
                 ^ warning
            EOF
            FROM x
            VOLUME $A/$D/$I
                          ^ warning
            ",
        );
    }

    #[test]
    fn triggers_are_looked_at_where_a_stage_runs_them() {
        fires(
            &UNDEFINED_VAR,
            "
            FROM scratch AS x
            ONBUILD USER $U
                          ^ warning
            FROM x
            FROM scratch
            ONBUILD USER $U
            ",
        );
    }

    #[test]
    fn an_image_may_set_anything_but_a_misspelt_name() {
        fires(
            &UNDEFINED_VAR,
            "
            FROM a:1
            ARG APP_VERSION=1
            ENV CONFIG_DIR=/x
            COPY x-$APP_VERISON $CONFIGDIR/$OTHER
                    ^^^^^^^^^^^ warning
                                 ^^^^^^^^^ warning
            ",
        );
        silent(
            &UNDEFINED_VAR,
            "FROM a:1\nARG APP_UID=1 GOPATHS=1 FILES=1\nUSER $APP_GID:$GOPATH\nCOPY $FILE /\nUSER $USER\n",
        );
    }

    #[test]
    fn the_near_name_is_taken_everywhere_in_the_stage() {
        let text = "FROM a:1\nARG VERSION=1\nCOPY a-$VERSOIN b-${VERSOIN} /\n";
        assert_eq!(
            message(&UNDEFINED_VAR, text),
            "Usage of undefined variable '$VERSOIN' (did you mean $VERSION?)"
        );
        assert_eq!(
            fixed(&UNDEFINED_VAR, text, "Use `VERSION`"),
            "FROM a:1\nARG VERSION=1\nCOPY a-$VERSION b-${VERSION} /\n"
        );
        assert_eq!(
            fixed(&UNDEFINED_VAR, "FROM scratch\nUSER $WHO\n", "Add `ARG WHO` above its first use"),
            "FROM scratch\nARG WHO\nUSER $WHO\n"
        );
    }
}
