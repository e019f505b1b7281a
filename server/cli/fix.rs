//! `check --fix`: fixed texts on their way back to where they came from.

use std::{
    collections::BTreeMap,
    fs::{self, File, Metadata},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::files::{STDIN, Source};
use crate::{rules::Finding, text::Edit};

/// How many findings of which rule are gone.
pub type Fixed = BTreeMap<&'static str, usize>;

/// `text` after `edits` (in file order, none over another).
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut fixed = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        fixed.push_str(&text[at..edit.range.start]);
        fixed.push_str(&edit.text);
        at = edit.range.end;
    }
    fixed + &text[at..]
}

/// What there was `before` and is no more.
pub fn difference(before: &[Finding], after: &[Finding]) -> Fixed {
    let count = |findings: &[Finding]| {
        let mut counts = Fixed::new();
        findings.iter().for_each(|finding| *counts.entry(finding.code).or_default() += 1);
        counts
    };
    let after = count(after);
    let left = |code| after.get(code).copied().unwrap_or(0);
    let gone = count(before).into_iter().map(|(code, number)| (code, number.saturating_sub(left(code))));
    gone.filter(|(_, number)| *number > 0).collect()
}

/// `fixed web/Dockerfile: 2 FromAsCasing, 1 unknown-flag`.
pub fn message(file: &str, fixed: &Fixed) -> String {
    let parts: Vec<String> = fixed.iter().map(|(code, number)| format!("{number} {code}")).collect();
    let what = if parts.is_empty() { "other findings".to_owned() } else { parts.join(", ") };
    format!("fixed {file}: {what}")
}

/// Why a file that could be read can't be fixed, if so. Asked before anything is written.
pub fn obstacle(path: &Path, source: &Source) -> io::Result<()> {
    if !source.is_utf8 {
        return Err(io::Error::other("it is not UTF-8"));
    }
    if path.as_os_str() == STDIN {
        return Ok(());
    }
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    if metadata.permissions().readonly() {
        return Err(io::Error::other("it is read-only"));
    }
    Ok(())
}

/// Replaces what `path` holds; standard output stands for standard input.
pub fn write(path: &Path, text: &str, has_bom: bool) -> io::Result<()> {
    let text = if has_bom { format!("\u{feff}{text}") } else { text.to_owned() };
    if path.as_os_str() == STDIN {
        let mut out = io::stdout().lock();
        return match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        };
    }
    // Through a link, so that it stays one.
    let path = path.canonicalize()?;
    // Where a new file can't stand in for the old one, the old one is overwritten.
    exchange(&path, &text).or_else(|_| fs::write(&path, text))
}

/// Puts a new file in the place of the one at `path`: whoever reads it sees the old text or the new one, never half of it.
fn exchange(path: &Path, text: &str) -> io::Result<()> {
    let old = fs::metadata(path)?;
    let beside = beside(path)?;
    let mut file = File::options().write(true).create_new(true).open(&beside)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.set_permissions(old.permissions()))
        .and_then(|()| file.sync_all())
        .and_then(|()| file.metadata());
    let exchanged = written.and_then(|new| {
        if !replaceable(&old, &new) {
            return Err(io::Error::other("the new file would be another one"));
        }
        fs::rename(&beside, path)
    });
    if exchanged.is_err() {
        // It is ours, and of no use any more.
        let _ = fs::remove_file(&beside);
    }
    exchanged
}

/// A name for a file in the same folder.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".dockerfile-ls-{}", std::process::id()));
    Ok(path.with_file_name(beside))
}

/// Whether nobody loses the file when `new` takes the place of `old`: it has one name only, and the same owner.
#[cfg(unix)]
fn replaceable(old: &Metadata, new: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    old.nlink() == 1 && (old.uid(), old.gid()) == (new.uid(), new.gid())
}

#[cfg(not(unix))]
fn replaceable(_old: &Metadata, _new: &Metadata) -> bool {
    true
}
