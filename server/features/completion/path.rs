//! Paths: of the build context, of the stage that is copied from, of the stage that is copied to.

use std::{collections::HashSet, ops::Range};

use super::{
    Around, Completion, CompletionKind, Entry, is_subsequence,
    probe::{self, LETTER},
};
use crate::{
    document::Document,
    flow::{self, Fact, Origin, Point, Product, Scope, path},
    stages::{Found, Lookup},
    syntax::{Arguments, Instruction, Keyword, Placed},
};

/// Most items of one answer.
const MANY: usize = 300;

/// Longest detail in characters.
const LONG: usize = 60;

/// The paths that can stand at `offset`, best first; `None` where none can.
pub(super) fn completion(doc: &Document, offset: usize, around: &dyn Around) -> Option<Vec<Completion>> {
    let slot = Slot::find(doc, offset)?;
    let mut found = Vec::new();
    if slot.takes_destination {
        slot.destinations(&mut found);
    }
    match slot.source {
        // What starts with a slash behind a source is a place in the image.
        Some(Source::Context) if slot.takes_destination && slot.typed.starts_with('/') => {}
        Some(Source::Context) => slot.context(around, &mut found),
        Some(Source::Stage(from)) => slot.known(from, around, &mut found),
        None => {}
    }
    let mut seen = HashSet::new();
    found.retain(|item| seen.insert(item.text.clone()));
    found.truncate(MANY);
    Some(found)
}

/// Where sources are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Context,
    Stage(usize),
}

/// Why a path is offered.
#[derive(Debug, Clone, Copy)]
enum Why {
    MadeBy(Origin),
    /// It is the working directory, of this stage or of another.
    Workdir(Option<usize>),
    /// The source in front of it has the same path.
    Source,
}

/// A place where a path can stand.
struct Slot<'a> {
    doc: &'a Document,
    offset: usize,
    /// The word that is there, perhaps empty, in bytes.
    word: Range<usize>,
    /// What stands between its start and the cursor.
    typed: String,
    /// What a source here is read from, if one can stand here.
    source: Option<Source>,
    takes_destination: bool,
    /// The path in front of it, if that is a source.
    before: Option<String>,
    /// Characters that would have to be escaped here.
    unwritable: &'static [char],
    /// The stage, and the instruction's number in it.
    stage: usize,
    number: usize,
}

impl<'a> Slot<'a> {
    fn find(doc: &'a Document, offset: usize) -> Option<Slot<'a>> {
        let index = doc.instruction_on_line_of(offset)?;
        let keyword = doc.syntax().instructions()[index].instruction.keyword;
        // Others have no paths, and an ONBUILD sees another build's.
        if !doc.is_read() || !matches!(keyword, Keyword::Copy | Keyword::Add | Keyword::Run) {
            return None;
        }
        let stage = doc.stages().of_instruction(index)?;
        let placed = &doc.syntax().instructions()[index];
        let mut flags = placed.instruction.flags.iter();
        // All else of a RUN is a script.
        if keyword == Keyword::Run && !flags.any(|flag| offset <= placed.at(flag.range.clone()).end) {
            return None;
        }
        let syntax = probe::syntax(doc, offset);
        let placed = syntax.instructions().get(index)?;
        let instruction = &*placed.instruction;
        if instruction.keyword != keyword || !(placed.start..placed.range().end).contains(&offset) {
            return None;
        }
        let Spot { range, source, takes_destination, before, unwritable } = match keyword {
            Keyword::Run => mount_spot(doc, placed, offset, stage.index)?,
            _ => copy_spot(doc, placed, offset, stage.index)?,
        };
        // Without the letter.
        let word = range.start..range.end.checked_sub(LETTER.len())?;
        let line = doc.text().line_range(doc.text().line_of(offset));
        if word.start < line.start || line.end < word.end || !(word.start..=word.end).contains(&offset) {
            return None;
        }
        let mut word = word;
        let raw = doc.text().slice(word.clone()).into_owned();
        if let Some(quote) = raw.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            word.start += 1;
            if raw.len() > 1 && raw.ends_with(quote) {
                word.end -= 1;
            }
        }
        if !(word.start..=word.end).contains(&offset) {
            return None;
        }
        let typed = doc.text().slice(word.start..offset).into_owned();
        // Of an address, a heredoc or a variable the rest is no matter of files.
        if typed.contains(['$', '"', '\'', '\\', '<', '*', '?', '[']) || typed.contains("://") {
            return None;
        }
        let number = index - stage.instructions.start;
        let stage = stage.index;
        Some(Slot { doc, offset, word, typed, source, takes_destination, before, unwritable, stage, number })
    }

