//! Reads the `tasks.json` of Visual Studio Code: tasks of its container tools, and commands.

use std::{path::Path, sync::Arc};

use super::{
    Build, BuildArg, Dockerfile, Files, Found, Local, Quoting, Spot, Tool, Value,
    command::{self, Cwd, Dialect, Script, Variables},
    editor_variables::EditorVariables,
    embedded::{Embedded, Setting},
    files::{default_dockerfiles, is_remote, join},
    json,
    node::{Node, Scalar},
    options,
    written::{self, Sureness},
};

/// The builds of all tasks.
pub fn builds(path: &Path, files: &dyn Files) -> Found {
    let Some(text) = files.read(path) else { return Found::default() };
    let Some(workspace) = path.parent().and_then(Path::parent) else { return Found::default() };
    let read = json::read(&text);
    let file: Arc<Path> = Arc::from(path);
    let mut found = Found::in_file(&read, &file);
    let Some(root) = read.roots.first() else { return found };
    let variables = EditorVariables {
        file: &file,
        folders: &[("workspaceFolder", workspace), ("workspaceRoot", workspace)],
        sureness: Sureness::CERTAIN,
    };
    let tasks = Tasks { text: &text, file: &file, workspace, variables, files, options: root.get("options") };
    for task in root.get("tasks").map(|tasks| tasks.items()).unwrap_or_default() {
        tasks.task(task, &mut found);
    }
    found
}

struct Tasks<'a> {
    text: &'a str,
    file: &'a Arc<Path>,
    workspace: &'a Path,
    variables: EditorVariables<'a>,
    files: &'a dyn Files,
    /// Of all tasks.
    options: Option<&'a Arc<Node>>,
}

impl Tasks<'_> {
    fn task(&self, task: &Node, found: &mut Found) {
        let label = ["label", "taskName"].iter().find_map(|key| task.get(key)?.text());
        let title = match label {
            Some(label) => format!("task `{label}`"),
            None => "a task of tasks.json".to_owned(),
        };
        match task.get("type").and_then(|kind| kind.text()) {
            Some("docker-build") => found.builds.extend(self.container(task, title)),
            Some("shell" | "process") | None => {
                self.command(task, &title, found);
                for system in ["linux", "osx", "windows"] {
                    if let Some(own) = task.get(system) {
                        self.command(own, &title, found);
                    }
                }
            }
            Some(_) => {}
        }
    }

    fn written(&self, node: &Node) -> Option<Value> {
        match node.scalar() {
            Some(scalar) => Some(self.variables.value(scalar)),
            None => written::value(node, self.file, Quoting::Double),
        }
    }

    /// A `docker-build` task (vscode-containers DockerBuildTaskProvider.ts).
    fn container(&self, task: &Node, title: String) -> Option<Build> {
        let entry = task.entries().into_iter().find(|entry| entry.key.text == "dockerBuild")?;
        let settings = &entry.value;
        let declared = Spot::new(self.file, entry.key.range.clone());
        let mut build = Build::new(Tool::BuildKit, title, declared, self.dockerfile(task, settings));
        build.target = settings.get("target").and_then(|target| self.written(target));
        for entry in settings.get("buildArgs").map(|args| args.entries()).unwrap_or_default() {
            let value = entry.value.scalar().map(|scalar| self.variables.value(scalar));
            build.args.push(BuildArg { name: entry.key.value(self.file), value });
        }
        let words = settings.get("customOptions").and_then(|words| words.scalar());
        options::add(
            &mut build,
            words.map(|words| self.words(words)).unwrap_or_default(),
            self.file,
            self.files,
        );
        Some(build)
    }

    fn dockerfile(&self, task: &Node, settings: &Node) -> Dockerfile {
        let given = |key: &str| {
            let value = self.written(settings.get(key)?)?;
            (value.text.as_deref() != Some("")).then_some(value)
        };
        let (path, context) = (given("dockerfile"), given("context"));
        if [&path, &context].into_iter().flatten().any(|value| value.text.is_none()) {
            return Dockerfile::Unknown("a variable of the editor decides about the Dockerfile");
        }
        let context_text = context.as_ref().and_then(Value::known).unwrap_or(".");
        if is_remote(context_text) {
            return Dockerfile::Remote;
        }
        let context = join(self.workspace, context_text);
        // The helper for Python gives a path where none is written.
        let is_python = task.get("platform").and_then(|platform| platform.text()) == Some("python");
        let guess = match path.as_ref().and_then(Value::known) {
            Some(path) => vec![join(self.workspace, path)],
            None if is_python => default_dockerfiles(self.workspace),
            None => default_dockerfiles(&context),
        };
        Dockerfile::Local(Local {
            guesses: vec![guess],
            context: Some(context),
            written: path,
            base: self.workspace.to_owned(),
            certainty: Sureness::CERTAIN.certainty,
            why: "",
        })
    }

    /// A `shell` or `process` task: a command line, or a program with its arguments.
    fn command(&self, task: &Node, title: &str, found: &mut Found) {
        let Some(program) = task.get("command").and_then(word) else { return };
        let arguments = task.get("args").map(|args| args.items()).unwrap_or_default();
        let cwd = self.cwd(task);
        let variables = self.shell_variables();
        let setting = Setting {
            file: self.file,
            dialect: Dialect::Posix,
            cwd: cwd.clone(),
            variables: &variables,
            title,
        };
        if arguments.is_empty() {
            found.builds.extend(Embedded::lines(self.text, [program]).builds(setting, self.files));
            return;
        }
        let mut words = self.words(program);
        words.extend(arguments.iter().filter_map(|argument| match word(argument) {
            Some(scalar) => Some(self.variables.value(scalar)),
            None => written::value(argument, self.file, Quoting::Double),
        }));
        let script = Script {
            file: self.file,
            text: "",
            place: &|_| None,
            range: program.range.clone(),
            dialect: Dialect::Posix,
            cwd,
            variables: &variables,
            title: Some(title),
        };
        found.builds.extend(command::command(&words, &script, self.files).builds);
    }

    /// The words of a text that a shell splits at blanks.
    fn words(&self, scalar: &Scalar) -> Vec<Value> {
        let text = &scalar.text;
        if !text.contains(char::is_whitespace) {
            return vec![self.variables.value(scalar)];
        }
        let start = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
        let part = |word: &str| {
            let value = written::part(scalar, start(word)..start(word) + word.len(), self.file);
            match word.contains("${") {
                true => Value::unknown(value.spot, "a variable of the editor decides"),
                false => value,
            }
        };
        text.split_whitespace().map(part).collect()
    }

    fn cwd(&self, task: &Node) -> Cwd {
        let own =
            task.at(&["options", "cwd"]).or_else(|| self.options.and_then(|options| options.get("cwd")));
        let Some(value) = own.and_then(|cwd| self.written(cwd)) else {
            return Cwd::certain(self.workspace.to_owned());
        };
        match value.known() {
            Some(path) => Cwd::certain(join(self.workspace, path)),
            None => {
                Cwd { guesses: vec![self.workspace.to_owned()], certainty: value.certainty, why: value.why }
            }
        }
    }

    /// The editor puts its own variables in before the shell sees the line.
    fn shell_variables(&self) -> Variables {
        let value = |folder: &Path| {
            let spot = Spot::new(self.file, 0..0);
            Value::computed(folder.display().to_string(), spot, Sureness::CERTAIN.certainty, "")
        };
        self.variables.folders.iter().map(|(name, folder)| ((*name).to_owned(), value(folder))).collect()
    }
}

