//! One version of one file: text, tree and stage table as an immutable value.

use std::ops::Range;

use crate::{
    syntax::{Stale, Syntax},
    text::Text,
};

/// One version of one file. A change makes a new value; whoever holds an old one may go on using it.
#[derive(Debug, Clone)]
pub struct Document {
    version: i32,
    text: Text,
    syntax: Syntax,
}

impl Document {
    /// Reads `text` from the start.
    pub fn open(text: &str, version: i32) -> Document {
        let text = Text::new(text);
        let syntax = Syntax::parse(&text);
        Document::assemble(version, text, syntax)
    }

    /// Starts a change of this document. Reuses what the change does not touch.
    pub fn draft(&self) -> Draft<'_> {
        Draft { text: self.text.clone(), syntax: self.syntax.stale() }
    }

    /// The client's version number of this text.
    pub fn version(&self) -> i32 {
        self.version
    }

    pub fn text(&self) -> &Text {
        &self.text
    }

    pub fn syntax(&self) -> &Syntax {
        &self.syntax
    }

    fn assemble(version: i32, text: Text, syntax: Syntax) -> Document {
        Document { version, text, syntax }
    }
}

/// A document that is being changed: several edits, then one [`finish`](Draft::finish).
#[derive(Debug)]
pub struct Draft<'a> {
    text: Text,
    syntax: Stale<'a>,
}

impl Draft<'_> {
    /// The text after the edits so far: positions of the next edit count in it.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Replaces `range` (bytes in [`text`](Draft::text)).
    pub fn replace(&mut self, range: Range<usize>, with: &str) {
        self.text.replace(range.clone(), with);
        self.syntax.edit(range, with.len());
    }

    /// The document after all edits.
    pub fn finish(self, version: i32) -> Document {
        let syntax = self.syntax.reparse(&self.text);
        Document::assemble(version, self.text, syntax)
    }
}
