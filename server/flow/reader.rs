//! Works out one stage, instruction by instruction.

use std::sync::Arc;

use super::{
    Account, Accounts, Fact, Key, Known, Mount, MountKind, Origin, Point, Product, Root, RootKind, Scope,
    StageFlow, path, platform, scripts, scripts::Line, text_of,
};
use crate::{
    document::Document,
    images::{self, Family},
    shell::Dialect,
    stages::{ReferenceKind, Resolution, Stage},
    syntax::{Arguments, Flag, Instruction, Keyword, Placed, Word},
    tools::{self, Output, OutputPath, Value, Writes},
};

/// Most facts of one stage. What would bring more counts as writing anything.
const FACTS: usize = 2_000;

/// Most facts that one COPY takes from another stage.
const COPIED: usize = 200;

/// Most ONBUILDs of one stage that act in those that build on it, and most words of all of them.
const TRIGGERS: usize = 50;
const TRIGGER_WORDS: usize = 200;

/// Most facts that the COPYs of one stage look at; behind that, they may bring anything.
const LOOKED_AT: usize = 10_000;

pub(super) fn read(doc: &Document, above: &[Arc<StageFlow>], stage: &Stage, key: Key) -> StageFlow {
    let parent = parent(doc, above, stage);
    let root = match &parent {
        Some(parent) if is_certain_base(doc, stage) => parent.root.clone(),
        Some(parent) => Arc::new(Root { certain: false, ..(*parent.root).clone() }),
        None => Arc::new(root(doc, stage)),
    };
    let point = match &parent {
        Some(parent) => inherited(parent.end(), &root),
        None => first_point(&root),
    };
    let windows = is_windows(doc, &root);
    let is_opaque = parent.as_ref().is_some_and(|parent| parent.is_opaque) || windows;
    let flow = StageFlow {
        key,
        parent,
        root,
        points: vec![(0, point.clone())],
        facts: Vec::new(),
        accounts: Accounts::default(),
        mounts: Vec::new(),
        triggers: Vec::new(),
        opaque: Vec::new(),
        is_opaque,
    };
    let cmd_set = false;
    let mut reader = Reader { doc, above, windows, flow, point, cmd_set, number: 0, looked_at: 0 };
    reader.triggers();
    let instructions = stage.instructions.clone().enumerate().skip(1);
    for (number, index) in instructions {
        let instruction = &doc.syntax().instructions()[index].instruction;
        reader.number = number;
        let by = Origin { stage: stage.index, instruction: number, command: None };
        reader.instruction(instruction, index, by);
    }
    reader.flow
}

/// The stage above that it builds on.
fn parent(doc: &Document, above: &[Arc<StageFlow>], stage: &Stage) -> Option<Arc<StageFlow>> {
    let parent = doc.stages().base(stage.index)?.target()?;
    above.get(parent).cloned()
}

/// Whether the FROM means the same however the build is called.
fn is_certain_base(doc: &Document, stage: &Stage) -> bool {
    let base = doc.stages().base(stage.index);
    let variable = base.and_then(|base| base.variable.as_ref());
    variable.is_none_or(|variable| variable.open.text().is_some())
}

fn root(doc: &Document, stage: &Stage) -> Root {
    let kind = match doc.stages().base(stage.index).map(|base| &base.resolution) {
        Some(Resolution::Scratch) => RootKind::Scratch,
        Some(Resolution::Image(image)) => {
            let windows = doc.syntax().escape() == '`' || asks_for_windows(doc, stage);
            RootKind::Image(image.clone(), images::facts(image, windows))
        }
        _ => RootKind::Unknown,
    };
    let certain = kind != RootKind::Unknown && is_certain_base(doc, stage);
    Root { kind, certain, platform: platform::of(doc, stage) }
}

fn asks_for_windows(doc: &Document, stage: &Stage) -> bool {
    let from = &doc.syntax().instructions()[stage.instructions.start].instruction;
    let platform = from.flag("platform").and_then(|flag| flag.value.as_ref());
    platform.is_some_and(|platform| platform.text().to_ascii_lowercase().starts_with("windows"))
}

/// Whether paths, shells and users are those of Windows, as far as one can see.
fn is_windows(doc: &Document, root: &Root) -> bool {
    doc.syntax().escape() == '`' || root.facts().is_some_and(|facts| facts.family == Family::Windows)
}

