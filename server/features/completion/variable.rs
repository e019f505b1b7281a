//! Names of variables: after `$` and `${`, and the names that an ARG in a stage can declare.

use std::{collections::HashSet, ops::Range};

use super::{Completion, CompletionKind, Documentation, probe::LETTER};
use crate::{
    document::Document,
    language::arguments,
    stages::globals,
    syntax::{Keyword, variables::Reader},
    variables::{Declaration, DeclarationKind, Mode, Use, well_known},
};

/// What can stand at `offset` where the name of a variable stands, or may; `None` at any other place.
pub(super) fn completion(doc: &Document, offset: usize) -> Option<Vec<Completion>> {
    let line = doc.text().line_range(doc.text().line_of(offset));
    let before = doc.text().slice(line.start..offset);
    let typed = before.trim_end_matches(is_part);
    if typed.ends_with('$')
        || ["${", "${#", "${!"].iter().any(|start| typed.ends_with(start))
        || is_powershell(typed)
    {
        return read(doc, offset);
    }
    declare(doc, offset, &before)
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn is_powershell(before: &str) -> bool {
    before.len() >= 5
        && before.is_char_boundary(before.len() - 5)
        && before[before.len() - 5..].eq_ignore_ascii_case("$env:")
}

/// Behind a `$`. Whether a name there is read, and by whom, tells the text with one more letter: quotes, escapes, heredocs and
/// half-typed braces are then as they will be.
fn read(doc: &Document, offset: usize) -> Option<Vec<Completion>> {
    let mut draft = doc.draft();
    draft.replace(offset..offset, LETTER);
    let probed = draft.finish(doc.version());
    let uses = probed.variables().uses();
    let index = uses.partition_point(|used| used.range.start <= offset).checked_sub(1)?;
    let used = uses.get(index).filter(|used| offset < used.range.end)?;
    let name = used.range.start..used.range.end - LETTER.len();
    // A name over two lines is completed by nobody.
    let text = doc.text();
    if text.line_of(name.start) != text.line_of(name.end) {
        return None;
    }
    let rest = text.slice(name.end..text.line_range(text.line_of(name.end)).end);
    let is_open = text.slice(text.line_range(text.line_of(offset)).start..name.start).ends_with("${")
        && !rest.starts_with(['}', ':', '-', '+', '?', '#', '%', '/', '=', '^', ',', '[', '@']);
    let place = Place { doc, name, offset, closing: if is_open { "}" } else { "" } };
    let mut found = place.visible(used);
    if used.stage.is_none() {
        let seen: HashSet<String> = found.iter().map(|completion| completion.label.clone()).collect();
        let platform = globals::predefined().filter(|name| !seen.contains(*name));
        found.extend(platform.map(|name| place.platform(name)));
    }
    if let Some(stage) = used.stage {
        let known = |name: &str| found.iter().any(|item| item.label == name);
        let of_base: Vec<Completion> = of_base(doc, stage)
            .into_iter()
            .filter(|(name, _)| !known(name))
            .map(|it| place.of_base(it))
            .collect();
        found.extend(of_base);
    }
    if matches!(used.reader, Reader::Build(_)) {
        let declared = |name: &str| found.iter().any(|item| item.label == name);
        let proxies = arguments::PROXY_ARGS.iter().filter(|name| !declared(name));
        let proxies: Vec<Completion> = proxies.map(|name| place.proxy(name)).collect();
        found.extend(proxies);
    }
    Some(place.fitting(found))
}

/// The variables that a stage has from its image, with where from. There is always a `PATH` (dockerfile2llb/convert.go,
/// `dispatchFrom` and `system.DefaultPathEnv`).
fn of_base(doc: &Document, stage: usize) -> Vec<(String, String)> {
    let image = doc.flow().stage(stage).image();
    let detail =
        image.map_or_else(|| "set by BuildKit".to_owned(), |facts| format!("Of {}", facts.repository));
    let names = image.map_or(&[][..], |facts| &facts.env);
    std::iter::once("PATH")
        .chain(names.iter().map(String::as_str))
        .map(|name| (name.to_owned(), detail.clone()))
        .collect()
}

/// Behind `ARG `: in a stage, what it can ask for.
fn declare(doc: &Document, offset: usize, before: &str) -> Option<Vec<Completion>> {
    let index = doc.instruction_on_line_of(offset)?;
    let placed = &doc.syntax().instructions()[index];
    let instruction = placed.instruction.effective();
    let stage = doc.stages().of_instruction(index)?;
    if instruction.keyword != Keyword::Arg || offset <= placed.at(instruction.word.range()).end {
        return None;
    }
    let start = offset - (before.len() - before.trim_end_matches(is_part).len());
    let pair = instruction.pairs().iter().find(|pair| {
        let range = placed.at(pair.range.clone());
        range.start <= offset && offset <= range.end
    });
    let end = match pair.map(|pair| placed.at(pair.name.range())) {
        Some(name) if name.start == start && offset <= name.end => name.end,
        None if start == offset => offset,
        _ => return None,
    };
    let variables = doc.variables();
    // An ARG that is there already, below too; the one at the cursor is not there yet.
    let is_own = |it: &&Declaration| {
        it.kind == DeclarationKind::Arg && it.stage == Some(stage.index) && it.range.start != start
    };
    let mut seen: HashSet<&str> =
        variables.declarations().iter().filter(is_own).map(|it| &*it.name).collect();
    let place = Place { doc, name: start..end, offset, closing: "" };
    let globals = variables.visible(doc.stages(), None, doc.stages().all()[0].range.start);
    let mut found = Vec::new();
    for index in globals {
        let name = &*variables.declarations()[index].name;
        if seen.insert(name) {
            found.push(place.declared(index));
        }
    }
    let platform = globals::predefined().filter(|name| seen.insert(name));
    found.extend(platform.map(|name| place.platform(name)));
    Some(place.fitting(found))
}

/// Where the name goes.
struct Place<'a> {
    doc: &'a Document,
    /// What stands there of a name, in bytes.
    name: Range<usize>,
    offset: usize,
    /// What has to follow the name.
    closing: &'static str,
}

