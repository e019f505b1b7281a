//! Reads GitHub workflows and actions: steps that build with an action, and scripts.
//!
//! A job with a matrix gives one build for each of its rows, so that values of one row stay together.

mod actions;
mod checkouts;
mod expressions;
mod matrix;
mod run;

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    sync::Arc,
};

use self::{
    checkouts::Checkouts,
    expressions::Scope,
    matrix::{Matrix, Row},
};
use super::{
    Build, Files, Found,
    files::join,
    node::{Node, Scalar},
    written::Sureness,
    yaml,
};

/// How many builds a file can have. Real ones have some dozens.
const BUILDS: usize = 4096;

/// How much is read all told, about in bytes: each row of a matrix reads its steps again.
const BUDGET: usize = 8 << 20;

/// The builds of a workflow or an action.
pub fn builds(path: &Path, files: &dyn Files) -> Found {
    read(path, files).unwrap_or_default()
}

fn read(path: &Path, files: &dyn Files) -> Option<Found> {
    let text = files.read(path)?;
    let read = yaml::read(&text);
    let file: Arc<Path> = Arc::from(path);
    let (root, is_workflow) = match repository(path) {
        Some(root) => (root, true),
        None => (files.root(path), false),
    };
    let mut found = Found::in_file(&read, &file);
    let home = Home {
        text: &text,
        file: &file,
        root: &root,
        folder: path.parent()?,
        files,
        left: Cell::new(BUDGET),
    };
    for document in &read.roots {
        if is_workflow {
            workflow(&home, document, &mut found);
        } else {
            action(&home, document, &mut found);
        }
    }
    found.builds.sort_by_key(|build| build.declared.range.start);
    Some(found)
}

/// A file with its surroundings.
struct Home<'a> {
    text: &'a str,
    file: &'a Arc<Path>,
    /// Of the repository.
    root: &'a Path,
    folder: &'a Path,
    files: &'a dyn Files,
    /// How much may still be read for other rows than the first.
    left: Cell<usize>,
}

