//! The open files that are no Dockerfiles: what they say is built is the workspace's to know, their text is kept here.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use dashmap::DashMap;
use tower_lsp::ls_types::{TextDocumentContentChangeEvent, Uri};

use super::{
    capabilities::ClientFeatures,
    convert::{self, Sheet, View},
};
use crate::{
    builds::kinds::kind_of,
    settings::Settings,
    text::{Encoding, Text},
    workspace::walk::is_dockerfile,
};

/// One state of such a file.
#[derive(Debug, Clone)]
pub struct Source {
    pub text: Text,
    pub version: i32,
    /// Differs between any two states.
    pub serial: u64,
    /// Where it is on the disk.
    pub path: Arc<Path>,
    pub settings: Arc<Settings>,
}

/// Those that are open.
#[derive(Debug, Default)]
pub struct Sources {
    open: DashMap<Uri, Source>,
    serial: AtomicU64,
}

impl Source {
    /// A Dockerfile as one of the files that say what is built: in its comments.
    pub fn of_dockerfile(view: &View<'_>) -> Option<Source> {
        let document = view.document;
        Some(Source {
            text: document.text().clone(),
            version: document.version(),
            serial: 0,
            path: super::store::file(view.uri)?.into(),
            settings: document.settings().clone(),
        })
    }

    /// The file as its client sees it.
    pub fn sheet<'a>(&'a self, uri: &'a Uri, client: &'a ClientFeatures) -> Sheet<'a> {
        Sheet { uri, text: &self.text, version: Some(self.version), client }
    }
}

/// An edit that has been made: the bytes that it took the place of, and how many stand there now.
pub type Edited = (Range<usize>, usize);

impl Sources {
    pub fn open(&self, uri: Uri, version: i32, text: &str, path: Arc<Path>, settings: Arc<Settings>) {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        self.open.insert(uri, Source { text: Text::new(text), version, serial, path, settings });
    }

    /// Applies the changes of one notification. What has been edited where; `None` if the file is not open here. A text as a
    /// whole is no edit: nothing stays at its place.
    pub fn change(
        &self,
        uri: &Uri,
        version: i32,
        changes: &[TextDocumentContentChangeEvent],
        encoding: Encoding,
    ) -> Option<Vec<Edited>> {
        let mut source = self.open.get_mut(uri)?;
        let mut edits = Vec::new();
        let is_whole = changes.iter().any(|change| change.range.is_none());
        for change in changes {
            match change.range {
                Some(range) => {
                    let range = convert::byte_range(&source.text, range, encoding);
                    source.text.replace(range.clone(), &change.text);
                    edits.push((range, change.text.len()));
                }
                None => {
                    source.text = Text::new(&change.text);
                }
            }
        }
        if is_whole {
            edits.clear();
        }
        source.version = version;
        source.serial = self.serial.fetch_add(1, Ordering::Relaxed);
        Some(edits)
    }

    /// The file, if it was open.
    pub fn close(&self, uri: &Uri) -> Option<Source> {
        self.open.remove(uri).map(|(_, source)| source)
    }

    pub fn get(&self, uri: &Uri) -> Option<Source> {
        self.open.get(uri).map(|source| source.clone())
    }

    /// All of them, by URI.
    pub fn all(&self) -> Vec<(Uri, Source)> {
        let mut all: Vec<_> =
            self.open.iter().map(|entry| (entry.key().clone(), entry.value().clone())).collect();
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        all
    }

    /// Has a file judged by other settings. `false` if these are what it has.
    pub fn set(&self, uri: &Uri, settings: Arc<Settings>) -> bool {
        let Some(mut source) = self.open.get_mut(uri) else { return false };
        if source.settings == settings {
            return false;
        }
        source.settings = settings;
        source.serial = self.serial.fetch_add(1, Ordering::Relaxed);
        true
    }
}

/// The path of an opened file that is no Dockerfile. The client's name for its language counts first, then the file's name;
/// what neither tells is taken for a Dockerfile, for why else should it be sent here.
pub fn path_of_source(uri: &Uri, language: &str) -> Option<PathBuf> {
    let path = super::store::file(uri)?;
    let language = language.to_ascii_lowercase();
    let is = |word: &str| language.contains(word);
    if is("dockerfile") || is("containerfile") {
        return None;
    }
    let by_name = || path.file_name().is_some_and(is_dockerfile);
    let others = [
        "yaml",
        "compose",
        "bake",
        "hcl",
        "json",
        "terraform",
        "shell",
        "shellscript",
        "sh",
        "bash",
        "zsh",
        "powershell",
        "bat",
        "make",
        "markdown",
        "just",
        "tiltfile",
        "starlark",
        "ini",
        "systemd",
    ];
    let is_other =
        others.contains(&&*language) || is("compose") || is("bake") || language.starts_with("yaml.");
    (is_other || (!by_name() && kind_of(&path).is_some())).then_some(path)
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    #[test]
    fn a_file_is_a_dockerfile_unless_its_language_or_name_says_otherwise() {
        let is_source = |path: &str, language| {
            path_of_source(&Uri::from_str(&format!("file:///w/{path}")).expect("a URI"), language).is_some()
        };
        assert!(is_source("compose.yaml", "yaml") && is_source("compose.yaml", "dockercompose"));
        assert!(
            is_source("compose.yaml", "yaml.docker-compose") && is_source("docker-bake.hcl", "dockerbake")
        );
        assert!(is_source("Dockerfile.yaml", "yaml") && is_source("x", "shellscript"));
        assert!(!is_source("compose.yaml", "dockerfile") && !is_source("Dockerfile", "plaintext"));
        assert!(!is_source("Dockerfile", "dockerfile") && !is_source("unknown", ""));
        assert!(is_source("build.sh", "") && is_source("Makefile", "makefile"));
        assert!(path_of_source(&Uri::from_str("untitled:compose.yaml").expect("a URI"), "yaml").is_none());
    }

    #[test]
    fn edits_of_a_text_that_came_as_a_whole_are_no_edits_of_the_one_before() {
        let sources = Sources::default();
        let uri = Uri::from_str("file:///w/compose.yaml").expect("a URI");
        sources.open(uri.clone(), 1, "abc", Path::new("/w/compose.yaml").into(), Arc::default());
        let change = |range: Option<u32>, text: &str| {
            let at = |character| tower_lsp::ls_types::Position { line: 0, character };
            let range = range.map(|start| tower_lsp::ls_types::Range { start: at(start), end: at(start) });
            TextDocumentContentChangeEvent { range, range_length: None, text: text.into() }
        };
        let edits = |changes: &[TextDocumentContentChangeEvent]| {
            sources.change(&uri, 2, changes, Encoding::Utf16).expect("it is open")
        };
        assert_eq!(edits(&[change(Some(1), "x")]), [(1..1, 1)]);
        assert_eq!(edits(&[change(Some(1), "x"), change(None, "new"), change(Some(0), "y")]), []);
        assert_eq!(sources.get(&uri).expect("it is open").text.to_string(), "ynew");
    }
}
