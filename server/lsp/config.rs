//! The settings of documents, and the conversation with the client about them.
//!
//! What the client is asked is asked in tasks of their own, which no handler waits for. An answer that never comes leaves the
//! settings as they are.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use serde_json::{Value, json};
use tower_lsp::{
    Client,
    ls_types::{self as lsp, Uri},
};

use super::{
    capabilities::{ClientFeatures, formats_dockerfiles},
    guard::guard,
    renewal::Renewal,
    sources::Sources,
    store::Store,
};
use crate::{
    builds::kinds::WATCHED,
    configuration::{self, FILE, Files, Layer, SECTION, from_json},
    context_files::DOCKERIGNORE,
    settings::Settings,
};

/// All sources of settings of one conversation.
#[derive(Debug)]
pub struct Config {
    client: Client,
    store: Arc<Store>,
    sources: Arc<Sources>,
    link: OnceLock<Link>,
    layers: Mutex<Layers>,
}

/// What is known once the client has introduced itself.
#[derive(Debug)]
struct Link {
    renewal: Renewal,
}

#[derive(Debug, Default)]
struct Layers {
    /// The folders of the workspace.
    roots: Vec<PathBuf>,
    files: Files,
    /// `initializationOptions`.
    initial: Option<Layer>,
    /// The last `workspace/didChangeConfiguration`.
    pushed: Option<Layer>,
    /// The last answer to `workspace/configuration`.
    asked: Option<Layer>,
    /// How often the client was asked: only the answer to the last question counts.
    questions: u64,
    /// The complaints that were shown last.
    shown: Vec<String>,
}

impl Config {
    pub fn new(client: Client, store: Arc<Store>, sources: Arc<Sources>) -> Config {
        Config { client, store, sources, link: OnceLock::new(), layers: Mutex::default() }
    }

    /// Takes note of what the client says of itself.
    pub fn start(&self, params: &lsp::InitializeParams, roots: Vec<PathBuf>, renewal: Renewal) {
        let _ = self.link.set(Link { renewal });
        self.layers().roots = roots;
        self.layers().initial = params.initialization_options.as_ref().and_then(from_json);
    }

    /// Asks the client for its settings, to tell of changes, and to format Dockerfiles.
    pub fn introduce(self: &Arc<Self>) {
        let features = self.features();
        let mut wanted = Vec::new();
        let mut want = |method: &str, options: Value| {
            wanted.push(lsp::Registration {
                id: method.to_owned(),
                method: method.to_owned(),
                register_options: Some(options),
            });
        };
        if features.configuration_registration {
            want("workspace/didChangeConfiguration", json!({"section": SECTION}));
        }
        if features.watch_files {
            let own = [format!("**/{FILE}"), format!("**/*{DOCKERIGNORE}")];
            let patterns = own.into_iter().chain(WATCHED.map(str::to_owned));
            let watchers: Vec<Value> = patterns.map(|pattern| json!({"globPattern": pattern})).collect();
            want("workspace/didChangeWatchedFiles", json!({"watchers": watchers}));
        }
        self.register(wanted, "tell of changed settings");
        self.register(formats_dockerfiles(&features), "format");
        self.ask();
        self.complain();
    }

    fn register(&self, wanted: Vec<lsp::Registration>, what: &'static str) {
        if wanted.is_empty() {
            return;
        }
        let client = self.client.clone();
        tokio::spawn(async move {
            if let Err(error) = client.register_capability(wanted).await {
                tracing::warn!("the client won't {what}: {error}");
            }
        });
    }

    /// The settings for a document.
    pub fn of(&self, uri: &Uri) -> Arc<Settings> {
        let path = path(uri);
        let mut layers = self.layers();
        let Layers { files, roots, .. } = &mut *layers;
        let file = path.as_deref().and_then(Path::parent).and_then(|folder| {
            // Of folders inside each other the outer one.
            let root = roots
                .iter()
                .filter(|root| folder.starts_with(root))
                .min_by_key(|root| root.as_os_str().len());
            files.of(folder, root.map(PathBuf::as_path))
        });
        let file = file.map(|(_, layer)| layer);
        Arc::new(configuration::settings(file.as_deref().into_iter().chain(layers.editor())))
    }

    /// Takes note of folders that come and go: a file of settings counts up to its folder.
    pub fn folders_changed(&self, added: &[PathBuf], removed: &[PathBuf]) {
        {
            let mut layers = self.layers();
            layers.roots.retain(|root| !removed.contains(root));
            layers.roots.extend(added.iter().cloned());
            layers.files.forget();
        }
        self.apply();
    }

    /// Takes what the client sent of its settings, if it sent them, and asks for them.
    pub fn changed(self: &Arc<Self>, settings: &Value) {
        let pushed = from_json(settings);
        self.layers().pushed = pushed;
        self.apply();
        self.ask();
    }

