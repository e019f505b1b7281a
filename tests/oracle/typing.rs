//! Real files, typed letter by letter: what is typed next must be among the first ten that completion offers.
//!
//! Of each instruction the text up to the cursor is there and the rest of it is not; what follows below is there, or nothing is.
//! A word counts where the server can know it: a keyword, a flag, an option of a mount, a value of a closed set, a stage that is
//! declared above, a variable that is declared. So these do not count: names that an instruction gives (of a stage, of an ARG or
//! ENV, but for an ARG that repeats a global one), images, numbers of stages that have a name, variables that nothing in the file
//! declares or that the shell sets, and all other text. Files are taken that BuildKit accepts, so each flag is one.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use dockerfile_ls::{
    document::Document,
    features::completion::{Alone, Completion, completion},
    stages::Resolution,
    syntax::{Arguments, Instruction, Keyword, Placed},
    variables::Meaning,
};
use serde_json::Value;

use crate::shared;

const FILES: usize = 100;
const SHOWN: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Keyword,
    Flag,
    MountOption,
    Value,
    Stage,
    Variable,
    /// A global ARG that a stage takes in.
    RepeatedArg,
}

/// The least share that is offered, in per mille: before a letter is typed, and after.
const FLOORS: [(Kind, usize, usize); 7] = [
    (Kind::Keyword, 0, 0),
    (Kind::Flag, 0, 0),
    (Kind::MountOption, 0, 0),
    (Kind::Value, 0, 0),
    (Kind::Stage, 0, 0),
    (Kind::Variable, 0, 0),
    (Kind::RepeatedArg, 0, 0),
];

/// A word that the author of a file typed.
struct Typed {
    kind: Kind,
    /// In bytes. What is before it is there in any case: a `$`, but not the dashes of a flag.
    range: Range<usize>,
    /// The instruction that it is in, in bytes.
    instruction: Range<usize>,
}

/// How often a word was offered, of how many prefixes.
#[derive(Debug, Clone, Copy, Default)]
struct Rate {
    offered: usize,
    all: usize,
}

impl Rate {
    fn add(&mut self, other: Rate) {
        self.offered += other.offered;
        self.all += other.all;
    }

    fn per_mille(self) -> usize {
        (self.offered * 1000).checked_div(self.all).unwrap_or(1000)
    }
}

#[derive(Default)]
struct Tally {
    /// By kind, and by whether a letter is typed.
    rates: BTreeMap<(Kind, bool), Rate>,
    missed: BTreeMap<(Kind, String), usize>,
}

impl Tally {
    fn file(&mut self, file: &str, doc: &Document) {
        for typed in words(doc) {
            let word = doc.text().slice(typed.range.clone()).to_string();
            let mut ends = word.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
            ends.retain(|&at| typed.kind != Kind::Flag || at != 1);
            for at in ends {
                for below in [true, false] {
                    let end = if below { typed.instruction.end } else { doc.text().len() };
                    let cursor = typed.range.start + at;
                    let mut draft = doc.draft();
                    draft.replace(cursor..end, "");
                    let now = draft.finish(1);
                    let offered = is_offered(&now, cursor, typed.range.start, &word);
                    self.rates
                        .entry((typed.kind, at > 0))
                        .or_default()
                        .add(Rate { offered: offered.into(), all: 1 });
                    if !offered {
                        let line = doc.text().slice(typed.instruction.start..cursor);
                        let line = line.lines().last().unwrap_or_default().trim_start().to_owned();
                        let below = if below { "" } else { " (last)" };
                        let miss = format!("{word}: {line}|{below}  {file}");
                        *self.missed.entry((typed.kind, miss)).or_default() += 1;
                    }
                }
            }
        }
    }

    fn join(&mut self, other: Tally) {
        for (key, rate) in other.rates {
            self.rates.entry(key).or_default().add(rate);
        }
        for (key, count) in other.missed {
            *self.missed.entry(key).or_default() += count;
        }
    }

    fn rate(&self, kind: Kind, begun: bool) -> Rate {
        self.rates.get(&(kind, begun)).copied().unwrap_or_default()
    }
}

/// Whether accepting one of the first items that a client shows writes `word` at `start`.
fn is_offered(doc: &Document, cursor: usize, start: usize, word: &str) -> bool {
    let items = completion(doc, cursor, &Alone);
    let shown = items.iter().filter(|item| is_shown(doc, cursor, item)).take(SHOWN);
    shown.into_iter().any(|item| {
        let from = item.insert.start.min(start);
        let before = doc.text().slice(from..start).to_string();
        let wanted = bare(&format!("{before}{word}"));
        let kept = doc.text().slice(from..item.insert.start.max(from)).to_string();
        let written = bare(&format!("{kept}{}", item.text));
        let rest = written.strip_prefix(&wanted);
        !item.text.trim_end().contains('\n')
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '=', '\t']))
    })
}

