//! Completion as clients meet it: with snippets and without, and in a Compose file.

use serde_json::{Value, json};

use crate::{
    client::{Client, URI},
    editor::{self, Editor},
};

fn client(item: Value) -> Client {
    Client::start(json!({"textDocument": {"diagnostic": {}, "completion": {"completionItem": item}}}))
}

fn at(line: u32, character: u32) -> Value {
    json!({"textDocument": {"uri": URI}, "position": {"line": line, "character": character}})
}

fn labels(list: &Value) -> Vec<&str> {
    list["items"].as_array().expect("a list").iter().filter_map(|item| item["label"].as_str()).collect()
}

fn find<'a>(list: &'a Value, label: &str) -> &'a Value {
    let mut items = list["items"].as_array().expect("a list").iter();
    items.find(|item| item["label"] == label).unwrap_or_else(|| panic!("{:?}", labels(list)))
}

#[test]
fn snippets_ranges_and_documentation_as_the_client_takes_them() {
    let mut client = client(json!({
        "snippetSupport": true,
        "insertReplaceSupport": true,
        "tagSupport": {"valueSet": [1]},
        "documentationFormat": ["markdown"],
    }));
    client.open(URI, "FROM alpine:3.20\nco\nCOPY --frm=x a b\n");
    let list = client.ask("textDocument/completion", at(1, 2));
    let form = find(&list, "COPY source target");
    assert_eq!((&form["insertTextFormat"], &form["filterText"]), (&json!(2), &json!("copy")));
    assert_eq!(form["textEdit"]["newText"], "COPY ${1:source} ${2:target}");
    let keyword = client.ask("completionItem/resolve", find(&list, "COPY").clone());
    let text = keyword["documentation"]["value"].as_str().unwrap_or_default();
    assert!(text.contains("#copy"), "{keyword}");
    assert_eq!(keyword["insertTextFormat"], 1);

    let list = client.ask("textDocument/completion", at(2, 8));
    let flag = find(&list, "--from");
    let place = |character: u32| json!({"line": 2, "character": character});
    assert_eq!(flag["textEdit"]["insert"], json!({"start": place(5), "end": place(8)}));
    assert_eq!(flag["textEdit"]["replace"], json!({"start": place(5), "end": place(10)}));
    assert_eq!(flag["textEdit"]["newText"], "--from");

    client.open(URI, "FROM alpine:3.20\nm\n");
    let list = client.ask("textDocument/completion", at(1, 1));
    assert_eq!(find(&list, "MAINTAINER")["tags"], json!([1]));
    let recipe = find(&list, "multi-stage go");
    assert_eq!(recipe["insertTextFormat"], 2);
    let text = recipe["textEdit"]["newText"].as_str().unwrap_or_default();
    assert!(text.starts_with("FROM --platform=\\$BUILDPLATFORM golang:${1:"), "{text}");
    client.finish();
}

#[test]
fn a_client_without_snippets_gets_texts() {
    let mut client = client(json!({}));
    client.open(URI, "");
    let list = client.ask("textDocument/completion", at(0, 0));
    assert_eq!(labels(&list)[..3], ["FROM", "ARG", "# syntax=docker/dockerfile:1"]);
    assert!(!labels(&list).contains(&"FROM image"), "it would be written as it is");
    let recipe = find(&list, "multi-stage node")["textEdit"]["newText"].as_str().unwrap_or_default();
    assert!(recipe.starts_with("# syntax=docker/dockerfile:1\nFROM node:"), "{recipe}");
    for item in list["items"].as_array().expect("a list") {
        assert_eq!(item["insertTextFormat"], 1, "{item}"); // Neovim 0.10 takes none for a snippet
        let text = item["textEdit"]["newText"].as_str().unwrap_or_default();
        assert!(!text.contains("${1") && !text.contains("\\$"), "{item}");
    }
    client.finish();
}

#[test]
fn in_a_compose_file_an_item_is_one_line() {
    let text = "\
services:
  web:
    build:
      dockerfile_inline: |
        FROM alpine:3.20
        RU
        COPY --li /a /b
";
    let mut capabilities = editor::capabilities();
    capabilities["textDocument"]["completion"] = json!({"completionItem": {"snippetSupport": true}});
    let folder = editor::Folder::with(&[("compose.yaml", text)]);
    let mut editor = Editor::with(capabilities, folder);
    editor.open("compose.yaml");
    let found = editor.completion("compose.yaml", "RU$0");
    assert_eq!(found[..2], ["RUN", "RUN command"]);
    assert!(!found.contains(&"RUN <<EOF".to_owned()), "{found:?}");
    assert_eq!(editor.completion("compose.yaml", "--li$0"), ["--link"]);
    editor.finish();
}
