#!/usr/bin/env bash
# For jobs that count by themselves to source: each check counts as one, tests are added to that, and finish()
# prints "N passed, M failed" as the last line.
set -euo pipefail

passed=0 failed=0

# check NAME COMMAND...: false if the command failed.
check() {
  local name=$1 begin=$SECONDS
  shift
  echo "== $name"
  if "$@"; then
    echo "== ok: $name, $((SECONDS - begin)) s"
    passed=$((passed + 1))
  else
    echo "== FAILED: $name, $((SECONDS - begin)) s"
    failed=$((failed + 1))
    return 1
  fi
}

# add_tests NAME STATUS PASSED FAILED: of a run of tests that ended with that status. One that ran none, or failed
# for another reason than its tests, counts as one that failed.
add_tests() {
  local name=$1 status=$2 good=$3 bad=$4
  if ((bad == 0 && (status != 0 || good == 0))); then
    echo "== FAILED: $name, with status $status"
    bad=1
  fi
  echo "== $name: $good passed, $bad failed"
  passed=$((passed + good)) failed=$((failed + bad))
}

finish() {
  echo "== all of it: $SECONDS s"
  echo "$passed passed, $failed failed"
  exit $((failed > 0))
}
