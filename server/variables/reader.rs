//! Builds [`Variables`] in one pass over the stages, each right after the one that it builds on.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
    sync::Arc,
};

use super::{Declaration, DeclarationKind, Meaning, Set, Use, Variables, has_known_root};
use crate::{
    shell::Dialect,
    stages::{Stages, globals},
    syntax::{
        Arguments, Instruction, Keyword, Placed, Syntax,
        variables::{Occurrence, Reader, Shell},
    },
};

pub(super) fn read(syntax: &Syntax, stages: &Stages) -> Variables {
    let mut walk = Walk {
        syntax,
        stages,
        declarations: Vec::new(),
        of_instruction: HashMap::new(),
        uses: Vec::new(),
        sets: Vec::new(),
        globals: HashMap::new(),
        scope: HashMap::new(),
        undo: Vec::new(),
        shell: Shell::Posix,
        args_over_env: BTreeSet::new(),
        container: Vec::new(),
    };
    walk.declarations();
    walk.global_part();
    walk.stages();
    walk.uses.sort_by_key(|used| used.range.start);
    let mut known_roots = Vec::with_capacity(stages.all().len());
    for stage in stages.all() {
        known_roots.push(has_known_root(stages, stage.index, &known_roots));
    }
    let Walk { declarations, uses, sets, .. } = walk;
    let values = declarations.iter().map(|_| Default::default()).collect();
    Variables { declarations, uses, sets, known_roots, values }
}

/// What a name means at a place, as indices of sets.
#[derive(Debug, Clone, Copy, Default)]
struct Meanings {
    /// For BuildKit and the shells of RUN.
    build: Option<usize>,
    /// In the container: ENV only.
    container: Option<usize>,
}

/// What is left to do, the last first. File order would do too, but stages that build on one another would then need a copy
/// of the scope each.
enum Step {
    Enter {
        stage: usize,
        shell: Shell,
    },
    /// Takes back what was declared since.
    Leave {
        undo: usize,
    },
}

struct Walk<'a> {
    syntax: &'a Syntax,
    stages: &'a Stages,
    declarations: Vec<Declaration>,
    /// The first declaration of each instruction that has any.
    of_instruction: HashMap<usize, Range<usize>>,
    uses: Vec<Use>,
    sets: Vec<Vec<usize>>,
    /// Sets of the global ARGs.
    globals: HashMap<Arc<str>, usize>,
    scope: HashMap<Arc<str>, Meanings>,
    undo: Vec<(Arc<str>, Meanings)>,
    shell: Shell,
    /// Names of ARGs that stand below an ENV of the same name somewhere.
    args_over_env: BTreeSet<Arc<str>>,
    /// Uses of the stage at hand that the container reads: they mean what the stage ends with.
    container: Vec<usize>,
}

