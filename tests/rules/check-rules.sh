#!/usr/bin/env bash
# Holds the list of rules against the tests that there are: all forty rules are in it, once and in
# order, and every test that it names exists and runs.
#   check-rules.sh PROGRAM [LIST]
set -euo pipefail

program=$1
list=${2:-$(dirname "${BASH_SOURCE[0]}")/rules.md}

declare -A exists
while IFS= read -r name; do exists[$name]=1; done < <(
  "$program" --gtest_list_tests | awk '/^[^ ]/ { suite = $1 } /^ / { print suite $1 }'
)
if ((${#exists[@]} == 0)); then
  echo "$program: lists no test" >&2
  exit 1
fi

status=0
complain() {
  echo "$list: rule $1: $2" >&2
  status=1
}

# Each name in `code` must be a test. Sets `names` to how many there were.
check_names() {
  local rule=$1 cell=$2 rest name
  names=0
  rest=$cell
  while [[ $rest =~ \`([^\`]+)\`(.*) ]]; do
    name=${BASH_REMATCH[1]} rest=${BASH_REMATCH[2]}
    names=$((names + 1))
    if [[ -z ${exists[$name]:-} ]]; then complain "$rule" "there is no test $name"; fi
    if [[ $name == *DISABLED_* ]]; then complain "$rule" "$name does not run"; fi
  done
}

next=1
tests=0
while IFS='|' read -r _ number rule ipv4 ipv6 note _; do
  number=${number// /}
  if [[ ! $number =~ ^[0-9]+$ ]]; then continue; fi
  if ((number != next)); then complain "$number" "expected rule $next here"; fi
  next=$((number + 1))
  if [[ -z ${rule// /} ]]; then complain "$number" "says nothing"; fi
  for cell in "$ipv4" "$ipv6"; do
    check_names "$number" "$cell"
    tests=$((tests + names))
    # Who has no test says why.
    if ((names == 0)) &&
      [[ ! $note =~ "not yet: needs "|"changed: contract section "|"only IPv4: "|"only IPv6: " ]]; then
      complain "$number" "names no test for a family, and not why"
    fi
  done
done < <(grep '^|' "$list")

if ((next != 41)); then complain "$next" "is missing; there are forty"; fi
echo "rules: $((next - 1)) rules, $tests names of ${#exists[@]} tests"
exit "$status"
