use super::super::{Around, Completion, CompletionKind, Entry, completion};
use crate::fixture::{Fixture, apply};
use crate::text::Edit;

/// A build context with these files.
struct Context(&'static [&'static str]);

impl Around for Context {
    fn context_entries(&self, folder: &str) -> Vec<Entry> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut found: Vec<Entry> = Vec::new();
        for rest in self.0.iter().filter_map(|path| path.strip_prefix(&prefix)) {
            let (name, is_folder) = rest.split_once('/').map_or((rest, false), |(name, _)| (name, true));
            let entry = Entry { name: name.to_owned(), is_folder };
            if !found.contains(&entry) {
                found.push(entry);
            }
        }
        found
    }

    fn images(&self) -> Vec<String> {
        Vec::new()
    }
}

const CONTEXT: Context = Context(&[
    "src/main.go",
    "src/inner/x.go",
    ".git/HEAD",
    ".npmrc",
    "package.json",
    "Program.cs",
    "go.mod",
    "a b",
    "q\"q",
]);

fn items(text: &str) -> Vec<Completion> {
    let fixture = Fixture::new(text);
    let found = completion(&fixture.doc, fixture.cursor, &CONTEXT).into_iter();
    found.filter(|item| matches!(item.kind, CompletionKind::File | CompletionKind::Folder)).collect()
}

fn labels(text: &str) -> Vec<String> {
    items(text).into_iter().map(|item| item.label).collect()
}

#[track_caller]
fn check(line: &str, expected: &[&str]) {
    assert_eq!(labels(&format!("FROM scratch\n{line}\n")), expected, "{line}");
}

const ALL: [&str; 6] = ["go.mod", "package.json", "Program.cs", "src/", ".npmrc", ".git/"];

#[test]
fn a_source_is_a_path_of_the_build_context() {
    for line in [
        "COPY $0",
        "ADD $0",
        "COPY ./$0",
        "COPY /$0",
        "COPY --link $0 /x",
        "COPY \\\n  $0",
        "copy $0 /x",
        "COPY --from= $0",
    ] {
        check(line, &ALL);
    }
    for line in [
        "COPY p$0",
        "COPY a p$0 /x",
        "ADD ./p$0 /x",
        "COPY \"p$0\" /x",
        "COPY src/../p$0 /x",
        "COPY ../p$0 /x",
    ] {
        check(line, &["package.json", "Program.cs", ".npmrc"]);
    }
    check("COPY sr$0c/main.go /x", &["src/"]);
    check("COPY src/$0", &["inner/", "main.go"]);
    check("COPY src/inner/$0 /x", &["x.go"]);
    check("COPY nowhere/$0 /x", &[]);
}

#[test]
fn a_source_in_an_array_may_hold_a_blank() {
    let all = ["a b", "go.mod", "package.json", "Program.cs", "src/", ".npmrc", ".git/"];
    check("COPY [\"$0\"]", &all);
    check("COPY [\"$0", &all);
    check("COPY [\"a\", \"go.$0", &["go.mod"]);
    check("COPY [\"go.$0\", \"x\"]", &["go.mod"]);
    check("COPY [\"src/$0, \"x\"]", &["inner/", "main.go"]);
    check("COPY [$0", &[]);
}

#[test]
fn a_bind_mount_takes_paths_of_the_context_too() {
    for line in [
        "RUN --mount=type=bind,source=$0 true",
        "RUN --mount=source=$0,target=/x true",
        "RUN --mount=type=cache,target=/y \\\n --mount=type=bind,target=/x,src=$0 true",
    ] {
        check(line, &ALL);
    }
    check("RUN --mount=type=bind,source=src/$0,target=/x true", &["inner/", "main.go"]);
    check("RUN --mount=type=secret,source=$0 true", &[]);
    check("RUN --mount=type=bind,from=alpine,source=$0 true", &[]);
}

#[test]
fn no_path_where_none_can_stand() {
    for line in [
        "COPY --from=alpine $0",
        "COPY --chown=$0 a /x",
        "COPY --$0",
        "COPY <<EOF$0 /x",
        "COPY <<EOF /x\n$0\nEOF",
        "ADD https://x/$0",
        "COPY $X/$0",
        "RUN cat $0",
        "ONBUILD COPY $0",
        "# COPY $0",
        "ENTRYPOINT [\"$0\"]",
        "COPY a \\\n# $0\n b",
    ] {
        check(line, &[]);
    }
}

