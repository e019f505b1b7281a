<<<<<<< HEAD
//! `dockerfile-ls/stageGraph`.

use serde_json::{Value, json};

use crate::{
    client::{Client, URI, pulling},
    editor::{Editor, Folder, capabilities},
};

const TEXT: &str = "FROM golang AS base\nFROM base AS test\nFROM scratch\nCOPY --from=base /a /a\n";

fn ask(client: &mut Client, params: Value) -> Value {
    let mut all = json!({"textDocument": {"uri": URI}});
    all.as_object_mut().expect("a table").extend(params.as_object().expect("a table").clone());
    client.ask("dockerfile-ls/stageGraph", all)
}

fn text<'a>(answer: &'a Value) -> &'a str {
    answer["svg"].as_str().expect("a text")
}

#[test]
fn a_picture_follows_the_text() {
    let (mut client, greeting) = Client::start_and_greet(pulling());
    assert_eq!(greeting["capabilities"]["experimental"]["stageGraph"], true);
    client.open(URI, TEXT);
    let answer = ask(&mut client, json!({}));
    assert_eq!(answer["version"], 1);
    assert_eq!((&answer["target"], &answer["needed"]), (&json!(2), &json!(false)));
    let titles: Vec<&Value> =
        answer["stages"].as_array().expect("a list").iter().map(|it| &it["title"]).collect();
    assert_eq!(titles, ["base", "test", "stage 2"]);
    let stage = &answer["stages"][1];
    assert_eq!(
        stage["selectionRange"],
        json!({"start": {"line": 1, "character": 13}, "end": {"line": 1, "character": 17}})
    );
    assert_eq!(stage["needed"], false);
    // Of the three lines the last is the COPY.
    let place = json!({"start": {"line": 3, "character": 12}, "end": {"line": 3, "character": 16}});
    assert_eq!(answer["edges"][1]["ranges"], json!([place]));
    assert!(text(&answer).contains(r#"class="line copy" data-edge="1" data-from="0" data-to="2""#));
    assert!(
        text(&answer).contains(r#"data-stage="1" tabindex="0""#) && text(&answer).contains("var(--vscode-")
    );

    let end = json!({"line": 4, "character": 0});
    client.change(URI, 2, json!([{"range": {"start": end, "end": end}, "text": "FROM base AS more\n"}]));
    let answer = ask(&mut client, json!({}));
    assert_eq!((&answer["version"], &answer["target"]), (&json!(2), &json!(3)));
    assert!(text(&answer).contains(">more</text>"));
    client.finish();
}

#[test]
fn a_target_may_be_chosen_and_what_it_does_not_need_left_out() {
    let mut client = Client::start(pulling());
    client.open(URI, TEXT);
    let stages = |answer: &Value| text(answer).matches("class=\"stage\"").count();
    for (target, index) in [("TEST", 1), ("1", 2), ("gone", 2), ("", 2)] {
        let answer = ask(&mut client, json!({"target": target, "needed": true}));
        assert_eq!((&answer["target"], stages(&answer)), (&json!(index), 2), "{target}");
    }
    assert_eq!(stages(&ask(&mut client, json!({"target": "test", "needed": false}))), 3);

    // Nobody wants to see thirty stages unasked.
    let many: String = (0..30).map(|index| format!("FROM alpine:3 AS s{index}\n")).collect();
    client.change(URI, 2, json!([{"text": many}]));
    let answer = ask(&mut client, json!({}));
    assert_eq!((&answer["needed"], stages(&answer)), (&json!(true), 1));
    assert_eq!(stages(&ask(&mut client, json!({"needed": false}))), 30);
    assert_eq!(answer["stages"].as_array().map(Vec::len), Some(30), "all can be chosen");

    client.change(URI, 3, json!([{"text": "# nothing yet\n"}]));
    let answer = ask(&mut client, json!({}));
    assert_eq!((&answer["target"], stages(&answer)), (&Value::Null, 0));
    assert!(text(&answer).contains("There are no stages yet"));
    client.close(URI);
    assert_eq!(ask(&mut client, json!({})), Value::Null);
    client.finish();
}

#[test]
fn findings_and_builds_are_drawn_and_news_are_told() {
    let mut capabilities = capabilities();
    capabilities["experimental"] = json!({"stageGraph": true});
    let compose = "services:\n  web:\n    build:\n      context: .\n      target: test\n";
    let files = [("Dockerfile", &*format!("{TEXT}COPY --from=9 /b /b\n")), ("compose.yaml", compose)];
    let mut editor = Editor::with(capabilities, Folder::with(&files));
    editor.open("Dockerfile");
    let uri = editor.folder.uri("Dockerfile");
    let picture = |editor: &mut Editor| {
        let answer = editor.ask("dockerfile-ls/stageGraph", json!({"textDocument": {"uri": uri}}));
        text(&answer).to_owned()
    };
    let drawn = picture(&mut editor);
    assert!(drawn.contains("▸ compose service web"), "{drawn}");
    assert!(drawn.contains("<g class=\"badge\" data-stage=\"2\""), "{drawn}");
    assert!(drawn.contains("stage 2 uses 9, which isn't there"), "{drawn}");

    let before = editor.new_pictures;
    editor.on_disk("compose.yaml", Some(&compose.replace("target: test", "target: base")));
    editor.until("new pictures", |editor| editor.new_pictures > before);
    let drawn = picture(&mut editor);
    let base = drawn.lines().find(|line| line.contains("data-stage=\"0\""));
    assert!(base.is_some_and(|base| base.contains("▸ compose service web")), "{drawn}");
    editor.finish();
}
=======
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
>>>>>>> protocol
