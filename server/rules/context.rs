//! What several rules want to know of a document, found out once.

use std::{
    borrow::Cow,
    cell::OnceCell,
    collections::{HashMap, HashSet},
    ops::Range,
};

use super::{
    Severity,
    mismatch::{self, Mismatch},
    mount::{self, MountFlag},
    near::{Near, nearest},
    running::{self, Running},
    stage_outside_default_build,
    stage_roles::{is_development, is_tool},
    undeclared::{self, Undeclared},
};
use crate::{
    builds::Certainty,
    document::Document,
    flow::{Flow, Origin, StageFlow},
    language::flags,
    outside::{Asked, User, without_platform},
    stages::{
        Edge, EdgeKind, Found, Lookup, Reference, ReferenceKind, Resolution, Stage, Stages,
        expand::{self, Anything},
        globals::is_predefined,
        image, names,
    },
    syntax::{Arguments, Flag, Instruction, Keyword, Placed, Word},
    variables::Mode,
};

/// A document and the facts that rules share.
#[derive(Debug)]
pub struct Context<'a> {
    pub doc: &'a Document,
    pub stages: &'a Stages,
    /// Whether anybody will look at the fixes.
    pub fixes: bool,
    /// Which stages are certainly built, by index: by the build that is called, else by the default build or by one of the
    /// workspace that asks for its target by name.
    pub built: Vec<bool>,
    /// Which stages the build that is called builds, by index: the default build, if there is no `--target`.
    pub built_by_default: Vec<bool>,
    /// The builds of the workspace that ask for a stage by its name (see [`Stages::targeted`]).
    targeted: Vec<(usize, usize)>,
    /// Per stage, the references that mean it, as indices into [`Stages::references`].
    pub uses: Vec<Vec<usize>>,
    /// Per stage, whether another one needs it, or it itself.
    pub needed: Vec<bool>,
    /// Which stages a variable can stand for, by index.
    pub variable: Vec<bool>,
    /// References that count stages or what comes behind them, as indices into [`Stages::references`].
    pub numbers: Vec<usize>,
    /// Per stage, its ONBUILDs, as indices into [`Syntax::instructions`](crate::syntax::Syntax::instructions).
    pub triggers: Vec<Vec<usize>>,
    /// The stages of whose name builds of the workspace give contexts.
    replaced: HashSet<usize>,
    /// Per name of an unknown stage, in lower case: the stages that may have been meant, best first.
    near: HashMap<String, Vec<usize>>,
    /// The same for names that builds of the workspace give contexts.
    near_contexts: HashMap<String, Vec<&'a str>>,
    /// The instructions by what they do, that of an ONBUILD by what is in it, then by place.
    by_keyword: Vec<(u8, u32)>,
    /// Per stage, the group of stages that need each other which it belongs to.
    groups: Vec<Option<usize>>,
    undeclared: OnceCell<Vec<Undeclared>>,
    mounts: OnceCell<Vec<MountFlag>>,
    mismatches: OnceCell<Vec<Mismatch>>,
    running: OnceCell<Vec<Running<'a>>>,
    outside: OnceCell<Vec<usize>>,
    needed_by_target: OnceCell<Vec<Option<usize>>>,
    /// The texts of all references.
    referred: OnceCell<HashSet<String>>,
}

/// An instruction that BuildKit runs.
#[derive(Debug, Clone, Copy)]
pub struct Command<'a> {
    pub placed: &'a Placed,
    /// The instruction itself: of an ONBUILD, the inner one.
    pub instruction: &'a Instruction,
}

