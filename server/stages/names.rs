//! What a stage name is, and what a text that names one means: BuildKit's four look-ups, in one place.
//!
//! | who asks | looks at | case | numbers | of two with one name |
//! |---|---|---|---|---|
//! | `FROM` | stages above | sensitive: must be lower case | no | the nearest above |
//! | `COPY --from` | all stages | insensitive | yes, from 0 | the last in the file |
//! | `RUN --mount=from` | all stages | insensitive | no | the last in the file |
//! | `--target` | all stages | insensitive | no | the last in the file |
//!
//! Sources: `dispatchStates.addState`, `findStateByName`, `findStateByIndex`, `toCommand` in dockerfile2llb/convert.go,
//! `detectRunMount` in convert_runmount.go, `parseBuildStageName` in instructions/parse.go.

use std::collections::HashMap;

/// Who asks for a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lookup {
    /// `FROM x` of the stage with this index.
    From(usize),
    /// `COPY --from=x`.
    Copy,
    /// `RUN --mount=…,from=x`.
    Mount,
    /// `--target x` of a build command, a Compose file and the like.
    Target,
}

/// What a look-up found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A stage of this file. For `COPY` and mounts it may stand below the place that asks, which is an error.
    Stage(usize),
    /// A number that no stage has. BuildKit looks further, among the images that earlier instructions copy from.
    Beyond(i64),
    /// No stage: an image, or for a target an error.
    Other,
}

/// The names that the stages of a file declare.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Indices of the stages with a name (in lower case), ascending.
    by_name: HashMap<String, Vec<usize>>,
    count: usize,
}

impl Names {
    /// `names`: each stage's name as written, `None` for an unnamed one.
    pub fn new<'a>(names: impl IntoIterator<Item = Option<&'a str>>) -> Names {
        let mut all = Names::default();
        for name in names {
            if let Some(name) = name {
                all.by_name.entry(name.to_lowercase()).or_default().push(all.count);
            }
            all.count += 1;
        }
        all
    }

    /// What `text` means to whoever asks.
    pub fn look_up(&self, lookup: Lookup, text: &str) -> Found {
        let found = match lookup {
            Lookup::From(index) => {
                let all = self.by_name.get(text).map_or(&[][..], Vec::as_slice);
                all[..all.partition_point(|&stage| stage < index)].last()
            }
            Lookup::Copy => match stage_number(text) {
                Some(number) if (0..self.count as i64).contains(&number) => {
                    return Found::Stage(number as usize);
                }
                Some(number) => return Found::Beyond(number),
                None => self.with_name(text).last(),
            },
            Lookup::Mount | Lookup::Target => self.with_name(text).last(),
        };
        found.map_or(Found::Other, |&stage| Found::Stage(stage))
    }

    /// The stages above `stage` whose names (in lower case) fit, ascending; of two with one name, the later.
    pub fn above(&self, stage: usize, fits: impl Fn(&str) -> bool) -> Vec<usize> {
        let nearest = |all: &Vec<usize>| all[..all.partition_point(|&index| index < stage)].last().copied();
        let named = self.by_name.iter().filter(|(name, _)| fits(name));
        let mut found: Vec<usize> = named.filter_map(|(_, all)| nearest(all)).collect();
        found.sort_unstable();
        found
    }

    /// How many stages there are.
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All stages with that name in any case, in file order.
    pub fn with_name(&self, name: &str) -> &[usize] {
        let all = if name.bytes().any(|b| b.is_ascii_uppercase() || !b.is_ascii()) {
            self.by_name.get(&name.to_lowercase())
        } else {
            self.by_name.get(name)
        };
        all.map_or(&[], Vec::as_slice)
    }
}

/// The number that `COPY --from` takes `text` for: what Go's `strconv.Atoi` accepts.
pub fn stage_number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Whether BuildKit takes `name` as the name of a stage. It lower-cases names before it looks at them.
pub fn is_valid_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.starts_with(|c: char| c.is_ascii_lowercase())
        && lower
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'))
}

/// Whether `name` (in any case) means something else in places where stages are named.
pub fn is_reserved_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("scratch") || name.eq_ignore_ascii_case("context")
}

/// The valid name that is nearest to `name`, if anything of it is left.
pub fn valid_name_near(name: &str) -> Option<String> {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            'a'..='z' => slug.push(c),
            '0'..='9' | '-' | '_' | '.' if !slug.is_empty() => slug.push(c),
            '0'..='9' => slug = format!("stage-{c}"),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    let slug = slug.trim_end_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of this module, cell by cell.
    #[test]
    fn each_look_up_has_its_own_rules() {
        let names = Names::new([Some("Base"), None, Some("dup"), Some("mid"), Some("dup")]);
        let cases = [
            (Lookup::From(5), "base", Found::Stage(0)),
            (Lookup::From(5), "Base", Found::Other),
            (Lookup::From(5), "0", Found::Other),
            (Lookup::From(4), "dup", Found::Stage(2)),
            (Lookup::From(5), "dup", Found::Stage(4)),
            (Lookup::From(2), "dup", Found::Other),
            (Lookup::Copy, "BASE", Found::Stage(0)),
            (Lookup::Copy, "dup", Found::Stage(4)),
            (Lookup::Copy, "1", Found::Stage(1)),
            (Lookup::Copy, "+01", Found::Stage(1)),
            (Lookup::Copy, "5", Found::Beyond(5)),
            (Lookup::Copy, "-1", Found::Beyond(-1)),
            (Lookup::Copy, "99999999999999999999", Found::Other),
            (Lookup::Mount, "DUP", Found::Stage(4)),
            (Lookup::Mount, "0", Found::Other),
            (Lookup::Target, "Mid", Found::Stage(3)),
            (Lookup::Target, "0", Found::Other),
        ];
        for (lookup, text, expected) in cases {
            assert_eq!(names.look_up(lookup, text), expected, "{lookup:?} {text}");
        }
    }

    #[test]
    fn invalid_names_have_a_valid_neighbour() {
        for (name, expected) in
            [("2nd", Some("stage-2nd")), ("my@x", Some("my-x")), ("_a", Some("a")), ("Ä", None)]
        {
            assert!(!is_valid_name(name), "{name}");
            assert_eq!(valid_name_near(name).as_deref(), expected, "{name}");
        }
        assert!(is_valid_name("My_x.v2-b"));
    }
}
