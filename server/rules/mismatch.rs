//! What an image copies from a stage that stands on another system: programs that find no libc there, and dependencies that
//! were installed for another libc or another version of the language. Found once, told by three rules.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    ops::Range,
};

use super::{
    Severity,
    bases::{root_name, root_stage, shipped},
    context::Context,
    running::Running,
};
use crate::{
    flow::{Fact, Origin, Product, Scope, StageFlow, path},
    images::{Facts, Family, Libc},
    stages::ReferenceKind,
    syntax::{Arguments, Keyword},
    tools::{self, Action, Compile, Compiler, Ecosystem},
    variables::Mode,
};

/// One COPY that brings what does not fit.
#[derive(Debug)]
pub struct Mismatch {
    pub kind: Kind,
    pub severity: Severity,
    /// What is copied, in bytes of the file.
    pub range: Range<usize>,
    pub message: String,
    /// The command that made it.
    pub origin: Origin,
    /// The stage that it comes from.
    pub builder: usize,
    /// The stage that it is copied to.
    pub stage: usize,
    /// The compiler that made it, if one did.
    pub compiler: Option<Compiler>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// For another version of the language.
    Version,
    /// In need of a libc, where there is none.
    NoLibc,
    /// For another libc.
    Libc,
}

/// How many things that are copied are judged in one document, before it gets slow.
const BUDGET: usize = 400;

/// Finds them all, one for each pair of images.
pub fn find(context: &Context<'_>) -> Vec<Mismatch> {
    if context.stages.all().len() < 2 {
        return Vec::new();
    }
    let mut found: Vec<Mismatch> = Vec::new();
    let mut seen = vec![false; context.stages.all().len()];
    let search = Search { context, known: RefCell::default(), budget: Cell::new(BUDGET) };
    for stage in shipped(context) {
        let flow = context.flow().stage(stage);
        let Some(target) = Target::of(&search, flow) else { continue };
        for own in flow.chain() {
            if std::mem::replace(&mut seen[own.index()], true) {
                break;
            }
            for index in context.stages.all()[own.index()].instructions.clone() {
                let Some(from) = copied_stage(context, index) else { continue };
                let Some(new) = worst(context, &target, context.flow().stage(from), index) else { continue };
                let pair = |it: &Mismatch| (root_stage(context.flow().stage(it.builder)), it.stage);
                match found.iter_mut().find(|old| pair(old) == pair(&new)) {
                    Some(old) if (old.severity, old.kind) >= (new.severity, new.kind) => {}
                    Some(old) => *old = new,
                    None => found.push(new),
                }
            }
        }
    }
    found
}

/// The stage above that a COPY copies from.
fn copied_stage(context: &Context<'_>, index: usize) -> Option<usize> {
    let instruction = &context.instruction(index).instruction;
    if instruction.keyword != Keyword::Copy || instruction.flag("from").is_none() {
        return None;
    }
    let references = context.stages.references();
    let start = references.partition_point(|reference| reference.instruction < index);
    let own = references[start..].iter().take_while(|reference| reference.instruction == index);
    let target = own.filter(|reference| reference.kind == ReferenceKind::Copy).find_map(|it| it.target())?;
    let is_above = target < context.stages.of_instruction(index)?.index;
    (is_above && !context.is_replaced(target)).then_some(target)
}

/// What is wrong most with what a COPY brings.
fn worst(context: &Context<'_>, target: &Target<'_, '_>, from: &StageFlow, index: usize) -> Option<Mismatch> {
    let placed = context.instruction(index);
    let [sources @ .., _] = placed.instruction.meant_words() else { return None };
    let mut worst: Option<Mismatch> = None;
    for source in sources {
        let Some(text) = context.value(index, source) else { continue };
        let Some(path) = path::join(Some("/"), &text) else { continue };
        let end = path.find(['*', '?', '[']);
        let directory = end.map_or(path.as_str(), |at| path::parent(&path[..at + 1]));
        for fact in from.writers(directory).take(target.search.budget.get()) {
            let Some((kind, severity, message, compiler)) =
                judge(context, target, fact, &path, end.is_some())
            else {
                continue;
            };
            if worst.as_ref().is_none_or(|worst| (worst.severity, worst.kind) < (severity, kind)) {
                worst = Some(Mismatch {
                    kind,
                    severity,
                    range: placed.at(source.range()),
                    message,
                    origin: fact.origin,
                    builder: fact.origin.stage,
                    stage: target.flow.index(),
                    compiler,
                });
            }
        }
    }
    worst
}

