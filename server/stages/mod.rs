//! The stage table: the stages of a file, every reference to one, and what depends on what.
//!
//! Built once per version from the instructions. Definition, rename, completion and the rules filter it; none of them
//! decides anew what a name means. All ranges are in bytes of the file.

pub mod expand;
pub mod globals;
pub mod graph;
pub mod image;
pub mod names;
mod pattern;
pub mod platform;

use std::{collections::HashSet, ops::Range};

pub use globals::{BuildOptions, GlobalArg, Globals};
pub use graph::{Edge, EdgeKind};
pub use image::{Image, ImageError};
pub use names::{Found, Lookup, Names};

use crate::{
    outside::{Asked, Outside, User},
    syntax::{Arguments, Flag, Instruction, Keyword, MountOption, Placed, Syntax, Word},
};
use expand::{ExpandError, Expanded, Nothing, Variables, expand};
use globals::{Open, WithDefaults};

/// All that is known of the stages of one version of a file.
#[derive(Debug, Clone)]
pub struct Stages {
    all: Vec<Stage>,
    references: Vec<Reference>,
    names: Names,
    globals: Globals,
    edges: Vec<Edge>,
    target: Target,
}

/// One FROM and the instructions up to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// From 0.
    pub index: usize,
    pub name: Option<StageName>,
    /// Its base among the references; `None` while the FROM has none.
    pub base: Option<usize>,
    /// Its instructions, the FROM first, as indices into [`Syntax::instructions`].
    pub instructions: Range<usize>,
    /// From the FROM to the end of the last instruction.
    pub range: Range<usize>,
}

/// What stands behind `AS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageName {
    /// As written.
    pub text: String,
    pub range: Range<usize>,
}

/// How a stage is referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferenceKind {
    From,
    Copy,
    Mount,
}

/// A place that names a stage or an image to build on or to copy from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub kind: ReferenceKind,
    /// In an ONBUILD: it counts in the stages that derive from this one.
    pub onbuild: bool,
    /// The stage that it stands in.
    pub stage: usize,
    /// The instruction that it stands in, as index into [`Syntax::instructions`].
    pub instruction: usize,
    /// The name without its quotes; empty where nothing is typed yet.
    pub range: Range<usize>,
    /// The name as BuildKit sees it: without quotes and continuations, and for a FROM with the variables' defaults.
    pub text: String,
    pub resolution: Resolution,
    /// Set for a FROM with variables.
    pub variable: Option<Box<VariableBase>>,
}

/// What there is to know of a base that is written with variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableBase {
    /// With the defaults; empty where BuildKit can't expand it.
    pub default: Expanded,
    /// With all that can come from outside unknown.
    pub open: Expanded,
    pub error: Option<ExpandError>,
    /// Whether it is nothing but a variable that tells the platform, such as `$TARGETOS`.
    pub is_platform: bool,
    /// The stages above that it can mean, depending on how the build is called. Empty far down in a file with thousands of
    /// such bases, where finding them would take longer than anyone waits for a keystroke.
    pub candidates: Vec<usize>,
}

/// What a reference means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// A stage of this file. That of a COPY or mount may stand below it, or be the very stage, which is an error.
    Stage(usize),
    /// An image, pulled from its registry.
    Image(Image),
    /// The empty file system.
    Scratch,
    /// The build context: `--from=` with nothing behind it.
    BuildContext,
    /// A build context that a build of the workspace gives under this name, in lower case and without `:latest`. Another
    /// build may pull an image: nothing is known of it.
    NamedContext(String),
    /// A number that happens to count an image that an earlier instruction copies from.
    NumberedImage(String),
    /// A number that neither a stage nor such an image has.
    NoSuchNumber(i64),
    /// A variable where BuildKit allows none.
    Variable,
    /// No stage, and no text that could be an image.
    Invalid(ImageError),
    /// Depends on values from outside, or is not typed yet.
    Unknown,
}

/// What is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Stage(usize),
    /// No stage has the name that was asked for.
    NotFound(String),
    /// The file has no stage.
    None,
}

/// What stands at a place of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mention {
    /// The name of this stage behind its `AS`.
    Declaration(usize),
    /// This reference.
    Reference(usize),
}

