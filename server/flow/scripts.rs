//! The commands of a RUN in their stage: what their words say there.

use super::{Known, Point, path};
use crate::{
    document::Document,
    shell::{Command, Directory, Piece},
    syntax::{Instruction, Placed, Ran},
    tools::Operand,
    variables::Mode,
};

/// One command of a RUN.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The script that it is in.
    pub ran: &'a Ran,
    /// The number of that script in the instruction.
    pub script: usize,
    /// Its own number in that script.
    pub number: usize,
    pub command: &'a Command,
}

/// The commands of an instruction in order, and whether they are all that it does.
pub fn lines<'a>(doc: &Document, placed: &Placed, instruction: &'a Instruction) -> (Vec<Line<'a>>, bool) {
    let scripts = instruction.scripts(|part| doc.text().slice(placed.at(part)));
    let lines = scripts.iter().enumerate().flat_map(|(script, ran)| {
        let commands = ran.script.commands.iter().enumerate();
        commands.map(move |(number, command)| Line { ran, script, number, command })
    });
    (lines.collect(), scripts.iter().all(|ran| ran.script.understood))
}

/// What a word of a command says, with the defaults of ARGs, and whether however the build is called.
pub fn script_text<'o>(
    doc: &Document,
    placed: &Placed,
    line: &Line<'_>,
    operand: impl Into<Operand<'o>>,
) -> Known<String> {
    match text_or_start(doc, placed, line, operand.into()) {
        (known, true) => known,
        (_, false) => Known::unknown(),
    }
}

/// The same; of a word that is known in part, the directories that it starts with, and `false`.
pub fn text_or_start(
    doc: &Document,
    placed: &Placed,
    line: &Line<'_>,
    operand: Operand<'_>,
) -> (Known<String>, bool) {
    let mut text = String::new();
    let mut certain = true;
    for (index, piece) in operand.argument.pieces.iter().enumerate() {
        let value = match piece {
            Piece::Text(part) if index == 0 => part.get(operand.from..).map(str::to_owned),
            Piece::Text(part) => Some(part.clone()),
            Piece::Variable(name, range) => {
                let known = variable(doc, placed, line, name, range.clone());
                certain &= known.certain;
                known.value
            }
            Piece::Pattern(_) | Piece::Any => None,
        };
        let Some(value) = value else {
            text.truncate(text.rfind('/').map_or(0, |slash| slash + 1));
            return (Known { value: Some(text), certain: false }, false);
        };
        text.push_str(&value);
    }
    (Known { value: Some(text), certain }, true)
}

/// Where a command runs, `point` holding before its RUN; `None` where nobody knows.
pub fn directory(doc: &Document, placed: &Placed, line: &Line<'_>, point: &Point) -> Option<Known<String>> {
    let start = &point.workdir;
    let mut here = Known { value: start.value.as_deref().map(str::to_owned), certain: start.certain };
    let steps = match &line.command.directory {
        Directory::Start => &[][..],
        Directory::After(steps) => steps,
        Directory::Unknown => return None,
    };
    for step in steps {
        let text = script_text(doc, placed, line, step);
        let to = text.value?;
        let certain = text.certain && (to.starts_with('/') || here.certain);
        here = Known { value: Some(path::join(here.value.as_deref(), &to)?), certain };
    }
    Some(here)
}

fn variable(
    doc: &Document,
    placed: &Placed,
    line: &Line<'_>,
    name: &str,
    range: std::ops::Range<usize>,
) -> Known<String> {
    let sets = |command: &Command| command.assignments.iter().any(|assignment| assignment.name == name);
    if line.ran.script.commands.iter().any(sets) {
        return Known::unknown();
    }
    let range = placed.at(line.ran.source(range));
    let Some(used) = doc.variables().uses_in(range).iter().find(|used| *used.name == *name) else {
        return Known::unknown();
    };
    let value = |mode| doc.value_of_use(used, mode).and_then(|value| value.text());
    let default = value(Mode::Defaults);
    let certain = default.is_some() && value(Mode::Open) == default;
    Known { value: default, certain }
}
