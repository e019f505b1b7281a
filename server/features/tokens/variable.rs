//! The tokens of a variable that is read or set.

use std::ops::Range;

use super::{Kind, Modifier, Token};
use crate::{
    stages::globals,
    syntax::variables::{Operator, Reader},
    variables::{Meaning, Use},
};

/// How far a `}` is looked for, in bytes.
const NEAR: usize = 200;

/// Operators of BuildKit and of shells; of those that start alike the longer first.
const OPERATORS: [&str; 15] =
    [":-", ":=", ":+", ":?", "-", "=", "+", "?", "##", "#", "%%", "%", "//", "/", ":"];

/// Adds the tokens of a place in `text` (the file's) that reads or sets a variable, if it is one that BuildKit knows.
pub(super) fn add_use(used: &Use, text: &str, into: &mut Vec<Token>) {
    let is_known = used.meaning != Meaning::Undeclared;
    let range = match used.reader {
        Reader::BuildKit => spelled(text, &used.range),
        Reader::Build(_) | Reader::Container(_) if is_known => spelled(text, &used.range),
        Reader::Assignment if is_known => used.range.clone(),
        Reader::Build(_) | Reader::Container(_) | Reader::Assignment | Reader::Text => return,
    };
    let mut token = Token::new(range.clone(), Kind::Variable);
    if used.reader == Reader::Assignment {
        token = token.with(Modifier::Modification);
    }
    if globals::is_predefined(&used.name) {
        token = token.with(Modifier::Predefined);
    }
    into.push(token);
    if used.operator == Operator::Value || !text[range].starts_with('$') {
        return;
    }
    let end = used.range.end;
    let rest = &text[end..];
    let Some(operator) = OPERATORS.into_iter().find(|operator| rest.starts_with(operator)) else { return };
    into.push(Token::new(end..end + operator.len(), Kind::Operator));
    if let Some(close) = close(&rest[operator.len()..]) {
        let close = end + operator.len() + close;
        into.push(Token::new(close..close + 1, Kind::Variable));
    }
}

/// A name of a variable (bytes of `text`) with what makes it a variable: `$X`, `${X}`, `%X%`, `$env:X`.
pub(super) fn spelled(text: &str, name: &Range<usize>) -> Range<usize> {
    let before = &text[..name.start];
    let opens = ["${env:", "$env:", "${", "$", "%"].into_iter().find(|mark| before.ends_with(mark));
    let Some(open) = opens else { return name.clone() };
    let close = if open.contains('{') { "}" } else { open };
    let closes = matches!(close, "}" | "%") && text[name.end..].starts_with(close);
    name.start - open.len()..name.end + usize::from(closes)
}

/// Where the `}` stands that ends an operand.
fn close(operand: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in operand.bytes().enumerate().take(NEAR) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            b'\n' | b'\r' => return None,
            _ => {}
        }
    }
    None
}
