//! Uses of variables that nothing declares where they stand, and what the reason seems to be: found once, told by several
//! rules.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    Finding, Severity,
    context::Context,
    near_variable::is_near,
    stage_edits::{indent, insert, newline, title},
};
use crate::{
    language::arguments::PROXY_ARGS,
    stages::{ReferenceKind, Resolution, globals},
    syntax::{
        Keyword,
        variables::{Operator, Reader},
    },
    text::Edit,
    variables::{Declaration, DeclarationKind, Meaning, Use, well_known},
};

/// The uses of one undeclared name in one stage.
#[derive(Debug)]
pub struct Undeclared {
    pub stage: usize,
    pub name: Arc<str>,
    /// As indices into [`Variables::uses`](crate::variables::Variables::uses), in the order in which BuildKit meets them; at
    /// least one.
    pub uses: Vec<usize>,
    pub cause: Cause,
    /// The worst that a finding may be.
    pub severity: Severity,
}

/// Why a name is not declared; declarations are indices into
/// [`Variables::declarations`](crate::variables::Variables::declarations).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// BuildKit sets it, for stages that ask.
    Platform,
    /// A global ARG that the stage does not declare again.
    Global(usize),
    /// An ARG of a stage that this one does not build on.
    Arg(usize),
    /// An ENV of a stage that this one does not build on.
    Env(usize),
    /// `ENV X=$X`
    Itself,
    /// Misspelt: this name is visible.
    Near(usize),
    /// The base image may set it, or a program; or nobody.
    Unknown,
}

/// How many names and declarations are looked through for one document, before it gets slow.
const BUDGET: usize = 200_000;

/// How many stages up a finding about the same name is looked for.
const LEVELS: usize = 16;

/// Finds them all, in the order of their first uses.
pub fn find(context: &Context<'_>) -> Vec<Undeclared> {
    let mut found = uses(context);
    if found.is_empty() {
        return found;
    }
    let causes = Causes::new(context);
    let mut budget = BUDGET;
    let mut told = HashSet::new();
    for undeclared in &mut found {
        let (stage, name) = (undeclared.stage, undeclared.name.clone());
        let (cause, severity) = causes.of(context, undeclared, &mut budget);
        (undeclared.cause, undeclared.severity) = (cause, severity);
        // A declaration in the stage that this one builds on serves both: one root cause.
        let is_told_each_time = cause == Cause::Unknown
            || (matches!(cause, Cause::Near(_)) && context.doc.variables().has_known_root(stage));
        let mut below = context.stages.base(stage).and_then(|base| base.target());
        for _ in 0..LEVELS {
            let Some(parent) = below.filter(|&parent| parent < stage) else { break };
            if told.contains(&(parent, name.clone())) && !is_told_each_time {
                undeclared.uses.clear();
                break;
            }
            below = context.stages.base(parent).and_then(|base| base.target()).filter(|&next| next < parent);
        }
        if !is_told_each_time {
            told.insert((stage, name));
        }
    }
    found.retain(|undeclared| !undeclared.uses.is_empty());
    found
}

impl Undeclared {
    /// The use that carries the finding: the first that has nothing to fall back on, or else the first.
    pub fn carrier<'a>(&self, context: &Context<'a>) -> &'a Use {
        let uses = context.doc.variables().uses();
        let plain = self.uses.iter().find(|&&index| !has_fallback(&uses[index]));
        &uses[*plain.unwrap_or(&self.uses[0])]
    }

    /// The use that a declaration has to stand above.
    pub fn first<'a>(&self, context: &Context<'a>) -> &'a Use {
        &context.doc.variables().uses()[self.uses[0]]
    }
}

/// The check of BuildKit that says the same of a use; it looks at no shell text, and at no EXPOSE (dockerfile2llb/convert.go,
/// `dispatch`).
pub fn check_of(context: &Context<'_>, used: &Use) -> Option<&'static str> {
    let keyword = context.instruction(used.instruction).instruction.effective().keyword;
    (used.reader == Reader::BuildKit && keyword != Keyword::Expose).then_some("UndefinedVar")
}

/// Adds what findings about undeclared names have in common.
pub fn describe<'f>(
    context: &Context<'_>,
    finding: &'f mut Finding,
    undeclared: &Undeclared,
) -> &'f mut Finding {
    finding.severity = finding.severity.min(undeclared.severity);
    finding.same_as(check_of(context, undeclared.carrier(context)))
}

