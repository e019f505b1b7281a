//! `$VARIABLE` and `${VARIABLE:-default}` in the values of a Compose file (compose-go template/template.go).

use std::{ops::Range, path::Path, sync::Arc};

use super::{
    super::{
        decoded::Decoded,
        node::{Scalar, Style},
        value::{Certainty, Quoting, Spot, Value},
    },
    environment::{Variable, Variables},
};

/// How deep defaults may nest. Deeper ones are unknown.
const DEPTH: usize = 20;

/// What a text comes to.
#[derive(Debug)]
pub struct Expanded {
    decoded: Decoded,
    /// Why the text is not known, or not all of it.
    unknown: Option<&'static str>,
    /// What it was that made the text other than it is written; empty if nothing.
    why: &'static str,
    /// Compose refuses it: it is no valid expression, or a variable that is needed is not there.
    pub is_refused: bool,
}

const DECIDES: &str = "a variable decides";

/// Expands the variables in a part (bytes of the text) of a scalar.
pub fn expand(scalar: &Scalar, part: Range<usize>, variables: &Variables) -> Expanded {
    let mut expanded = Expanded { decoded: Decoded::default(), unknown: None, why: "", is_refused: false };
    Template { scalar, variables }.expand(part, 0, &mut expanded);
    expanded
}

/// The value of a part (bytes of the text) of a scalar of `file`, and whether Compose takes it.
pub fn value(scalar: &Scalar, part: Range<usize>, file: &Arc<Path>, variables: &Variables) -> (Value, bool) {
    let expanded = expand(scalar, part.clone(), variables);
    let written = scalar.place(part.clone()).unwrap_or_else(|| scalar.range.clone());
    let is_fine = !expanded.is_refused;
    if let Some(why) = expanded.unknown {
        return (Value::unknown(Spot::new(file, written), why), is_fine);
    }
    let text = expanded.decoded.text;
    if expanded.why.is_empty() {
        let is_all = part == (0..scalar.text.len());
        let quoting =
            scalar.place(part).and_then(|_| if is_all { scalar.quoting() } else { inner_quoting(scalar) });
        let literal = Value::literal(text, Spot::new(file, written), Quoting::Line);
        return (Value { quoting, ..literal }, is_fine);
    }
    // The default of a variable, which can be edited where it stands.
    let place = match expanded.decoded.pieces.as_slice() {
        [piece] if piece.len == text.len() => Some(piece.file..piece.file + piece.len),
        _ => None,
    };
    let spot = Spot::new(file, place.clone().unwrap_or(written));
    let computed = Value::computed(text, spot, Certainty::Likely, expanded.why);
    (Value { quoting: place.map(|_| Quoting::Bare), ..computed }, is_fine)
}

/// `scalar` with its variables expanded; unknown ones are nothing.
pub fn scalar(scalar: &Scalar, variables: &Variables) -> (Scalar, bool) {
    let expanded = expand(scalar, 0..scalar.text.len(), variables);
    let is_fine = !expanded.is_refused;
    (Scalar { text: expanded.decoded.text, pieces: expanded.decoded.pieces, ..scalar.clone() }, is_fine)
}

/// How to write a part of a scalar that is not all of it.
fn inner_quoting(scalar: &Scalar) -> Option<Quoting> {
    Some(match scalar.style {
        Style::Plain => Quoting::Bare,
        Style::Single => Quoting::YamlSingle,
        Style::Double => Quoting::Double,
        Style::Literal | Style::Folded => Quoting::Line,
    })
}

struct Template<'a> {
    scalar: &'a Scalar,
    variables: &'a Variables,
}

