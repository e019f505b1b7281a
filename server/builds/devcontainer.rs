//! Reads the `devcontainer.json` of a dev container (containers.dev).

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Build, BuildArg, Dockerfile, Files, Found, Local, Quoting, Spot, Tool, Value,
    editor_variables::EditorVariables,
    files::{is_remote, join},
    json,
    node::{Node, Scalar},
    options,
    written::{self, Sureness},
};

/// The build of a dev container, if it has one of its own.
pub fn builds(path: &Path, files: &dyn Files) -> Found {
    let (Some(text), Some(folder)) = (files.read(path), path.parent()) else { return Found::default() };
    let read = json::read(&text);
    let file: Arc<Path> = Arc::from(path);
    let mut found = Found::in_file(&read, &file);
    let Some(root) = read.roots.first() else { return found };
    let workspace = workspace(folder);
    let variables = EditorVariables {
        file: &file,
        folders: &[("localWorkspaceFolder", &workspace)],
        sureness: Sureness::likely("it depends on the folder that is opened"),
    };
    found.builds.extend(build(root, folder, &variables, files));
    found
}

/// The folder that people open: the one with `.devcontainer` in it.
fn workspace(folder: &Path) -> PathBuf {
    let above = folder.ancestors().find(|it| it.file_name().is_some_and(|name| name == ".devcontainer"));
    above.and_then(Path::parent).unwrap_or(folder).to_owned()
}

fn build(root: &Node, folder: &Path, variables: &EditorVariables, files: &dyn Files) -> Option<Build> {
    let file = variables.file;
    let (key, section) = key(root, "build").or_else(|| key(root, "dockerFile"))?;
    let declared = Spot::new(file, key.range.clone());
    let name = root.get("name").and_then(|name| name.text()).filter(|name| !name.is_empty());
    let title = match name {
        Some(name) => format!("dev container `{name}`"),
        None => "dev container".to_owned(),
    };
    // The older way has the paths beside `build` (devcontainers/cli configuration.ts, `getDockerfile`).
    let written = |new: &str, old: &str| {
        let node = section.get(new).or_else(|| root.get(old))?;
        node.scalar().map(|scalar| variables.value(scalar)).filter(|value| value.text.as_deref() != Some(""))
    };
    let context = written("context", "context");
    let dockerfile = match written("dockerfile", "dockerFile") {
        Some(path) => dockerfile(path, context, folder),
        None => Dockerfile::Unknown("it names no Dockerfile"),
    };
    let mut build = Build::new(Tool::BuildKit, title, declared, dockerfile);
    build.target = section.get("target").and_then(|target| match target.scalar() {
        Some(scalar) => Some(variables.value(scalar)),
        None => written::value(target, file, Quoting::Double),
    });
    for entry in section.get("args").map(|args| args.entries()).unwrap_or_default() {
        let value = entry.value.scalar().map(|scalar| variables.value(scalar));
        build.args.push(BuildArg { name: entry.key.value(file), value });
    }
    let words = section.get("options").map(|options| options.items()).unwrap_or_default();
    let words: Vec<Value> =
        words.iter().filter_map(|word| word.scalar()).map(|word| variables.value(word)).collect();
    options::add(&mut build, words, file, files);
    Some(build)
}

fn key<'a>(root: &'a Node, name: &str) -> Option<(&'a Scalar, &'a Node)> {
    let entry = root.entries().into_iter().find(|entry| entry.key.text == name)?;
    Some((&entry.key, &*entry.value))
}

