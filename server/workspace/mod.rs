//! The stages of all Dockerfiles of a workspace, and everything beside them that names one.
//!
//! Files are read in [`Unit`]s, each of which yields [`Build`]s; a unit knows all files that it looked at, so when one of
//! them changes only that unit is read again. Which Dockerfile and stage a build means is found when somebody asks
//! ([`meaning`]): Dockerfiles come, go and change without any unit being read again.

pub mod contexts;
pub mod disk;
#[cfg(test)]
mod disk_tests;
pub mod meaning;
pub mod mentions;
pub mod parallel;
pub mod scan;
pub mod summary;
#[cfg(test)]
mod tests;
pub mod walk;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    thread,
};

use crate::{
    builds::{
        self, Build, Certainty, Found, Spot,
        kinds::{Kind, Unit, kind_of, units_of},
    },
    document::Document,
    outside::{self, Asked, Outside, User},
};
use disk::{Disk, MAX_DOCKERFILE};
pub use summary::{StageSummary, Summary};

/// All that is known of some folders, with the open buffers in them. Paths are absolute.
#[derive(Debug, Default)]
pub struct Workspace {
    folders: Vec<PathBuf>,
    /// The texts of open files other than Dockerfiles.
    open: HashMap<PathBuf, Arc<str>>,
    /// Open Dockerfiles: what the disk says of them does not count.
    open_dockerfiles: BTreeSet<PathBuf>,
    /// Read when somebody asks: most of a large workspace nobody ever asks for.
    dockerfiles: HashMap<PathBuf, OnceLock<Arc<Summary>>>,
    units: HashMap<Unit, Entry>,
    /// The units that have looked at a file, by the file.
    by_file: HashMap<PathBuf, BTreeSet<Unit>>,
    /// The units in which some build may mean a Dockerfile, by the Dockerfile.
    by_dockerfile: HashMap<PathBuf, BTreeSet<Unit>>,
}

/// What a unit came to.
#[derive(Debug, Default)]
struct Entry {
    builds: Vec<Build>,
    ignored: Vec<Spot>,
    files: BTreeSet<PathBuf>,
}

/// What a change touched.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Dockerfiles of which other files may say something else now.
    pub dockerfiles: BTreeSet<PathBuf>,
    /// Files of which other findings may be due.
    pub files: BTreeSet<PathBuf>,
}

impl Touched {
    pub fn extend(&mut self, other: Touched) {
        self.dockerfiles.extend(other.dockerfiles);
        self.files.extend(other.files);
    }
}

impl Workspace {
    /// A workspace of these folders that nobody has looked into yet.
    pub fn new(folders: Vec<PathBuf>) -> Workspace {
        Workspace { folders, ..Workspace::default() }
    }

    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Takes the text of an open file other than a Dockerfile for what is in it. `edits`: what has changed since the last text,
    /// each as the range that was replaced (bytes of the text before it) and the length of what stands there now; none where
    /// that is not known.
    pub fn set_open(&mut self, path: &Path, text: Arc<str>, edits: &[(Range<usize>, usize)]) -> Touched {
        match self.open.get(path) {
            Some(before) if edits.is_empty() => self.shift(path, &[difference(before, &text)]),
            _ => self.shift(path, edits),
        }
        self.open.insert(path.to_owned(), text);
        self.changed(path, &walk::Found::default())
    }

    /// The disk counts again for this file.
    pub fn set_closed(&mut self, path: &Path) -> Touched {
        let was_open = self.open.remove(path).is_some() | self.open_dockerfiles.remove(path);
        if was_open { self.files_changed(&[path.to_owned()]) } else { Touched::default() }
    }

    /// Takes note of an open Dockerfile, in every version.
    pub fn set_dockerfile(&mut self, path: &Path, doc: &Document) -> Touched {
        self.open_dockerfiles.insert(path.to_owned());
        let mut touched = self.read_comments(path, doc);
        let summary = Summary::of(doc);
        let summary = Arc::new(summary);
        let before = self.dockerfiles.insert(path.to_owned(), OnceLock::from(summary.clone()));
        let before = before.and_then(OnceLock::into_inner);
        if before.is_none_or(|before| before.differs(&summary)) {
            touched.extend(self.users_of(path));
        }
        touched
    }

