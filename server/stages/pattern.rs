//! The patterns of `${X#p}`, `${X%p}` and `${X/p/r}`, as BuildKit's `shell/lex.go` matches them
//! (`convertShellPatternToRegex`). Tested with the operators in [`expand`](super::expand).

use super::expand::LONG;

/// A shell pattern with `*` and `?`; `\` escapes.
pub struct Pattern(Vec<Token>);

#[derive(Clone, Copy, PartialEq)]
enum Token {
    Char(char),
    One,
    Many,
}

impl Pattern {
    /// Reads a pattern as it stands behind the operator.
    pub fn new(pattern: &str) -> Pattern {
        let mut tokens = Vec::new();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '*' => Token::Many,
                '?' => Token::One,
                '\\' => Token::Char(chars.next().unwrap_or('\\')),
                _ => Token::Char(c),
            });
        }
        Pattern(tokens)
    }

    /// Whether every `\` stands in front of what it can escape. `reversed`: BuildKit reads it from its end, where a `\`
    /// without anything behind escapes what is in front.
    pub fn is_valid(pattern: &str, reversed: bool) -> bool {
        let mut before = None;
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            if c != '\\' {
                before = Some(c);
                continue;
            }
            match chars.next().or(before.filter(|_| reversed)) {
                Some('}' | '/' | '*' | '?' | '\\') => {}
                _ => return false,
            }
        }
        true
    }

    /// For each place in `text` (characters), where the shortest or longest match ends that starts there.
    fn ends(&self, text: &[char], longest: bool) -> Vec<Option<usize>> {
        // From the last token to the first: where a match of the tokens so far ends.
        let mut ends: Vec<Option<usize>> = (0..=text.len()).map(Some).collect();
        for token in self.0.iter().rev() {
            match token {
                Token::Many => {
                    for at in (0..text.len()).rev() {
                        ends[at] = match (ends[at], ends[at + 1]) {
                            (Some(here), Some(later)) if longest => Some(here.max(later)),
                            (here, later) => here.or(later),
                        };
                    }
                }
                Token::One | Token::Char(_) => {
                    for at in 0..text.len() {
                        let fits = *token == Token::One || *token == Token::Char(text[at]);
                        ends[at] = ends[at + 1].filter(|_| fits);
                    }
                    ends[text.len()] = None;
                }
            }
        }
        ends
    }

    /// `text` without the shortest or longest match at its start.
    pub fn trim_start(&self, text: &str, longest: bool) -> String {
        let chars: Vec<char> = text.chars().collect();
        chars[self.ends(&chars, longest)[0].unwrap_or(0)..].iter().collect()
    }

    /// `text` without the shortest or longest match at its end.
    pub fn trim_end(&self, text: &str, longest: bool) -> String {
        let reversed = Pattern(self.0.iter().rev().copied().collect());
        let chars: Vec<char> = text.chars().rev().collect();
        chars[reversed.ends(&chars, longest)[0].unwrap_or(0)..].iter().rev().collect()
    }

    /// `text` with `with` in place of the first match, or of all. Cut where it gets longer than a value may be.
    pub fn replace(&self, text: &str, with: &str, all: bool) -> String {
        let chars: Vec<char> = text.chars().collect();
        let ends = self.ends(&chars, true);
        let mut out = String::new();
        let mut at = 0;
        let (mut open, mut matched) = (true, None);
        // What is too long already is not needed any longer.
        while at <= chars.len() && out.len() <= LONG {
            // As Go has it, nothing is no match directly behind a match.
            if let Some(end) = ends[at].filter(|&end| open && (end > at || matched != Some(at))) {
                out.push_str(with);
                (open, matched) = (all, Some(end));
                if end > at {
                    at = end;
                    continue;
                }
            }
            if let Some(c) = chars.get(at) {
                out.push(*c);
            }
            at += 1;
        }
        out
    }
}
