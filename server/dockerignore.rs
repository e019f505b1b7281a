//! What a `.dockerignore` leaves out of the build context, as github.com/moby/patternmatcher reads it.
//!
//! Knows no files: a text goes in, paths are asked for. Each pattern is compiled once.

use regex::Regex;

/// The patterns of a `.dockerignore`.
#[derive(Debug)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    /// Whether it takes back what patterns above it leave out: `!` stood in front.
    exclusion: bool,
    /// Without the `!`.
    text: String,
    matcher: Matcher,
}

/// How a pattern is compared (patternmatcher.go, `compile`).
#[derive(Debug)]
enum Matcher {
    Exact,
    /// `a/**`: all but the two stars.
    Prefix,
    /// `**a`: all but the two stars.
    Suffix,
    Regex(Regex),
    /// Go has no such expression: asking for it fails.
    Broken,
}

/// A pattern that can't be compared is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadPattern;

impl Ignore {
    /// Reads the text of a file (ignorefile.go, `ReadAll`, and patternmatcher.go, `New`). Fails where the build would.
    pub fn parse(text: &str) -> Result<Ignore, BadPattern> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut patterns = Vec::new();
        for line in text.split('\n').filter(|line| !line.starts_with('#')) {
            let line = trim(line);
            let (mark, line) = match line.strip_prefix('!') {
                Some(rest) => ("!", trim(rest)),
                None => ("", line),
            };
            let cleaned = if line.is_empty() { String::new() } else { clean(line) };
            let relative =
                if cleaned.len() > 1 { cleaned.strip_prefix('/').unwrap_or(&cleaned) } else { &cleaned };
            // It is read twice, the mark being part of a path the second time.
            let again = format!("{mark}{relative}");
            let again = trim(&again);
            if again.is_empty() {
                continue;
            }
            let cleaned = clean(again);
            let (exclusion, relative) = match cleaned.strip_prefix('!') {
                Some("") => return Err(BadPattern),
                Some(rest) => (true, rest),
                None => (false, cleaned.as_str()),
            };
            check(relative)?;
            patterns.push(Pattern { exclusion, matcher: compile(relative), text: relative.to_owned() });
        }
        Ok(Ignore { patterns })
    }

    /// Whether any pattern takes something back.
    pub fn has_exclusions(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.exclusion)
    }

    /// Whether a pattern may take something back that lies below a folder, whatever is left out of it (fsutil's walk goes into
    /// such folders).
    pub fn may_keep_below(&self, folder: &str) -> bool {
        self.patterns
            .iter()
            .filter(|pattern| pattern.exclusion)
            .any(|pattern| pattern.may_match_below(folder))
    }

    /// Whether a pattern leaves out all there is.
    pub fn leaves_out_everything(&self) -> bool {
        let mut patterns = self.patterns.iter().filter(|pattern| !pattern.exclusion);
        patterns.any(|pattern| matches!(pattern.text.as_str(), "*" | "**" | "**/*"))
    }

    /// Whether a path, or a folder that it is in, is left out (`MatchesOrParentMatches`).
    pub fn matches(&self, path: &str) -> Result<bool, BadPattern> {
        let parent = match path.rsplit_once('/') {
            Some((parent, _)) => clean(parent_or_root(parent)),
            None => ".".to_owned(),
        };
        let mut matched = false;
        for pattern in self.patterns.iter() {
            if pattern.exclusion != matched {
                continue;
            }
            let mut found = pattern.matches(path)?;
            if !found && parent != "." {
                let ends = parent.match_indices('/').map(|(at, _)| at).chain([parent.len()]);
                for end in ends {
                    found = pattern.matches(&parent[..end]).unwrap_or(false);
                    if found {
                        break;
                    }
                }
            }
            if found {
                matched = !pattern.exclusion;
            }
        }
        Ok(matched)
    }
}

fn parent_or_root(parent: &str) -> &str {
    if parent.is_empty() { "/" } else { parent }
}

impl Pattern {
    /// Whether it can match something below a folder, as far as its parts without special characters tell.
    fn may_match_below(&self, folder: &str) -> bool {
        let mut parts = self.text.split('/');
        for name in folder.split('/') {
            match parts.next() {
                // It matches the folder or one above, and all that is in there.
                None => return true,
                Some(part) if part.contains("**") => return true,
                Some(part) if part.contains(['*', '?', '[', '\\']) => {}
                Some(part) if part == name => {}
                Some(_) => return false,
            }
        }
        true
    }

