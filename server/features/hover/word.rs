//! What the words of the language mean: keywords, flags, mounts and their options, signs.

use std::ops::Range;

use super::Hover;
use crate::{
    document::Document,
    features::topic::Topic,
    language::{arguments::argument, flags, mounts, values::Value, words::SpecialWord},
    syntax::{Arguments, Flag, Instruction, Keyword, Placed, Word},
};

/// For the word of the language at `offset` (bytes).
pub(super) fn hover(doc: &Document, offset: usize) -> Option<Hover> {
    let index = doc.syntax().instruction_at(offset)?;
    let placed = &doc.syntax().instructions()[index];
    let at = offset - placed.start;
    let (range, topic) = of_instruction(&placed.instruction, at).or_else(|| sign(doc, placed, at))?;
    Some(Hover { range: placed.at(range), markdown: topic.markdown()? })
}

/// What a variable with a name that means something to BuildKit is for, and the page that says so; nothing for those that only
/// a FROM sees.
pub(super) fn argument_text(name: &str) -> Option<String> {
    argument(name)?;
    // Without its title, which is the name.
    Topic::Argument(name.to_owned()).markdown()?.split_once("\n\n").map(|(_, text)| text.to_owned())
}

fn touches(range: &Range<usize>, at: usize) -> bool {
    range.start <= at && at <= range.end
}

/// The word at `at`, in bytes from the start of the outermost instruction.
fn of_instruction(instruction: &Instruction, at: usize) -> Option<(Range<usize>, Topic)> {
    let keyword = instruction.keyword;
    if touches(&instruction.word.range(), at) {
        return Some((instruction.word.range(), Topic::Instruction(keyword)));
    }
    if let Arguments::Onbuild(inner) = &instruction.arguments {
        return of_instruction(inner, at);
    }
    if let Some(flag) = instruction.flags.iter().find(|flag| touches(&flag.range, at)) {
        return of_flag(keyword, flag, at);
    }
    if let Some(action) = instruction.action.as_ref().filter(|action| touches(&action.range(), at)) {
        let word = match action.text().to_ascii_uppercase().as_str() {
            "CMD" => SpecialWord::HealthCmd,
            "NONE" => SpecialWord::HealthNone,
            _ => return None,
        };
        return Some((action.range(), Topic::Word(word)));
    }
    if let Arguments::From(from) = &instruction.arguments
        && let Some(range) = from.as_keyword.clone().filter(|range| touches(range, at))
    {
        return Some((range, Topic::Word(SpecialWord::As)));
    }
    let ends = instruction.heredocs.iter().filter_map(|heredoc| heredoc.end.clone());
    let mut heredocs = instruction.heredoc_markers.iter().map(Word::range).chain(ends);
    if let Some(range) = heredocs.find(|range| touches(range, at)) {
        return Some((range, Topic::Word(SpecialWord::Heredoc)));
    }
    let word = instruction.words().iter().find(|word| touches(&word.range(), at))?;
    match keyword {
        Keyword::StopSignal => Some((word.range(), Topic::Signal(word.text().to_owned()))),
        Keyword::Expose => {
            let digits = word.text().find(|c: char| !c.is_ascii_digit()).unwrap_or(word.text().len());
            Some((word.range(), Topic::Port(word.text()[..digits].parse().ok()?)))
        }
        _ => None,
    }
}

fn of_flag(keyword: Keyword, flag: &Flag, at: usize) -> Option<(Range<usize>, Topic)> {
    let name = flag.name.range();
    if at <= name.end {
        return Some((flag.range.start..name.end, Topic::Flag(keyword, flag.name.text().to_owned())));
    }
    if let Some(option) = flag.mount.iter().find(|option| touches(&option.range, at)) {
        let key = mounts::option(option.key.text())?.entry.name;
        if at <= option.key.range().end {
            return Some((option.key.range(), Topic::MountOption(key.to_owned())));
        }
        let value = option.value.as_ref()?;
        let text = value.text().to_ascii_lowercase();
        return match key {
            "type" => Some((value.range(), Topic::Mount(text))),
            "sharing" => Some((value.range(), Topic::Sharing(text))),
            _ => None,
        };
    }
    let value = flag.value.as_ref().filter(|value| touches(&value.range(), at))?;
    let known = flags::flag(keyword, flag.name.text())?;
    let topic = || Topic::FlagValue(keyword, known.entry.name.to_owned(), value.text().to_owned());
    matches!(known.value, Value::OneOf(_)).then(|| (value.range(), topic()))
}