impl Walk<'_> {
    /// Collects all declarations in file order.
    fn declarations(&mut self) {
        for (index, placed) in self.syntax.instructions().iter().enumerate() {
            let instruction = placed.instruction.effective();
            let kind = match instruction.keyword {
                Keyword::Arg => DeclarationKind::Arg,
                Keyword::Env => DeclarationKind::Env,
                _ => continue,
            };
            let stage = self.stages.of_instruction(index).map(|stage| stage.index);
            // Before the first FROM there are only ARGs.
            if stage.is_none() && kind == DeclarationKind::Env {
                continue;
            }
            let first = self.declarations.len();
            for (pair, written) in instruction.pairs().iter().enumerate() {
                let Some(part) = name_part(kind, written.name.text(), self.syntax.escape()) else { continue };
                self.declarations.push(Declaration {
                    kind,
                    name: written.name.text()[part.clone()].into(),
                    range: placed.at(written.name.source(part)),
                    value: written.value.as_ref().map(|value| placed.at(value.range())),
                    stage,
                    onbuild: placed.instruction.keyword == Keyword::Onbuild,
                    instruction: index,
                    pair,
                });
            }
            if self.declarations.len() > first {
                self.of_instruction.insert(index, first..self.declarations.len());
            }
        }
    }

    /// Reads what stands above the first FROM, then the FROM lines, which all see the same.
    fn global_part(&mut self) {
        let all = self.syntax.instructions();
        let first = self.stages.all().first().map_or(all.len(), |stage| stage.instructions.start);
        for index in 0..first {
            self.instruction(index, None);
        }
        for stage in self.stages.all() {
            self.instruction(stage.instructions.start, None);
        }
    }

    fn stages(&mut self) {
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.stages.all().len()];
        let mut steps = Vec::new();
        // Windows commands, unless a SHELL says otherwise, where the file is written for Windows.
        let shell = if self.syntax.escape() == '`' { Shell::Cmd } else { Shell::Posix };
        for stage in self.stages.all().iter().rev() {
            match self.stages.base(stage.index).and_then(|base| base.target()) {
                Some(parent) if parent < stage.index => children[parent].push(stage.index),
                _ => steps.push(Step::Enter { stage: stage.index, shell }),
            }
        }
        while let Some(step) = steps.pop() {
            match step {
                Step::Leave { undo } => {
                    for (name, meanings) in self.undo.drain(undo..).rev() {
                        self.scope.insert(name, meanings);
                    }
                }
                Step::Enter { stage, shell } => {
                    steps.push(Step::Leave { undo: self.undo.len() });
                    self.shell = shell;
                    self.stage(stage);
                    let shell = self.shell;
                    steps.extend(children[stage].iter().map(|&stage| Step::Enter { stage, shell }));
                }
            }
        }
    }

    /// Reads a stage, then its triggers, which the stages that build on it run first.
    fn stage(&mut self, stage: usize) {
        let instructions = self.stages.all()[stage].instructions.clone();
        let mut triggers = Vec::new();
        for index in instructions.skip(1) {
            let placed = &self.syntax.instructions()[index];
            if placed.instruction.keyword == Keyword::Onbuild {
                triggers.push(index);
            } else {
                self.instruction(index, Some(stage));
            }
        }
        self.container_uses();
        self.end_of_args_over_env();
        for index in triggers {
            self.instruction(index, Some(stage));
        }
        self.container_uses();
    }

    /// A stage that builds on this one sees the image's environment first, then its ARGs: an ENV counts again though an ARG
    /// of its name came later (dockerfile2llb/convert.go, `dispatchStages`).
    fn end_of_args_over_env(&mut self) {
        for name in &self.args_over_env {
            if let Some(meanings) = self.scope.get_mut(name)
                && meanings.build != meanings.container
                && (meanings.container.is_some() || **name == *"PATH")
            {
                self.undo.push((name.clone(), *meanings));
                meanings.build = meanings.container;
            }
        }
    }

    /// Gives the uses that the container reads what the stage ends with.
    fn container_uses(&mut self) {
        for index in std::mem::take(&mut self.container) {
            let set = self.scope.get(&self.uses[index].name).and_then(|meanings| meanings.container);
            self.uses[index].meaning = set.map_or(Meaning::Undeclared, |set| Meaning::Declared(Set(set)));
        }
    }

    /// Reads one instruction. `stage`: whose variables it sees; `None` for those of FROM lines.
    fn instruction(&mut self, index: usize, stage: Option<usize>) {
        let placed = &self.syntax.instructions()[index];
        let instruction = placed.instruction.effective();
        let mut occurrences = instruction.variables.iter().peekable();
        if let Some(declared) = self.of_instruction.get(&index).cloned() {
            for declaration in declared {
                // The pairs of an ARG are read one after the other, those of an ENV at once.
                let Declaration { kind, value, range, .. } = &self.declarations[declaration];
                let end = value.as_ref().map_or(range.end, |value| value.end);
                let is_read_before = |occurrence: &&Occurrence| {
                    *kind == DeclarationKind::Env || placed.at(occurrence.range.clone()).start < end
                };
                let mut read = Vec::new();
                while let Some(occurrence) = occurrences.next_if(is_read_before) {
                    read.push(occurrence);
                }
                for occurrence in read {
                    self.push(index, placed, occurrence, stage);
                }
                self.declare(declaration, stage);
            }
        }
        for occurrence in occurrences {
            self.push(index, placed, occurrence, stage);
        }
        if instruction.keyword == Keyword::Shell
            && let Some(shell) = shell_of(instruction)
        {
            self.shell = shell;
        }
    }

    fn push(&mut self, instruction: usize, placed: &Placed, occurrence: &Occurrence, stage: Option<usize>) {
        let is_container = match occurrence.reader {
            Reader::Build(shell) | Reader::Container(shell) if shell != self.shell => return,
            Reader::Container(_) => true,
            Reader::BuildKit | Reader::Build(_) | Reader::Assignment | Reader::Text => false,
        };
        let meaning = match stage {
            None => match self.globals.get(&occurrence.name) {
                Some(&set) => Meaning::Declared(Set(set)),
                None if globals::is_predefined(&occurrence.name) => Meaning::Platform,
                None => Meaning::Undeclared,
            },
            Some(_) => {
                let set = self.scope.get(&occurrence.name).and_then(|meanings| meanings.build);
                set.map_or(Meaning::Undeclared, |set| Meaning::Declared(Set(set)))
            }
        };
        if is_container {
            self.container.push(self.uses.len());
        }
        self.uses.push(Use {
            name: occurrence.name.clone(),
            range: placed.at(occurrence.range.clone()),
            reader: occurrence.reader,
            operator: occurrence.operator,
            stage,
            onbuild: placed.instruction.keyword == Keyword::Onbuild,
            instruction,
            meaning,
        });
    }

    fn declare(&mut self, index: usize, stage: Option<usize>) {
        let declaration = &self.declarations[index];
        let name = declaration.name.clone();
        let has_value = declaration.value.is_some();
        let kind = declaration.kind;
        let set = self.sets.len();
        let mut members = vec![index];
        if stage.is_none() {
            if !has_value && let Some(&before) = self.globals.get(&name) {
                members.extend(self.reachable(before));
                members.truncate(MEMBERS);
            }
            self.sets.push(members);
            self.globals.insert(name, set);
            return;
        }
        let before = self.scope.get(&name).copied().unwrap_or_default();
        // `ARG X` takes the global one's value; without one it leaves what an ENV or the stage below gave.
        if kind == DeclarationKind::Arg && !has_value {
            if let Some(&global) = self.globals.get(&name) {
                members.extend(self.reachable(global));
            }
            if let Some(before) = before.build
                && self.stages.globals().by_default(&name).is_none()
            {
                members.extend(self.reachable(before));
            }
        }
        members.truncate(MEMBERS);
        self.sets.push(members);
        let container = if kind == DeclarationKind::Env { Some(set) } else { before.container };
        // Every image has a PATH.
        if kind == DeclarationKind::Arg && (container.is_some() || *name == *"PATH") {
            self.args_over_env.insert(name.clone());
        }
        self.undo.push((name.clone(), before));
        self.scope.insert(name, Meanings { build: Some(set), container });
    }

    fn reachable(&self, set: usize) -> Vec<usize> {
        self.sets[set].clone()
    }
}

