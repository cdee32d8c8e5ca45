#!/usr/bin/env bash
# Replays each file of cases/ and compares every byte that the stack sends, and the counters.
#   test-cases.sh NETSTACK CAPTURE-TEXT [CASE...]
set -euo pipefail

netstack=$(realpath "$1")
capture_text=$(realpath "$2")
shift 2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cases=("$@")
if ((${#cases[@]} == 0)); then cases=("$here"/cases/*.txt); fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# lines WORD FILE: what follows the word on the lines that begin with it.
lines() { sed -n "s/^$1 //p" "$2"; }

# "TIME BYTES" with blanks among the bytes: as `capture_text read` writes it.
without_blanks() { sed 's/ /=/; s/ //g; s/=/ /'; }

fail() {
  echo "$1: $2" >&2
  failures=$((failures + 1))
}

run_case() {
  local name=$1 file=$2 link format options=()
  link=$(lines link "$file")
  format=$(lines format "$file")
  read -ra options < <(lines options "$file" | tr '\n' ' ') || true
  lines in "$file" | "$capture_text" write "${format:-micro}" "${link:-101}" "$work/in.pcap"
  if ! "$netstack" replay "$work/in.pcap" "$work/out.pcap" --stats "$work/stats.json" \
    "${options[@]}" >"$work/said" 2>&1 || [[ -s $work/said ]]; then
    fail "$name" "refused, or not silent: $(<"$work/said")"
    return
  fi
  if ! diff -u --label expected --label sent <(lines out "$file" | without_blanks) \
    <("$capture_text" read "$work/out.pcap"); then
    fail "$name" "sent something else"
  fi
  local counter count
  while read -r counter count; do
    if ! grep -qxE "  \"${counter//./\\.}\": $count,?" "$work/stats.json"; then
      fail "$name" "$counter is not $count but $(grep -F "\"$counter\":" "$work/stats.json")"
    fi
  done < <(lines counter "$file")
}

for file in "${cases[@]}"; do
  run_case "$(basename "$file" .txt)" "$file"
done
echo "${#cases[@]} cases, $failures failed"
((${#cases[@]} > 0 && failures == 0))
