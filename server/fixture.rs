//! Test texts that show what they are about: `$0` is the cursor, `^^^` under a line marks ranges in it.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use crate::{
    builds::Certainty,
    document::Document,
    outside::{Asked, Outside, User},
};

/// A text with a cursor and marked ranges.
pub struct Fixture {
    pub doc: Document,
    /// In bytes.
    pub cursor: usize,
    /// In bytes, in file order.
    pub marked: Vec<Range<usize>>,
}

impl Fixture {
    /// Reads a fixture. The indentation that all lines share is taken off, the first line break too.
    pub fn new(text: &str) -> Fixture {
        let text = text.strip_prefix('\n').unwrap_or(text);
        let lines: Vec<&str> = text.lines().collect();
        let filled = lines.iter().filter(|line| !line.trim().is_empty());
        let indent = filled.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
        let mut out = String::new();
        let mut cursor = None;
        let mut marked = Vec::new();
        let mut line_start = 0;
        for (number, line) in lines.iter().enumerate() {
            let line = line.get(indent..).unwrap_or("");
            let is_marks = line.contains('^') && line.trim_matches([' ', '^']).is_empty();
            if is_marks {
                marked.extend(marks(line).map(|range| line_start + range.start..line_start + range.end));
                continue;
            }
            // The last line of an indented literal holds nothing but its closing quote's indentation.
            if number + 1 == lines.len() && line.trim().is_empty() {
                break;
            }
            line_start = out.len();
            match line.split_once("$0") {
                Some((before, after)) => {
                    cursor = Some(out.len() + before.len());
                    out.push_str(before);
                    out.push_str(after);
                }
                None => out.push_str(line),
            }
            out.push('\n');
        }
        Fixture { doc: Document::open(&out, 0), cursor: cursor.unwrap_or(0), marked }
    }
}

impl Fixture {
    /// The same among builds of a workspace.
    pub fn with_users(self, users: impl IntoIterator<Item = User>) -> Fixture {
        Fixture { doc: self.doc.with_outside(outside(users)), ..self }
    }
}

/// What builds of a workspace do with a Dockerfile.
pub fn outside(users: impl IntoIterator<Item = User>) -> Arc<Outside> {
    Arc::new(Outside { users: users.into_iter().collect() })
}

/// A build that certainly builds the Dockerfile, without a target.
pub fn user(title: &str) -> User {
    User {
        title: title.to_owned(),
        file: "compose.yaml".to_owned(),
        target: Asked::Default,
        certainty: Certainty::Certain,
        args: BTreeMap::new(),
        contexts: BTreeMap::new(),
    }
}

impl User {
    pub fn target(self, name: &str) -> User {
        User { target: Asked::Named(name.to_owned()), ..self }
    }

    pub fn unknown_target(self) -> User {
        User { target: Asked::Unknown, ..self }
    }

    pub fn likely(self) -> User {
        User { certainty: Certainty::Likely, ..self }
    }

    pub fn arg(mut self, name: &str, value: &str) -> User {
        self.args.insert(name.to_owned(), Some(value.to_owned()));
        self
    }

    pub fn context(mut self, name: &str) -> User {
        self.contexts.insert(name.to_owned(), Some("./somewhere".to_owned()));
        self
    }
}

fn marks(line: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = line.as_bytes();
    let starts = (0..bytes.len()).filter(move |&at| bytes[at] == b'^' && (at == 0 || bytes[at - 1] != b'^'));
    starts.map(move |start| start..start + bytes[start..].iter().take_while(|&&b| b == b'^').count())
}

/// Applies edits that do not overlap, whose ranges are all in `text`.
pub fn apply(text: &str, edits: &[crate::text::Edit]) -> String {
    let mut out = text.to_owned();
    for edit in edits.iter().rev() {
        out.replace_range(edit.range.clone(), &edit.text);
    }
    out
}
