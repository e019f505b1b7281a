//! Shell scripts, and those of Windows.

use std::{path::Path, sync::Arc};

use super::{
    Certainty, Files, Found,
    command::{self, Cwd, Dialect, Script, Variables},
};

/// What a script has built.
pub fn builds(path: &Path, files: &dyn Files) -> Found {
    let Some(text) = files.read(path).filter(|text| command::may_build(text)) else {
        return Found::default();
    };
    let Some(dialect) = dialect(path, &text) else { return Found::default() };
    let file: Arc<Path> = Arc::from(path);
    let script = Script {
        file: &file,
        text: &text,
        place: &Some,
        range: 0..text.len(),
        dialect,
        cwd: cwd(path, files),
        variables: &Variables::new(),
        title: None,
    };
    command::builds(&script, files)
}

/// How a file is read if it is a script, by its name or its first line.
pub fn dialect(path: &Path, text: &str) -> Option<Dialect> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("sh" | "bash" | "zsh" | "ksh") => return Some(Dialect::Posix),
        Some("ps1" | "psm1") => return Some(Dialect::PowerShell),
        Some("cmd" | "bat") => return Some(Dialect::Cmd),
        _ => {}
    }
    shebang(text)
}

/// The shell of a `#!` line; `None` if there is no such line, or another program in it.
pub fn shebang(text: &str) -> Option<Dialect> {
    let line = text.trim_start_matches('\u{feff}').strip_prefix("#!")?.lines().next()?;
    let names = line.split_ascii_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    names.into_iter().find_map(|name| match name {
        "sh" | "bash" | "zsh" | "dash" | "ash" | "ksh" => Some(Dialect::Posix),
        "pwsh" | "powershell" => Some(Dialect::PowerShell),
        _ => None,
    })
}

/// The folder that a script is called in: most likely the root, else its own. If both are one it is sure.
pub fn cwd(path: &Path, files: &dyn Files) -> Cwd {
    let own = path.parent().map(Path::to_owned).unwrap_or_default();
    let cwd = Cwd::likely([files.root(path), own], "it depends on the folder in which the script is called");
    match cwd.guesses.len() {
        1 => Cwd { certainty: Certainty::Certain, why: "", ..cwd },
        _ => cwd,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::{Dockerfile, files::Memory};

    fn read(path: &str, text: &str) -> Found {
        builds(&Path::new("/project").join(path), &Memory::new(&[(path, text)]))
    }

    #[test]
    fn scripts_by_name_and_by_first_line() {
        assert_eq!(read("build.sh", "docker build --target a .").builds.len(), 1);
        assert_eq!(read("build", "#!/usr/bin/env bash\ndocker build --target a .").builds.len(), 1);
        assert_eq!(read("build", "#!/usr/bin/env python\ndocker build --target a .").builds.len(), 0);
        assert_eq!(read("build.ps1", "docker build `\n --target a .").builds.len(), 1);
        assert_eq!(read("build", "docker build --target a .").builds.len(), 0);
    }

    #[test]
    fn a_script_in_a_folder_may_be_called_from_the_root() {
        let found = read("hack/build.sh", "docker build --target a .");
        assert_eq!(found.builds[0].title, "docker build in build.sh");
        let Dockerfile::Local(local) = &found.builds[0].dockerfile else { panic!() };
        assert_eq!(local.guesses.len(), 2);
        assert_eq!(local.certainty, Certainty::Likely);
    }
}
