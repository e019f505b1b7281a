use std::path::Path;

use super::*;
use crate::builds::{
    Build, Certainty, Dockerfile, Found, Quoting,
    files::{Files as _, Memory},
};

fn project_of(files: &[(&str, &str)]) -> Found {
    project(Path::new("/project"), &Memory::new(files))
}

fn only(text: &str) -> Vec<Build> {
    project_of(&[("docker-bake.hcl", text)]).builds
}

fn build<'a>(builds: &'a [Build], name: &str) -> &'a Build {
    let title = format!("bake target `{name}`");
    builds.iter().find(|build| build.title == title).unwrap_or_else(|| panic!("no {title} in {builds:#?}"))
}

fn target(build: &Build) -> (&str, Certainty) {
    let value = build.target.as_ref().unwrap();
    (value.text.as_deref().unwrap_or("?"), value.certainty)
}

/// The text at a value's place.
fn written<'a>(text: &'a str, value: &Option<Value>) -> &'a str {
    &text[value.as_ref().unwrap().spot.range.clone()]
}

fn guesses(build: &Build) -> Vec<String> {
    let Dockerfile::Local(local) = &build.dockerfile else { panic!("{:?}", build.dockerfile) };
    local.guesses.iter().map(|guess| guess[0].display().to_string()).collect()
}

#[test]
fn an_inherited_literal_stands_where_the_parent_has_it() {
    let text = "target \"a\" {\n target = \"x\"\n dockerfile = \"D\"\n context = \"c\"\n}\ntarget \"b\" {\n inherits = [\"a\"]\n}\n";
    let builds = only(text);
    let b = build(&builds, "b");
    assert_eq!(target(b), ("x", Certainty::Certain));
    assert_eq!(written(text, &b.target), "x");
    assert_eq!(&text[b.declared.range.clone()], "b");
    assert_eq!(guesses(b), ["/project/c/D"]);
}

#[test]
fn literals_of_a_matrix_and_of_defaults_are_likely() {
    let text = "variable \"S\" {\n default = \"dev\"\n}\ntarget \"a\" {\n target = S\n}\ntarget \"m\" {\n name = \"m-${t}\"\n matrix = {\n  t = [\"one\", \"two\"]\n }\n target = \"${t}\"\n}\ntarget \"n\" {\n name = \"n-${t}\"\n matrix = { t = [\"x\"] }\n target = \"${t}-base\"\n}\n";
    let builds = only(text);
    assert_eq!(target(build(&builds, "a")), ("dev", Certainty::Likely));
    assert_eq!(written(text, &build(&builds, "a").target), "dev");
    let two = build(&builds, "m-two");
    assert_eq!(target(two), ("two", Certainty::Likely));
    assert_eq!(written(text, &two.target), "two");
    assert_eq!(two.target.as_ref().unwrap().quoting, Some(Quoting::Double));
    let computed = build(&builds, "n-x");
    assert_eq!(target(computed), ("x-base", Certainty::Likely));
    assert!(!computed.target.as_ref().unwrap().is_literal());
}

#[test]
fn what_only_the_environment_knows_is_unknown() {
    let builds = only(
        "variable \"S\" {}\ntarget \"a\" {\n target = S\n}\ntarget \"b\" {\n context = S\n}\ntarget \"c\" {\n target = \"${S}-x\"\n}\ntarget \"m\" {\n name = \"m-${t}\"\n matrix = { t = split(\",\", S) }\n target = t\n dockerfile = \"D\"\n}\n",
    );
    assert_eq!(target(build(&builds, "a")), ("?", Certainty::Unknown));
    assert!(matches!(build(&builds, "b").dockerfile, Dockerfile::Unknown(_)));
    assert_eq!(target(build(&builds, "c")), ("?", Certainty::Unknown));
    let matrix = build(&builds, "m");
    assert_eq!(target(matrix), ("?", Certainty::Unknown));
    assert_eq!(guesses(matrix), ["/project/D"]);
}