/// A bracket of a JSON array, or the character that continues a line.
fn sign(doc: &Document, placed: &Placed, at: usize) -> Option<(Range<usize>, Topic)> {
    let instruction = placed.instruction.effective();
    if at > placed.instruction.head() {
        return None;
    }
    let text = doc.text();
    let line = text.line_range(text.line_of(placed.start + at));
    let source = text.slice(line.clone());
    if source.trim_start().starts_with('#') {
        return None;
    }
    // Both are one byte long, and the cursor is before or behind it.
    let character = |at: usize| source.get(at..)?.chars().next();
    let in_line = placed.start + at - line.start;
    let found = [Some(in_line), in_line.checked_sub(1)].into_iter().flatten();
    for column in found {
        let start = line.start + column;
        let Some(c) = character(column).filter(|_| start >= placed.start) else { continue };
        let range = start - placed.start..start - placed.start + 1;
        let ends_line = || source[column + c.len_utf8()..].trim().is_empty();
        if c == doc.syntax().escape() && ends_line() && line.end < placed.start + placed.instruction.head() {
            return Some((range, Topic::Word(SpecialWord::Continuation)));
        }
        let Arguments::Words { words, json: true } = &instruction.arguments else { continue };
        let is_outside = |start: usize| !words.iter().any(|word| touches(&word.range(), start));
        if matches!(c, '[' | ']') && is_outside(range.start) {
            let word = match instruction.keyword {
                Keyword::Copy | Keyword::Add | Keyword::Volume => SpecialWord::JsonForm,
                _ => SpecialWord::ExecForm,
            };
            return Some((range, Topic::Word(word)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::hover;
    use crate::{
        fixture::Fixture,
        language::{
            flags::{self, Kind},
            instructions::INSTRUCTIONS,
            mounts::{self, OPTIONS, TYPES},
            values::Value,
        },
        syntax::Keyword,
    };

    /// The word that is hovered at `$0`, and how the text starts.
    #[track_caller]
    fn check(text: &str, word: &str, starts: &str) {
        let fixture = Fixture::new(text);
        let hover = hover(&fixture.doc, fixture.cursor).unwrap_or_else(|| panic!("nothing in {text}"));
        assert_eq!(fixture.doc.text().slice(hover.range.clone()), word, "{text}");
        assert!(hover.markdown.starts_with(starts), "{text}: {}", hover.markdown);
        assert!(hover.markdown.contains("https://docs.docker.com/"), "{}", hover.markdown);
    }

    #[test]
    fn keywords_in_any_case_and_inside_of_an_onbuild() {
        check("FR$0OM a\n", "FROM", "**FROM** · ");
        check("FROM$0 a\n", "FROM", "**FROM** · ");
        check("from a\n$0run x\n", "run", "**RUN** · ");
        check("FROM a\nONBUILD CO$0PY a b\n", "COPY", "**COPY** · ");
        check("FROM a\nONB$0UILD COPY a b\n", "ONBUILD", "**ONBUILD** · ");
        check("FROM a A$0S b\n", "AS", "**AS** · ");
        check("FROM a\nMAINT$0AINER x\n", "MAINTAINER", "**MAINTAINER** · ");
        check("FROM a\nCOP$0Y\n", "COPY", "**COPY** · ");
    }

    #[test]
    fn flags_mounts_and_their_values() {
        check("FROM --plat$0form=linux/amd64 a\n", "--platform", "**--platform** · ");
        check("FROM a\nCOPY --ch$0own=a b c\n", "--chown", "**--chown** · ");
        check("FROM a\nONBUILD ADD --$0link b c\n", "--link", "**--link** · ");
        check("FROM a\nRUN --network=no$0ne x\n", "none", "**--network=none** · ");
        check("FROM a\nRUN --mount=type=ca$0che,target=/x y\n", "cache", "**type=cache** · ");
        check("FROM a\nRUN --mount=ty$0pe=cache,target=/x y\n", "type", "**type** · ");
        check("FROM a\nRUN --mount=type=cache,\\\nds$0t=/x y\n", "dst", "**target** · ");
        check(
            "FROM a\nRUN --mount=type=cache,target=/x,sharing=LOCKED$0 y\n",
            "LOCKED",
            "**sharing=locked** · ",
        );
        check("FROM a\nRUN --mount=type=bind,target=/x,r$0w y\n", "rw", "**readwrite** · ");
        check("FROM a\nHEALTHCHECK --ret$0ries=3 CMD x\n", "--retries", "**--retries** · ");
    }

    #[test]
    fn words_and_signs() {
        check("FROM a\nHEALTHCHECK C$0MD x\n", "CMD", "**CMD** · The command that tests");
        check("FROM a\nHEALTHCHECK no$0ne\n", "none", "**NONE** · ");
        check("FROM a\nRUN <<E$0OF\nx\nEOF\n", "<<EOF", "**heredoc** · ");
        check("FROM a\nCOPY <<-\"EOF\" /x\nx\nEO$0F\n", "EOF", "**heredoc** · ");
        check("FROM a\nCMD $0[\"x\"]\n", "[", "**exec form** · ");
        check("FROM a\nVOLUME [\"x\"]$0\n", "]", "**JSON form** · ");
        check("FROM a\nRUN x $0\\\n  y\n", "\\", "**continuation** · ");
        check("FROM a\nSTOPSIGNAL sig$0quit\n", "sigquit", "**SIGQUIT** · signal 3");
        check("FROM a\nSTOPSIGNAL $09\n", "9", "**SIGKILL** · ");
        check("FROM a\nEXPOSE 80 54$032/tcp\n", "5432/tcp", "**5432** · port\n\nUsually PostgreSQL");
    }

    #[test]
    fn other_places_have_nothing_to_say() {
        for text in [
            "FROM a\nR$0\n",
            "FROM a\nRUN \"[$0\"\n",
            "FROM a\nRUN [ x$0 ]\n",
            "FROM a\nRUN <<E\n[\"a\"]$0 \\\nE\n",
            "FROM a\nRUN a \\\n# b \\$0\n  c\n",
            "FROM a\nCOPY --nothing$0=x a b\n",
            "FROM a\nSTOPSIGNAL no$0\n",
            "FROM a\nEXPOSE x$0\n",
            "$0",
            "FROM a\nCMD [\"é$0\"]\n",
        ] {
            let fixture = Fixture::new(text);
            assert_eq!(hover(&fixture.doc, fixture.cursor), None, "{text}");
        }
    }

    /// A file with every instruction, flag, mount, option and value, each with what is hovered on it.
    #[test]
    fn no_word_of_the_language_is_without_a_hover() {
        let mut text = String::from("FROM a\n");
        let mut words: Vec<(usize, String)> = Vec::new();
        let mut word = |text: &mut String, word: &str, range: &str| {
            words.push((text.len(), range.to_owned()));
            text.push_str(word);
        };
        for (keyword, entry) in INSTRUCTIONS.into_iter().filter(|it| it.0 != Keyword::From) {
            for flag in flags::known(keyword).unwrap_or_default() {
                let name = format!("--{}", flag.entry.name);
                let values: Vec<&str> = match flag.value {
                    Value::OneOf(values) => values.iter().map(|value| value.0).collect(),
                    Value::Mount => continue,
                    _ if flag.kind == Kind::Switch => vec![""],
                    _ => vec!["1s"],
                };
                for value in values {
                    word(&mut text, entry.name, entry.name);
                    text.push(' ');
                    word(&mut text, &name, &name);
                    match flag.value {
                        _ if value.is_empty() => {}
                        Value::OneOf(_) => {
                            text.push('=');
                            word(&mut text, value, value);
                        }
                        _ => text.push_str("=1s"),
                    }
                    text.push_str(" a b\n");
                }
            }
            word(&mut text, entry.name, entry.name);
            text.push_str(" a b\n");
        }
        for (kind, entry) in TYPES {
            for option in OPTIONS.iter().filter(|option| option.types.contains(&kind)) {
                for name in option.names() {
                    text.push_str("RUN --mount=type=");
                    word(&mut text, entry.name, entry.name);
                    text.push(',');
                    word(&mut text, name, name);
                    match option.value {
                        Value::OneOf(values) if option.entry.name != "type" => {
                            text.push('=');
                            word(&mut text, values[0].0, values[0].0);
                        }
                        _ => text.push_str("=bind"),
                    }
                    text.push_str(" x\n");
                }
            }
        }
        assert!(words.len() > 150 && mounts::option_names().len() == 19, "{}", words.len());
        let fixture = Fixture::new(&text);
        for (start, word) in words {
            for offset in start..=start + word.len() {
                let hover = hover(&fixture.doc, offset).unwrap_or_else(|| panic!("{word} in {text}"));
                assert_eq!(hover.range, start..start + word.len(), "{word}");
                assert!(hover.markdown.len() > 50);
            }
        }
    }
}
