//! One version of one file: text, tree and stage table as an immutable value.

use std::ops::Range;

use crate::text::Text;

/// One version of one file. A change makes a new value; whoever holds an old one may go on using it.
#[derive(Debug, Clone)]
pub struct Document {
    version: i32,
    text: Text,
}

impl Document {
    /// Reads `text` from the start.
    pub fn open(text: &str, version: i32) -> Document {
        Document { version, text: Text::new(text) }
    }

    /// Starts a change of this document. Reuses what the change does not touch.
    pub fn draft(&self) -> Draft {
        Draft { text: self.text.clone() }
    }

    /// The client's version number of this text.
    pub fn version(&self) -> i32 {
        self.version
    }

    pub fn text(&self) -> &Text {
        &self.text
    }
}

/// A document that is being changed: several edits, then one [`finish`](Draft::finish).
#[derive(Debug)]
pub struct Draft {
    text: Text,
}

impl Draft {
    /// The text after the edits so far: positions of the next edit count in it.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Replaces `range` (bytes in [`text`](Draft::text)).
    pub fn replace(&mut self, range: Range<usize>, with: &str) {
        self.text.replace(range, with);
    }

    /// The document after all edits.
    pub fn finish(self, version: i32) -> Document {
        Document { version, text: self.text }
    }
}
