//! Which places are one variable: what has to change together when it gets another name.

use super::{DeclarationKind, Meaning, Symbol, Use, Variables};
use crate::{stages::Stages, syntax::variables::Reader};

/// Declarations and uses that are one variable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// As indices into [`Variables::declarations`], in file order; empty for a variable that comes from outside.
    pub declarations: Vec<usize>,
    /// As indices into [`Variables::uses`], in file order.
    pub uses: Vec<usize>,
}

impl Variables {
    /// The name of a symbol.
    pub fn name(&self, symbol: Symbol) -> &std::sync::Arc<str> {
        match symbol {
            Symbol::Declaration(index) => &self.declarations[index].name,
            Symbol::Use(index) => &self.uses[index].name,
        }
    }

    /// All that is one variable with `symbol`.
    ///
    /// Every ARG of a name is the same build argument. What a stage declares, and what it can inherit of that name from any
    /// stage that it can build on, is one variable, also where a later declaration hides an earlier one: whoever reads the
    /// environment reads whichever is there. Where nothing declares the name, uses of the same shell belong together, else
    /// all in the file.
    pub fn group(&self, stages: &Stages, symbol: Symbol) -> Group {
        let name = self.name(symbol);
        let declarations: Vec<usize> =
            (0..self.declarations.len()).filter(|&index| self.declarations[index].name == *name).collect();
        let uses: Vec<usize> = (0..self.uses.len()).filter(|&index| self.uses[index].name == *name).collect();
        let mut reach = Reach::new(stages, self, &declarations);
        let wanted = match symbol {
            Symbol::Declaration(index) => Some(reach.of_stage(self.declarations[index].stage)),
            Symbol::Use(index) => reach.of_use(&self.uses[index]),
        };
        if wanted.is_none() {
            return Group { declarations: Vec::new(), uses: self.undeclared(&mut reach, symbol, &uses) };
        }
        let is_wanted = |found: Option<usize>| found == wanted;
        Group {
            declarations: declarations
                .into_iter()
                .filter(|&index| is_wanted(Some(reach.of_stage(self.declarations[index].stage))))
                .collect(),
            uses: uses.into_iter().filter(|&index| reach.of_use(&self.uses[index]) == wanted).collect(),
        }
    }

    /// What sets an undeclared variable in the command that uses it: `X=…` in the same RUN, or a secret. As index into
    /// [`uses`](Variables::uses).
    pub fn set_by_command(&self, used: &Use) -> Option<usize> {
        let start = self.uses.partition_point(|other| other.instruction < used.instruction);
        let count = self.uses[start..].partition_point(|other| other.instruction == used.instruction);
        let sets = |other: &Use| other.reader == Reader::Assignment && other.name == used.name;
        self.uses[start..start + count].iter().position(sets).map(|index| start + index)
    }

    /// Of the uses of a name those that go with one that nothing declares.
    fn undeclared(&self, reach: &mut Reach, symbol: Symbol, uses: &[usize]) -> Vec<usize> {
        let Symbol::Use(wanted) = symbol else { return Vec::new() };
        let wanted = self.set_by_command(&self.uses[wanted]);
        let mut found = Vec::new();
        for of_instruction in uses.chunk_by(|&a, &b| self.uses[a].instruction == self.uses[b].instruction) {
            if self.set_by_command(&self.uses[of_instruction[0]]) == wanted {
                let outside = |&index: &usize| reach.of_use(&self.uses[index]).is_none();
                found.extend(of_instruction.iter().copied().filter(outside));
            }
        }
        found
    }
}

/// Which stages have a name in common.
struct Reach {
    /// A forest over the build argument (0) and the stages (index + 1).
    links: Vec<usize>,
    /// Per stage, whether one that it can build on hands the name on to it.
    inherits: Vec<bool>,
    /// Per stage, whether a container of it can have the name in its environment.
    has_env: Vec<bool>,
}

impl Reach {
    fn new(stages: &Stages, variables: &Variables, declarations: &[usize]) -> Reach {
        let count = stages.all().len();
        let mut reach =
            Reach { links: (0..=count).collect(), inherits: vec![false; count], has_env: vec![false; count] };
        let mut has_any = vec![false; count];
        let mut declared = declarations.iter().map(|&index| &variables.declarations[index]).peekable();
        while declared.next_if(|declaration| declaration.stage.is_none()).is_some() {}
        for stage in 0..count {
            let base = stages.base(stage);
            let candidates = base.iter().flat_map(|base| &base.variable).flat_map(|it| &it.candidates);
            let parents = base.and_then(|base| base.target()).into_iter().chain(candidates.copied());
            for parent in parents.filter(|&parent| parent < stage && has_any[parent]) {
                reach.link(stage + 1, parent + 1);
                reach.inherits[stage] = true;
                reach.has_env[stage] |= reach.has_env[parent];
            }
            has_any[stage] = reach.inherits[stage];
            while let Some(declaration) = declared.next_if(|it| it.stage == Some(stage)) {
                has_any[stage] = true;
                match declaration.kind {
                    DeclarationKind::Arg => reach.link(stage + 1, 0),
                    DeclarationKind::Env => reach.has_env[stage] = true,
                }
            }
        }
        reach
    }

    fn of_stage(&mut self, stage: Option<usize>) -> usize {
        self.root(stage.map_or(0, |stage| stage + 1))
    }

    /// `None` if nothing in the file gives the use a value, however the build is called.
    fn of_use(&mut self, used: &Use) -> Option<usize> {
        let is_ours = match (used.meaning, used.stage, used.reader) {
            (Meaning::Declared(_) | Meaning::Platform, _, _) => true,
            (Meaning::Undeclared, None, _) => false,
            (Meaning::Undeclared, Some(stage), Reader::Container(_)) => self.has_env[stage],
            // A script that is written to a file is run by the container.
            (Meaning::Undeclared, Some(stage), Reader::Text) => self.inherits[stage] || self.has_env[stage],
            (Meaning::Undeclared, Some(stage), _) => self.inherits[stage],
        };
        is_ours.then(|| self.of_stage(used.stage))
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.links[at] != at {
            self.links[at] = self.links[self.links[at]];
            at = self.links[at];
        }
        at
    }

    fn link(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.links[a.max(b)] = a.min(b);
    }
}
