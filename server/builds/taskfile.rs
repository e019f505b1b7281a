//! Reads the commands of a Taskfile (taskfile.dev).

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Certainty, Files, Found, Spot, Value,
    command::{self, Cwd, Dialect, Variables},
    embedded::{Embedded, Setting},
    files::join,
    node::{Node, Scalar},
    yaml,
};

/// How many variables are gone through for tasks with some of their own, all told.
const VARIABLES: usize = 1 << 20;

/// The builds of all tasks.
pub fn builds(path: &Path, files: &dyn Files) -> Found {
    let (Some(text), Some(folder)) = (files.read(path), path.parent()) else { return Found::default() };
    let read = yaml::read(&text);
    let file: Arc<Path> = Arc::from(path);
    let mut found = Found::in_file(&read, &file);
    for root in &read.roots {
        let Some(tasks) = root.get("tasks") else { continue };
        let includer = includer(path, files);
        let taskfile =
            Taskfile { text: &text, file: &file, folder, includer, files, left: Cell::new(VARIABLES) };
        let mut shared = taskfile.known_folders();
        taskfile.add(root, &mut shared);
        for task in tasks.entries() {
            taskfile.task(&task.key.text, &task.value, &shared, &mut found);
        }
    }
    found
}

struct Taskfile<'a> {
    text: &'a str,
    file: &'a Arc<Path>,
    folder: &'a Path,
    /// The folder that its tasks are run in by a Taskfile that includes it.
    includer: Option<PathBuf>,
    files: &'a dyn Files,
    /// How many variables may still be gone through.
    left: Cell<usize>,
}

impl Taskfile<'_> {
    /// Variables that every task has.
    fn known_folders(&self) -> Variables {
        let folder = self.folder.display().to_string();
        let spot = Spot::new(self.file, 0..0);
        let value = Value::computed(folder, spot, Certainty::Likely, "task gives it");
        ["ROOT_DIR", "TASKFILE_DIR", "USER_WORKING_DIR"]
            .into_iter()
            .map(|name| (format!(".{name}"), value.clone()))
            .collect()
    }

    /// Adds the literals of `vars` and `env`. A template has both, the shell has the environment.
    fn add(&self, node: &Node, variables: &mut Variables) {
        for (key, is_environment) in [("env", true), ("vars", false)] {
            for entry in node.get(key).map(|values| values.entries()).unwrap_or_default() {
                let literal = entry.value.scalar().filter(|scalar| !scalar.text.contains("{{"));
                let name = &entry.key.text;
                let names = [Some(format!(".{name}")), is_environment.then(|| name.clone())];
                for name in names.into_iter().flatten() {
                    match literal {
                        Some(scalar) => variables.insert(name, scalar.value(self.file)),
                        None => variables.remove(&name),
                    };
                }
            }
        }
    }

    fn task(&self, name: &str, task: &Node, shared: &Variables, found: &mut Found) {
        let commands = commands(task);
        if !commands.iter().any(|command| command::may_build(&command.text)) {
            return;
        }
        let mut own;
        let has_own = task.get("vars").is_some() || task.get("env").is_some();
        let left = self.left.get().checked_sub(shared.len());
        let variables = if has_own && let Some(left) = left {
            self.left.set(left);
            own = shared.clone();
            self.add(task, &mut own);
            &own
        } else {
            shared
        };
        let title = format!("task `{name}`");
        let cwd = self.cwd(task, variables);
        for command in commands {
            let setting = Setting {
                file: self.file,
                dialect: Dialect::Posix,
                cwd: cwd.clone(),
                variables,
                title: &title,
            };
            // Each command has a shell of its own.
            found.builds.extend(Embedded::lines(self.text, [command]).builds(setting, self.files));
        }
    }

    fn cwd(&self, task: &Node, variables: &Variables) -> Cwd {
        let in_dir = |dir: &str| match &self.includer {
            Some(includer) => {
                let folders = [join(includer, dir), join(self.folder, dir)];
                Cwd::likely(folders, "another Taskfile includes this one")
            }
            None => Cwd::certain(join(self.folder, dir)),
        };
        let Some(dir) = task.get("dir").and_then(|dir| dir.scalar()) else {
            return in_dir("");
        };
        if !dir.text.contains("{{") {
            return in_dir(dir.text.trim());
        }
        match filled(&dir.text, variables) {
            Some(dir) => {
                Cwd::likely([join(self.folder, dir.trim())], "a variable decides in which folder it runs")
            }
            None => Cwd {
                guesses: vec![self.folder.to_owned()],
                certainty: Certainty::Unknown,
                why: "a template decides in which folder it runs",
            },
        }
    }
}

/// The names of a Taskfile (taskfile.dev, "Supported file names").
const NAMES: [&str; 8] = [
    "Taskfile.yml",
    "taskfile.yml",
    "Taskfile.yaml",
    "taskfile.yaml",
    "Taskfile.dist.yml",
    "taskfile.dist.yml",
    "Taskfile.dist.yaml",
    "taskfile.dist.yaml",
];

/// So many folders up a Taskfile is looked for that includes one.
const MAX_FOLDERS_UP: usize = 8;

/// Where the tasks of a Taskfile run if one further up includes it: in the folder of that one, unless `dir` says another
/// (taskfile.dev, "Directory of included Taskfile").
fn includer(path: &Path, files: &dyn Files) -> Option<PathBuf> {
    let folder = path.parent()?;
    let root = files.root(path);
    let above = folder.ancestors().skip(1).take(MAX_FOLDERS_UP).take_while(|above| above.starts_with(&root));
    above.filter_map(|above| included_in(path, above, files)).next()
}

