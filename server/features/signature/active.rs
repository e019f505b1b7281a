//! Which forms of an instruction fit what is typed, and which of their parameters the cursor is in.

use std::ops::Range;

use crate::{
    document::Document,
    language::forms::{FLAGS, Form, Shape, forms},
    stages::{ReferenceKind, Resolution},
    syntax::{Arguments, Instruction, Keyword, Pair, Placed, Word},
};

/// The cursor among the arguments of an instruction. All offsets are in bytes from the start of the outermost instruction.
struct Cursor<'d> {
    instruction: &'d Instruction,
    at: usize,
    /// What stands between the flags and the first heredoc.
    arguments: String,
    /// What stands there before the cursor.
    typed: String,
}

/// `instruction`: the one that the cursor is in, behind its keyword; `at`: in bytes from the start of the outermost one.
/// `unasked`: the editor asks by itself. Nothing if there is nothing more to say.
pub(super) fn active<'f>(
    doc: &Document,
    placed: &Placed,
    instruction: &Instruction,
    at: usize,
    unasked: bool,
) -> Option<Vec<(&'f Form, usize)>> {
    let all = forms(instruction.keyword);
    let flags_end = instruction.flags.last().map(|flag| flag.range.end);
    let start = flags_end.unwrap_or(instruction.word.range().end);
    let text = |range: Range<usize>| joined(&doc.text().slice(placed.at(range)), doc.syntax().escape());
    let end = placed.instruction.head().max(start);
    let mut typed = text(start..at.clamp(start, end));
    if at > end {
        // Nothing but blanks can stand there.
        typed.push(' ');
    }
    let cursor = Cursor { instruction, at, arguments: text(start..end), typed };
    let typed = cursor.typed.trim_start();
    // A flag, or dashes that become one.
    let first_word = typed.split(char::is_whitespace).next() == Some(typed);
    if flags_end.is_some_and(|end| at <= end) || (typed.starts_with('-') && first_word) {
        let has_flags = |form: &&Form| form.parameters[0] == FLAGS;
        let with_flags: Vec<_> = all.iter().filter(has_flags).map(|form| (form, 0)).collect();
        if !with_flags.is_empty() {
            return Some(with_flags);
        }
    }
    let mut found = Vec::new();
    for form in all {
        if let Some(active) = cursor.parameter(doc, placed, form, unasked) {
            found.push((form, active));
        }
    }
    // What begins with a bracket is most likely going to be JSON.
    if typed.starts_with('[') {
        found.sort_by_key(|(form, _)| !matches!(form.shape, Shape::Json | Shape::JsonArguments));
    }
    (!found.is_empty()).then_some(found)
}

