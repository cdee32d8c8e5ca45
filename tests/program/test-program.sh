#!/usr/bin/env bash
# The `netstack` command: what it refuses and how it says so, and the demo.
#   test-program.sh NETSTACK
set -euo pipefail

netstack=$1
sources=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../capi/program" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checks=0
failures=0

# run ARGUMENT...: the exit status goes to $status, the output to $work/out and $work/err.
run() {
  status=0
  checks=$((checks + 1))
  timeout 60 "$netstack" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

fail() {
  echo "netstack $1; it said:" >&2
  cat "$work/out" "$work/err" >&2
  failures=$((failures + 1))
}

# refused TEXT ARGUMENT...: exit 2, silence on stdout, one line on stderr that has TEXT in it.
refused() {
  local text=$1
  shift
  run "$@"
  if ((status != 2)); then
    fail "$*: exit $status, expected 2"
  elif [[ -s $work/out || $(wc -l <"$work/err") -ne 1 ]]; then
    fail "$*: expected one line on stderr and nothing else"
  elif ! grep -qF -- "$text" "$work/err"; then
    fail "$*: expected '$text' in the line"
  fi
}

# shown TEXT ARGUMENT...: exit 0, silence on stderr, TEXT on stdout.
shown() {
  local text=$1
  shift
  run "$@"
  if ((status != 0)) || [[ -s $work/err ]] || ! grep -qF -- "$text" "$work/out"; then
    fail "$*: exit $status, expected 0 and '$text' on stdout only"
  fi
}

# Commands and options.
refused 'demo, serve or replay'
refused 'unexpected argument ""' ''
refused 'dance' dance
refused '--dance' --dance
refused '--dance' serve --tun tun0 --dance
refused '--dance' serve --dance
refused '--dance' demo --dance
refused 'unexpected' demo unexpected
refused 'unexpected' serve --tun tun0 unexpected
refused 'in-memory' demo --in-memory=perhaps
refused '--tun is required' serve
refused '--tun is required' serve --prefix 10.0.0.0/8
refused '--tun needs a value' serve --tun
refused '--tun is given more than once' serve --tun tun0 --tun tun1
refused 'unexpected argument "serve"' demo serve --tun tun0
refused 'two files' replay
refused 'two files' replay in.pcap
refused 'two files' replay --seed 1 in.pcap
refused 'two files' replay '' out.pcap
refused 'unexpected argument "more"' replay in.pcap out.pcap more
refused '--dance' replay in.pcap out.pcap --dance
refused '--seed is given more than once' replay in.pcap out.pcap --seed 1 --seed=2
refused '--stats needs a value' replay in.pcap out.pcap --stats
refused '--stats ""' replay in.pcap out.pcap --stats ''
refused 'promiscuous' replay in.pcap out.pcap --promiscuous=perhaps

# Values.
refused '"a-name-too-long!"' serve --tun 'a-name-too-long!'
refused '--tun needs a value' serve --tun=
refused '--tun ""' serve --tun ''
for mtu in 0 67 65536 -1 1500x x 1e3 99999999999999999999; do
  refused "--mtu \"$mtu\"" serve --tun tun0 "--mtu=$mtu"
done
for interval in -1 x 1s nan inf 1e9; do
  refused "--interval \"$interval\"" serve --tun tun0 "--interval=$interval"
done
for prefix in nonsense 10.0.0.0 10.0.0.0/33 10.0.0.0/ 10.0.0/8 /8 fd07::/129 fd07:::/64 ::/-1; do
  refused "--prefix \"$prefix\"" serve --tun tun0 "--prefix=$prefix"
  refused "--address \"$prefix\"" serve --tun tun0 "--address=$prefix"
  refused "--host-address \"$prefix\"" serve --tun tun0 "--host-address=$prefix"
  refused "\"$prefix\"" serve --tun tun0 "--policy=$prefix=reply"
done
refused 'did you mean 10.7.0.0/16?' serve --tun tun0 --prefix 10.7.0.1/16
refused 'did you mean fd07::/64?' serve --tun tun0 --prefix fd07::1/64
refused 'given twice' serve --tun tun0 --prefix 10.0.0.0/8 --prefix fd07::/64 --prefix 10.0.0.0/8
refused 'given twice' serve --tun tun0 --address 10.7.0.1/16 --address 10.7.0.1/24
# The library knows that these are no addresses of a stack.
refused '224.0.0.1' serve --tun tun0 --address 224.0.0.1/24
refused '10.7.1.0/24' serve --tun tun0 --prefix 10.7.0.0/16 10.7.1.0/24

# Policies.
policy() { refused "$1" serve --tun tun0 --prefix 10.0.0.0/8 --policy "$2"; }
policy '"10.0.0.0/8"' 10.0.0.0/8
policy '"10.0.0.0/8="' 10.0.0.0/8=
policy '"=reply"' =reply
policy '"dance"' 10.0.0.0/8=dance
policy '"REPLY"' 10.0.0.0/8=REPLY
policy '"reply:1"' 10.0.0.0/8=reply:1
policy 'did you mean 10.0.0.0/8?' 10.0.0.1/8=reply
policy 'delay is not available in this version' 10.0.0.0/8=delay:4242
policy '"soon" is no delay' 10.0.0.0/8=delay:soon
policy '"" is no delay' 10.0.0.0/8=delay:
policy '"-1" is no delay' 10.0.0.0/8=delay:-1
policy 'needs a parameter' 10.0.0.0/8=delay
for kind in net-unreachable host-unreachable protocol-unreachable port-unreachable \
  admin-prohibited; do
  policy 'reject is not available in this version' "10.0.0.0/8=reject:$kind"
done
policy '"dance" is no way to reject' 10.0.0.0/8=reject:dance
policy 'hops is not available in this version' 10.0.0.0/8=hops:10.0.0.1,10.0.0.2
policy 'hops is not available in this version' fd07::/64=hops:fd07::1
policy '"" is no hop' 10.0.0.0/8=hops:10.0.0.1,
policy '"fd07::1" is no hop' 10.0.0.0/8=hops:10.0.0.1,fd07::1
refused '--policy 10.0.0.0/8=reply and --policy 10.0.0.0/8=drop contradict' serve --tun tun0 \
  --policy 10.0.0.0/8=reply --policy fd07::/64=drop --policy 10.0.0.0/8=drop

# What a replay is given. Arguments are looked at before files: these do not exist.
replay() { refused "$1" replay in.pcap out.pcap "${@:2}"; }
for mtu in 0 67 65536 -1 1500x x '' 99999999999999999999; do
  replay "--mtu \"$mtu\"" --mtu "$mtu"
done
replay '--mtu "1279": no MTU; use 1280 to 65535 bytes' --mtu 1279 --address fd07::1/64
replay '--mtu "1279": no MTU; use 1280 to 65535 bytes' --prefix fd07::/64 --mtu=1279
replay '"in.pcap": No such file' --mtu 1279 --address 10.0.0.1/8
replay '"in.pcap": No such file' --mtu 1280 --address fd07::1/64
for seed in -1 x 1x '' 0x1 18446744073709551616; do
  replay "--seed \"$seed\"" --seed "$seed"
done
replay '"in.pcap": No such file' --seed 18446744073709551615
for handler in dance '' REPLY reply: reply:1 none,reply; do
  replay "--handler \"$handler\": no handler" --handler "$handler"
done
replay 'defer is not available in this version' --handler defer:4242
replay '"soon" is no delay' --handler defer:soon
replay '"" is no delay' --handler defer:
replay '"-1" is no delay' --handler defer:-1
replay 'needs a parameter' --handler defer
replay 'needs a parameter' --handler reject
for kind in net-unreachable host-unreachable protocol-unreachable port-unreachable \
  admin-prohibited; do
  replay 'reject is not available in this version' --handler "reject:$kind"
done
replay '"dance" is no way to reject' --handler=reject:dance
replay '"" is no way to reject' --handler reject:
for socket in 10.0.0.1 10.0.0.1: :1 10.0.0.1:65536 10.0.0.1:-1 10.0.0.1:x '[10.0.0.1]:1' \
  fd07::1:1 '[fd07::1]' '[fd07::1]1' '[]:1' '' nonsense:1; do
  replay "--ping-socket \"$socket\": no address and identifier" --ping-socket "$socket"
done
replay 'identifier 0' --ping-socket 10.0.0.1:0
for prefix in nonsense 10.0.0.0 10.0.0.0/33 fd07::/129; do
  replay "--prefix \"$prefix\"" "--prefix=$prefix"
  replay "--address \"$prefix\"" --address "$prefix"
done
replay 'did you mean 10.7.0.0/16?' --prefix 10.7.0.1/16
replay 'given twice' --address 10.7.0.1/16 --address 10.7.0.1/24

# Help.
version=$(<"$sources/../../VERSION")
shown "netstack $version" --version
shown 'serve' --help
shown '--in-memory' demo --help
shown '--policy' serve --help
shown '--ping-socket' replay --help

# The demo. The text of the handler that it shows is that of the one that ran.
shown 'No system ping ran: --in-memory was given.' demo --in-memory
if ! grep -qE '^([0-9]+) of \1 answers as promised$' "$work/out" || grep -q FAILED "$work/out"; then
  fail 'demo --in-memory: an answer was not as promised'
fi
code=$(awk '/^\/\/ The rooms of the network/ { on = 1 } on; on && /^}/ { exit }' \
  "$sources/demo_handler.cc")
if [[ -z $code || $(sed 's/^  //' "$work/out") != *"$code"* ]]; then
  fail 'demo: the handler that it shows is not the one in demo_handler.cc'
fi
shown 'answers as promised' demo
if grep -q 'No system ping ran' "$work/out"; then
  echo "demo: $(grep 'No system ping ran' "$work/out")"
fi

echo "$checks checks, $failures failed"
((failures == 0))
