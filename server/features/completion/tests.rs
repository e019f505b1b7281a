use super::{Alone, Completion, CompletionKind, Documentation, completion};
use crate::{
    document::Document,
    fixture::{Fixture, apply, user},
    syntax::Keyword,
    text::Edit,
};

fn items(text: &str) -> Vec<Completion> {
    let fixture = Fixture::new(text);
    completion(&fixture.doc, fixture.cursor, &Alone)
}

fn labels(text: &str) -> Vec<String> {
    items(text).into_iter().map(|item| item.label).collect()
}

/// What is offered first, in the middle of a file and at its end, with line endings of Windows, and in a trigger.
#[track_caller]
fn first(line: &str, expected: &[&str]) {
    const ABOVE: &str = "FROM node:24 AS deps\nFROM node:24 AS build\nRUN useradd -u 1001 app\n";
    for behind in ["", "\nRUN x\nFROM b AS later\n"] {
        let text = format!("{ABOVE}{line}{behind}");
        let found = labels(&text);
        assert_eq!(found.get(..expected.len()), Some(&to_owned(expected)[..]), "{text}: {found:?}");
        let dos = text.replace('\n', "\r\n");
        let cursor = dos.find("$0").expect("there is a cursor");
        let doc = Document::open(&dos.replacen("$0", "", 1), 1);
        let found: Vec<String> = completion(&doc, cursor, &Alone).into_iter().map(|it| it.label).collect();
        assert_eq!(found.get(..expected.len()), Some(&to_owned(expected)[..]), "{dos:?}");
    }
}

