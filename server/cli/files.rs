//! Which files a command reads, and their text.

use std::{
    borrow::Cow,
    collections::HashSet,
    ffi::OsStr,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use ignore::WalkBuilder;

/// What stands for standard input among the paths.
pub const STDIN: &str = "-";

/// No Dockerfile is larger. BuildKit gets it in one message, which gRPC limits to 16 MiB.
const MAX_SIZE: u64 = 16 << 20;

/// What follows `Dockerfile.` where the file only looks like one: notes on one, templates and settings for one, copies
/// that editors and tools leave behind.
const NOT_A_VARIANT: &[&str] = &[
    "adoc",
    "backup",
    "bak",
    "dockerignore",
    "erb",
    "hbs",
    "html",
    "in",
    "j2",
    "jinja",
    "jinja2",
    "json",
    "lock",
    "md",
    "mustache",
    "old",
    "orig",
    "patch",
    "png",
    "rej",
    "rst",
    "save",
    "sha256",
    "svg",
    "swo",
    "swp",
    "template",
    "tmp",
    "tmpl",
    "toml",
    "tpl",
    "txt",
    "yaml",
    "yml",
];

/// The files that `paths` mean, each once: what is no folder as it is, of a folder all Dockerfiles, sorted. What cannot be
/// looked into goes to `failed`.
pub fn find(paths: &[PathBuf], failed: &mut dyn FnMut(String)) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut seen = HashSet::new();
    let mut add = |path: PathBuf| {
        let identity = path.canonicalize().unwrap_or_else(|_| path.clone());
        if seen.insert(identity) {
            files.push(path);
        }
    };
    for path in paths {
        if path.as_os_str() != STDIN && path.is_dir() {
            in_folder(path, failed).into_iter().for_each(&mut add);
        } else {
            add(path.clone());
        }
    }
    files
}

/// What a file, or standard input, holds.
#[derive(Debug)]
pub struct Source {
    /// Without a byte order mark; what is not UTF-8 is U+FFFD.
    pub text: String,
    /// Whether there is a byte order mark before the text.
    pub has_bom: bool,
    /// Whether `text` is exactly what is there.
    pub is_utf8: bool,
}

/// The text of a file, or of standard input for `-`.
pub fn read(path: &Path) -> io::Result<Source> {
    let mut bytes = Vec::new();
    if path.as_os_str() == STDIN {
        io::stdin().lock().take(MAX_SIZE + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(MAX_SIZE + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > MAX_SIZE {
        return Err(io::Error::other("it has more than 16 MiB, which is no Dockerfile"));
    }
    let without = bytes.strip_prefix("\u{feff}".as_bytes());
    let text = String::from_utf8_lossy(without.unwrap_or(&bytes));
    let is_utf8 = matches!(text, Cow::Borrowed(_));
    Ok(Source { text: text.into_owned(), has_bom: without.is_some(), is_utf8 })
}

/// How a path is shown.
pub fn title(path: &Path) -> String {
    if path.as_os_str() == STDIN { "<stdin>".into() } else { path.display().to_string() }
}

/// Follows no links below `folder`. Hidden folders count (`.devcontainer`), that of git does not.
fn in_folder(folder: &Path, failed: &mut dyn FnMut(String)) -> Vec<PathBuf> {
    let walk = WalkBuilder::new(folder)
        .hidden(false)
        // An unpacked archive has its .gitignore without a repository around it.
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    let mut files = Vec::new();
    for entry in walk {
        match entry {
            Ok(entry) => {
                let file = entry.file_type().is_some_and(|kind| kind.is_file());
                if file && is_dockerfile(entry.file_name()) {
                    let path = entry.into_path();
                    files.push(path.strip_prefix(".").map(Path::to_owned).unwrap_or(path));
                }
            }
            Err(error) => failed(error.to_string()),
        }
    }
    files.sort();
    files
}

/// Whether a file in a folder is taken for a Dockerfile: `Dockerfile`, `Dockerfile.dev`, `dev.Dockerfile` and the same with
/// `Containerfile`, in any case.
fn is_dockerfile(name: &OsStr) -> bool {
    let Some(name) = name.to_str().map(str::to_lowercase) else { return false };
    ["dockerfile", "containerfile"].into_iter().any(|word| {
        if let Some(rest) = name.strip_prefix(word) {
            let Some(variant) = rest.strip_prefix('.') else { return rest.is_empty() };
            let last = variant.rsplit('.').next().unwrap_or_default();
            return !variant.is_empty() && !variant.ends_with('~') && !NOT_A_VARIANT.contains(&last);
        }
        name.strip_suffix(word).and_then(|rest| rest.strip_suffix('.')).is_some_and(|stem| !stem.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dockerfiles_are_known_by_their_names() {
        for name in [
            "Dockerfile",
            "dockerfile",
            "DOCKERFILE",
            "Dockerfile.dev",
            "Dockerfile.alpine3.20",
            "dev.Dockerfile",
            "web.dockerfile",
            "Containerfile",
            "Containerfile.ci",
            "Dockerfile.go",
            "app.Containerfile",
        ] {
            assert!(is_dockerfile(name.as_ref()), "{name}");
        }
        for name in [
            "Dockerfile.md",
            ".dockerignore",
            "Dockerfile.dockerignore",
            "Dockerfile.bak~",
            "Dockerfile~",
            "Dockerfile.dev.bak",
            "Dockerfile.",
            "Dockerfiles",
            "MyDockerfile",
            "Dockerfile.j2",
            ".dockerfile",
            "",
        ] {
            assert!(!is_dockerfile(name.as_ref()), "{name}");
        }
    }
}