    fn matches(&self, path: &str) -> Result<bool, BadPattern> {
        match &self.matcher {
            Matcher::Exact => Ok(path == self.text),
            Matcher::Prefix => Ok(path.starts_with(&self.text[..self.text.len() - 2])),
            Matcher::Suffix => {
                let suffix = self.text.get(2..).unwrap_or(&self.text);
                Ok(path.ends_with(suffix) || suffix.strip_prefix('/') == Some(path))
            }
            Matcher::Regex(regex) => Ok(regex.is_match(path)),
            Matcher::Broken => Err(BadPattern),
        }
    }
}

/// What Go calls white space.
fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace())
}

/// The shortest path that means the same, going by the text alone (Go's `filepath.Clean`).
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
            ".." if rooted => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Whether Go's `filepath.Match` can read a pattern, as far as it gets when it compares it with `.`: BuildKit does not build
/// with one that it can't.
fn check(pattern: &str) -> Result<(), BadPattern> {
    let (mut rest, mut name) = (pattern, ".");
    while !rest.is_empty() {
        let (star, chunk, after) = next_chunk(rest);
        rest = after;
        if star && chunk.is_empty() {
            return Ok(());
        }
        match match_chunk(chunk, name)? {
            Some(left) if left.is_empty() || !rest.is_empty() => name = left,
            // The star may stand for the whole name.
            _ if star && !name.is_empty() => match match_chunk(chunk, "")? {
                Some(_) => name = "",
                None => return Ok(()),
            },
            _ => return Ok(()),
        }
    }
    Ok(())
}

/// The stars that a pattern starts with, what follows up to the next star, and the rest (`scanChunk`).
fn next_chunk(pattern: &str) -> (bool, &str, &str) {
    let chunk = pattern.trim_start_matches('*');
    let mut in_class = false;
    let mut bytes = chunk.bytes().enumerate();
    while let Some((at, b)) = bytes.next() {
        match b {
            b'\\' => _ = bytes.next(),
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' if !in_class => return (chunk.len() < pattern.len(), &chunk[..at], &chunk[at..]),
            _ => {}
        }
    }
    (chunk.len() < pattern.len(), chunk, "")
}

/// What of `name`, which is ASCII, is left behind a chunk that matches it (`matchChunk`).
fn match_chunk<'a>(chunk: &str, name: &'a str) -> Result<Option<&'a str>, BadPattern> {
    let (mut rest, mut left, mut failed) = (chunk, name, false);
    while let Some(c) = rest.chars().next() {
        failed = failed || left.is_empty();
        let now = left.chars().next().filter(|_| !failed);
        left = left.get(usize::from(now.is_some())..).unwrap_or_default();
        rest = &rest[c.len_utf8()..];
        failed |= match c {
            '[' => {
                let negated = rest.strip_prefix('^');
                rest = negated.unwrap_or(rest);
                let mut found = false;
                let mut first = true;
                while first || !rest.starts_with(']') {
                    first = false;
                    let low = class_character(&mut rest)?;
                    let range = rest.strip_prefix('-');
                    rest = range.unwrap_or(rest);
                    let high = if range.is_some() { class_character(&mut rest)? } else { low };
                    found |= now.is_some_and(|now| (low..=high).contains(&now));
                }
                rest = &rest[1..];
                found == negated.is_some()
            }
            '?' => now == Some('/'),
            '\\' => {
                let escaped = rest.chars().next().ok_or(BadPattern)?;
                rest = &rest[escaped.len_utf8()..];
                now != Some(escaped)
            }
            _ => now != Some(c),
        };
    }
    Ok((!failed).then_some(left))
}

/// Reads one character of a class, behind which something has to follow (`getEsc`).
fn class_character(rest: &mut &str) -> Result<char, BadPattern> {
    let mut chars = rest.chars();
    let c = match chars.next() {
        None | Some('-' | ']') => return Err(BadPattern),
        Some('\\') => chars.next().ok_or(BadPattern)?,
        Some(c) => c,
    };
    *rest = chars.as_str();
    if rest.is_empty() { Err(BadPattern) } else { Ok(c) }
}

