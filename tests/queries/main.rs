//! The queries that editors share: each compiles, and captures what it should.

use std::{fs, path::Path};

use tree_sitter::{Language, Parser, Query, QueryCursor, StreamingIterator, Tree};

const HIGHLIGHTS: &str = include_str!("../../queries/highlights.scm");
const FOLDS: &str = include_str!("../../queries/folds.scm");
const STAGES: &str = include_str!("../../queries/stages.scm");
const SYMBOLS: &str = include_str!("../../queries/symbols.scm");
const INJECTIONS: &str =
    concat!(include_str!("../../queries/injections.scm"), include_str!("../../queries/injections-json.scm"));

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

/// The texts in other languages, each with its language.
fn injected(text: &str) -> Vec<(String, &str)> {
    let (query, tree) = (compiled(INJECTIONS), parsed(text));
    let mut cursor = QueryCursor::new();
    let mut found = cursor.matches(&query, tree.root_node(), text.as_bytes());
    let mut all = Vec::new();
    while let Some(found) = found.next() {
        let settings = query.property_settings(found.pattern_index);
        let language = settings.iter().find(|setting| &*setting.key == "injection.language");
        let language =
            language.and_then(|setting| setting.value.as_deref()).expect("each names its language");
        for capture in found.captures() {
            if query.capture_names()[capture.index as usize] == "injection.content" {
                all.push((language.to_owned(), &text[capture.node.byte_range()]));
            }
        }
    }
    all
}

/// The languages of heredocs' bodies; a shell's text is left out.
#[track_caller]
fn check_bodies(text: &str, expected: &[&str]) {
    let found = injected(text).into_iter().filter(|(_, text)| text.ends_with('\n'));
    assert_eq!(found.map(|(language, _)| language).collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn shell_text_and_heredocs_that_are_scripts_are_bash() {
    let text = "# a\nRUN b\nCMD [\"c\"]\nRUN <<EOF\nd\nEOF\nRUN cat <<EOF\ne\nEOF\nMAINTAINER f\nHEALTHCHECK CMD g\n";
    let found = injected(text).into_iter().filter(|(language, _)| language == "bash");
    assert_eq!(found.map(|(_, text)| text).collect::<Vec<_>>(), ["b", "<<EOF", "d\n", "cat <<EOF", "g"]);
}

#[test]
fn scripts_in_json_are_of_the_shell_that_reads_them() {
    let text = "CMD [\"/bin/sh\", \"-c\", \"a\"]\nRUN [\"b\", \"-c\", \"d\"]\nENTRYPOINT [\"bash\", \"-ec\", \"e\"]\n\
                RUN [\"pwsh\", \"-Command\", \"f\"]\nSHELL [\"bash\", \"-c\"]\nRUN powershell -File g\n";
    let found = injected(text);
    let shown: Vec<_> = found.iter().map(|(language, text)| (language.as_str(), *text)).collect();
    assert_eq!(
        shown,
        [("bash", "\"a\""), ("bash", "\"e\""), ("powershell", "\"f\""), ("powershell", "powershell -File g")]
    );
}

#[test]
fn a_heredoc_is_what_its_first_line_says() {
    for (line, language) in [
        ("#!/bin/sh", "bash"),
        ("#!/usr/bin/env bash", "bash"),
        ("#!/usr/bin/env -S zsh -e", "bash"),
        ("#!/usr/bin/python3.12", "python"),
        ("#!/usr/bin/env node", "javascript"),
        ("#!/usr/bin/perl -w", "perl"),
        ("#!/usr/bin/env ruby", "ruby"),
        ("#!/usr/bin/php", "php"),
        ("#!/usr/bin/pwsh", "powershell"),
    ] {
        check_bodies(&format!("RUN <<EOF\n{line}\na\nEOF\n"), &[language]);
        check_bodies(&format!("COPY <<EOF /x.json\n{line}\na\nEOF\n"), &[language]);
        check_bodies(&format!("RUN python3 <<EOF\n{line}\na\nEOF\n"), &[language]);
    }
    check_bodies("RUN <<EOF\n#!/usr/bin/awk -f\na\nEOF\n", &[]);
}

#[test]
fn a_heredoc_is_what_the_command_in_front_reads() {
    for (command, expected) in [
        ("python3", &["python"][..]),
        ("--mount=type=cache,target=/x python -u -", &["python"]),
        ("cd /x && /usr/bin/python3.11", &["python"]),
        ("bash -ex", &["bash"]),
        ("node", &["javascript"]),
        ("ruby", &["ruby"]),
        ("perl", &["perl"]),
        ("mysql", &[]),
        ("publish", &[]),
        ("cat > /etc/x.yml", &["yaml"]),
        ("a && tee \"/x.toml\"", &["toml"]),
        ("a /x.toml", &[]),
    ] {
        check_bodies(&format!("RUN {command} <<EOF\na\nEOF\n"), expected);
    }
    check_bodies("RUN cat <<'EOF' > /x.json\na\nEOF\n", &["json"]);
    check_bodies("RUN cat <<EOF | tee /etc/nginx/conf.d/x.conf\na\nEOF\n", &["nginx"]);
    check_bodies("RUN python3 <<EOF > /x.json\na\nEOF\n", &["python"]);
    check_bodies("RUN python3 <<A && b <<B\na\nA\nb\nB\n", &["python"]);
    check_bodies("ONBUILD RUN python3 <<EOF\na\nEOF\n", &["python"]);
}

#[test]
fn a_heredoc_is_what_its_file_is() {
    for (name, expected) in [
        ("/x.json", &["json"][..]),
        ("x.yml", &["yaml"]),
        ("/a/x.yaml", &["yaml"]),
        ("x.toml", &["toml"]),
        ("/etc/php/conf.d/x.ini", &["ini"]),
        ("/etc/nginx/nginx.conf", &["nginx"]),
        ("/etc/nginx/conf.d/default.conf", &["nginx"]),
        ("/x.py", &["python"]),
        ("/x.sh", &["bash"]),
        ("/x.js", &["javascript"]),
        ("/x.mjs", &["javascript"]),
        ("/x.html", &["html"]),
        ("/x.xml", &["xml"]),
        ("/x.sql", &["sql"]),
        ("/x.conf", &[]),
        ("/json", &[]),
        ("/x.jsonc", &[]),
        ("/x/", &[]),
    ] {
        check_bodies(&format!("COPY --chmod=644 <<EOF {name}\na\nEOF\n"), expected);
        check_bodies(&format!("ADD <<-\"EOF\" {name}\na\nEOF\n"), expected);
    }
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
