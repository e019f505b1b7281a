//! Inlay hints, and the settings that switch them off.

use serde_json::{Value, json};

use crate::client::{Client, URI, pulling};

const TEXT: &str = "ARG V=1\nFROM a:$V\nFROM b\nWORKDIR /é\nCOPY --from=0 a ./b\n";

fn place(line: u32, character: u32) -> Value {
    json!({"line": line, "character": character})
}

/// The hints from the start of one line to the start of another.
#[track_caller]
fn hints(client: &mut Client, from: u32, to: u32) -> Vec<Value> {
    let range = json!({"start": place(from, 0), "end": place(to, 0)});
    let params = json!({"textDocument": {"uri": URI}, "range": range});
    client.ask("textDocument/inlayHint", params).as_array().expect("a list").clone()
}

fn labels(hints: &[Value]) -> Vec<&str> {
    let text = |hint: &Value| hint["label"].is_string();
    hints
        .iter()
        .map(|hint| if text(hint) { &hint["label"] } else { &hint["label"][0]["value"] })
        .map(|label| label.as_str().expect("a text"))
        .collect()
}

#[test]
fn hints_stand_behind_what_they_explain_and_lead_to_it() {
    let mut client = Client::start(pulling());
    client.open(URI, TEXT);
    let stage = json!({"uri": URI, "range": {"start": place(1, 5), "end": place(1, 9)}});
    assert_eq!(
        hints(&mut client, 0, 9),
        [
            json!({"position": place(1, 9), "label": "= a:1", "tooltip": "V=1 by the ARG in line 1", "paddingLeft": true}),
            json!({
                "position": place(4, 13),
                "label": [{"value": "= stage 0: a:$V", "location": stage}],
                "paddingLeft": true,
            }),
            json!({"position": place(4, 19), "label": "= /é/b", "paddingLeft": true}),
        ]
    );
    assert_eq!(labels(&hints(&mut client, 2, 4)), [""; 0]);
    assert_eq!(labels(&hints(&mut client, 4, 0)), ["= a:1"], "a range that is turned around");
    client.change(URI, 2, json!([{"range": {"start": place(3, 8), "end": place(3, 10)}, "text": "/x"}]));
    assert_eq!(labels(&hints(&mut client, 4, 5)), ["= stage 0: a:$V", "= /x/b"]);
    client.finish();
}

#[test]
fn changed_settings_have_the_client_ask_again() {
    let mut capabilities = pulling();
    capabilities["workspace"] = json!({"inlayHint": {"refreshSupport": true}});
    let mut client = Client::start(capabilities);
    client.open(URI, TEXT);
    let change = |client: &mut Client, settings: Value| {
        client.notify("workspace/didChangeConfiguration", json!({"settings": settings}));
    };
    for (off, left) in [
        (json!(false), &[][..]),
        (json!({"stageNumbers": false}), &["= a:1", "= /é/b"]),
        (json!({"baseValues": false, "destinations": false}), &["= stage 0: a:$V"]),
        (json!({}), &["= a:1", "= stage 0: a:$V", "= /é/b"]),
    ] {
        change(&mut client, json!({"dockerfile-ls": {"inlayHints": off}}));
        let refresh = client.asked("workspace/inlayHint/refresh");
        client.reply(&refresh, Value::Null);
        assert_eq!(labels(&hints(&mut client, 0, 9)), left);
    }
    // What has nothing to do with them.
    change(&mut client, json!({"rules": {"unknown-flag": "off"}}));
    client.is_well();
    change(&mut client, json!({"inlayHints": {"stageNumbers": 0}}));
    assert_eq!(
        client.shown(),
        "Settings of dockerfile-ls: `inlayHints.stageNumbers` has to be true or false, not 0"
    );
    client.finish();
}
