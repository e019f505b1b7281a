use std::sync::Arc;

use super::*;
use crate::builds::{Certainty, Value, files::Memory, value::Quoting};

/// What Bake makes of files below `/project`, without any variables.
fn bake(sources: &[(&str, &str)], paths: &[&str]) -> Project {
    with(sources, paths, &[])
}

fn with(sources: &[(&str, &str)], paths: &[&str], variables: &[(&str, &str)]) -> Project {
    let memory = Memory::new(sources);
    let invocation = Invocation {
        files: paths.iter().map(|path| memory.root.join(path)).collect(),
        directory: memory.root.clone(),
        environment: Environment::Exact(
            variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        ),
    };
    load(&invocation, &memory)
}

/// `service` of `compose.yaml`: context, Dockerfile and target.
fn web(source: &str) -> String {
    let project = bake(&[("compose.yaml", source)], &["compose.yaml"]);
    assert_eq!(project.refusals, []);
    one(&project, "web")
}

fn one(project: &Project, service: &str) -> String {
    let service = project.services.iter().find(|other| other.name == service).expect(service);
    let section = service.build.as_ref().expect("a build");
    let text = |value: &Option<Value>, other: &str| match value {
        Some(value) => value.text.clone().unwrap_or("?".into()),
        None => other.to_owned(),
    };
    let context = match section.place() {
        Place::Local(path) => path.strip_prefix("/project").unwrap_or(&path).display().to_string(),
        Place::Remote => format!("remote {}", text(&section.context, "")),
        Place::Unknown(_) => "unknown".to_owned(),
    };
    format!("{context}|{}|{}", text(&section.dockerfile, "-"), text(&section.target, "-"))
}

fn refusals(source: &str) -> Vec<String> {
    let project = bake(&[("compose.yaml", source)], &["compose.yaml"]);
    project.refusals.into_iter().map(|refusal| refusal.why).collect()
}

/// A `compose.yaml` with one service `web` that has these lines under `build`.
fn under_build(lines: &str) -> String {
    format!("services:\n  web:\n    build:\n      {}\n", lines.replace('\n', "\n      "))
}

#[test]
fn names_of_compose_files() {
    for name in [
        "compose.yaml",
        "compose.prod.yml",
        "docker-compose-dev.yaml",
        "docker-compose.override.yml",
        "x.compose.yaml",
    ] {
        assert!(is_compose(Path::new(name), ""), "{name}");
    }
    for name in ["composer.yaml", "compose.json", "compose", "values.yaml"] {
        assert!(!is_compose(Path::new(name), "a: 1"), "{name}");
    }
    let named_otherwise = under_build("target: x");
    assert!(is_compose(Path::new("stack.yml"), &named_otherwise));
    assert!(!is_compose(Path::new("stack.yml"), "jobs:\n  services:\n    a:\n      build: .\n"));
    assert!(is_default_name("compose.override.yaml") && !is_default_name("compose.prod.yaml"));
}

#[test]
fn a_service_says_what_it_has_built() {
    assert_eq!(web(&under_build("context: ./d\ndockerfile: docker/D\ntarget: Run")), "d|docker/D|Run");
    assert_eq!(web("services:\n  web:\n    build: ./d\n"), "d|-|-");
    assert_eq!(web(&under_build("target: t")), "|-|t");
    assert_eq!(web(&under_build("target: \"0\"")), "|-|0");
    assert_eq!(web(&under_build("target: yes")), "|-|yes");
    assert_eq!(web(&under_build("target: a b")), "|-|a b");
    assert_eq!(web(&under_build("target: \"\"")), "|-|");
    assert_eq!(web(&under_build("target: >-\n  run")), "|-|run");
    assert_eq!(web(&under_build("target: \"r\\x75n\"")), "|-|run");
    assert_eq!(web("services: {web: {build: {context: ., target: flow}}}"), "|-|flow");
    assert_eq!(web(&under_build("context: /abs/./x")), "/abs/x|-|-");
}

#[test]
fn contexts_that_are_not_on_this_disk() {
    let git = "https://example.org/o/r.git#main:sub";
    assert_eq!(web(&under_build(&format!("context: {git}\ntarget: t"))), format!("remote {git}|-|t"));
    assert_eq!(web(&under_build("context: git@example.org:o/r")), "remote git@example.org:o/r|-|-");
    assert_eq!(web(&under_build("context: ~/x")), "unknown|-|-");
}

