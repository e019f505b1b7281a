//! Cuts a text into commands and words.

use std::{cell::Cell, collections::BTreeSet, ops::Range};

use super::{Command, Dialect, Input, Item, heredoc::Pending, word::Word};

/// Deeper substitutions are not looked into.
const MAX_DEPTH: usize = 16;

pub(super) struct Reader<'a> {
    pub text: &'a str,
    pub place: &'a dyn Fn(Range<usize>) -> Option<Range<usize>>,
    pub dialect: Dialect,
    pub at: usize,
    /// Where reading stops for now: the end of the text, or of a quoted part.
    pub end: usize,
    pub items: Vec<Item>,
    pub depth: usize,
    pub heredocs: Vec<Pending>,
    pub bodies: Vec<Range<usize>>,
    /// Quotes that are taken as ending with their line.
    pub cut: BTreeSet<usize>,
    /// No quote of that kind is closed behind the first one that is not.
    pub single_is_open: bool,
    pub double_is_open: bool,
    /// Whether a backtick ends the list that is being read.
    pub in_backticks: bool,
    /// The line that was last looked at.
    pub line: Cell<(usize, usize)>,
}

/// The commands of a text. `place` says where a part of it (bytes) stands in the file.
pub fn read(text: &str, dialect: Dialect, place: &dyn Fn(Range<usize>) -> Option<Range<usize>>) -> Vec<Item> {
    let mut reader = Reader {
        text,
        place,
        dialect,
        at: 0,
        end: text.len(),
        items: Vec::new(),
        depth: 0,
        heredocs: Vec::new(),
        bodies: Vec::new(),
        cut: BTreeSet::new(),
        single_is_open: false,
        double_is_open: false,
        in_backticks: false,
        line: Cell::new((1, 0)),
    };
    reader.list(None);
    reader.finish()
}