    /// What the build context has in the folder that is typed.
    fn context(&self, around: &dyn Around, found: &mut Vec<Completion>) {
        let slash = self.typed.rfind('/').map_or(0, |slash| slash + 1);
        let (folder, name) = self.typed.split_at(slash);
        let Some(folder) = path::join(Some("/"), folder) else { return };
        let start = self.word.start + slash;
        let rest = self.doc.text().slice(self.offset..self.word.end).into_owned();
        // One part of the path, with the slash that follows it.
        let end = self.offset + rest.find('/').map_or(rest.len(), |slash| slash + 1);
        let (part, lower) = (start..end, name.to_lowercase());
        let can_stand = |entry: &Entry| {
            // A flag, or the marker of a heredoc.
            let is_other = slash == 0 && (entry.name.starts_with("--") || entry.name.starts_with("<<"));
            !is_other && !entry.name.contains(self.unwritable) && !entry.name.contains(char::is_control)
        };
        let entries = around.context_entries(folder.trim_start_matches('/')).into_iter();
        let mut fitting: Vec<((bool, bool, bool, String), Entry)> = entries
            .filter(can_stand)
            .filter_map(|entry| {
                let label = entry.name.to_lowercase();
                let key = (!label.starts_with(&lower), label == ".git", label.starts_with('.'), label);
                is_subsequence(&lower, &key.3).then_some((key, entry))
            })
            .collect();
        fitting.sort_by(|(a, one), (b, other)| (a, &one.name).cmp(&(b, &other.name)));
        found.extend(fitting.into_iter().map(|(_, Entry { name, is_folder })| match is_folder {
            true => Completion::new(format!("{name}/"), CompletionKind::Folder, &part, self.offset),
            false => {
                // A file has nothing behind a slash.
                let part = part.start..part.end.min(self.offset + rest.find('/').unwrap_or(rest.len()));
                Completion::new(name, CompletionKind::File, &part, self.offset)
            }
        }));
    }

    /// What is known to be in another stage, what was built there first.
    fn known(&self, from: usize, around: &dyn Around, found: &mut Vec<Completion>) {
        let flow = self.doc.flow().stage(from);
        if flow.is_windows() {
            return;
        }
        let is_kept = |fact: &&Fact| fact.volatile.is_none() && &*fact.path != "/";
        let mut facts: Vec<&Fact> = flow.facts().filter(is_kept).take(10 * MANY).collect();
        facts.sort_by_key(|fact| rank(fact));
        let built = facts.iter().map(|fact| {
            let kind = match fact.scope {
                Scope::Exact => CompletionKind::File,
                Scope::Under => CompletionKind::Folder,
            };
            (fact.path.to_string(), kind, Why::MadeBy(fact.origin))
        });
        let copied = facts.iter().filter(|fact| fact.product == Product::Context);
        let copied = copied.flat_map(|fact| self.copied(fact, around).unwrap_or_default());
        let directory =
            workdir(flow.end()).map(|it| (it.to_owned(), CompletionKind::Folder, Why::Workdir(None)));
        self.add(built.chain(directory).chain(copied), found);
    }

    /// What a stage has in the folder that is typed because a COPY took it there from the build context.
    fn copied(&self, fact: &Fact, around: &dyn Around) -> Option<Vec<(String, CompletionKind, Why)>> {
        let folder = path::join(Some("/"), &self.typed[..self.typed.rfind('/')? + 1])?;
        let below = path::below(&folder, &fact.path)?;
        let index = self.doc.stages().all()[fact.origin.stage].instructions.start + fact.origin.instruction;
        let placed = &self.doc.syntax().instructions()[index];
        // Of several sources nobody knows which are folders.
        let [source, _] = placed.instruction.meant_words() else { return None };
        let source = flow::text_of(self.doc, index, source).value?;
        let source = path::join(Some(&path::join(Some("/"), &source)?), below)?;
        let mut entries = around.context_entries(source.trim_start_matches('/'));
        entries.sort_by_cached_key(|entry| (entry.name.starts_with('.'), entry.name.to_lowercase()));
        let item = |Entry { name, is_folder }| {
            let path = format!("{}/{name}", folder.trim_end_matches('/'));
            let kind = if is_folder { CompletionKind::Folder } else { CompletionKind::File };
            (path, kind, Why::MadeBy(fact.origin))
        };
        Some(entries.into_iter().map(item).collect())
    }

