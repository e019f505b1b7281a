//! Instructions: their keywords, and their usual forms.

use super::{
    Completion, CompletionKind, Documentation, forms, is_subsequence,
    place::{Place, Spot},
    recipe, template,
};
use crate::{
    document::Document,
    features::topic::Topic,
    language::instructions::{INSTRUCTIONS, instruction},
    switches::Head,
    syntax::Keyword,
};

/// All instructions in the order in which people write them most often.
const USUAL: [Keyword; 18] = [
    Keyword::Run,
    Keyword::Copy,
    Keyword::Env,
    Keyword::From,
    Keyword::Workdir,
    Keyword::Arg,
    Keyword::Cmd,
    Keyword::Entrypoint,
    Keyword::Expose,
    Keyword::User,
    Keyword::Label,
    Keyword::Healthcheck,
    Keyword::Add,
    Keyword::Shell,
    Keyword::Volume,
    Keyword::StopSignal,
    Keyword::Onbuild,
    Keyword::Maintainer,
];

/// What often follows an instruction and else comes late.
fn often_after(keyword: Option<Keyword>) -> &'static [Keyword] {
    match keyword {
        Some(Keyword::From) => {
            &[Keyword::Workdir, Keyword::Run, Keyword::Copy, Keyword::Arg, Keyword::Env, Keyword::Label]
        }
        Some(Keyword::Workdir) => &[Keyword::Copy, Keyword::Run],
        Some(Keyword::Copy) => &[Keyword::Copy, Keyword::Run],
        Some(Keyword::Env) => &[Keyword::Env, Keyword::Run],
        Some(Keyword::Arg) => &[Keyword::Arg, Keyword::Run, Keyword::From],
        Some(Keyword::Label) => &[Keyword::Label, Keyword::Run],
        Some(Keyword::Entrypoint) => &[Keyword::Cmd, Keyword::From],
        Some(Keyword::Cmd) => &[Keyword::From],
        Some(Keyword::Expose | Keyword::User | Keyword::Healthcheck) => {
            &[Keyword::Cmd, Keyword::Entrypoint, Keyword::Expose, Keyword::Healthcheck]
        }
        _ => &[],
    }
}

/// The instructions that can stand at the cursor, best first, and behind them their forms.
pub(super) fn completion(spot: &Spot<'_>) -> Vec<Completion> {
    let doc = spot.doc;
    let typed = spot.typed();
    let case = Case::of(doc, &typed);
    let keywords = keywords(spot);
    let mut items: Vec<(Keyword, Completion)> =
        keywords.iter().map(|keyword| (*keyword, plain(spot, *keyword, &case))).collect();
    // What stands behind the keyword already is not written a second time.
    if spot.is_last_on_line() {
        for &keyword in &keywords {
            let forms = forms::of(spot, keyword).into_iter();
            items.extend(forms.map(|template| (keyword, form(spot, keyword, &template, &case))));
        }
    }
    // A form is found by its keyword alone: what it has behind that fits too much.
    let upper = typed.to_uppercase();
    items.retain(|(keyword, _)| is_subsequence(&upper, keyword.name()));
    items.sort_by_key(|(keyword, _)| !keyword.name().starts_with(&upper));
    let mut items: Vec<Completion> = items.into_iter().map(|(_, item)| item).collect();
    if spot.place == Place::Keyword && spot.is_last_on_line() {
        items.extend(directive(spot, &typed));
        items.extend(recipe::completion(spot, &typed));
    }
    items
}

/// What can stand here, the likeliest first.
fn keywords(spot: &Spot<'_>) -> Vec<Keyword> {
    let doc = spot.doc;
    let is_trigger = spot.place == Place::Trigger;
    // No FROM becomes a trigger, wherever that stands.
    if spot.stage().is_none() && !is_trigger {
        return vec![Keyword::From, Keyword::Arg];
    }
    let instructions = &doc.syntax().instructions()[spot.above()];
    let above = || instructions.iter().map(|placed| placed.instruction.keyword);
    let first = often_after(above().next_back().filter(|_| !is_trigger));
    // The last of these counts alone.
    let is_done = |keyword: Keyword| {
        use Keyword::{Cmd, Entrypoint, Healthcheck, StopSignal};
        !is_trigger
            && matches!(keyword, Cmd | Entrypoint | Healthcheck | StopSignal)
            && above().any(|it| it == keyword)
    };
    let mut found: Vec<Keyword> = first.to_vec();
    found.extend(USUAL.iter().filter(|keyword| !first.contains(keyword)));
    // BuildKit takes none of these there (instructions/parse.go, `parseOnBuild`).
    found.retain(|keyword| {
        !is_trigger || !matches!(keyword, Keyword::From | Keyword::Onbuild | Keyword::Maintainer)
    });
    found.sort_by_cached_key(|keyword| {
        (instruction(*keyword).is_some_and(|it| it.deprecated.is_some()), is_done(*keyword))
    });
    found
}

