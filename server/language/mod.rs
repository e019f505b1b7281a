//! The words of the language: instructions, flags, mounts, directives, and what each means.
//!
//! One place for what completion offers, hover and signature help explain, and rules know. Texts are our own; each names the
//! part of the reference that it speaks of.

pub mod annotations;
pub mod arguments;
pub mod directives;
pub mod flags;
pub mod forms;
pub mod instructions;
pub mod mounts;
pub mod platforms;
pub mod ports;
pub mod signals;
pub mod texts;
pub mod values;
pub mod words;

/// Where the reference of the language stands (moby/buildkit, frontend/dockerfile/docs/reference.md).
pub const REFERENCE: &str = "https://docs.docker.com/reference/dockerfile/";

/// What there is to say of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// As it is written; instructions in upper case, flags without dashes.
    pub name: &'static str,
    /// A few words, without a full stop.
    pub summary: &'static str,
    /// The part of the [`REFERENCE`] that speaks of it, behind the `#`; or another page, with its whole address.
    pub anchor: &'static str,
    /// What to take instead, if nobody should use it any more.
    pub deprecated: Option<&'static str>,
}

impl Entry {
    pub(super) const fn new(name: &'static str, summary: &'static str, anchor: &'static str) -> Entry {
        Entry { name, summary, anchor, deprecated: None }
    }

    pub(super) const fn deprecated(self, instead: &'static str) -> Entry {
        Entry { deprecated: Some(instead), ..self }
    }

    /// The address of what the reference says.
    pub fn page(&self) -> String {
        if self.anchor.starts_with("https://") {
            return self.anchor.to_owned();
        }
        format!("{REFERENCE}#{}", self.anchor)
    }
}
