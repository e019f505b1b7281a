//! What to change when a Dockerfile gets another path.

use std::path::{Component, Path, PathBuf};

use super::rename::{Left, OutsideEdit, Renamed};
use crate::{
    builds::{Build, Certainty, Dockerfile},
    text::Edit,
    workspace::Workspace,
};

/// The paths to change in other files when a file or folder is moved. `old` and `new` are absolute.
pub fn moved(workspace: &Workspace, old: &Path, new: &Path) -> Renamed {
    let mut renamed = Renamed::default();
    for dockerfile in workspace.dockerfiles() {
        let Ok(rest) = dockerfile.strip_prefix(old) else { continue };
        let target = if rest.as_os_str().is_empty() { new.to_owned() } else { new.join(rest) };
        for build in workspace.builds_of(dockerfile) {
            // What moves along keeps its way.
            if !build.declared.file.starts_with(old)
                || !build_base(build).is_some_and(|base| base.starts_with(old))
            {
                moved_for(workspace, build, dockerfile, &target, &mut renamed);
            }
        }
    }
    renamed
}

fn build_base(build: &Build) -> Option<&Path> {
    match &build.dockerfile {
        Dockerfile::Local(local) => Some(&local.base),
        Dockerfile::Inline(..) | Dockerfile::Remote | Dockerfile::Unknown(_) => None,
    }
}

fn moved_for(workspace: &Workspace, build: &Build, old: &Path, new: &Path, renamed: &mut Renamed) {
    let meaning = workspace.meaning(build);
    let Dockerfile::Local(local) = &build.dockerfile else { return };
    if meaning.path() != Some(old) {
        return;
    }
    let Some(written) = &local.written else {
        // `Dockerfile` of the build context, which nobody writes down.
        let Left { file, offset, why } = Left {
            file: build.declared.file.to_path_buf(),
            offset: build.declared.range.start,
            why: "it takes the Dockerfile of its build context without naming it",
        };
        if !renamed.left.iter().any(|left| left.file == file && left.offset == offset) {
            renamed.left.push(Left { file, offset, why });
        }
        return;
    };
    let file = written.spot.file.to_path_buf();
    let text = written.known().and_then(|before| relative(&local.base, new, before));
    let text = text.and_then(|text| written.quoting?.write(&text));
    let Some(text) = text else {
        let why = "the path is not written there as it is";
        renamed.left.push(Left { file, offset: written.spot.range.start, why });
        return;
    };
    let certain = meaning.certainty == Certainty::Certain && written.certainty == Certainty::Certain;
    let why = match (certain, meaning.why) {
        (true, _) => "",
        (false, "") => "it may mean another Dockerfile",
        (false, why) => why,
    };
    let edit = OutsideEdit { file, edit: Edit { range: written.spot.range.clone(), text }, why };
    if !renamed.edits.iter().any(|other| other.file == edit.file && other.edit.range == edit.edit.range) {
        renamed.edits.push(edit);
    }
}

/// The way from a folder to a file, written as it was before: with `./`, or absolute.
fn relative(base: &Path, file: &Path, before: &str) -> Option<String> {
    if before.starts_with('/') {
        return file.to_str().map(str::to_owned);
    }
    let (mut from, mut to) = (base.components().peekable(), file.components().peekable());
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    let up = from.filter(|part| matches!(part, Component::Normal(_))).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to).collect();
    let path = path.to_str()?.replace('\\', "/");
    let keeps_dot = before.starts_with("./") && !path.starts_with("../");
    Some(if keeps_dot { format!("./{path}") } else { path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_it_was() {
        let relative = |base: &str, file: &str, before| relative(base.as_ref(), file.as_ref(), before);
        assert_eq!(relative("/w", "/w/docker/App", "Dockerfile"), Some("docker/App".into()));
        assert_eq!(relative("/w/app", "/w/docker/App", "./x"), Some("../docker/App".into()));
        assert_eq!(relative("/w", "/w/App", "./Dockerfile"), Some("./App".into()));
        assert_eq!(relative("/w", "/v/App", "/w/Dockerfile"), Some("/v/App".into()));
    }
}
