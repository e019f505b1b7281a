//! The words of a FROM that variables may stand in, and which variables these are.

use std::{cell::RefCell, ops::Range};

use super::context::Context;
use crate::{
    stages::{
        expand::{ExpandError, Expanded, Variables, expand},
        globals::{Open, WithDefaults},
    },
    syntax::{Arguments, Word},
};

/// A word with the defaults of its variables in their places.
#[derive(Debug)]
pub struct Looked {
    pub result: Result<Expanded, ExpandError>,
    /// The variables that have a value (shell/lex.go, `ProcessWordWithMatches`), in the order of their use.
    pub matched: Vec<String>,
    /// Those that have none.
    pub unmatched: Vec<String>,
}

/// The base of a stage as written.
pub fn base<'a>(context: &Context<'a>, stage: usize) -> Option<&'a Word> {
    match &context.opening(stage).instruction.arguments {
        Arguments::From(from) => from.base.as_ref(),
        _ => None,
    }
}

/// The value of the `--platform` of a stage; `None` if it is empty.
pub fn platform<'a>(context: &Context<'a>, stage: usize) -> Option<&'a Word> {
    let flag = context.opening(stage).instruction.flag("platform")?;
    flag.value.as_ref().filter(|value| !value.text().is_empty())
}

/// Looks up the variables of a word.
pub fn look_up(context: &Context<'_>, word: &Word) -> Looked {
    let variables = Recording {
        inner: WithDefaults(context.stages.globals()),
        matched: RefCell::default(),
        unmatched: RefCell::default(),
    };
    let result = expand(word.text(), context.doc.syntax().escape(), &|part| part, &variables);
    let (matched, unmatched) = (variables.matched.into_inner(), variables.unmatched.into_inner());
    Looked { result, matched, unmatched }
}

/// A word as any build may see it.
pub fn with_anything(context: &Context<'_>, word: &Word) -> Result<Expanded, ExpandError> {
    let variables = Open(context.stages.globals());
    expand(word.text(), context.doc.syntax().escape(), &|part| part, &variables)
}

/// Where a word uses a variable, with its `$`, in bytes from the start of the instruction; the whole word if that can't be
/// seen.
pub fn place(word: &Word, name: &str) -> Range<usize> {
    let text = word.text();
    let uses = text.match_indices('$').filter_map(|(at, _)| {
        let braced = text[at + 1..].starts_with('{');
        let start = at + 1 + usize::from(braced);
        let rest = text[start..].strip_prefix(name)?;
        if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return None;
        }
        let end = start + name.len();
        let end = if braced { text[end..].find('}').map_or(end, |close| end + close + 1) } else { end };
        Some(at..end)
    });
    uses.map(|part| word.source(part)).next().unwrap_or(word.range())
}

struct Recording<'a> {
    inner: WithDefaults<'a>,
    matched: RefCell<Vec<String>>,
    unmatched: RefCell<Vec<String>>,
}

impl Variables for Recording<'_> {
    fn value(&self, name: &str) -> Option<Expanded> {
        let value = self.inner.value(name);
        let mut names = if value.is_some() { &self.matched } else { &self.unmatched }.borrow_mut();
        if !names.iter().any(|other| other == name) {
            names.push(name.to_owned());
        }
        value
    }
}
