//! Selections that grow: from what is under the cursor to the word, the arguments, the instruction, the stage, the file.

use std::ops::Range;

use tree_sitter::TreeCursor;

use crate::{
    document::Document,
    syntax::{Arguments, Instruction, Placed, Word},
};

/// Most steps of one chain. Only what nobody writes by hand is nested deeper.
const STEPS: usize = 48;

/// What can be selected around `offset` (bytes), from inner to outer: each range holds the one before, and more. The last is the
/// whole file.
pub fn selection(doc: &Document, offset: usize) -> Vec<Range<usize>> {
    let text = doc.text();
    let offset = text.floor_char_boundary(offset);
    let mut found = Vec::new();
    // Behind the last letter of a word, it is the word that people mean.
    let is_blank = |range: Range<usize>| text.slice(range).chars().all(char::is_whitespace);
    let line = text.line_range(text.line_of(offset));
    let before = text.floor_char_boundary(offset.saturating_sub(1));
    let behind = text.floor_char_boundary((offset + 4).min(text.len())).min(line.end);
    let next = text.slice(offset.min(behind)..behind).chars().next();
    let is_behind_word =
        next.is_none_or(char::is_whitespace) && line.start < offset && !is_blank(before..offset);
    let at = if is_behind_word { before } else { offset };

    nodes(doc, at, &mut found);
    if let Some(index) = doc.syntax().instruction_at(offset) {
        instruction(doc, &doc.syntax().instructions()[index], offset, at, &mut found);
    }
    comments(doc, offset, at, &mut found);
    let stages = doc.stages().all();
    let stage = stages.partition_point(|stage| stage.range.start <= offset).checked_sub(1);
    found.extend(stage.map(|stage| stages[stage].range.clone()));
    found.extend(doc.syntax().directives().iter().map(|directive| directive.range.clone()));

    let whole = 0..text.len();
    // No client can select one half of a line's end: that would be the same selection twice.
    let byte = |at: usize| text.chunk_from(at).first().copied();
    let is_half = |end: usize| byte(end) == Some(b'\n') && end > 0 && byte(end - 1) == Some(b'\r');
    for range in &mut found {
        range.end -= usize::from(range.end > range.start && is_half(range.end));
    }
    found.retain(|range| {
        range.start <= offset && offset <= range.end && !range.is_empty() && range.end <= whole.end
    });
    found.sort_by_key(Range::len);
    let mut chain: Vec<Range<usize>> = Vec::new();
    for range in found {
        let holds = |inner: &Range<usize>| {
            range.start <= inner.start && inner.end <= range.end && inner.len() < range.len()
        };
        if range != whole && chain.last().is_none_or(holds) {
            chain.push(range);
        }
    }
    // The outermost steps are those that everybody takes.
    chain.drain(..chain.len().saturating_sub(STEPS));
    chain.push(whole);
    chain
}

/// The nodes of the tree that hold the character at `at`.
fn nodes(doc: &Document, at: usize, found: &mut Vec<Range<usize>>) {
    let Some((start, len, tree)) = doc.syntax().trees().find(|(start, len, _)| at < start + len) else {
        return;
    };
    let inside = at - start;
    let mut cursor = tree.walk();
    while let Some(child) = child_at(&mut cursor, inside) {
        // What a tree has behind its part belongs to the next one.
        if child.start < len {
            let is_mark = child.len() == 1 && !cursor.node().is_named();
            if !is_mark {
                found.push(trimmed(doc, start + child.start..start + child.end.min(len)));
            }
            // Without the mark that it starts with.
            if matches!(cursor.node().kind(), "image_tag" | "image_digest") {
                found.push(start + child.start + 1..start + child.end.min(len));
            }
        }
    }
}

/// Moves to the child that holds the byte at `inside` (bytes of the tree's text).
fn child_at(cursor: &mut TreeCursor<'_>, inside: usize) -> Option<Range<usize>> {
    cursor.goto_first_child_for_byte(inside)?;
    let range = cursor.node().byte_range();
    range.contains(&inside).then_some(range)
}

