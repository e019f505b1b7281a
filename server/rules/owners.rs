//! The users and groups that instructions name.

use std::ops::Range;

use super::context::Context;
use crate::{
    flow::{Account, AccountKind, StageFlow},
    stages::Stage,
    syntax::{Instruction, Keyword, Placed, Word},
    variables::Mode,
};

/// What a USER or `--chown` says: `user`, `user:group`, `:group`.
#[derive(Debug)]
pub struct Owner<'a> {
    /// The instruction, as index into [`Syntax::instructions`](crate::syntax::Syntax::instructions).
    pub instruction: usize,
    pub placed: &'a Placed,
    word: &'a Word,
    /// With the defaults of ARGs.
    pub text: String,
    /// Whether it is the same however the build is called.
    pub certain: bool,
}

/// What a USER says, or the `--chown` of a COPY or ADD. That of an ONBUILD is for other stages.
pub fn owner<'a>(context: &Context<'a>, index: usize) -> Option<Owner<'a>> {
    let placed = context.instruction(index);
    let instruction: &'a Instruction = &placed.instruction;
    let word = match instruction.keyword {
        Keyword::User => instruction.words().first()?,
        Keyword::Copy | Keyword::Add => instruction.flag("chown")?.value.as_ref()?,
        _ => return None,
    };
    let text = context.doc.expand(index, word, Mode::Defaults).ok()?.text()?;
    let certain = context.value(index, word).is_some();
    Some(Owner { instruction: index, placed, word, text, certain })
}

impl Owner<'_> {
    pub fn user(&self) -> &str {
        self.text.split(':').next().unwrap_or_default()
    }

    pub fn group(&self) -> Option<&str> {
        self.text.split_once(':').map(|(_, group)| group)
    }

    /// The names that are no numbers, each with what it is.
    pub fn names(&self) -> impl Iterator<Item = (AccountKind, &str)> {
        let user = Some((AccountKind::User, self.user()));
        let group = self.group().map(|group| (AccountKind::Group, group));
        user.into_iter().chain(group).filter(|(_, name)| is_name(name))
    }

    /// Where it stands.
    pub fn range(&self) -> Range<usize> {
        self.placed.at(self.word.range())
    }

    /// Where one of its names stands; all of it if that is written with variables.
    pub fn range_of(&self, kind: AccountKind) -> Range<usize> {
        if self.word.text() != self.text {
            return self.range();
        }
        let colon = self.text.find(':').unwrap_or(self.text.len());
        let part = match kind {
            AccountKind::User => 0..colon,
            AccountKind::Group => (colon + 1).min(self.text.len())..self.text.len(),
        };
        self.placed.at(self.word.source(part))
    }

    pub fn is_user_instruction(&self) -> bool {
        self.placed.instruction.keyword == Keyword::User
    }
}

/// All of a stage, in file order.
pub fn owners_in<'a>(context: &Context<'a>, stage: usize) -> impl Iterator<Item = Owner<'a>> {
    context.stages.all()[stage].instructions.clone().filter_map(move |index| owner(context, index))
}

/// Whether it is no number and not root, whom every system has.
pub fn is_name(name: &str) -> bool {
    !is_number(name) && name != "root" && !name.contains([' ', '\t'])
}

pub fn is_number(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account that a stage makes, at its end.
pub fn account<'f>(flow: &'f StageFlow, kind: AccountKind, name: &str) -> Option<&'f Account> {
    flow.accounts().find(|account| account.kind == kind && *account.name == *name)
}

/// The number of an account that a stage makes, if its command says one.
pub fn id<'f>(flow: &'f StageFlow, kind: AccountKind, name: &str) -> Option<&'f str> {
    let mut same = flow.accounts().filter(|account| account.kind == kind && *account.name == *name);
    same.find_map(|account| account.id.as_deref()).filter(|id| is_number(id))
}

/// How a message calls a stage: `stage "builder"`, `stage 0`.
pub fn stage_title(stage: &Stage) -> String {
    match &stage.name {
        Some(name) => format!("stage \"{}\"", name.text),
        None => format!("stage {}", stage.index),
    }
}
