//! The working directory of an instruction, as far as this file tells.

use std::{collections::HashMap, rc::Rc};

use super::{join, known_path};
use crate::{document::Document, stages::Resolution, syntax::Keyword};

/// Longest path in bytes; a longer one counts as unknown.
const LONG: usize = 1024;

/// Answers for instructions in file order, each WORKDIR read once.
pub struct Workdirs<'a> {
    doc: &'a Document,
    /// By stage, where somebody asked.
    ends: HashMap<usize, Workdir>,
    /// The last answer, and the stage and instruction that it was for.
    last: Option<(usize, usize, Workdir)>,
}

#[derive(Debug, Clone)]
enum Workdir {
    Known(Rc<str>),
    /// That of the base image, or one that depends on what the build is called with.
    Unknown,
    /// Paths have another shape there.
    Windows,
}

impl<'a> Workdirs<'a> {
    pub fn new(doc: &'a Document) -> Workdirs<'a> {
        Workdirs { doc, ends: HashMap::new(), last: None }
    }

    /// The directory that an instruction (index into [`Syntax::instructions`](crate::syntax::Syntax::instructions)) finds.
    pub fn at(&mut self, instruction: usize) -> Option<Rc<str>> {
        let stage = self.doc.stages().of_instruction(instruction)?;
        let (start, before) = match self.last.take() {
            Some((index, at, workdir)) if index == stage.index && at <= instruction => (at, workdir),
            _ => (stage.instructions.start, self.start(stage.index)),
        };
        let workdir = self.after(before, start..instruction);
        self.last = Some((stage.index, instruction, workdir.clone()));
        match workdir {
            Workdir::Known(path) => Some(path),
            Workdir::Unknown | Workdir::Windows => None,
        }
    }

    /// What a stage starts with.
    fn start(&mut self, stage: usize) -> Workdir {
        let mut chain = vec![stage];
        // A stage builds on one above it, so this ends.
        while let Some(&last) = chain.last()
            && let Some(parent) = self.parent(last).filter(|parent| !self.ends.contains_key(parent))
        {
            chain.push(parent);
        }
        while let Some(next) = chain.pop() {
            let start = self.inherited(next);
            if next == stage {
                return start;
            }
            let end = self.after(start, self.doc.stages().all()[next].instructions.clone());
            self.ends.insert(next, end);
        }
        Workdir::Unknown
    }

    /// The stage that a stage builds on by default.
    fn parent(&self, stage: usize) -> Option<usize> {
        self.doc.stages().base(stage)?.target().filter(|&parent| parent < stage)
    }

    /// What a stage takes from its base, once the ends of all above are known.
    fn inherited(&self, stage: usize) -> Workdir {
        if self.doc.syntax().escape() == '`' {
            return Workdir::Windows;
        }
        match self.doc.stages().base(stage).map(|base| &base.resolution) {
            Some(Resolution::Scratch) => Workdir::Known("/".into()),
            Some(Resolution::Image(image)) if image.is_windows() => Workdir::Windows,
            Some(Resolution::Stage(parent)) => match self.ends.get(parent) {
                Some(Workdir::Known(_)) if self.has_trigger(*parent) => Workdir::Unknown,
                Some(end) => end.clone(),
                None => Workdir::Unknown,
            },
            _ => Workdir::Unknown,
        }
    }

    /// Whether a stage has an ONBUILD WORKDIR.
    fn has_trigger(&self, stage: usize) -> bool {
        let instructions =
            &self.doc.syntax().instructions()[self.doc.stages().all()[stage].instructions.clone()];
        let mut triggers = instructions.iter().filter(|it| it.instruction.keyword == Keyword::Onbuild);
        triggers.any(|it| it.instruction.effective().keyword == Keyword::Workdir)
    }

    /// What is in force behind some instructions (dockerfile2llb/convert.go, `dispatchWorkdir`).
    fn after(&self, before: Workdir, instructions: std::ops::Range<usize>) -> Workdir {
        let mut now = before;
        for index in instructions {
            let instruction = &self.doc.syntax().instructions()[index].instruction;
            let (Keyword::Workdir, [word]) = (instruction.keyword, instruction.words()) else { continue };
            let path = known_path(self.doc, index, word).filter(|path| path.len() <= LONG);
            now = match (&now, path) {
                (Workdir::Windows, _) => return now,
                (_, Some(path)) if path.starts_with('/') => Workdir::Known(join("/", &path).into()),
                (Workdir::Known(dir), Some(path)) if super::is_relative(&path) && dir.len() <= LONG => {
                    Workdir::Known(join(dir, &path).into())
                }
                _ => Workdir::Unknown,
            };
        }
        now
    }
}
