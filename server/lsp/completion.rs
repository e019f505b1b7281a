//! Completions as completion items.

use std::ops::Range;

use tower_lsp::ls_types as lsp;

use super::{capabilities::ClientFeatures, convert::Sheet, plain};
use crate::features::{
    completion::{Completion, CompletionKind, Documentation},
    topic::Topic,
};

/// The items for the cursor at `offset`, in the order of `completions`.
pub fn list(sheet: &Sheet<'_>, offset: usize, completions: Vec<Completion>) -> lsp::CompletionList {
    // A line that is all places to fill in is of no use to a client that can't.
    let is_of_use = |item: &Completion| {
        let is_form = item.kind == CompletionKind::Snippet && item.snippet.is_some();
        sheet.client.completion_snippets || !is_form || item.text.contains('\n')
    };
    let mut ranges = Ranges::new(sheet, offset);
    let items = completions.into_iter().filter(is_of_use).enumerate();
    let items = items.map(|(index, completion)| item(sheet, &mut ranges, index, completion)).collect();
    lsp::CompletionList { is_incomplete: false, items }
}

fn item(
    sheet: &Sheet<'_>,
    ranges: &mut Ranges<'_>,
    index: usize,
    completion: Completion,
) -> lsp::CompletionItem {
    let Completion { label, kind, replace, insert, text, snippet, detail, documentation, filter, deprecated } =
        completion;
    let snippet = snippet.filter(|_| sheet.client.completion_snippets);
    // Without one, Neovim 0.10 reads a plain text as a snippet too, and its variables are gone.
    let insert_text_format = Some(match snippet {
        Some(_) => lsp::InsertTextFormat::SNIPPET,
        None => lsp::InsertTextFormat::PLAIN_TEXT,
    });
    let text = snippet.unwrap_or(text);
    let replace = ranges.within_line(&replace);
    let edit = if sheet.client.completion_insert_replace {
        // The protocol wants `insert` to be a prefix of `replace`.
        let insert = replace.start..ranges.within_line(&insert).end.min(replace.end);
        lsp::InsertReplaceEdit { new_text: text, insert: ranges.of(insert), replace: ranges.of(replace) }
            .into()
    } else {
        lsp::TextEdit { range: ranges.of(replace), new_text: text }.into()
    };
    lsp::CompletionItem {
        kind: Some(item_kind(sheet.client, kind)),
        detail,
        documentation: match &documentation {
            Documentation::Text(markdown) => Some(documented(sheet.client, markdown)),
            Documentation::Nothing | Documentation::Topic(_) => None,
        },
        data: match documentation {
            Documentation::Topic(topic) => Some(topic.key().into()),
            Documentation::Nothing | Documentation::Text(_) => None,
        },
        filter_text: filter,
        insert_text_format,
        tags: (deprecated && sheet.client.completion_deprecated)
            .then(|| vec![lsp::CompletionItemTag::DEPRECATED]),
        // Clients sort by this text, so it has to be as long for every item.
        sort_text: Some(format!("{index:05}")),
        // Clients match it against what stands in the range, which for a variable starts behind the `$` and brace: not all
        // clients take these for parts of a word.
        label,
        text_edit: Some(edit),
        ..lsp::CompletionItem::default()
    }
}

/// As far as the client knows it: some kinds came later.
fn item_kind(client: &ClientFeatures, kind: CompletionKind) -> lsp::CompletionItemKind {
    use lsp::CompletionItemKind as Kind;
    let newer = |kind, older| if client.completion_newer_kinds { kind } else { older };
    match kind {
        CompletionKind::Stage => Kind::MODULE,
        CompletionKind::Context | CompletionKind::Folder => newer(Kind::FOLDER, Kind::FILE),
        CompletionKind::Rule => newer(Kind::ENUM_MEMBER, Kind::ENUM),
        CompletionKind::Directive | CompletionKind::Keyword => Kind::KEYWORD,
        CompletionKind::Variable => Kind::VARIABLE,
        CompletionKind::Snippet => Kind::SNIPPET,
        CompletionKind::Flag => Kind::FIELD,
        CompletionKind::Option => Kind::PROPERTY,
        CompletionKind::Value => Kind::VALUE,
        CompletionKind::Image => Kind::REFERENCE,
        CompletionKind::File => Kind::FILE,
        CompletionKind::Account => newer(Kind::CONSTANT, Kind::VALUE),
    }
}