/// How a message calls the stage of a declaration: `stage "builder"`, `stage 2`.
pub fn stage_of(context: &Context<'_>, declaration: &Declaration) -> String {
    let stage = declaration.stage.map(|stage| title(&context.stages.all()[stage]));
    stage.unwrap_or_default().replacen("Stage", "stage", 1)
}

/// Puts `declaration`, such as `ARG X`, above the instruction of a use and the comments that belong to it.
pub fn declare_above(context: &Context<'_>, used: &Use, keyword: &str, rest: &str) -> Option<Vec<Edit>> {
    if !context.fixes {
        return None;
    }
    let placed = context.instruction(used.instruction);
    let text = context.doc.text();
    let mut line = text.line_of(placed.start);
    for (comment, _) in context.doc.comments_above(used.instruction).iter().rev() {
        match text.line_of(comment.start) {
            above if above + 1 == line => line = above,
            _ => break,
        }
    }
    let onbuild = if used.onbuild { format!("{} ", placed.instruction.word.text()) } else { String::new() };
    let keyword = cased(keyword, placed.instruction.word.text());
    let written = format!("{}{onbuild}{keyword} {rest}{}", indent(context, placed.start), newline(context));
    Some(vec![insert(text.line_start(line), written)])
}

/// Puts `declaration` on the line below the FROM of the stage of a use. `None` in an ONBUILD, and where that is the line above
/// the use anyway.
pub fn declare_below_from(context: &Context<'_>, used: &Use, rest: &str) -> Option<Vec<Edit>> {
    let stage = &context.stages.all()[used.stage?];
    if !context.fixes || used.onbuild || used.instruction == stage.instructions.start + 1 {
        return None;
    }
    let from = context.opening(stage.index);
    let keyword = cased("ARG", from.instruction.word.text());
    let text = context.doc.text();
    let end = text.line_range(text.line_of(from.range().end)).end;
    Some(vec![insert(end, format!("{}{}{keyword} {rest}", newline(context), indent(context, from.start)))])
}

/// Offers to declare an argument where it is used first, or below the FROM.
pub fn offer_arg(context: &Context<'_>, finding: &mut Finding, undeclared: &Undeclared) {
    let (name, first) = (&undeclared.name, undeclared.first(context));
    finding
        .fix(format!("Add `ARG {name}` above its first use"), declare_above(context, first, "ARG", name))
        .prefer_single_fix()
        .fix(format!("Add `ARG {name}` below the FROM"), declare_below_from(context, first, name));
}

fn cased(keyword: &str, like: &str) -> String {
    let is_lower = like.bytes().all(|b| b.is_ascii_lowercase());
    if is_lower { keyword.to_lowercase() } else { keyword.to_owned() }
}

/// The uses that nothing declares, by stage and name.
fn uses(context: &Context<'_>) -> Vec<Undeclared> {
    let mut found: Vec<Undeclared> = Vec::new();
    let mut known: HashMap<(usize, &str), usize> = HashMap::new();
    let mut set = SetBy::default();
    for (index, used) in context.doc.variables().uses().iter().enumerate() {
        let Some(stage) = used.stage.filter(|_| used.meaning == Meaning::Undeclared) else { continue };
        let is_read = matches!(used.reader, Reader::BuildKit | Reader::Build(_));
        if !is_read
            || is_set_anyway(&used.name)
            || (used.reader != Reader::BuildKit && set.here(context, used))
            || (used.onbuild && !context.has_children(stage))
            || is_in_stage_reference(context, used)
        {
            continue;
        }
        let at = *known.entry((stage, &used.name)).or_insert_with(|| {
            let (name, severity) = (used.name.clone(), Severity::Error);
            found.push(Undeclared { stage, name, uses: Vec::new(), cause: Cause::Unknown, severity });
            found.len() - 1
        });
        found[at].uses.push(index);
    }
    // What triggers read comes last.
    let all = context.doc.variables().uses();
    for undeclared in &mut found {
        undeclared.uses.sort_by_key(|&index| (all[index].onbuild, index));
    }
    found
}

/// Names that a RUN or any environment has without a declaration (dockerfile2llb/convert.go, `nonEnvArgs` among them).
fn is_set_anyway(name: &str) -> bool {
    name == "PATH" || name.starts_with("BUILDKIT_SBOM_SCAN_") || PROXY_ARGS.contains(&name)
}

