//! Formatting a document, a part of it, and while typing.

use serde_json::{Value, json};

use crate::client::{Client, URI, pulling};

const TEXT: &str = "FROM  é  AS b  \nRUN c \\\n&& d 'e \\\n  f' \\\n&& g\n\n\n\nRUN  h";

fn options(size: u32, spaces: bool) -> Value {
    json!({"tabSize": size, "insertSpaces": spaces})
}

/// A text with the edits of an answer, whose columns are all in lines that have no character of two units.
fn applied(text: &str, edits: &Value) -> String {
    let offset = |place: &Value| {
        let line = place["line"].as_u64().expect("a number") as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let characters = text[start..].char_indices().map(|(at, _)| at).chain([text.len() - start]);
        start
            + characters
                .into_iter()
                .nth(place["character"].as_u64().expect("a number") as usize)
                .expect("it is there")
    };
    let mut out = text.to_owned();
    for edit in edits.as_array().expect("a list").iter().rev() {
        let (start, end) = (offset(&edit["range"]["start"]), offset(&edit["range"]["end"]));
        out.replace_range(start..end, edit["newText"].as_str().expect("a text"));
    }
    out
}

fn format(client: &mut Client, options: Value) -> String {
    let edits =
        client.ask("textDocument/formatting", json!({"textDocument": {"uri": URI}, "options": options}));
    applied(TEXT, &edits)
}

#[test]
fn the_editor_and_the_settings_say_how_a_document_is_formatted() {
    let mut client = Client::start(pulling());
    client.open(URI, TEXT);
    let expected =
        |indent: &str| format!("FROM é AS b\nRUN c \\\n{indent}&& d 'e \\\n  f' \\\n{indent}&& g\n\nRUN h\n");
    assert_eq!(format(&mut client, options(2, true)), expected("  "));
    assert_eq!(format(&mut client, options(8, false)), expected("\t"));
    let mut untrimmed = options(2, true);
    for name in ["trimTrailingWhitespace", "insertFinalNewline"] {
        untrimmed[name] = json!(false);
    }
    assert_eq!(
        format(&mut client, untrimmed),
        expected("  ").replace("AS b\n", "AS b  \n").trim_end_matches('\n')
    );
    let settings = json!({"format": {"indent": "spaces", "indentWidth": 3, "keywordCase": "lower"}});
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"dockerfile-ls": settings}}));
    let lower = expected("   ").replace("FROM", "from").replace("AS", "as").replace("RUN", "run");
    assert_eq!(format(&mut client, options(8, false)), lower);
    client.finish();
}

#[test]
fn a_range_and_a_line_that_is_typed_change_nothing_else() {
    let mut client = Client::start(pulling());
    client.open(URI, TEXT);
    let range = json!({"start": {"line": 4, "character": 1}, "end": {"line": 4, "character": 2}});
    let edits = client.ask(
        "textDocument/rangeFormatting",
        json!({"textDocument": {"uri": URI}, "range": range, "options": options(4, true)}),
    );
    assert_eq!(applied(TEXT, &edits), TEXT.replace("\n&& g", "\n    && g"));

    let end = json!({"line": 8, "character": 6});
    client.change(URI, 2, json!([{"range": {"start": end, "end": end}, "text": " \\\n"}]));
    let edits = client.ask(
        "textDocument/onTypeFormatting",
        json!({
            "textDocument": {"uri": URI},
            "position": {"line": 9, "character": 0},
            "ch": "\n",
            "options": options(4, true),
        }),
    );
    let place = json!({"line": 9, "character": 0});
    assert_eq!(edits, json!([{"range": {"start": place, "end": place}, "newText": "    "}]));
    client.finish();
}

#[test]
fn who_can_be_told_later_is_told_that_only_dockerfiles_are_formatted() {
    let later = json!({"dynamicRegistration": true});
    let (mut client, result) = Client::start_and_greet(json!({"textDocument": {
        "diagnostic": {},
        "formatting": later,
        "rangeFormatting": later,
        "onTypeFormatting": later,
    }}));
    for name in ["documentFormatting", "documentRangeFormatting", "documentOnTypeFormatting"] {
        assert_eq!(result["capabilities"][format!("{name}Provider")], Value::Null);
    }
    let question = client.asked("client/registerCapability");
    let registrations = question["params"]["registrations"].as_array().expect("a list");
    let methods: Vec<_> = registrations.iter().map(|registration| &registration["method"]).collect();
    assert_eq!(
        methods,
        ["textDocument/formatting", "textDocument/rangeFormatting", "textDocument/onTypeFormatting"]
    );
    for registration in registrations {
        let files = registration["registerOptions"]["documentSelector"].as_array().expect("a list");
        assert!(files.contains(&json!({"language": "dockerfile"})), "{registration}");
        assert!(files.iter().all(|file| file["language"].is_string() || file["pattern"].is_string()));
    }
    assert_eq!(registrations[2]["registerOptions"]["firstTriggerCharacter"], "\n");
    client.reply(&question, Value::Null);
    client.open(URI, TEXT);
    assert!(format(&mut client, options(2, true)).starts_with("FROM é AS b\n"));
    client.finish();

    // As Neovim 0.10 has it: what cannot be told later is offered at once.
    let some = json!({"diagnostic": {}, "formatting": later, "rangeFormatting": later});
    let (mut client, result) = Client::start_and_greet(json!({"textDocument": some}));
    assert_eq!(result["capabilities"]["documentFormattingProvider"], Value::Null);
    assert_eq!(
        result["capabilities"]["documentOnTypeFormattingProvider"],
        json!({"firstTriggerCharacter": "\n"})
    );
    let question = client.asked("client/registerCapability");
    assert_eq!(question["params"]["registrations"].as_array().map(Vec::len), Some(2));
    client.reply(&question, Value::Null);
    client.finish();
}
