//! `dockerfile-ls check`.

use std::{fs, process::Stdio};

use serde_json::{Value, json};

use crate::run::Folder;

const MISSPELT: &str = "FROM node:20 AS builder\nFROM alpine:3.20\nCOPY --from=bulder /a /b\n";

#[test]
fn a_clean_file_ends_with_0() {
    let folder = Folder::with(&[("Dockerfile", "FROM scratch\nCOPY a /a\n")]);
    let ran = folder.run(&["check", "Dockerfile"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "nothing found in 1 file\n", ""));
    let ran = folder.run(&["check", "--format", "json", "Dockerfile"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "[]\n"));
}

/// How many files a run says it read.
fn files(folder: &Folder, arguments: &[&str]) -> String {
    let ran = folder.run(arguments);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out.trim().rsplit_once(" in ").expect("there is a summary").1.to_owned()
}

#[test]
fn folders_are_searched_as_git_would() {
    let clean = "FROM scratch\nCOPY a /a\n";
    let folder = Folder::with(&[
        ("Dockerfile", clean),
        ("sub/dev.Dockerfile", clean),
        ("sub/Containerfile.ci", clean),
        (".devcontainer/Dockerfile", clean),
        ("sub/Dockerfile.md", "# Notes\n"),
        ("sub/.dockerignore", "*.md\n"),
        ("notes/file.txt", clean),
        (".git/Dockerfile", clean),
        (".gitignore", "/ignored\n*.skip\n"),
        ("ignored/Dockerfile", clean),
        ("Dockerfile.skip", clean),
    ]);
    assert_eq!(files(&folder, &["check"]), "4 files");
    assert_eq!(files(&folder, &["check", "."]), "4 files");
    assert_eq!(files(&folder, &["check", "sub"]), "2 files");
    assert_eq!(files(&folder, &["check", "sub", "sub/dev.Dockerfile", "./sub"]), "2 files", "each once");
    assert_eq!(files(&folder, &["check", "ignored/Dockerfile", "notes/file.txt"]), "2 files", "named itself");
}