#[test]
fn files_that_would_be_refused_still_have_services() {
    for lines in [
        "target: 0",
        "target: true",
        "target:",
        "target: null",
        "context: .\ntrget: x",
        "context: [a]",
        "args: x",
    ] {
        let source = under_build(lines);
        assert_eq!(refusals(&source).len(), 1, "{lines}");
        let project = bake(&[("compose.yaml", &source)], &["compose.yaml"]);
        assert!(project.services[0].build.is_some(), "{lines}");
    }
    assert_eq!(refusals(&under_build("target: a\ntarget: b")).len(), 1);
    assert_eq!(refusals(&under_build("dockerfile: D\ndockerfile_inline: FROM a")).len(), 1);
    assert_eq!(refusals(&under_build("target: ${A")).len(), 1);
    assert_eq!(refusals(&under_build("target: ${A:?x}")).len(), 1);
    assert_eq!(refusals(&under_build("x-mine: 1\ntarget: a")), Vec::<String>::new());
    let without = "services:\n  db:\n    image: i\n  web:\n    build:\n      additional_contexts:\n        b: service:db\n";
    assert_eq!(refusals(without).len(), 1);
}

#[test]
fn fragments_are_shared() {
    let source = "x-b: &b\n  context: ./app\n  dockerfile: D\n  target: base\nservices:\n  web:\n    build: *b\n  w:\n    \
                  build:\n      <<: *b\n      target: own\n";
    assert_eq!(web(source), "app|D|base");
    let project = bake(&[("compose.yaml", source)], &["compose.yaml"]);
    assert_eq!(one(&project, "w"), "app|D|own");
    let at = source.find("base").unwrap();
    let target = project.services[0].build.as_ref().unwrap().target.clone().unwrap();
    assert_eq!(target.spot.range, at..at + 4);
    let first_wins = "x-1: &one\n  target: one\nx-2: &two\n  target: two\n  context: ./two\nservices:\n  web:\n    build:\n      \
                      <<: [*one, *two]\n";
    assert_eq!(web(first_wins), "two|-|one");
    let whole = "x-s: &s\n  build: &b\n    context: ./a\n    target: t1\nservices:\n  a: *s\n  web:\n    <<: *s\n    \
                 build:\n      <<: *b\n      target: t2\n";
    assert_eq!(web(whole), "a|-|t2");
    let scalar = "x-t: &t run\nservices:\n  web:\n    build:\n      target: *t\n";
    assert_eq!(web(scalar), "|-|run");
    assert_eq!(web("x-b:\n  build:\n    target: ghost\nservices:\n  web:\n    build: .\n"), "|-|-");
}

#[test]
fn variables_are_expanded() {
    let source = under_build("context: ${C:-./c}\ntarget: $STAGE\nargs:\n  A: ${V}-x");
    let project = with(&[("compose.yaml", &source)], &["compose.yaml"], &[("V", "v")]);
    assert_eq!(one(&project, "web"), "c|-|");
    let arg = &project.services[0].build.as_ref().unwrap().args[0];
    assert_eq!(arg.value.as_ref().unwrap().text.as_deref(), Some("v-x"));
    let project = with(
        &[("compose.yaml", &source), (".env", "STAGE=env\nC=d\n")],
        &["compose.yaml"],
        &[("C", "shell")],
    );
    assert_eq!(one(&project, "web"), "shell|-|env");
}

#[test]
fn later_files_go_over_earlier_ones() {
    let over = |a: &str, b: &str| {
        let project = bake(&[("a.yml", a), ("b.yml", b)], &["a.yml", "b.yml"]);
        assert_eq!(project.refusals, []);
        let build = project.services[0].build.clone();
        let overridden = build.map(|build| build.overridden.len()).unwrap_or_default();
        (one(&project, "web"), overridden)
    };
    let short = "services:\n  web:\n    build: ./dir\n";
    let full = under_build("context: ./x\ndockerfile: D\ntarget: t");
    assert_eq!(over(short, &under_build("target: over")), ("dir|-|over".into(), 0));
    assert_eq!(over(&full, &under_build("target: u")), ("x|D|u".into(), 1));
    assert_eq!(over(&full, &under_build("target: !reset null")), ("x|D|-".into(), 1));
    assert_eq!(
        over(&full, "services:\n  web:\n    build: !override\n      context: ./y\n"),
        ("y|-|-".into(), 1)
    );
    assert_eq!(over(&full, "services:\n  web:\n    image: x\n"), ("x|D|t".into(), 0));
    let reset = bake(
        &[("a.yml", &full), ("b.yml", "services:\n  web:\n    build: !reset null\n")],
        &["a.yml", "b.yml"],
    );
    assert_eq!(reset.services[0].build, None);
}

