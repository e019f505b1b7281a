//! Random edits: a reparsed text has the same tree, instructions, comments and directives as one parsed from the start, and
//! neither has an ERROR or MISSING node.

use std::ops::Range;

use dockerfile_ls::document::Document;

use crate::nodes::{nodes, whole};

/// Enough for every token below to stand next to every other, and a few seconds long.
const EDITS: u64 = 25_000;
const EDITS_PER_TEXT: u64 = 25;

/// What the texts are made of: one line or instruction each.
const LINES: &[&str] = &[
    "# syntax=docker/dockerfile:1\n",
    "# escape=`\n",
    "# a comment\n",
    "\n",
    "FROM golang:1.22 AS builder\n",
    "FROM --platform=$BUILDPLATFORM localhost:5000/\"a\"/b:${TAG:-1}@sha256:0 as $X y\n",
    "COPY --link --from=builder /a /b\n",
    "COPY --from=\"bu\\\nild\" <<A <<-\"B C\" /d\nx\nA\n\ty\n\tB C\n",
    "RUN --mount=type=bind,from=x,target=/a --mount=\"type=cache,rw\" make \\\n  # why\n\n  && echo 'a\\\nb'\n",
    "RUN <<EOF cat <<'X' 3<<Y\na\nEOF\nb\nX\nc\nY\n",
    "ENV A=1 B=\"x ${C:+\"y z\"}\" D='e \\\n f'\n",
    "ENV A b c\n",
    "LABEL \"a b\"=c\\ d \\\n# e\n  f=g\n",
    "ARG A B=${C%%x*} D=${E:-${F##y}}\n",
    "CMD [\"a\", \\\n \"b\\n\\u00e9\"]\n",
    "ENTRYPOINT [ not json\n",
    "HEALTHCHECK --interval=5s CMD curl `\n x\n",
    "ONBUILD ONBUILD COPY --from=a b c\n",
    "EXPOSE 80/tcp $P-90\n",
    "WORKDIR /a b/é\n",
    "USER a:b\n",
    "VOLUME [\"/x\"]\n",
    "FOO bar\n",
    "RUN -- --x\n",
    "SHELL [\"sh\"]",
];

/// What is typed: the characters that mean something, and some that should not.
const TYPED: &[&str] = &[
    "\\",
    "`",
    "\"",
    "'",
    "$",
    "{",
    "}",
    "${",
    ":-",
    "<<EOF",
    "<<-E",
    "<<\"",
    "EOF\n",
    "EOF",
    "#",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "--mount=",
    "--from=",
    "--",
    "-",
    "[",
    "]",
    ",",
    "=",
    " ",
    "\t",
    "é",
    "日",
    "\u{feff}",
    "\u{85}",
    "\u{c}",
    ":",
    "@",
    "/",
    "a",
    "\\\n",
    "`\n",
    "\\\n#",
    "\n# c\n",
    "# escape=`\n",
    "ONBUILD ",
    "FROM a AS b\n",
    " AS ",
    "RUN ",
    "1<<A",
    "localhost/",
    "${a:-\"",
];

/// A small seeded generator (xorshift): the same texts on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

/// One replacement in a text.
#[derive(Debug, Clone)]
struct Edit {
    range: Range<usize>,
    with: String,
}

fn random_text(random: &mut Random) -> String {
    // Some so long that they are parsed in several chunks.
    let most = if random.below(4) == 0 { 200 } else { 8 };
    let mut text: String = (0..1 + random.below(most)).map(|_| random.of(LINES)).collect();
    if random.below(6) == 0 {
        text = ["# escape=`\n", &text.replace('\\', "`")].concat();
    }
    if random.below(6) == 0 {
        text = text.replace('\n', "\r\n");
    }
    if random.below(12) == 0 {
        text.insert(0, '\u{feff}');
    }
    text
}

fn random_edit(random: &mut Random, text: &str) -> Edit {
    let boundary = |offset: usize| (0..=offset).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let start = boundary(random.below(text.len() + 1));
    let removed = [0, 0, 0, 1, 1, 2, 5, 20][random.below(8)];
    let end = boundary((start + removed).min(text.len())).max(start);
    let with = if removed > 0 && random.below(2) == 0 { "" } else { random.of(TYPED) };
    Edit { range: start..end, with: with.to_owned() }
}

