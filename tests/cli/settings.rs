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