impl Stages {
    /// Reads the stages of a file. `options` say how the build would be called, `outside` which builds give contexts names.
    pub fn read(syntax: &Syntax, options: &BuildOptions, outside: &Outside) -> Stages {
        let all = declarations(syntax);
        let names = Names::new(all.iter().map(|stage| stage.name.as_ref().map(|name| name.text.as_str())));
        let target = Target::find(&names, all.len(), options.target.as_deref());
        let target_name = match &target {
            // As BuildKit has it: the name of `--target` as given, or that of the last stage.
            _ if options.target.is_some() => options.target.clone(),
            Target::Stage(index) => all[*index].name.as_ref().map(|name| name.text.to_lowercase()),
            Target::NotFound(_) | Target::None => None,
        };
        let globals = Globals::read(syntax, options, target_name.as_deref().unwrap_or("default"));
        let mut reader = Reader {
            syntax,
            names: &names,
            globals: &globals,
            contexts: outside.context_names(),
            externals: Vec::new(),
            references: Vec::new(),
            compared: 0,
        };
        let mut all = all;
        for stage in &mut all {
            reader.stage(stage);
        }
        let references = reader.references;
        let edges = graph::edges(syntax, &all, &references, &names);
        Stages { all, references, names, globals, edges, target }
    }

    /// The stages in file order.
    pub fn all(&self) -> &[Stage] {
        &self.all
    }

    /// Every reference, in file order.
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// Those in an instruction (index into [`Syntax::instructions`]), in file order.
    pub fn references_in(&self, instruction: usize) -> &[Reference] {
        let start = self.references.partition_point(|reference| reference.instruction < instruction);
        let count = self.references[start..].partition_point(|it| it.instruction == instruction);
        &self.references[start..start + count]
    }

    pub fn names(&self) -> &Names {
        &self.names
    }

    pub fn globals(&self) -> &Globals {
        &self.globals
    }

    /// What depends on what, in the order of the depending instructions.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The base of a stage.
    pub fn base(&self, stage: usize) -> Option<&Reference> {
        self.all[stage].base.map(|index| &self.references[index])
    }

    /// The stage that holds an instruction (index into [`Syntax::instructions`]).
    pub fn of_instruction(&self, instruction: usize) -> Option<&Stage> {
        let index =
            self.all.partition_point(|stage| stage.instructions.start <= instruction).checked_sub(1)?;
        Some(&self.all[index])
    }

    /// What names a stage, or could, at `offset` (bytes), the end of the name included.
    pub fn at(&self, offset: usize) -> Option<Mention> {
        let touches = |range: &Range<usize>| range.start <= offset && offset <= range.end;
        let end = self.references.partition_point(|reference| reference.range.start <= offset);
        // References do not overlap, but one may start where another ends.
        let start = end.saturating_sub(2);
        if let Some(index) = (start..end).rev().find(|&index| touches(&self.references[index].range)) {
            return Some(Mention::Reference(index));
        }
        let index = self.all.partition_point(|stage| stage.range.start <= offset).checked_sub(1)?;
        let name = self.all[index].name.as_ref()?;
        touches(&name.range).then_some(Mention::Declaration(index))
    }

    /// The stage that a mention means; for a variable base that the defaults leave open, none.
    pub fn meant(&self, mention: Mention) -> Option<usize> {
        match mention {
            Mention::Declaration(stage) => Some(stage),
            Mention::Reference(index) => self.references[index].target(),
        }
    }

    /// What to select for a stage: its name, else its base, else the keyword.
    pub fn selection(&self, stage: usize) -> Range<usize> {
        let stage = &self.all[stage];
        match (&stage.name, stage.base) {
            (Some(name), _) => name.range.clone(),
            (None, Some(base)) => self.references[base].range.clone(),
            (None, None) => stage.range.clone(),
        }
    }

    /// The stage that a build asks for, if it is known; an empty name is no name (dockerfile2llb/convert.go, `resolveTarget`).
    pub fn asked(&self, asked: &Asked) -> Option<usize> {
        match asked {
            Asked::Default => self.all.len().checked_sub(1),
            Asked::Named(name) => Target::find(&self.names, self.all.len(), Some(name)).stage(),
            Asked::Unknown => None,
        }
    }

