//! Names of stages and build contexts, wherever one can stand.

use std::{collections::HashSet, ops::Range};

use super::{Completion, CompletionKind, Documentation, is_subsequence};
use crate::{
    document::Document,
    outside::titles,
    stages::{Found, Lookup, Reference, Stage, Stages, names::is_reserved_name},
    syntax::{Arguments, Instruction, Keyword, Placed, Word},
};

/// The stages and build contexts that can stand at `offset`, best first; `None` where none can.
pub(super) fn completion(doc: &Document, offset: usize) -> Option<Vec<Completion>> {
    let slot = Slot::find(doc, offset)?;
    let stages = doc.stages();
    let typed = doc.text().slice(slot.word.start..offset).to_lowercase();
    // The nearest stage is the likeliest to be meant, and one that nothing uses yet is likelier still.
    let mut likely: Vec<&Stage> = stages.all()[..slot.below].iter().rev().collect();
    let is_here = |reference: &Reference| reference.range.start <= offset && offset <= reference.range.end;
    let elsewhere = stages.references().iter().filter(|reference| !is_here(reference));
    let used: HashSet<usize> = elsewhere.filter_map(Reference::target).collect();
    likely.sort_by_key(|stage| used.contains(&stage.index));
    let mut found: Vec<(bool, Completion)> = likely
        .into_iter()
        .filter_map(|stage| {
            let text = slot.spelling(stages, stage)?;
            let label = text.to_lowercase();
            is_subsequence(&typed, &label)
                .then(|| (label.starts_with(&typed), slot.completion(doc, stage, text, offset)))
        })
        .collect();
    found.extend(slot.contexts(doc, offset).into_iter().filter_map(|context| {
        let starts = context.label.starts_with(&typed);
        is_subsequence(&typed, &context.label).then_some((starts, context))
    }));
    found.sort_by_key(|(starts, _)| !starts);
    Some(found.into_iter().map(|(_, completion)| completion).collect())
}

/// A place where a stage name can stand.
struct Slot {
    lookup: Lookup,
    /// Only stages with an index below this may stand there.
    below: usize,
    /// The word that is there, perhaps empty, in bytes.
    word: Range<usize>,
}

impl Slot {
    fn find(doc: &Document, offset: usize) -> Option<Slot> {
        let index = doc.instruction_on_line_of(offset)?;
        let placed = &doc.syntax().instructions()[index];
        let stage = doc.stages().of_instruction(index)?;
        let instruction = placed.instruction.effective();
        // What an ONBUILD names must stand above the stage that builds on this one, which may be any below.
        let below =
            if placed.instruction.keyword == Keyword::Onbuild { stage.index + 1 } else { stage.index };
        let touches = |word: &Word| {
            let range = placed.at(word.range());
            range.start <= offset && offset <= range.end
        };
        let slot = |lookup, below, word: &Word| Some(Slot { lookup, below, word: placed.at(word.range()) });
        match instruction.keyword {
            Keyword::From => from_slot(doc, placed, stage, offset),
            Keyword::Copy => {
                let mut values = instruction.flags.iter().filter(|flag| flag.name.text() == "from");
                let value = values.find_map(|flag| flag.value.as_ref().filter(|value| touches(value)))?;
                slot(Lookup::Copy, below, value)
            }
            Keyword::Run => {
                let options = instruction.flags.iter().flat_map(|flag| &flag.mount);
                let mut from = options.filter(|option| option.key.text().eq_ignore_ascii_case("from"));
                match from.find_map(|option| option.value.as_ref().filter(|value| touches(value))) {
                    Some(value) => slot(Lookup::Mount, below, value),
                    None => target_slot(doc, placed, instruction, offset),
                }
            }
            _ => None,
        }
    }

    /// How a stage is written here, or `None` if it can't be: it has no name, or its name means another stage.
    fn spelling(&self, stages: &Stages, stage: &Stage) -> Option<String> {
        let text = match (&stage.name, self.lookup) {
            (Some(name), Lookup::From(_)) => name.text.to_lowercase(),
            (Some(name), _) => name.text.clone(),
            (None, Lookup::Copy) => stage.index.to_string(),
            (None, _) => return None,
        };
        (stages.names().look_up(self.lookup, &text) == Found::Stage(stage.index)).then_some(text)
    }

    /// The build contexts that can be named here and are no stages.
    fn contexts(&self, doc: &Document, offset: usize) -> Vec<Completion> {
        if self.lookup == Lookup::Target {
            return Vec::new();
        }
        let names = doc.stages().names();
        let mut contexts: Vec<&str> = doc.outside().context_names().into_iter().collect();
        contexts.retain(|name| names.with_name(name).is_empty() && !is_reserved_name(name));
        contexts.sort_unstable();
        let completion = |name: &str| {
            let detail = format!("build context of {}", titles(doc.outside().with_context(name)));
            Completion::new(name, CompletionKind::Context, &self.word, offset).detail(detail)
        };
        contexts.into_iter().map(completion).collect()
    }

