//! What an editor can show between the characters of a file: what a number means, what variables make of a base, where a
//! relative path leads.

use std::{cell::OnceCell, fmt::Write, ops::Range};

use super::given::{self, Builds};
use crate::{
    document::Document,
    flow::{self, by_platform, has_default},
    outside::titles,
    settings::InlayHints,
    stages::{Reference, ReferenceKind, Resolution},
    syntax::{Keyword, Placed},
    variables::{Mode, Use},
};

/// One hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The byte that it stands in front of.
    pub offset: usize,
    pub label: String,
    /// The place that it speaks of, in bytes.
    pub target: Option<Range<usize>>,
    /// Where it comes from, as plain text.
    pub origin: Option<String>,
}

/// The hints in `range` (bytes), in file order, of the kinds that the settings of the document show.
///
/// Those of an ONBUILD would count in stages that build on its own, where all may be different.
pub fn inlay_hints(doc: &Document, range: Range<usize>) -> Vec<Hint> {
    let InlayHints { stage_numbers, base_values, destinations } = doc.settings().inlay_hints;
    let instructions = doc.syntax().instructions();
    let first = instructions.partition_point(|placed| placed.range().end < range.start);
    let asked = instructions.iter().enumerate().skip(first).take_while(|(_, it)| it.start <= range.end);
    let mut hints = Vec::new();
    let builds = OnceCell::new();
    let base = |reference| base_value(doc, builds.get_or_init(|| Builds::of(doc)), reference);
    for (index, placed) in asked {
        match placed.instruction.keyword {
            Keyword::From if base_values => {
                hints.extend(doc.stages().references_in(index).iter().filter_map(base));
            }
            Keyword::Copy if stage_numbers => {
                hints.extend(doc.stages().references_in(index).iter().filter_map(|it| stage_number(doc, it)));
            }
            _ => {}
        }
        if destinations {
            hints.extend(destination(doc, index, placed));
        }
    }
    hints.retain(|hint| range.start <= hint.offset && hint.offset <= range.end);
    hints
}

/// What a number in a `--from` means.
fn stage_number(doc: &Document, reference: &Reference) -> Option<Hint> {
    if !reference.is_number() {
        return None;
    }
    let (meaning, target) = match &reference.resolution {
        Resolution::Stage(index) => (stage_title(doc, *index), Some(doc.stages().selection(*index))),
        Resolution::NumberedImage(image) => (format!("image {image}"), None),
        Resolution::Image(_)
        | Resolution::Scratch
        | Resolution::BuildContext
        | Resolution::NamedContext(_)
        | Resolution::NoSuchNumber(_)
        | Resolution::Variable
        | Resolution::Invalid(_)
        | Resolution::Unknown => return None,
    };
    let offset = behind_quote(doc, reference.range.end);
    Some(Hint { offset, label: short(&format!("= {meaning}")), target, origin: None })
}

/// The end of a text that may stand in quotes which do not count to it.
fn behind_quote(doc: &Document, end: usize) -> usize {
    let is_quoted = matches!(doc.text().chunk_from(end).first(), Some(b'"' | b'\''));
    if is_quoted { end + 1 } else { end }
}

/// `builder`, or `stage 0: golang:1.22`.
fn stage_title(doc: &Document, index: usize) -> String {
    let title = doc.stages().all()[index].title();
    match doc.base_text(index) {
        Some(base) if doc.stages().all()[index].name.is_none() => format!("{title}: {base}"),
        _ => title,
    }
}

/// What a FROM with variables builds on by default, where the file tells, and where not, what it builds on in all builds
/// of the workspace; then what it builds on in others of these.
fn base_value(doc: &Document, builds: &Builds<'_>, reference: &Reference) -> Option<Hint> {
    let uses = doc.variables().uses_in(reference.range.clone());
    let is_declared = |used: &Use| has_default(used) || !doc.variables().meant(used).is_empty();
    if reference.variable.is_none() || !uses.iter().all(is_declared) || by_platform(doc, uses) {
        return None;
    }
    let Some(mut hint) = default_base(doc, reference) else {
        let (value, users) = builds.only_base(doc, reference)?;
        let label = short(&format!("= {}", value?));
        let origin = format!("In {}", titles(users));
        return Some(Hint { offset: reference.range.end, label, target: None, origin: Some(origin) });
    };
    let mut others = builds.bases(doc, reference);
    others.retain(|(value, _)| value.as_ref().is_some_and(|value| hint.label != format!("= {value}")));
    if let [(Some(value), users), more @ ..] = &others[..] {
        let first = users.first().map_or("", |user| user.title.as_str());
        let etc = if users.len() > 1 || !more.is_empty() { ", …" } else { "" };
        hint.label = short(&format!("{}; {value} in {first}{etc}", hint.label));
        let lines = given::lines(&others).join("; ");
        hint.origin = Some(hint.origin.map_or_else(|| lines.clone(), |origin| format!("{origin}; {lines}")));
    }
    Some(hint)
}

