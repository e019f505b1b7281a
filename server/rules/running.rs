//! The commands of all RUNs, found once for all rules.

use std::ops::Range;

use crate::{
    document::Document,
    flow::{self, Known, Line, Origin, Point, StageFlow},
    shell::Dialect,
    syntax::{Arguments, Keyword, Placed},
    tools::{self, Call, Operand},
};

/// A command that a stage runs, in a POSIX shell or without one. Those of ONBUILDs are not among them.
#[derive(Debug, Clone, Copy)]
pub struct Running<'a> {
    doc: &'a Document,
    pub stage: usize,
    /// Its RUN, by its number in the stage.
    pub number: usize,
    /// Its RUN, as index into [`Syntax::instructions`](crate::syntax::Syntax::instructions).
    pub instruction: usize,
    pub line: Line<'a>,
    /// `None` if the program has no literal name.
    pub call: Option<Call<'a>>,
}

/// All of a file, in file order. Those of a RUN that was not understood entirely are among them.
pub fn all(doc: &Document) -> Vec<Running<'_>> {
    let mut all = Vec::new();
    for stage in doc.stages().all() {
        let flow = doc.flow().stage(stage.index);
        for (number, index) in stage.instructions.clone().enumerate() {
            let placed = &doc.syntax().instructions()[index];
            let instruction = &placed.instruction;
            let is_json = matches!(instruction.arguments, Arguments::Words { json: true, .. });
            if instruction.keyword != Keyword::Run
                || (flow.before(number).shell != Dialect::Posix && !is_json)
            {
                continue;
            }
            let (lines, _) = flow::lines(doc, placed, instruction);
            all.extend(lines.into_iter().map(|line| Running {
                doc,
                stage: stage.index,
                number,
                instruction: index,
                line,
                call: tools::call(line.command),
            }));
        }
    }
    all
}

impl<'a> Running<'a> {
    pub fn placed(&self) -> &'a Placed {
        &self.doc.syntax().instructions()[self.instruction]
    }

    pub fn origin(&self) -> Origin {
        let command = Some((self.line.script, self.line.number));
        Origin { stage: self.stage, instruction: self.number, command }
    }

    pub fn flow(&self) -> &'a StageFlow {
        self.doc.flow().stage(self.stage)
    }

    /// What holds where it runs.
    pub fn point(&self) -> &'a Point {
        self.flow().before(self.number)
    }

    /// Where a part of its script stands, in bytes of the file.
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        self.placed().at(self.line.ran.source(range))
    }

    /// Where it stands, in bytes of the file.
    pub fn range(&self) -> Range<usize> {
        self.place(self.line.command.range.clone())
    }

    /// What one of its words, or a part of one, says, with the defaults of ARGs, and whether however the build is called.
    pub fn text<'o>(&self, operand: impl Into<Operand<'o>>) -> Known<String> {
        flow::script_text(self.doc, self.placed(), &self.line, operand)
    }

    /// Where it runs; `None` where nobody knows.
    pub fn directory(&self) -> Option<Known<String>> {
        flow::directory(self.doc, self.placed(), &self.line, self.point())
    }

    /// The program's name; empty if it is not literal.
    pub fn name(&self) -> &'a str {
        self.call.map_or("", |call| call.name)
    }
}
