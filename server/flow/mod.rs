//! What flows between stages: for each the image that it stands on, its working directory, user and shell at every
//! instruction, and the paths that it writes.
//!
//! Worked out once per version, when somebody asks, in file order. A stage whose instructions are the same, and what it builds
//! on and copies from too, is taken over from the version before: an edit costs the stage that it is in, and those that depend
//! on it. Where only running a build would tell, values are unknown and a stage is [opaque](StageFlow::is_opaque).

mod accounts;
mod facts;
pub mod path;
mod platform;
mod reader;
mod scripts;
mod state;
mod text;

use std::sync::Arc;

pub use accounts::{Account, AccountKind, Accounts};
pub use facts::{Fact, Mount, MountKind, Origin, Product, Scope};
pub use platform::StagePlatform;
pub use scripts::{Line, directory, lines, script_text};
pub use state::{Known, Point};
pub use text::{by_platform, has_default, text_of};

use crate::{
    document::Document,
    images::{Facts, Family},
    stages::{BuildOptions, Image, Resolution, Stage},
    syntax::Instruction,
};

/// The stages of one version of a file.
#[derive(Debug, Clone, Default)]
pub struct Flow {
    stages: Vec<Arc<StageFlow>>,
    work: Work,
}

/// What one version cost, beyond what it took over from the version before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Stages that were worked out.
    pub stages: usize,
    /// Texts that were read as shell scripts.
    pub scripts: usize,
}

/// What a stage stands on, at the end of its chain of stages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    pub kind: RootKind,
    /// Whether it is the same however the build is called.
    pub certain: bool,
    /// What it is built for.
    pub platform: StagePlatform,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootKind {
    /// The empty file system.
    Scratch,
    /// An image, and what is known of it.
    Image(Image, Option<Arc<Facts>>),
    Unknown,
}

/// One stage.
#[derive(Debug)]
pub struct StageFlow {
    key: Key,
    parent: Option<Arc<StageFlow>>,
    root: Arc<Root>,
    /// What holds from an instruction (by its number in the stage) on, where that changes.
    points: Vec<(usize, Point)>,
    facts: Vec<Fact>,
    accounts: Accounts,
    /// Those of its own RUNs.
    mounts: Vec<Mount>,
    /// Its ONBUILDs, by their numbers in the stage.
    triggers: Vec<usize>,
    /// Its own RUNs that may write anything.
    opaque: Vec<Origin>,
    is_opaque: bool,
}

/// What a stage was worked out from.
#[derive(Debug)]
struct Key {
    surroundings: Arc<Surroundings>,
    index: usize,
    instructions: Box<[Arc<Instruction>]>,
    /// What its references mean, in order.
    links: Box<[Link]>,
}

/// What all stages of a file see.
#[derive(Debug)]
struct Surroundings {
    options: BuildOptions,
    escape: char,
    /// The instructions above the first FROM.
    globals: Box<[Arc<Instruction>]>,
}

#[derive(Debug)]
enum Link {
    Stage(Arc<StageFlow>),
    Other(Resolution),
}

/// How far up a chain of stages anybody looks for what it writes.
const DEEP: usize = 100;

impl Flow {
    /// Works out the flow of a document. `before`: that of an earlier version of it.
    pub(crate) fn read(doc: &Document, before: Option<&Flow>) -> Flow {
        let scripts = crate::shell::parsed_on_this_thread();
        let surroundings = Surroundings::of(doc, before);
        let mut flow = Flow::default();
        for stage in doc.stages().all() {
            let same = before.and_then(|before| before.stages.get(stage.index));
            let same = same.filter(|same| same.key.is_of(doc, &surroundings, stage, &flow.stages));
            let read = same.cloned().unwrap_or_else(|| {
                flow.work.stages += 1;
                let key = Key::of(doc, &surroundings, stage, &flow.stages);
                Arc::new(reader::read(doc, &flow.stages, stage, key))
            });
            flow.stages.push(read);
        }
        flow.work.scripts = crate::shell::parsed_on_this_thread() - scripts;
        flow
    }

    /// In file order.
    pub fn stages(&self) -> &[Arc<StageFlow>] {
        &self.stages
    }

    pub fn stage(&self, index: usize) -> &StageFlow {
        &self.stages[index]
    }

    /// What this version cost.
    pub fn work(&self) -> Work {
        self.work
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        // The last first: a stage holds the ones above it, and dropping a chain from its end would take a deep stack.
        while self.stages.pop().is_some() {}
    }
}

impl StageFlow {
    pub fn index(&self) -> usize {
        self.key.index
    }

    /// The stage of this file that it builds on.
    pub fn parent(&self) -> Option<&StageFlow> {
        self.parent.as_deref()
    }

    /// Itself and the stages of this file that it builds on, the nearest first.
    pub fn chain(&self) -> impl Iterator<Item = &StageFlow> {
        std::iter::successors(Some(self), |stage| stage.parent()).take(DEEP)
    }

    /// What its chain of stages stands on.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// What is known of the image that it stands on, whatever that rests on.
    pub fn image(&self) -> Option<&Facts> {
        self.root.facts()
    }

