//! Reads `skaffold.yaml`: what its artifacts are built from, in its profiles too.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Build, BuildArg, Certainty, Dockerfile, Files, Found, Local, Quoting, Spot, Tool, Value,
    files::{is_remote, join},
    node::{Node, Scalar},
    options, written,
    written::Sureness,
    yaml,
};

/// Ways to build an artifact that need no Dockerfile.
const OTHERS: [&str; 8] =
    ["bazel", "jib", "jibMaven", "jibGradle", "ko", "buildpacks", "buildpack", "custom"];

/// The builds of all artifacts.
pub fn builds(path: &Path, files: &dyn Files) -> Found {
    let (Some(text), Some(folder)) = (files.read(path), path.parent()) else { return Found::default() };
    let read = yaml::read(&text);
    let file: Arc<Path> = Arc::from(path);
    let mut found = Found::in_file(&read, &file);
    // Paths start from where skaffold is called, in a file that another one requires from its folder.
    let mut folders = vec![folder.to_owned()];
    let root = files.root(path);
    if !folders.contains(&root) {
        folders.push(root);
    }
    let home = Home { file: &file, folders: &folders, files };
    for root in &read.roots {
        if let Some(build) = root.get("build") {
            found
                .builds
                .extend(artifacts(build).iter().filter_map(|node| home.build(&Artifact::of(node), None)));
        }
        for profile in root.get("profiles").map(|profiles| profiles.items()).unwrap_or_default() {
            home.profile(root, profile, &mut found);
        }
    }
    found.builds.sort_by_key(|build| build.declared.range.start);
    found
}

fn artifacts(build: &Node) -> &[Arc<Node>] {
    build.get("artifacts").map(|artifacts| artifacts.items()).unwrap_or_default()
}

struct Home<'a> {
    file: &'a Arc<Path>,
    folders: &'a [PathBuf],
    files: &'a dyn Files,
}

/// An artifact, with what a profile changes of it.
struct Artifact<'a> {
    node: &'a Node,
    /// In file order: the way to a value, and another value or none.
    patches: Vec<(Vec<&'a str>, Option<&'a Arc<Node>>)>,
}

impl<'a> Artifact<'a> {
    fn of(node: &'a Node) -> Artifact<'a> {
        Artifact { node, patches: Vec::new() }
    }

    fn at(&self, keys: &[&str]) -> Option<&'a Arc<Node>> {
        for (path, value) in self.patches.iter().rev() {
            match keys.strip_prefix(&path[..]) {
                Some([]) => return *value,
                Some(rest) => return value.and_then(|value| value.at(rest)),
                None => {}
            }
        }
        self.node.at(keys)
    }

    fn has(&self, key: &str) -> bool {
        self.at(&[key]).is_some()
            || self.patches.iter().any(|(path, value)| path[0] == key && value.is_some())
    }
}

