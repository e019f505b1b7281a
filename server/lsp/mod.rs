//! The language server: the only place that knows tower-lsp and tokio.
//!
//! A message comes in through [`framing`], [`message`] and [`inbox`], is handled by [`backend`] with the help of
//! [`store`] and [`convert`], and goes out through [`serve`]. Diagnostics take the side road over [`publish`].

mod across;
mod actions;
mod around;
mod backend;
mod bulk;
mod capabilities;
mod commands;
mod completion;
mod config;
mod convert;
mod diagnostics;
mod format;
mod framing;
mod guard;
mod hierarchy;
mod images;
mod inbox;
mod index;
mod inlay;
mod large;
mod lens;
mod links;
mod message;
mod outline;
mod parent;
mod picture;
mod plain;
mod publish;
mod renewal;
mod serve;
mod signature;
mod sources;
mod store;
mod tokens;
mod tolerance;

use std::{
    fs::File,
    io::{self, Write},
    process::ExitCode,
};

use tower_lsp::LspService;
use tracing::level_filters::LevelFilter;

use backend::Backend;
use serve::End;

/// Talks to a client over stdin and stdout until one of them has enough.
pub fn run() -> ExitCode {
    log_to_stderr();
    match converse() {
        Ok(End::Orderly) => ExitCode::SUCCESS,
        Ok(End::Abrupt) => ExitCode::FAILURE,
        Err(error) => {
            tracing::error!("the server can't start: {error}");
            ExitCode::FAILURE
        }
    }
}

fn converse() -> io::Result<End> {
    let messages = serve::read_messages(io::stdin())?;
    let output = stdout()?;
    // One thread is enough for work in microseconds, and keeps messages in order.
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let (outbox, unasked) = tokio::sync::mpsc::unbounded_channel();
    let (service, socket) = LspService::build(|client| Backend::new(client, outbox))
        .custom_method(picture::REQUEST, Backend::stage_graph)
        .finish();
    Ok(runtime.block_on(serve::serve(service, socket, messages, unasked, output)))
}

/// The standard output without the line buffer of [`io::stdout`], which writes a header and its body one by one.
fn stdout() -> io::Result<impl Write> {
    #[cfg(unix)]
    let handle = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?;
    #[cfg(windows)]
    let handle = std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned()?;
    Ok(File::from(handle))
}

/// Logs what `DOCKERFILE_LS_LOG` asks for: `off`, `error`, `warn` (the default), `info`, `debug` or `trace`.
fn log_to_stderr() {
    let wanted = std::env::var("DOCKERFILE_LS_LOG").ok().and_then(|level| level.parse().ok());
    let level = wanted.unwrap_or(LevelFilter::WARN);
    let log = tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_writer(io::stderr);
    // Fails only if something logs already, which is as good.
    let _ = log.try_init();
}
