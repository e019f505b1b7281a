//! Fixes of findings as quick fixes.

use tower_lsp::ls_types as lsp;

use super::{convert::View, diagnostics::diagnostic};
use crate::rules::Finding;

/// Most edits in one answer. A client may ask for all of a file, where each of thousands of fixes can touch thousands of
/// places; no menu shows them.
const EDITS: usize = 10_000;

/// The quick fixes for those of the findings that touch the asked range.
pub fn quick_fixes(
    view: &View<'_>,
    findings: &[Finding],
    asked: lsp::Range,
    context: &lsp::CodeActionContext,
) -> lsp::CodeActionResponse {
    if !view.client.code_actions || !wants_quick_fixes(context.only.as_deref()) {
        return Vec::new();
    }
    let asked = view.bytes(asked);
    let mut actions = Vec::new();
    let mut room = EDITS;
    for finding in findings {
        // A cursor is an empty range, and one that stands right behind the finding is meant as well.
        if finding.range.start > asked.end || finding.range.end < asked.start {
            continue;
        }
        for fix in &finding.fixes {
            // The first is offered whatever its size.
            if fix.edits.len() > room && !actions.is_empty() {
                return actions;
            }
            room = room.saturating_sub(fix.edits.len());
            let action = lsp::CodeAction {
                title: fix.title.clone(),
                kind: Some(lsp::CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![diagnostic(view, finding)]),
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

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;
    use crate::{
        document::Document,
        lsp::capabilities::ClientFeatures,
        rules::{Fix, Severity},
        text::Edit,
    };

    /// The titles of the quick fixes for a finding at bytes 5 to 9, asked for with `context` at some columns.
    fn titles(client: ClientFeatures, columns: (u32, u32), only: Option<&[&'static str]>) -> Vec<String> {
        let uri = lsp::Uri::from_str("file:///Dockerfile").expect("a URI");
        let document = Document::open("FROM base\n", 1);
        let view = View { uri: &uri, document: &document, client: &client };
        let edits = vec![Edit { range: 5..9, text: "scratch".into() }];
        let finding = Finding {
            code: "code",
            page: None,
            severity: Severity::Warning,
            range: 5..9,
            message: "message".into(),
            related: Vec::new(),
            tags: Vec::new(),
            fixes: vec![Fix { title: "Fix it".into(), edits, preferred: true }],
            also: None,
        };
        let place = |character| lsp::Position { line: 0, character };
        let asked = lsp::Range { start: place(columns.0), end: place(columns.1) };
        let only = only.map(|kinds| kinds.iter().map(|kind| lsp::CodeActionKind::new(kind)).collect());
        let context = lsp::CodeActionContext { only, ..lsp::CodeActionContext::default() };
        let title = |action| match action {
            lsp::CodeActionOrCommand::CodeAction(action) => action.title,
            lsp::CodeActionOrCommand::Command(command) => panic!("{command:?}"),
        };
        quick_fixes(&view, &[finding], asked, &context).into_iter().map(title).collect()
    }

    #[test]
    fn are_offered_where_the_finding_is() {
        let client = ClientFeatures { code_actions: true, ..ClientFeatures::default() };
        for touching in [(5, 5), (7, 7), (9, 9), (0, 5), (0, 99), (9, 99)] {
            assert_eq!(titles(client, touching, None), ["Fix it"], "{touching:?}");
        }
        for beside in [(0, 0), (0, 4), (4, 4)] {
            assert!(titles(client, beside, None).is_empty(), "{beside:?}");
        }
        assert!(
            titles(ClientFeatures::default(), (7, 7), None).is_empty(),
            "a client that knows commands only"
        );
    }

    #[test]
    fn end_where_no_menu_would_show_them() {
        let uri = lsp::Uri::from_str("file:///Dockerfile").expect("a URI");
        let document = Document::open("FROM base\n", 1);
        let client = ClientFeatures { code_actions: true, ..ClientFeatures::default() };
        let view = View { uri: &uri, document: &document, client: &client };
        let finding = |edits: usize| Finding {
            code: "code",
            page: None,
            severity: Severity::Warning,
            range: 5..9,
            message: "message".into(),
            related: Vec::new(),
            tags: Vec::new(),
            fixes: vec![Fix {
                title: "Fix it".into(),
                edits: vec![Edit { range: 5..5, text: "x".into() }; edits],
                preferred: true,
            }],
            also: None,
        };
        let count = |findings: &[Finding]| {
            let asked = view.range(&(0..10));
            quick_fixes(&view, findings, asked, &lsp::CodeActionContext::default()).len()
        };
        assert_eq!(count(&[finding(1), finding(EDITS - 1)]), 2);
        assert_eq!(count(&[finding(1), finding(EDITS)]), 1);
        assert_eq!(count(&[finding(EDITS + 1), finding(1)]), 1);
    }

    #[test]
    fn are_offered_to_those_who_want_quick_fixes() {
        let client = ClientFeatures { code_actions: true, ..ClientFeatures::default() };
        for wanted in [&["quickfix"][..], &[""], &["source", "quickfix"]] {
            assert_eq!(titles(client, (7, 7), Some(wanted)), ["Fix it"], "{wanted:?}");
        }
        for unwanted in [&["source.fixAll"][..], &["quickfix.spelling"], &["quick"], &[]] {
            assert!(titles(client, (7, 7), Some(unwanted)).is_empty(), "{unwanted:?}");
        }
    }
}