    /// The builds that ask for each stage by its name: the stage and the build, by their indices, ascending. The
    /// last stage is asked for only by those that name it.
    pub fn targeted(&self, outside: &Outside) -> Vec<(usize, usize)> {
        let by_name = |user: &User| match &user.target {
            Asked::Named(name) if name.is_empty() => None,
            asked @ Asked::Named(_) => self.asked(asked),
            Asked::Default | Asked::Unknown => None,
        };
        let users = outside.users.iter().enumerate();
        let mut targeted: Vec<(usize, usize)> =
            users.filter_map(|(index, user)| Some((by_name(user)?, index))).collect();
        targeted.sort_unstable();
        targeted
    }

    /// The references that mean a stage, in file order.
    pub fn references_to(&self, stage: usize) -> impl Iterator<Item = &Reference> {
        self.references.iter().filter(move |reference| reference.resolution == Resolution::Stage(stage))
    }
}

impl Target {
    fn find(names: &Names, count: usize, asked: Option<&str>) -> Target {
        // An empty target is no target (dockerfile2llb/convert.go, `resolveTarget`).
        match (asked.filter(|name| !name.is_empty()), count) {
            (_, 0) => Target::None,
            (None, _) => Target::Stage(count - 1),
            (Some(name), _) => match names.look_up(Lookup::Target, name) {
                Found::Stage(index) => Target::Stage(index),
                Found::Beyond(_) | Found::Other => Target::NotFound(name.to_owned()),
            },
        }
    }

    /// The index of the stage that is built.
    pub fn stage(&self) -> Option<usize> {
        match self {
            Target::Stage(index) => Some(*index),
            Target::NotFound(_) | Target::None => None,
        }
    }
}

impl Stage {
    /// How people call it: its name, or `stage 2` for an unnamed one.
    pub fn title(&self) -> String {
        match &self.name {
            Some(name) => name.text.clone(),
            None => format!("stage {}", self.index),
        }
    }
}

impl Reference {
    /// Whether the text is a number that means a stage by its place.
    pub fn is_number(&self) -> bool {
        self.kind == ReferenceKind::Copy && names::stage_number(&self.text).is_some()
    }

    /// How its text is looked up.
    pub fn lookup(&self) -> Lookup {
        match self.kind {
            ReferenceKind::From => Lookup::From(self.stage),
            ReferenceKind::Copy => Lookup::Copy,
            ReferenceKind::Mount => Lookup::Mount,
        }
    }

    /// Where the name is written: at the reference itself, or for a variable where its value stands. Empty for numbers, and
    /// for values that stand nowhere in the file.
    pub fn spelled(&self) -> Vec<Range<usize>> {
        match &self.variable {
            _ if self.is_number() => Vec::new(),
            None => vec![self.range.clone()],
            Some(variable) => variable.default.pieces().iter().filter_map(expand::Piece::source).collect(),
        }
    }

    /// The stage that it means.
    pub fn target(&self) -> Option<usize> {
        match self.resolution {
            Resolution::Stage(index) => Some(index),
            _ => None,
        }
    }
}

fn declarations(syntax: &Syntax) -> Vec<Stage> {
    let mut all: Vec<Stage> = Vec::new();
    for (index, placed) in syntax.instructions().iter().enumerate() {
        if let Arguments::From(from) = &placed.instruction.arguments {
            let name = from.name.as_ref();
            all.push(Stage {
                index: all.len(),
                name: name
                    .map(|name| StageName { text: name.text().to_owned(), range: placed.at(name.range()) }),
                base: None,
                instructions: index..index + 1,
                range: placed.range(),
            });
        } else if let Some(stage) = all.last_mut() {
            stage.instructions.end = index + 1;
            stage.range.end = placed.range().end;
        }
    }
    all
}

/// Where a reference stands: the fields of [`Reference`] of the same names.
#[derive(Clone, Copy)]
struct Site {
    stage: usize,
    instruction: usize,
    onbuild: bool,
}

/// Collects references in the order in which BuildKit meets them.
struct Reader<'a> {
    syntax: &'a Syntax,
    names: &'a Names,
    globals: &'a Globals,
    /// The names of build contexts.
    contexts: HashSet<&'a str>,
    /// What BuildKit appends to its list of stages: images that are copied or mounted from, by their text.
    externals: Vec<String>,
    references: Vec<Reference>,
    /// How many times a base with variables was compared with a name, at most.
    compared: usize,
}

/// Most comparisons of bases with variables and names: 500 stages each, compared with each other.
const COMPARISONS: usize = 250_000;

