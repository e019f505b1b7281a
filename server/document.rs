//! One version of one file: text, tree and stage table as an immutable value.

use std::{ops::Range, sync::Arc};

use crate::{
    stages::{BuildOptions, Stages},
    syntax::{Stale, Syntax},
    text::Text,
};

/// One version of one file. A change makes a new value; whoever holds an old one may go on using it.
#[derive(Debug, Clone)]
pub struct Document {
    version: i32,
    text: Text,
    syntax: Syntax,
    stages: Stages,
    options: Arc<BuildOptions>,
}

impl Document {
    /// Reads `text` from the start.
    pub fn open(text: &str, version: i32) -> Document {
        Document::with_options(text, version, Arc::default())
    }

    /// Reads `text` from the start, for a build that is called with `options`.
    pub fn with_options(text: &str, version: i32, options: Arc<BuildOptions>) -> Document {
        let text = Text::new(text);
        let syntax = Syntax::parse(&text);
        Document::assemble(version, text, syntax, options)
    }

    /// Starts a change of this document. Reuses what the change does not touch.
    pub fn draft(&self) -> Draft<'_> {
        Draft { text: self.text.clone(), syntax: self.syntax.stale(), options: self.options.clone() }
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

    pub fn stages(&self) -> &Stages {
        &self.stages
    }

    fn assemble(version: i32, text: Text, syntax: Syntax, options: Arc<BuildOptions>) -> Document {
        let stages = Stages::read(&syntax, &options);
        Document { version, text, syntax, stages, options }
    }
}

/// A document that is being changed: several edits, then one [`finish`](Draft::finish).
#[derive(Debug)]
pub struct Draft<'a> {
    text: Text,
    syntax: Stale<'a>,
    options: Arc<BuildOptions>,
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
        Document::assemble(version, self.text, syntax, self.options)
    }
}