#[test]
fn mappings_are_merged_key_by_key() {
    let a = under_build("args:\n  A: 1\n  B: 2\nadditional_contexts:\n  x: ./x\nno_cache_filter: [p]");
    let b = under_build(
        "args:\n  - B=3\n  - C\nadditional_contexts:\n  - x=docker-image://i\n  - y=service:web\nno_cache_filter: q, r",
    );
    let project = bake(&[("a.yml", &a), ("b.yml", &b)], &["a.yml", "b.yml"]);
    assert_eq!(project.refusals, []);
    let build = project.services[0].build.clone().unwrap();
    let text = |value: &Value| value.text.clone().unwrap();
    let args: Vec<String> = build
        .args
        .iter()
        .map(|arg| format!("{}={}", text(&arg.name), arg.value.as_ref().map_or("-".into(), text)))
        .collect();
    assert_eq!(args, ["A=1", "B=3", "C=-"]);
    let contexts: Vec<String> = build
        .contexts
        .iter()
        .map(|context| format!("{}={}", text(&context.named.key), text(&context.named.value)))
        .collect();
    assert_eq!(contexts, ["x=docker-image://i", "y=service:web"]);
    assert_eq!(build.no_cache_filter.iter().map(text).collect::<Vec<_>>(), ["p", "q", "r"]);
    let key = &build.contexts[1].named.key;
    assert_eq!((&b[key.spot.range.clone()], key.quoting), ("y", Some(Quoting::Bare)));
    assert_eq!(&b[build.no_cache_filter[2].spot.range.clone()], "r");
}

#[test]
fn documents_of_one_file_are_merged() {
    let source = under_build("target: one\ncontext: ./c") + "---\n" + &under_build("target: two");
    assert_eq!(web(&source), "c|-|two");
}

#[test]
fn services_extend_others() {
    let source = "services:\n  base:\n    build:\n      context: ./c\n      target: b\n  web:\n    extends: base\n    build:\n      \
                  dockerfile: D\n  top:\n    extends:\n      service: web\n    build:\n      target: t\n";
    assert_eq!(web(source), "c|D|b");
    let project = bake(&[("compose.yaml", source)], &["compose.yaml"]);
    assert_eq!(one(&project, "top"), "c|D|t");
    assert_eq!(project.services[2].build.as_ref().unwrap().overridden.len(), 1);
    let other = "services:\n  web:\n    extends:\n      file: x/b.yaml\n      service: two\n";
    let base = "services:\n  one:\n    build:\n      context: ./app\n      target: t1\n      dockerfile: D1\n  two:\n    \
                extends: one\n    build:\n      target: t2\n";
    let project = bake(&[("compose.yaml", other), ("x/b.yaml", base)], &["compose.yaml"]);
    assert_eq!(project.refusals, []);
    assert_eq!(one(&project, "web"), "x/app|D1|t2");
}

#[test]
fn services_that_can_not_be_extended() {
    for extends in ["web", "none", "{service: web, file: none.yaml}", "{service: none, file: compose.yaml}"] {
        let source = format!("services:\n  web:\n    extends: {extends}\n    build:\n      target: t\n");
        let project = bake(&[("compose.yaml", &source)], &["compose.yaml"]);
        assert_eq!(project.refusals.len(), 1, "{extends}");
        assert!(project.services[0].build.as_ref().unwrap().lacks_base);
    }
    // Many services that extend two others each in a row.
    let mut source = String::from("services:\n");
    for i in 0..200 {
        source += &format!("  s{i}:\n    extends: s{}\n    build: .\n", i + 1);
    }
    let documents = vec![source; 8].join("---\n");
    assert!(!bake(&[("compose.yaml", &documents)], &["compose.yaml"]).refusals.is_empty());
}

