//! Expressions, by the strength of their operators.

use std::ops::Range;

use crate::builds::node::{Piece, Scalar, Style};

use super::{
    Expr, Kind, Operator,
    parser::{Lines, Parser},
};

impl Parser<'_> {
    /// An expression; what is none is unknown, and may be empty.
    pub fn expression(&mut self, lines: Lines) -> Expr {
        let condition = self.binary(0, lines);
        self.skip_space(lines);
        if self.peek() != Some('?') || self.is_too_deep() {
            return condition;
        }
        let start = condition.range.start;
        self.at += 1;
        self.depth += 1;
        let yes = self.spaced(lines);
        self.skip_space(lines);
        let kind = if self.accept(":") {
            let no = self.spaced(lines);
            Kind::Conditional(Box::new([condition, yes, no]))
        } else {
            self.broken.push(start..self.at);
            Kind::Unknown
        };
        self.depth -= 1;
        Expr { range: start..self.at, kind }
    }

    fn spaced(&mut self, lines: Lines) -> Expr {
        self.skip_space(lines);
        self.expression(lines)
    }

    fn binary(&mut self, strength: usize, lines: Lines) -> Expr {
        let mut left = self.unary(lines);
        // A chain is dropped as deep as it is long.
        for _ in 0..32 {
            let before = self.at;
            self.skip_space(lines);
            let Some((token, operator)) = operator(self.rest()) else { break };
            if operator.strength() < strength || self.is_too_deep() {
                self.at = before;
                break;
            }
            self.at += token.len();
            self.skip_space(lines);
            self.depth += 1;
            let right = self.binary(operator.strength() + 1, lines);
            self.depth -= 1;
            let range = left.range.start..right.range.end;
            left = Expr { range, kind: Kind::Binary(operator, Box::new([left, right])) };
        }
        left
    }

    fn unary(&mut self, lines: Lines) -> Expr {
        let start = self.at;
        if !matches!(self.peek(), Some('!' | '-')) || self.is_too_deep() {
            return self.postfix();
        }
        let is_not = self.peek() == Some('!');
        self.at += 1;
        self.skip_space(lines);
        self.depth += 1;
        let inner = Box::new(self.unary(lines));
        self.depth -= 1;
        Expr { range: start..self.at, kind: if is_not { Kind::Not(inner) } else { Kind::Negative(inner) } }
    }

    fn postfix(&mut self) -> Expr {
        let mut expr = self.primary();
        let mut len = 0;
        loop {
            let start = expr.range.start;
            // A chain is dropped as deep as it is long.
            len += 1;
            let kind = match self.peek() {
                _ if len > 16 => break,
                Some('.') if self.rest().starts_with("...") => break,
                Some('.') => {
                    self.at += 1;
                    let place = self.at;
                    if let Some(name) = self.identifier() {
                        Kind::Attribute(Box::new(expr), name)
                    } else if let Some(number) = self.digits() {
                        let index = Expr { range: place..self.at, kind: Kind::Number(number) };
                        Kind::Index(Box::new(expr), Box::new(index))
                    } else {
                        if !self.accept("*") {
                            self.broken.push(place..place);
                        }
                        Kind::Unknown
                    }
                }
                Some('[') if !self.is_too_deep() => {
                    self.at += 1;
                    self.depth += 1;
                    self.skip_space(Lines::Skip);
                    let is_splat = self.accept("*");
                    let index = if is_splat { None } else { Some(self.expression(Lines::Skip)) };
                    self.depth -= 1;
                    self.skip_space(Lines::Skip);
                    self.expect("]");
                    match index {
                        Some(index) => Kind::Index(Box::new(expr), Box::new(index)),
                        None => Kind::Unknown,
                    }
                }
                _ => break,
            };
            expr = Expr { range: start..self.at, kind };
        }
        expr
    }

    fn primary(&mut self) -> Expr {
        let start = self.at;
        if self.is_too_deep() {
            self.skip_line();
            return self.unknown(start);
        }
        let Some(first) = self.peek() else { return self.unknown(start) };
        match first {
            '"' => self.quoted(),
            '<' if self.rest().starts_with("<<") => self.heredoc(),
            '[' => self.list(),
            '{' => self.object(),
            '(' => {
                self.at += 1;
                self.depth += 1;
                let inner = self.spaced(Lines::Skip);
                self.depth -= 1;
                self.skip_space(Lines::Skip);
                self.expect(")");
                Expr { range: start..self.at, kind: inner.kind }
            }
            '0'..='9' => {
                let number = self.number();
                Expr { range: start..self.at, kind: Kind::Number(number) }
            }
            _ => match self.identifier() {
                Some(name) => self.named(start, name),
                None => self.unknown(start),
            },
        }
    }

    fn named(&mut self, start: usize, name: String) -> Expr {
        if self.peek() == Some('(') {
            return self.call(start, name);
        }
        let kind = match name.as_str() {
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            "null" => Kind::Null,
            _ => Kind::Variable(name),
        };
        Expr { range: start..self.at, kind }
    }

    fn call(&mut self, start: usize, name: String) -> Expr {
        self.at += 1;
        let mut expands = false;
        let arguments = self.elements(")", |parser| {
            let argument = parser.expression(Lines::Skip);
            parser.skip_space(Lines::Skip);
            expands |= parser.accept("...");
            argument
        });
        Expr { range: start..self.at, kind: Kind::Call { name, arguments, expands } }
    }

    fn list(&mut self) -> Expr {
        let start = self.at;
        self.at += 1;
        if self.is_for() {
            return self.comprehension(start, ']');
        }
        let elements = self.elements("]", |parser| parser.expression(Lines::Skip));
        Expr { range: start..self.at, kind: Kind::List(elements) }
    }

    /// What stands between brackets, up to and with the closing one. One that is missing is taken for there where something
    /// else begins.
    fn elements(&mut self, close: &str, mut element: impl FnMut(&mut Self) -> Expr) -> Vec<Expr> {
        let mut elements = Vec::new();
        self.depth += 1;
        loop {
            self.skip_space(Lines::Skip);
            if self.accept(close) {
                break;
            }
            if self.is_element_end() {
                self.broken.push(self.at..self.at);
                break;
            }
            let before = self.at;
            let value = element(self);
            let is_empty = self.at == before;
            if !is_empty {
                elements.push(value);
            }
            self.skip_space(Lines::Skip);
            if !self.accept(",") && !self.rest().starts_with(close) && !self.is_element_end() {
                self.broken.push(self.at..self.at);
                if is_empty {
                    self.bump();
                }
            }
        }
        self.depth -= 1;
        elements
    }

    /// Whether nothing of a list can stand here.
    fn is_element_end(&self) -> bool {
        matches!(self.peek(), None | Some('\n' | '}' | ']' | ')'))
    }

    fn object(&mut self) -> Expr {
        let start = self.at;
        let lines = Lines::Object { indent: self.indent(start) };
        self.at += 1;
        if self.is_for() {
            return self.comprehension(start, '}');
        }
        let mut entries = Vec::new();
        self.depth += 1;
        loop {
            self.skip_space(lines);
            if self.accept("}") {
                break;
            }
            if matches!(self.peek(), None | Some('\n')) {
                self.broken.push(self.at..self.at);
                self.note_unclosed();
                break;
            }
            let before = self.at;
            match self.entry() {
                Some(entry) => entries.push(entry),
                None => {
                    if self.at == before {
                        self.bump();
                    }
                    self.skip_line();
                    self.broken.push(before..self.at);
                }
            }
        }
        self.depth -= 1;
        Expr { range: start..self.at, kind: Kind::Object(entries) }
    }

    fn entry(&mut self) -> Option<(Expr, Expr)> {
        let start = self.at;
        let key = self.postfix();
        let key = match key.kind {
            // In parentheses a name is a variable.
            Kind::Variable(name) if name.len() == key.range.len() => bare(name, key.range),
            Kind::Unknown if self.at == start => return None,
            _ => key,
        };
        self.skip_space(Lines::End);
        if !self.accept("=") && !self.accept(":") {
            return None;
        }
        let behind = self.at;
        self.skip_space(Lines::End);
        let value = match self.peek() {
            None | Some('\n' | '}' | ',') => {
                let place = self.at.min(behind + 1);
                self.broken.push(place..place);
                Expr { range: place..place, kind: Kind::Missing }
            }
            // Lines go on only between brackets of its own.
            _ => self.expression(Lines::End),
        };
        self.skip_space(Lines::End);
        if !self.accept(",") && !matches!(self.peek(), None | Some('\n' | '}')) {
            let rest = self.at;
            self.skip_line();
            self.broken.push(rest..self.at);
        }
        Some((key, value))
    }

    fn is_for(&mut self) -> bool {
        let before = self.at;
        self.skip_space(Lines::Skip);
        let rest = self.rest();
        let is_for = rest.starts_with("for ") || rest.starts_with("for\t");
        self.at = before;
        is_for
    }

    /// `for`: nothing of it is worked out.
    fn comprehension(&mut self, start: usize, close: char) -> Expr {
        let mut open = vec![close];
        while let Some(expected) = open.last().copied() {
            self.skip_space(Lines::Skip);
            match self.peek() {
                None | Some('\n') => {
                    self.broken.push(self.at..self.at);
                    break;
                }
                Some('"') => {
                    self.quoted();
                    continue;
                }
                Some(c) if c == expected => {
                    open.pop();
                }
                Some('[') => open.push(']'),
                Some('{') => open.push('}'),
                Some('(') => open.push(')'),
                Some(_) => {}
            }
            self.bump();
        }
        Expr { range: start..self.at, kind: Kind::Unknown }
    }

    fn digits(&mut self) -> Option<String> {
        let len = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let digits = self.rest()[..len].to_owned();
        self.at += len;
        Some(digits).filter(|digits| !digits.is_empty())
    }

    fn number(&mut self) -> String {
        let start = self.at;
        self.digits();
        if self.rest().starts_with('.') && self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) {
            self.at += 1;
            self.digits();
        }
        let rest = self.rest();
        if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if unsigned.starts_with(|c: char| c.is_ascii_digit()) {
                self.at += rest.len() - unsigned.len();
                self.digits();
            }
        }
        self.text[start..self.at].to_owned()
    }

    fn expect(&mut self, token: &str) {
        if !self.accept(token) {
            self.broken.push(self.at..self.at);
        }
    }

    fn unknown(&mut self, start: usize) -> Expr {
        self.broken.push(start..self.at);
        Expr { range: start..self.at, kind: Kind::Unknown }
    }
}

/// A key without quotes is the text that it is.
fn bare(name: String, range: Range<usize>) -> Expr {
    let pieces = vec![Piece { text: 0, file: range.start, len: name.len() }];
    let scalar = Scalar { text: name, range: range.clone(), style: Style::Plain, is_text: true, pieces };
    Expr { range, kind: Kind::Text { scalar, is_closed: true } }
}

fn operator(text: &str) -> Option<(&'static str, Operator)> {
    const OPERATORS: [(&str, Operator); 13] = [
        ("||", Operator::Or),
        ("&&", Operator::And),
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
        ("+", Operator::Plus),
        ("-", Operator::Minus),
        ("*", Operator::Times),
        ("/", Operator::Divide),
        ("%", Operator::Modulo),
    ];
    OPERATORS.into_iter().find(|(token, _)| text.starts_with(token))
}

impl Operator {
    /// The stronger binds first (HCL syntax specification, "Operations").
    fn strength(self) -> usize {
        match self {
            Operator::Or => 1,
            Operator::And => 2,
            Operator::Equal | Operator::NotEqual => 3,
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => 4,
            Operator::Plus | Operator::Minus => 5,
            Operator::Times | Operator::Divide | Operator::Modulo => 6,
        }
    }
}
