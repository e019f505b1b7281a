//! Semantic tokens in the shape that clients take, and what was last sent of each document.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tower_lsp::ls_types::{self as lsp, Uri};

use super::{convert::View, store::Snapshot};
use crate::{
    features::tokens::{Kind, Modifier, Modifiers, Token, tokens},
    text::{Encoding, Lines},
};

/// Every type that some client may know, in the order of the legend. Those that LSP does not name are for clients that
/// declare them, to give each kind a colour of its own.
const TYPES: [&str; 25] = [
    "keyword",
    "namespace",
    "class",
    "type",
    "enumMember",
    "variable",
    "parameter",
    "property",
    "string",
    "number",
    "comment",
    "macro",
    "operator",
    "label",
    "interface",
    "enum",
    "stage",
    "image",
    "tag",
    "digest",
    "platform",
    "path",
    "user",
    "signal",
    "flag",
];

/// The types that fit a kind, the best first.
fn types(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Keyword => &["keyword"],
        Kind::Stage => &["stage", "namespace", "class", "type"],
        Kind::Context => &["interface", "namespace", "class", "type"],
        Kind::Image => &["image", "class", "type"],
        Kind::Tag => &["tag", "enumMember", "property"],
        Kind::Digest => &["digest", "enumMember", "property"],
        Kind::Platform => &["platform", "type", "enum", "property"],
        Kind::Variable => &["variable"],
        Kind::FlagName => &["flag", "parameter", "property"],
        Kind::MountKey => &["property", "parameter"],
        Kind::Constant => &["enumMember", "string"],
        Kind::Path => &["path", "string"],
        Kind::Text | Kind::DirectiveValue => &["string"],
        Kind::Number => &["number", "string"],
        Kind::Comment => &["comment"],
        Kind::DirectiveName => &["macro", "keyword", "property"],
        Kind::HeredocMarker => &["label", "macro", "string"],
        Kind::Continuation | Kind::Operator => &["operator"],
        Kind::User => &["user", "enumMember", "string"],
        Kind::Signal => &["signal", "enumMember", "string"],
        Kind::LabelKey => &["property", "variable"],
    }
}

/// The name of a modifier.
fn modifier(modifier: Modifier) -> &'static str {
    match modifier {
        Modifier::Declaration => "declaration",
        Modifier::Modification => "modification",
        Modifier::Readonly => "readonly",
        Modifier::Deprecated => "deprecated",
        Modifier::Predefined => "defaultLibrary",
    }
}

/// What a client takes: which types and modifiers, and how it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Legend {
    /// A bit for each of [`TYPES`] that some kind is shown as.
    types: u32,
    /// A bit for each of [`Modifier::ALL`].
    modifiers: u32,
    full: bool,
    delta: bool,
    range: bool,
}

impl Legend {
    /// `None` for a client that asks for no tokens, or takes none of ours.
    pub fn read(client: &lsp::SemanticTokensClientCapabilities) -> Option<Legend> {
        let known =
            client.token_types.iter().filter_map(|it| TYPES.iter().position(|name| *name == it.as_str()));
        let known = known.fold(0, |bits, index| bits | 1 << index);
        let all = Legend { types: known, modifiers: 0, full: false, delta: false, range: false };
        // Those that no kind is shown as are not offered.
        let types =
            Kind::ALL.iter().filter_map(|kind| all.best(*kind)).fold(0, |bits, index| bits | 1 << index);
        let knows = |it: Modifier| client.token_modifiers.iter().any(|name| name.as_str() == modifier(it));
        let modifiers = Modifier::ALL.iter().filter(|it| knows(**it));
        let (full, delta) = match client.requests.full {
            None | Some(lsp::SemanticTokensFullOptions::Bool(false)) => (false, false),
            Some(lsp::SemanticTokensFullOptions::Bool(true)) => (true, false),
            Some(lsp::SemanticTokensFullOptions::Delta { delta }) => (true, delta.unwrap_or(false)),
        };
        let range = client.requests.range.unwrap_or(false);
        let is_relative = client.formats.is_empty() || client.formats.contains(&lsp::TokenFormat::RELATIVE);
        let modifiers = modifiers.fold(0, |bits, it| bits | 1 << *it as u32);
        (types != 0 && is_relative && (full || range)).then_some(Legend {
            types,
            modifiers,
            full,
            delta,
            range,
        })
    }

    /// What the client is told.
    pub fn options(&self) -> lsp::SemanticTokensOptions {
        let types = (0..TYPES.len()).filter(|index| self.types & 1 << index != 0);
        let modifiers = Modifier::ALL.into_iter().filter(|it| self.modifiers & 1 << *it as u32 != 0);
        lsp::SemanticTokensOptions {
            legend: lsp::SemanticTokensLegend {
                token_types: types.map(|index| lsp::SemanticTokenType::new(TYPES[index])).collect(),
                token_modifiers: modifiers.map(|it| lsp::SemanticTokenModifier::new(modifier(it))).collect(),
            },
            range: Some(self.range),
            full: self.full.then_some(match self.delta {
                true => lsp::SemanticTokensFullOptions::Delta { delta: Some(true) },
                false => lsp::SemanticTokensFullOptions::Bool(true),
            }),
            work_done_progress_options: lsp::WorkDoneProgressOptions::default(),
        }
    }

    /// The best type for a kind, as index into [`TYPES`].
    fn best(&self, kind: Kind) -> Option<usize> {
        let index = |name: &&str| TYPES.iter().position(|known| known == name);
        types(kind).iter().filter_map(index).find(|index| self.types & 1 << index != 0)
    }

