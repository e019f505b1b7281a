//! What names of stages tell about their purpose.

/// Parts of names of stages that people work with, and do not ship.
const WORK: [&str; 24] = [
    "bench",
    "benchmark",
    "build",
    "builder",
    "check",
    "ci",
    "coverage",
    "debug",
    "deps",
    "dev",
    "devcontainer",
    "develop",
    "development",
    "docs",
    "e2e",
    "format",
    "generate",
    "integration",
    "lint",
    "linter",
    "test",
    "tester",
    "tests",
    "vendor",
];

/// Parts of names of stages that people ship.
const SHIPPED: [&str; 10] =
    ["app", "deploy", "final", "image", "prod", "production", "release", "runner", "runtime", "server"];

/// Whether a stage of that name (in lower case) is for building, testing or developing.
pub fn is_for_work(name: &str) -> bool {
    has_part(name, &WORK) && !has_part(name, &SHIPPED)
}

fn has_part(name: &str, parts: &[&str]) -> bool {
    name.split(['-', '_', '.']).any(|part| parts.binary_search(&part).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_what_a_stage_is_for() {
        for name in ["dev", "unit-tests.ci", "builder", "go_lint"] {
            assert!(is_for_work(name), "{name}");
        }
        for name in ["prod", "app", "web", "test-server", "devops", "runtime-build"] {
            assert!(!is_for_work(name), "{name}");
        }
        assert!(WORK.is_sorted() && SHIPPED.is_sorted());
    }
}
