use super::*;
use crate::fixture::Fixture;

fn open(text: &str) -> Document {
    Fixture::new(text).doc
}

/// What a stage writes at its end: `path`, with `/**` for everything below, `?` if not in every build, `~` if a mount keeps it.
fn written(doc: &Document, stage: usize) -> Vec<String> {
    let facts = doc.flow().stage(stage).own_facts().iter();
    facts
        .map(|fact| {
            let below = if fact.scope == Scope::Under { "/**" } else { "" };
            let sure = if fact.certain { "" } else { "?" };
            let kept = if fact.volatile.is_some() { "~" } else { "" };
            format!("{}{below}{sure}{kept}", fact.path)
        })
        .collect()
}

/// The document after `from` is replaced by `to`.
fn edited(doc: &Document, from: &str, to: &str) -> Document {
    let text = doc.text().slice(0..doc.text().len()).into_owned();
    let at = text.find(from).expect("it is there");
    let mut draft = doc.draft();
    draft.replace(at..at + from.len(), to);
    draft.finish(1)
}

#[test]
fn a_working_directory_follows_the_chain_of_stages() {
    let doc = open(
        "
        FROM golang:1.22 AS base
        WORKDIR src
        FROM base
        WORKDIR /app
        WORKDIR web/../api
        FROM alpine:3.20
        ARG D=x
        WORKDIR /$D
        FROM ghcr.io/a/b
        WORKDIR c
        ",
    );
    let end = |stage| {
        let workdir = &doc.flow().stage(stage).end().workdir;
        (workdir.value.as_deref().map(str::to_owned), workdir.certain)
    };
    assert_eq!(end(0), (Some("/go/src".into()), true));
    assert_eq!(end(1), (Some("/app/api".into()), true));
    assert_eq!(end(2), (Some("/x".into()), false));
    assert_eq!(end(3), (None, false));
}

#[test]
fn a_user_holds_from_the_next_instruction_on() {
    let doc = open("FROM alpine:3.20 AS a\nUSER app\nRUN id\nFROM a\nFROM scratch\nUSER 1000:1000\n");
    let flow = doc.flow();
    assert_eq!(flow.stage(0).before(1).user_name(), Some("root"));
    assert_eq!(flow.stage(0).before(2).user_name(), Some("app"));
    assert_eq!(flow.stage(1).before(1).user_name(), Some("app"));
    assert_eq!(flow.stage(2).end().user_name(), Some("1000"));
    assert_eq!(flow.stage(2).end().is_root(), Some(false));
}

#[test]
fn accounts_come_from_the_image_from_commands_and_with_packages() {
    let doc = open(
        "
        FROM node:20-alpine AS a
        ARG NAME=app
        RUN addgroup -S -g 1001 web && adduser -S -u 1000 -G web $NAME
        FROM a AS b
        RUN apk add --no-cache postgresql15 tor
        COPY entrypoint.sh /
        FROM b
        COPY rootfs /
        FROM ghcr.io/a/b
        FROM scratch
        ",
    );
    let has = |stage: usize, kind, name, before| doc.flow().stage(stage).has_account(kind, name, before);
    let user = |stage, name| has(stage, AccountKind::User, name, usize::MAX);
    assert_eq!((user(0, "node"), user(0, "app")), (Some(true), Some(true)));
    // Another argument may make any.
    assert_eq!((user(0, "other"), has(0, AccountKind::User, "other", 2)), (None, Some(false)));
    assert_eq!(has(0, AccountKind::Group, "web", 2), Some(false));
    assert_eq!(has(0, AccountKind::Group, "web", 3), Some(true));
    assert_eq!((user(1, "app"), user(3, "app"), user(4, "app")), (Some(true), None, Some(false)));
    assert_eq!((user(4, "1000"), user(4, "")), (None, None));
    let account = doc.flow().stage(1).accounts().next().expect("one is made");
    let groups: Vec<&str> = account.groups.iter().map(|group| &**group).collect();
    assert_eq!((&*account.name, account.id.as_deref(), groups), ("app", Some("1000"), vec!["web"]));

    let doc = open(
        "FROM alpine:3.20 AS b\nRUN apk add --no-cache postgresql15 tor\nCOPY run.sh /\nFROM b\nCOPY rootfs /\n",
    );
    let user = |stage: usize, name| doc.flow().stage(stage).has_account(AccountKind::User, name, usize::MAX);
    assert_eq!((user(0, "tor"), user(0, "debian-tor"), user(0, "app")), (None, None, Some(false)));
    assert_eq!(user(1, "app"), None);
}

#[test]
fn a_stage_has_the_platform_of_its_root() {
    let doc = open(
        "
        FROM --platform=$BUILDPLATFORM golang:1.22 AS b
        FROM b
        FROM --platform=$TARGETPLATFORM a
        FROM --platform=linux/amd64 a
        FROM --platform=$X a
        FROM scratch
        ",
    );
    let platforms: Vec<_> = doc.flow().stages().iter().map(|stage| stage.root().platform).collect();
    use StagePlatform::{Build, Const, Target, Unknown};
    assert_eq!(platforms, [Build, Build, Target, Const, Unknown, Target]);
    let doc = open("ARG BUILDPLATFORM=linux/amd64\nFROM --platform=$BUILDPLATFORM a\n");
    assert_eq!(doc.flow().stage(0).root().platform, Unknown);
}

