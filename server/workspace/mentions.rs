//! The places outside of Dockerfiles that name a stage, each once, with what they mean.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Workspace,
    meaning::{self, Place},
};
use crate::builds::{Build, Certainty, Dockerfile, Quoting, Role, Spot, Value};

/// A place that names a stage, or is meant to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub role: Role,
    pub spot: Spot,
    /// How to write another name there; `None` if the place does not hold just the name.
    pub quoting: Option<Quoting>,
    /// The name; `None` where it can't be known.
    pub name: Option<String>,
    pub dockerfile: Home,
    /// The stage, by its index.
    pub stage: Option<usize>,
    pub certainty: Certainty,
    /// Why it is not certain; empty if it is.
    pub why: &'static str,
    /// The builds that have it from this place, as people call them.
    pub titles: Vec<String>,
}

/// Where the stage is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    File(PathBuf),
    /// A scalar of this file, which starts at this byte.
    Inline(Arc<Path>, usize),
    Missing(PathBuf),
    Unknown,
}

impl Home {
    pub fn path(&self) -> Option<&Path> {
        match self {
            Home::File(path) | Home::Missing(path) => Some(path),
            Home::Inline(..) | Home::Unknown => None,
        }
    }
}

impl Workspace {
    /// The mentions in one file, in their order.
    pub fn mentions_in(&self, file: &Path) -> Vec<Mention> {
        let mut all = self.collect(self.builds_in(file));
        all.retain(|mention| *mention.spot.file == *file);
        all
    }

    /// The mentions of a stage (by its index) of a Dockerfile.
    pub fn mentions_of(&self, dockerfile: &Path, stage: usize) -> Vec<Mention> {
        // Whether builds of other Dockerfiles share a place, all that is in its file tells.
        let mentions = self.builds_of(dockerfile).flat_map(Build::mentions);
        let files: BTreeSet<Arc<Path>> = mentions.map(|(_, value)| value.spot.file.clone()).collect();
        let mut all: Vec<Mention> = files.iter().flat_map(|file| self.mentions_in(file)).collect();
        all.retain(|mention| mention.dockerfile.path() == Some(dockerfile) && mention.stage == Some(stage));
        all
    }

    /// All mentions, by file and place.
    pub fn mentions(&self) -> Vec<Mention> {
        self.collect(self.builds())
    }

    fn collect<'a>(&'a self, builds: impl Iterator<Item = &'a Build>) -> Vec<Mention> {
        let mut all: Vec<Mention> = Vec::new();
        for build in builds {
            let meaning = self.meaning(build);
            for (role, value) in build.mentions() {
                let Some(mention) = mention(build, &meaning, role, value) else { continue };
                all.push(mention);
            }
        }
        all.sort_by(|a, b| key(a).cmp(&key(b)));
        let mut merged: Vec<Mention> = Vec::new();
        for mention in all {
            match merged.last_mut() {
                Some(last) if key(last) == key(&mention) => {
                    if mention.certainty > last.certainty {
                        last.certainty = mention.certainty;
                        last.why = mention.why;
                    }
                    last.quoting = last.quoting.or(mention.quoting);
                    for title in mention.titles {
                        if !last.titles.contains(&title) {
                            last.titles.push(title);
                        }
                    }
                }
                _ => merged.push(mention),
            }
        }
        share(&mut merged);
        merged
    }
}

type Key<'a> = (&'a Path, usize, usize, Role, Option<&'a str>, Option<&'a Path>, Option<usize>);

fn key(mention: &Mention) -> Key<'_> {
    let Mention { spot, role, name, dockerfile, stage, .. } = mention;
    (&spot.file, spot.range.start, spot.range.end, *role, name.as_deref(), dockerfile.path(), *stage)
}

fn mention(build: &Build, meaning: &meaning::Meaning, role: Role, value: &Value) -> Option<Mention> {
    // Nothing is named where nothing is typed yet.
    if value.text.as_deref() == Some("") {
        return None;
    }
    let stage = match (meaning.summary(), value.known()) {
        (Some(summary), Some(name)) => meaning::stage(build.tool, summary, name),
        _ => None,
    };
    // Most contexts with a name are no stages.
    if role == Role::Context && stage.is_none() {
        return None;
    }
    let overridden = build.overridden.iter().any(|other| std::ptr::eq(other, value));
    let dockerfile = match &meaning.place {
        Place::File(path, _) => Home::File(path.clone()),
        Place::Missing(path) => Home::Missing(path.clone()),
        Place::Inline(_) => inline(build),
        Place::Unknown => Home::Unknown,
    };
    let missing = matches!(meaning.place, Place::Missing(_));
    let mut certainty = value.certainty.min(meaning.certainty);
    let mut why = if value.certainty < meaning.certainty { value.why } else { meaning.why };
    let mut limit = |most: Certainty, reason| {
        if certainty > most {
            (certainty, why) = (most, reason);
        }
    };
    if missing {
        limit(Certainty::Unknown, meaning.why);
    }
    if value.text.is_none() {
        limit(Certainty::Unknown, "the name is not known");
    }
    if overridden {
        limit(Certainty::Likely, "another value takes its place");
    }
    if role == Role::Context {
        limit(Certainty::Likely, "a context of this name takes the place of the stage");
    }
    Some(Mention {
        role,
        spot: value.spot.clone(),
        quoting: value.quoting,
        name: value.text.clone(),
        dockerfile,
        stage,
        certainty,
        why,
        titles: vec![build.title.clone()],
    })
}

/// Where the text of an inline Dockerfile stands.
fn inline(build: &Build) -> Home {
    match &build.dockerfile {
        Dockerfile::Inline(scalar, spot) => Home::Inline(spot.file.clone(), scalar.range.start),
        Dockerfile::Local(_) | Dockerfile::Remote | Dockerfile::Unknown(_) => Home::Unknown,
    }
}

/// A text that means stages of several Dockerfiles can't be edited for one of them.
fn share(all: &mut [Mention]) {
    let same = |a: &Mention, b: &Mention| a.spot == b.spot && a.role == b.role;
    let mut start = 0;
    while start < all.len() {
        let count = all[start..].iter().take_while(|other| same(&all[start], other)).count();
        let group = &mut all[start..start + count];
        if count > 1 {
            for mention in group.iter_mut().filter(|mention| mention.certainty == Certainty::Certain) {
                mention.certainty = Certainty::Likely;
                mention.why = "builds of several Dockerfiles use it";
            }
        }
        start += count;
    }
}
