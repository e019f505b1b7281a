//! Where the cursor is: in which part of which instruction.

use std::ops::Range;

use super::{
    Completion, CompletionKind,
    probe::{self, LETTER},
};
use crate::{
    document::Document,
    flow::StageFlow,
    syntax::{Arguments, Flag, Instruction, Keyword, Placed, Word},
};

/// What is written at the cursor, or could be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The keyword of an instruction.
    Keyword,
    /// The keyword of what an ONBUILD keeps.
    Trigger,
    /// A flag with its dashes, or the first word behind the keyword, where one could stand as well.
    Start { dashes: bool },
    /// The value of a flag, by the flag's name.
    FlagValue(String),
    /// The name of an option of a mount.
    MountKey(Mount),
    /// The value of an option, by the option's name as written.
    MountValue(Mount, String),
    /// A word behind the keyword and its flags, by its number from 0.
    Word(usize),
    /// The name of an ENV, LABEL or ARG.
    PairName,
    /// The text of a shell form, or of what is no JSON array yet.
    Text,
}

/// The options of a mount that are written beside the one at the cursor: their names, as written, and values.
pub(super) type Mount = Vec<(String, Option<String>)>;

/// A place in a document.
#[derive(Clone)]
pub(super) struct Spot<'a> {
    pub doc: &'a Document,
    /// The cursor, in bytes.
    pub offset: usize,
    pub place: Place,
    /// What stands there of the word, in bytes, perhaps nothing. On one line, and the cursor in it or at its end.
    pub word: Range<usize>,
    /// The instruction (the outer one of an ONBUILD), as it would be with one more letter at the cursor.
    placed: Placed,
}