/// Clients keep the items in whose filter text the letters of the word so far occur in that order.
fn is_shown(doc: &Document, cursor: usize, item: &Completion) -> bool {
    let typed = doc.text().slice(item.insert.start..cursor).to_lowercase();
    let filter = item.filter.as_ref().unwrap_or(&item.label).to_lowercase();
    let mut rest = filter.chars();
    typed.chars().all(|c| rest.any(|other| other == c))
}

/// The words of the language and the names of stages count without regard to case; `$NAME` and `${NAME}` are the same.
fn bare(text: &str) -> String {
    text.replace(['$', '{', '}', '"'], "").to_lowercase()
}

/// All words that count, in file order.
fn words(doc: &Document) -> Vec<Typed> {
    let mut all = Vec::new();
    for placed in doc.syntax().instructions() {
        let mut push = |kind, range: Range<usize>| {
            all.push(Typed { kind, range: placed.at(range), instruction: placed.range() });
        };
        of_instruction(&placed.instruction, &mut push);
        if let Arguments::Onbuild(inner) = &placed.instruction.arguments {
            of_instruction(inner, &mut push);
        }
    }
    let instructions = doc.syntax().instructions();
    let mut push = |kind, range: &Range<usize>, instruction: &Placed| {
        all.push(Typed { kind, range: range.clone(), instruction: instruction.range() });
    };
    for reference in doc.stages().references() {
        let Resolution::Stage(stage) = reference.resolution else { continue };
        let number = reference.is_number() && doc.stages().all()[stage].name.is_some();
        if reference.variable.is_none() && stage < reference.stage && !number {
            push(Kind::Stage, &reference.range, &instructions[reference.instruction]);
        }
    }
    let variables = doc.variables();
    for used in variables.uses() {
        let known = !matches!(used.meaning, Meaning::Undeclared) && variables.set_by_command(used).is_none();
        let before = doc.text().slice(used.range.start.saturating_sub(2)..used.range.start);
        if known && (before.ends_with('$') || before.ends_with("${")) {
            push(Kind::Variable, &used.range, &instructions[used.instruction]);
        }
    }
    for declaration in variables.declarations() {
        if !variables.redeclared(declaration).is_empty() {
            push(Kind::RepeatedArg, &declaration.range, &instructions[declaration.instruction]);
        }
    }
    all
}

fn of_instruction(instruction: &Instruction, push: &mut impl FnMut(Kind, Range<usize>)) {
    if instruction.keyword != Keyword::Unknown {
        push(Kind::Keyword, instruction.word.range());
    }
    if let Some(action) = &instruction.action {
        push(Kind::Keyword, action.range());
    }
    if let Arguments::From(from) = &instruction.arguments
        && let Some(word) = &from.as_keyword
    {
        push(Kind::Keyword, word.clone());
    }
    for flag in &instruction.flags {
        push(Kind::Flag, flag.range.start..flag.name.range().end);
        if let (Some(value), "network" | "security" | "link" | "parents" | "keep-git-dir") =
            (&flag.value, flag.name.text())
        {
            push(Kind::Value, value.range());
        }
        for option in &flag.mount {
            push(Kind::MountOption, option.key.range());
            let closed = ["type", "sharing", "readonly", "ro", "readwrite", "rw", "required"];
            if let (Some(value), true) = (&option.value, closed.contains(&option.key.text())) {
                push(Kind::Value, value.range());
            }
        }
    }
}

/// A hundred of the hand-written files with several stages that BuildKit accepts, spread evenly over their order by name.
fn files() -> Vec<Value> {
    let mut records = shared::lines("corpus/verdicts.jsonl");
    records.retain(|record| {
        record["stages"].as_u64() > Some(1)
            && record["repo"] != "dotnet/dotnet-docker"
            && record["check"]["error"].is_null()
    });
    let all = records.len();
    (0..FILES.min(all)).map(|at| records[at * all / FILES.min(all)].clone()).collect()
}

#[test]
fn what_is_typed_is_among_the_first_ten() {
    let files = files();
    if files.is_empty() {
        return;
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut tally = Tally::default();
        while let Some(record) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let doc = Document::open(&shared::corpus_text(record), 0);
            tally.file(record["file"].as_str().unwrap_or_default(), &doc);
        }
        tally
    };
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            tally.join(thread.join().expect("no thread panics"));
        }
    });
    if std::env::var_os("MISSED").is_some() {
        for ((kind, miss), count) in &tally.missed {
            println!("{kind:?} {count}× {miss}");
        }
    }
    println!("offered among the first {SHOWN}, of {} files:", files.len());
    for (kind, _, _) in FLOORS {
        let text = |begun| {
            let Rate { offered, all } = tally.rate(kind, begun);
            format!("{offered} of {all} ({:.1} %)", tally.rate(kind, begun).per_mille() as f64 / 10.0)
        };
        println!("{kind:?}: {} before a letter is typed, {} after", text(false), text(true));
    }
    for (kind, before, after) in FLOORS {
        assert!(tally.rate(kind, false).per_mille() >= before, "{kind:?} before a letter is typed");
        assert!(tally.rate(kind, true).per_mille() >= after, "{kind:?} after a letter");
    }
}
