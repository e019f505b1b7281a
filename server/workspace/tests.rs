//! A workspace in memory: nothing of it is on the disk.

use super::{
    mentions::{Home, Mention},
    *,
};
use crate::{builds::Role, rules::check_source, settings::Settings, text::Text};

const DOCKERFILE: &str =
    "FROM golang:1.26 AS build\nARG FLAGS\nFROM build AS test\nFROM alpine:3.24 AS prod\n";

fn path(name: &str) -> PathBuf {
    Path::new("/project").join(name)
}

fn doc(text: &str) -> Document {
    Document::open(text, 0)
}

/// Files by their names: Dockerfiles are known by those.
fn workspace(files: &[(&str, &str)]) -> Workspace {
    let mut workspace = Workspace::new(vec!["/project".into()]);
    for (name, text) in files {
        if name.ends_with("ockerfile") {
            workspace.set_dockerfile(&path(name), &doc(text));
        } else {
            workspace.set_open(&path(name), (*text).into(), &[]);
        }
    }
    workspace
}

/// A mention in short: file, name, its stage and how sure that is.
fn short(mention: &Mention) -> String {
    let file = mention.spot.file.file_name().unwrap_or_default().to_string_lossy();
    let name = mention.name.as_deref().unwrap_or("?");
    let stage = mention.stage.map_or("-".to_owned(), |stage| stage.to_string());
    format!("{file} {name} {stage} {:?}", mention.certainty)
}

fn mentions(workspace: &Workspace) -> Vec<String> {
    workspace.mentions().iter().map(short).collect()
}

fn compose(target: &str) -> String {
    format!("services:\n  web:\n    build:\n      context: .\n      target: {target}\n")
}

#[test]
fn mentions_are_by_file_and_place_each_once() {
    let bake = "\
target \"a\" {\n  target = \"prod\"\n}\ntarget \"b\" {\n  inherits = [\"a\"]\n}\ntarget \"c\" {\n  target = \"test\"\n  no-cache-filter = [\"BUILD\", \
                \"nothing\"]\n  contexts = {\n    test = \"a\"\n    image = \"b\"\n  }\n}\n";
    let workspace = workspace(&[
        ("Dockerfile", DOCKERFILE),
        ("docker-bake.hcl", bake),
        ("compose.yaml", &compose("build")),
    ]);
    assert_eq!(
        mentions(&workspace),
        [
            "compose.yaml build 0 Certain",
            "docker-bake.hcl prod 2 Certain",
            "docker-bake.hcl test 1 Certain",
            "docker-bake.hcl BUILD 0 Certain",
            "docker-bake.hcl nothing - Certain",
            "docker-bake.hcl test 1 Likely",
        ]
    );
    let all = workspace.mentions();
    assert_eq!(all[1].titles, ["bake target `a`", "bake target `b`"]);
    assert_eq!(all[5].role, Role::Context);
    let of = workspace.mentions_of(&path("Dockerfile"), 1);
    assert_eq!(
        of.iter().map(short).collect::<Vec<_>>(),
        ["docker-bake.hcl test 1 Certain", "docker-bake.hcl test 1 Likely"]
    );
    assert_eq!(workspace.mentions_in(&path("compose.yaml")).len(), 1);
}

#[test]
fn a_text_for_stages_of_two_dockerfiles_is_only_likely() {
    let text = "x-t: &t prod\nservices:\n  a: {build: {context: ., target: *t}}\n  b: {build: {context: other, target: *t}}\n";
    let files =
        [("Dockerfile", DOCKERFILE), ("other/Dockerfile", "FROM a AS prod\n"), ("compose.yaml", text)];
    let workspace = workspace(&files);
    assert_eq!(mentions(&workspace), ["compose.yaml prod 2 Likely", "compose.yaml prod 0 Likely"]);
    let homes: Vec<_> = workspace.mentions().into_iter().map(|mention| mention.dockerfile).collect();
    assert_eq!(homes, [Home::File(path("Dockerfile")), Home::File(path("other/Dockerfile"))]);
}

#[test]
fn seen_from_one_of_the_dockerfiles_it_is_only_likely_as_well() {
    let workspace = workspace(&[
        ("a/Dockerfile", "FROM x AS dev\n"),
        ("b/Dockerfile", "FROM x AS dev\n"),
        (
            "compose.yaml",
            "x-b: &b {target: dev}\nservices:\n  a: {build: {<<: *b, context: a}}\n  b: {build: {<<: *b, context: b}}\n",
        ),
    ]);
    let found = workspace.mentions_of(&path("a/Dockerfile"), 0);
    let certainty: Vec<_> = found.iter().map(|mention| mention.certainty).collect();
    assert_eq!(certainty, [Certainty::Likely]);
}

