//! The forms of the instruction, flag or directive that is being typed, and the part of them that is next.

mod active;
mod flag;

use std::{fmt::Write, ops::Range};

use super::comments;
use crate::{
    document::Document,
    language::{
        Entry, directives, flags,
        forms::{FLAGS, Form, Shape, forms},
        instructions::instruction,
    },
    syntax::{Arguments, Instruction, Keyword, Placed},
};

/// What is shown while somebody types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// At least one.
    pub signatures: Vec<Signature>,
    /// The index of the one that fits best.
    pub active: usize,
}

/// One form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub label: String,
    /// Markdown.
    pub documentation: String,
    /// At least one.
    pub parameters: Vec<Parameter>,
    /// The index of the one that is being typed.
    pub active: usize,
}

/// One part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// In bytes of the label. What stands there stands nowhere before.
    pub range: Range<usize>,
    /// Markdown; may be empty.
    pub documentation: String,
}

/// Why somebody asks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// Whether the editor asks by itself, for what was just typed.
    pub unasked: bool,
    /// The label of the signature that is shown, which people may have chosen.
    pub shown: Option<&'a str>,
}

/// What to show for the cursor at `offset` (bytes).
pub fn signature(doc: &Document, offset: usize, asked: Asked<'_>) -> Option<Help> {
    if let Some(directive) = comments::directive_at(doc, offset) {
        return Some(of_directive(directive));
    }
    let placed = &doc.syntax().instructions()[doc.instruction_on_line_of(offset)?];
    let at = offset - placed.start;
    if is_comment(doc, placed, offset) {
        return None;
    }
    let outer = &*placed.instruction;
    let instruction = match &outer.arguments {
        Arguments::Onbuild(inner) if inner.keyword != Keyword::Unknown && at > inner.word.range().end => {
            inner
        }
        _ => outer,
    };
    if instruction.keyword == Keyword::Unknown || at <= instruction.word.range().end {
        return None;
    }
    // In the body of a heredoc a person may still wonder, but nobody wants to be interrupted.
    if at >= outer.head() && !instruction.heredocs.is_empty() {
        let is_heredoc = |form: &&Form| form.shape == Shape::Heredoc;
        let form = forms(instruction.keyword).iter().find(is_heredoc).filter(|_| !asked.unasked)?;
        return help(instruction, &[(form, 1)], asked);
    }
    if let Some(flag) = instruction.flags.iter().find(|it| it.range.start < at && at <= it.range.end)
        && at > flag.name.range().end
        && let Some(known) = flags::flag(instruction.keyword, flag.name.text())
    {
        return Some(flag::help(known, flag, at, asked));
    }
    let active = active::active(doc, placed, instruction, at, asked.unasked)?;
    help(instruction, &active, asked)
}

/// Whether `offset` is in a comment between the lines of an instruction.
fn is_comment(doc: &Document, placed: &Placed, offset: usize) -> bool {
    let line = doc.text().line_range(doc.text().line_of(offset));
    let is_first = line.start <= placed.start;
    !is_first
        && offset - placed.start < placed.instruction.head()
        && doc.text().slice(line).trim_start().starts_with('#')
}

/// The forms that fit, each with its active parameter.
fn help(instruction: &Instruction, fitting: &[(&Form, usize)], asked: Asked<'_>) -> Option<Help> {
    let entry = instruction_entry(instruction)?;
    let signatures: Vec<Signature> =
        fitting.iter().map(|(form, active)| of_form(instruction.keyword, entry, form, *active)).collect();
    // A form that people have chosen stays as long as it fits.
    let shown = signatures.iter().position(|signature| Some(&*signature.label) == asked.shown);
    (!signatures.is_empty()).then(|| Help { signatures, active: shown.unwrap_or(0) })
}

fn instruction_entry(found: &Instruction) -> Option<&'static Entry> {
    instruction(found.keyword)
}

fn of_form(keyword: Keyword, entry: &Entry, form: &Form, active: usize) -> Signature {
    let parameters = form.parameters.iter().map(|&(label, what)| {
        let start = form.label.find(label).unwrap_or_default();
        let documentation = if label == FLAGS.0 { flags_text(keyword) } else { what.to_owned() };
        Parameter { range: start..start + label.len(), documentation }
    });
    Signature {
        label: form.label.to_owned(),
        documentation: documentation(entry),
        parameters: parameters.collect(),
        active: active.min(form.parameters.len() - 1),
    }
}

fn documentation(entry: &Entry) -> String {
    let mut text = entry.summary.to_owned();
    if let Some(instead) = entry.deprecated {
        let _ = write!(text, "\n\nDeprecated: use `{instead}`");
    }
    let _ = write!(text, "\n\n[Reference]({})", entry.page());
    text
}

/// The flags of an instruction, a line each.
fn flags_text(keyword: Keyword) -> String {
    let flags = flags::known(keyword).unwrap_or_default().iter();
    let lines: Vec<String> =
        flags.map(|flag| format!("- `--{}`: {}", flag.entry.name, flag.entry.summary)).collect();
    lines.join("\n")
}

fn of_directive(directive: &directives::Directive) -> Help {
    let name = directive.entry.name;
    let (value, what) = match name {
        "syntax" => ("<image>", "Such as `docker/dockerfile:1`"),
        "escape" => ("<character>", "A backslash or a backtick"),
        "check" => (
            "skip=<checks>;error=<true | false>;experimental=<checks>",
            "Names with commas between, or `all`",
        ),
        _ => ("<rules>", "Names with commas between, or `all`"),
    };
    let label = format!("# {name}={value}");
    let start = label.len() - value.len();
    let parameter = Parameter { range: start..label.len(), documentation: what.to_owned() };
    let documentation = documentation(&directive.entry);
    Help {
        signatures: vec![Signature { label, documentation, parameters: vec![parameter], active: 0 }],
        active: 0,
    }
}

#[cfg(test)]
mod tests;