    /// Reads files again, or finds that they have come or gone; of a folder all that is or was in it. Of an open one, only
    /// what depends on it.
    pub fn files_changed(&mut self, paths: &[PathBuf]) -> Touched {
        let closed =
            |path: &&PathBuf| !self.open.contains_key(*path) && !self.open_dockerfiles.contains(*path);
        let reached = self.reach(&paths.iter().filter(closed).cloned().collect::<Vec<_>>());
        let mut files: BTreeSet<PathBuf> = paths.iter().chain(&reached.dockerfiles).cloned().collect();
        files.extend(reached.sources.iter().map(|(_, path)| path.clone()));
        let is_file = |path: &Path| path.symlink_metadata().is_ok_and(|metadata| metadata.is_file());
        let others: HashSet<&Path> =
            paths.iter().map(PathBuf::as_path).filter(|path| !is_file(path)).collect();
        if !others.is_empty() {
            let known = self.dockerfiles.keys().chain(self.by_file.keys()).chain(self.by_dockerfile.keys());
            let below = known.filter(|file| file.ancestors().any(|above| others.contains(above)));
            files.extend(below.cloned());
        }
        let mut touched = Touched::default();
        for file in files {
            touched.extend(self.changed(&file, &reached));
        }
        touched
    }

    /// What somebody who looks through the folders finds of these paths and below them.
    fn reach(&self, paths: &[PathBuf]) -> walk::Found {
        let mut reached = walk::Found::default();
        self.folders.iter().for_each(|folder| reached.extend(walk::reach(folder, paths)));
        reached
    }

    /// Reads one file again. `reached`: what is in the folders of all that has changed.
    fn changed(&mut self, path: &Path, reached: &walk::Found) -> Touched {
        let is_open = self.open.contains_key(path);
        if !is_open && !self.open_dockerfiles.contains(path) {
            self.shift(path, &[EVERYTHING]);
        }
        let mut touched =
            self.dockerfile_changed(path, reached.dockerfiles.iter().any(|other| other == path));
        let mut own: BTreeSet<Unit> = BTreeSet::new();
        let kinds = reached.sources.iter().filter(|(_, other)| other == path).map(|(kind, _)| *kind);
        // A script needs no extension.
        let opened = || kind_of(path).or_else(|| path.extension().is_none().then_some(Kind::Script));
        for kind in kinds.chain(is_open.then(opened).flatten()) {
            own.extend(units_of(kind, path));
        }
        let others = self.by_file.get(path).into_iter().flatten().filter(|unit| !own.contains(unit));
        for unit in others.cloned().collect::<Vec<_>>() {
            if let Unit::File(Kind::Comments, _) = unit {
                // Its Dockerfile says when.
                continue;
            }
            let parts = unit.parts();
            let is_part = parts.iter().any(|part| part == path);
            touched.extend(match is_part && !self.is_there(&parts) {
                true => self.put(unit, Found::default(), BTreeSet::new()),
                false => self.read_unit(&unit),
            });
        }
        for unit in own {
            touched.extend(self.read_unit(&unit));
        }
        touched
    }

    /// Whether one of these files is open or in the folders.
    fn is_there(&self, files: &[PathBuf]) -> bool {
        files.iter().any(|file| self.open.contains_key(file)) || !self.reach(files).sources.is_empty()
    }

    /// All Dockerfiles, sorted.
    pub fn dockerfiles(&self) -> Vec<&PathBuf> {
        let mut all: Vec<_> = self.dockerfiles.keys().collect();
        all.sort_unstable();
        all
    }

    /// Those that are not open, sorted.
    pub fn closed_dockerfiles(&self) -> Vec<&PathBuf> {
        let mut all = self.dockerfiles();
        all.retain(|path| !self.open_dockerfiles.contains(*path));
        all
    }

    /// At most so many that are not open, in no order: a large workspace takes long to sort.
    pub fn some_closed_dockerfiles(&self, most: usize) -> Vec<PathBuf> {
        let closed = self.dockerfiles.keys().filter(|path| !self.open_dockerfiles.contains(*path));
        closed.take(most).cloned().collect()
    }

    /// What is known of some of them. Those that nobody has asked for before are read, on all processors.
    pub fn summaries<'a>(&'a self, paths: &[&'a PathBuf]) -> Vec<(&'a PathBuf, &'a Arc<Summary>)> {
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let unread = |path: &&&PathBuf| self.dockerfiles.get(**path).is_some_and(|cell| cell.get().is_none());
        let unread: Vec<&PathBuf> = paths.iter().filter(unread).copied().collect();
        parallel::map(&unread, workers, |path| {
            self.dockerfile(path);
        });
        paths.iter().filter_map(|path| Some((*path, self.dockerfile(path)?))).collect()
    }

