//! Findings as diagnostics, and the answer to a client that asks for them.

use std::{cell::RefCell, collections::HashMap, str::FromStr};

use tower_lsp::ls_types::{self as lsp, Uri};

use super::{
    capabilities::ClientFeatures,
    convert::{Sheet, View},
    index::Index,
    sources::Source,
    store::Snapshot,
};
use crate::rules::{self, Finding, Related, Severity, Tag};

/// All findings of the document, as far as the client can show them.
pub fn diagnostics(view: &View<'_>, findings: &[Finding]) -> Vec<lsp::Diagnostic> {
    findings.iter().map(|finding| diagnostic(&view.sheet(), finding)).collect()
}

/// All findings of a file that says what is built.
pub fn source_diagnostics(
    index: &Index,
    uri: &Uri,
    source: &Source,
    client: &ClientFeatures,
) -> Vec<lsp::Diagnostic> {
    let sheet = source.sheet(uri, client);
    let findings = index
        .with(|workspace| rules::check_source_only(workspace, &source.path, &source.text, &source.settings));
    findings.iter().map(|finding| source_diagnostic(index, &sheet, finding)).collect()
}

/// One of them, with what belongs to it in other files.
pub fn source_diagnostic(index: &Index, sheet: &Sheet<'_>, finding: &Finding) -> lsp::Diagnostic {
    let mut shown = diagnostic(sheet, finding);
    if sheet.client.diagnostic_related {
        let elsewhere = finding.elsewhere.iter().filter_map(|place| {
            let location = index.location(&place.file, &place.range, sheet.client)?;
            Some(lsp::DiagnosticRelatedInformation { location, message: place.message.clone() })
        });
        let related: Vec<_> = shown.related_information.into_iter().flatten().chain(elsewhere).collect();
        shown.related_information = (!related.is_empty()).then_some(related);
    }
    shown
}

/// The answer to `textDocument/diagnostic` for such a file.
pub fn source_report(
    index: &Index,
    uri: &Uri,
    source: &Source,
    client: &ClientFeatures,
    known: Option<&str>,
) -> lsp::DocumentDiagnosticReport {
    // What other files say counts as well.
    let result_id = format!("{}.{}", source.serial, index.generation());
    if known == Some(&result_id) {
        return unchanged(result_id);
    }
    full_report(Some(result_id), source_diagnostics(index, uri, source, client))
}

fn unchanged(result_id: String) -> lsp::DocumentDiagnosticReport {
    let unchanged_document_diagnostic_report = lsp::UnchangedDocumentDiagnosticReport { result_id };
    lsp::RelatedUnchangedDocumentDiagnosticReport {
        related_documents: None,
        unchanged_document_diagnostic_report,
    }
    .into()
}

/// The answer to `textDocument/diagnostic`; short if the client has the diagnostics of this very state.
pub fn report(view: &View<'_>, snapshot: &Snapshot, known: Option<&str>) -> lsp::DocumentDiagnosticReport {
    let result_id = snapshot.serial.to_string();
    if known == Some(&result_id) {
        return unchanged(result_id);
    }
    full_report(Some(result_id), diagnostics(view, snapshot.findings()))
}

/// The report on a document that is not open.
pub fn empty_report() -> lsp::DocumentDiagnosticReport {
    full_report(None, Vec::new())
}

fn full_report(result_id: Option<String>, items: Vec<lsp::Diagnostic>) -> lsp::DocumentDiagnosticReport {
    let full_document_diagnostic_report = lsp::FullDocumentDiagnosticReport { result_id, items };
    lsp::RelatedFullDocumentDiagnosticReport { related_documents: None, full_document_diagnostic_report }
        .into()
}