impl<'a> Context<'a> {
    pub fn new(doc: &'a Document, fixes: bool) -> Context<'a> {
        let stages = doc.stages();
        let count = stages.all().len();
        let built = stages.built();
        let mut context = Context {
            doc,
            stages,
            fixes,
            built: built.clone(),
            built_by_default: built,
            targeted: stages.targeted(doc.outside()),
            uses: vec![Vec::new(); count],
            needed: vec![false; count],
            variable: vec![false; count],
            numbers: Vec::new(),
            triggers: vec![Vec::new(); count],
            replaced: HashSet::new(),
            near: HashMap::new(),
            near_contexts: HashMap::new(),
            by_keyword: by_keyword(doc),
            groups: groups(stages, |_| true),
            undeclared: OnceCell::new(),
            mounts: OnceCell::new(),
            mismatches: OnceCell::new(),
            running: OnceCell::new(),
            outside: OnceCell::new(),
            needed_by_target: OnceCell::new(),
            referred: OnceCell::new(),
        };
        let mut contexts: Vec<&str> = doc.outside().context_names().into_iter().collect();
        contexts.sort_unstable();
        context.replaced = contexts.iter().flat_map(|name| stages.names().with_name(name)).copied().collect();
        let near = Near::new();
        let mut names = None;
        for (index, reference) in stages.references().iter().enumerate() {
            if let Some(target) = reference.target() {
                context.uses[target].push(index);
            }
            if reference.kind == ReferenceKind::Copy && names::stage_number(&reference.text).is_some() {
                context.numbers.push(index);
            }
            for &candidate in reference.variable.iter().flat_map(|variable| &variable.candidates) {
                context.variable[candidate] = true;
            }
            if is_unknown_name(reference) && !context.near.contains_key(&reference.text.to_lowercase()) {
                let names = names.get_or_insert_with(|| lower_names(stages));
                let found =
                    near.find(&reference.text, names.iter().map(|(index, name)| (*index, name.as_str())));
                context.near.insert(reference.text.to_lowercase(), found);
                if !contexts.is_empty() {
                    let found = near.find(&reference.text, contexts.iter().copied().enumerate());
                    let found = found.into_iter().map(|index| contexts[index]).collect();
                    context.near_contexts.insert(reference.text.to_lowercase(), found);
                }
            }
        }
        for edge in stages.edges() {
            context.needed[edge.from] = true;
        }
        for stage in stages.all() {
            let is_trigger =
                |&index: &usize| context.instruction(index).instruction.keyword == Keyword::Onbuild;
            context.triggers[stage.index] = stage.instructions.clone().filter(is_trigger).collect();
        }
        // Who calls a build with a target has chosen.
        if !context.targeted.is_empty() && doc.options().target.is_none() {
            let certain = context.targeted.iter().filter(|(_, user)| context.builds_for_certain(*user));
            let certain: Vec<usize> =
                certain.map(|(stage, _)| *stage).chain(stages.target().stage()).collect();
            context.built = context.reached(certain);
        }
        context
    }

    /// The variables that stages use without a declaration that they see.
    pub fn undeclared(&self) -> &[Undeclared] {
        self.undeclared.get_or_init(|| undeclared::find(self))
    }

    /// The mounts of all RUNs that have something behind their `=`, in file order.
    pub fn mounts(&self) -> &[MountFlag] {
        self.mounts.get_or_init(|| mount::all(self))
    }

    /// What images copy from stages that stand on another system.
    pub fn mismatches(&self) -> &[Mismatch] {
        self.mismatches.get_or_init(|| mismatch::find(self))
    }

    /// The stages that only `--target` builds, by their names.
    pub fn outside(&self) -> &[usize] {
        self.outside.get_or_init(|| stage_outside_default_build::outside(self))
    }

    /// The commands of all RUNs, in file order.
    pub fn running(&self) -> &[Running<'a>] {
        self.running.get_or_init(|| running::all(self.doc))
    }

    /// Those of one stage.
    pub fn running_in(&self, stage: usize) -> &[Running<'a>] {
        let all = self.running();
        let start = all.partition_point(|running| running.stage < stage);
        let count = all[start..].partition_point(|running| running.stage == stage);
        &all[start..start + count]
    }

    /// The command that an [`Origin`] tells of.
    pub fn running_at(&self, origin: Origin) -> Option<&Running<'a>> {
        self.running_in(origin.stage).iter().find(|running| running.origin() == origin)
    }

    /// Where a further command can be added behind ` && ` to the RUN of `running`: at its end, if its last command ends there.
    pub fn end_of_commands(&self, running: &Running<'_>) -> Option<usize> {
        let placed = running.placed();
        let is_shell = matches!(placed.instruction.arguments, Arguments::Text(_));
        if !is_shell || !placed.instruction.heredocs.is_empty() {
            return None;
        }
        let same = self.running_in(running.stage).iter().filter(|other| other.number == running.number);
        let last = same.map(|other| other.range().end).max()?;
        let end = placed.range().end;
        // A comment, a parenthesis or `fi` may follow.
        self.doc.text().slice(last..end).trim().is_empty().then_some(last)
    }

