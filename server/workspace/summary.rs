//! What is kept of a Dockerfile that nobody has open.

use std::ops::Range;

use crate::{
    document::Document,
    stages::{Found, Lookup, Names},
    variables::DeclarationKind,
};

/// The stages of a Dockerfile and the arguments that it takes.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub stages: Vec<StageSummary>,
    names: Names,
    /// The names that some ARG declares with the first place of each, sorted.
    args: Vec<(Box<str>, Range<usize>)>,
    /// Another frontend than Docker's reads it: nothing is known of its rules.
    pub is_foreign: bool,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageSummary {
    /// As written.
    pub name: Option<Box<str>>,
    /// Its name, or its base, in bytes.
    pub selection: Range<usize>,
    /// The whole stage, in bytes.
    pub range: Range<usize>,
    /// The line of its FROM, from 0.
    pub line: usize,
    /// Its base as written.
    pub base: Box<str>,
}

impl Summary {
    pub fn of(doc: &Document) -> Summary {
        let stages = doc.stages();
        let stage = |stage: &crate::stages::Stage| StageSummary {
            name: stage.name.as_ref().map(|name| name.text.as_str().into()),
            selection: stages.selection(stage.index),
            range: stage.range.clone(),
            line: doc.text().line_of(stage.range.start),
            base: doc.base_text(stage.index).unwrap_or_default().into(),
        };
        let declared = doc.variables().declarations().iter();
        let mut args: Vec<(Box<str>, Range<usize>)> = declared
            .filter(|declaration| declaration.kind == DeclarationKind::Arg)
            .map(|declaration| ((*declaration.name).into(), declaration.range.clone()))
            .collect();
        args.sort_by(|(a, first), (b, second)| (a, first.start).cmp(&(b, second.start)));
        args.dedup_by(|(a, _), (b, _)| a == b);
        Summary {
            stages: stages.all().iter().map(stage).collect(),
            names: stages.names().clone(),
            args,
            is_foreign: doc.has_other_frontend(),
        }
    }

    /// The stage that `--target` of BuildKit means.
    pub fn target(&self, name: &str) -> Option<usize> {
        match self.names.look_up(Lookup::Target, name) {
            Found::Stage(index) => Some(index),
            Found::Beyond(_) | Found::Other => None,
        }
    }

    /// The last stage with just this name: what buildah takes.
    pub fn target_as_written(&self, name: &str) -> Option<usize> {
        self.stages.iter().rposition(|stage| stage.name.as_deref() == Some(name))
    }

    /// The first stage with this name in any case: what kaniko takes.
    pub fn first_target(&self, name: &str) -> Option<usize> {
        self.names.with_name(name).first().copied()
    }

    /// The first place that declares an argument of this name, in bytes.
    pub fn arg(&self, name: &str) -> Option<Range<usize>> {
        let index = self.args.binary_search_by(|(arg, _)| (**arg).cmp(name)).ok()?;
        Some(self.args[index].1.clone())
    }

    /// Whether some ARG declares this name.
    pub fn has_arg(&self, name: &str) -> bool {
        self.arg(name).is_some()
    }

    /// The names of all arguments, sorted.
    pub fn args(&self) -> impl Iterator<Item = &str> {
        self.args.iter().map(|(name, _)| &**name)
    }

    /// The names of stages with their index, as written.
    pub fn names(&self) -> impl Iterator<Item = (usize, &str)> {
        let named = self.stages.iter().enumerate();
        named.filter_map(|(index, stage)| Some((index, stage.name.as_deref()?)))
    }

    /// Whether other files would see another Dockerfile: its stages and arguments, wherever they stand.
    pub fn differs(&self, other: &Summary) -> bool {
        let names =
            |summary: &Summary| summary.stages.iter().map(|stage| stage.name.clone()).collect::<Vec<_>>();
        !self.args().eq(other.args()) || self.is_foreign != other.is_foreign || names(self) != names(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(text: &str) -> Summary {
        Summary::of(&Document::open(text, 0))
    }

    #[test]
    fn each_builder_takes_its_own_of_equal_names() {
        let summary = summary("FROM a AS x\nFROM b AS X\nFROM c\n");
        assert_eq!(
            (summary.target("x"), summary.target("X"), summary.first_target("X")),
            (Some(1), Some(1), Some(0))
        );
        assert_eq!((summary.target_as_written("x"), summary.target_as_written("X")), (Some(0), Some(1)));
        assert_eq!((summary.target("2"), summary.target(""), summary.first_target("y")), (None, None, None));
        assert_eq!(summary.names().collect::<Vec<_>>(), [(0, "x"), (1, "X")]);
        assert_eq!((summary.stages[2].line, &*summary.stages[2].base), (2, "c"));
    }

    #[test]
    fn arguments_lead_to_their_first_place() {
        let summary = summary("ARG B\nFROM a\nARG A=1 B=2\nENV C=3\n");
        assert_eq!(summary.args().collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!((summary.arg("B"), summary.arg("C")), (Some(4..5), None));
        assert!(summary.has_arg("A") && !summary.has_arg("a"));
    }

    #[test]
    fn only_what_others_see_makes_a_difference() {
        let before = summary("FROM a AS x\nARG A\n");
        for (text, differs) in [
            ("# More\nFROM b AS x\nRUN y\nARG A=1\n", false),
            ("FROM a AS X\nARG A\n", true),
            ("FROM a AS x\nARG B\n", true),
            ("FROM a AS x\nARG A\nFROM a\n", true),
            ("# syntax=example.org/own\nFROM a AS x\nARG A\n", true),
        ] {
            assert_eq!(before.differs(&summary(text)), differs, "{text}");
        }
    }
}