/// A word is a string, or has one as its `value` beside the way of quoting it.
fn word(node: &Arc<Node>) -> Option<&Scalar> {
    node.get("value").unwrap_or(node).scalar()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::files::Memory;

    fn shown(text: &str) -> Vec<String> {
        let found =
            builds("/project/.vscode/tasks.json".as_ref(), &Memory::new(&[(".vscode/tasks.json", text)]));
        let show = |build: &Build| {
            let target = build.target.as_ref().unwrap();
            let at = &text[target.spot.range.clone()];
            let path = match &build.dockerfile {
                Dockerfile::Local(local) => local.guesses[0][0].display().to_string(),
                other => format!("{other:?}"),
            };
            format!("{} {:?} {at:?} {path}", build.title, target.text)
        };
        found.builds.iter().map(show).collect()
    }

    #[test]
    fn container_tasks_are_read() {
        let text = r#"{"tasks": [
            {"type": "docker-build", "label": "a", "dockerBuild": {"context": "${workspaceFolder}/app", "target": "one",
              "dockerfile": "${workspaceFolder}/b.Dockerfile", "buildArgs": {"A": "1"}}},
            {"type": "docker-build", "label": "b", "dockerBuild": {"context": "app", "customOptions": "--x --target two"}},
            {"type": "docker-build", "platform": "python", "dockerBuild": {"context": "app", "target": "${input:t}"}},
        ]}"#;
        assert_eq!(
            shown(text),
            [
                r#"task `a` Some("one") "one" /project/b.Dockerfile"#,
                r#"task `b` Some("two") "two" /project/app/Dockerfile"#,
                r#"a task of tasks.json None "${input:t}" /project/Dockerfile"#,
            ]
        );
    }

    #[test]
    fn commands_are_lines_or_words() {
        let text = r#"{"tasks": [
            {"type": "shell", "label": "a", "command": "docker build --target one ${workspaceFolder}/x"},
            {"type": "process", "label": "b", "command": "docker", "args": ["build", "--target", "two", {"value": "."}],
             "options": {"cwd": "${workspaceFolder}/sub"}},
            {"type": "shell", "label": "c", "windows": {"command": "docker build", "args": ["--target=three", "."]}},
            {"type": "npm", "label": "d", "command": "docker build --target no ."},
        ]}"#;
        assert_eq!(
            shown(text),
            [
                r#"task `a` Some("one") "one" /project/x/Dockerfile"#,
                r#"task `b` Some("two") "two" /project/sub/Dockerfile"#,
                r#"task `c` Some("three") "three" /project/Dockerfile"#,
            ]
        );
    }

    #[test]
    fn a_target_that_is_being_typed_is_there() {
        for text in [
            "{\"tasks\": [{\"type\": \"docker-build\", \"dockerBuild\": {\"context\": \".\", \"target\": }}]}",
            "{\"tasks\": [{\"type\": \"docker-build\", \"dockerBuild\": {\"context\": \".\", \"target\": \"\n}}]}",
            "{\"tasks\": [{\"type\": \"shell\", \"command\": \"docker build . --target \"}]}",
            "{\"tasks\": [{\"type\": \"shell\", \"command\": \"docker\", \"args\": [\"build\", \".\", \"--target\", \"\"]}]}",
        ] {
            assert_eq!(shown(text), [r#"a task of tasks.json Some("") "" /project/Dockerfile"#], "{text}");
        }
    }
}
