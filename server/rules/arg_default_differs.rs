use std::collections::HashMap;

use super::{Findings, context::Context, rule, stage_edits::replace};
use crate::{
    stages::globals::is_predefined,
    variables::{DeclarationKind, Mode},
};

rule! {
    /// A stage's ARG has another default than the global ARG of its name.
    ///
    /// ## Why
    /// FROM lines take the one, the stage takes the other: what was meant to be one setting is two, and a change of one of
    /// them is easily forgotten in the other place.
    ///
    /// ## Example
    /// ```dockerfile
    /// ARG VERSION=22
    /// FROM node:$VERSION
    /// ARG VERSION=20
    /// ENV VERSION=$VERSION
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// ARG VERSION=22
    /// FROM node:$VERSION
    /// ARG VERSION
    /// ENV VERSION=$VERSION
    /// ```
    ARG_DEFAULT_DIFFERS: "arg-default-differs", "An ARG has another default than the global one", Information, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    let declarations = context.doc.variables().declarations();
    let first = declarations.partition_point(|declaration| declaration.stage.is_none());
    let (globals, stages) = declarations.split_at(first);
    if globals.iter().all(|global| global.value.is_none()) {
        return;
    }
    let globals: HashMap<&str, usize> =
        globals.iter().enumerate().map(|(index, global)| (&*global.name, index)).collect();
    for (index, declaration) in stages.iter().enumerate() {
        let Some(value) = declaration.value.clone().filter(|_| declaration.kind == DeclarationKind::Arg)
        else {
            continue;
        };
        let Some(&global) = globals.get(&*declaration.name).filter(|_| !is_predefined(&declaration.name))
        else {
            continue;
        };
        let value_of = |index| context.doc.value_of_declaration(index, Mode::Defaults)?.text();
        let (Some(ours), Some(theirs)) = (value_of(first + index), value_of(global)) else { continue };
        if ours == theirs || declarations[global].value.is_none() {
            continue;
        }
        let name = &declaration.name;
        let message = format!(
            "The default of {name} is \"{ours}\" in this stage, and \"{theirs}\" above the first FROM"
        );
        let finding = out.report(&ARG_DEFAULT_DIFFERS, value.clone(), message);
        finding.related(declarations[global].range.clone(), "The global one");
        let edits = vec![replace(declaration.range.end..value.end, "")];
        finding.fix(format!("Use the global default \"{theirs}\""), Some(edits)).prefer_single_fix();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn two_defaults_are_told() {
        fires(
            &ARG_DEFAULT_DIFFERS,
            "
            ARG A=1
            ARG V=$A
            FROM a:$V
            ARG W=1 V=\"2\"
                      ^^^ information
            FROM b:1
            ARG V=1
            ",
        );
    }

    #[test]
    fn one_default_or_none_or_an_unknown_one_is_left_alone() {
        silent(&ARG_DEFAULT_DIFFERS, "ARG V=1\nARG W\nFROM a:$V\nARG V\nARG W=2\nENV V=3\nARG V=$UNKNOWN\n");
    }

    #[test]
    fn the_global_one_stays() {
        assert_eq!(
            fixed(&ARG_DEFAULT_DIFFERS, "ARG V=1\nFROM a:$V\nARG V=2 W\n", "Use the global default \"1\""),
            "ARG V=1\nFROM a:$V\nARG V W\n"
        );
    }
}
