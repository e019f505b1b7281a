//! Reads the scripts of a GitLab pipeline. It names targets in command lines only; its `stages` are something else.

use std::{cell::Cell, collections::HashMap, path::Path, sync::Arc};

use super::{
    Build, Certainty, Files, Found, Spot, Value,
    command::{Cwd, Dialect, Variables},
    embedded::{Embedded, Setting},
    node::{Entry, Node, Scalar},
    yaml,
};

/// Keys at the top that are no jobs (docs.gitlab.com/ci/yaml, "Global keywords").
const KEYWORDS: [&str; 12] = [
    "default",
    "include",
    "stages",
    "variables",
    "workflow",
    "image",
    "services",
    "cache",
    "spec",
    "before_script",
    "after_script",
    "types",
];

/// How deep `extends` and `!reference` may go; GitLab takes 11 and 10.
const DEPTH: usize = 11;

/// How many jobs one extends, all told.
const PARENTS: usize = 100;

/// How many runs of one job are looked at; GitLab makes 200 at most.
const RUNS: usize = 200;

/// How much is read all told, about in bytes: jobs that share a script read it again each.
const BUDGET: usize = 4 << 20;

/// How many builds a file can have.
const BUILDS: usize = 4096;

/// The builds of all jobs.
pub fn builds(path: &Path, files: &dyn Files) -> Found {
    let Some(text) = files.read(path) else { return Found::default() };
    let read = yaml::read(&text);
    let file: Arc<Path> = Arc::from(path);
    let mut found = Found::in_file(&read, &file);
    let left = Cell::new(BUDGET);
    for root in &read.roots {
        let keys = root.entries().into_iter().map(|entry| (entry.key.text.as_str(), &entry.value)).collect();
        let cwd = Cwd::certain(files.root(path));
        let pipeline = Pipeline { text: &text, file: &file, root, keys, cwd, files, left: &left };
        pipeline.jobs(&mut found);
    }
    found.builds.sort_by_key(|build| build.declared.range.start);
    found
}

struct Pipeline<'a> {
    text: &'a str,
    file: &'a Arc<Path>,
    root: &'a Node,
    keys: HashMap<&'a str, &'a Arc<Node>>,
    cwd: Cwd,
    files: &'a dyn Files,
    /// How much may still be read.
    left: &'a Cell<usize>,
}

impl<'a> Pipeline<'a> {
    fn jobs(&self, found: &mut Found) {
        let entries: Vec<&Entry> = self.root.entries();
        let is_job = |entry: &&&Entry| !KEYWORDS.contains(&entry.key.text.as_str());
        let (hidden, visible): (Vec<&Entry>, Vec<&Entry>) = entries
            .iter()
            .copied()
            .filter(|entry| is_job(&entry))
            .partition(|entry| entry.key.text.starts_with('.'));
        for job in visible {
            self.job(&job.key.text, &job.value, found);
        }
        // A job that only others extend or refer to is theirs; where none does, those may be in other files.
        let mut starts: Vec<usize> = found.builds.iter().map(|build| build.declared.range.start).collect();
        starts.sort_unstable();
        for job in hidden {
            let scripts = self.scripts(&[&job.value]);
            let is_used = |scalar: &&Scalar| {
                let next = starts.partition_point(|start| *start < scalar.range.start);
                starts.get(next).is_some_and(|start| *start < scalar.range.end)
            };
            if !scripts.iter().flatten().any(is_used) {
                self.job(&job.key.text, &job.value, found);
            }
        }
    }

    /// Whether there is still enough left for something that costs so much.
    fn pay(&self, cost: usize) -> bool {
        let left = self.left.get().checked_sub(cost);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }

    fn job(&self, name: &str, job: &'a Node, found: &mut Found) {
        let mut chain = Vec::new();
        self.chain(job, DEPTH, &mut chain);
        let scripts = self.scripts(&chain);
        let title = match self.file.file_name() {
            Some(file) => format!("job `{name}` of {}", file.display()),
            None => format!("job `{name}`"),
        };
        for scalars in scripts {
            let len: usize = scalars.iter().map(|scalar| scalar.text.len()).sum();
            if !self.pay(len) {
                return;
            }
            let script = Embedded::lines(self.text, scalars);
            if !super::command::may_build(script.text()) {
                continue;
            }
            let variables = self.variables(&chain);
            let first = found.builds.len();
            for run in runs(&chain, script.text()) {
                if !self.pay(len + 64 * variables.len()) || found.builds.len() >= BUILDS {
                    return;
                }
                let mut variables = variables.clone();
                for (name, scalar) in run {
                    variables.insert(name.to_owned(), scalar.value(self.file));
                }
                let setting = Setting {
                    file: self.file,
                    dialect: Dialect::Posix,
                    cwd: self.cwd.clone(),
                    variables: &variables,
                    title: &title,
                };
                let new = script.builds(setting, self.files).into_iter();
                let new: Vec<Build> = new.filter(|build| !found.builds[first..].contains(build)).collect();
                found.builds.extend(new);
            }
        }
    }

