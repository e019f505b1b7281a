//! Which calls test or lint.

use super::call::Call;

/// Programs that do nothing else.
const TESTERS: [&str; 36] = [
    "ava",
    "bats",
    "behave",
    "ctest",
    "cucumber",
    "eslint",
    "flake8",
    "gotestsum",
    "hadolint",
    "jasmine",
    "jest",
    "karma",
    "mocha",
    "mypy",
    "nose2",
    "nosetests",
    "nox",
    "nyc",
    "parallel_test",
    "pest",
    "phpcs",
    "phpstan",
    "phpunit",
    "psalm",
    "pylint",
    "pyright",
    "pytest",
    "py.test",
    "rspec",
    "rubocop",
    "shellcheck",
    "staticcheck",
    "stylelint",
    "tox",
    "unittest",
    "vitest",
];

/// Whether a call tests or lints the project, and so is no step towards an image.
pub fn tests(call: Call) -> bool {
    let word = |index| call.word(index).unwrap_or_default();
    match call.name {
        "npm" | "pnpm" | "yarn" | "bun" => match word(0) {
            "run" | "run-script" => is_test(word(1)),
            "t" | "tst" => true,
            first => is_test(first),
        },
        "go" => matches!(word(0), "test" | "vet"),
        "cargo" => {
            let at = usize::from(word(0).starts_with('+'));
            matches!(word(at), "test" | "clippy" | "nextest" | "t" | "tarpaulin" | "llvm-cov")
        }
        "mvn" | "mvnw" => {
            let skipped = ["-DskipTests", "-DskipTests=true", "-Dmaven.test.skip", "-Dmaven.test.skip=true"];
            (call.says("test") || call.says("verify")) && !skipped.iter().any(|flag| call.says(flag))
        }
        "gradle" | "gradlew" => call.says("test") || call.says("check"),
        "dotnet" | "swift" | "mix" | "deno" | "dune" | "stack" | "cabal" | "meson" | "zig" | "flutter"
        | "dart" => is_test(word(0)),
        "bin/rails" | "rails" | "rake" | "composer" | "make" | "just" | "task" | "ninja" | "nx" | "turbo" => {
            (0..call.arguments.len()).any(|index| is_test(word(index)))
        }
        "manage.py" | "artisan" => word(0) == "test",
        "python" => word(0).ends_with("manage.py") && word(1) == "test",
        "php" => word(0).ends_with("artisan") && word(1) == "test",
        "golangci-lint" => word(0) == "run",
        "playwright" => word(0) == "test",
        "cypress" => word(0) == "run",
        "ruff" => word(0) == "check",
        "biome" => matches!(word(0), "check" | "lint" | "ci"),
        name => TESTERS.contains(&name),
    }
}

/// `test`, `test:unit`, `lint`, `check`, `unit-tests`; not `check-platform-reqs`.
fn is_test(target: &str) -> bool {
    let base = target.split(':').next().unwrap_or_default();
    let base = base.strip_prefix("unit-").or_else(|| base.strip_prefix("integration-")).unwrap_or(base);
    let base = ["-unit", "-integration", "-all", "-ci", "-coverage"]
        .iter()
        .find_map(|end| base.strip_suffix(end))
        .unwrap_or(base);
    matches!(
        base,
        "test" | "tests" | "lint" | "check" | "spec" | "unittest" | "e2e" | "typecheck" | "type-check"
    )
}