#[test]
fn builders_look_up_names_in_their_own_way() {
    let dockerfile = "FROM a AS x\nFROM b AS X\n";
    let script = "docker build --target x .\npodman build --target x .\npodman build --target X .\npodman build --target y .\n";
    let workspace = workspace(&[("Dockerfile", dockerfile), ("build.sh", script)]);
    let stages: Vec<_> = workspace.mentions().iter().map(|mention| mention.stage).collect();
    assert_eq!(stages, [Some(1), Some(0), Some(1), None]);
}

#[test]
fn without_its_dockerfile_a_target_is_unknown() {
    let workspace = workspace(&[("compose.yaml", &compose("prod"))]);
    let mention = &workspace.mentions()[0];
    assert_eq!(mention.dockerfile, Home::Missing(path("Dockerfile")));
    assert_eq!(
        (mention.certainty, mention.stage, mention.why),
        (Certainty::Unknown, None, "there is no such Dockerfile")
    );
}

#[test]
fn of_several_dockerfiles_that_a_script_may_mean_the_one_with_the_stage_is_meant() {
    let files = [
        ("Dockerfile", DOCKERFILE),
        ("scripts/Dockerfile", "FROM a AS tool\n"),
        (
            "scripts/build.sh",
            "docker build --target prod .\ndocker build --target tool .\ndocker build --target none .\n",
        ),
    ];
    let workspace = workspace(&files);
    let homes: Vec<_> =
        workspace.mentions().into_iter().map(|mention| (mention.dockerfile, mention.certainty)).collect();
    assert_eq!(homes[0], (Home::File(path("Dockerfile")), Certainty::Likely));
    assert_eq!(homes[1], (Home::File(path("scripts/Dockerfile")), Certainty::Likely));
    assert_eq!(homes[2], (Home::Unknown, Certainty::Unknown));
}

#[test]
fn a_dockerfile_knows_what_others_do_with_it() {
    let text = "services:\n  web:\n    build:\n      context: .\n      target: prod\n      args: {FLAGS: -s, HOME: }\n      additional_contexts:\n        \
                Base:latest: docker-image://alpine\n  all:\n    build: .\n  any:\n    build: {context: ., target: $X}\n";
    let workspace =
        workspace(&[("Dockerfile", DOCKERFILE), ("app/compose.yaml", ""), ("compose.yaml", text)]);
    let outside = workspace.outside(&path("Dockerfile"));
    let users: Vec<_> = outside.users.iter().map(|user| (user.title.as_str(), user.target.clone())).collect();
    assert_eq!(
        users,
        [
            ("compose service `web`", Asked::Named("prod".into())),
            ("compose service `all`", Asked::Default),
            ("compose service `any`", Asked::Unknown),
        ]
    );
    let web = &outside.users[0];
    assert_eq!(web.file, "compose.yaml");
    assert_eq!(web.args["FLAGS"].as_deref(), Some("-s"));
    assert!(web.args.contains_key("HOME"));
    assert_eq!(web.contexts.keys().collect::<Vec<_>>(), ["base"]);
    assert_eq!(workspace.contexts_of(&path("Dockerfile"), "base").len(), 1);
    assert_eq!(workspace.contexts_of(&path("Dockerfile"), "other").len(), 0);
    assert_eq!(workspace.outside(&path("other/Dockerfile")), Outside::default());
}

#[test]
fn a_target_that_the_environment_may_change_is_no_certain_one() {
    let text = "services:\n  a:\n    build: {context: ., target: '${STAGE:-prod}'}\n  b:\n    build: {context: ., target: prod}\n";
    let workspace = workspace(&[("Dockerfile", DOCKERFILE), ("compose.yaml", text)]);
    let users = workspace.outside(&path("Dockerfile")).users;
    let found: Vec<_> = users.iter().map(|user| (user.target.clone(), user.certainty)).collect();
    let prod = || Asked::Named("prod".into());
    assert_eq!(found, [(prod(), Certainty::Likely), (prod(), Certainty::Certain)]);
}

