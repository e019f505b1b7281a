//! A small and strict client over the real server's stdin and stdout.
//!
//! Each message has to be asked for: one that nobody expects fails the test, and so does one that is left over at the
//! end. Nothing waits for longer than [`PATIENCE`].
//!
//! With `DOCKERFILE_LS_CONVERSATIONS`, a folder, in the environment every conversation is kept there, to be judged by the
//! specification (tests/editors/tap.py).

use std::{
    env,
    fs::File,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(20);

pub const URI: &str = "file:///project/Dockerfile";

pub struct Client {
    child: Arc<Mutex<Child>>,
    stdin: Option<ChildStdin>,
    messages: Receiver<Value>,
    next_id: i64,
    conversation: Conversation,
    /// Dropped with the client, which calls off the watchdog.
    _watched: Sender<()>,
}

/// Capabilities of a client that asks for diagnostics itself and hence never gets a message unasked.
pub fn pulling() -> Value {
    json!({"textDocument": {"diagnostic": {}}})
}

/// Capabilities of a client that diagnostics are pushed to, with versions.
pub fn pushed_to() -> Value {
    json!({"textDocument": {"publishDiagnostics": {"versionSupport": true}}})
}

/// Parameters without those that are null: most may be left out only.
pub fn given(mut params: Value) -> Value {
    if let Some(params) = params.as_object_mut() {
        params.retain(|_, value| !value.is_null());
    }
    params
}

impl Client {
    /// Starts a server and says nothing.
    pub fn spawn() -> Client {
        Client::spawn_deaf().0
    }

    /// Starts a server, says nothing, and reads nothing until the second value is dropped.
    pub fn spawn_deaf() -> (Client, Sender<()>) {
        Client::spawn_into(Stdio::inherit())
    }

    /// Starts a server whose log goes to a file.
    pub fn spawn_logging(log: std::fs::File) -> Client {
        Client::spawn_into(log.into()).0
    }

    fn spawn_into(log: Stdio) -> (Client, Sender<()>) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dockerfile-ls"))
            .arg("--stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, messages) = channel();
        let conversation = Conversation::new();
        let written = conversation.clone();
        let (deaf, listen) = channel::<()>();
        thread::spawn(move || {
            // Nothing is ever sent: this waits for the other end to be dropped.
            let _ = listen.recv();
            read_messages(stdout, &sender, &written);
            written.note(&json!({"closed": "server"}));
        });

        let child = Arc::new(Mutex::new(child));
        let (watched, watch) = channel::<()>();
        let to_kill = Arc::clone(&child);
        thread::spawn(move || {
            // A server that stops reading blocks the test in a write; this ends both.
            if watch.recv_timeout(2 * PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let _ = to_kill.lock().expect("not poisoned").kill();
            }
        });
        (Client { child, stdin, messages, next_id: 0, conversation, _watched: watched }, deaf)
    }

    /// Starts a server and introduces a client with these `capabilities`.
    pub fn start(capabilities: Value) -> Client {
        Client::start_and_greet(capabilities).0
    }

    /// As [`start`](Client::start), with the server's answer.
    pub fn start_and_greet(capabilities: Value) -> (Client, Value) {
        Client::start_with(json!({"processId": null, "capabilities": capabilities}))
    }

    /// The same with any parameters.
    pub fn start_with(mut params: Value) -> (Client, Value) {
        let mut client = Client::spawn();
        // It has to be there, and may be null.
        if let Some(params) = params.as_object_mut() {
            params.entry("rootUri").or_insert(Value::Null);
        }
        let result = client.ask("initialize", params);
        client.notify("initialized", json!({}));
        (client, result)
    }

    /// The specification is not to judge this conversation, for that reason.
    pub fn is_not_judged(&mut self, why: &str) {
        self.conversation.note(&json!({"deliberate": why}));
        self.conversation.end();
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin.write_all(bytes).expect("the server reads");
        stdin.flush().expect("the server reads");
    }

    pub fn send(&mut self, message: &Value) {
        self.conversation.note(&json!({"client": {"message": message}}));
        self.send_bytes(&framed(message));
    }

    /// Sends them in one go.
    pub fn send_all(&mut self, messages: &[Value]) {
        for message in messages {
            self.conversation.note(&json!({"client": {"message": message}}));
        }
        self.send_bytes(&messages.iter().flat_map(framed).collect::<Vec<_>>());
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and does not wait; its id.
    pub fn request(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params}));
        self.next_id
    }

    /// The next message from the server.
    #[track_caller]
    pub fn receive(&mut self) -> Value {
        self.messages.recv_timeout(PATIENCE).expect("a message in time")
    }

    /// The next message, if one comes in that time.
    pub fn receive_within(&mut self, time: Duration) -> Option<Value> {
        match self.messages.recv_timeout(time) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("the server has gone"),
        }
    }

    /// The next message, which has to be the answer to the request with this id.
    #[track_caller]
    pub fn answer_to(&mut self, id: i64) -> Value {
        let message = self.receive();
        assert_eq!(message["id"], id, "unexpected message: {message}");
        message
    }

    /// Sends a request and waits for its result.
    #[track_caller]
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        let mut message = self.answer_to(id);
        assert!(message.get("error").is_none(), "{method}: {message}");
        message["result"].take()
    }

    /// Sends a request and waits for its refusal; the error's code.
    #[track_caller]
    pub fn ask_in_vain(&mut self, method: &str, params: Value) -> i64 {
        let id = self.request(method, params);
        let message = self.answer_to(id);
        message["error"]["code"].as_i64().unwrap_or_else(|| panic!("{method} was answered: {message}"))
    }

    /// The next message, which has to be about a message without a usable id; the error's code.
    #[track_caller]
    pub fn complaint(&mut self) -> i64 {
        let message = self.receive();
        assert_eq!(message["id"], Value::Null, "unexpected message: {message}");
        message["error"]["code"].as_i64().unwrap_or_else(|| panic!("no error: {message}"))
    }

    /// The next message, which has to be pushed diagnostics.
    #[track_caller]
    pub fn published(&mut self) -> Value {
        let mut message = self.receive();
        assert_eq!(message["method"], "textDocument/publishDiagnostics", "unexpected message: {message}");
        message["params"].take()
    }

    /// The next message, which has to be a request of the server.
    #[track_caller]
    pub fn asked(&mut self, method: &str) -> Value {
        let message = self.receive();
        assert_eq!(message["method"], method, "unexpected message: {message}");
        assert!(message.get("id").is_some(), "no request: {message}");
        message
    }

    /// Answers a request of the server.
    pub fn reply(&mut self, request: &Value, result: Value) {
        self.send(&json!({"jsonrpc": "2.0", "id": request["id"], "result": result}));
    }

    /// The next message, which has to be shown to the user; its text.
    #[track_caller]
    pub fn shown(&mut self) -> String {
        let message = self.receive();
        assert_eq!(message["method"], "window/showMessage", "unexpected message: {message}");
        message["params"]["message"].as_str().expect("it is text").to_owned()
    }

    pub fn open(&mut self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": "dockerfile", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
    }

    pub fn change(&mut self, uri: &str, version: i64, changes: Value) {
        let document = json!({"uri": uri, "version": version});
        self.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
    }

    pub fn close(&mut self, uri: &str) {
        self.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    }

    /// Proves that the server still works, and that everything sent before has been dealt with silently.
    #[track_caller]
    pub fn is_well(&mut self) {
        assert_eq!(self.ask("workspace/symbol", json!({"query": "no stage has this name"})), json!([]));
    }

    pub fn close_stdin(&mut self) {
        self.conversation.note(&json!({"closed": "client"}));
        self.stdin = None;
    }

    /// Waits for the server's end, with nothing more to be read from it; its exit code.
    #[track_caller]
    pub fn exit_code(&mut self) -> i32 {
        match self.messages.recv_timeout(PATIENCE) {
            Err(RecvTimeoutError::Disconnected) => {}
            Err(RecvTimeoutError::Timeout) => panic!("the server does not end"),
            Ok(message) => panic!("unexpected message: {message}"),
        }
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.status() {
                let code = status.code().expect("not ended by a signal");
                self.conversation.note(&json!({"exit": code}));
                return code;
            }
            thread::sleep(Duration::from_millis(2));
        }
        panic!("the server does not end");
    }

    /// Ends the conversation as the protocol wants it, and checks that no message is left over.
    #[track_caller]
    pub fn finish(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null), Value::Null);
        self.notify("exit", Value::Null);
        assert_eq!(self.exit_code(), 0);
    }

    fn status(&self) -> Option<ExitStatus> {
        self.child.lock().expect("not poisoned").try_wait().expect("the server's state can be asked")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.conversation.note(&json!({"closed": "client"}));
        if let Ok(mut child) = self.child.lock() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The file that a conversation is kept in, one message a line, if anybody wants it.
#[derive(Clone)]
struct Conversation(Arc<Mutex<Option<File>>>);

impl Conversation {
    /// A test may have several.
    fn new() -> Conversation {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let file = env::var_os("DOCKERFILE_LS_CONVERSATIONS").map(|folder| {
            let (thread, count) = (thread::current(), COUNT.fetch_add(1, Ordering::Relaxed));
            let test = thread.name().unwrap_or("a thread").replace("::", ".");
            let path = std::path::Path::new(&folder).join(format!("{test}.{count}.jsonl"));
            File::create(path).expect("the folder for conversations can be written")
        });
        Conversation(Arc::new(Mutex::new(file)))
    }

    fn note(&self, line: &Value) {
        let mut file = self.0.lock().expect("not poisoned");
        if let Some(file) = &mut *file {
            writeln!(file, "{line}").expect("conversations can be written");
        }
    }

    fn end(&self) {
        *self.0.lock().expect("not poisoned") = None;
    }
}

/// A message with its header.
pub fn framed(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn read_messages(mut from: impl BufRead, to: &Sender<Value>, conversation: &Conversation) {
    loop {
        let (mut header, mut empty) = (String::new(), String::new());
        if from.read_line(&mut header).expect("headers are text") == 0 {
            return;
        }
        from.read_line(&mut empty).expect("headers are text");
        assert_eq!(empty, "\r\n", "after {header:?}");
        let length =
            header.strip_prefix("Content-Length: ").and_then(|length| length.trim_end().parse().ok());
        let mut body = vec![0; length.unwrap_or_else(|| panic!("no Content-Length: {header:?}"))];
        from.read_exact(&mut body).expect("a whole body");
        let message: Value = serde_json::from_slice(&body).expect("a body in JSON");
        conversation.note(&json!({"server": {"message": message}}));
        if to.send(message).is_err() {
            return;
        }
    }
}
