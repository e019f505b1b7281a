use super::*;
use crate::fixture::{Fixture, user};

/// The links of a fixture: the text that leads somewhere, and where. The build context has the files of `context`.
fn found(text: &str, context: &[&str]) -> Vec<(String, String)> {
    let fixture = Fixture::new(text).with_users([user("x").context("ctx")]);
    let find = |path: &str| context.contains(&path).then(|| PathBuf::from(path));
    let links = links(&fixture.doc, &find).into_iter();
    let shown = links.map(|link| {
        let target = match link.target {
            Target::Page(url) => url,
            Target::File(path) => path.display().to_string(),
        };
        (fixture.doc.text().slice(link.range).into_owned(), target)
    });
    shown.collect()
}

#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let found = found(text, &["a", "src/b.c", "c d"]);
    let found: Vec<(&str, &str)> = found.iter().map(|(text, to)| (text.as_str(), to.as_str())).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn an_image_leads_to_its_page_and_its_tag_to_the_tag() {
    let node = ("node", "https://hub.docker.com/_/node");
    check("FROM node AS x\n", &[node]);
    check("FROM node:20 AS x\n", &[node, ("20", "https://hub.docker.com/_/node/tags?name=20")]);
    check("FROM --platform=linux/amd64 \"node\"\n", &[node]);
    check(&format!("FROM node@sha256:{}\n", "0".repeat(64)), &[node]);
    check(
        &format!("FROM node:20@sha256:{}\n", "0".repeat(64)),
        &[node, ("20", "https://hub.docker.com/_/node/tags?name=20")],
    );
    check("FROM ghcr.io/a/b:1\n", &[("ghcr.io/a/b", "https://ghcr.io/a/b")]);
    check("FROM node \\\n # no\n AS x\n", &[node]);
    check(
        "FROM scratch\nCOPY --from=node /a /a\nRUN --mount=type=bind,from=node,source=a,target=/a true\nONBUILD COPY --from=node /a /a\n",
        &[node, node, node],
    );
    check(
        "# syntax=docker/dockerfile:1\n",
        &[
            ("docker/dockerfile", "https://hub.docker.com/r/docker/dockerfile"),
            ("1", "https://hub.docker.com/r/docker/dockerfile/tags?name=1"),
        ],
    );
}

#[test]
fn of_an_image_with_variables_the_repository_is_linked_where_it_is_certain() {
    let node = ("node", "https://hub.docker.com/_/node");
    check("ARG V=20\nFROM node:${V}-alpine\n", &[node]);
    check("ARG V\nFROM node:$V\n", &[node]);
    check("FROM localhost:5000/$X:1\n", &[]);
    check("ARG I=node\nFROM $I:20\n", &[]);
    check("ARG R\nFROM ${R}/node:20\n", &[]);
    check("ARG V\nFROM node$V\n", &[]);
}

#[test]
fn what_is_no_image_has_no_page() {
    check("FROM scratch AS a\nFROM a\nCOPY --from=a /a /b\nCOPY --from=0 /a /b\nCOPY --from= /x /b\n", &[]);
    check("FROM ctx\nCOPY --from=ctx /a /b\nFROM Upper\nFROM registry.example.com/a\nFROM \n", &[]);
}

#[test]
fn files_of_the_context_are_linked_if_they_are_there() {
    let (a, b) = (("a", "a"), ("src/b.c", "src/b.c"));
    check("FROM scratch\nCOPY a src/b.c nothing src /x/\n", &[a, b]);
    check("FROM scratch\nCOPY [\"a\", \"c d\", \"/x/\"]\n", &[a, ("c d", "c d")]);
    check(
        "FROM scratch\nADD ./a /src/b.c ../a \"a\" /x/\n",
        &[("./a", "a"), ("/src/b.c", "src/b.c"), ("../a", "a"), a],
    );
    check("FROM scratch\nCOPY --chown=1 --link \\\n a \\\n /x/\n", &[a]);
    check("FROM scratch\nARG D=src\nCOPY $D/b.c /x/\n", &[("$D/b.c", "src/b.c")]);
    check(
        "FROM scratch\nRUN --mount=type=bind,source=a,target=/x --mount=src=src/b.c,target=/y true\n",
        &[a, b],
    );
    check("FROM scratch\nCOPY a* a/ a /x/\n", &[a]);
    for other in [
        "COPY a",
        "COPY --from=0 a /x",
        "COPY b a",
        "COPY <<a /x\na\na",
        "RUN --mount=type=bind,from=x,source=a,target=/x true",
        "RUN --mount=type=secret,source=a true",
        "RUN cp a /x",
    ] {
        check(&format!("FROM scratch AS x\n{other}\n"), &[]);
    }
}

#[test]
fn addresses_lead_where_they_say() {
    let url = "https://example.com/a_b%20c.tgz?x=1";
    check(&format!("FROM scratch\nADD {url} /x\n"), &[(url, url)]);
    check(&format!("FROM scratch\nADD [\"{url}\", \"/x\"]\n"), &[(url, url)]);
    check(
        "FROM scratch\nARG V=1\nADD https://example.com/$V.tgz /x\n",
        &[("https://example.com/$V.tgz", "https://example.com/1.tgz")],
    );
    check("FROM scratch\nARG V\nADD https://example.com/$V.tgz /x\n", &[]);
    check("FROM scratch\nCOPY https://example.com/a.tgz /x\n", &[]);
    for (git, expected) in [
        ("https://github.com/a/b.git", "https://github.com/a/b"),
        ("https://github.com/a/b.git#v1:docs/", "https://github.com/a/b/tree/v1/docs"),
        ("git@github.com:a/b.git#main", "https://github.com/a/b/tree/main"),
        ("ssh://git@github.com/a/b.git", "https://github.com/a/b"),
        ("git://gitlab.com/a/b/c.git", "https://gitlab.com/a/b/c"),
        ("https://gitlab.com/a/b.git#x", "https://gitlab.com/a/b/-/tree/x"),
        ("https://example.com/a/b.git#x", "https://example.com/a/b.git#x"),
    ] {
        check(&format!("FROM scratch\nADD {git} /x\n"), &[(git, expected)]);
    }
    check("FROM scratch\nADD git@example.com:a/b.git /x\n", &[]);
}

#[test]
fn a_link_says_what_it_opens() {
    let fixture = Fixture::new("FROM node:20\nCOPY a /a\n");
    let links = links(&fixture.doc, &|path| Some(PathBuf::from(path)));
    let tooltips: Vec<&str> = links.iter().map(|link| link.tooltip.as_str()).collect();
    assert_eq!(
        tooltips,
        ["Open `node` at Docker Hub", "Open the tag `20` at Docker Hub", "Open `a` of the build context"]
    );
}
