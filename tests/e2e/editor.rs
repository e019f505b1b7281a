//! A client that works in a folder as an editor does: files are open or lie on the disk, and what the server sends is taken as
//! it comes. Places are given by the text around them: `target: pr$0od`.

use std::{
    collections::BTreeMap,
    env, fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::client::Client;

/// Nothing takes longer, not even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A temporary folder; removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn with(files: &[(&str, &str)]) -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("dockerfile-ls-e2e-ws-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).expect("the temporary folder takes another");
        let folder = Folder(folder.canonicalize().expect("it was just made"));
        for (path, text) in files {
            folder.write(path, text);
        }
        folder
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("it is in the folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn path(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.0.clone() } else { self.0.join(path) }
    }

    pub fn uri(&self, path: &str) -> String {
        format!("file://{}", self.path(path).display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What such an editor can do.
pub fn capabilities() -> Value {
    json!({
        "workspace": {
            "workspaceEdit": {"documentChanges": true, "changeAnnotationSupport": {}},
            "fileOperations": {"willRename": true},
            "didChangeWatchedFiles": {"dynamicRegistration": true},
        },
        "textDocument": {
            "publishDiagnostics": {"versionSupport": true, "relatedInformation": true},
            "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}},
            "documentLink": {"tooltipSupport": true},
            "hover": {"contentFormat": ["markdown"]},
            "rename": {"prepareSupport": true},
        },
        "window": {"workDoneProgress": true},
    })
}

pub struct Editor {
    pub folder: Folder,
    client: Client,
    /// The text and the version of what is open, by path.
    open: BTreeMap<String, (String, i64)>,
    /// The newest diagnostics, by path.
    diagnostics: BTreeMap<String, Value>,
    /// What the person was shown.
    pub shown: Vec<String>,
    /// The steps of the progress: `begin`, `end`.
    pub progress: Vec<String>,
    /// How often the server asked for diagnostics to be pulled again.
    pub refreshes: usize,
    /// How often it asked for code lenses to be asked for again.
    pub lens_refreshes: usize,
<<<<<<< HEAD
    /// How often it told that pictures of stages may have changed.
    pub new_pictures: usize,
=======
    /// How often it told of changed pictures.
    pub picture_changes: usize,
>>>>>>> protocol
}

/// What a workspace edit makes of a file.
#[derive(Debug, PartialEq)]
pub struct Edited {
    pub text: String,
    pub version: Value,
    /// Why edits wait for a confirmation.
    pub unsure: Vec<String>,
}

impl Editor {
    /// Opens a folder with these files, and waits until the server has looked through it.
    pub fn new(files: &[(&str, &str)]) -> Editor {
        Editor::with(capabilities(), Folder::with(files))
    }

    pub fn with(capabilities: Value, folder: Folder) -> Editor {
        let client = Client::spawn();
        Editor::introduce(client, capabilities, folder)
    }

    pub fn introduce(client: Client, capabilities: Value, folder: Folder) -> Editor {
        let folders = json!([{"uri": folder.uri(""), "name": "project"}]);
        let mut editor = Editor::in_folders(client, capabilities, folder, folders);
        editor.until("the end of the progress", |editor| editor.progress.iter().any(|step| step == "end"));
        editor
    }

    /// The same with any folders; does not wait.
    pub fn in_folders(client: Client, capabilities: Value, folder: Folder, folders: Value) -> Editor {
        let mut editor = Editor {
            folder,
            client,
            open: BTreeMap::new(),
            diagnostics: BTreeMap::new(),
            shown: Vec::new(),
            progress: Vec::new(),
            refreshes: 0,
            lens_refreshes: 0,
<<<<<<< HEAD
            new_pictures: 0,
=======
            picture_changes: 0,
>>>>>>> protocol
        };
        let params = json!({
            "processId": null,
            "rootUri": null,
            "capabilities": capabilities,
            "workspaceFolders": folders,
        });
        editor.ask("initialize", params);
        editor.notify("initialized", json!({}));
        editor
    }

    fn take(&mut self, message: Value) {
        let params = &message["params"];
        match message["method"].as_str() {
            Some("textDocument/publishDiagnostics") => {
                let path = self.path_of(&params["uri"]);
                self.diagnostics.insert(path, params.clone());
            }
            Some("$/progress") => {
                self.progress.push(params["value"]["kind"].as_str().expect("a step").to_owned());
            }
            Some("window/showMessage") => {
                self.shown.push(params["message"].as_str().expect("it is text").to_owned());
            }
            Some("workspace/diagnostic/refresh") => {
                self.refreshes += 1;
                self.client.reply(&message, Value::Null);
            }
            Some("workspace/codeLens/refresh") => {
                self.lens_refreshes += 1;
                self.client.reply(&message, Value::Null);
            }
<<<<<<< HEAD
            Some("dockerfile-ls/stageGraphChanged") => self.new_pictures += 1,
=======
            Some("dockerfile-ls/stageGraphChanged") => self.picture_changes += 1,
>>>>>>> protocol
            Some("window/workDoneProgress/create" | "client/registerCapability") => {
                self.client.reply(&message, Value::Null);
            }
            _ => panic!("unexpected message: {message}"),
        }
    }

    /// The path of a URI from the folder on.
    pub fn path_of(&self, uri: &Value) -> String {
        let uri = uri.as_str().expect("a URI");
        let rest = uri.strip_prefix(&self.folder.uri("")).unwrap_or(uri);
        rest.trim_start_matches('/').to_owned()
    }

    /// Takes messages until something is so.
    #[track_caller]
    pub fn until(&mut self, what: &str, is_so: impl Fn(&Editor) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self) {
            match self.client.receive_within(Duration::from_millis(200)) {
                Some(message) => self.take(message),
                None if Instant::now() < deadline => {}
                None => panic!("waited in vain for {what}: {:?} {:?}", self.diagnostics, self.shown),
            }
        }
    }

    /// Waits until the server has dealt with all that was sent, and has nothing more to say.
    #[track_caller]
    pub fn settle(&mut self) {
        for _ in 0..2 {
            self.ask("workspace/symbol", json!({"query": "no stage has this name"}));
            while let Some(message) = self.client.receive_within(Duration::from_millis(60)) {
                self.take(message);
            }
        }
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.client.notify(method, params);
    }

    #[track_caller]
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let mut message = self.answer(method, params);
        assert!(message.get("error").is_none(), "{method}: {message}");
        message["result"].take()
    }

    /// Asks for what is refused; why.
    #[track_caller]
    pub fn ask_in_vain(&mut self, method: &str, params: Value) -> String {
        let message = self.answer(method, params);
        message["error"]["message"].as_str().unwrap_or_else(|| panic!("{method}: {message}")).to_owned()
    }

    #[track_caller]
    fn answer(&mut self, method: &str, params: Value) -> Value {
        let id = self.client.request(method, params);
        loop {
            let message = self.client.receive();
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
            self.take(message);
        }
    }

    pub fn open(&mut self, path: &str) {
        let text = self.folder.read(path);
        self.open_as(path, &text);
    }

    /// Opens a file with a text that the disk does not have.
    pub fn open_as(&mut self, path: &str, text: &str) {
        let language = match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "yaml" | "yml" => "yaml",
            "hcl" => "hcl",
            "json" => "jsonc",
            "sh" => "shellscript",
            "md" => "markdown",
            _ if path.ends_with("Makefile") => "makefile",
            _ => "dockerfile",
        };
        let document =
            json!({"uri": self.folder.uri(path), "languageId": language, "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
        self.open.insert(path.to_owned(), (text.to_owned(), 1));
    }

    pub fn close(&mut self, path: &str) {
        self.notify("textDocument/didClose", json!({"textDocument": {"uri": self.folder.uri(path)}}));
        self.open.remove(path);
    }

    /// The text of a file, as it is open or else on the disk.
    pub fn text(&self, path: &str) -> String {
        self.open.get(path).map_or_else(|| self.folder.read(path), |(text, _)| text.clone())
    }

    /// Puts one text in the place of another in an open file, as one edit.
    #[track_caller]
    pub fn replace(&mut self, path: &str, old: &str, new: &str) {
        let text = self.text(path);
        let start = text.find(old).unwrap_or_else(|| panic!("{path} has no {old:?}"));
        let range = json!({"start": position(&text, start), "end": position(&text, start + old.len())});
        let text = text.replacen(old, new, 1);
        self.changed(path, text, json!([{"range": range, "text": new}]));
    }

    /// Takes another text for an open file, as a whole.
    pub fn set(&mut self, path: &str, text: &str) {
        self.changed(path, text.to_owned(), json!([{"text": text}]));
    }

    fn changed(&mut self, path: &str, text: String, changes: Value) {
        let version =
            self.open.get(path).map_or_else(|| panic!("{path} is not open"), |(_, version)| version + 1);
        let document = json!({"uri": self.folder.uri(path), "version": version});
        self.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
        self.open.insert(path.to_owned(), (text, version));
    }

    /// Writes a file, or deletes it, and tells the server as the editor's watcher would.
    pub fn on_disk(&mut self, path: &str, text: Option<&str>) {
        let was_there = self.folder.path(path).exists();
        match text {
            Some(text) => self.folder.write(path, text),
            None => fs::remove_file(self.folder.path(path)).expect("it is there"),
        }
        let kind = if text.is_none() {
            3
        } else if was_there {
            2
        } else {
            1
        };
        self.watched(path, kind);
    }

    /// Tells that a file was created (1), changed (2) or deleted (3).
    pub fn watched(&mut self, path: &str, kind: u32) {
        let change = json!({"uri": self.folder.uri(path), "type": kind});
        self.notify("workspace/didChangeWatchedFiles", json!({"changes": [change]}));
    }

    /// Parameters for a request at a place in a file.
    #[track_caller]
    pub fn place(&self, path: &str, around: &str) -> Value {
        let text = self.text(path);
        let (before, after) = around.split_once("$0").expect("the place is marked");
        let whole = format!("{before}{after}");
        let start = text.find(&whole).unwrap_or_else(|| panic!("{path} has no {whole:?}:\n{text}"));
        json!({"textDocument": {"uri": self.folder.uri(path)}, "position": position(&text, start + before.len())})
    }

    #[track_caller]
    pub fn ask_at(&mut self, method: &str, path: &str, around: &str) -> Value {
        let params = self.place(path, around);
        self.ask(method, params)
    }

    /// Where a definition leads: "Dockerfile:3" (lines from 1).
    #[track_caller]
    pub fn definition(&mut self, path: &str, around: &str) -> Vec<String> {
        let found = self.ask_at("textDocument/definition", path, around);
        self.places(&found)
    }

    /// The references of a place, declarations included, sorted.
    #[track_caller]
    pub fn references(&mut self, path: &str, around: &str) -> Vec<String> {
        let mut params = self.place(path, around);
        params["context"] = json!({"includeDeclaration": true});
        let found = self.ask("textDocument/references", params);
        let mut places = self.places(&found);
        places.sort();
        places
    }

    fn places(&self, found: &Value) -> Vec<String> {
        let place = |location: &Value| {
            let line = location["range"]["start"]["line"].as_u64().expect("a line") + 1;
            format!("{}:{line}", self.path_of(&location["uri"]))
        };
        found.as_array().into_iter().flatten().map(place).collect()
    }

    #[track_caller]
    pub fn hover(&mut self, path: &str, around: &str) -> String {
        let found = self.ask_at("textDocument/hover", path, around);
        found["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// What is offered at a place, in its order.
    #[track_caller]
    pub fn completion(&mut self, path: &str, around: &str) -> Vec<String> {
        let found = self.ask_at("textDocument/completion", path, around);
        let items = found["items"].as_array().or(found.as_array()).expect("a list").iter();
        items.map(|item| item["label"].as_str().expect("a label").to_owned()).collect()
    }

    #[track_caller]
    pub fn rename(&mut self, path: &str, around: &str, name: &str) -> BTreeMap<String, Edited> {
        let mut params = self.place(path, around);
        params["newName"] = json!(name);
        let edit = self.ask("textDocument/rename", params);
        self.edited(&edit)
    }

    /// What an edit makes of the files.
    pub fn edited(&self, edit: &Value) -> BTreeMap<String, Edited> {
        let mut all = BTreeMap::new();
        let changes = edit["documentChanges"].as_array().into_iter().flatten();
        let versioned = changes.map(|change| {
            let document = &change["textDocument"];
            (document["uri"].clone(), document["version"].clone(), change["edits"].clone())
        });
        let plain = edit["changes"].as_object().into_iter().flatten();
        let plain = plain.map(|(uri, edits)| (json!(uri), Value::Null, edits.clone()));
        for (uri, version, edits) in versioned.chain(plain) {
            let path = self.path_of(&uri);
            let mut text = self.text(&path);
            let mut unsure = Vec::new();
            let edits = edits.as_array().expect("a list");
            let mut ranges: Vec<_> = edits
                .iter()
                .map(|change| {
                    let new = change["newText"].as_str().expect("a text").to_owned();
                    if let Some(id) = change["annotationId"].as_str() {
                        let annotation = &edit["changeAnnotations"][id];
                        assert_eq!(annotation["needsConfirmation"], true, "{edit}");
                        unsure.push(annotation["description"].as_str().expect("a reason").to_owned());
                    }
                    let range = &change["range"];
                    (offset(&text, &range["start"]), offset(&text, &range["end"]), new)
                })
                .collect();
            ranges.sort();
            for (start, end, new) in ranges.into_iter().rev() {
                text.replace_range(start..end, &new);
            }
            all.insert(path, Edited { text, version, unsure });
        }
        all
    }

    /// The newest diagnostics of a file: "4:15 target-not-found" (from 1), by their places.
    pub fn found(&self, path: &str) -> Vec<String> {
        self.diagnostics.get(path).map(|params| codes(&params["diagnostics"])).unwrap_or_default()
    }

    /// The newest diagnostics as they came, with their version.
    pub fn published(&self, path: &str) -> Value {
        self.diagnostics.get(path).cloned().unwrap_or_default()
    }

    #[track_caller]
    pub fn until_found(&mut self, path: &str, expected: &[&str]) {
        let version = self.open.get(path).map(|(_, version)| json!(version));
        self.until(&format!("{expected:?} in {path}"), |editor| {
            let newest = version.as_ref().is_none_or(|version| editor.published(path)["version"] == *version);
            newest && editor.found(path) == expected
        });
    }

    /// Waits until so many stages match a name: for clients that see no progress.
    #[track_caller]
    pub fn until_stages(&mut self, name: &str, count: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.ask("workspace/symbol", json!({"query": name})).as_array().map(Vec::len) != Some(count) {
            assert!(Instant::now() < deadline, "waited in vain for {count} stages like {name}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends the conversation.
    #[track_caller]
    pub fn finish(mut self) {
        self.settle();
        self.ask("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        assert_eq!(self.client.exit_code(), 0);
    }
}

/// Diagnostics in short.
pub fn codes(diagnostics: &Value) -> Vec<String> {
    let all = diagnostics.as_array().into_iter().flatten();
    all.map(|it| {
        let start = &it["range"]["start"];
        let at = |key: &str| start[key].as_u64().expect("a number") + 1;
        format!("{}:{} {}", at("line"), at("character"), it["code"].as_str().unwrap_or("?"))
    })
    .collect()
}

/// A position in UTF-16, as clients that say nothing count.
fn position(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    json!({"line": line, "character": before[start..].encode_utf16().count()})
}

fn offset(text: &str, position: &Value) -> usize {
    let number = |key: &str| position[key].as_u64().expect("a number") as usize;
    let start = text.split_inclusive('\n').take(number("line")).map(str::len).sum::<usize>();
    let mut left = number("character");
    for (index, c) in text[start..].char_indices() {
        if left == 0 {
            return start + index;
        }
        left = left.checked_sub(c.len_utf16()).expect("a position between characters");
    }
    text.len()
}
