//! The lines of an instruction, and the one line that BuildKit joins them to (parser/parser.go, `Parse`).

use std::ops::Range;

/// An instruction up to its heredocs.
#[derive(Debug)]
pub struct Joined {
    /// What BuildKit reads: content lines without what continues them.
    pub text: String,
    pub lines: Vec<Line>,
}

/// One line of the file.
#[derive(Debug)]
pub struct Line {
    /// Without its line ending, in bytes of the file. The first starts where the instruction does.
    pub range: Range<usize>,
    pub kind: Kind,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Kind {
    Content {
        /// Its part of the joined text.
        joined: Range<usize>,
        /// Where the character is that continues it, in bytes of the file.
        escape: Option<usize>,
    },
    Comment,
    Empty,
}

/// A content line, as most of its readers want it.
#[derive(Debug, Clone)]
pub struct Content {
    /// Its number among all lines.
    pub line: usize,
    /// Where it starts in the file.
    pub start: usize,
    pub joined: Range<usize>,
}

impl Content {
    /// The place in the file of an offset in the joined text that belongs to this line.
    pub fn source(&self, joined: usize) -> usize {
        self.start + joined - self.joined.start
    }
}

impl Joined {
    /// Reads the instruction that starts at `start` (bytes of `text`). `None` where a control character makes lines that look
    /// like others than BuildKit reads.
    pub fn read(text: &str, start: usize, escape: char) -> Option<Joined> {
        let mut joined = Joined { text: String::new(), lines: Vec::new() };
        let mut at = start;
        let mut continued = true;
        while continued && (at < text.len() || at == start) {
            let line = line(text, at)?;
            let raw = &text[line.clone()];
            let first = joined.lines.is_empty();
            let kind = if !first && raw.trim_start().starts_with('#') {
                Kind::Comment
            } else if !first && raw.trim_start().is_empty() {
                Kind::Empty
            } else {
                let escape = continuation(raw, escape).map(|at| line.start + at);
                continued = escape.is_some();
                let from = joined.text.len();
                joined.text.push_str(&text[line.start..escape.unwrap_or(line.end)]);
                Kind::Content { joined: from..joined.text.len(), escape }
            };
            at = text[line.end..].find('\n').map_or(text.len(), |end| line.end + end + 1);
            joined.lines.push(Line { range: line, kind });
        }
        Some(joined)
    }

    /// Where the last line ends, without its line ending.
    pub fn end(&self) -> usize {
        self.lines.last().map_or(0, |line| line.range.end)
    }

    /// The content lines, the first one included.
    pub fn contents(&self) -> Vec<Content> {
        let content = |(number, line): (usize, &Line)| match &line.kind {
            Kind::Content { joined, .. } => {
                Some(Content { line: number, start: line.range.start, joined: joined.clone() })
            }
            Kind::Comment | Kind::Empty => None,
        };
        self.lines.iter().enumerate().filter_map(content).collect()
    }
}

/// The line from `start` on, without its line ending. `None` if a control character in it looks like a blank or a line ending
/// to one reader and not to another.
pub fn line(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = &text[start..];
    let rest = rest.find('\n').map_or(rest, |end| rest[..end].strip_suffix('\r').unwrap_or(&rest[..end]));
    let odd = |byte| matches!(byte, b'\r' | b'\x0b' | b'\x0c' | b'\0');
    (!rest.bytes().any(odd)).then(|| start..start + rest.len())
}

/// Where the character stands that continues a line (parser/parser.go, `setEscapeToken`).
fn continuation(line: &str, escape: char) -> Option<usize> {
    let before = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!before.ends_with(escape)).then_some(before.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_as_buildkit_joins_them() {
        for (text, expected) in [
            ("RUN a \\\n  b\nRUN c", "RUN a   b"),
            ("RUN a\\ \t\r\n# c \\\r\n\r\n \t\n b\r\n", "RUN a b"),
            ("RUN a \\", "RUN a "),
            ("RUN a \\\n\\\n b\\\\\nc", "RUN a  b\\\\"),
            ("RUN a `\n b", "RUN a `"),
            ("RUN a", "RUN a"),
        ] {
            let joined = Joined::read(text, 0, '\\').expect("nothing odd is in it");
            assert_eq!(joined.text, expected, "{text:?}");
        }
        assert_eq!(
            Joined::read("RUN a `\n b", 0, '`').map(|joined| joined.text).as_deref(),
            Some("RUN a  b")
        );
        assert!(Joined::read("RUN a \\\r b", 0, '\\').is_none());
    }
}
