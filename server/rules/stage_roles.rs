//! What the names of stages say about what they are for.

/// Words for stages that people work or test in.
const DEVELOPMENT: [&str; 10] =
    ["debug", "debugger", "dev", "devcontainer", "devel", "development", "local", "test", "testing", "tests"];

/// Words for stages that are shipped.
const PRODUCTION: [&str; 5] = ["final", "prod", "production", "release", "runtime"];

/// Words for stages that make files or look at them, and that nobody runs.
const TOOLS: [&str; 29] = [
    "artifact",
    "artifacts",
    "bench",
    "benchmark",
    "bin",
    "binaries",
    "binary",
    "build",
    "builder",
    "check",
    "ci",
    "compile",
    "coverage",
    "deps",
    "docs",
    "e2e",
    "export",
    "format",
    "generate",
    "generated",
    "gen",
    "lint",
    "linter",
    "out",
    "output",
    "update",
    "validate",
    "vendor",
    "vet",
];

/// Words for stages that test or check something.
const CHECKS: [&str; 17] = [
    "bench",
    "benchmark",
    "check",
    "checks",
    "coverage",
    "e2e",
    "lint",
    "linter",
    "spec",
    "test",
    "tester",
    "testing",
    "tests",
    "unittest",
    "validate",
    "verify",
    "vet",
];

/// Whether a stage of that name is one to work or test in.
pub fn is_development(name: &str) -> bool {
    has_word(name, &DEVELOPMENT)
}

/// Whether a stage of that name is one to ship: the name ends in a word for that.
pub fn is_production(name: &str) -> bool {
    let is = |word: &str| PRODUCTION.iter().any(|other| other.eq_ignore_ascii_case(word));
    words(name).next_back().is_some_and(is) && !is_development(name) && !is_tool(name)
}

/// Whether a stage of that name makes files or checks something, and is no image to run.
pub fn is_tool(name: &str) -> bool {
    has_word(name, &TOOLS)
}

/// Whether a stage of that name tests or checks something.
pub fn is_check(name: &str) -> bool {
    has_word(name, &CHECKS)
}

fn has_word(name: &str, list: &[&str]) -> bool {
    words(name).any(|word| list.iter().any(|other| other.eq_ignore_ascii_case(word)))
}

fn words(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    name.split(['-', '_', '.'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_and_not_letters() {
        assert!(is_development("app-dev") && is_development("Test") && !is_development("device"));
        assert!(is_production("prod") && is_production("web_release") && !is_production("release-notes"));
        assert!(!is_production("test-release") && !is_production("build-final"));
        assert!(is_check("e2e-base") && is_check("Test") && !is_check("latest") && !is_check("testdata"));
        assert!(is_tool("lint-go") && !is_tool("printer"));
    }
}
