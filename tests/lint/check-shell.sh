#!/usr/bin/env bash
# Every shell script passes shellcheck and stops at its first error.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mapfile -t files < <(tests/lint/list-files.sh '*.sh' '.ci/run')
shellcheck "${files[@]}"

status=0
for file in "${files[@]}"; do
  if ! grep -qx 'set -euo pipefail' "$file"; then
    echo "$file: lacks 'set -euo pipefail'" >&2
    status=1
  fi
done
exit "$status"
