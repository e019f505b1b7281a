//! From tree nodes to [`Instruction`]s.
//!
//! Depends on nothing but the node and its text (and the escape character), so that a node that tree-sitter reuses keeps
//! its instruction.

use std::ops::Range;

use tree_sitter::{Node, TreeCursor};

use super::{
    csv,
    instruction::{Arguments, Flag, From, Heredoc, Instruction, Keyword, MountOption, Pair},
    script::Scripts,
    variables,
    word::{Word, WordBuilder},
};
use crate::text::Text;

/// Makes an instruction of the node under the cursor, which is left where it was. `origin` is where the tree's text starts, in
/// bytes of the file, `escape` the file's escape character.
pub fn lower(cursor: &mut TreeCursor<'_>, text: &Text, origin: usize, escape: char) -> Instruction {
    let start = cursor.node().start_byte();
    let len = cursor.node().end_byte() - start;
    let mut lowering = Lowering { text, escape, start, origin, end: len };
    let end = lowering.slice(&(0..len)).trim_end().len();
    lowering.end = end;
    lowering.instruction(cursor, true)
}

/// Whether a word is the keyword of an instruction, in any case.
pub fn is_keyword(word: &str) -> bool {
    const ALL: [Keyword; 18] = [
        Keyword::Add,
        Keyword::Arg,
        Keyword::Cmd,
        Keyword::Copy,
        Keyword::Entrypoint,
        Keyword::Env,
        Keyword::Expose,
        Keyword::From,
        Keyword::Healthcheck,
        Keyword::Label,
        Keyword::Maintainer,
        Keyword::Onbuild,
        Keyword::Run,
        Keyword::Shell,
        Keyword::StopSignal,
        Keyword::User,
        Keyword::Volume,
        Keyword::Workdir,
    ];
    ALL.iter().any(|keyword| keyword.name().eq_ignore_ascii_case(word))
}

/// Which instruction a node is; `None` for a node that is none.
pub fn keyword(kind: &str) -> Option<Keyword> {
    Some(match kind {
        "from_instruction" => Keyword::From,
        "run_instruction" => Keyword::Run,
        "copy_instruction" => Keyword::Copy,
        "env_instruction" => Keyword::Env,
        "arg_instruction" => Keyword::Arg,
        "workdir_instruction" => Keyword::Workdir,
        "add_instruction" => Keyword::Add,
        "label_instruction" => Keyword::Label,
        "user_instruction" => Keyword::User,
        "expose_instruction" => Keyword::Expose,
        "cmd_instruction" => Keyword::Cmd,
        "entrypoint_instruction" => Keyword::Entrypoint,
        "volume_instruction" => Keyword::Volume,
        "healthcheck_instruction" => Keyword::Healthcheck,
        "shell_instruction" => Keyword::Shell,
        "stopsignal_instruction" => Keyword::StopSignal,
        "onbuild_instruction" => Keyword::Onbuild,
        "maintainer_instruction" => Keyword::Maintainer,
        "unknown_instruction" => Keyword::Unknown,
        _ => return None,
    })
}

struct Lowering<'a> {
    text: &'a Text,
    escape: char,
    /// Where the outermost instruction starts, in bytes of the tree's text.
    start: usize,
    /// Where that text starts, in bytes of the file.
    origin: usize,
    /// Where the outermost instruction ends, from its start, without white space of any kind, which BuildKit takes off there
    /// (parser/split_command.go).
    end: usize,
}