fn applied(text: &str, edit: &Edit) -> String {
    [&text[..edit.range.start], &edit.with, &text[edit.range.end..]].concat()
}

/// Says how the edited document differs from one opened with the same text, or its trees from that of the whole text.
fn difference(edited: &Document) -> Option<String> {
    let text = edited.text().to_string();
    let fresh = Document::open(&text, 0);
    let (ours, theirs) = match (nodes(edited.syntax()), whole(&text)) {
        (Ok(ours), Ok(theirs)) => (ours, theirs),
        (Err(node), _) | (_, Err(node)) => return Some(node),
    };
    if let Some((ours, theirs)) = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs) {
        return Some(format!("the node {ours:?} should be {theirs:?}"));
    }
    let (ours, theirs) = (edited.syntax(), fresh.syntax());
    let instructions = |doc: &Document| -> Vec<_> {
        let placed = doc.syntax().instructions().iter();
        placed.map(|placed| (placed.start, placed.instruction.clone())).collect()
    };
    let differs = [
        ("instructions", instructions(edited) != instructions(&fresh)),
        ("comments", ours.comments() != theirs.comments()),
        ("directives", ours.directives() != theirs.directives()),
        ("escape character", ours.escape() != theirs.escape()),
        ("number of nodes", nodes(ours) != whole(&text)),
        ("trees of a fresh text", nodes(theirs) != whole(&text)),
    ];
    differs.iter().find(|(_, differs)| *differs).map(|(what, _)| format!("different {what}"))
}

/// The same for one edit of a text.
fn difference_after(text: &str, edit: &Edit) -> Option<String> {
    let doc = Document::open(text, 0);
    let mut draft = doc.draft();
    draft.replace(edit.range.clone(), &edit.with);
    difference(&draft.finish(1))
}

/// Leaves characters of `text` out as long as the edit still makes a difference.
fn shrunk(mut text: String, mut edit: Edit) -> (String, Edit) {
    let mut at = text.len();
    while at > 0 {
        at -= 1;
        if !text.is_char_boundary(at) {
            continue;
        }
        let mut smaller = text.clone();
        let gone = smaller.remove(at).len_utf8();
        let back = |offset: usize| if offset > at { offset - gone.min(offset - at) } else { offset };
        let moved = Edit { range: back(edit.range.start)..back(edit.range.end), with: edit.with.clone() };
        if difference_after(&smaller, &moved).is_some() {
            (text, edit) = (smaller, moved);
            at = at.min(text.len());
        }
    }
    (text, edit)
}

#[test]
fn an_edited_text_reads_like_a_fresh_one() {
    // A longer run: `GRAMMAR_EDITS=1000000 GRAMMAR_SEED=7 cargo test --release --test grammar`.
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let edits = number("GRAMMAR_EDITS").unwrap_or(EDITS);
    let mut random = Random(number("GRAMMAR_SEED").unwrap_or(0x9E37_79B9_7F4A_7C15));
    let mut wrong = Vec::new();
    for _ in 0..edits / EDITS_PER_TEXT {
        let mut text = random_text(&mut random);
        let mut doc = Document::open(&text, 0);
        for _ in 0..EDITS_PER_TEXT {
            let before = text.clone();
            let mut draft = doc.draft();
            let mut last = Edit { range: 0..0, with: String::new() };
            // Several edits before one reparse, as in one notification of a client.
            let several = if random.below(4) == 0 { 3 } else { 1 };
            for _ in 0..several {
                last = random_edit(&mut random, &text);
                draft.replace(last.range.clone(), &last.with);
                text = applied(&text, &last);
            }
            let edited = draft.finish(1);
            if let Some(difference) = difference(&edited) {
                // One edit of a freshly opened text is easier to read, where that is enough.
                let report = match several == 1 && difference_after(&before, &last).is_some() {
                    true => {
                        let (text, edit) = shrunk(before, last);
                        let why = difference_after(&text, &edit).unwrap_or_default();
                        format!("{text:?} with {:?} at {:?}: {why}", edit.with, edit.range)
                    }
                    false => format!("{before:?} → {text:?}: {difference}"),
                };
                wrong.push(report);
                break;
            }
            doc = edited;
        }
        if wrong.len() == 20 {
            break;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
