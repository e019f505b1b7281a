//! A workspace on the disk: what is told of changes leads to where a fresh look would.

use std::{env, fs, sync::atomic::AtomicUsize, sync::atomic::Ordering};

use super::*;

const DOCKERFILE: &str = "FROM scratch AS build\nFROM scratch AS prod\n";
const COMPOSE: &str = "services:\n  web:\n    build:\n      context: .\n      target: prod\n";

/// A temporary folder; removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("dockerfile-ls-ws-{}-{number}", std::process::id()));
        fs::create_dir_all(folder.join("w")).expect("it can be made");
        let folder = Folder(folder.canonicalize().expect("it was just made"));
        files.iter().for_each(|(path, text)| folder.write(path, text));
        folder
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("it is in the folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    /// The workspace is in `w`.
    fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    fn scan(&self) -> Workspace {
        Workspace::scan(vec![self.path("w")], 1, &|| false)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// All that somebody can see of a workspace.
fn seen(workspace: &Workspace) -> (Vec<PathBuf>, Vec<mentions::Mention>) {
    (workspace.dockerfiles().into_iter().cloned().collect(), workspace.mentions())
}

#[test]
fn what_is_told_leads_to_what_is_there() {
    let folder = Folder::with(&[("w/.gitignore", "out/\n"), ("w/Dockerfile", DOCKERFILE)]);
    let mut workspace = folder.scan();
    let mut expect = |paths: &[&str], mentions: usize| {
        workspace.files_changed(&paths.iter().map(|path| folder.path(path)).collect::<Vec<_>>());
        assert_eq!(seen(&workspace), seen(&folder.scan()), "{paths:?}");
        assert_eq!(workspace.mentions().len(), mentions, "{paths:?}");
    };
    for ignored in ["w/out", "w/node_modules/x", "w/.git", "beside"] {
        folder.write(&format!("{ignored}/Dockerfile"), DOCKERFILE);
        folder.write(&format!("{ignored}/compose.yaml"), COMPOSE);
        expect(&[&format!("{ignored}/Dockerfile"), &format!("{ignored}/compose.yaml")], 0);
        expect(&[ignored], 0);
    }
    // A folder comes, moves and goes with what is in it.
    folder.write("w/app/deep/Dockerfile", DOCKERFILE);
    folder.write("w/app/deep/compose.yaml", COMPOSE);
    expect(&["w/app"], 1);
    fs::rename(folder.path("w/app"), folder.path("w/moved")).expect("it can be moved");
    expect(&["w/moved", "w/app"], 1);
    folder.write("w/moved/deep/Dockerfile", "FROM scratch\n");
    expect(&["w/moved/deep/Dockerfile"], 1);
    fs::remove_dir_all(folder.path("w/moved")).expect("it can go");
    expect(&["w/moved"], 0);
    // Of an unusual name it is known as long as somebody means it.
    folder.write("w/Odd", DOCKERFILE);
    folder.write("w/compose.yaml", &COMPOSE.replace("context: .", "dockerfile: Odd"));
    expect(&["w/Odd", "w/compose.yaml"], 1);
    folder.write("w/compose.yaml", COMPOSE);
    expect(&["w/compose.yaml"], 1);
    fs::remove_file(folder.path("w/compose.yaml")).expect("it can go");
    expect(&["w/compose.yaml"], 0);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let folder = Folder::with(&[("w/Dockerfile", DOCKERFILE), ("w/compose.yaml", COMPOSE)]);
    let mut workspace = folder.scan();
    for (link, to) in
        [("w/loop", "."), ("w/up", ".."), ("w/Dockerfile.dev", "Dockerfile"), ("w/x.yaml", "x.yaml")]
    {
        std::os::unix::fs::symlink(to, folder.path(link)).expect("it can be made");
        workspace.files_changed(&[folder.path(link)]);
        assert_eq!(seen(&workspace), seen(&folder.scan()), "{link}");
    }
}

#[test]
fn a_file_may_wait_for_another() {
    let folder = Folder::with(&[
        ("w/Dockerfile", DOCKERFILE),
        ("w/compose.yaml", "services:\n  web:\n    extends: {file: parts/web.txt, service: web}\n"),
    ]);
    let mut workspace = folder.scan();
    folder.write("w/parts/web.txt", &COMPOSE.replace("context: .", "context: .."));
    workspace.files_changed(&[folder.path("w/parts/web.txt")]);
    assert_eq!(workspace.mentions().len(), 1);
    assert_eq!(seen(&workspace), seen(&folder.scan()));
}

#[test]
fn what_is_outside_counts_while_it_is_open() {
    let folder = Folder::with(&[("v/Dockerfile", DOCKERFILE), ("v/compose.yaml", COMPOSE)]);
    let mut workspace = folder.scan();
    workspace.set_dockerfile(&folder.path("v/Dockerfile"), &Document::open(DOCKERFILE, 0));
    workspace.set_open(&folder.path("v/compose.yaml"), COMPOSE.into(), &[]);
    assert_eq!(workspace.mentions()[0].stage, Some(1));
    // The build still means the Dockerfile.
    workspace.set_closed(&folder.path("v/Dockerfile"));
    assert_eq!(workspace.mentions()[0].stage, Some(1));
    workspace.set_closed(&folder.path("v/compose.yaml"));
    assert_eq!(seen(&workspace), seen(&folder.scan()));
    assert!(workspace.by_file.is_empty() && workspace.by_dockerfile.is_empty());
}

#[test]
fn a_dockerfile_outside_may_say_how_it_is_built() {
    let own = format!("# docker build --target prod .\n{DOCKERFILE}");
    let compose = COMPOSE.replace("context: .", "context: ../v");
    let folder = Folder::with(&[("v/Dockerfile", &own), ("w/compose.yaml", &compose)]);
    let mut workspace = folder.scan();
    assert_eq!(workspace.mentions().len(), 2);
    // Its own comment alone does not keep it.
    folder.write("w/compose.yaml", COMPOSE);
    workspace.files_changed(&[folder.path("w/compose.yaml")]);
    assert_eq!(seen(&workspace), seen(&folder.scan()));
}

#[test]
fn a_script_without_an_extension_is_read_when_it_is_open() {
    let folder = Folder::with(&[("w/Dockerfile", DOCKERFILE)]);
    let mut workspace = folder.scan();
    workspace.set_open(&folder.path("w/go"), "#!/bin/sh\ndocker build --target prod .\n".into(), &[]);
    assert_eq!(workspace.mentions().len(), 1);
}

#[test]
fn a_dockerfile_that_one_file_finds_concerns_all_that_mean_it() {
    let folder = Folder::with(&[("w/a/docker-compose.yml", COMPOSE)]);
    let mut workspace = folder.scan();
    folder.write("w/a/Dockerfile", DOCKERFILE);
    folder.write("w/a/build.sh", "docker build --target prod .\n");
    let touched = workspace.files_changed(&[folder.path("w/a/build.sh")]);
    assert!(touched.files.contains(&folder.path("w/a/docker-compose.yml")), "{touched:?}");
}
