//! The examples of `grammar/test/corpus`, in tree-sitter's own format, without its CLI.

use std::{fs, path::Path};

use tree_sitter::Parser;

/// An example: its text and the tree that a person expects.
struct Example<'a> {
    name: &'a str,
    text: &'a str,
    tree: String,
}

/// Splits a file into its examples: a name between two lines of `=`, a text, a line of `-`, a tree.
fn examples(file: &str) -> Vec<Example<'_>> {
    let rule = |line: &str, mark| line.len() >= 3 && line.chars().all(|c| c == mark);
    let mut rest = file
        .strip_prefix('=')
        .map(|rest| rest.trim_start_matches('='))
        .expect("a file starts with a line of =");
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (name, body) = rest.trim_start().split_once("\n===").expect("a name ends at a line of =");
        let (_, body) = body.split_once('\n').expect("a text follows the name");
        let mut text_end = None;
        let mut tree_start = 0;
        let mut end = body.len();
        let mut at = 0;
        for line in body.split_inclusive('\n') {
            if text_end.is_none() && rule(line.trim_end(), '-') {
                text_end = Some(at);
                tree_start = at + line.len();
            } else if text_end.is_some() && rule(line.trim_end(), '=') {
                end = at;
                break;
            }
            at += line.len();
        }
        let text = &body[..text_end.expect("a text ends at a line of -")];
        // The newline in front of the line of `-` is not part of the text.
        let text = text.strip_suffix('\n').unwrap_or(text);
        all.push(Example { name: name.trim(), text, tree: folded(&body[tree_start..end]) });
        rest = body[end..].trim_start_matches('=');
    }
    all
}

/// A tree on one line.
fn folded(tree: &str) -> String {
    tree.split_whitespace().collect::<Vec<_>>().join(" ").replace(" )", ")")
}

#[test]
fn each_example_has_the_tree_that_a_person_expects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("grammar/test/corpus");
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_dockerfile::LANGUAGE.into()).expect("the grammar fits tree-sitter");
    let mut count = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(folder).expect("the corpus is there") {
        let path = entry.expect("a file").path();
        let file = fs::read_to_string(&path).expect("UTF-8");
        for example in examples(&file) {
            count += 1;
            let tree = parser.parse(example.text, None).expect("a parse ends").root_node().to_sexp();
            if tree != example.tree {
                let file = path.file_name().unwrap_or_default().display();
                wrong.push(format!(
                    "{file}, {}:\n  is       {tree}\n  expected {}",
                    example.name, example.tree
                ));
            }
        }
    }
    assert!(count >= 80, "{count} examples");
    assert!(wrong.is_empty(), "{}\n`tree-sitter test -u` accepts the trees as they are", wrong.join("\n"));
}