#[test]
fn functions_are_worked_out() {
    let builds = only(
        "function \"stage\" {\n params = [n]\n result = \"${lower(n)}-stage\"\n}\ntarget \"a\" {\n target = stage(\"APP\")\n}\ntarget \"b\" {\n target = try(target.a.target, \"x\")\n dockerfile = join(\"/\", concat([\"d\"], split(\",\", \"e,F\")))\n}\ntarget \"c\" {\n target = lookup({ x = \"one\" }, \"x\", \"two\")\n}\n",
    );
    assert_eq!(target(build(&builds, "a")), ("app-stage", Certainty::Likely));
    assert_eq!(target(build(&builds, "b")), ("app-stage", Certainty::Likely));
    assert_eq!(guesses(build(&builds, "b")), ["/project/d/e/F"]);
    let c = build(&builds, "c");
    assert_eq!(target(c), ("one", Certainty::Likely));
    assert!(c.target.as_ref().unwrap().is_literal());
}

#[test]
fn replaced_targets_are_kept_as_overridden() {
    let json = "{\"target\": {\"a\": {\"target\": \"old\"}}}";
    let found = project_of(&[
        ("docker-bake.json", json),
        ("docker-bake.hcl", "target \"a\" {\n target = \"new\"\n}\n"),
    ]);
    let a = build(&found.builds, "a");
    assert_eq!(target(a).0, "new");
    assert_eq!(&*a.declared.file, Path::new("/project/docker-bake.hcl"));
    assert_eq!(a.overridden.len(), 1);
    assert_eq!(&json[a.overridden[0].spot.range.clone()], "old");
    // What a parent says wins there.
    let builds =
        only("target \"a\" {\n target = \"x\"\n}\ntarget \"b\" {\n inherits = [\"a\"]\n target = \"y\"\n}\n");
    assert_eq!(build(&builds, "b").overridden, []);
}

#[test]
fn a_call_may_come_from_the_folder_of_the_file_or_from_the_root() {
    let files = [(
        "ci/docker-bake.hcl",
        "target \"a\" {\n dockerfile = \"D\"\n}\ntarget \"r\" {\n context = \"https://example.org/r.git\"\n}\ntarget \"w\" {\n context = \"cwd://x\"\n}\ntarget \"abs\" {\n dockerfile = \"/abs/D\"\n}\n",
    )];
    let found = project(Path::new("/project/ci"), &Memory::new(&files));
    assert_eq!(guesses(build(&found.builds, "a")), ["/project/ci/D", "/project/D"]);
    assert_eq!(build(&found.builds, "r").dockerfile, Dockerfile::Remote);
    assert_eq!(guesses(build(&found.builds, "w")), ["/project/ci/x/Dockerfile", "/project/x/Dockerfile"]);
    assert_eq!(guesses(build(&found.builds, "abs")), ["/abs/D"]);
}

#[test]
fn a_dockerfile_may_stand_in_the_bake_file() {
    let text = "target \"a\" {\n dockerfile-inline = <<EOT\nFROM scratch AS x\nEOT\n target = \"x\"\n}\n";
    let builds = only(text);
    let Dockerfile::Inline(scalar, _) = &builds[0].dockerfile else { panic!() };
    assert_eq!(scalar.text, "FROM scratch AS x\n");
    assert_eq!(scalar.place(0..4).map(|place| &text[place]), Some("FROM"));
}

#[test]
fn filters_contexts_and_arguments_have_their_places() {
    let text = "target \"a\" {\n no-cache-filter = [\"one\", \"two\"]\n contexts = {\n  base = \"target:b\"\n  \"other\" = \"./o\"\n }\n args = {\n  V = 1\n  N = null\n }\n}\ntarget \"b\" {}\n";
    let builds = only(text);
    let a = build(&builds, "a");
    let filters: Vec<&str> = a.no_cache_filter.iter().map(|value| &text[value.spot.range.clone()]).collect();
    assert_eq!(filters, ["one", "two"]);
    let keys: Vec<_> = a
        .contexts
        .iter()
        .map(|context| (&text[context.key.spot.range.clone()], context.key.quoting))
        .collect();
    assert_eq!(keys, [("base", Some(Quoting::Identifier)), ("other", Some(Quoting::Double))]);
    assert_eq!(a.args.len(), 1);
    assert_eq!(&text[a.args[0].name.spot.range.clone()], "V");
    assert_eq!(a.args[0].value.as_ref().and_then(|value| value.text.as_deref()), Some("1"));
}

