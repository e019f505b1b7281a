//! The tokens of one instruction.

use std::ops::Range;

use super::{
    Kind, Modifier, Token,
    layers::{cover, tidy},
    shell,
    variable::add_use,
};
use crate::{
    document::Document,
    shell::Dialect,
    stages::{Reference, ReferenceKind, Resolution, globals},
    syntax::{Arguments, Flag, Instruction, Keyword, MountOption, Pair, Placed, Word},
    text::Lines,
};

/// Goes over instructions in file order.
pub(super) struct Painter<'a> {
    doc: &'a Document,
    lines: &'a Lines,
    /// Whether the file's shells are POSIX ones, as far as it says.
    has_posix_shell: bool,
    /// The next of the references, and of the uses of variables.
    reference: usize,
    variable: usize,
    /// Where the instruction at hand starts, in bytes of the file.
    start: usize,
    /// From below to above; ranges in bytes of the file.
    parts: Vec<Token>,
    names: Vec<Token>,
    cuts: Vec<Token>,
}

impl<'a> Painter<'a> {
    /// `first`: the instruction to start with.
    pub(super) fn new(doc: &'a Document, lines: &'a Lines, first: usize) -> Painter<'a> {
        let instructions = doc.syntax().instructions();
        let start = instructions.get(first).map_or(usize::MAX, |placed| placed.start);
        let other_shell = |placed: &Placed| {
            let instruction = placed.instruction.effective();
            let words = || instruction.words().iter().map(Word::text).collect::<Vec<_>>();
            instruction.keyword == Keyword::Shell && Dialect::of(&words()) != Dialect::Posix
        };
        Painter {
            doc,
            lines,
            has_posix_shell: doc.syntax().escape() == '\\' && !instructions.iter().any(other_shell),
            reference: doc.stages().references().partition_point(|it| it.instruction < first),
            variable: doc.variables().uses().partition_point(|used| used.range.start < start),
            start: 0,
            parts: Vec::new(),
            names: Vec::new(),
            cuts: Vec::new(),
        }
    }

    /// Adds the tokens of an instruction (index into `Syntax::instructions`).
    pub(super) fn instruction(&mut self, index: usize, into: &mut Vec<Token>) {
        let doc = self.doc;
        let placed = &doc.syntax().instructions()[index];
        self.start = placed.start;
        self.names(index, placed.range().end);
        self.parts(&placed.instruction);
        if self.has_posix_shell {
            shell::paint(doc, placed, self.lines, &mut self.parts, &mut self.names);
        }
        self.cuts(placed);
        tidy(&mut self.parts);
        tidy(&mut self.names);
        let parts = cover(std::mem::take(&mut self.parts), std::mem::take(&mut self.names));
        into.extend(cover(parts, std::mem::take(&mut self.cuts)));
    }

    /// What the stage table and the variables know of the instruction, which ends at `end`.
    fn names(&mut self, index: usize, end: usize) {
        let references = &self.doc.stages().references()[self.reference..];
        let count = references.iter().take_while(|reference| reference.instruction <= index).count();
        self.reference += count;
        for reference in &references[..count] {
            self.reference(reference);
        }
        let text = self.lines.text();
        let uses = &self.doc.variables().uses()[self.variable..];
        let count = uses.iter().take_while(|used| used.range.start < end).count();
        self.variable += count;
        for used in &uses[..count] {
            add_use(used, text, &mut self.names);
        }
    }

    /// A base is the lowest layer, over which its variables come; a name in a flag lies over the flag's value.
    fn reference(&mut self, reference: &Reference) {
        let range = reference.range.clone();
        let tokens = match &reference.resolution {
            Resolution::Stage(_) | Resolution::NoSuchNumber(_) => vec![Token::new(range, Kind::Stage)],
            Resolution::NamedContext(_) => vec![Token::new(range, Kind::Context)],
            Resolution::Scratch => vec![Token::new(range, Kind::Image).with(Modifier::Predefined)],
            Resolution::Image(_)
            | Resolution::Unknown
            | Resolution::Invalid(_)
            | Resolution::NumberedImage(_) => image(self.lines.slice(range.clone()), range.start),
            Resolution::BuildContext | Resolution::Variable => Vec::new(),
        };
        match reference.kind {
            ReferenceKind::From => self.parts.extend(tokens),
            ReferenceKind::Copy | ReferenceKind::Mount => self.names.extend(tokens),
        }
    }

    fn parts(&mut self, instruction: &Instruction) {
        let keyword = instruction.keyword;
        match keyword {
            Keyword::Unknown => return,
            Keyword::Maintainer => {
                let token = Token::new(self.at(instruction.word.range()), Kind::Keyword);
                self.parts.push(token.with(Modifier::Deprecated));
            }
            _ => self.push(instruction.word.range(), Kind::Keyword),
        }
        instruction.flags.iter().for_each(|flag| self.flag(flag));
        let is_action =
            |action: &&Word| ["CMD", "NONE"].iter().any(|it| action.text().eq_ignore_ascii_case(it));
        if let Some(action) = instruction.action.as_ref().filter(is_action) {
            self.push(action.range(), Kind::Keyword);
        }
        // Before the words, among which those of a COPY are.
        for marker in &instruction.heredoc_markers {
            self.push(marker.range(), Kind::HeredocMarker);
        }
        match &instruction.arguments {
            Arguments::From(from) => {
                if let Some(range) = from.as_keyword.clone() {
                    self.push(range, Kind::Keyword);
                }
                if let Some(name) = &from.name {
                    let token = Token::new(self.at(name.range()), Kind::Stage);
                    self.parts.push(token.with(Modifier::Declaration));
                }
            }
            Arguments::Words { words, json } => {
                for word in words {
                    self.word(keyword, word, *json);
                }
            }
            Arguments::Text(text) if keyword == Keyword::Maintainer => self.push(text.range(), Kind::Text),
            Arguments::Pairs(pairs) => pairs.iter().for_each(|pair| self.pair(keyword, pair)),
            Arguments::Onbuild(inner) => self.parts(inner),
            Arguments::Text(_) | Arguments::Nothing => {}
        }
        for end in instruction.heredocs.iter().filter_map(|heredoc| heredoc.end.clone()) {
            self.push(end, Kind::HeredocMarker);
        }
    }

    fn flag(&mut self, flag: &Flag) {
        let whole = self.at(flag.range.clone());
        let text = self.lines.slice(whole.clone());
        let Some(equals) = text.find('=') else {
            return self.parts.push(Token::new(whole, Kind::FlagName));
        };
        let equals = whole.start + equals;
        self.parts.push(Token::new(whole.start..equals, Kind::FlagName));
        self.parts.push(Token::new(equals..equals + 1, Kind::Operator));
        // The name in a `from` is among the references.
        if flag.mount.is_empty() && flag.name.text() != "from" {
            let value = flag.value.as_ref().map_or("", Word::text);
            let kind = match flag.name.text() {
                "platform" => Kind::Platform,
                "chown" => Kind::User,
                "checksum" => Kind::Digest,
                "chmod" if is_number(value) => Kind::Number,
                "interval" | "timeout" | "start-period" | "start-interval" | "retries" => Kind::Number,
                "exclude" => Kind::Path,
                "network" | "security" | "link" | "parents" | "keep-git-dir" | "unpack" => Kind::Constant,
                _ => Kind::Text,
            };
            self.parts.push(Token::new(equals + 1..whole.end, kind));
        }
        flag.mount.iter().for_each(|option| self.mount_option(option));
    }

    fn mount_option(&mut self, option: &MountOption) {
        self.push(option.key.range(), Kind::MountKey);
        let Some(value) = &option.value else { return };
        let equals = option.key.range().end;
        if self.lines.slice(self.at(equals..option.range.end)).starts_with('=') {
            self.push(equals..equals + 1, Kind::Operator);
        }
        let kind = match option.key.text().to_ascii_lowercase().as_str() {
            "type" | "sharing" | "readonly" | "ro" | "readwrite" | "rw" | "required" => Kind::Constant,
            "target" | "dst" | "destination" | "source" | "src" => Kind::Path,
            "uid" | "gid" | "mode" | "size" => Kind::Number,
            "env" => Kind::Variable,
            "from" => return,
            _ => Kind::Text,
        };
        self.push(value.range(), kind);
    }

    fn word(&mut self, keyword: Keyword, word: &Word, json: bool) {
        let mut range = word.range();
        if json {
            // With its quotes.
            let text = self.lines.text();
            let at = self.at(range.clone());
            range.start -= usize::from(range.start > 0 && text[..at.start].ends_with('"'));
            range.end += usize::from(text[at.end..].starts_with('"'));
        }
        let kind = match keyword {
            Keyword::Copy | Keyword::Add | Keyword::Volume | Keyword::Workdir => Kind::Path,
            Keyword::User => Kind::User,
            Keyword::StopSignal => Kind::Signal,
            Keyword::Expose => {
                let digits = word.text().find('/').unwrap_or(word.text().len());
                self.push(word.source(0..digits), Kind::Number);
                if digits < word.text().len() {
                    self.push(word.source(digits + 1..word.text().len()), Kind::Constant);
                }
                return;
            }
            Keyword::Arg
            | Keyword::Cmd
            | Keyword::Entrypoint
            | Keyword::Env
            | Keyword::From
            | Keyword::Healthcheck
            | Keyword::Label
            | Keyword::Maintainer
            | Keyword::Onbuild
            | Keyword::Run
            | Keyword::Shell
            | Keyword::Unknown => Kind::Text,
        };
        self.push(range, kind);
    }

    fn pair(&mut self, keyword: Keyword, pair: &Pair) {
        let name = Token::new(self.at(pair.name.range()), Kind::Variable);
        self.parts.push(match keyword {
            Keyword::Label => Token { kind: Kind::LabelKey, ..name },
            Keyword::Arg if globals::is_predefined(pair.name.text()) => {
                name.with(Modifier::Declaration).with(Modifier::Predefined)
            }
            _ => name.with(Modifier::Declaration),
        });
        let Some(value) = &pair.value else { return };
        let equals = pair.name.range().end;
        if !pair.legacy && self.lines.slice(self.at(equals..pair.range.end)).starts_with('=') {
            self.push(equals..equals + 1, Kind::Operator);
        }
        self.push(value.range(), Kind::Text);
    }

    /// Where its lines are continued, and the comments between them.
    fn cuts(&mut self, placed: &Placed) {
        let end = placed.start + placed.instruction.head();
        let text = self.lines.slice(placed.start..end);
        if !text.contains('\n') && !text.ends_with([' ', '\t', self.doc.syntax().escape()]) {
            return;
        }
        let escape = self.doc.syntax().escape();
        let mut start = placed.start;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let content = line.trim_end_matches([' ', '\t', '\r', '\n']);
            let from = start + (content.len() - content.trim_start().len());
            let to = start + content.len();
            if number > 0 && content.trim_start().starts_with('#') {
                self.cuts.push(Token::new(from..to, Kind::Comment));
            } else if let Some(rest) = content.strip_suffix(escape)
                && !rest.ends_with(escape)
            {
                self.cuts.push(Token::new(to - 1..to, Kind::Continuation));
            }
            start += line.len();
        }
    }

    fn push(&mut self, range: Range<usize>, kind: Kind) {
        self.parts.push(Token::new(self.at(range), kind));
    }

    /// A range of the instruction as bytes of the file.
    fn at(&self, range: Range<usize>) -> Range<usize> {
        self.start + range.start..self.start + range.end
    }
}

/// The parts of an image's name that stands at `start` (bytes of the file). Variables may stand in it.
fn image(text: &str, start: usize) -> Vec<Token> {
    let mut depth = 0usize;
    let (mut tag, mut digest) = (None, None);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            // A port.
            b'/' => tag = None,
            b':' if tag.is_none() => tag = Some(at),
            b'@' => {
                digest = Some(at);
                break;
            }
            _ => {}
        }
    }
    let name_end = tag.or(digest).unwrap_or(text.len());
    let mut tokens = vec![Token::new(start..start + name_end, Kind::Image)];
    if let Some(tag) = tag {
        tokens.push(Token::new(start + tag + 1..start + digest.unwrap_or(text.len()), Kind::Tag));
    }
    if let Some(digest) = digest {
        let token = Token::new(start + digest + 1..start + text.len(), Kind::Digest);
        tokens.push(token.with(Modifier::Readonly));
    }
    tokens
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
