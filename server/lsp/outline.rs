//! Symbols, folds and selections in the shapes that clients take.

use std::{ops::Range, path::PathBuf};

use tower_lsp::ls_types::{self as lsp, Uri};

use super::{
    capabilities::ClientFeatures,
    convert::{Places, Sheet, View},
    index::Index,
};
use crate::features::{
    folding::{Fold, FoldKind},
    selection::selection,
    symbols::{Symbol, SymbolKind},
};

/// The outline as a tree, or as a list for clients that can't show trees.
pub fn symbols(view: &View<'_>, symbols: Vec<Symbol>) -> lsp::DocumentSymbolResponse {
    if view.client.symbol_tree {
        return lsp::DocumentSymbolResponse::Nested(tree(&Places::new(view), symbols));
    }
    let mut list = Vec::new();
    flatten(view, &symbols, None, &mut list);
    lsp::DocumentSymbolResponse::Flat(list)
}

fn tree(places: &Places, symbols: Vec<Symbol>) -> Vec<lsp::DocumentSymbol> {
    let node = |symbol: Symbol| {
        // Deprecated in favour of `tags`, but the type has no way around naming it.
        #[allow(deprecated)]
        lsp::DocumentSymbol {
            name: symbol.name,
            detail: symbol.detail,
            kind: kind(symbol.kind),
            tags: None,
            deprecated: None,
            range: places.range(&symbol.range),
            selection_range: places.range(&symbol.selection),
            children: (!symbol.children.is_empty()).then(|| tree(places, symbol.children)),
        }
    };
    symbols.into_iter().map(node).collect()
}

fn flatten(
    view: &View<'_>,
    symbols: &[Symbol],
    container: Option<&str>,
    list: &mut Vec<lsp::SymbolInformation>,
) {
    for symbol in symbols {
        list.push(information(view, symbol, container));
        flatten(view, &symbol.children, Some(&symbol.name), list);
    }
}

fn information(view: &View<'_>, symbol: &Symbol, container: Option<&str>) -> lsp::SymbolInformation {
    named(symbol.name.clone(), symbol.kind, view.location(&symbol.range), container)
}

fn named(
    name: String,
    of: SymbolKind,
    location: lsp::Location,
    container: Option<&str>,
) -> lsp::SymbolInformation {
    // Deprecated in favour of `tags`, but the type has no way around naming it.
    #[allow(deprecated)]
    lsp::SymbolInformation {
        name,
        kind: kind(of),
        tags: None,
        deprecated: None,
        location,
        container_name: container.map(String::from),
    }
}

/// For each position what can be selected around it.
pub fn selections(view: &View<'_>, positions: &[lsp::Position]) -> Vec<lsp::SelectionRange> {
    let chain = |position: &lsp::Position| {
        let steps = selection(view.document, view.offset(*position)).into_iter().rev();
        let grown = steps.fold(None, |parent, range| {
            Some(Box::new(lsp::SelectionRange { range: view.range(&range), parent }))
        });
        grown.map(|inner| *inner).unwrap_or_default()
    };
    positions.iter().map(chain).collect()
}

/// All kinds are among those that a client takes without declaring any.
fn kind(kind: SymbolKind) -> lsp::SymbolKind {
    match kind {
        SymbolKind::Stage => lsp::SymbolKind::MODULE,
        SymbolKind::Instruction => lsp::SymbolKind::FUNCTION,
        SymbolKind::Variable => lsp::SymbolKind::VARIABLE,
        SymbolKind::Directive => lsp::SymbolKind::PROPERTY,
    }
}

/// The stages of one document whose names match `query`.
pub fn matching_stages(view: &View<'_>, symbols: &[Symbol], query: &str) -> Vec<lsp::SymbolInformation> {
    let file = file_name(view.uri);
    let stages = symbols.iter().filter(|symbol| symbol.kind == SymbolKind::Stage);
    let stages = stages.filter(|stage| is_subsequence(query, &stage.name));
    stages.map(|stage| information(view, stage, file.as_deref())).collect()
}

/// Most stages that one search brings: no list shows more.
const MOST: usize = 1000;

/// How many Dockerfiles are read at once for it.
const AT_ONCE: usize = 256;

/// The stages of Dockerfiles that are not open whose names match `query`.
pub fn stages_elsewhere(index: &Index, client: &ClientFeatures, query: &str) -> Vec<lsp::SymbolInformation> {
    let matching: Vec<(PathBuf, String, Range<usize>)> = index.with(|workspace| {
        let mut found = Vec::new();
        // A workspace may have thousands, which take their time: no more are read than are shown.
        for paths in workspace.closed_dockerfiles().chunks(AT_ONCE) {
            for (path, summary) in workspace.summaries(paths) {
                let named = summary.names().filter(|(_, name)| is_subsequence(query, name));
                let place = |(index, name): (usize, &str)| {
                    (path.clone(), name.to_owned(), summary.stages[index].range.clone())
                };
                found.extend(named.map(place));
            }
            if found.len() >= MOST {
                break;
            }
        }
        found.truncate(MOST);
        found
    });
    let mut found = Vec::new();
    for of_file in matching.chunk_by(|(a, ..), (b, ..)| a == b) {
        let path = &of_file[0].0;
        let (Some((uri, version)), Some(text)) = (index.uri(path), index.text(path)) else { continue };
        let sheet = Sheet { uri: &uri, text: &text, version, client };
        let file = file_name(&uri);
        found.extend(of_file.iter().map(|(_, name, range)| {
            named(name.clone(), SymbolKind::Stage, sheet.location(range), file.as_deref())
        }));
    }
    found
}

