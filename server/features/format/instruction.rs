//! The edits of one instruction.

use std::ops::Range;

use super::{
    gaps::{Blank, Gaps},
    joined::{Content, Joined, Kind},
    style::Style,
};
use crate::{
    settings::{Continuation, KeywordCase},
    syntax::{Arguments, Instruction, Keyword, Placed, Word},
    text::Edit,
};

/// An instruction on its way to its edits.
pub struct Layout<'a> {
    /// The whole file.
    pub text: &'a str,
    pub style: &'a Style,
    pub joined: Joined,
    pub gaps: Gaps,
    contents: Vec<Content>,
}

/// Two content lines, one after the other, that blanks separate.
struct Joint {
    /// The number of the lower one among the content lines.
    below: usize,
    /// The blanks at the end of the upper line, in bytes of the file; `None` if that line has nothing else.
    left: Option<Range<usize>>,
    /// Those at the start of the lower line.
    lead: Range<usize>,
}

impl<'a> Layout<'a> {
    /// `None` for an instruction that is better left alone.
    pub fn read(
        text: &'a str,
        placed: &Placed,
        escape: char,
        style: &'a Style,
        posix: &dyn Fn() -> bool,
    ) -> Option<Layout<'a>> {
        let joined = Joined::read(text, placed.start, escape)?;
        let layout = Layout::of(text, joined, &placed.instruction, escape, style, posix)?;
        // Both have to see the same lines.
        let last = layout.contents.last()?;
        let end = placed.start + placed.instruction.head();
        let rest = text[layout.joined.end()..].starts_with(['\r', '\n']);
        let behind = layout.joined.end() + if rest { 2 } else { 0 };
        (last.start <= end && end <= behind).then_some(layout)
    }

    /// The same for some of the lines.
    pub fn of(
        text: &'a str,
        joined: Joined,
        instruction: &Instruction,
        escape: char,
        style: &'a Style,
        posix: &dyn Fn() -> bool,
    ) -> Option<Layout<'a>> {
        if instruction.effective().keyword == Keyword::Unknown {
            return None;
        }
        let gaps = Gaps::read(&joined.text, instruction, escape, posix)?;
        let contents = joined.contents();
        Some(Layout { text, style, joined, gaps, contents })
    }

    /// All edits, in file order.
    pub fn edits(&self, placed: &Placed) -> Vec<Edit> {
        let mut edits = self.keywords(placed);
        self.starts(placed, &mut edits);
        self.words(&mut edits);
        self.json(&mut edits);
        self.ends(&mut edits);
        edits.sort_by_key(|edit| edit.range.start);
        let layout = self.lines(&edits);
        edits.extend(layout);
        edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
        edits
    }

    fn change(&self, range: Range<usize>, text: &str, edits: &mut Vec<Edit>) {
        if self.text[range.clone()] != *text {
            edits.push(Edit { range, text: text.to_owned() });
        }
    }

    /// Keywords in the case that is asked for.
    fn keywords(&self, placed: &Placed) -> Vec<Edit> {
        let mut edits = Vec::new();
        if self.style.keyword_case == KeywordCase::Keep {
            return edits;
        }
        let outer = &*placed.instruction;
        let mut add = |range: Range<usize>| {
            let range = placed.at(range);
            let raw = &self.text[range.clone()];
            // One that is continued has something else in it.
            if raw.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                let text = match self.style.keyword_case {
                    KeywordCase::Lower => raw.to_ascii_lowercase(),
                    KeywordCase::Upper | KeywordCase::Keep => raw.to_ascii_uppercase(),
                };
                self.change(range, &text, &mut edits);
            }
        };
        let is_inside = !std::ptr::eq(outer, outer.effective());
        for instruction in std::iter::once(outer).chain(is_inside.then(|| outer.effective())) {
            add(instruction.word.range());
            instruction.action.iter().map(Word::range).for_each(&mut add);
            if let Arguments::From(from) = &instruction.arguments {
                from.as_keyword.clone().into_iter().for_each(&mut add);
            }
        }
        edits
    }

    /// No indentation in front of an instruction.
    fn starts(&self, placed: &Placed, edits: &mut Vec<Edit>) {
        let line = self.text[..placed.start].rfind('\n').map_or(0, |end| end + 1);
        if self.text[line..placed.start].bytes().all(|byte| matches!(byte, b' ' | b'\t')) {
            self.change(line..placed.start, "", edits);
        }
    }

    /// One blank between words on a line.
    fn words(&self, edits: &mut Vec<Edit>) {
        let bytes = self.joined.text.as_bytes();
        for content in &self.contents {
            let mut at = content.joined.start;
            while at < content.joined.end {
                if self.gaps.blanks[at] != Blank::Word {
                    at += 1;
                    continue;
                }
                let start = at;
                while at < content.joined.end && self.gaps.blanks[at] == Blank::Word {
                    at += 1;
                }
                let is_whole = |byte: Option<&u8>| !matches!(byte, Some(b' ' | b'\t'));
                let inside = start > content.joined.start && at < content.joined.end;
                let whole = inside && is_whole(bytes.get(start - 1)) && is_whole(bytes.get(at));
                if whole && self.gaps.json.first().is_none_or(|first| start < first.start) {
                    self.change(content.source(start)..content.source(at), " ", edits);
                }
            }
        }
    }

    /// `["a", "b"]`
    fn json(&self, edits: &mut Vec<Edit>) {
        let mut contents = self.contents.iter().peekable();
        for pair in self.gaps.json.windows(2) {
            let gap = pair[0].end..pair[1].start;
            while contents.next_if(|content| content.joined.end <= pair[0].start).is_some() {}
            let Some(content) = contents.peek() else { return };
            // What is at the start or the end of a line is no matter of words.
            if gap.end >= content.joined.end {
                continue;
            }
            let wanted = if &self.joined.text[pair[0].clone()] == "," { " " } else { "" };
            self.change(content.source(gap.start)..content.source(gap.end), wanted, edits);
        }
    }

    /// Nothing behind the last character of a line.
    fn ends(&self, edits: &mut Vec<Edit>) {
        if !self.style.trim {
            return;
        }
        for line in &self.joined.lines {
            let from = match line.kind {
                Kind::Content { escape: Some(escape), .. } => escape + 1,
                Kind::Content { escape: None, .. } | Kind::Empty | Kind::Comment => {
                    let raw = &self.text[line.range.clone()];
                    line.range.start + raw.trim_end_matches([' ', '\t']).len()
                }
            };
            self.change(from..line.range.end, "", edits);
        }
    }

    /// Indentation, and the characters that continue lines. `inside`: the edits within lines, in file order.
    fn lines(&self, inside: &[Edit]) -> Vec<Edit> {
        let joints = self.joints();
        let indents = self.indents(&joints);
        let mut edits = Vec::new();
        // Comments go with the line below them.
        for (joint, indent) in joints.iter().zip(&indents) {
            let below = &self.contents[joint.below];
            let above = &self.contents[joint.below - 1];
            for line in &self.joined.lines[above.line + 1..below.line] {
                if line.kind == Kind::Comment {
                    let raw = &self.text[line.range.clone()];
                    let lead = raw.len() - raw.trim_start_matches([' ', '\t']).len();
                    let lead = line.range.start..line.range.start + lead;
                    self.change(lead, &self.style.blanks(*indent), &mut edits);
                }
            }
            self.change(joint.lead.clone(), &self.style.blanks(*indent), &mut edits);
        }
        self.continuations(&joints, &indents, inside, &mut edits);
        edits
    }

    /// Where blanks between two content lines are free.
    fn joints(&self) -> Vec<Joint> {
        let joint = |(number, pair): (usize, &[Content])| {
            let [above, below] = pair else { return None };
            let at = below.joined.start;
            let (run, free) = self.gaps.around(&self.joined.text, at)?;
            if !free {
                return None;
            }
            let left = above.source(run.start.max(above.joined.start))..above.source(at);
            let lead = below.start..below.source(run.end.min(below.joined.end));
            let is_blank = run.start <= above.joined.start && number > 0;
            Some(Joint { below: number + 1, left: (!is_blank).then_some(left), lead })
        };
        self.contents.windows(2).enumerate().filter_map(joint).collect()
    }

    /// The columns of indentation of the line below each joint.
    fn indents(&self, joints: &[Joint]) -> Vec<usize> {
        let unit = self.style.width;
        let columns = |joint: &Joint| self.style.columns(&self.text[joint.lead.clone()]);
        let rest = |joint: &Joint| self.text[joint.lead.end..].as_bytes().first().copied();
        let closes = |joint: &Joint| !self.gaps.json.is_empty() && rest(joint) == Some(b']');
        let is_blank = |joint: &Joint| self.contents[joint.below].joined.len() == joint.lead.len();
        // What is deeper than others stays so.
        let ordinary = joints.iter().filter(|joint| !closes(joint) && !is_blank(joint));
        let least = ordinary.map(columns).min().unwrap_or_default();
        let indent = |joint: &Joint| {
            if closes(joint) {
                0
            } else if self.gaps.nested && !is_blank(joint) {
                unit + columns(joint) - least
            } else {
                unit
            }
        };
        joints.iter().map(indent).collect()
    }

    /// Edits of the blanks in front of the characters that continue lines.
    fn continuations(&self, joints: &[Joint], indents: &[usize], inside: &[Edit], edits: &mut Vec<Edit>) {
        let lefts = joints.iter().filter_map(|joint| Some((joint.below - 1, joint.left.clone()?)));
        if self.style.continuation != Continuation::Align {
            if self.style.continuation == Continuation::Single {
                lefts.for_each(|(_, left)| self.change(left, " ", edits));
            }
            return;
        }
        // The columns of the text of each line as it will be.
        let mut inside = inside.iter().peekable();
        let mut indent = joints.iter().zip(indents).peekable();
        let mut widths = Vec::new();
        for (number, left) in lefts {
            let content = &self.contents[number];
            let mut start = content.start;
            let mut width = 0;
            while indent.next_if(|(joint, _)| joint.below < number).is_some() {}
            if let Some((joint, columns)) = indent.next_if(|(joint, _)| joint.below == number) {
                start = joint.lead.end;
                width = *columns;
            }
            width += self.text[start..left.start].chars().count();
            while inside.next_if(|edit| edit.range.start < start).is_some() {}
            while let Some(edit) = inside.next_if(|edit| edit.range.end <= left.start) {
                width = width + edit.text.chars().count() - self.text[edit.range.clone()].chars().count();
            }
            widths.push((left, width));
        }
        let widest = widths.iter().map(|(_, width)| *width).max().unwrap_or_default();
        for (left, width) in widths {
            self.change(left, &" ".repeat(widest + 1 - width), edits);
        }
    }
}