/// What holds where a FROM starts.
fn first_point(root: &Root) -> Point {
    let (workdir, user) = match &root.kind {
        RootKind::Scratch => (Some("/"), Some("root")),
        RootKind::Image(_, Some(facts)) => (facts.workdir.as_deref(), facts.user.as_deref()),
        RootKind::Image(_, None) | RootKind::Unknown => (None, None),
    };
    let certain = root.certain && root.facts().is_none_or(images::Facts::is_certain);
    let known = |value: Option<&str>| match value {
        Some(value) => Known { value: Some(value.into()), certain },
        None => Known::unknown(),
    };
    let shell = match root.facts().map(|facts| facts.family) {
        Some(Family::Windows) => Dialect::Cmd,
        _ => Dialect::Posix,
    };
    Point {
        workdir: known(workdir),
        workdir_by: None,
        user: known(user),
        user_by: None,
        shell,
        shell_by: None,
        entrypoint: None,
        cmd: None,
        cmd_reset: false,
    }
}

/// What a stage takes over from the end of the one that it builds on.
fn inherited(end: &Point, root: &Root) -> Point {
    let mut point = end.clone();
    if !root.certain {
        point.workdir.certain = false;
        point.user.certain = false;
    }
    point
}

struct Reader<'a> {
    doc: &'a Document,
    above: &'a [Arc<StageFlow>],
    windows: bool,
    flow: StageFlow,
    /// What holds now.
    point: Point,
    /// Whether the stage has set its own CMD.
    cmd_set: bool,
    /// The instruction that is being read, by its number in the stage.
    number: usize,
    /// How many facts its COPYs have looked at.
    looked_at: usize,
}

