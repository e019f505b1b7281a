//! Large messages, written as they are.
//!
//! [`LspService`](tower_lsp::LspService) turns every answer into a [`serde_json::Value`] before it is written. For an
//! outline of some hundred symbols that takes longer than finding them, so these answers go past it.

use serde::{Serialize, de::DeserializeOwned};
use tower_lsp::{
    jsonrpc::{Error, Id, Request, Response, Result},
    ls_types as lsp,
};

use super::{backend::Backend, lens::Lens};

/// A message to the client.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Outgoing {
    Service(Response),
    Bulk {
        jsonrpc: &'static str,
        id: Id,
        result: Bulk,
    },
    /// `textDocument/publishDiagnostics`.
    Publish {
        jsonrpc: &'static str,
        method: &'static str,
        params: lsp::PublishDiagnosticsParams,
    },
}

impl Outgoing {
    /// Tells the client all that is to be said of a document.
    pub fn publish(uri: lsp::Uri, diagnostics: Vec<lsp::Diagnostic>, version: Option<i32>) -> Outgoing {
        let params = lsp::PublishDiagnosticsParams { uri, diagnostics, version };
        Outgoing::Publish { jsonrpc: "2.0", method: "textDocument/publishDiagnostics", params }
    }
}

/// The results that are large.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Bulk {
    Symbols(Option<lsp::DocumentSymbolResponse>),
    Folds(Option<Vec<lsp::FoldingRange>>),
    Tokens(Option<lsp::SemanticTokens>),
    TokensDelta(Option<lsp::SemanticTokensFullDeltaResult>),
    Selections(Option<Vec<lsp::SelectionRange>>),
    Diagnostics(lsp::DocumentDiagnosticReport),
    InlayHints(Option<Vec<lsp::InlayHint>>),
    CodeLenses(Option<Vec<Lens>>),
    Edits(Option<Vec<lsp::TextEdit>>),
    Links(Option<Vec<lsp::DocumentLink>>),
    Completions(Option<lsp::CompletionResponse>),
    Actions(Option<lsp::CodeActionResponse>),
}

/// Answers a request whose result may be large; `None` for all others, and for those that come before `initialize`.
pub fn answer(backend: &Backend, request: &Request) -> Option<Outgoing> {
    let id = request.id().filter(|_| backend.is_initialized())?.clone();
    let result = match request.method() {
        "textDocument/documentSymbol" => {
            params(request).and_then(|params| backend.symbols(params)).map(Bulk::Symbols)
        }
        "textDocument/diagnostic" => {
            params(request).and_then(|params| backend.diagnostics(params)).map(Bulk::Diagnostics)
        }
        "textDocument/foldingRange" => {
            params(request).and_then(|params| backend.folds(params)).map(Bulk::Folds)
        }
        "textDocument/semanticTokens/full" => {
            params(request).and_then(|params| backend.tokens(params)).map(Bulk::Tokens)
        }
        "textDocument/semanticTokens/full/delta" => {
            params(request).and_then(|params| backend.tokens_delta(params)).map(Bulk::TokensDelta)
        }
        "textDocument/semanticTokens/range" => {
            params(request).and_then(|params| backend.tokens_in(params)).map(Bulk::Tokens)
        }
        "textDocument/selectionRange" => {
            params(request).and_then(|params| backend.selections(params)).map(Bulk::Selections)
        }
        "textDocument/inlayHint" => {
            params(request).and_then(|params| backend.inlay_hints(params)).map(Bulk::InlayHints)
        }
        "textDocument/codeLens" => {
            params(request).and_then(|params| backend.code_lenses(params)).map(Bulk::CodeLenses)
        }
        "textDocument/formatting" => {
            params(request).and_then(|params| backend.format(params)).map(Bulk::Edits)
        }
        "textDocument/documentLink" => {
            params(request).and_then(|params| backend.links(params)).map(Bulk::Links)
        }
        "textDocument/completion" => {
            params(request).and_then(|params| backend.complete(params)).map(Bulk::Completions)
        }
        "textDocument/codeAction" => {
            params(request).and_then(|params| backend.actions(params)).map(Bulk::Actions)
        }
        _ => return None,
    };
    Some(match result {
        Ok(result) => Outgoing::Bulk { jsonrpc: "2.0", id, result },
        Err(error) => Outgoing::Service(Response::from_error(id, error)),
    })
}

fn params<P: DeserializeOwned>(request: &Request) -> Result<P> {
    let params = request.params().ok_or_else(|| Error::invalid_params("the request has no parameters"))?;
    P::deserialize(params).map_err(|error| Error::invalid_params(error.to_string()))
}
