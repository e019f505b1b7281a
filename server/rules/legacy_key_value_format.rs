use super::{
    Findings,
    context::Context,
    rule,
    stage_edits::{insert, replace},
};
use crate::{
    stages::expand::{Expanded, Variables, expand},
    syntax::{Keyword, Pair, Placed, Word},
    text::Edit,
};

rule! {
    /// `ENV key value` and `LABEL key value`, without a `=`.
    ///
    /// ## Why
    /// With a blank in between all that follows is the value, a second pair as well. This is BuildKit's check
    /// LegacyKeyValueFormat.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV LANG C.UTF-8
    /// ```
    ///
    /// ## Instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV LANG=C.UTF-8
    /// ```
    LEGACY_KEY_VALUE_FORMAT: "LegacyKeyValueFormat", "An ENV or LABEL has a blank where a `=` should be", Hint, check
}

fn check(context: &Context<'_>, out: &mut Findings) {
    for command in context.commands(&[Keyword::Env, Keyword::Label]) {
        let [pair] = command.instruction.pairs() else { continue };
        let Some(value) = pair.value.as_ref().filter(|_| pair.legacy) else { continue };
        let name = command.instruction.word.text();
        let message =
            format!("\"{name} key=value\" should be used instead of legacy \"{name} key value\" format");
        let finding = out.report(&LEGACY_KEY_VALUE_FORMAT, command.placed.at(pair.name.range()), message);
        if context.fixes {
            finding
                .fix("Write `key=value`", use_equals(context, command.placed, pair, value))
                .prefer_single_fix();
        }
    }
}

/// Puts a `=` between name and value, and what keeps the value together.
fn use_equals(context: &Context<'_>, placed: &Placed, pair: &Pair, value: &Word) -> Option<Vec<Edit>> {
    let escape = context.doc.syntax().escape();
    let gap = placed.at(pair.name.range().end..value.range().start);
    // A comment in between would have to go somewhere.
    if pair.name.text().contains(['"', '\'', '=', escape])
        || context.doc.text().slice(gap.clone()).contains('#')
    {
        return None;
    }
    let text = value.text();
    let whole = placed.at(value.range());
    let quotes = if text.contains(['"', '\'']) { vec![] } else { vec![(0, '"'), (text.len(), '"')] };
    let escapes = blanks(text, escape).into_iter().map(|at| (at, escape)).collect();
    // An escape in the replacement of a `${X/a/b c}` would stay there.
    let replaces = text.match_indices("${").any(|(at, _)| {
        text[at + 2..].trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').starts_with('/')
    });
    let ways = if replaces { vec![vec![], quotes] } else { vec![vec![], quotes, escapes] };
    // Where several lines are joined, the end of the value may be far from the end of its last byte.
    let place = |at: usize| match at {
        0 => whole.start,
        _ if at == text.len() => whole.end,
        _ => placed.at(value.source(at..at + 1)).start,
    };
    let additions = ways.into_iter().find(|additions| is_same(text, &with(text, additions), escape))?;
    let mut edits = vec![replace(gap, "=")];
    edits.extend(additions.into_iter().map(|(at, c)| insert(place(at), c)));
    Some(edits)
}

/// The blanks outside of quotes that are not escaped, as offsets.
fn blanks(text: &str, escape: char) -> Vec<usize> {
    let mut quote = None;
    let mut found = Vec::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            _ if c == escape && quote != Some('\'') => _ = chars.next(),
            Some(open) if open == c => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c.is_whitespace() => found.push(at),
            _ => {}
        }
    }
    found
}

/// A text with characters put in.
fn with(text: &str, additions: &[(usize, char)]) -> String {
    let mut out = String::with_capacity(text.len() + additions.len());
    let mut from = 0;
    for &(at, c) in additions {
        out.push_str(&text[from..at]);
        out.push(c);
        from = at;
    }
    out + &text[from..]
}

/// Whether `after` is one word that means what the legacy value `before` means, whatever variables hold.
fn is_same(before: &str, after: &str, escape: char) -> bool {
    let value = |text: &str, variables: &dyn Variables| expand(text, escape, &|_| 0..0, variables);
    let same = |variables: &dyn Variables| {
        let before = value(before, variables);
        before.is_ok()
            && before.map(|value| value.text()) == value(after, variables).map(|value| value.text())
    };
    is_one_word(after, escape) && same(&Unset) && same(&Set)
}

/// Whether BuildKit takes a text for one word, and all of it (parser/line_parsers.go, `parseWords`).
fn is_one_word(text: &str, escape: char) -> bool {
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match quote {
            None if c.is_whitespace() => return false,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            Some(open) if open == c => quote = None,
            // An escape at the end is left out.
            _ if c == escape && quote != Some('\'') && chars.next().is_none() => return false,
            _ => {}
        }
    }
    quote.is_none()
}

/// Every variable is set, to its name and what no file holds.
struct Set;

impl Variables for Set {
    fn value(&self, name: &str) -> Option<Expanded> {
        Some(Expanded::known(&format!("\u{1}{name}"), None))
    }
}

struct Unset;

impl Variables for Unset {
    fn value(&self, _name: &str) -> Option<Expanded> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fires, fixed, silent};

    #[test]
    fn a_blank_after_the_first_word_is_enough() {
        fires(
            &LEGACY_KEY_VALUE_FORMAT,
            "
            FROM a:1
            ENV a b
                ^ hint
            ENV a b=c
                ^ hint
            label a b c
                  ^ hint
            ",
        );
    }

    #[test]
    fn pairs_and_what_is_not_finished_are_left_alone() {
        silent(&LEGACY_KEY_VALUE_FORMAT, "FROM a:1\nENV a=b c=d\nENV a=\nENV a\nENV\nLABEL a=b\nARG a b\n");
    }

    #[test]
    fn the_value_stays_the_same() {
        let fix =
            |line: &str| fixed(&LEGACY_KEY_VALUE_FORMAT, &format!("FROM a:1\n{line}\n"), "Write `key=value`");
        let cases = [
            ("ENV A  b", "ENV A=b"),
            ("LABEL A b c", "LABEL A=\"b c\""),
            ("ENV A $B/c:$D", "ENV A=$B/c:$D"),
            ("ENV A $B ${C:-d}", "ENV A=\"$B ${C:-d}\""),
            ("ENV A \"b c\"", "ENV A=\"b c\""),
            ("ENV A \"b\" c", "ENV A=\"b\"\\ c"),
            ("ENV A 'b  c' d", "ENV A='b  c'\\ d"),
            ("ENV A b\\ c", "ENV A=b\\ c"),
            ("ENV A b \\\n  c", "ENV A=\"b \\\n  c\""),
            ("ENV A \\\n  b", "ENV A=b"),
        ];
        for (before, after) in cases {
            assert_eq!(fix(before), format!("FROM a:1\n{after}\n"), "{before}");
        }
    }

    #[test]
    fn in_a_file_with_another_escape_that_one_is_used() {
        assert_eq!(
            fixed(
                &LEGACY_KEY_VALUE_FORMAT,
                "# escape=`\r\nFROM a:1\r\nENV A \"b\" c:\\d\r\n",
                "Write `key=value`"
            ),
            "# escape=`\r\nFROM a:1\r\nENV A=\"b\"` c:\\d\r\n"
        );
    }
}