impl Place<'_> {
    /// The variables that a use at this place can read, the nearest first.
    fn visible(&self, used: &Use) -> Vec<Completion> {
        let variables = self.doc.variables();
        let is_container = matches!(used.reader, Reader::Container(_));
        let placed = &self.doc.syntax().instructions().get(used.instruction);
        let start = placed.map_or(self.name.start, |placed| placed.start);
        // The pairs of an ARG are read one after the other, all of an ENV at once; a container sees what the stage ends with.
        let own = variables.declarations().iter().rev();
        let mut own =
            own.skip_while(|it| it.range.start > self.name.start).take_while(|it| it.range.start >= start);
        let end = match own.next() {
            _ if is_container => usize::MAX,
            Some(own) if own.kind == DeclarationKind::Arg => own.range.start,
            _ => start,
        };
        let found = variables.visible(self.doc.stages(), used.stage, end).into_iter();
        let is_there =
            |&index: &usize| !is_container || variables.declarations()[index].kind == DeclarationKind::Env;
        found.filter(is_there).map(|index| self.declared(index)).collect()
    }

    fn of_base(&self, (name, detail): (String, String)) -> Completion {
        self.item(&name, detail, None)
    }

    /// A variable that the file declares.
    fn declared(&self, index: usize) -> Completion {
        let declaration = &self.doc.variables().declarations()[index];
        let keyword = if declaration.kind == DeclarationKind::Arg { "ARG" } else { "ENV" };
        let value = self.doc.value_of_declaration(index, Mode::Defaults).map(|value| value.pattern());
        let value = value.map(|value| format!(" {}", short(&value))).unwrap_or_default();
        let stage = declaration.stage.map(|stage| self.doc.stages().all()[stage].title());
        let origin = stage.unwrap_or_else(|| "global".into());
        let again = self.doc.variables().redeclared(declaration);
        let mut described = std::iter::once(&index).chain(again.iter().rev());
        self.item(
            &declaration.name,
            format!("{keyword}{value} · {origin}"),
            described.find_map(|&index| self.doc.description_of_variable(index)),
        )
    }

    fn platform(&self, name: &str) -> Completion {
        let meaning = well_known::platform_meaning(name).map(str::to_owned);
        self.item(name, "set by BuildKit".into(), meaning)
    }

    fn proxy(&self, name: &str) -> Completion {
        self.item(name, "given to every RUN, if the build has it".into(), None)
    }

    fn item(&self, name: &str, detail: String, documentation: Option<String>) -> Completion {
        Completion {
            text: format!("{name}{}", self.closing),
            detail: Some(detail),
            documentation: documentation.map_or(Documentation::Nothing, Documentation::Text),
            ..Completion::new(name, CompletionKind::Variable, &self.name, self.offset)
        }
    }

    /// Those that what is typed can become, the ones that start with it first.
    fn fitting(&self, mut all: Vec<Completion>) -> Vec<Completion> {
        let typed = self.doc.text().slice(self.name.start..self.offset).to_lowercase();
        all.retain(|completion| super::is_subsequence(&typed, &completion.label.to_lowercase()));
        all.sort_by_key(|completion| !completion.label.to_lowercase().starts_with(&typed));
        all
    }
}