impl Spot<'_> {
    /// `None` where nothing of the language can stand.
    pub(super) fn find(doc: &Document, offset: usize) -> Option<Spot<'_>> {
        if !doc.is_read() {
            return None;
        }
        let text = doc.text();
        let line = text.line_range(text.line_of(offset));
        let before = text.slice(line.start..offset.max(line.start)).into_owned();
        // Behind the escape character the letter would take away what that does.
        if offset > line.end || before.ends_with(doc.syntax().escape()) {
            return None;
        }
        let syntax = probe::syntax(doc, offset);
        let placed = syntax.instructions().get(syntax.instruction_at(offset)?)?.clone();
        let at = offset.checked_sub(placed.start)?;
        // Inside of an instruction a line like this is a comment.
        let is_comment = placed.start < line.start && before.trim_start().starts_with('#');
        if is_comment {
            return None;
        }
        let (place, word) = look(&placed.instruction, at)?;
        let end = placed.start + word.end - LETTER.len();
        let word = placed.start + word.start..end;
        (line.start <= word.start && word.start <= offset && offset <= end && end <= line.end)
            .then_some(Spot { doc, offset, place, word, placed })
    }

    /// The instruction that does something: the inner one of an ONBUILD.
    pub(super) fn instruction(&self) -> &Instruction {
        self.placed.instruction.effective()
    }

    pub(super) fn keyword(&self) -> Keyword {
        self.instruction().keyword
    }

    /// Where the instruction starts, in bytes.
    pub(super) fn start(&self) -> usize {
        self.placed.start
    }

    /// What stands behind the keyword and its flags, up to the cursor, if it is all on the cursor's line: where it starts (in
    /// bytes), and the text.
    pub(super) fn text_before(&self) -> Option<(usize, String)> {
        let Arguments::Text(word) = &self.instruction().arguments else { return None };
        let start = self.placed.start + word.range().start;
        let text = self.doc.text();
        let is_here = start <= self.offset && text.line_of(start) == text.line_of(self.offset);
        is_here.then(|| (start, text.slice(start..self.offset).into_owned()))
    }

    /// The same with nothing of a word at the cursor.
    pub(super) fn without_word(&self) -> Spot<'_> {
        Spot { word: self.offset..self.offset, ..self.clone() }
    }

    /// An item that writes its label over the word.
    pub(super) fn item(&self, label: impl Into<String>, kind: CompletionKind) -> Completion {
        Completion::new(label, kind, &self.word, self.offset)
    }

    /// What stands between the word's start and the cursor.
    pub(super) fn typed(&self) -> String {
        self.doc.text().slice(self.word.start..self.offset).into_owned()
    }

    /// Whether nothing but blanks stands behind the word on its line.
    pub(super) fn is_last_on_line(&self) -> bool {
        let rest = self.rest();
        rest.trim().is_empty()
    }

    /// Whether `=` stands directly behind the word.
    pub(super) fn has_equals(&self) -> bool {
        self.next_byte() == Some(b'=')
    }

    /// The byte behind the word.
    pub(super) fn next_byte(&self) -> Option<u8> {
        self.doc.text().chunk_from(self.word.end).first().copied()
    }

    /// What stands behind the word on its line.
    pub(super) fn rest(&self) -> String {
        let text = self.doc.text();
        let end = text.line_range(text.line_of(self.offset)).end;
        text.slice(self.word.end..end.max(self.word.end)).into_owned()
    }

    /// Whether a FROM has its `AS` elsewhere.
    pub(super) fn has_as_elsewhere(&self) -> bool {
        let Arguments::From(from) = &self.instruction().arguments else { return false };
        let at = self.offset - self.placed.start;
        from.as_keyword.as_ref().is_some_and(|range| !contains(range, at))
    }

    /// The flags beside what stands at the cursor.
    pub(super) fn other_flags(&self) -> impl Iterator<Item = &Flag> {
        let at = self.offset - self.placed.start;
        self.instruction().flags.iter().filter(move |flag| !contains(&flag.range, at))
    }

    /// The stage that the instruction stands in, by its index; `None` above the first.
    pub(super) fn stage(&self) -> Option<usize> {
        let instructions = self.doc.syntax().instructions();
        let stages = self.doc.stages().all();
        let below =
            stages.partition_point(|stage| instructions[stage.instructions.start].start < self.placed.start);
        below.checked_sub(1)
    }

    /// The stage's instructions above this one (indices into those of the document).
    pub(super) fn above(&self) -> Range<usize> {
        let instructions = self.doc.syntax().instructions();
        let end = instructions.partition_point(|placed| placed.start < self.placed.start);
        let start = self.stage().map_or(0, |stage| self.doc.stages().all()[stage].instructions.start);
        start.min(end)..end
    }

    /// What flows in the stage, and the number in it of the instruction.
    pub(super) fn flow(&self) -> Option<(&StageFlow, usize)> {
        let stage = self.doc.flow().stages().get(self.stage()?)?;
        Some((stage, self.above().len()))
    }
}

fn contains(range: &Range<usize>, at: usize) -> bool {
    range.start <= at && at < range.end
}

