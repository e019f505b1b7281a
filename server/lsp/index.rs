//! The workspace of one conversation: read in the background, kept current by what the client tells.

use std::{
    collections::BTreeSet,
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use tower_lsp::{
    Client,
    ls_types::{self as lsp, Uri},
};

use super::{
    capabilities::ClientFeatures,
    convert::Sheet,
    guard::guard,
    images::Images,
    renewal::Renewal,
    sources::{Edited, Sources},
    store::{Store, file},
};
use crate::{
    document::Document,
    text::Text,
    workspace::{
        Touched, Workspace,
        disk::{self, MAX_DOCKERFILE},
    },
};

/// What is known of the client's folders.
#[derive(Debug)]
pub struct Index {
    client: Client,
    store: Arc<Store>,
    sources: Arc<Sources>,
    workspace: Mutex<Workspace>,
    renewal: OnceLock<Renewal>,
    /// The client's folders, each as it came: of two that are one in the other, either may go.
    folders: Mutex<Vec<PathBuf>>,
    scan: Mutex<Scan>,
    /// Differs between any two states of the workspace.
    generation: AtomicU64,
    pub(super) images: Images,
}

/// The search through the folders, while it runs.
#[derive(Debug, Default)]
struct Scan {
    /// Set to end it early.
    stop: Option<Arc<AtomicBool>>,
    /// What has changed since it started.
    missed: BTreeSet<PathBuf>,
}

impl Index {
    pub fn new(client: Client, store: Arc<Store>, sources: Arc<Sources>) -> Index {
        Index {
            client,
            store,
            sources,
            workspace: Mutex::default(),
            renewal: OnceLock::new(),
            folders: Mutex::default(),
            scan: Mutex::default(),
            generation: AtomicU64::new(0),
            images: Images::default(),
        }
    }

    /// Takes note of the folders, which nobody looks into yet.
    pub fn start(&self, folders: Vec<PathBuf>, renewal: Renewal) {
        let _ = self.renewal.set(renewal);
        lock(&self.folders).clone_from(&folders);
        *self.workspace() = Workspace::new(outermost(folders));
    }

    /// Looks into the folders in the background. The workspace so far is good for what is open, until the new one is there.
    pub fn scan(self: &Arc<Self>) {
        let folders = self.workspace().folders().to_vec();
        let stop = Arc::new(AtomicBool::new(false));
        {
            let mut scan = lock(&self.scan);
            if let Some(before) = scan.stop.replace(stop.clone()) {
                before.store(true, Ordering::Relaxed);
            }
            scan.missed.clear();
        }
        if folders.is_empty() {
            lock(&self.scan).stop = None;
            return;
        }
        let (done, found) = tokio::sync::oneshot::channel();
        let flag = stop.clone();
        let search = move || {
            let start = Instant::now();
            let workspace = guard("reading the workspace", || {
                // The other processors are the user's, and the server's own.
                let workers = thread::available_parallelism().map_or(1, |all| all.get().div_ceil(2));
                Workspace::scan(folders, workers, &|| flag.load(Ordering::Relaxed))
            });
            if let Ok(workspace) = &workspace {
                let (dockerfiles, builds) = (workspace.dockerfiles().len(), workspace.builds().count());
                tracing::info!("{dockerfiles} Dockerfiles and {builds} builds in {:?}", start.elapsed());
            }
            // Fails when the conversation has ended.
            let _ = done.send(workspace.ok());
        };
        if let Err(error) = thread::Builder::new().name("workspace".into()).spawn(search) {
            tracing::warn!("the workspace can't be read: {error}");
            return;
        }
        let this = Arc::clone(self);
        tokio::spawn(async move {
            let progress = this.begin_progress().await;
            let found = found.await.ok().flatten();
            // Another search may have taken its place.
            if !stop.load(Ordering::Relaxed) {
                match found {
                    Some(workspace) => {
                        let _ = guard("taking the workspace", || this.install(workspace));
                        this.images.forget(&[]);
                        this.gather_images();
                    }
                    None => *lock(&this.scan) = Scan::default(),
                }
            }
            if let Some(token) = progress {
                let end = lsp::WorkDoneProgressEnd { message: None };
                this.tell_progress(token, lsp::WorkDoneProgress::End(end)).await;
            }
        });
    }

    /// Folders that come and go. What is known of the others is found anew, too.
    pub fn folders_changed(self: &Arc<Self>, added: Vec<PathBuf>, removed: &[PathBuf]) {
        let folders = {
            let mut folders = lock(&self.folders);
            folders.retain(|folder| !removed.contains(folder));
            folders.extend(added);
            folders.clone()
        };
        // A search that is still under way is one of other folders.
        if let Some(before) = lock(&self.scan).stop.take() {
            before.store(true, Ordering::Relaxed);
        }
        self.install(Workspace::new(outermost(folders)));
        self.scan();
    }

    /// Asks something of the workspace.
    pub fn with<R>(&self, question: impl FnOnce(&Workspace) -> R) -> R {
        question(&self.workspace())
    }

    /// What people of the workspace call a file.
    pub fn title(&self, uri: &Uri) -> String {
        match file(uri) {
            Some(path) => self.with(|workspace| workspace.title(&path)),
            None => uri.as_str().to_owned(),
        }
    }

    /// Differs whenever an answer of [`with`](Index::with) may.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    /// Takes the newest text of an open file that is no Dockerfile. `edits`: how it came about.
    pub fn source_changed(&self, uri: &Uri, edits: &[Edited]) {
        let Some(source) = self.sources.get(uri) else { return };
        let text: Arc<str> = source.text.to_string().into();
        let touched = self.workspace().set_open(&source.path, text, edits);
        self.apply(touched, Some(uri));
    }

    /// Takes the newest version of an open Dockerfile.
    pub fn dockerfile_changed(&self, uri: &Uri) {
        let (Some(path), Some(snapshot)) = (file(uri), self.store.get(uri)) else { return };
        let touched = self.workspace().set_dockerfile(&path, &snapshot.document);
        self.apply(touched, Some(uri));
    }

    /// Takes a Dockerfile that has just been opened.
    pub fn dockerfile_opened(&self, uri: &Uri) {
        let (Some(path), Some(snapshot)) = (file(uri), self.store.get(uri)) else { return };
        let mut touched = self.workspace().set_dockerfile(&path, &snapshot.document);
        // It has not heard yet of what others do with it.
        touched.dockerfiles.insert(path);
        self.apply(touched, Some(uri));
    }

    /// The disk counts for this file again.
    pub fn closed(&self, path: &Path) {
        let touched = self.workspace().set_closed(path);
        self.apply(touched, None);
    }

    /// Reads files again, or finds that they have gone.
    pub fn files_changed(&self, paths: &[PathBuf]) {
        {
            let mut scan = lock(&self.scan);
            if scan.stop.is_some() {
                scan.missed.extend(paths.iter().cloned());
            }
        }
        let touched = self.workspace().files_changed(paths);
        self.images.forget(paths);
        self.apply(touched, None);
    }

    /// Reads the closed files again that name a stage (by its index): nobody may have told that one of them changed, and an edit
    /// at the old place would spoil it.
    pub fn reread_mentions(&self, dockerfile: &Path, stage: usize) {
        let mentions = self.workspace().mentions_of(dockerfile, stage);
        let files: BTreeSet<PathBuf> = mentions.iter().map(|it| it.spot.file.to_path_buf()).collect();
        self.reread(files);
    }

    /// Reads those of some files again that are not open.
    pub fn reread(&self, files: impl IntoIterator<Item = PathBuf>) {
        let closed: Vec<PathBuf> = files.into_iter().filter(|file| self.open(file).is_none()).collect();
        if !closed.is_empty() {
            self.files_changed(&closed);
        }
    }

    /// The text of a file: as it is open, else from the disk.
    pub fn text(&self, path: &Path) -> Option<Text> {
        match self.open(path) {
            Some((uri, _)) => {
                let dockerfile = self.store.get(&uri).map(|snapshot| snapshot.document.text().clone());
                dockerfile.or_else(|| self.sources.get(&uri).map(|source| source.text))
            }
            None => disk::read(path, MAX_DOCKERFILE).ok().map(|text| Text::new(&text)),
        }
    }

    /// How the client calls a file, and its version if it is open.
    pub fn uri(&self, path: &Path) -> Option<(Uri, Option<i32>)> {
        match self.open(path) {
            Some((uri, version)) => Some((uri, Some(version))),
            None => Uri::from_file_path(path).map(|uri| (uri, None)),
        }
    }

    /// An open Dockerfile.
    pub fn open_dockerfile(&self, uri: &Uri) -> Option<Arc<Document>> {
        self.store.get(uri).map(|snapshot| snapshot.document)
    }

    /// All of them, by URI.
    pub fn open_dockerfiles(&self) -> Vec<(Uri, Arc<Document>)> {
        self.store.all().into_iter().map(|(uri, snapshot)| (uri, snapshot.document)).collect()
    }

    /// A place in a file as the client counts; `None` if the file can't be read.
    pub fn location(
        &self,
        path: &Path,
        bytes: &Range<usize>,
        client: &ClientFeatures,
    ) -> Option<lsp::Location> {
        let (uri, version) = self.uri(path)?;
        let text = self.text(path)?;
        Some(Sheet { uri: &uri, text: &text, version, client }.location(bytes))
    }

    fn open(&self, path: &Path) -> Option<(Uri, i32)> {
        let dockerfile = self.store.all().into_iter().find(|(uri, _)| file(uri).as_deref() == Some(path));
        if let Some((uri, snapshot)) = dockerfile {
            return Some((uri, snapshot.document.version()));
        }
        let source = self.sources.all().into_iter().find(|(_, source)| *source.path == *path);
        source.map(|(uri, source)| (uri, source.version))
    }

    /// Takes a workspace in place of the one before, with what is open.
    fn install(&self, mut workspace: Workspace) {
        for (_, source) in self.sources.all() {
            workspace.set_open(&source.path, source.text.to_string().into(), &[]);
        }
        for (uri, snapshot) in self.store.all() {
            if let Some(path) = file(&uri) {
                workspace.set_dockerfile(&path, &snapshot.document);
            }
        }
        let missed = {
            let mut scan = lock(&self.scan);
            scan.stop = None;
            std::mem::take(&mut scan.missed)
        };
        workspace.files_changed(&missed.into_iter().collect::<Vec<_>>());
        let before = std::mem::replace(&mut *self.workspace(), workspace);
        // Giving back thousands of small pieces takes time that nobody has to wait for.
        let _ = thread::Builder::new().spawn(move || drop(before));
        let open = self.store.all().iter().filter_map(|(uri, _)| file(uri)).collect();
        let files = self.sources.all().iter().map(|(_, source)| source.path.to_path_buf()).collect();
        self.apply(Touched { dockerfiles: open, files }, None);
    }

    /// Brings what is new to the open documents. Of the one that changed itself (`by`) the diagnostics are due anyway.
    fn apply(&self, touched: Touched, by: Option<&Uri>) {
        if touched == Touched::default() {
            return;
        }
        self.generation.fetch_add(1, Ordering::Relaxed);
        let mut changed = Vec::new();
        let mut renamed = false;
        for (uri, before) in self.store.all() {
            let Some(path) = file(&uri).filter(|path| touched.dockerfiles.contains(path)) else { continue };
            let outside = Arc::new(self.workspace().outside(&path));
            // Only contexts change what a name is.
            renamed |=
                Some(&uri) != by && before.document.outside().context_names() != outside.context_names();
            if self.store.set_outside(&uri, outside) {
                changed.push(uri);
            }
        }
        for (uri, source) in self.sources.all() {
            if touched.files.contains(&*source.path) {
                changed.push(uri);
            }
        }
        changed.retain(|uri| Some(uri) != by);
        if let Some(renewal) = self.renewal.get() {
            if changed.iter().any(|uri| self.store.get(uri).is_some()) {
                // They tell what builds do with a Dockerfile.
                renewal.lenses();
                renewal.hints();
            }
            renewal.again(changed);
            if renamed {
                renewal.tokens();
            }
        }
    }

    async fn begin_progress(&self) -> Option<lsp::ProgressToken> {
        if !self.renewal.get().is_some_and(|renewal| renewal.features.progress) {
            return None;
        }
        let token = lsp::ProgressToken::String("dockerfile-ls/workspace".into());
        if let Err(error) = self.client.create_work_done_progress(token.clone()).await {
            tracing::debug!("the client shows no progress: {error}");
            return None;
        }
        let begin = lsp::WorkDoneProgressBegin {
            title: "Reading Dockerfiles and what builds them".into(),
            ..lsp::WorkDoneProgressBegin::default()
        };
        self.tell_progress(token.clone(), lsp::WorkDoneProgress::Begin(begin)).await;
        Some(token)
    }

    async fn tell_progress(&self, token: lsp::ProgressToken, step: lsp::WorkDoneProgress) {
        let params = lsp::ProgressParams { token, value: lsp::ProgressParamsValue::WorkDone(step) };
        self.client.send_notification::<lsp::notification::Progress>(params).await;
    }

    fn workspace(&self) -> MutexGuard<'_, Workspace> {
        lock(&self.workspace)
    }
}

/// What a panic left is checked by the next change of each file, and better than nothing until then.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Without folders that are inside others, and each once.
fn outermost(folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut kept: Vec<PathBuf> = Vec::new();
    for folder in &folders {
        let inner = folders.iter().any(|other| folder != other && folder.starts_with(other));
        if !inner && !kept.contains(folder) {
            kept.push(folder.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_inside_others_are_looked_into_once() {
        let folders = |all: &[&str]| outermost(all.iter().map(PathBuf::from).collect());
        assert_eq!(folders(&["/w/a", "/w", "/v", "/w"]), [PathBuf::from("/w"), "/v".into()]);
        assert_eq!(folders(&["/w", "/wide"]), [PathBuf::from("/w"), "/wide".into()]);
    }
}
