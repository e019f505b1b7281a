//! Sends diagnostics to clients that wait for them.

use std::{collections::HashSet, sync::Arc};

use tokio::sync::mpsc;
use tower_lsp::ls_types::Uri;

use super::{
    bulk::Outgoing,
    capabilities::ClientFeatures,
    convert::View,
    diagnostics::{diagnostics, source_diagnostics},
    guard::guard,
    index::Index,
    sources::Sources,
    store::Store,
};

/// Takes note of documents whose diagnostics are due.
///
/// There is no delay: a task checks them as soon as no message is waiting. Many changes in a row are thus checked once,
/// after the last of them, and a single change at once.
#[derive(Debug, Clone)]
pub struct Publisher {
    due: mpsc::UnboundedSender<Uri>,
}

impl Publisher {
    /// Starts the task that publishes to `to` what is due.
    pub fn start(to: mpsc::UnboundedSender<Outgoing>, desk: Desk) -> Publisher {
        let (due, mut scheduled) = mpsc::unbounded_channel::<Uri>();
        tokio::spawn(async move {
            while let Some(first) = scheduled.recv().await {
                let mut seen = HashSet::from([first.clone()]);
                let mut round = vec![first];
                while let Ok(uri) = scheduled.try_recv() {
                    if seen.insert(uri.clone()) {
                        round.push(uri);
                    }
                }
                for uri in round {
                    desk.publish(&to, uri);
                    // Answers go first: whoever asked is waiting.
                    tokio::task::yield_now().await;
                }
            }
        });
        Publisher { due }
    }

    /// Has the diagnostics of the document published, or taken back if it is not open any more.
    pub fn schedule(&self, uri: Uri) {
        // Fails only when the task is gone, and then so is the client.
        let _ = self.due.send(uri);
    }
}

/// Where documents and what is known of them lie.
#[derive(Debug)]
pub struct Desk {
    pub store: Arc<Store>,
    pub sources: Arc<Sources>,
    pub index: Arc<Index>,
    pub features: ClientFeatures,
}

impl Desk {
    fn publish(&self, to: &mpsc::UnboundedSender<Outgoing>, uri: Uri) {
        let Desk { store, sources, index, features } = self;
        if let Some(source) = sources.get(&uri) {
            let found = guard("checking", || source_diagnostics(index, &uri, &source, features));
            let Ok(found) = found else { return };
            let version = features.diagnostic_version.then_some(source.version);
            let _ = to.send(Outgoing::publish(uri, found, version));
            return;
        }
        let Some(snapshot) = store.get(&uri) else {
            // Sending fails only when nobody writes any more.
            let _ = to.send(Outgoing::publish(uri, Vec::new(), None));
            return;
        };
        let document = &*snapshot.document;
        let view = View { uri: &uri, document, client: features };
        let Ok(found) = guard("checking", || diagnostics(&view, snapshot.findings())) else { return };
        if store.get(&uri).is_none_or(|newest| newest.serial != snapshot.serial) {
            // Its change is scheduled as well.
            return;
        }
        let version = features.diagnostic_version.then(|| document.version());
        let _ = to.send(Outgoing::publish(uri, found, version));
    }
}
