#!/usr/bin/env bash
# No word that codespell knows to be wrong.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mapfile -t files < <(tests/lint/list-files.sh | grep -vE '^LICENSE$|^tests/fuzz/corpus/|(^|/)go\.sum$|/testdata/')
# The names of tests are not words, and Rust's packages are called crates.
codespell --ignore-words-list=pullrequest,crate "${files[@]}"
