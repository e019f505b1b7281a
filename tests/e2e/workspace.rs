//! Stages across files: Compose, Bake, workflows, scripts and dev containers beside the Dockerfile.

use std::fs;

use serde_json::{Value, json};

use crate::{
    client::{Client, given},
    editor::{Editor, Folder, capabilities, codes},
};

const DOCKERFILE: &str = "\
FROM golang:1.26 AS build
ARG FLAGS
RUN make $FLAGS
FROM build AS test
RUN make check
FROM alpine:3.24 AS prod
COPY --from=build /app /app
";

/// Files that say what is built, with the name of the stage that each asks for.
const SOURCES: [(&str, &str, &str); 7] = [
    (
        "compose.yaml",
        "services:\n  web:\n    build:\n      context: .\n      target: prod\n    image: web\n",
        "target: $0prod",
    ),
    (
        "docker-bake.hcl",
        "target \"app\" {\n  target = \"prod\"\n  tags = [\"app\"]\n}\n",
        "target = \"$0prod",
    ),
    (
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  image:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          \
         context: .\n          target: prod\n          push: true\n",
        "target: $0prod",
    ),
    (
        ".devcontainer/devcontainer.json",
        "{\n  // Where people work.\n  \"build\": {\"dockerfile\": \"../Dockerfile\", \"context\": \"..\", \"target\": \"prod\"}\n}\n",
        "\"target\": \"$0prod",
    ),
    ("build.sh", "#!/bin/sh\nset -e\ndocker build --target prod .\n", "--target $0prod"),
    ("Makefile", "image:\n\tdocker build --target prod -t app .\n", "--target $0prod"),
    ("README.md", "# How to build\n\n```sh\ndocker build --target prod .\n```\n", "--target $0prod"),
];

/// The Dockerfile, and all of them.
fn project() -> Editor {
    let mut files = vec![("Dockerfile", DOCKERFILE)];
    files.extend(SOURCES.map(|(path, text, _)| (path, text)));
    Editor::new(&files)
}

fn compose(target: &str) -> String {
    format!("services:\n  web:\n    build:\n      context: .\n      target: {target}\n")
}

#[test]
fn a_target_leads_to_its_stage_from_every_kind_of_file() {
    let mut editor = project();
    for (path, _, place) in SOURCES {
        editor.open(path);
        assert_eq!(editor.definition(path, place), ["Dockerfile:6"], "{path}");
        let hover = editor.hover(path, place);
        assert!(hover.starts_with("**prod** · stage 2 of `Dockerfile`, line 6"), "{path}: {hover}");
        assert!(hover.contains("alpine:3.24"), "{path}: {hover}");
    }
    for (path, ..) in SOURCES {
        editor.until_found(path, &[]);
    }
    editor.finish();
}

#[test]
fn stages_are_offered_where_a_target_is_empty_or_half_typed() {
    let mut editor = project();
    for (path, text, place) in SOURCES {
        editor.open(path);
        let empty = place.replace("prod", "");
        for (typed, around, expected) in [
            ("", empty.clone(), &["prod", "test", "build"][..]),
            ("t", empty.replace("$0", "t$0"), &["test"]),
            ("te", empty.replace("$0", "te$0"), &["test"]),
            ("prod", place.replace("$0prod", "pr$0od"), &["prod"]),
        ] {
            editor.set(path, &text.replacen(&place.replace("$0", ""), &place.replace("$0prod", typed), 1));
            assert_eq!(editor.completion(path, &around), expected, "{path} after {typed:?}");
        }
        editor.close(path);
    }
    editor.finish();
}

#[test]
fn an_open_quote_is_no_obstacle() {
    let mut editor = project();
    for (path, old, new, around) in [
        ("compose.yaml", "target: prod", "target: \"te", "target: \"te$0"),
        ("compose.yaml", "target: prod", "target: 'te", "target: 'te$0"),
        ("docker-bake.hcl", "\"prod\"", "\"te", "target = \"te$0"),
        (".devcontainer/devcontainer.json", "\"prod\"}", "\"te", "\"target\": \"te$0"),
        (".github/workflows/ci.yml", "target: prod", "target: \"te", "target: \"te$0"),
        ("build.sh", "prod", "\"te", "--target \"te$0"),
    ] {
        editor.open(path);
        editor.replace(path, old, new);
        assert_eq!(editor.completion(path, around), ["test"], "{path}: {new}");
        editor.close(path);
    }
    editor.finish();
}

#[test]
fn nothing_is_there_to_replace_yet() {
    let mut editor = project();
    for (path, old, new, around) in [
        ("compose.yaml", "target: prod", "target:", "target:$0"),
        ("docker-bake.hcl", "= \"prod\"", "= ", "target = $0"),
        ("build.sh", "--target prod .", "--target ", "--target $0"),
        ("build.sh", "--target prod .", "--target=", "--target=$0"),
    ] {
        editor.open(path);
        editor.replace(path, old, new);
        assert_eq!(editor.completion(path, around), ["prod", "test", "build"], "{path}: {new}");
        editor.close(path);
    }
    editor.finish();
}

