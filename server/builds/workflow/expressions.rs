//! `${{ … }}`: what can be known of an expression without a run.
//!
//! A matrix with literal values, the default of an input and a literal of `env` are followed to the text that they stand for, so
//! that it can be found and changed where it is written. Functions and conditions are not.

use std::{ops::Range, path::Path, sync::Arc};

use super::matrix::Row;
use crate::builds::{
    Certainty, Quoting, Spot, Value,
    node::{Node, Scalar},
    written,
};

/// How many expressions are followed from one to the next.
const DEPTH: usize = 5;

/// How many expressions of one text are looked at, and operands of one expression.
const PARTS: usize = 8;

/// How far a text of several expressions may grow, in bytes.
const LENGTH: usize = 4096;

const UNKNOWN: &str = "an expression decides";

/// What expressions can refer to at a place of a workflow.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub file: &'a Arc<Path>,
    pub root: &'a Path,
    /// Folder of the action; the root of a workflow.
    pub action: &'a Path,
    /// `on.workflow_call.inputs` and others like it.
    pub inputs: &'a [Arc<Node>],
    /// `env` of the step, the job and the workflow, in this order.
    pub env: [Option<&'a Node>; 3],
    pub row: Row<'a>,
}

/// What an expression comes to.
enum Meaning<'a> {
    /// A text that is written somewhere.
    Written(&'a Scalar, &'static str),
    /// A part of the scalar that the expression stands in.
    Here(Range<usize>, &'static str),
    Made(String),
    /// It is known that there is nothing.
    Empty,
    /// There is something, or not.
    Open,
    Unknown,
}

/// An expression in a text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// From `${{` to `}}`.
    pub range: Range<usize>,
    /// Between them.
    pub inner: Range<usize>,
    /// Whether it has an end.
    pub is_closed: bool,
}

/// The expressions of a text.
pub fn expressions(text: &str) -> Vec<Expression> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("${{").map(|start| at + start) {
        let inner = start + 3;
        let end = closing(&text[inner..]).map(|end| inner + end);
        let (end, next) = end.map_or((text.len(), text.len()), |end| (end, end + 2));
        let is_closed = next > end;
        all.push(Expression { range: start..next, inner: inner..end, is_closed });
        at = next;
    }
    all
}

/// The first `}}` outside of `'…'`.
fn closing(text: &str) -> Option<usize> {
    let mut quoted = false;
    let bytes = text.as_bytes();
    (0..bytes.len()).find(|&at| {
        quoted ^= bytes[at] == b'\'';
        !quoted && bytes[at..].starts_with(b"}}")
    })
}

impl<'a> Scope<'a> {
    /// What a scalar is for the runner, without blanks around it.
    pub fn value(&self, scalar: &Scalar) -> Value {
        self.part(scalar, 0..scalar.text.len())
    }

    /// What a part (bytes) of a scalar's text is for the runner, without blanks around it.
    pub fn part(&self, scalar: &Scalar, range: Range<usize>) -> Value {
        self.resolved(scalar, range, DEPTH)
    }