    /// Where a further instruction can be added behind one (index): its end, if it has one.
    pub fn end_of_instruction(&self, index: usize) -> Option<usize> {
        let placed = self.instruction(index);
        let end = placed.range().end;
        let is_open = placed.instruction.effective().heredocs.iter().any(|heredoc| heredoc.end.is_none())
            || self.doc.text().slice(placed.range()).trim_end().ends_with(self.doc.syntax().escape());
        (!is_open).then_some(end)
    }

    /// What flows between the stages.
    pub fn flow(&self) -> &'a Flow {
        self.doc.flow()
    }

    /// The stage that people run: the one whose image is made, unless its name says that it is for something else, such as
    /// tests. What is wrong in it and in the stages that it builds on is wrong in the image.
    pub fn final_stage(&self) -> Option<usize> {
        let stage = self.image()?;
        (!self.is_work(stage) && has_finished_end(self)).then_some(stage)
    }

    /// The stage whose image is made: the one that is built, unless all builds of the workspace ask for others. Of several of
    /// those the last in the file counts.
    pub fn image(&self) -> Option<usize> {
        let target = self.stages.target().stage();
        if self.targeted.is_empty() || self.doc.options().target.is_some() {
            return target;
        }
        let users = &self.doc.outside().users;
        let mut counting = users.iter().filter(|user| user.certainty > Certainty::Unknown);
        if counting.any(|user| !matches!(&user.target, Asked::Named(name) if !name.is_empty())) {
            return target;
        }
        let counts = |&(stage, user): &(usize, usize)| {
            (users[user].certainty > Certainty::Unknown && !self.is_work(stage)).then_some(stage)
        };
        self.targeted.iter().rev().find_map(counts).or(target)
    }

    /// Whether a stage's name says that it is for something else than to be run.
    fn is_work(&self, stage: usize) -> bool {
        let name = self.stages.all()[stage].name.as_ref();
        name.is_some_and(|name| is_development(&name.text) || is_tool(&name.text))
    }

    /// The builds of the workspace that ask for a stage by its name.
    pub fn targeted_by(&self, stage: usize) -> impl Iterator<Item = &'a User> {
        let start = self.targeted.partition_point(|(index, _)| *index < stage);
        let own = self.targeted[start..].iter().take_while(move |(index, _)| *index == stage);
        let users = &self.doc.outside().users;
        own.map(move |(_, user)| &users[*user])
    }

    /// Whether a build of the workspace asks for a stage by its name.
    pub fn is_target(&self, stage: usize) -> bool {
        self.targeted_by(stage).next().is_some()
    }

    /// The stage for which builds of the workspace need `stage`: one that they ask for by its name, itself if it is one.
    pub fn needed_by_target(&self, stage: usize) -> Option<usize> {
        let find = || {
            let mut found = vec![None; self.stages.all().len()];
            let mut open: Vec<(usize, usize)> = Vec::new();
            // Who asks for a stage itself says more than who needs it.
            for &(target, _) in &self.targeted {
                if found[target].replace(target).is_none() {
                    open.push((target, target));
                }
            }
            while let Some((stage, target)) = open.pop() {
                for edge in self.needs(stage) {
                    if found[edge.from].is_none() {
                        found[edge.from] = Some(target);
                        open.push((edge.from, target));
                    }
                }
            }
            found
        };
        if self.targeted.is_empty() {
            return None;
        }
        self.needed_by_target.get_or_init(find)[stage]
    }

    /// Whether a build of the workspace (index) builds the target that it asks for, and all that this one needs, for certain.
    fn builds_for_certain(&self, user: usize) -> bool {
        let user = &self.doc.outside().users[user];
        // A context takes the place of a stage with all that it needs, and what is left of the file is another graph.
        let replaces = || {
            let mut keys = user.contexts.keys();
            keys.any(|key| !self.stages.names().with_name(without_platform(key)).is_empty())
        };
        // An argument may choose another stage in a FROM.
        let chooses = || {
            let mut globals = self.stages.globals().args.iter();
            self.variable.contains(&true) && globals.any(|arg| user.args.contains_key(&arg.name))
        };
        user.certainty == Certainty::Certain && !replaces() && !chooses()
    }

    /// Whether a build of the workspace gives a context that takes the place of a stage (dockerfile2llb/convert.go): there,
    /// nothing of what the file says of the stage holds.
    pub fn is_replaced(&self, stage: usize) -> bool {
        self.replaced.contains(&stage)
    }

    /// The [final stage](Context::final_stage) and the stages that it builds on.
    pub fn final_chain(&self) -> impl Iterator<Item = &'a StageFlow> {
        let flow = self.flow();
        self.final_stage().into_iter().flat_map(|stage| flow.stage(stage).chain())
    }

    /// The place of what an [`Origin`] tells, in bytes of the file: the command, else the instruction without its heredocs.
    pub fn place_of(&self, origin: Origin) -> Range<usize> {
        let index = self.stages.all()[origin.stage].instructions.start + origin.instruction;
        let placed = self.instruction(index);
        match self.running_at(origin) {
            Some(running) => running.range(),
            None => placed.start..placed.start + placed.instruction.head(),
        }
    }

    /// Whether some FROM, `--from` or mount says just this.
    pub fn is_referred_to(&self, name: &str) -> bool {
        let texts = || self.stages.references().iter().map(|reference| reference.text.clone()).collect();
        self.referred.get_or_init(texts).contains(name)
    }

    /// How bad it is what only matters when `stage` is built.
    pub fn if_built(&self, stage: usize) -> Severity {
        if self.built[stage] { Severity::Error } else { Severity::Warning }
    }

    /// How bad it is what always fails. In an ONBUILD that takes a stage that builds on the one which holds it.
    pub fn always(&self, onbuild: bool, stage: usize) -> Severity {
        if onbuild && !self.is_triggered(stage) { Severity::Warning } else { Severity::Error }
    }

    /// How bad it is what BuildKit refuses in an instruction (by its index) once it knows the arguments. The one inside an
    /// ONBUILD it looks at so closely only for a stage that builds on this one.
    pub fn refused(&self, index: usize) -> Severity {
        self.parse_error(index, self.instruction(index).instruction.keyword == Keyword::Onbuild)
    }

    /// How bad it is what BuildKit refuses to parse in an instruction (index into
    /// [`Syntax::instructions`](crate::syntax::Syntax::instructions)). `onbuild`: what is wrong stands in the body of an
    /// ONBUILD.
    pub fn parse_error(&self, instruction: usize, onbuild: bool) -> Severity {
        match self.stages.of_instruction(instruction) {
            Some(stage) => self.always(onbuild, stage.index),
            None if onbuild => Severity::Warning,
            None => Severity::Error,
        }
    }

    /// How bad it is what BuildKit refuses when it builds an instruction (index as above).
    pub fn build_error(&self, instruction: usize) -> Severity {
        let onbuild = self.instruction(instruction).instruction.keyword == Keyword::Onbuild;
        match self.stages.of_instruction(instruction) {
            Some(stage) if onbuild => self.always(true, stage.index),
            Some(stage) => self.if_built(stage.index),
            None => Severity::Warning,
        }
    }

    /// The text that a word of an instruction (index as above) has when it is built, if that is certain: quotes are off, and
    /// variables have the only value that they can have.
    pub fn value<'w>(&self, instruction: usize, word: &'w Word) -> Option<Cow<'w, str>> {
        if !word.text().contains(['$', '"', '\'', self.doc.syntax().escape()]) {
            return Some(word.text().into());
        }
        // The variables of an ONBUILD are those of the stages that build on it.
        let onbuild = self.instruction(instruction).instruction.keyword == Keyword::Onbuild;
        let expanded = if onbuild {
            expand::expand(word.text(), self.doc.syntax().escape(), &|part| part, &Anything)
        } else {
            self.doc.expand(instruction, word, Mode::Open)
        };
        expanded.ok()?.text().map(Cow::Owned)
    }

    /// The line (from 1) that `offset` (bytes) is on.
    pub fn line(&self, offset: usize) -> usize {
        self.doc.text().line_of(offset) + 1
    }

    pub fn instruction(&self, index: usize) -> &'a Placed {
        &self.doc.syntax().instructions()[index]
    }

    /// The instruction that a stage starts with.
    pub fn opening(&self, stage: usize) -> &'a Placed {
        self.instruction(self.stages.all()[stage].instructions.start)
    }

    /// The instructions that do what one of `keywords` says, those of an ONBUILD included: each as its index and what holds it, in
    /// file order per keyword.
    pub fn with(&self, keywords: &[Keyword]) -> impl Iterator<Item = (usize, &'a Placed)> {
        let ranges = keywords.iter().map(|&keyword| {
            let start = self.by_keyword.partition_point(|(other, _)| *other < keyword as u8);
            let count = self.by_keyword[start..].partition_point(|(other, _)| *other == keyword as u8);
            &self.by_keyword[start..start + count]
        });
        ranges.flatten().map(|&(_, index)| (index as usize, self.instruction(index as usize)))
    }

    /// Those of all stages that BuildKit runs. What is in an ONBUILD it looks at only if a stage that is built builds on the
    /// one that holds it.
    pub fn commands(&self, keywords: &[Keyword]) -> impl Iterator<Item = Command<'a>> {
        self.with(keywords).filter_map(|(index, placed)| {
            let stage = self.stages.of_instruction(index)?.index;
            let is_trigger = placed.instruction.keyword == Keyword::Onbuild;
            let instruction = placed.instruction.effective();
            (!is_trigger || self.is_triggered(stage)).then_some(Command { placed, instruction })
        })
    }

    /// Whether a stage that is built builds on `stage`: only then BuildKit reads what its ONBUILDs hold
    /// (dockerfile2llb/convert.go, `resolveStages`).
    pub fn is_triggered(&self, stage: usize) -> bool {
        self.uses[stage].iter().any(|&index| {
            let user = &self.stages.references()[index];
            user.kind == ReferenceKind::From && self.built[user.stage]
        })
    }

    /// Where a stage is declared, for a related place.
    pub fn declaration(&self, stage: usize) -> Range<usize> {
        self.opening(stage).range()
    }

    /// What a stage needs.
    pub fn needs(&self, stage: usize) -> &'a [Edge] {
        // Edges come in the order of the stages that need something.
        let edges = self.stages.edges();
        let start = edges.partition_point(|edge| edge.to < stage);
        let count = edges[start..].partition_point(|edge| edge.to == stage);
        &edges[start..start + count]
    }

    /// The stages above `stage` that someone may have meant who wrote the unknown name `text`, best first.
    pub fn near(&self, text: &str, stage: usize) -> Vec<usize> {
        let all = self.near.get(&text.to_lowercase()).map_or(&[][..], Vec::as_slice);
        all.iter().copied().filter(|&index| index < stage).collect()
    }

    /// The names of build contexts that someone may have meant, likewise.
    pub fn near_contexts(&self, text: &str) -> &[&'a str] {
        if self.near_contexts.is_empty() {
            return &[];
        }
        self.near_contexts.get(&text.to_lowercase()).map_or(&[][..], Vec::as_slice)
    }

    /// Whether someone may have meant a stage above or a build context who wrote the name of neither.
    pub fn is_near_miss(&self, reference: &Reference) -> bool {
        is_unknown_name(reference)
            && (!self.near(&reference.text, reference.stage).is_empty()
                || !self.near_contexts(&reference.text).is_empty())
    }

    /// The variables of a FROM's word that nothing can set: neither an ARG above the first FROM nor BuildKit.
    pub fn undeclared_in_from<'t>(&self, word: &'t str) -> Vec<&'t str> {
        let names = word.split('$').skip(1).map(|rest| rest.strip_prefix('{').unwrap_or(rest));
        let names = names.map(|rest| {
            &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())]
        });
        let is_declared =
            |name: &str| is_predefined(name) || self.stages.globals().args.iter().any(|arg| arg.name == name);
        names.filter(|name| !name.is_empty() && !is_declared(name)).collect()
    }

    /// Whether two stages need each other, on whatever way.
    pub fn in_one_cycle(&self, a: usize, b: usize) -> bool {
        a != b && self.groups[a].is_some() && self.groups[a] == self.groups[b]
    }

    /// The groups of stages that need each other by edges that `counts` accepts: per stage, its group.
    pub fn cycles(&self, counts: impl Fn(&Edge) -> bool) -> Vec<Option<usize>> {
        groups(self.stages, counts)
    }

    /// The stages that mistakes which other rules report seem to mean, and what these need: nothing is to be said about
    /// them until the mistake is corrected.
    pub fn meant(&self) -> Vec<bool> {
        let count = self.stages.all().len();
        let mut roots = Vec::new();
        // All stages above this one.
        let mut above = 0;
        for reference in self.stages.references() {
            let lower = reference.text.to_lowercase();
            match (&reference.kind, &reference.resolution) {
                (ReferenceKind::Copy, Resolution::NoSuchNumber(_) | Resolution::NumberedImage(_)) => {
                    above = above.max(reference.stage);
                }
                (ReferenceKind::Copy, Resolution::Stage(target)) if *target == reference.stage => {
                    above = above.max(reference.stage);
                }
                (ReferenceKind::Copy | ReferenceKind::Mount, Resolution::Variable) => {
                    match self.variable_value(&reference.text) {
                        Some(stage) => roots.push(stage),
                        None => above = above.max(reference.stage),
                    }
                }
                (ReferenceKind::Mount, Resolution::Image(_)) if is_digits(&reference.text) => {
                    roots.extend(reference.text.parse().ok().filter(|&index: &usize| index < count));
                }
                (
                    ReferenceKind::From,
                    Resolution::Image(_) | Resolution::Invalid(_) | Resolution::Unknown,
                ) => {
                    let named = self.stages.names().with_name(&lower);
                    roots.extend(named.last().filter(|&&index| index != reference.stage));
                }
                _ => {}
            }
            if is_unknown_name(reference) {
                roots.extend(self.near.get(&lower).into_iter().flatten());
            }
        }
        roots.extend(0..above);
        // A misspelt `--from`, or that of an ADD.
        for placed in self.doc.syntax().instructions() {
            let instruction = placed.instruction.effective();
            if !matches!(instruction.keyword, Keyword::Copy | Keyword::Add) {
                continue;
            }
            let is_from = |flag: &&Flag| {
                let name = flag.name.text();
                // No other flag of the two is near it.
                name == "from"
                    || (flags::flag(instruction.keyword, name).is_none()
                        && nearest(name, &["from"]).is_some())
            };
            for flag in instruction.flags.iter().filter(is_from) {
                let value = flag.value.as_ref().or(instruction.words().first());
                let found = value.map(|value| self.stages.names().look_up(Lookup::Copy, value.text()));
                if let Some(Found::Stage(index)) = found {
                    roots.push(index);
                }
            }
        }
        self.reached(roots)
    }

    /// Which stages `roots` need, themselves included, by index.
    pub fn reached(&self, roots: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut reached = vec![false; self.stages.all().len()];
        let mut open: Vec<usize> = roots.into_iter().collect();
        while let Some(stage) = open.pop() {
            if !std::mem::replace(&mut reached[stage], true) {
                open.extend(self.needs(stage).iter().map(|edge| edge.from));
            }
        }
        reached
    }

    /// The stage that a variable in a `--from` stands for, going by the defaults of the ARGs.
    fn variable_value(&self, text: &str) -> Option<usize> {
        use crate::stages::{expand, globals::WithDefaults};
        let value = expand::expand(
            text,
            self.doc.syntax().escape(),
            &|part| part,
            &WithDefaults(self.stages.globals()),
        );
        match self.stages.names().look_up(Lookup::Copy, &value.ok()?.text()?) {
            Found::Stage(index) => Some(index),
            Found::Beyond(_) | Found::Other => None,
        }
    }
}