#[test]
fn an_entrypoint_takes_away_a_cmd_that_another_stage_set() {
    let doc = open(
        "
        FROM a:1 AS a
        CMD [\"serve\"]
        FROM a
        ENTRYPOINT [\"/init\"]
        FROM a
        CMD [\"other\"]
        ENTRYPOINT [\"/init\"]
        ",
    );
    let end = |stage| doc.flow().stage(stage).end();
    assert_eq!((end(1).cmd, end(1).cmd_reset), (None, true));
    assert_eq!((end(2).cmd.map(|cmd| cmd.instruction), end(2).cmd_reset), (Some(1), false));
}

#[test]
fn commands_and_copies_write_paths() {
    let doc = open(
        "
        FROM golang:1.22 AS b
        WORKDIR /src
        COPY . .
        RUN --mount=type=cache,target=/src/cache go build -o /out/app ./cmd && go build -o cache/x .
        RUN cd sub && mkdir -p a /b
        FROM scratch
        COPY --from=b /out/app /bin/
        COPY --from=b /out /x
        COPY --from=b /nowhere /y
        ",
    );
    assert_eq!(written(&doc, 0), ["/src", "/src/**", "/out/app", "/src/cache/x~", "/src/sub/a", "/b"]);
    assert_eq!(written(&doc, 1), ["/bin/app", "/x/app", "/y/**"]);
    let stage = doc.flow().stage(1);
    let app = stage.writers("/bin/app").next().expect("it is copied there");
    assert_eq!((app.origin.stage, app.origin.instruction, app.by.instruction), (0, 3, 1));
    assert!(!stage.is_opaque());
}

#[test]
fn what_a_mount_keeps_is_known() {
    let doc = open(
        "
        FROM rust:1.80 AS b
        ARG T=/t
        WORKDIR /src
        RUN --mount=type=cache,target=target --mount=type=tmpfs,dst=$T --mount=type=secret,id=x cargo build
        RUN --mount=target=. cp a /src/b && cp a /c
        ",
    );
    let stage = doc.flow().stage(0);
    let mounts: Vec<_> = stage
        .mounts()
        .iter()
        .map(|mount| (&*mount.path, mount.kind, mount.by.instruction, mount.certain))
        .collect();
    assert_eq!(
        mounts,
        [
            ("/src/target", MountKind::Cache, 3, true),
            ("/t", MountKind::Tmpfs, 3, false),
            ("/src", MountKind::Bind, 4, true)
        ]
    );
    assert_eq!(written(&doc, 0), ["/src", "/src/**?", "/src/target/**~", "/src/b/**~", "/c/**"]);
    assert!(stage.own_facts()[1].vague);
}

#[test]
fn copies_of_what_is_not_known_may_bring_anything() {
    let doc = open(
        "
        FROM golang:1.22 AS b
        WORKDIR /w
        RUN go build -o /w/out/app . && mkdir -p /w/out/conf
        FROM b AS c
        RUN ./more.sh
        FROM alpine:3.20
        COPY --from=b /w/out /b/
        COPY --from=c /w/out /c/
        COPY --from=c /w/out/app /d
        COPY --from=b --parents /w/./out /e/
        COPY --from=b /w/out/* /f/
        ",
    );
    assert_eq!(
        written(&doc, 2),
        ["/b/app", "/b/conf", "/c/**?", "/c/app", "/c/conf", "/d", "/e/**", "/f/**", "/f/**"]
    );
}

#[test]
fn what_nobody_can_read_makes_a_stage_opaque() {
    for run in ["RUN ./configure.sh", "RUN curl x | sh", "RUN eval $X", "SHELL [\"pwsh\"]\nRUN ls", "RUN if"]
    {
        let doc = open(&format!("FROM alpine:3.20 AS a\n{run}\nFROM a\nRUN ls\n"));
        assert!(doc.flow().stage(1).is_opaque(), "{run}");
    }
    let doc = open("FROM alpine:3.20\nRUN apk add --no-cache git && mkdir -p /a && cp /a/b /c\n");
    assert!(!doc.flow().stage(0).is_opaque());
}

#[test]
fn an_edit_costs_its_stage_and_those_that_depend_on_it() {
    let doc = open(
        "
        ARG V=1
        FROM alpine:3.20 AS a
        RUN echo a && ls
        FROM alpine:3.20 AS b
        RUN echo b
        RUN echo more

        # why
        FROM a AS c
        RUN echo c
        FROM alpine:3.20
        COPY --from=b /x /x
        RUN echo d
        ",
    );
    assert_eq!(doc.flow().work(), Work { stages: 4, scripts: 5 });
    // The stage and the one that copies from it; one script.
    let next = edited(&doc, "echo b", "echo bb");
    assert_eq!(next.flow().work(), Work { stages: 2, scripts: 1 });
    // A comment, and another stage's place.
    let next = edited(&next, "# why", "# a stage\n# of its own");
    assert_eq!(next.flow().work(), Work { stages: 0, scripts: 0 });
    // A stage that nothing depends on, while nobody asked for a while.
    let next = edited(&edited(&next, "echo c", "echo 3"), "echo 3", "echo 4");
    assert_eq!(next.flow().work(), Work { stages: 1, scripts: 1 });
    // Everything may read a global ARG.
    let next = edited(&next, "V=1", "V=2");
    assert_eq!(next.flow().work(), Work { stages: 4, scripts: 0 });
}

#[test]
fn a_long_chain_of_stages_is_dropped() {
    let mut text = String::from("FROM alpine:3.20 AS s0\n");
    for index in 1..50_000 {
        text += &format!("FROM s{} AS s{index}\n", index - 1);
    }
    let doc = Document::open(&text, 0);
    assert_eq!(doc.flow().stages().len(), 50_000);
    let next = edited(&doc, "alpine:3.20", "alpine:3.21");
    drop(doc);
    assert_eq!(next.flow().work().stages, 50_000);
}
