//! What shells read and the grammar does not: rewritten, in the same length, once a text turned out to have errors.

/// Words that end a compound, and those that may follow without a `;` between.
const ENDS: [&str; 4] = ["done", "fi", "esac", "}"];
const FOLLOW: [&str; 8] = ["fi", "done", "esac", "then", "do", "else", "elif", "}"];

/// Puts a `;` where a compound ends within another (`done fi`), and takes comments in backticks out. `None` if there is neither.
pub fn repair(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let mut changed = false;
    let mut ended = None;
    for word in text.split_ascii_whitespace() {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        let follows = FOLLOW.contains(&word.trim_end_matches(';'));
        if let Some(end) = ended.filter(|_| follows) {
            bytes[end] = b';';
            changed = true;
        }
        ended = ENDS.contains(&word).then_some(start + word.len());
    }
    let mut at = 0;
    while let Some(start) = text[at..].find("`#").map(|start| at + start) {
        let Some(len) = text[start + 1..].find('`') else { break };
        at = start + len + 2;
        bytes[start..at].fill(b' ');
        changed = true;
    }
    // Only whole characters were replaced.
    changed.then(|| String::from_utf8(bytes).ok()).flatten()
}
