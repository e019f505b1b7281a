//! `dockerfile-ls/stageGraph`: the stages as a picture that follows while people type. docs/clients.md tells clients of it.

use serde::{Deserialize, Serialize};
use tower_lsp::{
    jsonrpc::Result,
    ls_types::{self as lsp, TextDocumentIdentifier, notification::Notification},
};

use super::{
    backend::Backend,
    convert::{Places, View},
    store::Snapshot,
};
use crate::{
    features::graph::{Graph, Look, Theme, diagram::DRAWN_STAGES, draw},
    stages::Target,
};

/// The name of the request.
pub const REQUEST: &str = "dockerfile-ls/stageGraph";

/// `dockerfile-ls/stageGraphChanged`: something besides texts of Dockerfiles may have changed pictures.
#[derive(Debug)]
pub enum Changed {}

impl Notification for Changed {
    type Params = ();
    const METHOD: &'static str = "dockerfile-ls/stageGraphChanged";
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Params {
    text_document: TextDocumentIdentifier,
    /// The last stage without it.
    target: Option<String>,
    needed: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Picture {
    version: i32,
    svg: String,
    needed: bool,
    target: Option<usize>,
    stages: Vec<Stage>,
    edges: Vec<Line>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stage {
    name: Option<String>,
    title: String,
    range: lsp::Range,
    selection_range: lsp::Range,
    needed: bool,
}

#[derive(Debug, Serialize)]
struct Line {
    ranges: Vec<lsp::Range>,
}

impl Backend {
    pub async fn stage_graph(&self, params: Params) -> Result<Option<Picture>> {
        self.ask("the stage graph", &params.text_document.uri.clone(), |view, snapshot| {
            let title = self.index.title(view.uri);
            Ok(Some(picture(view, snapshot, params, &title)))
        })
    }
}

fn picture(view: &View<'_>, snapshot: &Snapshot, params: Params, title: &str) -> Picture {
    let chosen = params.target.map(|target| view.document.for_target(target));
    // It may just have been renamed, or not be typed yet.
    let chosen = chosen.filter(|document| !matches!(document.stages().target(), Target::NotFound(_)));
    let document = chosen.as_ref().unwrap_or(view.document);
    let mut graph = Graph::of(document);
    graph.count(document, snapshot.findings());
    let needed = params.needed.unwrap_or(graph.stages.len() > DRAWN_STAGES);
    let drawn = draw(&graph, &Look { theme: Theme::Editor, needed, title });
    let places = Places::new(view);
    let stages = document.stages();
    let stage = |stage: &crate::stages::Stage| Stage {
        name: stage.name.as_ref().map(|name| name.text.clone()),
        title: stage.title(),
        range: places.range(&stage.range),
        selection_range: places.range(&stages.selection(stage.index)),
        needed: graph.stages[stage.index].built,
    };
    let line = |line: &crate::features::graph::diagram::Line| Line {
        ranges: line.places.iter().map(|place| places.range(place)).collect(),
    };
    Picture {
        version: document.version(),
        svg: drawn.svg,
        needed,
        target: graph.target,
        stages: stages.all().iter().map(stage).collect(),
        edges: drawn.diagram.lines.iter().map(line).collect(),
    }
}