fn included_in(path: &Path, above: &Path, files: &dyn Files) -> Option<PathBuf> {
    let text = NAMES.iter().map(|name| above.join(name)).find(|file| files.exists(file))?;
    let text = files.read(&text).filter(|text| text.contains("includes"))?;
    let read = yaml::read(&text);
    let includes = read.roots.iter().filter_map(|root| root.get("includes"));
    includes.flat_map(|includes| includes.entries()).find_map(|entry| {
        let value = &entry.value;
        let of = |key: &str| value.get(key).and_then(|node| node.scalar()).map(|scalar| scalar.text.trim());
        let included = join(above, value.scalar().map(|scalar| scalar.text.trim()).or(of("taskfile"))?);
        let is_it = included == path || Some(&*included) == path.parent();
        is_it.then(|| join(above, of("dir").unwrap_or_default()))
    })
}

/// A text with its `{{.X}}` put in; `None` if one is not known.
fn filled(text: &str, variables: &Variables) -> Option<String> {
    let mut made = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (name, behind) = behind.split_once("}}")?;
        made.push_str(before);
        made.push_str(variables.get(name.trim())?.text.as_ref()?);
        rest = behind;
    }
    made.push_str(rest);
    Some(made)
}

/// A task is a command, a list of them, or has them in `cmds` or `cmd`.
fn commands(task: &Node) -> Vec<&Scalar> {
    let lists = [Some(task), task.get("cmds").map(|it| &**it), task.get("cmd").map(|it| &**it)];
    let mut all = Vec::new();
    for node in lists.into_iter().flatten() {
        all.extend(node.scalar());
        for item in node.items() {
            let inner = ["cmd", "defer"].iter().find_map(|key| item.get(key));
            all.extend(inner.unwrap_or(item).scalar());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::{Dockerfile, files::Memory};

    fn shown(text: &str) -> Vec<String> {
        let found = builds("/project/Taskfile.yml".as_ref(), &Memory::new(&[("Taskfile.yml", text)]));
        let show = |build: &crate::builds::Build| {
            let target = build.target.as_ref().unwrap();
            let at = &text[target.spot.range.clone()];
            let Dockerfile::Local(local) = &build.dockerfile else { panic!() };
            let path = local.guesses[0][0].display();
            format!(
                "{} {:?} {at:?} {:?} {path} {:?}",
                build.title, target.text, target.certainty, local.certainty
            )
        };
        found.builds.iter().map(show).collect()
    }

    #[test]
    fn commands_stand_in_all_forms() {
        let text = "version: 3\ntasks:\n  a: docker build --target a .\n  b:\n    - docker build --target b .\n  c:\n    dir: \
                    sub\n    cmds:\n      - cd x\n      - cmd: docker build --target c .\n      - task: other\n      \
                    - defer: docker build --target d .\n  e:\n    cmd: docker build --target e .\n";
        assert_eq!(
            shown(text),
            [
                r#"task `a` Some("a") "a" Certain /project/Dockerfile Certain"#,
                r#"task `b` Some("b") "b" Certain /project/Dockerfile Certain"#,
                r#"task `c` Some("c") "c" Certain /project/sub/Dockerfile Certain"#,
                r#"task `c` Some("d") "d" Certain /project/sub/Dockerfile Certain"#,
                r#"task `e` Some("e") "e" Certain /project/Dockerfile Certain"#,
            ]
        );
    }

    #[test]
    fn an_included_file_runs_where_the_other_one_is() {
        let text = "tasks:\n  a: docker build -f x/D --target a .\n";
        let guesses = |include: &str| {
            let main = format!("includes:\n  other: ./other.yml\n  sub: {include}\n");
            let files = Memory::new(&[("sub/Taskfile.yml", text), ("Taskfile.yml", &main)]);
            let build = builds("/project/sub/Taskfile.yml".as_ref(), &files).builds.remove(0);
            let Dockerfile::Local(local) = build.dockerfile else { panic!() };
            let first = local.guesses.iter().map(|guess| guess[0].display().to_string());
            (first.collect::<Vec<_>>(), local.certainty)
        };
        let both = (vec!["/project/x/D".to_owned(), "/project/sub/x/D".to_owned()], Certainty::Likely);
        assert_eq!(guesses("./sub/Taskfile.yml"), both);
        assert_eq!(guesses("sub"), both);
        assert_eq!(guesses("{taskfile: ./sub, optional: true}"), both);
        assert_eq!(guesses("{taskfile: ./sub, dir: ./y}").0, ["/project/y/x/D", "/project/sub/x/D"]);
        assert_eq!(guesses("./none.yml"), (vec!["/project/sub/x/D".to_owned()], Certainty::Certain));
    }

    #[test]
    fn variables_lead_to_their_literals() {
        let text = "vars: {T: dev, D: app, S: {sh: date}}\ntasks:\n  a:\n    vars: {T: prod}\n    cmd: docker build --target \
                    {{.T}} .\n  b:\n    dir: '{{.ROOT_DIR}}/{{.D}}'\n    cmd: docker build --target {{ .T }} .\n  c:\n    cmd: \
                    docker build --target {{.S}} .\n";
        assert_eq!(
            shown(text),
            [
                r#"task `a` Some("prod") "prod" Likely /project/Dockerfile Certain"#,
                r#"task `b` Some("dev") "dev" Likely /project/app/Dockerfile Likely"#,
                r#"task `c` None "{{.S}}" Unknown /project/Dockerfile Certain"#,
            ]
        );
    }

    #[test]
    fn a_target_that_is_being_typed_is_there() {
        let text =
            "tasks:\n  a:\n    cmds:\n      - docker build . --target \n      - docker build --target x .\n";
        let shown = shown(text);
        assert_eq!(shown[0], r#"task `a` Some("") "" Certain /project/Dockerfile Certain"#);
        assert_eq!(shown.len(), 2);
    }
}