fn default_base(doc: &Document, reference: &Reference) -> Option<Hint> {
    let variable = reference.variable.as_ref().filter(|_| reference.kind == ReferenceKind::From)?;
    let target = match reference.resolution {
        Resolution::Stage(index) => Some(doc.stages().selection(index)),
        Resolution::Image(_) | Resolution::Scratch | Resolution::NamedContext(_) => None,
        Resolution::BuildContext
        | Resolution::NumberedImage(_)
        | Resolution::NoSuchNumber(_)
        | Resolution::Variable
        | Resolution::Invalid(_)
        | Resolution::Unknown => return None,
    };
    let value = variable.default.text().filter(|text| !text.is_empty())?;
    let uses = doc.variables().uses_in(reference.range.clone());
    let label = short(&format!("= {value}"));
    Some(Hint { offset: reference.range.end, label, target, origin: defaults(doc, uses) })
}

/// `GO=1.22 by the ARG in line 1`, for each variable that has a default.
fn defaults(doc: &Document, uses: &[Use]) -> Option<String> {
    let declarations = doc.variables().declarations();
    let mut text = String::new();
    for (at, used) in uses.iter().enumerate() {
        if uses[..at].iter().any(|other| other.name == used.name) {
            continue;
        }
        let declared = doc.variables().meant(used).iter().map(|&index| &declarations[index]);
        let Some(declaration) = declared.into_iter().find(|declaration| declaration.value.is_some()) else {
            continue;
        };
        let Some(value) = doc.value_of_use(used, Mode::Defaults).and_then(|value| value.text()) else {
            continue;
        };
        let line = doc.text().line_of(declaration.range.start) + 1;
        let comma = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{comma}{} by the ARG in line {line}", short(&format!("{}={value}", used.name)));
    }
    (!text.is_empty()).then_some(text)
}

/// Where a relative path leads.
fn destination(doc: &Document, index: usize, placed: &Placed) -> Option<Hint> {
    let instruction = placed.instruction.as_ref();
    let is_workdir = match instruction.keyword {
        Keyword::Workdir => true,
        Keyword::Copy | Keyword::Add => false,
        _ => return None,
    };
    let (path, sources) = instruction.meant_words().split_last()?;
    let is_marker = || !instruction.heredocs.is_empty() && path.text().contains("<<");
    // Most are absolute.
    if path.text().starts_with('/') || (!is_workdir && (sources.is_empty() || is_marker())) {
        return None;
    }
    let text = flow::text_of(doc, index, path).value.filter(|text| !text.is_empty() && is_relative(text))?;
    let stage = doc.stages().of_instruction(index)?;
    let point = doc.flow().stage(stage.index).before(index - stage.instructions.start);
    let mut label = format!("= {}", flow::path::join(Some(point.workdir.value.as_deref()?), &text)?);
    // A directory stays one (dockerfile2llb/convert.go, `pathRelativeToWorkingDir`).
    if !is_workdir && flow::path::names_directory(&text) && !label.ends_with('/') {
        label.push('/');
    }
    let offset = behind_quote(doc, placed.at(path.range()).end);
    Some(Hint { offset, label: short(&label), target: None, origin: None })
}

/// Whether a path is relative on Linux, and not one of Windows.
fn is_relative(path: &str) -> bool {
    let has_drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    !path.starts_with('/') && !path.contains('\\') && !has_drive
}

/// Longest label in characters: it takes the place of the text behind it.
const LONG: usize = 100;

pub(super) fn short(text: &str) -> String {
    let mut shown: String = text.chars().take(LONG).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(LONG).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