/// What the tree does not have as one node: all arguments, lines of heredocs, commands of a shell and their words.
fn instruction(doc: &Document, placed: &Placed, offset: usize, at: usize, found: &mut Vec<Range<usize>>) {
    let text = doc.text();
    let effective = placed.instruction.effective();
    found.push(placed.range());
    let head = trimmed(doc, placed.start..placed.start + placed.instruction.head());
    for keyword in [&placed.instruction.word, &effective.word] {
        let rest = trimmed(doc, placed.at(keyword.range()).end.min(head.end)..head.end);
        found.push(rest);
    }
    if let Some(arguments) = arguments(effective) {
        found.push(placed.at(arguments));
    }
    found.extend(effective.flags.iter().map(|flag| placed.at(flag.range.clone())));
    let line = trimmed(doc, text.line_range(text.line_of(offset)));
    for heredoc in &effective.heredocs {
        let body = placed.at(heredoc.body.clone());
        if body.contains(&at) {
            found.extend([line.clone(), trimmed(doc, body.clone()), word(doc, at)]);
        }
        found.push(body.start..placed.at(heredoc.end.clone().unwrap_or(heredoc.body.clone())).end);
        found.push(body);
    }
    if let Arguments::Text(shell) = &effective.arguments
        && placed.at(shell.range()).contains(&at)
    {
        found.push(word(doc, at));
    }
    for ran in placed.scripts(text) {
        for command in &ran.script.commands {
            let range = placed.at(ran.source(command.range.clone()));
            if range.start <= offset && offset <= range.end {
                let words = command.words.iter().map(|word| placed.at(ran.source(word.range.clone())));
                found.extend(words);
                found.push(range);
            }
        }
    }
}

/// From the first to the last argument, flags left out.
fn arguments(instruction: &Instruction) -> Option<Range<usize>> {
    let between = |first: Range<usize>, last: Range<usize>| first.start..last.end;
    match &instruction.arguments {
        Arguments::From(from) => {
            let start = from.base.as_ref()?.range();
            let last = from.unexpected.last().or(from.name.as_ref()).map_or(start.clone(), Word::range);
            Some(between(start, last))
        }
        Arguments::Words { words, json: false } => {
            Some(between(words.first()?.range(), words.last()?.range()))
        }
        Arguments::Pairs(pairs) => Some(between(pairs.first()?.range.clone(), pairs.last()?.range.clone())),
        Arguments::Text(text) => Some(text.range()),
        // The tree has a node for the array, and for the inner instruction.
        Arguments::Words { .. } | Arguments::Onbuild(_) | Arguments::Nothing => None,
    }
}

/// The word in a comment, and the block of comment lines around.
fn comments(doc: &Document, offset: usize, at: usize, found: &mut Vec<Range<usize>>) {
    let comments = doc.syntax().comments();
    let Some(index) = comments.partition_point(|comment| comment.start <= offset).checked_sub(1) else {
        return;
    };
    if comments[index].end < offset {
        return;
    }
    found.extend([word(doc, at), comments[index].clone()]);
    let text = doc.text();
    let touch = |above: &Range<usize>, below: &Range<usize>| {
        text.line_of(above.start) + 1 == text.line_of(below.start)
    };
    let (mut first, mut last) = (index, index);
    while first > 0 && touch(&comments[first - 1], &comments[first]) {
        first -= 1;
    }
    while last + 1 < comments.len() && touch(&comments[last], &comments[last + 1]) {
        last += 1;
    }
    found.push(comments[first].start..comments[last].end);
}

/// What stands between blanks around the character at `at`, on its line.
fn word(doc: &Document, at: usize) -> Range<usize> {
    let line = doc.text().line_range(doc.text().line_of(at));
    let text = doc.text().slice(line.clone());
    let inside = (at - line.start).min(text.len());
    let start = text[..inside]
        .rfind(char::is_whitespace)
        .map_or(0, |blank| blank + text[blank..].chars().next().map_or(0, char::len_utf8));
    let end = text[inside..].find(char::is_whitespace).map_or(text.len(), |blank| inside + blank);
    line.start + start..line.start + end
}

