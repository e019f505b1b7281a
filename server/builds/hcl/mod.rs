//! HCL, the language of Bake files, as text and as JSON: blocks, attributes and expressions with their places.
//!
//! It is read by hand: what is half typed must not take its neighbours with it, and the grammar that there is for
//! tree-sitter neither sees line ends, nor the spaces in a string, and takes `a == b.c` for `(a == b).c`. Nothing here knows
//! what a block means; expressions are worked out by [`eval`].

pub mod eval;
mod expression;
mod functions;
pub mod json;
mod parser;
mod template;
pub mod val;

use std::ops::Range;

use super::node::Scalar;

/// What a file or a block holds, in file order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Body {
    pub attributes: Vec<Attribute>,
    pub blocks: Vec<Block>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    pub body: Body,
    /// Where the syntax is broken, in bytes.
    pub broken: Vec<Range<usize>>,
}

/// `kind "label" { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    pub kind: String,
    pub kind_range: Range<usize>,
    pub labels: Vec<Label>,
    pub body: Body,
    pub range: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    pub text: String,
    /// Without quotes.
    pub range: Range<usize>,
    /// Whether something is computed in it, which no label may.
    pub is_template: bool,
}

/// `name = value`
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    pub name: String,
    pub name_range: Range<usize>,
    pub value: Expr,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// In bytes of the file, quotes and brackets included.
    pub range: Range<usize>,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Nothing is typed where a value belongs; the range is the empty place.
    Missing,
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    /// A text in which nothing is computed.
    Text {
        scalar: Scalar,
        /// Whether its end is there too.
        is_closed: bool,
    },
    Template(Vec<Part>),
    List(Vec<Expr>),
    /// Keys with their values; a bare key is a text.
    Object(Vec<(Expr, Expr)>),
    Variable(String),
    Attribute(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    Call {
        name: String,
        arguments: Vec<Expr>,
        /// Whether the last argument is a list of arguments: `f(a...)`.
        expands: bool,
    },
    Conditional(Box<[Expr; 3]>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary(Operator, Box<[Expr; 2]>),
    /// `for`, splats, directives of a template, and what is not HCL.
    Unknown,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Text(String),
    Value(Expr),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Times,
    Divide,
    Modulo,
}

/// Reads a file; what can't be read is left out.
pub fn parse(text: &str) -> File {
    let file = parser::file(text, false);
    // Only what is unclosed makes it worth to trust the indentation.
    if file.is_unclosed { parser::file(text, true).file } else { file.file }
}

impl Body {
    /// The last attribute of a name; HCL allows one.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().rev().find(|attribute| attribute.name == name)
    }
}

#[cfg(test)]
mod tests;