impl Reader<'_> {
    /// The ONBUILDs of the stage that this one builds on run right behind the FROM.
    fn triggers(&mut self) {
        let Some(parent) = self.flow.parent.clone() else { return };
        // Each acts in each stage that builds on its own; nobody writes many.
        let start = self.doc.stages().all()[parent.index()].instructions.start;
        let mut words = 0;
        for &number in parent.triggers.iter().take(TRIGGERS) {
            let index = start + number;
            let instruction = &self.doc.syntax().instructions()[index].instruction;
            words += instruction.effective().words().len();
            if words > TRIGGER_WORDS {
                self.flow.is_opaque = true;
                break;
            }
            let by = Origin { stage: parent.index(), instruction: number, command: None };
            self.instruction(instruction.effective(), index, by);
        }
        if parent.triggers.len() > TRIGGERS {
            self.flow.is_opaque = true;
        }
    }

    /// One instruction; `index` as in [`Syntax::instructions`](crate::syntax::Syntax::instructions).
    fn instruction(&mut self, instruction: &Instruction, index: usize, by: Origin) {
        match instruction.keyword {
            Keyword::Workdir => self.workdir(instruction, index, by),
            Keyword::User => {
                let Some(word) = instruction.words().first() else { return };
                let user = self.text(index, word);
                self.point.user = Known { value: user.value.map(Arc::from), certain: user.certain };
                self.point.user_by = Some(by);
                self.changed();
            }
            Keyword::Shell => {
                let words: Vec<&str> = instruction.words().iter().map(Word::text).collect();
                self.point.shell = Dialect::of(&words);
                self.point.shell_by = Some(by);
                self.changed();
            }
            Keyword::Entrypoint => {
                // An ENTRYPOINT takes away a CMD that the stage has not set itself (dockerfile2llb/convert.go,
                // `dispatchEntrypoint`).
                if !self.cmd_set {
                    self.point.cmd_reset |= self.point.cmd.take().is_some();
                }
                self.point.entrypoint = Some(by);
                self.changed();
            }
            Keyword::Cmd => {
                self.cmd_set = true;
                self.point.cmd = Some(by);
                self.point.cmd_reset = false;
                self.changed();
            }
            Keyword::Copy | Keyword::Add => {
                let known = self.flow.facts.len();
                self.copy(instruction, index, by);
                let single = brings_single_files(instruction);
                self.flow.accounts.bring(&self.flow.facts[known..], single, self.number);
            }
            Keyword::Run => self.run(instruction, index, by),
            Keyword::Onbuild => self.flow.triggers.push(self.number),
            _ => {}
        }
    }

    /// The point has changed: what follows sees it.
    fn changed(&mut self) {
        let from = self.number + 1;
        match self.flow.points.last_mut() {
            Some((last, point)) if *last == from => *point = self.point.clone(),
            _ => self.flow.points.push((from, self.point.clone())),
        }
    }

    fn workdir(&mut self, instruction: &Instruction, index: usize, by: Origin) {
        let Some(word) = instruction.words().first() else { return };
        let path = self.point.path(&self.text(index, word));
        let path = if self.windows { Known::unknown() } else { path };
        let certain = path.certain;
        if let Some(path) = &path.value {
            self.add(Fact {
                path: path.as_str().into(),
                scope: Scope::Exact,
                product: Product::Other,
                origin: by,
                by,
                certain,
                volatile: None,
                vague: false,
            });
        }
        self.point.workdir = Known { value: path.value.map(Arc::from), certain };
        self.point.workdir_by = Some(by);
        self.changed();
    }

    fn copy(&mut self, instruction: &Instruction, index: usize, by: Origin) {
        let [sources @ .., destination] = instruction.meant_words() else { return };
        let to = self.text(index, destination);
        let Known { value, certain } = self.point.path(&to);
        let Some(directory) = value.filter(|_| !self.windows) else {
            self.opaque(by);
            return;
        };
        let is_directory = sources.len() > 1 || to.value.as_deref().is_some_and(path::names_directory);
        let arrival = Arrival { path: directory, is_directory, certain, by };
        if sources.is_empty() {
            return;
        }
        let source_stage = instruction.flag("from").map(|_| self.source(index));
        for source in sources {
            match &source_stage {
                _ if source.text().starts_with("<<") => {
                    let name =
                        source.text().trim_start_matches(['<', '-', '"', '\'']).trim_end_matches(['"', '\'']);
                    let path = if is_directory { path::join(Some(&arrival.path), name) } else { None };
                    let path = path.unwrap_or_else(|| arrival.path.clone());
                    self.add(arrival.fact(path, Scope::Exact, Product::Other));
                }
                // It makes the folders of the source again below the destination.
                Some(Some(_)) if instruction.flag("parents").is_some() => {
                    self.add(arrival.fact(arrival.path.clone(), Scope::Under, Product::Other));
                }
                Some(Some(from)) => self.carry(from, source, index, &arrival),
                // An image, or a stage below, which is an error.
                Some(None) => self.add(arrival.fact(arrival.path.clone(), Scope::Under, Product::Other)),
                None => self.add(arrival.fact(arrival.path.clone(), Scope::Under, Product::Context)),
            }
        }
    }

    /// The stage above that an instruction copies from.
    fn source(&self, instruction: usize) -> Option<Arc<StageFlow>> {
        let own = self.doc.stages().references_in(instruction).iter();
        let mut copies = own.filter(|reference| reference.kind == ReferenceKind::Copy);
        let target = copies.next()?.target()?;
        self.above.get(target).cloned()
    }

    /// Takes what a stage has at `source` to where a COPY puts it.
    fn carry(&mut self, from: &StageFlow, source: &Word, index: usize, arrival: &Arrival) {
        let text = self.text(index, source);
        // What it takes starts at the root of the stage, never at its working directory.
        let path = text.value.as_deref().and_then(|text| path::join(Some("/"), text));
        self.looked_at += from.fact_count();
        let Some(path) = path.filter(|_| self.looked_at <= LOOKED_AT) else {
            self.add(arrival.fact(arrival.path.clone(), Scope::Under, Product::Other));
            return;
        };
        let pattern = path.find(['*', '?', '[']);
        let path = pattern.map_or(path.as_str(), |at| path::parent(&path[..at + 1]));
        let is_file = from.writers(path).any(|fact| is_file(fact) && *fact.path == *path);
        let mut found = Vec::new();
        for fact in from.writers(path).take(COPIED) {
            let (to, scope) = match path::below(&fact.path, path) {
                Some(rest) if pattern.is_some() || rest.is_empty() && !is_file => {
                    let whole = rest.is_empty() || pattern.is_some();
                    (arrival.path.clone(), if whole { Scope::Under } else { fact.scope })
                }
                Some("") if arrival.is_directory => {
                    (path::join(Some(&arrival.path), path::name(path)).unwrap_or_default(), fact.scope)
                }
                Some("") => (arrival.path.clone(), fact.scope),
                Some(rest) => (path::join(Some(&arrival.path), rest).unwrap_or_default(), fact.scope),
                // Somewhere below what is written, this is.
                None => (arrival.path.clone(), Scope::Under),
            };
            found.push(Fact {
                path: to.into(),
                scope,
                product: fact.product,
                origin: fact.origin,
                by: arrival.by,
                certain: fact.certain && arrival.certain && text.certain,
                volatile: None,
                vague: fact.vague,
            });
        }
        if found.is_empty() {
            found.push(arrival.fact(arrival.path.clone(), Scope::Under, Product::Other));
        } else if !is_file && (from.is_opaque() || found.len() == COPIED) {
            let anything = arrival.fact(arrival.path.clone(), Scope::Under, Product::Other);
            found.push(Fact { certain: false, vague: true, ..anything });
        }
        // Facts are looked through from the last on.
        found.into_iter().rev().for_each(|fact| self.add(fact));
    }

    fn run(&mut self, instruction: &Instruction, index: usize, by: Origin) {
        let is_json = matches!(instruction.arguments, Arguments::Words { json: true, .. });
        if self.windows || (self.point.shell != Dialect::Posix && !is_json) {
            self.opaque(by);
            return;
        }
        let mounts: Vec<Mount> =
            instruction.flags.iter().filter_map(|flag| self.mount(flag, index, by)).collect();
        let placed = &self.doc.syntax().instructions()[index];
        let (lines, understood) = scripts::lines(self.doc, placed, instruction);
        if !understood {
            self.opaque(by);
        }
        for line in &lines {
            let by = Origin { command: Some((line.script, line.number)), ..by };
            self.command(line, placed, by, &mounts);
        }
        self.flow.mounts.extend(mounts);
    }

    fn command(&mut self, line: &Line<'_>, placed: &Placed, by: Origin, mounts: &[Mount]) {
        let command = line.command;
        let Some(directory) = scripts::directory(self.doc, placed, line, &self.point) else {
            self.opaque(by);
            return;
        };
        let (outputs, rest) = match tools::call(command).map(tools::writes) {
            Some(Writes::Only(outputs)) => (outputs, None),
            Some(Writes::AtLeast(outputs)) => (outputs, directory.value.clone()),
            None if command.words.is_empty() => (tools::redirected(command).collect(), None),
            Some(Writes::Anything) | None => {
                self.opaque(by);
                (tools::redirected(command).collect(), None)
            }
        };
        let call = tools::call(command);
        if let Some(call) = call {
            self.flow.accounts.install(call, self.number);
            tools::accounts(call).into_iter().for_each(|made| self.account(made, line, placed, by));
        }
        let mut found = Vec::new();

        for Output { path: to, scope, product } in outputs {
            let (text, complete, suffix) = match to {
                OutputPath::Argument(operand, suffix) => {
                    let (text, complete) = scripts::text_or_start(self.doc, placed, line, operand);
                    (text, complete, suffix)
                }
                OutputPath::Default(path) => (Known::certain(path.to_owned()), true, ""),
            };
            let certain = !command.conditional && text.certain;
            let text = text.value.unwrap_or_default();
            let base = directory.value.as_deref();
            let path = match text.strip_prefix('~') {
                // The home of another user is not known.
                Some(rest) if self.point.is_root() == Some(true) => {
                    path::join(Some("/root"), rest.trim_start_matches('/'))
                }
                Some(_) => None,
                None => path::join(base, &text).and_then(|path| path::join(Some(&path), suffix)),
            };
            let is_absolute = text.starts_with('/');
            match path {
                Some(path) if complete => {
                    found.push((path, scope, product, certain && (is_absolute || directory.certain)));
                }
                Some(path) if is_absolute && path != "/" => found.push((path, Scope::Under, product, false)),
                _ => self.opaque(by),
            }
        }
        let rest = rest.map(|rest| (rest, Scope::Under, Product::Other, false, true));
        let found =
            found.into_iter().map(|(path, scope, product, certain)| (path, scope, product, certain, false));
        let lists_none =
            call.is_some_and(|call| tools::packages(call).is_some() || !tools::accounts(call).is_empty());
        for (path, scope, product, certain, vague) in rest.into_iter().chain(found) {
            if !lists_none {
                self.flow.accounts.write(&path, scope, self.number);
            }
            let mount = mounts.iter().find(|mount| path::is_within(&path, &mount.path));
            let volatile = mount.map(|mount| mount.path.clone());
            self.add(Fact { path: path.into(), scope, product, origin: by, by, certain, volatile, vague });
        }
    }

    /// A user or group that a command makes or changes.
    fn account(&mut self, made: tools::Account<'_>, line: &Line<'_>, placed: &Placed, by: Origin) {
        let mut certain = true;
        let mut text = |value: Value<'_>| match value {
            Value::Text(text) => Some(Arc::from(text)),
            Value::Written(operand) => {
                let known = scripts::script_text(self.doc, placed, line, operand);
                certain &= known.certain;
                known.value.map(Arc::from)
            }
        };
        let Some(name) = text(made.name) else {
            self.flow.accounts.open(self.number);
            return;
        };
        let group = made.group.map(&mut text);
        let groups = group.iter().flatten().cloned().chain(made.groups.iter().map(|&group| group.into()));
        let account = Account {
            kind: made.kind,
            name,
            groups: groups.collect(),
            groups_known: made.groups_known && group != Some(None),
            id: made.id.and_then(&mut text),
            home: made.home.and_then(&mut text),
            created: made.created,
            origin: by,
        };
        if !certain {
            self.flow.accounts.open(self.number);
        }
        self.flow.accounts.make(account);
    }

    /// A `--mount` that keeps files out of the stage.
    fn mount(&self, flag: &Flag, index: usize, by: Origin) -> Option<Mount> {
        if flag.name.text() != "mount" {
            return None;
        }
        let last = |names: &[&str]| {
            let is_it = |key: &str| names.iter().any(|name| key.eq_ignore_ascii_case(name));
            flag.mount.iter().rev().find(|option| is_it(option.key.text()))?.value.as_ref()
        };
        let kind = match last(&["type"]).map_or("bind", Word::text).to_ascii_lowercase().as_str() {
            "bind" => MountKind::Bind,
            "cache" => MountKind::Cache,
            "tmpfs" => MountKind::Tmpfs,
            _ => return None,
        };
        let target = self.text(index, last(&["target", "dst", "destination"])?);
        let Known { value, certain } = self.point.path(&target);
        let path = value.filter(|path| path != "/")?;
        Some(Mount { path: path.into(), kind, by, certain })
    }

    fn opaque(&mut self, by: Origin) {
        self.flow.is_opaque = true;
        self.flow.accounts.open(self.number);
        if self.flow.opaque.last() != Some(&by) {
            self.flow.opaque.push(by);
        }
    }

    fn add(&mut self, fact: Fact) {
        if self.flow.facts.len() < FACTS {
            self.flow.facts.push(fact);
        } else {
            self.flow.is_opaque = true;
            self.flow.accounts.open(self.number);
        }
    }

    fn text(&self, index: usize, word: &Word) -> Known<String> {
        text_of(self.doc, index, word)
    }
}