    fn completion(&self, doc: &Document, stage: &Stage, text: String, offset: usize) -> Completion {
        let base = doc.base_text(stage.index);
        Completion {
            detail: base.as_ref().map(|base| format!("FROM {base}")),
            documentation: doc.description(stage.index).map_or(Documentation::Nothing, Documentation::Text),
            ..Completion::new(text, CompletionKind::Stage, &self.word, offset)
        }
    }
}

/// The base of a FROM, also while there is none.
fn from_slot(doc: &Document, placed: &Placed, stage: &Stage, offset: usize) -> Option<Slot> {
    let Arguments::From(from) = &placed.instruction.arguments else { return None };
    let word = match &from.base {
        Some(base) if placed.at(base.range()).start <= offset => placed.at(base.range()),
        // Behind the keyword and the flags, a blank between.
        _ => {
            let before = doc.text().slice(placed.start..offset);
            before.ends_with([' ', '\t', '\n']).then_some(offset..offset)?
        }
    };
    let plain = !doc.text().slice(word.clone()).contains(['$', ':', '/', '@']);
    let here = word.start <= offset && offset <= word.end && plain;
    here.then_some(Slot { lookup: Lookup::From(stage.index), below: stage.index, word })
}

/// The value of `--target` in a build command inside a RUN.
fn target_slot(doc: &Document, placed: &Placed, instruction: &Instruction, offset: usize) -> Option<Slot> {
    let inside = offset.checked_sub(placed.start)?;
    let heredoc = instruction
        .heredocs
        .iter()
        .find(|heredoc| heredoc.body.start <= inside && inside <= heredoc.body.end);
    let range = match heredoc {
        Some(heredoc) => {
            let body = doc.text().slice(placed.at(heredoc.body.clone()));
            let word = Word::plain(&body, heredoc.body.start);
            target_value(word.text(), word.text_offset(inside)).map(|range| word.source(range))?
        }
        None => match &instruction.arguments {
            Arguments::Text(word) if word.range().start <= inside && inside <= word.range().end => {
                target_value(word.text(), word.text_offset(inside)).map(|range| word.source(range))?
            }
            _ => return None,
        },
    };
    let word = placed.at(range);
    Some(Slot { lookup: Lookup::Target, below: doc.stages().all().len(), word })
}

