//! The call hierarchy of stages.

use serde_json::{Value, json};

use crate::editor::Editor;

const TEXT: &str = "\
FROM golang AS base
FROM base AS builder
FROM alpine AS run
COPY --from=builder /a /a
COPY --from=builder /b /b
";
const COMPOSE: &str =
    "services:\n  build:\n    build:\n      context: .\n      target: builder\n  web:\n    build: .\n";

fn editor() -> Editor {
    let mut editor = Editor::new(&[("Dockerfile", TEXT), ("compose.yaml", COMPOSE)]);
    editor.open("Dockerfile");
    editor
}

/// The one item of a place.
#[track_caller]
fn item(editor: &mut Editor, path: &str, around: &str) -> Value {
    let items = editor.ask_at("textDocument/prepareCallHierarchy", path, around);
    assert_eq!(items.as_array().map(Vec::len), Some(1), "{items}");
    items[0].clone()
}

/// Who calls (`end`: "from") or is called ("to"): "Dockerfile run 3 4", with the lines of the places (from 0).
fn calls(editor: &mut Editor, item: &Value, end: &str) -> Vec<String> {
    let method = if end == "from" { "callHierarchy/incomingCalls" } else { "callHierarchy/outgoingCalls" };
    let answer = editor.ask(method, json!({"item": item}));
    let call = |call: &Value| {
        let lines = call["fromRanges"].as_array().expect("a list").iter();
        let lines: String = lines.map(|range| format!(" {}", range["start"]["line"])).collect();
        let name = call[end]["name"].as_str().expect("a name");
        format!("{} {name}{lines}", editor.path_of(&call[end]["uri"]))
    };
    answer.as_array().into_iter().flatten().map(call).collect()
}

#[test]
fn stages_and_builds_call_stages() {
    let mut editor = editor();
    editor.open("compose.yaml");
    let here = item(&mut editor, "Dockerfile", "AS buil$0der");
    assert_eq!((&here["name"], &here["detail"]), (&json!("builder"), &json!("base")));
    for item in [
        item(&mut editor, "Dockerfile", "--from=$0builder /b"),
        item(&mut editor, "compose.yaml", "target: buil$0der"),
    ] {
        assert_eq!(item, here);
    }
    assert_eq!(
        calls(&mut editor, &here, "from"),
        ["Dockerfile run 3 4", "compose.yaml compose service `build` 4"]
    );
    assert_eq!(calls(&mut editor, &here, "to"), ["Dockerfile base 1"]);
    let run = item(&mut editor, "Dockerfile", "AS r$0un");
    assert_eq!(calls(&mut editor, &run, "from"), ["compose.yaml compose service `web` 5"]);
    assert_eq!(calls(&mut editor, &run, "to"), ["Dockerfile builder 3 4", "Dockerfile alpine 2"]);
    // An image and a build are ends.
    let image = editor.ask("callHierarchy/outgoingCalls", json!({"item": run}))[1]["to"].clone();
    assert_eq!(calls(&mut editor, &image, "to"), [""; 0]);
    assert_eq!(editor.ask_at("textDocument/prepareCallHierarchy", "Dockerfile", "CO$0PY"), Value::Null);
    editor.finish();
}

#[test]
fn an_item_of_before_an_edit_goes_on_with_its_stage() {
    let mut editor = editor();
    let builder = item(&mut editor, "Dockerfile", "AS buil$0der");
    editor.replace("Dockerfile", "FROM golang", "FROM x AS new\nFROM golang");
    assert_eq!(calls(&mut editor, &builder, "to"), ["Dockerfile base 2"]);
    editor.set("Dockerfile", "FROM x\n");
    assert_eq!(calls(&mut editor, &builder, "to"), [""; 0]);
    editor.set("Dockerfile", "");
    assert_eq!(calls(&mut editor, &builder, "from"), [""; 0]);
    // The disk counts once it is closed.
    editor.close("Dockerfile");
    assert_eq!(calls(&mut editor, &builder, "to"), ["Dockerfile base 1"]);
    for data in [json!(null), json!(7), json!({"stage": u64::MAX, "name": null, "count": 3})] {
        let mut broken = builder.clone();
        broken["data"] = data;
        assert_eq!(calls(&mut editor, &broken, "from"), [""; 0]);
    }
    editor.finish();
}