/// Texts that were looked for in stages.
struct Search<'c, 'a> {
    context: &'c Context<'a>,
    known: RefCell<HashMap<(usize, &'static str), bool>>,
    budget: Cell<usize>,
}

impl Search<'_, '_> {
    /// Whether one of `words` stands anywhere in a stage, or in one that it builds on.
    fn says(&self, flow: &StageFlow, words: &[&'static str]) -> bool {
        flow.chain().any(|stage| {
            words.iter().any(|&word| {
                let mut known = self.known.borrow_mut();
                *known.entry((stage.index(), word)).or_insert_with(|| {
                    let range = self.context.stages.all()[stage.index()].range.clone();
                    self.context.doc.text().slice(range).contains(word)
                })
            })
        })
    }
}

/// The image that something is copied to.
struct Target<'c, 'a> {
    search: &'c Search<'c, 'a>,
    context: &'c Context<'a>,
    flow: &'a StageFlow,
    /// `None` for `scratch`.
    facts: Option<&'a Facts>,
    libc: Libc,
    /// The programs that it runs, without their folders.
    programs: Vec<String>,
}

impl<'c, 'a> Target<'c, 'a> {
    fn of(search: &'c Search<'c, 'a>, flow: &'a StageFlow) -> Option<Target<'c, 'a>> {
        let context = search.context;
        let (facts, libc) = match flow.certain_image() {
            None if flow.root().is_scratch() => (None, Libc::None),
            None => return None,
            // Busybox has one or none, depending on the tag.
            Some(facts) if facts.libc == Libc::None && facts.family != Family::DistrolessStatic => {
                return None;
            }
            Some(facts) => (Some(facts), facts.libc),
        };
        let end = flow.end();
        let started = [end.entrypoint, end.cmd].into_iter().flatten().filter_map(|by| {
            let index = context.stages.all()[by.stage].instructions.start + by.instruction;
            let word = match &context.instruction(index).instruction.effective().arguments {
                Arguments::Words { words, .. } => words.first()?.text(),
                Arguments::Text(text) => text.text().split_ascii_whitespace().find(|word| *word != "exec")?,
                _ => return None,
            };
            Some(path::name(word).to_owned())
        });
        Some(Target { search, context, flow, facts, libc, programs: started.collect() })
    }

    fn name(&self) -> String {
        root_name(self.context, self.flow)
    }

    fn running(&self) -> impl Iterator<Item = &'c Running<'a>> {
        let context = self.context;
        self.flow.chain().flat_map(move |stage| context.running_in(stage.index()))
    }

    /// Whether it installs these dependencies itself, or makes them anew.
    fn reinstalls(&self, ecosystem: Ecosystem) -> bool {
        self.running().filter_map(|running| running.call).any(|call| {
            tools::dependencies(call).is_some_and(|found| found.ecosystem == ecosystem)
                || call.arguments.iter().any(|word| word.text() == Some("rebuild"))
        })
    }

