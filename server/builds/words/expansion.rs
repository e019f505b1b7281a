//! The parts of a word: quotes, variables, substitutions, and what a template engine puts in.

use std::ops::Range;

use super::{
    Dialect,
    reader::Reader,
    word::{Kind, Part, Word},
};
use crate::builds::value::Quoting;

/// Flags of building whose value is no text of several lines. A quote behind them that does not end in its line is being typed.
const ONE_LINE: [&str; 6] =
    ["--target", "--file", "--dockerfile", "--build-context", "--no-cache-filter", "--context"];

impl Reader<'_> {
    /// The next part of a word that is not quoted.
    pub fn part(&mut self, parts: &mut Vec<Part>, previous: Option<&Word>) {
        let Some(byte) = self.peek() else { return };
        if self.outer_expansion(parts) {
            return;
        }
        match byte {
            b'\'' if self.is_apostrophe() => self.plain(parts, Quoting::Bare),
            b'\'' if self.dialect == Dialect::Cmd => self.plain(parts, Quoting::Bare),
            b'\'' | b'"' => self.quoted(byte, parts, previous),
            b'$' if self.dialect != Dialect::Cmd => self.dollar(parts, Quoting::Bare),
            b'%' if self.dialect == Dialect::Cmd => self.percent(parts),
            b'`' if self.dialect != Dialect::PowerShell && self.dialect != Dialect::Cmd => {
                self.backtick(parts)
            }
            byte if self.is_escape(byte) => self.escaped(parts),
            b'*' | b'?' | b'[' | b']' | b'{' | b'}' | b'~' if self.pattern(parts) => {}
            b'<' => match self.placeholder() {
                Some(end) => self.push(parts, self.at..end, Kind::Placeholder),
                None => self.plain(parts, Quoting::Bare),
            },
            _ => self.plain(parts, Quoting::Bare),
        }
    }

    /// Adds a part without a text, and passes it.
    fn push(&mut self, parts: &mut Vec<Part>, range: Range<usize>, kind: Kind) {
        self.at = range.end;
        parts.push(Part { text: String::new(), place: (self.place)(range), kind });
    }

    /// Adds a part that stands there as it is.
    fn push_plain(&self, parts: &mut Vec<Part>, range: Range<usize>, quoting: Quoting) {
        let text = self.text.get(range.clone()).unwrap_or("").to_owned();
        parts.push(Part { text, place: (self.place)(range), kind: Kind::Plain(quoting) });
    }

    /// Characters without a meaning, one at least.
    fn plain(&mut self, parts: &mut Vec<Part>, quoting: Quoting) {
        let start = self.at;
        self.at += self.rest().chars().next().map_or(1, char::len_utf8);
        while let Some(byte) = self.peek() {
            let is_special = matches!(
                byte,
                b'\''
                    | b'"'
                    | b'$'
                    | b'`'
                    | b'\\'
                    | b'^'
                    | b'%'
                    | b'*'
                    | b'?'
                    | b'['
                    | b']'
                    | b'{'
                    | b'}'
                    | b'~'
            );
            if is_special || self.ends_word(byte) {
                break;
            }
            self.at += 1;
        }
        if self.is_prose() && self.text[start..self.at].contains('…')
            || self.text[start..self.at].contains("...")
        {
            return self.push(parts, start..self.at, Kind::Placeholder);
        }
        self.push_plain(parts, start..self.at, quoting);
    }

    fn is_prose(&self) -> bool {
        matches!(self.dialect, Dialect::Console | Dialect::Prose)
    }

    /// The quote of "doesn't" where people write sentences.
    fn is_apostrophe(&self) -> bool {
        let before = self.text[..self.at].chars().next_back();
        let after = self.text[self.at..self.end].chars().nth(1);
        self.is_prose()
            && before.is_some_and(char::is_alphanumeric)
            && after.is_some_and(char::is_alphanumeric)
    }

    fn is_escape(&self, byte: u8) -> bool {
        match self.dialect {
            Dialect::PowerShell => byte == b'`',
            Dialect::Cmd => byte == b'^',
            Dialect::Posix | Dialect::Make | Dialect::Just | Dialect::Console | Dialect::Prose => {
                byte == b'\\'
            }
        }
    }

    /// An escape and the character behind it.
    fn escaped(&mut self, parts: &mut Vec<Part>) {
        let start = self.at;
        self.at += 1;
        let text = self.rest().chars().next().filter(|c| !matches!(c, '\n' | '\r'));
        self.at += text.map_or(0, char::len_utf8);
        let text = text.map(String::from).unwrap_or_default();
        parts.push(Part { text, place: (self.place)(start..self.at), kind: Kind::Escaped });
    }

    /// What stands for other texts; `false` if the character means itself here.
    fn pattern(&mut self, parts: &mut Vec<Part>) -> bool {
        let start = self.at;
        let kind = match self.peek() {
            Some(b'~') if !parts.is_empty() => return false,
            Some(b'[') if self.is_prose() => Kind::Placeholder,
            Some(b'{' | b'}') => {
                let inner = self.rest().bytes().skip(1).take(200);
                let inner = inner.take_while(|byte| !byte.is_ascii_whitespace() && *byte != b'}');
                if !inner.into_iter().any(|byte| matches!(byte, b',' | b'.')) {
                    return false;
                }
                Kind::Pattern
            }
            _ if matches!(self.dialect, Dialect::Cmd | Dialect::PowerShell) => return false,
            _ => Kind::Pattern,
        };
        self.push(parts, start..start + 1, kind);
        true
    }

    /// The end of `<name>`, if somebody leaves it to the reader what to write.
    pub fn placeholder(&self) -> Option<usize> {
        if !self.is_prose() || !self.starts("<") {
            return None;
        }
        let inner = self.rest()[1..].bytes();
        let len = inner
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_ ./:".contains(byte))
            .take(60)
            .count();
        let end = self.at + 1 + len;
        (len > 0 && self.byte(end) == Some(b'>')).then_some(end + 1)
    }

    /// What others than the shell put in, also between quotes: `{{x}}`, `${{ x }}`, `$[[ x ]]`, make's `$(x)`.
    fn outer_expansion(&mut self, parts: &mut Vec<Part>) -> bool {
        let marks = [("${{", "}}"), ("{{", "}}"), ("$[[", "]]")];
        if let Some((open, close)) = marks.into_iter().find(|(open, _)| self.starts(open)) {
            self.template(open, close, parts);
            return true;
        }
        if self.dialect != Dialect::Make || self.peek() != Some(b'$') || self.byte(self.at + 1) == Some(b'$')
        {
            return false;
        }
        self.make_variable(parts);
        true
    }

    fn template(&mut self, open: &str, close: &str, parts: &mut Vec<Part>) {
        let line_end = self.line_end(self.at);
        let inner = &self.text[self.at + open.len()..line_end];
        let Some(len) = inner.find(close) else {
            return self.push(parts, self.at..line_end, Kind::Unknown("an expression that is being typed"));
        };
        let name = inner[..len].trim().to_owned();
        let end = self.at + open.len() + len + close.len();
        self.push(parts, self.at..end, Kind::Variable { name, default: None, is_outer: true });
    }

    /// `$(X)`, `${X}`, `$@` or `$(shell …)` of make.
    fn make_variable(&mut self, parts: &mut Vec<Part>) {
        let start = self.at;
        let (open, close) = match self.byte(start + 1) {
            Some(b'(') => (b'(', b')'),
            Some(b'{') => (b'{', b'}'),
            Some(byte) if byte.is_ascii() && byte > b' ' => {
                let name = char::from(byte).to_string();
                return self.push(
                    parts,
                    start..start + 2,
                    Kind::Variable { name, default: None, is_outer: true },
                );
            }
            _ => return self.push_and_pass(parts, start..start + 1),
        };
        let inside = self.text[start + 2..self.end].trim_start();
        if inside.starts_with("shell ") && open == b'(' {
            let keyword = self.text[start..self.end].len() - inside.len() + "shell ".len();
            self.nested(keyword, close);
            return self.push(parts, start..self.at, Kind::Unknown("the output of a command"));
        }
        let Some(end) = self.balanced(start + 2, open, close) else {
            let end = self.line_end(start);
            return self.push(parts, start..end, Kind::Unknown("an expression that is being typed"));
        };
        let name = self.text[start + 2..end - 1].to_owned();
        let kind = match name.contains([' ', ',', '$', ':']) {
            true => Kind::Unknown("a function of make decides"),
            false => Kind::Variable { name, default: None, is_outer: true },
        };
        self.push(parts, start..end, kind);
    }

    fn push_and_pass(&mut self, parts: &mut Vec<Part>, range: Range<usize>) {
        self.push_plain(parts, range.clone(), Quoting::Bare);
        self.at = range.end;
    }

    /// The end behind the bracket that closes the one before `start`, in the same line.
    fn balanced(&self, start: usize, open: u8, close: u8) -> Option<usize> {
        let mut depth = 1;
        for (at, byte) in (start..).zip(&self.text.as_bytes()[start.min(self.end)..self.end]) {
            match *byte {
                b'\n' => return None,
                byte if byte == close => depth -= 1,
                byte if byte == open => depth += 1,
                _ => {}
            }
            if depth == 0 {
                return Some(at + 1);
            }
        }
        None
    }

    /// `$X`, `${X}`, `$( … )` of a shell; in a recipe of make at the first of two `$`.
    fn dollar(&mut self, parts: &mut Vec<Part>, quoting: Quoting) {
        let start = self.at;
        let is_doubled = self.dialect == Dialect::Make;
        let sign = if is_doubled { start + 1 } else { start };
        match self.byte(sign + 1) {
            Some(b'(') if self.byte(sign + 2) == Some(b'(') => {
                let end = self.balanced(sign + 2, b'(', b')').unwrap_or_else(|| self.line_end(start));
                self.push(parts, start..end, Kind::Unknown("it is calculated"));
            }
            Some(b'(') => {
                self.nested(sign + 2 - start, b')');
                self.push(parts, start..self.at.max(sign + 2), Kind::Unknown("the output of a command"));
            }
            Some(b'{') => self.braced(start, sign + 2, parts),
            Some(b'\'') if quoting == Quoting::Bare => self.at = sign + 1,
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
                let is_name =
                    |byte: &u8| is_name(byte) || (*byte == b':' && self.dialect == Dialect::PowerShell);
                let len =
                    self.text.as_bytes()[sign + 1..self.end].iter().take_while(|byte| is_name(byte)).count();
                let name = self.text[sign + 1..sign + 1 + len].to_owned();
                let kind = Kind::Variable { name, default: None, is_outer: false };
                self.push(parts, start..sign + 1 + len, kind);
            }
            Some(byte) if byte.is_ascii_digit() || b"@*#?!-$".contains(&byte) => {
                self.push(parts, start..sign + 2, Kind::Unknown("the caller of the script decides"));
            }
            _ => {
                self.push_plain(parts, sign..sign + 1, quoting);
                self.at = sign + 1;
            }
        }
    }

    /// `${ … }`; `inner` is behind the bracket.
    fn braced(&mut self, start: usize, inner: usize, parts: &mut Vec<Part>) {
        let Some(end) = self.balanced(inner, b'{', b'}') else {
            let end = self.line_end(start);
            return self.push(parts, start..end, Kind::Unknown("an expression that is being typed"));
        };
        let text = &self.text[inner..end - 1];
        let len = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let len = if self.dialect == Dialect::PowerShell { text.len() } else { len };
        let (name, rest) = text.split_at(len);
        let operator = [":-", ":=", "-", "="].into_iter().find(|operator| rest.starts_with(operator));
        let is_plain =
            rest.is_empty() || operator.is_some() || rest.starts_with(":?") || rest.starts_with('?');
        if name.is_empty() || !is_plain {
            return self.push(parts, start..end, Kind::Unknown("it is made from a variable"));
        }
        let default = operator.and_then(|operator| self.default(inner + len + operator.len()..end - 1));
        let name = name.to_owned();
        self.push(
            parts,
            start..end,
            Kind::Variable { name, default: default.map(Box::new), is_outer: false },
        );
    }

    /// The literal text of a default.
    fn default(&self, range: Range<usize>) -> Option<Part> {
        let text = &self.text[range.clone()];
        let quote = ['\'', '"']
            .into_iter()
            .find(|quote| text.len() > 1 && text.starts_with(*quote) && text.ends_with(*quote));
        let (range, quoting) = match quote {
            Some('\'') => (range.start + 1..range.end - 1, Quoting::ShellSingle),
            Some(_) => (range.start + 1..range.end - 1, Quoting::ShellDouble),
            None => (range, Quoting::Bare),
        };
        let text = &self.text[range.clone()];
        let is_literal =
            !text.contains(['$', '`', '\'', '"', '\\', '{', '}', '*', '?', '[', '~', '\n', '<', '>']);
        let part =
            || Part { text: text.into(), place: (self.place)(range.clone()), kind: Kind::Plain(quoting) };
        is_literal.then(part)
    }

    /// `%X%` of cmd.
    fn percent(&mut self, parts: &mut Vec<Part>) {
        let start = self.at;
        let line_end = self.line_end(start);
        let inner = &self.text[start + 1..line_end];
        match inner.find('%') {
            Some(len) if len > 0 && !inner[..len].contains(' ') => {
                let name = inner[..len].to_owned();
                let kind = Kind::Variable { name, default: None, is_outer: false };
                self.push(parts, start..start + len + 2, kind);
            }
            _ => {
                let digits =
                    inner.bytes().take_while(|byte| b"%~*".contains(byte) || byte.is_ascii_alphanumeric());
                let end = start + 1 + digits.take(8).count();
                self.push(parts, start..end, Kind::Unknown("the caller of the script decides"));
            }
        }
    }

    fn backtick(&mut self, parts: &mut Vec<Part>) {
        let start = self.at;
        self.nested(1, b'`');
        self.push(parts, start..self.at, Kind::Unknown("the output of a command"));
    }

    /// A part between quotes. One that is not closed ends with its line.
    fn quoted(&mut self, quote: u8, parts: &mut Vec<Part>, previous: Option<&Word>) {
        let start = self.at;
        let is_open = if quote == b'"' { self.double_is_open } else { self.single_is_open };
        if !is_open && !self.cut.contains(&start) {
            let is_one_line = is_one_line(parts, previous);
            let before = (parts.len(), self.items.len(), self.heredocs.len(), self.bodies.len());
            self.at += 1;
            if self.inside(quote, parts, is_one_line) {
                return;
            }
            if self.at >= self.end && self.end == self.text.len() {
                match quote {
                    b'"' => self.double_is_open = true,
                    _ => self.single_is_open = true,
                }
            }
            self.cut.insert(start);
            parts.truncate(before.0);
            self.items.truncate(before.1);
            self.heredocs.truncate(before.2);
            self.bodies.truncate(before.3);
        }
        self.at = start + 1;
        let line = &self.text[self.at..self.line_end(self.at)];
        let line = line.trim_end();
        let line = line.strip_suffix(['\\', '`', '^']).unwrap_or(line);
        let end = std::mem::replace(&mut self.end, start + 1 + line.len());
        self.inside(quote, parts, true);
        self.at = self.end.max(self.at);
        self.end = end;
    }

    /// Reads up to the closing quote and passes it; `false` if there is none.
    fn inside(&mut self, quote: u8, parts: &mut Vec<Part>, is_one_line: bool) -> bool {
        let quoting = if quote == b'"' { Quoting::ShellDouble } else { Quoting::ShellSingle };
        let before = parts.len();
        let mut start = self.at;
        macro_rules! flush {
            () => {
                if start < self.at {
                    self.push_plain(parts, start..self.at, quoting);
                }
            };
        }
        loop {
            let Some(byte) = self.peek() else {
                flush!();
                if parts.len() == before {
                    self.push_plain(parts, self.at..self.at, quoting);
                }
                return false;
            };
            let is_outer = ["${{", "{{", "$[["].iter().any(|mark| self.starts(mark));
            let is_make = self.dialect == Dialect::Make && byte == b'$';
            match byte {
                b'\n' if is_one_line => return false,
                byte if byte == quote => {
                    let doubles = matches!(self.dialect, Dialect::PowerShell | Dialect::Cmd);
                    flush!();
                    if doubles && self.byte(self.at + 1) == Some(quote) {
                        let place = (self.place)(self.at..self.at + 2);
                        let text = char::from(quote).to_string();
                        parts.push(Part { text, place, kind: Kind::Escaped });
                        self.at += 2;
                        start = self.at;
                        continue;
                    }
                    if parts.len() == before {
                        self.push_plain(parts, self.at..self.at, quoting);
                    }
                    self.at += 1;
                    return true;
                }
                _ if is_outer || (is_make && self.byte(self.at + 1) != Some(b'$')) => {
                    flush!();
                    self.outer_expansion(parts);
                    start = self.at;
                }
                _ if quote == b'\'' => self.at += 1,
                b'$' if self.dialect != Dialect::Cmd => {
                    flush!();
                    self.dollar(parts, quoting);
                    start = self.at;
                }
                b'%' if self.dialect == Dialect::Cmd => {
                    flush!();
                    self.percent(parts);
                    start = self.at;
                }
                b'`' if !matches!(self.dialect, Dialect::PowerShell | Dialect::Cmd) => {
                    flush!();
                    self.backtick(parts);
                    start = self.at;
                }
                b'\\' | b'`' if self.is_escape(byte) => {
                    let next = self.byte(self.at + 1);
                    let escapes = next.is_some_and(|next| b"$`\"\\\n\r".contains(&next));
                    if !escapes {
                        self.at += 1;
                        continue;
                    }
                    flush!();
                    match self.join() {
                        Some(len) => self.at += len,
                        None => self.escaped(parts),
                    }
                    start = self.at;
                }
                _ => self.at += 1,
            }
        }
    }
}

/// Whether a quote that begins here belongs to the value of a flag that has no lines.
fn is_one_line(parts: &[Part], previous: Option<&Word>) -> bool {
    // A flag is written in one part, mostly; a word of very many parts is none.
    let own: String = parts.iter().take(4).map(|part| part.text.as_str()).collect();
    match own.split_once('=') {
        Some((flag, _)) => ONE_LINE.contains(&flag),
        None => own.is_empty() && previous.is_some_and(|word| ONE_LINE.iter().any(|flag| word.is(flag))),
    }
}
