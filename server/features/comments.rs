//! Completion and hover in comments that say something: BuildKit's directives, and what switches rules off.

use std::ops::Range;

use super::{
    completion::{Completion, CompletionKind, is_subsequence},
    hover::Hover,
    topic::Topic,
};
use crate::{
    document::Document,
    language::directives::{self, CHECK_KEYS, DIRECTIVES, VALUES},
    rules::{self, CHECKS, RULES, Rule},
    switches::{Head, OWN},
};

/// A comment up to the cursor.
struct Line {
    /// What stands between the `#` and the cursor, without the blanks at its start.
    before: String,
    /// Where `before` starts, in bytes of the file.
    start: usize,
    /// What stands behind the cursor.
    after: String,
    /// Its number, from 0.
    number: usize,
}

impl Line {
    /// `None` if `offset` is in no comment, or in one that is inside of an instruction.
    fn at(doc: &Document, offset: usize) -> Option<Line> {
        let text = doc.text();
        let syntax = doc.syntax();
        let number = text.line_of(offset);
        let range = text.line_range(number);
        let line = text.slice(range.clone());
        let start = range.start + line.find('#')? + 1;
        let comments = syntax.comments();
        let starts = |comment: &Range<usize>| (range.start..start).contains(&comment.start);
        let at = comments.partition_point(|comment| comment.start < range.start);
        let is_comment =
            comments.get(at).is_some_and(starts) || syntax.directives().iter().any(|it| starts(&it.range));
        if !is_comment || offset < start || offset > range.end {
            return None;
        }
        let before = text.slice(start..offset);
        let trimmed = before.trim_start();
        Some(Line {
            start: offset - trimmed.len(),
            before: trimmed.to_owned(),
            after: text.slice(offset..range.end).into_owned(),
            number,
        })
    }

    /// The list that the cursor stands in: the text before it that belongs to the list.
    fn list(&self) -> Option<List<'_>> {
        if let Some(own) = self.own_list() {
            return Some(List { typed: own, own: true });
        }
        let (name, value) = self.before.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("check") || value.trim_start().contains(' ') {
            return None;
        }
        let part = value.rsplit(';').next().unwrap_or_default();
        let (key, typed) = part.split_once('=')?;
        matches!(key.trim(), "skip" | "experimental").then_some(List { typed, own: false })
    }

    /// The part of our own list before the cursor.
    fn own_list(&self) -> Option<&str> {
        let (word, rest) = self.before.split_at_checked(OWN.len())?;
        let (key, list) = rest.split_once('=')?;
        let is_own = word.eq_ignore_ascii_case(OWN) && key.trim() == "skip";
        // Behind a name without a comma stands prose.
        let mut last = list.rsplit(',');
        let is_name = !last.next().unwrap_or_default().trim_start().contains(char::is_whitespace);
        (is_own && is_name && last.all(|name| !name.trim().contains(char::is_whitespace))).then_some(list)
    }
}

struct List<'a> {
    typed: &'a str,
    /// Ours takes every rule, BuildKit's its checks.
    own: bool,
}

