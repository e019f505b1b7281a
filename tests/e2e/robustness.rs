//! Files that nobody writes on purpose: very long, very deep, half-typed, or nonsense. Every request about them is answered.
//!
//! The slowest answer of each test is printed and not judged; the client gives up after its own, long patience.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::client::{Client, URI};

const REQUEST_FAILED: i64 = -32803;

const METHODS: [&str; 15] = [
    "textDocument/definition",
    "textDocument/references",
    "textDocument/documentHighlight",
    "textDocument/prepareRename",
    "textDocument/rename",
    "textDocument/completion",
    "textDocument/hover",
    "textDocument/documentSymbol",
    "textDocument/foldingRange",
    "textDocument/codeAction",
    "textDocument/inlayHint",
    "textDocument/codeLens",
    "textDocument/prepareCallHierarchy",
    "textDocument/diagnostic",
    "workspace/symbol",
];

/// Requests that have no place, which need not be asked at every place.
const PLACELESS: [&str; 5] = ["documentSymbol", "foldingRange", "codeLens", "diagnostic", "workspace/symbol"];

fn client() -> Client {
    let mut client = Client::start(json!({"textDocument": {
        "diagnostic": {},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": true},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
    }}));
    client.is_not_judged("requests with the parameters of all others, and hundreds of megabytes");
    client
}

fn params(line: u32, character: u32) -> Value {
    json!({
        "textDocument": {"uri": URI},
        "position": {"line": line, "character": character},
        // Reversed, unless the place is the start of the text.
        "range": {"start": {"line": line, "character": character}, "end": {"line": 0, "character": 0}},
        "context": {"includeDeclaration": true, "diagnostics": [], "triggerKind": 1},
        "newName": "fresh-name",
        "query": "st",
    })
}

/// Which request took longest.
#[derive(Default)]
struct Slowest {
    time: Duration,
    what: String,
}

impl Slowest {
    /// Waits for the answer, which is a result or a refusal with a sentence.
    fn answer(&mut self, client: &mut Client, id: i64, since: Instant, what: impl FnOnce() -> String) {
        let answer = client.answer_to(id);
        let time = since.elapsed();
        let error = &answer["error"];
        let refused =
            error["code"] == REQUEST_FAILED && error["message"].as_str().is_some_and(|text| !text.is_empty());
        assert!(answer.get("result").is_some() || refused, "{}: {answer}", what());
        if time > self.time {
            (self.time, self.what) = (time, what());
        }
    }

    /// Opens a text, changes it, and asks everything at a place.
    fn check(&mut self, what: &str, text: &str, line: u32, character: u32) {
        let client = &mut client();
        let (start, name) = (Instant::now(), |method: &str| format!("{method} of {what}"));
        client.open(URI, text);
        let id = client.request("textDocument/hover", params(line, character));
        self.answer(client, id, start, || name("opening and hover"));
        let here = params(line, character)["position"].take();
        for (version, changes) in [
            (2, json!([{"range": {"start": here, "end": here}, "text": "x"}])),
            (
                3,
                json!([{"range": params(line, character + 1)["range"], "text": "FROM a AS x\n"}, {"text": text}]),
            ),
        ] {
            let start = Instant::now();
            client.change(URI, version, changes);
            let id = client.request("textDocument/hover", params(line, character));
            self.answer(client, id, start, || name("a change and hover"));
        }
        for method in METHODS {
            let start = Instant::now();
            let id = client.request(method, params(line, character));
            self.answer(client, id, start, || name(method));
        }
        let start = Instant::now();
        let id = client.request("textDocument/codeAction", params(u32::MAX, u32::MAX));
        self.answer(client, id, start, || name("all quick fixes"));
        let start = Instant::now();
        let id = client.request("textDocument/inlayHint", params(u32::MAX, u32::MAX));
        self.answer(client, id, start, || name("all inlay hints"));
    }

    fn report(&self, test: &str) {
        println!("{test}: the slowest was {} in {:?}", self.what, self.time);
    }
}