    /// What is known of a Dockerfile, if there is one of this path. One that can't be read has no stages.
    pub fn dockerfile(&self, path: &Path) -> Option<&Arc<Summary>> {
        let read = || {
            let text = disk::read(path, MAX_DOCKERFILE).unwrap_or_default();
            Arc::new(Summary::of(&Document::open(&text, 0)))
        };
        Some(self.dockerfiles.get(path)?.get_or_init(read))
    }

    /// The files that say what is built, sorted.
    pub fn sources(&self) -> BTreeSet<Arc<Path>> {
        self.builds().map(|build| build.declared.file.clone()).collect()
    }

    /// The words of a Bake file that bake passes over, in their order.
    pub fn ignored_in(&self, file: &Path) -> Vec<&Spot> {
        let units = self.by_file.get(file).into_iter().flatten();
        let entries = units.filter_map(|unit| self.units.get(unit));
        let mut all: Vec<&Spot> =
            entries.flat_map(|entry| &entry.ignored).filter(|spot| *spot.file == *file).collect();
        all.sort_unstable_by_key(|spot| (spot.range.start, spot.range.end));
        all.dedup();
        all
    }

    /// The builds that may have something written in `file`.
    pub fn builds_in(&self, file: &Path) -> impl Iterator<Item = &Build> {
        let units = self.by_file.get(file).into_iter().flatten();
        units.filter_map(|unit| self.units.get(unit)).flat_map(|entry| &entry.builds)
    }

    /// The builds that may be of this Dockerfile.
    pub fn builds_of(&self, dockerfile: &Path) -> impl Iterator<Item = &Build> {
        let units = self.by_dockerfile.get(dockerfile).into_iter().flatten();
        let builds = units.filter_map(|unit| self.units.get(unit)).flat_map(|entry| &entry.builds);
        builds.filter(move |build| build.candidates().any(|path| path == dockerfile))
    }

    /// All builds.
    pub fn builds(&self) -> impl Iterator<Item = &Build> {
        self.units.values().flat_map(|entry| &entry.builds)
    }

    /// Where builds of a Dockerfile give a context this name (as [`outside::context_name`] has it).
    pub fn contexts_of(&self, dockerfile: &Path, name: &str) -> Vec<Spot> {
        let contexts = self.builds_of(dockerfile).flat_map(|build| &build.contexts);
        let keys = contexts.map(|context| &context.key);
        let is_named = |key: &str| outside::without_platform(&outside::context_name(key)) == name;
        let named = keys.filter(|key| key.text.as_deref().is_some_and(is_named));
        let mut spots: Vec<Spot> = named.map(|key| key.spot.clone()).collect();
        spots.sort_by(|a, b| (&a.file, a.range.start).cmp(&(&b.file, b.range.start)));
        spots.dedup();
        spots
    }

    /// What other files do with a Dockerfile.
    pub fn outside(&self, dockerfile: &Path) -> Outside {
        let mut users: Vec<(&Spot, User)> = Vec::new();
        for build in self.builds_of(dockerfile) {
            let meant = self.meaning(build);
            if meant.path() != Some(dockerfile) {
                continue;
            }
            let value = |value: &builds::Value| value.text.clone();
            let target = match &build.target {
                None => Asked::Default,
                Some(target) => match &target.text {
                    Some(name) if name.is_empty() => Asked::Default,
                    Some(name) => Asked::Named(name.clone()),
                    None => Asked::Unknown,
                },
            };
            // What is asked for may be less sure than whose it is.
            let known = build.target.as_ref().filter(|target| target.text.is_some());
            let certainty = known.map_or(meant.certainty, |target| meant.certainty.min(target.certainty));
            let args = build
                .args
                .iter()
                .filter_map(|arg| Some((arg.name.text.clone()?, arg.value.as_ref().and_then(value))));
            let contexts = build.contexts.iter().filter_map(|context| {
                Some((outside::context_name(context.key.text.as_deref()?), value(&context.value)))
            });
            let user = User {
                title: build.title.clone(),
                file: self.title(&build.declared.file),
                target,
                certainty,
                args: args.collect(),
                contexts: contexts.collect(),
            };
            if !users.iter().any(|(_, other)| *other == user) {
                users.push((&build.declared, user));
            }
        }
        users.sort_by(|(a, _), (b, _)| (&a.file, a.range.start).cmp(&(&b.file, b.range.start)));
        Outside { users: users.into_iter().map(|(_, user)| user).collect() }
    }

