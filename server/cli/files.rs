//! Which files a command reads, and their text.

use std::{
    borrow::Cow,
    collections::HashSet,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::workspace::walk::walk;

/// What stands for standard input among the paths.
pub const STDIN: &str = "-";

/// No Dockerfile is larger. BuildKit gets it in one message, which gRPC limits to 16 MiB.
const MAX_SIZE: u64 = 16 << 20;

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
            walk(path, failed, &|| false).dockerfiles.into_iter().for_each(&mut add);
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
