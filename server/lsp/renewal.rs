//! Has clients show what is new of documents that they have not changed.

use tower_lsp::{Client, ls_types::Uri};

use super::{capabilities::ClientFeatures, publish::Publisher};

/// How a client gets diagnostics that it did not wait for.
#[derive(Debug, Clone)]
pub struct Renewal {
    pub client: Client,
    pub features: ClientFeatures,
    /// None for clients that ask for diagnostics themselves.
    pub publisher: Option<Publisher>,
}

impl Renewal {
    /// Sends new diagnostics for these documents, or has the client ask for them.
    pub fn again(&self, changed: Vec<Uri>) {
        if changed.is_empty() {
            return;
        }
        match &self.publisher {
            Some(publisher) => changed.into_iter().for_each(|uri| publisher.schedule(uri)),
            None if self.features.diagnostic_refresh => {
                let client = self.client.clone();
                tokio::spawn(async move {
                    if let Err(error) = client.workspace_diagnostic_refresh().await {
                        tracing::warn!("the client won't pull diagnostics again: {error}");
                    }
                });
            }
            None => {}
        }
    }

    /// Has the client ask for code lenses again.
    pub fn lenses(&self) {
        if self.features.code_lens_refresh {
            let client = self.client.clone();
            tokio::spawn(async move {
                if let Err(error) = client.code_lens_refresh().await {
                    tracing::warn!("the client won't ask for code lenses again: {error}");
                }
            });
        }
    }

    /// Has the client ask for inlay hints again.
    pub fn hints(&self) {
        if self.features.inlay_hint_refresh {
            let client = self.client.clone();
            tokio::spawn(async move {
                if let Err(error) = client.inlay_hint_refresh().await {
                    tracing::warn!("the client won't ask for inlay hints again: {error}");
                }
            });
        }
    }
}
