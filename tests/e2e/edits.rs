//! Random edits, in every encoding, against a plain string and against a document that is opened with the same text.

use serde_json::{Value, json};

use crate::client::{Client, URI};

const FRESH: &str = "file:///fresh/Dockerfile";

/// The largest number that a position may have.
const MOST: u64 = i32::MAX as u64;

/// A small generator of random numbers, so that a failure can be repeated from its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    /// Whole lines, parts of lines, and what has no place in a Dockerfile.
    fn text(&mut self) -> String {
        const LINES: [&str; 16] = [
            "FROM golang AS builder\n",
            "FROM builder AS tést\r\n",
            "from BUILDER as Next\n",
            "FROM ${BASE:-builder} AS late\n",
            "ARG BASE=builder\n",
            "COPY --from=builder /a /b\r\n",
            "COPY --chown=é😀 --from=\"next\" /a /b\n",
            "COPY --from=0 --link /a /b\n",
            "RUN --mount=type=bind,from=builder,target=/x \\\n  # comment\n  --mount=from=next,target=/y make\n",
            "ONBUILD COPY --from=builder /a /b\n",
            "RUN <<EOF\nCOPY --from=builder\nEOF\n",
            "# builder does it all\n",
            "# escape=`\n",
            "ENV A=\"b c\" D='e\n",
            "RUN a && \\\r\n  b\r\n",
            "COPY --fr",
        ];
        const PIECES: [&str; 14] =
            ["", "x", "\n", "\r\n", "\r", "é", "😀", "\u{2028}", " ", "\\\n", "\"", "<<A", "--from=", "$"];
        match self.below(5) {
            0 => String::new(),
            1 | 2 => (0..=self.below(3)).map(|_| self.pick(&LINES)).collect(),
            _ => (0..=self.below(3)).map(|_| self.pick(&PIECES)).collect(),
        }
    }
}

/// A text that is edited the slow and obvious way.
struct Model {
    text: String,
    encoding: &'static str,
}

impl Model {
    /// The lines with their endings; the last has none and may be empty.
    fn lines(&self) -> Vec<&str> {
        let mut lines = Vec::new();
        let mut rest = self.text.as_str();
        while let Some(at) = rest.find(['\n', '\r']) {
            let end = at + if rest[at..].starts_with("\r\n") { 2 } else { 1 };
            lines.push(&rest[..end]);
            rest = &rest[end..];
        }
        lines.push(rest);
        lines
    }

    fn units(&self, c: char) -> u64 {
        match self.encoding {
            "utf-8" => c.len_utf8() as u64,
            "utf-16" => c.len_utf16() as u64,
            _ => 1,
        }
    }

    /// The offset of a position, clamped as the protocol asks.
    fn offset(&self, line: u64, character: u64) -> usize {
        let lines = self.lines();
        let Some(wanted) = lines.get(line as usize) else { return self.text.len() };
        let mut offset: usize = lines[..line as usize].iter().map(|line| line.len()).sum();
        let mut column = 0;
        for c in wanted.trim_end_matches(['\r', '\n']).chars() {
            column += self.units(c);
            if column > character {
                break;
            }
            offset += c.len_utf8();
        }
        offset
    }

    /// A position that is mostly in the text, and sometimes outside of its line or of all lines.
    fn position(&self, random: &mut Random) -> (u64, u64) {
        let lines = self.lines();
        match random.below(12) {
            0 => (lines.len() as u64 + random.below(3) as u64, random.below(9) as u64),
            1 => (random.below(lines.len()) as u64, 1000),
            2 => (MOST, MOST),
            _ => {
                let line = random.below(lines.len());
                let width: u64 = lines[line].chars().map(|c| self.units(c)).sum();
                (line as u64, random.below(width as usize + 1) as u64)
            }
        }
    }