impl Lowering<'_> {
    /// `outer`: an ONBUILD may hold another instruction. One level is all that BuildKit allows, and all that is looked at.
    fn instruction(&self, cursor: &mut TreeCursor<'_>, outer: bool) -> Instruction {
        let node = cursor.node();
        let mut instruction = Instruction {
            keyword: keyword(node.kind()).unwrap_or(Keyword::Unknown),
            word: Word::default(),
            flags: Vec::new(),
            action: None,
            arguments: Arguments::Nothing,
            heredoc_markers: Vec::new(),
            heredocs: Vec::new(),
            variables: Box::default(),
            empty_lines: Vec::new(),
            len: node.end_byte() - node.start_byte(),
            scripts: Scripts::default(),
        };
        let mut from = From::default();
        let mut words = Vec::new();
        let mut json = false;
        let mut pairs = Vec::new();
        let mut unexpected: Option<Range<usize>> = None;
        let mut first = true;
        each_child(cursor, |cursor| {
            let node = cursor.node();
            if std::mem::take(&mut first) {
                instruction.word = self.word(node);
                return;
            }
            if self.range(node).start >= self.end && node.kind() != "heredoc_block" {
                return;
            }
            match node.kind() {
                "param" | "mount_param" => instruction.flags.push(self.flag(cursor)),
                "image_spec" => from.base = Some(self.word(node)),
                "AS" => from.as_keyword = Some(self.range(node)),
                "image_alias" => from.name = Some(self.word(node)),
                "unexpected" if instruction.keyword == Keyword::From => from.unexpected.push(self.word(node)),
                "path" | "expose_port" | "user" | "signal" => words.push(self.word(node)),
                "heredoc_marker" => {
                    let word = self.word(node);
                    instruction.heredoc_markers.push(word.clone());
                    words.push(word);
                }
                "NONE" | "CMD" => instruction.action = Some(self.word(node)),
                "json_string_array" => {
                    json = true;
                    each_child(cursor, |cursor| {
                        if cursor.node().kind() == "json_string" {
                            words.push(self.json_string(cursor.node()));
                        }
                    });
                }
                "shell_command" | "maintainer" => {
                    instruction.arguments = Arguments::Text(self.word(node));
                    if instruction.keyword == Keyword::Run {
                        each_child(cursor, |cursor| {
                            if cursor.node().kind() == "heredoc_marker" {
                                instruction.heredoc_markers.push(self.word(cursor.node()));
                            }
                        });
                    }
                }
                // Text where none should be: kept as one word from the first to the last of it.
                "unexpected" => {
                    let range = self.range(node);
                    if instruction.keyword == Keyword::Healthcheck && instruction.action.is_none() {
                        instruction.action = Some(self.word(node));
                    }
                    unexpected.get_or_insert(range.clone()).end = range.end;
                }
                "env_pair" | "label_pair" | "arg_pair" => pairs.push(self.pair(cursor)),
                "heredoc_block" => {
                    let marker = instruction
                        .heredoc_markers
                        .get(instruction.heredocs.len())
                        .cloned()
                        .unwrap_or_default();
                    instruction.heredocs.push(self.heredoc(cursor, marker));
                }
                kind if outer && keyword(kind).is_some() => {
                    instruction.arguments = Arguments::Onbuild(Box::new(self.instruction(cursor, false)));
                }
                _ => {}
            }
        });
        if let Some(word) = self.glued_keyword(cursor.node()) {
            instruction.keyword = Keyword::Unknown;
            instruction.word = word;
            instruction.arguments = Arguments::Nothing;
            instruction.flags.clear();
            instruction.heredoc_markers.clear();
            return instruction;
        }
        if let Some(range) = unexpected {
            instruction.arguments = Arguments::Text(Word::plain(&self.slice(&range), range.start));
        }
        if outer {
            let head = instruction.head();
            // The blanks in front of a heredoc's body are on no continued line.
            instruction.empty_lines = self.empty_lines(head, head < instruction.len);
        }
        match instruction.keyword {
            Keyword::From => instruction.arguments = Arguments::From(from),
            Keyword::Env | Keyword::Label | Keyword::Arg => instruction.arguments = Arguments::Pairs(pairs),
            _ if json || !words.is_empty() => instruction.arguments = Arguments::Words { words, json },
            _ => {}
        }
        instruction.variables =
            variables::occurrences(&instruction, self.escape, &|range| self.slice(&range));
        instruction
    }

    /// The word that an instruction starts with, where a continuation glues more to its keyword: then it is none.
    fn glued_keyword(&self, node: Node<'_>) -> Option<Word> {
        let first = node.child(0)?;
        let mut next = node.child(1).filter(|child| child.start_byte() == first.end_byte())?;
        if first.kind() == "unknown_keyword" {
            return None;
        }
        while matches!(next.kind(), "line_continuation" | "comment") {
            next = next.next_sibling()?;
        }
        let start = self.range(next).start;
        let gap = self.slice(&(self.range(first).end..start));
        if !gap.is_empty() && !gap.ends_with('\n') {
            return None;
        }
        let rest = self.slice(&(start..self.range(node).end));
        let is_blank = |c: char| c.is_ascii_whitespace() || c == '\u{b}';
        // The escape character ends the word where it continues the line, and is a part of it elsewhere.
        let continues = |at: usize| {
            let after = rest[at + 1..].trim_start_matches([' ', '\t', '\r']);
            after.is_empty() || after.starts_with('\n')
        };
        let ends = |&(at, c): &(usize, char)| is_blank(c) || c == self.escape && continues(at);
        let glued = &rest[..rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at)];
        let keyword = self.word(first);
        let mut word = WordBuilder::new(keyword.range().start);
        word.take(&keyword, 0..keyword.text().len());
        word.push(glued, start);
        Some(word.finish(start + glued.len()))
    }

    fn flag(&self, cursor: &mut TreeCursor<'_>) -> Flag {
        let range = self.range(cursor.node());
        let is_mount = cursor.node().kind() == "mount_param";
        // `--` without a name yet.
        let mut flag = Flag {
            name: Word::plain("", (range.start + 2).min(range.end)),
            range,
            value: None,
            mount: Vec::new(),
        };
        each_child(cursor, |cursor| {
            let node = cursor.node();
            match node.kind() {
                "param_name" => flag.name = self.word(node),
                "=" => flag.value = Some(Word::plain("", self.range(node).end)),
                "param_value" => flag.value = Some(self.word(node).without_flag_quotes(self.escape)),
                _ => {}
            }
        });
        // BuildKit takes quotes and escapes off before it looks for the `=` (parser/split_command.go,
        // `extractBuilderFlags`).
        let raw = self.slice(&flag.range);
        let name = raw.split('=').next().unwrap_or_default();
        if name.contains(['"', '\'', self.escape]) {
            let whole = self.joined(&flag.range, self.cuts(cursor.node())).without_flag_quotes(self.escape);
            let end = whole.text().len();
            let equals = whole.text().find('=').unwrap_or(end);
            flag.name = whole.part(2.min(equals)..equals);
            flag.value = (equals < end).then(|| whole.part(equals + 1..end));
        } else if is_mount && let Some(value) = &flag.value {
            let range = value.range().start..flag.range.end;
            flag.value = Some(self.joined(&range, self.cuts(cursor.node())).without_flag_quotes(self.escape));
        }
        if flag.name.text() == "mount"
            && let Some(value) = &flag.value
        {
            flag.mount = mount_options(value);
        }
        flag
    }

    fn pair(&self, cursor: &mut TreeCursor<'_>) -> Pair {
        let range = self.range(cursor.node());
        let mut pair = Pair {
            name: Word::plain("", range.start),
            range,
            value: None,
            legacy: cursor.node().kind() != "arg_pair",
        };
        each_child(cursor, |cursor| {
            let node = cursor.node();
            match (cursor.field_name(), node.kind()) {
                (Some("name"), _) => pair.name = self.word(node),
                (Some("value"), _) => pair.value = Some(self.word(node)),
                (_, "=") => {
                    pair.legacy = false;
                    pair.value = Some(Word::plain("", self.range(node).end));
                }
                _ => {}
            }
        });
        pair
    }

    fn heredoc(&self, cursor: &mut TreeCursor<'_>, marker: Word) -> Heredoc {
        let end = self.range(cursor.node()).end;
        let mut heredoc = Heredoc { marker, body: end..end, end: None };
        each_child(cursor, |cursor| {
            let range = self.range(cursor.node());
            match cursor.node().kind() {
                "heredoc_body" => heredoc.body = range,
                "heredoc_end" => heredoc.end = Some(range),
                _ => {}
            }
        });
        heredoc
    }

    /// A string of a JSON array, decoded.
    fn json_string(&self, node: Node<'_>) -> Word {
        let raw = self.word(node);
        let inner = raw.text().len().saturating_sub(1).max(1);
        let mut word = WordBuilder::new(raw.source(1..1).start);
        let mut at = 1;
        while at < inner {
            let rest = &raw.text()[at..inner];
            let Some(escape) = rest.find('\\') else { break };
            word.take(&raw, at..at + escape);
            at += escape;
            // One escape, or the two that make one character.
            let sequence = |len: usize| {
                serde_json::from_str::<String>(&format!("\"{}\"", rest.get(escape..escape + len)?)).ok()
            };
            let decoded = [2, 6, 12].into_iter().find_map(|len| Some((len, sequence(len)?)));
            let (len, decoded) = decoded.unwrap_or((1, String::new()));
            word.push(&decoded, raw.source(at..at).start);
            at += len;
        }
        if at < inner {
            word.take(&raw, at..inner);
        }
        word.finish(raw.range().end.saturating_sub(1))
    }

    /// The empty lines in the first `head` bytes, all of whose lines are continued (parser/parser.go,
    /// `isEmptyContinuationLine`). `whole_lines`: the last one counts only with its line ending.
    fn empty_lines(&self, head: usize, whole_lines: bool) -> Vec<Range<usize>> {
        let text = self.slice(&(0..head));
        let Some(first) = text.find('\n') else { return Vec::new() };
        let mut start = first + 1;
        let mut found = Vec::new();
        for line in text[start..].split_inclusive('\n') {
            if line.trim().is_empty() && (!whole_lines || line.ends_with('\n')) {
                found.push(start..start + line.len());
            }
            start += line.len();
        }
        found
    }

    fn range(&self, node: Node<'_>) -> Range<usize> {
        node.start_byte() - self.start..node.end_byte() - self.start
    }

    fn slice(&self, range: &Range<usize>) -> std::borrow::Cow<'_, str> {
        let start = self.origin + self.start;
        self.text.slice(start + range.start..start + range.end)
    }

    /// The text of a node without continuations and the comment lines in them.
    fn word(&self, node: Node<'_>) -> Word {
        let mut range = self.range(node);
        range.end = range.end.min(self.end).max(range.start);
        let text = self.slice(&range);
        if text.contains('\n') {
            self.joined(&range, self.cuts(node))
        } else {
            Word::plain(&text, range.start)
        }
    }

    fn joined(&self, range: &Range<usize>, cuts: Vec<Range<usize>>) -> Word {
        let text = self.slice(range);
        let mut word = WordBuilder::new(range.start);
        let mut at = range.start;
        // The last may end behind the instruction: with a line feed that is none of it.
        let inside = cuts.into_iter().filter(|cut| range.contains(&cut.start));
        for cut in inside.map(|cut| cut.start..cut.end.min(range.end)) {
            // The blanks in front of a comment line go with it.
            let between = &text[at - range.start..cut.start - range.start];
            if at == range.start || !between.trim().is_empty() || !self.slice(&cut).starts_with('#') {
                word.push(between, at);
            }
            at = cut.end;
        }
        word.push(&text[at - range.start..], at);
        let word = word.finish(range.end);
        // Blanks at the end of a line that is continued by none are at the end of the instruction.
        let kept = word.text().trim_end().len();
        if at == range.end && kept < word.text().len() { word.part(0..kept) } else { word }
    }

    /// Where continuations and comments stand below a node.
    fn cuts(&self, node: Node<'_>) -> Vec<Range<usize>> {
        let mut cuts = Vec::new();
        let mut cursor = node.walk();
        let mut depth = 0u32;
        loop {
            let node = cursor.node();
            let is_cut = matches!(node.kind(), "line_continuation" | "comment");
            if is_cut {
                cuts.push(self.range(node));
            }
            if !is_cut && cursor.goto_first_child() {
                depth += 1;
                continue;
            }
            while !cursor.goto_next_sibling() {
                if depth == 0 || !cursor.goto_parent() {
                    return cuts;
                }
                depth -= 1;
            }
            if depth == 0 {
                return cuts;
            }
        }
    }
}

/// Splits the value of a `--mount`, after its quotes are off, as BuildKit does (instructions/commands_runmount.go,
/// `parseMount`). Where BuildKit can't, at the commas.
fn mount_options(value: &Word) -> Vec<MountOption> {
    let fields = csv::fields(value).unwrap_or_else(|_| {
        let mut start = 0;
        let at_comma = |field: &str| {
            start += field.len() + 1;
            value.part(start - field.len() - 1..start - 1)
        };
        value.text().split(',').map(at_comma).collect()
    });
    let option = |field: &Word| {
        let text = field.text();
        let equals = text.find('=');
        MountOption {
            range: field.range(),
            key: field.part(0..equals.unwrap_or(text.len())),
            value: equals.map(|at| field.part(at + 1..text.len())),
        }
    };
    fields.iter().filter(|field| !field.text().is_empty()).map(option).collect()
}

/// Calls `visit` with the cursor on each child, and comes back to the parent.
fn each_child(cursor: &mut TreeCursor<'_>, mut visit: impl FnMut(&mut TreeCursor<'_>)) {
    if !cursor.goto_first_child() {
        return;
    }
    loop {
        visit(cursor);
        if !cursor.goto_next_sibling() {
            break;
        }
    }
    cursor.goto_parent();
}
