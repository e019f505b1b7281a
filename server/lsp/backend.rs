//! Every request and notification: convert in, ask the feature, convert out.
//!
//! Nothing here waits: the next message is read when the handler of this one is done.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use tokio::sync::mpsc::UnboundedSender;
use tower_lsp::{
    Client, LanguageServer,
    jsonrpc::{Error, ErrorCode, Result},
    ls_types::{self as lsp, Uri},
};

use super::{
    across::{self, Changes},
    bulk::Outgoing,
    capabilities::{self, ClientFeatures},
    commands, completion,
    config::{Config, is_ignore_file, path},
    convert::{Sheet, View},
    format,
    guard::guard,
    hierarchy,
    index::Index,
    outline, parent, plain,
    publish::{Desk, Publisher},
    renewal::Renewal,
    signature,
    sources::{Source, Sources, path_of_source},
    store::{Snapshot, Store},
    tokens::Sent,
};
use crate::features::{
    self,
    references::Use,
    rename::{Renamable, RenameError},
};

/// `RequestFailed` of LSP 3.17: nothing is wrong with the request, it just can't be done.
const REQUEST_FAILED: ErrorCode = ErrorCode::ServerError(-32803);

/// The state of one conversation with one client.
#[derive(Debug)]
pub struct Backend {
    /// Takes messages that nobody asked for.
    outbox: UnboundedSender<Outgoing>,
    client: Client,
    store: Arc<Store>,
    pub(super) sources: Arc<Sources>,
    config: Arc<Config>,
    pub(super) index: Arc<Index>,
    pub(super) tokens: Sent,
    session: OnceLock<Session>,
}

/// What is known once the client has introduced itself.
#[derive(Debug)]
struct Session {
    features: ClientFeatures,
    /// None for clients that ask for diagnostics themselves.
    publisher: Option<Publisher>,
}

impl Backend {
    pub fn new(client: Client, outbox: UnboundedSender<Outgoing>) -> Backend {
        let store: Arc<Store> = Arc::default();
        let sources: Arc<Sources> = Arc::default();
        let config = Arc::new(Config::new(client.clone(), store.clone(), sources.clone()));
        let index = Arc::new(Index::new(client.clone(), store.clone(), sources.clone()));
        Backend {
            client,
            outbox,
            store,
            sources,
            config,
            index,
            tokens: Sent::default(),
            session: OnceLock::new(),
        }
    }

    /// The client's features. Before `initialize`, when nothing else gets through, those of the simplest client.
    pub(super) fn features(&self) -> ClientFeatures {
        self.session.get().map(|session| session.features).unwrap_or_default()
    }

    /// Whether the client has introduced itself.
    pub fn is_initialized(&self) -> bool {
        self.session.get().is_some()
    }

    /// Answers a request about a document; one that is not open has nothing to tell.
    pub(super) fn ask<T>(
        &self,
        what: &str,
        uri: &Uri,
        question: impl FnOnce(&View<'_>, &Snapshot) -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        let Some(snapshot) = self.store.get(uri) else {
            tracing::debug!("{what}: {} is not open", uri.as_str());
            return Ok(None);
        };
        let client = &self.features();
        guard(what, || question(&View { uri, document: &snapshot.document, client }, &snapshot))?
    }

    /// The edit for some changes. What the person should know of them is shown.
    fn change(&self, changes: &Changes, what: &str) -> lsp::WorkspaceEdit {
        let client = self.features();
        if let Some(remark) = changes.remark(&self.index, &client, what) {
            let client = self.client.clone();
            tokio::spawn(async move { client.show_message(lsp::MessageType::WARNING, remark).await });
        }
        changes.edit(&self.index, &client)
    }

    /// Forgets an open document. `false` if there is none.
    fn close(&self, uri: &Uri) -> bool {
        let source = self.sources.close(uri).map(|source| source.path.to_path_buf());
        let is_open = source.is_some() | self.store.close(uri);
        self.tokens.close(uri);
        if let Some(path) = source.or_else(|| path(uri)).filter(|_| is_open) {
            self.index.closed(&path);
        }
        is_open
    }