impl Template<'_> {
    fn expand(&self, part: Range<usize>, depth: usize, out: &mut Expanded) {
        let mut at = part.start;
        while at < part.end {
            let rest = &self.scalar.text[at..part.end];
            let Some(dollar) = rest.find('$') else {
                out.decoded.copy(self.scalar, at..part.end);
                return;
            };
            out.decoded.copy(self.scalar, at..at + dollar);
            at += dollar;
            at += self.variable(at..part.end, depth, out);
        }
    }

    /// The expression at the start of `part`; gives its length.
    fn variable(&self, part: Range<usize>, depth: usize, out: &mut Expanded) -> usize {
        let rest = &self.scalar.text[part.start + 1..part.end];
        if rest.starts_with('$') {
            out.decoded.copy(self.scalar, part.start..part.start + 1);
            out.why = "a dollar is written twice";
            return 2;
        }
        if let Some(braced) = rest.strip_prefix('{') {
            let Some(len) = closing_brace(braced) else {
                out.refuse("an expression is not closed");
                return part.len();
            };
            let inner = part.start + 2..part.start + 2 + len;
            self.braced(inner, depth, out);
            return len + 3;
        }
        let len = name_len(rest);
        if len == 0 {
            out.refuse("a dollar stands for itself only if written twice");
            return 1;
        }
        match self.variables.get(&rest[..len]) {
            Variable::Set(value) => out.set(&value),
            Variable::Unset => out.set(""),
            Variable::Unknown => out.unknown = Some(DECIDES),
        }
        len + 1
    }

    /// What stands between braces.
    fn braced(&self, inner: Range<usize>, depth: usize, out: &mut Expanded) {
        let text = &self.scalar.text[inner.clone()];
        let name = name_len(text);
        if name == 0 || depth >= DEPTH {
            out.refuse("no name of a variable");
            return;
        }
        let variable = self.variables.get(&text[..name]);
        let operator = &text[name..];
        let is_strict = operator.starts_with(':');
        let operator = operator.strip_prefix(':').unwrap_or(operator);
        let operand = inner.end - operator.len() + usize::from(!operator.is_empty())..inner.end;
        let is_empty = |value: &str| is_strict && value.is_empty();
        match (operator.bytes().next(), variable) {
            (None, _) if is_strict => out.refuse("no operator"),
            (None, Variable::Set(value)) => out.set(&value),
            (None, Variable::Unset) => out.set(""),
            (Some(b'-'), Variable::Set(value)) if !is_empty(&value) => out.set(&value),
            (Some(b'-'), _) => {
                out.why = "the default of a variable";
                self.expand(operand, depth + 1, out);
            }
            (Some(b'?'), Variable::Set(value)) if !is_empty(&value) => out.set(&value),
            (Some(b'?'), Variable::Set(_) | Variable::Unset) => out.refuse("a variable has to be set"),
            (Some(b'+'), Variable::Set(value)) if !is_empty(&value) => {
                out.why = "a variable is set";
                self.expand(operand, depth + 1, out);
            }
            (Some(b'+'), Variable::Set(_) | Variable::Unset) => out.set(""),
            (None | Some(b'?' | b'+'), Variable::Unknown) => out.unknown = Some(DECIDES),
            (Some(_), _) => out.refuse("no such operator"),
        }
    }
}

impl Expanded {
    fn set(&mut self, value: &str) {
        self.decoded.text.push_str(value);
        self.why = "the value of a variable";
    }

    fn refuse(&mut self, why: &'static str) {
        self.unknown = Some(why);
        self.is_refused = true;
    }
}

/// The length of the variable's name at the start of `text`.
fn name_len(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(text.len())
}

