use std::collections::{HashMap, HashSet};

use super::{
    Findings,
    context::Context,
    near::Near,
    rule,
    stage_edits::replace,
    undeclared::{Cause, Undeclared, check_of, declare_above, describe},
};
use crate::variables::{Declaration, DeclarationKind, Use};

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
            let names = environment(context, used, &mut budget);
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
/// comes last (client/llb/meta.go, `EnvList`), and a stage sets anew what the image below it has (dockerfile2llb/convert.go,
/// `dispatchStages`). Empty where that takes too long.
fn environment<'a>(context: &Context<'a>, used: &Use, budget: &mut usize) -> Vec<&'a str> {
    let mut chain = Vec::new();
    let mut next = used.stage;
    while let Some(stage) = next {
        chain.push(stage);
        let base = context.stages.base(stage).and_then(|base| base.target());
        next = base.filter(|&parent| parent < stage);
    }
    chain.reverse();
    let mut environment = Environment { context, names: HashMap::new(), image: vec!["PATH"], count: 0 };
    for (at, &stage) in chain.iter().enumerate() {
        let own = own(context, stage);
        let Some(left) = budget.checked_sub(own.len() + environment.image.len() + 1) else {
            return Vec::new();
        };
        *budget = left;
        environment.enter();
        if let Some(parent) = at.checked_sub(1).map(|at| chain[at]) {
            environment.set(self::own(context, parent), true, usize::MAX, used);
        }
        let is_last = at + 1 == chain.len();
        environment.set(
            own,
            false,
            if is_last && !used.onbuild { used.instruction } else { usize::MAX },
            used,
        );
        if is_last && used.onbuild {
            environment.enter();
            environment.set(own, true, used.instruction, used);
        }
    }
    let mut names: Vec<(usize, &str)> =
        environment.names.into_iter().map(|(name, order)| (order, name)).collect();
    names.sort_unstable();
    names.into_iter().map(|(_, name)| name).collect()
}

/// The declarations of a stage.
fn own<'a>(context: &Context<'a>, stage: usize) -> &'a [Declaration] {
    let all = context.doc.variables().declarations();
    let start = all.partition_point(|declaration| declaration.stage < Some(stage));
    let count = all[start..].partition_point(|declaration| declaration.stage == Some(stage));
    &all[start..start + count]
}

struct Environment<'c, 'a> {
    context: &'c Context<'a>,
    /// Each with the number of its last setting.
    names: HashMap<&'a str, usize>,
    /// What the image has, in the order of the first setting.
    image: Vec<&'a str>,
    count: usize,
}

impl<'a> Environment<'_, 'a> {
    /// Starts a stage: what the image has is set anew.
    fn enter(&mut self) {
        for name in &self.image {
            self.count += 1;
            self.names.insert(name, self.count);
        }
    }

    /// Sets what the declarations in, or not in, an ONBUILD set before an instruction.
    fn set(&mut self, declarations: &'a [Declaration], onbuild: bool, end: usize, used: &Use) {
        for declaration in declarations.iter().filter(|declaration| declaration.onbuild == onbuild) {
            let name = &*declaration.name;
            let is_arg = declaration.kind == DeclarationKind::Arg;
            let is_above = declaration.instruction < end
                || (is_arg && declaration.instruction == end && is_read_after(declaration, used));
            let is_set = !is_arg
                || declaration.value.is_some()
                || self.context.doc.options().build_args.contains_key(name)
                || self.context.stages.globals().by_default(name).is_some();
            if !is_above || !is_set {
                continue;
            }
            self.count += 1;
            self.names.insert(name, self.count);
            if !is_arg && !self.image.contains(&name) {
                self.image.push(name);
            }
        }
    }
}

/// Whether an ARG is set by the time that a later one of its instruction is read.
fn is_read_after(declaration: &Declaration, used: &Use) -> bool {
    declaration.value.as_ref().map_or(declaration.range.end, |value| value.end) <= used.range.start
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
                                ^ information
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
