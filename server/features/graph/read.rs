//! Reads a graph from a document.

use std::{collections::HashMap, sync::Arc};

use super::{
    Alternative, Base, BaseKind, Edge, EdgeKind, Findings, Graph, Place, Source, StageNode, Unresolved,
};
use crate::{
    document::Document,
    outside::User,
    rules::stage_roles::is_check,
    stages::{self, Image, Reference, ReferenceKind, Resolution, Stage, graph::TRIGGERS},
    syntax::Arguments,
};

impl Graph {
    pub fn of(doc: &Document) -> Graph {
        let stages = doc.stages();
        let built = stages.built();
        let users = doc.users_by_stage();
        let titles = |users: &[&User]| users.iter().map(|user| user.title.clone()).collect::<Vec<_>>();
        let name = |stage: &Stage| stage.name.as_ref().map(|name| name.text.clone());
        let node = |stage: &Stage| StageNode {
            index: stage.index,
            name: name(stage),
            line: line(doc, stage.instructions.start),
            base: Base::of(doc, stages.base(stage.index)),
            built: built[stage.index],
            users: users.get(&stage.index).map(|users| titles(users)).unwrap_or_default(),
            tests: name(stage).is_some_and(|name| is_check(&name)),
            findings: Findings::default(),
        };
        // Each trigger has an edge in each stage that it acts in.
        let mut places: HashMap<usize, Place> = HashMap::new();
        let edge = |edge: &stages::Edge| Edge {
            from: edge.from,
            to: edge.to,
            kind: match edge.kind {
                stages::EdgeKind::From => EdgeKind::From,
                stages::EdgeKind::Copy => EdgeKind::Copy,
                stages::EdgeKind::Mount => EdgeKind::Mount,
                stages::EdgeKind::Onbuild => EdgeKind::Onbuild,
            },
            place: match edge.reference {
                Some(index) => places.entry(index).or_insert_with(|| of_reference(doc, index)).clone(),
                None => of_instruction(doc, edge.instruction),
            },
        };
        Graph {
            stages: stages.all().iter().map(node).collect(),
            edges: stages.edges().iter().map(edge).collect(),
            sources: sources(doc),
            alternatives: alternatives(doc),
            unresolved: unresolved(doc),
            images: stages.images(&built).into_iter().collect(),
            target: stages.target().stage(),
            is_chosen: doc.options().target.as_ref().is_some_and(|target| !target.is_empty()),
        }
    }
}

impl Base {
    fn of(doc: &Document, reference: Option<&Reference>) -> Base {
        let Some(reference) = reference else {
            return Base { kind: BaseKind::Unknown, value: String::new(), stage: None };
        };
        let kind = match &reference.resolution {
            Resolution::Stage(_) => BaseKind::Stage,
            Resolution::Image(_) | Resolution::NumberedImage(_) => BaseKind::Image,
            Resolution::Scratch => BaseKind::Scratch,
            Resolution::BuildContext | Resolution::NamedContext(_) => BaseKind::Context,
            Resolution::NoSuchNumber(_)
            | Resolution::Variable
            | Resolution::Invalid(_)
            | Resolution::Unknown => BaseKind::Unknown,
        };
        let value = match kind {
            BaseKind::Unknown => doc.text().slice(reference.range.clone()).into_owned(),
            _ => reference.text.clone(),
        };
        Base { kind, value, stage: reference.target() }
    }
}

/// The line of an instruction, from 1.
fn line(doc: &Document, instruction: usize) -> usize {
    doc.text().line_of(doc.syntax().instructions()[instruction].start) + 1
}

/// The place of a reference, by its index.
fn of_reference(doc: &Document, reference: usize) -> Place {
    place(doc, &doc.stages().references()[reference])
}

fn place(doc: &Document, reference: &Reference) -> Place {
    let line = line(doc, reference.instruction);
    Place { line, paths: paths(doc, reference).into(), range: reference.range.clone() }
}

fn of_instruction(doc: &Document, instruction: usize) -> Place {
    let range = doc.syntax().instructions()[instruction].range();
    Place { line: line(doc, instruction), paths: Arc::default(), range }
}

/// Most paths of one place.
const PATHS: usize = 100;

