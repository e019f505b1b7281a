use std::str::FromStr;

use serde_json::{Value, json};

use super::*;
use crate::{document::Document, lsp::capabilities::ClientFeatures};

fn legend(capabilities: Value) -> Option<Legend> {
    let with = |mut all: Value| {
        all.as_object_mut()?.extend(capabilities.as_object()?.clone());
        serde_json::from_value(all).ok()
    };
    let all = json!({
        "requests": {"full": {"delta": true}, "range": true},
        "tokenTypes": ["keyword", "namespace", "class", "variable", "string", "regexp"],
        "tokenModifiers": ["deprecated", "declaration", "async"],
        "formats": ["relative"],
    });
    Legend::read(&with(all).expect("capabilities"))
}

/// The names of the types of all tokens of a text.
fn named(legend: &Legend, text: &str) -> Vec<String> {
    let document = Document::open(text, 0);
    let lines = Lines::new(document.text());
    let types = legend.options().legend.token_types;
    let encoded = encode(&tokens(&document, &lines, None), &lines, Encoding::Utf16, legend);
    encoded.iter().map(|token| types[token.token_type as usize].as_str().to_owned()).collect()
}

#[test]
fn each_kind_has_its_place_in_the_order_of_all() {
    for (number, kind) in Kind::ALL.iter().enumerate() {
        assert_eq!(*kind as usize, number);
        assert!(types(*kind).iter().all(|name| TYPES.contains(name)), "{kind:?}");
    }
    for (number, modifier) in Modifier::ALL.iter().enumerate() {
        assert_eq!(*modifier as usize, number);
    }
}

#[test]
fn only_what_the_client_knows_is_offered() {
    let read = legend(json!({})).expect("a legend");
    let options = serde_json::to_value(read.options()).expect("JSON");
    assert_eq!(
        options["legend"],
        json!({
            "tokenTypes": ["keyword", "namespace", "class", "variable", "string"],
            "tokenModifiers": ["declaration", "deprecated"],
        })
    );
    assert_eq!((&options["full"], &options["range"]), (&json!({"delta": true}), &json!(true)));
    // A tag is nothing that this client knows.
    assert_eq!(
        named(&read, "FROM a:b AS c\nFROM c\nCOPY d e\n"),
        ["keyword", "class", "keyword", "namespace", "keyword", "namespace", "keyword", "string", "string"]
    );
    let own = legend(json!({"tokenTypes": ["keyword", "stage", "tag", "class", "path"]})).expect("a legend");
    assert_eq!(
        named(&own, "FROM a:b AS c\nWORKDIR d\n"),
        ["keyword", "class", "tag", "keyword", "stage", "keyword", "path"]
    );
}

#[test]
fn a_client_is_offered_the_requests_that_it_makes() {
    let offered = |requests: Value| {
        let options = legend(json!({"requests": requests}))?.options();
        Some(serde_json::to_value(options).expect("JSON"))
    };
    let full = offered(json!({"full": true})).expect("tokens");
    assert_eq!((&full["full"], &full["range"]), (&json!(true), &json!(false)));
    let range = offered(json!({"range": true, "full": false})).expect("tokens");
    assert_eq!((range.get("full"), &range["range"]), (None, &json!(true)));
    assert_eq!(offered(json!({})), None);
    assert_eq!(legend(json!({"tokenTypes": ["regexp"]})), None);
    assert_eq!(legend(json!({"formats": ["absolute"]})), None);
}

#[test]
fn places_are_relative_and_in_the_client_s_units() {
    let read = legend(json!({})).expect("a legend");
    let document = Document::open("FROM é😀:x AS é\r\n\r\nLABEL a=b\n", 0);
    let lines = Lines::new(document.text());
    let all = tokens(&document, &lines, None);
    let numbers = |encoding| -> Vec<_> {
        let encoded = encode(&all, &lines, encoding, &read);
        encoded.iter().map(|it| (it.delta_line, it.delta_start, it.length)).collect()
    };
    assert_eq!(numbers(Encoding::Utf8)[1..4], [(0, 5, 6), (0, 9, 2), (0, 3, 2)]);
    assert_eq!(numbers(Encoding::Utf16)[1..4], [(0, 5, 3), (0, 6, 2), (0, 3, 1)]);
    assert_eq!(numbers(Encoding::Utf32)[1..4], [(0, 5, 2), (0, 5, 2), (0, 3, 1)]);
    assert_eq!(numbers(Encoding::Utf16)[4..6], [(2, 0, 5), (0, 6, 1)]);
}

fn snapshot(text: &str, serial: u64) -> Snapshot {
    Snapshot::new(Document::open(text, 0), serial)
}

#[test]
fn a_delta_is_one_edit_and_needs_what_was_sent() {
    let legend = legend(json!({})).expect("a legend");
    let client = ClientFeatures { tokens: Some(legend), ..ClientFeatures::default() };
    let sent = Sent::default();
    let uri = Uri::from_str("file:///Dockerfile").expect("a URI");
    let ask = |text: &str, serial: u64, known: Option<&str>| {
        let snapshot = snapshot(text, serial);
        let view = View { uri: &uri, document: &snapshot.document, client: &client };
        let answer = match known {
            None => sent.full(&view, &snapshot, &legend).into(),
            Some(known) => sent.delta(&view, &snapshot, &legend, known),
        };
        serde_json::to_value::<lsp::SemanticTokensFullDeltaResult>(answer).expect("JSON")
    };
    let first = ask("FROM a\nRUN b\n", 3, None);
    assert_eq!(first["resultId"], "3");
    let added = ask("FROM a\nUSER x\nRUN b\n", 4, Some("3"));
    assert_eq!(
        added["edits"],
        json!([{"start": 10, "deleteCount": 0, "data": [1, 0, 4, 0, 0, 0, 5, 1, 4, 0]}])
    );
    assert_eq!(ask("FROM a\nUSER x\nRUN b\n", 4, Some("4")), json!({"resultId": "4", "edits": []}));
    let gone = ask("RUN b\n", 5, Some("4"));
    assert_eq!(gone["edits"], json!([{"start": 0, "deleteCount": 25, "data": [0, 0, 3, 0, 0]}]));
    assert!(ask("RUN b\n", 6, Some("4"))["data"].is_array(), "of what was replaced");
    sent.close(&uri);
    assert!(ask("RUN b\n", 6, Some("6"))["data"].is_array(), "of a document that was closed");
}

#[test]
fn what_is_kept_is_bounded() {
    let legend = legend(json!({})).expect("a legend");
    let client = ClientFeatures { tokens: Some(legend), ..ClientFeatures::default() };
    let sent = Sent::default();
    for number in 0..3 * KEPT {
        let uri = Uri::from_str(&format!("file:///{number}/Dockerfile")).expect("a URI");
        let snapshot = snapshot("FROM a\n", number as u64);
        let view = View { uri: &uri, document: &snapshot.document, client: &client };
        sent.full(&view, &snapshot, &legend);
    }
    assert_eq!(sent.all().len(), KEPT);
}
