//! The instructions.

use super::Entry;
use crate::syntax::Keyword;

/// All of them, in alphabetical order.
pub const INSTRUCTIONS: [(Keyword, Entry); 18] = [
    (Keyword::Add, Entry::new("ADD", "Adds files, archives, Git repositories and downloads", "add")),
    (Keyword::Arg, Entry::new("ARG", "Declares a variable that the build can be given", "arg")),
    (Keyword::Cmd, Entry::new("CMD", "Sets the default command of a container", "cmd")),
    (
        Keyword::Copy,
        Entry::new("COPY", "Copies files from the build context, another stage or an image", "copy"),
    ),
    (Keyword::Entrypoint, Entry::new("ENTRYPOINT", "Sets the program of a container", "entrypoint")),
    (Keyword::Env, Entry::new("ENV", "Sets environment variables", "env")),
    (Keyword::Expose, Entry::new("EXPOSE", "Names the ports that a container listens on", "expose")),
    (Keyword::From, Entry::new("FROM", "Starts a stage on a base", "from")),
    (Keyword::Healthcheck, Entry::new("HEALTHCHECK", "Tells how to test a container", "healthcheck")),
    (Keyword::Label, Entry::new("LABEL", "Adds metadata to the image", "label")),
    (
        Keyword::Maintainer,
        Entry::new("MAINTAINER", "Names the author of the image", "maintainer-deprecated")
            .deprecated("LABEL org.opencontainers.image.authors=…"),
    ),
    (Keyword::Onbuild, Entry::new("ONBUILD", "Keeps an instruction for builds on this image", "onbuild")),
    (Keyword::Run, Entry::new("RUN", "Runs a command during the build", "run")),
    (Keyword::Shell, Entry::new("SHELL", "Sets the shell of the shell forms that follow", "shell")),
    (Keyword::StopSignal, Entry::new("STOPSIGNAL", "Sets the signal that stops a container", "stopsignal")),
    (Keyword::User, Entry::new("USER", "Sets the user for what follows and for the container", "user")),
    (Keyword::Volume, Entry::new("VOLUME", "Declares directories that live outside of the image", "volume")),
    (Keyword::Workdir, Entry::new("WORKDIR", "Changes the directory, and makes it", "workdir")),
];

/// What there is to say of an instruction; `None` for an unknown one.
pub fn instruction(keyword: Keyword) -> Option<&'static Entry> {
    INSTRUCTIONS.iter().find(|(known, _)| *known == keyword).map(|(_, entry)| entry)
}