    /// The scalar that another one is in the end, if it is nothing but an expression for it.
    pub fn follow<'s>(&self, scalar: &'s Scalar) -> (&'s Scalar, Certainty, &'static str)
    where
        'a: 's,
    {
        let (mut scalar, mut certainty, mut why) = (scalar, Certainty::Certain, "");
        for _ in 0..DEPTH {
            let range = written::trimmed(&scalar.text, 0..scalar.text.len());
            let Some(inner) = whole(&scalar.text, range) else { break };
            let Meaning::Written(next, reason) = self.meaning(&scalar.text, inner) else { break };
            (scalar, certainty, why) = (next, Certainty::Likely, reason);
        }
        (scalar, certainty, why)
    }

    /// What an expression (bytes of the text, without its marks) at `spot` comes to, as a variable of a script.
    pub fn variable(&self, text: &str, inner: Range<usize>, spot: Spot) -> Option<Value> {
        match self.meaning(text, inner) {
            Meaning::Written(scalar, why) => {
                Some(likely(self.resolved(scalar, 0..scalar.text.len(), DEPTH - 1), why))
            }
            Meaning::Made(text) => {
                Some(Value::computed(text, spot, Certainty::Likely, "the runner gives it"))
            }
            Meaning::Here(..) | Meaning::Empty | Meaning::Open | Meaning::Unknown => None,
        }
    }

    fn resolved(&self, scalar: &Scalar, range: Range<usize>, depth: usize) -> Value {
        let text = &scalar.text;
        let range = written::trimmed(text, range);
        let found: Vec<Expression> = expressions(&text[range.clone()])
            .into_iter()
            .map(|it| Expression {
                range: it.range.start + range.start..it.range.end + range.start,
                inner: it.inner.start + range.start..it.inner.end + range.start,
                ..it
            })
            .collect();
        if found.is_empty() {
            return written::part(scalar, range, self.file);
        }
        let spot = written::part(scalar, range.clone(), self.file).spot;
        if depth == 0 || found.len() > PARTS || found.iter().any(|it| !it.is_closed) {
            return Value::unknown(spot, UNKNOWN);
        }
        if let [one] = &found[..]
            && one.range == range
        {
            return match self.meaning(text, one.inner.clone()) {
                Meaning::Written(next, why) => {
                    likely(self.resolved(next, 0..next.text.len(), depth - 1), why)
                }
                Meaning::Here(part, why) => {
                    let value = written::part(scalar, part, self.file);
                    likely(Value { quoting: value.quoting.map(|_| Quoting::Line), ..value }, why)
                }
                Meaning::Made(text) => Value::computed(text, spot, Certainty::Likely, "the runner gives it"),
                Meaning::Empty => Value::computed("", spot, Certainty::Likely, "nothing gives it a value"),
                Meaning::Open | Meaning::Unknown => Value::unknown(spot, UNKNOWN),
            };
        }
        match self.put_together(text, range, &found, depth) {
            Some(text) => Value::computed(text, spot, Certainty::Likely, "an expression is a part of it"),
            None => Value::unknown(spot, UNKNOWN),
        }
    }

    fn put_together(
        &self,
        text: &str,
        range: Range<usize>,
        found: &[Expression],
        depth: usize,
    ) -> Option<String> {
        let mut made = String::new();
        let mut at = range.start;
        for expression in found {
            made.push_str(&text[at..expression.range.start]);
            match self.meaning(text, expression.inner.clone()) {
                Meaning::Written(scalar, _) => {
                    // Texts of several expressions in one another are a matter of two, so that no work grows beyond all bounds.
                    let depth = depth.min(2) - 1;
                    made.push_str(&self.resolved(scalar, 0..scalar.text.len(), depth).text?);
                }
                Meaning::Here(part, _) => made.push_str(&text[part]),
                Meaning::Made(text) => made.push_str(&text),
                Meaning::Empty => {}
                Meaning::Open | Meaning::Unknown => return None,
            }
            if made.len() > LENGTH {
                return None;
            }
            at = expression.range.end;
        }
        made.push_str(&text[at..range.end]);
        Some(made)
    }

    /// `a || b`: the first that has a value.
    fn meaning(&self, text: &str, inner: Range<usize>) -> Meaning<'a> {
        let mut last = Meaning::Unknown;
        for (index, part) in alternatives(text, inner).into_iter().take(PARTS).enumerate() {
            let written = &text[part.clone()];
            let quoted = written.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
            last = match quoted {
                Some(quoted) if quoted.contains('\'') => Meaning::Unknown,
                Some("") => Meaning::Empty,
                Some(_) => {
                    let why = if index == 0 { UNKNOWN } else { "the alternative of an expression" };
                    Meaning::Here(part.start + 1..part.end - 1, why)
                }
                None => path(written).map_or(Meaning::Unknown, |path| self.named(&path)),
            };
            let is_empty = match &last {
                Meaning::Written(scalar, _) => scalar.text.is_empty(),
                Meaning::Empty | Meaning::Open => true,
                Meaning::Here(..) | Meaning::Made(_) | Meaning::Unknown => false,
            };
            if !is_empty {
                break;
            }
        }
        last
    }

    fn named(&self, path: &[&str]) -> Meaning<'a> {
        let lower: Vec<String> = path.iter().map(|part| part.to_ascii_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        match lower[..] {
            ["matrix", key, ..] => match self.row.get(key) {
                Some(node) => written(inside(node, &path[2..]), "a matrix gives it"),
                None if self.row.is_whole => Meaning::Empty,
                None => Meaning::Unknown,
            },
            ["inputs", name] | ["github", "event", "inputs", name] => self.input(name),
            ["env", _] => {
                let found = self.env.iter().flatten().find_map(|env| env.get(path[1]));
                found.map_or(Meaning::Unknown, |node| written(Some(node), "`env` gives it"))
            }
            ["github", "workspace"] => Meaning::Made(self.root.display().to_string()),
            ["github", "action_path"] => Meaning::Made(self.action.display().to_string()),
            _ => Meaning::Unknown,
        }
    }

    fn input(&self, name: &str) -> Meaning<'a> {
        let declared: Vec<&Arc<Node>> = self.inputs.iter().filter_map(|inputs| get(inputs, name)).collect();
        let default = declared.iter().find_map(|input| input.get("default"));
        match default {
            Some(default) => written(Some(default), "the default of an input"),
            None if declared.is_empty() => Meaning::Unknown,
            None => Meaning::Open,
        }
    }
}

