//! Names of images with their tags, wherever one can stand.

use std::{collections::HashSet, ops::Range};

use super::{Around, Completion, CompletionKind, is_subsequence};
use crate::{
    document::Document,
    features::topic::Topic,
    images,
    stages::{Image, Reference, Resolution},
    syntax::{Arguments, Keyword, Placed},
};

/// Most items of one answer.
const MANY: usize = 100;

/// The images that can stand at `offset`, best first; `None` where none can: those that this file and the others of the
/// workspace use, then those that many people use.
pub(super) fn completion(doc: &Document, offset: usize, around: &dyn Around) -> Option<Vec<Completion>> {
    let index = doc.instruction_on_line_of(offset)?;
    let placed = &doc.syntax().instructions()[index];
    doc.stages().of_instruction(index)?;
    let is_base = placed.instruction.keyword == Keyword::From;
    let word = if is_base { base(doc, placed, offset) } else { source(placed, offset) }?;
    let line = doc.text().line_range(doc.text().line_of(offset));
    if word.start < line.start || line.end < word.end {
        return None;
    }
    let typed = doc.text().slice(word.start..offset).to_lowercase();
    if typed.contains(['$', '"', '\'', '\\', '@']) {
        return None;
    }
    let mut all: Vec<String> = used(doc, offset).chain(around.images()).collect();
    // Behind an image's name its tags.
    if let Some((name, _)) = typed.rsplit_once(':')
        && let Ok(image) = Image::parse(name)
    {
        all.extend(images::known_tags(&image).into_iter().map(|tag| format!("{name}:{tag}")));
    }
    if is_base {
        all.push("scratch".to_owned());
    }
    // Few images are copied from: what nobody has named is offered only by what is typed of it.
    if is_base || !typed.is_empty() {
        all.extend(images::known().map(str::to_owned));
    }
    let mut seen = HashSet::new();
    let fitting = all.into_iter().filter_map(|image| {
        let lower = image.to_lowercase();
        let starts = lower.starts_with(&typed);
        let fits = starts || is_subsequence(&typed, &lower);
        (fits && seen.insert(image.clone())).then_some((!starts, image))
    });
    let mut fitting: Vec<(bool, String)> = fitting.collect();
    fitting.sort_by_key(|(is_inner, _)| *is_inner);
    let item = |image: String| {
        let topic = Topic::Image(image.clone());
        Completion::new(image, CompletionKind::Image, &word, offset).topic(topic)
    };
    Some(fitting.into_iter().take(MANY).map(|(_, image)| item(image)).collect())
}

/// The images that a file builds on or copies from, in file order, each as often as it does; as written, with the defaults of
/// variables.
pub fn images_of(doc: &Document) -> Vec<String> {
    images(doc).map(|reference| reference.text.clone()).collect()
}

/// The images that this file uses in other places.
fn used(doc: &Document, offset: usize) -> impl Iterator<Item = String> {
    let others = images(doc).filter(move |it| offset < it.range.start || it.range.end < offset);
    others.map(|reference| reference.text.clone())
}

fn images(doc: &Document) -> impl Iterator<Item = &Reference> {
    doc.stages().references().iter().filter(|it| matches!(it.resolution, Resolution::Image(_)))
}

/// The base of a FROM, also while there is none.
fn base(doc: &Document, placed: &Placed, offset: usize) -> Option<Range<usize>> {
    let Arguments::From(from) = &placed.instruction.arguments else { return None };
    match &from.base {
        Some(base) if placed.at(base.range()).start <= offset => {
            let range = placed.at(base.range());
            (offset <= range.end).then_some(range)
        }
        // Behind the keyword and the flags, a blank between.
        _ => {
            let before = doc.text().slice(placed.start..offset);
            let behind = before.len() > placed.instruction.word.range().end;
            (behind && before.ends_with([' ', '\t', '\n'])).then_some(offset..offset)
        }
    }
}