#[test]
fn arguments_are_offered_and_lead_to_their_arg() {
    let text = "services:\n  web:\n    build:\n      context: .\n      args:\n        FLAGS: -s\n";
    let mut editor = Editor::new(&[("Dockerfile", DOCKERFILE), ("compose.yaml", text)]);
    editor.open("compose.yaml");
    assert_eq!(editor.definition("compose.yaml", "$0FLAGS"), ["Dockerfile:2"]);
    assert_eq!(editor.completion("compose.yaml", "FL$0AGS"), ["FLAGS"]);
    assert_eq!(editor.definition("compose.yaml", "context: $0."), [""; 0]);
    editor.replace("compose.yaml", "FLAGS", "FLGAS");
    editor.until_found("compose.yaml", &["6:9 undeclared-build-arg"]);
    editor.finish();
}

#[test]
fn a_stage_has_its_references_everywhere_whoever_asks() {
    let mut editor = project();
    editor.open("Dockerfile");
    editor.open("compose.yaml");
    let expected = [
        ".devcontainer/devcontainer.json:3",
        ".github/workflows/ci.yml:9",
        "Dockerfile:6",
        "Makefile:2",
        "README.md:4",
        "build.sh:3",
        "compose.yaml:5",
        "docker-bake.hcl:2",
    ];
    assert_eq!(editor.references("Dockerfile", "AS $0prod"), expected);
    assert_eq!(editor.references("compose.yaml", "target: pr$0od"), expected);
    let hover = editor.hover("Dockerfile", "AS $0prod");
    assert!(
        hover.contains("Target of dev container, step `docker/build-push-action` of ci.yml")
            && hover.contains("and 2 more"),
        "{hover}"
    );
    editor.finish();
}

#[test]
fn a_new_name_reaches_all_files_and_what_is_likely_waits_for_a_confirmation() {
    let mut editor = project();
    editor.open("Dockerfile");
    editor.open("compose.yaml");
    editor.replace("compose.yaml", "image: web", "image: web2");
    let from_dockerfile = editor.rename("Dockerfile", "AS $0prod", "final");
    let from_compose = editor.rename("compose.yaml", "target: pr$0od", "final");
    assert_eq!(from_dockerfile, from_compose);
    assert_eq!(from_compose.len(), SOURCES.len() + 1, "{from_compose:#?}");
    for (path, edited) in &from_compose {
        assert_eq!(edited.text, editor.text(path).replace("prod", "final"), "{path}");
        let version = match path.as_str() {
            "Dockerfile" => json!(1),
            "compose.yaml" => json!(2),
            _ => Value::Null,
        };
        assert_eq!(edited.version, version, "{path}");
        // A README says nothing of the folder that its commands are called in.
        assert_eq!(edited.unsure.len(), usize::from(path == "README.md"), "{path}: {:?}", edited.unsure);
    }
    assert_eq!(editor.shown, [""; 0]);
    let prepared = editor.ask_at("textDocument/prepareRename", "compose.yaml", "target: pr$0od");
    assert_eq!(prepared["placeholder"], "prod");
    let refused = editor.place("compose.yaml", "$0context");
    editor.ask_in_vain("textDocument/prepareRename", refused.clone());
    let mut refused = refused;
    refused["newName"] = json!("x");
    editor.ask_in_vain("textDocument/rename", refused);
    editor.finish();
}

#[test]
fn a_file_that_changed_without_a_word_is_edited_where_the_name_stands_now() {
    let text = "services:\n  web:\n    build: {context: ., target: prod}\n";
    let mut editor = Editor::new(&[("Dockerfile", DOCKERFILE), ("compose.yaml", text)]);
    editor.open("Dockerfile");
    let moved = format!("# A line more.\n{text}");
    editor.folder.write("compose.yaml", &moved);
    let edited = editor.rename("Dockerfile", "AS $0prod", "final");
    assert_eq!(edited["compose.yaml"].text, moved.replace("prod", "final"));
    editor.finish();
}

#[test]
fn a_context_is_found_by_any_way_to_write_its_name() {
    let bake = "target \"default\" {\n  contexts = {\n    base = \"docker-image://alpine\"\n  }\n}\n";
    let text = "FROM base AS a\nFROM docker.io/library/base:latest AS b\nCOPY --from=base:latest /x /x\n";
    let mut editor = Editor::new(&[("Dockerfile", text), ("docker-bake.hcl", bake)]);
    editor.open("Dockerfile");
    for around in ["FROM $0base", "FROM docker.io/$0library", "--from=$0base"] {
        assert_eq!(editor.definition("Dockerfile", around), ["docker-bake.hcl:3"], "{around}");
    }
    editor.finish();
}

#[test]
fn who_cannot_confirm_is_told_what_was_only_likely() {
    for document_changes in [true, false] {
        let mut can = capabilities();
        can["workspace"]["workspaceEdit"] = json!({"documentChanges": document_changes});
        let mut files = vec![("Dockerfile", DOCKERFILE)];
        files.extend(SOURCES.map(|(path, text, _)| (path, text)));
        let mut editor = Editor::with(can, Folder::with(&files));
        editor.open("Dockerfile");
        let edited = editor.rename("Dockerfile", "AS $0prod", "final");
        assert_eq!(edited.len(), SOURCES.len() + 1);
        assert!(edited.values().all(|edited| edited.unsure.is_empty()));
        editor.until("a remark", |editor| !editor.shown.is_empty());
        assert!(editor.shown[0].contains("README.md:4"), "{:?}", editor.shown);
        editor.finish();
    }
}