fn compile(pattern: &str) -> Matcher {
    let mut regex = String::from("^");
    // Go's scanner takes a byte order mark off.
    let mut chars = pattern.strip_prefix('\u{feff}').unwrap_or(pattern).chars().peekable();
    let mut first = true;
    // As moby counts: special characters make an expression of it, a `**` at either end does not.
    let mut matcher = None;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                chars.next_if_eq(&'/');
                if chars.peek().is_some() {
                    regex.push_str("(.*/)?");
                    matcher = Some(Kind::Regex);
                } else if matcher.is_none() {
                    matcher = Some(Kind::Prefix);
                } else {
                    regex.push_str(".*");
                    matcher = Some(Kind::Regex);
                }
                if first {
                    matcher = Some(Kind::Suffix);
                }
            }
            '*' => {
                regex.push_str("[^/]*");
                matcher = Some(Kind::Regex);
            }
            '?' => {
                regex.push_str("[^/]");
                matcher = Some(Kind::Regex);
            }
            // `|` and braces are not among them, whatever moby meant: its table of bits is too small for them.
            '.' | '+' | '(' | ')' | '$' => {
                regex.push('\\');
                regex.push(c);
            }
            '\\' => {
                regex.push('\\');
                if let Some(escaped) = chars.next() {
                    regex.push(escaped);
                    matcher = Some(Kind::Regex);
                }
            }
            '[' | ']' => {
                regex.push(c);
                matcher = Some(Kind::Regex);
            }
            _ => regex.push(c),
        }
        first = false;
    }
    match matcher {
        None => Matcher::Exact,
        Some(Kind::Prefix) => Matcher::Prefix,
        Some(Kind::Suffix) => Matcher::Suffix,
        Some(Kind::Regex) => {
            regex.push('$');
            let regex = translated(&regex).and_then(|regex| Regex::new(&regex).ok());
            regex.map_or(Matcher::Broken, Matcher::Regex)
        }
    }
}

/// An expression for Go as one for Rust, where classes can be nested and letters stand for more. `None` for what Go refuses,
/// and for escapes of letters and digits that nobody has in the name of a file.
fn translated(go: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = go;
    let mut quantified = false;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => {
                let escaped = rest.chars().next()?;
                rest = &rest[escaped.len_utf8()..];
                match (perl_class(escaped), escaped) {
                    (Some(class), _) => out.push_str(class),
                    (None, 'b' | 'B') => out.push_str(&format!("(?-u:\\{escaped})")),
                    (None, 'A' | 'z') => out.push_str(&format!("\\{escaped}")),
                    (None, _) => {
                        out.push_str(&regex::escape(escaped_character(escaped)?.encode_utf8(&mut [0; 4])))
                    }
                }
            }
            '[' => rest = translated_class(rest, &mut out)?,
            '{' => match repetition(rest) {
                Some(_) if quantified => return None,
                Some(end) => {
                    out.push('{');
                    out.push_str(&rest[..end]);
                    rest = &rest[end..];
                }
                None => out.push_str("\\{"),
            },
            '}' => out.push_str("\\}"),
            _ => out.push(c),
        }
        quantified = matches!(c, '*' | '?') || (c == '{' && out.ends_with('}'));
    }
    Some(out)
}

/// The length of what stands behind a `{` if that says how many times something is repeated.
fn repetition(rest: &str) -> Option<usize> {
    let end = rest.find('}')?;
    let (least, most) = rest[..end].split_once(',').unwrap_or((&rest[..end], ""));
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    (!least.is_empty() && is_number(least) && is_number(most)).then_some(end + 1)
}

/// Reads a class up to its end, from behind its `[` on; what follows it.
fn translated_class<'a>(class: &'a str, out: &mut String) -> Option<&'a str> {
    out.push('[');
    let mut rest = class;
    if let Some(negated) = rest.strip_prefix('^') {
        out.push('^');
        rest = negated;
    }
    let mut first = true;
    loop {
        if let Some(after) = rest.strip_prefix(']').filter(|_| !first) {
            out.push(']');
            return Some(after);
        }
        first = false;
        if let Some(end) = rest.strip_prefix("[:").and_then(|name| name.find(":]")) {
            let (name, after) = rest.split_at(end + 4);
            if !POSIX.contains(&name[2..end + 2].trim_start_matches('^')) {
                return None;
            }
            out.push_str(name);
            rest = after;
            continue;
        }
        if let Some(class) = rest.strip_prefix('\\').and_then(|rest| rest.chars().next()).and_then(perl_class)
        {
            out.push_str(class);
            rest = &rest[2..];
            continue;
        }
        let (low, after) = read_character(rest)?;
        rest = after;
        let mut high = low;
        if let Some(range) =
            rest.strip_prefix('-').filter(|range| !range.starts_with(']') && !range.is_empty())
        {
            (high, rest) = read_character(range)?;
        }
        if high < low {
            return None;
        }
        out.push_str(&format!("\\x{{{:x}}}-\\x{{{:x}}}", u32::from(low), u32::from(high)));
    }
}