/// What the letter at `at` is a part of, with the range of that word; all in bytes from the start of the instruction.
fn look(outer: &Instruction, at: usize) -> Option<(Place, Range<usize>)> {
    if contains(&outer.word.range(), at) {
        return Some((Place::Keyword, outer.word.range()));
    }
    let inner = outer.effective();
    if outer.keyword == Keyword::Onbuild && contains(&inner.word.range(), at) {
        return Some((Place::Trigger, inner.word.range()));
    }
    let has = |word: &Word| contains(&word.range(), at);
    if inner.heredocs.iter().any(|heredoc| {
        contains(&heredoc.body, at) || heredoc.end.as_ref().is_some_and(|end| contains(end, at))
    }) {
        return None;
    }
    if let Some(flag) = inner.flags.iter().find(|flag| contains(&flag.range, at)) {
        return in_flag(flag, at);
    }
    if let Some(action) = inner.action.as_ref().filter(|word| has(word)) {
        return Some((start(action), action.range()));
    }
    match &inner.arguments {
        Arguments::From(from) => {
            let words = [from.base.as_ref(), None, from.name.as_ref()];
            let named = words
                .into_iter()
                .enumerate()
                .find_map(|(number, word)| word.filter(|word| has(word)).map(|word| (number, word.range())));
            let keyword = from.as_keyword.clone().filter(|range| contains(range, at)).map(|range| (1, range));
            // The first word behind the base stands where the AS does.
            let other = from.unexpected.iter().position(has).filter(|_| from.as_keyword.is_none());
            let other = other.map(|number| (number + 1, from.unexpected[number].range()));
            match named.or(keyword).or(other)? {
                (0, range) => Some((start(from.base.as_ref()?), range)),
                (number, range) => Some((Place::Word(number), range)),
            }
        }
        Arguments::Words { words, json } => {
            let number = words.iter().position(has)?;
            let range = up_to_blank(&words[number], at);
            match (number, json) {
                (0, false) => Some((start(&words[0]), range)),
                _ => Some((Place::Word(number), range)),
            }
        }
        Arguments::Text(text) => {
            // The first word of a text may be a flag that is being typed.
            let typed = text.text_offset(at);
            let first = text.text().split([' ', '\t', '\n']).next().unwrap_or_default();
            let letter = at..at + LETTER.len();
            // Behind the CMD of a HEALTHCHECK stands none.
            let can_start = inner.action.is_none() && has(text);
            match typed {
                // What stands behind the cursor is a command, not the rest of a flag.
                0 if can_start => Some((Place::Start { dashes: false }, letter)),
                1 if can_start && first.starts_with('-') => {
                    Some((Place::Start { dashes: true }, text.source(0..first.len())))
                }
                _ => has(text).then_some((Place::Text, letter)),
            }
        }
        Arguments::Pairs(pairs) => {
            let pair = pairs.iter().find(|pair| contains(&pair.range, at))?;
            has(&pair.name).then(|| (Place::PairName, up_to_blank(&pair.name, at)))
        }
        Arguments::Onbuild(_) | Arguments::Nothing => None,
    }
}

/// The word around `at`, without what stands behind a blank: all of a USER, WORKDIR or STOPSIGNAL is one word, and what is chosen
/// takes the place of what is typed alone.
fn up_to_blank(word: &Word, at: usize) -> Range<usize> {
    let (text, range) = (word.text(), word.range());
    let from = word.text_offset(at);
    let blank = text.get(from..).and_then(|rest| rest.find([' ', '\t']));
    let end = blank.map(|blank| word.source(0..from + blank).end).filter(|end| *end > at);
    range.start..end.unwrap_or(range.end)
}

/// The place of a first word: that of a flag too, if it could become one.
fn start(word: &Word) -> Place {
    Place::Start { dashes: word.text().starts_with('-') }
}