#[test]
fn what_no_edit_can_change_is_told() {
    let bake = "target \"app\" {\n  matrix = {\n    s = [\"pro\"]\n  }\n  name = \"app-${s}\"\n  target = \"${s}d\"\n}\n";
    let mut editor = Editor::new(&[("Dockerfile", DOCKERFILE), ("docker-bake.hcl", bake)]);
    editor.open("Dockerfile");
    let edited = editor.rename("Dockerfile", "AS $0prod", "final");
    assert_eq!(edited.keys().collect::<Vec<_>>(), ["Dockerfile"]);
    editor.until("a remark", |editor| !editor.shown.is_empty());
    assert!(editor.shown[0].contains("docker-bake.hcl:6"), "{:?}", editor.shown);
    editor.finish();
}

#[test]
fn diagnostics_come_and_go_while_either_file_is_edited() {
    let mut editor = project();
    editor.open("Dockerfile");
    for (path, ..) in SOURCES {
        editor.open(path);
        editor.until_found(path, &[]);
    }
    editor.replace("compose.yaml", "target: prod", "target: prdo");
    editor.until_found("compose.yaml", &["5:15 target-not-found"]);
    let found = &editor.published("compose.yaml")["diagnostics"][0];
    assert_eq!(found["severity"], 1);
    assert_eq!(found["message"], "Dockerfile has no stage \"prdo\" (did you mean \"prod\"?)");
    let related = &found["relatedInformation"][0]["location"];
    assert_eq!(
        (editor.path_of(&related["uri"]), &related["range"]["start"]["line"]),
        ("Dockerfile".into(), &json!(5))
    );
    // Nothing typed yet is no mistake.
    editor.replace("compose.yaml", "target: prdo", "target: ");
    editor.until_found("compose.yaml", &[]);
    editor.replace("compose.yaml", "target: ", "target: prod");
    editor.until_found("compose.yaml", &[]);

    editor.replace("Dockerfile", "AS prod", "AS production");
    let expected = [
        ("compose.yaml", "5:15"),
        ("docker-bake.hcl", "2:13"),
        (".github/workflows/ci.yml", "9:19"),
        (".devcontainer/devcontainer.json", "3:72"),
        ("build.sh", "3:23"),
        ("Makefile", "2:24"),
    ];
    for (path, place) in expected {
        editor.until_found(path, &[&format!("{place} target-not-found")]);
    }
    editor.replace("Dockerfile", "AS production", "AS prod");
    for (path, _) in expected {
        editor.until_found(path, &[]);
    }
    assert_eq!(editor.found("README.md"), [""; 0], "its commands may be called anywhere");
    editor.finish();
}

#[test]
fn a_suggestion_can_be_taken() {
    let text = compose("prdo");
    let mut editor = Editor::new(&[("Dockerfile", DOCKERFILE), ("compose.yaml", &text)]);
    editor.open("compose.yaml");
    let mut params = editor.place("compose.yaml", "target: pr$0do");
    params["range"] = json!({"start": params["position"], "end": params["position"]});
    params["context"] = json!({"diagnostics": []});
    let actions = editor.ask("textDocument/codeAction", params);
    assert_eq!(actions[0]["title"], "Replace by \"prod\"", "{actions}");
    assert_eq!(editor.edited(&actions[0]["edit"])["compose.yaml"].text, compose("prod"));
    editor.finish();
}

#[test]
fn who_pulls_diagnostics_is_told_to_pull_again() {
    let mut can = capabilities();
    can["textDocument"]["diagnostic"] = json!({});
    can["workspace"]["diagnostics"] = json!({"refreshSupport": true});
    let text = compose("prod");
    let mut editor = Editor::with(can, Folder::with(&[("Dockerfile", DOCKERFILE), ("compose.yaml", &text)]));
    editor.open("Dockerfile");
    editor.open("compose.yaml");
    editor.settle();
    let uri = editor.folder.uri("compose.yaml");
    let pull = |editor: &mut Editor, known: &Value| {
        let params = given(json!({"textDocument": {"uri": uri}, "previousResultId": known}));
        editor.ask("textDocument/diagnostic", params)
    };
    let first = pull(&mut editor, &Value::Null);
    assert_eq!(first["items"], json!([]));
    assert_eq!(pull(&mut editor, &first["resultId"])["kind"], "unchanged");
    let refreshes = editor.refreshes;
    editor.replace("Dockerfile", "AS prod", "AS production");
    editor.until("a refresh", |editor| editor.refreshes > refreshes);
    let second = pull(&mut editor, &first["resultId"]);
    assert_eq!(codes(&second["items"]), ["5:15 target-not-found"]);
    editor.replace("compose.yaml", "target: prod", "target: production");
    let third = pull(&mut editor, &second["resultId"]);
    assert_eq!((&third["kind"], &third["items"]), (&json!("full"), &json!([])));
    editor.finish();
}