    /// Whether somebody has thought of programs for glibc on musl.
    fn has_glibc(&self) -> bool {
        self.libc == Libc::Musl && self.search.says(self.flow, &["glibc", "gcompat", "libc6-compat"])
    }
}

type Judged = (Kind, Severity, String, Option<Compiler>);

/// What is wrong with what a command wrote, when `path` is copied.
fn judge(
    context: &Context<'_>,
    target: &Target<'_, '_>,
    fact: &Fact,
    path: &str,
    pattern: bool,
) -> Option<Judged> {
    let builder = context.flow().stage(fact.origin.stage);
    let facts = builder.certain_image()?;
    if !matches!(fact.product, Product::Native(_) | Product::Dependencies(_) | Product::Neutral) {
        return None;
    }
    let running = running_at(context, fact.origin)?;
    let call = running.call?;
    let budget = &target.search.budget;
    budget.set(budget.get().saturating_sub(1));
    match fact.product {
        Product::Native(compiler) if is_output(target, fact, path, compiler) => {
            let compile = tools::compiles(call)?;
            program(context, target, running, &compile, compiler, facts, path)
                .map(|(kind, severity, message)| (kind, severity, message, Some(compiler)))
        }
        Product::Dependencies(ecosystem) if is_installed(fact, path, ecosystem) => {
            dependencies(context, target, running, ecosystem, facts)
                .map(|(kind, severity, message)| (kind, severity, message, None))
        }
        Product::Neutral if path.ends_with(".jar") || (pattern && path.ends_with("ar")) => {
            let says_release = call.arguments.iter().any(|word| {
                word.text().is_some_and(|text| text.contains("compiler.") || text.contains("elease"))
            });
            if says_release || !matches!(call.name, "mvn" | "mvnw" | "gradle" | "gradlew") {
                return None;
            }
            let (built, runs) = versions(facts, target, "java", 1)?;
            let (older, newer) = (runs.parse::<u32>().ok()?, built.parse::<u32>().ok()?);
            // The build file may ask for the older one.
            (older < newer).then(|| {
                let message = format!("Java {newer} compiles this, and {} has Java {older}", target.name());
                (Kind::Version, Severity::Information, message, None)
            })
        }
        _ => None,
    }
}

fn running_at<'c, 'a>(context: &'c Context<'a>, origin: Origin) -> Option<&'c Running<'a>> {
    let all = context.running_in(origin.stage);
    let start = all.partition_point(|running| running.number < origin.instruction);
    all[start..]
        .iter()
        .take_while(|running| running.number == origin.instruction)
        .find(|it| it.origin() == origin)
}

/// Whether what is copied is, or holds, the program that was compiled.
fn is_output(target: &Target<'_, '_>, fact: &Fact, path: &str, compiler: Compiler) -> bool {
    if path::is_within(&fact.path, path) {
        return true;
    }
    let Some(rest) = path::below(path, &fact.path).filter(|_| fact.scope == Scope::Under) else {
        return false;
    };
    let name = path::name(rest);
    if target.programs.iter().any(|program| program == name) {
        return true;
    }
    // `target/release/app`, and not what build scripts leave beside it.
    let mut folders = rest.rsplit('/').skip(1);
    compiler == Compiler::Rust
        && matches!(folders.next(), Some("release" | "debug"))
        && !name.contains(['.', '*'])
}

/// Whether what is copied is where dependencies were installed.
fn is_installed(fact: &Fact, path: &str, ecosystem: Ecosystem) -> bool {
    const SYSTEM: [&str; 3] = ["/usr", "/opt", "/"];
    let covers = path::is_within(&fact.path, path) && path != "/";
    let own = covers && !SYSTEM.contains(&&*fact.path);
    match ecosystem {
        Ecosystem::Node => own || path.contains("/node_modules"),
        Ecosystem::Python => {
            let is_library = path.contains("/site-packages")
                || path.contains("/dist-packages")
                || path.contains("/lib/python")
                || matches!(path, "/usr/local" | "/usr/local/lib");
            own || is_library
        }
        Ecosystem::Ruby => own || path.contains("/bundle") || path.contains("/gems"),
        _ => false,
    }
}

/// What is wrong with a program.
fn program(
    context: &Context<'_>,
    target: &Target<'_, '_>,
    running: &Running<'_>,
    compile: &Compile<'_>,
    compiler: Compiler,
    builder: &Facts,
    path: &str,
) -> Option<(Kind, Severity, String)> {
    if compile.statically || builder.sets("CARGO_BUILD_TARGET") {
        return None;
    }
    let flow = running.flow();
    let mut libc = builder.libc;
    let sure = match compiler {
        Compiler::Rust => {
            let is_set = ["musl", "crt-static", "CARGO_BUILD_TARGET", "RUSTFLAGS"];
            if compile.unclear || path.contains("musl") || target.search.says(flow, &is_set) {
                return None;
            }
            match compile.target.and_then(|target| target.text()) {
                Some(triple) if triple.contains("linux-gnu") => libc = Libc::Glibc,
                // A musl program of Rust is static.
                _ if compile.crossed || libc != Libc::Glibc => return None,
                _ => {}
            }
            Severity::Warning
        }
        Compiler::Go => {
            let explicit = cgo(target.search, running)?;
            if compile.unclear || (builder.has_compiler != Some(true) && !installs_compiler(context, flow)) {
                return None;
            }
            if compile.crossed && is_crossed(running) {
                return None;
            }
            match (explicit, target.libc) {
                (true, _) => Severity::Warning,
                (false, Libc::None) if libc == Libc::Glibc => Severity::Warning,
                _ => Severity::Information,
            }
        }
        Compiler::C if compile.crossed => return None,
        Compiler::C if compile.unclear => Severity::Information,
        Compiler::C => Severity::Warning,
        Compiler::Dotnet => {
            if let Some(wanted) = compile.target {
                libc = match wanted.text()? {
                    runtime if runtime.starts_with("linux-musl") => Libc::Musl,
                    runtime if runtime.starts_with("linux-") => Libc::Glibc,
                    _ => return None,
                };
            }
            // The managed part runs on either.
            let by_runtime = target.programs.iter().any(|program| program == "dotnet");
            if by_runtime && !compile.self_contained { Severity::Information } else { Severity::Warning }
        }
        Compiler::Other => return None,
    };
    let name = root_name(context, flow);
    let may = if compiler == Compiler::Go { "may be" } else { "is" };
    match (libc, target.libc) {
        (Libc::Glibc | Libc::Musl, Libc::None) => {
            // Somebody brings the libc, or only exports files.
            let brings = ["/lib", "/lib64", "/usr/lib"];
            if compiler == Compiler::Dotnet
                || (compiler == Compiler::C && compile.unclear)
                || target.programs.is_empty()
                || target.flow.is_opaque()
                || super::bases::may_bring(context, target.flow, usize::MAX, &brings)
            {
                return None;
            }
            let why =
                if compiler == Compiler::Go { format!(", since cgo is on in {name}") } else { String::new() };
            let message = format!("This program {may} linked to libc{why}, and {} has none", target.name());
            Some((Kind::NoLibc, sure, message))
        }
        (Libc::Glibc, Libc::Musl) | (Libc::Musl, Libc::Glibc) => {
            let message = format!(
                "This program {may} linked to {}, and {} has {}",
                shown(libc),
                target.name(),
                shown(target.libc)
            );
            (!target.has_glibc()).then_some((Kind::Libc, sure, message))
        }
        (Libc::Glibc, Libc::Glibc)
            if matches!(compiler, Compiler::Rust | Compiler::C) && !compile.crossed =>
        {
            let (new, old) = (builder.glibc?, target.facts?.glibc?);
            // Every program that is linked to 2.34 or later needs that much: it starts by a symbol of 2.34.
            let starts = |version: (u32, u32)| version >= (2, 34);
            let severity = if starts(new) && !starts(old) { sure } else { Severity::Information };
            let message = format!(
                "This program is linked to glibc {}.{} of {name}, and {} has {}.{}",
                new.0,
                new.1,
                target.name(),
                old.0,
                old.1
            );
            (new > old && !target.search.says(target.flow, &["glibc"])).then_some((
                Kind::Libc,
                severity,
                message,
            ))
        }
        _ => None,
    }
}

/// What is wrong with installed dependencies.
fn dependencies(
    context: &Context<'_>,
    target: &Target<'_, '_>,
    running: &Running<'_>,
    ecosystem: Ecosystem,
    builder: &Facts,
) -> Option<(Kind, Severity, String)> {
    let flow = running.flow();
    let origin = running.origin();
    let is_gone =
        context.running_in(running.stage).iter().filter(|later| later.origin() > origin).any(|later| {
            later.call.is_some_and(|call| call.name == "rm" && tools::prunes(call) == Some(ecosystem))
        });
    if is_gone || target.reinstalls(ecosystem) {
        return None;
    }
    let name = root_name(context, flow);
    let is_other =
        matches!((builder.libc, target.libc), (Libc::Glibc, Libc::Musl) | (Libc::Musl, Libc::Glibc));
    if is_other && !target.has_glibc() && !target.search.says(flow, &["musl"]) {
        let severity = if ecosystem == Ecosystem::Ruby { Severity::Information } else { Severity::Warning };
        let message = format!(
            "Machine code in dependencies that {name} installs is for {}, and {} has {}",
            shown(builder.libc),
            target.name(),
            shown(target.libc)
        );
        return Some((Kind::Libc, severity, message));
    }
    let (language, title, parts) = match ecosystem {
        Ecosystem::Node => ("node", "Node", 1),
        Ecosystem::Python => ("python", "Python", 2),
        Ecosystem::Ruby => ("ruby", "Ruby", 2),
        _ => return None,
    };
    // Wheels and plain folders may be for any version.
    let is_loose = running.call.is_some_and(|call| {
        let has = |wanted: &[&str]| {
            call.arguments
                .iter()
                .filter_map(|word| word.text())
                .any(|word| wanted.iter().any(|it| word.starts_with(it)))
        };
        ecosystem == Ecosystem::Python && has(&["wheel", "download", "--target", "-t"])
    });
    if let Some((built, runs)) = versions(builder, target, language, parts) {
        let message = format!("Installed for {title} {built} of {name}, and {} has {runs}", target.name());
        let severity = if is_loose { Severity::Information } else { Severity::Warning };
        return (built != runs).then_some((Kind::Version, severity, message));
    }
    let is_node =
        ecosystem == Ecosystem::Node && builder.language.as_ref().is_some_and(|it| it.name == "node");
    let installs = is_node
        && target.facts?.language.is_none()
        && target.running().filter_map(|running| tools::packages(running.call?)).any(|packages| {
            packages.action == Action::Install && packages.packages.iter().any(|it| it.name == "nodejs")
        });
    installs.then(|| {
        let message =
            format!("Installed for the Node of {name}, and that of {}'s packages is another", target.name());
        (Kind::Version, Severity::Information, message)
    })
}

/// The first parts of the versions of a language that a builder and what it builds for have.
fn versions(
    builder: &Facts,
    target: &Target<'_, '_>,
    language: &str,
    parts: usize,
) -> Option<(String, String)> {
    let of = |facts: &Facts| {
        let found = facts.language.as_ref().filter(|found| found.name == language)?;
        let version = found.version.as_deref()?;
        let mut numbers: Vec<&str> = version.split('.').collect();
        let known =
            numbers.len() >= parts && numbers.iter().take(parts).all(|part| part.parse::<u32>().is_ok());
        numbers.truncate(parts);
        known.then(|| numbers.join("."))
    };
    Some((of(builder)?, of(target.facts?)?))
}

/// Whether cgo is on where a command runs: `Some(true)` if the file says so, `None` if it is off, or may be.
fn cgo(search: &Search<'_, '_>, running: &Running<'_>) -> Option<bool> {
    let context = search.context;
    const NAME: &str = "CGO_ENABLED";
    let call = running.call?;
    if let Some(value) = call.assigned(NAME) {
        return (running.text(value).value.as_deref() == Some("1")).then_some(true);
    }
    let flow = running.flow();
    if !search.says(flow, &[NAME, "GOFLAGS", "go env -w"]) {
        return Some(false);
    }
    // `export CGO_ENABLED=0`, or flags that nobody reads here.
    let placed = running.placed();
    if context.doc.text().slice(placed.range()).contains(NAME) || search.says(flow, &["GOFLAGS", "go env -w"])
    {
        return None;
    }
    let visible = context.doc.variables().visible(context.stages, Some(running.stage), placed.start);
    let declarations = context.doc.variables().declarations();
    match visible.into_iter().find(|&index| *declarations[index].name == *NAME) {
        // Another RUN, or another stage, sets it.
        None => Some(false),
        Some(index) => {
            let value = context.doc.value_of_declaration(index, Mode::Defaults)?.text()?;
            (value == "1").then_some(true)
        }
    }
}

/// Whether Go compiles for another processor, which turns cgo off.
fn is_crossed(running: &Running<'_>) -> bool {
    let Some(call) = running.call else { return false };
    call.name.starts_with("xx-") || ["GOARCH", "GOARM", "CC"].iter().any(|name| call.assigned(name).is_some())
}

/// Whether a stage installs a compiler of C.
fn installs_compiler(context: &Context<'_>, flow: &StageFlow) -> bool {
    const COMPILERS: [&str; 5] = ["gcc", "g++", "clang", "build-base", "build-essential"];
    let calls =
        flow.chain().flat_map(|stage| context.running_in(stage.index())).filter_map(|running| running.call);
    calls.filter_map(tools::packages).any(|packages| {
        packages.action == Action::Install
            && packages.packages.iter().any(|package| COMPILERS.contains(&package.name))
    })
}

fn shown(libc: Libc) -> &'static str {
    match libc {
        Libc::Glibc => "glibc",
        Libc::Musl => "musl",
        Libc::None | Libc::Unknown => "no libc",
    }
}
