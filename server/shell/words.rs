//! The pieces of a word: quotes taken off, variables and patterns told apart.
//!
//! The tree knows where the expansions in a word are; the text between them is read here.

use std::ops::Range;

use tree_sitter::Node;

use super::Piece;

/// How far a `}` or `]` is looked for.
const NEAR: usize = 512;

/// What a `$` or a backtick starts.
#[derive(Debug)]
pub struct Expansion {
    range: Range<usize>,
    /// Where the name is, of `$NAME` and `${NAME}`.
    name: Option<Range<usize>>,
}

/// The expansions in a word, in order, and whether commands may stand in them.
pub fn expansions(text: &str, word: Node<'_>) -> (Vec<Expansion>, bool) {
    let (mut found, mut commands) = (Vec::new(), false);
    descend(word, |node| match node.kind() {
        "simple_expansion"
        | "expansion"
        | "command_substitution"
        | "process_substitution"
        | "arithmetic_expansion"
        | "array" => {
            let range = node.byte_range();
            let name = name(text, &range);
            commands |= name.is_none();
            found.push(Expansion { range, name });
            false
        }
        _ => true,
    });
    (found, commands)
}

/// Visits a node and what is below it, in order; below a node only if `visit` says so. Takes no stack, however deep it is.
pub fn descend<'t>(node: Node<'t>, mut visit: impl FnMut(Node<'t>) -> bool) {
    let mut cursor = node.walk();
    let mut depth = 0u32;
    loop {
        if visit(cursor.node()) && cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while depth > 0 && !cursor.goto_next_sibling() {
            cursor.goto_parent();
            depth -= 1;
        }
        if depth == 0 {
            return;
        }
    }
}

/// Where the name is in `$NAME` or `${NAME}`.
fn name(text: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let rest = text[range.clone()].strip_prefix('$')?;
    let braced = rest.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let name = braced.unwrap_or(rest);
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
    let start = range.start + 1 + usize::from(braced.is_some());
    is_name.then(|| start..start + name.len())
}

/// Reads the word at `range`. `patterns`: whether the shell matches patterns in it, which it does not in `A=*`.
pub fn pieces(text: &str, range: Range<usize>, expansions: &[Expansion], patterns: bool) -> Vec<Piece> {
    let raw = &text[..range.end];
    let mut reader = Pieces { raw, at: range.start, quoted: false, text: String::new(), pieces: Vec::new() };
    let mut expansions = expansions.iter().peekable();
    while reader.at < raw.len() {
        // One within braces went with them.
        while expansions.next_if(|expansion| expansion.range.start < reader.at).is_some() {}
        if let Some(expansion) = expansions.next_if(|expansion| expansion.range.start == reader.at) {
            reader.piece(match expansion.name.clone() {
                Some(name) => Piece::Variable(raw[name.clone()].to_owned(), name),
                None => Piece::Any,
            });
            reader.at = expansion.range.end;
        } else {
            let next = expansions.peek().map_or(raw.len(), |expansion| expansion.range.start);
            reader.step(patterns, next);
        }
    }
    reader.flush();
    reader.pieces
}

struct Pieces<'a> {
    /// Up to the end of the word.
    raw: &'a str,
    at: usize,
    quoted: bool,
    text: String,
    pieces: Vec<Piece>,
}

impl Pieces<'_> {
    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.text)));
        }
    }

    fn piece(&mut self, piece: Piece) {
        self.flush();
        self.pieces.push(piece);
    }

    /// Adds the text up to `end`.
    fn take(&mut self, end: usize) {
        self.text.push_str(&self.raw[self.at..end]);
        self.at = end;
    }

    /// Reads something at the cursor that is no expansion; the next one stands at `next`.
    fn step(&mut self, patterns: bool, next: usize) {
        let rest = &self.raw[self.at..];
        let special: &[char] =
            if self.quoted { &['"', '\\'] } else { &['"', '\'', '\\', '*', '?', '[', '{', '$'] };
        let plain = rest.find(special).unwrap_or(rest.len()).min(next.saturating_sub(self.at));
        if plain > 0 {
            return self.take(self.at + plain);
        }
        let byte = rest.as_bytes()[0];
        let second = rest.as_bytes().get(1).copied();
        match byte {
            b'"' => {
                self.quoted = !self.quoted;
                self.at += 1;
            }
            b'\\' => self.escape(),
            b'\'' if !self.quoted => {
                self.at += 1;
                let end = rest[1..].find('\'').map_or(self.raw.len(), |end| self.at + end);
                self.take(end);
                self.at = (end + 1).min(self.raw.len());
            }
            b'$' if second == Some(b'\'') => self.ansi_c(),
            b'$' if second == Some(b'"') => self.at += 1,
            b'*' | b'?' if patterns => self.pattern(1),
            b'[' if patterns => match rest.bytes().take(NEAR).position(|byte| byte == b']') {
                Some(end) => self.pattern(end + 1),
                None => self.take(self.at + 1),
            },
            b'{' if patterns => match braces(rest) {
                Some(len) => self.pattern(len),
                None => self.take(self.at + 1),
            },
            _ => self.take(self.at + rest.chars().next().map_or(1, char::len_utf8)),
        }
    }

    fn pattern(&mut self, len: usize) {
        let end = self.at + len;
        self.flush();
        match self.pieces.last_mut() {
            Some(Piece::Pattern(pattern)) => pattern.push_str(&self.raw[self.at..end]),
            _ => self.pieces.push(Piece::Pattern(self.raw[self.at..end].to_owned())),
        }
        self.at = end;
    }

    fn escape(&mut self) {
        let rest = &self.raw[self.at + 1..];
        let Some(next) = rest.chars().next() else { return self.take(self.raw.len()) };
        if rest.starts_with('\n') || rest.starts_with("\r\n") {
            self.at += 2 + usize::from(next == '\r');
            return;
        }
        if !self.quoted || matches!(next, '$' | '`' | '"' | '\\') {
            self.at += 1;
            self.take(self.at + next.len_utf8());
        } else {
            self.take(self.at + 1);
        }
    }

    /// `$'…'`
    fn ansi_c(&mut self) {
        self.at += 2;
        while let Some(c) = self.raw[self.at..].chars().next() {
            if c == '\'' {
                self.at += 1;
                return;
            }
            if c != '\\' {
                self.take(self.at + c.len_utf8());
                continue;
            }
            let Some(escaped) = self.raw[self.at + 1..].chars().next() else {
                return self.take(self.raw.len());
            };
            match escaped {
                'n' => self.text.push('\n'),
                't' => self.text.push('\t'),
                'r' => self.text.push('\r'),
                '\\' | '\'' | '"' | '?' => self.text.push(escaped),
                _ => self.piece(Piece::Any),
            }
            self.at += 1 + escaped.len_utf8();
        }
    }
}

/// The length of the `{a,b}` or `{1..3}` at the start of a text.
fn braces(text: &str) -> Option<usize> {
    let (mut depth, mut several) = (0, false);
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate().take(NEAR) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return several.then_some(at + 1);
                }
            }
            b',' if depth == 1 => several = true,
            b'.' if depth == 1 && bytes.get(at + 1) == Some(&b'.') => several = true,
            _ if byte.is_ascii_whitespace() => return None,
            _ => {}
        }
    }
    None
}
