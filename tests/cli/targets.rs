//! `dockerfile-ls targets`, and what `check` and `graph` of a folder make of the same index.

use serde_json::{Value, json};

use crate::run::Folder;

const DOCKERFILE: &str = "FROM golang:1.26 AS build\nRUN make\nFROM build AS test\nRUN go test ./...\nFROM alpine:3.24 AS prod\nCOPY --from=build /a /a\n";

const COMPOSE: &str = "\
services:
  web:
    build:
      context: .
      target: prod
  check:
    build:
      context: .
      target: ${STAGE:-test}
  gone:
    build:
      context: .
      target: nothing
  inline:
    build:
      dockerfile_inline: |
        FROM alpine:3.24 AS base
        FROM base AS final
      target: final
  other:
    build:
      context: https://github.com/example/example.git
      target: final
";

const BAKE: &str = "\
target \"app\" {
  target = \"prod\"
  no-cache-filter = [\"build\"]
  contexts = {
    build = \"docker-image://golang:1.26\"
  }
}
";

fn project() -> Folder {
    Folder::with(&[
        ("app/Dockerfile", DOCKERFILE),
        ("app/compose.yaml", COMPOSE),
        ("app/docker-bake.hcl", BAKE),
    ])
}

fn stage(name: &str, line: u32) -> Value {
    json!({ "name": name, "line": line })
}

