//! One version of one file: text, tree, stage table and variables as an immutable value.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Arc, OnceLock},
};

use crate::{
    dockerignore::Ignore,
    flow::Flow,
    outside::{Outside, User},
    settings::Settings,
    stages::{BuildOptions, Stages},
    syntax::{Arguments, Stale, Syntax, Word},
    text::Text,
    variables::Variables,
};

/// One version of one file. A change makes a new value; whoever holds an old one may go on using it.
#[derive(Debug, Clone)]
pub struct Document {
    version: i32,
    text: Text,
    syntax: Syntax,
    stages: Stages,
    variables: Variables,
    surroundings: Surroundings,
    /// What flows between the stages, once somebody asked.
    flow: OnceLock<Arc<Flow>>,
    /// That of a version before, from which it can take over.
    flow_before: Option<Arc<Flow>>,
    /// Whether `syntax`, `stages` and `variables` are those of `text`, and not of an empty one.
    read: bool,
}

/// What a file is read and judged by beside its text.
#[derive(Debug, Clone, Default)]
struct Surroundings {
    options: Arc<BuildOptions>,
    settings: Arc<Settings>,
    ignore: Option<Arc<Ignore>>,
    outside: Arc<Outside>,
}

impl Document {
    /// Reads `text` from the start.
    pub fn open(text: &str, version: i32) -> Document {
        Document::with_options(text, version, Arc::default())
    }

    /// Reads `text` from the start, for a build that is called with `options`.
    pub fn with_options(text: &str, version: i32, options: Arc<BuildOptions>) -> Document {
        let text = Text::new(text);
        let syntax = Syntax::parse(&text);
        let surroundings = Surroundings { options, ..Surroundings::default() };
        Document::assemble(version, text, syntax, surroundings, None)
    }

    /// A text that could not be read: a document without instructions, whose next change starts from the text alone.
    pub fn unread(text: Text, version: i32) -> Document {
        let nothing = Document::open("", version);
        Document { text, read: false, ..nothing }
    }

    /// The same document, to be judged by `settings`.
    pub fn with_settings(self, settings: Arc<Settings>) -> Document {
        Document { surroundings: Surroundings { settings, ..self.surroundings }, ..self }
    }

    /// The same document beside another `.dockerignore`.
    pub fn with_ignore(self, ignore: Option<Arc<Ignore>>) -> Document {
        Document { surroundings: Surroundings { ignore, ..self.surroundings }, ..self }
    }

    /// The same document among other builds of the workspace.
    pub fn with_outside(self, outside: Arc<Outside>) -> Document {
        let before = &self.surroundings.outside;
        if *before == outside {
            return self;
        }
        let same_contexts = before.context_names() == outside.context_names();
        let surroundings = Surroundings { outside, ..self.surroundings };
        // Nothing else of them says what a name means.
        if same_contexts {
            return Document { surroundings, ..self };
        }
        let flow_before = self.flow.into_inner().or(self.flow_before);
        let read = self.read;
        let document = Document::assemble(self.version, self.text, self.syntax, surroundings, flow_before);
        Document { read, ..document }
    }

    /// The same document in a build of another target.
    pub fn for_target(&self, target: String) -> Document {
        let options =
            BuildOptions { target: Some(target), ..BuildOptions::clone(&self.surroundings.options) };
        let surroundings = Surroundings { options: Arc::new(options), ..self.surroundings.clone() };
        let (text, syntax) = (self.text.clone(), self.syntax.clone());
        let document = Document::assemble(self.version, text, syntax, surroundings, None);
        Document { read: self.read, ..document }
    }