impl Home<'_> {
    /// Whether there is still enough left for something that costs so much.
    fn pay(&self, cost: usize) -> bool {
        let left = self.left.get().checked_sub(cost);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// The repository of a workflow: the folder that has its `.github`.
fn repository(path: &Path) -> Option<PathBuf> {
    let workflows = path.parent()?;
    let github = workflows.parent()?;
    let is = |folder: &Path, name: &str| folder.file_name().is_some_and(|it| it == name);
    (is(workflows, "workflows") && is(github, ".github")).then(|| github.parent().map(Path::to_owned))?
}

fn workflow(home: &Home, root: &Arc<Node>, found: &mut Found) {
    // YAML 1.1 readers take `on` for a boolean; here it is a text like any other.
    let triggers = ["workflow_call", "workflow_dispatch"];
    let inputs: Vec<Arc<Node>> =
        triggers.iter().filter_map(|trigger| root.at(&["on", trigger, "inputs"]).cloned()).collect();
    let Some(jobs) = root.get("jobs") else { return };
    for job in jobs.entries() {
        let job = &job.value;
        let Some(steps) = job.get("steps") else { continue };
        let matrix = Matrix::of(job);
        let around = Around {
            inputs: &inputs,
            env: [env(job), env(root)],
            runs: [job.at(&["defaults", "run"]), root.at(&["defaults", "run"])]
                .map(|node| node.map(|node| &**node)),
            runner: job.get("runs-on"),
            rows: matrix.rows(),
            sureness: Sureness::CERTAIN,
        };
        steps_of(home, steps.items(), &around, found);
    }
}

/// An action that is made of steps. Of the repository it is called in nothing is known, unless it is where actions for the own
/// workflows are.
fn action(home: &Home, root: &Arc<Node>, found: &mut Found) {
    let inputs: Vec<Arc<Node>> = root.get("inputs").into_iter().cloned().collect();
    let is_own = home.folder.components().any(|part| part.as_os_str() == ".github");
    let around = Around {
        inputs: &inputs,
        env: [None, None],
        runs: [None, None],
        runner: None,
        rows: vec![Row::NONE],
        sureness: match is_own {
            true => Sureness::CERTAIN,
            false => Sureness::likely("other repositories may call this action"),
        },
    };
    if let Some(steps) = root.at(&["runs", "steps"]) {
        steps_of(home, steps.items(), &around, found);
    }
    if let Some(image) = root.at(&["runs", "image"]).and_then(|image| image.scalar()) {
        found.builds.extend(actions::own_image(home, image));
    }
}

/// What a step has from its job.
struct Around<'a> {
    inputs: &'a [Arc<Node>],
    /// Of the job and the workflow.
    env: [Option<&'a Node>; 2],
    /// `defaults.run` of the job and the workflow.
    runs: [Option<&'a Node>; 2],
    runner: Option<&'a Arc<Node>>,
    rows: Vec<Row<'a>>,
    sureness: Sureness,
}

/// A step in one run of its job.
struct Step<'a> {
    home: &'a Home<'a>,
    around: &'a Around<'a>,
    node: &'a Node,
    scope: Scope<'a>,
    checkouts: &'a Checkouts,
    title: String,
}

fn steps_of(home: &Home, steps: &[Arc<Node>], around: &Around, found: &mut Found) {
    let mut checkouts = Checkouts::default();
    for node in steps {
        checkouts.add(node);
        let first = found.builds.len();
        for (index, row) in around.rows.iter().enumerate() {
            if found.builds.len() >= BUILDS || !home.pay(64 + node.range.len()) && index > 0 {
                break;
            }
            let scope = Scope {
                file: home.file,
                root: home.root,
                action: home.folder,
                inputs: around.inputs,
                env: [env(node), around.env[0], around.env[1]],
                row: *row,
            };
            let title = title(node, &scope, home);
            let step = Step { home, around, node, scope, checkouts: &checkouts, title };
            // Rows that differ in other things give the same build.
            let new = step_builds(&step).into_iter().filter(|build| !found.builds[first..].contains(build));
            let new: Vec<Build> = new.collect();
            found.builds.extend(new);
        }
    }
}

fn step_builds(step: &Step) -> Vec<Build> {
    if let Some(uses) = step.node.get("uses").and_then(|uses| uses.scalar()) {
        return actions::builds(step, uses);
    }
    let script = step.node.get("run").and_then(|run| run.scalar());
    script.map(|script| run::builds(step, script)).unwrap_or_default()
}

/// What people call a step: its name, else its id, else what it does.
fn title(node: &Node, scope: &Scope, home: &Home) -> String {
    let name = node.get("name").and_then(|name| name.scalar()).map(|name| {
        let value = scope.value(name);
        value.text.unwrap_or_else(|| name.text.trim().to_owned())
    });
    let of = |key: &str| node.get(key).and_then(|it| it.scalar()).map(first_words);
    let name = name
        .filter(|name| !name.is_empty())
        .or_else(|| of("id"))
        .or_else(|| of("uses").map(|uses| uses.split('@').next().unwrap_or_default().to_owned()))
        .or_else(|| of("run"));
    let file = home.file.file_name().unwrap_or_default().display();
    match name {
        Some(name) => format!("step `{name}` of {file}"),
        None => format!("a step of {file}"),
    }
}

fn first_words(scalar: &Scalar) -> String {
    let line = scalar.text.trim_start().lines().next().unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().take(3).collect();
    words.join(" ")
}

fn env(node: &Node) -> Option<&Node> {
    node.get("env").map(|env| &**env)
}

/// A folder of the checked out files by its path there.
fn folder(home: &Home, checkouts: &Checkouts, path: &str) -> (PathBuf, Sureness) {
    let relative = join(home.root, path);
    match relative.strip_prefix(home.root) {
        Ok(inside) => {
            let (inside, sureness) = checkouts.locate(inside);
            (home.root.join(inside), sureness)
        }
        Err(_) => (relative, Sureness::likely("it is outside of the repository")),
    }
}

#[cfg(test)]
mod tests;
