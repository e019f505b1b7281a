//! The names of rules, as people write them.

use super::{
    RULES,
    buildkit::{self, CHECKS},
    near::distance,
};

/// Where a rule stands in [`RULES`].
pub fn rule_index(code: &str) -> Option<usize> {
    RULES.binary_search_by_key(&code, |rule| rule.code).ok()
}

/// Whether a comment or a setting may use this name: one of our rules, or of BuildKit's checks, those too that are not made
/// here.
pub fn is_known(name: &str) -> bool {
    rule_index(name).is_some() || buildkit::when(name).is_some()
}

fn all_names() -> impl Iterator<Item = &'static str> {
    let others = CHECKS.iter().map(|(name, _)| *name).filter(|name| rule_index(name).is_none());
    RULES.iter().map(|rule| rule.code).chain(others)
}

/// The rule that someone most likely meant who wrote `text`, among those that `may` be meant.
pub fn nearest_rule(text: &str, may: impl Fn(&str) -> bool) -> Option<&'static str> {
    nearest_name(text, all_names().filter(|name| may(name)))
}

/// The one of `names` that someone most likely meant who wrote `text`, in whatever spelling.
pub fn nearest_name<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Made-up names of a megabyte are near to nothing.
    if text.len() > 80 {
        return None;
    }
    let text = squashed(text);
    let near = names.map(|name| (distance(&text, &squashed(name)), name));
    near.filter(|(distance, name)| *distance <= 3 && *distance * 4 <= name.len()).min().map(|(_, name)| name)
}

/// Only the letters and digits, for `StageNameCasing` and `stage-name-casing` look alike.
fn squashed(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_spellings_of_a_name_are_near() {
        let nearest = |text: &str| nearest_rule(text, |_| true);
        for text in ["stage-name-casing", "StageNameCase", "STAGENAMECASING", "StagenameCasng"] {
            assert_eq!(nearest(text), Some("StageNameCasing"), "{text}");
        }
        assert_eq!(nearest("unknown-stage-refrence"), Some("unknown-stage-reference"));
        assert_eq!(nearest("UnknownFlag"), Some("unknown-flag"));
        for text in ["", "DL3008", "all", "x", "InvalidSomething"] {
            assert_eq!(nearest(text), None, "{text}");
        }
        assert_eq!(nearest_rule("unknownflag", |name| name.starts_with('U')), None);
    }
}
