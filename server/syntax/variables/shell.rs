//! Variables in the text of a shell command, read tolerantly: what is quoted, commented, nested or assigned is told apart;
//! nothing is refused.

use std::ops::Range;

use super::{Operator, Shell};
use crate::shell::Dialect;

/// What a name does where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Read(Shell),
    /// The shell gives it a value, or passes it on: `X=…`, `export X`, `read X`, `for X in`.
    Assignment,
    /// Quoted text that only looks like a variable.
    Text,
}

/// Calls `found` with the range of each name in `text`.
pub fn scan(text: &str, found: &mut dyn FnMut(Range<usize>, Role, Operator)) {
    if text.contains('%') {
        percent_signs(text, found);
    }
    if text.contains(['$', '=']) || ["export", "read", "for", "unset"].iter().any(|word| text.contains(word))
    {
        let frames = vec![Frame::new(Kind::Script)];
        Scanner { text, bytes: text.as_bytes(), at: 0, frames, heredocs: Vec::new(), found }.run();
    }
}

/// Whether a command is a shell: `bash`, `/bin/sh`, but also `cmd` and `powershell`.
pub fn is_shell(command: &str) -> bool {
    Dialect::of(&[command]) != Dialect::Other
}

/// `%X%`, as cmd writes it. Also finds what is none (`date +%Y%m%d`): only the shell tells.
fn percent_signs(text: &str, found: &mut dyn FnMut(Range<usize>, Role, Operator)) {
    let mut at = 0;
    while let Some(start) = text[at..].find('%').map(|start| at + start + 1) {
        let end = start + name_len(&text[start..]);
        if end > start && text[end..].starts_with('%') {
            found(start..end, Role::Read(Shell::Cmd), Operator::Value);
            at = end + 1;
        } else {
            at = start;
        }
    }
}

/// How many bytes at the start of `text` are a name.
pub fn name_len(text: &str) -> usize {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return 0;
    }
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// What the text at the cursor is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Commands, up to the end.
    Script,
    /// Commands, up to a `)`.
    Parentheses,
    /// Commands, up to a backtick.
    Backticks,
    /// Text in double quotes.
    DoubleQuotes,
    /// The operand of `${X…`. Within double quotes, single ones are text.
    Operand { quoted: bool },
    /// `$((…))`, with the number of open parentheses.
    Arithmetic(u32),
}

/// What the words of a command are, from the next one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    /// The command itself is still to come.
    Command,
    /// Names that are exported, read or unset.
    Names,
    /// One name: that of a loop, or of a `test -v`.
    Name,
    Arguments,
}

#[derive(Debug)]
struct Frame {
    kind: Kind,
    words: Words,
    /// Whether the command runs one of its quoted arguments as a script: `sh -c '…'`, `eval '…'`.
    runs_text: bool,
    is_test: bool,
}

impl Frame {
    fn new(kind: Kind) -> Frame {
        Frame { kind, words: Words::Command, runs_text: false, is_test: false }
    }

    fn holds_commands(&self) -> bool {
        matches!(self.kind, Kind::Script | Kind::Parentheses | Kind::Backticks)
    }
}

/// Deepest nesting that is looked at.
const DEEP: usize = 64;

struct Scanner<'a, 'f> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// From outer to inner; never empty.
    frames: Vec<Frame>,
    /// Heredocs whose bodies start at the next line: the delimiter, whether it is quoted, whether tabs are taken off.
    heredocs: Vec<(String, bool, bool)>,
    found: &'f mut dyn FnMut(Range<usize>, Role, Operator),
}

impl Scanner<'_, '_> {
    fn run(mut self) {
        let mut word_starts = true;
        while let Some(&byte) = self.bytes.get(self.at) {
            let frame = self.frames.last().expect("the script's own stays");
            let kind = frame.kind;
            if frame.holds_commands() {
                if word_starts && !byte.is_ascii_whitespace() {
                    if byte == b'#' {
                        self.at = self.comment_end();
                        continue;
                    }
                    self.word();
                }
                word_starts = self.in_command(byte);
                continue;
            }
            word_starts = match kind {
                Kind::DoubleQuotes => self.in_quotes(byte),
                Kind::Operand { quoted } => self.in_operand(byte, quoted),
                Kind::Arithmetic(depth) => self.in_arithmetic(byte, depth),
                Kind::Script | Kind::Parentheses | Kind::Backticks => unreachable!("those hold commands"),
            };
        }
    }

    fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the script's own stays")
    }

    fn push(&mut self, kind: Kind) {
        if self.frames.len() < DEEP {
            self.frames.push(Frame::new(kind));
        }
    }

    fn pop(&mut self) {
        if self.frames.len() > 1 {
            self.frames.pop();
        }
    }

    /// A comment ends with its line, and with the backticks that it stands in.
    fn comment_end(&self) -> usize {
        let in_backticks = self.frames.iter().any(|frame| frame.kind == Kind::Backticks);
        let ends = |c: char| c == '\n' || (c == '`' && in_backticks);
        self.text[self.at..].find(ends).map_or(self.text.len(), |end| self.at + end)
    }

    /// Moves over one character, and the next too if it is escaped.
    fn skip(&mut self, escaped: bool) {
        for _ in 0..1 + usize::from(escaped) {
            self.at += self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        }
    }

    /// One step in a place for commands; says whether a word may start behind it.
    fn in_command(&mut self, byte: u8) -> bool {
        match byte {
            b'\\' => {
                self.text_mention(self.at + 1);
                self.skip(true);
                // A continued line of a script.
                self.bytes.get(self.at.wrapping_sub(1)) == Some(&b'\n')
            }
            b'\'' => {
                self.single_quoted();
                false
            }
            b'"' => {
                self.skip(false);
                self.push(Kind::DoubleQuotes);
                false
            }
            b'`' => {
                self.skip(false);
                if self.top().kind == Kind::Backticks {
                    self.pop();
                    return false;
                }
                self.push(Kind::Backticks);
                true
            }
            b'$' => self.dollar(false),
            b'(' => {
                self.skip(false);
                self.push(Kind::Parentheses);
                true
            }
            b')' => {
                self.skip(false);
                if self.top().kind == Kind::Parentheses {
                    self.pop();
                    return false;
                }
                // The pattern of a case.
                self.command_starts();
                true
            }
            b'\n' => {
                self.skip(false);
                self.command_starts();
                self.heredoc_bodies();
                true
            }
            b';' | b'&' | b'|' => {
                self.skip(false);
                self.command_starts();
                true
            }
            b'<' if self.text[self.at..].starts_with("<<") && !self.text[self.at..].starts_with("<<<") => {
                self.heredoc_marker();
                false
            }
            b'>' | b'<' => {
                self.skip(false);
                false
            }
            _ => {
                self.skip(false);
                byte.is_ascii_whitespace()
            }
        }
    }

    fn command_starts(&mut self) {
        let kind = self.top().kind;
        *self.top() = Frame::new(kind);
    }

    fn in_quotes(&mut self, byte: u8) -> bool {
        match byte {
            b'"' => {
                self.skip(false);
                self.pop();
            }
            b'\\' => {
                let escaped = self.bytes.get(self.at + 1).is_some_and(|next| b"$\"\\`\n".contains(next));
                self.text_mention(self.at + 1);
                self.skip(escaped);
            }
            b'`' => {
                self.skip(false);
                self.push(Kind::Backticks);
                return true;
            }
            b'$' => return self.dollar(true),
            _ => self.skip(false),
        }
        false
    }

    fn in_operand(&mut self, byte: u8, quoted: bool) -> bool {
        match byte {
            b'}' => {
                self.skip(false);
                self.pop();
            }
            b'"' => {
                self.skip(false);
                self.push(Kind::DoubleQuotes);
            }
            b'\'' if !quoted => self.single_quoted(),
            b'\\' => self.skip(true),
            b'$' => return self.dollar(quoted),
            _ => self.skip(false),
        }
        false
    }

    fn in_arithmetic(&mut self, byte: u8, depth: u32) -> bool {
        match byte {
            b'(' => {
                self.skip(false);
                self.top().kind = Kind::Arithmetic(depth + 1);
            }
            b')' => {
                self.skip(false);
                if depth > 0 {
                    self.top().kind = Kind::Arithmetic(depth - 1);
                } else {
                    // The second parenthesis.
                    if self.bytes.get(self.at) == Some(&b')') {
                        self.skip(false);
                    }
                    self.pop();
                }
            }
            b'$' => return self.dollar(false),
            _ => match name_len(&self.text[self.at..]) {
                0 => self.skip(false),
                len => {
                    (self.found)(self.at..self.at + len, Role::Read(Shell::Posix), Operator::Value);
                    self.at += len;
                }
            },
        }
        false
    }

    /// Reads what starts with the `$` at the cursor; says whether a word may start behind it.
    fn dollar(&mut self, quoted: bool) -> bool {
        let rest = &self.text[self.at + 1..];
        if rest.starts_with("((") {
            self.at += 3;
            self.push(Kind::Arithmetic(0));
            return false;
        }
        if rest.starts_with('(') {
            self.at += 2;
            self.push(Kind::Parentheses);
            return true;
        }
        if let Some(inner) = rest.strip_prefix('{') {
            self.at += 2;
            // `${#X}` and `${!X}`.
            if inner.starts_with(['#', '!']) && name_len(&inner[1..]) > 0 {
                self.at += 1;
            }
            let name = self.at..self.at + name_len(&self.text[self.at..]);
            self.at = name.end;
            if !name.is_empty() {
                self.read(name);
            }
            self.push(Kind::Operand { quoted });
            return false;
        }
        let len = name_len(rest);
        let name = self.at + 1..self.at + 1 + len;
        // `$` and `$?`: what follows is looked at as it stands.
        self.at = name.end;
        if len > 0 {
            self.read(name);
        }
        false
    }

    /// A name behind a `$`, which the cursor is behind.
    fn read(&mut self, name: Range<usize>) {
        let rest = &self.text[self.at..];
        let braced = self.text[..name.start].ends_with(['{', '#', '!']);
        let operator = if braced { Operator::of(rest) } else { Operator::Value };
        if self.text[name.clone()].eq_ignore_ascii_case("env") && rest.starts_with(':') {
            let start = self.at + 1;
            let len = name_len(&self.text[start..]);
            if len > 0 {
                (self.found)(start..start + len, Role::Read(Shell::PowerShell), Operator::Value);
            }
        }
        (self.found)(name, Role::Read(Shell::Posix), operator);
    }

    /// The quoted text at the cursor: a script for `sh -c`, else something that nobody here reads.
    fn single_quoted(&mut self) {
        let start = self.at + 1;
        let end = self.text[start..].find('\'').map_or(self.text.len(), |end| start + end);
        let inner = &self.text[start..end];
        if self.top().runs_text {
            scan(inner, &mut |name, role, operator| {
                (self.found)(start + name.start..start + name.end, role, operator);
            });
        } else if inner.contains('$') {
            super::docker::scan(inner, '\\', super::docker::Quotes::Kept, &mut |name, operator| {
                if super::is_variable(&inner[name.clone()]) {
                    (self.found)(start + name.start..start + name.end, Role::Text, operator);
                }
            });
        }
        self.at = (end + 1).min(self.text.len());
    }

    /// An escaped `$X` at `at`.
    fn text_mention(&mut self, at: usize) {
        let Some(rest) = self.text.get(at..).and_then(|rest| rest.strip_prefix('$')) else { return };
        let brace = usize::from(rest.starts_with('{'));
        let len = name_len(&rest[brace..]);
        if len > 0 {
            let start = at + 1 + brace;
            (self.found)(start..start + len, Role::Text, Operator::Value);
        }
    }

    /// Looks at the word that starts at the cursor, without moving: whether it assigns, and what the next words are.
    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"_-./+[]{}!:".contains(c));
        let word = &rest[..len.unwrap_or(rest.len())];
        let name = name_len(rest);
        let behind = rest[name..].strip_prefix('+').unwrap_or(&rest[name..]);
        let names = self.at..self.at + name;
        let frame = self.frames.last_mut().expect("the script's own stays");
        match frame.words {
            Words::Command if name > 0 && behind.starts_with('=') => {
                (self.found)(names, Role::Assignment, Operator::Value);
            }
            Words::Command => match word {
                "export" | "local" | "readonly" | "declare" | "typeset" | "unset" | "read" => {
                    frame.words = Words::Names;
                }
                "for" => frame.words = Words::Name,
                "env" | "sudo" | "exec" | "time" | "command" | "!" | "{" | "}" | "if" | "then" | "do"
                | "else" | "while" | "until" | "elif" | "fi" | "done" | "set" | "case" => {}
                _ if word.is_empty() => frame.words = Words::Arguments,
                _ => {
                    frame.words = Words::Arguments;
                    frame.runs_text =
                        is_shell(word) || matches!(word, "eval" | "trap" | "su" | "runuser" | "envsubst");
                    frame.is_test = matches!(word, "[" | "[[" | "test");
                }
            },
            Words::Names | Words::Name if name > 0 => {
                (self.found)(names, Role::Assignment, Operator::Value);
                if frame.words == Words::Name {
                    frame.words = Words::Arguments;
                }
            }
            Words::Names | Words::Name => {}
            Words::Arguments if frame.is_test && word == "-v" => frame.words = Words::Name,
            Words::Arguments => frame.runs_text |= is_shell(word),
        }
    }

    /// `<<EOF` in a script: its body comes behind the line.
    fn heredoc_marker(&mut self) {
        self.at += 2;
        let tabs = self.text[self.at..].starts_with('-');
        self.at += usize::from(tabs);
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let rest = &self.text[self.at..];
        let len = rest.find(|c: char| c.is_whitespace() || ";&|<>()".contains(c)).unwrap_or(rest.len());
        let marker = &rest[..len];
        let delimiter: String = marker.chars().filter(|c| !matches!(c, '"' | '\'' | '\\')).collect();
        if !delimiter.is_empty() && !delimiter.contains('$') {
            self.heredocs.push((delimiter.clone(), delimiter.len() != marker.len(), tabs));
        }
        self.at += len;
    }

    /// Reads the bodies of the heredocs of the line before the cursor.
    fn heredoc_bodies(&mut self) {
        for (delimiter, quoted, tabs) in std::mem::take(&mut self.heredocs) {
            let start = self.at;
            let mut end = self.text.len();
            let mut next = end;
            let mut line_start = start;
            for line in self.text[start..].split_inclusive('\n') {
                let shown = line.trim_end_matches(['\n', '\r']);
                let shown = if tabs { shown.trim_start_matches('\t') } else { shown };
                if shown == delimiter {
                    (end, next) = (line_start, line_start + line.len());
                    break;
                }
                line_start += line.len();
            }
            let role = if quoted { Role::Text } else { Role::Read(Shell::Posix) };
            let body = &self.text[start..end];
            super::docker::scan(body, '\\', super::docker::Quotes::Kept, &mut |name, operator| {
                if super::is_variable(&body[name.clone()]) {
                    (self.found)(start + name.start..start + name.end, role, operator);
                }
            });
            self.at = next;
        }
    }
}
