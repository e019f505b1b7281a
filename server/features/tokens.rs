//! Semantic tokens: what each part of a file is, as far as colours can show it.
//!
//! What a name means comes from the stage table and the variables. Plain words of a shell, and what stands in heredocs, have no
//! tokens: editors highlight these as the language that they are, and a token would hide that.

mod instruction;
mod layers;
mod shell;
mod variable;

use std::ops::Range;

use crate::{document::Document, text::Lines};
use instruction::Painter;

/// What a part of the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The keyword of an instruction, `AS`, and the `CMD` or `NONE` of a HEALTHCHECK.
    Keyword,
    /// A name or number of a stage.
    Stage,
    /// A build context that a build gives a name.
    Context,
    /// The name of an image with its registry, and `scratch`.
    Image,
    Tag,
    Digest,
    Platform,
    /// A variable that BuildKit knows, where it is declared, set or read.
    Variable,
    /// `--name`, also that of a command in a shell.
    FlagName,
    /// The key of an option in a `--mount`.
    MountKey,
    /// A word out of a few: a mount's type, `true`, a protocol.
    Constant,
    Path,
    /// Any other argument.
    Text,
    /// A port, a duration, a count, a mode.
    Number,
    Comment,
    DirectiveName,
    DirectiveValue,
    /// `<<EOF`, and the word that ends the heredoc.
    HeredocMarker,
    /// The character that continues a line.
    Continuation,
    /// `=`, and what stands between the name of a variable and its operand.
    Operator,
    User,
    Signal,
    LabelKey,
}

impl Kind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Kind; 23] = [
        Kind::Keyword,
        Kind::Stage,
        Kind::Context,
        Kind::Image,
        Kind::Tag,
        Kind::Digest,
        Kind::Platform,
        Kind::Variable,
        Kind::FlagName,
        Kind::MountKey,
        Kind::Constant,
        Kind::Path,
        Kind::Text,
        Kind::Number,
        Kind::Comment,
        Kind::DirectiveName,
        Kind::DirectiveValue,
        Kind::HeredocMarker,
        Kind::Continuation,
        Kind::Operator,
        Kind::User,
        Kind::Signal,
        Kind::LabelKey,
    ];
}

/// What else there is to say of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Modifier {
    /// Here the name gets its meaning.
    Declaration,
    /// A shell gives the variable another value.
    Modification,
    /// Always the same thing: a digest.
    Readonly,
    Deprecated,
    /// Docker brings it along: `scratch`, `TARGETARCH`.
    Predefined,
}

impl Modifier {
    /// All modifiers, in the order of their bits.
    pub const ALL: [Modifier; 5] = [
        Modifier::Declaration,
        Modifier::Modification,
        Modifier::Readonly,
        Modifier::Deprecated,
        Modifier::Predefined,
    ];
}

/// Some modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modifiers(u8);

impl Modifiers {
    pub fn contains(self, modifier: Modifier) -> bool {
        self.0 & 1 << modifier as u8 != 0
    }

    #[must_use]
    pub fn with(self, modifier: Modifier) -> Modifiers {
        Modifiers(self.0 | 1 << modifier as u8)
    }
}

/// A part of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// In bytes, never empty, without a line ending.
    pub range: Range<usize>,
    pub kind: Kind,
    pub modifiers: Modifiers,
}

impl Token {
    fn new(range: Range<usize>, kind: Kind) -> Token {
        Token { range, kind, modifiers: Modifiers::default() }
    }

    fn with(self, modifier: Modifier) -> Token {
        Token { modifiers: self.modifiers.with(modifier), ..self }
    }
}

/// The tokens of a document, or those that touch `range` (bytes). They come in file order and do not overlap. `lines` are those
/// of the document.
pub fn tokens(doc: &Document, lines: &Lines, range: Option<Range<usize>>) -> Vec<Token> {
    let range = range.unwrap_or(0..lines.text().len());
    let touches = |it: &Range<usize>| it.start < range.end && range.start < it.end;
    let syntax = doc.syntax();
    let mut found = Vec::new();
    for directive in syntax.directives().iter().filter(|directive| touches(&directive.range)) {
        found.push(Token::new(directive.range.start..directive.range.start + 1, Kind::Comment));
        found.push(Token::new(directive.name.clone(), Kind::DirectiveName));
        let Some(value) = directive.value.clone() else { continue };
        if let Some(equals) = lines.slice(directive.name.end..value.start).find('=') {
            let at = directive.name.end + equals;
            found.push(Token::new(at..at + 1, Kind::Operator));
        }
        found.push(Token::new(value, Kind::DirectiveValue));
    }
    let comments = syntax.comments();
    let first = comments.partition_point(|comment| comment.end <= range.start);
    let comments = comments[first..].iter().take_while(|comment| comment.start < range.end);
    found.extend(comments.map(|comment| Token::new(comment.clone(), Kind::Comment)));

    let instructions = syntax.instructions();
    let first = instructions.partition_point(|placed| placed.range().end <= range.start);
    let mut painter = Painter::new(doc, lines, first);
    for (index, placed) in instructions.iter().enumerate().skip(first) {
        if placed.start >= range.end {
            break;
        }
        painter.instruction(index, &mut found);
    }
    // Runs that are sorted are merged.
    found.sort_by_key(|token| token.range.start);
    let mut end = 0;
    let mut pieces = Vec::with_capacity(found.len());
    for token in found {
        let start = token.range.start.max(end);
        end = end.max(token.range.end);
        layers::split(lines, Token { range: start..token.range.end, ..token }, &mut pieces);
    }
    pieces.retain(|token| touches(&token.range));
    pieces
}

#[cfg(test)]
mod tests;
