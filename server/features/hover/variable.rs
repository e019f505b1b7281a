//! What is worth knowing about a variable: its value, and where that comes from.

use std::{fmt::Write, ops::Range};

use super::{
    super::{
        given::{self, code},
        topic::Topic,
    },
    Hover,
    word::argument_text,
};
use crate::{
    document::Document,
    stages::{expand::Expanded, globals},
    syntax::variables::Reader,
    variables::{Declaration, DeclarationKind, Meaning, Mode, Symbol, Use, well_known},
};

pub(super) fn hover(doc: &Document, symbol: Symbol) -> Option<Hover> {
    let variables = doc.variables();
    let (range, markdown): (&Range<usize>, String) = match symbol {
        Symbol::Declaration(index) => {
            let declaration = &variables.declarations()[index];
            let set = variables.of_declaration(index);
            let set = if set.is_empty() { &[index] } else { set };
            let value = set.iter().find_map(|&index| doc.value_of_declaration(index, Mode::Defaults));
            (&declaration.range, declared(doc, set, value, declaration.stage))
        }
        Symbol::Use(index) => {
            let used = &variables.uses()[index];
            let markdown = match used.meaning {
                Meaning::Declared(set) => {
                    let value = doc.value_of_use(used, Mode::Defaults);
                    declared(doc, variables.of(set), value, used.stage)
                }
                Meaning::Platform => platform(&used.name)?,
                Meaning::Undeclared => undeclared(doc, used),
            };
            (&used.range, markdown)
        }
    };
    Some(Hover { range: range.clone(), markdown })
}

/// A variable that the file declares. `set`: its declarations, the one that wins first. `reader`: the stage that asks.
fn declared(doc: &Document, set: &[usize], value: Option<Expanded>, reader: Option<usize>) -> String {
    let declarations = doc.variables().declarations();
    let nearest = &declarations[set[0]];
    let is_arg = nearest.kind == DeclarationKind::Arg;
    let kind = if is_arg { "build argument" } else { "environment variable" };
    let mut text = format!("**{}** · {kind}", nearest.name);
    let again = doc.variables().redeclared(nearest);
    let mut described = set.iter().chain(&again);
    if let Some(description) = described.find_map(|&index| doc.description_of_variable(index)) {
        let _ = write!(text, "\n\n{description}");
    }
    let by_platform = is_arg && nearest.value.is_none() && again.is_empty();
    if let Some(meaning) = well_known::platform_meaning(&nearest.name).filter(|_| by_platform) {
        let _ = write!(text, "\n\n{meaning}; set by BuildKit");
    } else if is_arg && let Some(meaning) = argument_text(&nearest.name) {
        let _ = write!(text, "\n\n{}\n\n{meaning}", value_text(&nearest.name, is_arg, value));
    } else {
        let _ = write!(text, "\n\n{}", value_text(&nearest.name, is_arg, value));
    }
    let _ = write!(text, "\n\n{}", origin(doc, nearest, reader));
    // Not the global ones above the last: that is what they gave it.
    let lower = set[1..].iter().filter(|&index| !again.contains(index));
    let others: Vec<String> =
        again.last().into_iter().chain(lower).map(|&other| place(doc, &declarations[other])).collect();
    if is_arg && nearest.value.is_none() && !others.is_empty() {
        let _ = write!(text, ", which takes the value of {}", others.join(", or "));
    }
    let given = given::lines(&given::values(doc, &nearest.name));
    if is_arg && !given.is_empty() {
        text.push_str("\n\nBuilds of the workspace give it:");
        given.iter().for_each(|line| text.push_str(&format!("\n- {line}")));
    }
    text
}

fn value_text(name: &str, is_arg: bool, value: Option<Expanded>) -> String {
    let value = match value {
        None => String::new(),
        Some(value) if value.is_anything() => "Value: only known when it is built".into(),
        Some(value) => match value.text() {
            Some(text) if text.is_empty() => "Value: empty".into(),
            Some(text) => format!("Value: {}", code(&text)),
            None => format!(
                "Value: {}, with \"*\" for what is only known when it is built",
                code(&value.pattern())
            ),
        },
    };
    match (is_arg, value.as_str()) {
        (true, "") => format!("No default: empty, unless the build sets it with `--build-arg {name}=…`"),
        (true, value) => format!("{value}, unless the build sets another with `--build-arg {name}=…`"),
        (false, "") => "Value: empty".into(),
        (false, value) => value.to_owned(),
    }
}

