#!/bin/bash
# All tests: format, lints, unit and integration tests, whether their conversations keep to the protocol, and the real editors.
# Needs cargo with rustfmt and clippy, and a C compiler; Python, if it is not there, and the editors are fetched through apt
# (tests/editors/install.sh), and the editors skipped with a line where that can't be.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo fmt --all --check
cargo clippy --workspace --all-targets -- -D warnings
conversations=$(mktemp -d)
trap 'rm -rf "$conversations"' EXIT
DOCKERFILE_LS_CONVERSATIONS=$conversations cargo test --workspace
command -v python3 > /dev/null || { apt-get -qq update && apt-get -qq -y install python3; }
python3 -m unittest discover -s tests/editors
# What the tests and the server said to each other keeps to the specification.
python3 tests/editors/tap.py check "$conversations"/*.jsonl > "$conversations/verdict" || { cat "$conversations/verdict"; exit 1; }
tail -1 "$conversations/verdict"
cargo build --release
tests/editors/run.sh