#[test]
fn a_hundred_thousand_lines() {
    let mut slowest = Slowest::default();
    let mut text = String::from("ARG V=1\n");
    for n in 0..10_000 {
        let base = if n % 3 == 0 { "golang:1".to_owned() } else { format!("stage{}", n - 1) };
        text += &format!("# stage{n} makes things\nFROM {base} AS stage{n}\nWORKDIR /é😀\n");
        text += &format!("COPY --from=stage{} /a \\\n  /b\n", n / 2);
        text += "RUN --mount=type=bind,from=stage0,target=/x <<EOF\nmake\nEOF\nENV A=$V B=\"x y\"\n\n";
    }
    slowest.check("a file of 100,000 lines", &text, 50_002, 13);
    slowest.check("a RUN of 100,000 lines", &format!("FROM a\nRUN {}x", "y && \\\n".repeat(100_000)), 1, 5);
    slowest.check("100,000 comments", &format!("FROM a\n{}", "# x\n".repeat(100_000)), 0, 5);
    slowest.check("100,000 unclosed", &format!("FROM a\n{}", "ENV A=\"${\n".repeat(100_000)), 0, 5);
    let deeper = "WORKDIR x\nCOPY a ./b\nCOPY --from=0 a b\n".repeat(33_000);
    slowest.check("100,000 relative paths", &format!("FROM a AS b\nWORKDIR /w\n{deeper}"), 1, 5);
    slowest.check(
        "100,000 paths in unknown places",
        &format!("FROM a\n{}", "COPY a b\n".repeat(100_000)),
        1,
        5,
    );
    slowest.check("a heredoc without end", &format!("FROM a\n{}", "RUN <<E\n".repeat(100_000)), 0, 5);
    slowest.report("many lines");
}

#[test]
fn a_line_of_a_megabyte() {
    let mut slowest = Slowest::default();
    // What makes for many nodes is a quarter as long, to keep the test short.
    let fill = |piece: &str| piece.repeat(if piece == "x" { 1 << 20 } else { (1 << 18) / piece.len() });
    for (what, before, piece, after) in [
        ("RUN", "RUN ", "x", ""),
        ("RUN with heredocs", "RUN ", "<<A ", ""),
        ("RUN with mounts", "RUN ", "--mount=from=st ", "x"),
        ("RUN with emoji", "RUN ", "😀", ""),
        ("COPY", "COPY --from=st ", "/x ", "/"),
        ("COPY from", "COPY --from=", "x", " / /"),
        ("COPY from variables", "COPY --from=", "$A", " / /"),
        ("COPY from over lines", "COPY --from=\"s", "\\\n", "t\" / /"),
        ("a stage's name", "FROM st AS ", "x", ""),
        ("a stage's name over lines", "FROM a AS s", "\\\n", "t"),
        ("FROM", "FROM ", "x", " AS y"),
        ("FROM with words", "FROM ", "x ", ""),
        ("FROM with variables", "FROM ", "$ST", " AS y"),
        ("FROM with open variables", "FROM ", "${A:-", ""),
        ("FROM with patterns", "FROM ", "${ST//s*s*t/}", ""),
        ("ENV", "ENV A=", "x", ""),
        ("ENV with pairs", "ENV ", "A=b ", ""),
        ("ENV with quotes", "ENV A=", "\"", ""),
        ("LABEL", "LABEL ", "a=\"\\\"\" ", ""),
        ("WORKDIR", "WORKDIR ", "x ", ""),
        ("CMD", "CMD [", "\"a\",", "\"b\"]"),
        ("CMD in brackets", "CMD ", "[", ""),
        ("HEALTHCHECK", "HEALTHCHECK ", "--interval=1s ", "CMD x"),
        ("a comment", "# ", "x", ""),
        ("no instruction", "", "x ", ""),
        ("NUL", "RUN ", "\0", ""),
        ("continuations", "RUN ", "x\\\n", ""),
        ("carriage returns", "RUN ", "x\r", ""),
    ] {
        let text = format!(
            "ARG ST=stststst\nFROM a AS st\n{before}{}{after}\nFROM st\nCOPY --from=st / /\n",
            fill(piece)
        );
        slowest.check(what, &text, 2, before.len() as u32);
    }
    slowest.report("long lines");
}

