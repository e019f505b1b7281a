//! `dockerfile-ls.toml` and comments on the command line.

use std::{fs, path::Path};

use serde_json::{Map, Value, json};

use crate::run::Folder;

const HIDDEN: &str = "FROM alpine:3.20 AS scratch\n";

#[test]
fn the_nearest_file_above_counts() {
    let folder = Folder::with(&[
        ("Dockerfile", HIDDEN),
        ("sub/deep/Dockerfile", HIDDEN),
        ("dockerfile-ls.toml", "[rules]\nReservedStageName = \"off\"\n"),
        ("sub/dockerfile-ls.toml", "[rules]\nReservedStageName = \"error\"\n"),
    ]);
    assert_eq!(folder.run(&["check", "Dockerfile"]).code, 0);
    let ran = folder.run(&["check", "--fail-on", "error", "sub"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("ReservedStageName"), "{ran:?}");
}

#[test]
fn what_can_not_be_used_is_named_with_its_file_and_line() {
    let folder = Folder::with(&[
        ("Dockerfile", HIDDEN),
        ("dockerfile-ls.toml", "[rules]\nReservedStageNam = \"off\"\nReservedStageName = \"off\"\n"),
    ]);
    let ran = folder.run(&["check"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, "nothing found in 1 file\n"), "{ran:?}");
    let expected =
        "dockerfile-ls.toml:2: there is no rule `ReservedStageNam`; did you mean `ReservedStageName`?\n";
    assert!(ran.err.ends_with(expected), "{ran:?}");
}

#[test]
fn comments_hide_findings() {
    let folder = Folder::with(&[("Dockerfile", &format!("# check=skip=ReservedStageName\n{HIDDEN}"))]);
    assert_eq!(folder.run(&["check"]).out, "nothing found in 1 file\n");
}

#[test]
fn all_settings_are_listed_in_either_spelling() {
    let folder = Folder::new();
    let list = folder.run(&["settings"]);
    assert_eq!(list.code, 0, "{list:?}");
    assert!(list.out.lines().any(|line| line.starts_with("inlay-hints.stage-numbers  ")), "{list:?}");
    let names = |arguments: &[&str]| {
        let schema = folder.run(arguments).json();
        schema["properties"].as_object().expect("a table").keys().cloned().collect::<Vec<_>>()
    };
    assert!(names(&["settings", "--format", "json-schema"]).contains(&"inlay-hints".to_owned()));
    assert!(names(&["settings", "--format", "json-schema", "--editor"]).contains(&"inlayHints".to_owned()));
}

#[test]
fn the_settings_in_vs_code_are_the_server_s() {
    let schema = Folder::new().run(&["settings", "--format", "json-schema", "--editor"]).json();
    let mut expected = Map::new();
    for (name, group) in schema["properties"].as_object().expect("a table") {
        if name == "rules" {
            let mut rules = group.clone();
            rules["default"] = json!({});
            expected.insert("dockerfile-ls.rules".into(), rules);
            continue;
        }
        for (key, setting) in group["properties"].as_object().expect("a table") {
            expected.insert(format!("dockerfile-ls.{name}.{key}"), setting.clone());
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("editors/vscode/package.json");
    let manifest: Value =
        serde_json::from_str(&fs::read_to_string(file).expect("it is there")).expect("JSON");
    let groups = manifest["contributes"]["configuration"].as_array().expect("a list");
    let ours = groups.iter().find(|group| group["title"] == "Server").expect("a group of the server's");
    let hint = "run `npm run settings` in editors/vscode";
    assert_eq!(ours["properties"], markdown(expected.into()), "{hint}");
}

/// What VS Code shows with its backticks as code, by the names that it has for such texts.
fn markdown(value: Value) -> Value {
    let Value::Object(table) = value else { return value };
    let entries = table.into_iter().map(|(key, value)| match (key.as_str(), &value) {
        ("description", Value::String(_)) => ("markdownDescription".into(), value),
        ("enumDescriptions", _) => ("markdownEnumDescriptions".into(), value),
        _ => (key, markdown(value)),
    });
    entries.collect::<Map<_, _>>().into()
}
