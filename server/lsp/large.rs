//! The requests whose answers may be large: those that [`bulk`](super::bulk) answers.

use tower_lsp::{jsonrpc::Result, ls_types as lsp};

use super::{
    across, actions, around::Nearby, backend::Backend, completion, convert::Places, diagnostics, format,
    guard::guard, inlay, lens, links, outline, sources::Source, tokens,
};
use crate::features;

impl Backend {
    /// `textDocument/formatting`.
    pub fn format(&self, params: lsp::DocumentFormattingParams) -> Result<Option<Vec<lsp::TextEdit>>> {
        self.ask("formatting", &params.text_document.uri, |view, _| {
            let style = format::style(view.document.settings(), &params.options);
            Ok(Some(format::edits(view, features::format::format(view.document, &style, None))))
        })
    }

    /// `textDocument/completion`.
    pub fn complete(&self, params: lsp::CompletionParams) -> Result<Option<lsp::CompletionResponse>> {
        let lsp::TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let (uri, client) = (&text_document.uri, self.features());
        if let Some(source) = self.sources.get(uri) {
            return guard("completion", || {
                let sheet = source.sheet(uri, &client);
                let offset = sheet.offset(position);
                let completions = across::completion(&self.index, &source, offset);
                Some(completion::list(&sheet, offset, completions).into())
            });
        }
        self.ask("completion", uri, |view, _| {
            let offset = view.offset(position);
            let mut completions =
                features::completion::completion(view.document, offset, &Nearby::new(view, &self.index));
            if completions.is_empty()
                && let Some(source) = Source::of_dockerfile(view)
            {
                completions = across::completion(&self.index, &source, offset);
            }
            Ok(Some(completion::list(&view.sheet(), offset, completions).into()))
        })
    }

    /// `textDocument/documentLink`.
    pub fn links(&self, params: lsp::DocumentLinkParams) -> Result<Option<Vec<lsp::DocumentLink>>> {
        let (uri, client) = (&params.text_document.uri, self.features());
        if let Some(source) = self.sources.get(uri) {
            return guard("links", || {
                let found =
                    self.index.with(|workspace| features::outside::links::links(workspace, &source.path));
                let sheet = source.sheet(uri, &client);
                Some(links::links(&client, found, |bytes| sheet.range(bytes)))
            });
        }
        self.ask("links", uri, |view, _| {
            let nearby = Nearby::new(view, &self.index);
            let found = features::links::links(view.document, &|path| nearby.find(path));
            let places = Places::new(view);
            Ok(Some(links::links(view.client, found, |bytes| places.range(bytes))))
        })
    }

    /// `textDocument/codeAction`.
    pub fn actions(&self, params: lsp::CodeActionParams) -> Result<Option<lsp::CodeActionResponse>> {
        if let Some(source) = self.sources.get(&params.text_document.uri) {
            let (uri, client) = (&params.text_document.uri, self.features());
            return guard("quick fixes", || {
                Some(actions::source_actions(&self.index, &source.sheet(uri, &client), &source, &params))
            });
        }
        self.ask("quick fixes", &params.text_document.uri, |view, snapshot| {
            let findings = actions::touched(view, snapshot, params.range);
            Ok(Some(actions::actions(view, &findings, params.range, &params.context)))
        })
    }

    /// `textDocument/documentSymbol`.
    pub fn symbols(&self, params: lsp::DocumentSymbolParams) -> Result<Option<lsp::DocumentSymbolResponse>> {
        self.ask("symbols", &params.text_document.uri, |view, _| {
            Ok(Some(outline::symbols(view, features::symbols::symbols(view.document))))
        })
    }

    /// `textDocument/diagnostic`.
    pub fn diagnostics(
        &self,
        params: lsp::DocumentDiagnosticParams,
    ) -> Result<lsp::DocumentDiagnosticReport> {
        let known = params.previous_result_id.as_deref();
        if let Some(source) = self.sources.get(&params.text_document.uri) {
            let (uri, features) = (&params.text_document.uri, self.features());
            return guard("checking", || {
                diagnostics::source_report(&self.index, uri, &source, &features, known)
            });
        }
        let report = self.ask("checking", &params.text_document.uri, |view, snapshot| {
            Ok(Some(diagnostics::report(view, snapshot, known)))
        })?;
        Ok(report.unwrap_or_else(diagnostics::empty_report))
    }

    /// `textDocument/foldingRange`.
    pub fn folds(&self, params: lsp::FoldingRangeParams) -> Result<Option<Vec<lsp::FoldingRange>>> {
        self.ask("folding", &params.text_document.uri, |view, _| {
            Ok(Some(outline::folds(view, &features::folding::folds(view.document))))
        })
    }

    /// `textDocument/semanticTokens/full`.
    pub fn tokens(&self, params: lsp::SemanticTokensParams) -> Result<Option<lsp::SemanticTokens>> {
        self.ask("tokens", &params.text_document.uri, |view, snapshot| {
            Ok(view.client.tokens.map(|legend| self.tokens.full(view, snapshot, &legend)))
        })
    }

    /// `textDocument/semanticTokens/full/delta`.
    pub fn tokens_delta(
        &self,
        params: lsp::SemanticTokensDeltaParams,
    ) -> Result<Option<lsp::SemanticTokensFullDeltaResult>> {
        let known = &params.previous_result_id;
        self.ask("tokens", &params.text_document.uri, |view, snapshot| {
            Ok(view.client.tokens.map(|legend| self.tokens.delta(view, snapshot, &legend, known)))
        })
    }

    /// `textDocument/semanticTokens/range`.
    pub fn tokens_in(&self, params: lsp::SemanticTokensRangeParams) -> Result<Option<lsp::SemanticTokens>> {
        self.ask("tokens", &params.text_document.uri, |view, _| {
            let data = |legend| tokens::encoded(view, &legend, Some(params.range));
            Ok(view.client.tokens.map(|legend| lsp::SemanticTokens { result_id: None, data: data(legend) }))
        })
    }

    /// `textDocument/selectionRange`.
    pub fn selections(&self, params: lsp::SelectionRangeParams) -> Result<Option<Vec<lsp::SelectionRange>>> {
        self.ask("selections", &params.text_document.uri, |view, _| {
            Ok(Some(outline::selections(view, &params.positions)))
        })
    }

    /// `textDocument/inlayHint`.
    pub fn inlay_hints(&self, params: lsp::InlayHintParams) -> Result<Option<Vec<lsp::InlayHint>>> {
        self.ask("inlay hints", &params.text_document.uri, |view, _| {
            let found = features::inlay_hints::inlay_hints(view.document, view.bytes(params.range));
            Ok(Some(found.into_iter().map(|hint| inlay::hint(view, hint)).collect()))
        })
    }

    /// `textDocument/codeLens`.
    pub fn code_lenses(&self, params: lsp::CodeLensParams) -> Result<Option<Vec<lens::Lens>>> {
        self.ask("code lenses", &params.text_document.uri, |view, _| {
            Ok(Some(lens::lenses(&self.index, view)))
        })
    }
}