/// Longest value beside a name, in characters.
const LONG: usize = 40;

fn short(value: &str) -> String {
    let mut shown: String = value.chars().take(LONG).collect();
    if value.chars().nth(LONG).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::super::{Alone, CompletionKind, Documentation, completion};
    use crate::{
        fixture::{Fixture, apply},
        language::arguments::PROXY_ARGS,
        text::Edit,
    };

    fn labels(text: &str) -> Vec<String> {
        let fixture = Fixture::new(text);
        let items = completion(&fixture.doc, fixture.cursor, &Alone).into_iter();
        let items = items.filter(|item| item.kind == CompletionKind::Variable);
        // Those are everywhere in a RUN.
        items.map(|item| item.label).filter(|name| !PROXY_ARGS.contains(&&**name) && name != "PATH").collect()
    }

    const FILE: &str =
        "ARG GO=1.22\nARG PORT\nFROM a AS base\nENV HERE=/opt\nARG GO\nFROM base\nENV BIN=$HERE/bin\n";

    fn check(line: &str, expected: &[&str]) {
        for behind in ["", "\n", "\nENV LATER=1\nRUN x\nFROM b\n"] {
            assert_eq!(labels(&format!("{FILE}{line}{behind}")), expected, "{line}{behind}");
        }
    }

    #[test]
    fn what_a_stage_sees_is_offered_the_nearest_first() {
        for line in [
            "RUN echo $$0",
            "RUN echo ${$0",
            "RUN echo ${$0}",
            "RUN a && \\\n  # b\n  echo \"$$0\" && c",
            "RUN echo '$$0'",
            "RUN <<EOF\necho $$0\nEOF",
            "COPY <<EOF /x\n$$0\nEOF",
            "WORKDIR /a/${$0}/b",
            "LABEL a=\"x $$0\"",
            "COPY --chown=$$0 a b",
            "RUN --mount=type=cache,target=$$0 x",
            "ENV X=1 Y=$$0",
            "ARG X=$$0",
            "ONBUILD RUN $$0",
            "ENV X=${BIN:-${$0}}",
            "RUN echo $((1 + ${$0}))",
        ] {
            check(line, &["BIN", "GO", "HERE"]);
        }
        check("RUN echo $h$0", &["HERE"]);
        check("RUN echo ${H$0ERE%x}", &["HERE"]);
        check("ARG X=1 Y=$$0", &["X", "BIN", "GO", "HERE"]);
        check("RUN echo $i$0", &["BIN"]);
    }

    #[test]
    fn what_comes_with_the_image_can_be_read() {
        let details = |text: &str| -> Vec<String> {
            let fixture = Fixture::new(text);
            let items = completion(&fixture.doc, fixture.cursor, &Alone).into_iter();
            items.map(|item| format!("{} {}", item.label, item.detail.unwrap_or_default())).collect()
        };
        assert_eq!(details("FROM node:24\nENV PATH=/x:$PA$0\n"), ["PATH Of node"]);
        assert_eq!(details("FROM node:24 AS a\nFROM a\nRUN echo $NODE$0\n"), ["NODE_VERSION Of node"]);
        assert_eq!(details("FROM scratch\nENV PATH=/x:${PA$0\n"), ["PATH set by BuildKit"]);
        assert_eq!(details("FROM a\nENV PATH=/x\nRUN $PAT$0\n"), ["PATH ENV /x · stage 0"]);
    }

    #[test]
    fn a_container_sees_env_only() {
        assert_eq!(labels("FROM a\nARG A\nENV B=1\nCMD serve $$0\nENV C=1\n"), ["C", "B"]);
    }

    #[test]
    fn from_lines_see_global_arguments_and_the_platform() {
        for line in ["FROM $$0", "FROM a-${$0}", "FROM --platform=$$0 a", "FROM ${$0} AS x"] {
            let found = labels(&format!("{FILE}{line}\n"));
            assert_eq!(found[..3], ["PORT", "GO", "BUILDPLATFORM"], "{line}");
            assert_eq!(found.len(), 13, "{line}");
        }
        assert_eq!(labels("ARG A=1\nARG B=$$0\nARG C=1\nFROM a\n")[..2], ["A", "BUILDPLATFORM"]);
    }

    #[test]
    fn an_arg_in_a_stage_can_ask_for_what_is_global() {
        for line in ["ARG $0", "ARG X $0", "arg \\\n  $0"] {
            let found = labels(&format!("{FILE}{line}"));
            assert_eq!(found[..3], ["PORT", "GO", "BUILDPLATFORM"], "{line}");
        }
        assert_eq!(labels(&format!("{FILE}ARG GO\nARG $0"))[..2], ["PORT", "BUILDPLATFORM"]);
        assert_eq!(labels(&format!("{FILE}ARG po$0\nRUN x"))[..1], ["PORT"]);
        assert_eq!(labels(&format!("{FILE}ARG targeta$0=1\nRUN x"))[..1], ["TARGETARCH"]);
        for text in [
            "ARG $0\nFROM a\n",
            "ARG A\nFROM a\nARG A=$0",
            "ARG A\nFROM a\nARG A=\"x $0\"",
            "ARG A\nFROM a\nARG$0",
        ] {
            assert_eq!(labels(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn nothing_where_nobody_reads_a_variable() {
        for line in
            ["ENV X='$$0'", "ENV X=\\$$0", "SHELL [\"$$0\"]", "# $$0", "RUN [\"a\", \"$$0\"]", "RUN a$0"]
        {
            check(line, &[]);
        }
    }

    #[test]
    fn accepting_closes_what_is_open_and_keeps_what_is_closed() {
        for (line, expected) in [
            ("RUN x$HE$0", "RUN x$HERE"),
            ("RUN x${HE$0", "RUN x${HERE}"),
            ("RUN x${HE$0}", "RUN x${HERE}"),
            ("RUN x${HE$0 y", "RUN x${HERE} y"),
            ("RUN x${H$0XX:-a}", "RUN x${HERE:-a}"),
            ("RUN \"${HE$0\"", "RUN \"${HERE}\""),
            ("WORKDIR ${HE$0/x", "WORKDIR ${HERE/x"),
        ] {
            let fixture = Fixture::new(&format!("FROM a\nENV HERE=1\n{line}\n"));
            let item = &completion(&fixture.doc, fixture.cursor, &Alone)[0];
            let edit = Edit { range: item.replace.clone(), text: item.text.clone() };
            let text = apply(&fixture.doc.text().to_string(), &[edit]);
            assert_eq!(text.lines().last(), Some(expected), "{line}");
        }
    }

    #[test]
    fn an_item_tells_the_value_and_where_it_is_from() {
        let text =
            "# GO the release\nARG GO=1.22\nFROM a AS base\nARG GO\nENV X=$GO-$HOME\nFROM base\nRUN $$0";
        let fixture = Fixture::new(text);
        let items = completion(&fixture.doc, fixture.cursor, &Alone);
        let shown: Vec<_> =
            items.iter().take(2).map(|item| (item.detail.as_deref(), item.documentation.clone())).collect();
        assert_eq!(
            shown,
            [
                (Some("ENV 1.22-* · base"), Documentation::Nothing),
                (Some("ARG 1.22 · base"), Documentation::Text("the release".into()))
            ]
        );
    }
}
