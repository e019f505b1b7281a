//! Ends the server when the editor that started it is gone.
//!
//! An editor that dies closes the server's stdin, and that is usually the end. It is not when another process has
//! inherited the other end of the pipe; hence the protocol's `processId`.

use std::{path::PathBuf, process, thread, time::Duration};

const INTERVAL: Duration = Duration::from_secs(2);

/// Ends this process soon after the process `id` has ended.
///
/// Does nothing where that can't be told: without `/proc`, unless `id` is the parent process, and for a process that is
/// not there even now, because the client runs on another machine or in another container.
pub fn watch(id: u32) {
    let entry = PathBuf::from(format!("/proc/{id}"));
    let in_proc = entry.exists();
    let is_parent = parent_id() == Some(id);
    if !in_proc && !is_parent {
        tracing::debug!("process {id} can't be watched");
        return;
    }
    let watch = move || {
        // An ended process stays in /proc until somebody waits for it, but its children get a new parent at once.
        while (!in_proc || entry.exists()) && (!is_parent || parent_id() == Some(id)) {
            thread::sleep(INTERVAL);
        }
        tracing::info!("the client's process {id} has ended");
        process::exit(1);
    };
    if let Err(error) = thread::Builder::new().name("parent".into()).spawn(watch) {
        tracing::warn!("process {id} is not watched: {error}");
    }
}

#[cfg(unix)]
fn parent_id() -> Option<u32> {
    Some(std::os::unix::process::parent_id())
}

#[cfg(not(unix))]
fn parent_id() -> Option<u32> {
    None
}