/// Where the value comes from, seen from a stage.
fn origin(doc: &Document, declaration: &Declaration, reader: Option<usize>) -> String {
    let stages = doc.stages();
    if declaration.stage == reader {
        return format!("Set by {}", place(doc, declaration));
    }
    let mut between = Vec::new();
    let mut next = reader;
    // A stage builds on one above it, so this ends.
    while let Some(base) = next.and_then(|stage| stages.base(stage)).and_then(|base| base.target()) {
        if Some(base) == declaration.stage || Some(base) >= next {
            break;
        }
        between.push(title(doc, base));
        next = Some(base);
    }
    let over = if between.is_empty() { String::new() } else { format!(", over {}", between.join(", ")) };
    format!("Inherited from {}{over}", place(doc, declaration))
}

/// ``the ARG in line 3, stage `builder` ``
fn place(doc: &Document, declaration: &Declaration) -> String {
    let keyword = if declaration.kind == DeclarationKind::Arg { "ARG" } else { "ENV" };
    let line = doc.text().line_of(declaration.range.start) + 1;
    match declaration.stage {
        None => format!("the global {keyword} in line {line}"),
        Some(stage) => {
            let onbuild = if declaration.onbuild { "ONBUILD " } else { "" };
            format!("the {onbuild}{keyword} in line {line}, {}", title(doc, stage))
        }
    }
}

fn title(doc: &Document, stage: usize) -> String {
    match &doc.stages().all()[stage].name {
        Some(name) => format!("stage {}", code(&name.text)),
        None => format!("stage {stage}"),
    }
}

fn platform(name: &str) -> Option<String> {
    Topic::Argument(name.to_owned()).markdown()
}

fn undeclared(doc: &Document, used: &Use) -> String {
    let variables = doc.variables();
    let name = &used.name;
    let line = |offset: usize| doc.text().line_of(offset) + 1;
    if well_known::PROXY_ARGS.contains(&&**name) {
        return Topic::Argument(name.to_string()).markdown().unwrap_or_default();
    }
    let header = format!("**{name}** · not declared here");
    if let Some(setter) = variables.set_by_command(used) {
        let line = line(variables.uses()[setter].range.start);
        return format!("**{name}** · a variable of this command\n\nSet by the command itself, line {line}");
    }
    let candidates = variables.from_candidates(doc.stages(), used);
    if !candidates.is_empty() {
        let places = candidates.iter().map(|&index| place(doc, &variables.declarations()[index]));
        let places: Vec<String> = places.collect();
        return format!(
            "{header}\n\nWith another base than by default it is set by {}",
            places.join(", or ")
        );
    }
    let is_known = used.stage.is_none_or(|stage| variables.has_known_root(stage));
    let is_container = matches!(used.reader, Reader::Container(_));
    let empty = match (is_known, is_container) {
        (_, true) => "Empty, unless the image or whoever starts the container sets it: nothing here does",
        (true, false) => "Empty: nothing here sets it",
        (false, false) => "Empty, unless the base image sets it: nothing here does",
    };
    let global = variables.declarations().iter().rfind(|it| it.stage.is_none() && it.name == *name);
    let hint = match (used.stage, global) {
        (Some(_), _) if is_container => String::new(),
        (Some(_), Some(global)) => {
            let place = place(doc, global);
            format!("\n\n{place} counts in a stage only below an `ARG {name}` there")
                .replacen("the", "The", 1)
        }
        (Some(_), None) if globals::is_predefined(name) => {
            let meaning = well_known::platform_meaning(name).unwrap_or_default();
            format!("\n\n{meaning}, below an `ARG {name}` in the stage")
        }
        _ => String::new(),
    };
    format!("{header}\n\n{empty}{hint}")
}

#[cfg(test)]
mod tests {
    use super::super::tests::text;