#[test]
fn a_dockerfile_learns_who_builds_it_while_they_are_edited() {
    let bake = "target \"app\" {\n  target = \"prod\"\n}\n";
    let dockerfile = "FROM base AS build\nRUN make\nFROM build AS test\nRUN go test ./...\nFROM alpine:3.24 AS prod\nCOPY --from=build /a /a\n";
    let mut editor = Editor::new(&[("Dockerfile", dockerfile), ("docker-bake.hcl", bake)]);
    editor.open("Dockerfile");
    editor.until("findings", |editor| {
        editor.found("Dockerfile").iter().any(|it| it.contains("test-stage-skipped"))
    });
    let severity = |editor: &Editor| {
        let all = editor.published("Dockerfile");
        let all = all["diagnostics"].as_array().expect("a list").iter();
        all.filter(|it| it["code"] == "test-stage-skipped").map(|it| it["severity"].clone()).next()
    };
    assert_eq!(severity(&editor), Some(json!(3)));
    let has = |editor: &Editor, code: &str| editor.found("Dockerfile").iter().any(|it| it.contains(code));
    assert!(has(&editor, "image-without-tag"), "{:?}", editor.found("Dockerfile"));

    editor.open("docker-bake.hcl");
    editor.set("docker-bake.hcl", &format!("{bake}target \"test\" {{\n  target = \"test\"\n}}\n"));
    editor.until("a hint", |editor| severity(editor) == Some(json!(4)));
    editor.set("docker-bake.hcl", "target \"app\" {\n  target = \"prod\"\n  contexts = {\n    base = \"docker-image://golang:1.26\"\n  }\n}\n");
    editor
        .until("no image", |editor| !has(editor, "image-without-tag") && severity(editor) == Some(json!(3)));
    assert_eq!(editor.definition("Dockerfile", "FROM ba$0se"), ["docker-bake.hcl:4"]);
    editor.close("docker-bake.hcl");
    editor.until("the disk to count", |editor| has(editor, "image-without-tag"));
    editor.finish();
}

const INLINE: &str = "\
services:
  web:
    build:
      context: .
      dockerfile_inline: |
        FROM golang:1.26 AS build
        RUN make
        FROM alpine:3.24 AS prod
        COPY --from=build /a /a
      target: prod
";

#[test]
fn a_dockerfile_inside_a_compose_file_is_one() {
    let mut editor = Editor::new(&[("compose.yaml", INLINE)]);
    editor.open("compose.yaml");
    editor.until_found("compose.yaml", &[]);
    assert_eq!(editor.definition("compose.yaml", "target: $0prod"), ["compose.yaml:8"]);
    assert_eq!(editor.definition("compose.yaml", "--from=bu$0ild"), ["compose.yaml:6"]);
    assert_eq!(editor.references("compose.yaml", "--from=bu$0ild"), ["compose.yaml:6", "compose.yaml:9"]);
    assert!(editor.hover("compose.yaml", "--from=bu$0ild").contains("golang:1.26"));
    assert_eq!(
        editor.completion("compose.yaml", "--from=$0build").first().map(String::as_str),
        Some("build")
    );
    assert_eq!(editor.completion("compose.yaml", "target: pr$0od"), ["prod"]);

    let prod = ["compose.yaml:10", "compose.yaml:8"];
    assert_eq!(editor.references("compose.yaml", "target: pr$0od"), prod);
    assert_eq!(editor.references("compose.yaml", "AS pr$0od"), prod);

    let edited = editor.rename("compose.yaml", "--from=bu$0ild", "compile");
    assert_eq!(
        edited["compose.yaml"].text,
        INLINE.replace("build /a", "compile /a").replace("AS build", "AS compile")
    );
    for place in ["target: pr$0od", "AS $0prod"] {
        let edited = editor.rename("compose.yaml", place, "final");
        assert_eq!(edited["compose.yaml"].text, INLINE.replace("prod", "final"), "{place}");
    }

    editor.replace("compose.yaml", "--from=build", "--from=biuld");
    editor.until_found("compose.yaml", &["9:21 unknown-stage-reference"]);
    editor.replace("compose.yaml", "--from=biuld", "--from=build");
    editor.replace("compose.yaml", "target: prod", "target: prdo");
    editor.until_found("compose.yaml", &["10:15 target-not-found"]);
    editor.finish();
}

#[test]
fn a_file_that_overrides_another_speaks_of_the_same_dockerfile() {
    let over = "services:\n  web:\n    build:\n      target: build\n";
    let mut editor = Editor::new(&[("compose.yaml", INLINE), ("compose.override.yaml", over)]);
    editor.open("compose.override.yaml");
    let place = "target: bu$0ild";
    assert_eq!(editor.definition("compose.override.yaml", place), ["compose.yaml:6"]);
    let expected = ["compose.override.yaml:4", "compose.yaml:6", "compose.yaml:9"];
    assert_eq!(editor.references("compose.override.yaml", place), expected);
    assert_eq!(editor.completion("compose.override.yaml", place), ["build"]);
    let edited = editor.rename("compose.override.yaml", place, "compile");
    assert_eq!(edited["compose.override.yaml"].text, over.replace("target: build", "target: compile"));
    let base = INLINE.replace("build /a", "compile /a").replace("AS build", "AS compile");
    assert_eq!(edited["compose.yaml"].text, base);

    // What is overridden names a stage all the same.
    editor.open("compose.yaml");
    assert_eq!(editor.definition("compose.yaml", "target: pr$0od"), ["compose.yaml:8"]);
    editor.replace("compose.override.yaml", "target: build", "target: biuld");
    editor.until_found("compose.override.yaml", &["4:15 target-not-found"]);
    editor.until_found("compose.yaml", &[]);
    editor.finish();
}