#[test]
fn accepting_writes_one_part_of_the_path() {
    for (before, label, after) in [
        ("COPY sr$0 /x", "src/", "COPY src/ /x"),
        ("COPY sr$0c/main.go /x", "src/", "COPY src/main.go /x"),
        ("COPY ./g$0 /x", "go.mod", "COPY ./go.mod /x"),
        ("COPY [\"./g$0\", \"x\"]", "go.mod", "COPY [\"./go.mod\", \"x\"]"),
        ("COPY [\"g$0", "go.mod", "COPY [\"go.mod"),
        ("COPY \"g$0\" /x", "go.mod", "COPY \"go.mod\" /x"),
        ("RUN --mount=src=g$0,target=/x true", "go.mod", "RUN --mount=src=go.mod,target=/x true"),
    ] {
        let fixture = Fixture::new(&format!("FROM scratch\n{before}\n"));
        let items = items(&format!("FROM scratch\n{before}\n"));
        let item = items.iter().find(|item| item.label == label).expect("it is offered");
        let text = fixture.doc.text().to_string();
        let edit = Edit { range: item.replace.clone(), text: item.text.clone() };
        assert_eq!(apply(&text, &[edit]), format!("FROM scratch\n{after}\n"), "{before}");
    }
}

const STAGES: &str = "\
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod ./
RUN go mod download
COPY . .
RUN go build -o /out/app ./cmd/app
FROM alpine
WORKDIR /srv
";

#[track_caller]
fn check_stages(line: &str, expected: &[&str]) {
    assert_eq!(labels(&format!("{STAGES}{line}\n")), expected, "{line}");
}

#[test]
fn a_stage_has_what_was_built_there() {
    check_stages("COPY --from=build $0", &["/out/app", "/src/go.sum", "/src/go.mod", "/go", "/src"]);
    check_stages("COPY --from=BUILD /o$0 /x", &["/out/app"]);
    check_stages("COPY --from=build out$0 /x", &["/out/app"]);
    check_stages("COPY --from=0 [\"/out/$0\", \"/x\"]", &["/out/app"]);
    check_stages("RUN --mount=type=bind,from=build,source=/out$0,target=/x true", &["/out/app"]);
    check_stages("COPY --from=nothing $0", &[]);
    let items = items(&format!("{STAGES}COPY --from=build $0\n"));
    assert_eq!(items[0].detail.as_deref(), Some("go build -o /out/app ./cmd/app"));
}

#[test]
fn what_was_copied_from_the_context_is_there_as_it_is_here() {
    check_stages(
        "COPY --from=build /src/$0 /x",
        &[
            "/src/go.sum",
            "/src/go.mod",
            "/src/package.json",
            "/src/Program.cs",
            "/src/src",
            "/src/.git",
            "/src/.npmrc",
        ],
    );
    let text = |line: &str| format!("FROM a AS b\nWORKDIR /w\nCOPY src ./code\nFROM c\n{line}\n");
    assert_eq!(labels(&text("COPY --from=b /w/code/$0 /x")), ["/w/code/inner", "/w/code/main.go"]);
    assert_eq!(labels(&text("COPY --from=b /w/code/inner/$0 /x")), ["/w/code/inner/x.go"]);
}

#[test]
fn a_path_can_be_typed_in_other_ways() {
    let filter = |line: &str| items(&format!("{STAGES}{line}\n")).remove(0).filter;
    assert_eq!(filter("COPY --from=build /o$0 /x"), None);
    assert_eq!(filter("COPY --from=build o$0 /x").as_deref(), Some("out/app"));
    assert_eq!(filter("COPY --from=build ./o$0 /x").as_deref(), Some("./out/app"));
}

#[test]
fn a_destination_is_a_folder_of_this_stage() {
    check_stages(
        "COPY --from=build /out/app $0",
        &["/out/app", "./", "/srv/", "/src/", "/src/go.sum", "/src/go.mod", "/go", "/src"],
    );
    check_stages("COPY go.mod /s$0", &["/srv/", "/src/"]);
}

#[test]
fn any_half_of_a_text_is_no_obstacle() {
    let text = format!(
        "{STAGES}COPY --from=build [\"/o\", é \\\r\n \"x\"]\r\nRUN --mount=src=\"a,b\" x\nCOPY \"a\u{feff}b\" <<X ./é\n"
    );
    for (end, _) in text.char_indices() {
        for (at, _) in text[..end].char_indices().rev().take(12).chain([(end, ' ')]) {
            let doc = crate::document::Document::open(&text[..end], 0);
            for item in completion(&doc, at, &CONTEXT) {
                assert!(
                    item.replace.start <= at && at <= item.replace.end.max(at) && item.replace.end <= end
                );
                assert!(text.is_char_boundary(item.replace.start) && text.is_char_boundary(item.replace.end));
            }
        }
    }
}

#[test]
fn a_name_that_would_be_read_as_something_else_is_not_offered() {
    const ODD: Context = Context(&["--from=x", "<<EOF", "a<<b", "#c"]);
    let fixture = Fixture::new("FROM a\nCOPY $0\n");
    let found = completion(&fixture.doc, fixture.cursor, &ODD).into_iter();
    let files = found.filter(|item| item.kind == CompletionKind::File).map(|item| item.label);
    assert_eq!(files.collect::<Vec<_>>(), ["#c", "a<<b"]);
}
