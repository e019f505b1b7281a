//! The outline of a file: stages with their instructions.

use std::ops::Range;

use crate::{
    document::Document,
    outside::titles,
    syntax::{Directive, Keyword, Pair, Placed},
    text::Lines,
};

/// What an outline entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolKind {
    Stage,
    Instruction,
    /// A name that an ARG or ENV declares.
    Variable,
    /// `# syntax=` and its like, above all instructions.
    Directive,
}

/// One entry of the outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    pub name: String,
    pub detail: Option<String>,
    pub kind: SymbolKind,
    /// All of it, in bytes.
    pub range: Range<usize>,
    /// What to select, inside `range`, in bytes.
    pub selection: Range<usize>,
    pub children: Vec<Symbol>,
}

/// The outline, in file order.
pub fn symbols(doc: &Document) -> Vec<Symbol> {
    let stages = doc.stages();
    let lines = &Lines::new(doc.text());
    let instructions = doc.syntax().instructions();
    let first_from = stages.all().first().map_or(instructions.len(), |stage| stage.instructions.start);
    let users = doc.users_by_stage();
    let detail = |stage: usize| {
        let base = doc.base_text(stage).map(str::to_owned);
        let Some(users) = users.get(&stage) else { return base };
        let target = format!("target of {}", titles(users.iter().copied()));
        Some(base.map_or_else(|| target.clone(), |base| format!("{base} · {target}")))
    };
    let mut all: Vec<Symbol> =
        doc.syntax().directives().iter().map(|found| directive(lines, found)).collect();
    all.extend(instructions[..first_from].iter().map(|placed| instruction(lines, placed)));
    all.extend(stages.all().iter().map(|stage| {
        Symbol {
            name: stage.title(),
            detail: detail(stage.index),
            kind: SymbolKind::Stage,
            range: stage.range.clone(),
            selection: stages.selection(stage.index),
            children: instructions[stage.instructions.clone()][1..]
                .iter()
                .map(|placed| instruction(lines, placed))
                .collect(),
        }
    }));
    all
}

fn directive(lines: &Lines, directive: &Directive) -> Symbol {
    Symbol {
        name: lines.slice(directive.name.clone()).to_lowercase(),
        detail: directive.value.clone().map(|value| lines.slice(value).trim().to_owned()),
        kind: SymbolKind::Directive,
        range: directive.range.clone(),
        selection: directive.name.clone(),
        children: Vec::new(),
    }
}

fn instruction(lines: &Lines, placed: &Placed) -> Symbol {
    let keyword = &placed.instruction.word;
    let selection = placed.at(keyword.range());
    let range = placed.range();
    // A variable is a thing with a name; of others the start of their text tells most.
    let declares = matches!(placed.instruction.keyword, Keyword::Arg | Keyword::Env);
    let pairs = if declares { placed.instruction.pairs() } else { &[] };
    let variable = |pair: &Pair, range: Range<usize>| Symbol {
        name: pair.name.text().to_owned(),
        detail: pair.value.as_ref().map(|value| value.text().to_owned()).filter(|value| !value.is_empty()),
        kind: SymbolKind::Variable,
        range,
        selection: placed.at(pair.name.range()),
        children: Vec::new(),
    };
    if let [pair] = pairs {
        return variable(pair, range);
    }
    let detail = first_line(lines, selection.end..range.end);
    Symbol {
        name: keyword.text().to_uppercase(),
        detail: (!detail.is_empty()).then_some(detail),
        kind: SymbolKind::Instruction,
        range,
        selection,
        children: pairs.iter().map(|pair| variable(pair, placed.at(pair.range.clone()))).collect(),
    }
}

/// Longest detail, in characters.
const DETAIL: usize = 60;

/// The first words of a text, without the continuation behind them.
fn first_line(lines: &Lines, range: Range<usize>) -> String {
    let line = lines.line_range(lines.line_of(range.start));
    let text = lines.slice(range.start..range.end.min(line.end).max(range.start));
    let text = text.trim().trim_end_matches(['\\', '`']).trim_end();
    match text.char_indices().nth(DETAIL) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, user};

    fn outline(text: &str) -> String {
        fn lines(all: &[Symbol], depth: usize, out: &mut String) {
            for symbol in all {
                let detail = symbol.detail.as_deref().unwrap_or("");
                out.push_str(&format!("{:depth$}{} · {detail}\n", "", symbol.name, depth = depth * 2));
                lines(&symbol.children, depth + 1, out);
            }
        }
        let mut out = String::new();
        lines(&symbols(&Document::open(text, 0)), 0, &mut out);
        out
    }

    #[test]
    fn stages_hold_their_instructions() {
        let text = "ARG GO=1.22\nFROM golang:$GO AS builder\nrun a && \\\n  b\nCOPY --from=x \\\n /a /b\nFROM scratch\nCMD [\"x\"]\n";
        insta::assert_snapshot!(outline(text), @r#"
        GO · 1.22
        builder · golang:$GO
          RUN · a &&
          COPY · --from=x
        stage 1 · scratch
          CMD · ["x"]
        "#);
    }

    #[test]
    fn variables_are_there_by_name() {
        let text = "ARG A B=2\nFROM a\nENV C=\"x y\" \\\n  D=\nENV E f g\nARG\nONBUILD ENV F=1\n";
        insta::assert_snapshot!(outline(text), @r#"
        ARG · A B=2
          A · 
          B · 2
        stage 0 · a
          ENV · C="x y"
            C · "x y"
            D · 
          E · f g
          ARG · 
          ONBUILD · ENV F=1
        "#);
    }

    #[test]
    fn selections_lie_inside() {
        let doc = Document::open("ARG A\nFROM\nFROM a AS b\nRUN x\n", 0);
        for symbol in symbols(&doc) {
            for symbol in std::iter::once(&symbol).chain(&symbol.children) {
                assert!(
                    symbol.range.start <= symbol.selection.start && symbol.selection.end <= symbol.range.end
                );
            }
        }
    }

    #[test]
    fn stages_name_the_builds_that_ask_for_them() {
        let users = [user("compose service `web`").target("b"), user("bake target `x`")];
        let fixture = Fixture::new("FROM a AS b\nFROM c\nRUN x\n").with_users(users);
        let details = symbols(&fixture.doc).into_iter().map(|symbol| symbol.detail.unwrap_or_default());
        assert_eq!(
            details.collect::<Vec<_>>(),
            ["a · target of compose service `web`", "c · target of bake target `x`"]
        );
    }
}
