//! `dockerfile-ls graph`.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

use crate::run::Folder;

const STAGES: &str = "\
ARG VARIANT=release
FROM node:22 AS base-release
ONBUILD COPY --from=tools /t /t
FROM node:23 AS base-debug
FROM scratch AS tools
FROM base-${VARIANT} AS app
RUN --mount=from=tools,target=/t make
FROM alpine AS dup
FROM busybox AS dup
FROM golang
COPY --from=DUP /a /a
COPY --from=app /b /b
COPY --from=0 /c /c
";

fn graph(arguments: &[&str], text: &str) -> Value {
    let all = [&["graph", "--format", "json"], arguments, &["-"]].concat();
    let ran = Folder::new().run_with_input(&all, text.as_bytes());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    ran.json()
}

#[test]
fn json_has_stages_edges_images_and_the_target() {
    let stage = |index, name: Option<&str>, line, kind, value, base: Option<u32>, built| {
        json!({
            "index": index, "name": name, "line": line, "built": built,
            "base": { "kind": kind, "value": value, "stage": base },
            // The name of stage 4 is given again.
            "tests": false, "findings": { "errors": 0, "warnings": u32::from(index == 5) },
        })
    };
    let edge = |from, to, kind, line, paths: &[&str]| json!({ "from": from, "to": to, "kind": kind, "line": line, "paths": paths });
    assert_eq!(
        graph(&[], STAGES),
        json!({
            "stages": [
                stage(0, Some("base-release"), 2, "image", "node:22", None, true),
                stage(1, Some("base-debug"), 4, "image", "node:23", None, false),
                stage(2, Some("tools"), 5, "scratch", "scratch", None, true),
                stage(3, Some("app"), 6, "stage", "base-release", Some(0), true),
                stage(4, Some("dup"), 8, "image", "alpine", None, false),
                stage(5, Some("dup"), 9, "image", "busybox", None, true),
                stage(6, None, 10, "image", "golang", None, true),
            ],
            "edges": [
                edge(0, 3, "from", 6, &[]), edge(2, 3, "onbuild", 3, &["/t"]), edge(2, 3, "mount", 7, &["/"]),
                edge(5, 6, "copy", 11, &["/a"]), edge(3, 6, "copy", 12, &["/b"]), edge(0, 6, "copy", 13, &["/c"]),
            ],
            "alternatives": [{ "from": 1, "to": 3, "line": 6, "paths": [] }],
            "sources": [],
            "unresolved": [],
            "images": ["busybox:latest", "golang:latest", "node:22"],
            "target": 6,
        })
    );
}

#[test]
fn arguments_and_target_change_what_is_built() {
    let graph = graph(&["--target", "APP", "--build-arg", "VARIANT=debug"], STAGES);
    assert_eq!(graph["target"], 3);
    assert_eq!(graph["images"], json!(["node:23"]));
    assert_eq!(graph["stages"][3]["base"], json!({ "kind": "stage", "value": "base-debug", "stage": 1 }));
    let built: Vec<bool> =
        graph["stages"].as_array().unwrap().iter().map(|stage| stage["built"] == true).collect();
    assert_eq!(built, [false, true, true, true, false, false, false]);
}

#[test]
fn an_argument_without_a_value_comes_from_the_environment() {
    let folder = Folder::with(&[("Dockerfile", STAGES)]);
    let arguments = ["graph", "--format", "json", "--target", "app", "--build-arg", "VARIANT"];
    for (value, images) in [(Some("debug"), json!(["node:23"])), (None, json!(["node:22"]))] {
        let mut command = folder.command(&arguments);
        command.env_remove("VARIANT").envs(value.map(|value| ("VARIANT", value)));
        let output = command.output().expect("it starts");
        let graph: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
        assert_eq!(graph["images"], images, "{value:?}");
    }
}

#[test]
fn a_base_that_means_nothing_is_unknown_and_as_written() {
    let graph = graph(&[], "FROM ${NOTHING} AS a\nFROM Upper\nFROM\n");
    let base = |index: usize| graph["stages"][index]["base"].clone();
    assert_eq!(base(0), json!({ "kind": "unknown", "value": "${NOTHING}", "stage": null }));
    assert_eq!(base(1), json!({ "kind": "unknown", "value": "Upper", "stage": null }));
    assert_eq!(base(2), json!({ "kind": "unknown", "value": "", "stage": null }));
}

#[test]
fn what_is_no_stage_stands_beside_the_edges() {
    let graph = graph(
        &[],
        "FROM a\nCOPY --from=nginx:1 /x /y /z/\nCOPY --from=7 /q /r\nRUN --mount=from=$X,src=/s true\n",
    );
    let image = json!({ "image": "nginx:1", "context": false, "to": 0, "kind": "copy", "line": 2, "paths": ["/x", "/y"] });
    let missing = |name, kind, line, path| json!({ "name": name, "to": 0, "kind": kind, "line": line, "paths": [path] });
    let unresolved = json!([missing("7", "copy", 3, "/q"), missing("$X", "mount", 4, "/s")]);
    assert_eq!((&graph["sources"], &graph["unresolved"]), (&json!([image]), &unresolved));
}

#[test]
fn a_file_without_stages_has_no_target() {
    for text in ["", "# nothing\n", "ARG A\n", "RUN x\n"] {
        let expected = json!({
            "stages": [], "edges": [], "alternatives": [], "sources": [], "unresolved": [], "images": [], "target": null,
        });
        assert_eq!(graph(&["--target", "x"], text), expected, "{text:?}");
    }
}