/// Whether a COPY or ADD brings files by their names, and none that lists accounts.
fn brings_single_files(instruction: &Instruction) -> bool {
    const ARCHIVES: [&str; 7] = [".tar", ".tgz", ".gz", ".xz", ".bz2", ".txz", ".zst"];
    let [sources @ .., _] = instruction.meant_words() else { return false };
    let is_add = instruction.keyword == Keyword::Add;
    sources.iter().all(|source| {
        let name = path::name(source.text());
        let is_archive = is_add && ARCHIVES.iter().any(|end| name.ends_with(end));
        !source.text().ends_with('/')
            && name.rfind('.').is_some_and(|dot| dot > 0)
            && !name.contains(['*', '?', '[', '$'])
            && name != ".."
            && !is_archive
    })
}

/// Whether a fact is about a file, and not about a directory.
fn is_file(fact: &Fact) -> bool {
    fact.scope == Scope::Exact && matches!(fact.product, Product::Native(_) | Product::Neutral)
}

/// Where a COPY puts what it copies.
struct Arrival {
    /// Absolute and clean.
    path: String,
    /// Whether it is certainly a directory.
    is_directory: bool,
    certain: bool,
    by: Origin,
}

impl Arrival {
    fn fact(&self, path: String, scope: Scope, product: Product) -> Fact {
        let (by, certain) = (self.by, self.certain);
        Fact { path: path.into(), scope, product, origin: by, by, certain, volatile: None, vague: false }
    }
}
