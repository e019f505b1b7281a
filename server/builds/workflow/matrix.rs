//! The matrix of a job: which values its steps run with, a row for each run.

use std::sync::Arc;

use super::expressions::get;
use crate::builds::node::Node;

/// How many runs a matrix can have on GitHub; what is behind is left out.
const ROWS: usize = 256;

/// How many entries of `include` are looked at.
const INCLUDED: usize = 1024;

/// The values of a run by their keys.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    values: &'a [(String, Arc<Node>)],
    /// Whether a key that is not there has no value.
    pub is_whole: bool,
}

#[derive(Debug, Default)]
pub struct Matrix {
    rows: Vec<Vec<(String, Arc<Node>)>>,
    /// Whether all of it is literal.
    is_whole: bool,
}

impl<'a> Row<'a> {
    /// No run is known.
    pub const NONE: Row<'static> = Row { values: &[], is_whole: false };

    pub fn get(self, key: &str) -> Option<&'a Arc<Node>> {
        self.values.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }
}

impl Matrix {
    /// The matrix of a job. What `exclude` takes away is left in: nobody is harmed by it.
    pub fn of(job: &Node) -> Matrix {
        let Some(matrix) = job.at(&["strategy", "matrix"]) else { return Matrix::default() };
        let mut is_whole = matrix.scalar().is_none();
        let mut axes: Vec<(&str, &[Arc<Node>])> = Vec::new();
        for entry in matrix.entries() {
            match entry.key.text.as_str() {
                "include" | "exclude" => {}
                key if entry.value.items().is_empty() => {
                    is_whole &= key.is_empty();
                }
                key => axes.push((key, entry.value.items())),
            }
        }
        let mut rows = product(&axes);
        if let Some(include) = get(matrix, "include") {
            is_whole &= include.scalar().is_none();
            add(&mut rows, include.items(), &axes);
        }
        Matrix { rows, is_whole }
    }

    /// The rows of it, at least one.
    pub fn rows(&self) -> Vec<Row<'_>> {
        if self.rows.is_empty() {
            return vec![Row::NONE];
        }
        self.rows.iter().map(|values| Row { values, is_whole: self.is_whole }).collect()
    }
}

/// Each value of an axis with each of all others.
fn product(axes: &[(&str, &[Arc<Node>])]) -> Vec<Vec<(String, Arc<Node>)>> {
    let mut rows = Vec::new();
    for (key, values) in axes {
        if rows.is_empty() {
            rows.push(Vec::new());
        }
        // Where there are too many, at least each value stands in a row.
        let room = (ROWS / rows.len()).max(1);
        rows = match room >= values.len() {
            true => rows.iter().flat_map(|row| values.iter().map(|value| with(row, key, value))).collect(),
            false => (0..rows.len().max(values.len()).min(ROWS))
                .map(|at| with(&rows[at % rows.len()], key, &values[at % values.len()]))
                .collect(),
        };
    }
    rows
}

fn with(row: &[(String, Arc<Node>)], key: &str, value: &Arc<Node>) -> Vec<(String, Arc<Node>)> {
    let mut row = row.to_vec();
    row.push((key.to_owned(), value.clone()));
    row
}

/// `include`: an entry adds its values to all rows of the axes where it changes none of theirs, else it is a row of its own
/// (docs.github.com, "Expanding or adding matrix configurations").
fn add(rows: &mut Vec<Vec<(String, Arc<Node>)>>, include: &[Arc<Node>], axes: &[(&str, &[Arc<Node>])]) {
    let from_axes = rows.len();
    for entry in include.iter().take(INCLUDED) {
        let entries = entry.entries();
        let mut is_added = false;
        for row in &mut rows[..from_axes] {
            let fits = entries.iter().all(|entry| {
                let is_axis = axes.iter().any(|(key, _)| *key == entry.key.text);
                !is_axis || row.iter().any(|(key, value)| *key == entry.key.text && same(value, &entry.value))
            });
            if !fits {
                continue;
            }
            is_added = true;
            for entry in &entries {
                match row.iter_mut().find(|(key, _)| *key == entry.key.text) {
                    // It is the same value, or one that another entry has added.
                    Some((key, _)) if axes.iter().any(|(axis, _)| axis == key) => {}
                    Some((_, value)) => *value = entry.value.clone(),
                    None => row.push((entry.key.text.clone(), entry.value.clone())),
                }
            }
        }
        if !is_added && rows.len() < ROWS && !entries.is_empty() {
            let values = entries.iter().map(|entry| (entry.key.text.clone(), entry.value.clone()));
            rows.push(values.collect());
        }
    }
}

fn same(a: &Arc<Node>, b: &Arc<Node>) -> bool {
    match (a.text(), b.text()) {
        (Some(a), Some(b)) => a == b,
        _ => Arc::ptr_eq(a, b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::yaml;

    fn rows(matrix: &str) -> (Vec<String>, bool) {
        let read = yaml::read(&format!("strategy:\n  matrix: {matrix}\n"));
        let matrix = Matrix::of(&read.roots[0]);
        let texts = matrix.rows.iter().map(|row| {
            let values = row.iter().map(|(key, value)| format!("{key}={}", value.text().unwrap_or("?")));
            values.collect::<Vec<_>>().join(" ")
        });
        (texts.collect(), matrix.is_whole)
    }

    #[test]
    fn axes_are_multiplied() {
        let (rows, is_whole) = rows("{a: [1, 2], b: [x, y]}");
        assert_eq!(rows, ["a=1 b=x", "a=1 b=y", "a=2 b=x", "a=2 b=y"]);
        assert!(is_whole);
    }

    #[test]
    fn included_values_join_the_rows_that_they_fit() {
        let (rows, _) =
            rows("{a: [1, 2], include: [{c: all}, {a: 2, t: two}, {a: 3, t: three}, {a: 2, t: again}]}");
        assert_eq!(rows, ["a=1 c=all", "a=2 c=all t=again", "a=3 t=three"]);
        let (alone, is_whole) = self::rows("{include: [{t: x}, {t: y}]}");
        assert_eq!(alone, ["t=x", "t=y"]);
        assert!(is_whole);
    }

    #[test]
    fn what_a_run_makes_is_not_known() {
        assert_eq!(rows("\"${{ fromJson(x) }}\""), (vec![], false));
        assert_eq!(rows("{a: [1], b: \"${{ fromJson(x) }}\"}"), (vec!["a=1".into()], false));
        assert_eq!(rows("{a: [1], include: \"${{ x }}\"}"), (vec!["a=1".into()], false));
    }

    #[test]
    fn a_huge_matrix_keeps_each_value_of_its_axes() {
        let axis = (0..100).map(|n| format!("v{n}")).collect::<Vec<_>>().join(", ");
        let (rows, _) = rows(&format!("{{a: [{axis}], b: [{axis}], c: [{axis}]}}"));
        assert!(rows.len() <= ROWS);
        assert!(rows.iter().any(|row| row.contains("b=v99")) && rows.iter().any(|row| row.contains("c=v99")));
    }
}
