//! The language server: the only place that knows tower-lsp and tokio.

// STUB, until the server lands.
/// Speaks LSP on stdin and stdout until the client says `exit`.
pub fn serve() -> std::process::ExitCode {
    std::process::ExitCode::FAILURE
}