/// What may stand between `[:` and `:]`.
const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

fn read_character(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    let c = match chars.next()? {
        '\\' => escaped_character(chars.next()?)?,
        c => c,
    };
    Some((c, chars.as_str()))
}

/// What a character behind a `\` stands for.
fn escaped_character(c: char) -> Option<char> {
    Some(match c {
        'a' => '\x07',
        'f' => '\x0c',
        't' => '\t',
        'n' => '\n',
        'r' => '\r',
        'v' => '\x0b',
        _ if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
        _ => return None,
    })
}

/// The class that a letter behind a `\` stands for.
fn perl_class(c: char) -> Option<&'static str> {
    Some(match c {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        's' => "[\\t\\n\\x0c\\r ]",
        'S' => "[^\\t\\n\\x0c\\r ]",
        _ => return None,
    })
}

enum Kind {
    Prefix,
    Suffix,
    Regex,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_left_out_as_patternmatcher_does() {
        let cases = [
            ("a", "a", true),
            ("a", "a/b/c", true),
            ("a", "b/a", false),
            ("/a/", "a", true),
            ("./a/../b", "b", true),
            ("a", "/a", false),
            ("*.md", "a.md", true),
            ("*.md", "a/b.md", false),
            ("**/*.md", "a/b.md", true),
            ("**/*.md", "b.md", true),
            ("**.md", "a/b.md", true),
            ("a/**", "a/b", true),
            ("a/**", "a", false),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("**", "a", true),
            ("a?", "ab", true),
            ("a?", "a/", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("# a", "# a", false),
            (" # a", "# a", true),
            ("a.b", "axb", false),
            ("a\n!a/b", "a/b", false),
            ("a\n!a/b", "a/c", true),
            ("!a\na", "a", true),
            ("\u{feff}a\r\n\r\nb\r\n", "b", true),
            ("\u{feff}a", "a", true),
            ("a b", "a b", true),
            ("[[a]", "[", true),
            ("[a&&b]", "&", true),
            ("a{2}*", "aab", true),
            ("{a,b}", "{a,b}", true),
            ("a|b*", "ax", true),
            ("\\d", "1", true),
            ("\\w", "é", false),
        ];
        for (patterns, path, expected) in cases {
            let ignore = Ignore::parse(patterns).expect("a good pattern");
            assert_eq!(ignore.matches(path), Ok(expected), "{patterns:?} {path:?}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for pattern in ["!", "a\n! ", "[", "[]a]", "[a", "[a-]", "\\", ".\\", "[a\\"] {
            assert!(Ignore::parse(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn what_is_taken_back_below_a_folder_keeps_it() {
        for (patterns, folder, expected) in [
            ("*\n!src/app", "src", true),
            ("*\n!src/app", "src/app", true),
            ("*\n!src/app", "src/app/x", true),
            ("*\n!src/app", "docs", false),
            ("*\n!src/app", "src/other", false),
            ("*\n!*/app", "any", true),
            ("*\n!**/*.go", "any/where", true),
            ("*\nsrc/app", "src", false),
            ("", "src", false),
        ] {
            let ignore = Ignore::parse(patterns).expect("good patterns");
            assert_eq!(ignore.may_keep_below(folder), expected, "{patterns:?} {folder}");
        }
    }

    #[test]
    fn patterns_for_all_there_is_are_known() {
        for (text, everything, exclusions) in [
            ("*", true, false),
            ("**", true, false),
            ("a\n**/*\n!b", true, true),
            ("a", false, false),
            ("", false, false),
        ] {
            let ignore = Ignore::parse(text).expect("good patterns");
            assert_eq!(
                (ignore.leaves_out_everything(), ignore.has_exclusions()),
                (everything, exclusions),
                "{text}"
            );
        }
    }

    #[test]
    fn paths_are_cleaned_as_go_does() {
        for (path, expected) in [
            ("", "."),
            ("a//b/./c/..", "a/b"),
            ("../a", "../a"),
            ("a/../..", ".."),
            ("/..", "/"),
            ("/a/", "/a"),
            ("./", "."),
        ] {
            assert_eq!(clean(path), expected, "{path}");
        }
    }
}
