//! How conversations start and end.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::client::{Client, URI, pulling};

const INVALID_REQUEST: i64 = -32600;
const NOT_INITIALIZED: i64 = -32002;

/// The least that a client says of itself.
fn introduction() -> Value {
    json!({"processId": null, "rootUri": null, "capabilities": {}})
}

#[test]
fn shutdown_then_exit_is_a_success_even_if_stdin_stays_open() {
    Client::start(json!({})).finish();
}

#[test]
fn exit_without_shutdown_is_a_failure() {
    let mut client = Client::start(json!({}));
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 1);
}

#[test]
fn exit_before_anything_else_is_a_failure() {
    let mut client = Client::spawn();
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 1);
}

#[test]
fn shutdown_and_exit_need_no_parameters_and_mind_none() {
    let mut client = Client::start(json!({}));
    client.send(&json!({"jsonrpc": "2.0", "id": "end", "method": "shutdown"}));
    assert_eq!(client.receive(), json!({"jsonrpc": "2.0", "id": "end", "result": null}));
    client.send(&json!({"jsonrpc": "2.0", "method": "exit"}));
    assert_eq!(client.exit_code(), 0);

    let mut client = Client::start(json!({}));
    client.is_not_judged("parameters where there are none");
    assert_eq!(client.ask("shutdown", json!({})), Value::Null);
    client.notify("exit", json!([]));
    assert_eq!(client.exit_code(), 0);
}

#[test]
fn the_end_of_stdin_is_the_end() {
    let mut silent = Client::spawn();
    silent.close_stdin();
    assert_eq!(silent.exit_code(), 1);

    let mut without = Client::start(json!({}));
    without.is_well();
    without.close_stdin();
    assert_eq!(without.exit_code(), 1);

    let mut with = Client::start(json!({}));
    with.ask("shutdown", Value::Null);
    with.close_stdin();
    assert_eq!(with.exit_code(), 0);
}

#[test]
fn requests_before_the_end_of_stdin_are_answered() {
    let mut client = Client::start(pulling());
    let ids: Vec<_> = (0..50).map(|_| client.request("workspace/symbol", json!({"query": ""}))).collect();
    client.close_stdin();
    for id in ids {
        client.answer_to(id);
    }
    assert_eq!(client.exit_code(), 1);
}

#[test]
fn shutdown_can_be_asked_twice() {
    let mut client = Client::start(json!({}));
    client.ask("shutdown", Value::Null);
    client.finish();
}

#[test]
fn nothing_works_before_initialize() {
    let mut client = Client::spawn();
    client.is_not_judged("requests before initialize");
    assert_eq!(client.ask_in_vain("textDocument/hover", json!({})), NOT_INITIALIZED);
    assert_eq!(client.ask_in_vain("shutdown", Value::Null), NOT_INITIALIZED);
    client.open(URI, "FROM a\n");
    client.ask("initialize", introduction());
    client.is_well();
    client.finish();
}

#[test]
fn initialize_works_once_and_requests_may_follow_it_at_once() {
    let mut client = Client::spawn();
    client.is_not_judged("requests before the answer to initialize, and another one");
    let first = client.request("initialize", introduction());
    let second = client.request("workspace/symbol", json!({"query": ""}));
    assert!(client.answer_to(first)["result"].is_object());
    assert_eq!(client.answer_to(second)["result"], json!([]));
    assert_eq!(client.ask_in_vain("initialize", introduction()), INVALID_REQUEST);
    client.finish();
}

#[test]
fn nothing_works_after_shutdown() {
    let mut client = Client::start(json!({}));
    client.ask("shutdown", Value::Null);
    assert_eq!(client.ask_in_vain("workspace/symbol", json!({"query": ""})), INVALID_REQUEST);
    client.open(URI, "FROM a\n");
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 0);
}

/// Only Linux tells about processes other than the parent.
#[cfg(target_os = "linux")]
#[test]
fn the_end_of_the_editor_is_the_end() {
    let mut editor =
        Command::new("sleep").arg("1000").stdin(Stdio::null()).spawn().expect("something that runs");
    let mut client = Client::spawn();
    client.ask("initialize", json!({"processId": editor.id(), "rootUri": null, "capabilities": {}}));
    client.is_well();
    client.is_not_judged("the editor ends without a word, and the server with it");
    editor.kill().expect("it ran until now");
    editor.wait().expect("it has ended");
    let start = Instant::now();
    assert_eq!(client.exit_code(), 1);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn an_editor_that_can_not_be_seen_is_not_waited_for() {
    let mut client = Client::spawn();
    client.ask("initialize", json!({"processId": i32::MAX, "rootUri": null, "capabilities": {}}));
    client.is_well();
    std::thread::sleep(Duration::from_millis(200));
    client.is_well();
    client.finish();
}