    /// The same, if a warning may rest on it: the image is the same however the build is called, and the facts are not from
    /// hearsay.
    pub fn certain_image(&self) -> Option<&Facts> {
        self.image().filter(|facts| self.root.certain && facts.is_certain())
    }

    /// Whether its paths, shells and users are those of Windows, as far as one can see.
    pub fn is_windows(&self) -> bool {
        self.key.surroundings.escape == '`'
            || self.image().is_some_and(|facts| facts.family == Family::Windows)
    }

    /// What holds before an instruction, by its number in the stage (the FROM is 0).
    pub fn before(&self, instruction: usize) -> &Point {
        let count = self.points.partition_point(|(from, _)| *from <= instruction);
        &self.points[count.saturating_sub(1)].1
    }

    /// What holds at its end.
    pub fn end(&self) -> &Point {
        &self.points[self.points.len() - 1].1
    }

    /// What its own instructions write, in file order.
    pub fn own_facts(&self) -> &[Fact] {
        &self.facts
    }

    /// What it and the stages that it builds on write; what it writes last comes first.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.chain().flat_map(|stage| stage.facts.iter().rev())
    }

    /// How many [`facts`](Self::facts) there are.
    pub fn fact_count(&self) -> usize {
        self.chain().map(|stage| stage.facts.len()).sum()
    }

    /// What may write `path` (absolute and clean) or something below it, and stays in the stage.
    pub fn writers<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Fact> {
        self.facts().filter(move |fact| fact.volatile.is_none() && fact.touches(path))
    }

    /// Whether a RUN of its chain may have written anything anywhere: then nobody knows that something is not there.
    pub fn is_opaque(&self) -> bool {
        self.is_opaque
    }

    /// The mounts of its own RUNs whose files are no part of it.
    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// Its own RUNs that may have written anything.
    pub fn opaque_runs(&self) -> &[Origin] {
        &self.opaque
    }
}

impl Root {
    pub fn facts(&self) -> Option<&Facts> {
        match &self.kind {
            RootKind::Image(_, facts) => facts.as_deref(),
            RootKind::Scratch | RootKind::Unknown => None,
        }
    }

    /// Whether it is the empty file system, however the build is called.
    pub fn is_scratch(&self) -> bool {
        self.kind == RootKind::Scratch && self.certain
    }
}

impl Surroundings {
    fn of(doc: &Document, before: Option<&Flow>) -> Arc<Surroundings> {
        let instructions = doc.syntax().instructions();
        let first = doc.stages().all().first().map_or(0, |stage| stage.instructions.start);
        let globals = instructions[..first].iter().map(|placed| &placed.instruction);
        let before = before.and_then(|before| Some(&before.stages.first()?.key.surroundings));
        let same = before.filter(|before| {
            before.options == *doc.options()
                && before.escape == doc.syntax().escape()
                && before.globals.len() == first
                && before.globals.iter().zip(globals.clone()).all(|(a, b)| Arc::ptr_eq(a, b))
        });
        same.cloned().unwrap_or_else(|| {
            Arc::new(Surroundings {
                options: doc.options().clone(),
                escape: doc.syntax().escape(),
                globals: globals.cloned().collect(),
            })
        })
    }
}

impl Key {
    fn of(doc: &Document, surroundings: &Arc<Surroundings>, stage: &Stage, above: &[Arc<StageFlow>]) -> Key {
        let instructions = &doc.syntax().instructions()[stage.instructions.clone()];
        let links = resolutions(doc, stage).map(|resolution| match resolution {
            Resolution::Stage(index) if *index < above.len() => Link::Stage(above[*index].clone()),
            other => Link::Other(other.clone()),
        });
        Key {
            surroundings: surroundings.clone(),
            index: stage.index,
            instructions: instructions.iter().map(|placed| placed.instruction.clone()).collect(),
            links: links.collect(),
        }
    }

    /// Whether [`Key::of`] would give the same.
    fn is_of(
        &self,
        doc: &Document,
        surroundings: &Arc<Surroundings>,
        stage: &Stage,
        above: &[Arc<StageFlow>],
    ) -> bool {
        let instructions = &doc.syntax().instructions()[stage.instructions.clone()];
        let mut links = self.links.iter();
        Arc::ptr_eq(&self.surroundings, surroundings)
            && self.instructions.len() == instructions.len()
            && self.instructions.iter().zip(instructions).all(|(a, b)| Arc::ptr_eq(a, &b.instruction))
            && resolutions(doc, stage).all(|resolution| match (links.next(), resolution) {
                (Some(Link::Stage(link)), Resolution::Stage(index)) => {
                    above.get(*index).is_some_and(|above| Arc::ptr_eq(link, above))
                }
                (Some(Link::Other(link)), resolution) => link == resolution,
                _ => false,
            })
            && links.next().is_none()
    }
}

/// What the references in a stage mean, in order.
fn resolutions<'d>(doc: &'d Document, stage: &Stage) -> impl Iterator<Item = &'d Resolution> {
    let references = doc.stages().references();
    let start = references.partition_point(|reference| reference.stage < stage.index);
    let index = stage.index;
    let own = references[start..].iter().take_while(move |reference| reference.stage == index);
    own.map(|reference| &reference.resolution)
}

#[cfg(test)]
mod tests;
