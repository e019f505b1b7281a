//! Messages that are none: they cost an error, not the server and not the messages after them.

use serde_json::{Value, json};

use crate::client::{Client, URI, framed, pulling};

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;

/// A client that is about to say what the protocol does not have.
fn sloppy() -> Client {
    let mut client = Client::start(pulling());
    client.is_not_judged("messages that are none");
    client
}

/// Sends `bytes` and then a proper request, and wants one complaint and one answer.
#[track_caller]
fn check(bytes: &[u8], code: i64) {
    let mut client = sloppy();
    for _ in 0..2 {
        client.send_bytes(bytes);
        let id = client.request("workspace/symbol", json!({"query": ""}));
        assert_eq!(client.complaint(), code, "{}", String::from_utf8_lossy(bytes));
        assert_eq!(client.answer_to(id)["result"], json!([]));
    }
    client.finish();
}

fn body(text: &str) -> Vec<u8> {
    format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes()
}

#[test]
fn bodies_that_are_no_json() {
    check(&body("{\"jsonrpc\": \"2.0\", \"method\":"), PARSE_ERROR);
    check(&body("nonsense"), PARSE_ERROR);
    check(&body(""), PARSE_ERROR);
    check(&body(&"[".repeat(100_000)), PARSE_ERROR);
    check(b"Content-Length: 12\r\n\r\n{\"a\": \"\xff\xfe\"}", PARSE_ERROR);
}

#[test]
fn bodies_that_are_json_and_no_message() {
    check(&body("[]"), INVALID_REQUEST);
    check(&body("[{\"jsonrpc\": \"2.0\", \"method\": \"exit\"}]"), INVALID_REQUEST);
    check(&body("7"), INVALID_REQUEST);
    check(&body("{}"), INVALID_REQUEST);
    check(&body("{\"id\": {}, \"method\": \"shutdown\"}"), INVALID_REQUEST);
    check(&body("{\"id\": 1, \"method\": 7}"), INVALID_REQUEST);
}

#[test]
fn headers_without_a_usable_length() {
    for header in [
        "Content-Type: application/vscode-jsonrpc; charset=utf-8",
        "Content-Length: -5",
        "Content-Length: many",
        "Content-Length: 99999999999999999999999999",
        "Content-Length:",
    ] {
        check(format!("{header}\r\n\r\n{{\"jsonrpc\": \"2.0\"}}").as_bytes(), PARSE_ERROR);
    }
}

#[test]
fn lengths_that_are_wrong() {
    let text = json!({"jsonrpc": "2.0", "method": "initialized", "params": {}}).to_string();
    for length in [0, 1, text.len() - 1, text.len() + 1, text.len() + 30, 4_000_000_000] {
        check(format!("Content-Length: {length}\r\n\r\n{text}").as_bytes(), PARSE_ERROR);
    }
}

#[test]
fn bytes_between_messages() {
    check(b"garbage", PARSE_ERROR);
    check(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", PARSE_ERROR);
    let noise: Vec<u8> = (0..50_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    check(&noise, PARSE_ERROR);
}

#[test]
fn a_message_that_ends_with_stdin() {
    let mut client = sloppy();
    client.is_well();
    let request =
        framed(&json!({"jsonrpc": "2.0", "id": 9, "method": "workspace/symbol", "params": {"query": ""}}));
    client.send_bytes(&request[..request.len() - 3]);
    client.close_stdin();
    assert_eq!(client.exit_code(), 1);
}

#[test]
fn messages_in_small_pieces_and_all_at_once() {
    let mut client = sloppy();
    let request = |id: i64| {
        framed(&json!({"jsonrpc": "2.0", "id": id, "method": "workspace/symbol", "params": {"query": ""}}))
    };
    for byte in request(101) {
        client.send_bytes(&[byte]);
    }
    client.answer_to(101);
    client.send_bytes(&[request(102), request(103), request(104)].concat());
    for id in 102..105 {
        client.answer_to(id);
    }
    client.finish();
}

#[test]
fn ids_of_all_kinds() {
    let mut client = sloppy();
    for id in [json!(0), json!(-7), json!(9_007_199_254_740_993i64), json!("seven"), json!(""), Value::Null] {
        let request =
            json!({"jsonrpc": "2.0", "id": id, "method": "workspace/symbol", "params": {"query": ""}});
        client.send(&request);
        assert_eq!(client.receive(), json!({"jsonrpc": "2.0", "id": id, "result": []}));
    }
    client.finish();
}

#[test]
fn parameters_of_the_wrong_type() {
    let mut client = sloppy();
    for params in [json!(null), json!(7), json!([]), json!({}), json!({"textDocument": {"uri": 7}})] {
        assert_eq!(client.ask_in_vain("textDocument/documentSymbol", params.clone()), INVALID_PARAMS);
        client.notify("textDocument/didOpen", params.clone());
        client.notify("textDocument/didChange", params.clone());
        client.notify("textDocument/didClose", params.clone());
        client.notify("$/cancelRequest", params);
    }
    let far = json!({"textDocument": {"uri": URI}, "position": {"line": -1, "character": 1.5}});
    assert_eq!(client.ask_in_vain("textDocument/hover", far), INVALID_PARAMS);
    client.is_well();
    client.finish();
}

#[test]
fn methods_that_there_are_not() {
    let mut client = sloppy();
    assert_eq!(client.ask_in_vain("textDocument/nonsense", json!({})), METHOD_NOT_FOUND);
    assert_eq!(client.ask_in_vain("", json!({})), METHOD_NOT_FOUND);
    client.notify("textDocument/nonsense", json!({}));
    client.notify("$/setTrace", json!({"value": "off"}));
    client.notify("$/nonsense", json!({}));
    client.send(&json!({"jsonrpc": "2.0", "id": 77, "result": "the answer to a question that nobody asked"}));
    client.is_well();
    client.finish();
}

#[test]
fn random_damage() {
    let document =
        json!({"uri": URI, "languageId": "dockerfile", "version": 1, "text": "FROM a AS b\nRUN c\n"});
    let version = json!({"uri": URI, "version": 2});
    let request = |id: i64, method: &str, params: Value| {
        framed(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
    };
    let notify =
        |method: &str, params: Value| framed(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    let talk = [
        notify("textDocument/didOpen", json!({"textDocument": document})),
        notify(
            "textDocument/didChange",
            json!({"textDocument": version, "contentChanges": [{"text": "FROM b"}]}),
        ),
        request(1001, "textDocument/documentSymbol", json!({"textDocument": {"uri": URI}})),
        request(1002, "textDocument/diagnostic", json!({"textDocument": {"uri": URI}})),
        notify("textDocument/didClose", json!({"textDocument": {"uri": URI}})),
    ]
    .concat();

    for seed in 1..=60u64 {
        let mut state = seed;
        let mut random = |limit: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % limit
        };
        let mut client = sloppy();
        for _ in 0..10 {
            let mut damaged = talk.clone();
            for _ in 0..=random(4) {
                let at = random(damaged.len());
                match random(4) {
                    0 => damaged[at] = random(256) as u8,
                    1 => damaged.truncate(at.max(1)),
                    2 => drop(damaged.drain(at..(at + random(40)).min(damaged.len()))),
                    _ => damaged.insert(at, random(256) as u8),
                }
                if damaged.is_empty() {
                    damaged = talk.clone();
                }
            }
            client.send_bytes(&damaged);
            let id = client.request("workspace/symbol", json!({"query": "none"}));
            // Whatever becomes of the damaged messages, the one after them is answered.
            while client.receive()["id"] != id {}
        }
        client.finish();
    }
}