#[test]
fn a_change_touches_what_depends_on_it() {
    let mut workspace = workspace(&[("Dockerfile", DOCKERFILE), ("compose.yaml", &compose("prod"))]);
    let dockerfile = path("Dockerfile");
    // Text that other files cannot see is nobody's concern.
    let touched = workspace.set_dockerfile(&dockerfile, &doc(&format!("# More\n{DOCKERFILE}RUN x\n")));
    assert_eq!(touched, Touched::default());
    let touched = workspace.set_dockerfile(&dockerfile, &doc(&DOCKERFILE.replace("prod", "final")));
    assert!(touched.files.contains(&path("compose.yaml")), "{touched:?}");
    assert!(touched.dockerfiles.contains(&dockerfile));
    let touched = workspace.set_open(&path("compose.yaml"), compose("final").into(), &[]);
    assert!(touched.dockerfiles.contains(&dockerfile));
    assert_eq!(mentions(&workspace), ["compose.yaml final 2 Certain"]);
    // Another Dockerfile is meant now: both learn of it.
    let touched = workspace.set_open(
        &path("compose.yaml"),
        compose("x").replace("context: .", "context: b").into(),
        &[],
    );
    assert!(touched.dockerfiles.contains(&dockerfile) && touched.dockerfiles.contains(&path("b/Dockerfile")));
    assert_eq!(workspace.outside(&dockerfile), Outside::default());
    // On the disk there is nothing.
    workspace.set_closed(&path("compose.yaml"));
    assert_eq!(mentions(&workspace), [""; 0]);
    assert!(workspace.by_dockerfile.is_empty(), "{:?}", workspace.by_dockerfile);
    workspace.set_closed(&dockerfile);
    assert!(workspace.dockerfiles().is_empty());
    assert_eq!(workspace.set_closed(&dockerfile), Touched::default());
}

#[test]
fn a_folder_that_goes_takes_what_is_below_along() {
    let mut workspace = workspace(&[("app/Dockerfile", DOCKERFILE), ("app/compose.yaml", &compose("prod"))]);
    assert_eq!(mentions(&workspace).len(), 1);
    // What is open stays.
    workspace.files_changed(&[path("app")]);
    assert_eq!(mentions(&workspace).len(), 1);
    workspace.set_closed(&path("app/compose.yaml"));
    workspace.set_closed(&path("app/Dockerfile"));
    workspace.files_changed(&[path("app")]);
    assert_eq!((mentions(&workspace).len(), workspace.dockerfiles().len()), (0, 0));
}

#[test]
fn comments_of_a_dockerfile_are_read_with_it() {
    let mut workspace =
        workspace(&[("Dockerfile", &format!("# docker build --target prod .\n{DOCKERFILE}"))]);
    assert_eq!(mentions(&workspace), ["Dockerfile prod 2 Likely"]);
    workspace.set_dockerfile(&path("Dockerfile"), &doc(DOCKERFILE));
    assert_eq!(mentions(&workspace), [""; 0]);
}

#[test]
fn ranges_move_with_edits() {
    let cases = [
        (10..14, 0..0, 3, 13..17),
        (10..14, 0..5, 0, 5..9),
        (10..14, 20..25, 9, 10..14),
        (10..14, 14..14, 2, 10..16),
        (10..14, 10..10, 2, 12..16),
        (10..14, 11..12, 5, 10..18),
        (10..14, 8..12, 1, 8..11),
        (10..14, 12..20, 0, 10..12),
        (10..14, 0..99, 0, 0..0),
        (10..10, 10..10, 3, 13..13),
    ];
    for (range, edit, len, expected) in cases {
        assert_eq!(shifted(&range, &edit, len), expected, "{range:?} after {edit:?} by {len}");
    }
}

#[test]
fn a_whole_text_is_one_edit() {
    let edit = |before: &str, after: &str| {
        let (range, len) = difference(before, after);
        let mut out = before.as_bytes().to_vec();
        let new = after.as_bytes()[range.start..range.start + len].to_vec();
        out.splice(range.clone(), new);
        assert_eq!(out, after.as_bytes());
        (range, len)
    };
    assert_eq!(edit("abc", "abc"), (3..3, 0));
    assert_eq!(edit("abc", "abxc"), (2..2, 1));
    assert_eq!(edit("aa", "aaa"), (2..2, 1));
    assert_eq!(edit("aaa", "a"), (1..3, 0));
    assert_eq!(edit("", "x"), (0..0, 1));
    assert_eq!(edit("é", "è"), (1..2, 1));
}

/// Three services, of which the first can be broken so that nobody can read on.
const THREE: &str = "{\"target\": {\n\"a\": {\"target\": \"test\"},\n\"b\": {\"target\": \"prod\"},\n\"c\": {\"target\": \"prod\"}\n}}\n";

