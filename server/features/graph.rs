//! The stages of a file, what they need, and what a target therefore builds and pulls, as a value to draw or to send.
//!
//! [`Graph`] is read from a document once; its JSON is just the value, the other formats draw it.

pub mod diagram;
mod dot;
mod layout;
mod measure;
mod mermaid;
mod palette;
mod read;
mod svg;
mod text;

use std::{
    io::{self, Write},
    ops::Range,
    sync::Arc,
};

use serde::Serialize;

use crate::{
    document::Document,
    rules::{Finding, Severity},
    text::one_line,
};
pub use palette::Theme;
pub use svg::{Look, Picture, draw};

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
    /// A picture, as a light page shows it.
    Svg,
}

impl Format {
    /// All of them, as they are written.
    pub const NAMES: [(&'static str, Format); 5] = [
        ("text", Format::Text),
        ("json", Format::Json),
        ("mermaid", Format::Mermaid),
        ("dot", Format::Dot),
        ("svg", Format::Svg),
    ];
}

/// The stages of a file and how they depend on each other. Fields are only ever added.
#[derive(Debug, Serialize)]
pub struct Graph {
    pub stages: Vec<StageNode>,
    pub edges: Vec<Edge>,
    /// What stages copy from or mount that is no stage of the file.
    pub sources: Vec<Source>,
    /// Stages that a base such as `base-${VARIANT}` may mean, besides the one that it means by default.
    pub alternatives: Vec<Alternative>,
    /// References to copy from or to mount that a build fails at, because they mean nothing.
    pub unresolved: Vec<Unresolved>,
    /// The images that a build of the target pulls.
    pub images: Vec<String>,
    /// The index of the stage that is built.
    pub target: Option<usize>,
    /// Whether the target was asked for. It is the last stage otherwise.
    #[serde(skip)]
    pub is_chosen: bool,
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
    /// Whether its name says that it tests or checks something.
    pub tests: bool,
    /// What is found in it, where somebody looked: see [`Graph::count`].
    pub findings: Findings,
}

/// How many errors and warnings there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    pub errors: usize,
    pub warnings: usize,
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
    #[serde(flatten)]
    pub place: Place,
}

/// Where a stage says what it needs, and what it takes from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The line of the instruction, from 1.
    pub line: usize,
    /// What is copied or mounted, at most a hundred; empty for a FROM. A trigger has them in common for all its places.
    pub paths: Arc<[String]>,
    /// The reference, in bytes.
    #[serde(skip)]
    pub range: Range<usize>,
}

/// A stage copies from an image or a build context with a name, or mounts one.
#[derive(Debug, Serialize)]
pub struct Source {
    /// The image, or the name of the context.
    pub image: String,
    /// Whether it is a build context.
    #[serde(rename = "context")]
    pub is_context: bool,
    /// The stage that needs it.
    pub to: usize,
    pub kind: EdgeKind,
    #[serde(flatten)]
    pub place: Place,
}

/// A base that depends on how the build is called may be this stage.
#[derive(Debug, Serialize)]
pub struct Alternative {
    pub from: usize,
    pub to: usize,
    #[serde(flatten)]
    pub place: Place,
}

/// A reference that a build fails at.
#[derive(Debug, Serialize)]
pub struct Unresolved {
    /// As BuildKit reads it.
    pub name: String,
    /// The stage that it stands in.
    pub to: usize,
    pub kind: EdgeKind,
    #[serde(flatten)]
    pub place: Place,
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
    /// Writes it out. `look` counts as far as a format has a place for it.
    pub fn write(&self, out: &mut dyn Write, format: Format, look: &Look<'_>) -> io::Result<()> {
        match format {
            Format::Text => text::write(out, self, look.title),
            Format::Json => {
                serde_json::to_writer_pretty(&mut *out, self)?;
                writeln!(out)
            }
            Format::Mermaid => mermaid::write(out, self),
            Format::Dot => dot::write(out, self),
            Format::Svg => out.write_all(draw(self, look).svg.as_bytes()),
        }
    }

    /// How a stage is called in a drawing.
    pub fn title(&self, stage: usize) -> String {
        match &self.stages[stage].name {
            Some(name) => name.clone(),
            None => format!("stage {stage}"),
        }
    }

    /// Counts what was found, by the stages that it stands in. Hints and information do not count.
    pub fn count(&mut self, doc: &Document, findings: &[Finding]) {
        let starts: Vec<usize> = doc.stages().all().iter().map(|stage| stage.range.start).collect();
        for finding in findings {
            let above = starts.partition_point(|&start| start <= finding.range.start);
            let Some(stage) = above.checked_sub(1) else { continue };
            match finding.severity {
                Severity::Error => self.stages[stage].findings.errors += 1,
                Severity::Warning => self.stages[stage].findings.warnings += 1,
                Severity::Information | Severity::Hint => {}
            }
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

    /// What stages copy from or mount that is no stage, in the same way.
    pub fn source_bundles(&self) -> Vec<(&Source, usize)> {
        let mut sources: Vec<&Source> = self.sources.iter().collect();
        sources.sort_by_key(|source| (source.to, source.kind, &source.image));
        let same = |a: &&Source, b: &&Source| (a.to, a.kind, &a.image) == (b.to, b.kind, &b.image);
        sources.chunk_by(same).map(|bundle| (bundle[0], bundle.len())).collect()
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
    /// The value as a drawing shows it: on one line, with digests cut short.
    pub fn label(&self) -> String {
        short_image(&self.value)
    }
}

/// An image's name as people write it, on one line, with the digest that nobody reads cut short.
pub fn short_image(image: &str) -> String {
    let image = one_line(image);
    let familiar = image.strip_prefix("docker.io/").map(|name| name.strip_prefix("library/").unwrap_or(name));
    let image = familiar.map_or_else(|| image.clone(), str::to_owned);
    match image.split_once('@').and_then(|(name, digest)| Some((name, digest.split_once(':')?))) {
        Some((name, (algorithm, hex))) if hex.chars().count() > 12 => {
            let start: String = hex.chars().take(7).collect();
            format!("{name}@{algorithm}:{start}…")
        }
        _ => image,
    }
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
    let options = crate::stages::BuildOptions { target: Some("\"ODD\"".into()), ..Default::default() };
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
        assert_eq!(copies.map(|(edge, count)| (edge.place.line, *count)), Some((9, 2)));
    }
}