fn to_owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// What accepting an item leaves of its line; `snippet`: as a client does that takes them.
#[track_caller]
fn accepted(line: &str, label: &str, snippet: bool) -> String {
    let fixture = Fixture::new(&format!("FROM node:24 AS build\nFROM node:24\n{line}"));
    let items = completion(&fixture.doc, fixture.cursor, &Alone);
    let item = items.iter().find(|item| item.label == label);
    let item =
        item.unwrap_or_else(|| panic!("{line}: {:?}", items.iter().map(|it| &it.label).collect::<Vec<_>>()));
    let text = item.snippet.clone().filter(|_| snippet).unwrap_or(item.text.clone());
    let text = apply(&fixture.doc.text().to_string(), &[Edit { range: item.replace.clone(), text }]);
    text.lines().skip(2).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_empty_file_starts_with_what_can_stand_there() {
    let found = labels("$0");
    assert_eq!(found[..2], ["FROM", "ARG"]);
    assert!(found.contains(&"# syntax=docker/dockerfile:1".to_owned()), "{found:?}");
    assert!(found.contains(&"multi-stage go".to_owned()), "{found:?}");
    assert!(!found.contains(&"RUN".to_owned()));
    assert_eq!(labels("ARG A=1\nf$0\n")[..2], ["FROM", "FROM image"]);
    assert_eq!(labels("#$0")[..3], ["syntax", "escape", "check"]);
    assert_eq!(labels("\u{feff}#$0\n")[..3], ["syntax", "escape", "check"]);
    let found = labels("\u{feff}$0\nFROM a\n");
    assert!(found.contains(&"# syntax=docker/dockerfile:1".to_owned()), "{found:?}");
    assert!(!labels("FROM a\n$0\n").iter().any(|label| label.starts_with("multi") || label.starts_with('#')));
    assert!(labels("FROM a\nmul$0\n").contains(&"multi-stage static site".to_owned()));
}

#[test]
fn keywords_that_may_stand_there_in_the_case_of_the_file() {
    first("$0", &["RUN", "COPY", "ENV", "FROM"]);
    first("co$0", &["COPY"]);
    first("  H$0", &["HEALTHCHECK"]);
    first("co$0 a b", &["COPY"]);
    first("ONBUILD $0", &["RUN", "COPY"]);
    first("ONBUILD co$0", &["COPY"]);
    assert_eq!(labels("from a\nrun x\nE$0\n")[..3], ["env", "entrypoint", "expose"]);
    for line in ["ONBUILD $0", "onbuild \\\n  # why\n  $0"] {
        let found = labels(&format!("FROM a\n{line}\n"));
        for never in ["FROM", "ONBUILD", "MAINTAINER"] {
            assert!(!found.contains(&never.to_owned()), "{never}");
        }
    }
    let found = items("FROM a\nCMD x\n$0\n");
    let plain: Vec<&Completion> = found.iter().filter(|it| it.kind == CompletionKind::Keyword).collect();
    assert_eq!(plain.len(), 18);
    assert_eq!((&*plain[16].label, &*plain[17].label, plain[17].deprecated), ("CMD", "MAINTAINER", true));
    assert_eq!(plain.iter().filter(|item| item.deprecated).count(), 1);
    assert_eq!(labels("FROM a\nWORKDIR /x\n$0\n")[..2], ["COPY", "RUN"]);
}

#[test]
fn what_is_typed_in_the_other_case_finds_it_in_clients_that_look_at_the_case() {
    let item = |text: &str| items(text).swap_remove(0);
    assert_eq!(item("FROM a\nco$0").filter.as_deref(), Some("copy"));
    assert_eq!(item("FROM a\nCO$0").filter, None);
    assert_eq!(item("from a\nCO$0").filter.as_deref(), Some("COPY"));
}

#[test]
fn forms_fill_an_empty_line_and_nothing_else() {
    assert_eq!(accepted("CO$0\n", "COPY source target", true), "COPY ${1:source} ${2:target}");
    assert_eq!(
        accepted("$0\n", "COPY --from=build source target", true),
        "COPY --from=${1:build} ${2:source} ${3:target}"
    );
    assert_eq!(accepted("$0\n", "RUN <<EOF", false), "RUN <<EOF\ncommands\nEOF");
    assert_eq!(accepted("ONBUILD $0\n", "ENV name=value", false), "ONBUILD ENV name=value");
    assert_eq!(labels("FROM a\nco$0 a b\n"), ["COPY"]);
    assert_eq!(accepted("ONBUILD $0\n", "RUN <<EOF", false), "ONBUILD RUN <<EOF\ncommands\nEOF");
    assert!(labels("from a\nh$0").contains(&"healthcheck none".to_owned()));
    assert!(!labels("ONBUILD $0\n").iter().any(|label| label.starts_with("FROM")));
}

#[test]
fn flags_that_are_missing() {
    let copy = ["--from", "--chown", "--chmod", "--link", "--parents", "--exclude"];
    first("COPY -$0", &copy);
    first("COPY --$0 a b", &copy);
    first("copy \\\n  # why\n  --$0", &copy);
    first("ONBUILD COPY --$0", &copy);
    first("COPY --fr$0", &["--from"]);
    first("COPY --link -$0 a b", &["--from", "--chown", "--chmod", "--parents", "--exclude"]);
    first("COPY --exclude=a --ex$0", &["--exclude"]);
    first(
        "HEALTHCHECK --$0",
        &["--interval", "--timeout", "--start-period", "--start-interval", "--retries"],
    );
    first("RUN -$0", &["--mount", "--network", "--security", "--device"]);
    first("FROM -$0", &["--platform"]);
    first("ADD $0", &["--chown"]);
    first("RUN $0", &["--mount"]);
    assert_eq!(labels("FROM a\nCOPY a --$0"), [""; 0]);
    assert_eq!(labels("FROM a\nRUN x --$0"), [""; 0]);
    assert_eq!(accepted("COPY --fr$0om=a b c", "--from", false), "COPY --from=a b c");
    assert_eq!(accepted("COPY -$0", "--from", false), "COPY --from=");
    assert_eq!(accepted("COPY --l$0 a b", "--link", false), "COPY --link a b");
    assert_eq!(accepted("COPY $0a b", "--link", false), "COPY --link a b");
    assert_eq!(accepted("COPY $0a b", "--from", true), "COPY --from=$0 a b");
    assert_eq!(accepted("RUN $0apt", "--mount=type=ssh", false), "RUN --mount=type=ssh apt");
}

#[test]
fn what_the_syntax_of_the_file_does_not_know_comes_last() {
    let found = items("# syntax=docker/dockerfile:1.4\nFROM a\nCOPY --$0");
    let shown: Vec<&str> = found.iter().map(|item| &*item.label).collect();
    assert_eq!(shown, ["--from", "--chown", "--chmod", "--link", "--parents", "--exclude"]);
    assert!(found[4].detail.as_ref().is_some_and(|it| it.ends_with("(needs docker/dockerfile:1.20)")));
    let found = labels("# syntax=docker/dockerfile:1.1\nFROM a\nCOPY --$0");
    assert_eq!(found[..2], ["--from", "--chown"]);
}

#[test]
fn options_of_mounts_that_fit_their_type() {
    first("RUN --mount=$0", &["type", "type=bind", "type=cache"]);
    first("RUN --mount=ty$0", &["type"]);
    first("RUN --mount=type=cache,$0", &["target", "source", "from", "id", "sharing"]);
    first("RUN --mount=type=secret,id=a,$0 x", &["target", "source", "readonly"]);
    first("RUN --mount=type=cache,target=/a,ds$0", &[]);
    first("RUN --mount=type=cache,s$0", &["source", "sharing", "src"]);
    first("RUN --mount=type=tmpfs,$0", &["target"]);
    assert!(!labels("FROM a\nRUN --mount=type=cache,target=/a,$0").contains(&"target".to_owned()));
    assert!(!labels("FROM a\nRUN --mount=type=cache,dst=/a,$0").contains(&"target".to_owned()));
    assert!(!labels("FROM a\nRUN --mount=type=cache,$0").contains(&"required".to_owned()));
    assert!(labels("FROM a\nRUN --mount=type=cache,ds$0").contains(&"dst".to_owned()));
    assert_eq!(accepted("RUN --mount=t$0 x", "target", false), "RUN --mount=target= x");
    assert_eq!(accepted("RUN --mount=t$0ype=cache x", "type", false), "RUN --mount=type=cache x");
    assert_eq!(
        accepted("RUN --mount=type=bind,read$0 x", "readwrite", false),
        "RUN --mount=type=bind,readwrite x"
    );
}

#[test]
fn values_of_mounts() {
    first("RUN --mount=type=$0", &["bind", "cache", "tmpfs", "secret", "ssh"]);
    first("RUN --mount=type=ca$0,target=/a x", &["cache"]);
    first("RUN --mount=type=cache,sharing=$0", &["shared", "private", "locked"]);
    first("RUN --mount=type=cache,ro=$0", &["true", "false"]);
    first("RUN --mount=type=cache,target=$0", &["/root/.npm"]);
    first("RUN --mount=type=cache,target=/go$0", &["/go/pkg/mod"]);
    first("RUN --mount=type=cache,from=$0", &["deps"]);
    let text =
        "FROM golang:1.25\nRUN --mount=type=cache,id=mods,target=/m x\nRUN --mount=type=secret,id=s x\n";
    assert_eq!(labels(&format!("{text}RUN --mount=type=cache,id=$0 x")), ["mods"]);
    assert_eq!(labels(&format!("{text}RUN --mount=type=secret,id=$0 x")), ["s"]);
    assert_eq!(
        labels(&format!("{text}RUN --mount=type=cache,target=$0 x"))[..3],
        ["/m", "/go/pkg/mod", "/root/.cache/go-build"]
    );
    assert!(
        labels("FROM rust:1\nRUN $0")
            .contains(&"--mount=type=cache,target=/usr/local/cargo/registry".to_owned())
    );
    assert!(
        labels("FROM debian:12\nRUN --m$0")
            .contains(&"--mount=type=cache,target=/var/cache/apt,sharing=locked".to_owned())
    );
}

#[test]
fn values_of_flags() {
    first("FROM --platform=$0 a", &["$BUILDPLATFORM", "linux/amd64", "linux/arm64"]);
    first("FROM --platform=linux/arm$0", &["linux/arm64"]);
    first("RUN --network=$0", &["default", "none", "host"]);
    first("RUN --security=i$0 x", &["insecure"]);
    first("COPY --link=$0", &["true", "false"]);
    first("COPY --chmod=$0 a b", &["755", "644"]);
    first("HEALTHCHECK --interval=$0", &["30s"]);
    first("HEALTHCHECK --retries=$0 CMD x", &["3"]);
    first("ADD --checksum=$0 a b", &["sha256:"]);
    first("COPY --from=$0", &["deps"]);
}

#[test]
fn accounts_of_the_stage() {
    first("USER $0", &["app", "node", "root"]);
    first("USER n$0", &["node"]);
    first("COPY --chown=$0 a b", &["app", "node", "root", "app:app", "node:node"]);
    first("COPY --chown=app:$0 a b", &["app", "node"]);
    first("COPY --chown=node:n$0 a b", &["node"]);
    assert_eq!(labels("FROM scratch\nUSER $0")[0], "65532");
    assert_eq!(labels("FROM a\nUSER $0\nUSER x:y"), ["x", "root"]);
    let fixture = Fixture::new("FROM node:24\nUSER node:r$0x\n");
    let item = completion(&fixture.doc, fixture.cursor, &Alone)
        .into_iter()
        .find(|item| item.label == "root")
        .unwrap();
    assert_eq!(fixture.doc.text().slice(item.replace), "rx");
    // What another stage makes is not there.
    assert!(!labels("FROM a AS x\nRUN useradd bob\nFROM a\nUSER $0").contains(&"bob".to_owned()));
    assert!(labels("FROM a AS x\nRUN useradd bob\nFROM x\nUSER $0").contains(&"bob".to_owned()));
    assert!(!labels("FROM a\nUSER $0\nRUN useradd bob\n").contains(&"bob".to_owned()));
}

#[test]
fn words_of_other_instructions() {
    first("FROM a $0", &["AS"]);
    first("FROM a a$0", &["AS"]);
    first("FROM a AS $0", &["base", "test", "lint"]);
    first("EXPOSE $0", &["3000", "8080"]);
    first("EXPOSE 80$0", &["8080", "80", "80/tcp", "80/udp", "80/sctp"]);
    first("EXPOSE 80/$0", &["80/tcp", "80/udp"]);
    first("STOPSIGNAL $0", &["SIGTERM", "SIGINT", "SIGQUIT"]);
    first("STOPSIGNAL sigk$0", &["SIGKILL"]);
    first("HEALTHCHECK $0", &["CMD", "CMD [\"program\"]", "NONE", "--interval"]);
    first("HEALTHCHECK --retries=3 c$0", &["CMD"]);
    first("SHELL $0", &["[\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]"]);
    first("CMD $0", &["[\"program\"]"]);
    first("CMD [$0", &["[\"program\"]"]);
    first("ENTRYPOINT [$0]", &["[\"program\"]"]);
    first("HEALTHCHECK CMD $0", &["[\"program\"]"]);
    first("LABEL $0", &["org.opencontainers.image.source"]);
    first("LABEL a=b \\\n  org.opencontainers.image.ti$0", &["org.opencontainers.image.title"]);
    first("ENV $0", &["PATH"]);
    assert_eq!(labels("FROM a\nARG V=1\nENV $0")[..2], ["V", "PATH"]);
    assert_eq!(accepted("ARG V\nENV V$0", "V", false), "ARG V\nENV V=$V");
    assert_eq!(accepted("CMD [$0]", "[\"program\"]", true), "CMD [\"${1:program}\"]");
    assert_eq!(labels("FROM nginx:1\nEXPOSE $0")[..2], ["80", "443"]);
    assert_eq!(labels("FROM a\nENV PORT=4711\nEXPOSE $0")[..2], ["${PORT}", "4711"]);
    let found = labels("FROM a AS b\nWORKDIR /src\nFROM c\nWORKDIR /app\nCOPY x $0");
    for folder in ["./", "/app/", "/src/"] {
        assert_eq!(found.iter().filter(|label| **label == folder).count(), 1, "{found:?}");
    }
    assert_eq!(labels("FROM a AS b\nWORKDIR /src\nFROM c\nWORKDIR /s$0"), ["/src"]);
}

#[test]
fn a_stage_that_others_ask_for_is_offered_as_a_name() {
    let fixture = Fixture::new("FROM a AS $0\n").with_users([user("compose service `web`").target("prod")]);
    let found = completion(&fixture.doc, fixture.cursor, &Alone);
    assert_eq!(
        (&*found[0].label, found[0].detail.as_deref()),
        ("prod", Some("Asked for by compose service `web`"))
    );
}

#[test]
fn nothing_where_the_language_has_nothing_to_say() {
    for line in [
        "RUN apt-get $0",
        "RUN apt-get -$0",
        "RUN a && \\\n  --$0",
        "RUN <<E\n$0\nE",
        "RUN <<E\nCO$0\nE",
        "# CO$0",
        "RUN a \\\n# $0\n b",
        "CMD node $0",
        "MAINTAINER $0",
        "WORKDIR /a b$0",
        "LABEL a=$0",
        "COPY [\"$0",
    ] {
        assert_eq!(labels(&format!("FROM x\n{line}\n")), [""; 0], "{line}");
    }
}

#[test]
fn every_item_has_something_to_read() {
    for text in ["FROM a\n$0", "FROM a\nCOPY -$0", "FROM a\nRUN --mount=$0", "FROM a\nRUN --mount=type=$0"] {
        for item in items(text) {
            match item.documentation {
                Documentation::Topic(topic) => assert!(topic.markdown().is_some(), "{}", item.label),
                other => panic!("{}: {other:?}", item.label),
            }
        }
    }
    assert_eq!(Keyword::Run.name(), "RUN");
}

/// Ranges hold the cursor and stay on its line, whatever the text is, and accepting never fails.
#[test]
fn at_any_place_of_any_text() {
    let texts = [
        "FROM a AS b\nRUN --mount=type=cache,target=/a \\\n # c\n --network=none x\nCOPY --from=b <<E /x\n$A\nE\n",
        "\u{feff}# syntax=x\r\nfrom ä$X\r\nOnBuild copy --chown=ü:ö \"a b\" c\r\n\r\nHEALTHCHECK --x=\"y\" CMD [\"a\"]\r",
        "RUN <<A <<B\n\nA\nARG\tX=1 Y\\\n\n\nLABEL \"a\"='b' c\nFROM --platform=$X\\\n a AS",
        "# escape=`\nFROM a `\n\nCOPY [\"a\", \"\nUSER a:b:c\nEXPOSE 1/ 2\nSHELL [\nENV A B\n\r\nx\0y\n--\nRUN --mount=\"a,b\"",
    ];
    for text in texts {
        let doc = Document::open(text, 1);
        let source = doc.text().to_string();
        for offset in (0..=source.len()).filter(|&at| source.is_char_boundary(at)) {
            let line = doc.text().line_of(offset);
            for item in completion(&doc, offset, &Alone) {
                let place = format!("{:?} at {offset} of {text:?}", item.label);
                assert!(item.replace.start <= offset && offset <= item.replace.end, "{place}");
                assert!(item.insert.start == item.replace.start && item.insert.end == offset, "{place}");
                assert!(item.replace.end <= source.len(), "{place}");
                assert_eq!(doc.text().line_of(item.replace.start), line, "{place}");
                assert_eq!(doc.text().line_of(item.replace.end), line, "{place}");
                let after = apply(&source, &[Edit { range: item.replace, text: item.text }]);
                Document::open(&after, 2);
            }
        }
    }
}

#[test]
fn what_stands_behind_the_cursor_is_kept() {
    assert_eq!(accepted("HEALTHCHECK $0CMD x", "--retries", true), "HEALTHCHECK --retries=$0 CMD x");
    // `cache command` has a `co` too.
    assert!(labels("FROM a\nco$0").iter().all(|label| label.starts_with("COPY")));
}
