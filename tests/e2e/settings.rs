//! Settings from the client and from files, and the actions that hide findings or fix all.

use std::{env, fs, path::PathBuf};

use serde_json::{Value, json};

use crate::client::{Client, URI, given, pushed_to};

/// Has one finding, a warning.
const RESERVED: &str = "FROM a:1 AS scratch\n";

/// The severities of pushed diagnostics.
fn severities(published: &Value) -> Vec<i64> {
    let diagnostics = published["diagnostics"].as_array().expect("a list").iter();
    diagnostics.map(|diagnostic| diagnostic["severity"].as_i64().expect("a number")).collect()
}

fn levels(level: &str) -> Value {
    json!({"rules": {"ReservedStageName": level}})
}

fn changed(client: &mut Client, settings: Value) {
    client.notify("workspace/didChangeConfiguration", json!({"settings": settings}));
}

/// A complaint and diagnostics, whichever comes first.
fn both(client: &mut Client) -> (String, Value) {
    let messages = [client.receive(), client.receive()];
    let of = |method: &str| messages.iter().find(|message| message["method"] == method);
    let shown = of("window/showMessage").expect("a complaint")["params"]["message"].as_str();
    let published = &of("textDocument/publishDiagnostics").expect("diagnostics")["params"];
    (shown.expect("it is text").to_owned(), published.clone())
}

#[test]
fn options_of_the_first_message_count() {
    for options in [levels("hint"), json!({"dockerfile-ls": levels("hint")})] {
        let params =
            json!({"processId": null, "capabilities": pushed_to(), "initializationOptions": options});
        let (mut client, _) = Client::start_with(params);
        client.open(URI, RESERVED);
        assert_eq!(severities(&client.published()), [4]);
        // They stay when the text is sent anew.
        client.change(URI, 2, json!([{"text": RESERVED}]));
        assert_eq!(severities(&client.published()), [4]);
        client.finish();
    }
}

#[test]
fn changed_settings_are_pushed_and_judge_what_is_open_again() {
    let mut client = Client::start(pushed_to());
    client.open(URI, RESERVED);
    assert_eq!(severities(&client.published()), [2]);
    changed(&mut client, json!({"dockerfile-ls": levels("error")}));
    assert_eq!(severities(&client.published()), [1]);
    changed(&mut client, levels("off"));
    assert_eq!(severities(&client.published()), [0; 0]);
    // The same again changes nothing.
    changed(&mut client, levels("off"));
    client.is_well();
    changed(&mut client, Value::Null);
    assert_eq!(severities(&client.published()), [2]);
    client.finish();
}

#[test]
fn a_client_that_answers_is_asked() {
    let mut capabilities = pushed_to();
    capabilities["workspace"] =
        json!({"configuration": true, "didChangeConfiguration": {"dynamicRegistration": true}});
    let mut client = Client::start(capabilities);
    let register = client.asked("client/registerCapability");
    assert_eq!(register["params"]["registrations"][0]["method"], "workspace/didChangeConfiguration");
    let question = client.asked("workspace/configuration");
    assert_eq!(question["params"]["items"], json!([{"section": "dockerfile-ls"}]));
    // Nothing waits for the answer.
    client.open(URI, RESERVED);
    assert_eq!(severities(&client.published()), [2]);
    client.reply(&register, Value::Null);
    client.reply(&question, json!([levels("hint")]));
    assert_eq!(severities(&client.published()), [4]);

    changed(&mut client, Value::Null);
    let old = client.asked("workspace/configuration");
    changed(&mut client, Value::Null);
    let new = client.asked("workspace/configuration");
    client.reply(&new, json!([null]));
    assert_eq!(severities(&client.published()), [2]);
    client.reply(&old, json!([levels("off")]));
    client.is_well();
    client.finish();
}

#[test]
fn a_wrong_key_is_complained_about_once() {
    let mut client = Client::start(pushed_to());
    let wrong = json!({"rules": {"ReservedStageNam": "off", "ReservedStageName": "hint"}});
    changed(&mut client, wrong.clone());
    assert_eq!(
        client.shown(),
        "Settings of dockerfile-ls: there is no rule `ReservedStageNam`; did you mean `ReservedStageName`?"
    );
    client.open(URI, RESERVED);
    assert_eq!(severities(&client.published()), [4]);
    client.change(URI, 2, json!([{"text": RESERVED}]));
    client.published();
    changed(&mut client, wrong.clone());
    client.is_well();
    changed(&mut client, Value::Null);
    client.published();
    changed(&mut client, wrong);
    let (shown, published) = both(&mut client);
    assert!(shown.contains("ReservedStageNam"));
    assert_eq!(severities(&published), [4]);
    client.finish();
}

#[test]
fn a_client_that_pulls_is_told_to_pull_again() {
    let capabilities =
        json!({"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": true}}});
    let mut client = Client::start(capabilities);
    client.open(URI, RESERVED);
    let pull = |client: &mut Client, known: &Value| {
        let params = given(json!({"textDocument": {"uri": URI}, "previousResultId": known}));
        client.ask("textDocument/diagnostic", params)
    };
    let first = pull(&mut client, &Value::Null);
    changed(&mut client, levels("off"));
    let refresh = client.asked("workspace/diagnostic/refresh");
    client.reply(&refresh, Value::Null);
    let second = pull(&mut client, &first["resultId"]);
    assert_eq!((&second["kind"], &second["items"]), (&json!("full"), &json!([])));
    client.finish();
}

