//! Formatting in the shape that clients take.

use tower_lsp::ls_types as lsp;

use super::convert::{Places, View};
use crate::{features::format::Style, settings::Settings, text::Edit};

/// The style for a request. What the client says of trimming counts, what it does not say is done.
pub fn style(settings: &Settings, options: &lsp::FormattingOptions) -> Style {
    Style {
        trim: options.trim_trailing_whitespace.unwrap_or(true),
        end_last_line: options.insert_final_newline.unwrap_or(true),
        trim_end: options.trim_final_newlines.unwrap_or(true),
        ..Style::new(&settings.format, options.tab_size, !options.insert_spaces)
    }
}

pub fn edits(view: &View<'_>, edits: Vec<Edit>) -> Vec<lsp::TextEdit> {
    if edits.is_empty() {
        return Vec::new();
    }
    let places = Places::new(view);
    let edit = |edit: Edit| lsp::TextEdit { range: places.range(&edit.range), new_text: edit.text };
    edits.into_iter().map(edit).collect()
}
