#!/usr/bin/env bash
# Everything about the ABI: the gate, and the proof that it notices what it must. Each check counts as one beside
# the cases of the proof; the last line is "N passed, M failed".
#   run.sh BUILD-FOLDER      a release, with tests
set -euo pipefail
build=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=tests/checks.sh
. ../checks.sh
python=$(../../packaging/find-python.sh)

# run_cases NAME COMMAND...: adds the cases that a command counts in its last line.
run_cases() {
  local name=$1 status=0 output
  shift
  echo "== $name"
  output=$("$@" 2>&1) || status=$?
  echo "$output"
  if [[ $(tail -n 1 <<<"$output") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    add_tests "$name" "$status" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
  else
    add_tests "$name" "$status" 0 0
  fi
}

check "check-abi.sh" ./check-abi.sh "$build" || true
run_cases "self_test.py" "$python" self_test.py
check "test-luajit.sh" luajit/test-luajit.sh "$build/lib/libnetstack.so" ../../capi/abi/netstack.json || true
finish