fn by_keyword(doc: &Document) -> Vec<(u8, u32)> {
    let instructions = doc.syntax().instructions();
    // Sorted by counting: this is done at every keystroke.
    let mut ends = [0; 256];
    let keyword = |index: usize| instructions[index].instruction.effective().keyword as u8;
    (0..instructions.len()).for_each(|index| ends[usize::from(keyword(index))] += 1);
    let mut start = 0;
    for end in &mut ends {
        start += std::mem::replace(end, start);
    }
    let mut all = vec![(0, 0); instructions.len()];
    for index in 0..instructions.len() {
        let keyword = keyword(index);
        let at = &mut ends[usize::from(keyword)];
        all[*at] = (keyword, index as u32);
        *at += 1;
    }
    all
}

fn lower_names(stages: &Stages) -> Vec<(usize, String)> {
    let names = stages.all().iter().filter_map(|stage| Some((stage.index, stage.name.as_ref()?)));
    names.map(|(index, name)| (index, name.text.to_lowercase())).collect()
}

/// Whether a COPY or mount means by a bare word what is no stage of this file.
pub fn is_unknown_name(reference: &Reference) -> bool {
    let text = reference.text.as_str();
    matches!(reference.kind, ReferenceKind::Copy | ReferenceKind::Mount)
        && matches!(reference.resolution, Resolution::Image(_) | Resolution::Invalid(_))
        && !text.is_empty()
        && !text.contains(['/', '.', ':', '@'])
        && !is_digits(text)
        && !image::looks_like_image(text)
}

