//! The variables of a file: where ARG and ENV declare them, where they are read, and which declarations each use means.
//!
//! Built once per version from the instructions and the stage table. A stage sees what its own instructions above declare,
//! then what the stage that it builds on ended with; a global ARG only where it is declared again (`ARG X`); FROM lines see
//! global ARGs and the platform's. All ranges are in bytes of the file.

mod group;
mod reader;
mod values;
pub mod well_known;

use std::{ops::Range, sync::Arc};

use crate::{
    stages::{Resolution, Stages},
    syntax::{
        Syntax,
        variables::{Operator, Reader},
    },
};
pub use group::Group;
pub use values::Mode;

/// All that is known of the variables of one version of a file.
#[derive(Debug, Clone)]
pub struct Variables {
    declarations: Vec<Declaration>,
    uses: Vec<Use>,
    /// What uses share: declarations that can give a value, the nearest first.
    sets: Vec<Vec<usize>>,
    /// Which stages build on a root that has no environment but `PATH`: `scratch`. Of others only the image knows.
    known_roots: Vec<bool>,
    /// Per declaration, its value once somebody asked, by [`Mode`].
    values: Vec<values::Memo>,
}

/// What declares a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeclarationKind {
    Arg,
    Env,
}

/// One name in an ARG or ENV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    pub kind: DeclarationKind,
    pub name: Arc<str>,
    /// Where the name stands.
    pub range: Range<usize>,
    /// The value or default as written; `None` for `ARG X`.
    pub value: Option<Range<usize>>,
    /// The stage that it stands in; `None` above the first FROM.
    pub stage: Option<usize>,
    /// In an ONBUILD: it counts in the stages that build on this one.
    pub onbuild: bool,
    /// As index into [`Syntax::instructions`].
    pub instruction: usize,
    /// Which pair of its instruction it is.
    pub pair: usize,
}

/// A place that reads a variable, or sets it in a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub name: Arc<str>,
    /// The name, without `$` and braces.
    pub range: Range<usize>,
    pub reader: Reader,
    pub operator: Operator,
    /// The stage whose variables it sees; `None` for FROM lines and what stands above them.
    pub stage: Option<usize>,
    pub onbuild: bool,
    /// As index into [`Syntax::instructions`].
    pub instruction: usize,
    pub meaning: Meaning,
}

/// What a name means where it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// One of the declarations in this set gives the value.
    Declared(Set),
    /// BuildKit sets it for FROM lines.
    Platform,
    /// Nothing in this file declares it: the base image may set it, or nobody.
    Undeclared,
}

/// Declarations that can give one use its value; see [`Variables::of`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Set(usize);

/// What stands at a place of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// The name in this declaration.
    Declaration(usize),
    /// This use.
    Use(usize),
}

impl Variables {
    /// Reads the variables of a file.
    pub fn read(syntax: &Syntax, stages: &Stages) -> Variables {
        reader::read(syntax, stages)
    }

    /// In file order.
    pub fn declarations(&self) -> &[Declaration] {
        &self.declarations
    }

    /// In file order.
    pub fn uses(&self) -> &[Use] {
        &self.uses
    }

    /// The declarations of a set as indices into [`declarations`](Variables::declarations), the one that wins first. Further
    /// ones count if those before them, ARGs without a default, are given no value.
    pub fn of(&self, set: Set) -> &[usize] {
        &self.sets[set.0]
    }

    /// The declarations that a use means, the one that wins first.
    pub fn meant(&self, used: &Use) -> &[usize] {
        match used.meaning {
            Meaning::Declared(set) => self.of(set),
            Meaning::Platform | Meaning::Undeclared => &[],
        }
    }

    /// What a declaration, and those that count if it is given no value, can give to uses below it, itself first; see
    /// [`of`](Variables::of).
    pub fn of_declaration(&self, declaration: usize) -> &[usize] {
        self.sets.iter().find(|set| set.first() == Some(&declaration)).map_or(&[], Vec::as_slice)
    }