    /// Starts a change of this document. Reuses what the change does not touch.
    pub fn draft(&self) -> Draft<'_> {
        let syntax = self.read.then(|| self.syntax.stale());
        let flow = self.flow.get().or(self.flow_before.as_ref()).filter(|_| self.read).cloned();
        Draft { text: self.text.clone(), syntax, surroundings: self.surroundings.clone(), flow }
    }

    /// Whether something could be made of the text.
    pub fn is_read(&self) -> bool {
        self.read
    }

    /// The client's version number of this text.
    pub fn version(&self) -> i32 {
        self.version
    }

    pub fn text(&self) -> &Text {
        &self.text
    }

    pub fn syntax(&self) -> &Syntax {
        &self.syntax
    }

    pub fn stages(&self) -> &Stages {
        &self.stages
    }

    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// What flows between the stages. Worked out when somebody asks.
    pub fn flow(&self) -> &Flow {
        self.flow.get_or_init(|| Arc::new(Flow::read(self, self.flow_before.as_deref())))
    }

    /// How the build is called.
    pub fn options(&self) -> &BuildOptions {
        &self.surroundings.options
    }

    /// What the user has set up.
    pub fn settings(&self) -> &Arc<Settings> {
        &self.surroundings.settings
    }

    /// What is left out of the build context, where that is known.
    pub fn ignore(&self) -> Option<&Arc<Ignore>> {
        self.surroundings.ignore.as_ref()
    }

    /// Whether another frontend than Docker's is asked to read the file.
    pub fn has_other_frontend(&self) -> bool {
        self.syntax.directives().iter().any(|directive| {
            let is_syntax = self.text.slice(directive.name.clone()).eq_ignore_ascii_case("syntax");
            let value = directive.value.clone().map(|value| self.text.slice(value)).unwrap_or_default();
            is_syntax && !format!("/{value}").contains("/docker/dockerfile")
        })
    }

    /// What the other files of the workspace do with this one.
    pub fn outside(&self) -> &Arc<Outside> {
        &self.surroundings.outside
    }

    /// The builds of the workspace by the stage that they ask for, by its name or as the last; a stage that nobody asks for is
    /// not among them.
    pub fn users_by_stage(&self) -> HashMap<usize, Vec<&User>> {
        let mut found: HashMap<usize, Vec<&User>> = HashMap::new();
        for user in &self.outside().users {
            if let Some(stage) = self.stages.asked(&user.target) {
                found.entry(stage).or_default().push(user);
            }
        }
        found
    }

    /// The instruction on whose line `offset` (bytes) stands: it ends there or before, with nothing but blanks between.
    pub fn instruction_on_line_of(&self, offset: usize) -> Option<usize> {
        let instructions = self.syntax.instructions();
        let index = instructions.partition_point(|placed| placed.start <= offset).checked_sub(1)?;
        let end = instructions[index].range().end;
        let same_line =
            end >= offset || self.text.slice(end..offset).chars().all(|c| matches!(c, ' ' | '\t'));
        same_line.then_some(index)
    }

    /// The base of a stage as written, continuations left out; `None` while there is none.
    pub fn base_text(&self, stage: usize) -> Option<&str> {
        let from =
            self.syntax.instructions()[self.stages.all()[stage].instructions.start].instruction.as_ref();
        match &from.arguments {
            Arguments::From(from) => from.base.as_ref().map(Word::text),
            _ => None,
        }
    }

    /// The comments that BuildKit takes to belong to an instruction (index into [`Syntax::instructions`]), in file order, each
    /// with the place of its line: all since the instruction before, an empty one starting anew. Directives are not among
    /// them (parser/parser.go, `Parse`).
    pub fn comments_above(&self, instruction: usize) -> Vec<(Range<usize>, String)> {
        let instructions = self.syntax.instructions();
        let above = instruction.checked_sub(1).map_or(0, |index| instructions[index].range().end);
        let comments = self.syntax.comments();
        let range = comments.partition_point(|comment| comment.start < above)
            ..comments.partition_point(|comment| comment.start < instructions[instruction].start);
        let mut found = Vec::new();
        for comment in &comments[range] {
            // BuildKit takes off the first character of the line, whatever it is.
            let line = self.text.line_range(self.text.line_of(comment.start)).start..comment.end;
            let line = self.text.slice(line);
            let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
            let text = line.chars().next().map_or("", |first| line[first.len_utf8()..].trim());
            if text.is_empty() {
                found.clear();
            } else {
                found.push((comment.clone(), text.to_owned()));
            }
        }
        found
    }

    /// What the file says of a stage: the rest of a comment line above its FROM that starts with its name, as `docker build
    /// --call=targets` shows it (instructions/parse.go, `getDocComment`).
    pub fn description(&self, stage: usize) -> Option<String> {
        let stage = &self.stages.all()[stage];
        let name = stage.name.as_ref()?.text.to_lowercase();
        self.described(stage.instructions.start, &name).next().map(|(_, text)| text)
    }

    /// What the file says of a variable (index into [`Variables::declarations`]), likewise; BuildKit looks above ARGs only.
    pub fn description_of_variable(&self, declaration: usize) -> Option<String> {
        let declaration = &self.variables.declarations()[declaration];
        self.described(declaration.instruction, &declaration.name).next().map(|(_, text)| text)
    }

    /// The comments above an instruction that start with `name`: the place of the name, and the text behind it.
    pub fn described(
        &self,
        instruction: usize,
        name: &str,
    ) -> impl Iterator<Item = (Range<usize>, String)> + use<'_> {
        let prefix = format!("{name} ");
        self.comments_above(instruction).into_iter().filter_map(move |(comment, text)| {
            let rest = text.strip_prefix(&prefix)?.to_owned();
            let start = comment.start + self.text.slice(comment.clone()).rfind(&text)?;
            Some((start..start + prefix.len() - 1, rest))
        })
    }

    fn assemble(
        version: i32,
        text: Text,
        syntax: Syntax,
        surroundings: Surroundings,
        flow_before: Option<Arc<Flow>>,
    ) -> Document {
        let stages = Stages::read(&syntax, &surroundings.options, &surroundings.outside);
        let variables = Variables::read(&syntax, &stages);
        let flow = OnceLock::new();
        Document { version, text, syntax, stages, variables, surroundings, flow, flow_before, read: true }
    }
}

