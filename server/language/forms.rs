//! The forms that instructions have, as people read them.

use crate::syntax::Keyword;

/// What a form looks like, which tells it apart from the others of its instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Words in a row, or a command for a shell.
    Plain,
    /// A JSON array.
    Json,
    /// A JSON array that is nothing but the arguments of the ENTRYPOINT.
    JsonArguments,
    Heredoc,
    /// `name=value`.
    Pairs,
    /// A name alone, or `name value`.
    Name,
    /// A FROM with a digest.
    Digest,
    /// A FROM of a stage.
    Stage,
    /// `HEALTHCHECK NONE`.
    Nothing,
}

use Shape::{Digest, Heredoc, Json, JsonArguments, Name, Nothing, Pairs, Plain, Stage};

/// One form of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    pub shape: Shape,
    /// All of it; what is in `<>` is to be filled in, what is in `[]` can be left out, and before a `…` there can be several.
    pub label: &'static str,
    /// Its parts in order, as they stand in the label, and what each is.
    pub parameters: &'static [(&'static str, &'static str)],
}

/// The parameter that stands for flags.
pub const FLAGS: (&str, &str) = ("[flags]", "");

const SOURCE: &str = "Paths in the build context, or in what `--from` names; patterns such as `*.json` too";
const ADDED: &str = "Paths in the build context, URLs, or Git repositories";
const TO: &str =
    "Where they go: from the WORKDIR on, unless it starts with `/`. With several sources it ends with `/`";
const FILE: &str = "The lines below, up to this word, are the file";
const TO_FILE: &str = "The name of the file, or a directory";
const COMMAND: &str = "What the shell is given";
const PROGRAM: &str = "The program: a path, or a name that is in PATH";
const ARGUMENT: &str = "What the program is given, as it stands here";
const PAIR_NAME: &str = "Of letters, digits and `_`";
const OLD: &str = "Outdated: the whole rest of the line. With a `=`, several fit into one instruction";
const STAGE_NAME: &str =
    "What other stages and `--target` call it: lower-case letters, digits, `-`, `_` and `.`";

/// The forms of an instruction, the usual one first; none for an unknown one.
pub fn forms(keyword: Keyword) -> &'static [Form] {
    FORMS.iter().find(|(known, _)| *known == keyword).map_or(&[], |(_, forms)| forms)
}