pub fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a stage's FROM is as it should be, so that what is missing in it is meant to be missing.
pub fn is_well_formed(context: &Context<'_>, stage: &Stage) -> bool {
    match &context.opening(stage.index).instruction.arguments {
        Arguments::From(from) => names_its_image(context, stage) && from.unexpected.is_empty(),
        _ => false,
    }
}

/// The same, but for a comment that may stand behind it, which is none there.
pub fn names_its_image(context: &Context<'_>, stage: &Stage) -> bool {
    match &context.opening(stage.index).instruction.arguments {
        Arguments::From(from) => {
            from.base.as_ref().is_some_and(|base| !base.text().starts_with('#'))
                && from.as_keyword.is_some() == from.name.is_some()
                && from.unexpected.first().is_none_or(|word| word.text().starts_with('#'))
        }
        _ => false,
    }
}

/// Whether the file's last stage is one that was meant as such: not while a FROM is being typed, nor while a heredoc
/// without its end swallows what follows.
pub fn has_finished_end(context: &Context<'_>) -> bool {
    let Some(last) = context.stages.all().last() else { return false };
    let instruction = &context.instruction(last.instructions.end - 1).instruction;
    names_its_image(context, last) && instruction.heredocs.iter().all(|heredoc| heredoc.end.is_some())
}

