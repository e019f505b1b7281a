//! The images that the workspace's Dockerfiles use.
//!
//! Nobody who types waits for them: they are gathered by a thread once the workspace is known, and again when somebody asks
//! after it has changed. Until then the answer is the one of before. Of each Dockerfile the images are kept until it changes.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
};

use tower_lsp::ls_types::Uri;

use super::{
    guard::guard,
    index::{Index, lock},
};
use crate::{
    document::Document,
    features::completion::images_of,
    workspace::disk::{self, MAX_DOCKERFILE},
};

/// Most closed Dockerfiles that are looked at: enough to know what a workspace uses.
const FILES: usize = 2000;

/// Most images that are told.
const TOLD: usize = 200;

/// Most open Dockerfiles that are looked at.
const OPEN: usize = 50;

/// What is known so far.
#[derive(Debug, Default)]
pub struct Images(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The images of closed Dockerfiles.
    by_file: HashMap<PathBuf, Vec<String>>,
    /// All of them with how often they are used, the most used first.
    tally: Arc<Vec<(String, usize)>>,
    /// The state of the workspace that it is of.
    generation: Option<u64>,
    is_gathering: bool,
    /// What has changed since it was begun to gather them, and whether anything has.
    missed: Vec<PathBuf>,
    is_stale: bool,
}

impl Images {
    /// Files that have changed are read again.
    pub fn forget(&self, paths: &[PathBuf]) {
        let mut state = lock(&self.0);
        for path in paths {
            state.by_file.remove(path);
        }
        if state.is_gathering {
            state.missed.extend_from_slice(paths);
        }
        (state.generation, state.is_stale) = (None, true);
    }
}

impl Index {
    /// The images of all Dockerfiles but one, as written, the most used first.
    pub fn images(self: &Arc<Self>, except: &Uri) -> Vec<String> {
        self.gather_images();
        let closed = lock(&self.images.0).tally.clone();
        let mut counts: HashMap<&str, usize> =
            closed.iter().map(|(image, count)| (image.as_str(), *count)).collect();
        let open = self.open_dockerfiles();
        let others = open.iter().filter(|(uri, _)| uri != except).take(OPEN);
        let others: Vec<String> = others.flat_map(|(_, document)| images_of(document)).collect();
        for image in &others {
            *counts.entry(image).or_default() += 1;
        }
        let mut told: Vec<(&str, usize)> = counts.into_iter().collect();
        told.sort_unstable_by(|(a, one), (b, other)| (other, a).cmp(&(one, b)));
        told.into_iter().take(TOLD).map(|(image, _)| image.to_owned()).collect()
    }

    /// Has the images gathered if the workspace has changed since.
    pub fn gather_images(self: &Arc<Self>) {
        let generation = self.generation();
        {
            let mut state = lock(&self.images.0);
            if state.is_gathering || state.generation == Some(generation) {
                return;
            }
            state.is_gathering = true;
        }
        let this = Arc::clone(self);
        let gather = move || {
            let _ = guard("gathering images", || this.gather(generation));
            lock(&this.images.0).is_gathering = false;
        };
        if let Err(error) = thread::Builder::new().name("images".into()).spawn(gather) {
            tracing::warn!("images can't be gathered: {error}");
            lock(&self.images.0).is_gathering = false;
        }
    }

    fn gather(&self, generation: u64) {
        let mut known = {
            let mut state = lock(&self.images.0);
            state.is_stale = false;
            state.missed.clear();
            std::mem::take(&mut state.by_file)
        };
        let closed = self.with(|workspace| workspace.some_closed_dockerfiles(FILES));
        let mut by_file = HashMap::new();
        let mut counts: HashMap<String, usize> = HashMap::new();
        for path in closed {
            let images = known.remove(&path).unwrap_or_else(|| {
                let text = disk::read(&path, MAX_DOCKERFILE).unwrap_or_default();
                images_of(&Document::open(&text, 0))
            });
            for image in &images {
                *counts.entry(image.clone()).or_default() += 1;
            }
            by_file.insert(path, images);
        }
        let mut tally: Vec<(String, usize)> = counts.into_iter().collect();
        tally.sort_unstable_by(|(a, one), (b, other)| (other, a).cmp(&(one, b)));
        tally.truncate(TOLD);
        let mut state = lock(&self.images.0);
        // What has changed meanwhile is read when the next one asks.
        for path in std::mem::take(&mut state.missed) {
            by_file.remove(&path);
        }
        state.generation = (!state.is_stale).then_some(generation);
        (state.by_file, state.tally) = (by_file, Arc::new(tally));
    }
}