#[test]
fn a_moved_dockerfile_takes_its_paths_along() {
    let compose = "services:\n  web:\n    build:\n      context: .\n      dockerfile: web.Dockerfile\n  plain:\n    build: .\n";
    let script = "docker build -f web.Dockerfile --target prod .\n";
    let files = [
        ("web.Dockerfile", DOCKERFILE),
        ("Dockerfile", "FROM a:1\n"),
        ("compose.yaml", compose),
        ("build.sh", script),
    ];
    let mut editor = Editor::new(&files);
    editor.open("compose.yaml");
    let moved = |editor: &mut Editor, old: &str, new: &str| {
        let files = json!([{"oldUri": editor.folder.uri(old), "newUri": editor.folder.uri(new)}]);
        let edit = editor.ask("workspace/willRenameFiles", json!({"files": files}));
        editor.edited(&edit)
    };
    let edited = moved(&mut editor, "web.Dockerfile", "docker/web.Dockerfile");
    assert_eq!(edited.len(), 2);
    assert_eq!(edited["compose.yaml"].text, compose.replace("web.", "docker/web."));
    assert_eq!(edited["compose.yaml"].version, 1);
    assert_eq!(edited["build.sh"].text, script.replace("web.", "docker/web."));
    assert_eq!(editor.shown, [""; 0]);
    // Nobody writes down where this one is.
    assert!(moved(&mut editor, "Dockerfile", "docker/Dockerfile").is_empty());
    editor.until("a remark", |editor| !editor.shown.is_empty());
    assert!(editor.shown[0].contains("compose.yaml:6"), "{:?}", editor.shown);
    assert!(moved(&mut editor, "nowhere", "elsewhere").is_empty());
    editor.finish();
}

#[test]
fn a_moved_folder_takes_its_paths_along() {
    let compose =
        "services:\n  web:\n    build:\n      context: .\n      dockerfile: docker/web/Dockerfile\n";
    let inner = "services:\n  web:\n    build: .\n";
    let files = [
        ("docker/web/Dockerfile", DOCKERFILE),
        ("compose.yaml", compose),
        ("docker/web/compose.yaml", inner),
    ];
    let mut editor = Editor::new(&files);
    let files = json!([{"oldUri": editor.folder.uri("docker"), "newUri": editor.folder.uri("build")}]);
    let edit = editor.ask("workspace/willRenameFiles", json!({"files": files}));
    let edited = editor.edited(&edit);
    assert_eq!(edited.len(), 1);
    assert_eq!(edited["compose.yaml"].text, compose.replace("docker/web", "build/web"));
    editor.settle();
    // What moves along keeps its way.
    assert_eq!(editor.shown, [""; 0]);
    editor.finish();
}

#[test]
fn stages_of_closed_dockerfiles_are_symbols_of_the_workspace() {
    let files = [("a/Dockerfile", "FROM x:1 AS assets\n"), ("b/web.Dockerfile", "FROM x:1 AS assets-dev\n")];
    let mut editor = Editor::new(&files);
    let names = |editor: &mut Editor| {
        let found = editor.ask("workspace/symbol", json!({"query": "assets"}));
        let found = found.as_array().expect("a list").iter();
        let mut names: Vec<_> = found
            .map(|it| format!("{} {}", editor.path_of(&it["location"]["uri"]), it["name"].as_str().unwrap()))
            .collect();
        names.sort();
        names
    };
    let expected = ["a/Dockerfile assets", "b/web.Dockerfile assets-dev"];
    assert_eq!(names(&mut editor), expected);
    editor.open("a/Dockerfile");
    assert_eq!(names(&mut editor), expected, "each once");
    editor.replace("a/Dockerfile", "assets", "assets2");
    assert_eq!(names(&mut editor), ["a/Dockerfile assets2", expected[1]]);
    editor.close("a/Dockerfile");
    assert_eq!(names(&mut editor), expected);
    editor.finish();
}

#[test]
fn changes_on_the_disk_count() {
    let mut editor = Editor::new(&[("Dockerfile", DOCKERFILE)]);
    editor.open("Dockerfile");
    let prod = |editor: &mut Editor| editor.references("Dockerfile", "AS $0prod");
    assert_eq!(prod(&mut editor), ["Dockerfile:6"]);
    editor.on_disk("compose.yaml", Some(&compose("prod")));
    assert_eq!(prod(&mut editor), ["Dockerfile:6", "compose.yaml:5"]);
    editor.on_disk("docker-bake.hcl", Some("target \"a\" {\n  target = \"prod\"\n}\n"));
    assert_eq!(prod(&mut editor), ["Dockerfile:6", "compose.yaml:5", "docker-bake.hcl:2"]);
    editor.on_disk("compose.yaml", Some(&compose("test")));
    assert_eq!(prod(&mut editor), ["Dockerfile:6", "docker-bake.hcl:2"]);
    editor.on_disk("docker-bake.hcl", None);
    assert_eq!(prod(&mut editor), ["Dockerfile:6"]);

    editor.close("Dockerfile");
    editor.open("compose.yaml");
    editor.until_found("compose.yaml", &[]);
    editor.on_disk("Dockerfile", Some("FROM a:1 AS tests\n"));
    editor.until_found("compose.yaml", &["5:15 target-not-found"]);
    editor.on_disk("Dockerfile", None);
    editor.until_found("compose.yaml", &[]);
    editor.on_disk("Dockerfile", Some(DOCKERFILE));
    assert_eq!(editor.definition("compose.yaml", "target: $0test"), ["Dockerfile:4"]);
    // An open file counts before the disk.
    editor.on_disk("compose.yaml", Some(&compose("nothing")));
    assert_eq!(editor.definition("compose.yaml", "target: $0test"), ["Dockerfile:4"]);
    editor.until_found("compose.yaml", &[]);
    editor.finish();
}

