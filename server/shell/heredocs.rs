//! Heredocs inside a script: taken out before the script is read, as their bodies are no commands.

use std::{borrow::Cow, ops::Range};

/// A text of the same length in which `<<EOF` is `< EOF`, and the bodies are blank.
pub struct Blanked<'a> {
    pub text: Cow<'a, str>,
    /// Where the `<` of each heredoc stands, in order.
    pub markers: Vec<usize>,
}

/// A heredoc whose body starts at the next line.
struct Pending {
    delimiter: String,
    strips_tabs: bool,
}

/// Takes the heredocs out of a text.
pub fn blank(text: &str) -> Blanked<'_> {
    if !text.contains("<<") {
        return Blanked { text: Cow::Borrowed(text), markers: Vec::new() };
    }
    let mut finder = Finder { text, at: 0, markers: Vec::new(), blanks: Vec::new(), pending: Vec::new() };
    finder.run();
    let Finder { markers, blanks, .. } = finder;
    let mut bytes = text.as_bytes().to_vec();
    for range in blanks {
        bytes[range].fill(b' ');
    }
    // Whole lines and ASCII characters were replaced.
    let text = String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned);
    Blanked { text, markers }
}

struct Finder<'a> {
    text: &'a str,
    at: usize,
    markers: Vec<usize>,
    blanks: Vec<Range<usize>>,
    pending: Vec<Pending>,
}

impl Finder<'_> {
    fn run(&mut self) {
        let bytes = self.text.as_bytes();
        let mut quoted = false;
        while let Some(&byte) = bytes.get(self.at) {
            let start = self.at;
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'"' => quoted = !quoted,
                b'\'' if !quoted => {
                    let end = self.text[self.at..].find('\'');
                    self.at += end.map_or(self.text.len() - self.at, |end| end + 1);
                }
                b'#' if !quoted && (start == 0 || bytes[start - 1].is_ascii_whitespace()) => {
                    self.at += self.text[self.at..].find('\n').unwrap_or(self.text.len() - self.at);
                }
                b'<' if !quoted && bytes.get(self.at) == Some(&b'<') => self.marker(start),
                b'\n' if !self.pending.is_empty() => self.bodies(),
                _ => {}
            }
            // An escape at the end, or in front of a longer character.
            while !self.text.is_char_boundary(self.at) && self.at < bytes.len() {
                self.at += 1;
            }
        }
    }

    /// Reads the `<<EOF` at `start`.
    fn marker(&mut self, start: usize) {
        let rest = &self.text[start + 2..];
        if rest.starts_with('<') {
            self.at = start + 3;
            return;
        }
        let dash = rest.starts_with('-');
        let blanks = rest[usize::from(dash)..].chars().take_while(|&c| c == ' ' || c == '\t').count();
        let word_start = start + 2 + usize::from(dash) + blanks;
        let word = &self.text[word_start..];
        let mut quote = None;
        let ends = |c: char| match quote {
            Some(open) => {
                quote = quote.filter(|_| c != open);
                c == '\n'
            }
            None => {
                quote = Some(c).filter(|c| matches!(c, '"' | '\''));
                c.is_whitespace() || ";&|<>()".contains(c)
            }
        };
        let len = word.find(ends).unwrap_or(word.len());
        let delimiter: String = word[..len].chars().filter(|c| !matches!(c, '"' | '\'' | '\\')).collect();
        // `1<<2` is arithmetic.
        if !delimiter.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '!' | '.' | '-')) {
            return;
        }
        self.markers.push(start);
        self.blanks.push(start + 1..start + 2 + usize::from(dash));
        self.pending.push(Pending { delimiter, strips_tabs: dash });
        self.at = word_start + len;
    }

    /// Blanks the bodies that start at the cursor, with the lines that close them.
    fn bodies(&mut self) {
        let start = self.at;
        for pending in std::mem::take(&mut self.pending) {
            while self.at < self.text.len() {
                let rest = &self.text[self.at..];
                let line = rest.split_inclusive('\n').next().unwrap_or(rest);
                self.at += line.len();
                let line = line.trim_end_matches(['\n', '\r']);
                let line = if pending.strips_tabs { line.trim_start_matches('\t') } else { line };
                if line == pending.delimiter {
                    break;
                }
            }
        }
        self.blanks.push(start..self.at);
    }
}
