//! Scripts that are values of a YAML or JSON file.

use std::{ops::Range, path::Path, sync::Arc};

use super::{
    Build, Files, bake_calls,
    command::{self, Cwd, Dialect, Script, Variables},
    node::{Piece, Scalar, Style},
};

/// The text that a shell gets from one or more values.
#[derive(Debug, Default)]
pub(super) struct Embedded {
    text: String,
    /// By their places in the text.
    pieces: Vec<Piece>,
    range: Option<Range<usize>>,
}

/// What a script is run with.
pub(super) struct Setting<'a> {
    pub file: &'a Arc<Path>,
    pub dialect: Dialect,
    pub cwd: Cwd,
    pub variables: &'a Variables,
    pub title: &'a str,
}

impl Embedded {
    /// A script of the values, a line or more each. `source` is the text of the file.
    pub fn lines<'a>(source: &str, scalars: impl IntoIterator<Item = &'a Scalar>) -> Embedded {
        let mut all = Embedded::default();
        for scalar in scalars {
            if !all.text.is_empty() && !all.text.ends_with('\n') {
                all.text.push('\n');
            }
            all.add(scalar);
            all.add_typed_blanks(source, scalar);
        }
        all
    }

    fn add(&mut self, scalar: &Scalar) {
        let start = self.text.len();
        let moved = scalar.pieces.iter().map(|piece| Piece { text: piece.text + start, ..*piece });
        self.pieces.extend(moved);
        self.text.push_str(&scalar.text);
        let range = scalar.range.clone();
        self.range = Some(
            self.range
                .as_ref()
                .map_or(range.clone(), |all| all.start.min(range.start)..all.end.max(range.end)),
        );
    }

    /// A plain scalar and an open string end before the blanks of their line, but behind them the next word is typed.
    fn add_typed_blanks(&mut self, source: &str, scalar: &Scalar) {
        let end = scalar.range.end;
        let is_block = matches!(scalar.style, Style::Literal | Style::Folded);
        let Some(rest) = source.get(end..).filter(|_| !is_block) else { return };
        let len = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if len == 0 || !matches!(rest.as_bytes().get(len), None | Some(b'\r' | b'\n')) {
            return;
        }
        self.pieces.push(Piece { text: self.text.len(), file: end, len });
        self.text.push_str(&rest[..len]);
    }

    /// Where a part of the text (bytes) stands in the file; `None` if it does not in one piece.
    fn place(&self, part: Range<usize>) -> Option<Range<usize>> {
        let fits = |piece: &Piece| piece.text <= part.start && part.end <= piece.text + piece.len;
        let behind = self.pieces.partition_point(|piece| piece.text <= part.start);
        // A place between two pieces is in both, and what is written in one piece may go on in the next.
        let near = self.pieces[behind.saturating_sub(2)..behind].iter().rev();
        if let Some(piece) = near.clone().find(|piece| fits(piece)) {
            let start = piece.file + part.start - piece.text;
            return Some(start..start + part.len());
        }
        let first = near.clone().next()?;
        let mut end = (first.text + first.len, first.file + first.len);
        for piece in &self.pieces[behind..] {
            if (piece.text, piece.file) != end || end.0 >= part.end {
                break;
            }
            end = (piece.text + piece.len, piece.file + piece.len);
        }
        let start = first.file + part.start - first.text;
        (part.end <= end.0).then(|| start..start + part.len())
    }

    /// As the shell gets it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it has built, by bake too.
    pub fn builds(&self, setting: Setting, files: &dyn Files) -> Vec<Build> {
        let Some(range) = self.range.clone().filter(|_| command::may_build(&self.text)) else {
            return Vec::new();
        };
        let place = |part: Range<usize>| self.place(part);
        let script = Script {
            file: setting.file,
            text: &self.text,
            place: &place,
            range,
            dialect: setting.dialect,
            cwd: setting.cwd,
            variables: setting.variables,
            title: Some(setting.title),
        };
        let commands = command::commands(&script, files);
        let bakes = commands.bakes.iter().flat_map(|call| bake_calls::builds(call, files));
        commands.builds.into_iter().chain(bakes).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::yaml;

    #[test]
    fn lines_lead_back_to_their_values() {
        let source = "s:\n  - one \n  - |\n    two\n    three\n  - 'four'\n";
        let read = yaml::read(source);
        let scalars: Vec<&Scalar> =
            read.roots[0].get("s").unwrap().items().iter().filter_map(|item| item.scalar()).collect();
        let all = Embedded::lines(source, scalars);
        assert_eq!(all.text, "one \ntwo\nthree\nfour");
        for word in ["one", "two", "three", "four"] {
            let at = all.text.find(word).unwrap();
            assert_eq!(&source[all.place(at..at + word.len()).unwrap()], word);
        }
        assert_eq!(all.place(4..4), Some(source.find("one ").unwrap() + 4..source.find("one ").unwrap() + 4));
        assert_eq!(all.place(0..8), None);
    }
}