/// The item with what is shown beside it.
pub fn resolve(client: &ClientFeatures, mut item: lsp::CompletionItem) -> lsp::CompletionItem {
    let topic = item.data.as_ref().and_then(|data| data.as_str()).and_then(Topic::parse);
    if let Some(markdown) = topic.and_then(|topic| topic.markdown()) {
        item.documentation = Some(documented(client, &markdown));
    }
    item
}

fn documented(client: &ClientFeatures, markdown: &str) -> lsp::Documentation {
    if !client.completion_markdown {
        return lsp::Documentation::String(plain::text(markdown));
    }
    let value = markdown.to_owned();
    lsp::Documentation::MarkupContent(lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value })
}

/// The ranges of items around a cursor. Most items have the same, so each is converted once.
struct Ranges<'a> {
    sheet: &'a Sheet<'a>,
    cursor: usize,
    /// The cursor's line.
    line: Range<usize>,
    known: Vec<(Range<usize>, lsp::Range)>,
}

impl<'a> Ranges<'a> {
    fn new(sheet: &'a Sheet<'a>, cursor: usize) -> Ranges<'a> {
        let line = sheet.text.line_range(sheet.text.line_of(cursor));
        Ranges { sheet, cursor, line, known: Vec::new() }
    }

    /// The part of `range` on the cursor's line, grown to hold the cursor: the protocol wants both.
    fn within_line(&self, range: &Range<usize>) -> Range<usize> {
        range.start.min(self.cursor).max(self.line.start)..range.end.max(self.cursor).min(self.line.end)
    }

    fn of(&mut self, range: Range<usize>) -> lsp::Range {
        // The last ones are the likeliest.
        if let Some((_, known)) = self.known.iter().rev().take(4).find(|(bytes, _)| *bytes == range) {
            return *known;
        }
        let found = self.sheet.range(&range);
        self.known.push((range, found));
        found
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;
    use crate::{document::Document, lsp::convert::View};

    fn edit(client: ClientFeatures, replace: Range<usize>, insert: Range<usize>) -> lsp::CompletionTextEdit {
        let uri = lsp::Uri::from_str("file:///Dockerfile").expect("a URI");
        let document = Document::open("one\ntwo three\nfour", 1);
        let view = View { uri: &uri, document: &document, client: &client };
        let completion =
            Completion { replace, insert, ..Completion::new("x", CompletionKind::Stage, &(0..0), 0) };
        list(&view.sheet(), 10, vec![completion]).items.remove(0).text_edit.expect("every item has an edit")
    }

    #[test]
    fn kinds_that_came_later_are_for_clients_that_list_theirs() {
        let shown = |completion_newer_kinds| {
            let client = ClientFeatures { completion_newer_kinds, ..ClientFeatures::default() };
            [CompletionKind::Folder, CompletionKind::Account, CompletionKind::Stage]
                .map(|kind| item_kind(&client, kind))
        };
        use lsp::CompletionItemKind as Kind;
        assert_eq!(shown(true), [Kind::FOLDER, Kind::CONSTANT, Kind::MODULE]);
        assert_eq!(shown(false), [Kind::FILE, Kind::VALUE, Kind::MODULE]);
    }

    fn on_line_1(start: u32, end: u32) -> lsp::Range {
        lsp::Range {
            start: lsp::Position { line: 1, character: start },
            end: lsp::Position { line: 1, character: end },
        }
    }

    #[test]
    fn edits_stay_on_the_line_and_hold_the_cursor() {
        let client = ClientFeatures::default();
        for (replace, expected) in
            [(8..13, on_line_1(4, 9)), (2..16, on_line_1(0, 9)), (11..12, on_line_1(6, 8))]
        {
            let edit = edit(client, replace, 8..10);
            let lsp::CompletionTextEdit::Edit(edit) = edit else { panic!("{edit:?}") };
            assert_eq!(edit.range, expected);
        }
    }

    #[test]
    fn the_insert_range_is_a_prefix_of_the_replace_range() {
        let client = ClientFeatures { completion_insert_replace: true, ..ClientFeatures::default() };
        for insert in [8..10, 2..10, 9..12] {
            let edit = edit(client, 8..12, insert.clone());
            let lsp::CompletionTextEdit::InsertAndReplace(edit) = edit else { panic!("{edit:?}") };
            assert_eq!((edit.insert.start, edit.replace), (on_line_1(4, 0).start, on_line_1(4, 8)));
            assert!(edit.insert.end <= edit.replace.end);
        }
    }
}
