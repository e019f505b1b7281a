//! The values of YAML and JSON files as literals, and parts of them.

use std::{ops::Range, path::Path, sync::Arc};

use super::{
    node::{Node, Scalar, Style},
    value::{Certainty, Quoting, Spot, Value},
};

/// What stands at `node`, which is nothing at an empty place where a text may be typed. `None` for an explicit `null` and for
/// collections.
pub(super) fn value(node: &Node, file: &Arc<Path>, empty: Quoting) -> Option<Value> {
    match node.scalar() {
        Some(scalar) => Some(scalar.value(file)),
        None if node.is_null() && node.range.is_empty() => {
            Some(Value::literal("", Spot::new(file, node.range.clone()), empty))
        }
        None => None,
    }
}

/// A part of a scalar's text (bytes) as a literal.
pub(super) fn part(scalar: &Scalar, range: Range<usize>, file: &Arc<Path>) -> Value {
    if range == (0..scalar.text.len()) && !matches!(scalar.style, Style::Literal | Style::Folded) {
        return scalar.value(file);
    }
    let text = &scalar.text[range.clone()];
    match scalar.place(range) {
        Some(place) => Value::literal(text, Spot::new(file, place), Quoting::Line),
        None => Value::computed(text, Spot::new(file, scalar.range.clone()), Certainty::Certain, ""),
    }
}

/// A part of a text (bytes) without the blanks around it.
pub(super) fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + part.len() - part.trim_start().len();
    start..start + part.trim().len()
}

/// How sure something is that several values decide, and why not more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sureness {
    pub certainty: Certainty,
    pub why: &'static str,
}

impl Sureness {
    pub const CERTAIN: Sureness = Sureness { certainty: Certainty::Certain, why: "" };

    pub fn likely(why: &'static str) -> Sureness {
        Sureness { certainty: Certainty::Likely, why }
    }

    pub fn and(self, other: Sureness) -> Sureness {
        if other.certainty < self.certainty { other } else { self }
    }

    pub fn with(self, value: &Value) -> Sureness {
        self.and(Sureness { certainty: value.certainty, why: value.why })
    }
}
