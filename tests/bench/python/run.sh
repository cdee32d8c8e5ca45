#!/usr/bin/env bash
# Builds the Python package as a release and measures it: cost of an echo, start, wheel, memory.
# Takes some minutes on a quiet machine.
#   run.sh [--quick]
# --quick: shows that everything can be measured; the figures mean nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

echoes=() memory=()
case ${1:-} in
  "") ;;
  --quick)
    echoes=(--rounds 2 --echoes 100)
    memory=(--echoes 1000)
    ;;
  *)
    echo "run.sh: no option $1" >&2
    exit 2
    ;;
esac

tools=$(packaging/make-python-tools.sh)
build=build/bench-python
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! {
  cmake --preset release -B "$build" -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ \
    -DNETSTACK_BUILD_TESTS=OFF -DNETSTACK_BUILD_PROGRAM=OFF -DNETSTACK_BUILD_EXAMPLES=OFF \
    -DNETSTACK_BUILD_PYTHON=ON -DPython_EXECUTABLE="$tools/bin/python"
  cmake --build "$build" -j "${NETSTACK_JOBS:-$(nproc)}"
} >"$log" 2>&1; then
  tail -n 40 "$log" >&2
  exit 1
fi
# The packets are those of the package's tests.
export PYTHONPATH=$PWD/$build/python:$PWD/python/tests

echo "netstack $(<VERSION), $("$tools/bin/python" --version), scapy" \
  "$("$tools/bin/python" -c 'from importlib.metadata import version; print(version("scapy"))')"
echo "$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | sed -n 1p), $(nproc) cores," \
  "load $(cut -d ' ' -f 1 /proc/loadavg), $(date -u +%F)"
printf '\n'
"$tools/bin/python" tests/bench/python/echoes.py "${echoes[@]}"
printf '\n'
"$tools/bin/python" tests/bench/python/startup.py
if [[ ${1:-} != --quick ]]; then
  wheel=$(packaging/build-wheel.sh 2>>"$log") || {
    tail -n 20 "$log" >&2
    exit 1
  }
  echo "$wheel: $(($(stat -c %s "$wheel") / 1024)) KiB"
fi
"$tools/bin/python" tests/bench/python/memory.py "${memory[@]}"