#[test]
fn what_a_broken_text_hides_is_kept_at_its_place() {
    let mut workspace = workspace(&[("Dockerfile", DOCKERFILE), ("docker-bake.json", THREE)]);
    let names = |workspace: &Workspace, text: &str| -> Vec<String> {
        let all = workspace.mentions().into_iter().filter(|mention| mention.stage == Some(2));
        all.map(|mention| text[mention.spot.range].to_owned()).collect()
    };
    for broken in ["\"a\": {\"target\": \"te", "[[[[", "", "\"a\": \"b\" \"x\": {{", "\"\\", "é\"", "/*"] {
        let line = "\"a\": {\"target\": \"test\"},";
        let text = THREE.replacen(line, broken, 1);
        let start = THREE.find(line).unwrap();
        workspace.set_open(
            &path("docker-bake.json"),
            text.as_str().into(),
            &[(start..start + line.len(), broken.len())],
        );
        assert_eq!(names(&workspace, &text), ["prod", "prod"], "{broken:?}");
        workspace.set_open(&path("docker-bake.json"), THREE.into(), &[]);
        // The same without being told where the edit was.
        workspace.set_open(&path("docker-bake.json"), text.as_str().into(), &[]);
        assert_eq!(names(&workspace, &text), ["prod", "prod"], "{broken:?}");
        workspace.set_open(&path("docker-bake.json"), THREE.into(), &[]);
        assert_eq!(mentions(&workspace).len(), 3);
    }
}

#[test]
fn what_is_gone_is_not_kept() {
    let mut workspace = workspace(&[("Dockerfile", DOCKERFILE), ("docker-bake.json", THREE)]);
    for text in ["", "{", "{\"target\": {", "{\"target\": {\n\"a\": {\"target\": \"te", "not at all {"] {
        workspace.set_open(&path("docker-bake.json"), text.into(), &[]);
        for mention in workspace.mentions() {
            assert_eq!(text.get(mention.spot.range.clone()), mention.name.as_deref(), "{text}");
        }
        workspace.set_open(&path("docker-bake.json"), THREE.into(), &[]);
    }
    // A text that came from elsewhere has nothing at the old places.
    workspace.open.remove(&path("docker-bake.json"));
    workspace.set_open(
        &path("docker-bake.json"),
        "# something else\n{\"target\": {\"x\": [".repeat(20).into(),
        &[],
    );
    assert_eq!(mentions(&workspace), [""; 0]);
}

/// Files of every kind that names targets.
const TYPED: [(&str, &str); 8] = [
    (
        "compose.yaml",
        "x-a: &a\n  context: .\n  args: {FLAGS: '${F:-é}'}\nservices:\n  a:\n    build:\n      <<: *a\n      target: \"test\"\n      dockerfile: Dockerfile\n  b:\n    extends: a\n  \
         c:\n    build:\n      dockerfile_inline: |\n        FROM x:1 AS é\n        FROM x:1 AS y\n      target: y\n",
    ),
    (
        "docker-bake.hcl",
        "variable \"V\" {\n  default = \"test\"\n}\ntarget \"a\" {\n  matrix = {\n    t = [\"test\", \"prod\"]\n  }\n  name = \"a-${t}\"\n  target = t\n  args = { FLAGS = \"é😀\" }\n}\ntarget \"b\" {\n  \
         inherits = [\"a-test\"]\n  target = V\n  contexts = {\n    build = \"target:c\"\n  }\n}\ntarget \"c\" {\n  dockerfile-inline = <<EOT\nFROM x:1 AS y\nEOT\n  target = \"y\"\n}\n",
    ),
    ("docker-bake.json", THREE),
    (
        ".github/workflows/ci.yml",
        "env:\n  T: test\njobs:\n  a:\n    strategy:\n      matrix:\n        t: [test, prod]\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          context: .\n          target: ${{ matrix.t }}\n          \
         build-args: |\n            FLAGS=é\n            X\n      - run: |\n          T=prod\n          docker build --target \"$T\" --build-arg FLAGS=1 .\n",
    ),
    (
        "build.sh",
        "#!/bin/sh\ncd \"$(dirname \"$0\")\"\nT=${1:-test}\nfor f in a b; do docker build \\\n  --target=$T -f 'Dockerfile' --build-arg \"FLAGS=é😀\" .; done\ndocker build - <<EOF\nFROM x:1 AS y\nEOF\n",
    ),
    ("Makefile", "T ?= test\nifdef X\nendif\nimage:\n\t@docker build --target $(T) \\\n\t  -t é .\n"),
    (
        ".devcontainer/devcontainer.json",
        "{ // é\n\"build\": {\"dockerfile\": \"../Dockerfile\", \"context\": \"..\", \"target\": \"te\\u0073t\", \"args\": {\"FLAGS\": \"1\"}},\n}",
    ),
    (
        "skaffold.yaml",
        "apiVersion: skaffold/v4beta13\nkind: Config\nbuild:\n  artifacts:\n    - image: a\n      docker: {target: test, buildArgs: {FLAGS: \"{{.X}}\"}}\n",
    ),
];