#[test]
fn included_files_have_their_own_folder() {
    let main = "include:\n  - sub/compose.yaml\nservices:\n  web:\n    build: .\n";
    let sub = "services:\n  inc:\n    build:\n      context: ./app\n      target: ${T}\n";
    let project =
        bake(&[("compose.yaml", main), ("sub/compose.yaml", sub), ("sub/.env", "T=t\n")], &["compose.yaml"]);
    assert_eq!((one(&project, "inc"), one(&project, "web")), ("sub/app|-|t".into(), "|-|-".into()));
    let main = "include:\n  - path: [sub/compose.yaml, sub/over.yaml]\n    project_directory: other\n";
    let over = "services:\n  inc:\n    build:\n      target: over\n";
    let project = bake(
        &[("compose.yaml", main), ("sub/compose.yaml", sub), ("sub/over.yaml", over)],
        &["compose.yaml"],
    );
    assert_eq!(one(&project, "inc"), "other/app|-|over");
    let selfish = "include: [compose.yaml, none.yaml]\nservices:\n  web:\n    build: .\n";
    assert!(!bake(&[("compose.yaml", selfish)], &["compose.yaml"]).refusals.is_empty());
}

#[test]
fn bake_reads_files_of_two_names_and_starts_from_its_folder() {
    let a = under_build("context: ./a\ndockerfile: D\ntarget: first");
    let b = under_build("target: second");
    let project =
        bake(&[("compose.yaml", &a), ("docker-compose.yml", &b)], &["compose.yaml", "docker-compose.yml"]);
    assert_eq!(one(&project, "web"), "a|D|second");
    let project = bake(&[("sub/compose.yaml", &a)], &["sub/compose.yaml"]);
    assert_eq!(one(&project, "web"), "a|D|first");
}

#[test]
fn inline_dockerfiles_keep_their_places() {
    let source = under_build("dockerfile_inline: |\n  FROM a AS b\n  RUN echo $${X}\ntarget: b");
    let project = bake(&[("compose.yaml", &source)], &["compose.yaml"]);
    let (scalar, spot) = project.services[0].build.as_ref().unwrap().inline.clone().unwrap();
    assert_eq!(scalar.text, "FROM a AS b\nRUN echo ${X}\n");
    let at = scalar.text.find("{X}").unwrap();
    assert_eq!(&source[scalar.place(at..at + 3).unwrap()], "{X}");
    assert!(spot.range.contains(&source.find("FROM").unwrap()));
}