/// The word behind `--target` that touches `offset`, if the command it belongs to is one that builds images.
fn target_value(text: &str, offset: usize) -> Option<Range<usize>> {
    let before = &text[..offset];
    let command = before.rfind([';', '&', '|', '\n', '(']).map_or(0, |at| at + 1);
    let is_separator = |c: char| c.is_whitespace() || c == '=';
    let separator = before.char_indices().rfind(|&(_, c)| is_separator(c));
    let start = separator.map_or(command, |(at, c)| at + c.len_utf8()).max(command);
    let separator = before[..start].chars().next_back()?;
    let flag = before[command..start].trim_end_matches(separator).split_whitespace().next_back()?;
    if flag != "--target" {
        return None;
    }
    let words: Vec<&str> = before[command..start].split_whitespace().collect();
    let builds =
        words.iter().any(|word| matches!(*word, "docker" | "podman" | "nerdctl" | "buildah" | "buildx"))
            && words.iter().any(|word| matches!(*word, "build" | "b" | "bud" | "bake"));
    let end = offset
        + text[offset..]
            .find(|c: char| c.is_whitespace() || ";&|)".contains(c))
            .unwrap_or(text.len() - offset);
    builds.then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::super::{Alone, Completion, CompletionKind, Documentation, completion};
    use crate::fixture::{Fixture, apply, user};
    use crate::text::Edit;
    use std::ops::Range;

    fn labels(text: &str) -> Vec<String> {
        let fixture = Fixture::new(text);
        only(completion(&fixture.doc, fixture.cursor, &Alone))
    }

    /// Other things stand there too.
    fn only(mut items: Vec<Completion>) -> Vec<String> {
        items.retain(|item| matches!(item.kind, CompletionKind::Stage | CompletionKind::Context));
        items.into_iter().map(|item| item.label).collect()
    }

    #[test]
    fn build_contexts_of_other_files_are_offered_below_the_stages() {
        let users = || [user("bake target `x`").context("tools-src").context("run").context("context")];
        let labels = |line: &str| -> Vec<String> {
            let fixture =
                Fixture::new(&format!("FROM a AS tools\nFROM b AS run\n{line}")).with_users(users());
            only(completion(&fixture.doc, fixture.cursor, &Alone))
        };
        assert_eq!(labels("COPY --from=to$0 /a /a\n"), ["tools", "tools-src"]);
        assert_eq!(labels("FROM $0\n"), ["run", "tools", "tools-src"]);
        assert_eq!(labels("RUN docker build --target t$0 .\n"), ["tools"]);
    }

    const STAGES: &str = "FROM golang AS Builder\nFROM alpine\nFROM alpine AS tools\nFROM alpine AS run\n";

    fn check(line: &str, expected: &[&str]) {
        assert_eq!(labels(&format!("{STAGES}{line}")), expected, "{line}");
        // The same with text behind it, and before stages that may not stand there.
        assert_eq!(
            labels(&format!("{STAGES}{line}\nRUN x\nFROM b AS later\n")),
            expected,
            "{line}, in the middle"
        );
    }

    #[test]
    fn copy_takes_stages_above_the_nearest_first_and_numbers_for_unnamed_ones() {
        for line in [
            "COPY --from=$0",
            "COPY --from=$0 /a /b",
            "COPY --link --from=$0 --chown=1:1 /a /b",
            "COPY --link \\\n  --from=$0 \\\n  /a /b",
            "COPY --from=\"$0\" /a",
            "copy --from=$0",
        ] {
            check(line, &["tools", "1", "Builder"]);
        }
        check("COPY --from=bui$0 /a /b", &["Builder"]);
        check("COPY --from=T$0x /a /b", &["tools"]);
        check("ONBUILD COPY --from=$0 /a", &["run", "tools", "1", "Builder"]);
    }

    #[test]
    fn what_nothing_uses_yet_comes_first() {
        let text = "FROM a AS one\nFROM b AS two\nFROM c AS three\nFROM d\nCOPY --from=three /x /x\nCOPY --from=$0 /y\n";
        assert_eq!(labels(text), ["two", "one", "three"]);
        assert_eq!(labels("FROM a AS one\nFROM b AS two\nFROM d\nCOPY --from=two$0 /y\n"), ["two"]);
    }

    #[test]
    fn mounts_take_names_only() {
        check("RUN --mount=type=bind,from=$0", &["tools", "Builder"]);
        check("RUN --mount=from=$0,target=/x --network=none true", &["tools", "Builder"]);
        check("RUN --mount=type=cache,target=/x \\\n --mount=type=bind,from=to$0,target=/y true", &["tools"]);
    }

    #[test]
    fn from_takes_names_in_lower_case() {
        check("FROM $0", &["run", "tools", "builder"]);
        check("FROM bui$0", &["builder"]);
        check("FROM --platform=$BUILDPLATFORM $0", &["run", "tools", "builder"]);
        check("FROM $0 AS x", &["run", "tools", "builder"]);
        check("FROM b$0x AS x", &["builder"]);
    }

    #[test]
    fn a_build_command_takes_every_name() {
        let every = ["later", "run", "tools", "Builder"];
        for line in ["RUN docker build --target $0 .", "RUN <<EOF\nset -e\ndocker build --target $0\nEOF"] {
            assert_eq!(labels(&format!("{STAGES}{line}\nFROM b AS later\n")), every, "{line}");
        }
        check("RUN cd x && docker buildx build -t y --target=to$0 . && z", &["tools"]);
        check("RUN cargo build --target $0", &[]);
        check("RUN docker build . && cargo build --target $0", &[]);
    }

    #[test]
    fn nothing_where_no_stage_can_stand() {
        for line in [
            "$0",
            "COPY $0",
            "COPY /a --from=$0 /b",
            "RUN $0",
            "FROM$0",
            "FROM a $0",
            "FROM a:$0",
            "# COPY --from=$0",
            "ADD --from=$0",
            "RUN <<EOF\nCOPY --from=$0\nEOF",
            "RUN a\u{a0}$0b",
        ] {
            check(line, &[]);
        }
    }

    #[test]
    fn a_name_that_means_another_stage_is_not_offered() {
        assert_eq!(labels("FROM a AS d\nFROM b AS x\nCOPY --from=$0\nFROM c AS d\n"), [""; 0]);
        assert_eq!(labels("FROM a AS d\nFROM b AS x\nFROM $0\nFROM c AS d\n"), ["x", "d"]);
    }

    #[test]
    fn accepting_replaces_the_word_or_keeps_what_stands_behind_the_cursor() {
        let fixture = Fixture::new("FROM a AS builder\nFROM b\nCOPY --from=bui$0xx /a /b\n");
        let item = &completion(&fixture.doc, fixture.cursor, &Alone)[0];
        let text = fixture.doc.text().to_string();
        let accept =
            |range: &Range<usize>| apply(&text, &[Edit { range: range.clone(), text: item.text.clone() }]);
        assert!(accept(&item.replace).ends_with("COPY --from=builder /a /b\n"));
        assert!(accept(&item.insert).ends_with("COPY --from=builderxx /a /b\n"));
    }

    #[test]
    fn an_item_tells_the_base_and_the_description() {
        let fixture =
            Fixture::new("# builder compiles it all\nFROM golang:1.22 AS builder\nFROM b\nCOPY --from=$0\n");
        let item = &completion(&fixture.doc, fixture.cursor, &Alone)[0];
        assert_eq!(item.detail.as_deref(), Some("FROM golang:1.22"));
        assert_eq!(item.documentation, Documentation::Text("compiles it all".into()));
    }
}
