//! The loop between the client and the [`LspService`].
//!
//! It takes the place of tower-lsp-server's own loop, which ends at the first malformed message, answers up to four
//! requests in any order, and writes through a thread pool. Here messages are handled one after the other, so a request
//! sees every change before it and none after it; and an answer is written by the thread that made it.
//!
//! Since the next message waits for the handler of the one before, a handler must not wait for the client: what does
//! has to be spawned.

use std::{
    future::poll_fn,
    io::{self, Read, Write},
    ops::ControlFlow,
};

use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tower_lsp::{
    ClientSocket, LspService,
    jsonrpc::{Error, Id, Request, Response},
};
use tower_service::Service;

use super::{
    backend::Backend,
    bulk::{self, Outgoing},
    framing::{Frame, Frames},
    inbox::Inbox,
    message::{self, Incoming},
};

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The client asked for it beforehand, with `shutdown`.
    Orderly,
    Abrupt,
}

/// Reads messages on a thread of their own until `input` ends.
///
/// The queue has no limit: were it full, a client that writes before it reads and a server that does the same would wait
/// for each other for ever.
pub fn read_messages(input: impl Read + Send + 'static) -> io::Result<UnboundedReceiver<Incoming>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let read = move || {
        let mut frames = Frames::new(input);
        loop {
            let incoming = match frames.next() {
                Ok(Some(Frame::Body(body))) => message::parse(body).unwrap_or_else(|_| {
                    frames.reject();
                    Incoming::Malformed(Error::parse_error())
                }),
                Ok(Some(Frame::Garbage(why))) => {
                    Incoming::Malformed(Error { message: why.into(), ..Error::parse_error() })
                }
                Ok(None) => return,
                Err(error) => {
                    tracing::error!("stdin can't be read: {error}");
                    return;
                }
            };
            if sender.send(incoming).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("reader".into()).spawn(read)?;
    Ok(receiver)
}

/// Answers messages until the client says `exit`, there are no more, or the client can't be written to.
pub async fn serve(
    mut service: LspService<Backend>,
    socket: ClientSocket,
    messages: UnboundedReceiver<Incoming>,
    mut unasked: UnboundedReceiver<Outgoing>,
    output: impl Write,
) -> End {
    let mut inbox = Inbox::new(messages);
    let mut output = Output { to: output, buffer: Vec::new() };
    let (mut ours, mut answers) = socket.split();
    let mut end = End::Abrupt;
    loop {
        let written = tokio::select! {
            biased;
            Some(message) = unasked.recv() => output.write(&message),
            Some(message) = ours.next() => output.write(&message::without_null(message)),
            incoming = inbox.next() => match incoming {
                None => return end,
                Some(Incoming::Request(request)) => match answer(&mut service, request, &mut end).await {
                    ControlFlow::Continue(None) => Ok(()),
                    ControlFlow::Continue(Some(response)) => output.write(&response),
                    ControlFlow::Break(()) => return end,
                },
                Some(Incoming::Cancelled(id)) => output.write(&Response::from_error(id, Error::request_cancelled())),
                Some(Incoming::Malformed(error)) => output.write(&Response::from_error(Id::Null, error)),
                Some(Incoming::Response(response)) => {
                    // Fails only after `exit`, when no answer matters any more.
                    let _ = answers.send(response).await;
                    Ok(())
                }
            },
        };
        if let Err(error) = written {
            tracing::error!("stdout can't be written: {error}");
            return end;
        }
    }
}

/// Lets the service answer one request, apart from the end of the conversation. Breaks on `exit`.
async fn answer(
    service: &mut LspService<Backend>,
    request: Request,
    end: &mut End,
) -> ControlFlow<(), Option<Outgoing>> {
    match (request.method(), *end) {
        ("exit", _) => return ControlFlow::Break(()),
        // Some clients ask twice, and would show an error to their user.
        ("shutdown", End::Orderly) => {
            let (_, id, _) = request.into_parts();
            let null = |id| Outgoing::Service(Response::from_ok(id, serde_json::Value::Null));
            return ControlFlow::Continue(id.map(null));
        }
        (_, End::Abrupt) => {
            if let Some(answer) = bulk::answer(service.inner(), &request) {
                return ControlFlow::Continue(Some(answer));
            }
        }
        _ => {}
    }
    let is_shutdown = request.method() == "shutdown";
    let answered = match poll_fn(|context| service.poll_ready(context)).await {
        Ok(()) => service.call(request).await,
        Err(exited) => Err(exited),
    };
    let Ok(response) = answered else { return ControlFlow::Break(()) };
    if is_shutdown && response.as_ref().is_some_and(Response::is_ok) {
        *end = End::Orderly;
    }
    ControlFlow::Continue(response.map(Outgoing::Service))
}

/// Where messages to the client go.
struct Output<W> {
    to: W,
    buffer: Vec<u8>,
}

impl<W: Write> Output<W> {
    /// Writes header and body at once: two writes could wake the client twice.
    fn write(&mut self, message: &impl Serialize) -> io::Result<()> {
        let body = serde_json::to_vec(message)?;
        self.buffer.clear();
        write!(self.buffer, "Content-Length: {}\r\n\r\n", body.len())?;
        self.buffer.extend_from_slice(&body);
        self.to.write_all(&self.buffer)?;
        self.to.flush()
    }
}