#[test]
fn each_place_is_a_row_with_all_fields() {
    let ran = project().run(&["targets", "--format", "json", "app"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    let row = |file: &str, line, column, kind: &str, name: &str, stage: Value, certainty: &str, why: &str| {
        json!({
            "file": file, "line": line, "column": column, "kind": kind, "name": name, "literal": true,
            "dockerfile": "Dockerfile", "stage": stage, "certainty": certainty, "why": why,
        })
    };
    let compose = "compose.yaml";
    let bake = "docker-bake.hcl";
    let mut unknown = row(
        compose,
        23,
        15,
        "target",
        "final",
        Value::Null,
        "unknown",
        "compose service `other`: its Dockerfile is not on this disk",
    );
    unknown["dockerfile"] = Value::Null;
    let mut inline =
        row(compose, 19, 15, "target", "final", stage("final", 18), "certain", "compose service `inline`");
    inline["dockerfile"] = json!(compose);
    let context = "bake target `app`: a context of this name takes the place of the stage";
    let gone = "compose service `gone`: the Dockerfile has no such stage";
    let fallback = "compose service `check`: the default of a variable";
    let expected = json!([
        row(compose, 5, 15, "target", "prod", stage("prod", 5), "certain", "compose service `web`"),
        row(compose, 9, 24, "target", "test", stage("test", 3), "likely", fallback),
        row(compose, 13, 15, "target", "nothing", Value::Null, "certain", gone),
        inline,
        unknown,
        row(bake, 2, 13, "target", "prod", stage("prod", 5), "certain", "bake target `app`"),
        row(bake, 3, 23, "no-cache-filter", "build", stage("build", 1), "certain", "bake target `app`"),
        row(bake, 5, 5, "context", "build", stage("build", 1), "likely", context),
    ]);
    let all = ran.json();
    for (row, expected) in all.as_array().expect("a list").iter().zip(expected.as_array().expect("a list")) {
        assert_eq!(row, expected);
    }
    assert_eq!(all.as_array().map(Vec::len), Some(8));
    let keys: Vec<_> = all[0].as_object().expect("an object").keys().cloned().collect();
    assert_eq!(keys.len(), 10, "{keys:?}");
}

#[test]
fn names_that_nobody_can_know_are_null() {
    let script = "docker build --target \"$1\" .\n";
    let ran = Folder::with(&[("Dockerfile", DOCKERFILE), ("build.sh", script)])
        .run(&["targets", "--format", "json"]);
    let row = &ran.json()[0];
    assert_eq!((&row["name"], &row["stage"], &row["literal"]), (&Value::Null, &Value::Null, &json!(false)));
    assert_eq!((&row["certainty"], &row["dockerfile"]), (&json!("unknown"), &json!("Dockerfile")));
}

#[test]
fn columns_count_characters() {
    let script = "echo é😀; docker build --target prod .\r\n";
    let ran = Folder::with(&[("Dockerfile", DOCKERFILE), ("build.sh", script)])
        .run(&["targets", "--format", "json"]);
    assert_eq!((&ran.json()[0]["line"], &ran.json()[0]["column"]), (&json!(1), &json!(32)));
}

#[test]
fn text_is_a_line_for_each_place() {
    let ran = project().run(&["targets", "app"]);
    assert_eq!(ran.code, 0);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 8, "{}", ran.out);
    assert_eq!(lines[0], "compose.yaml:5:15: target prod -> Dockerfile:5 (certain: compose service `web`)");
    assert!(lines[2].contains("target nothing -> no stage of Dockerfile"), "{}", lines[2]);
    assert!(lines[4].contains("target final -> ? (unknown"), "{}", lines[4]);
}

#[test]
fn a_folder_without_targets_has_none_and_one_that_is_not_there_is_an_error() {
    let folder = Folder::with(&[("Dockerfile", DOCKERFILE)]);
    let ran = folder.run(&["targets", "--format", "json"]);
    assert_eq!((ran.code, ran.json()), (0, json!([])));
    assert_eq!(folder.run(&["targets"]).out, "");
    for path in ["nowhere", "Dockerfile"] {
        let ran = folder.run(&["targets", path]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(path), "{ran:?}");
    }
}

#[test]
fn what_git_ignores_is_left_out() {
    let files = [
        ("Dockerfile", DOCKERFILE),
        (".gitignore", "vendor/\n"),
        ("vendor/compose.yaml", "services: {a: {build: {context: .., target: prod}}}\n"),
        (".ci/build.sh", "docker build --target prod ..\n"),
        ("node_modules/x/build.sh", "docker build --target prod ..\n"),
    ];
    let rows = Folder::with(&files).run(&["targets", "--format", "json"]).json();
    let files: Vec<_> = rows.as_array().expect("a list").iter().map(|row| row["file"].clone()).collect();
    assert_eq!(files, [".ci/build.sh"]);
}

/// The findings of `check`, as "file: code: severity", sorted.
fn check(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    let ran = folder.run(&[&["check", "--format", "json"], arguments].concat());
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    let found = ran.json();
    let all = found.as_array().expect("a list").iter();
    let mut all: Vec<_> = all
        .map(|it| format!("{}: {}: {}", text(&it["file"]), text(&it["code"]), text(&it["severity"])))
        .collect();
    all.sort();
    all
}

#[test]
fn check_of_a_folder_finds_what_is_wrong_beside_the_dockerfiles() {
    let folder = project();
    let found = check(&folder, &["app"]);
    assert!(found.contains(&"app/compose.yaml: target-not-found: error".into()), "{found:?}");
    assert_eq!(found.iter().filter(|it| it.contains("compose.yaml")).count(), 1, "{found:?}");
    let ran = folder.run(&["check", "app"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("app/compose.yaml:13:15") && ran.out.contains("has no stage \"nothing\""),
        "{}",
        ran.out
    );
}

#[test]
fn check_of_a_folder_counts_who_builds_the_dockerfile() {
    let folder = project();
    let skipped =
        |paths: &[&str]| check(&folder, paths).into_iter().find(|it| it.contains("test-stage-skipped"));
    assert_eq!(skipped(&["app"]), Some("app/Dockerfile: test-stage-skipped: hint".into()));
    assert_eq!(skipped(&["app/Dockerfile"]), Some("app/Dockerfile: test-stage-skipped: information".into()));
}

#[test]
fn check_takes_a_compose_file_that_is_named_for_what_it_is() {
    let folder = project();
    assert_eq!(check(&folder, &["app/compose.yaml"]), ["app/compose.yaml: target-not-found: error"]);
    let ran = folder.run(&["check", "app/compose.yaml"]);
    assert!(ran.out.contains("app/Dockerfile has no stage \"nothing\""), "{}", ran.out);
    assert_eq!(check(&folder, &["app/docker-bake.hcl"]), [""; 0]);
    // Whatever says nothing of builds is taken for a Dockerfile.
    folder.write("odd.yaml", b"FROM alpine:3.24\nRNU x\n");
    assert_eq!(check(&folder, &["odd.yaml"]), ["odd.yaml: unknown-instruction: error"]);
}

#[test]
fn check_says_everything_once() {
    let folder = project();
    let once = check(&folder, &["."]);
    for paths in [
        &["./."][..],
        &["."; 2],
        &[".", "app"],
        &["app", "."],
        &["app", "app/compose.yaml", "app/Dockerfile", "."],
        &["./app", "app/../app"],
    ] {
        let found = check(&folder, paths);
        assert_eq!(found.len(), once.len(), "{paths:?}: {found:?}");
    }
    let ran = folder.run(&["check", "./app"]);
    assert!(ran.out.contains("in 2 files"), "{}", ran.out);
}

#[test]
fn check_fixes_what_is_beside_the_dockerfiles() {
    let text = "services:\n  web:\n    build:\n      context: .\n      target: prdo\n";
    let folder = Folder::with(&[("Dockerfile", DOCKERFILE), ("compose.yaml", text)]);
    let ran = folder.run(&["check", "--fix", "."]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let fixed = std::fs::read_to_string(folder.path().join("compose.yaml")).expect("it is there");
    assert_eq!(fixed, text.replace("prdo", "prod"));
}

#[test]
fn a_comment_switches_a_rule_off() {
    let text = "services:\n  web:\n    build:\n      context: .\n      target: prdo # dockerfile-ls: skip=target-not-found\n";
    let folder = Folder::with(&[("Dockerfile", DOCKERFILE), ("compose.yaml", text)]);
    assert!(!check(&folder, &["."]).iter().any(|it| it.contains("target-not-found")));
}

#[test]
fn settings_count_beside_the_dockerfiles() {
    let text = "services:\n  web:\n    build:\n      context: .\n      target: prdo\n";
    let folder = Folder::with(&[("Dockerfile", DOCKERFILE), ("compose.yaml", text)]);
    folder.write("dockerfile-ls.toml", b"[rules]\ntarget-not-found = \"hint\"\n");
    assert!(check(&folder, &["."]).contains(&"compose.yaml: target-not-found: hint".into()));
    folder.write("dockerfile-ls.toml", b"[rules]\ntarget-not-found = \"off\"\n");
    assert!(!check(&folder, &["."]).iter().any(|it| it.contains("target-not-found")));
}

#[test]
fn graph_of_a_folder_names_who_builds_each_stage() {
    let folder = project();
    folder.write("other/Dockerfile", b"FROM alpine:3.24 AS other\n");
    let ran = folder.run(&["graph", "--format", "json", "."]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let all = ran.json();
    let files: Vec<_> = all.as_array().expect("a list").iter().map(|it| it["file"].clone()).collect();
    assert_eq!(files, ["app/Dockerfile", "other/Dockerfile"]);
    let stages = &all[0]["stages"];
    assert_eq!(stages[2]["users"], json!(["compose service `web`", "bake target `app`"]));
    assert_eq!(stages[1]["users"], json!(["compose service `check`"]));
    assert_eq!(stages[0].get("users"), None);
    assert_eq!(all[0]["target"], 2);

    let ran = folder.run(&["graph", "."]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let (first, second) = ran.out.split_once("\n\nother/Dockerfile: ").expect("both are there");
    assert!(first.starts_with("app/Dockerfile: "), "{}", ran.out);
    assert!(
        first.contains("built by:\n") && first.contains("compose service `web`, bake target `app`"),
        "{first}"
    );
    assert!(!second.contains("built by"), "{second}");
    for format in ["dot", "mermaid"] {
        assert_eq!(folder.run(&["graph", "--format", format, "."]).code, 0);
    }
}
