//! The call hierarchy of stages in the shape that clients take.
//!
//! An item carries what its stage was called and where it stood, so that a client can go on from it after edits.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tower_lsp::ls_types as lsp;

use super::{
    across, capabilities::ClientFeatures, convert::View, index::Index, sources::Source, store::file,
};
use crate::{
    document::Document,
    features::{
        hierarchy::{self, Call, Node},
        outside,
    },
};

/// How a stage is found again.
#[derive(Debug, Serialize, Deserialize)]
struct Known {
    stage: usize,
    name: Option<String>,
    /// How many stages there were.
    count: usize,
}

/// `textDocument/prepareCallHierarchy` at `offset` (bytes) of a Dockerfile.
pub fn prepare(view: &View<'_>, offset: usize) -> Option<Vec<lsp::CallHierarchyItem>> {
    let stage = hierarchy::stage_at(view.document, offset)?;
    Some(vec![item(view, Node::Stage(stage))])
}

/// The same where another file names a stage.
pub fn prepare_from_source(
    index: &Index,
    source: &Source,
    client: &ClientFeatures,
    offset: usize,
) -> Option<Vec<lsp::CallHierarchyItem>> {
    let (_, named) = across::named(index, source, offset)?;
    let view = View { uri: &named.uri, document: &named.document, client };
    let is_there = named.stage < named.document.stages().all().len();
    is_there.then(|| vec![item(&view, Node::Stage(named.stage))])
}

/// `callHierarchy/incomingCalls`: the stages of the file, then the builds of others.
pub fn incoming(
    index: &Index,
    client: &ClientFeatures,
    of: &lsp::CallHierarchyItem,
) -> Option<Vec<lsp::CallHierarchyIncomingCall>> {
    let (document, stage) = found_again(index, of)?;
    let view = View { uri: &of.uri, document: &document, client };
    let call = |Call { node, ranges }: Call| lsp::CallHierarchyIncomingCall {
        from: item(&view, node),
        from_ranges: ranges.iter().map(|range| view.range(range)).collect(),
    };
    let mut calls: Vec<_> = hierarchy::incoming(&document, stage).into_iter().map(call).collect();
    let Some(path) = file(&of.uri) else { return Some(calls) };
    let callers = index.with(|workspace| outside::hierarchy::callers(workspace, &path, stage));
    for caller in callers {
        let Some(lsp::Location { uri, range }) =
            index.location(&caller.spot.file, &caller.spot.range, client)
        else {
            continue;
        };
        let from = lsp::CallHierarchyItem {
            name: caller.title,
            kind: lsp::SymbolKind::EVENT,
            tags: None,
            detail: Some(index.with(|workspace| workspace.title(&caller.spot.file))),
            uri,
            range,
            selection_range: range,
            data: None,
        };
        calls.push(lsp::CallHierarchyIncomingCall { from, from_ranges: vec![range] });
    }
    Some(calls)
}

/// `callHierarchy/outgoingCalls`.
pub fn outgoing(
    index: &Index,
    client: &ClientFeatures,
    of: &lsp::CallHierarchyItem,
) -> Option<Vec<lsp::CallHierarchyOutgoingCall>> {
    let (document, stage) = found_again(index, of)?;
    let view = View { uri: &of.uri, document: &document, client };
    let call = |Call { node, ranges }: Call| lsp::CallHierarchyOutgoingCall {
        to: item(&view, node),
        from_ranges: ranges.iter().map(|range| view.range(range)).collect(),
    };
    Some(hierarchy::outgoing(&document, stage).into_iter().map(call).collect())
}

fn item(view: &View<'_>, node: Node) -> lsp::CallHierarchyItem {
    let shown = hierarchy::shown(view.document, node);
    let (kind, known) = match node {
        Node::Stage(stage) => {
            let all = view.document.stages().all();
            let name = all[stage].name.as_ref().map(|name| name.text.clone());
            (lsp::SymbolKind::MODULE, Some(Known { stage, name, count: all.len() }))
        }
        Node::Source(_) => (lsp::SymbolKind::PACKAGE, None),
    };
    lsp::CallHierarchyItem {
        name: shown.name,
        kind,
        tags: None,
        detail: shown.detail,
        uri: view.uri.clone(),
        range: view.range(&shown.range),
        selection_range: view.range(&shown.selection),
        data: known.and_then(|known| serde_json::to_value(known).ok()),
    }
}

/// The stage of an item as the file is now. `None` for an image or a build, or if the stage is gone.
fn found_again(index: &Index, item: &lsp::CallHierarchyItem) -> Option<(Arc<Document>, usize)> {
    let Known { stage, name, count } = serde_json::from_value(item.data.clone()?).ok()?;
    let document = index.document(&item.uri)?;
    let stage = hierarchy::found_again(&document, name.as_deref(), stage, count)?;
    Some((document, stage))
}
