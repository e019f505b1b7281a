//! Paths, images and links: what lies around a Dockerfile on the disk.

use std::{fs, thread, time::Duration};

use serde_json::{Value, json};

use crate::editor::{Editor, Folder, capabilities};

const DOCKERFILE: &str = "FROM node:22-alpine\nCOPY \nFROM \n";

/// The labels of what is offered at a place, of some kinds (LSP, `CompletionItemKind`).
fn offered(editor: &mut Editor, path: &str, place: &str, kinds: &[i64]) -> Vec<String> {
    let found = editor.ask_at("textDocument/completion", path, place);
    let items = found["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|item| kinds.contains(&item["kind"].as_i64().expect("a kind")));
    items.map(|item| item["label"].as_str().expect("a label").to_owned()).collect()
}

#[track_caller]
fn links_of(editor: &mut Editor, path: &str) -> Vec<Value> {
    let params = json!({"textDocument": {"uri": editor.folder.uri(path)}});
    editor.ask("textDocument/documentLink", params).as_array().expect("a list").clone()
}

/// Files and folders.
const PATHS: [i64; 2] = [17, 19];
/// What we call images.
const IMAGES: [i64; 1] = [18];

fn project(files: &[(&str, &str)]) -> Editor {
    let mut all = vec![("Dockerfile", DOCKERFILE)];
    all.extend(files);
    let mut editor = Editor::new(&all);
    editor.open("Dockerfile");
    editor
}

#[test]
fn paths_are_those_that_the_builder_gets() {
    let mut editor =
        project(&[("src/a.js", ""), ("dist/x/y", ""), ("package.json", ""), (".dockerignore", "dist\n")]);
    let paths = |editor: &mut Editor, place: &str| offered(editor, "Dockerfile", place, &PATHS);
    assert_eq!(paths(&mut editor, "COPY $0"), ["Dockerfile", "package.json", "src/", ".dockerignore"]);
    editor.on_disk(".dockerignore", Some("*\n!src\n!dist/x\n"));
    assert_eq!(paths(&mut editor, "COPY $0"), ["dist/", "src/"]);
    editor.replace("Dockerfile", "COPY ", "COPY dist/");
    assert_eq!(paths(&mut editor, "COPY dist/$0"), ["x/"]);
    editor.replace("Dockerfile", "COPY dist/", "COPY ../../");
    assert_eq!(paths(&mut editor, "COPY ../../$0"), ["dist/", "src/"]);
    editor.finish();
}

#[test]
fn paths_start_at_the_build_context_that_a_build_gives() {
    let compose = "services:\n  web:\n    build:\n      context: ..\n      dockerfile: docker/Dockerfile\n";
    let mut editor = Editor::new(&[
        ("docker/Dockerfile", "FROM scratch\nCOPY \n"),
        ("docker/compose.yaml", compose),
        ("docker/inside", ""),
        ("main.go", ""),
        ("left-out", ""),
        (".dockerignore", "left-out\n"),
    ]);
    editor.open("docker/Dockerfile");
    let found = offered(&mut editor, "docker/Dockerfile", "COPY $0", &PATHS);
    assert_eq!(found, ["docker/", "main.go", ".dockerignore"]);
    editor.set("docker/Dockerfile", "FROM scratch\nCOPY main.go docker/inside inside /x/\n");
    let links = links_of(&mut editor, "docker/Dockerfile");
    assert_eq!(texts(&editor, "docker/Dockerfile", &links), ["main.go", "docker/inside"]);
    editor.open("docker/compose.yaml");
    let links = links_of(&mut editor, "docker/compose.yaml");
    assert_eq!(texts(&editor, "docker/compose.yaml", &links), ["docker/Dockerfile"]);
    assert_eq!(links[0]["target"], editor.folder.uri("docker/Dockerfile"));
    editor.finish();
}

#[cfg(unix)]
#[test]
fn odd_things_in_a_folder_stop_nobody() {
    use std::os::unix::{
        ffi::OsStrExt,
        fs::{PermissionsExt, symlink},
    };

    let folder =
        Folder::with(&[("project/Dockerfile", DOCKERFILE), ("project/real/x", ""), ("secret/key", "")]);
    let path = |name: &str| folder.path(&format!("project/{name}"));
    symlink(path("loop"), path("loop")).expect("a link");
    symlink(".", path("here")).expect("a link");
    symlink("../secret", path("out")).expect("a link");
    symlink("real", path("in")).expect("a link");
    symlink("../secret/key", path("key")).expect("a link");
    fs::create_dir(path("shut")).expect("a folder");
    fs::set_permissions(path("shut"), fs::Permissions::from_mode(0o000)).expect("they can be set");
    let pipe = std::process::Command::new("mkfifo").arg(path("pipe")).status();
    assert!(pipe.is_ok_and(|status| status.success()));
    fs::write(path("").join(std::ffi::OsStr::from_bytes(b"\xff\xfe")), "").expect("a file");
    fs::create_dir(path("huge")).expect("a folder");
    for number in 0..5000 {
        fs::write(path(&format!("huge/{number}")), "").expect("a file");
    }
    let mut editor = Editor::with(capabilities(), folder);
    editor.open("project/Dockerfile");
    let mut paths = |typed: &str| {
        editor.set("project/Dockerfile", &format!("FROM scratch\nCOPY {typed}\n"));
        offered(&mut editor, "project/Dockerfile", &format!("COPY {typed}$0"), &PATHS)
    };
    assert_eq!(paths(""), ["Dockerfile", "here/", "huge/", "in/", "key", "loop", "out", "real/", "shut/"]);
    assert_eq!(paths("in/"), ["x"]);
    for nothing in ["out/", "loop/", "pipe/", "shut/", "real/../../secret/", "key/"] {
        let _ = paths(nothing);
        assert_eq!(paths(nothing), [""; 0], "{nothing}");
    }
    let many = paths("huge/").len();
    assert!((100..=1000).contains(&many), "{many}");
    editor.set(
        "project/Dockerfile",
        "FROM scratch\nCOPY real/x in/x key pipe out/key loop shut huge/1 here/real/x /x/\n",
    );
    let links = links_of(&mut editor, "project/Dockerfile");
    assert_eq!(texts(&editor, "project/Dockerfile", &links), ["real/x", "in/x", "huge/1", "here/real/x"]);
    fs::set_permissions(editor.folder.path("project/shut"), fs::Permissions::from_mode(0o700))
        .expect("they can be set");
    editor.finish();
}

#[test]
fn images_of_the_workspace_are_offered() {
    let mut editor = project(&[
        ("a/Dockerfile", "FROM ghcr.io/acme/base:7 AS x\nFROM x\nCOPY --from=busybox:1 /a /b\n"),
        ("b/Dockerfile", "ARG V=7\nFROM ghcr.io/acme/base:$V\nFROM node:20\n"),
    ]);
    let expected = ["node:22-alpine", "ghcr.io/acme/base:7", "busybox:1", "node:20"];
    let place = "\nFROM $0\n";
    until_offered(&mut editor, place, |found| found.iter().take(4).eq(expected.iter()));
    editor.on_disk("b/Dockerfile", Some("FROM rust:1.91\n"));
    until_offered(&mut editor, place, |found| found.iter().any(|image| image == "rust:1.91"));
    editor.finish();
}

/// Images are gathered while the server answers.
#[track_caller]
fn until_offered(editor: &mut Editor, place: &str, is_so: impl Fn(&[String]) -> bool) {
    for _ in 0..200 {
        if is_so(&offered(editor, "Dockerfile", place, &IMAGES)) {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("waited in vain: {:?}", offered(editor, "Dockerfile", place, &IMAGES));
}

#[test]
fn links_open_what_they_say() {
    let mut editor = project(&[("a b", ""), ("é/ü", "")]);
    let text = "# syntax=docker/dockerfile:1\nFROM node:22 AS é\nCOPY [\"a b\", \"é/ü\", \"/x/\"]\nADD https://example.com/a /b\n";
    editor.set("Dockerfile", text);
    let links = links_of(&mut editor, "Dockerfile");
    assert_eq!(
        texts(&editor, "Dockerfile", &links),
        ["docker/dockerfile", "1", "node", "22", "a b", "é/ü", "https://example.com/a"]
    );
    assert_eq!(links[2]["target"], "https://hub.docker.com/_/node");
    assert_eq!(links[2]["tooltip"], "Open `node` at Docker Hub");
    assert!(links[4]["target"].as_str().is_some_and(|uri| uri.ends_with("/a%20b")), "{}", links[4]);
    assert!(links[5]["target"].as_str().is_some_and(|uri| uri.ends_with("/%C3%A9/%C3%BC")), "{}", links[5]);
    assert_eq!(links[6]["target"], "https://example.com/a");
    editor.finish();
}

/// The texts that links stand at.
fn texts(editor: &Editor, path: &str, links: &[Value]) -> Vec<String> {
    let text = editor.text(path);
    let lines: Vec<Vec<u16>> = text.split('\n').map(|line| line.encode_utf16().collect()).collect();
    let place = |value: &Value| {
        let number = |key: &str| value[key].as_u64().expect("a number") as usize;
        (number("line"), number("character"))
    };
    let one = |link: &Value| {
        let ((line, start), (end_line, end)) = (place(&link["range"]["start"]), place(&link["range"]["end"]));
        assert_eq!(line, end_line);
        String::from_utf16(&lines[line][start..end]).expect("whole characters")
    };
    links.iter().map(one).collect()
}
