//! What variables stand for.

use std::sync::OnceLock;

use super::{DeclarationKind, Meaning, Use, Variables};
use crate::{
    document::Document,
    stages::{
        BuildOptions,
        expand::{self, ExpandError, Expanded},
    },
    syntax::{Placed, Word},
};

/// Which values count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Those of a build as it is called: the defaults of ARGs, and the build's arguments.
    Defaults,
    /// All that can come from outside is unknown.
    Open,
}

/// The values of one declaration in both modes.
pub(super) type Memo = [OnceLock<Expanded>; 2];

/// How many declarations may go into one value; one that needs more is unknown.
const DEEP: usize = 100;

/// The PATH of an image that sets none (util/system/path.go).
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Document {
    /// Expands a word of an instruction (index into [`Syntax::instructions`](crate::syntax::Syntax::instructions)) where it
    /// stands. What only the base image knows is [`Piece::Any`](expand::Piece::Any).
    ///
    /// # Errors
    /// If BuildKit refuses to expand it, with these values.
    pub fn expand(&self, instruction: usize, word: &Word, mode: Mode) -> Result<Expanded, ExpandError> {
        let placed = &self.syntax().instructions()[instruction];
        Evaluation { doc: self, mode, depth: 0 }.word(placed, word)
    }

    /// The value of a variable where it is used; `None` if it is certainly not set.
    pub fn value_of_use(&self, used: &Use, mode: Mode) -> Option<Expanded> {
        Evaluation { doc: self, mode, depth: 0 }.used(used)
    }

    /// The value that a declaration (index into [`Variables::declarations`]) gives its variable; `None` if it gives none.
    pub fn value_of_declaration(&self, declaration: usize, mode: Mode) -> Option<Expanded> {
        Evaluation { doc: self, mode, depth: 0 }.declaration(declaration)
    }
}

#[derive(Clone, Copy)]
struct Evaluation<'a> {
    doc: &'a Document,
    mode: Mode,
    depth: usize,
}

/// The variables that a word reads.
struct Within<'a> {
    evaluation: Evaluation<'a>,
    uses: &'a [Use],
}

impl expand::Variables for Within<'_> {
    fn value(&self, name: &str) -> Option<Expanded> {
        // All uses of a name in one word mean the same.
        let used = self.uses.iter().find(|used| *used.name == *name)?;
        self.evaluation.used(used)
    }
}

impl Evaluation<'_> {
    fn variables(&self) -> &Variables {
        self.doc.variables()
    }

    fn options(&self) -> &BuildOptions {
        self.doc.options()
    }

    fn word(&self, placed: &Placed, word: &Word) -> Result<Expanded, ExpandError> {
        let source = |part| placed.at(word.source(part));
        let uses = self.variables().uses_in(placed.at(word.range()));
        expand::expand(word.text(), self.doc.syntax().escape(), &source, &Within { evaluation: *self, uses })
    }

    fn used(&self, used: &Use) -> Option<Expanded> {
        let globals = self.doc.stages().globals();
        let Some(stage) = used.stage else {
            return match self.mode {
                Mode::Defaults => globals.by_default(&used.name),
                Mode::Open => globals.in_any_build(&used.name),
            }
            .cloned();
        };
        if let Meaning::Declared(set) = used.meaning {
            for &declaration in self.variables().of(set) {
                if let Some(value) = self.declaration(declaration) {
                    return Some(value);
                }
            }
        }
        let is_path = *used.name == *"PATH";
        match (used.meaning, self.variables().has_known_root(stage)) {
            (_, true) if is_path => Some(Expanded::known(PATH, None)),
            (_, true) => None,
            // The image's own, if it has one; only someone who passes no argument would see that.
            (Meaning::Declared(_), false) if self.mode == Mode::Defaults && !is_path => None,
            (_, false) => Some(Expanded::any()),
        }
    }

    fn declaration(&self, index: usize) -> Option<Expanded> {
        let declaration = &self.variables().declarations()[index];
        let is_arg = declaration.kind == DeclarationKind::Arg;
        if is_arg && let Some(given) = self.options().build_args.get(&*declaration.name) {
            return Some(Expanded::known(given, None));
        }
        if is_arg && self.mode == Mode::Open {
            return Some(Expanded::any());
        }
        let globals = self.doc.stages().globals();
        if is_arg && (declaration.stage.is_none() || declaration.value.is_none()) {
            return globals.by_default(&declaration.name).cloned();
        }
        let memo = &self.variables().values[index][self.mode as usize];
        if let Some(value) = memo.get() {
            return Some(value.clone());
        }
        if self.depth >= DEEP {
            return Some(Expanded::any());
        }
        let placed = &self.doc.syntax().instructions()[declaration.instruction];
        let written = placed.instruction.effective().pairs().get(declaration.pair)?.value.as_ref()?;
        let deeper = Evaluation { depth: self.depth + 1, ..*self };
        // One that BuildKit refuses is reported; nothing else is said because of it.
        let value = deeper.word(placed, written).unwrap_or_else(|_| Expanded::any());
        let value = if value.is_long() { Expanded::any() } else { value };
        // Whoever came first: without it, values that double line by line would take for ever.
        let _ = memo.set(value.clone());
        Some(value)
    }
}