/// What can stand at `offset`, if that is in a comment; `None` if it is in none.
pub fn completion(doc: &Document, offset: usize) -> Option<Vec<Completion>> {
    let line = Line::at(doc, offset)?;
    if let Some(list) = line.list() {
        return Some(rule_names(&line, &list, offset));
    }
    let item = |start: usize, text: &str, detail: &str, kind| {
        let label = text.trim_end_matches('=');
        Completion {
            text: text.to_owned(),
            ..Completion::new(label, kind, &(start..offset), offset).detail(detail)
        }
    };
    let Some((name, value)) = line.before.split_once('=') else {
        let in_head = line.number < Head::read(doc).lines;
        // Elsewhere most comments are prose, which a list of suggestions at its start would disturb.
        let typed = line.before.to_lowercase();
        let starts = DIRECTIVES.iter().filter(|it| {
            format!("{}=", it.entry.name).starts_with(&typed)
                && (in_head || !it.head && !typed.is_empty())
                && !line.after.contains('=')
        });
        let starts = starts.map(|it| {
            let text = format!("{}=", it.entry.name);
            item(line.start, &text, it.entry.summary, CompletionKind::Directive)
                .topic(Topic::Directive(it.entry.name.to_owned()))
        });
        return Some(starts.collect());
    };
    let value = value.trim_start();
    let name = name.trim().to_ascii_lowercase();
    if name == "check" && !value.contains(' ') {
        let part = value.rsplit(';').next().unwrap_or_default();
        let is_set = |key: &str| {
            value.split(';').any(|other| other.split_once('=').is_some_and(|(other, _)| other.trim() == key))
        };
        let start = offset - part.trim_start().len();
        let keys = CHECK_KEYS.iter().filter(|key| !is_set(key.name));
        let keys =
            keys.map(|key| (key, format!("{}={}", key.name, if key.name == "error" { "true" } else { "" })));
        let keys = keys.filter(|(_, text)| text.starts_with(part.trim_start())).map(|(key, text)| {
            item(start, &text, key.summary, CompletionKind::Directive)
                .topic(Topic::CheckKey(key.name.to_owned()))
        });
        return Some(keys.collect());
    }
    let values = VALUES.iter().filter(|(of, entry)| *of == name && entry.name.starts_with(value));
    let values = values.filter(|_| line.number < Head::read(doc).lines);
    let start = offset - value.len();
    Some(values.map(|(_, entry)| item(start, entry.name, entry.summary, CompletionKind::Directive)).collect())
}

fn rule_names(line: &Line, list: &List<'_>, offset: usize) -> Vec<Completion> {
    let typed = list.typed.rsplit(',').next().unwrap_or_default().trim_start();
    let rest =
        line.after.find(|c: char| matches!(c, ',' | ';') || c.is_whitespace()).unwrap_or(line.after.len());
    let word = offset - typed.len()..offset + rest;
    let listed: Vec<&str> = list.typed.split(',').map(str::trim).collect();
    let (listed, lower) = (&listed[..listed.len() - 1], typed.to_lowercase());
    let names = RULES.iter().filter(|rule| list.own || rule.is_buildkit());
    let names = names.map(|rule| (rule.code, rule.summary, true));
    // BuildKit makes checks that are not made here.
    let others = CHECKS.iter().filter(|(name, _)| rules::rule_index(name).is_none());
    let others = others.map(|(name, _)| (*name, "A check of BuildKit", false));
    let all = std::iter::once(("all", "Every rule", false));
    let item = |(name, summary, has_page): (&str, &str, bool)| {
        let item = Completion::new(name, CompletionKind::Rule, &word, offset).detail(summary);
        if has_page { item.topic(Topic::Rule(name.to_owned())) } else { item }
    };
    let wanted = names.chain(others).chain(all);
    wanted
        .filter(|(name, _, _)| !listed.contains(name) && is_subsequence(&lower, &name.to_lowercase()))
        .map(item)
        .collect()
}

/// The documentation of the rule whose name is at `offset`, or what the word of the comment there does.
pub fn hover(doc: &Document, offset: usize) -> Option<Hover> {
    if let Some(hover) = of_directive(doc, offset) {
        return Some(hover);
    }
    let line = doc.text().line_of(offset);
    let end = doc.text().line_range(line).end;
    // A name ends where the list or the line does.
    let behind = doc.text().slice(offset..end.max(offset));
    let is_end = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    let word_end = offset + behind.find(is_end).unwrap_or(behind.len());
    let line = Line::at(doc, word_end)?;
    let Some(list) = line.list() else { return key(doc, &line, word_end) };
    let name = list.typed.rsplit(',').next().unwrap_or_default().trim_start();
    let rule = RULES[rules::rule_index(name)?];
    // BuildKit's comment knows nothing of our rules.
    (list.own || rule.is_buildkit())
        .then(|| Hover { range: word_end - name.len()..word_end, markdown: rule_text(rule) })
}

