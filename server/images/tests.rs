//! What the table says of images, and that it is well-formed.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::*;

/// What is known of an image on Linux.
fn known(name: &str) -> Arc<Facts> {
    on(name, false).unwrap_or_else(|| panic!("{name} is known"))
}

fn on(name: &str, windows: bool) -> Option<Arc<Facts>> {
    facts(&Image::parse(name).expect("a legal name"), windows)
}

fn language(facts: &Facts) -> Option<(&str, Option<&str>)> {
    facts.language.as_ref().map(|language| (language.name.as_str(), language.version.as_deref()))
}

fn siblings(name: &str) -> Vec<String> {
    known(name).siblings.iter().map(|sibling| sibling.image.clone()).collect()
}

fn words(words: &[&str]) -> Setting {
    Setting::Words(words.iter().map(|&word| word.to_owned()).collect())
}

#[test]
fn a_tag_tells_system_language_and_version() {
    let node = known("node:20-alpine");
    assert_eq!(
        (node.family, node.libc, node.package_manager),
        (Family::Alpine, Libc::Musl, PackageManager::Apk)
    );
    assert_eq!((node.shell, language(&node)), (Shell::Sh, Some(("node", Some("20")))));
    assert!(node.has_user("node") && node.has_group("node") && node.has_group("www-data"));
    assert!(!node.has_user("app") && !node.has_user("www-data"), "www-data is a group only");
    assert!(node.sets("NODE_VERSION") && node.sets("PATH") && !node.sets("PYTHON_VERSION"));

    let go = known("golang:1.22");
    assert_eq!((go.family, go.libc, go.workdir.as_deref()), (Family::Debian, Libc::Glibc, Some("/go")));
    assert_eq!((go.role, go.has_compiler), (Role::Builder, Some(true)));
    assert_eq!(known("golang").workdir.as_deref(), Some("/go"));

    let aspnet = known("mcr.microsoft.com/dotnet/aspnet:8.0");
    assert_eq!(
        (aspnet.package_manager, language(&aspnet)),
        (PackageManager::Apt, Some(("dotnet", Some("8.0"))))
    );
    assert!(aspnet.sets("APP_UID") && aspnet.has_user("app"));
    assert_eq!(aspnet.user.as_deref(), Some("root"));
}

#[test]
fn a_repository_s_name_can_be_one_of_many() {
    let node = known("gcr.io/distroless/nodejs20-debian12:nonroot");
    assert_eq!(
        (node.family, node.shell, node.package_manager),
        (Family::Distroless, Shell::None, PackageManager::None)
    );
    assert_eq!(node.entrypoint, words(&["/nodejs/bin/node"]));
    assert_eq!((language(&node), node.glibc), (Some(("node", Some("20"))), Some((2, 36))));
    assert_eq!(node.workdir.as_deref(), Some("/home/nonroot"));

    let python = known("gcr.io/distroless/python3-debian12");
    assert_eq!(language(&python), Some(("python", Some("3.11"))));
    assert_eq!(python.entrypoint, words(&["/usr/bin/python3.11"]));
    assert_eq!(known("gcr.io/distroless/python3").entrypoint, words(&["/usr/bin/python"]));

    assert_eq!(known("cgr.dev/acme/node:20").repository, "cgr.dev/chainguard/node");
    assert_eq!(on("cgr.dev/acme/acme", false), None);
    assert!(!known("bitnami/redis:7").is_certain());
}

#[test]
fn one_image_has_many_names() {
    for name in [
        "docker.io/library/alpine:3.20",
        "index.docker.io/alpine:3.20",
        "registry.hub.docker.com/library/alpine:3.20",
        "mirror.gcr.io/library/alpine:3.20",
        "public.ecr.aws/docker/library/alpine:3.20",
        "arm64v8/alpine:3.20",
        &format!("alpine:3.20@sha256:{}", "0".repeat(64)),
    ] {
        assert_eq!(known(name), known("alpine:3.20"), "{name}");
    }
    assert_eq!(known("registry.access.redhat.com/ubi9/ubi-minimal").repository, "redhat/ubi9-minimal");
}