/// One finding, as far as the client can show it.
pub fn diagnostic(sheet: &Sheet<'_>, finding: &Finding) -> lsp::Diagnostic {
    let related = |related: &Related| lsp::DiagnosticRelatedInformation {
        location: sheet.location(&related.range),
        message: related.message.clone(),
    };
    let page = finding.page.filter(|_| sheet.client.diagnostic_page);
    let show_related = sheet.client.diagnostic_related && !finding.related.is_empty();
    let show_tags = sheet.client.diagnostic_tags && !finding.tags.is_empty();
    lsp::Diagnostic {
        range: sheet.range(&finding.range),
        severity: Some(severity(finding.severity)),
        code: Some(lsp::NumberOrString::String(finding.code.into())),
        code_description: page.and_then(uri_of).map(|href| lsp::CodeDescription { href }),
        source: Some(env!("CARGO_PKG_NAME").into()),
        message: finding.message.clone(),
        related_information: show_related.then(|| finding.related.iter().map(related).collect()),
        tags: show_tags.then(|| finding.tags.iter().copied().map(tag).collect()),
        data: None,
    }
}

/// The URI of a page. A keystroke brings the same few again and again: each is read once.
fn uri_of(page: &'static str) -> Option<Uri> {
    thread_local! {
        static READ: RefCell<HashMap<&'static str, Option<Uri>>> = RefCell::default();
    }
    READ.with_borrow_mut(|read| read.entry(page).or_insert_with(|| Uri::from_str(page).ok()).clone())
}

fn severity(severity: Severity) -> lsp::DiagnosticSeverity {
    match severity {
        Severity::Hint => lsp::DiagnosticSeverity::HINT,
        Severity::Information => lsp::DiagnosticSeverity::INFORMATION,
        Severity::Warning => lsp::DiagnosticSeverity::WARNING,
        Severity::Error => lsp::DiagnosticSeverity::ERROR,
    }
}

fn tag(tag: Tag) -> lsp::DiagnosticTag {
    match tag {
        Tag::Unnecessary => lsp::DiagnosticTag::UNNECESSARY,
        Tag::Deprecated => lsp::DiagnosticTag::DEPRECATED,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::document::Document;

    fn shown(client: ClientFeatures, page: &'static str) -> Value {
        let uri = Uri::from_str("file:///Dockerfile").expect("a URI");
        let document = Document::open("FROM a\nFROM é😀x\n", 1);
        let finding = Finding {
            code: "some-rule",
            page: Some(page),
            severity: Severity::Hint,
            range: 18..19,
            message: "`x` is odd".into(),
            related: vec![Related { range: 5..6, message: "as is this".into() }],
            elsewhere: Vec::new(),
            tags: vec![Tag::Unnecessary],
            fixes: Vec::new(),
            also: None,
        };
        let view = View { uri: &uri, document: &document, client: &client };
        serde_json::to_value(diagnostic(&view.sheet(), &finding)).expect("diagnostics are JSON")
    }

    fn span(line: u32, start: u32, end: u32) -> Value {
        json!({"start": {"line": line, "character": start}, "end": {"line": line, "character": end}})
    }

    #[test]
    fn show_the_least_to_a_client_that_declares_nothing() {
        let expected = json!({
            "range": span(1, 8, 9),
            "severity": 4,
            "code": "some-rule",
            "source": "dockerfile-ls",
            "message": "`x` is odd",
        });
        assert_eq!(shown(ClientFeatures::default(), "https://example.org/"), expected);
    }

    #[test]
    fn show_all_to_a_client_that_takes_it() {
        let client = ClientFeatures {
            diagnostic_related: true,
            diagnostic_tags: true,
            diagnostic_page: true,
            ..ClientFeatures::default()
        };
        let all = shown(client, "https://example.org/");
        assert_eq!(all["codeDescription"], json!({"href": "https://example.org/"}));
        assert_eq!(all["tags"], json!([1]));
        let location = json!({"uri": "file:///Dockerfile", "range": span(0, 5, 6)});
        assert_eq!(all["relatedInformation"], json!([{"location": location, "message": "as is this"}]));
        assert_eq!(shown(client, "no page")["codeDescription"], Value::Null);
    }
}
