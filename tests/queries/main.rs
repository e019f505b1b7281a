//! The queries that editors share: each compiles, and captures what it should.

use std::{fs, path::Path};

use tree_sitter::{Language, Parser, Query, QueryCursor, StreamingIterator, Tree};

const HIGHLIGHTS: &str = include_str!("../../queries/highlights.scm");
const FOLDS: &str = include_str!("../../queries/folds.scm");
const STAGES: &str = include_str!("../../queries/stages.scm");
const SYMBOLS: &str = include_str!("../../queries/symbols.scm");
const INJECTIONS: &str = include_str!("../../queries/injections.scm");

/// One file with each kind of reference, and with traps beside them.
const EXAMPLE: &str = r#"# escape=\
ARG GO=1.22
FROM golang:$GO AS builder
FROM builder AS test
COPY --link --from=builder /a /b
COPY --chown=a:b --from="test" /a /b
ADD --from=no /a /b
RUN --mount=type=bind,target=/x,FROM=builder --mount="type=bind,from=test" make
ONBUILD COPY --from=0 /a /b
"#;

struct Capture<'t> {
    name: String,
    text: &'t str,
    start: usize,
    end: usize,
}

fn language() -> Language {
    tree_sitter_dockerfile::LANGUAGE.into()
}

fn compiled(query: &str) -> Query {
    Query::new(&language(), query).expect("the query compiles")
}

fn parsed(text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&language()).expect("the grammar fits tree-sitter");
    parser.parse(text, None).expect("a parse ends")
}

fn captures<'t>(query: &Query, tree: &Tree, text: &'t str) -> Vec<Capture<'t>> {
    let mut cursor = QueryCursor::new();
    let mut found = cursor.captures(query, tree.root_node(), text.as_bytes());
    let mut all = Vec::new();
    while let Some((found, index)) = found.next() {
        let capture = found.captures()[*index];
        let name = query.capture_names()[capture.index as usize];
        if !name.starts_with('_') {
            let (start, end) = (capture.node.start_byte(), capture.node.end_byte());
            all.push(Capture { name: name.to_owned(), text: &text[start..end], start, end });
        }
    }
    all
}

/// The texts that a query captures under a name.
fn texts<'t>(query: &str, name: &str, text: &'t str) -> Vec<&'t str> {
    let all = captures(&compiled(query), &parsed(text), text);
    all.iter().filter(|capture| capture.name == name).map(|capture| capture.text).collect()
}

#[test]
fn stages_are_found_in_each_place_that_names_one() {
    assert_eq!(texts(STAGES, "stage.declaration", EXAMPLE), ["builder", "test"]);
    assert_eq!(texts(STAGES, "stage.reference.base", EXAMPLE), ["golang:$GO", "builder"]);
    assert_eq!(texts(STAGES, "stage.reference.copy", EXAMPLE), ["builder", "\"test\"", "0"]);
    assert_eq!(texts(STAGES, "stage.reference.mount", EXAMPLE), ["builder", "test"]);
}

#[test]
fn stages_are_found_over_continuations() {
    let text = "FROM a AS buil\\\nder\nCOPY --link \\\n  # why\n  --from=buil\\\nder a b\n";
    assert_eq!(texts(STAGES, "stage.declaration", text), ["buil\\\nder"]);
    assert_eq!(texts(STAGES, "stage.reference.copy", text), ["buil\\\nder"]);
}

#[test]
fn symbols_are_stages_and_variables() {
    assert_eq!(texts(SYMBOLS, "definition.constant", EXAMPLE), ["GO=1.22"]);
    assert_eq!(
        texts(SYMBOLS, "definition.module", EXAMPLE),
        ["FROM golang:$GO AS builder", "FROM builder AS test"]
    );
    assert_eq!(texts(SYMBOLS, "reference.constant", EXAMPLE), ["$GO"]);
    let names = texts(SYMBOLS, "name", EXAMPLE);
    assert_eq!(names.iter().filter(|name| **name == "builder").count(), 4, "{names:?}");
}

#[test]
fn folds_are_instructions_heredocs_and_comments() {
    let text = "# a\n# b\nFROM c\nRUN <<EOF\nd\nEOF\n";
    assert_eq!(texts(FOLDS, "fold", text), ["# a", "# b", "FROM c", "RUN <<EOF\nd\nEOF", "\nd\nEOF"]);
}

#[test]
fn shell_text_and_heredocs_that_are_scripts_are_bash() {
    let text = "# a\nRUN b\nCMD [\"c\"]\nRUN <<EOF\nd\nEOF\nRUN cat <<EOF\ne\nEOF\nRUN <<EOF\n#!/bin/python\nEOF\nMAINTAINER f\n";
    let found = texts(INJECTIONS, "injection.content", text);
    assert_eq!(found, ["# a", "b", "<<EOF", "d\n", "cat <<EOF", "<<EOF"]);
}

#[test]
fn highlights_tell_stages_from_images_and_values() {
    let of = |name| texts(HIGHLIGHTS, name, EXAMPLE);
    assert_eq!(of("keyword")[..4], ["ARG", "FROM", "AS", "FROM"]);
    assert_eq!(of("type"), ["golang", "builder"]);
    assert_eq!(of("constant"), [":$GO"]);
    assert_eq!(of("variable"), ["GO", "GO"]);
    assert_eq!(of("label"), ["builder", "test", "builder", "\"test\"", "no", "builder", "test", "0"]);
    assert_eq!(of("string"), ["\\", "1.22", "a:b", "bind", "/x", "bind"]);
}

/// The project's own examples, and real files where they lie beside the project.
fn corpus() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [root.join("grammar/test/corpus"), root.join("../shared/corpus/dockerfiles")];
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let bytes = entries.map(|entry| fs::read(entry.expect("a file").path()).expect("readable"));
    bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

#[test]
fn no_text_is_captured_twice_or_across() {
    let highlights = compiled(HIGHLIGHTS);
    let others = [FOLDS, STAGES, SYMBOLS, INJECTIONS].map(compiled);
    for text in corpus() {
        let tree = parsed(&text);
        for query in &others {
            assert!(captures(query, &tree, &text).iter().all(|capture| capture.end <= text.len()));
        }
        // Of two highlights one may lie inside the other; they come in the order of their start.
        let mut open: Vec<Capture<'_>> = Vec::new();
        for capture in captures(&highlights, &tree, &text) {
            open.retain(|outer| outer.end > capture.start);
            for outer in &open {
                let same =
                    (outer.start, outer.end) == (capture.start, capture.end) && outer.name == capture.name;
                assert!(
                    capture.end <= outer.end && !same,
                    "`{}` as {} and {}",
                    capture.text,
                    outer.name,
                    capture.name
                );
            }
            open.push(capture);
        }
    }
}
