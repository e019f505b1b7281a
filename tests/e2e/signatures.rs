//! Signature help for clients that can do more or less.

use serde_json::{Value, json};

use crate::client::{Client, URI, given, pulling};

const TEXT: &str = "FROM a\nCOPY a \nRUN x\n";

fn help(client: &mut Client, line: u32, character: u32, context: Value) -> Value {
    let position = json!({"line": line, "character": character});
    let params = given(json!({"textDocument": {"uri": URI}, "position": position, "context": context}));
    client.ask("textDocument/signatureHelp", params)
}

#[test]
fn a_simple_client_gets_parts_of_the_label_and_plain_text() {
    let mut client = Client::start(pulling());
    client.open(URI, TEXT);
    let found = help(&mut client, 1, 7, Value::Null);
    assert_eq!((&found["activeSignature"], &found["activeParameter"]), (&json!(0), &json!(2)));
    let signature = &found["signatures"][0];
    assert_eq!(signature["label"], "COPY [flags] <source>… <destination>");
    assert_eq!(signature["parameters"][2]["label"], "<destination>");
    assert_eq!(signature.get("activeParameter"), None);
    let documentation = signature["documentation"].as_str().expect("plain text");
    assert!(documentation.ends_with("Reference (https://docs.docker.com/reference/dockerfile/#copy)"));
    client.finish();
}

#[test]
fn a_client_that_takes_them_gets_offsets_in_utf_16() {
    let mut capabilities = pulling();
    capabilities["textDocument"]["signatureHelp"] = json!({"signatureInformation": {
        "documentationFormat": ["markdown"],
        "parameterInformation": {"labelOffsetSupport": true},
        "activeParameterSupport": true,
    }});
    let mut client = Client::start(capabilities);
    client.open(URI, TEXT);
    let signature = &help(&mut client, 1, 7, Value::Null)["signatures"][0];
    // Behind the `…`, which has three bytes.
    assert_eq!(signature["parameters"][2]["label"], json!([23, 36]));
    assert_eq!(
        (&signature["activeParameter"], &signature["documentation"]["kind"]),
        (&json!(2), &json!("markdown"))
    );
    client.finish();
}

#[test]
fn nobody_is_interrupted_in_a_command() {
    let mut client = Client::start(pulling());
    client.open(URI, "FROM a\nRUN x \n");
    let typed = json!({"triggerKind": 2, "triggerCharacter": " ", "isRetrigger": false});
    assert_eq!(help(&mut client, 1, 6, typed), Value::Null);
    let by_hand = json!({"triggerKind": 1, "isRetrigger": false});
    assert_eq!(help(&mut client, 1, 6, by_hand)["signatures"][0]["label"], "RUN [flags] <command>");
    client.finish();
}
