//! Code lenses of stages, with and without commands of the client.

use serde_json::{Value, json};

use crate::{
    client::{Client, URI, pulling},
    editor::{Editor, Folder, capabilities},
};

const TEXT: &str = "FROM golang AS base\nFROM base AS test\nFROM scratch\nCOPY --from=base /a /a\n";

/// The lenses of a file as the client's commands and their titles, by line.
fn lenses(answer: &Value) -> Vec<String> {
    let lens = |lens: &Value| {
        let (line, command) = (&lens["range"]["start"]["line"], &lens["command"]);
        let text = |key: &str| command[key].as_str().expect("a text").to_owned();
        format!("{line} {}{}", text("title"), text("command").replace("dockerfile-ls.", " → "))
    };
    answer.as_array().expect("a list").iter().map(lens).collect()
}

fn ask(editor: &mut Editor) -> Value {
    let uri = editor.folder.uri("docker/Dockerfile");
    editor.ask("textDocument/codeLens", json!({"textDocument": {"uri": uri}}))
}

/// An editor that has these commands.
fn editor(commands: &[&str]) -> Editor {
    let mut capabilities = capabilities();
    capabilities["workspace"]["codeLens"] = json!({"refreshSupport": true});
    let commands: Vec<String> = commands.iter().map(|name| format!("dockerfile-ls.{name}")).collect();
    capabilities["experimental"] = json!({"commands": {"commands": commands}});
    let compose = "services:\n  web:\n    build:\n      context: .\n      dockerfile: docker/Dockerfile\n";
    let mut editor =
        Editor::with(capabilities, Folder::with(&[("docker/Dockerfile", TEXT), ("compose.yaml", compose)]));
    editor.open("docker/Dockerfile");
    editor
}

#[test]
fn a_client_without_commands_gets_text_that_nothing_follows() {
    let (mut client, _) = Client::start_and_greet(pulling());
    client.open(URI, TEXT);
    let answer = client.ask("textDocument/codeLens", json!({"textDocument": {"uri": URI}}));
    assert_eq!(
        lenses(&answer),
        ["0 2 uses · built by default", "1 only by --target test", "2 the default target"]
    );
    let end = json!({"line": 0, "character": 4});
    assert_eq!(answer[0]["range"]["end"], end);
    client.finish();
}

#[test]
fn a_client_gets_the_commands_that_it_has() {
    let mut editor = editor(&["runBuild", "copyBuildCommand", "showReferences"]);
    let answer = ask(&mut editor);
    assert_eq!(
        lenses(&answer),
        [
            "0 2 uses · built by default → showReferences",
            "0 Build → runBuild",
            "0 Copy build command → copyBuildCommand",
            "1 only by --target test",
            "1 Build → runBuild",
            "1 Copy build command → copyBuildCommand",
            "2 the default target · target of compose service web",
            "2 Build → runBuild",
            "2 Copy build command → copyBuildCommand",
        ]
    );
    let uri = editor.folder.uri("docker/Dockerfile");
    // The context is the one of the Compose service.
    let build = json!({
        "command": "docker build -f docker/Dockerfile --target test .",
        "cwd": editor.folder.path(""),
        "target": "test",
        "uri": uri,
    });
    assert_eq!(answer[4]["command"]["arguments"], json!([build]));
    assert_eq!(answer[5]["command"]["arguments"], json!([build]));
    let references = &answer[0]["command"]["arguments"];
    assert_eq!((&references[0], &references[1]["line"]), (&json!(uri), &json!(0)));
    assert_eq!(references[2][1]["range"]["start"], json!({"line": 3, "character": 12}));
    editor.finish();
    let mut editor = self::editor(&["copyBuildCommand"]);
    assert_eq!(
        lenses(&ask(&mut editor))[..2],
        ["0 2 uses · built by default", "0 Copy build command → copyBuildCommand"]
    );
    editor.finish();
}

#[test]
fn lenses_are_asked_for_again_when_builds_or_settings_change() {
    let mut editor = editor(&["runBuild"]);
    editor.settle();
    let before = editor.lens_refreshes;
    let compose = "services:\n  web:\n    build:\n      context: docker\n      target: test\n";
    editor.on_disk("compose.yaml", Some(compose));
    editor.until("another refresh", |editor| editor.lens_refreshes > before);
    let answer = ask(&mut editor);
    assert_eq!(lenses(&answer)[2], "1 target of compose service web");
    assert_eq!(answer[3]["command"]["arguments"][0]["command"], "docker build --target test docker");

    let refreshes = editor.lens_refreshes;
    let changed = |editor: &mut Editor, settings: Value| {
        editor.notify("workspace/didChangeConfiguration", json!({"settings": settings}));
    };
    changed(&mut editor, json!({"codeLens": {"build": false}}));
    editor.until("another refresh", |editor| editor.lens_refreshes > refreshes);
    assert_eq!(lenses(&ask(&mut editor)).len(), 3);
    editor.on_disk("dockerfile-ls.toml", Some("code-lens = false\n"));
    changed(&mut editor, Value::Null);
    editor.settle();
    assert_eq!(lenses(&ask(&mut editor)), [""; 0]);
    let refreshes = editor.lens_refreshes;
    editor.on_disk("dockerfile-ls.toml", Some("code-lens = false\n[rules]\nunknown-flag = \"hint\"\n"));
    editor.settle();
    assert_eq!(editor.lens_refreshes, refreshes);
    editor.on_disk("dockerfile-ls.toml", Some("[code-lense]\nuses = true\n"));
    editor.settle();
    assert!(editor.shown[0].ends_with(":1: there is no setting `code-lense`; did you mean `code-lens`?"));
    assert_eq!(editor.lens_refreshes, refreshes + 1);
    editor.finish();
}