fn written<'a>(node: Option<&'a Arc<Node>>, why: &'static str) -> Meaning<'a> {
    match node {
        Some(node) if node.is_null() => Meaning::Empty,
        Some(node) => node.scalar().map_or(Meaning::Unknown, |scalar| Meaning::Written(scalar, why)),
        None => Meaning::Empty,
    }
}

fn likely(value: Value, why: &'static str) -> Value {
    if value.certainty < Certainty::Certain {
        return value;
    }
    Value { certainty: Certainty::Likely, why, ..value }
}

/// The value of a key in any case, as the runner looks for it.
pub fn get<'a>(node: &'a Node, key: &str) -> Option<&'a Arc<Node>> {
    let entries = node.entries();
    entries.into_iter().find(|entry| entry.key.text.eq_ignore_ascii_case(key)).map(|entry| &entry.value)
}

fn inside<'a>(node: &'a Arc<Node>, path: &[&str]) -> Option<&'a Arc<Node>> {
    path.iter().try_fold(node, |node, key| get(node, key))
}

/// What stands between the marks, if the part of the text is one expression.
fn whole(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let part = &text[range.clone()];
    let found = expressions(part);
    let [one] = &found[..] else { return None };
    let is_whole = one.is_closed && one.range == (0..part.len());
    is_whole.then(|| one.inner.start + range.start..one.inner.end + range.start)
}

/// The operands of `||`, without blanks around them.
fn alternatives(text: &str, inner: Range<usize>) -> Vec<Range<usize>> {
    let part = &text[inner.clone()];
    let bytes = part.as_bytes();
    let (mut all, mut start, mut at, mut quoted) = (Vec::new(), 0, 0, false);
    while at < bytes.len() {
        quoted ^= bytes[at] == b'\'';
        if !quoted && bytes[at..].starts_with(b"||") {
            all.push(start..at);
            start = at + 2;
            at += 1;
        }
        at += 1;
    }
    all.push(start..part.len());
    all.into_iter()
        .map(|range| written::trimmed(text, range.start + inner.start..range.end + inner.start))
        .collect()
}

/// `matrix.a.b` or `matrix['a']`.
fn path(text: &str) -> Option<Vec<&str>> {
    let mut path = Vec::new();
    let mut rest = text;
    loop {
        let len =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
        if len == 0 {
            return None;
        }
        path.push(&rest[..len]);
        rest = rest[len..].trim_start();
        while let Some(index) = rest.strip_prefix("['") {
            let end = index.find("']")?;
            path.push(&index[..end]);
            rest = &index[end + 2..];
        }
        if rest.is_empty() {
            return Some(path);
        }
        rest = rest.strip_prefix('.')?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_end_outside_of_quotes() {
        let inner = |text: &str| -> Vec<String> {
            expressions(text).iter().map(|it| text[it.inner.clone()].to_owned()).collect()
        };
        assert_eq!(inner("a${{ b }}-${{c}}"), [" b ", "c"]);
        assert_eq!(inner("${{ '}}' }}"), [" '}}' "]);
        assert_eq!(inner("${{ é"), [" é"]);
        assert!(!expressions("${{ ma")[0].is_closed);
        assert!(expressions("${x} $").is_empty());
    }

    #[test]
    fn paths_are_names_with_dots_and_brackets() {
        assert_eq!(path("matrix.a-b.c"), Some(vec!["matrix", "a-b", "c"]));
        assert_eq!(path("matrix['a b'].c"), Some(vec!["matrix", "a b", "c"]));
        for no in ["", "a.", "a b", "f(x)", "a[0]", "a == b", "!a"] {
            assert_eq!(path(no), None, "{no}");
        }
    }
}