#[test]
fn a_folder_that_goes_takes_its_files_along() {
    let text = "services:\n  web:\n    build:\n      context: app\n      target: prod\n      dockerfile: web.Dockerfile\n";
    let mut editor = Editor::new(&[("app/web.Dockerfile", DOCKERFILE), ("compose.yaml", text)]);
    editor.open("compose.yaml");
    editor.until_found("compose.yaml", &[]);
    fs::remove_dir_all(editor.folder.path("app")).expect("it is there");
    editor.watched("app", 3);
    editor.until_found("compose.yaml", &["6:19 dockerfile-not-found"]);
    editor.finish();
}

#[test]
fn a_saved_file_counts_where_nobody_watches() {
    let mut can = capabilities();
    can["workspace"].as_object_mut().expect("an object").remove("didChangeWatchedFiles");
    let text = compose("prod");
    let mut editor = Editor::with(can, Folder::with(&[("Dockerfile", DOCKERFILE), ("compose.yaml", &text)]));
    editor.open("compose.yaml");
    editor.until_found("compose.yaml", &[]);
    editor.folder.write("Dockerfile", "FROM a:1 AS final\n");
    let uri = editor.folder.uri("Dockerfile");
    editor.notify("textDocument/didSave", json!({"textDocument": {"uri": uri}}));
    editor.until_found("compose.yaml", &["5:15 target-not-found"]);
    editor.finish();
}

#[test]
fn folders_come_and_go() {
    let text = compose("prod");
    let folder = Folder::with(&[
        ("a/Dockerfile", DOCKERFILE),
        ("b/Dockerfile", DOCKERFILE),
        ("b/compose.yaml", &text),
    ]);
    let of = |path: &str| json!({"uri": folder.uri(path), "name": path});
    let (a, b) = (of("a"), of("b"));
    let mut editor = Editor::in_folders(Client::spawn(), capabilities(), folder, json!([a]));
    let read = |editor: &mut Editor, times: usize| {
        editor.until("the folders to be read", |editor| {
            editor.progress.iter().filter(|step| *step == "end").count() == times
        });
    };
    read(&mut editor, 1);
    let stages = |editor: &mut Editor| {
        editor.ask("workspace/symbol", json!({"query": "prod"})).as_array().map(Vec::len)
    };
    assert_eq!(stages(&mut editor), Some(1));
    editor.open("b/Dockerfile");
    assert_eq!(editor.references("b/Dockerfile", "AS $0prod"), ["b/Dockerfile:6"]);
    editor.notify("workspace/didChangeWorkspaceFolders", json!({"event": {"added": [b], "removed": []}}));
    read(&mut editor, 2);
    assert_eq!(stages(&mut editor), Some(2));
    assert_eq!(editor.references("b/Dockerfile", "AS $0prod"), ["b/Dockerfile:6", "b/compose.yaml:5"]);
    editor.notify("workspace/didChangeWorkspaceFolders", json!({"event": {"added": [], "removed": [a, b]}}));
    assert_eq!(stages(&mut editor), Some(1), "the open one");
    assert_eq!(editor.references("b/Dockerfile", "AS $0prod"), ["b/Dockerfile:6"]);
    editor.finish();
}

#[test]
fn without_a_folder_the_open_files_are_the_workspace() {
    for folders in [json!([]), Value::Null] {
        let text = compose("prod");
        let folder = Folder::with(&[("Dockerfile", DOCKERFILE), ("compose.yaml", &text)]);
        let mut editor = Editor::in_folders(Client::spawn(), capabilities(), folder, folders);
        editor.open("compose.yaml");
        assert_eq!(editor.definition("compose.yaml", "target: $0prod"), ["Dockerfile:6"]);
        editor.open("Dockerfile");
        assert_eq!(editor.references("Dockerfile", "AS $0prod"), ["Dockerfile:6", "compose.yaml:5"]);
        editor.replace("Dockerfile", "AS prod", "AS final");
        editor.until_found("compose.yaml", &["5:15 target-not-found"]);
        editor.settle();
        assert_eq!(editor.progress, [""; 0]);
        editor.finish();
    }
}

#[test]
fn progress_begins_and_ends_once_and_only_where_it_is_shown() {
    let editor = Editor::new(&[("Dockerfile", DOCKERFILE)]);
    assert_eq!(editor.progress, ["begin", "end"]);
    editor.finish();
    let folder = Folder::with(&[("Dockerfile", DOCKERFILE)]);
    let folders = json!([{"uri": folder.uri(""), "name": "x"}]);
    let mut editor = Editor::in_folders(Client::spawn(), json!({}), folder, folders);
    editor.until_stages("AS", 0);
    editor.until_stages("prod", 1);
    assert_eq!(editor.progress, [""; 0]);
    editor.finish();
}

