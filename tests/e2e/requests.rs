//! Requests where there is nothing to be found, and requests that are taken back.

use serde_json::{Value, json};

use crate::client::{Client, URI, pulling, pushed_to};

const REQUEST_FAILED: i64 = -32803;
const CANCELLED: i64 = -32800;

fn at(uri: &str, line: u32, character: u32) -> Value {
    json!({
        "textDocument": {"uri": uri},
        "position": {"line": line, "character": character},
        "range": {"start": {"line": line, "character": character}, "end": {"line": 0, "character": 0}},
        "context": {"includeDeclaration": true, "diagnostics": [], "triggerKind": 1},
        "newName": "name",
    })
}

/// The capabilities, with those that the methods need.
fn asking(mut capabilities: Value) -> Value {
    capabilities["textDocument"]["rename"] = json!({"prepareSupport": true});
    let kinds = json!({"codeActionKind": {"valueSet": ["quickfix"]}});
    capabilities["textDocument"]["codeAction"] = json!({"codeActionLiteralSupport": kinds});
    capabilities
}

const METHODS: [&str; 11] = [
    "textDocument/definition",
    "textDocument/references",
    "textDocument/documentHighlight",
    "textDocument/prepareRename",
    "textDocument/rename",
    "textDocument/completion",
    "textDocument/hover",
    "textDocument/documentSymbol",
    "textDocument/foldingRange",
    "textDocument/codeAction",
    "textDocument/inlayHint",
];

#[test]
fn a_document_that_is_not_open_has_nothing_to_tell() {
    let nowhere = "file:///nowhere/Dockerfile";
    for capabilities in [pulling(), pushed_to()] {
        let mut client = Client::start(asking(capabilities));
        for method in METHODS {
            assert_eq!(client.ask(method, at(nowhere, 0, 0)), Value::Null, "{method}");
        }
        client.change(nowhere, 2, json!([{"text": "FROM a\n"}]));
        client.close(nowhere);
        client.is_well();
        client.finish();
    }
}

#[test]
fn an_ignore_file_that_is_taken_for_a_dockerfile_has_nothing_to_tell() {
    let ignore = "file:///project/Dockerfile.dockerignore";
    let mut client = Client::start(asking(pushed_to()));
    client.open(ignore, "*\n!src\nFROM x\n");
    client.change(ignore, 2, json!([{"text": "*\n"}]));
    for method in METHODS {
        assert_eq!(client.ask(method, at(ignore, 0, 0)), Value::Null, "{method}");
    }
    client.close(ignore);
    client.is_well();
    client.finish();

    let mut client = Client::start(pulling());
    client.open(ignore, "*\n");
    let report = client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": ignore}}));
    assert_eq!(report, json!({"kind": "full", "items": []}));
    client.finish();
}

#[test]
fn places_outside_the_text_are_answered() {
    let mut client = Client::start(asking(pulling()));
    client.is_not_judged("places outside of the text");
    client.open(URI, "FROM scratch\n");
    for (line, character) in [(0, 9999), (9999, 0), (u32::MAX, u32::MAX)] {
        for method in METHODS {
            let id = client.request(method, at(URI, line, character));
            let answer = client.answer_to(id);
            let code = answer["error"]["code"].as_i64();
            assert!(code.is_none_or(|code| code == REQUEST_FAILED), "{method}: {answer}");
        }
    }
    client.finish();
}

#[test]
fn uris_are_taken_as_editors_write_them() {
    let mut client = Client::start(pulling());
    for uri in
        ["file:///app/[slug]/Dockerfile", "file:///a b/é/Dockerfile", "untitled:Untitled-1", "file:///c%3A/x"]
    {
        client.open(uri, "FROM scratch\n");
        let report = client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": uri}}));
        assert!(report["resultId"].is_string(), "{uri} is not open: {report}");
    }
    client.finish();
}

#[test]
fn a_request_can_be_taken_back_as_long_as_it_waits() {
    let mut client = Client::start(pulling());
    client.open(URI, &"FROM scratch\n".repeat(20_000));
    // All at once, so that the last request waits while the changes are worked off.
    let message = |method: &str, params: Value| json!({"jsonrpc": "2.0", "method": method, "params": params});
    let mut messages = Vec::new();
    for version in 2..200 {
        let document = json!({"uri": URI, "version": version});
        let changes = json!([{"text": "FROM scratch\n".repeat(2000)}]);
        let params = json!({"textDocument": document, "contentChanges": changes});
        messages.push(message("textDocument/didChange", params));
    }
    let symbols = json!({"textDocument": {"uri": URI}});
    for id in [json!("a"), json!("b")] {
        let mut question = message("textDocument/documentSymbol", symbols.clone());
        question["id"] = id;
        messages.push(question);
    }
    messages.push(message("$/cancelRequest", json!({"id": "a"})));
    client.send_all(&messages);

    let first = client.receive();
    assert_eq!(first["id"], "a");
    // Whether it still waits when it is taken back is a matter of luck.
    assert!(first["error"]["code"] == CANCELLED || first.get("result").is_some(), "{first}");
    let second = client.receive();
    assert_eq!((&second["id"], second.get("error")), (&json!("b"), None));
    client.notify("$/cancelRequest", json!({"id": "b"}));
    client.notify("$/cancelRequest", json!({"id": 12345}));
    client.is_well();
    client.finish();
}

#[test]
fn a_client_may_write_everything_before_it_reads_anything() {
    let (mut client, deaf) = Client::spawn_deaf();
    client.is_not_judged("requests before the answer to initialize");
    let hello =
        client.request("initialize", json!({"processId": null, "rootUri": null, "capabilities": pulling()}));
    // Both pipes hold 64 KiB; this is a multiple of that in both directions.
    let ids: Vec<_> = (0..10_000).map(|_| client.request("workspace/symbol", json!({"query": ""}))).collect();
    drop(deaf);
    client.answer_to(hello);
    for id in ids {
        client.answer_to(id);
    }
    client.finish();
}
