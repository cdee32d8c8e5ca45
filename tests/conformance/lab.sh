#!/usr/bin/env bash
# One set of probes against one peer: a client's namespace and the peer's, with an Ethernet between them.
#   lab.sh NETSTACK linux|netstack SET FOLDER
set -euo pipefail

# shellcheck source=tests/namespace.sh
. "$(dirname "${BASH_SOURCE[0]}")/../namespace.sh"
enter_namespace "$@"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
netstack=$1 peer=$2 set=$3 folder=$4
mtu=1500
if [[ $set == mtu1280 ]]; then mtu=1280; fi
exec 2>"$folder/$set-$peer.log"

unshare --net "$here/peer.sh" "$netstack" "$peer" "$mtu" </dev/null >&2 &
process=$!
until [[ $(readlink "/proc/$process/ns/net") != "$(readlink /proc/self/ns/net)" ]]; do sleep 0.05; done

ip link set lo up
ip link add eth0 mtu "$mtu" address 02:00:00:00:00:02 type veth \
  peer name eth0 mtu "$mtu" address 02:00:00:00:00:01 netns "$process"
ip address add 10.9.0.2/24 dev eth0
ip address add fd09::2/64 dev eth0 nodad
ip link set eth0 up
ip route add 10.8.0.0/16 via 10.9.0.1
ip route add fd08::/64 via fd09::1
# About 500 packets in a second: we send 1000 errors in one.
if [[ $set == fuzz_ip6 ]]; then tc qdisc add dev eth0 root tbf rate 500kbit burst 2000 limit 10000000; fi
/usr/bin/python3 "$here/probe.py" "$set" >"$folder/$set-$peer.tsv"