/// A range without the blanks around it.
fn trimmed(doc: &Document, range: Range<usize>) -> Range<usize> {
    let text = doc.text().slice(range.clone());
    let start = range.start + (text.len() - text.trim_start().len());
    start..start + text.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    /// `expected`: the selected texts from inner to outer, without the file.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let fixture = Fixture::new(text);
        let chain = selection(&fixture.doc, fixture.cursor);
        let shown: Vec<_> = chain.iter().map(|range| fixture.doc.text().slice(range.clone())).collect();
        assert_eq!(shown[..shown.len() - 1], *expected);
        assert_eq!(chain[chain.len() - 1], 0..fixture.doc.text().len());
    }

    #[test]
    fn a_tag_grows_to_its_image_its_instruction_and_its_stage() {
        check(
            "
            FROM --platform=linux/amd64 golang:$GO$0_VERSION-alpine AS build
            RUN a
            FROM b
            ",
            &[
                "GO_VERSION",
                "$GO_VERSION",
                "$GO_VERSION-alpine",
                ":$GO_VERSION-alpine",
                "golang:$GO_VERSION-alpine",
                "golang:$GO_VERSION-alpine AS build",
                "--platform=linux/amd64 golang:$GO_VERSION-alpine AS build",
                "FROM --platform=linux/amd64 golang:$GO_VERSION-alpine AS build",
                "FROM --platform=linux/amd64 golang:$GO_VERSION-alpine AS build\nRUN a",
            ],
        );
    }

    #[test]
    fn the_value_of_a_mount_grows_to_its_option_and_its_flag() {
        check(
            "
            FROM a
            RUN --mount=type=bind,from=bui$0ld,target=/x make
            ",
            &[
                "build",
                "from=build",
                "--mount=type=bind,from=build,target=/x",
                "--mount=type=bind,from=build,target=/x make",
                "RUN --mount=type=bind,from=build,target=/x make",
                "FROM a\nRUN --mount=type=bind,from=build,target=/x make",
            ],
        );
    }

    #[test]
    fn a_word_of_a_shell_grows_to_its_command_its_line_and_all_of_it() {
        check(
            "
            FROM a
            RUN x 'y z' && \\
              apk add cu$0rl && w
            ",
            &[
                "curl",
                "apk add curl",
                "apk add curl && w",
                "x 'y z' && \\\n  apk add curl && w",
                "RUN x 'y z' && \\\n  apk add curl && w",
                "FROM a\nRUN x 'y z' && \\\n  apk add curl && w",
            ],
        );
    }

    #[test]
    fn a_line_of_a_heredoc_grows_to_the_heredoc() {
        check(
            "
            FROM a
            COPY <<EOF /x
              b $0c
            d
            EOF
            ",
            &[
                "c",
                "b c",
                "b c\nd",
                "  b c\nd\n",
                "  b c\nd\nEOF",
                "COPY <<EOF /x\n  b c\nd\nEOF",
                "FROM a\nCOPY <<EOF /x\n  b c\nd\nEOF",
            ],
        );
    }

    #[test]
    fn a_comment_grows_to_its_line_and_to_the_lines_around() {
        check("# a b$0\n# c\n\n# d\nFROM x\n", &["b", "# a b", "# a b\n# c"]);
        check(
            "FROM x\nRUN a \\\n  # b$0\n  c\n",
            &["b", "# b", "a \\\n  # b\n  c", "RUN a \\\n  # b\n  c", "FROM x\nRUN a \\\n  # b\n  c"],
        );
    }

    #[test]
    fn an_instruction_in_an_onbuild_is_a_step() {
        check(
            "FROM x\nONBUILD COPY --from=a b c$0\n",
            &[
                "c",
                "b c",
                "--from=a b c",
                "COPY --from=a b c",
                "ONBUILD COPY --from=a b c",
                "FROM x\nONBUILD COPY --from=a b c",
            ],
        );
    }

    #[test]
    fn half_a_line_end_is_no_step() {
        let doc = Document::open("# a\r\nFROM a\r\nRUN b \\\r\n  c\r\n", 0);
        for offset in 0..doc.text().len() {
            let chain = selection(&doc, offset);
            assert!(chain.iter().all(|range| !doc.text().slice(0..range.end).ends_with('\r')), "{chain:?}");
        }
    }

    #[test]
    fn there_is_always_the_file() {
        for text in ["", "\u{feff}", "\n\n", "é", "FROM", "# escape=`\n\rFROM a\r\nRUN é`\r\n b"] {
            let doc = Document::open(text, 0);
            for offset in 0..=text.len() + 1 {
                let chain = selection(&doc, offset);
                assert_eq!(chain.last(), Some(&(0..text.len())), "{text:?} {offset}");
            }
        }
    }
}