/// A variable in a `--from` is an error of its own.
fn is_in_stage_reference(context: &Context<'_>, used: &Use) -> bool {
    let references = context.stages.references();
    let index = references.partition_point(|reference| reference.range.start <= used.range.start);
    index.checked_sub(1).is_some_and(|index| {
        let reference = &references[index];
        reference.resolution == Resolution::Variable && used.range.end <= reference.range.end
    })
}

fn has_fallback(used: &Use) -> bool {
    matches!(used.operator, Operator::Default | Operator::Alternative)
}

/// What the shell of a RUN sets itself.
#[derive(Debug, Default)]
struct SetBy<'a> {
    instruction: Option<usize>,
    names: HashSet<&'a str>,
    /// It reads a file or a value as a script, which may set anything.
    anything: bool,
}

impl<'a> SetBy<'a> {
    /// Whether the RUN of a use sets the name. Uses come in file order.
    fn here(&mut self, context: &Context<'a>, used: &Use) -> bool {
        if self.instruction != Some(used.instruction) {
            let placed = context.instruction(used.instruction);
            let uses = context.doc.variables().uses_in(placed.range()).iter();
            let assigned = uses.filter(|other| other.reader == Reader::Assignment);
            self.names = assigned.map(|other| &*other.name).collect();
            let options = placed.instruction.effective().flags.iter().flat_map(|flag| &flag.mount);
            let secrets = options.filter(|option| option.key.text().eq_ignore_ascii_case("env"));
            self.names.extend(secrets.filter_map(|option| Some(option.value.as_ref()?.text())));
            self.anything = runs_other_scripts(&context.doc.text().slice(placed.range()));
            self.instruction = Some(used.instruction);
        }
        self.anything || self.names.contains(&*used.name)
    }
}

/// Whether a shell text has a `. file`, `source file` or `eval`.
fn runs_other_scripts(text: &str) -> bool {
    text.lines().any(|line| {
        let mut starts = true;
        let mut words = line.split_whitespace().peekable();
        while let Some(word) = words.next() {
            let bare = word.trim_start_matches(['(', '"', '\'', '`', '$', '{', '@']);
            let is_source = starts || word.len() != bare.len();
            if is_source
                && matches!(bare, "." | "source" | "eval")
                && words.peek().is_some_and(|next| *next != "\\")
            {
                return true;
            }
            starts = word.ends_with([';', '&', '|', '{', '(', '"', '\''])
                || matches!(word, "RUN" | "run" | "then" | "do" | "else" | "if" | "!")
                || word.starts_with("--");
        }
        false
    })
}

/// What is declared where.
struct Causes<'a> {
    globals: HashMap<&'a str, usize>,
    /// Per name, its declarations in stages, in file order; those in an ONBUILD are none.
    stages: HashMap<&'a str, Vec<usize>>,
    /// How many uses of each undeclared name there are in the file.
    count: HashMap<&'a str, usize>,
}

