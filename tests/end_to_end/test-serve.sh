#!/usr/bin/env bash
# `netstack serve` on a TUN device, in a network namespace of its own: who answers ping, who does not,
# and how it ends.
#   test-serve.sh NETSTACK
set -euo pipefail

# shellcheck source=tests/namespace.sh
. "$(dirname "${BASH_SOURCE[0]}")/../namespace.sh"
enter_namespace "$@"

netstack=$1

fail() {
  echo "serve: $*; its output:" >&2
  cat "$work/out" "$work/err" >&2 2>/dev/null || true
  exit 1
}

# start ARGUMENT...: runs serve until its device is up. A shell starts background jobs with SIGINT ignored.
start() {
  env --default-signal=INT "$netstack" serve "$@" >"$work/out" 2>"$work/err" </dev/null &
  process=$!
  wait_for_device "$is_up" || fail "it ended early, or the device did not come up within 10 s"
}

# stop SIGNAL: the program ends by itself, with exit status 0 and a table.
stop() {
  local status=0
  kill "-$1" "$process"
  for _ in {1..50}; do
    kill -0 "$process" 2>/dev/null || break
    sleep 0.1
  done
  if kill -0 "$process" 2>/dev/null; then fail "still runs 5 s after SIG$1"; fi
  wait "$process" || status=$?
  process=
  ((status == 0)) || fail "exit $status after SIG$1"
  (($(wc -l <"$work/out") > 3)) || fail "no final table after SIG$1"
}

# answers ADDRESS OPTION...: every ping is answered; is_silent: none is.
answers() { ping -n -q -c 3 -i 0.05 -W 2 "${@:2}" "$1" >"$work/ping" 2>&1 || fail "$* did not answer"; }
is_silent() {
  local status=0
  ping -n -q -c 2 -i 0.2 -W 1 "$1" >"$work/ping" 2>&1 || status=$?
  ((status == 1)) || fail "$1 answered, or ping could not run (exit $status)"
  grep -q ' 100% packet loss' "$work/ping" || fail "$1 answered"
}

ip link set lo up
capture=$work/out.pcap
start --tun tun0 --host-address 10.7.255.254/16 --prefix 10.7.0.0/16 \
  --policy 10.7.1.0/24=reply --policy 10.7.2.0/24=drop --policy 10.7.3.0/24=decline \
  --policy 10.7.2.9/32=reply --pcap "$capture"

answers 10.7.1.1
answers 10.7.1.254 -s 1400
answers 10.7.2.9 # the longest prefix decides
is_silent 10.7.2.1
is_silent 10.7.3.1
stop INT
cat "$work/out"

# Little- or big-endian, microseconds or nanoseconds.
magic=$(od -An -N4 -tx1 "$capture" | tr -d ' ')
case $magic in
  d4c3b2a1 | a1b2c3d4 | 4d3cb2a1 | a1b23c4d) ;;
  *) fail "$capture starts with '$magic': not a pcap file" ;;
esac
(($(stat -c %s "$capture") > 24 + 6 * (16 + 28))) || fail "$capture has too few packets"

echo "-- again, ended by SIGTERM, IPv6 too"
start --tun tun0 --host-address 10.7.255.254/16 --host-address fd07::ffff/64 \
  --prefix 10.7.0.0/16 --prefix fd07::/64 --policy 10.7.0.0/16=reply --policy fd07::/64=reply
answers 10.7.9.9
answers fd07::1234
stop TERM

echo "serve: all as promised"
