//! The command line that builds a stage of a Dockerfile.

use std::path::{Path, PathBuf};

use crate::{
    builds::{Build, Certainty, Dockerfile},
    document::Document,
    features::built::target_name,
    outside::Asked,
    workspace::Workspace,
};

/// A command line for a POSIX shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildCommand {
    pub line: String,
    /// Where to run it: paths in the line count from here.
    pub folder: PathBuf,
    /// What it gives to `--target`, if it does.
    pub target: Option<String>,
}

/// What the command lines of one Dockerfile have in common.
#[derive(Debug)]
pub struct BuildCommands<'a> {
    doc: &'a Document,
    dockerfile: &'a Path,
    folder: PathBuf,
    /// The build contexts that builds of the workspace certainly have, with the stages that they ask for.
    contexts: Vec<(Option<usize>, PathBuf)>,
}

impl<'a> BuildCommands<'a> {
    /// Those of a Dockerfile (`doc` is what stands in it). They run in the folder of the workspace that holds it, else in its own.
    pub fn of(workspace: &Workspace, dockerfile: &'a Path, doc: &'a Document) -> Option<BuildCommands<'a>> {
        let folder = workspace.folders().iter().find(|folder| dockerfile.starts_with(folder));
        let folder = folder.map(PathBuf::as_path).or_else(|| dockerfile.parent())?.to_owned();
        let context = |build: &Build| {
            let Dockerfile::Local(local) = &build.dockerfile else { return None };
            let meaning = workspace.meaning(build);
            let is_certain = meaning.path() == Some(dockerfile) && meaning.certainty == Certainty::Certain;
            let asked = match &build.target {
                None => Asked::Default,
                Some(target) => target.known().map_or(Asked::Unknown, |name| Asked::Named(name.to_owned())),
            };
            let context = local.context.clone().filter(|_| is_certain)?;
            Some((doc.stages().asked(&asked), context))
        };
        let contexts = workspace.builds_of(dockerfile).filter_map(context).collect();
        Some(BuildCommands { doc, dockerfile, folder, contexts })
    }

    /// The line that builds a stage (by its index); `None` if none can, or none can be written.
    pub fn command(&self, stage: usize) -> Option<BuildCommand> {
        let is_last = stage + 1 == self.doc.stages().all().len();
        let target = target_name(self.doc, stage).filter(|_| !is_last);
        if target.is_none() && !is_last {
            return None;
        }
        let context = self.context(stage)?;
        let mut line = "docker build".to_owned();
        // What docker looks for itself.
        if self.dockerfile != context.join("Dockerfile") {
            line = format!("{line} -f {}", self.path(self.dockerfile)?);
        }
        if let Some(target) = target {
            line = format!("{line} --target {}", quoted(target)?);
        }
        line = format!("{line} {}", self.path(context)?);
        Some(BuildCommand { line, folder: self.folder.clone(), target: target.map(str::to_owned) })
    }

    /// The build context of a stage: the one that all builds have that ask for the stage, else all builds of the Dockerfile, else
    /// its own folder, as Compose has it.
    fn context(&self, stage: usize) -> Option<&Path> {
        let asking = self.contexts.iter().filter(|(asked, _)| *asked == Some(stage));
        let asking = agreed(asking.map(|(_, context)| context));
        asking
            .or_else(|| agreed(self.contexts.iter().map(|(_, context)| context)))
            .or_else(|| self.dockerfile.parent())
    }

    /// A path as the line writes it.
    fn path(&self, path: &Path) -> Option<String> {
        let path = path.strip_prefix(&self.folder).unwrap_or(path).to_str()?;
        let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
        match path.as_str() {
            "" => Some(".".into()),
            // It would be an option, or standard input.
            _ if path.starts_with('-') => quoted(&format!("./{path}")),
            _ => quoted(&path),
        }
    }
}

/// The one context that there is.
fn agreed<'a>(mut contexts: impl Iterator<Item = &'a PathBuf>) -> Option<&'a Path> {
    let first = contexts.next()?;
    contexts.all(|other| other == first).then_some(first)
}

/// A word for a shell; `None` for one that would steer a terminal.
fn quoted(word: &str) -> Option<String> {
    if word.chars().any(char::is_control) {
        return None;
    }
    let is_plain = |c: char| c.is_alphanumeric() || "_./:=@%+,-".contains(c);
    let is_safe = !word.is_empty() && word.chars().all(is_plain);
    Some(if is_safe { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(dockerfile: &str, text: &str, stage: usize) -> Option<String> {
        let workspace = Workspace::new(vec!["/w".into()]);
        let doc = Document::open(text, 0);
        let commands = BuildCommands::of(&workspace, Path::new(dockerfile), &doc)?;
        commands.command(stage).map(|command| command.line)
    }

    #[test]
    #[cfg(unix)]
    fn paths_count_from_the_workspace() {
        let text = "FROM a AS test\nFROM b\n";
        for (dockerfile, expected) in [
            ("/w/Dockerfile", "docker build --target test ."),
            ("/w/app/Dockerfile", "docker build --target test app"),
            ("/w/app/web.Dockerfile", "docker build -f app/web.Dockerfile --target test app"),
            ("/w/Dockerfile.dev", "docker build -f Dockerfile.dev --target test ."),
            ("/w/-x/my file", "docker build -f './-x/my file' --target test ./-x"),
            ("/w/it's/Dockerfile", "docker build --target test 'it'\\''s'"),
            ("/elsewhere/Dockerfile", "docker build --target test ."),
        ] {
            assert_eq!(line(dockerfile, text, 0).as_deref(), Some(expected), "{dockerfile}");
        }
        assert_eq!(line("/w/Dockerfile", text, 1).as_deref(), Some("docker build ."));
    }

    #[test]
    #[cfg(unix)]
    fn the_context_is_the_one_that_builds_agree_on() {
        let text = "FROM a AS test\nFROM b AS web\nFROM c\n";
        let doc = Document::open(text, 0);
        let path = Path::new("/w/docker/Dockerfile");
        let mut workspace = Workspace::new(vec!["/w".into()]);
        workspace.set_dockerfile(path, &doc);
        let service = |name: &str, context: &str, dockerfile: &str, target: &str| {
            let build = format!("context: {context}\n      dockerfile: {dockerfile}\n      target: {target}");
            format!("  {name}:\n    build:\n      {build}\n")
        };
        let mut lines = |services: &[String]| {
            let compose = format!("services:\n{}", services.concat());
            workspace.set_open(Path::new("/w/compose.yaml"), compose.into(), &[]);
            let commands = BuildCommands::of(&workspace, path, &doc).expect("it lies in a folder");
            [0, 1].map(|stage| commands.command(stage).map(|it| it.line).unwrap_or_default())
        };
        let root = service("a", ".", "docker/Dockerfile", "test");
        assert_eq!(
            lines(std::slice::from_ref(&root)),
            [
                "docker build -f docker/Dockerfile --target test .",
                "docker build -f docker/Dockerfile --target web ."
            ]
        );
        assert_eq!(
            lines(&[root, service("b", "docker", "Dockerfile", "web")]),
            ["docker build -f docker/Dockerfile --target test .", "docker build --target web docker"]
        );
    }

    #[test]
    fn what_no_line_can_ask_for_has_none() {
        assert_eq!(line("/w/Dockerfile", "FROM a\nFROM b\n", 0), None);
        assert_eq!(line("/w/a\u{1b}b/Dockerfile", "FROM a\n", 0), None);
    }
}