    /// What names a variable at `offset` (bytes), the end of the name included.
    pub fn at(&self, offset: usize) -> Option<Symbol> {
        let touches = |range: &Range<usize>| range.start <= offset && offset <= range.end;
        let index = self.uses.partition_point(|used| used.range.start <= offset).checked_sub(1);
        if let Some(index) = index.filter(|&index| touches(&self.uses[index].range)) {
            return Some(Symbol::Use(index));
        }
        let index = self.declarations.partition_point(|declaration| declaration.range.start <= offset);
        let index = index.checked_sub(1)?;
        touches(&self.declarations[index].range).then_some(Symbol::Declaration(index))
    }

    /// The uses within `range` (bytes), in file order.
    pub fn uses_in(&self, range: Range<usize>) -> &[Use] {
        let start = self.uses.partition_point(|used| used.range.start < range.start);
        let count = self.uses[start..].partition_point(|used| used.range.end <= range.end);
        &self.uses[start..start + count]
    }

    /// The global ARGs that an `ARG X` in a stage declares again, in file order; none for other declarations.
    pub fn redeclared(&self, declaration: &Declaration) -> Vec<usize> {
        if declaration.kind != DeclarationKind::Arg || declaration.stage.is_none() {
            return Vec::new();
        }
        let is_global = |other: &Declaration| other.stage.is_none() && other.name == declaration.name;
        let globals = self.declarations.iter().enumerate().take_while(|(_, other)| other.stage.is_none());
        globals.filter(|(_, other)| is_global(other)).map(|(index, _)| index).collect()
    }

    /// The declarations that can give an undeclared use its value if the base of its stage, or of one below, is another than by
    /// default; each candidate's nearest, in file order.
    pub fn from_candidates(&self, stages: &Stages, used: &Use) -> Vec<usize> {
        let mut found = Vec::new();
        let mut next = used.stage;
        while let Some(stage) = next {
            let base = stages.base(stage);
            let candidates = base.iter().flat_map(|base| &base.variable).flat_map(|it| &it.candidates);
            for &candidate in candidates.filter(|&&candidate| candidate < stage) {
                let visible = self.visible(stages, Some(candidate), usize::MAX);
                found.extend(visible.into_iter().find(|&index| self.declarations[index].name == used.name));
            }
            next = base.and_then(|base| base.target()).filter(|&parent| parent < stage);
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether the whole environment of a stage is known: it builds on `scratch`, by whatever way.
    pub fn has_known_root(&self, stage: usize) -> bool {
        self.known_roots[stage]
    }

    /// The declarations that an instruction of `stage` at `offset` (bytes) can read, by name, each the nearest of its name: in
    /// the order in which one would look for them. For FROM lines and above give no stage.
    pub fn visible(&self, stages: &Stages, stage: Option<usize>, offset: usize) -> Vec<usize> {
        let mut seen = std::collections::HashSet::new();
        let mut found = Vec::new();
        let mut add = |declarations: &[Declaration], start: usize, wanted: &dyn Fn(&Declaration) -> bool| {
            for (index, declaration) in declarations.iter().enumerate().rev() {
                if wanted(declaration) && seen.insert(declaration.name.clone()) {
                    found.push(start + index);
                }
            }
        };
        let of_stage = |stage: Option<usize>| {
            // `None` sorts before every stage.
            let start = self.declarations.partition_point(|declaration| declaration.stage < stage);
            let count = self.declarations[start..].partition_point(|declaration| declaration.stage == stage);
            start..start + count
        };
        let mut next = stage;
        let mut end = offset;
        loop {
            let range = of_stage(next);
            add(&self.declarations[range.clone()], range.start, &|declaration| {
                !declaration.onbuild && declaration.range.end < end
            });
            let Some(parent) = next.and_then(|stage| stages.base(stage)).and_then(|base| base.target())
            else {
                break;
            };
            let range = of_stage(Some(parent));
            add(&self.declarations[range.clone()], range.start, &|declaration| declaration.onbuild);
            // A stage builds on one above; anything else is not in force.
            if Some(parent) >= next {
                break;
            }
            (next, end) = (Some(parent), usize::MAX);
        }
        found
    }
}

/// Whether a stage's chain ends at `scratch`, from those of the stages above it.
fn has_known_root(stages: &Stages, stage: usize, above: &[bool]) -> bool {
    match stages.base(stage).map(|base| (&base.resolution, &base.variable)) {
        Some((Resolution::Scratch, None)) => true,
        Some((Resolution::Stage(parent), None)) => above.get(*parent).copied().unwrap_or(false),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