    /// The job and those that it extends; of two that say something the first counts.
    fn chain(&self, job: &'a Node, depth: usize, out: &mut Vec<&'a Node>) {
        if depth == 0 || out.len() >= PARENTS {
            return;
        }
        out.push(job);
        let Some(extends) = job.get("extends") else { return };
        let names = extends.text().into_iter().chain(extends.items().iter().filter_map(|item| item.text()));
        let names: Vec<&str> = names.take(PARENTS).collect();
        for name in names.into_iter().rev() {
            if let Some(parent) = self.keys.get(name) {
                self.chain(parent, depth - 1, out);
            }
        }
    }

    /// What the shells of a job run: `before_script` and `script` in one, `after_script` in another.
    fn scripts(&self, chain: &[&'a Node]) -> [Vec<&'a Scalar>; 2] {
        let own = |key: &str| chain.iter().find_map(|job| job.get(key));
        let default = |key: &str| {
            let listed = self.keys.get("default").and_then(|default| default.get(key));
            listed.or_else(|| self.keys.get(key).copied())
        };
        let mut main = Vec::new();
        let mut after = Vec::new();
        let before = own("before_script").or_else(|| default("before_script"));
        for script in before.into_iter().chain(own("script")) {
            self.flatten(script, DEPTH, &mut main);
        }
        if let Some(script) = own("after_script").or_else(|| default("after_script")) {
            self.flatten(script, DEPTH, &mut after);
        }
        [main, after]
    }

    /// The lines of a script: a text, or lists of them, which may be those of other jobs.
    fn flatten(&self, node: &'a Node, depth: usize, out: &mut Vec<&'a Scalar>) {
        if !self.pay(16) || depth == 0 {
            return;
        }
        if node.tag.as_deref() == Some("!reference") {
            let keys: Vec<&str> = node.items().iter().filter_map(|key| key.text()).collect();
            let Some((first, rest)) = keys.split_first() else { return };
            let other = self.keys.get(first).copied();
            if let Some(other) =
                other.and_then(|other| if rest.is_empty() { Some(other) } else { other.at(rest) })
            {
                self.flatten(other, depth - 1, out);
            }
            return;
        }
        out.extend(node.scalar());
        for item in node.items() {
            self.flatten(item, depth - 1, out);
        }
    }

    /// `variables` of the pipeline and the job, as far as they are literal.
    fn variables(&self, chain: &[&'a Node]) -> Variables {
        let mut variables = Variables::new();
        let spot = Spot::new(self.file, 0..0);
        let folder = self.cwd.guesses[0].display().to_string();
        let folder = Value::computed(folder, spot, Certainty::Likely, "GitLab gives it");
        variables.insert("CI_PROJECT_DIR".to_owned(), folder);
        let own = chain.iter().rev().filter_map(|job| job.get("variables"));
        for listed in self.keys.get("variables").copied().into_iter().chain(own) {
            for entry in listed.entries() {
                let scalar = entry.value.get("value").unwrap_or(&entry.value).scalar();
                match scalar.filter(|scalar| !scalar.text.contains('$')) {
                    Some(scalar) => variables.insert(entry.key.text.clone(), scalar.value(self.file)),
                    None => variables.remove(&entry.key.text),
                };
            }
        }
        variables
    }
}

/// The variables of each run of a job with `parallel: matrix`, if its script reads one of them.
fn runs<'a>(chain: &[&'a Node], script: &str) -> Vec<Vec<(&'a str, &'a Scalar)>> {
    let matrix = chain.iter().find_map(|job| job.at(&["parallel", "matrix"]));
    let mut runs = Vec::new();
    for entry in matrix.map(|matrix| matrix.items()).unwrap_or_default() {
        let mut rows: Vec<Vec<(&str, &Scalar)>> = vec![Vec::new()];
        for axis in entry.entries().into_iter().filter(|axis| script.contains(&axis.key.text)) {
            let name = axis.key.text.as_str();
            let values =
                axis.value.scalar().into_iter().chain(axis.value.items().iter().filter_map(|it| it.scalar()));
            let values: Vec<&Scalar> = values.collect();
            if values.is_empty() {
                continue;
            }
            let each = |row: &Vec<(&'a str, &'a Scalar)>| -> Vec<Vec<(&'a str, &'a Scalar)>> {
                values.iter().map(|value| row.iter().copied().chain([(name, *value)]).collect()).collect()
            };
            rows = rows.iter().flat_map(each).take(RUNS).collect();
        }
        runs.extend(rows);
        if runs.len() >= RUNS {
            break;
        }
    }
    if runs.is_empty() {
        runs.push(Vec::new());
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::{Dockerfile, files::Memory};

    fn shown(text: &str) -> Vec<String> {
        let found = builds("/project/.gitlab-ci.yml".as_ref(), &Memory::new(&[(".gitlab-ci.yml", text)]));
        let show = |build: &Build| {
            let target = build.target.as_ref().unwrap();
            let at = &text[target.spot.range.clone()];
            let path = match &build.dockerfile {
                Dockerfile::Local(local) => local.guesses[0][0].display().to_string(),
                other => format!("{other:?}"),
            };
            format!("{} {:?} {at:?} {:?} {path}", build.title, target.text, target.certainty)
        };
        found.builds.iter().map(show).collect()
    }

    #[test]
    fn scripts_of_jobs_are_one_shell() {
        let text = "stages: [build]\nvariables:\n  T: dev\nbuild:\n  stage: build\n  before_script:\n    - cd app\n  \
                    script:\n    - - docker build --target one .\n      - [docker build --target two .]\n    - docker build \
                    --target $T .\n  after_script: docker build --target three .\n";
        assert_eq!(
            shown(text),
            [
                r#"job `build` of .gitlab-ci.yml Some("one") "one" Certain /project/app/Dockerfile"#,
                r#"job `build` of .gitlab-ci.yml Some("two") "two" Certain /project/app/Dockerfile"#,
                r#"job `build` of .gitlab-ci.yml Some("dev") "dev" Likely /project/app/Dockerfile"#,
                r#"job `build` of .gitlab-ci.yml Some("three") "three" Certain /project/Dockerfile"#,
            ]
        );
    }

    #[test]
    fn scripts_come_from_other_jobs() {
        let text = ".base:\n  variables: {T: dev}\n  script:\n    - docker build --target $T .\n.unused:\n  script: docker \
                    build --target lonely .\na:\n  extends: .base\nb:\n  extends: [.base]\n  variables: {T: prod}\nc:\n  \
                    script:\n    - !reference [.steps, script]\n.steps:\n  script:\n    - docker build --target step .\n";
        let mut all = shown(text);
        all.sort();
        assert_eq!(
            all,
            [
                r#"job `.unused` of .gitlab-ci.yml Some("lonely") "lonely" Certain /project/Dockerfile"#,
                r#"job `a` of .gitlab-ci.yml Some("dev") "dev" Likely /project/Dockerfile"#,
                r#"job `b` of .gitlab-ci.yml Some("prod") "prod" Likely /project/Dockerfile"#,
                r#"job `c` of .gitlab-ci.yml Some("step") "step" Certain /project/Dockerfile"#,
            ]
        );
    }

    #[test]
    fn parallel_runs_and_kaniko() {
        let text = "a:\n  parallel:\n    matrix:\n      - T: [one, two]\n        X: [1, 2]\n  script:\n    - \
                    /kaniko/executor --context $CI_PROJECT_DIR --dockerfile $CI_PROJECT_DIR/k.Dockerfile --target $T\n";
        assert_eq!(
            shown(text),
            [
                r#"job `a` of .gitlab-ci.yml Some("one") "one" Likely /project/k.Dockerfile"#,
                r#"job `a` of .gitlab-ci.yml Some("two") "two" Likely /project/k.Dockerfile"#,
            ]
        );
    }

    #[test]
    fn a_target_that_is_being_typed_is_there() {
        for line in ["docker build . --target ", "docker build . --target="] {
            let text =
                format!("a:\n  script:\n    - {line}\n    - docker build --target x .\nb:\n  script: [y]\n");
            let all = shown(&text);
            assert_eq!(all.len(), 2, "{line}");
            assert!(all[0].contains(r#"Some("") """#), "{all:?}");
        }
    }

    #[test]
    fn a_circle_of_jobs_ends() {
        let text = "a:\n  extends: [a, b, a, b]\n  script:\n    - !reference [a, script]\n    - docker build --target x .\nb: \
                    {extends: [a, b]}\n";
        assert!(shown(text).iter().all(|it| it.contains("Some(\"x\")")));
    }
}
