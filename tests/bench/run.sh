#!/usr/bin/env bash
# Builds the bench as a release and prints its table: the echo in process, memory, the echo over a
# TUN device. Takes some minutes on a quiet machine.
#   run.sh [--verify] [OPTION OF GOOGLE BENCHMARK...]
# --verify: shows that every contestant's answers are right, and times nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

for tool in cmake ninja gcc g++ cargo pkg-config strip ip; do
  if ! command -v "$tool" >/dev/null; then
    echo "run.sh: $tool is missing" >&2
    exit 1
  fi
done

build=build/bench
log=$(mktemp)
stripped=$(mktemp)
trap 'rm -f "$log" "$stripped"' EXIT
if ! {
  cmake --preset release -B "$build" -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ \
    -DNETSTACK_BUILD_BENCH=ON -DNETSTACK_BENCH_SMOLTCP=ON -DNETSTACK_CARGO="$(command -v cargo)" \
    -DNETSTACK_BUILD_TESTS=OFF -DNETSTACK_BUILD_PROGRAM=OFF -DNETSTACK_BUILD_EXAMPLES=OFF
  cmake --build "$build" -j "${NETSTACK_JOBS:-$(nproc)}"
} >"$log" 2>&1; then
  tail -n 40 "$log" >&2
  exit 1
fi
# Where smoltcp is left out, CMake says why.
grep 'leaves smoltcp out' "$log" | sed 's/^-- /run.sh: /' >&2 && exit 1

if [[ ${1:-} == --verify ]]; then exec "$build/bin/netstack_bench" --verify; fi

row() { printf '%-80s %12.1f %s\n' "$@"; }

echo "netstack $(<VERSION), $(gcc --version | sed -n 1p), $(cargo --version)"
echo "$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | sed -n 1p), $(nproc) cores," \
  "Linux $(uname -r), load $(cut -d ' ' -f 1 /proc/loadavg), $(date -u +%F)"

printf '\nThe echo in process\n'
"$build/bin/netstack_bench" "$@"

printf '\nMemory and configuration\n'
"$build/bin/netstack_bench_memory"
empty=$("$build/bin/netstack_bench_empty")
one_stack=$("$build/bin/netstack_bench_one_stack")
row "resident: a C program with one stack, beyond an empty one (goal: below 2,048)" $((one_stack - empty)) KiB
strip -o "$stripped" "$build/lib/libnetstack.so"
row "the shared library, stripped (goal: below 1,024)" "$(($(stat -c %s "$stripped") / 1024))" KiB

printf '\nThe echo over a device\n'
"$build/bin/netstack_bench_tun"
