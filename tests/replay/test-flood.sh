#!/usr/bin/env bash
# A hundred thousand packets: each is answered, twice the same, and it does not take long.
#   test-flood.sh NETSTACK CAPTURE-TEXT
set -euo pipefail

netstack=$(realpath "$1")
capture_text=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
count=100000

"$capture_text" echoes "$count" in.pcap
start=$(date +%s%N)
"$netstack" replay in.pcap out.pcap --prefix 10.0.0.0/8 --handler reply --stats stats.json
echo "$count packets took $((($(date +%s%N) - start) / 1000000)) ms"
"$netstack" replay in.pcap again.pcap --prefix 10.0.0.0/8 --handler reply --stats again.json
cmp out.pcap again.pcap
cmp stats.json again.json

# Requests and replies are of the same lengths.
[[ $(wc -c <out.pcap) -eq $(wc -c <in.pcap) ]]
for counter in nic.1.rx.packets icmp.v4.sent.echo_reply forwarder.replied; do
  if ! grep -qx "  \"$counter\": $count,\?" stats.json; then
    echo "$counter is not $count" >&2
    exit 1
  fi
done
