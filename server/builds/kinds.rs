//! Which files say what is built, and which of them are read together.

use std::path::{Path, PathBuf};

/// Files that are read together: the smallest part of a workspace that can be read anew.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// The Compose file of a folder with the files that override it.
    ComposeProject(PathBuf),
    /// A Compose file of another name.
    ComposeFile(PathBuf),
    /// The Bake files of a folder.
    BakeProject(PathBuf),
    /// A Bake file of another name.
    BakeFile(PathBuf),
    /// A file that is read alone.
    File(Kind, PathBuf),
}

impl Unit {
    /// Its file, or a name in its folder.
    pub fn path(&self) -> PathBuf {
        match self {
            Unit::ComposeProject(folder) => folder.join(COMPOSE[0]),
            Unit::BakeProject(folder) => folder.join(BAKE[0]),
            Unit::ComposeFile(path) | Unit::BakeFile(path) | Unit::File(_, path) => path.clone(),
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Compose,
    Bake,
    Workflow,
    GitlabCi,
    Devcontainer,
    VsCodeTasks,
    Skaffold,
    Taskfile,
    PackageJson,
    Tiltfile,
    Quadlet,
    Script,
    Makefile,
    Justfile,
    Markdown,
    /// The comments of a Dockerfile.
    Comments,
}

/// No file that says what is built is larger, in bytes; what is, holds data.
pub const MAX_SIZE: u64 = 1 << 20;

/// What a file seems to be by its path alone. A YAML, HCL or JSON file of any name may turn out to be something else, or
/// nothing.
pub fn kind_of(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    if is_lock_file(&name) {
        return None;
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
    Some(match extension {
        "yml" | "yaml" if stem == "action" || is_below(path, &[".github", "workflows"]) => Kind::Workflow,
        "yml" | "yaml" if stem.ends_with(".gitlab-ci") || is_below(path, &[".gitlab"]) => Kind::GitlabCi,
        "yml" | "yaml" if stem.starts_with("skaffold") => Kind::Skaffold,
        "yml" | "yaml" if stem == "taskfile" || stem == "taskfile.dist" => Kind::Taskfile,
        "yml" | "yaml" => Kind::Compose,
        "hcl" => Kind::Bake,
        "json" if stem == "package" => Kind::PackageJson,
        "json" if stem == "devcontainer" || stem == ".devcontainer" => Kind::Devcontainer,
        "json" if stem == "tasks" && folder == ".vscode" => Kind::VsCodeTasks,
        "json" if stem.contains("bake") => Kind::Bake,
        "sh" | "bash" | "zsh" | "ps1" | "psm1" | "cmd" | "bat" => Kind::Script,
        "mk" => Kind::Makefile,
        "just" => Kind::Justfile,
        "md" | "mdx" | "markdown" => Kind::Markdown,
        "tiltfile" => Kind::Tiltfile,
        "build" => Kind::Quadlet,
        _ if matches!(&*name, "makefile" | "gnumakefile") || stem == "makefile" => Kind::Makefile,
        _ if matches!(&*name, "justfile" | ".justfile") => Kind::Justfile,
        _ if name == "tiltfile" => Kind::Tiltfile,
        _ => return None,
    })
}

/// Whether a text can be worth reading at all: nothing is built without one of these words in it.
pub fn may_build(kind: Kind, text: &str) -> bool {
    let has = |word: &str| text.contains(word);
    match kind {
        Kind::Compose => has("services") && has("build"),
        Kind::Bake => has("target"),
        Kind::Devcontainer => has("ocker"),
        Kind::VsCodeTasks => has("docker") || has("podman"),
        Kind::Skaffold => has("artifacts"),
        Kind::Tiltfile => has("docker_build"),
        Kind::Quadlet => has("[Build]"),
        Kind::Workflow
        | Kind::GitlabCi
        | Kind::Taskfile
        | Kind::PackageJson
        | Kind::Script
        | Kind::Makefile
        | Kind::Justfile
        | Kind::Markdown
        | Kind::Comments => {
            (has("build") || has("bud") || has("bake") || has("kaniko"))
                && (has("docker")
                    || has("podman")
                    || has("buildah")
                    || has("nerdctl")
                    || has("kaniko")
                    || has("DOCKER")
                    || has("buildx"))
        }
    }
}

/// What an editor is asked to watch: patterns of all files that matter, in LSP's way of writing them.
pub const WATCHED: [&str; 7] = [
    "**/*{Dockerfile,dockerfile,Containerfile,containerfile}*",
    "**/*.{yml,yaml,hcl,json}",
    "**/*.{sh,bash,zsh,ps1,psm1,cmd,bat,mk,just,build,md,mdx,markdown}",
    "**/{Makefile,Makefile.*,makefile,GNUmakefile,justfile,Justfile,.justfile,Tiltfile}",
    "**/*.{tiltfile,Tiltfile}",
    "**/.env",
    "**/{.gitignore,.ignore}",
];

/// The names of Compose files that are read together, and of Bake files likewise, in lower case.
const COMPOSE: [&str; 8] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];
const BAKE: [&str; 4] =
    ["docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl"];

/// The units that a file of this kind makes up, or has a part in by its name.
pub fn units_of(kind: Kind, path: &Path) -> Vec<Unit> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let folder = || path.parent().unwrap_or(Path::new("")).to_owned();
    match kind {
        Kind::Compose if COMPOSE.contains(&name) => vec![Unit::ComposeProject(folder())],
        Kind::Compose => vec![Unit::ComposeFile(path.to_owned())],
        Kind::Bake if BAKE.contains(&name) => vec![Unit::BakeProject(folder())],
        Kind::Bake => vec![Unit::BakeFile(path.to_owned())],
        kind => vec![Unit::File(kind, path.to_owned())],
    }
}

impl Unit {
    /// The files that make it up, or would. What they refer to is no part of it.
    pub fn parts(&self) -> Vec<PathBuf> {
        let all = |folder: &Path, names: &[&str]| names.iter().map(|name| folder.join(name)).collect();
        match self {
            Unit::ComposeProject(folder) => all(folder, &COMPOSE),
            Unit::BakeProject(folder) => all(folder, &BAKE),
            Unit::ComposeFile(path) | Unit::BakeFile(path) | Unit::File(_, path) => vec![path.clone()],
        }
    }
}

/// Generated lists of packages, which are large and build nothing.
fn is_lock_file(name: &str) -> bool {
    matches!(name, "package-lock.json" | "pnpm-lock.yaml" | "composer.lock" | "npm-shrinkwrap.json")
        || name.ends_with(".lock")
}

fn is_below(path: &Path, folders: &[&str]) -> bool {
    let Some(parent) = path.parent() else { return false };
    let names: Vec<_> = parent.components().map(|part| part.as_os_str()).collect();
    names.windows(folders.len()).any(|window| window.iter().zip(folders).all(|(a, b)| *a == *b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        for (path, kind) in [
            ("/w/docker-compose.prod.yml", Kind::Compose),
            ("/w/k8s/app.yaml", Kind::Compose),
            ("/w/.github/workflows/ci.yml", Kind::Workflow),
            ("/w/actions/x/action.yaml", Kind::Workflow),
            ("/w/.gitlab-ci.yml", Kind::GitlabCi),
            ("/w/.gitlab/ci/build.yml", Kind::GitlabCi),
            ("/w/docker-bake.hcl", Kind::Bake),
            ("/w/docker-bake.json", Kind::Bake),
            ("/w/.devcontainer/devcontainer.json", Kind::Devcontainer),
            ("/w/.devcontainer.json", Kind::Devcontainer),
            ("/w/.vscode/tasks.json", Kind::VsCodeTasks),
            ("/w/Makefile", Kind::Makefile),
            ("/w/builder/Makefile.image", Kind::Makefile),
            ("/w/justfile", Kind::Justfile),
            ("/w/Taskfile.yml", Kind::Taskfile),
            ("/w/README.md", Kind::Markdown),
            ("/w/Tiltfile", Kind::Tiltfile),
            ("/w/app.build", Kind::Quadlet),
            ("/w/build.ps1", Kind::Script),
            ("/w/build.psm1", Kind::Script),
        ] {
            assert_eq!(kind_of(path.as_ref()), Some(kind), "{path}");
        }
        for path in ["/w/package-lock.json", "/w/tasks.json", "/w/main.rs", "/w/Dockerfile", "/w/data.json"] {
            assert_eq!(kind_of(path.as_ref()), None, "{path}");
        }
    }

    #[test]
    fn files_of_the_usual_names_are_read_together() {
        let units = |path: &str| units_of(kind_of(path.as_ref()).expect("a kind"), path.as_ref());
        assert_eq!(units("/w/compose.yaml"), [Unit::ComposeProject("/w".into())]);
        assert_eq!(units("/w/docker-compose.override.yml"), [Unit::ComposeProject("/w".into())]);
        assert_eq!(
            units("/w/docker-compose.prod.yml"),
            [Unit::ComposeFile("/w/docker-compose.prod.yml".into())]
        );
        assert_eq!(units("/w/docker-bake.hcl"), [Unit::BakeProject("/w".into())]);
        assert_eq!(units("/w/release.hcl"), [Unit::BakeFile("/w/release.hcl".into())]);
    }
}
