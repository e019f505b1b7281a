//! Lists of tokens, each in file order and without overlaps, put over one another.

use super::Token;
use crate::text::Lines;

/// What is left to see of `below` under `above`, and `above`.
pub(super) fn cover(below: Vec<Token>, above: Vec<Token>) -> Vec<Token> {
    if above.is_empty() {
        return below;
    }
    let mut seen = Vec::with_capacity(below.len() + 2 * above.len());
    let mut above = above.into_iter().peekable();
    let mut hidden = 0;
    for mut token in below {
        token.range.start = token.range.start.max(hidden);
        while let Some(upper) = above.next_if(|upper| upper.range.start < token.range.end) {
            if token.range.start < upper.range.start {
                let range = token.range.start..upper.range.start;
                seen.push(Token { range, ..token.clone() });
            }
            hidden = upper.range.end;
            token.range.start = token.range.start.max(hidden);
            seen.push(upper);
        }
        if token.range.start < token.range.end {
            seen.push(token);
        }
    }
    seen.extend(above);
    seen
}

/// Brings tokens into file order. Of those that overlap, the first to start stays, and of those that start together the longest.
pub(super) fn tidy(tokens: &mut Vec<Token>) {
    tokens.sort_by_key(|token| (token.range.start, std::cmp::Reverse(token.range.end)));
    let mut end = 0;
    tokens.retain(|token| {
        let stays = token.range.start >= end && !token.range.is_empty();
        if stays {
            end = token.range.end;
        }
        stays
    });
}

/// Adds the parts of a token that stand on one line each, without the blanks around them where it has several.
pub(super) fn split(lines: &Lines, token: Token, into: &mut Vec<Token>) {
    if token.range.is_empty() {
        return;
    }
    let text = lines.slice(token.range.clone());
    if !text.contains(['\n', '\r']) {
        into.push(token);
        return;
    }
    let mut start = token.range.start;
    for line in text.split(['\n', '\r']) {
        let part = line.trim();
        let from = start + (line.len() - line.trim_start().len());
        if !part.is_empty() {
            into.push(Token { range: from..from + part.len(), ..token.clone() });
        }
        start += line.len() + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{features::tokens::Kind, text::Text};

    fn list(all: &[(std::ops::Range<usize>, Kind)]) -> Vec<Token> {
        all.iter().map(|(range, kind)| Token::new(range.clone(), *kind)).collect()
    }

    #[test]
    fn what_lies_above_hides_what_lies_below() {
        let below = list(&[(0..10, Kind::Text), (12..14, Kind::Path)]);
        let above = list(&[(2..4, Kind::Variable), (8..13, Kind::Comment), (20..21, Kind::Tag)]);
        let seen = cover(below, above);
        assert_eq!(
            seen,
            list(&[
                (0..2, Kind::Text),
                (2..4, Kind::Variable),
                (4..8, Kind::Text),
                (8..13, Kind::Comment),
                (13..14, Kind::Path),
                (20..21, Kind::Tag)
            ])
        );
    }

    #[test]
    fn a_token_ends_with_its_line_whatever_ends_it() {
        let lines = Lines::new(&Text::new("a \r\n\r\n  b\rc"));
        let mut parts = Vec::new();
        split(&lines, Token::new(0..11, Kind::Text), &mut parts);
        let ranges: Vec<_> = parts.into_iter().map(|part| part.range).collect();
        assert_eq!(ranges, [0..1, 8..9, 10..11]);
    }
}