fn in_flag(flag: &Flag, at: usize) -> Option<(Place, Range<usize>)> {
    let name = flag.name.range();
    if at < name.end {
        return Some((Place::Start { dashes: true }, flag.range.start..name.end));
    }
    let Some(option) = flag.mount.iter().find(|option| contains(&option.range, at)) else {
        let value = flag.value.as_ref().filter(|value| contains(&value.range(), at))?;
        return Some((Place::FlagValue(flag.name.text().to_owned()), value.range()));
    };
    let others = flag.mount.iter().filter(|other| other.range != option.range);
    let others = others.map(|other| {
        (other.key.text().to_owned(), other.value.as_ref().map(|value| value.text().to_owned()))
    });
    let others: Mount = others.collect();
    if contains(&option.key.range(), at) {
        return Some((Place::MountKey(others), option.key.range()));
    }
    let value = option.value.as_ref().filter(|value| contains(&value.range(), at))?;
    Some((Place::MountValue(others, option.key.text().to_owned()), value.range()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{document::Document, fixture::Fixture};

    fn look(text: &str) -> Option<(Place, String)> {
        let fixture = Fixture::new(text);
        let spot = Spot::find(&fixture.doc, fixture.cursor)?;
        Some((spot.place.clone(), fixture.doc.text().slice(spot.word.clone()).into_owned()))
    }

    #[track_caller]
    fn check(line: &str, place: Place, word: &str) {
        for behind in ["", "\n\nRUN x\nFROM b\nRUN y\n"] {
            let text = format!("FROM a\n{line}{behind}");
            assert_eq!(look(&text), Some((place.clone(), word.to_owned())), "{text}");
            // Windows and lone carriage returns.
            let dos = text.replace('\n', "\r\n");
            let cursor = dos.find("$0").expect("there is a cursor");
            let doc = Document::open(&dos.replacen("$0", "", 1), 1);
            let spot = Spot::find(&doc, cursor).unwrap_or_else(|| panic!("{dos:?}"));
            assert_eq!((spot.place.clone(), &*doc.text().slice(spot.word.clone())), (place.clone(), word));
        }
    }

    #[track_caller]
    fn nowhere(text: &str) {
        assert_eq!(look(text), None, "{text}");
    }

    const FLAG: Place = Place::Start { dashes: true };
    const FIRST: Place = Place::Start { dashes: false };

    #[test]
    fn keywords_and_triggers() {
        check("$0", Place::Keyword, "");
        check("  $0", Place::Keyword, "");
        check("co$0", Place::Keyword, "co");
        check("CO$0PY a b", Place::Keyword, "COPY");
        check("COPY$0 a b", Place::Keyword, "COPY");
        check("$0COPY a b", Place::Keyword, "COPY");
        check("ONBUILD $0", Place::Trigger, "");
        check("onbuild \\\n  RU$0N x", Place::Trigger, "RUN");
    }

    #[test]
    fn flags() {
        for keyword in ["COPY", "copy", "RUN", "HEALTHCHECK", "FROM", "ONBUILD ADD", "COPY \\\n# why\n "] {
            check(&format!("{keyword} $0"), FIRST, "");
            check(&format!("{keyword} -$0"), FLAG, "-");
            check(&format!("{keyword} --$0"), FLAG, "--");
            check(&format!("{keyword} --fr$0"), FLAG, "--fr");
            check(&format!("{keyword} --fr$0om=a b c"), FLAG, "--from");
            check(&format!("{keyword} --x \\\n  --fr$0"), FLAG, "--fr");
            check(&format!("{keyword} --x=$0"), Place::FlagValue("x".into()), "");
            check(&format!("{keyword} --x=y$0z b"), Place::FlagValue("x".into()), "yz");
        }
        check("RUN $0apt", FIRST, "");
        check("USER ro$0ot x", FIRST, "root");
        check("STOPSIGNAL $0 SIGTERM", FIRST, "");
        check("WORKDIR /a$0\tb", FIRST, "/a");
        check("ONBUILD WORKDIR /a$0 \\\n  b", FIRST, "/a");
        check("RUN --x $0", FIRST, "");
        check("COPY --x=\"$0\" a", Place::FlagValue("x".into()), "");
    }

    #[test]
    fn mounts() {
        let others = || vec![("type".to_owned(), Some("cache".to_owned()))];
        check("RUN --mount=$0", Place::MountKey(vec![]), "");
        check("RUN --mount=type=cache,$0", Place::MountKey(others()), "");
        check("RUN --mount=type=cache,ta$0rget=/a x", Place::MountKey(others()), "target");
        check("RUN --mount=type=cache,target=$0", Place::MountValue(others(), "target".into()), "");
        check("ONBUILD RUN --mount=type=$0 x", Place::MountValue(vec![], "type".into()), "");
    }

    #[test]
    fn arguments() {
        check("COPY a $0", Place::Word(1), "");
        check("FROM a $0", Place::Word(1), "");
        check("FROM a A$0", Place::Word(1), "A");
        check("FROM a AS $0", Place::Word(2), "");
        check("EXPOSE 80 8$0", Place::Word(1), "8");
        check("USER $0", FIRST, "");
        check("LABEL a=b \\\n  c$0", Place::PairName, "c");
        check("HEALTHCHECK C$0", FIRST, "C");
        check("RUN echo $0", Place::Text, "");
        check("CMD [$0", Place::Text, "");
    }

    #[test]
    fn nowhere_in_heredocs_and_comments() {
        nowhere("FROM a\nRUN <<E\nec$0\nE\n");
        nowhere("FROM a\nRUN <<E\n$0\nE\n");
        nowhere("FROM a\nCOPY <<E /x\nE$0\n");
        nowhere("FROM a\nRUN a \\\n# c$0\n b\n");
        nowhere("FROM a\nRUN a \\$0\n b\n");
    }
}