/// Tarjan's strongly connected components of more than one stage, without recursion.
fn groups(stages: &Stages, counts: impl Fn(&Edge) -> bool) -> Vec<Option<usize>> {
    let count = stages.all().len();
    let mut groups = vec![None; count];
    // Without an edge to a stage below there is no cycle.
    if !stages.edges().iter().any(|edge| edge.from > edge.to && edge.kind != EdgeKind::Onbuild) {
        return groups;
    }
    let mut needs: Vec<Vec<usize>> = vec![Vec::new(); count];
    for edge in stages.edges().iter().filter(|edge| edge.kind != EdgeKind::Onbuild && counts(edge)) {
        needs[edge.to].push(edge.from);
    }
    let mut order = vec![usize::MAX; count];
    let mut low = vec![usize::MAX; count];
    let mut on_stack = vec![false; count];
    let mut stack = Vec::new();
    let mut next = 0;
    for root in 0..count {
        if order[root] != usize::MAX {
            continue;
        }
        let mut path = vec![(root, 0)];
        while let Some((stage, child)) = path.last_mut() {
            let stage = *stage;
            if *child == 0 {
                order[stage] = next;
                low[stage] = next;
                next += 1;
                stack.push(stage);
                on_stack[stage] = true;
            }
            if let Some(&need) = needs[stage].get(*child) {
                *child += 1;
                if order[need] == usize::MAX {
                    path.push((need, 0));
                } else if on_stack[need] {
                    low[stage] = low[stage].min(order[need]);
                }
                continue;
            }
            path.pop();
            if let Some(&(parent, _)) = path.last() {
                low[parent] = low[parent].min(low[stage]);
            }
            if low[stage] == order[stage] {
                let start = stack.iter().rposition(|&member| member == stage).expect("it was put there");
                let members = stack.split_off(start);
                for &member in &members {
                    on_stack[member] = false;
                    groups[member] = (members.len() > 1).then_some(stage);
                }
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        fixture::{outside, user},
        rules::{check, testing::among},
        stages::BuildOptions,
    };

    fn with<T>(doc: &Document, ask: impl Fn(&Context<'_>) -> T) -> T {
        ask(&Context::new(doc, true))
    }

    fn doc(text: &str, users: impl IntoIterator<Item = User>) -> Document {
        Document::open(text, 0).with_outside(outside(users))
    }

    #[test]
    fn who_certainly_builds_a_stage_has_its_errors() {
        let rule = &crate::rules::stage_forward_reference::STAGE_FORWARD_REFERENCE;
        let text = |severity: &str| {
            format!("FROM a:1 AS x\nCOPY --from=y /f /f\n            ^ {severity}\nFROM a:1 AS y\nFROM a:1\n")
        };
        among([user("w").target("x")]).fires(rule, &text("error"));
        among([user("w").target("x").likely()]).fires(rule, &text("warning"));
        // The stage that it replaces may be the one that is wrong.
        among([user("w").target("x").context("x")]).fires(rule, &text("warning"));
        among([user("w").target("y")]).fires(rule, &text("warning"));
        let text = "
            ARG B=x
            FROM a:1 AS x
            COPY --from=y /f /f
                        ^ warning
            FROM a:1 AS y
            FROM $B AS z
            FROM a:1
            ";
        among([user("w").target("z").arg("B", "y")]).fires(rule, text);
        among([user("w").target("z").arg("C", "y")]).fires(rule, &text.replace("warning", "error"));
        let options = BuildOptions { target: Some("y".into()), ..BuildOptions::default() };
        let called = Document::with_options("FROM a:1 AS x\nFROM a:1 AS y\n", 0, Arc::new(options));
        let called = called.with_outside(outside([user("w").target("x")]));
        assert_eq!(with(&called, |context| context.built.clone()), [false, true]);
    }

    #[test]
    fn the_final_stage_is_what_people_build() {
        let text = "FROM a:1 AS prod\nFROM a:1 AS web\nFROM prod AS test\nFROM a:1\n";
        let finals = |users: Vec<User>| with(&doc(text, users), |context| context.final_stage());
        let asks = |name: &str| user(name).target(name);
        assert_eq!(finals(vec![]), Some(3));
        assert_eq!(finals(vec![asks("prod"), asks("test")]), Some(0));
        assert_eq!(finals(vec![asks("prod"), asks("web")]), Some(1), "the last of several");
        assert_eq!(finals(vec![asks("test")]), Some(3), "nobody ships what they test");
        assert_eq!(finals(vec![asks("prod"), user("w")]), Some(3));
        assert_eq!(finals(vec![asks("prod"), user("w").unknown_target()]), Some(3));
        let doubtful = |user| User { certainty: Certainty::Unknown, ..user };
        assert_eq!(finals(vec![asks("prod"), doubtful(user("w"))]), Some(0));
        assert_eq!(finals(vec![doubtful(asks("prod"))]), Some(3));
    }

    #[test]
    fn nothing_is_said_of_build_contexts() {
        let text = "\
FROM base AS app
WORKDIR /app
RUN npm ci
COPY --from=alpine:latest /etc/ssl /etc/ssl
COPY --from=docker.io/tools/x /x /usr/local/bin/x
FROM src
FROM scratch AS placeholder
FROM alpine:3.20
COPY --from=placeholder /a /a
COPY --from=app /nowhere/a /b
";
        let names = ["base", "src", "alpine", "tools/x", "placeholder", "app"];
        let users = names.map(|name| user(name).context(name));
        let said = |users: &[User]| -> Vec<&str> {
            let codes = check(&doc(text, users.to_vec())).into_iter().map(|finding| finding.code);
            codes.filter(|code| *code != "dead-unnamed-stage").collect()
        };
        assert_eq!(said(&users), [""; 0]);
        assert!(said(&[]).len() > 4, "{:?}", said(&[]));
    }
}