    /// How people of this workspace write the path of a file.
    pub fn title(&self, path: &Path) -> String {
        let folder = self.folders.iter().filter_map(|folder| path.strip_prefix(folder).ok());
        let path = folder.min_by_key(|rest| rest.as_os_str().len()).unwrap_or(path);
        path.display().to_string()
    }

    /// What may be different for the users of a Dockerfile, and for the Dockerfile.
    fn users_of(&self, dockerfile: &Path) -> Touched {
        let units = self.by_dockerfile.get(dockerfile).into_iter().flatten();
        let files = units.filter_map(|unit| self.units.get(unit)).flat_map(|entry| &entry.files).cloned();
        Touched { files: files.collect(), dockerfiles: [dockerfile.to_owned()].into() }
    }

    /// Whether some build may mean a Dockerfile; those of its own comments aside.
    fn is_asked_for(&self, dockerfile: &Path) -> bool {
        let own = |unit: &Unit| matches!(unit, Unit::File(Kind::Comments, path) if path == dockerfile);
        self.by_dockerfile.get(dockerfile).is_some_and(|units| !units.iter().all(own))
    }

    /// Reads a Dockerfile again if this path is one's. One counts if the folders have it (`is_reached`) or a build may mean it.
    fn dockerfile_changed(&mut self, path: &Path, is_reached: bool) -> Touched {
        let counts = is_reached || self.is_asked_for(path);
        if self.open_dockerfiles.contains(path) || !(counts || self.dockerfiles.contains_key(path)) {
            return Touched::default();
        }
        let text = counts.then(|| disk::read(path, MAX_DOCKERFILE).ok()).flatten();
        let doc = text.map(|text| Document::open(&text, 0));
        let after = doc.as_ref().map(|doc| Arc::new(Summary::of(doc)));
        let before = match &after {
            Some(summary) => self.dockerfiles.insert(path.to_owned(), OnceLock::from(summary.clone())),
            None => self.dockerfiles.remove(path),
        };
        let comes_or_goes = before.is_some() != after.is_some();
        // Its comments may name the file itself, which is known by now.
        let mut touched = match &doc {
            Some(doc) => self.read_comments(path, doc),
            None => {
                let unit = Unit::File(Kind::Comments, path.to_owned());
                self.put(unit, Found::default(), BTreeSet::new())
            }
        };
        let differs = match (before.as_ref().map(OnceLock::get), &after) {
            (Some(Some(before)), Some(after)) => before.differs(after),
            (None, None) => false,
            _ => true,
        };
        if differs {
            touched.extend(self.users_of(path));
        }
        if comes_or_goes {
            // Who looks for another one may have meant this one.
            touched.files.extend(self.open.keys().cloned());
        }
        touched
    }

    fn read_comments(&mut self, path: &Path, doc: &Document) -> Touched {
        let found = scan::comments(path, doc, &Disk::new(&self.open, &self.folders));
        let unit = Unit::File(Kind::Comments, path.to_owned());
        if found.builds.is_empty() && !self.units.contains_key(&unit) {
            return Touched::default();
        }
        self.put(unit, found, [path.to_owned()].into())
    }

    fn read_unit(&mut self, unit: &Unit) -> Touched {
        let disk = Disk::new(&self.open, &self.folders);
        let found = builds::read(unit, &disk);
        let files = disk.seen();
        self.put(unit.clone(), found, files)
    }

