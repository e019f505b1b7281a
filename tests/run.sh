#!/bin/bash
# All tests: format, lints, unit and integration tests, and the real editors. Needs cargo with rustfmt and clippy, and a C
# compiler; the editors are fetched through apt (tests/editors/install.sh) and skipped with a line where that can't be.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo fmt --all --check
cargo clippy --workspace --all-targets -- -D warnings
cargo test --workspace
cargo build --release
tests/editors/run.sh