    /// Folders of the stage, as they are before the instruction.
    fn destinations(&self, found: &mut Vec<Completion>) {
        let flow = self.doc.flow().stage(self.stage);
        if flow.is_windows() {
            return;
        }
        let mut folders: Vec<(&str, Why)> = Vec::new();
        let here = workdir(flow.before(self.number));
        folders.extend(here.map(|directory| (directory, Why::Workdir(None))));
        let is_above = |fact: &&Fact| fact.by.stage != self.stage || fact.by.instruction < self.number;
        let kept = flow.facts().filter(is_above).filter(|fact| fact.volatile.is_none());
        for fact in kept.take(MANY) {
            let folder = if fact.scope == Scope::Under { &*fact.path } else { path::parent(&fact.path) };
            folders.push((folder, Why::MadeBy(fact.origin)));
        }
        // People put things to the same place in several stages.
        for stage in self.doc.flow().stages().iter().filter(|stage| stage.index() != self.stage) {
            let directory = workdir(stage.end());
            folders.extend(directory.map(|it| (it, Why::Workdir(Some(stage.index())))));
        }
        folders.retain(|(folder, _)| *folder != "/");
        let source = self.before.clone().map(|path| (path, CompletionKind::File, Why::Source));
        let relative = here.map(|_| ("./".to_owned(), CompletionKind::Folder, Why::Workdir(None)));
        let folders = folders.into_iter();
        let folders = folders.map(|(path, why)| (format!("{path}/"), CompletionKind::Folder, why));
        self.add(source.into_iter().chain(relative).chain(folders), found);
    }

    /// Adds the paths that fit what is typed, each once, those that start with it first.
    fn add(&self, paths: impl Iterator<Item = (String, CompletionKind, Why)>, found: &mut Vec<Completion>) {
        let typed = self.typed.to_lowercase();
        // A source starts at the root with and without a slash.
        let bare = typed.trim_start_matches("./").trim_start_matches('/').to_owned();
        let mut seen = HashSet::new();
        let mut fitting: Vec<(bool, Completion, Why)> = Vec::new();
        for (path, kind, why) in paths {
            let lower = path.to_lowercase();
            let own = lower.trim_start_matches("./").trim_start_matches('/');
            let fits = own.starts_with(&bare) || (!typed.starts_with('/') && is_subsequence(&bare, own));
            let can_stand = fits && !path.contains(self.unwritable);
            if !can_stand || path == self.typed || !seen.insert(path.clone()) {
                continue;
            }
            // Clients compare with what stands there.
            let filter = match typed.as_str() {
                start if start.starts_with("./") => {
                    Some(format!("./{}", path.trim_start_matches("./").trim_start_matches('/')))
                }
                start if !start.is_empty() && !start.starts_with(['/', '.']) => {
                    Some(path.trim_start_matches("./").trim_start_matches('/').to_owned())
                }
                _ => None,
            };
            let item = Completion { filter, ..Completion::new(path, kind, &self.word, self.offset) };
            fitting.push((!own.starts_with(&bare), item, why));
        }
        fitting.sort_by_key(|(is_inner, ..)| *is_inner);
        let told = fitting.into_iter().take(MANY).map(|(_, item, why)| item.detail(self.told(why)));
        found.extend(told);
    }

    fn told(&self, why: Why) -> String {
        match why {
            Why::MadeBy(origin) => self.made_by(origin),
            Why::Workdir(None) => "The working directory".to_owned(),
            Why::Workdir(Some(stage)) => {
                format!("The working directory of {}", self.doc.stages().all()[stage].title())
            }
            Why::Source => "As its source".to_owned(),
        }
    }

    /// The first line of the command or instruction that wrote something.
    fn made_by(&self, origin: Origin) -> String {
        let index = self.doc.stages().all()[origin.stage].instructions.start + origin.instruction;
        let placed = &self.doc.syntax().instructions()[index];
        let text = self.doc.text();
        let command = origin.command.and_then(|(script, number)| {
            let ran = placed.scripts(text).get(script)?;
            Some(placed.at(ran.source(ran.script.commands.get(number)?.range.clone())))
        });
        let range = command.unwrap_or(placed.range());
        let line = text.line_range(text.line_of(range.start));
        let source = text.slice(range.start..range.end.min(line.end.max(range.start)));
        let shown = source.trim_end_matches([' ', '\t', '\\']);
        match shown.char_indices().nth(LONG) {
            Some((at, _)) => format!("{}…", &shown[..at]),
            None => shown.to_owned(),
        }
    }
}

/// What is likelier to be copied comes first.
fn rank(fact: &Fact) -> u8 {
    match fact.product {
        _ if fact.vague => 5,
        Product::Native(_) => 0,
        Product::Neutral => 1,
        Product::Dependencies(_) | Product::Other => 2,
        Product::Context => 3,
    }
}

fn workdir(point: &Point) -> Option<&str> {
    point.workdir.value.as_deref().filter(|directory| *directory != "/")
}

