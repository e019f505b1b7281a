//! How a file is to look.

use crate::settings::{Continuation, Format, Indent, KeywordCase};

/// The widest indentation that an editor may ask for.
const WIDEST: u32 = 16;

/// How a file is to look: what the user has set, and what the editor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// The indentation of a continued line in columns; a tab is as wide.
    pub width: usize,
    pub tabs: bool,
    pub keyword_case: KeywordCase,
    pub continuation: Continuation,
    /// Whether blanks at the ends of lines go.
    pub trim: bool,
    /// Whether a line ending is put behind the last line.
    pub end_last_line: bool,
    /// Whether empty lines at the end go.
    pub trim_end: bool,
}

impl Style {
    /// What the settings say. `width` and `tabs` are those of the editor.
    pub fn new(format: &Format, width: u32, tabs: bool) -> Style {
        let (width, tabs) = match format.indent {
            Indent::Editor => (width, tabs),
            Indent::Tabs => (width, true),
            Indent::Spaces => (format.indent_width, false),
        };
        Style {
            width: width.clamp(1, WIDEST) as usize,
            tabs,
            keyword_case: format.keyword_case,
            continuation: format.continuation,
            trim: true,
            end_last_line: true,
            trim_end: true,
        }
    }

    /// The style where no editor says anything.
    pub fn alone(format: &Format) -> Style {
        Style::new(format, format.indent_width, false)
    }

    /// The columns that some blanks take.
    pub(super) fn columns(&self, blanks: &str) -> usize {
        blanks.bytes().fold(0, |column, byte| match byte {
            b'\t' => (column / self.width + 1) * self.width,
            _ => column + 1,
        })
    }

    /// So many columns of indentation.
    pub(super) fn blanks(&self, columns: usize) -> String {
        if !self.tabs {
            return " ".repeat(columns);
        }
        "\t".repeat(columns / self.width) + &" ".repeat(columns % self.width)
    }
}
