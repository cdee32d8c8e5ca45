#!/usr/bin/env bash
# Whom the probes ask: 10.9.0.1, fd09::1 and fe80::1 behind eth0, which lab.sh makes, and all of 10.8.0.0/16 and
# fd08::/64. Runs until it is killed.
#   peer.sh NETSTACK linux|netstack MTU
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
netstack=$1 peer=$2 mtu=$3
addresses=(10.9.0.1 fd09::1 fe80::1)
until ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done

if [[ $peer == linux ]]; then
  # No limit on errors, or a probe would be silent because of those before it.
  sysctl -eqw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 \
    net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=100000
  ip link set lo up
  ip address add 10.9.0.1/24 dev eth0
  ip address add fd09::1/64 dev eth0 nodad
  ip address add fe80::1/64 dev eth0 nodad
  ip link set eth0 addrgenmode none up
  ip route add local 10.8.0.0/16 dev lo
  ip route add local fd08::/64 dev lo
  ip route add default via 10.9.0.2
  ip route add default via fd09::2
  exec sleep infinity
fi

# The kernel has no address here, and says nothing.
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link set eth0 up
ip tuntap add dev tun0 mode tun
ip link set tun0 mtu "$mtu" up
setpriv --pdeathsig KILL "$here/bridge.py" eth0 tun0 "${addresses[@]}" &
exec "$netstack" serve --tun tun0 --mtu "$mtu" --address 10.9.0.1/24 --address fd09::1/64 --address fe80::1/64 \
  --prefix 10.8.0.0/16 --policy 10.8.0.0/16=reply --prefix fd08::/64 --policy fd08::/64=reply
