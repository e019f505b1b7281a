//! Which blanks of an instruction are only that: more or fewer of them, but one at least, mean the same.
//!
//! Follows BuildKit over the joined text: `splitCommand` and `extractBuilderFlags` (parser/split_command.go), then what the
//! instruction does with the rest (parser/line_parsers.go). What is in doubt stays as it is.

use std::ops::Range;

use crate::{
    shell::quoting,
    syntax::{Arguments, Instruction, Keyword},
};

/// What a blank of the joined text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// No blank, or one that is read.
    Fixed,
    /// Separates words of a shell.
    Shell,
    /// Separates words of BuildKit, or stands between the parts of a JSON array.
    Word,
}

/// What is known of the joined text.
#[derive(Debug)]
pub struct Gaps {
    /// By byte.
    pub blanks: Vec<Blank>,
    /// The parts of a JSON array, in bytes of the joined text: brackets, strings, commas.
    pub json: Vec<Range<usize>>,
    /// The CMD or NONE of a HEALTHCHECK, in bytes of the joined text.
    pub action: Option<Range<usize>>,
    /// Whether lines of it may be indented otherwise than others for a reason.
    pub nested: bool,
}

impl Gaps {
    /// Reads the joined text of an instruction. `posix`: whether a POSIX shell runs its text, asked if that matters. `None` if
    /// the text and the instruction do not belong together.
    pub fn read(
        joined: &str,
        instruction: &Instruction,
        escape: char,
        posix: &dyn Fn() -> bool,
    ) -> Option<Gaps> {
        let gaps =
            Gaps { blanks: vec![Blank::Fixed; joined.len()], json: Vec::new(), action: None, nested: false };
        let mut reader = Reader { text: joined.as_bytes(), joined, escape: escape as u8, posix, gaps };
        reader.command(instruction, 0)?;
        Some(reader.gaps)
    }

    /// The run of blanks that holds `at` or touches it, and whether all of it is free. `None` if there is none.
    pub fn around(&self, joined: &str, at: usize) -> Option<(Range<usize>, bool)> {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let (before, behind) = joined.as_bytes().split_at(at);
        let start = at - before.iter().rev().take_while(|byte| is_blank(byte)).count();
        let end = at + behind.iter().take_while(|byte| is_blank(byte)).count();
        let free = self.blanks[start..end].iter().all(|blank| *blank != Blank::Fixed);
        (start < end).then_some((start..end, free))
    }
}

struct Reader<'a> {
    text: &'a [u8],
    joined: &'a str,
    escape: u8,
    posix: &'a dyn Fn() -> bool,
    gaps: Gaps,
}

