//! Starts the server, or the command line.

use std::{
    io::{IsTerminal, stdin},
    process::ExitCode,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Editors start the server often: that path does not build the command line's parser first.
    match std::env::args_os().nth(1) {
        None => {
            if stdin().is_terminal() {
                eprintln!(
                    "dockerfile-ls waits for an editor on its input; `dockerfile-ls --help` says what else it does."
                );
            }
            dockerfile_ls::lsp::run()
        }
        Some(first) if first == "--stdio" => dockerfile_ls::lsp::run(),
        Some(_) => dockerfile_ls::cli::run(),
    }
}
