//! What bake is observed to build, case by case.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use dockerfile_ls::builds::{
    Files,
    bake::{self, Invocation, Target},
    files::{is_remote, join},
};
use serde_json::{Value, json};

use crate::shared;

/// A case's files, below a folder of its name.
struct Case {
    folder: PathBuf,
    files: BTreeMap<PathBuf, Arc<str>>,
}

impl Files for Case {
    fn read(&self, path: &Path) -> Option<Arc<str>> {
        self.files.get(path).cloned()
    }

    fn exists(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    fn root(&self, _: &Path) -> PathBuf {
        self.folder.clone()
    }
}

#[test]
fn each_case_builds_what_bake_builds() {
    let cases = shared::lines("oracle/bake-cases.jsonl");
    let wrong: Vec<String> = cases.iter().filter_map(|case| difference(case).err()).collect();
    eprintln!("bake: {} of {} cases answered as bake does", cases.len() - wrong.len(), cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn difference(case: &Value) -> Result<(), String> {
    let id = case["id"].as_str().unwrap_or_default();
    let folder = Path::new("/cases").join(id);
    let texts = case["files"].as_object().into_iter().flatten();
    let files = texts.map(|(path, text)| (join(&folder, path), Arc::from(text.as_str().unwrap_or_default())));
    let files = Case { files: files.collect(), folder: folder.clone() };
    let invocation = invocation(case, &folder);
    match (bake::load(&invocation, &files), case["rc"] == 0) {
        (Err(_), false) => Ok(()),
        (Err(error), true) => Err(format!("{id}: refused: {error}")),
        (Ok(_), false) => Err(format!("{id}: not refused: {}", case["error"])),
        (Ok(targets), true) => {
            let ours: BTreeMap<&str, Value> =
                targets.iter().map(|target| (target.name.as_str(), shown(target, &invocation.cwd))).collect();
            let expected = case["observed"].as_object().into_iter().flatten();
            let expected: BTreeMap<&str, Value> =
                expected.map(|(name, target)| (name.as_str(), observed(target, &invocation.cwd))).collect();
            if ours == expected {
                return Ok(());
            }
            Err(format!("{id}: {}\n  ours:     {ours:?}\n  observed: {expected:?}", case["why"]))
        }
    }
}

/// The call that a case is about: its `cmd` is the command line behind `buildx`.
fn invocation(case: &Value, folder: &Path) -> Invocation {
    let mut invocation =
        Invocation { cwd: join(folder, case["cwd"].as_str().unwrap_or(".")), ..Invocation::default() };
    let env = case["env"].as_object().into_iter().flatten();
    invocation.env =
        env.map(|(name, value)| (name.clone(), value.as_str().unwrap_or("").to_owned())).collect();
    let mut words = case["cmd"].as_str().unwrap_or_default().split_whitespace().skip(1).map(str::to_owned);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--print" => {}
            "-f" => invocation.files.extend(words.next()),
            "--set" => invocation.set.extend(words.next()),
            "--var" => {
                let set = words.next().unwrap_or_default();
                let (name, value) = set.split_once('=').unwrap_or((&set, ""));
                invocation.env.insert(name.to_owned(), value.to_owned());
            }
            _ => invocation.names.push(word),
        }
    }
    invocation
}

/// Paths are compared as what they mean.
fn place(base: &Path, path: &str) -> String {
    let has_scheme = is_remote(path) || path.starts_with("target:");
    if has_scheme { path.to_owned() } else { join(base, path).display().to_string() }
}

fn shown(target: &Target, cwd: &Path) -> Value {
    let text =
        |value: &Option<dockerfile_ls::builds::Value>| value.as_ref().and_then(|value| value.text.clone());
    let contexts = target.contexts.iter().map(|context| {
        let base = context.base.as_ref().map_or(cwd, |base| base.as_path());
        let value = context.named.value.text.as_deref().unwrap_or("?");
        (context.named.key.text.clone().unwrap_or_default(), place(base, value))
    });
    let filters: Vec<_> = target.no_cache_filter.iter().map(|value| value.text.clone()).collect();
    json!({
        "context": place(&target.context_base, text(&target.context).as_deref().unwrap_or(".")),
        "contexts": contexts.collect::<BTreeMap<_, _>>(),
        "dockerfile": text(&target.dockerfile).filter(|path| !path.is_empty()).unwrap_or("Dockerfile".into()),
        "target": text(&target.target),
        "no-cache-filter": filters,
    })
}

fn observed(target: &Value, cwd: &Path) -> Value {
    let contexts = target["contexts"].as_object().into_iter().flatten();
    let contexts = contexts.map(|(key, value)| (key.clone(), place(cwd, value.as_str().unwrap_or_default())));
    let filters = target["no-cache-filter"].as_array().cloned().unwrap_or_default();
    json!({
        "context": place(cwd, target["context"].as_str().unwrap_or(".")),
        "contexts": contexts.collect::<BTreeMap<_, _>>(),
        "dockerfile": target["dockerfile"],
        "target": target["target"],
        "no-cache-filter": filters,
    })
}