/// Where the brace stands that closes an expression; `text` starts behind the one that opens it.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 1;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if at > 0 && bytes[at - 1] == b'$' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{super::model::Environment, *};
    use crate::builds::files::Memory;

    /// The value of `a: WRITTEN`, with the text at its spot.
    fn read(written: &str, shell: &Environment, dotenv: &str) -> (Value, String, bool) {
        let source = format!("a: {written}\n");
        let root = crate::builds::yaml::read(&source).roots.remove(0);
        let scalar = root.get("a").unwrap().scalar().unwrap().clone();
        let memory = Memory::new(&[(".env", dotenv)]);
        let variables = Variables::of(shell, &memory.root, &memory);
        let file: Arc<Path> = Arc::from(Path::new("/project/compose.yaml"));
        let (value, is_fine) = value(&scalar, 0..scalar.text.len(), &file, &variables);
        let spot = source[value.spot.range.clone()].to_owned();
        (value, spot, is_fine)
    }

    fn exact(variables: &[(&str, &str)]) -> Environment {
        Environment::Exact(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    #[test]
    fn with_a_known_environment_everything_is_known() {
        let shell = exact(&[("A", "x"), ("E", "")]);
        for (written, expected) in [
            ("$A", "x"),
            ("${A}", "x"),
            ("$B", ""),
            ("${A:-d}", "x"),
            ("${B:-d}", "d"),
            ("${E:-d}", "d"),
            ("${E-d}", ""),
            ("${B-d}", "d"),
            ("${B:-${E:-deep}}", "deep"),
            ("pre-${B:-x}-post", "pre-x-post"),
            ("${A:+set}", "set"),
            ("${E:+set}", ""),
            ("${E+set}", "set"),
            ("${B:+set}", ""),
            ("${A:?must}", "x"),
            ("$$A", "$A"),
            ("a$${A}", "a${A}"),
            ("$A$F", "xf"),
            ("plain", "plain"),
        ] {
            let (value, _, is_fine) = read(written, &shell, "F=f\nA=other\n");
            assert_eq!(value.text.as_deref(), Some(expected), "{written}");
            assert!(is_fine);
        }
        for refused in ["${B:?must}", "${B?must}", "${A", "$1", "${}", "${A!x}", "a$", "${A:}"] {
            let (value, _, is_fine) = read(refused, &shell, "");
            assert_eq!((value.text, is_fine), (None, false), "{refused}");
        }
    }

    #[test]
    fn with_an_unknown_environment_defaults_and_dotenv_are_likely() {
        let (value, spot, _) = read("${STAGE:-dev}", &Environment::Unknown, "");
        assert_eq!((value.text.as_deref(), spot.as_str()), (Some("dev"), "dev"));
        assert_eq!((value.certainty, value.quoting), (Certainty::Likely, Some(Quoting::Bare)));
        let (value, spot, _) = read("'${A:-${B:-deep}}'", &Environment::Unknown, "");
        assert_eq!((value.text.as_deref(), spot.as_str()), (Some("deep"), "deep"));
        let (value, spot, _) = read("${A:-x}-y", &Environment::Unknown, "");
        assert_eq!((value.text.as_deref(), spot.as_str(), value.quoting), (Some("x-y"), "${A:-x}-y", None));
        let (value, _, _) = read("$STAGE", &Environment::Unknown, "STAGE=dev");
        assert_eq!((value.text.as_deref(), value.quoting), (Some("dev"), None));
        for unknown in ["$STAGE", "${STAGE:?x}", "${STAGE:+x}", "a-$STAGE"] {
            let (value, spot, is_fine) = read(unknown, &Environment::Unknown, "");
            assert_eq!((value.text, spot.as_str(), is_fine), (None, unknown, true), "{unknown}");
        }
    }

    #[test]
    fn a_text_without_variables_is_a_literal() {
        let (value, spot, _) = read("'dev'", &Environment::Unknown, "");
        assert_eq!((value.quoting, value.certainty), (Some(Quoting::YamlSingle), Certainty::Certain));
        assert_eq!(spot, "dev");
        let (value, spot, _) = read("\"d\\x65v\"", &Environment::Unknown, "");
        assert_eq!((value.text.as_deref(), value.quoting, spot.as_str()), (Some("dev"), None, "d\\x65v"));
    }

    #[test]
    fn defaults_nest_only_so_deep() {
        let deep = "${A:-".repeat(5000) + "x" + &"}".repeat(5000);
        assert_eq!(read(&deep, &Environment::Unknown, "").0.text, None);
    }
}
