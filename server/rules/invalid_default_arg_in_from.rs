use super::{
    Findings,
    context::Context,
    from_words::{base, look_up, place},
    rule,
    stage_edits::insert,
};
use crate::{
    stages::{GlobalArg, Image, Resolution},
    text::Edit,
};

rule! {
    /// A FROM that names no image unless the build is given an argument.
    ///
    /// ## Why
    /// Whoever builds the file without that `--build-arg` gets an error. That may be meant; a default makes the file build on
    /// its own. Where a build that the workspace's files describe gives the argument, nothing is said. This is BuildKit's check InvalidDefaultArgInFrom.
    ///
    /// ## Example
    /// ```dockerfile
    /// ARG VERSION
    /// FROM node:${VERSION}
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// ARG VERSION=22
    /// FROM node:${VERSION}
    /// ```
    INVALID_DEFAULT_ARG_IN_FROM: "InvalidDefaultArgInFrom", "A FROM names no image unless it is given an argument", Information, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for stage in context.stages.all() {
        let Some(word) = base(context, stage.index).filter(|word| word.text().contains('$')) else {
            continue;
        };
        // A base without variables is wrong in itself, which other rules say, and so are variables that nothing declares.
        let Some(reference) = context.stages.base(stage.index).filter(|base| base.variable.is_some()) else {
            continue;
        };
        if !matches!(reference.resolution, Resolution::Unknown | Resolution::Invalid(_)) {
            continue;
        }
        let looked = look_up(context, word);
        let Some(text) = looked.result.ok().and_then(|value| value.text()) else { continue };
        let missing: Vec<Option<&GlobalArg>> =
            looked.unmatched.iter().map(|name| declaration(context, name)).collect();
        if Image::parse(&text).is_ok() || missing.contains(&None) {
            continue;
        }
        let outside = context.doc.outside();
        if !missing.is_empty() && missing.iter().flatten().all(|arg| outside.is_given(&arg.name)) {
            continue;
        }
        let placed = context.opening(stage.index);
        let message =
            format!("Default value for ARG {} results in empty or invalid base image name", word.text());
        let place = looked.unmatched.first().map_or(word.range(), |name| place(word, name));
        let finding = out.report(&INVALID_DEFAULT_ARG_IN_FROM, placed.at(place), message);
        for arg in missing.iter().flatten() {
            finding.related(arg.name_range.clone(), "Has no default");
        }
        if let [Some(arg)] = missing[..] {
            finding.fix(format!("Use `{}=latest`", arg.name), latest(&text, arg));
        }
    }
}

/// The last ARG above the first FROM that declares `name`.
fn declaration<'a>(context: &Context<'a>, name: &str) -> Option<&'a GlobalArg> {
    context.stages.globals().args.iter().rfind(|arg| arg.name == name)
}

/// A default for an argument that nothing but the tag is taken from.
fn latest(text: &str, arg: &GlobalArg) -> Option<Vec<Edit>> {
    let is_tag = text.ends_with(':') && Image::parse(&format!("{text}latest")).is_ok();
    is_tag.then(|| vec![insert(arg.name_range.end, "=latest")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::user;
    use crate::rules::testing::{among, fires, fixed, only, silent};

    #[test]
    fn the_variable_without_a_default_is_marked() {
        fires(
            &INVALID_DEFAULT_ARG_IN_FROM,
            "
            ARG IMAGE
            ARG EMPTY=
            FROM $IMAGE
                 ^^^^^^ information
            FROM a/$IMAGE/b:1
                   ^^^^^^ information
            FROM a:$EMPTY
                 ^^^^^^^^ information
            ",
        );
    }

    #[test]
    fn defaults_stages_required_and_undeclared_variables_are_left_alone() {
        silent(
            &INVALID_DEFAULT_ARG_IN_FROM,
            "ARG A\nARG B=b\nFROM $B AS b\nFROM a:${A:-1}\nFROM ${A:?give it}\nFROM a$A\nFROM $B\n",
        );
        only("FROM a:$NOPE\n", &["UndefinedArgInFrom"]);
    }

    #[test]
    fn a_tag_can_be_the_latest() {
        assert_eq!(
            fixed(&INVALID_DEFAULT_ARG_IN_FROM, "ARG V\nFROM a/b:${V}\n", "Use `V=latest`"),
            "ARG V=latest\nFROM a/b:${V}\n"
        );
    }

    #[test]
    fn an_argument_that_a_build_gives_is_not_missing() {
        let given = among([user("a").arg("A", "x").arg("EMPTY", "")]);
        given.silent(&INVALID_DEFAULT_ARG_IN_FROM, "ARG A\nFROM $A\n");
        for text in ["ARG EMPTY\nFROM $EMPTY\n", "ARG A\nARG B\nFROM $A:$B\n", "ARG B=\nFROM a:$B\n"] {
            given.message(&INVALID_DEFAULT_ARG_IN_FROM, text);
        }
    }
}