#[test]
fn text_is_the_default_and_starts_at_the_target() {
    let ran = Folder::with(&[("Dockerfile", STAGES)]).run(&["graph"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!(ran.out, @r##"
        Dockerfile: 5 of 7 stages built

        stage 6 (target)          line 10: FROM golang
        ├─ COPY base-release      line 2: FROM node:22
        ├─ COPY app               line 6: FROM base-release
        │  ├─ FROM base-release   line 2: FROM node:22
        │  ├─ mount tools         line 5: FROM scratch
        │  └─ ONBUILD tools       line 5: FROM scratch
        └─ COPY dup               line 9: FROM busybox

        not built:
          base-debug   line 4: FROM node:23
          dup          line 8: FROM alpine

        images pulled:
          busybox:latest
          golang:latest
          node:22
        "##);
}

#[test]
fn an_unknown_target_ends_with_2() {
    let folder = Folder::with(&[("web/Dockerfile", STAGES)]);
    let ran = folder.run(&["graph", "--target", "tolos", "web/Dockerfile"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_eq!(
        ran.err,
        "dockerfile-ls: web/Dockerfile: no stage is called `tolos` (did you mean `tools`?)\n"
    );
}

#[test]
fn what_cannot_be_read_ends_with_2() {
    let folder = Folder::with(&[("web/Dockerfile", STAGES)]);
    for path in ["Dockerfile", "web/nothing"] {
        let ran = folder.run(&["graph", path]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{path}");
        assert!(ran.err.starts_with(&format!("dockerfile-ls: cannot read {path}: ")), "{ran:?}");
    }
}

#[test]
fn drawings_hold_every_stage() {
    for (format, start) in [("mermaid", "flowchart LR\n"), ("dot", "digraph stages {\n")] {
        let ran = Folder::new().run_with_input(&["graph", "--format", format, "-"], STAGES.as_bytes());
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.starts_with(start), "{}", ran.out);
        for index in 0..7 {
            assert!(ran.out.contains(&format!("  s{index}")), "{index}: {}", ran.out);
        }
    }
}

#[test]
fn a_picture_has_colours_of_its_own_and_can_leave_out_what_is_not_needed() {
    let draw = |arguments: &[&str]| {
        let all = [&["graph", "--format", "svg"], arguments, &["-"]].concat();
        let ran = Folder::new().run_with_input(&all, STAGES.as_bytes());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out
    };
    let stages = |svg: &str| svg.matches("class=\"stage\"").count();
    let (light, dark) = (draw(&[]), draw(&["--theme", "dark"]));
    assert!(light.starts_with("<svg ") && light.contains("fill=\"#ffffff\"") && !light.contains("var("));
    assert!(dark.contains("fill=\"#1f1f1f\"") && stages(&dark) == 7);
    assert_eq!(draw(&[]), light, "the same each time");
    let needed = draw(&["--needed"]);
    assert!(stages(&needed) < 7 && needed.contains(">default</text>"), "{needed}");
    assert!(draw(&["--target", "app"]).contains(">target</text>"));
}

#[test]
fn a_folder_is_no_picture() {
    let ran = Folder::with(&[("Dockerfile", STAGES)]).run(&["graph", "--format", "svg", "."]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("a picture is of one Dockerfile"), "{ran:?}");
}

/// Names and bases that would break out of quotes, if anything does.
#[test]
fn graphviz_reads_what_is_drawn() {
    if Command::new("dot").arg("-V").output().is_err() {
        eprintln!("skipped: Graphviz is not installed");
        return;
    }
    let folder = Folder::new();
    let text = "FROM a\"b\\ AS x\"];y\nFROM \\\"$`{}<b>&lt;| AS {a|b}\nFROM ${X:-'\"'} AS \\\nFROM x AS \\N\nCOPY --from=0 /a /b\n";
    for source in [text, STAGES] {
        let drawn = folder.run_with_input(&["graph", "--format", "dot", "-"], source.as_bytes());
        folder.write("graph.dot", drawn.out.as_bytes());
        let svg = Command::new("dot").args(["-Tsvg", "graph.dot"]).current_dir(folder.path()).output();
        let svg = svg.expect("it was there before");
        assert!(svg.status.success() && svg.stderr.is_empty(), "{svg:?}\n{}", drawn.out);
    }
}

/// BuildKit's verdicts lie beside the project and are not part of it.
#[test]
fn the_images_are_those_that_buildkit_pulls() {
    let cases = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/oracle/cases.jsonl"));
    let Ok(cases) = fs::read_to_string(cases) else {
        eprintln!("skipped: there is no ../shared with BuildKit's verdicts beside the project");
        return;
    };
    let (mut equal, mut refused, mut failing) = (0, 0, 0);
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).expect("each line is JSON");
        let mut arguments: Vec<String> = ["graph", "--format", "json"].map(Into::into).into();
        if let Some(target) = case["target"].as_str() {
            arguments.extend(["--target".into(), target.into()]);
        }
        for (name, value) in case["build_args"].as_object().into_iter().flatten() {
            arguments.extend(["--build-arg".into(), format!("{name}={}", value.as_str().unwrap())]);
        }
        arguments.push("-".into());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let dockerfile = case["dockerfile"].as_str().expect("a case has a file");
        let ran = Folder::new().run_with_input(&arguments, dockerfile.as_bytes());
        let error = case["build"]["error"].as_str();
        let unknown_target = error.is_some_and(|error| error.starts_with("target stage"));
        assert_eq!(ran.code, if unknown_target { 2 } else { 0 }, "{}: {ran:?}", case["name"]);
        match (unknown_target, error) {
            (true, _) => refused += 1,
            // What a build that fails would have pulled is no question; that there is an answer was asserted.
            (_, Some(_)) => failing += 1,
            _ => {
                assert_eq!(ran.json()["images"], case["build"]["images"], "{}", case["name"]);
                equal += 1;
            }
        }
    }
    println!("images equal in {equal} cases that build; {refused} targets refused, {failing} builds fail");
}
