#!/usr/bin/env bash
# The README's C program, as it stands there, and the same in C++: every address of its two prefixes
# answers ping.
#   test-example.sh PREFIX PROGRAM
set -euo pipefail

if [[ ${3:-} != inside ]]; then
  namespace=(unshare --net)
  if [[ $(id -u) -ne 0 ]]; then namespace+=(--user --map-root-user); fi
  exec "${namespace[@]}" "$0" "$1" "$2" inside
fi

work=$(mktemp -d)
example=
# shellcheck disable=SC2317  # called by trap
clean_up() {
  if [[ -n $example ]]; then kill -KILL "$example" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap clean_up EXIT

fail() {
  echo "example: $*" >&2
  cat "$work/log" >&2
  exit 1
}

LD_LIBRARY_PATH=$(dirname "$(find "$1" -name libnetstack.a)") "$1/bin/$2" \
  >"$work/log" 2>&1 </dev/null &
example=$!
for _ in {1..100}; do
  if ip link show tun0 >/dev/null 2>&1; then break; fi
  kill -0 "$example" 2>/dev/null || fail "ended early"
  sleep 0.1
done

ip address add 10.7.255.254/16 dev tun0
ip address add fd07::ffff/64 dev tun0 nodad
ip link set tun0 up
for address in 10.7.0.1 10.7.3.4 10.7.200.1 fd07::1 fd07::abcd:1; do
  ping -n -q -c 2 -i 0.05 -W 2 "$address" >"$work/ping" 2>&1 || fail "$address did not answer"
  echo "$address answered"
done
kill -0 "$example" || fail "ended by itself"