/// A temporary folder; removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = env::temp_dir().join(format!("dockerfile-ls-e2e-{}-{name}", std::process::id()));
        fs::create_dir_all(folder.join("sub")).expect("the temporary folder takes another");
        Folder(folder)
    }

    fn write(&self, text: &str) {
        fs::write(self.0.join("dockerfile-ls.toml"), text).expect("it can be written");
    }

    fn uri(&self, path: &str) -> String {
        format!("file://{}", self.0.join(path).display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
#[cfg(unix)]
fn a_file_above_the_dockerfile_counts_and_is_read_again_when_something_is_saved() {
    let folder = Folder::new("saved");
    folder.write("[rules]\nReservedStageName = \"hint\"\nx = \"off\"\n");
    let mut client = Client::start(pushed_to());
    let uri = folder.uri("sub/Dockerfile");
    client.open(&uri, RESERVED);
    let (shown, published) = both(&mut client);
    assert!(shown.ends_with("dockerfile-ls.toml:3: there is no rule `x`"), "{shown}");
    assert_eq!(severities(&published), [4]);
    // What the editor says counts for more.
    changed(&mut client, levels("error"));
    assert_eq!(severities(&client.published()), [1]);
    changed(&mut client, Value::Null);
    assert_eq!(severities(&client.published()), [4]);
    folder.write("[rules]\nReservedStageName = \"information\"\n");
    client.notify("textDocument/didSave", json!({"textDocument": {"uri": uri}}));
    assert_eq!(severities(&client.published()), [3]);
    client.finish();
}

#[test]
#[cfg(unix)]
fn a_client_that_watches_files_tells_of_theirs_and_the_workspace_is_the_border() {
    let folder = Folder::new("watched");
    folder.write("[rules]\nReservedStageName = \"off\"\n");
    let mut capabilities = pushed_to();
    capabilities["workspace"] = json!({"didChangeWatchedFiles": {"dynamicRegistration": true}});
    let root = json!([{"uri": folder.uri("sub"), "name": "sub"}]);
    let (mut client, _) = Client::start_with(
        json!({"processId": null, "capabilities": capabilities, "workspaceFolders": root}),
    );
    let register = client.asked("client/registerCapability");
    let registration = &register["params"]["registrations"][0];
    assert_eq!(registration["registerOptions"]["watchers"][0]["globPattern"], "**/dockerfile-ls.toml");
    client.reply(&register, Value::Null);
    let (inside, outside) = (folder.uri("sub/Dockerfile"), folder.uri("Dockerfile"));
    client.open(&inside, RESERVED);
    assert_eq!(severities(&client.published()), [2]);
    client.open(&outside, RESERVED);
    assert_eq!(severities(&client.published()), [0; 0]);
    folder.write("");
    client.notify("textDocument/didSave", json!({"textDocument": {"uri": outside}}));
    client.is_well();
    let change = json!({"uri": folder.uri("dockerfile-ls.toml"), "type": 2});
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": [change]}));
    let published = client.published();
    assert_eq!((&published["uri"], severities(&published)), (&json!(outside), vec![2]));
    client.finish();
}

#[test]
fn fixes_come_first_then_all_of_them_then_the_ways_to_ignore() {
    let literals = json!({"codeActionKind": {"valueSet": ["quickfix", "source.fixAll"]}});
    let mut capabilities = pushed_to();
    capabilities["textDocument"]["codeAction"] =
        json!({"codeActionLiteralSupport": literals, "isPreferredSupport": true});
    let mut client = Client::start(capabilities);
    client.open(URI, "FROM a:1 AS builder\nFROM a:1\nCOPY --from=biulder /a /a\n");
    client.published();
    let place = json!({"line": 2, "character": 14});
    let ask = |client: &mut Client, context: Value| {
        let params = json!({"textDocument": {"uri": URI}, "range": {"start": place, "end": place}, "context": context});
        client.ask("textDocument/codeAction", params)
    };
    let titles = |actions: &Value| -> Vec<String> {
        let actions = actions.as_array().expect("a list").iter();
        actions.map(|action| action["title"].as_str().expect("text").to_owned()).collect()
    };
    let all = ask(&mut client, json!({"diagnostics": []}));
    assert_eq!(
        titles(&all),
        [
            "Use `builder`",
            "Create stage biulder",
            "Apply all preferred fixes",
            "Ignore unknown-stage-reference here",
            "Ignore unknown-stage-reference in this file",
        ]
    );
    assert_eq!(all[4].get("isPreferred"), None);
    for kind in ["source.fixAll", "source", "source.fixAll.dockerfile-ls"] {
        let all = ask(&mut client, json!({"diagnostics": [], "only": [kind]}));
        assert_eq!(titles(&all), ["Apply all preferred fixes"], "{kind}");
        assert_eq!(all[0]["kind"], "source.fixAll.dockerfile-ls");
        assert_eq!(all[0]["edit"]["changes"][URI][0]["newText"], "builder");
    }
    let none = ask(&mut client, json!({"diagnostics": [], "only": ["source.organizeImports"]}));
    assert_eq!(none, json!([]));
    client.finish();
}