impl Reader<'_> {
    fn command(&mut self, instruction: &Instruction, start: usize) -> Option<()> {
        let end = self.word_end(start);
        if !self.joined[start..end].eq_ignore_ascii_case(instruction.keyword.name()) {
            return None;
        }
        let flags = self.gap(end);
        match self.flags(flags) {
            // What one takes for flags and the other for words is in doubt.
            Some((arguments, count)) if count == instruction.flags.len() => {
                self.arguments(instruction, arguments);
            }
            _ => self.fix(end),
        }
        Some(())
    }

    fn arguments(&mut self, instruction: &Instruction, start: usize) {
        let is_json = matches!(instruction.arguments, Arguments::Words { json: true, .. });
        match instruction.keyword {
            _ if is_json && instruction.keyword != Keyword::Healthcheck => self.json(start),
            Keyword::From
            | Keyword::Copy
            | Keyword::Add
            | Keyword::Volume
            | Keyword::Expose
            | Keyword::Arg => {
                self.words(start);
            }
            Keyword::Env | Keyword::Label => self.pairs(instruction, start),
            Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => self.shell(instruction, start),
            Keyword::Healthcheck => {
                let end = self.word_end(start);
                let action = &self.joined[start..end];
                if ["CMD", "NONE"].iter().any(|known| action.eq_ignore_ascii_case(known)) {
                    self.gaps.action = Some(start..end);
                }
                if !action.eq_ignore_ascii_case("CMD") {
                    return;
                }
                let command = self.gap(end);
                if is_json { self.json(command) } else { self.shell(instruction, command) }
            }
            Keyword::Onbuild => {
                if let Arguments::Onbuild(inner) = &instruction.arguments
                    && self.command(inner, start).is_none()
                {
                    self.fix(start);
                }
            }
            // One value, blanks included.
            Keyword::Workdir | Keyword::User | Keyword::StopSignal | Keyword::Maintainer => {}
            Keyword::Shell | Keyword::Unknown => {}
        }
    }

    /// Where the word ends that starts at `at`.
    fn word_end(&self, at: usize) -> usize {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        self.text[at..].iter().position(is_blank).map_or(self.text.len(), |end| at + end)
    }

    /// Frees the blanks from `at` on; where they end.
    fn gap(&mut self, mut at: usize) -> usize {
        while matches!(self.text.get(at), Some(b' ' | b'\t')) {
            self.gaps.blanks[at] = Blank::Word;
            at += 1;
        }
        at
    }

    fn fix(&mut self, from: usize) {
        self.gaps.blanks[from..].fill(Blank::Fixed);
    }

    /// Frees what is between flags; where the arguments start, and how many flags there are. `None` if that can't be told.
    fn flags(&mut self, mut at: usize) -> Option<(usize, usize)> {
        let mut count = 0;
        while self.text[at..].starts_with(b"--") {
            let mut quote = None;
            let mut plain = Vec::new();
            while let Some(&byte) = self.text.get(at) {
                match quote {
                    // BuildKit takes single bytes of longer characters for blanks here.
                    _ if !byte.is_ascii() => return None,
                    None if matches!(byte, b' ' | b'\t') => break,
                    None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
                    Some(open) if open == byte => quote = None,
                    _ if byte == self.escape => {
                        at += 1;
                        plain.extend(self.text.get(at));
                    }
                    _ => plain.push(byte),
                }
                at += 1;
            }
            if quote.is_some() || at > self.text.len() {
                return None;
            }
            at = self.gap(at);
            if plain == b"--" {
                break;
            }
            count += 1;
        }
        Some((at, count))
    }

    /// Frees the blanks outside of quotes (parser/line_parsers.go, `parseWords`). Where BuildKit splits at all blanks, it could be
    /// more of them.
    fn words(&mut self, start: usize) {
        let mut quote = None;
        let mut at = start;
        while let Some(&byte) = self.text.get(at) {
            match quote {
                None if matches!(byte, b' ' | b'\t') => self.gaps.blanks[at] = Blank::Word,
                None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
                Some(open) if open == byte => quote = None,
                _ if byte == self.escape && quote != Some(b'\'') => at += 1,
                _ => {}
            }
            at += 1;
        }
        if quote.is_some() {
            self.fix(start);
        }
    }

    fn pairs(&mut self, instruction: &Instruction, start: usize) {
        if !instruction.pairs().iter().any(|pair| pair.legacy) {
            return self.words(start);
        }
        // `ENV name value`: the blanks in the value are read.
        let end = self.word_end(start);
        let name = &self.text[start..end];
        if !name.iter().any(|byte| matches!(byte, b'"' | b'\'' | b'=') || *byte == self.escape) {
            self.gap(end);
        }
    }

    fn shell(&mut self, instruction: &Instruction, start: usize) {
        self.gaps.nested = true;
        // Another escape character is there for the sake of Windows.
        if self.escape != b'\\' || !(self.posix)() {
            return;
        }
        let heredocs = !instruction.heredoc_markers.is_empty();
        let blanks = &mut self.gaps.blanks;
        let free = |at| blanks[start + at] = Blank::Shell;
        if !quoting::free_blanks(&self.joined[start..], heredocs, free) {
            self.fix(start);
        }
    }

    fn json(&mut self, start: usize) {
        self.gaps.nested = true;
        let mut at = start;
        while let Some(&byte) = self.text.get(at) {
            let from = at;
            match byte {
                b' ' | b'\t' => {
                    at = self.gap(at);
                    continue;
                }
                b'[' | b']' | b',' => at += 1,
                b'"' => {
                    at += 1;
                    while let Some(&byte) = self.text.get(at).filter(|byte| **byte != b'"') {
                        at += if byte == b'\\' { 2 } else { 1 };
                    }
                    at += 1;
                }
                _ => at = usize::MAX,
            }
            if at > self.text.len() {
                self.gaps.json.clear();
                return self.fix(start);
            }
            self.gaps.json.push(from..at);
        }
    }
}