const FORMS: [(Keyword, &[Form]); 18] = [
    (
        Keyword::Add,
        &[
            form(
                Plain,
                "ADD [flags] <source>… <destination>",
                &[FLAGS, ("<source>…", ADDED), ("<destination>", TO)],
            ),
            form(
                Json,
                "ADD [flags] [\"<source>\", …, \"<destination>\"]",
                &[FLAGS, ("\"<source>\", …", ADDED), ("\"<destination>\"", TO)],
            ),
            form(
                Heredoc,
                "ADD [flags] <<EOF <destination>",
                &[FLAGS, ("<<EOF", FILE), ("<destination>", TO_FILE)],
            ),
        ],
    ),
    (
        Keyword::Arg,
        &[
            form(
                Pairs,
                "ARG <name>=<default> …",
                &[("<name>", PAIR_NAME), ("<default>", "What counts where the build gives no other")],
            ),
            form(
                Name,
                "ARG <name> …",
                &[("<name>", "A variable that the build gives, or an ARG above the first FROM")],
            ),
        ],
    ),
    (
        Keyword::Cmd,
        &[
            form(
                Json,
                "CMD [\"<program>\", \"<argument>\", …]",
                &[("\"<program>\"", PROGRAM), ("\"<argument>\", …", ARGUMENT)],
            ),
            form(
                JsonArguments,
                "CMD [\"<argument>\", …]",
                &[("\"<argument>\", …", "What the ENTRYPOINT is given")],
            ),
            form(Plain, "CMD <command>", &[("<command>", COMMAND)]),
        ],
    ),
    (
        Keyword::Copy,
        &[
            form(
                Plain,
                "COPY [flags] <source>… <destination>",
                &[FLAGS, ("<source>…", SOURCE), ("<destination>", TO)],
            ),
            form(
                Json,
                "COPY [flags] [\"<source>\", …, \"<destination>\"]",
                &[FLAGS, ("\"<source>\", …", SOURCE), ("\"<destination>\"", TO)],
            ),
            form(
                Heredoc,
                "COPY [flags] <<EOF <destination>",
                &[FLAGS, ("<<EOF", FILE), ("<destination>", TO_FILE)],
            ),
        ],
    ),
    (
        Keyword::Entrypoint,
        &[
            form(
                Json,
                "ENTRYPOINT [\"<program>\", \"<argument>\", …]",
                &[("\"<program>\"", PROGRAM), ("\"<argument>\", …", ARGUMENT)],
            ),
            form(Plain, "ENTRYPOINT <command>", &[("<command>", COMMAND)]),
        ],
    ),
    (
        Keyword::Env,
        &[
            form(
                Pairs,
                "ENV <name>=<value> …",
                &[("<name>", PAIR_NAME), ("<value>", "In quotes if it has blanks; variables count")],
            ),
            form(Name, "ENV <name> <value>", &[("<name>", PAIR_NAME), ("<value>", OLD)]),
        ],
    ),
    (
        Keyword::Expose,
        &[form(
            Plain,
            "EXPOSE <port>[/<protocol>] …",
            &[
                ("<port>", "A number, or a range such as `8000-8010`"),
                ("<protocol>", "`tcp`, `udp` or `sctp`; `tcp` by default"),
            ],
        )],
    ),
    (
        Keyword::From,
        &[
            form(
                Plain,
                "FROM [flags] <image>[:<tag>] [AS <name>]",
                &[
                    FLAGS,
                    ("<image>", "With its registry, unless that is Docker Hub; or `scratch`"),
                    ("<tag>", "`latest` by default"),
                    ("<name>", STAGE_NAME),
                ],
            ),
            form(
                Digest,
                "FROM [flags] <image>@<digest> [AS <name>]",
                &[
                    FLAGS,
                    ("<image>", "With its registry, unless that is Docker Hub"),
                    ("<digest>", "`sha256:` and 64 digits: always the same image"),
                    ("<name>", STAGE_NAME),
                ],
            ),
            form(
                Stage,
                "FROM <stage> [AS <name>]",
                &[("<stage>", "The name of a stage above"), ("<name>", STAGE_NAME)],
            ),
        ],
    ),
    (
        Keyword::Healthcheck,
        &[
            form(
                Plain,
                "HEALTHCHECK [flags] CMD <command>",
                &[FLAGS, ("CMD", "A command tests the container"), ("<command>", COMMAND)],
            ),
            form(
                Json,
                "HEALTHCHECK [flags] CMD [\"<program>\", \"<argument>\", …]",
                &[
                    FLAGS,
                    ("CMD", "A command tests the container"),
                    ("\"<program>\"", PROGRAM),
                    ("\"<argument>\", …", ARGUMENT),
                ],
            ),
            form(Nothing, "HEALTHCHECK NONE", &[("NONE", "No health check, whatever the base image has")]),
        ],
    ),
    (
        Keyword::Label,
        &[
            form(
                Pairs,
                "LABEL <key>=<value> …",
                &[
                    ("<key>", "Such as `org.opencontainers.image.source`; in quotes if it has blanks"),
                    ("<value>", "In quotes if it has blanks; variables count"),
                ],
            ),
            form(Name, "LABEL <key> <value>", &[("<key>", "Such as `version`"), ("<value>", OLD)]),
        ],
    ),
    (Keyword::Maintainer, &[form(Plain, "MAINTAINER <name>", &[("<name>", "Who takes care of the image")])]),
    (
        Keyword::Onbuild,
        &[form(Plain, "ONBUILD <instruction>", &[("<instruction>", "Any but FROM, MAINTAINER and ONBUILD")])],
    ),
    (
        Keyword::Run,
        &[
            form(Plain, "RUN [flags] <command>", &[FLAGS, ("<command>", COMMAND)]),
            form(
                Json,
                "RUN [flags] [\"<program>\", \"<argument>\", …]",
                &[FLAGS, ("\"<program>\"", PROGRAM), ("\"<argument>\", …", ARGUMENT)],
            ),
            form(
                Heredoc,
                "RUN [flags] <<EOF",
                &[FLAGS, ("<<EOF", "The lines below, up to this word, are the script")],
            ),
        ],
    ),
    (
        Keyword::Shell,
        &[form(
            Json,
            "SHELL [\"<program>\", \"<argument>\", …]",
            &[
                ("\"<program>\"", "The shell, such as `/bin/bash`"),
                ("\"<argument>\", …", "What stands before the command, such as `-c`"),
            ],
        )],
    ),
    (
        Keyword::StopSignal,
        &[form(Plain, "STOPSIGNAL <signal>", &[("<signal>", "A name such as `SIGTERM`, or a number")])],
    ),
    (
        Keyword::User,
        &[form(
            Plain,
            "USER <user>[:<group>]",
            &[
                ("<user>", "A name in `/etc/passwd` of this stage, or a number"),
                ("<group>", "A name in `/etc/group`, or a number; that of the user by default"),
            ],
        )],
    ),
    (
        Keyword::Volume,
        &[
            form(Plain, "VOLUME <path>…", &[("<path>…", "Directories of the container")]),
            form(Json, "VOLUME [\"<path>\", …]", &[("\"<path>\", …", "Directories of the container")]),
        ],
    ),
    (
        Keyword::Workdir,
        &[form(
            Plain,
            "WORKDIR <path>",
            &[("<path>", "From the WORKDIR before it on, unless it starts with `/`")],
        )],
    ),
];

const fn form(
    shape: Shape,
    label: &'static str,
    parameters: &'static [(&'static str, &'static str)],
) -> Form {
    Form { shape, label, parameters }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::instructions::INSTRUCTIONS;

    #[test]
    fn every_parameter_is_found_in_its_label_by_its_first_place() {
        for (keyword, _) in INSTRUCTIONS {
            assert!(!forms(keyword).is_empty());
            for form in forms(keyword) {
                assert!(form.label.starts_with(keyword.name()));
                let mut next = 0;
                for (parameter, _) in form.parameters {
                    let at = form.label.find(parameter).expect(form.label);
                    assert!(at >= next, "{parameter} in {}", form.label);
                    next = at + parameter.len();
                }
            }
        }
    }
}
