//! What the server says about itself.

use serde_json::{Value, json};

use crate::client::{Client, given, pulling, pushed_to};

/// The server's answer to a client with these capabilities.
fn offered(capabilities: Value) -> Value {
    let (client, mut result) = Client::start_and_greet(capabilities);
    client.finish();
    result["capabilities"].take()
}

#[test]
fn tells_its_name_and_version() {
    let (client, result) = Client::start_and_greet(json!({}));
    assert_eq!(result["serverInfo"], json!({"name": "dockerfile-ls", "version": env!("CARGO_PKG_VERSION")}));
    client.finish();
}

#[test]
fn takes_the_first_encoding_that_it_knows() {
    for (asked, expected) in [
        (json!(null), "utf-16"),
        (json!([]), "utf-16"),
        (json!(["utf-8", "utf-16", "utf-32"]), "utf-8"),
        (json!(["utf-16", "utf-8"]), "utf-16"),
        (json!(["utf-32", "utf-8", "utf-16"]), "utf-32"),
        (json!(["utf-7", "utf-8"]), "utf-8"),
    ] {
        let offered = offered(json!({"general": given(json!({"positionEncodings": asked}))}));
        assert_eq!(offered["positionEncoding"], expected);
    }
}

#[test]
fn offers_what_the_client_can_use() {
    let least = offered(json!({}));
    assert_eq!(least["textDocumentSync"], json!({"openClose": true, "change": 2, "save": true}));
    assert_eq!(least["renameProvider"], json!(true));
    assert_eq!(least["documentFormattingProvider"], json!(true));
    assert_eq!(least["documentRangeFormattingProvider"], json!(true));
    assert_eq!(least["documentOnTypeFormattingProvider"], json!({"firstTriggerCharacter": "\n"}));
    assert_eq!(least["inlayHintProvider"], json!(true));
    assert_eq!(least["callHierarchyProvider"], json!(true));
    assert_eq!(least["codeLensProvider"], json!({"resolveProvider": false}));
    assert_eq!(
        least["executeCommandProvider"]["commands"],
        json!(["dockerfile-ls.buildCommand", "dockerfile-ls.stageGraph"])
    );
    assert_eq!(least["codeActionProvider"], Value::Null);
    assert_eq!(least["diagnosticProvider"], Value::Null);

    let literals = json!({"codeActionKind": {"valueSet": ["quickfix"]}});
    let more = offered(json!({"textDocument": {
        "rename": {"prepareSupport": true},
        "codeAction": {"codeActionLiteralSupport": literals},
    }}));
    assert_eq!(more["renameProvider"], json!({"prepareProvider": true}));
    assert_eq!(
        more["codeActionProvider"],
        json!({"codeActionKinds": ["quickfix", "source.fixAll.dockerfile-ls"]})
    );

    let pulled = offered(pulling());
    assert_eq!(
        pulled["diagnosticProvider"],
        json!({"interFileDependencies": true, "workspaceDiagnostics": false})
    );
    assert_eq!(offered(pushed_to())["diagnosticProvider"], Value::Null);
}

#[test]
fn starts_for_a_client_whose_parameters_it_can_not_all_read() {
    let mut client = Client::spawn();
    client.is_not_judged("an introduction in another form");
    let result = client.ask(
        "initialize",
        json!({
            "processId": "none",
            "rootUri": "C:\\work",
            "workspaceFolders": [{"uri": "file:///a [b]", "name": "a"}],
            "capabilities": {
                "general": {"positionEncodings": ["utf-8"]},
                "textDocument": {"foldingRange": {"foldingRangeKind": {"valueSet": [7]}}},
            },
        }),
    );
    assert_eq!(result["capabilities"]["positionEncoding"], "utf-8");
    client.finish();
}
