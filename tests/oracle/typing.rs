//! Real files, typed once more: at each prefix of each word, is the word that was then typed among the first ten that are
//! offered? And what is offered at any place can be taken.

use std::{collections::BTreeMap, ops::Range};

use dockerfile_ls::{
    document::Document,
    features::completion::{Alone, Completion, completion},
    language::mounts,
    stages::Resolution,
    syntax::{Arguments, Flag, Keyword, Word},
    variables::Meaning,
};

use crate::rename::{apply, corpus};

/// How many of the files are typed.
const FILES: usize = 100;

/// What a user sees without scrolling.
const SHOWN: usize = 10;

#[derive(Default, Debug)]
struct Rate {
    asked: usize,
    offered: usize,
    /// With at least one letter typed.
    started: usize,
    started_offered: usize,
    missed: BTreeMap<String, usize>,
}

/// The words of a file that a server could know, with their kinds, in bytes.
fn words(doc: &Document) -> Vec<(&'static str, Range<usize>)> {
    let mut found = Vec::new();
    for placed in doc.syntax().instructions() {
        let outer = &placed.instruction;
        let instruction = outer.effective();
        let mut add = |kind, range: Range<usize>| found.push((kind, placed.at(range)));
        if outer.keyword == Keyword::Unknown {
            continue;
        }
        add("keyword", outer.word.range());
        if outer.keyword == Keyword::Onbuild {
            add("trigger", instruction.word.range());
        }
        for flag in &instruction.flags {
            add("flag", flag.range.start..flag.name.range().end);
            of_flag(flag, &mut add);
        }
        if let Some(action) = &instruction.action {
            add("action", action.range());
        }
        if let Arguments::From(from) = &instruction.arguments
            && let Some(range) = &from.as_keyword
        {
            add("AS", range.clone());
        }
    }
    for reference in doc.stages().references() {
        if matches!(reference.resolution, Resolution::Stage(index) if index < reference.stage)
            && reference.variable.is_none()
        {
            found.push(("stage", reference.range.clone()));
        }
    }
    for used in doc.variables().uses() {
        let is_known = matches!(used.meaning, Meaning::Declared(_));
        let text = doc.text();
        let before = text.slice(0..used.range.start);
        if is_known && before.ends_with(['$', '{']) {
            found.push(("variable", used.range.clone()));
        }
    }
    found
}

fn of_flag(flag: &Flag, add: &mut impl FnMut(&'static str, Range<usize>)) {
    for option in &flag.mount {
        add("mount option", option.key.range());
        let is_known = mounts::option(option.key.text())
            .is_some_and(|known| matches!(known.entry.name, "type" | "sharing"));
        if let Some(value) = option.value.as_ref().filter(|_| is_known) {
            add("mount value", value.range());
        }
    }
    // A variable counts as one.
    let is_platform = |value: &&Word| flag.name.text() == "platform" && !value.text().contains('$');
    if let Some(value) = flag.value.as_ref().filter(is_platform) {
        add("platform", value.range());
    }
}

/// Whether one of the first items is the word, by what it writes or is called.
fn is_offered(items: &[Completion], word: &str) -> bool {
    items.iter().take(SHOWN).any(|item| {
        let text = item.text.trim_end_matches([' ', '=', '}']);
        text.eq_ignore_ascii_case(word) || item.label.eq_ignore_ascii_case(word)
    })
}

#[test]
fn what_was_typed_is_among_the_first_ten() {
    let files = corpus();
    let step = (files.len() / FILES).max(1);
    let mut rates: BTreeMap<&str, Rate> = BTreeMap::new();
    for (_, text) in files.iter().step_by(step).take(FILES) {
        let whole = Document::open(text, 0);
        for (kind, range) in words(&whole) {
            let Some(index) = whole.syntax().instruction_at(range.start) else { continue };
            let end = whole.syntax().instructions()[index].range().end;
            let word = whole.text().slice(range.clone());
            // One over two lines is nobody's.
            if word.contains(['\n', '\r']) || word.is_empty() {
                continue;
            }
            // Below stands what was there, without the rest of the instruction.
            let mut draft = whole.draft();
            draft.replace(range.start..end, "");
            let mut doc = draft.finish(1);
            for (at, letter) in word.char_indices() {
                let offset = range.start + at;
                let items = completion(&doc, offset, &Alone);
                let rate = rates.entry(kind).or_default();
                let is_offered = is_offered(&items, &word);
                rate.asked += 1;
                rate.offered += usize::from(is_offered);
                rate.started += usize::from(at > 0);
                rate.started_offered += usize::from(at > 0 && is_offered);
                if !is_offered {
                    *rate.missed.entry(format!("{}|{}", &word[..at], &word[at..])).or_default() += 1;
                }
                let mut draft = doc.draft();
                draft.replace(offset..offset, letter.encode_utf8(&mut [0; 4]));
                doc = draft.finish(2);
            }
        }
    }
    for (kind, rate) in &rates {
        let mut missed: Vec<_> = rate.missed.iter().collect();
        missed.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        missed.truncate(12);
        println!(
            "{kind}: {} of {} ({} of {} with a letter); missed: {missed:?}",
            rate.offered, rate.asked, rate.started_offered, rate.started
        );
        assert!(rate.offered * 100 >= rate.asked * 90, "{kind}");
        assert!(rate.started_offered * 100 >= rate.started * 95, "{kind}");
    }
}

/// At some places of each file, as far as these are spread by chance.
#[test]
fn what_is_offered_can_be_taken() {
    let mut chance: u64 = 1;
    for (file, text) in &corpus() {
        let doc = Document::open(text, 0);
        for _ in 0..12 {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let place = usize::try_from(chance >> 33).unwrap_or_default() % (doc.text().len() + 1);
            let offset = doc.text().floor_char_boundary(place);
            let line = doc.text().line_of(offset);
            // Half of them where a line starts.
            let offset = if chance & 64 == 0 { offset } else { doc.text().line_start(line) };
            let items = completion(&doc, offset, &Alone);
            for (number, item) in items.iter().enumerate() {
                let what = format!("{file} at {offset}: {item:?}");
                assert!(item.replace.start <= offset && offset <= item.replace.end, "{what}");
                assert_eq!(item.insert, item.replace.start..offset, "{what}");
                for end in [item.replace.start, item.replace.end] {
                    assert_eq!(doc.text().line_of(end), line, "{what}");
                }
                if number % 7 == 0 {
                    let edit =
                        dockerfile_ls::text::Edit { range: item.replace.clone(), text: item.text.clone() };
                    let after = apply(text, &[edit]);
                    let next = Document::open(&after, 1);
                    completion(&next, item.replace.start + item.text.len(), &Alone);
                }
            }
        }
    }
}
