//! A value that a file gives, with what is known of it.

use std::{ops::Range, path::Path, sync::Arc};

/// How sure something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Nothing can be said.
    Unknown,
    /// It is so unless the command is called in an unusual way.
    Likely,
    Certain,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Spot {
    pub file: Arc<Path>,
    /// In bytes of the file, without quotes. Empty where nothing is typed yet.
    pub range: Range<usize>,
}

/// How a text is written at its place, and so what another one in its place has to look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quoting {
    /// A plain YAML scalar.
    YamlPlain,
    /// Between single quotes, where a quote is written twice.
    YamlSingle,
    /// Between double quotes with backslash escapes: YAML, JSON and HCL.
    Double,
    /// Nothing is there yet where a text in double quotes belongs, so quotes and all: HCL and JSON.
    DoubleWhole,
    /// A bare key of HCL; what is no identifier needs double quotes.
    Identifier,
    /// A bare word of a shell, or of any file where spaces end a word.
    Bare,
    /// Between single quotes of a shell.
    ShellSingle,
    /// Between double quotes of a shell.
    ShellDouble,
    /// In a line of a YAML block scalar, or another text of many lines.
    Line,
}

/// What a file says, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// What the builder gets; `None` where that can't be known.
    pub text: Option<String>,
    /// Where it is written: the text itself if it is literal, else the expression.
    pub spot: Spot,
    /// How to write another text at the place; `None` if the place does not hold just this text.
    pub quoting: Option<Quoting>,
    /// How sure `text` is: a literal is certain, what a default or a single assignment gives is likely.
    pub certainty: Certainty,
    /// Where it comes from, if not from a literal at this very place: "the default of `STAGE`". Empty for a literal.
    pub why: &'static str,
}

impl Spot {
    pub fn new(file: &Arc<Path>, range: Range<usize>) -> Spot {
        Spot { file: file.clone(), range }
    }

    /// Whether `offset` (bytes) stands in it or at its end.
    pub fn touches(&self, offset: usize) -> bool {
        self.range.start <= offset && offset <= self.range.end
    }
}

impl Value {
    /// A text that stands at its place as it is.
    pub fn literal(text: impl Into<String>, spot: Spot, quoting: Quoting) -> Value {
        Value {
            text: Some(text.into()),
            spot,
            quoting: Some(quoting),
            certainty: Certainty::Certain,
            why: "",
        }
    }

    /// An expression at `spot` whose value nobody can know.
    pub fn unknown(spot: Spot, why: &'static str) -> Value {
        Value { text: None, spot, quoting: None, certainty: Certainty::Unknown, why }
    }

    /// A text that an expression at `spot` comes to.
    pub fn computed(text: impl Into<String>, spot: Spot, certainty: Certainty, why: &'static str) -> Value {
        Value { text: Some(text.into()), spot, quoting: None, certainty, why }
    }

    /// Whether the place holds the text itself, so that another can be written there.
    pub fn is_literal(&self) -> bool {
        self.quoting.is_some()
    }

    /// The text, if it is known and there is some.
    pub fn known(&self) -> Option<&str> {
        self.text.as_deref().filter(|text| !text.is_empty())
    }
}

impl Quoting {
    /// `text` as it has to be written there; `None` if it can't be.
    pub fn write(self, text: &str) -> Option<String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '@' | '+');
        match self {
            _ if text.chars().any(char::is_control) => None,
            Quoting::YamlSingle => Some(text.replace('\'', "''")),
            // `${` starts an interpolation in HCL, `$` one in Compose.
            Quoting::Double if !text.contains('$') => Some(text.replace('\\', "\\\\").replace('"', "\\\"")),
            Quoting::DoubleWhole => Quoting::Double.write(text).map(|inner| format!("\"{inner}\"")),
            Quoting::Identifier if is_identifier(text) => Some(text.to_owned()),
            Quoting::Identifier => Quoting::DoubleWhole.write(text),
            Quoting::ShellSingle if !text.contains('\'') => Some(text.to_owned()),
            Quoting::ShellDouble if !text.contains(['"', '\\', '$', '`']) => Some(text.to_owned()),
            Quoting::YamlPlain if is_keyword(text) => Some(format!("\"{text}\"")),
            Quoting::YamlPlain | Quoting::Bare | Quoting::Line if text.chars().all(is_plain) => {
                Some(text.to_owned())
            }
            _ => None,
        }
    }
}

/// Whether HCL takes a text for a name (HCL syntax specification, "Identifiers").
fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// Whether a plain YAML scalar of that text is no string: `null` and the booleans of YAML 1.2's core schema. The longer list
/// of YAML 1.1 (`yes`, `off`) is quoted as well, which harms nobody.
fn is_keyword(text: &str) -> bool {
    ["null", "true", "false", "yes", "no", "on", "off", "y", "n", ""]
        .iter()
        .any(|keyword| keyword.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_text_is_written_in_the_style_of_its_place() {
        assert_eq!(Quoting::YamlPlain.write("app-2"), Some("app-2".into()));
        assert_eq!(Quoting::YamlPlain.write("null"), Some("\"null\"".into()));
        assert_eq!(Quoting::YamlPlain.write("a b"), None);
        assert_eq!(Quoting::YamlSingle.write("it's"), Some("it''s".into()));
        assert_eq!(Quoting::Double.write(r#"a"\b"#), Some(r#"a\"\\b"#.into()));
        assert_eq!(Quoting::Double.write("${x}"), None);
        assert_eq!(Quoting::Identifier.write("a-b"), Some("a-b".into()));
        assert_eq!(Quoting::Identifier.write("a.b"), Some("\"a.b\"".into()));
        assert_eq!(Quoting::DoubleWhole.write("a"), Some("\"a\"".into()));
        assert_eq!(Quoting::ShellSingle.write("it's"), None);
        assert_eq!(Quoting::ShellDouble.write("a b"), Some("a b".into()));
        assert_eq!(Quoting::Bare.write("a b"), None);
        assert_eq!(Quoting::Double.write("a\nb"), None);
    }
}