    #[test]
    fn a_use_tells_the_value_and_where_it_comes_from() {
        insta::assert_snapshot!(text("
            # GO the release to build with
            ARG GO=1.22
            FROM golang:$GO AS base
            ARG GO
            FROM base AS tools
            FROM tools
            LABEL go=$GO$0
        "), @r"
        **GO** · build argument

        the release to build with

        Value: `1.22`, unless the build sets another with `--build-arg GO=…`

        Inherited from the ARG in line 4, stage `base`, over stage `tools`, which takes the value of the global ARG in line 2
        ");
        insta::assert_snapshot!(text("
            FROM scratch AS base
            ENV HERE=/opt/app BIN=$HERE/bin
            FROM base
            ENV BIN=$HERE/bin:${BI$0N}
        "), @r"
        **BIN** · environment variable

        Value: `/bin`

        Inherited from the ENV in line 2, stage `base`
        ");
        insta::assert_snapshot!(text("
            FROM a
            ENV PATH=/opt:$PATH
            RUN $PA$0TH
        "), @r#"
        **PATH** · environment variable

        Value: `/opt:*`, with "*" for what is only known when it is built

        Set by the ENV in line 2, stage 0
        "#);
    }

    #[test]
    fn a_declaration_tells_the_same() {
        insta::assert_snapshot!(text("ARG V$0\nFROM a:$V\n"), @r"
        **V** · build argument

        No default: empty, unless the build sets it with `--build-arg V=…`

        Set by the global ARG in line 1
        ");
        insta::assert_snapshot!(text("FROM a\nENV V=1\nARG V$0\n"), @r"
        **V** · build argument

        Value: `1`, unless the build sets another with `--build-arg V=…`

        Set by the ARG in line 3, stage 0, which takes the value of the ENV in line 2, stage 0
        ");
        insta::assert_snapshot!(text("FROM a\nARG TARGET$0ARCH\n"), @r"
        **TARGETARCH** · build argument

        The architecture that is built for, such as `arm64`; set by BuildKit

        Set by the ARG in line 2, stage 0
        ");
    }

    #[test]
    fn what_nothing_sets_says_so() {
        insta::assert_snapshot!(text("ARG V=1\nFROM scratch\nLABEL v=$V$0\n"), @r"
        **V** · not declared here

        Empty: nothing here sets it

        The global ARG in line 1 counts in a stage only below an `ARG V` there
        ");
        insta::assert_snapshot!(text("FROM a\nRUN echo $TARGET$0ARCH\n"), @r"
        **TARGETARCH** · not declared here

        Empty, unless the base image sets it: nothing here does

        The architecture that is built for, such as `arm64`, below an `ARG TARGETARCH` in the stage
        ");
        insta::assert_snapshot!(text("FROM a\nCMD serve $PO$0RT\n"), @r"
        **PORT** · not declared here

        Empty, unless the image or whoever starts the container sets it: nothing here does
        ");
        insta::assert_snapshot!(text("FROM a\nRUN X=1; echo $X$0\n"), @r"
        **X** · a variable of this command

        Set by the command itself, line 2
        ");
        insta::assert_snapshot!(text("FROM a:$TARGETOS$0\n"), @r"
        **TARGETOS** · platform argument

        The operating system that is built for, such as `linux`

        BuildKit sets it. A FROM line can use it as it is; a stage sees it only below an `ARG` of that name without a default, which would take its place.

        [Reference](https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope)
        ");
        let proxy = text("FROM a\nRUN echo $HTTP_PRO$0XY\n");
        assert!(proxy.starts_with("**HTTP_PROXY** · proxy argument\n\nThe proxy for"), "{proxy}");
        assert!(text("ARG BUILDKIT_INLINE$0_CACHE=1\nFROM a\n").contains("`--cache-from`"));
        insta::assert_snapshot!(text("ARG B\nFROM a AS x\nENV V=1\nFROM $B\nRUN $V$0\n"), @r"
        **V** · not declared here

        With another base than by default it is set by the ENV in line 3, stage `x`
        ");
    }

    #[test]
    fn values_are_shown_whatever_they_hold() {
        let shown = |value: &str| text(&format!("FROM a\nENV V$0={value}\n"));
        assert!(shown("'a`b'").contains("Value: `` a`b ``"), "{}", shown("'a`b'"));
        assert!(shown("''").contains("Value: empty"));
        assert!(shown(&"a".repeat(300)).contains("a…`"));
    }
}