/// What a word does that has a meaning in a comment, and ends at `end`.
fn key(doc: &Document, line: &Line, end: usize) -> Option<Hover> {
    let before = line.before.to_lowercase();
    let behind = line.after.trim_start();
    let is_own = before.starts_with(OWN) || (before == OWN.trim_end_matches(':') && behind.starts_with(':'));
    if !is_own && !behind.starts_with('=') {
        return None;
    }
    let (word, topic) = match before.split_once('=') {
        Some((name, value)) if name.trim() == "check" && !value.trim_start().contains(' ') => {
            let part = value.rsplit(';').next().unwrap_or_default().trim_start();
            (part, Topic::CheckKey(part.to_owned()))
        }
        Some(_) => return None,
        None => {
            let in_head = line.number < Head::read(doc).lines;
            let directive = DIRECTIVES.iter().find(|it| {
                let is_word = if is_own { it.entry.name.starts_with(OWN) } else { it.entry.name == before };
                is_word && (in_head || !it.head)
            })?;
            (&*before, Topic::Directive(directive.entry.name.to_owned()))
        }
    };
    Some(Hover { range: end - word.len()..end, markdown: topic.markdown()? })
}

/// What a directive does, at its name; what its value does, unless that is a list.
fn of_directive(doc: &Document, offset: usize) -> Option<Hover> {
    let touches = |range: &Range<usize>| range.start <= offset && offset <= range.end;
    let directive = doc.syntax().directives().iter().find(|it| touches(&it.range))?;
    let name = doc.text().slice(directive.name.clone()).to_ascii_lowercase();
    let whole = || Topic::Directive(name.clone()).markdown();
    if touches(&directive.name) {
        return Some(Hover { range: directive.name.clone(), markdown: whole()? });
    }
    let range = directive.value.clone().filter(|range| touches(range) && name != "check")?;
    let value = doc.text().slice(range.clone()).into_owned();
    let markdown = Topic::DirectiveValue(name.clone(), value).markdown().or_else(whole)?;
    Some(Hover { range, markdown })
}

/// The directive whose line `offset` is on, behind its `#`: its name in lower case.
pub(super) fn directive_at(doc: &Document, offset: usize) -> Option<&'static directives::Directive> {
    let line = Line::at(doc, offset)?;
    let text = format!("{}{}", line.before, line.after);
    let name = text.split_once('=')?.0.trim();
    let directive = directives::directive(name)?;
    (!directive.head || line.number < Head::read(doc).lines).then_some(directive)
}

/// What there is to say of a rule.
fn rule_text(rule: &Rule) -> String {
    let page = if rule.is_buildkit() { "BuildKit's page" } else { "Its page" };
    format!("**{}**\n\n{}\n\n[{page}]({})", rule.code, rule.documentation().trim(), rule.page())
}

#[cfg(test)]
mod tests {
    use crate::{
        features::{
            completion::{Alone, completion},
            hover::hover,
        },
        fixture::{Fixture, apply},
        text::Edit,
    };

    fn labels(text: &str) -> Vec<String> {
        let fixture = Fixture::new(text);
        completion(&fixture.doc, fixture.cursor, &Alone).into_iter().map(|item| item.label).collect()
    }

