//! The stages of a file, what they need, and what a target therefore builds and pulls, as a value to draw or to send.
//!
//! [`Graph`] is read from a document once; its JSON is just the value, the other formats draw it.

mod dot;
mod mermaid;
mod text;

use std::io::{self, Write};

use serde::Serialize;

use crate::{
    document::Document,
    outside::User,
    stages::{self, Image, Reference, ReferenceKind, Resolution},
    text::one_line,
};

/// How a graph is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A tree from the target down to the images.
    Text,
    /// Everything, for programs.
    Json,
    /// A Mermaid flowchart, which Markdown on GitHub and GitLab shows.
    Mermaid,
    /// A Graphviz graph.
    Dot,
}

impl Format {
    /// All of them, as they are written.
    pub const NAMES: [(&'static str, Format); 4] =
        [("text", Format::Text), ("json", Format::Json), ("mermaid", Format::Mermaid), ("dot", Format::Dot)];
}

/// The stages of a file and how they depend on each other. Fields are only ever added.
#[derive(Debug, Serialize)]
pub struct Graph {
    pub stages: Vec<StageNode>,
    pub edges: Vec<Edge>,
    /// The images that a build of the target pulls.
    pub images: Vec<String>,
    /// The index of the stage that is built.
    pub target: Option<usize>,
    /// The images that stages copy from or mount, for the drawings.
    #[serde(skip)]
    pub sources: Vec<Source>,
}

#[derive(Debug, Serialize)]
pub struct StageNode {
    pub index: usize,
    /// As written.
    pub name: Option<String>,
    /// The line of its FROM, from 1.
    pub line: usize,
    pub base: Base,
    /// Whether a build of the target builds it.
    pub built: bool,
    /// Who builds it in other files: "compose service `web`". Known for folders only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct Base {
    pub kind: BaseKind,
    /// With its variables expanded; as written where that leads to nothing.
    pub value: String,
    /// The index of the stage, if it is one.
    pub stage: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BaseKind {
    Stage,
    Image,
    Scratch,
    Context,
    Unknown,
}

#[derive(Debug, Serialize)]
pub struct Edge {
    /// The stage that is needed.
    pub from: usize,
    /// The stage that needs it.
    pub to: usize,
    pub kind: EdgeKind,
    /// The line of the instruction, from 1.
    pub line: usize,
}

/// A stage copies from an image or a build context with a name, or mounts one.
#[derive(Debug)]
pub struct Source {
    pub image: String,
    /// Whether it is a build context.
    pub is_context: bool,
    /// The stage that needs it.
    pub to: usize,
    pub kind: EdgeKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeKind {
    From,
    Copy,
    Mount,
    Onbuild,
}

impl Graph {
    pub fn of(doc: &Document) -> Graph {
        let stages = doc.stages();
        let built = stages.built();
        let users = doc.users_by_stage();
        let titles = |users: &[&User]| users.iter().map(|user| user.title.clone()).collect::<Vec<_>>();
        let line_of =
            |instruction: usize| doc.text().line_of(doc.syntax().instructions()[instruction].start) + 1;
        let node = |stage: &stages::Stage| StageNode {
            index: stage.index,
            name: stage.name.as_ref().map(|name| name.text.clone()),
            line: line_of(stage.instructions.start),
            base: Base::of(doc, stages.base(stage.index)),
            built: built[stage.index],
            users: users.get(&stage.index).map(|users| titles(users)).unwrap_or_default(),
        };
        let edge = |edge: &stages::Edge| Edge {
            from: edge.from,
            to: edge.to,
            kind: match edge.kind {
                stages::EdgeKind::From => EdgeKind::From,
                stages::EdgeKind::Copy => EdgeKind::Copy,
                stages::EdgeKind::Mount => EdgeKind::Mount,
                stages::EdgeKind::Onbuild => EdgeKind::Onbuild,
            },
            line: line_of(edge.instruction),
        };
        Graph {
            stages: stages.all().iter().map(node).collect(),
            edges: stages.edges().iter().map(edge).collect(),
            images: stages.images(&built).into_iter().collect(),
            target: stages.target().stage(),
            sources: sources(stages),
        }
    }

    /// Writes it out. `title` is what the file is called, where a format has a place for it.
    pub fn write(&self, out: &mut dyn Write, format: Format, title: &str) -> io::Result<()> {
        match format {
            Format::Text => text::write(out, self, title),
            Format::Json => {
                serde_json::to_writer_pretty(&mut *out, self)?;
                writeln!(out)
            }
            Format::Mermaid => mermaid::write(out, self),
            Format::Dot => dot::write(out, self),
        }
    }

    /// How a stage is called in a drawing.
    pub fn title(&self, stage: usize) -> String {
        match &self.stages[stage].name {
            Some(name) => name.clone(),
            None => format!("stage {stage}"),
        }
    }

    /// The edges, those of one kind between the same two stages as one, with their number.
    pub fn bundles(&self) -> Vec<(&Edge, usize)> {
        let mut edges: Vec<&Edge> = self.edges.iter().collect();
        // A stable sort: of equal ones the first stays first.
        edges.sort_by_key(|edge| (edge.to, edge.kind, edge.from));
        let same = |a: &&Edge, b: &&Edge| (a.to, a.kind, a.from) == (b.to, b.kind, b.from);
        edges.chunk_by(same).map(|bundle| (bundle[0], bundle.len())).collect()
    }
}

impl Edge {
    /// Whether a build that gets here fails: what is needed stands below, or is the very stage.
    pub fn is_backwards(&self) -> bool {
        self.from >= self.to
    }
}

impl EdgeKind {
    pub fn title(self) -> &'static str {
        match self {
            EdgeKind::From => "FROM",
            EdgeKind::Copy => "COPY",
            EdgeKind::Mount => "mount",
            EdgeKind::Onbuild => "ONBUILD",
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

    /// The value as a drawing shows it: on one line, with digests cut short.
    pub fn label(&self) -> String {
        short_image(&self.value)
    }
}

/// An image's name on one line, with the digest that nobody reads cut short.
pub fn short_image(image: &str) -> String {
    let image = one_line(image);
    match image.split_once('@').and_then(|(name, digest)| Some((name, digest.split_once(':')?))) {
        Some((name, (algorithm, hex))) if hex.chars().count() > 12 => {
            let start: String = hex.chars().take(7).collect();
            format!("{name}@{algorithm}:{start}…")
        }
        _ => image,
    }
}

/// What stages copy from or mount that is no stage, each once for each stage and kind.
fn sources(stages: &stages::Stages) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    for reference in stages.references() {
        let kind = match reference.kind {
            ReferenceKind::From => continue,
            _ if reference.onbuild => EdgeKind::Onbuild,
            ReferenceKind::Copy => EdgeKind::Copy,
            ReferenceKind::Mount => EdgeKind::Mount,
        };
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
        let users: Vec<usize> = match kind {
            EdgeKind::Onbuild => {
                let derives =
                    |child: &usize| stages.base(*child).and_then(Reference::target) == Some(reference.stage);
                (0..stages.all().len()).filter(derives).collect()
            }
            _ => vec![reference.stage],
        };
        for to in users {
            if !sources.iter().rev().any(|s| s.to == to && s.kind == kind && s.image == image) {
                sources.push(Source { image: image.clone(), is_context, to, kind });
            }
        }
    }
    sources.sort_by_key(|source| source.to);
    sources
}

#[cfg(test)]
pub fn sample() -> Graph {
    let source = "\
ARG V=22
FROM node:${V} AS deps
ONBUILD COPY --from=busybox /a /a
FROM deps AS web
RUN --mount=type=cache,from=deps,target=/c make
FROM golang@sha256:0123456789012345678901234567890123456789012345678901234567890123 AS API
FROM web
FROM scratch AS \"odd\"
COPY --from=api /a /a
COPY --from=1 /b /b
COPY --from=API /c /c
COPY --from=nginx:1.29 /d /d
COPY --from=late /e /e
FROM ${NOTHING} AS late
";
    let options = stages::BuildOptions { target: Some("\"ODD\"".into()), ..Default::default() };
    Graph::of(&Document::with_options(source, 0, std::sync::Arc::new(options)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_cut_short() {
        assert_eq!(short_image(&format!("a@sha256:{}", "0".repeat(64))), "a@sha256:0000000…");
        assert_eq!(short_image("a:1\n@x"), "a:1 @x");
    }

    #[test]
    fn several_copies_between_two_stages_are_one_bundle() {
        let graph = sample();
        let bundles = graph.bundles();
        let copies = bundles.iter().find(|(edge, _)| edge.kind == EdgeKind::Copy && edge.from == 2);
        assert_eq!(copies.map(|(edge, count)| (edge.line, *count)), Some((9, 2)));
    }
}