#[test]
fn thousands_of_stages_and_arguments() {
    let mut slowest = Slowest::default();
    let each = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();

    let stages = each(5000, &|n| {
        format!(
            "FROM s{} AS s{n}\nCOPY --from=S{} / /\nCOPY --from={} / /\nCOPY --from=img{n} / /\n\
             RUN --mount=from=s{},target=/x y\nONBUILD COPY --from=s{} / /\n",
            n.saturating_sub(1),
            n / 2,
            n / 2,
            n / 3,
            n / 4
        )
    });
    slowest.check("5,000 stages", &stages, 6, 8);

    // Each twice as long as the one before: without a limit, no memory holds the sixtieth.
    let double = "ARG A0=x\n".to_owned() + &each(10_000, &|n| format!("ARG A{}=$A{n}${{A{n}:-y}}\n", n + 1));
    let from = each(10_000, &|n| format!("FROM ${{A{n}}} AS s{n}\n"));
    slowest.check("10,000 arguments that double", &(double + &from), 10_003, 8);

    let patterns = each(10_000, &|n| {
        format!("FROM s${{A{n}}}-${{A{n}}}*${{TARGETARCH}}${{X//{}/y}} AS s{n}\n", "*a".repeat(15))
    });
    slowest.check("10,000 patterns", &format!("ARG X={}\n{patterns}", "a".repeat(120)), 10, 8);

    let one = "ARG V=s1\n".to_owned() + &each(10_000, &|n| format!("FROM ${{V}} AS s{n}\n"));
    slowest.check("10,000 stages on one variable", &one, 5, 8);

    let triggers = each(5000, &|_| "ONBUILD COPY --from=x / /\n".to_owned());
    let children = each(5000, &|n| format!("FROM st AS s{n}\n"));
    slowest.check(
        "5,000 triggers in 5,000 stages",
        &format!("FROM a AS x\nFROM a AS st\n{triggers}{children}"),
        1,
        11,
    );

    let nested = format!("FROM a AS st\n{}COPY --from=st / /\nFROM st\n", "ONBUILD ".repeat(20_000));
    slowest.check("ONBUILD in ONBUILD", &nested, 1, 20_000);
    let nested = format!("FROM {}a{} AS st\nFROM st\n", "${A:-".repeat(20_000), "}".repeat(20_000));
    slowest.check("variables in variables", &nested, 0, 100_010);

    let cycle = each(10_000, &|n| format!("FROM x AS s{n}\nCOPY --from=s{} / /\n", (n + 1) % 10_000));
    let inherited = each(10_000, &|n| format!("FROM s{} AS s{}\nWORKDIR x$V\nCOPY a b$V\n", n, n + 1));
    let defaults = each(1000, &|n| format!("ARG V{}=$V{n}\n", n + 1));
    slowest.check(
        "10,000 stages with relative paths",
        &format!("{defaults}FROM $V1000\nFROM a AS s0\nENV V=v\nWORKDIR /w\n{inherited}"),
        1010,
        8,
    );
    slowest.check("a cycle of 10,000 stages", &cycle, 1, 13);
    let same = each(10_000, &|_| "FROM s AS s\nCOPY --from=s / /\n".to_owned());
    slowest.check("10,000 stages of one name", &same, 1, 13);
    slowest.report("many stages");
}

