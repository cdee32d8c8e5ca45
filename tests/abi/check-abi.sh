#!/usr/bin/env bash
# The ABI gate: the library of a release build, its headers, its version script and the baseline in capi/abi
# agree; then the headers in every dialect, and which wrapper uses what.
#   check-abi.sh BUILD-FOLDER            checks
#   check-abi.sh BUILD-FOLDER --renew    makes the baseline say what the headers say; refuses to drop or change
#                                        what was released (--renew --break-unreleased allows the rest)
set -euo pipefail
if [[ $# -eq 0 || ($# -gt 1 && $2 != --renew) ]]; then
  sed -n '2,6s/^# //p' "$0" >&2
  exit 2
fi
build=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

python=$(packaging/find-python.sh)
cmake --build "$build" --target netstack netstack_with_types -j "${NETSTACK_JOBS:-$(nproc)}" >/dev/null || {
  echo "abi: $build has no target netstack_with_types, or it can't be built: is it a build with tests?" >&2
  exit 2
}
subject=(--include capi/include --map capi/netstack.map --baseline capi/abi --program tests/abi/program.c
  --library "$build/lib/libnetstack.so" --debug-library "$build/lib/with_types/libnetstack.so")
if [[ ${2:-} == --renew ]]; then
  exec "$python" tests/abi/renew.py "${@:3}" CHANGELOG.md "${subject[@]}"
fi

status=0
"$python" tests/abi/gate.py "${subject[@]}" || status=1
# Python's uses are seen in its objects, by tests/python/run.sh.
uses=("$python" tests/abi/uses.py capi/abi/netstack.json tests/abi/unused.txt)
"${uses[@]}" c++ capi/include/netstack/hpp/*.hpp || status=1
mapfile -t go < <(find go/netstack -name '*.c' -o -name '*.go' ! -name '*_test.go')
"${uses[@]}" go "${go[@]}" || status=1
tests/headers/check-headers.sh || status=1
exit "$status"
