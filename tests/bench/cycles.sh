#!/usr/bin/env bash
# Counts the instructions of one echo with callgrind and prints what they are for, by the source
# file that they come from, inlined or not. Needs valgrind.
#   cycles.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

for tool in cmake ninja gcc g++ valgrind awk; do
  if ! command -v "$tool" >/dev/null; then
    echo "cycles.sh: $tool is missing" >&2
    exit 1
  fi
done

build=build/cycles
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! {
  cmake --preset release -B "$build" -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ \
    -DCMAKE_CXX_FLAGS=-g -DNETSTACK_BUILD_BENCH=ON -DNETSTACK_BENCH_SMOLTCP=OFF \
    -DNETSTACK_BUILD_TESTS=OFF -DNETSTACK_BUILD_PROGRAM=OFF -DNETSTACK_BUILD_EXAMPLES=OFF
  cmake --build "$build" -j "${NETSTACK_JOBS:-$(nproc)}" --target netstack_bench_cycles
} >"$work/log" 2>&1; then
  tail -n 40 "$work/log" >&2
  exit 1
fi

# Reads callgrind's output: "fl", "fi" and "fe" name the file that the following costs are of; a
# line after "calls" is what the callee cost, and is counted there.
# shellcheck disable=SC2016
each_instruction='
  /^ob=/ { object = substr($0, 4); next }
  /^f[lie]=/ { path = substr($0, 4); next }
  /^calls=/ { skip = 1; next }
  /^0x/ {
    if (skip) { skip = 0; next }
    printf "%20s\t%s\t%s\t%d\n", $1, object, path, $3
  }'
# In the order of addresses: what comes from a header of the standard library belongs to whatever
# stands before it.
# shellcheck disable=SC2016
by_purpose='
  function purpose(object, path,   name) {
    name = path; sub(".*/", "", name)
    if (object ~ /libc[.-]/ || object ~ /ld-linux/) return "copy"
    if (path ~ /\/include\/c\+\+\//) return last
    if (name ~ /^counters\./) return "counters"
    if (name ~ /^(address_table|destination|prefix_tree)\./) return "lookup"
    if (path ~ /\/wire\// || name ~ /^((ip|icmp)v[46]_input|icmp_checksum|packet|input)\./)
      return "validation"
    if (name ~ /^(entry|user_call|thread_record|epoch|registry|origin)\./) return "entry, poisoning"
    if (name ~ /^(echo_reply|byte_order|output)\./) return "reply"
    if (path ~ /\/link\//) return "output"
    if (path ~ /\/icmp\// || name ~ /^(echo|request)\./) return "handler"
    if (name ~ /^netstack_contestant\./) return "the caller and its handler"
    return "dispatch"
  }
  { last = purpose($2, $3); cost[last] += $4 }
  END { for (p in cost) printf "%s\t%.0f\n", p, cost[p] / 1000 }'

columns=("v4 56 none" "v4 56 replies" "v6 56 none" "v6 56 replies" "v4 1400 replies")
for column in "${columns[@]}"; do
  read -ra arguments <<<"$column"
  valgrind --tool=callgrind --callgrind-out-file="$work/out" --compress-strings=no \
    --compress-pos=no --dump-instr=yes --collect-atstart=no --toggle-collect=CountedEchoes \
    "$build/bin/netstack_bench_cycles" "${arguments[@]}" >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2 && exit 1; }
  awk "$each_instruction" "$work/out" | sort -s -k 1,1 |
    awk -F '\t' "$by_purpose" >"$work/${column// /_}"
done

printf '%-26s' 'instructions for one echo'
for column in "${columns[@]}"; do printf '%18s' "$column"; done
printf '\n'
for purpose in validation lookup 'entry, poisoning' handler reply copy output counters dispatch \
  'the caller and its handler'; do
  printf '%-26s' "$purpose"
  for column in "${columns[@]}"; do
    printf '%18s' "$(awk -F '\t' -v p="$purpose" '$1 == p { n = $2 } END { print n + 0 }' \
      "$work/${column// /_}")"
  done
  printf '\n'
done
printf '%-26s' 'all'
for column in "${columns[@]}"; do
  printf '%18s' "$(awk -F '\t' '{ n += $2 } END { print n }' "$work/${column// /_}")"
done
printf '\n'
