//! The language server: the only place that knows tower-lsp and tokio.