#[test]
fn what_is_not_known_is_unknown() {
    assert_eq!(on("registry.example.com/library/alpine", false), None);
    assert_eq!(on("localhost:5000/golang:1.22", false), None);
    assert_eq!(on("ghcr.io/amd64/alpine", false), None);
    assert_eq!(on("acme/app:1", false), None);
    assert_eq!(on("scratch", false), None, "a reserved word, not an image");
    assert_eq!(on("mcr.microsoft.com/dotnet/sdk:no-such-tag", false), None);
}

#[test]
fn a_digest_alone_tells_what_all_tags_share() {
    let digest = "@sha256:".to_owned() + &"0".repeat(64);
    let alpine = known(&format!("alpine{digest}"));
    assert_eq!((alpine.family, alpine.libc), (Family::Alpine, Libc::Musl));
    let go = known(&format!("golang{digest}"));
    assert_eq!((go.workdir.as_deref(), go.libc), (Some("/go"), Libc::Unknown));
    assert_eq!(language(&go), Some(("go", None)));
    assert!(go.sets("GOPATH") && go.has_user("anybody") && go.siblings.is_empty());
}

#[test]
fn a_shared_tag_is_another_image_on_windows() {
    assert_eq!(on("golang:1.22", true), None);
    assert_eq!(on("alpine", true), None);
    let core = on("golang:1.22-windowsservercore-ltsc2022", true).expect("a Windows image");
    assert_eq!((core.family, core.shell), (Family::Windows, Shell::PowerShell));
    assert_eq!(core.workdir, None, "it was not read");
    assert_eq!(on("golang:1.22-nanoserver", false).map(|facts| facts.family), Some(Family::Windows));
}

#[test]
fn nothing_is_claimed_of_what_nobody_looked_at() {
    let graal = known("ghcr.io/graalvm/native-image-community:21");
    assert!(!graal.is_certain());
    assert_eq!((graal.user.as_deref(), &graal.cmd), (None, &Setting::Unknown));
    assert!(graal.has_user("anybody") && graal.has_group("anybody"));

    let debian = known("debian:12");
    assert!(debian.is_certain());
    assert_eq!((debian.user.as_deref(), &debian.entrypoint), (Some("root"), &Setting::NotSet));
    assert_eq!(debian.cmd, Setting::Unknown, "the row says that its CMD is general knowledge");
}

#[test]
fn a_sibling_is_named_only_in_full() {
    assert_eq!(siblings("debian:bookworm"), ["debian:bookworm-slim"]);
    assert!(siblings("debian").is_empty(), "there is no latest-slim");
    assert_eq!(siblings("eclipse-temurin:21-jdk-jammy"), ["eclipse-temurin:21-jre-jammy"]);
    let distroless = |name| siblings(name).into_iter().find(|image| image.contains("distroless"));
    assert_eq!(distroless("node:24.1").as_deref(), Some("gcr.io/distroless/nodejs24-debian13:nonroot"));
    assert_eq!(distroless("node:18"), None, "never published for Debian 13");
    assert!(siblings("node").is_empty());
}

#[test]
fn a_release_tells_the_version_of_glibc() {
    for (name, expected) in [
        ("debian:12.5-slim", Some((2, 36))),
        ("ubuntu:22.04", Some((2, 35))),
        ("node:20-bullseye-slim", Some((2, 31))),
        ("rust:1.80-bookworm", Some((2, 36))),
        ("nvidia/cuda:12.4.1-base-ubuntu22.04", Some((2, 35))),
        ("redhat/ubi8", Some((2, 28))),
        ("rockylinux:9.3", Some((2, 34))),
        // Which release these are built on moves.
        ("node:20", None),
        ("python:3.12-slim", None),
        ("debian", None),
        ("golang:1.22-alpine", None),
    ] {
        assert_eq!(known(name).glibc, expected, "{name}");
    }
}