    /// A random change as the protocol has it, applied to this text.
    fn change(&mut self, random: &mut Random) -> Value {
        let new = random.text();
        if random.below(60) == 0 || self.text.len() > 3000 {
            self.text = random.text() + &new;
            return json!({"text": self.text});
        }
        let start = self.position(random);
        // Mostly a short range, sometimes a long one, which may well end before it starts.
        let end = match random.below(4) {
            0 => start,
            1 | 2 => (start.0 + random.below(2) as u64, start.1.saturating_add(random.below(5) as u64)),
            _ => self.position(random),
        };
        let end = (end.0.min(MOST), end.1.min(MOST));
        let (a, b) = (self.offset(start.0, start.1), self.offset(end.0, end.1));
        self.text.replace_range(a.min(b)..a.max(b), &new);
        let place = |(line, character)| json!({"line": line, "character": character});
        json!({"range": {"start": place(start), "end": place(end)}, "text": new})
    }

    /// A few positions in each word that can name a stage, and one behind it.
    fn names(&self) -> Vec<(usize, u64)> {
        let mut places = Vec::new();
        for (number, line) in self.lines().into_iter().enumerate() {
            let upper = line.to_ascii_uppercase();
            for key in ["FROM=", "FROM ", " AS "] {
                for (at, _) in upper.match_indices(key) {
                    let column: u64 = line[..at + key.len()].chars().map(|c| self.units(c)).sum();
                    places.extend([(number, column), (number, column + 2)]);
                }
            }
        }
        places
    }
}

/// All that can be asked about the document, at the places of the model's names.
fn answers(client: &mut Client, uri: &str, model: &Model) -> Vec<Value> {
    let document = json!({"uri": uri});
    let mut asked = Vec::new();
    for method in ["documentSymbol", "foldingRange", "diagnostic"] {
        asked.push(client.request(&format!("textDocument/{method}"), json!({"textDocument": document})));
    }
    for (line, character) in model.names() {
        for method in ["definition", "references", "completion", "hover", "prepareRename", "rename"] {
            let params = json!({
                "textDocument": document,
                "position": {"line": line, "character": character},
                "context": {"includeDeclaration": true, "triggerKind": 1},
                "newName": "fresh-name",
            });
            asked.push(client.request(&format!("textDocument/{method}"), params));
        }
    }
    let answer = |id| {
        let mut answer = client.answer_to(id);
        answer["id"] = Value::Null;
        if let Some(result) = answer.get_mut("result").and_then(Value::as_object_mut) {
            result.remove("resultId");
        }
        // The answers name their document.
        serde_json::from_str(&answer.to_string().replace(uri, "")).expect("it was JSON before")
    };
    asked.into_iter().map(answer).collect()
}

/// `batches` times some notifications of some changes each, and then a comparison.
fn check(encoding: &'static str, seed: u64, batches: usize) -> usize {
    let mut client = Client::start(json!({
        "general": {"positionEncodings": [encoding]},
        "textDocument": {
            "diagnostic": {},
            "documentSymbol": {"hierarchicalDocumentSymbolSupport": true},
            "rename": {"prepareSupport": true},
        },
    }));
    let mut random = Random(seed);
    let mut model = Model { text: "FROM golang AS builder\nFROM builder\n".into(), encoding };
    client.open(URI, &model.text);
    let (mut version, mut count) = (1, 0);
    for batch in 0..batches {
        for _ in 0..=random.below(12) {
            let changes: Vec<Value> = (0..=random.below(3)).map(|_| model.change(&mut random)).collect();
            version += 1;
            count += changes.len();
            client.change(URI, version, json!(changes));
        }
        client.open(FRESH, &model.text);
        let edited = answers(&mut client, URI, &model);
        let fresh = answers(&mut client, FRESH, &model);
        for (edited, fresh) in edited.iter().zip(&fresh) {
            assert_eq!(edited, fresh, "{encoding}, seed {seed}, batch {batch}: {:?}", model.text);
        }
        client.close(FRESH);
    }
    client.finish();
    count
}

#[test]
fn thousands_of_random_edits_leave_what_a_fresh_document_has() {
    for encoding in ["utf-8", "utf-16", "utf-32"] {
        let count: usize = (1..=4).map(|seed| check(encoding, seed, 40)).sum();
        println!("{count} random edits in {encoding}");
    }
}
