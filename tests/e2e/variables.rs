//! A variable as an editor meets it: declared on top, asked for in a stage, inherited by the next.

use serde_json::{Value, json};

use crate::client::{Client, URI, pulling};

const TEXT: &str = "\
ARG V=1.22
FROM golang:${V} AS base
ARG V
RUN V=${V:-2} && echo \"é😀 $V\"
FROM base
LABEL v=$V
";

fn at(line: u32, character: u32) -> Value {
    json!({
        "textDocument": {"uri": URI},
        "position": {"line": line, "character": character},
        "context": {"includeDeclaration": false, "triggerKind": 1},
        "newName": "GO",
    })
}

fn places(answer: &Value) -> Vec<String> {
    let place = |item: &Value| {
        let start = &item["range"]["start"];
        format!("{}:{}", start["line"], start["character"])
    };
    answer.as_array().expect("a list").iter().map(place).collect()
}

#[test]
fn a_variable_is_found_and_renamed_from_any_of_its_places() {
    let mut client = Client::start(pulling());
    client.open(URI, TEXT);
    assert_eq!(places(&client.ask("textDocument/definition", at(5, 9))), ["2:4"]);
    assert_eq!(places(&client.ask("textDocument/definition", at(2, 4))), ["0:4"]);
    let highlights = client.ask("textDocument/documentHighlight", at(0, 4));
    assert_eq!(places(&highlights), ["0:4", "1:14", "2:4", "3:4", "3:8", "3:28", "5:9"]);
    let kinds: Vec<u64> = highlights
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| item["kind"].as_u64().unwrap_or(0))
        .collect();
    const READ: u64 = 2;
    const WRITE: u64 = 3;
    assert_eq!(kinds, [WRITE, READ, WRITE, WRITE, READ, READ, READ]);
    let references = client.ask("textDocument/references", at(3, 8));
    assert_eq!(places(&references), ["1:14", "3:4", "3:8", "3:28", "5:9"]);

    let rename = client.ask("textDocument/rename", at(5, 9));
    assert_eq!(places(&rename["changes"][URI]).len(), 7, "{rename}");
    let mut refused = at(5, 9);
    refused["newName"] = json!("PATH");
    let id = client.request("textDocument/rename", refused);
    let answer = client.answer_to(id);
    let message = answer["error"]["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("\"PATH\" means something to others"), "{answer}");
    client.finish();
}

#[test]
fn completion_after_a_dollar_and_hover_tell_the_value() {
    let mut client = Client::start(pulling());
    client.open(URI, &format!("{TEXT}RUN echo \"é😀 ${{\"\n"));
    let list = client.ask("textDocument/completion", at(6, 16));
    let item = &list["items"][0];
    let place = |character: u32| json!({"line": 6, "character": character});
    assert_eq!(item["textEdit"]["newText"], "V}", "{list}");
    assert_eq!(item["textEdit"]["range"], json!({"start": place(16), "end": place(16)}));
    // What a client compares with the typed letters starts with neither `$` nor a brace.
    assert_eq!((&item["label"], &item["filterText"]), (&json!("V"), &Value::Null));
    assert_eq!(item["detail"], "ARG 1.22 · base");
    let hover = client.ask("textDocument/hover", at(5, 9));
    let text = hover["contents"]["value"].as_str().unwrap_or_default();
    assert!(text.contains("Value: 1.22"), "{hover}");
    client.finish();
}
