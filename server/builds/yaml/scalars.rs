//! The texts of YAML scalars: quotes, escapes, folded lines, block scalars.

use std::ops::Range;

use super::super::{
    decoded::{Decoded, escape},
    node::{Scalar, Style},
};

/// A plain scalar that covers `range` of `text`.
pub fn plain(text: &str, range: Range<usize>) -> Scalar {
    let inner = text[range.clone()].trim_matches([' ', '\t', '\r', '\n']);
    let start = range.start + text[range].find(inner).unwrap_or(0);
    flow(inner, start, Style::Plain)
}

/// A scalar in quotes, which `range` includes. One that is not closed goes to the end of `range`.
pub fn quoted(text: &str, range: Range<usize>) -> Scalar {
    let written = &text[range.clone()];
    let style = if written.starts_with('"') { Style::Double } else { Style::Single };
    let quote = if style == Style::Double { '"' } else { '\'' };
    let inner = written.strip_prefix(quote).unwrap_or(written);
    let inner = &inner[..closing_quote(inner, style).unwrap_or(inner.len())];
    flow(inner, range.start + 1, style)
}

/// Where the quote that ends a scalar stands; `inner` starts behind the one that opens it.
pub fn closing_quote(inner: &str, style: Style) -> Option<usize> {
    let bytes = inner.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if style == Style::Double => at += 2,
            b'"' if style == Style::Double => return Some(at),
            b'\'' if style == Style::Single && bytes.get(at + 1) == Some(&b'\'') => at += 2,
            b'\'' if style == Style::Single => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// Lines are folded: one break is a space, of several all but the first stay (YAML 1.2.2, 6.5).
fn flow(inner: &str, start: usize, style: Style) -> Scalar {
    let mut out = Decoded::default();
    let mut at = 0;
    while at < inner.len() {
        let rest = &inner[at..];
        let stop = rest.find(|c| match c {
            '\r' | '\n' => true,
            '\\' => style == Style::Double,
            '\'' => style == Style::Single,
            _ => false,
        });
        let (run, next) = rest.split_at(stop.unwrap_or(rest.len()));
        match next.chars().next() {
            Some('\\') if line_break(&next[1..]) > 0 => {
                out.keep(run, start + at);
                let folded = fold(&next[1..]);
                out.breaks(folded.breaks - 1);
                at += run.len() + 1 + folded.len;
            }
            Some('\\') => {
                out.keep(run, start + at);
                let (made, len) = escape(&next[1..]).unwrap_or(('\\', 0));
                out.make(made);
                at += run.len() + 1 + len;
            }
            Some('\'') => {
                out.keep(run, start + at);
                out.make('\'');
                at += run.len() + next.bytes().take(2).take_while(|b| *b == b'\'').count();
            }
            Some(_) => {
                out.keep(run.trim_end_matches([' ', '\t']), start + at);
                let folded = fold(next);
                match folded.breaks {
                    1 => out.make(' '),
                    several => out.breaks(several - 1),
                }
                at += run.len() + folded.len;
            }
            None => {
                out.keep(run, start + at);
                at += run.len();
            }
        }
    }
    let range = start..start + inner.len();
    let is_text = style != Style::Plain || is_string(&out.text);
    Scalar { text: out.text, range, style, is_text, pieces: out.pieces }
}

struct Folded {
    breaks: usize,
    len: usize,
}

/// The line breaks at the start of `text`, with the blanks around them.
fn fold(text: &str) -> Folded {
    let mut folded = Folded { breaks: 0, len: 0 };
    loop {
        let rest = &text[folded.len..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        match line_break(&rest[blanks..]) {
            0 => return Folded { len: folded.len + blanks, ..folded },
            len => folded = Folded { breaks: folded.breaks + 1, len: folded.len + blanks + len },
        }
    }
}

/// The length of the line break at the start of `text`, if there is one.
fn line_break(text: &str) -> usize {
    match text.as_bytes() {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// Where a block scalar stands, and what it belongs to.
pub struct Block {
    /// From its `|` or `>` to its last line, or before the line's end.
    pub range: Range<usize>,
    /// How far the collection around it is indented; `None` at the top.
    pub parent: Option<usize>,
}

/// A block scalar (YAML 1.2.2, 8.1).
pub fn block(text: &str, block: &Block) -> Scalar {
    let written = &text[block.range.clone()];
    let style = if written.starts_with('|') { Style::Literal } else { Style::Folded };
    let header = written.find(['\r', '\n']).unwrap_or(written.len());
    let indicators = &written[..header];
    let indicators = &indicators[..indicators.find([' ', '\t', '#']).unwrap_or(header)];
    let given = indicators.chars().find_map(|c| c.to_digit(10)).filter(|indent| *indent > 0);
    let content = block.range.start + header + line_break(&written[header..]);
    let end = block.range.end.max(content);
    let lines = lines(text, content, end);

    let indent = match given {
        Some(given) => block.parent.unwrap_or(0) + given as usize,
        None => lines
            .iter()
            .map(|line| &text[line.clone()])
            .find(|line| !line.trim_start_matches(' ').is_empty())
            .map_or(usize::MAX, |line| line.len() - line.trim_start_matches(' ').len()),
    };
    let mut out = Decoded::default();
    // As the reference parser does it: what breaks mean is known once the next line is.
    let (mut pending, mut blank_lines) = (None, 0);
    let mut was_indented = false;
    for line in &lines {
        let written = &text[line.clone()];
        let spaces = written.len() - written.trim_start_matches(' ').len();
        let inner = &written[spaces.min(indent)..];
        if inner.is_empty() {
            blank_lines += 1;
            continue;
        }
        let is_indented = inner.starts_with([' ', '\t']);
        if let Some(at) = pending {
            let is_folded = style == Style::Folded && !was_indented && !is_indented;
            match is_folded {
                true if blank_lines == 0 => out.make(' '),
                true => {}
                false => out.keep("\n", at),
            }
        }
        out.breaks(blank_lines);
        blank_lines = 0;
        was_indented = is_indented;
        out.keep(inner, line.end - inner.len());
        let len = line_break(&text[line.end..]);
        pending = text[line.end..line.end + len].ends_with('\n').then(|| line.end + len - 1);
    }
    let is_kept = indicators.contains('+');
    if let Some(at) = pending
        && !indicators.contains('-')
    {
        out.keep("\n", at);
    }
    if is_kept {
        out.breaks(blank_lines);
    }
    Scalar { text: out.text, range: content..end, style, is_text: true, pieces: out.pieces }
}

/// The lines from `start` to the line of `end`, and the blank ones behind that, without their breaks.
fn lines(text: &str, start: usize, end: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut at = start;
    while at < text.len() {
        let len = text[at..].find(['\r', '\n']).unwrap_or(text.len() - at);
        let line = at..at + len;
        if at >= end && !text[line.clone()].trim_start_matches(' ').is_empty() {
            break;
        }
        at = line.end + line_break(&text[line.end..]);
        lines.push(line);
    }
    lines
}

/// Whether a plain scalar is null (YAML 1.2.2, 10.3.2).
pub fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Whether a plain scalar is a string in YAML 1.2's core schema.
fn is_string(text: &str) -> bool {
    let is_boolean = matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE");
    !is_null(text) && !is_boolean && !is_number(text)
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let all = |digits: &str, is: fn(&u8) -> bool| !digits.is_empty() && digits.bytes().all(|b| is(&b));
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |b| (b'0'..=b'7').contains(b));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, u8::is_ascii_hexdigit);
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        all(exponent.strip_prefix(['-', '+']).unwrap_or(exponent), u8::is_ascii_digit)
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits_fit = [whole, fraction].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    exponent_fits && digits_fit && whole.len() + fraction.len() > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_booleans_are_those_of_the_core_schema() {
        for other in
            ["0", "-12", "+3", "0o17", "0xFf", "1.5", ".5", "1.", "1e3", "-.inf", ".nan", "true", "~", ""]
        {
            assert!(!is_string(other), "{other}");
        }
        for text in ["yes", "on", "0b1", "1.2.3", "v1", ".", "e3", "1_000", "0o8", "stage", "-", "1e", "tRUE"]
        {
            assert!(is_string(text), "{text}");
        }
    }

    #[test]
    fn a_quote_that_is_escaped_closes_nothing() {
        assert_eq!(closing_quote(r#"a\"b" c"#, Style::Double), Some(4));
        assert_eq!(closing_quote("it''s' c", Style::Single), Some(5));
        assert_eq!(closing_quote(r#"a\"#, Style::Double), None);
        assert_eq!(closing_quote("é\\", Style::Double), None);
    }
}
