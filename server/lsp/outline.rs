//! Symbols and folds in the shapes that clients take.

use tower_lsp::ls_types::{self as lsp, Uri};

use super::convert::View;
use crate::features::{
    folding::{Fold, FoldKind},
    symbols::{Symbol, SymbolKind},
};

/// The outline as a tree, or as a list for clients that can't show trees.
pub fn symbols(view: &View<'_>, symbols: Vec<Symbol>) -> lsp::DocumentSymbolResponse {
    if view.client.symbol_tree {
        return lsp::DocumentSymbolResponse::Nested(tree(view, symbols));
    }
    let mut list = Vec::new();
    flatten(view, &symbols, None, &mut list);
    lsp::DocumentSymbolResponse::Flat(list)
}

fn tree(view: &View<'_>, symbols: Vec<Symbol>) -> Vec<lsp::DocumentSymbol> {
    let node = |symbol: Symbol| {
        // Deprecated in favour of `tags`, but the type has no way around naming it.
        #[allow(deprecated)]
        lsp::DocumentSymbol {
            name: symbol.name,
            detail: symbol.detail,
            kind: kind(symbol.kind),
            tags: None,
            deprecated: None,
            range: view.range(&symbol.range),
            selection_range: view.range(&symbol.selection),
            children: (!symbol.children.is_empty()).then(|| tree(view, symbol.children)),
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
    // Deprecated in favour of `tags`, but the type has no way around naming it.
    #[allow(deprecated)]
    lsp::SymbolInformation {
        name: symbol.name.clone(),
        kind: kind(symbol.kind),
        tags: None,
        deprecated: None,
        location: view.location(&symbol.range),
        container_name: container.map(String::from),
    }
}

/// All kinds are among those that a client takes without declaring any.
fn kind(kind: SymbolKind) -> lsp::SymbolKind {
    match kind {
        SymbolKind::Stage => lsp::SymbolKind::MODULE,
        SymbolKind::Instruction => lsp::SymbolKind::FUNCTION,
        SymbolKind::GlobalArg => lsp::SymbolKind::VARIABLE,
    }
}

/// The stages of one document whose names match `query`.
pub fn matching_stages(view: &View<'_>, symbols: &[Symbol], query: &str) -> Vec<lsp::SymbolInformation> {
    let file = file_name(view.uri);
    let stages = symbols.iter().filter(|symbol| symbol.kind == SymbolKind::Stage);
    let stages = stages.filter(|stage| is_subsequence(query, &stage.name));
    stages.map(|stage| information(view, stage, file.as_deref())).collect()
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
    let limit = view.client.fold_limit.unwrap_or(usize::MAX);
    let fold = |fold: &Fold| {
        let lsp::Range { start, end } = view.range(&fold.range);
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
    use super::*;

    #[test]
    fn a_query_is_matched_as_a_subsequence_in_either_case() {
        assert!(is_subsequence("", "builder"));
        assert!(is_subsequence("bld", "Builder"));
        assert!(is_subsequence("ÉB", "pré-build"));
        assert!(!is_subsequence("dlb", "builder"));
        assert!(!is_subsequence("builders", "builder"));
    }
}
