use super::{
    Findings,
    context::Context,
    rule,
    undeclared::{Cause, declare_above, describe, stage_of},
};
use crate::variables::Declaration;

rule! {
    /// A stage uses an ENV of another stage, which it does not build on.
    ///
    /// ## Why
    /// A stage inherits the environment of the stage that its FROM names, and of no other. `COPY --from` brings files only.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3.14 AS build
    /// ENV APP_HOME=/srv/app
    /// COPY . $APP_HOME
    ///
    /// FROM python:3.14-slim
    /// COPY --from=build $APP_HOME $APP_HOME
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM python:3.14 AS build
    /// ENV APP_HOME=/srv/app
    /// COPY . $APP_HOME
    ///
    /// FROM python:3.14-slim
    /// ENV APP_HOME=/srv/app
    /// COPY --from=build $APP_HOME $APP_HOME
    /// ```
    ENV_LOST_ACROSS_STAGES: "env-lost-across-stages", "A stage uses an ENV of a stage that it does not build on", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for undeclared in context.undeclared() {
        let Cause::Env(index) = undeclared.cause else { continue };
        let declaration = &context.doc.variables().declarations()[index];
        let name = &undeclared.name;
        let stage = stage_of(context, declaration);
        let message =
            format!("ENV {name} of {stage} is not visible here: this stage does not build on that one");
        let range = undeclared.carrier(context).range.clone();
        let finding = describe(context, out.report(&ENV_LOST_ACROSS_STAGES, range, message), undeclared);
        finding.related(declaration.range.clone(), "Set here");
        if let Some(pair) = pair(context, declaration).filter(|_| context.fixes) {
            let edits = declare_above(context, undeclared.first(context), "ENV", &pair);
            finding.fix(format!("Add `ENV {pair}` above its first use"), edits).prefer_single_fix();
        }
    }
}

/// The declaration as it can stand elsewhere, if it means the same there.
fn pair(context: &Context<'_>, declaration: &Declaration) -> Option<String> {
    let placed = context.instruction(declaration.instruction);
    let pair = placed.instruction.effective().pairs().get(declaration.pair)?;
    let value = context.doc.text().slice(declaration.value.clone()?);
    let is_open = pair.legacy && value.contains([' ', '\t', '"', '\'']);
    let is_plain = !is_open && !value.contains(['$', '\n', '\r']);
    is_plain.then(|| format!("{}={value}", declaration.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn siblings_inherit_nothing() {
        fires(
            &ENV_LOST_ACROSS_STAGES,
            "
            FROM a:1 AS x
            ENV V=1
            FROM a:1
            RUN cp -r /x $V/y
                          ^ warning
            COPY x ${V}
            FROM x
            RUN cp -r /x $V/y
            ",
        );
    }

    #[test]
    fn what_the_image_may_set_is_left_alone() {
        silent(
            &ENV_LOST_ACROSS_STAGES,
            "FROM a:1 AS x\nENV PATH=/a JAVA_HOME=/j NODE_VERSION=1\nFROM b:1\nRUN $JAVA_HOME $NODE_VERSION\nENV PATH=/b:$PATH\n",
        );
        silent(
            &ENV_LOST_ACROSS_STAGES,
            "FROM a:1 AS x\nENV V=1\nFROM b:1\nRUN V=2 && echo $V\nCMD echo $V\n",
        );
    }

    #[test]
    fn the_line_is_repeated() {
        let fixes = [("V=1 W=2", "V=1"), ("V \"x y\"", ""), ("V x", "V=x"), ("W=1 V=\"x y\"", "V=\"x y\"")];
        for (written, copied) in fixes {
            let text = format!("FROM a:1 AS x\nENV {written}\nFROM a:1\nUSER $V\n");
            if copied.is_empty() {
                let found = crate::rules::check(&crate::document::Document::open(&text, 0));
                assert_eq!(found[0].fixes, []);
                continue;
            }
            assert_eq!(
                fixed(&ENV_LOST_ACROSS_STAGES, &text, &format!("Add `ENV {copied}` above its first use")),
                text.replace("USER", &format!("ENV {copied}\nUSER"))
            );
        }
    }
}
