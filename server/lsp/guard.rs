//! Keeps a panic in one request from ending the server.

use std::{
    any::Any,
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
};

use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

/// Does `work` and turns a panic into an error for the client. `what` names the work in that error and in the log.
///
/// Documents are values, so work that stops half-way leaves nothing half-changed behind.
pub fn guard<T>(what: &str, work: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        tracing::error!("{what} panicked: {}", message(panic.as_ref()));
        let message = format!("{what} failed because of a bug in the server");
        Error { code: ErrorCode::InternalError, message: Cow::Owned(message), data: None }
    })
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_work_goes_on() {
        let error = guard("hover", || -> u32 { panic!("a {}", "bug") }).expect_err("it panicked");
        assert_eq!(error.code, ErrorCode::InternalError);
        assert_eq!(error.message, "hover failed because of a bug in the server");
        assert_eq!(guard("hover", || 7), Ok(7));
    }
}
