//! `check` and `graph` on the command line.

use std::process::ExitCode;

/// Does what the command line asks for.
pub fn run() -> ExitCode {
    ExitCode::FAILURE
}
