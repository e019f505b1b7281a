use super::{
    Findings,
    context::Context,
    rule,
    undeclared::{Cause, declare_above, describe},
};

rule! {
    /// `ENV X=$X` where nothing in the file gives X a value.
    ///
    /// ## Why
    /// An ENV is expanded when the image is built, not when a container starts: it sets the variable to nothing, unless the
    /// base image has one of that name, and then it changes nothing. Values for the build come through an ARG; values for the
    /// container through `docker run --env`, which needs no ENV.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22
    /// ENV API_URL=${API_URL}
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM node:22
    /// ARG API_URL
    /// ENV API_URL=${API_URL}
    /// ```
    EMPTY_ENV_FROM_ARG: "empty-env-from-arg", "An ENV takes its value from itself", Warning, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for undeclared in context.undeclared().iter().filter(|undeclared| undeclared.cause == Cause::Itself) {
        let name = &undeclared.name;
        let message = format!(
            "ENV {name} is set to nothing: no ARG or ENV above declares {name}, and the container's value comes too late"
        );
        let range = undeclared.carrier(context).range.clone();
        let finding = describe(context, out.report(&EMPTY_ENV_FROM_ARG, range, message), undeclared);
        let edits = declare_above(context, undeclared.first(context), "ARG", name);
        finding.fix(format!("Add `ARG {name}` above"), edits).prefer_single_fix();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, only, silent};

    #[test]
    fn an_env_of_itself_is_empty() {
        fires(
            &EMPTY_ENV_FROM_ARG,
            "
            FROM a:1
            ENV B=1 URL=\"${URL}\" C=$C
                           ^^^ warning
                                    ^ warning
            ",
        );
        only("FROM scratch\nENV URL=$URL\n", &["empty-env-from-arg"]);
    }

    #[test]
    fn a_declared_one_one_of_the_image_and_one_with_more_in_it_is_left_alone() {
        silent(
            &EMPTY_ENV_FROM_ARG,
            "FROM a:1\nARG URL\nENV URL=$URL\nENV PATH=/x:$PATH HOME=$HOME OPTS=\"$OPTS -x\" B=${B:-1}\n",
        );
    }

    #[test]
    fn an_argument_is_added() {
        assert_eq!(
            fixed(&EMPTY_ENV_FROM_ARG, "FROM a:1\nenv URL $URL\n", "Add `ARG URL` above"),
            "FROM a:1\narg URL\nenv URL $URL\n"
        );
    }
}