    #[track_caller]
    fn accepted(text: &str, label: &str) -> String {
        let fixture = Fixture::new(text);
        let items = completion(&fixture.doc, fixture.cursor, &Alone);
        let item = items.iter().find(|item| item.label == label).unwrap_or_else(|| panic!("{items:#?}"));
        let edit = Edit { range: item.replace.clone(), text: item.text.clone() };
        apply(&fixture.doc.text().to_string(), &[edit]).lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn directives_and_their_values_at_the_top() {
        assert_eq!(labels("# $0\nFROM a\n"), ["syntax", "escape", "check", "dockerfile-ls: skip"]);
        assert_eq!(labels("# syntax=x\n#e$0\nFROM a\n"), ["escape"]);
        assert_eq!(labels("# escape=$0\nFROM a\n"), ["\\", "`"]);
        assert_eq!(
            accepted("# syntax=dock$0\nFROM a\n", "docker/dockerfile:1"),
            "# syntax=docker/dockerfile:1"
        );
        assert_eq!(accepted("# dock$0\nFROM a\n", "dockerfile-ls: skip"), "# dockerfile-ls: skip=");
    }

    #[test]
    fn above_an_instruction_only_what_switches_rules() {
        assert_eq!(labels("FROM a\n# $0\nRUN x\n"), [""; 0]);
        assert_eq!(labels("FROM a\n# c$0\nRUN x\n"), ["check"]);
        assert_eq!(labels("FROM a\n# s$0\nRUN x\n"), [""; 0]);
        assert_eq!(labels("FROM a\nRUN x \\\n# c$0\n  y\n"), [""; 0]);
        assert_eq!(labels("FROM a\nRUN <<E\n# c$0\nE\n"), [""; 0]);
    }

    #[test]
    fn keys_behind_check() {
        assert_eq!(labels("# check=$0\nFROM a\n"), ["skip", "error=true", "experimental"]);
        assert_eq!(labels("# check=skip=A;$0\nFROM a\n"), ["error=true", "experimental"]);
        assert_eq!(labels("# check=skip=A $0\nFROM a\n"), [""; 0]);
        assert_eq!(accepted("# check=skip=A;e$0\nFROM a\n", "error=true"), "# check=skip=A;error=true");
    }

    #[test]
    fn names_of_rules_in_lists() {
        let checks = labels("# check=skip=$0\nFROM a\n");
        assert!(checks.contains(&"StageNameCasing".into()) && checks.contains(&"all".into()), "{checks:?}");
        assert!(!checks.contains(&"unknown-flag".into()));
        let all = labels("FROM a\n# dockerfile-ls: skip=StageNameCasing, $0\nRUN x\n");
        assert!(all.contains(&"unknown-flag".into()) && all.contains(&"ReservedStageName".into()), "{all:?}");
        assert!(!all.contains(&"StageNameCasing".into()), "it is there already");
        assert_eq!(labels("# dockerfile-ls: skip=all why $0\n"), [""; 0]);
        assert_eq!(
            accepted("# check=skip=A,rese$0ved;error=true\n", "ReservedStageName"),
            "# check=skip=A,ReservedStageName;error=true"
        );
    }

    #[test]
    fn words_with_a_meaning_say_which() {
        for (text, word, what) in [
            ("# che$0ck=skip=A\nFROM a\n", "check", "Switches BuildKit's checks off"),
            ("# check=sk$0ip=A\nFROM a\n", "skip", "Checks that are not made"),
            ("FROM a\n# check=skip=A;err$0or=true\nRUN x\n", "error", "stops the build"),
            ("# esc$0ape=`\nFROM a\n", "escape", "Which character"),
            ("FROM a\n# dockerfile$0-ls: skip=all\nRUN x\n", "dockerfile-ls", "Switches rules off"),
            ("# syntax=docker/dockerfile:$01.7\nFROM a\n", "docker/dockerfile:1.7", "Which frontend"),
            ("# Escape = $0`\nFROM a\n", "`", "paths of Windows"),
            ("FROM a\n# dockerfile-ls: s$0kip=all\nRUN x\n", "dockerfile-ls: skip", "Switches rules off"),
        ] {
            let fixture = Fixture::new(text);
            let hover = hover(&fixture.doc, fixture.cursor).expect(text);
            assert_eq!(fixture.doc.text().slice(hover.range), word);
            assert!(hover.markdown.contains(what), "{}", hover.markdown);
        }
        for text in ["# ch$0eck this\nFROM a\n", "FROM a\n# esc$0ape=`\nRUN x\n", "# a=b; sk$0ip=c\nFROM a\n"]
        {
            let fixture = Fixture::new(text);
            assert_eq!(hover(&fixture.doc, fixture.cursor), None, "{text}");
        }
    }

    #[test]
    fn a_name_shows_what_the_rule_is_about() {
        for text in [
            "# check=skip=A,Reserved$0StageName why\n",
            "# dockerfile-ls: skip=$0ReservedStageName\nFROM a\n",
        ] {
            let fixture = Fixture::new(text);
            let hover = hover(&fixture.doc, fixture.cursor).expect(text);
            assert_eq!(fixture.doc.text().slice(hover.range), "ReservedStageName");
            assert!(hover.markdown.contains("## Why"), "{}", hover.markdown);
        }
        for text in
            ["# check=skip=unknown-$0flag\n", "# ReservedStage$0Name\n", "# check=skip=A why sk$0ip=B\n"]
        {
            let fixture = Fixture::new(text);
            assert_eq!(hover(&fixture.doc, fixture.cursor), None, "{text}");
        }
    }
}
