//! The `dockerfile-ls` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    match (arguments.next(), arguments.next()) {
        (None, _) => dockerfile_ls::lsp::run(),
        (Some(only), None) if only == "--stdio" => dockerfile_ls::lsp::run(),
        (Some(_), _) => dockerfile_ls::cli::run(),
    }
}
