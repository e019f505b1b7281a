//! `workspace/executeCommand`.

use serde_json::{Value, json};

use crate::{
    client::{Client, URI, pulling},
    editor::Editor,
};

const TEXT: &str = "FROM golang AS base\nFROM base AS test\nFROM scratch\nCOPY --from=base /a /a\n";

fn run(editor: &mut Editor, command: &str, argument: Value) -> Value {
    editor.ask("workspace/executeCommand", json!({"command": command, "arguments": [argument]}))
}

#[test]
fn the_build_line_of_a_stage() {
    let mut editor = Editor::new(&[("app/Dockerfile", TEXT)]);
    let uri = editor.folder.uri("app/Dockerfile");
    // Of a file that nobody has open, and of one that somebody has.
    for _ in 0..2 {
        for (stage, line) in [
            (json!("Test"), "docker build --target test app"),
            (json!(0), "docker build --target base app"),
            (Value::Null, "docker build app"),
        ] {
            let answer = run(&mut editor, "dockerfile-ls.buildCommand", json!({"uri": uri, "stage": stage}));
            assert_eq!(answer["command"], line);
            assert_eq!(answer["cwd"], json!(editor.folder.path("")));
        }
        editor.open("app/Dockerfile");
    }
    editor.finish();
}

#[test]
fn the_graph_in_every_format() {
    let mut client = Client::start(pulling());
    client.open(URI, TEXT);
    let mut graph = |argument: Value| {
        let params = json!({"command": "dockerfile-ls.stageGraph", "arguments": [argument]});
        client.ask("workspace/executeCommand", params).as_str().expect("a text").to_owned()
    };
    assert!(graph(json!({"uri": URI})).starts_with("flowchart LR\n"));
    assert!(graph(json!({"uri": URI, "format": "dot"})).starts_with("digraph stages {"));
    assert!(graph(json!({"uri": URI, "format": "text"})).contains("/Dockerfile: 2 of 3 stages built"));
    let json: Value = serde_json::from_str(&graph(json!({"uri": URI, "format": "json", "target": "TEST"})))
        .expect("it is JSON");
    assert_eq!((&json["target"], &json["stages"][1]["built"]), (&json!(1), &json!(true)));
    client.finish();
}

#[test]
fn wrong_arguments_are_refused_with_a_reason() {
    let mut editor = Editor::new(&[("Dockerfile", TEXT), ("compose.yaml", "services: {}\n")]);
    editor.open("compose.yaml");
    let (uri, compose) = (editor.folder.uri("Dockerfile"), editor.folder.uri("compose.yaml"));
    let gone = editor.folder.uri("gone/Dockerfile");
    let mut refused = |command: &str, arguments: Value, reason: &str| {
        let params = json!({"command": format!("dockerfile-ls.{command}"), "arguments": arguments});
        let message = editor.ask_in_vain("workspace/executeCommand", params);
        assert!(message.contains(reason), "{command} {arguments}: {message}");
    };
    refused("runBuild", json!([]), "there is no command `dockerfile-ls.runBuild`");
    for command in ["buildCommand", "stageGraph"] {
        refused(command, json!([]), "takes one argument, a table, not 0 of them");
        refused(command, json!([{}, {}]), "not 2 of them");
        refused(command, json!([7]), "has to be a table");
        refused(command, json!([{}]), "missing field `uri`");
        refused(command, json!([{"uri": 7}]), "the argument of");
        refused(command, json!([{"uri": uri, "x": 1}]), "unknown field `x`");
        refused(command, json!([{"uri": gone}]), "can't be read");
        refused(command, json!([{"uri": "untitled:x"}]), "can't be read");
        refused(command, json!([{"uri": compose}]), "is not a Dockerfile");
    }
    refused("buildCommand", json!([{"uri": uri, "stage": "tset"}]), "there is no such stage");
    refused("buildCommand", json!([{"uri": uri, "stage": 99}]), "there is no such stage");
    refused("buildCommand", json!([{"uri": uri, "stage": -1}]), "by its name or its number");
    refused("stageGraph", json!([{"uri": uri, "format": "png"}]), "there are text, json, mermaid, dot");
    refused("stageGraph", json!([{"uri": uri, "target": "tset"}]), "there is no stage `tset`");
    editor.finish();
}
