//! Edits in a row, with questions in between.

use serde_json::{Value, json};

use crate::client::{Client, URI, pulling};

/// All that can be asked about a document without a place.
fn answers(client: &mut Client, uri: &str) -> Vec<Value> {
    let params = json!({"textDocument": {"uri": uri}});
    let mut diagnostics = client.ask("textDocument/diagnostic", params.clone());
    let mut answers = vec![diagnostics["items"].take()];
    for method in ["textDocument/documentSymbol", "textDocument/foldingRange"] {
        answers.push(client.ask(method, params.clone()));
    }
    answers
}

/// As `answers`, for a document that is opened for that only.
fn fresh_answers(client: &mut Client, text: &str) -> Vec<Value> {
    let uri = "file:///fresh/Dockerfile";
    client.open(uri, text);
    let answers = answers(client, uri);
    client.close(uri);
    answers
}

fn tree() -> Value {
    let mut capabilities = pulling();
    capabilities["textDocument"]["documentSymbol"] = json!({"hierarchicalDocumentSymbolSupport": true});
    capabilities
}

#[test]
fn ten_thousand_changes_sent_without_waiting_end_in_the_right_text() {
    let mut client = Client::start(tree());
    let mut lines: Vec<String> = (0..50).map(|n| format!("FROM image{n} AS stage{n}")).collect();
    client.open(URI, &(lines.join("\n") + "\n"));
    let mut asked = Vec::new();
    for version in 2..10_002usize {
        // Renames one stage after the other, and sometimes adds a line or takes one away.
        let at = version * 7 % lines.len();
        let line = format!("FROM image{version} AS stage{at}_é{version}");
        let mut changes = vec![json!({
            "range": {"start": {"line": at, "character": 0}, "end": {"line": at, "character": 999}},
            "text": line,
        })];
        lines[at] = line;
        if version % 10 == 0 {
            let start = json!({"line": at, "character": 0});
            changes.push(json!({"range": {"start": start, "end": start}, "text": "# 😀\r\n"}));
            lines.insert(at, "# 😀\r".into());
        }
        if version % 10 == 5 && lines.len() > 20 {
            let range =
                json!({"start": {"line": at, "character": 0}, "end": {"line": at + 1, "character": 0}});
            changes.push(json!({"range": range, "text": ""}));
            lines.remove(at);
        }
        client.change(URI, version as i64, json!(changes));
        if version % 100 == 0 {
            asked.push(client.request("textDocument/documentSymbol", json!({"textDocument": {"uri": URI}})));
        }
    }
    for id in asked {
        let answer = client.answer_to(id);
        assert!(answer.get("result").is_some(), "{answer}");
    }
    let text = lines.join("\n") + "\n";
    assert_eq!(answers(&mut client, URI), fresh_answers(&mut client, &text));
    client.finish();
}

#[test]
fn a_request_sees_every_change_before_it_and_none_after_it() {
    let mut client = Client::start(tree());
    client.open(URI, "FROM scratch AS stage0\n");
    let mut asked = Vec::new();
    for version in 1..=500i64 {
        let name = format!("FROM scratch AS stage{version}\n");
        client.change(URI, version + 1, json!([{"text": name}]));
        asked.push(client.request("textDocument/documentSymbol", json!({"textDocument": {"uri": URI}})));
    }
    let seen: Vec<_> = asked.into_iter().map(|id| client.answer_to(id)["result"].take()).collect();
    for version in [1, 250, 500] {
        let fresh = fresh_answers(&mut client, &format!("FROM scratch AS stage{version}\n"));
        assert_eq!(seen[version - 1], fresh[1]);
    }
    client.finish();
}

#[test]
fn a_state_is_another_one_after_each_change() {
    // What a request sees shows even where a document has nothing to tell: in the id of its diagnostics.
    let mut client = Client::start(pulling());
    client.open(URI, "");
    let mut ids = std::collections::HashSet::new();
    let mut asked = Vec::new();
    for version in 2..300 {
        client.change(URI, version, json!([]));
        asked.push(client.request("textDocument/diagnostic", json!({"textDocument": {"uri": URI}})));
    }
    for id in asked {
        assert!(ids.insert(client.answer_to(id)["result"]["resultId"].to_string()));
    }
    client.finish();
}

#[test]
fn opening_an_open_document_replaces_it() {
    let mut client = Client::start(tree());
    client.open(URI, "FROM a AS one\n");
    client.open(URI, "FROM b AS two\nFROM two AS three\n");
    let expected = fresh_answers(&mut client, "FROM b AS two\nFROM two AS three\n");
    assert_eq!(answers(&mut client, URI), expected);
    client.close(URI);
    client.is_well();
    client.finish();
}