impl<'a> Causes<'a> {
    fn new(context: &Context<'a>) -> Causes<'a> {
        let mut causes = Causes { globals: HashMap::new(), stages: HashMap::new(), count: HashMap::new() };
        for (index, declaration) in context.doc.variables().declarations().iter().enumerate() {
            if declaration.stage.is_none() {
                causes.globals.insert(&declaration.name, index);
            } else if !declaration.onbuild {
                causes.stages.entry(&declaration.name).or_default().push(index);
            }
        }
        for used in context.doc.variables().uses() {
            *causes.count.entry(&used.name).or_default() += 1;
        }
        causes
    }

    fn of(&self, context: &Context<'a>, undeclared: &Undeclared, budget: &mut usize) -> (Cause, Severity) {
        let variables = context.doc.variables();
        let (stage, name) = (undeclared.stage, &*undeclared.name);
        let all = variables.uses();
        let is_guarded = undeclared.uses.iter().all(|&index| has_fallback(&all[index]));
        let worst = if is_guarded { Severity::Information } else { Severity::Error };
        // Another base may bring what this one does not.
        let is_open = self.stages.contains_key(name) && has_other_bases(context, stage);
        let worst = if is_open { Severity::Hint } else { worst };
        let only_here = variables.has_known_root(stage);
        let is_well_known = !only_here && well_known::is_well_known(name);
        if globals::is_predefined(name) {
            return (Cause::Platform, worst);
        }
        if let Some(&global) = self.globals.get(name) {
            let worst = if is_well_known { Severity::Hint } else { worst };
            return (Cause::Global(global), worst);
        }
        if is_well_known {
            return (Cause::Unknown, worst);
        }
        if let Some(declaration) = self.elsewhere(context, stage, name) {
            let cause = match variables.declarations()[declaration].kind {
                DeclarationKind::Arg => Cause::Arg(declaration),
                DeclarationKind::Env => Cause::Env(declaration),
            };
            return (cause, worst);
        }
        if sets_itself(context, undeclared) {
            return (Cause::Itself, worst);
        }
        // One that is written again and again is meant.
        let is_rare = self.count.get(name).is_some_and(|&count| count <= 2);
        match self.near(context, undeclared, budget) {
            Some(near) if is_rare => (Cause::Near(near), worst),
            _ => (Cause::Unknown, worst),
        }
    }

    /// A declaration in another stage: the last above, or else the first.
    fn elsewhere(&self, context: &Context<'_>, stage: usize, name: &str) -> Option<usize> {
        let declarations = context.doc.variables().declarations();
        let indices = self.stages.get(name)?;
        let above = indices.partition_point(|&index| declarations[index].stage < Some(stage));
        above.checked_sub(1).map(|last| indices[last])
    }

    fn near(&self, context: &Context<'a>, undeclared: &Undeclared, budget: &mut usize) -> Option<usize> {
        let variables = context.doc.variables();
        let declarations = variables.declarations();
        let is_near = |index: &&usize| is_near(&undeclared.name, &declarations[**index].name);
        *budget = budget.checked_sub(declarations.len())?;
        let first = undeclared.first(context);
        let visible = variables.visible(context.stages, first.stage, first.range.start);
        visible.iter().find(is_near).copied()
    }
}

/// Whether the stage, or one that it builds on, could build on others of this file, depending on how the build is called.
fn has_other_bases(context: &Context<'_>, stage: usize) -> bool {
    let mut next = Some(stage);
    for _ in 0..LEVELS {
        let Some(base) = next.and_then(|stage| context.stages.base(stage)) else { return false };
        let target = base.target();
        let variable = base.variable.iter().flat_map(|variable| &variable.candidates);
        if variable.into_iter().any(|&candidate| Some(candidate) != target) {
            return true;
        }
        next = target.filter(|&target| target < base.stage);
    }
    true
}

/// `ENV X=$X`, and nothing but that, in the instruction of the first use.
fn sets_itself(context: &Context<'_>, undeclared: &Undeclared) -> bool {
    let first = undeclared.first(context).instruction;
    let placed = context.instruction(first);
    let instruction = placed.instruction.effective();
    if instruction.keyword != Keyword::Env {
        return false;
    }
    let (pairs, uses) = (instruction.pairs(), context.doc.variables().uses());
    let here = undeclared.uses.iter().map(|&index| &uses[index]).filter(|used| used.instruction == first);
    // An ENV may have thousands of pairs, so each use looks at its own alone.
    let mut own = here.filter_map(|used| {
        let index = pairs.partition_point(|pair| placed.at(pair.range.clone()).start <= used.range.start);
        pairs.get(index.checked_sub(1)?)
    });
    own.any(|pair| {
        let value = pair.value.as_ref().map_or("", |value| value.text()).trim_matches(['"', '\'']);
        let read = value.strip_prefix('$').unwrap_or_default();
        let read = read.strip_prefix('{').and_then(|read| read.strip_suffix('}')).unwrap_or(read);
        pair.name.text() == &*undeclared.name && read == &*undeclared.name
    })
}

impl Context<'_> {
    /// Whether a stage of this file builds on `stage`.
    pub fn has_children(&self, stage: usize) -> bool {
        self.uses[stage].iter().any(|&index| self.stages.references()[index].kind == ReferenceKind::From)
    }
}

#[cfg(test)]
mod tests {
    use super::runs_other_scripts;

    #[test]
    fn scripts_that_are_read_are_seen() {
        for text in [
            "RUN . /x && y",
            "RUN a && source b",
            "RUN a; . b",
            "RUN <<EOF\n. /x\nEOF",
            "RUN eval \"$(x)\" y",
            "RUN bash -c \". /x\"",
        ] {
            assert!(runs_other_scripts(text), "{text}");
        }
        for text in
            ["RUN pip install .", "RUN cp a . && b", "RUN go build ./... .", "RUN cp a \\\n . \\\n && b"]
        {
            assert!(!runs_other_scripts(text), "{text}");
        }
    }
}
