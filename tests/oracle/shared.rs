//! Reads the data.

use std::{fs, path::PathBuf};

use serde_json::Value;

/// The folder with the data, or `None` after saying that the calling test is skipped.
pub fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared"));
    if folder.join("oracle/cases.jsonl").is_file() {
        return Some(folder);
    }
    eprintln!("skipped: there is no ../shared with BuildKit's verdicts beside the project");
    None
}

/// A file of JSON lines.
pub fn lines(path: &str) -> Vec<Value> {
    let Some(folder) = folder() else { return Vec::new() };
    let text = fs::read_to_string(folder.join(path)).expect("the data is readable");
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

/// The text of a corpus file.
pub fn corpus_text(record: &Value) -> String {
    let folder = folder().expect("a record was read from it");
    let path =
        folder.join("corpus/dockerfiles").join(record["file"].as_str().expect("records name their file"));
    String::from_utf8_lossy(&fs::read(path).expect("the file of a record exists")).into_owned()
}