/// What stands at the cursor, in a text with the letter.
struct Spot {
    /// In bytes, with the letter.
    range: Range<usize>,
    source: Option<Source>,
    takes_destination: bool,
    before: Option<String>,
    unwritable: &'static [char],
}

/// A source or the destination of a COPY or ADD.
fn copy_spot(doc: &Document, placed: &Placed, offset: usize, stage: usize) -> Option<Spot> {
    let instruction = &*placed.instruction;
    let from = instruction.flag("from").map(|flag| flag.value.as_ref().map_or("", |value| value.text()));
    let source = match from.filter(|_| instruction.keyword == Keyword::Copy) {
        None | Some("") => Some(Source::Context),
        Some(name) => stage_above(doc, Lookup::Copy, name, stage),
    };
    let Arguments::Words { words, json } = &instruction.arguments else { return None };
    let touches = |range: &Range<usize>| range.start <= offset && offset <= range.end;
    let number = words.iter().position(|word| touches(&placed.at(word.range())))?;
    let is_destination = number > 0 && number + 1 == words.len();
    let before = words.first().filter(|_| matches!(source, Some(Source::Stage(_))));
    let before = before.map(|word| word.text().to_owned()).filter(|text| text.starts_with('/') && number > 0);
    // A bracket that is not closed, or a quote in it.
    let is_array = !json && words[0].text().starts_with('[');
    let (range, unwritable): (_, &'static [char]) = match (is_array, json) {
        (true, _) => (string_at(doc, placed, instruction, offset)?, &['"', '\\', '$', '*', '?', '[']),
        (false, true) => (placed.at(words[number].range()), &['"', '\\', '$', '*', '?', '[']),
        (false, false) => {
            (placed.at(words[number].range()), &[' ', '\t', '"', '\'', '\\', '`', '$', '*', '?', '['])
        }
    };
    Some(Spot {
        range,
        source,
        takes_destination: is_destination || (is_array && number > 0),
        before,
        unwritable,
    })
}

/// The string at the cursor of an array that is being typed, with the letter.
fn string_at(
    doc: &Document,
    placed: &Placed,
    instruction: &Instruction,
    offset: usize,
) -> Option<Range<usize>> {
    let text = doc.text();
    let start = placed.at(instruction.words().first()?.range()).start;
    let before = text.slice(start..offset);
    let is_inside = before.matches('"').count() % 2 == 1;
    let open = before.rfind('"').filter(|_| is_inside)?;
    let line = text.line_range(text.line_of(offset));
    let rest = text.slice(offset..line.end.max(offset));
    let end = rest.find(['"', ',', ']', ' ', '\t']).unwrap_or(rest.len());
    Some(start + open + 1..offset + end + LETTER.len())
}

/// The source or target of a mount.
fn mount_spot(doc: &Document, placed: &Placed, offset: usize, stage: usize) -> Option<Spot> {
    const UNWRITABLE: &[char] = &[' ', '\t', '"', '\'', '\\', '`', '$', ',', '*', '?', '['];
    let touches = |range: Range<usize>| range.start <= offset && offset <= range.end;
    let flag = placed.instruction.flags.iter().find(|flag| touches(placed.at(flag.range.clone())))?;
    let at_cursor = flag.mount.iter().find_map(|option| {
        let value = option.value.as_ref()?;
        touches(placed.at(value.range())).then_some((option.key.text().to_ascii_lowercase(), value))
    });
    let (key, value) = at_cursor?;
    let option = |name: &str| {
        let mut named = flag.mount.iter().filter(|option| option.key.text().eq_ignore_ascii_case(name));
        named.next_back().and_then(|option| option.value.as_ref()).map(|value| value.text())
    };
    let range = placed.at(value.range());
    match key.as_str() {
        "source" | "src" if option("type").is_none_or(|kind| matches!(kind, "bind" | "cache")) => {
            let source = match option("from").unwrap_or_default() {
                // A cache starts empty.
                "" if option("type") == Some("cache") => None,
                "" => Some(Source::Context),
                name => stage_above(doc, Lookup::Mount, name, stage),
            };
            Some(Spot { range, source, takes_destination: false, before: None, unwritable: UNWRITABLE })
        }
        _ => None,
    }
}

/// The stage of that name, if it stands above.
fn stage_above(doc: &Document, lookup: Lookup, name: &str, stage: usize) -> Option<Source> {
    match doc.stages().names().look_up(lookup, name) {
        Found::Stage(index) if index < stage => Some(Source::Stage(index)),
        Found::Stage(_) | Found::Beyond(_) | Found::Other => None,
    }
}

#[cfg(test)]
mod tests;
