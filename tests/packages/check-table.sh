#!/usr/bin/env bash
# Each row of the README's install table is typed by exactly one test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

rows=$(tests/install/readme-lines.sh --rows | sort)
(($(wc -l <<<"$rows") > 5)) || {
  echo "README.md: no install table" >&2
  exit 1
}
if ! diff --label "rows of README.md" --label "rows that tests type" -u <(echo "$rows") \
  <(grep -rhoP --include='*.sh' 'readme-lines\.sh" "\K[^"]+' tests | sort); then
  echo "README.md: its install table and the tests differ" >&2
  exit 1
fi
