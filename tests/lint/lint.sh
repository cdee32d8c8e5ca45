#!/usr/bin/env bash
# Runs every check of this folder and reports all that is wrong, not only the first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

status=0
for check in tests/lint/check-*.sh; do
  if "$check"; then
    echo "ok      $check"
  else
    echo "FAILED  $check"
    status=1
  fi
done
exit "$status"
