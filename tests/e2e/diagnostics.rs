//! Diagnostics, pushed or pulled.

use serde_json::{Value, json};

use crate::client::{Client, URI, given, pulling, pushed_to};

fn insert(text: &str) -> Value {
    let start = json!({"line": 0, "character": 0});
    json!([{"range": {"start": start, "end": start}, "text": text}])
}

#[test]
fn are_pushed_with_their_version_after_each_change_and_taken_back_at_the_end() {
    let mut client = Client::start(pushed_to());
    client.open(URI, "FROM scratch\n");
    let first = client.published();
    assert_eq!((&first["uri"], &first["version"]), (&json!(URI), &json!(1)));
    for version in [2, 3, 7] {
        client.change(URI, version, insert("# x\n"));
        assert_eq!(client.published()["version"], version);
    }
    client.close(URI);
    assert_eq!(client.published(), json!({"uri": URI, "diagnostics": []}));
    client.finish();
}

#[test]
fn have_no_version_for_a_client_that_knows_none() {
    let mut client = Client::start(json!({}));
    client.open(URI, "FROM scratch\n");
    assert_eq!(client.published().get("version"), None);
    client.finish();
}

#[test]
fn are_checked_seldom_in_a_burst_and_end_with_the_newest_version() {
    let mut client = Client::start(pushed_to());
    client.open(URI, "FROM scratch\n");
    client.published();
    for version in 2..=2001 {
        client.change(URI, version, insert("# x\n"));
    }
    let (mut count, mut newest) = (0, 0);
    while newest != 2001 {
        let version = client.published()["version"].as_i64().expect("a version");
        assert!(version > newest, "{version} after {newest}");
        (count, newest) = (count + 1, version);
    }
    assert!(count < 2000, "{count} times for 2000 changes");
    client.finish();
}

#[test]
fn are_not_pushed_to_a_client_that_pulls() {
    let mut client = Client::start(pulling());
    client.open(URI, "FROM scratch\n");
    client.change(URI, 2, insert("# x\n"));
    client.close(URI);
    client.is_well();
    client.finish();
}

#[test]
fn are_pulled_once_per_version() {
    let mut client = Client::start(pulling());
    let pull = |client: &mut Client, known: &Value| {
        let params = given(json!({"textDocument": {"uri": URI}, "previousResultId": known}));
        client.ask("textDocument/diagnostic", params)
    };
    assert_eq!(pull(&mut client, &Value::Null), json!({"kind": "full", "items": []}), "not open");

    client.open(URI, "FROM scratch\n");
    let first = pull(&mut client, &Value::Null);
    assert_eq!(first["kind"], "full");
    let unchanged = json!({"kind": "unchanged", "resultId": first["resultId"]});
    assert_eq!(pull(&mut client, &first["resultId"]), unchanged);

    client.change(URI, 2, insert("# x\n"));
    let second = pull(&mut client, &first["resultId"]);
    assert_eq!(second["kind"], "full");

    client.close(URI);
    client.open(URI, "FROM scratch\n");
    assert_eq!(pull(&mut client, &first["resultId"])["kind"], "full", "version 1 of another text");
    client.finish();
}

#[test]
fn follow_the_dockerignore_beside_the_file() {
    let folder = std::env::temp_dir().join(format!("dockerfile-ls-e2e-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder takes another");
    let write = |text: &str| std::fs::write(folder.join(".dockerignore"), text).expect("it can be written");
    write("*.log\n");
    let uri = |name: &str| format!("file://{}", folder.join(name).display());
    let mut client = Client::spawn();
    let capabilities = json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}});
    client.ask("initialize", json!({"processId": null, "rootUri": null, "capabilities": capabilities}));
    client.notify("initialized", json!({}));
    let registration = client.receive();
    assert_eq!(registration["method"], "client/registerCapability");
    let watchers = &registration["params"]["registrations"][0]["registerOptions"]["watchers"];
    let patterns: Vec<_> =
        watchers.as_array().expect("files to watch").iter().map(|watcher| &watcher["globPattern"]).collect();
    assert!(patterns.contains(&&json!("**/*.dockerignore")), "{patterns:?}");
    client.send(&json!({"jsonrpc": "2.0", "id": registration["id"], "result": null}));

    let codes = |message: Value| -> Vec<Value> {
        let all = message["diagnostics"].as_array().expect("an array").iter();
        all.map(|diagnostic| diagnostic["code"].clone()).collect()
    };
    client.open(&uri("Dockerfile"), "FROM scratch\nCOPY a.log /a\n");
    assert_eq!(codes(client.published()), ["CopyIgnoredFile"]);
    write("*.md\n");
    let change = json!({"uri": uri(".dockerignore"), "type": 2});
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": [change]}));
    assert_eq!(codes(client.published()), [""; 0]);
    client.finish();
    let _ = std::fs::remove_dir_all(&folder);
}
