//! The settings that count for files: those of the nearest `dockerfile-ls.toml`.

use std::{
    path::{Path, PathBuf, absolute},
    sync::Arc,
};

use super::files::STDIN;
use crate::{
    configuration::{self, Files},
    settings::Settings,
};

/// The settings of each of `files`. Complains once about what can't be used.
pub fn of(files: &[PathBuf], complain: &mut dyn FnMut(String)) -> Vec<Arc<Settings>> {
    let mut sources = Files::default();
    let settings = files.iter().map(|file| {
        let layer = folder(file).and_then(|folder| sources.of(&folder, None)).map(|(_, layer)| layer);
        Arc::new(configuration::settings(layer.as_deref()))
    });
    let settings = settings.collect();
    for (file, layer) in sources.all() {
        for complaint in &layer.complaints {
            let line = complaint.line.map(|line| format!(":{line}")).unwrap_or_default();
            complain(format!("{}{line}: {}", file.display(), complaint.message));
        }
    }
    settings
}

/// The folder of a file; for standard input, the current one.
fn folder(file: &Path) -> Option<PathBuf> {
    if file == Path::new(STDIN) {
        return std::env::current_dir().ok();
    }
    absolute(file).ok()?.parent().map(Path::to_owned)
}
