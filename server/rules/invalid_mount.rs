use super::{
    Findings,
    context::Context,
    mount::{Fault, MountFlag},
    rule,
    stage_edits::replace,
};
use crate::syntax::Keyword;

rule! {
    /// A `RUN --mount` with options that BuildKit does not take.
    ///
    /// ## Why
    /// The options of a mount are pairs `key=value` with commas between, without blanks. Which there are depends on the type,
    /// `bind` if there is none: `size` is for `tmpfs`, `sharing` for `cache`, `required` for `secret` and `ssh`, `mode`, `uid`
    /// and `gid` for `cache`, `secret` and `ssh`. The type stands in front of `size` and `required`.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.22
    /// RUN --mount=type=cache,target=/root/.cache,share=locked go build ./...
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM golang:1.22
    /// RUN --mount=type=cache,target=/root/.cache,sharing=locked go build ./...
    /// ```
    INVALID_MOUNT: "invalid-mount", "A `RUN --mount` with options that BuildKit does not take", Error, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for MountFlag { instruction, mount, .. } in context.mounts() {
        let placed = context.instruction(*instruction);
        let onbuild = placed.instruction.keyword == Keyword::Onbuild;
        for Fault { range, message, instead, always } in &mount.faults {
            let range = placed.at(range.clone());
            let finding = out.report(&INVALID_MOUNT, range.clone(), message);
            finding.severity(match always {
                true => context.parse_error(*instruction, onbuild),
                false => context.build_error(*instruction),
            });
            if let Some(instead) = instead {
                let title = match instead.as_str() {
                    "" => "Remove the comma".to_owned(),
                    instead => format!("Use `{instead}`"),
                };
                finding.fix(title, Some(vec![replace(range, instead)])).prefer_single_fix();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn options_are_those_of_buildkit() {
        fires(
            &INVALID_MOUNT,
            "
            FROM a:1
            RUN --mount=type=cahce,target=/a ls
                             ^^^^^ error
            RUN --mount=type=cache,targt=/a,target ls
                                   ^^^^^ error
                                            ^^^^^^ error
            RUN --mount=type=cache,target=/a,,sharing=lock ls
                                             ^ error
                                                      ^^^^ error
            RUN --mount=target=/a, ls
                                 ^ error
            RUN --mount=type=cache,target=/a,mode=0999,uid=root,ro=maybe ls
                                                  ^^^^ error
                                                           ^^^^ error
                                                                   ^^^^^ error
            RUN --mount= ls
                ^^^^^^^^ error
            RUN --mount=target=/a,\\\"b ls
                                   ^ error
            ",
        );
    }

    #[test]
    fn options_depend_on_the_type() {
        fires(
            &INVALID_MOUNT,
            "
            FROM a:1
            RUN --mount=target=/a,mode=0755,size=1g,required ls
                                  ^^^^^^^^^ error
                                            ^^^^^^^ error
                                                    ^^^^^^^^ error
            RUN --mount=size=1g,type=tmpfs,target=/a ls
                        ^^^^^^^ error
            RUN --mount=type=tmpfs,target=/a,size=1q,sharing=shared ls
                                                  ^^ error
                                                     ^^^^^^^^^^^^^^ error
            RUN --mount=type=secret,from=a,id=x,source=y ls
                                    ^^^^^^ error
                                                ^^^^^^^^ error
            RUN --mount=type=secret,env=X ls
                        ^^^^^^^^^^^ error
            RUN --mount=type=ssh,source=x ls
                                 ^^^^^^^^ error
            ",
        );
    }

    #[test]
    fn only_the_build_reads_values() {
        fires(
            &INVALID_MOUNT,
            "
            FROM a:1 AS x
            RUN --mount=type=foo,target=/a ls
                             ^^^ warning
            RUN --mount= ls
                ^^^^^^^^ error
            FROM b:1
            ONBUILD RUN --mount=foo ls
                                ^^^ warning
            ",
        );
    }

    #[test]
    fn what_it_takes_is_left_alone() {
        silent(
            &INVALID_MOUNT,
            "
            FROM a:1
            ARG T=foo
            RUN --mount=type=Bind,SOURCE=a,dst=/a,rw --mount=type=cache,id=x,target=/c,sharing=LOCKED,uid=1,mode=0700 ls
            RUN --mount=type=tmpfs,target=/t,size=1.5GiB --mount=type=ssh,id=default,required,mode=0600 ls
            RUN --mount=type=secret,id=x,env=X,required=true --mount=type=secret,target=/x,from= ls
            RUN --mount=type=$T,target=/a,size=1,required ls
            RUN --mount=type=cache,target=$T,sharing=$T,uid=$T ls
            RUN --mount='type=cache,\"target=/a,b\"' ls
            RUN --mount
            ",
        );
    }

    #[test]
    fn a_misspelt_option_has_the_nearest() {
        for (line, title, after) in [
            ("RUN --mount=targt=/a ls", "Use `target`", "RUN --mount=target=/a ls"),
            ("RUN --mount=target=/a, ls", "Remove the comma", "RUN --mount=target=/a ls"),
            ("RUN --mount=type=cahce,target=/a ls", "Use `cache`", "RUN --mount=type=cache,target=/a ls"),
        ] {
            let file = |line: &str| format!("FROM a:1\n{line}\n");
            assert_eq!(fixed(&INVALID_MOUNT, &file(line), title), file(after));
        }
    }
}
