//! Has clients show what is new of documents that they have not changed.

use tower_lsp::{Client, jsonrpc::Result, ls_types::Uri};

use super::{capabilities::ClientFeatures, picture::Changed, publish::Publisher};

/// How a client gets diagnostics that it did not wait for.
#[derive(Debug, Clone)]
pub struct Renewal {
    pub client: Client,
    pub features: ClientFeatures,
    /// None for clients that ask for diagnostics themselves.
    pub publisher: Option<Publisher>,
}

impl Renewal {
    /// Sends new diagnostics for these documents, or has the client ask for them; and for pictures, which show what is found.
    pub fn again(&self, changed: Vec<Uri>) {
        if changed.is_empty() {
            return;
        }
        self.pictures();
        match &self.publisher {
            Some(publisher) => changed.into_iter().for_each(|uri| publisher.schedule(uri)),
            None => {
                let can = self.features.diagnostic_refresh;
                self.ask(
                    can,
                    "diagnostics",
                    |client| async move { client.workspace_diagnostic_refresh().await },
                );
            }
        }
    }

    /// Has the client ask for code lenses again.
    pub fn lenses(&self) {
        let can = self.features.code_lens_refresh;
        self.ask(can, "code lenses", |client| async move { client.code_lens_refresh().await });
    }

    /// Tells the client that pictures of the stages may have changed.
    fn pictures(&self) {
        if self.features.stage_graph {
            let client = self.client.clone();
            tokio::spawn(async move { client.send_notification::<Changed>(()).await });
        }
    }

    /// Has the client ask for inlay hints again.
    pub fn hints(&self) {
        let can = self.features.inlay_hint_refresh;
        self.ask(can, "inlay hints", |client| async move { client.inlay_hint_refresh().await });
    }

    /// Has the client ask for semantic tokens again.
    pub fn tokens(&self) {
        let can = self.features.token_refresh;
        self.ask(can, "semantic tokens", |client| async move { client.semantic_tokens_refresh().await });
    }

    /// Asks the client something that nobody waits for, if it can answer.
    fn ask<F>(&self, can: bool, what: &'static str, question: impl FnOnce(Client) -> F)
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        if !can {
            return;
        }
        let answer = question(self.client.clone());
        tokio::spawn(async move {
            if let Err(error) = answer.await {
                tracing::warn!("the client won't ask for {what} again: {error}");
            }
        });
    }
}