#[test]
fn half_typed_targets_have_a_place_for_text() {
    for (typed, text, quoting) in [
        ("target = ", "", Quoting::DoubleWhole),
        ("target =", "", Quoting::DoubleWhole),
        ("target = \"bu", "bu", Quoting::Double),
        ("target = \"", "", Quoting::Double),
        ("target = \"\"", "", Quoting::Double),
    ] {
        let before = format!("target \"a\" {{\n dockerfile = \"D\"\n {typed}");
        let builds = only(&format!("{before}\n}}\ntarget \"b\" {{\n target = \"y\"\n}}\n"));
        let value = build(&builds, "a").target.clone().unwrap();
        assert_eq!((value.text.as_deref(), value.quoting), (Some(text), Some(quoting)), "{typed}");
        let behind = usize::from(typed.ends_with("\"\""));
        assert_eq!(value.spot.range.end, before.len() - behind, "{typed}");
        assert_eq!(target(build(&builds, "b")).0, "y");
    }
    let json = "{\"target\": {\"a\": {\"target\": \n}}}";
    let found = project_of(&[("docker-bake.json", json)]);
    let value = found.builds[0].target.clone().unwrap();
    assert_eq!((value.text.as_deref(), value.quoting), (Some(""), Some(Quoting::DoubleWhole)));
    assert_eq!(found.broken.len(), 1);
}

#[test]
fn an_error_somewhere_makes_all_else_likely() {
    for error in [
        "targ",
        "target \"x\" {\n target = NOWHERE\n}",
        "target \"x.y\" {}",
        "target \"x\" {\n name = \"z\"\n}",
    ] {
        let builds = only(&format!("target \"a\" {{\n target = \"t\"\n}}\n{error}\n"));
        assert_eq!(target(build(&builds, "a")), ("t", Certainty::Likely), "{error}");
    }
    let builds = only(
        "target \"a\" {\n target = \"t\"\n inherits = [\"gone\"]\n}\ntarget \"b\" {\n target = \"u\"\n}\n",
    );
    assert_eq!(target(build(&builds, "a")), ("t", Certainty::Likely));
    assert_eq!(target(build(&builds, "b")), ("u", Certainty::Certain));
}

#[test]
fn a_file_of_another_name_stands_alone_or_over_the_default_ones() {
    let default = ("docker-bake.hcl", "target \"base\" {\n dockerfile = \"D\"\n}\n");
    let files = Memory::new(&[
        default,
        ("docker-bake.ci.hcl", "target \"ci\" {\n inherits = [\"base\"]\n target = \"t\"\n}\n"),
        ("docker-bake.own.hcl", "target \"own\" {\n target = \"t\"\n}\n"),
    ]);
    let ci = file(Path::new("/project/docker-bake.ci.hcl"), &files).builds;
    assert_eq!(ci.len(), 1);
    assert_eq!(guesses(&ci[0]), ["/project/D"]);
    assert_eq!(target(&ci[0]), ("t", Certainty::Likely));
    let own = file(Path::new("/project/docker-bake.own.hcl"), &files).builds;
    assert_eq!(target(&own[0]), ("t", Certainty::Certain));
}

#[test]
fn services_are_parents_but_builds_of_their_own_reader() {
    let found = project_of(&[
        ("compose.yaml", "services:\n  web:\n    build:\n      context: ./w\n      target: c\n"),
        ("docker-bake.hcl", "target \"x\" {\n inherits = [\"web\"]\n}\n"),
    ]);
    assert_eq!(found.builds.len(), 1);
    assert_eq!(target(&found.builds[0]).0, "c");
    assert_eq!(guesses(&found.builds[0]), ["/project/w/Dockerfile"]);
}