/// Every request at every place of a text, sent at once.
fn everywhere(client: &mut Client, slowest: &mut Slowest, text: &str) -> usize {
    client.open(URI, text);
    let mut asked = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        // One beyond the end, and UTF-16 columns inside of characters.
        for character in 0..=line.encode_utf16().count() as u32 + 1 {
            for method in
                METHODS.iter().filter(|method| !PLACELESS.iter().any(|other| method.ends_with(other)))
            {
                asked.push((
                    client.request(method, params(number as u32, character)),
                    *method,
                    number,
                    character,
                ));
            }
        }
    }
    for method in METHODS {
        asked.push((client.request(method, params(u32::MAX, 0)), method, usize::MAX, 0));
    }
    let count = asked.len();
    let mut last = Instant::now();
    for (id, method, line, character) in asked {
        slowest.answer(client, id, last, || format!("{method} at {line}:{character} of {text:?}"));
        last = Instant::now();
    }
    count
}

/// Lines as they stand while they are being typed, and others that are wrong.
const HALF_TYPED: [&str; 32] = [
    "FROM",
    "FROM ",
    "FROM a AS",
    "FROM ${",
    "FROM ${A:-",
    "FROM \"a",
    "FROM --platform",
    "FROM a AS b c",
    "from é AS 😀",
    "COPY --from",
    "COPY --from=",
    "COPY --from=\"",
    "COPY --from=one",
    "COPY --from=😀 / /",
    "COPY --from=$A / /",
    "COPY <<E",
    "RUN --mount=",
    "RUN --mount=from=",
    "RUN --mount=type=bind,from=\"one",
    "RUN --mount=from=one😀",
    "RUN --mount=,,=,from",
    "RUN <<",
    "RUN <<\"E",
    "RUN a \\",
    "ONBUILD",
    "ONBUILD COPY --from=",
    "ONBUILD ONBUILD FROM",
    "ENV A='",
    "ARG A=\"${B",
    "# escape=`\nFROM a AS c:\\x`\n",
    "\u{feff}FROM a",
    "\0\r\r\n\u{2028}",
];

#[test]
fn every_place_of_half_typed_files() {
    let (mut client, mut slowest) = (client(), Slowest::default());
    let mut count = 0;
    for line in HALF_TYPED {
        for (before, after) in [("", ""), ("FROM a AS one\n", "\nFROM one AS two\nCOPY --from=ONE / /\r\n")] {
            count += everywhere(&mut client, &mut slowest, &format!("{before}{line}{after}"));
        }
    }
    client.finish();
    slowest.report(&format!("{count} requests at every place"));
}

#[test]
fn every_place_of_the_constructs_that_buildkit_was_asked_about() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracle");
    let (Ok(unfinished), Ok(constructs)) = (
        fs::read_to_string(shared.join("unfinished-lines.json")),
        fs::read_to_string(shared.join("constructs.jsonl")),
    ) else {
        eprintln!("skipped: there is no ../shared with unfinished lines beside the project");
        return;
    };
    let (mut client, mut slowest) = (client(), Slowest::default());
    let unfinished: Vec<Value> = serde_json::from_str(&unfinished).expect("the data is JSON");
    let framed = |line: &Value| {
        format!(
            "ARG A=builder\nFROM a AS builder\n{}\nFROM builder\n",
            line["line"].as_str().expect("a line")
        )
    };
    let constructs =
        constructs.lines().map(|line| serde_json::from_str::<Value>(line).expect("the data is JSON"));
    let texts = constructs.map(|case| case["dockerfile"].as_str().expect("a text").to_owned());
    let texts = unfinished.iter().map(framed).chain(texts.filter(|text| text.len() < 120).step_by(6));
    let count: usize = texts.map(|text| everywhere(&mut client, &mut slowest, &text)).sum();
    client.finish();
    slowest.report(&format!("{count} requests at every place of the constructs"));
}

#[test]
fn random_bytes_as_a_file() {
    let mut slowest = Slowest::default();
    let mut state = 7u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    for _ in 0..50 {
        let bytes: Vec<u8> = (0..2000).map(|_| random()).collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        slowest.check("random bytes", &text, 1, 1);
    }
    slowest.report("random bytes");
}