/// What must hold of any text: everything is in it, and asking never fails.
fn holds(workspace: &mut Workspace, name: &str, text: &str) {
    let file = path(name);
    let whole = Text::new(text);
    let inside = |range: &Range<usize>| text.get(range.clone()).is_some();
    for mention in workspace.mentions().iter().filter(|mention| *mention.spot.file == *file) {
        assert!(inside(&mention.spot.range), "{name}: {mention:?} in {text:?}");
    }
    for finding in check_source(workspace, &file, &whole, &Arc::new(Settings::default())) {
        assert!(inside(&finding.range), "{name}: {finding:?} in {text:?}");
        for edit in finding.fixes.iter().flat_map(|fix| &fix.edits) {
            assert!(inside(&edit.range), "{name}: {finding:?} in {text:?}");
        }
    }
    for dockerfile in workspace.dockerfiles() {
        let summary = workspace.dockerfile(dockerfile).expect("it is there");
        workspace.outside(dockerfile);
        for stage in 0..summary.stages.len() {
            workspace.mentions_of(dockerfile, stage);
        }
    }
}

fn ask_everywhere(workspace: &Workspace, name: &str, text: &str) {
    use crate::features::outside;
    let file = path(name);
    let whole = Text::new(text);
    for offset in (0..=text.len()).filter(|&offset| text.is_char_boundary(offset)) {
        outside::definition::definition(workspace, &file, offset);
        outside::hover::hover(workspace, &file, offset);
        for item in outside::completion::completion(workspace, &file, &whole, offset) {
            assert!(
                text.get(item.replace.clone()).is_some() && item.replace.start <= offset,
                "{name} {offset}: {item:?}"
            );
        }
        outside::embedded::at(workspace, &file, offset);
    }
}

#[test]
fn any_start_of_a_text_is_taken() {
    for crlf in [false, true] {
        for (name, text) in TYPED {
            let text = if crlf { text.replace('\n', "\r\n") } else { text.to_owned() };
            let mut workspace = workspace(&[("Dockerfile", DOCKERFILE)]);
            let mut before = 0;
            for end in (1..=text.len()).filter(|&end| text.is_char_boundary(end)) {
                workspace.set_open(&path(name), text[..end].into(), &[(before..before, end - before)]);
                holds(&mut workspace, name, &text[..end]);
                before = end;
            }
            assert!(!workspace.mentions().is_empty(), "{name}");
            ask_everywhere(&workspace, name, &text);
        }
    }
}

#[test]
fn a_text_with_any_one_place_cut_is_taken() {
    for (name, text) in TYPED {
        let mut workspace = workspace(&[("Dockerfile", DOCKERFILE)]);
        workspace.set_open(&path(name), text.into(), &[]);
        let places: Vec<usize> = (0..text.len()).filter(|&at| text.is_char_boundary(at)).collect();
        for pair in places.windows(2) {
            let cut = format!("{}{}", &text[..pair[0]], &text[pair[1]..]);
            workspace.set_open(&path(name), cut.as_str().into(), &[(pair[0]..pair[1], 0)]);
            holds(&mut workspace, name, &cut);
            workspace.set_open(&path(name), text.into(), &[(pair[0]..pair[0], pair[1] - pair[0])]);
            // Characters that break what stands behind them.
            for c in ["\"", "{", "\t", "'"] {
                let more = format!("{}{c}{}", &text[..pair[0]], &text[pair[0]..]);
                workspace.set_open(&path(name), more.as_str().into(), &[(pair[0]..pair[0], 1)]);
                holds(&mut workspace, name, &more);
                workspace.set_open(&path(name), text.into(), &[(pair[0]..pair[0] + 1, 0)]);
            }
        }
    }
}

#[test]
fn paths_are_shown_from_their_folder() {
    let workspace = Workspace::new(vec!["/project".into(), "/project/inner".into()]);
    assert_eq!(workspace.title(&path("inner/a")), "a");
    assert_eq!(workspace.title(&path("b/a")), "b/a");
    assert_eq!(workspace.title(Path::new("/elsewhere/a")), "/elsewhere/a");
}
