//! Inlay hints in the shape that clients take.

use tower_lsp::ls_types as lsp;

use super::convert::View;
use crate::features::inlay_hints::Hint;

/// One hint. It has no kind: the protocol's two, types and names of parameters, are something else.
pub fn hint(view: &View<'_>, hint: Hint) -> lsp::InlayHint {
    let label = match hint.target {
        None => hint.label.into(),
        Some(target) => vec![lsp::InlayHintLabelPart {
            value: hint.label,
            location: Some(view.location(&target)),
            ..lsp::InlayHintLabelPart::default()
        }]
        .into(),
    };
    lsp::InlayHint {
        position: view.position(hint.offset),
        label,
        kind: None,
        text_edits: None,
        tooltip: hint.origin.map(Into::into),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    }
}
