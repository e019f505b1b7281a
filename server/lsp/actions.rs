//! Fixes of findings as quick fixes.

use tower_lsp::ls_types as lsp;

use super::{convert::View, diagnostics::diagnostic};
use crate::rules;

/// The quick fixes for all findings that touch the asked range.
pub fn quick_fixes(
    view: &View<'_>,
    asked: lsp::Range,
    context: &lsp::CodeActionContext,
) -> lsp::CodeActionResponse {
    if !view.client.code_actions || !wants_quick_fixes(context.only.as_deref()) {
        return Vec::new();
    }
    let asked = view.bytes(asked);
    let mut actions = Vec::new();
    for finding in rules::check(view.document) {
        // A cursor is an empty range, and one that stands right behind the finding is meant as well.
        if finding.range.start > asked.end || finding.range.end < asked.start {
            continue;
        }
        for fix in &finding.fixes {
            let action = lsp::CodeAction {
                title: fix.title.clone(),
                kind: Some(lsp::CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![diagnostic(view, &finding)]),
                edit: Some(view.workspace_edit(&fix.edits)),
                is_preferred: (view.client.code_action_preferred && fix.preferred).then_some(true),
                ..lsp::CodeAction::default()
            };
            actions.push(action.into());
        }
    }
    actions
}

/// Kinds are a tree by their dots: who asks for a kind gets those below it as well.
fn wants_quick_fixes(only: Option<&[lsp::CodeActionKind]>) -> bool {
    let covers = |kind: &lsp::CodeActionKind| matches!(kind.as_str(), "" | "quickfix");
    only.is_none_or(|kinds| kinds.iter().any(covers))
}
