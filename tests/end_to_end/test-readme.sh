#!/usr/bin/env bash
# What the README has people type around its programs, as it stands there: the device, and the program without code.
#   test-readme.sh NETSTACK
set -euo pipefail

# shellcheck source=tests/namespace.sh
. "$(dirname "${BASH_SOURCE[0]}")/../namespace.sh"
enter_namespace "$@"

lines=$(cd "$(dirname "${BASH_SOURCE[0]}")/../install" && pwd)/readme-lines.sh
PATH=$(dirname "$1"):$PATH
cd "$work"

fail() {
  echo "readme: $*" >&2
  cat log >&2 2>/dev/null || true
  exit 1
}

ip link set lo up
device=$("$lines" --behind "The device and the host's own addresses")
eval "$device"
ip -o address show dev tun0 | grep -q ' 10\.7\.255\.254/16 ' || fail "tun0 has not the host's address"
ip link delete tun0
echo "the device is made"

program=$("$lines" --behind "The same without code")
# The first command, which goes on over a line, runs until Ctrl-C; the second takes what it captured.
serve=$(sed -n '1,2p' <<<"$program") replay=$(sed -n '3,$p' <<<"$program")
env --default-signal=INT bash -c "exec $serve" >log 2>&1 </dev/null &
process=$!
wait_for_device "$is_up" || fail "serve ended early, or the device did not come up within 10 s"
ping -n -q -c 2 -i 0.05 -W 2 10.7.1.1 >>log || fail "10.7.1.1 did not answer"
if ping -n -q -c 1 -W 1 10.7.2.1 >>log; then fail "10.7.2.1 answered"; fi
kill -INT "$process"
wait "$process" || fail "serve failed"
process=
mv out.pcap in.pcap
eval "$replay" >>log 2>&1 || fail "replay failed"
(($(stat -c %s out.pcap) > 24)) || fail "replay sent nothing"
echo "it serves and replays"