    /// The number of each kind in the client's legend.
    fn numbers(&self) -> [Option<u32>; Kind::ALL.len()] {
        let number = |index: usize| (self.types & ((1 << index) - 1)).count_ones();
        Kind::ALL.map(|kind| self.best(kind).map(number))
    }

    fn bits(&self, modifiers: Modifiers) -> u32 {
        if modifiers == Modifiers::default() {
            return 0;
        }
        let known = Modifier::ALL.into_iter().filter(|it| self.modifiers & 1 << *it as u32 != 0);
        known.enumerate().map(|(bit, it)| u32::from(modifiers.contains(it)) << bit).sum()
    }
}

/// The tokens that touch a range, or all of them.
pub fn encoded(view: &View<'_>, legend: &Legend, range: Option<lsp::Range>) -> Vec<lsp::SemanticToken> {
    let lines = Lines::new(view.document.text());
    let tokens = tokens(view.document, &lines, range.map(|range| view.bytes(range)));
    encode(&tokens, &lines, view.client.encoding, legend)
}

/// Each token relative to the one before (LSP 3.17, `textDocument/semanticTokens`).
fn encode(tokens: &[Token], lines: &Lines, encoding: Encoding, legend: &Legend) -> Vec<lsp::SemanticToken> {
    let numbers = legend.numbers();
    let mut encoded = Vec::with_capacity(tokens.len());
    // The line and column of the token before, and how far columns are counted already.
    let (mut line, mut column) = (0, 0);
    let (mut counted, mut counted_columns) = (0, 0);
    let mut seen = 0;
    for token in tokens {
        let Some(number) = numbers[token.kind as usize] else { continue };
        while lines.starts().get(seen + 1).is_some_and(|&start| start <= token.range.start) {
            seen += 1;
            (counted, counted_columns) = (lines.starts()[seen], 0);
        }
        counted_columns += lines.units(counted..token.range.start, encoding);
        counted = token.range.start;
        let delta_line = seen as u32 - line;
        encoded.push(lsp::SemanticToken {
            delta_line,
            delta_start: if delta_line == 0 { counted_columns - column } else { counted_columns },
            length: lines.units(token.range.clone(), encoding),
            token_type: number,
            token_modifiers_bitset: legend.bits(token.modifiers),
        });
        (line, column) = (seen as u32, counted_columns);
    }
    encoded
}

/// How many documents' tokens are kept: those that people go back and forth between.
const KEPT: usize = 16;

/// The tokens that were sent last, so that the next answer can be what has changed.
#[derive(Debug, Default)]
pub struct Sent(Mutex<Vec<Last>>);

#[derive(Debug)]
struct Last {
    uri: Uri,
    /// That of the [`Snapshot`].
    serial: u64,
    data: Vec<lsp::SemanticToken>,
}

impl Sent {
    /// The answer to `textDocument/semanticTokens/full`.
    pub fn full(&self, view: &View<'_>, snapshot: &Snapshot, legend: &Legend) -> lsp::SemanticTokens {
        let data = encoded(view, legend, None);
        let result_id = legend.delta.then(|| self.keep(view.uri, snapshot.serial, data.clone()));
        lsp::SemanticTokens { result_id, data }
    }

    /// The answer to `textDocument/semanticTokens/full/delta`.
    pub fn delta(
        &self,
        view: &View<'_>,
        snapshot: &Snapshot,
        legend: &Legend,
        known: &str,
    ) -> lsp::SemanticTokensFullDeltaResult {
        let is_known = |last: &Last| last.uri == *view.uri && last.serial.to_string() == known;
        let position = self.all().iter().position(is_known);
        let Some(last) = position.map(|index| self.all().remove(index)) else {
            return self.full(view, snapshot, legend).into();
        };
        let data =
            if last.serial == snapshot.serial { last.data.clone() } else { encoded(view, legend, None) };
        let edits = difference(&last.data, &data).into_iter().collect();
        let result_id = Some(self.keep(view.uri, snapshot.serial, data));
        lsp::SemanticTokensDelta { result_id, edits }.into()
    }

    /// Forgets a document.
    pub fn close(&self, uri: &Uri) {
        self.all().retain(|last| last.uri != *uri);
    }

    /// Keeps what is sent, in place of what was sent of the document before. Its id.
    fn keep(&self, uri: &Uri, serial: u64, data: Vec<lsp::SemanticToken>) -> String {
        let mut all = self.all();
        all.retain(|last| last.uri != *uri);
        if all.len() == KEPT {
            all.remove(0);
        }
        all.push(Last { uri: uri.clone(), serial, data });
        serial.to_string()
    }

    fn all(&self) -> MutexGuard<'_, Vec<Last>> {
        // Each entry is right, whatever became of the others.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What makes `new` of `old`; `None` if they are the same.
fn difference(old: &[lsp::SemanticToken], new: &[lsp::SemanticToken]) -> Option<lsp::SemanticTokensEdit> {
    let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[start..], &new[start..]);
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let (gone, come) = (old.len() - end, &new[..new.len() - end]);
    // Counted in numbers, of which a token has five.
    (gone > 0 || !come.is_empty()).then(|| lsp::SemanticTokensEdit {
        start: 5 * start as u32,
        delete_count: 5 * gone as u32,
        data: Some(come.to_vec()),
    })
}

#[cfg(test)]
mod tests;