impl Home<'_> {
    /// What a profile has built instead: its own artifacts, or those of the file with its patches.
    fn profile(&self, root: &Node, profile: &Node, found: &mut Found) {
        let name = profile.get("name").and_then(|name| name.text()).unwrap_or_default();
        let own = profile.get("build").map(|build| artifacts(build)).unwrap_or_default();
        found.builds.extend(own.iter().filter_map(|node| self.build(&Artifact::of(node), Some(name))));
        let listed = root.get("build").map(|build| artifacts(build)).unwrap_or_default();
        let base = if own.is_empty() { listed } else { own };
        let mut changed: BTreeMap<usize, Artifact> = BTreeMap::new();
        for patch in profile.get("patches").map(|patches| patches.items()).unwrap_or_default() {
            let Some(path) = patch.get("path").and_then(|path| path.text()) else { continue };
            let mut keys = path.trim_start_matches('/').split('/');
            if (keys.next(), keys.next()) != (Some("build"), Some("artifacts")) {
                continue;
            }
            let Some(index) = keys.next().and_then(|index| index.parse::<usize>().ok()) else { continue };
            let Some(node) = base.get(index) else { continue };
            let keys: Vec<&str> = keys.collect();
            if keys.is_empty() {
                continue;
            }
            let is_removed = patch.get("op").and_then(|op| op.text()) == Some("remove");
            let value = patch.get("value").filter(|_| !is_removed);
            changed.entry(index).or_insert_with(|| Artifact::of(node)).patches.push((keys, value));
        }
        found.builds.extend(changed.values().filter_map(|artifact| self.build(artifact, Some(name))));
    }

    fn build(&self, artifact: &Artifact, profile: Option<&str>) -> Option<Build> {
        let image = artifact.at(&["image"]).and_then(|image| image.scalar());
        let tool = match artifact.has("kaniko") {
            true => Tool::Kaniko,
            false if !artifact.has("docker") && OTHERS.iter().any(|key| artifact.has(key)) => return None,
            false => Tool::BuildKit,
        };
        let key = if tool == Tool::Kaniko { "kaniko" } else { "docker" };
        let mut title = match image {
            Some(image) => format!("skaffold artifact `{}`", image.text),
            None => "skaffold artifact".to_owned(),
        };
        if let Some(profile) = profile {
            title += &format!(" of profile `{profile}`");
        }
        let declared = match image {
            Some(image) => image.range.clone(),
            None => artifact.node.range.start..artifact.node.range.start,
        };
        let declared = Spot::new(self.file, declared);
        let mut build = Build::new(tool, title, declared, self.dockerfile(artifact, key));
        build.target =
            artifact.at(&[key, "target"]).and_then(|it| written::value(it, self.file, Quoting::YamlPlain));
        for entry in artifact.at(&[key, "buildArgs"]).map(|args| args.entries()).unwrap_or_default() {
            let value = entry.value.scalar().map(|scalar| self.templated(scalar));
            build.args.push(BuildArg { name: entry.key.value(self.file), value });
        }
        // These come as arguments, under a name of their own.
        for required in artifact.at(&["requires"]).map(|requires| requires.items()).unwrap_or_default() {
            let alias = required.get("alias").or_else(|| required.get("image"));
            let Some(alias) = alias.and_then(|alias| alias.scalar()) else { continue };
            let spot = Spot::new(self.file, alias.range.clone());
            let value = Some(Value::unknown(spot, "skaffold gives it the tag of an image"));
            build.args.push(BuildArg { name: alias.value(self.file), value });
        }
        let flags = artifact.at(&[key, "cliFlags"]).map(|flags| flags.items()).unwrap_or_default();
        let flags = flags.iter().filter_map(|flag| flag.scalar()).map(|flag| self.templated(flag)).collect();
        options::add(&mut build, flags, self.file, self.files);
        Some(build)
    }

    /// A text that may be a Go template.
    fn templated(&self, scalar: &Scalar) -> Value {
        let value = scalar.value(self.file);
        if scalar.text.contains("{{") {
            return Value::unknown(value.spot, "a template decides");
        }
        value
    }

    /// A path is one in the context if there is such a file, else one from the current folder (docker/dependencies.go,
    /// `NormalizeDockerfilePath`).
    fn dockerfile(&self, artifact: &Artifact, key: &str) -> Dockerfile {
        let scalar =
            |keys: &[&str]| artifact.at(keys).and_then(|it| it.scalar()).filter(|it| !it.text.is_empty());
        let context = scalar(&["context"]).or_else(|| scalar(&["workspace"]));
        let context = context.map_or(".", |context| context.text.as_str());
        let written = scalar(&[key, "dockerfile"]).map(|path| path.value(self.file));
        let path = written.as_ref().and_then(Value::known).unwrap_or("Dockerfile");
        if is_remote(context) || is_remote(path) {
            return Dockerfile::Remote;
        }
        let guess = |folder: &PathBuf| vec![join(&join(folder, context), path), join(folder, path)];
        let first = &self.folders[0];
        let folder = join(first, context);
        let is_outside = !self.files.exists(&join(&folder, path)) && self.files.exists(&join(first, path));
        let sureness = match &written {
            Some(written) => Sureness::CERTAIN.with(written),
            None => Sureness { certainty: Certainty::Certain, why: "" },
        };
        Dockerfile::Local(Local {
            guesses: self.folders.iter().map(guess).collect(),
            base: if is_outside { first.clone() } else { folder.clone() },
            context: Some(folder),
            written,
            certainty: sureness.certainty,
            why: sureness.why,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::files::Memory;

    fn shown(text: &str) -> Vec<String> {
        let files = Memory::new(&[("skaffold.yaml", text), ("web/Dockerfile", ""), ("api.Dockerfile", "")]);
        let found = builds("/project/skaffold.yaml".as_ref(), &files);
        let show = |build: &Build| {
            let target = build.target.as_ref().map(|target| {
                assert_eq!(target.text.as_deref(), Some(&text[target.spot.range.clone()]));
                target.text.clone().unwrap()
            });
            let Dockerfile::Local(local) = &build.dockerfile else { panic!() };
            let path =
                local.guesses[0].iter().find(|path| files.exists(path)).unwrap_or(&local.guesses[0][0]);
            format!("{} {target:?} {} from {}", build.title, path.display(), local.base.display())
        };
        found.builds.iter().map(show).collect()
    }

    #[test]
    fn artifacts_are_built_in_their_context_or_from_the_folder() {
        let text = "apiVersion: skaffold/v4beta5\nbuild:\n  artifacts:\n    - image: web\n      context: web\n      docker: \
                    {target: dev}\n    - image: api\n      context: web\n      kaniko:\n        dockerfile: \
                    api.Dockerfile\n        target: 'prod'\n    - image: b\n      bazel: {target: //x}\n    - image: plain\n";
        assert_eq!(
            shown(text),
            [
                "skaffold artifact `web` Some(\"dev\") /project/web/Dockerfile from /project/web",
                "skaffold artifact `api` Some(\"prod\") /project/api.Dockerfile from /project",
                "skaffold artifact `plain` None /project/Dockerfile from /project",
            ]
        );
    }

    #[test]
    fn profiles_change_artifacts() {
        let text = "build:\n  artifacts:\n    - image: web\n      context: web\n      docker: {target: dev}\nprofiles:\n  - name: \
                    p\n    patches:\n      - op: replace\n        path: /build/artifacts/0/docker/target\n        value: \
                    prod\n      - path: /deploy\n  - name: q\n    build:\n      artifacts:\n        - image: own\n          \
                    docker: {cliFlags: [--target, flagged]}\n  - name: r\n    patches:\n      - op: remove\n        path: \
                    /build/artifacts/0/docker/target\n      - path: /build/artifacts/9/docker/target\n";
        assert_eq!(
            shown(text),
            [
                "skaffold artifact `web` Some(\"dev\") /project/web/Dockerfile from /project/web",
                "skaffold artifact `web` of profile `p` Some(\"prod\") /project/web/Dockerfile from /project/web",
                "skaffold artifact `web` of profile `r` None /project/web/Dockerfile from /project/web",
                "skaffold artifact `own` of profile `q` Some(\"flagged\") /project/Dockerfile from /project",
            ]
        );
    }

    #[test]
    fn a_target_that_is_being_typed_is_there() {
        for line in ["target:", "target: ", "target: \""] {
            let text = format!(
                "build:\n  artifacts:\n    - image: w\n      docker:\n        {line}\n    - image: x\n"
            );
            assert_eq!(
                shown(&text),
                [
                    "skaffold artifact `w` Some(\"\") /project/Dockerfile from /project",
                    "skaffold artifact `x` None /project/Dockerfile from /project",
                ]
            );
        }
    }
}