/// Where in the word before a `=` the name stands. The word of an ENV is expanded: one with variables can be anything, but
/// quotes around all of it are taken off.
fn name_part(kind: DeclarationKind, word: &str, escape: char) -> Option<Range<usize>> {
    let quote = word.chars().next().filter(|&c| kind == DeclarationKind::Env && matches!(c, '"' | '\''));
    let part = if quote.is_some() && word.len() > 1 && word.ends_with(quote?) {
        1..word.len() - 1
    } else {
        0..word.len()
    };
    let name = &word[part.clone()];
    (!name.is_empty() && !name.contains(['$', '"', '\'', escape])).then_some(part)
}

/// Most declarations in one set: a file that says `ARG X` thousands of times is not worth their product.
const MEMBERS: usize = 16;

/// The shell that a SHELL asks for.
fn shell_of(instruction: &Instruction) -> Option<Shell> {
    let Arguments::Words { words, .. } = &instruction.arguments else { return None };
    words.first()?;
    let words: Vec<&str> = words.iter().map(|word| word.text()).collect();
    Some(match Dialect::of(&words) {
        Dialect::PowerShell => Shell::PowerShell,
        Dialect::Cmd => Shell::Cmd,
        Dialect::Posix | Dialect::Other => Shell::Posix,
    })
}
