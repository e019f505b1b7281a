//! Bytes to the client's positions and back. No other module makes or reads a position.

use std::ops::Range;

use tower_lsp::ls_types::{self as lsp, Uri};

use super::capabilities::ClientFeatures;
use crate::{
    document::Document,
    text::{Edit, Encoding, Lines, Position, Text},
};

/// The byte offset of `position`, clamped to the text.
pub fn byte_offset(text: &Text, position: lsp::Position, encoding: Encoding) -> usize {
    text.offset(Position { line: position.line, column: position.character }, encoding)
}

/// The bytes of `range`, clamped to the text. A range that ends before it starts is turned around.
pub fn byte_range(text: &Text, range: lsp::Range, encoding: Encoding) -> Range<usize> {
    let start = byte_offset(text, range.start, encoding);
    let end = byte_offset(text, range.end, encoding);
    start.min(end)..start.max(end)
}

/// One Dockerfile as its client sees it.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub uri: &'a Uri,
    pub document: &'a Document,
    pub client: &'a ClientFeatures,
}

/// One text as its client sees it.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    pub uri: &'a Uri,
    pub text: &'a Text,
    /// The client's version number; `None` if the client does not have it open.
    pub version: Option<i32>,
    pub client: &'a ClientFeatures,
}

impl<'a> View<'a> {
    pub fn sheet(&self) -> Sheet<'a> {
        let View { uri, document, client } = *self;
        Sheet { uri, text: document.text(), version: Some(document.version()), client }
    }

    pub fn offset(&self, position: lsp::Position) -> usize {
        self.sheet().offset(position)
    }

    pub fn bytes(&self, range: lsp::Range) -> Range<usize> {
        byte_range(self.document.text(), range, self.client.encoding)
    }

    pub fn position(&self, offset: usize) -> lsp::Position {
        self.sheet().position(offset)
    }

    pub fn range(&self, bytes: &Range<usize>) -> lsp::Range {
        self.sheet().range(bytes)
    }

    pub fn location(&self, bytes: &Range<usize>) -> lsp::Location {
        self.sheet().location(bytes)
    }

    /// Edits of this document, bound to its version where the client can check that.
    pub fn workspace_edit(&self, edits: &[Edit]) -> lsp::WorkspaceEdit {
        self.sheet().workspace_edit(edits)
    }
}

impl Sheet<'_> {
    pub fn offset(&self, position: lsp::Position) -> usize {
        byte_offset(self.text, position, self.client.encoding)
    }

    pub fn bytes(&self, range: lsp::Range) -> Range<usize> {
        byte_range(self.text, range, self.client.encoding)
    }

    pub fn position(&self, offset: usize) -> lsp::Position {
        let Position { line, column } = self.text.position(offset, self.client.encoding);
        lsp::Position { line, character: column }
    }

    pub fn range(&self, bytes: &Range<usize>) -> lsp::Range {
        lsp::Range { start: self.position(bytes.start), end: self.position(bytes.end) }
    }

    pub fn location(&self, bytes: &Range<usize>) -> lsp::Location {
        lsp::Location { uri: self.uri.clone(), range: self.range(bytes) }
    }

    /// Edits of this document, bound to its version where the client can check that.
    pub fn workspace_edit(&self, edits: &[Edit]) -> lsp::WorkspaceEdit {
        let edit =
            |edit: &Edit| lsp::TextEdit { range: self.range(&edit.range), new_text: edit.text.clone() };
        let edits = edits.iter().map(edit);
        if !self.client.document_changes {
            return lsp::WorkspaceEdit::new([(self.uri.clone(), edits.collect())].into());
        }
        let text_document =
            lsp::OptionalVersionedTextDocumentIdentifier { uri: self.uri.clone(), version: self.version };
        let edit = lsp::TextDocumentEdit { text_document, edits: edits.map(lsp::OneOf::Left).collect() };
        let document_changes = Some(lsp::DocumentChanges::Edits(vec![edit]));
        lsp::WorkspaceEdit { document_changes, ..lsp::WorkspaceEdit::default() }
    }
}

/// Bytes to positions for answers with many of them; [`View`] is cheaper for a few.
pub struct Places {
    lines: Lines,
    encoding: Encoding,
}

impl Places {
    pub fn new(view: &View<'_>) -> Places {
        Places { lines: Lines::new(view.document.text()), encoding: view.client.encoding }
    }

    pub fn range(&self, bytes: &Range<usize>) -> lsp::Range {
        let position = |offset| {
            let Position { line, column } = self.lines.position(offset, self.encoding);
            lsp::Position { line, character: column }
        };
        lsp::Range { start: position(bytes.start), end: position(bytes.end) }
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use serde_json::json;

    use super::*;

    #[test]
    fn edits_are_bound_to_their_version_where_the_client_can_check_it() {
        let uri = Uri::from_str("file:///Dockerfile").expect("a URI");
        let document = Document::open("FROM é AS b\n", 7);
        let edits = [Edit { range: 11..12, text: "c".into() }];
        let edit = |client: ClientFeatures| {
            let view = View { uri: &uri, document: &document, client: &client };
            serde_json::to_value(view.workspace_edit(&edits)).expect("edits are JSON")
        };
        let place = |character: u32| json!({"line": 0, "character": character});
        let expected = json!([{"range": {"start": place(10), "end": place(11)}, "newText": "c"}]);

        let plain = edit(ClientFeatures::default());
        assert_eq!(plain, json!({"changes": {"file:///Dockerfile": expected}}));
        let versioned = edit(ClientFeatures { document_changes: true, ..ClientFeatures::default() });
        let document = json!({"uri": "file:///Dockerfile", "version": 7});
        assert_eq!(versioned, json!({"documentChanges": [{"textDocument": document, "edits": expected}]}));
    }
}
