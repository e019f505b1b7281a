//! Where a shell separates words, whatever the words are.

/// Calls `free` with each blank of a script in one line that stands outside of quotes, expansions and comments: where any
/// number of blanks is as good as one. `heredocs`: whether `<<` is allowed, since its body is elsewhere. `false` if the quotes
/// can't be told for certain, and what was called means nothing.
pub fn free_blanks(text: &str, heredocs: bool, mut free: impl FnMut(usize)) -> bool {
    let mut reader = Reader { text: text.as_bytes(), at: 0, open: Vec::new() };
    while let Some(&byte) = reader.text.get(reader.at) {
        let start = reader.at;
        match reader.open.last() {
            None if matches!(byte, b' ' | b'\t') => {
                free(start);
                reader.at += 1;
            }
            None if byte == b'#' && reader.starts_word() => return true,
            None if !heredocs && reader.is_heredoc() => return false,
            None | Some(_) => {
                if !reader.step(byte) {
                    return false;
                }
            }
        }
    }
    reader.open.is_empty()
}

/// Something that has to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `"`
    Quotes,
    /// `${`; whether it stands in double quotes.
    Braces(bool),
    /// `$(` within one of the others, and how many parentheses are open in it.
    Commands(u32),
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    open: Vec<Open>,
}

impl Reader<'_> {
    /// Goes over what starts with `byte`. `false` where shells differ in how they read it.
    fn step(&mut self, byte: u8) -> bool {
        let top = self.open.last().copied();
        let next = self.text.get(self.at + 1).copied();
        self.at += 1;
        match (byte, top) {
            (b'\\', _) => self.at += 1,
            (b'"', Some(Open::Quotes)) => _ = self.open.pop(),
            (b'"', _) => self.open.push(Open::Quotes),
            (b'`', _) => return self.skip_past(b'`', true),
            (b'\'', Some(Open::Quotes)) => {}
            (b'\'', Some(Open::Braces(true))) => return false,
            (b'\'', _) => {
                let ansi_c = self.at >= 2 && self.text[self.at - 2] == b'$';
                let start = self.at;
                let closed = self.skip_past(b'\'', false);
                return closed && !(ansi_c && self.text[start..self.at].contains(&b'\\'));
            }
            (b'$', _) if next == Some(b'{') => {
                let quoted = self.open.contains(&Open::Quotes);
                self.open.push(Open::Braces(quoted));
                self.at += 1;
            }
            // One outside of everything holds free text like the text around it.
            (b'$', Some(_)) if next == Some(b'(') => {
                self.open.push(Open::Commands(1));
                self.at += 1;
            }
            (b'}', Some(Open::Braces(_))) => _ = self.open.pop(),
            (b'(', Some(Open::Commands(depth))) => self.set(Open::Commands(depth + 1)),
            (b')', Some(Open::Commands(1))) => _ = self.open.pop(),
            (b')', Some(Open::Commands(depth))) => self.set(Open::Commands(depth - 1)),
            // A comment would hide the end, a pattern of `case` look like it.
            (b'#', Some(Open::Commands(_))) => {
                self.at -= 1;
                let comment = self.starts_word();
                self.at += 1;
                return !comment;
            }
            (b'c', Some(Open::Commands(_))) => return !self.text[self.at..].starts_with(b"ase"),
            (b'<', Some(Open::Commands(_))) => return next != Some(b'<'),
            _ => {}
        }
        true
    }

    fn set(&mut self, open: Open) {
        if let Some(last) = self.open.last_mut() {
            *last = open;
        }
    }

    /// Goes behind the next `close`. `false` if there is none.
    fn skip_past(&mut self, close: u8, escapes: bool) -> bool {
        while let Some(&byte) = self.text.get(self.at) {
            self.at += 1;
            if byte == close {
                return true;
            }
            if escapes && byte == b'\\' {
                self.at += 1;
            }
        }
        false
    }

    /// Whether a word may start here.
    fn starts_word(&self) -> bool {
        let before = self.at.checked_sub(1).map(|at| self.text[at]);
        before
            .is_none_or(|byte| matches!(byte, b' ' | b'\t' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>'))
    }

    /// Whether `<<` starts here, and no `<<<`.
    fn is_heredoc(&self) -> bool {
        let rest = &self.text[self.at..];
        let goes_on = self.at > 0 && self.text[self.at - 1] == b'<';
        rest.starts_with(b"<<") && rest.get(2) != Some(&b'<') && !goes_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with `.` for each free blank, or `None` in doubt.
    fn shown(text: &str) -> Option<String> {
        let mut bytes = text.as_bytes().to_vec();
        let known = free_blanks(text, false, |at| bytes[at] = b'.');
        known.then(|| String::from_utf8(bytes).expect("blanks are ASCII"))
    }

    #[test]
    fn blanks_are_free_outside_of_quotes_expansions_and_comments() {
        for (text, expected) in [
            ("a  b", "a..b"),
            ("a 'b c' \"d e\" f", "a.'b c'.\"d e\".f"),
            ("a \"b \\\" c\" d", "a.\"b \\\" c\".d"),
            ("a\\ b c", "a\\ b.c"),
            ("a # b 'c d", "a.# b 'c d"),
            ("a;# b", "a;# b"),
            ("a#b ${#c} $# d", "a#b.${#c}.$#.d"),
            ("a=${b:- c} d", "a=${b:- c}.d"),
            ("${a:-\"}\" } b", "${a:-\"}\" }.b"),
            ("a=$(b 'c d' | e) f", "a=$(b.'c d'.|.e).f"),
            ("\"$(a \"b c\" (d) )\" e", "\"$(a \"b c\" (d) )\".e"),
            ("\"${a:-\"b c\"}\" d", "\"${a:-\"b c\"}\".d"),
            ("\"${a} `b \\` c` d\" e", "\"${a} `b \\` c` d\".e"),
            ("`a b` c", "`a b`.c"),
            ("$'a b' c", "$'a b'.c"),
            ("a <<< 'b' c", "a.<<<.'b'.c"),
            ("case a in 'b c') d ;; esac", "case.a.in.'b c').d.;;.esac"),
            ("$((1 + 2)) é", "$((1.+.2)).é"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_certain_is_told() {
        for text in [
            "a 'b",
            "a \"b",
            "a `b",
            "a ${b",
            "\"$(case a in b) c;; esac)\" d",
            "\"$(a # b)\" c",
            "\"${a:-'}\" b",
            "$'a\\'b' c",
            "a << b",
            "\"$(a << b)\"",
            "a \"$(",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
        assert!(free_blanks("a <<EOF", true, |_| ()));
    }
}
