//! The stages as a picture that a view beside the file follows: docs/clients.md says what clients may rely on.

use serde_json::{Value, json};

use crate::editor::{Editor, Folder, capabilities};

const DOCKERFILE: &str = "FROM golang AS build\nFROM build AS test\nFROM scratch\nCOPY --from=build /a /\n";
const COMPOSE: &str = "services: {a: {build: {context: ., target: test}}}\n";

fn folder() -> Folder {
    Folder::with(&[("Dockerfile", DOCKERFILE), ("compose.yaml", COMPOSE)])
}

fn picture(editor: &mut Editor, path: &str, more: Value) -> Value {
    let mut params = json!({"textDocument": {"uri": editor.folder.uri(path)}});
    for (name, value) in more.as_object().expect("a table") {
        params[name] = value.clone();
    }
    editor.ask("dockerfile-ls/stageGraph", params)
}

#[test]
fn stages_and_lines_are_told_with_their_places() {
    let mut editor = Editor::with(capabilities(), folder());
    editor.open("Dockerfile");
    let drawn = picture(&mut editor, "Dockerfile", json!({}));
    assert_eq!(
        (&drawn["version"], &drawn["target"], &drawn["needed"]),
        (&json!(1), &json!(2), &json!(false))
    );
    assert!(drawn["svg"].as_str().is_some_and(|svg| svg.starts_with("<svg ")), "{drawn}");
    let of = |name: &str| -> Vec<Value> {
        drawn["stages"].as_array().expect("a list").iter().map(|stage| stage[name].clone()).collect()
    };
    assert_eq!(of("name"), [json!("build"), json!("test"), Value::Null]);
    assert_eq!(of("needed"), [true, false, true]);
    let name = json!({"start": {"line": 1, "character": 14}, "end": {"line": 1, "character": 18}});
    assert_eq!(of("selectionRange")[1], name);
    let lines: Vec<_> =
        drawn["edges"].as_array().expect("a list").iter().map(|line| &line["ranges"]).collect();
    assert!(lines.iter().any(|ranges| ranges[0]["start"]["line"] == 3), "{lines:?}");

    let other = picture(&mut editor, "Dockerfile", json!({"target": "test", "needed": true}));
    assert_eq!((&other["target"], &other["needed"]), (&json!(1), &json!(true)));
    let gone = picture(&mut editor, "Dockerfile", json!({"target": "tset"}));
    assert_eq!(gone["target"], 2);
    editor.finish();
}

#[test]
fn what_is_no_open_dockerfile_has_none() {
    let mut editor = Editor::with(capabilities(), folder());
    editor.open("compose.yaml");
    assert_eq!(picture(&mut editor, "compose.yaml", json!({})), Value::Null);
    assert_eq!(picture(&mut editor, "Dockerfile", json!({})), Value::Null);
    editor.finish();
}

#[test]
fn who_shows_pictures_is_told_when_others_change_them() {
    let mut declared = capabilities();
    declared["experimental"] = json!({"stageGraph": true});
    for (capabilities, is_told) in [(declared, true), (capabilities(), false)] {
        let mut editor = Editor::with(capabilities, folder());
        editor.open("Dockerfile");
        editor.open("compose.yaml");
        editor.settle();
        let before = editor.picture_changes;
        editor.replace("compose.yaml", "target: test", "target: build");
        editor.settle();
        assert_eq!(editor.picture_changes > before, is_told);
        editor.finish();
    }
}
