//! What lies around a Dockerfile on the disk: the files of its build context.
//!
//! One folder is read for one request, and never more of it than [`MANY`] entries. Nothing is opened but folders, and nothing
//! outside of the context: a link or a `..` that leads out of it leads nowhere.

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{convert::View, index::Index, store::file};
use crate::{
    context_files::ignore_in,
    dockerignore::Ignore,
    features::completion::{Around, Entry},
};

/// Most entries of a folder that are read.
const MANY: usize = 2000;

/// The surroundings of one Dockerfile, found as they are asked for.
pub struct Nearby<'a> {
    view: &'a View<'a>,
    index: &'a Arc<Index>,
    contexts: OnceCell<Vec<Context>>,
    /// Whether folders lie inside of a context, with all links followed.
    inside: RefCell<HashMap<PathBuf, bool>>,
}

/// A folder that the Dockerfile is built from.
struct Context {
    folder: PathBuf,
    /// The same with all links followed.
    real: PathBuf,
    /// Read when the first folder is.
    ignore: OnceCell<Option<Arc<Ignore>>>,
}

impl<'a> Nearby<'a> {
    pub fn new(view: &'a View<'a>, index: &'a Arc<Index>) -> Nearby<'a> {
        Nearby { view, index, contexts: OnceCell::new(), inside: RefCell::default() }
    }

    /// A file of the build context; `path` has `/` between and none at its ends.
    pub fn find(&self, path: &str) -> Option<PathBuf> {
        self.contexts().iter().find_map(|context| {
            let found = context.folder.join(path);
            let kind = fs::symlink_metadata(&found).ok()?.file_type();
            if kind.is_symlink() {
                let real = found.canonicalize().ok()?;
                return (real.starts_with(&context.real) && real.is_file()).then_some(found);
            }
            (kind.is_file() && self.is_inside(context, found.parent()?)).then_some(found)
        })
    }

    fn contexts(&self) -> &[Context] {
        self.contexts.get_or_init(|| {
            let Some(dockerfile) = file(self.view.uri) else { return Vec::new() };
            let folders = self.index.with(|workspace| workspace.build_contexts(&dockerfile)).into_iter();
            let real = |folder: PathBuf| {
                Some(Context { real: folder.canonicalize().ok()?, folder, ignore: OnceCell::new() })
            };
            folders.filter_map(real).collect()
        })
    }

    fn is_inside(&self, context: &Context, folder: &Path) -> bool {
        if folder == context.folder {
            return true;
        }
        if let Some(known) = self.inside.borrow().get(folder) {
            return *known;
        }
        let is_inside = folder.canonicalize().is_ok_and(|real| real.starts_with(&context.real));
        self.inside.borrow_mut().insert(folder.to_owned(), is_inside);
        is_inside
    }

    fn ignore<'c>(&self, context: &'c Context) -> Option<&'c Ignore> {
        let read = || {
            let dockerfile = file(self.view.uri)?;
            match dockerfile.parent() == Some(&context.folder) {
                true => self.view.document.ignore().cloned(),
                false => ignore_in(&dockerfile, &context.folder),
            }
        };
        context.ignore.get_or_init(read).as_deref()
    }

    fn entries(&self, context: &Context, folder: &str) -> Vec<Entry> {
        let place = if folder.is_empty() { context.folder.clone() } else { context.folder.join(folder) };
        if !self.is_inside(context, &place) {
            return Vec::new();
        }
        let Ok(read) = fs::read_dir(&place) else { return Vec::new() };
        let entry = |entry: fs::DirEntry| {
            // What is no text can't be written in a Dockerfile.
            let name = entry.file_name().into_string().ok()?;
            let kind = entry.file_type().ok()?;
            let is_folder = match kind.is_symlink() {
                true => entry
                    .path()
                    .canonicalize()
                    .is_ok_and(|real| real.starts_with(&context.real) && real.is_dir()),
                false => kind.is_dir(),
            };
            // The builder gets no pipes and the like.
            (is_folder || kind.is_file() || kind.is_symlink()).then_some(Entry { name, is_folder })
        };
        let entries = read.take(MANY).filter_map(|it| entry(it.ok()?));
        let Some(ignore) = self.ignore(context) else { return entries.collect() };
        let is_sent = |entry: &Entry| {
            let path =
                if folder.is_empty() { entry.name.clone() } else { format!("{folder}/{}", entry.name) };
            ignore.matches(&path) != Ok(true) || (entry.is_folder && ignore.may_keep_below(&path))
        };
        entries.filter(is_sent).collect()
    }
}

impl Around for Nearby<'_> {
    fn context_entries(&self, folder: &str) -> Vec<Entry> {
        let mut found: Vec<Entry> = Vec::new();
        for (number, context) in self.contexts().iter().enumerate() {
            let entries = self.entries(context, folder);
            match number {
                0 => found = entries,
                // What several builds have is there once.
                _ => {
                    let known: Vec<String> = found.iter().map(|entry| entry.name.clone()).collect();
                    let known: std::collections::HashSet<&str> = known.iter().map(String::as_str).collect();
                    found.extend(entries.into_iter().filter(|entry| !known.contains(entry.name.as_str())));
                }
            }
        }
        found
    }

    fn images(&self) -> Vec<String> {
        self.index.images(self.view.uri)
    }
}