impl Reader<'_> {
    fn stage(&mut self, stage: &mut Stage) {
        for index in stage.instructions.clone() {
            let placed = &self.syntax.instructions()[index];
            let onbuild = placed.instruction.keyword == Keyword::Onbuild;
            let instruction = placed.instruction.effective();
            let site = Site { stage: stage.index, instruction: index, onbuild };
            match (&instruction.keyword, &instruction.arguments) {
                (Keyword::From, Arguments::From(from)) if !onbuild => {
                    if let Some(word) = &from.base {
                        stage.base = Some(self.references.len());
                        let reference = self.base(stage.index, index, placed, word);
                        self.references.push(reference);
                    }
                }
                (Keyword::Copy, _) => self.copy(site, placed, instruction),
                (Keyword::Run, _) => self.mounts(site, placed, instruction),
                _ => {}
            }
        }
    }

    fn base(&mut self, stage: usize, instruction: usize, placed: &Placed, word: &Word) -> Reference {
        let source = |part: Range<usize>| placed.at(word.source(part));
        let expanded =
            |variables: &dyn Variables| expand(word.text(), self.syntax.escape(), &source, variables);
        let default = expanded(&WithDefaults(self.globals));
        self.compared += if word.text().contains('$') { self.names.len() } else { 0 };
        let error = default.as_ref().err().copied();
        let default = default.unwrap_or_default();
        let text = default.text().unwrap_or_default();
        let variable = word.text().contains('$').then(|| {
            let open = expanded(&Open(self.globals)).unwrap_or_else(|_| Expanded::any());
            let above = || self.names.above(stage, |name| open.matches(name));
            let candidates = if self.compared <= COMPARISONS { above() } else { Vec::new() };
            let is_platform = globals::is_platform_variable(word.text());
            Box::new(VariableBase { open, error, is_platform, candidates, default: default.clone() })
        });
        let resolution = match self.names.look_up(Lookup::From(stage), &text) {
            Found::Stage(index) => Resolution::Stage(index),
            _ if error.is_some() || (text.is_empty() && variable.is_some()) => Resolution::Unknown,
            _ if text == "scratch" => Resolution::Scratch,
            _ => match Image::parse(&text) {
                Ok(image) => self.image(image),
                // Values that nobody gave: the build may be meant to get them from outside.
                Err(_) if variable.is_some() => Resolution::Unknown,
                Err(error) => Resolution::Invalid(error),
            },
        };
        // Without variables the quotes around the name are not part of the place.
        let range = match (&variable, default.pieces().first(), default.pieces().last()) {
            (None, Some(expand::Piece::Text(_, Some(first))), Some(expand::Piece::Text(_, Some(last)))) => {
                first.start..last.end
            }
            _ => placed.at(word.range()),
        };
        Reference {
            kind: ReferenceKind::From,
            onbuild: false,
            stage,
            instruction,
            range,
            text,
            resolution,
            variable,
        }
    }

    fn copy(&mut self, site: Site, placed: &Placed, instruction: &Instruction) {
        for flag in instruction.flags.iter().filter(|flag| flag.name.text() == "from") {
            let Some(value) = &flag.value else { continue };
            let text = value.text().to_owned();
            let resolution = if text.is_empty() {
                Resolution::BuildContext
            } else if is_variable(&text, self.syntax.escape()) {
                Resolution::Variable
            } else {
                match self.names.look_up(Lookup::Copy, &text) {
                    Found::Stage(target) => Resolution::Stage(target),
                    Found::Beyond(number) => self.beyond(number),
                    Found::Other => self.external(&text, site.onbuild),
                }
            };
            self.add(ReferenceKind::Copy, site, placed.at(value.range()), text, resolution);
        }
    }

    fn mounts(&mut self, site: Site, placed: &Placed, instruction: &Instruction) {
        for flag in instruction.flags.iter().filter(|flag| is_mount(flag)) {
            let is_from = |option: &&MountOption| option.key.text().eq_ignore_ascii_case("from");
            let mut values = flag.mount.iter().filter(is_from).filter_map(|option| option.value.as_ref());
            let mut any = false;
            while let Some(value) = values.next() {
                let text = value.text().to_owned();
                // Of several the last counts; that none has a variable is asked of all.
                let is_variable = text.strip_suffix('$').unwrap_or(&text).contains('$');
                if !is_variable && values.clone().next().is_some() {
                    continue;
                }
                any = !text.is_empty();
                // `parseMount` (instructions/commands_runmount.go) looks for a `$` that is not the last character.
                let resolution = if text.is_empty() {
                    Resolution::BuildContext
                } else if is_variable {
                    Resolution::Variable
                } else {
                    match self.names.look_up(Lookup::Mount, &text) {
                        Found::Stage(target) => Resolution::Stage(target),
                        Found::Beyond(_) | Found::Other => self.external(&text, site.onbuild),
                    }
                };
                self.add(ReferenceKind::Mount, site, placed.at(value.range()), text, resolution);
            }
            // A mount without `from` takes a place in BuildKit's list too (convert_runmount.go, `detectRunMount`).
            if !any && !site.onbuild && self.names.with_name("scratch").is_empty() {
                self.externals.push("scratch".into());
            }
        }
    }

    /// Adds what the flags of an instruction name.
    fn add(
        &mut self,
        kind: ReferenceKind,
        site: Site,
        range: Range<usize>,
        text: String,
        resolution: Resolution,
    ) {
        let Site { stage, instruction, onbuild } = site;
        let reference =
            Reference { kind, onbuild, stage, instruction, range, text, resolution, variable: None };
        self.references.push(reference);
    }

    fn external(&mut self, text: &str, onbuild: bool) -> Resolution {
        if !onbuild {
            self.externals.push(text.to_owned());
        }
        match Image::parse(text) {
            _ if text == "scratch" => Resolution::Scratch,
            Ok(image) => self.image(image),
            Err(error) => Resolution::Invalid(error),
        }
    }

    /// What the name of an image means: BuildKit asks for a context of that name before it pulls one
    /// (dockerfile2llb/convert.go, `resolveBaseImage`).
    fn image(&self, image: Image) -> Resolution {
        if self.contexts.is_empty() {
            return Resolution::Image(image);
        }
        let name = image.context_name();
        let is_context = self.contexts.contains(name.as_str()) && !names::is_reserved_name(&name);
        if is_context { Resolution::NamedContext(name) } else { Resolution::Image(image) }
    }

    fn beyond(&self, number: i64) -> Resolution {
        let at = number.checked_sub(self.names.len() as i64).and_then(|at| usize::try_from(at).ok());
        match at.and_then(|at| self.externals.get(at)) {
            Some(image) => Resolution::NumberedImage(image.clone()),
            None => Resolution::NoSuchNumber(number),
        }
    }
}

