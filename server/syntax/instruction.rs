//! One instruction as a value: what BuildKit would read of it, with the place of every part.
//!
//! All ranges are in bytes from the start of the instruction, so that the value stays valid, and is reused, when text above
//! it changes. What is missing is `None`: not typed yet, or left out. What a name means is not known here.

use std::{borrow::Cow, ops::Range};

use super::{
    script::{Ran, Scripts},
    variables::Occurrence,
    word::Word,
};

/// Which instruction it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Keyword {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    StopSignal,
    User,
    Volume,
    Workdir,
    /// A word that is no instruction, or not yet.
    Unknown,
}

impl Keyword {
    /// The keyword in upper case; empty for an unknown one.
    pub fn name(self) -> &'static str {
        match self {
            Keyword::Add => "ADD",
            Keyword::Arg => "ARG",
            Keyword::Cmd => "CMD",
            Keyword::Copy => "COPY",
            Keyword::Entrypoint => "ENTRYPOINT",
            Keyword::Env => "ENV",
            Keyword::Expose => "EXPOSE",
            Keyword::From => "FROM",
            Keyword::Healthcheck => "HEALTHCHECK",
            Keyword::Label => "LABEL",
            Keyword::Maintainer => "MAINTAINER",
            Keyword::Onbuild => "ONBUILD",
            Keyword::Run => "RUN",
            Keyword::Shell => "SHELL",
            Keyword::StopSignal => "STOPSIGNAL",
            Keyword::User => "USER",
            Keyword::Volume => "VOLUME",
            Keyword::Workdir => "WORKDIR",
            Keyword::Unknown => "",
        }
    }
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    pub keyword: Keyword,
    /// The keyword as written.
    pub word: Word,
    pub flags: Vec<Flag>,
    /// What a HEALTHCHECK does: `CMD`, `NONE`, or another word in its place.
    pub action: Option<Word>,
    pub arguments: Arguments,
    /// `<<EOF` and the like, as written, in order. The heredocs of the last ones may be missing.
    pub heredoc_markers: Vec<Word>,
    pub heredocs: Vec<Heredoc>,
    /// Where it writes the names of variables, in file order; those of an ONBUILD are at its inner instruction.
    pub variables: Box<[Occurrence]>,
    /// Lines between continued ones that are empty or blank, line endings included, in bytes from the start of the
    /// outermost instruction. Kept by that one.
    pub empty_lines: Vec<Range<usize>>,
    /// Length in bytes, heredocs included.
    pub len: usize,
    pub(super) scripts: Scripts,
}

/// What follows the keyword and its flags, in the shape that the instruction gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arguments {
    /// FROM.
    From(From),
    /// Words in a row: COPY, ADD, VOLUME and EXPOSE in either form; RUN, CMD, ENTRYPOINT, SHELL and HEALTHCHECK in JSON form.
    /// USER, WORKDIR and STOPSIGNAL have at most one, white space included.
    Words {
        words: Vec<Word>,
        json: bool,
    },
    /// RUN, CMD, ENTRYPOINT, SHELL and HEALTHCHECK in shell form, MAINTAINER, and all of an unknown instruction.
    Text(Word),
    /// ENV, LABEL, ARG.
    Pairs(Vec<Pair>),
    /// ONBUILD: ranges of the inner instruction count from the start of the outer one.
    Onbuild(Box<Instruction>),
    Nothing,
}

/// The arguments of a FROM.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct From {
    /// The base as written, variables and quotes included.
    pub base: Option<Word>,
    /// `AS`, in bytes from the start of the instruction.
    pub as_keyword: Option<Range<usize>>,
    pub name: Option<Word>,
    /// Words too many.
    pub unexpected: Vec<Word>,
}

/// A flag: `--name` or `--name=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// All of it, in bytes from the start of the instruction.
    pub range: Range<usize>,
    /// Without the dashes.
    pub name: Word,
    /// What follows the `=`, without quotes; empty text directly behind the `=` while nothing is there. For `--mount` see
    /// `mount`.
    pub value: Option<Word>,
    /// The options of a `--mount=`, in order.
    pub mount: Vec<MountOption>,
}

/// `key=value` or `key` in a `--mount`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountOption {
    /// All of it, in bytes from the start of the instruction.
    pub range: Range<usize>,
    pub key: Word,
    /// What follows the `=`; empty text directly behind it while nothing is there.
    pub value: Option<Word>,
}

/// `name=value`, `name`, or the legacy `name value` of an ENV or LABEL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// All of it, in bytes from the start of the instruction.
    pub range: Range<usize>,
    pub name: Word,
    /// As written, with quotes and variables.
    pub value: Option<Word>,
    pub legacy: bool,
}

/// A heredoc's body and end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// What announces it: `<<EOF`, `<<-"EOF"`.
    pub marker: Word,
    /// The lines between, in bytes from the start of the instruction.
    pub body: Range<usize>,
    /// The closing word; `None` while there is none.
    pub end: Option<Range<usize>>,
}

impl Instruction {
    /// The first flag of that name.
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name.text() == name)
    }

    /// The instruction that does something: the inner one of an ONBUILD, else this one.
    pub fn effective(&self) -> &Instruction {
        match &self.arguments {
            Arguments::Onbuild(inner) => inner,
            _ => self,
        }
    }

    /// Where the body of its first heredoc starts, in bytes from its start; its length if it has none.
    pub fn head(&self) -> usize {
        let first = self.heredocs.first().or(self.effective().heredocs.first());
        first.map_or(self.len, |heredoc| heredoc.body.start)
    }

    /// The scripts that a RUN, CMD, ENTRYPOINT or HEALTHCHECK hands to a shell or is itself, as a POSIX shell reads them; empty
    /// for others, and for an ONBUILD, whose inner instruction has them. They are read when first asked for, once as long as
    /// the instruction lives. `text` gives a part of the source, in bytes from the start of the (outer) instruction.
    pub fn scripts<'t>(&self, text: impl Fn(Range<usize>) -> Cow<'t, str>) -> &[Ran] {
        self.scripts.get_or_read(self, &text)
    }

    /// The words of the arguments; empty for the forms that have none.
    pub fn words(&self) -> &[Word] {
        match &self.arguments {
            Arguments::Words { words, .. } => words,
            _ => &[],
        }
    }

    /// The words as they are meant: those of a COPY or ADD end at a `#` that is to start a comment, though BuildKit takes it and
    /// what follows for files too. Behind a source and a destination only, since a file can be called `#…`.
    pub fn meant_words(&self) -> &[Word] {
        let words = self.words();
        let can_have_comment = matches!(self.keyword, Keyword::Copy | Keyword::Add)
            && matches!(self.arguments, Arguments::Words { json: false, .. });
        let comment = || words.iter().skip(2).position(|word| word.text().starts_with('#'));
        match can_have_comment.then(comment).flatten() {
            Some(number) => &words[..number + 2],
            None => words,
        }
    }

    /// The pairs of an ENV, LABEL or ARG; empty for others.
    pub fn pairs(&self) -> &[Pair] {
        match &self.arguments {
            Arguments::Pairs(pairs) => pairs,
            _ => &[],
        }
    }
}
