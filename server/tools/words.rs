//! Reading the arguments of a call: its flags with their values, and the rest.

use crate::shell::{Argument, Piece};

/// An argument, or the end of one: `dist` of `--output=dist`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operand<'a> {
    pub argument: &'a Argument,
    /// How many bytes of its first text do not belong to it.
    pub from: usize,
}

/// A part of a path or name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    Text(&'a str),
    /// The value of a variable.
    Variable(&'a str),
    /// A pattern, or what only running it would tell.
    Unknown,
}

/// A name or number that a call gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    Text(&'a str),
    /// With variables or patterns.
    Written(Operand<'a>),
}

impl<'a> Operand<'a> {
    pub fn parts(self) -> impl Iterator<Item = Part<'a>> {
        self.argument.pieces.iter().enumerate().map(move |(index, piece)| match piece {
            Piece::Text(text) if index == 0 => Part::Text(text.get(self.from..).unwrap_or_default()),
            Piece::Text(text) => Part::Text(text),
            Piece::Variable(name, _) => Part::Variable(name),
            Piece::Pattern(_) | Piece::Any => Part::Unknown,
        })
    }

    /// All of it, if no variable or pattern is in it.
    pub fn text(self) -> Option<&'a str> {
        match self.argument.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => text.get(self.from..),
            _ => None,
        }
    }

    /// What it begins with, up to a variable or pattern.
    pub(super) fn leading(self) -> &'a str {
        leading(self.argument).get(self.from..).unwrap_or_default()
    }

    /// What it ends with, behind the last variable or pattern.
    pub(super) fn trailing(self) -> &'a str {
        match self.argument.pieces.as_slice() {
            [_] => self.leading(),
            [.., Piece::Text(text)] => text,
            _ => "",
        }
    }

    /// The last name of the path, if it is literal: `b` of `$A/b`.
    pub(super) fn file_name(self) -> Option<&'a str> {
        let end = self.trailing().trim_end_matches('/');
        let name = match end.rsplit_once('/') {
            Some((_, name)) => name,
            None => self.text()?.trim_end_matches('/'),
        };
        (!matches!(name, "" | "." | "..")).then_some(name)
    }

    pub fn value(self) -> Value<'a> {
        self.text().map_or(Value::Written(self), Value::Text)
    }
}

impl<'a> From<&'a Argument> for Operand<'a> {
    fn from(argument: &'a Argument) -> Self {
        Operand { argument, from: 0 }
    }
}

/// All of an argument, if no variable or pattern is in it.
pub(super) fn text(argument: &Argument) -> Option<&str> {
    Operand::from(argument).text()
}

/// What an argument begins with, up to a variable or pattern.
pub(super) fn leading(argument: &Argument) -> &str {
    match argument.pieces.first() {
        Some(Piece::Text(text)) => text,
        _ => "",
    }
}

/// One argument, as a program reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word<'a> {
    /// Without its dashes, and with its value if it has one.
    Flag(&'a str, Option<Operand<'a>>),
    Operand(Operand<'a>),
}

/// How a program reads a single dash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dash {
    /// `-xf a` is `-x -f a`.
    Letters,
    /// `-output a` is one flag, as in Go and Java.
    Name,
}

/// The flags and operands of `arguments`; `valued` are the flags whose value may be the argument behind them.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    arguments: std::slice::Iter<'a, Argument>,
    valued: &'static [&'static str],
    dash: Dash,
    /// The rest of a `-xf`.
    letters: Option<Operand<'a>>,
    /// Whether `--` was there.
    ended: bool,
}

pub(super) fn words<'a>(arguments: &'a [Argument], valued: &'static [&'static str]) -> Words<'a> {
    Words { arguments: arguments.iter(), valued, dash: Dash::Letters, letters: None, ended: false }
}

/// The same for programs whose long flags have one dash.
pub(super) fn words_of_names<'a>(arguments: &'a [Argument], valued: &'static [&'static str]) -> Words<'a> {
    Words { dash: Dash::Name, ..words(arguments, valued) }
}

impl<'a> Words<'a> {
    /// The next flag of the rest of a `-xf`.
    fn letter(&mut self, rest: Operand<'a>) -> Option<Word<'a>> {
        let text = rest.leading();
        let end = text.chars().next()?.len_utf8();
        let behind = Operand { from: rest.from + end, ..rest };
        let more = end < text.len() || rest.argument.pieces.len() > 1;
        if !self.valued.contains(&&text[..end]) {
            self.letters = (end < text.len()).then_some(behind);
            return Some(Word::Flag(&text[..end], None));
        }
        self.letters = None;
        let value = match more {
            true if text[end..].starts_with('=') => Some(Operand { from: behind.from + 1, ..rest }),
            true => Some(behind),
            false => self.arguments.next().map(Operand::from),
        };
        Some(Word::Flag(&text[..end], value))
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        if let Some(rest) = self.letters.take()
            && let Some(word) = self.letter(rest)
        {
            return Some(word);
        }
        let argument = self.arguments.next()?;
        let text = leading(argument);
        let operand = Operand::from(argument);
        if self.ended || !text.starts_with('-') || text == "-" {
            return Some(Word::Operand(operand));
        }
        if text == "--" && argument.pieces.len() == 1 {
            self.ended = true;
            return self.next();
        }
        let double = text.starts_with("--");
        if !double && self.dash == Dash::Letters {
            return self.letter(Operand { from: 1, ..operand });
        }
        let from = if double { 2 } else { 1 };
        if let Some(equals) = text.find('=') {
            return Some(Word::Flag(&text[from..equals], Some(Operand { from: equals + 1, ..operand })));
        }
        let name = &text[from..];
        let value = self.valued.contains(&name).then(|| self.arguments.next().map(Operand::from)).flatten();
        Some(Word::Flag(name, value))
    }
}
