//! BuildKit's own checks: which there are, and what of a file a comment above an instruction can switch off.

/// When BuildKit makes a check, which decides where its comment has to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Once for the whole file: no comment above an instruction counts.
    Whole,
    /// While an instruction is read.
    Reading,
    /// While the stages are put together: at their FROM.
    Stage,
    /// While a stage is built, if it is built.
    Building,
}

/// Every check, in the order of their names (linter/ruleset.go; dockerfile2llb/convert.go and instructions/parse.go have the
/// calls).
pub const CHECKS: [(&str, When); 22] = [
    ("ConsistentInstructionCasing", When::Whole),
    ("CopyIgnoredFile", When::Building),
    ("DuplicateStageName", When::Whole),
    ("ExposeInvalidFormat", When::Building),
    ("ExposeProtoCasing", When::Building),
    ("FromAsCasing", When::Reading),
    ("FromPlatformFlagConstDisallowed", When::Stage),
    ("InvalidBaseImagePlatform", When::Whole),
    ("InvalidDefaultArgInFrom", When::Whole),
    (EXPERIMENTAL, When::Reading),
    ("JSONArgsRecommended", When::Building),
    ("LegacyKeyValueFormat", When::Building),
    ("MaintainerDeprecated", When::Reading),
    ("MultipleInstructionsDisallowed", When::Building),
    ("NoEmptyContinuation", When::Whole),
    ("RedundantTargetPlatform", When::Stage),
    ("ReservedStageName", When::Whole),
    ("SecretsUsedInArgOrEnv", When::Building),
    ("StageNameCasing", When::Reading),
    ("UndefinedArgInFrom", When::Stage),
    ("UndefinedVar", When::Building),
    ("WorkdirRelativePath", When::Building),
];

/// The one that is off unless it is asked for, and that `skip` means nothing to.
pub const EXPERIMENTAL: &str = "InvalidDefinitionDescription";

/// When a check is made; `None` for a rule that is not BuildKit's.
pub fn when(code: &str) -> Option<When> {
    CHECKS.binary_search_by_key(&code, |(name, _)| name).ok().map(|index| CHECKS[index].1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RULES;

    #[test]
    fn the_table_is_sorted_and_knows_each_of_our_rules_that_is_buildkits() {
        assert!(CHECKS.is_sorted_by_key(|(name, _)| name));
        for rule in RULES {
            assert_eq!(when(rule.code).is_some(), rule.is_buildkit(), "{}", rule.code);
        }
    }
}
