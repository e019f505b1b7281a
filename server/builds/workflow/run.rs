//! Scripts of steps.

use std::{collections::HashSet, path::PathBuf};

use super::{Step, expressions, folder};
use crate::builds::{
    Build, Spot, Value,
    command::{Cwd, Dialect, Variables, may_build},
    embedded::{Embedded, Setting},
    node::{Node, Scalar},
    value::Certainty,
    written::Sureness,
};

/// What a call of bake costs at least.
const CALL: usize = 1 << 14;

/// What a script has built.
pub fn builds(step: &Step, script: &Scalar) -> Vec<Build> {
    if !may_build(&script.text) {
        return Vec::new();
    }
    let Some(dialect) = dialect(step) else { return Vec::new() };
    let cwd = cwd(step);
    // Files of bake may have to be read for it.
    let cost = if script.text.contains("bake") { CALL } else { 0 };
    let env = step.scope.env.iter().flatten().map(|env| env.range.len()).sum::<usize>();
    if !step.home.pay(cost + env) {
        return Vec::new();
    }
    let variables = variables(step, script);
    let setting = Setting { file: step.home.file, dialect, cwd, variables: &variables, title: &step.title };
    Embedded::lines(step.home.text, [script]).builds(setting, step.home.files)
}

/// A key of the step, of the job's defaults or of the workflow's.
fn setting<'a>(step: &'a Step, key: &str) -> Option<&'a Scalar> {
    let runs = step.around.runs.into_iter().flatten();
    let own: Option<&Node> = Some(step.node);
    own.into_iter().chain(runs).find_map(|node| node.get(key)?.scalar())
}

/// Who reads the script; `None` if it is no shell (docs.github.com, `jobs.<job_id>.steps[*].shell`).
fn dialect(step: &Step) -> Option<Dialect> {
    let Some(shell) = setting(step, "shell") else {
        return Some(if is_windows(step) { Dialect::PowerShell } else { Dialect::Posix });
    };
    let shell = step.scope.value(shell).text?;
    let program = shell.split_whitespace().next()?;
    let program = program.rsplit(['/', '\\']).next()?;
    match program.trim_end_matches(".exe") {
        "bash" | "sh" | "zsh" | "dash" | "ash" | "ksh" | "wsl-bash" => Some(Dialect::Posix),
        "pwsh" | "powershell" => Some(Dialect::PowerShell),
        "cmd" => Some(Dialect::Cmd),
        _ => None,
    }
}

fn is_windows(step: &Step) -> bool {
    let Some(runner) = step.around.runner else { return false };
    let labels = runner.scalar().into_iter().chain(runner.items().iter().filter_map(|label| label.scalar()));
    let mut texts = labels.filter_map(|label| step.scope.value(label).text);
    texts.any(|label| label.to_ascii_lowercase().starts_with("windows"))
}

fn cwd(step: &Step) -> Cwd {
    let Some(written) = setting(step, "working-directory") else {
        let (guess, sureness) = folder(step.home, step.checkouts, ".");
        return sure(guess, sureness.and(step.around.sureness));
    };
    let value = step.scope.value(written);
    match &value.text {
        Some(path) => {
            let (guess, sureness) = folder(step.home, step.checkouts, path);
            sure(guess, sureness.and(step.around.sureness).with(&value))
        }
        None => Cwd {
            guesses: vec![step.home.root.to_owned()],
            certainty: Certainty::Unknown,
            why: "an expression decides in which folder it runs",
        },
    }
}

fn sure(guess: PathBuf, sureness: Sureness) -> Cwd {
    Cwd { guesses: vec![guess], certainty: sureness.certainty, why: sureness.why }
}

/// What the environment and expressions give to the script.
fn variables(step: &Step, script: &Scalar) -> Variables {
    let mut variables = Variables::new();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let names: HashSet<&str> = script.text.split(|c| !is_name(c)).collect();
    // Of two with one name, that of the inner one counts.
    for env in step.scope.env.into_iter().rev().flatten() {
        for entry in env.entries().into_iter().filter(|entry| names.contains(entry.key.text.as_str())) {
            let value = entry.value.scalar().map(|scalar| step.scope.value(scalar));
            match value.filter(|value| value.text.is_some()) {
                Some(value) => variables.insert(entry.key.text.clone(), value),
                None => variables.remove(&entry.key.text),
            };
        }
    }
    let spot = Spot::new(step.home.file, script.range.clone());
    for (name, path) in [("GITHUB_WORKSPACE", step.home.root), ("GITHUB_ACTION_PATH", step.home.folder)] {
        let path = path.display().to_string();
        let value = Value::computed(path, spot.clone(), Certainty::Likely, "the runner gives it");
        variables.insert(name.to_owned(), value);
    }
    for expression in expressions::expressions(&script.text) {
        let name = script.text[expression.inner.clone()].trim();
        if let Some(value) = step.scope.variable(&script.text, expression.inner.clone(), spot.clone()) {
            variables.insert(name.to_owned(), value);
        }
    }
    variables
}
