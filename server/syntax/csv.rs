//! Comma-separated values, as BuildKit splits a `--mount` or `--device` (tonistiigi/go-csvvalue, `Fields`).

use std::ops::Range;

use super::word::{Word, WordBuilder};

/// Splits a value at its commas and takes off the quotes of its fields.
///
/// # Errors
/// The quote (range in the text of `value`) that BuildKit stumbles over: one inside a field without quotes, one that is not
/// closed, or one with text behind it.
pub fn fields(value: &Word) -> Result<Vec<Word>, Range<usize>> {
    let text = value.text();
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let Some(quoted) = text[at..].strip_prefix('"') else {
            let end = text[at..].find(',').map_or(text.len(), |comma| at + comma);
            if let Some(quote) = text[at..end].find('"') {
                return Err(at + quote..at + quote + 1);
            }
            fields.push(value.part(at..end));
            if end == text.len() {
                return Ok(fields);
            }
            at = end + 1;
            continue;
        };
        let open = at;
        let mut field = WordBuilder::new(value.source(open + 1..open + 1).start);
        let mut rest = quoted;
        loop {
            let start = text.len() - rest.len();
            let Some(end) = rest.find('"') else { return Err(open..open + 1) };
            field.take(value, start..start + end);
            rest = &rest[end + 1..];
            let Some(after) = rest.strip_prefix('"') else { break };
            field.take(value, start + end..start + end + 1);
            rest = after;
        }
        let close = text.len() - rest.len() - 1;
        fields.push(field.finish(value.source(close..close + 1).start));
        match rest.chars().next() {
            None => return Ok(fields),
            Some(',') => at = close + 2,
            Some(_) => return Err(close..close + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[&str], Range<usize>>) {
        let found = fields(&Word::plain(text, 0));
        let found = found.as_ref().map(|fields| fields.iter().map(Word::text).collect::<Vec<_>>());
        assert_eq!(found.map_err(Clone::clone), expected.map(<[_]>::to_vec), "{text}");
    }

    #[test]
    fn commas_separate_and_quotes_hide_them() {
        check("", Ok(&[""]));
        check("a=b,c", Ok(&["a=b", "c"]));
        check("a,,", Ok(&["a", "", ""]));
        check("\"a,b\",c", Ok(&["a,b", "c"]));
        check("\"a\"\"b\"", Ok(&["a\"b"]));
        check("é,\"ü\"", Ok(&["é", "ü"]));
    }

    #[test]
    fn quotes_stand_around_whole_fields() {
        check("ab\"c", Err(2..3));
        check("a,\"b", Err(2..3));
        check("\"a\"b", Err(2..3));
    }

    #[test]
    fn fields_know_where_they_stand() {
        let found = fields(&Word::plain("a,\"b,c\",d", 10)).unwrap();
        let ranges: Vec<_> = found.iter().map(Word::range).collect();
        assert_eq!(ranges, [10..11, 13..16, 18..19]);
    }
}