#[test]
fn scratch_holds_nothing() {
    let scratch = scratch();
    assert!(scratch.is_certain() && !scratch.has_user("root") && !scratch.has_group("root"));
    assert_eq!(
        (scratch.libc, scratch.shell, scratch.workdir.as_deref()),
        (Libc::None, Shell::None, Some("/"))
    );
}

#[test]
fn every_line_of_the_table_can_be_used() {
    let mut problems = Vec::new();
    let mut names = HashMap::new();
    let mut header = serde_json::Map::new();
    // Of one repository.
    let mut seen: HashSet<String> = HashSet::new();
    let mut takes_all = false;
    for (number, line) in table::TEXT.lines().enumerate().map(|(at, line)| (at + 1, line)) {
        let mut problem = |text: String| problems.push(format!("base-images.jsonl:{number}: {text}"));
        let object: serde_json::Map<String, serde_json::Value> = match serde_json::from_str(line) {
            Ok(object) => object,
            Err(error) => {
                problem(error.to_string());
                continue;
            }
        };
        if let Some(name) = object.get("repository").and_then(|name| name.as_str()) {
            if !line.starts_with("{\"repository\":") {
                problem("`repository` comes first".to_owned());
            }
            let aliases = object.get("aliases").and_then(|list| list.as_array()).into_iter().flatten();
            for name in aliases.filter_map(|alias| alias.as_str()).chain([name]) {
                if let Some(other) = names.insert(name.to_owned(), number) {
                    problem(format!("`{name}` stands in line {other} too"));
                }
                if let Ok(image) = Image::parse(name)
                    && names::canonical(&image) != name
                {
                    problem(format!("`{name}` is found as `{}`", names::canonical(&image)));
                }
            }
            if let Some(pattern) = object.get("names").and_then(|names| names.as_str()) {
                check_pattern(pattern, &mut problem);
            }
            header = object;
            seen.clear();
            takes_all = false;
            continue;
        }
        if takes_all {
            problem("a row above takes all tags".to_owned());
        }
        let row = match row::Row::read(&header, line) {
            Ok(row) => row,
            Err(error) => {
                problem(error.to_string());
                continue;
            }
        };
        check_pattern(&row.tags, &mut problem);
        takes_all |= table::compile(&row.tags).is_some_and(|pattern| pattern.is_match(b"zz9_no-such.tag"));
        if !seen.insert(row.tags.clone()) {
            problem("the same tags stand above".to_owned());
        }
        if row.source.trim().is_empty() {
            problem("no source".to_owned());
        }
        if row.confidence == Confidence::Read && !row.source.contains(['@', ':']) {
            problem("read, but not said where".to_owned());
        }
        let patterns =
            row.tags.clone() + header.get("names").and_then(|names| names.as_str()).unwrap_or_default();
        for sibling in &row.siblings {
            for placeholder in sibling.image.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                let group = if placeholder == "version_major" { "version" } else { placeholder };
                if placeholder != "tag" && !patterns.contains(&format!("(?P<{group}>")) {
                    problem(format!("no group for {{{placeholder}}}"));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(names.len() > 250, "the table is there: {}", names.len());
}

fn check_pattern(pattern: &str, problem: &mut impl FnMut(String)) {
    if !pattern.starts_with('^') || !pattern.ends_with('$') {
        problem(format!("not anchored: {pattern}"));
    }
    if table::compile(pattern).is_none() {
        problem(format!("not a pattern: {pattern}"));
    }
}

#[test]
fn every_family_is_described() {
    let families: HashMap<Family, serde_json::Value> =
        serde_json::from_str(row::FAMILIES).expect("families.json can be read");
    for (family, fields) in &families {
        let listed = fields["users"].is_array();
        assert_eq!(listed, fields["source"].is_string() && fields["confidence"].is_string(), "{family:?}");
    }
    for line in table::TEXT.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
        let Some(family) = line.get("family") else { continue };
        let family: Family = serde_json::from_value(family.clone()).expect("a family");
        assert!(families.contains_key(&family), "{family:?}");
    }
}