#[test]
fn what_is_broken_while_typing_takes_nothing_else_along() {
    let compose = "services:\n  a:\n    build:\n      context: .\n      target: test\n  b:\n    build:\n      context: .\n      target: prod\n  c:\n    \
                   build:\n      context: .\n      target: prod\n";
    let bake = "target \"a\" {\n  target = \"test\"\n}\ntarget \"b\" {\n  target = \"prod\"\n}\ntarget \"c\" {\n  target = \"prod\"\n}\n";
    let json = "{\n  \"target\": {\n    \"a\": {\"target\": \"test\"},\n    \"b\": {\"target\": \"prod\"},\n    \"c\": {\"target\": \"prod\"}\n  }\n}\n";
    // The line that is typed on, what stands above it, and what it may be on the way.
    let yaml = [
        "\t",
        "- x",
        "<<: *",
        "@x",
        "target: [",
        "target: {",
        "target: \"te",
        "? x",
        "&",
        "*",
        "!",
        "target: |",
        "target: >",
        "targ",
        "  x: y",
        "target: te: st",
        "}",
        "%",
        "`",
        "...",
        "---",
    ];
    let hcl = [
        "target = ",
        "target",
        "target = \"te",
        "target = \"${",
        "target = [",
        "target = {",
        "target = f(",
        "target = <<EOT",
        "= =",
        "\"",
        "}}",
        "/*",
        "target = \"test\" \"x",
        "%{",
    ];
    let json_lines = [
        "\"target\":",
        "\"target",
        "\"target\": \"te",
        "\"target\": [",
        "\"target\": {",
        ",",
        "\"target\": \"a\" \"b\"",
        "'",
        "\\",
        "/*",
    ];
    let cases = [
        ("compose.yaml", compose, "context: .\n", "      target: test", &yaml[..]),
        ("docker-bake.hcl", bake, "\"a\" {\n", "  target = \"test\"", &hcl),
        ("docker-bake.json", json, "\"a\": {", "\"target\": \"test\"", &json_lines),
    ];
    let mut lost = Vec::new();
    for (path, text, above, line, broken) in cases {
        let mut editor = Editor::new(&[("Dockerfile", DOCKERFILE), (path, text)]);
        editor.open("Dockerfile");
        editor.open(path);
        let before = editor.references("Dockerfile", "AS $0prod");
        assert_eq!(before.len(), 3, "{path}");
        let indent = &line[..line.len() - line.trim_start().len()];
        let old = format!("{above}{line}");
        for new in broken {
            let new = format!("{above}{indent}{new}");
            editor.replace(path, &old, &new);
            let now = editor.references("Dockerfile", "AS $0prod");
            if now.len() != before.len() {
                lost.push(format!("{path} with {new:?}: {now:?}"));
            }
            editor.replace(path, &new, &old);
            assert_eq!(editor.text(path), text);
            assert_eq!(editor.references("Dockerfile", "AS $0prod"), before, "{path} after {new:?}");
        }
        editor.settle();
        assert_eq!(editor.found(path), [""; 0]);
        editor.finish();
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// Runs a test of files that nobody can read, and hands back the log.
fn logged(files: &[(&str, &str)], prepare: impl FnOnce(&Folder), test: impl FnOnce(&mut Editor)) -> String {
    let folder = Folder::with(files);
    prepare(&folder);
    let logs = Folder::with(&[]);
    let log = fs::File::create(logs.path("log")).expect("it can be made");
    let mut editor = Editor::introduce(Client::spawn_logging(log), capabilities(), folder);
    test(&mut editor);
    editor.finish();
    logs.read("log")
}

fn the_rest_is_there(editor: &mut Editor) {
    editor.open("Dockerfile");
    assert_eq!(editor.references("Dockerfile", "AS $0prod"), ["Dockerfile:6", "compose.yaml:5"]);
}

#[test]
fn binary_and_huge_files_are_left_out_with_a_word_in_the_log() {
    let text = compose("prod");
    let log = logged(
        &[("Dockerfile", DOCKERFILE), ("compose.yaml", &text)],
        |folder| {
            folder.write("binary/Dockerfile", b"FROM a:1 AS x\n\0\xff\xfe");
            folder.write("binary/compose.yaml", b"services:\n  web:\n    build: \xff\xfe\n");
            folder.write("huge.yaml", format!("{text}{}", "# more\n".repeat(300_000)));
            folder.write("huge.Dockerfile", "# more\n".repeat(3_000_000));
        },
        the_rest_is_there,
    );
    for path in ["binary/Dockerfile", "binary/compose.yaml", "huge.yaml", "huge.Dockerfile"] {
        assert!(log.lines().any(|line| line.contains(path) && line.contains("left out")), "{path}: {log}");
    }
}

#[test]
fn huge_and_binary_open_files_are_answered_for() {
    let mut editor = project();
    let long = format!("{}{}", compose("prod"), "# more\n".repeat(300_000));
    editor.open_as("other.yaml", &long);
    editor.open_as("compose.yaml", "services:\0\u{1}\u{fffd}\n  web: \0");
    editor.open_as("docker-bake.hcl", "\u{feff}target \"\0\" { target = \"\u{1F600}\" }");
    editor.completion("compose.yaml", "web: $0");
    editor.open("Dockerfile");
    editor.references("Dockerfile", "AS $0prod");
    editor.finish();
}

#[cfg(unix)]
#[test]
fn unreadable_files_and_folders_are_left_out_with_a_word_in_the_log() {
    use std::os::unix::fs::PermissionsExt;

    let text = compose("prod");
    let mut is_root = false;
    let mut forbid = |folder: &Folder| {
        folder.write("closed/Dockerfile", DOCKERFILE);
        folder.write("secret.Dockerfile", DOCKERFILE);
        folder.write("secret.yaml", &text);
        for path in ["secret.Dockerfile", "secret.yaml", "closed"] {
            fs::set_permissions(folder.path(path), fs::Permissions::from_mode(0o000)).expect("it is ours");
        }
        is_root = fs::read(folder.path("secret.yaml")).is_ok();
    };
    let log = logged(&[("Dockerfile", DOCKERFILE), ("compose.yaml", &text)], &mut forbid, |editor| {
        if fs::read(editor.folder.path("secret.yaml")).is_err() {
            the_rest_is_there(editor);
        }
        fs::set_permissions(editor.folder.path("closed"), fs::Permissions::from_mode(0o700))
            .expect("it is ours");
    });
    if is_root {
        eprintln!("skipped: to this user nothing is unreadable");
        return;
    }
    for path in ["secret.Dockerfile", "secret.yaml", "closed"] {
        assert!(log.contains(path), "{path}: {log}");
    }
}

#[cfg(unix)]
#[test]
fn links_in_circles_and_into_nowhere_end() {
    use std::os::unix::fs::symlink;

    let text = compose("prod");
    logged(
        &[("Dockerfile", DOCKERFILE), ("compose.yaml", &text)],
        |folder| {
            symlink(".", folder.path("loop")).expect("links can be made");
            symlink("b", folder.path("a")).expect("links can be made");
            symlink("a", folder.path("b")).expect("links can be made");
            symlink("nowhere", folder.path("x.Dockerfile")).expect("links can be made");
            symlink("docker-bake.hcl", folder.path("docker-bake.hcl")).expect("links can be made");
        },
        |editor| {
            the_rest_is_there(editor);
            editor.watched("docker-bake.hcl", 2);
            editor.watched("x.Dockerfile", 1);
            editor.watched("loop", 1);
            assert_eq!(editor.references("Dockerfile", "AS $0prod"), ["Dockerfile:6", "compose.yaml:5"]);
        },
    );
}

#[test]
fn files_that_vanish_are_forgotten() {
    let mut editor = project();
    editor.open("Dockerfile");
    for (path, ..) in SOURCES {
        fs::remove_file(editor.folder.path(path)).expect("it is there");
    }
    // Nobody has told yet: places that are gone are not shown.
    assert_eq!(editor.references("Dockerfile", "AS $0prod"), ["Dockerfile:6"]);
    editor.rename("Dockerfile", "AS $0prod", "final");
    for (path, ..) in SOURCES {
        editor.watched(path, 3);
    }
    assert_eq!(editor.references("Dockerfile", "AS $0prod"), ["Dockerfile:6"]);
    fs::remove_file(editor.folder.path("Dockerfile")).expect("it is there");
    editor.watched("Dockerfile", 3);
    editor.close("Dockerfile");
    assert_eq!(editor.ask("workspace/symbol", json!({"query": "prod"})), json!([]));
    editor.finish();
}

#[test]
fn columns_are_right_in_any_text() {
    let dockerfile = "# 😀 é\r\nFROM alpine:3.24 AS prod\r\n";
    let text = "# 😀 é\r\nservices:\r\n  \"wéb😀\": {build: {context: \".\", target: \"prod\"}}\r\n";
    let bake = "target \"a\" { args = { X = \"é😀\" }, target = \"prod\" }\r\n";
    let script = "echo \"é😀\"; docker build --build-arg X=\"é😀\" --target prod .\r\n";
    let files =
        [("Dockerfile", dockerfile), ("compose.yaml", text), ("docker-bake.hcl", bake), ("build.sh", script)];
    let mut editor = Editor::new(&files);
    editor.open("Dockerfile");
    let edited = editor.rename("Dockerfile", "AS $0prod", "final");
    for (path, text) in files {
        if path == "docker-bake.hcl" {
            continue;
        }
        assert_eq!(edited[path].text, text.replace("prod", "final"), "{path}");
    }
    for (path, around) in [("compose.yaml", "target: \"pr$0od"), ("build.sh", "--target pr$0od")] {
        editor.open(path);
        assert_eq!(editor.definition(path, around), ["Dockerfile:2"], "{path}");
        assert_eq!(
            editor.rename(path, around, "final")[path].text,
            editor.text(path).replace("prod", "final")
        );
        assert_eq!(editor.completion(path, around), ["prod"]);
    }
    editor.replace("compose.yaml", "prod", "prdo");
    editor.until_found("compose.yaml", &["3:44 target-not-found"]);
    editor.finish();
}
