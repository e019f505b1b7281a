//! What the client has sent and nobody has looked at yet.

use std::collections::VecDeque;

use serde::Deserialize;
use tokio::sync::mpsc::UnboundedReceiver;
use tower_lsp::jsonrpc::{Id, Request};

use super::message::Incoming;

/// Messages in the order of their arrival, except that a cancellation overtakes the request that it is about.
///
/// Handlers run one after the other, so a request is either waiting here or done: the only time to cancel it is here.
#[derive(Debug)]
pub struct Inbox {
    arriving: UnboundedReceiver<Incoming>,
    waiting: VecDeque<Incoming>,
}

impl Inbox {
    pub fn new(arriving: UnboundedReceiver<Incoming>) -> Inbox {
        Inbox { arriving, waiting: VecDeque::new() }
    }

    /// The next message; `None` after the last one.
    pub async fn next(&mut self) -> Option<Incoming> {
        // Lets other tasks in now and then, however much is waiting here.
        tokio::task::consume_budget().await;
        while let Ok(message) = self.arriving.try_recv() {
            self.put(message);
        }
        match self.waiting.pop_front() {
            Some(message) => Some(message),
            None => self.arriving.recv().await,
        }
    }

    fn put(&mut self, message: Incoming) {
        if let Some(id) = cancelled_id(&message) {
            let waiting = self
                .waiting
                .iter_mut()
                .find(|waiting| matches!(waiting, Incoming::Request(request) if request.id() == Some(&id)));
            if let Some(waiting) = waiting {
                *waiting = Incoming::Cancelled(id);
            }
        } else {
            self.waiting.push_back(message);
        }
    }
}

/// The request that `message` cancels, if that is what it does.
fn cancelled_id(message: &Incoming) -> Option<Id> {
    #[derive(Deserialize)]
    struct CancelParams {
        id: Id,
    }
    let Incoming::Request(request) = message else { return None };
    if request.method() != "$/cancelRequest" {
        return None;
    }
    let params = Request::params(request)?;
    CancelParams::deserialize(params).ok().map(|params| params.id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::sync::mpsc;

    use super::*;

    fn request(id: i64) -> Incoming {
        Incoming::Request(Request::build("textDocument/hover").id(id).finish())
    }

    fn cancel(id: Id) -> Incoming {
        let id = serde_json::to_value(id).expect("an id is JSON");
        Incoming::Request(Request::build("$/cancelRequest").params(json!({"id": id})).finish())
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_cancellation_overtakes_its_request_and_nothing_else() {
        let (sender, receiver) = mpsc::unbounded_channel();
        for message in [request(1), request(2), request(3), cancel(2.into()), cancel("2".into()), request(4)]
        {
            sender.send(message).expect("the receiver is there");
        }
        drop(sender);
        let mut inbox = Inbox::new(receiver);
        let mut messages = Vec::new();
        while let Some(message) = inbox.next().await {
            messages.push(message);
        }
        assert_eq!(messages, [request(1), Incoming::Cancelled(2.into()), request(3), request(4)]);
    }
}
