//! What to make of a YAML text that is being typed: lines that no parser understands are taken out, until the rest is whole.
//!
//! Bytes are replaced by spaces, so places stay. Of a line such as `target: "bu` only the value goes, and is kept as the
//! value that it will be.

use std::{ops::ControlFlow, ops::Range};

use tree_sitter::{Node as Syntax, ParseOptions, Parser, Tree};

/// How often a text is parsed again. A text with more broken lines than that loses what stands behind them.
const ROUNDS: usize = 12;

/// How many bytes are parsed again in all.
const WORK: usize = 4 << 20;

/// How often the parser may report that it is still at it, which it does every hundred steps or so.
const PATIENCE: usize = 400_000;

pub struct Repaired {
    /// As long as the text, with spaces for what was taken out.
    pub text: String,
    pub tree: Tree,
    /// Values that were taken out, in bytes of the text.
    pub cut: Vec<Range<usize>>,
}

/// The tree of a text; `None` if it takes too long.
pub fn parse(text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_yaml::LANGUAGE.into()).ok()?;
    let mut patience = PATIENCE;
    let mut progress = |_: &tree_sitter::ParseState| {
        patience = patience.saturating_sub(1);
        if patience == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut read = |at: usize, _| text.as_bytes().get(at..).unwrap_or_default();
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser.parse_with_options(&mut read, None, Some(options))
}

/// Takes out what makes `tree`, the tree of `text`, have errors.
pub fn repair(text: &str, tree: Tree) -> Option<Repaired> {
    let mut repaired = Repaired { text: text.to_owned(), tree, cut: Vec::new() };
    let rounds = ROUNDS.min(WORK / text.len().max(1));
    for round in 0..=rounds {
        let blamed = blamed(&repaired.tree, &repaired.text);
        let Some(&first) = blamed.first() else { return Some(repaired) };
        if round < rounds {
            blamed.iter().for_each(|at| take_out(&mut repaired, *at));
        } else {
            let start = line(&repaired.text, first).start;
            blank(&mut repaired.text, start..text.len());
            repaired.cut.retain(|cut| cut.end <= start);
        }
        repaired.tree = parse(&repaired.text)?;
    }
    Some(repaired)
}

/// Takes the value of the line at `at` out, or all of the line if that was not enough.
fn take_out(repaired: &mut Repaired, at: usize) {
    let line = line(&repaired.text, at);
    let value = value_of(&repaired.text[line.clone()]);
    let value = value.map(|value| line.start + value.start..line.start + value.end);
    match value {
        Some(value) => {
            blank(&mut repaired.text, value.clone());
            repaired.cut.push(value);
        }
        None => {
            blank(&mut repaired.text, line.clone());
            repaired.cut.retain(|cut| cut.end <= line.start || line.end <= cut.start);
        }
    }
}

fn blank(text: &mut String, range: Range<usize>) {
    let is_break = |b: u8| matches!(b, b'\n' | b'\r');
    let blanks: String =
        text[range.clone()].bytes().map(|b| if is_break(b) { char::from(b) } else { ' ' }).collect();
    text.replace_range(range, &blanks);
}

/// A place in each line that errors start in; where the parser has given up, in the line that it could not go on with.
fn blamed(tree: &Tree, text: &str) -> Vec<usize> {
    let root = tree.root_node();
    if !root.has_error() {
        return Vec::new();
    }
    let mut found = Vec::new();
    if root.is_error() {
        let end = root.end_byte().min(text.len());
        let next = text[end..].find(|c: char| !c.is_whitespace());
        found.push(match next {
            Some(next) => end + next,
            None => first_error(root).unwrap_or(text.trim_end().len()),
        });
    } else {
        errors(root, &mut found);
    }
    let mut lines: Vec<usize> =
        found.into_iter().map(|at| line(text, quote_around(root, text, at)).start).collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// Where the topmost errors start, without walking into them.
fn errors(root: Syntax, found: &mut Vec<usize>) {
    let mut cursor = root.walk();
    let mut is_done = false;
    while !is_done {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            found.push(node.start_byte());
        } else if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                is_done = true;
                break;
            }
        }
    }
}

