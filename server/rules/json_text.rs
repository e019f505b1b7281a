//! JSON arrays as people write them: where their elements are, and what was meant by one that is none.

use std::ops::Range;

/// What is wrong with text that was meant as a JSON array of strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mistake {
    /// Other quotes than double ones.
    Quotes,
    /// A `\` in front of what JSON can't escape.
    Escape,
    CommaTooMuch,
    NoComma,
    NoEnd,
    NoQuotes,
}

/// The elements of a valid JSON array, in bytes of the text.
pub fn elements(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut depth, mut in_string, mut escaped) = (0u32, false, false);
    let mut start = 0;
    let mut add = |range: Range<usize>| {
        let part = &text[range.clone()];
        let start = range.start + part.len() - part.trim_start().len();
        if !part.trim().is_empty() {
            found.push(start..start + part.trim().len());
        }
    };
    for (at, b) in text.bytes().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                start = if depth == 1 { at + 1 } else { start };
            }
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    add(start..at);
                }
            }
            b',' if depth == 1 => {
                add(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}

/// The strings that were meant by text that starts with `[` and is no JSON, and the worst that is wrong with it; `None`
/// unless it is certain that an array was meant. `lone`: a single word without quotes is enough.
pub fn as_meant(text: &str, lone: bool) -> Option<(Vec<String>, Mistake)> {
    let mut rest = text.trim().strip_prefix('[')?;
    let spaced = rest.starts_with(char::is_whitespace);
    let mut strings = Vec::new();
    let mut mistakes: Vec<Mistake> = Vec::new();
    let (mut commas, mut behind_comma) = (false, false);
    loop {
        rest = rest.trim_start();
        if let Some(end) = rest.strip_prefix(']') {
            if !end.is_empty() {
                return None;
            }
            if behind_comma {
                mistakes.push(Mistake::CommaTooMuch);
            }
            break;
        }
        if rest.is_empty() {
            mistakes.push(Mistake::NoEnd);
            break;
        }
        if !strings.is_empty() && !behind_comma {
            mistakes.push(Mistake::NoComma);
        }
        let element = Element::read(rest)?;
        rest = element.rest.trim_start();
        mistakes.extend(element.mistake);
        strings.push(element.text);
        behind_comma = rest.starts_with(',');
        if let Some(next) = rest.strip_prefix(',') {
            (commas, rest) = (true, next);
        }
    }
    let has = |mistake| mistakes.contains(&mistake);
    // `[ 'a' ]`, `[ a = b ]` and `[ab]` are tests and patterns of a shell.
    let certain = !strings.is_empty()
        && (commas || !spaced)
        && !(has(Mistake::NoComma) && (spaced || has(Mistake::NoQuotes)))
        && !(has(Mistake::NoEnd) && (spaced || has(Mistake::NoQuotes)))
        && !(has(Mistake::NoQuotes) && !commas && !lone);
    let worst = *mistakes.iter().min()?;
    certain.then_some((strings, worst))
}

struct Element<'a> {
    text: String,
    mistake: Option<Mistake>,
    rest: &'a str,
}

impl Element<'_> {
    fn read(text: &str) -> Option<Element<'_>> {
        let first = text.chars().next()?;
        let (close, mistake) = match first {
            '"' => return Element::double_quoted(text),
            '\'' => ('\'', Mistake::Quotes),
            '“' | '”' => ('”', Mistake::Quotes),
            '‘' | '’' => ('’', Mistake::Quotes),
            _ => {
                let is_word = |c: char| c.is_alphanumeric() || "_./:=@%+~-".contains(c);
                let end = text.find(|c: char| !is_word(c)).unwrap_or(text.len());
                let mistake = Some(Mistake::NoQuotes);
                let (word, rest) = text.split_at(end);
                return (end > 0).then(|| Element { text: word.to_owned(), mistake, rest });
            }
        };
        let (inner, rest) = text[first.len_utf8()..].split_once(close)?;
        Some(Element { text: inner.to_owned(), mistake: Some(mistake), rest })
    }

    fn double_quoted(text: &str) -> Option<Element<'_>> {
        let mut escaped = false;
        let end = text[1..].find(|c| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        })? + 1;
        let (quoted, rest) = text.split_at(end + 1);
        Some(match serde_json::from_str(quoted) {
            Ok(text) => Element { text, mistake: None, rest },
            Err(_) => Element {
                text: quoted[1..end].replace("\\\"", "\""),
                mistake: quoted.contains('\\').then_some(Mistake::Escape),
                rest,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_end_at_their_own_commas() {
        let text = r#" [ "a,]" , {"b":[1,2]},3 ]"#;
        let shown: Vec<&str> = elements(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(shown, ["\"a,]\"", "{\"b\":[1,2]}", "3"]);
        assert!(elements("[]").is_empty());
    }

    #[test]
    fn the_strings_are_those_that_were_meant() {
        let meant = |text| as_meant(text, false);
        let strings = |strings: &[&str]| strings.iter().map(|text| text.to_string()).collect::<Vec<_>>();
        assert_eq!(meant("['a', \"b\"]"), Some((strings(&["a", "b"]), Mistake::Quotes)));
        assert_eq!(meant(r#"["a\"b", "C:\Win\"]"#), None);
        assert_eq!(meant(r#"["C:\Win\x"]"#), Some((strings(&[r"C:\Win\x"]), Mistake::Escape)));
        assert_eq!(meant("[\"a\",]"), Some((strings(&["a"]), Mistake::CommaTooMuch)));
        assert_eq!(meant("[\"a\", \"b\"]"), None);
        assert_eq!(meant("[,]"), None);
        assert_eq!(as_meant("[/data]", true), Some((strings(&["/data"]), Mistake::NoQuotes)));
    }
}