    /// Takes what a unit came to.
    fn put(&mut self, unit: Unit, mut found: Found, files: BTreeSet<PathBuf>) -> Touched {
        let before = self.units.remove(&unit).unwrap_or_default();
        let mut touched = Touched::default();
        touched.dockerfiles.extend(before.builds.iter().flat_map(Build::candidates).cloned());
        touched.files.extend(before.files.iter().cloned());
        for file in before.files.difference(&files) {
            forget(&mut self.by_file, file, &unit);
        }
        for file in files.difference(&before.files) {
            self.by_file.entry(file.clone()).or_default().insert(unit.clone());
        }
        if found.broken.iter().any(|file| self.open.contains_key(&**file)) {
            keep_hidden(&before.builds, &mut found, &self.open);
        }
        let old: BTreeSet<PathBuf> = before.builds.iter().flat_map(Build::candidates).cloned().collect();
        let new: BTreeSet<PathBuf> = found.builds.iter().flat_map(Build::candidates).cloned().collect();
        for dockerfile in old.difference(&new) {
            forget(&mut self.by_dockerfile, dockerfile, &unit);
        }
        for dockerfile in new.difference(&old) {
            self.by_dockerfile.entry(dockerfile.clone()).or_default().insert(unit.clone());
        }
        touched.dockerfiles.extend(new.iter().cloned());
        touched.files.extend(files.iter().cloned());
        if !found.builds.is_empty() || !files.is_empty() {
            self.units.insert(unit, Entry { builds: found.builds, ignored: found.ignored, files });
        }
        for dockerfile in new {
            // A Dockerfile of an unusual name is known only from here.
            if !self.dockerfiles.contains_key(&dockerfile) && dockerfile.is_file() {
                touched.extend(self.dockerfile_changed(&dockerfile, false));
            }
        }
        for dockerfile in old {
            if !self.is_asked_for(&dockerfile) && self.dockerfiles.contains_key(&dockerfile) {
                let is_reached = !self.reach(std::slice::from_ref(&dockerfile)).dockerfiles.is_empty();
                if !is_reached {
                    touched.extend(self.dockerfile_changed(&dockerfile, false));
                }
            }
        }
        touched
    }

    /// Moves what is written behind an edit, so that what is not read again stays at its place.
    fn shift(&mut self, file: &Path, edits: &[(Range<usize>, usize)]) {
        for unit in self.by_file.get(file).cloned().into_iter().flatten() {
            let builds = self.units.get_mut(&unit).into_iter().flat_map(|entry| &mut entry.builds);
            for spot in builds.flat_map(Build::spots_mut).filter(|spot| &*spot.file == file) {
                for (range, len) in edits {
                    spot.range = shifted(&spot.range, range, *len);
                }
            }
        }
    }
}

/// An edit that leaves nothing at its place.
const EVERYTHING: (Range<usize>, usize) = (0..usize::MAX, 0);

/// Where a range is after `edit` was replaced by `len` bytes.
fn shifted(range: &Range<usize>, edit: &Range<usize>, len: usize) -> Range<usize> {
    let at = |offset: usize| {
        if offset >= edit.end { offset - edit.len() + len } else { offset.min(edit.start) }
    };
    at(range.start)..at(range.end).max(at(range.start))
}

/// The one edit that makes `after` of `before`.
fn difference(before: &str, after: &str) -> (Range<usize>, usize) {
    let (old, new) = (before.as_bytes(), after.as_bytes());
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = rest.take_while(|(a, b)| a == b).count();
    (start..old.len() - end, new.len() - end - start)
}

/// Keeps builds of before that a broken file hides, as far as they can be believed: what they name still has to stand there.
fn keep_hidden(before: &[Build], found: &mut Found, open: &HashMap<PathBuf, Arc<str>>) {
    let is_there = |value: &builds::Value| {
        if value.spot.range.is_empty() {
            return value.text.as_deref() == Some("");
        }
        let text = open.get(&*value.spot.file).map(|text| text.get(value.spot.range.clone()));
        let written = || value.quoting?.write(value.text.as_deref()?);
        // Of a file that is not open, and of an expression, there is nothing to hold it against.
        text.is_none_or(|text| value.quoting.is_none() || (text.is_some() && text == written().as_deref()))
    };
    for build in before {
        let is_broken = found.broken.iter().any(|file| **file == *build.declared.file);
        let is_inline = matches!(build.dockerfile, builds::Dockerfile::Inline(..));
        if is_inline || !build.mentions().all(|(_, value)| is_there(value)) {
            continue;
        }
        if is_broken && !found.builds.iter().any(|other| other.title == build.title) {
            let mut kept = build.clone();
            if let builds::Dockerfile::Local(local) = &mut kept.dockerfile {
                local.certainty = local.certainty.min(Certainty::Likely);
                local.why = "the file is broken";
            }
            found.builds.push(kept);
        }
    }
}

fn forget(map: &mut HashMap<PathBuf, BTreeSet<Unit>>, path: &Path, unit: &Unit) {
    if let Some(units) = map.get_mut(path) {
        units.remove(unit);
        if units.is_empty() {
            map.remove(path);
        }
    }
}