/// A document that is being changed: several edits, then one [`finish`](Draft::finish).
#[derive(Debug)]
pub struct Draft<'a> {
    text: Text,
    /// What can be reused, if anything can.
    syntax: Option<Stale<'a>>,
    surroundings: Surroundings,
    flow: Option<Arc<Flow>>,
}

impl Draft<'_> {
    /// The text after the edits so far: positions of the next edit count in it.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Replaces `range` (bytes in [`text`](Draft::text)).
    pub fn replace(&mut self, range: Range<usize>, with: &str) {
        self.text.replace(range.clone(), with);
        if let Some(syntax) = &mut self.syntax {
            syntax.edit(range, with.len());
        }
    }

    /// The document after all edits.
    pub fn finish(self, version: i32) -> Document {
        let syntax = match self.syntax {
            Some(stale) => stale.reparse(&self.text),
            None => Syntax::parse(&self.text),
        };
        Document::assemble(version, self.text, syntax, self.surroundings, self.flow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixture::{outside, user},
        stages::Resolution,
    };

    #[test]
    fn builds_of_the_workspace_stay_over_edits() {
        let document = Document::open("FROM base\nRUN x\n", 1);
        let means = |document: &Document| document.stages().references()[0].resolution.clone();
        let context = Resolution::NamedContext("base".into());
        assert_ne!(means(&document), context);
        document.flow();
        let document = document.with_outside(outside([user("x").context("base")]));
        assert_eq!(means(&document), context);
        assert!(document.flow().stage(0).image().is_none());
        let mut draft = document.draft();
        draft.replace(9..9, ":latest AS b");
        let document = draft.finish(2);
        assert_eq!((means(&document), document.outside().users.len()), (context, 1));
        let document = document.with_outside(Arc::default());
        assert!(matches!(means(&document), Resolution::Image(_)));
    }

    #[test]
    fn equal_builds_change_nothing() {
        let document = Document::open("FROM base\n", 1).with_outside(outside([user("x").context("base")]));
        let flow: *const Flow = document.flow();
        let document = document.with_outside(outside([user("x").context("base")]));
        assert!(std::ptr::eq(flow, document.flow()));
        // What they are called means nothing to names.
        let document = document.with_outside(outside([user("y").context("base").target("z")]));
        assert!(std::ptr::eq(flow, document.flow()));
        let unread =
            Document::unread(Text::new("FROM x\n"), 1).with_outside(outside([user("x").context("b")]));
        assert!(!unread.is_read());
    }

    #[test]
    fn a_base_is_a_context_by_its_short_name() {
        let among = |text: &str, key: &str| {
            let document = Document::open(text, 1).with_outside(outside([user("x").context(key)]));
            matches!(document.stages().references().last().unwrap().resolution, Resolution::NamedContext(_))
        };
        for (base, key) in [
            ("alpine", "alpine"),
            ("alpine:latest", "alpine"),
            ("docker.io/library/alpine:3", "alpine:3"),
            ("docker.io/x/y", "x/y"),
            ("ghcr.io/x/y:1", "ghcr.io/x/y:1"),
            ("alpine", "alpine::linux/arm64"),
            ("$B", "alpine"),
        ] {
            assert!(among(&format!("ARG B=alpine\nFROM {base}\n"), key), "{base} {key}");
        }
        assert!(!among("FROM scratch\n", "scratch") && !among("FROM alpine:3\n", "alpine"));
        assert!(!among("FROM context\n", "context"));
        assert!(!among("FROM a AS x\nFROM x\n", "x"), "the stage stays what it is");
    }
}