impl Cursor<'_> {
    /// The parameter of a form that the cursor is in; `None` if the form does not fit.
    fn parameter(&self, doc: &Document, placed: &Placed, form: &Form, unasked: bool) -> Option<usize> {
        let flags = usize::from(form.parameters[0] == FLAGS);
        let arguments = self.arguments.trim();
        let is_json = arguments.starts_with('[');
        let keyword = self.instruction.keyword;
        Some(match (keyword, form.shape) {
            (Keyword::From, _) => self.from(doc, placed, form)?,
            (Keyword::Healthcheck, _) => self.healthcheck(form, unasked)?,
            (_, Shape::Heredoc) => {
                let marker = self.instruction.heredoc_markers.first().map(Word::range);
                let is_heredoc = arguments.is_empty() || arguments.starts_with("<<");
                let behind = marker.is_some_and(|marker| marker.end < self.at);
                is_heredoc.then_some(flags + usize::from(behind && keyword != Keyword::Run))?
            }
            (_, Shape::Json | Shape::JsonArguments) => {
                let fits = arguments.is_empty() || is_json || keyword == Keyword::Shell;
                fits.then(|| flags + self.json(form))?
            }
            (Keyword::Run | Keyword::Cmd | Keyword::Entrypoint, _) => {
                // A shell's test starts with a bracket too.
                let is_test = arguments.starts_with("[ ") || arguments.starts_with("[[");
                let fits = !is_json || (is_test && !arguments.starts_with("[ \""));
                (fits && !(unasked && self.is_behind_first_word())).then_some(flags)?
            }
            (Keyword::Env | Keyword::Label | Keyword::Arg, _) => self.pairs(form)?,
            (_, _) if is_json => return None,
            (Keyword::Copy | Keyword::Add, _) => {
                if arguments.starts_with("<<") {
                    return None;
                }
                flags + self.words()
            }
            (Keyword::Expose, _) => usize::from(self.word().contains('/')),
            (Keyword::User, _) => usize::from(self.word().contains(':')),
            (_, _) => 0,
        })
    }

    /// The word before the cursor.
    fn word(&self) -> &str {
        self.typed.rsplit(char::is_whitespace).next().unwrap_or_default()
    }

    fn is_behind_first_word(&self) -> bool {
        self.typed.trim_start().contains(char::is_whitespace)
    }

    /// 0 in a source, 1 in the destination.
    fn words(&self) -> usize {
        let before = self.typed.split_whitespace().count();
        let all = self.arguments.split_whitespace().count();
        let in_word = !self.typed.is_empty() && !self.typed.ends_with(char::is_whitespace);
        // The first of these is always a source, and the last of at least two the destination.
        let index = if in_word { before.saturating_sub(1) } else { before };
        usize::from(index > 0 && index + 1 >= all)
    }

    /// 0 in the first element of an array; with two parameters 1 in the others; of COPY and ADD 1 in the last.
    fn json(&self, form: &Form) -> usize {
        let index = commas(&self.typed);
        let last = commas(&self.arguments);
        match self.instruction.keyword {
            Keyword::Copy | Keyword::Add => usize::from(index > 0 && index == last),
            _ => usize::from(index > 0 && form.shape == Shape::Json && form.parameters.len() > 1),
        }
    }

    fn pairs(&self, form: &Form) -> Option<usize> {
        let pairs = self.instruction.pairs();
        let is_arg = self.instruction.keyword == Keyword::Arg;
        let place = |pair: &Pair| usize::from(pair.value.is_some() && self.at > pair.name.range().end);
        let Some(first) = pairs.first() else { return Some(0) };
        let nearest = pairs.iter().rev().find(|pair| pair.range.start <= self.at);
        let current = nearest.filter(|pair| self.at <= pair.range.end);
        let is_pair = |pair: &Pair| pair.value.is_some() && !pair.legacy;
        match form.shape {
            Shape::Name if is_arg => {
                let fits = current.is_none_or(|pair| !is_pair(pair) || self.at <= pair.name.range().end);
                fits.then_some(0)
            }
            // `ENV A |` can only go on in the old form, `ENV A|` in both.
            Shape::Name if is_pair(first) => None,
            Shape::Name => {
                Some(usize::from(first.legacy && place(first) == 1 || self.at > first.name.range().end))
            }
            _ if is_arg => {
                let fits = current.is_none_or(|pair| is_pair(pair) || self.at <= pair.range.end);
                fits.then(|| current.map_or(0, place))
            }
            _ if !is_pair(first) && (first.value.is_some() || self.at > first.range.end) => None,
            _ => Some(current.map_or(0, place)),
        }
    }

    fn from(&self, doc: &Document, placed: &Placed, form: &Form) -> Option<usize> {
        let Arguments::From(from) = &self.instruction.arguments else { return Some(form_base(form)) };
        let Some(base) = &from.base else { return Some(form_base(form)) };
        let range = base.range();
        let text = base.text();
        let path = text.rfind('/').map_or(0, |slash| slash + 1);
        let (tag, digest) = (text[path..].find(':').map(|at| path + at), text.find('@'));
        let references = doc.stages().references();
        let start = placed.at(range.clone()).start;
        let first = references.partition_point(|it| it.range.start < start);
        let is_stage = references.get(first).is_some_and(|it| {
            it.kind == ReferenceKind::From
                && it.range.start == start
                && matches!(it.resolution, Resolution::Stage(_))
        });
        let fits = match form.shape {
            Shape::Digest => digest.is_some() || (tag.is_none() && !is_stage),
            Shape::Stage => is_stage || (tag.is_none() && digest.is_none()),
            _ => digest.is_none() && !is_stage,
        };
        // Behind an image without either, only the shortest form is left.
        let is_behind = self.at > range.end;
        let is_known = digest.is_some() || is_stage || form.shape == Shape::Plain;
        if !fits || (is_behind && !is_known) {
            return None;
        }
        let last = form.parameters.len() - 1;
        if is_behind {
            let name = from.name.as_ref().map(Word::range);
            return name.is_none_or(|name| self.at <= name.end).then_some(last);
        }
        let typed = base.text_offset(self.at);
        let separator = if form.shape == Shape::Digest { digest } else { tag };
        let is_behind_separator = separator.is_some_and(|separator| typed > separator);
        Some(form_base(form) + usize::from(is_behind_separator))
    }

    fn healthcheck(&self, form: &Form, unasked: bool) -> Option<usize> {
        let is_whole = |word: &&Word| ["CMD", "NONE"].iter().any(|it| word.text().eq_ignore_ascii_case(it));
        let Some(action) = self.instruction.action.as_ref().filter(is_whole) else {
            let typed = self.typed.trim().to_ascii_uppercase();
            let is_none = form.shape == Shape::Nothing;
            let fits = if is_none { "NONE".starts_with(&typed) } else { "CMD".starts_with(&typed) };
            // NONE takes no flags.
            let fits = fits && (!is_none || self.instruction.flags.is_empty());
            return fits.then_some(usize::from(!is_none && !typed.is_empty()));
        };
        let is_none = action.text().eq_ignore_ascii_case("NONE");
        if is_none != (form.shape == Shape::Nothing) {
            return None;
        }
        let range = action.range();
        if is_none {
            return (self.at <= range.end).then_some(0);
        }
        if self.at <= range.end {
            return Some(1);
        }
        let command = self.typed.trim_start();
        let command = command.get(action.text().len()..).unwrap_or_default().trim_start();
        let is_json = self
            .arguments
            .trim_start()
            .get(action.text().len()..)
            .is_some_and(|it| it.trim_start().starts_with('['));
        match form.shape {
            Shape::Json if is_json => Some(2 + usize::from(commas(command) > 0)),
            Shape::Json => self.arguments.trim().len().eq(&action.text().len()).then_some(2),
            _ => (!(is_json || unasked && command.contains(char::is_whitespace))).then_some(2),
        }
    }
}

/// The parameter of a FROM that is its base.
fn form_base(form: &Form) -> usize {
    usize::from(form.parameters[0] == FLAGS)
}

/// How many commas separate the elements of a JSON array, which may not be finished.
fn commas(text: &str) -> usize {
    let mut count = 0;
    let mut quoted = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' if quoted => {
                chars.next();
            }
            ',' if !quoted => count += 1,
            ']' if !quoted => break,
            _ => {}
        }
    }
    count
}

/// The text with continued lines joined, and without the comments between them.
fn joined(text: &str, escape: char) -> String {
    if !text.contains(['\n', '\r']) {
        return text.to_owned();
    }
    let mut all = String::with_capacity(text.len());
    for (number, line) in text.split(['\n', '\r']).enumerate() {
        if number > 0 && line.trim_start().starts_with('#') {
            continue;
        }
        let trimmed = line.trim_end();
        all.push_str(trimmed.strip_suffix(escape).unwrap_or(line));
    }
    all
}