fn file_name(uri: &Uri) -> Option<String> {
    let path = uri.path().decode().to_string_lossy().into_owned();
    path.rsplit('/').next().map(String::from)
}

/// Whether all characters of `query` occur in `name` in this order, in either case.
fn is_subsequence(query: &str, name: &str) -> bool {
    let mut name = name.chars().flat_map(char::to_lowercase);
    query.chars().flat_map(char::to_lowercase).all(|wanted| name.any(|found| found == wanted))
}

/// Folds in lines, with columns for clients that fold parts of lines.
pub fn folds(view: &View<'_>, folds: &[Fold]) -> Vec<lsp::FoldingRange> {
    let places = Places::new(view);
    let limit = view.client.fold_limit.unwrap_or(usize::MAX);
    let fold = |fold: &Fold| {
        let lsp::Range { start, end } = places.range(&fold.range);
        let columns = !view.client.fold_whole_lines;
        (start.line < end.line).then(|| lsp::FoldingRange {
            start_line: start.line,
            start_character: columns.then_some(start.character),
            end_line: end.line,
            end_character: columns.then_some(end.character),
            kind: Some(match fold.kind {
                FoldKind::Region => lsp::FoldingRangeKind::Region,
                FoldKind::Comment => lsp::FoldingRangeKind::Comment,
            }),
            collapsed_text: None,
        })
    };
    folds.iter().filter_map(fold).take(limit).collect()
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use serde_json::{Value, json};

    use super::*;
    use crate::{document::Document, lsp::capabilities::ClientFeatures};

    const TEXT: &str = "FROM a AS b\nRUN c\n";

    /// What `show` makes of [`TEXT`] for this client.
    fn shown<T: serde::Serialize>(client: ClientFeatures, show: impl FnOnce(&View<'_>) -> T) -> Value {
        let uri = Uri::from_str("file:///w%20x/Dockerfile").expect("a URI");
        let document = Document::open(TEXT, 1);
        let view = View { uri: &uri, document: &document, client: &client };
        serde_json::to_value(show(&view)).expect("answers are JSON")
    }

    fn stage() -> Symbol {
        let symbol = |name: &str, kind, range: std::ops::Range<usize>, selection, children| Symbol {
            name: name.into(),
            detail: None,
            kind,
            range,
            selection,
            children,
        };
        let run = symbol("RUN", SymbolKind::Instruction, 12..17, 12..15, Vec::new());
        symbol("b", SymbolKind::Stage, 0..17, 10..11, vec![run])
    }

    fn span(start: (u32, u32), end: (u32, u32)) -> Value {
        let place = |(line, character)| json!({"line": line, "character": character});
        json!({"start": place(start), "end": place(end)})
    }

    #[test]
    fn an_outline_is_a_tree_or_a_list() {
        let client = ClientFeatures { symbol_tree: true, ..ClientFeatures::default() };
        let tree = shown(client, |view| symbols(view, vec![stage()]));
        let run = span((1, 0), (1, 5));
        let expected = json!([{
            "name": "b", "kind": 2, "range": span((0, 0), (1, 5)), "selectionRange": span((0, 10), (0, 11)),
            "children": [{"name": "RUN", "kind": 12, "range": run, "selectionRange": span((1, 0), (1, 3))}],
        }]);
        assert_eq!(tree, expected);

        let list = shown(ClientFeatures::default(), |view| symbols(view, vec![stage()]));
        let at = |range: Value| json!({"uri": "file:///w%20x/Dockerfile", "range": range});
        let expected = json!([
            {"name": "b", "kind": 2, "location": at(span((0, 0), (1, 5)))},
            {"name": "RUN", "kind": 12, "location": at(run), "containerName": "b"},
        ]);
        assert_eq!(list, expected);
    }

    #[test]
    fn stages_of_the_workspace_are_found_by_name_and_shown_with_their_file() {
        let found = |query| shown(ClientFeatures::default(), |view| matching_stages(view, &[stage()], query));
        assert_eq!(found("B")[0]["containerName"], "Dockerfile");
        assert_eq!(found("RUN"), json!([]), "an instruction");
    }

    #[test]
    fn folds_have_columns_for_clients_that_fold_parts_of_lines() {
        let all = [
            Fold { range: 0..17, kind: FoldKind::Region },
            Fold { range: 12..17, kind: FoldKind::Region },
            Fold { range: 5..17, kind: FoldKind::Comment },
        ];
        let lines =
            ClientFeatures { fold_whole_lines: true, fold_limit: Some(1), ..ClientFeatures::default() };
        let expected = json!([{"startLine": 0, "endLine": 1, "kind": "region"}]);
        assert_eq!(shown(lines, |view| folds(view, &all)), expected);
        let expected = json!([
            {"startLine": 0, "startCharacter": 0, "endLine": 1, "endCharacter": 5, "kind": "region"},
            {"startLine": 0, "startCharacter": 5, "endLine": 1, "endCharacter": 5, "kind": "comment"},
        ]);
        assert_eq!(shown(ClientFeatures::default(), |view| folds(view, &all)), expected);
    }

    #[test]
    fn a_query_is_matched_as_a_subsequence_in_either_case() {
        assert!(is_subsequence("", "builder"));
        assert!(is_subsequence("bld", "Builder"));
        assert!(is_subsequence("ÉB", "pré-build"));
        assert!(!is_subsequence("dlb", "builder"));
        assert!(!is_subsequence("builders", "builder"));
    }
}