    /// Reads files of settings and `.dockerignore` files again if there are some of them among those that changed.
    pub fn files_changed<'a>(&self, uris: impl Iterator<Item = &'a Uri>) {
        let mut settings = false;
        for uri in uris {
            settings |= uri.as_str().ends_with(FILE);
            if is_ignore_file(uri) {
                self.ignore_file_changed(uri);
            }
        }
        if settings {
            self.layers().files.forget();
            self.apply();
        }
    }

    /// Has the documents beside an ignore file checked again.
    fn ignore_file_changed(&self, uri: &Uri) {
        let changed = guard("reading a .dockerignore", || self.store.reload_ignore(uri)).unwrap_or_default();
        self.check_again(changed);
    }

    /// Reads files again if nobody watches them: some clients tell of every file that they save, and watch none.
    pub fn saved(&self, uri: &Uri) {
        if is_ignore_file(uri) {
            return self.ignore_file_changed(uri);
        }
        if !self.features().watch_files || uri.as_str().ends_with(FILE) {
            self.layers().files.forget();
            self.apply();
        }
    }

    /// Shows the user what of the settings can't be used, as soon as that changes.
    pub fn complain(&self) {
        let new = {
            let mut layers = self.layers();
            let complaints = layers.complaints();
            let new: Vec<_> = complaints.iter().filter(|it| !layers.shown.contains(it)).cloned().collect();
            layers.shown = complaints;
            new
        };
        if !new.is_empty() {
            let client = self.client.clone();
            tokio::spawn(async move {
                client.show_message(lsp::MessageType::WARNING, new.join("\n")).await;
            });
        }
    }

    /// Asks the client for its settings, if it answers such questions.
    fn ask(self: &Arc<Self>) {
        if !self.features().configuration {
            return;
        }
        let question = {
            let mut layers = self.layers();
            layers.questions += 1;
            layers.questions
        };
        let this = Arc::clone(self);
        tokio::spawn(async move {
            let item = lsp::ConfigurationItem { scope_uri: None, section: Some(SECTION.to_owned()) };
            let answer = this.client.configuration(vec![item]).await;
            let asked = match answer {
                Ok(values) => values.first().and_then(from_json),
                Err(error) => return tracing::warn!("the client did not tell its settings: {error}"),
            };
            {
                let mut layers = this.layers();
                if layers.questions != question {
                    return;
                }
                layers.asked = asked;
            }
            this.apply();
        });
    }

    /// Has all documents judged by the settings as they are now.
    fn apply(&self) {
        let (mut hints, mut lenses) = (false, false);
        let apply = || {
            let mut changed = Vec::new();
            for (uri, before) in self.store.all() {
                let settings = self.of(&uri);
                let old = before.document.settings();
                hints |= old.inlay_hints != settings.inlay_hints;
                lenses |= old.code_lens != settings.code_lens;
                if self.store.set(&uri, settings) {
                    changed.push(uri);
                }
            }
            for (uri, _) in self.sources.all() {
                if self.sources.set(&uri, self.of(&uri)) {
                    changed.push(uri);
                }
            }
            changed
        };
        let changed = guard("reading settings", apply).unwrap_or_default();
        self.complain();
        self.check_again(changed);
        let Some(Link { renewal }) = self.link.get() else { return };
        if hints {
            renewal.hints();
        }
        if lenses {
            renewal.lenses();
        }
    }

    fn check_again(&self, changed: Vec<Uri>) {
        if let Some(link) = self.link.get() {
            link.renewal.again(changed);
        }
    }

    fn features(&self) -> ClientFeatures {
        self.link.get().map(|link| link.renewal.features).unwrap_or_default()
    }

    fn layers(&self) -> MutexGuard<'_, Layers> {
        // Half a change of settings is still settings.
        self.layers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Layers {
    /// What the client has set, the strongest last.
    fn editor(&self) -> impl Iterator<Item = &Layer> {
        [&self.initial, &self.pushed, &self.asked].into_iter().flatten()
    }

    fn complaints(&self) -> Vec<String> {
        let files = self.files.all().into_iter().flat_map(|(file, layer)| {
            layer.complaints.iter().map(move |complaint| match complaint.line {
                Some(line) => format!("{}:{line}: {}", file.display(), complaint.message),
                None => format!("{}: {}", file.display(), complaint.message),
            })
        });
        let editor = self.editor().flat_map(|layer| &layer.complaints);
        let editor = editor.map(|complaint| format!("Settings of {SECTION}: {complaint}"));
        let mut complaints: Vec<String> = files.chain(editor).collect();
        let mut seen = std::collections::HashSet::new();
        complaints.retain(|complaint| seen.insert(complaint.clone()));
        complaints
    }
}

/// Whether this is a `.dockerignore` or `Dockerfile.dockerignore`, which some editors take for a Dockerfile by the start of its
/// name.
pub fn is_ignore_file(uri: &Uri) -> bool {
    uri.as_str().ends_with(DOCKERIGNORE)
}

/// The file that a URI means.
pub fn path(uri: &Uri) -> Option<PathBuf> {
    uri.as_str().starts_with("file:").then(|| uri.to_file_path()).flatten().map(|path| path.into_owned())
}