/// Paths start from the folder of `devcontainer.json`; without a context it is the Dockerfile's folder, whatever the
/// specification says (devcontainers/cli dockerfileUtils.ts, `getDockerContextPath`).
fn dockerfile(path: Value, context: Option<Value>, folder: &Path) -> Dockerfile {
    let Some(text) = &path.text else {
        return Dockerfile::Unknown("a variable of the editor decides about the Dockerfile");
    };
    if is_remote(text) {
        return Dockerfile::Remote;
    }
    let full = join(folder, text);
    let context = match context {
        Some(context) => context.known().map(|context| join(folder, context)),
        None => full.parent().map(Path::to_owned),
    };
    let sureness = Sureness::CERTAIN.with(&path);
    Dockerfile::Local(Local {
        guesses: vec![vec![full]],
        context,
        written: Some(path),
        base: folder.to_owned(),
        certainty: sureness.certainty,
        why: sureness.why,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::{Certainty, files::Memory};

    fn read(text: &str) -> Found {
        let path = ".devcontainer/devcontainer.json";
        builds(Path::new("/project").join(path).as_ref(), &Memory::new(&[(path, text)]))
    }

    fn local(build: &Build) -> &Local {
        let Dockerfile::Local(local) = &build.dockerfile else { panic!("{build:?}") };
        local
    }

    #[test]
    fn paths_start_from_the_folder_of_the_file() {
        let text = "{\n  // comment\n  \"name\": \"app\",\n  \"build\": {\"context\": \"..\", \"dockerfile\": \
                    \"../Dockerfile\", \"target\": \"dev\", \"args\": {\"A\": \"1\"},},\n}";
        let found = read(text);
        assert!(found.broken.is_empty());
        let [build] = &found.builds[..] else { panic!() };
        assert_eq!(build.title, "dev container `app`");
        let target = build.target.as_ref().unwrap();
        assert_eq!(&text[target.spot.range.clone()], "dev");
        assert_eq!((target.certainty, local(build).certainty), (Certainty::Certain, Certainty::Certain));
        assert_eq!(local(build).guesses, [[PathBuf::from("/project/Dockerfile")]]);
        assert_eq!(local(build).context.as_deref(), Some(Path::new("/project")));
        assert_eq!(build.args[0].value.as_ref().unwrap().text.as_deref(), Some("1"));
    }

    #[test]
    fn the_older_keys_and_the_options_count() {
        let text = r#"{"dockerFile": "Dockerfile", "build": {"target": "a", "options": ["--target=b", "--build-context", "x=../y"]}}"#;
        let found = read(text);
        let build = &found.builds[0];
        assert_eq!(local(build).guesses, [[PathBuf::from("/project/.devcontainer/Dockerfile")]]);
        let target = build.target.as_ref().unwrap();
        assert_eq!((&text[target.spot.range.clone()], target.text.as_deref()), ("b", Some("b")));
        assert_eq!(build.overridden[0].text.as_deref(), Some("a"));
        assert_eq!(build.contexts[0].key.text.as_deref(), Some("x"));
        assert!(read(r#"{"image": "x", "mounts": ["target=/x"]}"#).builds.is_empty());
    }

    #[test]
    fn variables_are_put_in_where_they_are_known() {
        let found = read(
            r#"{"build": {"dockerfile": "${localWorkspaceFolder}/Dockerfile", "target": "${localEnv:T}"}}"#,
        );
        let build = &found.builds[0];
        assert_eq!(local(build).guesses, [[PathBuf::from("/project/Dockerfile")]]);
        assert_eq!(local(build).certainty, Certainty::Likely);
        assert_eq!(build.target.as_ref().unwrap().text, None);
    }

    #[test]
    fn a_target_that_is_being_typed_is_there() {
        for (target, typed) in [("", ""), ("\"\"", ""), ("\"d", "d"), ("\"", "")] {
            let text = format!("{{\"build\": {{\"dockerfile\": \"Dockerfile\", \"target\": {target}\n}}}}");
            let found = read(&text);
            let value = found.builds[0].target.as_ref().unwrap();
            assert_eq!(value.text.as_deref(), Some(typed), "{text}");
            assert_eq!(&text[value.spot.range.clone()], typed, "{text}");
            assert!(value.spot.range.start >= text.find("target").unwrap() + 8, "{text}");
        }
        assert!(read(r#"{"build": {"dockerfile": "D", "target": null}}"#).builds[0].target.is_none());
    }
}
