//! Texts from open buffers and from the disk.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::builds::{Files, files::copied_project, kinds::MAX_SIZE};

/// No Dockerfile is larger. BuildKit gets it in one message, which gRPC limits to 16 MiB.
pub const MAX_DOCKERFILE: u64 = 16 << 20;

/// The text of a file of at most `limit` bytes, without a byte order mark. What is no UTF-8 text is an error.
pub fn read(path: &Path, limit: u64) -> io::Result<String> {
    // Opening a pipe waits for somebody who writes, and a device may never end.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("it has more than {} KiB", limit >> 10)));
    }
    if bytes.starts_with("\u{feff}".as_bytes()) {
        bytes.drain(..3);
    }
    if bytes.contains(&0) {
        return Err(io::Error::other("it is no text"));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is no UTF-8 text"))
}

/// What somebody reads, and what for: open buffers count before the disk.
pub struct Disk<'a> {
    open: &'a HashMap<PathBuf, Arc<str>>,
    folders: &'a [PathBuf],
    /// All that was looked at, whether it is there or not.
    seen: RefCell<BTreeSet<PathBuf>>,
}

impl<'a> Disk<'a> {
    pub fn new(open: &'a HashMap<PathBuf, Arc<str>>, folders: &'a [PathBuf]) -> Disk<'a> {
        Disk { open, folders, seen: RefCell::default() }
    }

    /// The files that were looked at since the last call.
    pub fn seen(&self) -> BTreeSet<PathBuf> {
        self.seen.take()
    }
}

impl Files for Disk<'_> {
    fn read(&self, path: &Path) -> Option<Arc<str>> {
        self.seen.borrow_mut().insert(path.to_owned());
        if let Some(text) = self.open.get(path) {
            // As large a file is not read from the disk either.
            return (text.len() as u64 <= MAX_SIZE).then(|| text.clone());
        }
        match read(path, MAX_SIZE) {
            Ok(text) => Some(text.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!("{} is left out: {error}", path.display());
                None
            }
        }
    }

    fn exists(&self, path: &Path) -> bool {
        self.seen.borrow_mut().insert(path.to_owned());
        self.open.contains_key(path) || path.is_file()
    }

    fn root(&self, path: &Path) -> PathBuf {
        let root = root(self.folders, path);
        // A folder that is opened by itself is a root for all that.
        copied_project(path).filter(|copy| copy.starts_with(&root)).unwrap_or(root)
    }
}

/// The repository around `path` inside its workspace folder, else that folder, else the repository around it, else its own
/// folder.
pub fn root(folders: &[PathBuf], path: &Path) -> PathBuf {
    let inside = folders.iter().filter(|folder| path.starts_with(folder));
    let folder = inside.min_by_key(|folder| folder.as_os_str().len());
    for above in path.ancestors().skip(1) {
        if above.join(".git").exists() || folder.is_some_and(|folder| folder == above) {
            return above.to_owned();
        }
    }
    path.parent().unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::*;

    #[test]
    fn only_texts_of_some_size_are_read() {
        let folder = env::temp_dir().join(format!("dockerfile-ls-disk-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("it can be made");
        let read = |bytes: &[u8], limit| {
            fs::write(folder.join("x"), bytes).expect("it can be written");
            read(&folder.join("x"), limit).map_err(|error| error.to_string())
        };
        assert_eq!(read("\u{feff}é".as_bytes(), 100), Ok("é".into()));
        assert_eq!(read(b"", 0), Ok(String::new()));
        assert_eq!(read(&[b'a'; 2048], 2048).map(|text| text.len()), Ok(2048));
        assert_eq!(read(&[b'a'; 2049], 2048), Err("it has more than 2 KiB".into()));
        assert_eq!(read(b"a\0b", 100), Err("it is no text".into()));
        assert_eq!(read(b"a\xff", 100), Err("it is no UTF-8 text".into()));
        assert!(super::read(&folder, 100).is_err() && super::read(&folder.join("nothing"), 100).is_err());
        #[cfg(unix)]
        {
            // Nobody ever writes to this one.
            let pipe = folder.join("pipe");
            let made = std::process::Command::new("mkfifo").arg(&pipe).status();
            assert!(made.is_ok_and(|status| status.success()));
            assert!(super::read(&pipe, 100).is_err() && super::read(Path::new("/dev/zero"), 100).is_err());
        }
        let _ = fs::remove_dir_all(&folder);
    }

    #[test]
    fn open_texts_count_before_the_disk_and_looks_are_remembered() {
        let open = HashMap::from([(PathBuf::from("/nowhere/a"), Arc::from("text"))]);
        let disk = Disk::new(&open, &[]);
        assert_eq!(disk.read(Path::new("/nowhere/a")).as_deref(), Some("text"));
        assert!(disk.exists(Path::new("/nowhere/a")) && !disk.exists(Path::new("/nowhere/b")));
        assert_eq!(disk.seen(), ["/nowhere/a", "/nowhere/b"].map(PathBuf::from).into());
        assert!(disk.seen().is_empty());
    }

    #[test]
    fn commands_are_called_from_the_repository_or_the_folder() {
        let folders = ["/nowhere/w".into(), "/nowhere/w/inner".into()];
        assert_eq!(root(&folders, Path::new("/nowhere/w/inner/a/b.sh")), Path::new("/nowhere/w"));
        assert_eq!(root(&folders, Path::new("/nowhere/v/a/b.sh")), Path::new("/nowhere/v/a"));
    }
}
