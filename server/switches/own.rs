//! Our own comment: `# dockerfile-ls: skip=RULE,RULE why`.

use super::Name;

/// What it starts with.
pub const OWN: &str = "dockerfile-ls:";

/// A `# dockerfile-ls: key=…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// What stands before the `=`, in bytes of the file; `skip` is all that there is.
    pub key: Name,
    /// In bytes of the file: where the list ends, and another name could be added.
    pub end: usize,
    /// The rules; empty if the key is not `skip`.
    pub names: Vec<Name>,
}

impl Own {
    /// Reads a comment line whose first byte is at `start` in the file. `None` if it is no such comment.
    pub fn read(line: &str, start: usize) -> Option<Own> {
        let rest = line.trim_start().strip_prefix('#')?.trim_start();
        let (word, rest) = rest.split_at_checked(OWN.len())?;
        if !word.eq_ignore_ascii_case(OWN) {
            return None;
        }
        let place = |part: &str| start + (part.as_ptr() as usize - line.as_ptr() as usize);
        let (key, list) = rest.split_once('=')?;
        let key = key.trim();
        if key.is_empty() || key.contains(char::is_whitespace) {
            return None;
        }
        let at = place(key);
        let key = Name { text: key.to_owned(), range: at..at + key.len() };
        let mut names = Vec::new();
        let mut rest = list.trim_start();
        let mut end = place(list);
        // Blanks are fine around a comma; behind a name without one stands the reason.
        loop {
            let len = rest.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(rest.len());
            if len > 0 {
                let at = place(rest);
                names.push(Name { text: rest[..len].to_owned(), range: at..at + len });
                end = at + len;
            }
            let Some(next) = rest[len..].trim_start().strip_prefix(',') else { break };
            rest = next.trim_start();
        }
        if key.text != "skip" {
            names.clear();
        }
        Some(Own { key, end, names })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Vec<String> {
        let own = Own::read(line, 7).expect(line);
        for name in &own.names {
            assert_eq!(line[name.range.start - 7..name.range.end - 7], name.text);
        }
        own.names.into_iter().map(|name| name.text).collect()
    }

    #[test]
    fn names_are_separated_by_commas_and_a_reason_may_follow() {
        assert_eq!(names("# dockerfile-ls: skip=a,b"), ["a", "b"]);
        assert_eq!(names("  #Dockerfile-LS:skip = a , b because of c, d"), ["a", "b"]);
        assert_eq!(names("# dockerfile-ls: skip=a,"), ["a"]);
        assert_eq!(names("# dockerfile-ls: skip="), [""; 0]);
        assert_eq!(names("# dockerfile-ls: ignore=a"), [""; 0]);
    }

    #[test]
    fn other_comments_say_nothing() {
        for line in
            ["# dockerfile-ls", "# dockerfile-ls: the server = this", "# x dockerfile-ls: skip=a", "", "# é"]
        {
            assert_eq!(Own::read(line, 0), None, "{line}");
        }
    }
}