#[test]
fn the_dockerignore_beside_a_file_counts_and_its_own_more() {
    let folder = Folder::with(&[
        ("Dockerfile", "FROM scratch\nCOPY a.log /a\n"),
        ("dev.Dockerfile", "FROM scratch\nCOPY a.log /a\n"),
        (".dockerignore", "*.log\n"),
        ("dev.Dockerfile.dockerignore", "*.md\n"),
    ]);
    let found = folder.run(&["check", "--format", "json"]).json();
    let found: Vec<_> =
        found.as_array().expect("an array").iter().map(|it| (&it["code"], &it["file"])).collect();
    assert_eq!(found, [(&json!("CopyIgnoredFile"), &json!("Dockerfile"))]);
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_in_circles() {
    let folder = Folder::with(&[("a/Dockerfile", "FROM scratch\nCOPY a /a\n")]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("a/up")).expect("links can be made");
    std::os::unix::fs::symlink("nowhere", folder.path().join("a/Dockerfile.gone"))
        .expect("links can be made");
    assert_eq!(files(&folder, &["check"]), "1 file");
    assert_eq!(files(&folder, &["check", "a/up"]), "1 file");
}

#[test]
fn a_folder_without_dockerfiles_is_said() {
    let ran = Folder::new().run(&["check"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.contains("there is no Dockerfile"), "{ran:?}");
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_checked() {
    let folder = Folder::with(&[("Dockerfile", "FROM scratch\nCOPY a /a\n")]);
    let ran = folder.run(&["check", "missing", "Dockerfile"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, "nothing found in 1 file\n"));
    assert!(ran.err.starts_with("dockerfile-ls: cannot read missing: "), "{ran:?}");
    let ran = folder.run(&["check", "--format", "json", "missing"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, "[]\n"));
}

#[test]
fn text_that_is_no_text_is_read_all_the_same() {
    let folder = Folder::new();
    folder.write("latin1", b"FROM scratch\n# caf\xe9\nCOPY a /a\n");
    folder.write("binary", &(0..=255).cycle().take(100_000).collect::<Vec<u8>>());
    folder.write("long", &[b'x'; 1_000_000]);
    folder.write("large", &vec![b'\n'; (16 << 20) + 1]);
    folder.write("empty", b"");
    let ran = folder.run(&["check", "--fail-on", "never", "latin1"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "nothing found in 1 file\n"));
    let ran = folder.run(&["check", "--fail-on", "never", "binary", "long", "empty"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    let ran = folder.run(&["check", "large"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("16 MiB"), "{ran:?}");
}

#[test]
fn a_reader_that_closes_early_is_no_failure() {
    let folder = Folder::with(&[("Dockerfile", MISSPELT)]);
    for format in ["text", "json", "sarif", "github"] {
        let mut command = folder.command(&["check", "--fail-on", "never", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
}

#[test]
fn a_target_must_be_in_one_of_the_files() {
    let folder = Folder::with(&[
        ("Dockerfile", "FROM scratch AS web\nCOPY a /a\n"),
        ("other/Dockerfile", "FROM scratch\nCOPY a /a\n"),
    ]);
    assert_eq!(folder.run(&["check", "--target", "web", "."]).code, 0);
    let ran = folder.run(&["check", "--target", "wbe", "Dockerfile"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_eq!(ran.err, "dockerfile-ls: Dockerfile: no stage is called `wbe` (did you mean `web`?)\n");
}

#[test]
fn findings_have_their_place_in_json() {
    let folder = Folder::with(&[("Dockerfile", MISSPELT)]);
    let ran = folder.run(&["check", "--format", "json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let all = ran.json();
    let found = finding(&all, "unknown-stage-reference");
    assert_eq!(found["file"], "Dockerfile");
    assert_eq!(found["severity"], "warning");
    assert_eq!(found["range"], span(3, 13, 19));
    let fix = &found["fixes"][0]["edits"][0];
    assert_eq!((&fix["text"], &fix["range"]), (&json!("builder"), &span(3, 13, 19)));
}

#[test]
fn sarif_names_files_from_the_current_folder() {
    let folder = Folder::with(&[("a b/Dockerfile", MISSPELT)]);
    let ran = folder.run(&["check", "--format", "sarif"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let log = ran.json();
    assert_eq!(log["version"], "2.1.0");
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"], json!({ "uri": "a%20b/Dockerfile", "uriBaseId": "%SRCROOT%" }));
    assert_eq!(place["region"]["startLine"], 3);
}

#[test]
fn annotations_name_files_from_the_root_of_the_workspace() {
    let folder = Folder::with(&[("web/Dockerfile", MISSPELT)]);
    let mut command = folder.command(&["check", "--format", "github", "Dockerfile"]);
    let root = folder.path().canonicalize().expect("it is there");
    command.current_dir(root.join("web")).env("GITHUB_WORKSPACE", &root);
    let output = command.output().expect("it starts");
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.starts_with("::warning file=web/Dockerfile,line=3,col=13,endLine=3,endColumn=19,"), "{out}");
}

#[test]
fn columns_count_characters_whatever_the_line_endings() {
    let text = "# é😀\r\nFROM node:20 AS builder\r\nFROM alpine:3.20\r\nRUN echo é😀 \\\r\n  x\r\nCOPY --from=bulder /é /b\r\n";
    for bom in ["", "\u{feff}"] {
        let ran = Folder::new()
            .run_with_input(&["check", "--format", "json", "-"], format!("{bom}{text}").as_bytes());
        assert_eq!(ran.code, 1, "{ran:?}");
        let all = ran.json();
        let found = finding(&all, "unknown-stage-reference");
        assert_eq!((&found["file"], &found["range"]), (&json!("<stdin>"), &span(6, 13, 19)));
    }
}

#[test]
fn the_exit_code_follows_fail_on() {
    let folder = Folder::with(&[("Dockerfile", MISSPELT)]);
    for (fail_on, code) in [("error", 0), ("warning", 1), ("information", 1), ("hint", 1), ("never", 0)] {
        assert_eq!(folder.run(&["check", "--fail-on", fail_on]).code, code, "{fail_on}");
    }
    assert_eq!(folder.run(&["check"]).code, 1);
    assert_eq!(folder.run(&["check", "missing", "Dockerfile"]).code, 2, "what is unreadable weighs more");
}

#[test]
fn findings_are_shown_with_their_lines_and_counted() {
    let folder = Folder::with(&[("Dockerfile", MISSPELT)]);
    let ran = folder.run(&["check"]);
    assert!(ran.out.contains("warning[unknown-stage-reference]: "), "{}", ran.out);
    assert!(ran.out.contains(" --> Dockerfile:3:13\n"), "{}", ran.out);
    assert!(ran.out.contains("3 | COPY --from=bulder /a /b\n"), "{}", ran.out);
    assert!(ran.out.contains("= help: "), "{}", ran.out);
    let summary = ran.out.trim_end().lines().last().expect("there is one");
    assert!(summary.contains("1 warning") && summary.contains("in 1 file"), "{summary}");
    assert!(!ran.out.contains('\x1b'), "no colours without a terminal");
}

#[test]
fn the_example_shows_what_is_found() {
    let folder = Folder::new();
    let example = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/Dockerfile")).expect("it is there");
    let ran = folder.run_with_input(&["check", "--format", "json", "-"], &example);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(finding(&ran.json(), "unknown-stage-reference")["fixes"][0]["edits"][0]["text"], "frontend");
    assert!(ran.json().as_array().is_some_and(|all| all.len() >= 4), "{}", ran.out);
}

fn finding<'a>(all: &'a Value, code: &str) -> &'a Value {
    let all = all.as_array().expect("it is an array");
    all.iter().find(|finding| finding["code"] == code).unwrap_or_else(|| panic!("{code} is not in {all:?}"))
}

/// A range on one line.
fn span(line: u32, from: u32, to: u32) -> Value {
    json!({ "start": { "line": line, "column": from }, "end": { "line": line, "column": to } })
}