/// A `--mount` of a RUN that has something behind its `=`.
fn is_mount(flag: &Flag) -> bool {
    flag.name.text() == "mount" && flag.value.is_some()
}

/// Whether BuildKit sees a variable in a `--from` (dockerfile2llb/convert.go, `toCommand`): expanding it changes it.
fn is_variable(text: &str, escape: char) -> bool {
    if !text.contains(['$', '"', '\'', escape]) {
        return false;
    }
    expand(text, escape, &|part| part, &Nothing).map(|out| out.text()) != Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use crate::document::Document;

    fn texts(text: &str) -> Vec<String> {
        let doc = Document::open(text, 0);
        doc.stages().references().iter().map(|reference| reference.text.clone()).collect()
    }

    #[test]
    fn quotes_may_stand_anywhere_in_a_mount() {
        for mount in
            ["from=b,target=/x", "\"from=b,target=/x\"", "from=\"b\",target=/x", "from='b',\"target=/x\""]
        {
            assert_eq!(
                texts(&format!("FROM a AS b\nFROM c\nRUN --mount={mount} true\n")),
                ["a", "c", "b"],
                "{mount}"
            );
        }
    }

    #[test]
    fn of_several_froms_of_a_mount_the_last_counts() {
        assert_eq!(texts("FROM a\nRUN --mount=from=b,FROM=c,target=/x\n"), ["a", "c"]);
        assert_eq!(texts("FROM a\nRUN --mount=from=$B,from=c,target=/x\n"), ["a", "$B", "c"]);
        assert_eq!(texts("FROM a\nRUN --mount='\"from=b,c\",target=/x'\n"), ["a", "b,c"]);
    }

    #[test]
    fn a_mount_from_may_end_with_any_character() {
        assert_eq!(texts("FROM a\nRUN --mount=from=é漢\n"), ["a", "é漢"]);
        assert_eq!(texts("FROM a\nRUN --mount=from=$\n"), ["a", "$"]);
    }
}
