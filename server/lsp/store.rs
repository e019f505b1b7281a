//! The open documents.

use std::{
    borrow::Cow,
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use dashmap::DashMap;
use tower_lsp::ls_types::{TextDocumentContentChangeEvent, Uri};

use super::{convert, guard::guard};
use crate::{
    context_files::ignore_of,
    document::Document,
    outside::Outside,
    rules::{self, Finding},
    settings::Settings,
    text::{Encoding, Text},
};

/// One state of an open document.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub document: Arc<Document>,
    /// Differs between any two states that the store ever held. The client's version starts again whenever a document
    /// is opened again.
    pub serial: u64,
    findings: Arc<OnceLock<Vec<Finding>>>,
}

impl Snapshot {
    pub fn new(document: Document, serial: u64) -> Snapshot {
        Snapshot { document: Arc::new(document), serial, findings: Arc::default() }
    }

    /// All findings, without fixes. They are looked for once.
    pub fn findings(&self) -> &[Finding] {
        self.findings.get_or_init(|| rules::check_only(&self.document))
    }
}

/// The open documents, as values: nobody outside holds a lock.
#[derive(Debug, Default)]
pub struct Store {
    documents: DashMap<Uri, Snapshot>,
    serial: AtomicU64,
}

impl Store {
    /// Opens a document. If it is open already, the client has lost track, and knows its text best.
    pub fn open(&self, uri: Uri, version: i32, text: &str, settings: Arc<Settings>) {
        let document = afresh(&Text::new(text), version, |text| Document::open(text, version));
        let ignore = file(&uri).and_then(|path| ignore_of(&path));
        self.put(uri, document.with_settings(settings).with_ignore(ignore));
    }

    /// Has an open document judged by other settings. `false` if it is not open, or these are what it has.
    pub fn set(&self, uri: &Uri, settings: Arc<Settings>) -> bool {
        let Some(before) = self.get(uri).filter(|before| *before.document.settings() != settings) else {
            return false;
        };
        self.put(uri.clone(), Document::clone(&before.document).with_settings(settings));
        true
    }

    /// Tells an open document what other files do with it. `false` if it is not open, or knows that.
    pub fn set_outside(&self, uri: &Uri, outside: Arc<Outside>) -> bool {
        let Some(before) = self.get(uri).filter(|before| *before.document.outside() != outside) else {
            return false;
        };
        self.put(uri.clone(), Document::clone(&before.document).with_outside(outside));
        true
    }

    /// Reads the `.dockerignore` again for the documents in the folder in which one has changed. Those documents.
    pub fn reload_ignore(&self, changed: &Uri) -> Vec<Uri> {
        let Some(changed) = file(changed) else { return Vec::new() };
        let mut reloaded = Vec::new();
        for (uri, before) in self.all() {
            let Some(path) = file(&uri).filter(|path| path.parent() == changed.parent()) else { continue };
            self.put(uri.clone(), Document::clone(&before.document).with_ignore(ignore_of(&path)));
            reloaded.push(uri);
        }
        reloaded
    }

    /// Applies the changes of one notification in their order, each to the text that the one before has left.
    /// `false` if the document is not open.
    pub fn change(
        &self,
        uri: &Uri,
        version: i32,
        changes: &[TextDocumentContentChangeEvent],
        encoding: Encoding,
    ) -> bool {
        let Some(before) = self.get(uri) else { return false };
        let (settings, ignore) = (before.document.settings().clone(), before.document.ignore().cloned());
        let outside = before.document.outside().clone();
        // All that stands before a full text would be thrown away again.
        let last_full = changes.iter().rposition(|change| change.range.is_none());
        let (before, changes) = match last_full {
            Some(at) => {
                (Arc::new(Document::unread(Text::new(&changes[at].text), version)), &changes[at + 1..])
            }
            None => (before.document, changes),
        };
        let mut draft = before.draft();
        for change in changes {
            let range = match change.range {
                Some(range) => convert::byte_range(draft.text(), range, encoding),
                None => 0..draft.text().len(),
            };
            draft.replace(range, &change.text);
        }
        let text = draft.text().clone();
        // If what is reused is to blame for a panic, the text alone will do.
        let document = guard("reading a change", || draft.finish(version))
            .unwrap_or_else(|_| afresh(&text, version, |text| Document::open(text, version)));
        self.put(uri.clone(), document.with_settings(settings).with_ignore(ignore).with_outside(outside));
        true
    }

    /// `false` if the document is not open.
    pub fn close(&self, uri: &Uri) -> bool {
        self.documents.remove(uri).is_some()
    }

    pub fn get(&self, uri: &Uri) -> Option<Snapshot> {
        self.documents.get(uri).map(|document| document.value().clone())
    }

    /// All open documents, by URI.
    pub fn all(&self) -> Vec<(Uri, Snapshot)> {
        let entry = |entry: dashmap::mapref::multiple::RefMulti<'_, Uri, Snapshot>| {
            (entry.key().clone(), entry.value().clone())
        };
        let mut all: Vec<_> = self.documents.iter().map(entry).collect();
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        all
    }

    fn put(&self, uri: Uri, document: Document) {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        self.documents.insert(uri, Snapshot::new(document, serial));
    }
}

/// The file that a document is, where it is one.
pub fn file(uri: &Uri) -> Option<PathBuf> {
    let is_file = uri.as_str().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:"));
    is_file.then(|| uri.to_file_path()).flatten().map(Cow::into_owned)
}

/// Reads a text from the start. One that nothing can be made of is kept all the same: the client's next change is a change
/// of that text.
fn afresh(text: &Text, version: i32, read: impl FnOnce(&str) -> Document) -> Document {
    guard("reading a text", || read(&text.to_string()))
        .unwrap_or_else(|_| Document::unread(text.clone(), version))
}

#[cfg(test)]
mod tests;