fn local(build: &Build) -> &crate::builds::Local {
    match &build.dockerfile {
        Dockerfile::Local(local) => local,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_project_is_the_default_file_and_its_override() {
    let base = under_build("context: ./c\ntarget: t");
    let memory =
        Memory::new(&[("p/compose.yaml", &base), ("p/docker-compose.yml", "services: {old: {build: .}}")]);
    let found = project(Path::new("/project/p"), &memory);
    assert_eq!(found.broken, Vec::<Arc<Path>>::new());
    let [build] = found.builds.as_slice() else { panic!("{found:?}") };
    assert_eq!(build.title, "compose service `web`");
    assert_eq!((local(build).certainty, local(build).why), (Certainty::Certain, ""));
    let guesses: Vec<PathBuf> = vec!["/project/p/c/Dockerfile".into(), "/project/p/c/dockerfile".into()];
    assert_eq!(local(build).guesses, [guesses]);
    assert_eq!(&base[build.declared.range.clone()], "web");

    let over = under_build("target: u");
    let memory = Memory::new(&[("compose.yaml", &base), ("compose.override.yml", &over)]);
    let found = project(Path::new("/project"), &memory);
    let build = &found.builds[0];
    assert_eq!(local(build).certainty, Certainty::Likely);
    assert_eq!(
        build.target.as_ref().unwrap().spot.file,
        Arc::from(Path::new("/project/compose.override.yml"))
    );
    assert_eq!(build.overridden[0].text.as_deref(), Some("t"));
    assert_eq!(project(Path::new("/none"), &memory), Found::default());
}

#[test]
fn nothing_is_certain_in_files_that_are_refused() {
    for broken in [
        "  db:\n    build:\n      trget: x\n",
        "  db:\n    build:\n      target:\n",
        "  db:\n    build: \"x\n",
        "  db: @\n",
    ] {
        let source = under_build("target: t") + broken;
        let found = project(Path::new("/project"), &Memory::new(&[("compose.yaml", &source)]));
        let web = found.builds.iter().find(|build| build.title.contains("web")).unwrap();
        assert_eq!(local(web).certainty, Certainty::Likely, "{broken}");
        assert_eq!(web.target.as_ref().unwrap().text.as_deref(), Some("t"));
    }
}

#[test]
fn a_target_that_is_not_typed_yet_is_empty() {
    for (lines, behind) in [
        ("target:", "target:"),
        ("target: ", "target: "),
        ("target: \"", "target: \""),
        ("target: '", "target: '"),
        ("target: ''", "target: '"),
        ("dockerfile: D\ntarget: \ncontext: .", "target: "),
    ] {
        let source = under_build(lines) + "    image: x\n";
        let found = project(Path::new("/project"), &Memory::new(&[("compose.yaml", &source)]));
        let target = found.builds[0].target.clone().unwrap_or_else(|| panic!("{lines}"));
        let at = source.find(behind).unwrap() + behind.len();
        assert_eq!((target.text.as_deref(), target.spot.range), (Some(""), at..at), "{lines}");
        assert!(target.quoting.is_some());
    }
    let source = under_build("target: \"bu") + "    image: x\n";
    let found = project(Path::new("/project"), &Memory::new(&[("compose.yaml", &source)]));
    let target = found.builds[0].target.clone().unwrap();
    assert_eq!((target.text.as_deref(), &source[target.spot.range]), (Some("bu"), "bu"));
}

#[test]
fn what_decides_about_the_dockerfile() {
    let dockerfile = |lines: &str| {
        let source = under_build(lines);
        let found = project(Path::new("/project"), &Memory::new(&[("compose.yaml", &source)]));
        found.builds[0].dockerfile.clone()
    };
    assert!(matches!(dockerfile("context: https://example.org/r.git"), Dockerfile::Remote));
    assert!(matches!(dockerfile("dockerfile: https://example.org/D"), Dockerfile::Remote));
    assert!(matches!(dockerfile("context: $C"), Dockerfile::Unknown(_)));
    assert!(matches!(dockerfile("context: ~/c"), Dockerfile::Unknown(_)));
    assert!(matches!(dockerfile("dockerfile: $D"), Dockerfile::Unknown(_)));
    assert!(matches!(dockerfile("dockerfile_inline: FROM a"), Dockerfile::Inline(..)));
    let Dockerfile::Local(local) = dockerfile("context: ${C:-c}\ndockerfile: ../D") else { panic!() };
    assert_eq!(local.guesses, [vec![PathBuf::from("/project/D")]]);
    assert_eq!((local.base, local.certainty), ("/project/c".into(), Certainty::Likely));
    assert_eq!(local.written.unwrap().text.as_deref(), Some("../D"));
}

#[test]
fn a_file_of_another_name_stands_alone_or_goes_over_the_project() {
    let base = under_build("context: ./c\ndockerfile: D\ntarget: t");
    let prod = under_build("target: prod") + "  own:\n    build: ./own\n";
    let memory = Memory::new(&[("d/compose.yaml", &base), ("d/docker-compose.prod.yml", &prod)]);
    let found = file(Path::new("/project/d/docker-compose.prod.yml"), &memory);
    let titles: Vec<&str> = found.builds.iter().map(|build| build.title.as_str()).collect();
    assert_eq!(titles, ["compose service `web`", "compose service `own`"]);
    let web = local(&found.builds[0]);
    assert_eq!(web.guesses, [vec![PathBuf::from("/project/d/c/D")], vec![PathBuf::from("/project/c/D")]]);
    assert_eq!(web.certainty, Certainty::Likely);
    let alone = file(
        Path::new("/project/d/docker-compose.prod.yml"),
        &Memory::new(&[("d/docker-compose.prod.yml", &prod)]),
    );
    assert_eq!(local(&alone.builds[0]).guesses[0][0], PathBuf::from("/project/d/Dockerfile"));
}

#[test]
fn a_dotenv_file_may_name_the_files() {
    let base = under_build("context: ./c\ntarget: t");
    let memory = Memory::new(&[
        ("compose.yaml", &base),
        ("compose.override.yaml", &under_build("target: never")),
        ("compose.dev.yaml", &under_build("target: dev")),
        (".env", "COMPOSE_FILE=compose.yaml:compose.dev.yaml\n"),
    ]);
    let found = project(Path::new("/project"), &memory);
    assert_eq!(found.builds[0].target.as_ref().unwrap().text.as_deref(), Some("dev"));
}