/// What a reference takes from what it means.
fn paths(doc: &Document, reference: &Reference) -> Vec<String> {
    let placed = &doc.syntax().instructions()[reference.instruction];
    let instruction = placed.instruction.effective();
    match reference.kind {
        ReferenceKind::From => Vec::new(),
        ReferenceKind::Copy => match &instruction.arguments {
            Arguments::Words { words, .. } => {
                // The last is where they go.
                let sources = words.len().saturating_sub(1).min(PATHS);
                words[..sources].iter().map(|word| word.text().to_owned()).collect()
            }
            _ => Vec::new(),
        },
        ReferenceKind::Mount => {
            let holds = |range: std::ops::Range<usize>| {
                let range = placed.at(range);
                range.start <= reference.range.start && reference.range.end <= range.end
            };
            let flag = instruction.flags.iter().find(|flag| holds(flag.range.clone()));
            let is_source = |key: &str| key.eq_ignore_ascii_case("source") || key.eq_ignore_ascii_case("src");
            let option = flag.and_then(|flag| flag.mount.iter().rfind(|option| is_source(option.key.text())));
            let value = option.and_then(|option| option.value.as_ref());
            vec![value.map_or_else(|| "/".to_owned(), |value| value.text().to_owned())]
        }
    }
}

/// How a reference that is no FROM makes a stage need something.
fn kind(reference: &Reference) -> Option<EdgeKind> {
    match reference.kind {
        ReferenceKind::From => None,
        _ if reference.onbuild => Some(EdgeKind::Onbuild),
        ReferenceKind::Copy => Some(EdgeKind::Copy),
        ReferenceKind::Mount => Some(EdgeKind::Mount),
    }
}

/// What stages copy from or mount that is no stage.
fn sources(doc: &Document) -> Vec<Source> {
    let stages = doc.stages();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); stages.all().len()];
    for stage in stages.all() {
        if let Some(base) = stages.base(stage.index).and_then(Reference::target) {
            children[base].push(stage.index);
        }
    }
    let mut left = TRIGGERS;
    let mut sources: Vec<Source> = Vec::new();
    for reference in stages.references() {
        let Some(kind) = kind(reference) else { continue };
        let is_context = matches!(reference.resolution, Resolution::NamedContext(_));
        let image = match &reference.resolution {
            Resolution::Image(image) => image.to_string(),
            Resolution::NamedContext(name) => name.clone(),
            Resolution::NumberedImage(text) => match Image::parse(text) {
                Ok(image) if text != "scratch" => image.to_string(),
                _ => continue,
            },
            _ => continue,
        };
        // A trigger acts in the stages that build on the one that holds it.
        let users = match kind {
            EdgeKind::Onbuild => {
                let users = &children[reference.stage];
                let users = &users[..users.len().min(left)];
                left -= users.len();
                users
            }
            EdgeKind::From | EdgeKind::Copy | EdgeKind::Mount => std::slice::from_ref(&reference.stage),
        };
        let place = place(doc, reference);
        let source = |to| Source { image: image.clone(), is_context, to, kind, place: place.clone() };
        sources.extend(users.iter().copied().map(source));
    }
    sources.sort_by_key(|source| source.to);
    sources
}

/// What bases with variables may mean besides.
fn alternatives(doc: &Document) -> Vec<Alternative> {
    let mut all = Vec::new();
    for stage in doc.stages().all() {
        let Some(base) = doc.stages().base(stage.index) else { continue };
        let Some(variable) = &base.variable else { continue };
        // What may be any stage at all tells nothing.
        if variable.open.is_anything() {
            continue;
        }
        let others = variable.candidates.iter().filter(|&&from| Some(from) != base.target());
        all.extend(others.map(|&from| Alternative { from, to: stage.index, place: place(doc, base) }));
    }
    all
}

/// References to copy from or to mount that mean nothing.
fn unresolved(doc: &Document) -> Vec<Unresolved> {
    let fails = |reference: &&Reference| match &reference.resolution {
        Resolution::NoSuchNumber(_) | Resolution::Variable | Resolution::Invalid(_) => true,
        Resolution::Stage(_)
        | Resolution::Image(_)
        | Resolution::Scratch
        | Resolution::BuildContext
        | Resolution::NamedContext(_)
        | Resolution::NumberedImage(_)
        | Resolution::Unknown => false,
    };
    let failing = doc.stages().references().iter().filter(fails);
    let unresolved = failing.filter_map(|reference| {
        Some(Unresolved {
            name: reference.text.clone(),
            to: reference.stage,
            kind: kind(reference)?,
            place: place(doc, reference),
        })
    });
    unresolved.collect()
}
