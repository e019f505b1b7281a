//! `dockerfile-ls.toml` and comments on the command line.

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
