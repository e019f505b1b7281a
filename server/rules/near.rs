//! Names that look like a name that there is not.

use std::cell::Cell;

/// How many pairs of names are compared for one document: enough for every real file, and an end to made-up ones.
const BUDGET: usize = 20_000;

/// Compares names, for as long as it is cheap.
#[derive(Debug)]
pub struct Near {
    left: Cell<usize>,
}

impl Near {
    pub fn new() -> Near {
        Near { left: Cell::new(BUDGET) }
    }

    /// The indices of the `names` (in lower case) that someone who wrote `text` may have meant, best first.
    pub fn find<'a>(&self, text: &str, names: impl Iterator<Item = (usize, &'a str)>) -> Vec<usize> {
        let text = text.to_lowercase();
        let mut found = Vec::new();
        let mut parts = Vec::new();
        for (index, name) in names {
            let Some(left) = self.left.get().checked_sub(1) else { break };
            self.left.set(left);
            if text.len() >= 4 && name.len().abs_diff(text.len()) <= 2 {
                let distance = distance(&text, name);
                if distance <= 2 {
                    found.push((distance, index));
                }
            }
            if is_part(&text, name) || is_part(name, &text) {
                parts.push(index);
            }
        }
        found.sort_unstable();
        let mut found: Vec<usize> = found.into_iter().map(|(_, index)| index).collect();
        // A part of a name says something only if it is a part of no other.
        if let [part] = parts[..]
            && !found.contains(&part)
        {
            found.push(part);
        }
        found
    }

    /// The name that BuildKit suggests for another (util/suggest): at most two letters differ, and case counts.
    pub fn suggest<'a>(&self, text: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
        let mut best: Option<(usize, &str)> = None;
        for name in names {
            let left = self.left.get().checked_sub(1)?;
            self.left.set(left);
            if name.len().abs_diff(text.len()) > 2 * char::MAX.len_utf8() {
                continue;
            }
            let distance = plain_distance(text, name);
            if distance < best.map_or(3, |(distance, _)| distance) {
                best = Some((distance, name));
            }
        }
        best.map(|(_, name)| name)
    }
}

/// How many letters have to be changed, added or left out.
fn plain_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, c) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, other) in b.iter().enumerate() {
            let changed = diagonal + usize::from(c != *other);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// The one of `names` that someone who wrote `text` most likely meant.
pub fn nearest<'a>(text: &str, names: &[&'a str]) -> Option<&'a str> {
    let text = text.to_lowercase();
    let distances = names.iter().map(|name| (distance(&text, name), *name));
    distances
        .filter(|(distance, name)| *distance <= 2 && *distance < name.len() / 2 + 1)
        .min()
        .map(|(_, name)| name)
}

/// Whether `part` is the beginning or the end of `whole`, up to a separator.
fn is_part(part: &str, whole: &str) -> bool {
    let separated = |rest: Option<&str>, edge: fn(&str) -> Option<char>| {
        rest.and_then(edge).is_some_and(|c| matches!(c, '-' | '_' | '.'))
    };
    part.len() >= 3
        && (separated(whole.strip_prefix(part), |rest| rest.chars().next())
            || separated(whole.strip_suffix(part), |rest| rest.chars().next_back()))
}

/// How many letters have to be changed, added, left out or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = [vec![0; b.len() + 1], (0..=b.len()).collect(), vec![0; b.len() + 1]];
    for i in 1..=a.len() {
        rows[2][0] = i;
        for j in 1..=b.len() {
            let changed = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[1][j - 1] + changed).min(rows[1][j] + 1).min(rows[2][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[0][j - 2] + 1);
            }
            rows[2][j] = best;
        }
        rows.rotate_left(1);
    }
    rows[1][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, names: &[&str]) -> Vec<usize> {
        Near::new().find(text, names.iter().copied().enumerate())
    }

    #[test]
    fn swapped_missing_and_wrong_letters_are_near() {
        assert_eq!(found("biulder", &["builder", "final"]), [0]);
        assert_eq!(found("bulder", &["builder", "boulder"]), [0, 1]);
        assert_eq!(found("abc", &["abd"]), [0; 0], "too short to say");
    }

    #[test]
    fn a_part_of_exactly_one_name_is_near() {
        assert_eq!(found("set", &["license-set", "base"]), [0]);
        assert_eq!(found("set", &["license-set", "other-set"]), [0; 0]);
        assert_eq!(found("build-go", &["build", "base"]), [0]);
        assert_eq!(found("setup", &["license-set"]), [0; 0]);
    }

    #[test]
    fn flags_have_a_nearest_one() {
        assert_eq!(nearest("form", &["from", "chown"]), Some("from"));
        assert_eq!(nearest("FROM", &["from", "chown"]), Some("from"));
        assert_eq!(nearest("x", &["from", "chown"]), None);
    }
}
