//! Finds the `.dockerignore` of a Dockerfile.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::dockerignore::Ignore;

/// How the names of these files end.
pub const DOCKERIGNORE: &str = ".dockerignore";

/// No such file is larger, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// Reads what is left out of the build context of a Dockerfile: `<name>.dockerignore` beside it if there is one, else the
/// `.dockerignore` of its folder, which is taken to be the build context (dockerui/context.go, `initContext`). `None` if there
/// is neither, or one that can't be read.
pub fn ignore_of(dockerfile: &Path) -> Option<Arc<Ignore>> {
    ignore_in(dockerfile, dockerfile.parent()?)
}

/// The same for a build whose build context is `folder`.
pub fn ignore_in(dockerfile: &Path, folder: &Path) -> Option<Arc<Ignore>> {
    let mut own = dockerfile.file_name()?.to_owned();
    own.push(DOCKERIGNORE);
    let candidates: [PathBuf; 2] = [dockerfile.with_file_name(own), folder.join(DOCKERIGNORE)];
    let file = candidates.into_iter().find(|path| path.is_file())?;
    let mut bytes = Vec::new();
    File::open(file).ok()?.take(MAX_SIZE + 1).read_to_end(&mut bytes).ok()?;
    if bytes.len() as u64 > MAX_SIZE {
        return None;
    }
    Ignore::parse(&String::from_utf8_lossy(&bytes)).ok().map(Arc::new)
}
