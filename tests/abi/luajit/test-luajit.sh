#!/usr/bin/env bash
# LuaJIT answers the system's ping over a TUN device, with the library alone and generated declarations.
#   test-luajit.sh LIBRARY DESCRIPTION
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
library=$1 description=$2

for file in "$library" "$description"; do
  [[ -f $file ]] || { echo "luajit: no file $file" >&2; exit 2; }
done
for tool in luajit timeout unshare ip ping; do
  command -v "$tool" >/dev/null || { echo "luajit: $tool is not installed" >&2; exit 2; }
done
# shellcheck source=tests/namespace.sh
. "$here/../../namespace.sh"
enter_namespace "$@"

"$("$here/../../../packaging/find-python.sh")" "$here/../declare.py" lua "$description" >"$work/netstack.lua"

# The device is there before the program, so that nobody has to wait for it.
ip tuntap add dev tun0 mode tun
ip address add 10.7.255.254/16 dev tun0
ip address add fd07::ffff/64 dev tun0 nodad
ip link set tun0 up

addresses=(10.7.0.1 10.7.3.4 10.7.200.1 fd07::1 fd07::abcd:1)
timeout 60 luajit "$here/answer.lua" "$work/netstack.lua" "$library" "${addresses[-1]}" >"$work/out" 2>&1 &
process=$!
fail() {
  echo "luajit: $*" >&2
  cat "$work/out" >&2
  exit 1
}
# A ping asks again until it has its answer, or fails.
for address in "${addresses[@]}"; do
  ping -n -q -c 1 -i 0.2 -w 15 "$address" >"$work/ping" 2>&1 || fail "$address is silent"
done
wait "$process" || fail "it failed"
diff -u <(printf 'answered as %s\n' "${addresses[@]}") <(uniq "$work/out") || fail "it said something else"
echo "luajit: ${#addresses[@]} pings answered"
