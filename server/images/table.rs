//! The table of images as it stands in `base-images.jsonl`: one line for a repository, below it one line for each row of tags.
//!
//! Only the lines of repositories are read at first. Rows are read when their repository is first asked for, in their order,
//! and a pattern is compiled when a tag first gets as far as its row.

use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

use regex::bytes::{Captures, Regex, RegexBuilder};
use serde::Deserialize;

use super::{names, row::Row};

pub(super) const TEXT: &str = include_str!("base-images.jsonl");

/// The pattern of most repositories' last row. Nothing has to be compiled for it.
const ANY: &str = "^.*$";

/// A repository, or many that one pattern names.
pub(super) struct Repository {
    pub name: &'static str,
    /// What its rows have in common, as it is written.
    header: &'static str,
    lines: &'static str,
    rows: OnceLock<Vec<Tags>>,
}

/// A row with its pattern.
struct Tags {
    row: Row,
    pattern: OnceLock<Option<Regex>>,
}

/// What the patterns of a repository and of a row found in a name and in a tag.
#[derive(Debug, Default)]
pub(super) struct Groups {
    pub version: Option<String>,
    pub variant: Option<String>,
    pub os_release: Option<String>,
}

/// The repository that an image is of, with what its name tells.
pub(super) struct Found {
    pub repository: &'static Repository,
    pub groups: Groups,
}

struct Table {
    repositories: Vec<Repository>,
    /// Names and aliases → position in `repositories`.
    exact: HashMap<&'static str, usize>,
    patterns: Vec<NamePattern>,
}

struct NamePattern {
    source: String,
    /// What every name of it begins with: this tells most names apart, and nothing is compiled for them.
    prefix: String,
    regex: OnceLock<Option<Regex>>,
    /// Position in `repositories`.
    repository: usize,
}

#[derive(Deserialize)]
struct Header {
    repository: &'static str,
    names: Option<String>,
    #[serde(default)]
    aliases: Vec<&'static str>,
}

/// The repository of a canonical name.
pub(super) fn find(name: &str) -> Option<Found> {
    let table = table();
    let plain = names::without_architecture(name);
    if let Some(&at) = table.exact.get(name).or_else(|| table.exact.get(plain?)) {
        return Some(Found { repository: &table.repositories[at], groups: Groups::default() });
    }
    table.patterns.iter().find_map(|pattern| {
        let groups = pattern.groups(name)?;
        Some(Found { repository: &table.repositories[pattern.repository], groups })
    })
}

/// The names of all repositories, in the order of the table.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    table().repositories.iter().map(|repository| repository.name)
}

fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(TEXT));
    &TABLE
}

impl Table {
    /// Lines that can't be read are left out; a test says so.
    fn read(text: &'static str) -> Table {
        let mut table = Table { repositories: Vec::new(), exact: HashMap::new(), patterns: Vec::new() };
        let starts = text.match_indices("{\"repository\":").map(|(at, _)| at);
        for (start, end) in starts.clone().zip(starts.skip(1).chain([text.len()])) {
            let (header, lines) = text[start..end].split_once('\n').unwrap_or((&text[start..end], ""));
            let Ok(Header { repository, names, aliases }) = serde_json::from_str(header) else { continue };
            let at = table.repositories.len();
            table.exact.extend([repository].into_iter().chain(aliases).map(|name| (name, at)));
            if let Some(source) = names {
                let prefix = literal_prefix(&source);
                table.patterns.push(NamePattern { source, prefix, regex: OnceLock::new(), repository: at });
            }
            table.repositories.push(Repository { name: repository, header, lines, rows: OnceLock::new() });
        }
        table
    }
}

impl NamePattern {
    fn groups(&self, name: &str) -> Option<Groups> {
        if !name.starts_with(&self.prefix) {
            return None;
        }
        let regex = self.regex.get_or_init(|| compile(&self.source)).as_ref()?;
        regex.captures(name.as_bytes()).map(Groups::of)
    }
}

impl Repository {
    /// Its rows, the most specific first.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.read_rows().iter().map(|tags| &tags.row)
    }

    /// The first row that a tag matches, and what its pattern found there.
    pub(super) fn row(&self, tag: &str) -> Option<(&Row, Groups)> {
        self.read_rows().iter().find_map(|tags| {
            if tags.row.tags == ANY {
                return Some((&tags.row, Groups::default()));
            }
            let regex = tags.pattern.get_or_init(|| compile(&tags.row.tags)).as_ref()?;
            Some((&tags.row, Groups::of(regex.captures(tag.as_bytes())?)))
        })
    }

    /// Whether a row is about this very tag, and not about any.
    pub(super) fn names_tag(&self, tag: &str) -> bool {
        self.row(tag).is_some_and(|(row, _)| row.tags != ANY)
    }

    fn read_rows(&self) -> &[Tags] {
        self.rows.get_or_init(|| {
            let header = serde_json::from_str(self.header).unwrap_or_default();
            let rows = self.lines.lines().filter_map(|line| Row::read(&header, line).ok());
            rows.map(|row| Tags { row, pattern: OnceLock::new() }).collect()
        })
    }
}

impl Groups {
    fn of(captures: Captures<'_>) -> Groups {
        // No name may stand twice in a pattern, so a second one has a 2.
        let text = |names: [&str; 2]| {
            let found = names.into_iter().find_map(|name| captures.name(name))?;
            std::str::from_utf8(found.as_bytes()).ok().map(str::to_owned)
        };
        Groups {
            version: text(["version", "version2"]),
            variant: text(["variant", "variant2"]),
            os_release: text(["os_release", "os_release2"]),
        }
    }

    /// These, and where there is none, those of `other`.
    pub(super) fn or(self, other: Groups) -> Groups {
        Groups {
            version: self.version.or(other.version),
            variant: self.variant.or(other.variant),
            os_release: self.os_release.or(other.os_release),
        }
    }
}

/// Names and tags are ASCII: without Unicode's tables `\w` compiles several times faster.
pub(super) fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).build().ok()
}

/// What every text begins with that an anchored pattern matches.
fn literal_prefix(pattern: &str) -> String {
    let mut prefix = String::new();
    let mut chars = pattern.trim_start_matches('^').chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(escaped) if !escaped.is_ascii_alphanumeric() => prefix.push(escaped),
                _ => break,
            },
            '?' | '*' | '{' => {
                prefix.pop();
                break;
            }
            '(' | '[' | '.' | '+' | '$' | '^' => break,
            '|' => return String::new(),
            _ => prefix.push(c),
        }
    }
    prefix
}
