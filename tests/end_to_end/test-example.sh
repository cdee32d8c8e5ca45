#!/usr/bin/env bash
# The README's C program, as it stands there, and the same in C++: every address of its two prefixes
# answers ping.
#   test-example.sh PREFIX PROGRAM
set -euo pipefail

# shellcheck source=tests/namespace.sh
. "$(dirname "${BASH_SOURCE[0]}")/../namespace.sh"
enter_namespace "$@"

fail() {
  echo "example: $*" >&2
  cat "$work/log" >&2
  exit 1
}

LD_LIBRARY_PATH=$(dirname "$(find "$1" -name libnetstack.a)") "$1/bin/$2" \
  >"$work/log" 2>&1 </dev/null &
process=$!
wait_for_device tun0 || fail "it ended early, or made no device within 10 s"

ip address add 10.7.255.254/16 dev tun0
ip address add fd07::ffff/64 dev tun0 nodad
ip link set tun0 up
for address in 10.7.0.1 10.7.3.4 10.7.200.1 fd07::1 fd07::abcd:1; do
  ping -n -q -c 2 -i 0.05 -W 2 "$address" >"$work/ping" 2>&1 || fail "$address did not answer"
  echo "$address answered"
done
kill -0 "$process" || fail "ended by itself"