    /// Changes a document, then has its diagnostics published. `update` says whether there is such a document.
    fn update(&self, what: &str, uri: Uri, update: impl FnOnce(&Backend) -> bool) {
        if is_ignore_file(&uri) {
            return;
        }
        match guard(what, || update(self)) {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!("{what} {}, which is not open", uri.as_str());
                return;
            }
            Err(_) => {
                // Answers about a text that the client does not have would be worse than none.
                self.close(&uri);
            }
        }
        if let Some(publisher) = self.session.get().and_then(|session| session.publisher.as_ref()) {
            publisher.schedule(uri);
        }
    }
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: lsp::InitializeParams) -> Result<lsp::InitializeResult> {
        let features = ClientFeatures::read(&params.capabilities).of(params.client_info.as_ref());
        let session = self.session.get_or_init(|| {
            if let Some(id) = params.process_id {
                parent::watch(id);
            }
            let folders = folders(&params);
            let desk = Desk {
                store: self.store.clone(),
                sources: self.sources.clone(),
                index: self.index.clone(),
                features,
            };
            let publisher = (!features.pull_diagnostics).then(|| Publisher::start(self.outbox.clone(), desk));
            let renewal = Renewal { client: self.client.clone(), features, publisher: publisher.clone() };
            self.config.start(&params, folders.clone(), renewal.clone());
            self.index.start(folders, renewal);
            Session { features, publisher }
        });
        Ok(lsp::InitializeResult {
            capabilities: capabilities::offered(&session.features),
            server_info: Some(lsp::ServerInfo {
                name: env!("CARGO_PKG_NAME").into(),
                version: Some(env!("CARGO_PKG_VERSION").into()),
            }),
            ..lsp::InitializeResult::default()
        })
    }

    async fn initialized(&self, _: lsp::InitializedParams) {
        self.config.introduce();
        self.index.scan();
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: lsp::DidOpenTextDocumentParams) {
        let lsp::TextDocumentItem { uri, version, text, language_id } = params.text_document;
        let source = path_of_source(&uri, &language_id);
        self.update("opening", uri.clone(), |backend| {
            let settings = backend.config.of(&uri);
            match source {
                Some(path) => {
                    // It may have been taken for a Dockerfile before.
                    backend.store.close(&uri);
                    backend.sources.open(uri.clone(), version, &text, path.into(), settings);
                    backend.index.source_changed(&uri, &[]);
                }
                None => {
                    backend.sources.close(&uri);
                    backend.store.open(uri.clone(), version, &text, settings);
                    backend.index.dockerfile_opened(&uri);
                }
            }
            true
        });
        self.config.complain();
    }

    async fn did_change(&self, params: lsp::DidChangeTextDocumentParams) {
        let lsp::VersionedTextDocumentIdentifier { uri, version } = params.text_document;
        let encoding = self.features().encoding;
        self.update("changing", uri.clone(), |backend| {
            let changes = &params.content_changes;
            if let Some(edits) = backend.sources.change(&uri, version, changes, encoding) {
                backend.index.source_changed(&uri, &edits);
                return true;
            }
            let is_open = backend.store.change(&uri, version, changes, encoding);
            if is_open {
                backend.index.dockerfile_changed(&uri);
            }
            is_open
        });
    }

    async fn did_close(&self, params: lsp::DidCloseTextDocumentParams) {
        let uri = params.text_document.uri;
        self.update("closing", uri.clone(), |backend| backend.close(&uri));
    }

    async fn did_save(&self, params: lsp::DidSaveTextDocumentParams) {
        let uri = params.text_document.uri;
        self.config.saved(&uri);
        if let Some(path) = path(&uri) {
            let _ = guard("reading a saved file", || self.index.files_changed(&[path]));
        }
    }

    async fn did_change_configuration(&self, params: lsp::DidChangeConfigurationParams) {
        self.config.changed(&params.settings);
    }

    async fn did_change_watched_files(&self, params: lsp::DidChangeWatchedFilesParams) {
        self.config.files_changed(params.changes.iter().map(|change| &change.uri));
        let paths: Vec<_> = params.changes.iter().filter_map(|change| path(&change.uri)).collect();
        let _ = guard("reading changed files", || self.index.files_changed(&paths));
        let leaves_out = |path: &PathBuf| path.ends_with(".gitignore") || path.ends_with(".ignore");
        if paths.iter().any(leaves_out) {
            // Which files count is another question now.
            self.index.scan();
        }
    }

    async fn did_change_workspace_folders(&self, params: lsp::DidChangeWorkspaceFoldersParams) {
        let paths = |folders: &[lsp::WorkspaceFolder]| -> Vec<_> {
            folders.iter().filter_map(|folder| path(&folder.uri)).collect()
        };
        let (added, removed) = (paths(&params.event.added), paths(&params.event.removed));
        let _ = guard("changing folders", || {
            self.config.folders_changed(&added, &removed);
            self.index.folders_changed(added, &removed);
        });
    }

    // What clients send unasked and the server has no use for. The defaults would log a warning.
    async fn will_save(&self, _: lsp::WillSaveTextDocumentParams) {}

    async fn goto_definition(
        &self,
        params: lsp::GotoDefinitionParams,
    ) -> Result<Option<lsp::GotoDefinitionResponse>> {
        let lsp::TextDocumentPositionParams { text_document, position } =
            params.text_document_position_params;
        if let Some(source) = self.sources.get(&text_document.uri) {
            let (uri, client) = (&text_document.uri, self.features());
            return guard("definition", || across::definition(&self.index, uri, &source, &client, position));
        }
        self.ask("definition", &text_document.uri, |view, _| {
            let offset = view.offset(position);
            let found = features::definition::definition(view.document, offset);
            if found.is_none() {
                let contexts = across::contexts(&self.index, view, offset);
                if !contexts.is_empty() {
                    return Ok(Some(contexts.into()));
                }
                // A command in a comment.
                let source = Source::of_dockerfile(view);
                let found =
                    source.map(|it| across::definition(&self.index, view.uri, &it, view.client, position));
                return Ok(found.flatten());
            }
            Ok(found.map(|definition| {
                let targets = definition.targets.iter();
                if !view.client.definition_links {
                    return targets.map(|target| view.location(&target.selection)).collect::<Vec<_>>().into();
                }
                let link = |target: &features::definition::Target| lsp::LocationLink {
                    origin_selection_range: Some(view.range(&definition.origin)),
                    target_uri: view.uri.clone(),
                    target_range: view.range(&target.full),
                    target_selection_range: view.range(&target.selection),
                };
                targets.map(link).collect::<Vec<_>>().into()
            }))
        })
    }

    async fn references(&self, params: lsp::ReferenceParams) -> Result<Option<Vec<lsp::Location>>> {
        let lsp::TextDocumentPositionParams { text_document, position } = &params.text_document_position;
        if let Some(source) = self.sources.get(&text_document.uri) {
            let (uri, client) = (&text_document.uri, self.features());
            return guard("references", || across::references(&self.index, uri, &source, &client, &params));
        }
        self.ask("references", &text_document.uri, |view, _| {
            let offset = view.offset(*position);
            let places = features::references::references(view.document, offset).into_iter();
            let wanted = places.filter(|(_, kind)| match kind {
                Use::Declaration => params.context.include_declaration,
                Use::Reference | Use::Assignment => true,
            });
            let mut all: Vec<_> = wanted.map(|(range, _)| view.location(&range)).collect();
            all.extend(across::outside_references_at(&self.index, view, offset));
            if all.is_empty()
                && let Some(source) = Source::of_dockerfile(view)
            {
                return Ok(across::references(&self.index, view.uri, &source, view.client, &params));
            }
            Ok(Some(all))
        })
    }

    async fn document_highlight(
        &self,
        params: lsp::DocumentHighlightParams,
    ) -> Result<Option<Vec<lsp::DocumentHighlight>>> {
        let lsp::TextDocumentPositionParams { text_document, position } =
            params.text_document_position_params;
        self.ask("highlights", &text_document.uri, |view, _| {
            let places = features::references::references(view.document, view.offset(position)).into_iter();
            let highlight = |(range, kind)| lsp::DocumentHighlight {
                range: view.range(&range),
                kind: Some(match kind {
                    Use::Declaration | Use::Assignment => lsp::DocumentHighlightKind::WRITE,
                    Use::Reference => lsp::DocumentHighlightKind::READ,
                }),
            };
            Ok(Some(places.map(highlight).collect()))
        })
    }

    async fn prepare_call_hierarchy(
        &self,
        params: lsp::CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<lsp::CallHierarchyItem>>> {
        let lsp::TextDocumentPositionParams { text_document, position } =
            params.text_document_position_params;
        if let Some(source) = self.sources.get(&text_document.uri) {
            let (uri, client) = (&text_document.uri, self.features());
            return guard("call hierarchy", || {
                let offset = source.sheet(uri, &client).offset(position);
                hierarchy::prepare_from_source(&self.index, &source, &client, offset)
            });
        }
        self.ask("call hierarchy", &text_document.uri, |view, _| {
            Ok(hierarchy::prepare(view, view.offset(position)))
        })
    }

    async fn incoming_calls(
        &self,
        params: lsp::CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<lsp::CallHierarchyIncomingCall>>> {
        let client = self.features();
        guard("call hierarchy", || hierarchy::incoming(&self.index, &client, &params.item))
    }

    async fn outgoing_calls(
        &self,
        params: lsp::CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<lsp::CallHierarchyOutgoingCall>>> {
        let client = self.features();
        guard("call hierarchy", || hierarchy::outgoing(&self.index, &client, &params.item))
    }

    async fn execute_command(&self, params: lsp::ExecuteCommandParams) -> Result<Option<lsp::LSPAny>> {
        guard("a command", || commands::execute(&self.index, &self.sources, params))?
    }

    async fn prepare_rename(
        &self,
        params: lsp::TextDocumentPositionParams,
    ) -> Result<Option<lsp::PrepareRenameResponse>> {
        if let Some(source) = self.sources.get(&params.text_document.uri) {
            let (uri, client) = (&params.text_document.uri, self.features());
            return guard("rename", || {
                let sheet = source.sheet(uri, &client);
                let found = across::prepare_rename(&self.index, &source, sheet.offset(params.position));
                let Renamable { range, name } = found.map_err(refused)?;
                let range = sheet.range(&range);
                Ok(Some(lsp::PrepareRenameResponse::RangeWithPlaceholder { range, placeholder: name }))
            })?;
        }
        self.ask("rename", &params.text_document.uri, |view, _| {
            let offset = view.offset(params.position);
            let renamable = features::rename::prepare(view.document, offset).or_else(|refusal| {
                let Some(source) = Source::of_dockerfile(view) else { return Err(refusal) };
                across::prepare_rename(&self.index, &source, offset).map_err(|_| refusal)
            });
            let Renamable { range, name } = renamable.map_err(refused)?;
            let range = view.range(&range);
            Ok(Some(lsp::PrepareRenameResponse::RangeWithPlaceholder { range, placeholder: name }))
        })
    }

    async fn rename(&self, params: lsp::RenameParams) -> Result<Option<lsp::WorkspaceEdit>> {
        let lsp::TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let (uri, client, name) = (&text_document.uri, self.features(), &params.new_name);
        if let Some(source) = self.sources.get(uri) {
            return guard("rename", || {
                let offset = source.sheet(uri, &client).offset(position);
                let changes =
                    across::rename_from_source(&self.index, &source, offset, name).map_err(refused)?;
                Ok(Some(self.change(&changes, "the stage")))
            })?;
        }
        self.ask("rename", uri, |view, _| {
            let offset = view.offset(position);
            if path(uri).is_none() {
                let edits = features::rename::rename(view.document, offset, name);
                return Ok(Some(view.workspace_edit(&edits.map_err(refused)?)));
            }
            let changes =
                across::rename_stage(&self.index, uri, view.document, offset, name).map_err(refused)?;
            Ok(Some(self.change(&changes, "the stage")))
        })
    }

    async fn range_formatting(
        &self,
        params: lsp::DocumentRangeFormattingParams,
    ) -> Result<Option<Vec<lsp::TextEdit>>> {
        self.ask("formatting", &params.text_document.uri, |view, _| {
            let style = format::style(view.document.settings(), &params.options);
            let range = Some(view.bytes(params.range));
            Ok(Some(format::edits(view, features::format::format(view.document, &style, range))))
        })
    }

    async fn on_type_formatting(
        &self,
        params: lsp::DocumentOnTypeFormattingParams,
    ) -> Result<Option<Vec<lsp::TextEdit>>> {
        let lsp::TextDocumentPositionParams { text_document, position } = params.text_document_position;
        self.ask("formatting", &text_document.uri, |view, _| {
            let style = format::style(view.document.settings(), &params.options);
            let edit = features::format::after_newline(view.document, view.offset(position), &style);
            Ok(Some(format::edits(view, edit.into_iter().collect())))
        })
    }

    async fn completion_resolve(&self, item: lsp::CompletionItem) -> Result<lsp::CompletionItem> {
        let client = self.features();
        guard("completion", || completion::resolve(&client, item))
    }

    async fn hover(&self, params: lsp::HoverParams) -> Result<Option<lsp::Hover>> {
        let lsp::TextDocumentPositionParams { text_document, position } =
            params.text_document_position_params;
        let (uri, client) = (&text_document.uri, self.features());
        if let Some(source) = self.sources.get(uri) {
            return guard("hover", || {
                let sheet = source.sheet(uri, &client);
                let hover = across::hover(&self.index, &source, sheet.offset(position));
                hover.map(|hover| shown(&sheet, hover))
            });
        }
        self.ask("hover", uri, |view, _| {
            let offset = view.offset(position);
            let hover = features::hover::hover(view.document, offset)
                .or_else(|| across::hover(&self.index, &Source::of_dockerfile(view)?, offset));
            Ok(hover.map(|hover| shown(&view.sheet(), hover)))
        })
    }

    async fn signature_help(&self, params: lsp::SignatureHelpParams) -> Result<Option<lsp::SignatureHelp>> {
        let lsp::TextDocumentPositionParams { text_document, position } =
            params.text_document_position_params;
        self.ask("signature help", &text_document.uri, |view, _| {
            let asked = signature::asked(view.client, params.context.as_ref());
            let offset = view.offset(position);
            let help = features::signature::signature(view.document, offset, asked);
            Ok(help.map(|help| signature::help(view.client, help)))
        })
    }

    async fn symbol(
        &self,
        params: lsp::WorkspaceSymbolParams,
    ) -> Result<Option<lsp::WorkspaceSymbolResponse>> {
        let mut found = Vec::new();
        for (uri, _) in self.store.all() {
            let stages = self.ask("symbols", &uri, |view, _| {
                let symbols = features::symbols::symbols(view.document);
                Ok(Some(outline::matching_stages(view, &symbols, &params.query)))
            })?;
            found.extend(stages.unwrap_or_default());
        }
        let others =
            guard("symbols", || outline::stages_elsewhere(&self.index, &self.features(), &params.query));
        found.extend(others?);
        Ok(Some(found.into()))
    }

    async fn will_rename_files(&self, params: lsp::RenameFilesParams) -> Result<Option<lsp::WorkspaceEdit>> {
        guard("moving files", || {
            let changes = across::moved(&self.index, &params.files);
            // Answered even so: what cannot be changed is told.
            let edit = self.change(&changes, "the Dockerfile");
            (!changes.is_empty()).then_some(edit)
        })
    }
}

/// A hover in the format that the client shows.
fn shown(sheet: &Sheet<'_>, hover: features::hover::Hover) -> lsp::Hover {
    let (kind, value) = match sheet.client.hover_markdown {
        true => (lsp::MarkupKind::Markdown, hover.markdown),
        false => (lsp::MarkupKind::PlainText, plain::text(&hover.markdown)),
    };
    let contents = lsp::HoverContents::Markup(lsp::MarkupContent { kind, value });
    lsp::Hover { contents, range: Some(sheet.range(&hover.range)) }
}

/// The folders that the client has open.
fn folders(params: &lsp::InitializeParams) -> Vec<PathBuf> {
    let folders = params.workspace_folders.iter().flatten().map(|folder| &folder.uri);
    #[expect(deprecated, reason = "all that clients of before LSP 3.6 say")]
    let root =
        params.root_uri.as_ref().filter(|_| params.workspace_folders.as_ref().is_none_or(Vec::is_empty));
    folders.chain(root).filter_map(path).collect()
}

/// A refusal is for the person who asked, so it is shown as it is.
fn refused(reason: RenameError) -> Error {
    Error { code: REQUEST_FAILED, message: reason.to_string().into(), data: None }
}
