//! Fixes of findings as code actions.

use std::{
    collections::{BTreeSet, HashSet},
    ops::Range,
};

use tower_lsp::ls_types as lsp;

use super::{
    capabilities::FIX_ALL,
    convert::{Sheet, View},
    diagnostics::{diagnostic, source_diagnostic},
    index::Index,
    sources::Source,
    store::Snapshot,
};
use crate::rules::{self, Finding, Fix, Ignore};

/// Most edits in one answer. A client may ask for all of a file, where each of thousands of fixes can touch thousands of
/// places; no menu shows them.
const EDITS: usize = 10_000;

/// The findings that an answer for the asked range may need, with their fixes. Editors ask whenever the cursor moves, so only
/// the rules are asked again that have found something there.
pub fn touched(view: &View<'_>, snapshot: &Snapshot, asked: lsp::Range) -> Vec<Finding> {
    let asked = view.bytes(asked);
    let there = snapshot.findings().iter().filter(|finding| touches(finding, &asked));
    let codes: BTreeSet<&str> = there.map(|finding| finding.code).collect();
    if codes.is_empty() {
        return Vec::new();
    }
    rules::check_some(view.document, &Vec::from_iter(codes))
}

/// A cursor is an empty range, and one that stands right behind the finding is meant as well.
fn touches(finding: &Finding, asked: &Range<usize>) -> bool {
    finding.range.start <= asked.end && finding.range.end >= asked.start
}

/// What can be done about those of the findings that touch the asked range: their fixes, all preferred fixes of the file,
/// and last the ways to ignore them.
pub fn actions(
    view: &View<'_>,
    findings: &[Finding],
    asked: lsp::Range,
    context: &lsp::CodeActionContext,
) -> lsp::CodeActionResponse {
    if !view.client.code_actions {
        return Vec::new();
    }
    let quick = wants(context.only.as_deref(), lsp::CodeActionKind::QUICKFIX.as_str());
    let asked = view.bytes(asked);
    let touched: Vec<&Finding> = findings.iter().filter(|it| quick && touches(it, &asked)).collect();
    let mut actions = Actions { view, all: Vec::new(), room: EDITS };
    let fixes = touched.iter().flat_map(|finding| finding.fixes.iter().map(move |fix| (*finding, fix)));
    for (finding, fix) in fixes {
        if !actions.add(finding, fix) {
            return actions.all;
        }
    }
    if fixes_all(&touched, context) {
        actions.all.extend(fix_all(view));
    }
    // Two findings of a rule in one line are ignored by one comment.
    let mut seen = HashSet::new();
    let mut ignore = Ignore::new(view.document);
    for finding in touched {
        for fix in ignore.ways(finding) {
            let place = fix.edits.first().map(|edit| edit.range.start);
            if seen.insert((fix.title.clone(), place)) && !actions.add(finding, &fix) {
                return actions.all;
            }
        }
    }
    actions.all
}

/// The fixes of those findings of a file that says what is built which touch the asked range.
pub fn source_actions(
    index: &Index,
    sheet: &Sheet<'_>,
    source: &Source,
    params: &lsp::CodeActionParams,
) -> lsp::CodeActionResponse {
    if !sheet.client.code_actions
        || !wants(params.context.only.as_deref(), lsp::CodeActionKind::QUICKFIX.as_str())
    {
        return Vec::new();
    }
    let asked = sheet.bytes(params.range);
    let findings =
        index.with(|workspace| rules::check_source(workspace, &source.path, &source.text, &source.settings));
    let fixes = findings
        .iter()
        .filter(|it| touches(it, &asked))
        .flat_map(|it| it.fixes.iter().map(move |fix| (it, fix)));
    let action = |(finding, fix): (&Finding, &Fix)| lsp::CodeAction {
        title: fix.title.clone(),
        kind: Some(lsp::CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![source_diagnostic(index, sheet, finding)]),
        edit: Some(sheet.workspace_edit(&fix.edits)),
        is_preferred: (sheet.client.code_action_preferred && fix.preferred).then_some(true),
        ..lsp::CodeAction::default()
    };
    fixes.map(action).map(Into::into).collect()
}

struct Actions<'a> {
    view: &'a View<'a>,
    all: lsp::CodeActionResponse,
    /// How many edits more an answer may have.
    room: usize,
}

impl Actions<'_> {
    /// Adds a quick fix; `false` if there is no room for it. The first is offered whatever its size.
    fn add(&mut self, finding: &Finding, fix: &Fix) -> bool {
        if fix.edits.len() > self.room && !self.all.is_empty() {
            return false;
        }
        self.room = self.room.saturating_sub(fix.edits.len());
        let action = lsp::CodeAction {
            title: fix.title.clone(),
            kind: Some(lsp::CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![diagnostic(&self.view.sheet(), finding)]),
            edit: Some(self.view.workspace_edit(&fix.edits)),
            is_preferred: (self.view.client.code_action_preferred && fix.preferred).then_some(true),
            ..lsp::CodeAction::default()
        };
        self.all.push(action.into());
        true
    }
}

/// Whether to offer all fixes at once: to those who ask for it, and in a menu that somebody opened where there is one.
fn fixes_all(touched: &[&Finding], context: &lsp::CodeActionContext) -> bool {
    match &context.only {
        Some(_) => wants(context.only.as_deref(), FIX_ALL),
        None => {
            let by_itself = context.trigger_kind == Some(lsp::CodeActionTriggerKind::AUTOMATIC);
            !by_itself && touched.iter().any(|finding| finding.fixes.iter().any(|fix| fix.preferred))
        }
    }
}

fn fix_all(view: &View<'_>) -> Option<lsp::CodeActionOrCommand> {
    let edits = rules::fix_all(view.document)?;
    let action = lsp::CodeAction {
        title: "Apply all preferred fixes".into(),
        kind: Some(lsp::CodeActionKind::new(FIX_ALL)),
        edit: Some(view.workspace_edit(&edits)),
        ..lsp::CodeAction::default()
    };
    Some(action.into())
}

/// Kinds are a tree by their dots: who asks for a kind gets those below it as well.
fn wants(only: Option<&[lsp::CodeActionKind]>, kind: &str) -> bool {
    let covers = |asked: &lsp::CodeActionKind| {
        let rest = kind.strip_prefix(asked.as_str());
        asked.as_str().is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
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
            elsewhere: Vec::new(),
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
        actions(&view, &[finding], asked, &context).into_iter().map(title).collect()
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
            elsewhere: Vec::new(),
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
            actions(&view, findings, asked, &lsp::CodeActionContext::default()).len()
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