/// Where the first error below an error starts.
fn first_error(root: Syntax) -> Option<usize> {
    let mut found = Vec::new();
    let mut cursor = root.walk();
    for child in root.children(&mut cursor).filter(|child| child.has_error()) {
        errors(child, &mut found);
    }
    found.first().copied()
}

/// Where a quoted scalar that ends in the line of `at` starts, if that is in a line above: its first quote is most likely
/// the one that has no partner.
fn quote_around(root: Syntax, text: &str, at: usize) -> usize {
    let start = line(text, at).start;
    let Some(mut node) = root.descendant_for_byte_range(start, start) else { return at };
    loop {
        if matches!(node.kind(), "double_quote_scalar" | "single_quote_scalar") && node.start_byte() < start {
            return node.start_byte();
        }
        match node.parent() {
            Some(parent) if parent.kind().ends_with("scalar") || node.child_count() == 0 => node = parent,
            _ => return at,
        }
    }
}

/// The line around `at`, without its break.
fn line(text: &str, at: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let is_break = |b: &u8| matches!(b, b'\n' | b'\r');
    let at = at.min(bytes.len());
    let start = bytes[..at].iter().rposition(is_break).map_or(0, |at| at + 1);
    let end = bytes[at..].iter().position(is_break).map_or(bytes.len(), |len| at + len);
    start..end
}

/// What stands behind the `key:` of a line.
fn value_of(line: &str) -> Option<Range<usize>> {
    let key = line.find(|c: char| !matches!(c, ' ' | '\t' | '-' | '?'))?;
    let behind_quote = match &line[key..] {
        quoted if quoted.starts_with(['"', '\'']) => 1 + quoted[1..].find(&quoted[..1])?,
        _ => 0,
    };
    let colon = key + behind_quote + line[key + behind_quote..].find(": ")?;
    let start = line[colon + 1..].find(|c| !matches!(c, ' ' | '\t')).map(|len| colon + 1 + len)?;
    let value = &line[start..];
    let comment = if value.starts_with(['"', '\'']) { None } else { value.find(" #") };
    let value = value[..comment.unwrap_or(value.len())].trim_end();
    (!value.is_empty() && !value.starts_with('#')).then(|| start..start + value.len())
}

/// What has to follow an unfinished flow collection.
pub fn closing(text: &str) -> String {
    let mut open = Vec::new();
    let mut chars = text.chars().peekable();
    let mut quote = None;
    let mut before = ' ';
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some('"'), '\\') => {
                chars.next();
            }
            (Some('\''), '\'') if chars.peek() == Some(&'\'') => {
                chars.next();
            }
            (Some(q), _) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if matches!(before, ' ' | ',' | '[' | '{' | ':') => quote = Some(c),
            (None, '[') => open.push(']'),
            (None, '{') if before != '$' => open.push('}'),
            (None, ']' | '}') => {
                open.pop();
            }
            (None, _) => {}
        }
        before = c;
    }
    let quote = quote.map(String::from).unwrap_or_default();
    let brackets: String = open.into_iter().rev().collect();
    format!("{quote} {brackets}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_what_follows_a_key() {
        let value = |line: &str| value_of(line).map(|range| line[range].to_owned());
        assert_eq!(value("  target: \"bu # x"), Some("\"bu # x".into()));
        assert_eq!(value("  target: @x # y"), Some("@x".into()));
        assert_eq!(value("  - \"a: b\": c "), Some("c".into()));
        assert_eq!(value("  target: "), None);
        assert_eq!(value("  target:"), None);
        assert_eq!(value("targ"), None);
        assert_eq!(value(""), None);
        assert_eq!(value("é: ü"), Some("ü".into()));
    }

    #[test]
    fn an_unfinished_collection_is_closed() {
        assert_eq!(closing("{a: [1, \"x]"), "\" ]}");
        assert_eq!(closing("{a: it's, b: ${C"), " }");
        assert_eq!(closing("[a, 'it''s"), "' ]");
        assert_eq!(closing("[a]"), " ");
    }
}