fn plain(spot: &Spot<'_>, keyword: Keyword, case: &Case) -> Completion {
    let entry = INSTRUCTIONS.iter().find(|(known, _)| *known == keyword).map(|(_, entry)| entry);
    let label = case.written(keyword.name());
    Completion {
        filter: case.filter(&label),
        deprecated: entry.is_some_and(|entry| entry.deprecated.is_some()),
        detail: entry.map(|entry| entry.summary.to_owned()),
        ..spot.item(label, CompletionKind::Keyword).topic(Topic::Instruction(keyword))
    }
}

fn form(spot: &Spot<'_>, keyword: Keyword, template: &str, case: &Case) -> Completion {
    let template = case.written_all(template);
    let text = template::plain(&template);
    // What is behind the first line is told by the rest.
    let label = text.lines().next().unwrap_or_default().to_owned();
    let snippet = template::snippet(&template);
    Completion {
        filter: Some(case.filter(keyword.name()).unwrap_or_else(|| case.written(keyword.name()))),
        snippet: (snippet != text).then_some(snippet),
        text,
        ..spot.item(label, CompletionKind::Snippet).topic(Topic::Instruction(keyword))
    }
}

/// `# syntax=…`, on an empty line where a directive can stand and none does.
fn directive(spot: &Spot<'_>, typed: &str) -> Option<Completion> {
    const SYNTAX: &str = "# syntax=docker/dockerfile:1";
    let is_place = typed.is_empty() && spot.start() == spot.word.start;
    let has_one = || {
        let text = spot.doc.text();
        let mut directives = spot.doc.syntax().directives().iter();
        directives.any(|it| text.slice(it.name.clone()).eq_ignore_ascii_case("syntax"))
    };
    (is_place && Head::read(spot.doc).next_directive == spot.word.start && !has_one()).then(|| Completion {
        documentation: Documentation::Nothing,
        ..spot.item(SYNTAX, CompletionKind::Directive).detail("Which frontend reads this file")
    })
}

/// How keywords are written in a file.
pub(super) struct Case {
    lower: bool,
    /// Whether what is typed is in lower or in upper case; `None` if it is neither.
    typed_lower: Option<bool>,
}

impl Case {
    /// The case of most instructions; upper case where there are none.
    pub(super) fn of(doc: &Document, typed: &str) -> Case {
        let (mut lower, mut upper) = (0, 0);
        for placed in doc.syntax().instructions() {
            let instruction = &placed.instruction;
            // What is being typed has no case yet.
            if instruction.keyword == Keyword::Unknown {
                continue;
            }
            match instruction.word.text().starts_with(|c: char| c.is_ascii_lowercase()) {
                true => lower += 1,
                false => upper += 1,
            }
        }
        let is_lower = |c: char| c.is_ascii_lowercase();
        let is_upper = |c: char| c.is_ascii_uppercase();
        let typed_lower = match (typed.contains(is_lower), typed.contains(is_upper)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        };
        Case { lower: lower > upper, typed_lower }
    }

    /// A keyword in the case of the file.
    pub(super) fn written(&self, keyword: &str) -> String {
        if self.lower { keyword.to_ascii_lowercase() } else { keyword.to_owned() }
    }

    /// A template of an instruction, its keywords in the case of the file.
    fn written_all(&self, template: &str) -> String {
        let is_keyword = |word: &str| {
            matches!(word, "AS" | "NONE") || INSTRUCTIONS.iter().any(|(_, entry)| entry.name == word)
        };
        let words = template.split(' ');
        let words = words.map(|word| if is_keyword(word) { self.written(word) } else { word.to_owned() });
        words.collect::<Vec<_>>().join(" ")
    }

    /// What a client compares with what is typed that looks at the case.
    pub(super) fn filter(&self, label: &str) -> Option<String> {
        match self.typed_lower? {
            true if !self.lower => Some(label.to_ascii_lowercase()),
            false if self.lower => Some(label.to_ascii_uppercase()),
            _ => None,
        }
    }
}