/// What a COPY or a mount names behind `from=`.
fn source(placed: &Placed, offset: usize) -> Option<Range<usize>> {
    let instruction = placed.instruction.effective();
    let values = instruction.flags.iter().flat_map(|flag| {
        let own = flag
            .value
            .as_ref()
            .filter(|_| instruction.keyword == Keyword::Copy && flag.name.text() == "from");
        let options = flag.mount.iter().filter(|_| instruction.keyword == Keyword::Run);
        let named = options.filter(|option| option.key.text().eq_ignore_ascii_case("from"));
        own.into_iter().chain(named.filter_map(|option| option.value.as_ref()))
    });
    let mut ranges = values.map(|value| placed.at(value.range()));
    ranges.find(|range| range.start <= offset && offset <= range.end)
}

#[cfg(test)]
mod tests {
    use super::super::{Around, Completion, CompletionKind, Entry, completion};
    use crate::fixture::Fixture;

    struct Workspace;

    impl Around for Workspace {
        fn context_entries(&self, _: &str) -> Vec<Entry> {
            Vec::new()
        }

        fn images(&self) -> Vec<String> {
            ["node:22-alpine", "ghcr.io/acme/base:1", "node:20", "golang:1.26"].map(str::to_owned).into()
        }
    }

    fn items(text: &str) -> Vec<Completion> {
        let fixture = Fixture::new(text);
        completion(&fixture.doc, fixture.cursor, &Workspace)
    }

    /// The first images that are offered.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let images = items(text).into_iter().filter(|item| item.kind == CompletionKind::Image);
        let labels: Vec<String> = images.map(|item| item.label).take(expected.len().max(1)).collect();
        assert_eq!(labels, expected, "{text}");
    }

    #[test]
    fn images_of_this_file_then_of_the_workspace_then_well_known_ones() {
        check(
            "FROM rust:1.9 AS a\nFROM $0\n",
            &[
                "rust:1.9",
                "node:22-alpine",
                "ghcr.io/acme/base:1",
                "node:20",
                "golang:1.26",
                "scratch",
                "alpine",
            ],
        );
        check("FROM no$0\n", &["node:22-alpine", "node:20", "node"]);
        check("FROM --platform=linux/amd64 go$0lang AS b\n", &["golang:1.26", "golang"]);
        check("FROM scr$0\n", &["scratch"]);
        check("FROM ghcr.io/ac$0\n", &["ghcr.io/acme/base:1"]);
        check("FROM postg$0\n", &["postgres"]);
        check(
            "FROM a AS b\nCOPY --from=$0 /a /b\n",
            &["a", "node:22-alpine", "ghcr.io/acme/base:1", "node:20", "golang:1.26"],
        );
        check("FROM scratch\nRUN --mount=type=bind,from=gol$0,target=/x true\n", &["golang:1.26", "golang"]);
    }

    #[test]
    fn tags_follow_the_name() {
        check("FROM node:$0\n", &["node:22-alpine", "node:20", "node:alpine", "node:slim"]);
        check("FROM node:2$0\n", &["node:22-alpine", "node:20"]);
        check("FROM python:sl$0\n", &["python:slim"]);
    }

    #[test]
    fn what_is_typed_is_replaced_and_nothing_else() {
        let found = items("FROM --platform=$BUILDPLATFORM nod$0e:1 AS x\n");
        let item = found.iter().find(|item| item.label == "node:20").expect("it is offered");
        assert_eq!((item.replace.clone(), item.insert.clone()), (31..37, 31..34));
    }

    #[test]
    fn stages_come_first() {
        let labels: Vec<String> =
            items("FROM a AS node\nFROM nod$0\n").into_iter().map(|it| it.label).collect();
        assert_eq!(labels[..2], ["node", "node:22-alpine"]);
    }

    #[test]
    fn nothing_where_no_image_can_stand() {
        for text in [
            "FROM$0",
            "FROM a $0",
            "FROM a AS $0",
            "FROM a@sha256:$0",
            "# FROM $0",
            "FROM a\nCOPY $0",
            "FROM a\nADD --from=$0 a b",
            "FROM a\nRUN $0",
            "COPY --from=$0 a b\n",
        ] {
            let images = items(text).into_iter().filter(|item| item.kind == CompletionKind::Image);
            let images: Vec<String> = images.map(|item| item.label).collect();
            assert_eq!(images, [""; 0], "{text}");
        }
    }
}