impl Reader<'_> {
    pub fn peek(&self) -> Option<u8> {
        self.byte(self.at)
    }

    pub fn byte(&self, at: usize) -> Option<u8> {
        (at < self.end).then(|| self.text.as_bytes()[at])
    }

    /// The text from here on, as far as it is to be read.
    pub fn rest(&self) -> &str {
        self.text.get(self.at..self.end).unwrap_or("")
    }

    pub fn starts(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    /// The end of the line that `at` stands in.
    pub fn line_end(&self, at: usize) -> usize {
        let (start, end) = self.line.get();
        if start <= at && at <= end {
            return end.min(self.end);
        }
        let rest = &self.text.as_bytes()[at.min(self.text.len())..];
        let len = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        self.line.set((at, at + len));
        (at + len).min(self.end)
    }

    /// A list of commands up to `close`, which is read as well.
    pub fn list(&mut self, close: Option<u8>) {
        let mut is_piped = false;
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.read_heredocs();
                }
                byte if Some(byte) == close => {
                    self.at += 1;
                    return;
                }
                b')' => self.at += 1,
                b'(' => self.nested(1, b')'),
                _ => {
                    let at = self.at;
                    is_piped = self.command(is_piped);
                    // Whatever could not be read is passed over.
                    if self.at == at {
                        self.at += self.rest().chars().next().map_or(1, char::len_utf8);
                    }
                    continue;
                }
            }
            is_piped = false;
        }
    }

    /// Commands of a subshell, `open` bytes behind here.
    pub fn nested(&mut self, open: usize, close: u8) {
        self.at += open;
        if self.depth == MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let in_backticks = std::mem::replace(&mut self.in_backticks, close == b'`');
        self.items.push(Item::Open);
        self.list(Some(close));
        self.items.push(Item::Close);
        self.in_backticks = in_backticks;
        self.depth -= 1;
    }

    /// A command up to its end; an operator there is read as well. Whether its output goes to the next one.
    fn command(&mut self, is_piped: bool) -> bool {
        let mut command = Command { input: is_piped.then_some(Input::Pipe), ..Command::default() };
        let mut pipes = false;
        loop {
            self.blanks();
            let Some(byte) = self.peek() else { break };
            match byte {
                b'\n' | b')' => break,
                b'(' => break,
                b'`' if self.in_backticks => break,
                b'#' if self.is_comment(&command) => self.at = self.line_end(self.at),
                b'{' | b'}' if self.dialect == Dialect::PowerShell && !self.starts("{{") => {
                    self.at += 1;
                    break;
                }
                b'&' if self.starts("&>") => {
                    self.at += 1;
                    self.redirection(&mut command);
                }
                b';' | b'&' | b'|' => {
                    pipes = byte == b'|' && !self.starts("||");
                    self.at += 1;
                    if self.peek() == Some(byte) || (pipes && self.peek() == Some(b'&')) {
                        self.at += 1;
                    }
                    break;
                }
                b'0'..=b'9' if self.descriptor().is_some() => self.at = self.descriptor().unwrap_or(self.at),
                b'<' | b'>' if self.is_redirection(&command) => self.redirection(&mut command),
                _ => {
                    let word = self.word(command.words.last());
                    if word.range.is_empty() {
                        break;
                    }
                    command.words.push(word);
                }
            }
        }
        if !command.words.is_empty() {
            self.items.push(Item::Command(command));
        }
        pipes
    }

    /// Passes blanks and joined lines.
    pub fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\x0b' | b'\x0c') => self.at += 1,
                _ => match self.join() {
                    Some(len) => {
                        self.at += len;
                        // The prompt of a line that goes on.
                        if self.dialect == Dialect::Console && self.starts("> ") {
                            self.at += 1;
                        }
                    }
                    None => return,
                },
            }
        }
    }

    /// How many bytes join this line with the next one, if some do here.
    pub fn join(&self) -> Option<usize> {
        let mark = match self.dialect {
            Dialect::PowerShell => b'`',
            Dialect::Cmd => b'^',
            Dialect::Posix | Dialect::Make | Dialect::Just | Dialect::Console | Dialect::Prose => b'\\',
        };
        if self.peek() != Some(mark) {
            return None;
        }
        match (self.byte(self.at + 1), self.byte(self.at + 2)) {
            (Some(b'\n'), _) => Some(2),
            (Some(b'\r'), Some(b'\n')) => Some(3),
            _ => None,
        }
    }

    fn is_comment(&mut self, command: &Command) -> bool {
        match self.dialect {
            Dialect::Cmd => false,
            // The prompt of root.
            Dialect::Console if command.words.is_empty() => {
                self.at += 1;
                self.blanks();
                false
            }
            Dialect::Prose => false,
            _ => true,
        }
    }

    fn is_redirection(&mut self, command: &Command) -> bool {
        if !matches!(self.dialect, Dialect::Console | Dialect::Prose) {
            return true;
        }
        if self.placeholder().is_some() {
            return false;
        }
        if command.words.is_empty() {
            // A prompt.
            while self.peek() == Some(b'>') {
                self.at += 1;
            }
        }
        matches!(self.peek(), Some(b'<' | b'>'))
    }

    /// The end of the number in front of a redirection: `2>&1`.
    fn descriptor(&self) -> Option<usize> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).take(3).count();
        let end = self.at + digits;
        matches!(self.byte(end), Some(b'<' | b'>')).then_some(end)
    }

    /// `<`, `>` and what is written behind it.
    fn redirection(&mut self, command: &mut Command) {
        if self.starts("<(") || self.starts(">(") {
            self.nested(2, b')');
            return;
        }
        let rest = self.rest();
        let operators = ["<<<", "<<-", "<<", "<>", "<&", "<", ">>", ">&", ">|", ">"];
        let Some(operator) = operators.into_iter().find(|operator| rest.starts_with(operator)) else {
            self.at += 1;
            return;
        };
        self.at += operator.len();
        self.blanks();
        let word = self.word(None);
        match operator {
            "<<" | "<<-" => command.input = self.heredoc(&word, operator == "<<-"),
            "<" => command.input = Some(Input::File(word)),
            "<<<" => command.input = Some(Input::Pipe),
            _ => {}
        }
    }

    pub fn ends_word(&self, byte: u8) -> bool {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c' => true,
            b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => true,
            b'`' => self.in_backticks,
            b'{' | b'}' => self.dialect == Dialect::PowerShell && !self.starts("{{"),
            _ => false,
        }
    }

    fn word(&mut self, previous: Option<&Word>) -> Word {
        let start = self.at;
        let mut parts = Vec::new();
        while let Some(byte) = self.peek() {
            if self.ends_word(byte) && !(byte == b'<' && self.placeholder().is_some()) {
                break;
            }
            match self.join() {
                Some(len) => self.at += len,
                None => self.part(&mut parts, previous),
            }
        }
        Word { parts, range: start..self.at }
    }
}