#[test]
fn what_bake_does_not_read_is_listed() {
    let text = "stage \"x\" {}\ntarget \"a\" {\n targt = \"x\"\n Target = \"y\"\n target = \"z\"\n}\n";
    let files = Memory::new(&[("docker-bake.hcl", text)]);
    let places = project(Path::new("/project"), &files).ignored;
    let words: Vec<&str> = places.iter().map(|spot| &text[spot.range.clone()]).collect();
    assert_eq!(words, ["stage", "targt", "Target"]);
}

#[test]
fn bake_files_are_told_by_name_or_target_blocks() {
    for (path, text) in [
        ("docker-bake.hcl", ""),
        ("docker-bake.ci.json", "{\"target\": {}}"),
        ("build.hcl", "\ntarget \"a\" {\n"),
        ("build.hcl", "target a {"),
    ] {
        assert!(is_bake(Path::new(path), text), "{path}");
    }
    for (path, text) in
        [("main.hcl", "targets = []"), ("x.json", "{\"target\": 1}"), ("a.yaml", ""), ("x.hcl", "target = {")]
    {
        assert!(!is_bake(Path::new(path), text), "{path}");
    }
}

#[test]
fn a_call_builds_groups_patterns_and_links() {
    let files = Memory::new(&[(
        "docker-bake.hcl",
        "group \"default\" {\n targets = [\"a\", \"g\"]\n}\ngroup \"g\" {\n targets = [\"b\"]\n}\ntarget \"a\" {\n contexts = { x = \"target:c\" }\n}\ntarget \"b\" {}\ntarget \"c\" {}\ntarget \"loop\" {\n contexts = { x = \"target:loop\" }\n}\ntarget \"l1\" {\n contexts = { x = \"target:l2\" }\n}\ntarget \"l2\" {\n contexts = { x = \"target:l1\" }\n}\n",
    )]);
    let call = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let invocation = Invocation { cwd: files.root(Path::new("")), names, ..Invocation::default() };
        let targets = load(&invocation, &files)?;
        Ok::<_, Error>(targets.into_iter().map(|target| target.name).collect::<Vec<_>>())
    };
    assert_eq!(call(&[]).unwrap(), ["a", "b", "c"]);
    assert_eq!(call(&["?"]).unwrap(), ["a", "b", "c"]);
    assert_eq!(call(&["nothing"]), Err(Error::UnknownTarget("nothing".into())));
    assert_eq!(call(&["loop"]), Err(Error::LinkToItself("loop".into())));
    assert!(matches!(call(&["l1"]), Err(Error::LinkLoop(..))));
}

#[test]
fn what_set_changes_wins() {
    let files = Memory::new(&[(
        "docker-bake.hcl",
        "target \"a\" {\n target = \"x\"\n no-cache-filter = [\"f\"]\n}\ntarget \"b\" {\n inherits = [\"a\"]\n}\n",
    )]);
    let call = |set: &str| {
        let (set, names) = (vec![set.to_owned()], vec!["b".to_owned()]);
        load(&Invocation { cwd: "/project".into(), set, names, ..Invocation::default() }, &files)
    };
    let text = |value: &Option<Value>| value.as_ref().and_then(|value| value.text.clone());
    assert_eq!(text(&call("*.target=y").unwrap()[0].target), Some("y".into()));
    assert_eq!(text(&call("a.target=y").unwrap()[0].target), Some("y".into()));
    assert_eq!(call("b.no-cache-filter=z").unwrap()[0].no_cache_filter, []);
    assert_eq!(call("b.args.V=1").unwrap()[0].args.len(), 1);
    assert_eq!(call("c.target=y"), Err(Error::NoMatch("c".into())));
    assert_eq!(call("target=y"), Err(Error::InvalidOverride("target=y".into())));
}
