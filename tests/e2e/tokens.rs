//! Semantic tokens from the first request to the end of the document, and selections.

use serde_json::{Value, json};

use crate::client::{Client, URI, pulling};

const TEXT: &str = "FROM golang:1 AS build\nRUN make\nFROM scratch\nCOPY --from=build /a /é\n";

fn coloured(requests: &Value) -> Value {
    let mut capabilities = pulling();
    capabilities["textDocument"]["semanticTokens"] = json!({
        "requests": requests,
        "tokenTypes": ["namespace", "class", "enumMember", "parameter", "keyword", "string", "operator", "variable"],
        "tokenModifiers": ["declaration", "defaultLibrary"],
        "formats": ["relative"],
    });
    capabilities
}

fn everything() -> Value {
    coloured(&json!({"full": {"delta": true}, "range": true}))
}

fn document() -> Value {
    json!({"textDocument": {"uri": URI}})
}

fn delta(client: &mut Client, known: &Value) -> Value {
    let params = json!({"textDocument": {"uri": URI}, "previousResultId": known});
    client.ask("textDocument/semanticTokens/full/delta", params)
}

/// The tokens as words: the text of each with its type and modifiers.
fn words(legend: &Value, data: &Value, text: &str) -> Vec<String> {
    let lines: Vec<Vec<u16>> = text.lines().map(|line| line.encode_utf16().collect()).collect();
    let numbers: Vec<usize> =
        data.as_array().expect("numbers").iter().map(|it| it.as_u64().expect("a number") as usize).collect();
    let (mut line, mut start) = (0, 0);
    let word = |token: &[usize]| {
        start = if token[0] == 0 { start + token[1] } else { token[1] };
        line += token[0];
        let text = String::from_utf16_lossy(&lines[line][start..start + token[2]]);
        let kind = legend["tokenTypes"][token[3]].as_str().expect("in the legend");
        let mut word = format!("{text} {kind}");
        for bit in (0..32).filter(|bit| token[4] & 1 << bit != 0) {
            word += " ";
            word += legend["tokenModifiers"][bit].as_str().expect("in the legend");
        }
        word
    };
    numbers.chunks(5).map(word).collect()
}

fn apply(data: &Value, edits: &Value) -> Value {
    let mut data = data.as_array().expect("numbers").clone();
    for edit in edits.as_array().expect("edits") {
        let start = edit["start"].as_u64().expect("a number") as usize;
        let count = edit["deleteCount"].as_u64().expect("a number") as usize;
        data.splice(start..start + count, edit["data"].as_array().expect("numbers").iter().cloned());
    }
    data.into()
}

#[test]
fn tokens_follow_a_document_through_its_edits() {
    let (mut client, greeting) = Client::start_and_greet(everything());
    let offered = &greeting["capabilities"]["semanticTokensProvider"];
    assert_eq!((&offered["full"], &offered["range"]), (&json!({"delta": true}), &json!(true)));
    let legend = &offered["legend"];
    client.open(URI, TEXT);
    let full = client.ask("textDocument/semanticTokens/full", document());
    assert_eq!(
        words(legend, &full["data"], TEXT),
        [
            "FROM keyword",
            "golang class",
            "1 enumMember",
            "AS keyword",
            "build namespace declaration",
            "RUN keyword",
            "FROM keyword",
            "scratch class defaultLibrary",
            "COPY keyword",
            "--from parameter",
            "= operator",
            "build namespace",
            "/a string",
            "/é string",
        ]
    );
    let place = |line: u32, character: u32| json!({"line": line, "character": character});
    let insert = json!([{"range": {"start": place(3, 12), "end": place(3, 12)}, "text": "re"}]);
    client.change(URI, 2, insert);
    let change = delta(&mut client, &full["resultId"]);
    assert_eq!(change["edits"].as_array().expect("edits").len(), 1);
    let after = TEXT.replace("=build", "=rebuild");
    let data = apply(&full["data"], &change["edits"]);
    // It is no stage any more.
    assert_eq!(words(legend, &data, &after)[11], "rebuild class");
    assert_eq!(client.ask("textDocument/semanticTokens/full", document())["data"], data);
    let old = delta(&mut client, &full["resultId"]);
    assert_eq!(old["data"], data, "what was sent long ago is not known any more");
    let same = delta(&mut client, &old["resultId"]);
    assert_eq!(same["edits"], json!([]));

    let range = json!({"start": place(1, 0), "end": place(2, 0)});
    let part = client
        .ask("textDocument/semanticTokens/range", json!({"textDocument": {"uri": URI}, "range": range}));
    assert_eq!(part, json!({"data": [1, 0, 3, data[3], 0]}));

    client.close(URI);
    assert_eq!(delta(&mut client, &same["resultId"]), Value::Null);
    client.open(URI, TEXT);
    assert_eq!(delta(&mut client, &same["resultId"])["data"], full["data"]);
    client.finish();
}

#[test]
fn who_asks_for_less_is_offered_less() {
    let offered = |capabilities: Value| {
        let (client, greeting) = Client::start_and_greet(capabilities);
        client.finish();
        greeting["capabilities"]["semanticTokensProvider"].clone()
    };
    assert_eq!(offered(pulling()), Value::Null);
    let full = offered(coloured(&json!({"full": true})));
    assert_eq!((&full["full"], &full["range"]), (&json!(true), &json!(false)));
}

#[test]
fn every_position_has_a_selection_that_grows() {
    let mut client = Client::start(pulling());
    client.open(URI, TEXT);
    let positions = json!([{"line": 3, "character": 14}, {"line": 99, "character": 0}]);
    let params = json!({"textDocument": {"uri": URI}, "positions": positions});
    let found = client.ask("textDocument/selectionRange", params);
    let range = |line: u32, start: u32, end: u32| json!({"start": {"line": line, "character": start}, "end": {"line": line, "character": end}});
    let mut steps = Vec::new();
    let mut step = &found[0];
    while !step.is_null() {
        steps.push(step["range"].clone());
        step = &step["parent"];
    }
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 4, "character": 0}});
    let stage = json!({"start": {"line": 2, "character": 0}, "end": {"line": 3, "character": 23}});
    let expected =
        [range(3, 12, 17), range(3, 5, 17), range(3, 5, 23), range(3, 0, 23), stage, whole.clone()];
    assert_eq!(steps, expected);
    assert_eq!(found[1], json!({"range": whole}));
    client.finish();
}
