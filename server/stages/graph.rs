//! Which stage needs which, and what a target therefore builds and pulls.

use std::collections::BTreeSet;

use super::{Names, Reference, ReferenceKind, Resolution, Stage, Stages};
use crate::syntax::{Keyword, Syntax};

/// One stage needs another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The stage that is needed: files flow from it.
    pub from: usize,
    /// The stage that needs it.
    pub to: usize,
    pub kind: EdgeKind,
    /// The instruction that says so, as index into [`Syntax::instructions`]. For a trigger it stands in the stage that `to`
    /// builds on.
    pub instruction: usize,
    /// The reference that says so; none for a mount that names no source.
    pub reference: Option<usize>,
}

/// How a stage needs another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EdgeKind {
    /// It builds on it.
    From,
    /// It copies from it.
    Copy,
    /// A RUN mounts it.
    Mount,
    /// An ONBUILD of its base copies from it or mounts it.
    Onbuild,
}

/// Most edges that come from triggers: each ONBUILD acts in each stage that builds on its own, and the product of two long
/// lists fits no memory. Those beyond are left out.
pub const TRIGGERS: usize = 100_000;

/// All edges, those into earlier stages first. References to stages below, which are errors, are among them.
pub(super) fn edges(syntax: &Syntax, stages: &[Stage], references: &[Reference], names: &Names) -> Vec<Edge> {
    let mut edges = Vec::new();
    let mut per_stage = references.chunk_by(|a, b| a.stage == b.stage).peekable();
    let mut left = TRIGGERS;
    let mut triggers: Vec<Vec<usize>> = vec![Vec::new(); stages.len()];
    let mut read = 0;
    for stage in stages {
        let to = stage.index;
        let own = per_stage.next_if(|chunk| chunk[0].stage == to).unwrap_or_default();
        let first = read;
        read += own.len();
        let base = stage.base.and_then(|index| references[index].target());
        if let Some(from) = base {
            let instruction = stage.instructions.start;
            edges.push(Edge { from, to, kind: EdgeKind::From, instruction, reference: stage.base });
            // Triggers run once, in the stages that build directly on the one that holds them.
            for &trigger in &triggers[from] {
                left = left.saturating_sub(1);
                if left == 0 {
                    break;
                }
                if let Some(from) = references[trigger].target() {
                    let instruction = references[trigger].instruction;
                    let kind = EdgeKind::Onbuild;
                    edges.push(Edge { from, to, kind, instruction, reference: Some(trigger) });
                }
            }
        }
        for (index, reference) in (first..).zip(own) {
            let kind = match reference.kind {
                _ if reference.onbuild => {
                    triggers[to].push(index);
                    continue;
                }
                ReferenceKind::From => continue,
                ReferenceKind::Copy => EdgeKind::Copy,
                ReferenceKind::Mount => EdgeKind::Mount,
            };
            if let Some(from) = reference.target() {
                let instruction = reference.instruction;
                edges.push(Edge { from, to, kind, instruction, reference: Some(index) });
            }
        }
        // A mount without `from` asks for a stage called `scratch` (convert_runmount.go, `detectRunMount`).
        if let Some(&from) = names.with_name("scratch").last() {
            let runs = stage.instructions.clone().filter(|&index| mounts_nothing(syntax, index));
            let edge = |instruction| Edge { from, to, kind: EdgeKind::Mount, instruction, reference: None };
            edges.extend(runs.map(edge));
        }
    }
    edges
}

/// Whether an instruction is a RUN with a mount that names no source.
fn mounts_nothing(syntax: &Syntax, instruction: usize) -> bool {
    let instruction = &syntax.instructions()[instruction].instruction;
    instruction.keyword == Keyword::Run
        && instruction.flags.iter().any(|flag| {
            flag.name.text() == "mount"
                && flag.value.is_some()
                && !flag.mount.iter().any(|option| option.key.text().eq_ignore_ascii_case("from"))
        })
}

impl Stages {
    /// Which stages a build of `target` builds, by index: the target and what it needs.
    pub fn built_for(&self, target: usize) -> Vec<bool> {
        self.needed_by([target]).iter().map(Option::is_some).collect()
    }

    /// For each stage the first of `targets` whose build needs it, itself included.
    pub fn needed_by(&self, targets: impl IntoIterator<Item = usize>) -> Vec<Option<usize>> {
        let mut needs: Vec<Vec<usize>> = vec![Vec::new(); self.all.len()];
        for edge in &self.edges {
            needs[edge.to].push(edge.from);
        }
        let mut needed = vec![None; self.all.len()];
        for target in targets {
            let mut open = vec![target];
            while let Some(stage) = open.pop() {
                if needed[stage].is_none() {
                    needed[stage] = Some(target);
                    open.extend(&needs[stage]);
                }
            }
        }
        needed
    }

    /// Which stages the build builds, by index.
    pub fn built(&self) -> Vec<bool> {
        self.target.stage().map_or_else(|| vec![false; self.all.len()], |target| self.built_for(target))
    }

    /// The images that a build of the stages in `built` pulls, normalised, sorted, each once.
    pub fn images(&self, built: &[bool]) -> BTreeSet<String> {
        // A trigger acts in the stages that build on the one that holds it.
        let mut triggers = vec![false; self.all.len()];
        for child in self.all.iter().filter(|child| built[child.index]) {
            if let Some(stage) = self.base(child.index).and_then(Reference::target) {
                triggers[stage] = true;
            }
        }
        let used = |reference: &&Reference| {
            if reference.onbuild { triggers[reference.stage] } else { built[reference.stage] }
        };
        let image = |reference: &Reference| match &reference.resolution {
            Resolution::Image(image) => Some(image.to_string()),
            Resolution::NumberedImage(text) => {
                super::Image::parse(text).ok().filter(|_| text != "scratch").map(|i| i.to_string())
            }
            _ => None,
        };
        self.references.iter().filter(used).filter_map(image).collect()
    }
}
