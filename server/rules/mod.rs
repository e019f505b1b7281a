//! What is wrong with a document. One file per rule, one line each in [`RULES`].

use std::ops::Range;

use crate::{document::Document, text::Edit};

/// How bad a finding is. An `Error` means that the build certainly fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Hint,
    Information,
    Warning,
    Error,
}

/// How a client may show the text of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// Nothing needs this text: fade it.
    Unnecessary,
    Deprecated,
}

/// Another place that belongs to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// In bytes.
    pub range: Range<usize>,
    pub message: String,
}

/// A change that removes a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub title: String,
    /// Non-overlapping, in file order, ranges in the text as it is.
    pub edits: Vec<Edit>,
    /// Whether this is the change that most people would want.
    pub preferred: bool,
}

/// One thing that is wrong, at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name: kebab-case, or BuildKit's where the rule is one of its checks.
    pub code: &'static str,
    /// The page that explains the rule, where there is one.
    pub page: Option<String>,
    pub severity: Severity,
    /// In bytes.
    pub range: Range<usize>,
    pub message: String,
    pub related: Vec<Related>,
    pub tags: Vec<Tag>,
    pub fixes: Vec<Fix>,
}

/// All findings of a document, in file order.
pub fn check(_doc: &Document) -> Vec<Finding> {
    Vec::new()
}
