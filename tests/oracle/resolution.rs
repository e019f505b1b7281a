//! What stages and images a build reaches: equal to BuildKit's.

use std::sync::Arc;

use dockerfile_ls::{document::Document, stages::BuildOptions};
use serde_json::Value;

use crate::shared;

fn options(record: &Value) -> BuildOptions {
    let args = record["build_args"].as_object().into_iter().flatten();
    BuildOptions {
        target: record["target"].as_str().map(str::to_owned),
        build_args: args.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect(),
    }
}

fn compare_images(records: Vec<Value>, text: impl Fn(&Value) -> String, name: &str) {
    let mut wrong = Vec::new();
    let mut equal = 0;
    for record in records.iter().filter(|record| record["build"]["error"].is_null()) {
        let doc = Document::with_options(&text(record), 0, Arc::new(options(record)));
        let stages = doc.stages();
        let ours: Vec<String> = stages.images(&stages.built()).into_iter().collect();
        let theirs: Vec<String> = serde_json::from_value(record["build"]["images"].clone()).unwrap();
        if ours == theirs {
            equal += 1;
        } else {
            wrong.push(format!("{}: ours {ours:?}, theirs {theirs:?}", record[name]));
        }
    }
    println!("images equal in {equal} of {} files that build", equal + wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_cases_pull_the_images_that_buildkit_pulls() {
    compare_images(
        shared::lines("oracle/cases.jsonl"),
        |record| record["dockerfile"].as_str().unwrap().to_owned(),
        "name",
    );
}

#[test]
fn real_files_pull_the_images_that_buildkit_pulls() {
    compare_images(shared::lines("corpus/verdicts.jsonl"), shared::corpus_text, "file");
}
