#!/usr/bin/env bash
# Runs one example as it stands, in whichever language, and asks it as users would. For a network namespace of its
# own.
#   play-example.sh NAME PROGRAM FOLDER      the folder receives what the program says
set -euo pipefail

name=$1 program=$2 work=$3
out=$work/out err=$work/err

fail() {
  echo "$name: $*" >&2
  exit 1
}

# The device is there before the program, so that nobody has to wait for it.
make_device() {
  ip tuntap add dev tun0 mode tun
  ip address add 10.7.255.254/16 dev tun0
  ip address add fd07::ffff/64 dev tun0 nodad
  ip link set tun0 up
}

# What a shell runs in the background ignores Ctrl-C, unless it is told otherwise.
start() {
  make_device
  env --default-signal=INT "$program" >"$out" 2>"$err" &
  process=$!
  trap 'kill "$process" 2>/dev/null || true' EXIT
}

# end STATUS: of a program that has nothing to complain about.
end() {
  local status=0
  kill -INT "$process"
  wait "$process" || status=$?
  ((status == $1)) || fail "it ended with status $status"
  [[ ! -s $err ]] || fail "it complained"
}

# A ping asks again until it has its answer, or fails.
ask() {
  local address
  for address in "$@"; do
    ping -n -q -c 1 -i 0.2 -w 15 "$address" || fail "$address is silent"
  done
}

must_say() { grep -qx "$1" "$out" || fail "it did not say: $1"; }

# in_front_of STACK ADDRESS...: the other stack keeps TCP and UDP at these addresses, ours has the pings.
in_front_of() {
  local stack=$1 address page url
  shift
  start
  ask 10.7.0.1 10.7.200.3 fd07::1 fd07::beef
  for address in "$@"; do
    url=http://$address/
    if [[ $address == *:* ]]; then url="http://[$address]/"; fi
    page=$(curl -sS --globoff --max-time 30 "$url")
    [[ $page == "$stack's TCP greets "* ]] || fail "$address has another page: $page"
    exec 3<>"/dev/udp/$address/7"
    echo "to $address" >&3
    [[ $(timeout 30 head -n 1 <&3) == "to $address" ]] || fail "no datagram from $address"
  done
  end 0
  [[ $(<"$out") =~ ^answered\ ([0-9]+)$ ]] || fail "other words"
  ((BASH_REMATCH[1] >= 4)) || fail "it was not ours that answered the pings"
}

ip link set lo up
case $name in
  ten_lines)
    start
    ask 10.7.0.1 10.7.3.4 10.7.200.1 fd07::1 fd07::abcd:1
    end 130 # Ctrl-C ends it as it ends any program: by the signal
    ;;

  observer)
    start
    ask 10.7.0.1 fd07::1
    end 0
    must_say '10.7.255.254 asks 10.7.0.1 with TTL 64'
    must_say 'fd07::ffff asks fd07::1 with TTL 64'
    must_say "answered $(grep -c ' asks ' "$out")"
    ;;

  large_space)
    start
    ask 10.7.0.1 10.7.200.3 fd07::beef
    end 0
    [[ $(<"$out") =~ ^consumed\ ([0-9]+)\ declined\ ([0-9]+)$ ]] || fail "other words"
    ((BASH_REMATCH[1] >= 2 && BASH_REMATCH[2] >= 1)) || fail "other numbers"
    ;;

  in_memory)
    "$program" >"$out" 2>"$err"
    must_say 'answered at 4.242s'
    ;;

  ping)
    # It makes the device. A host may need a second before a new device of its own has IPv6.
    while read -r address size; do
      "$program" "$address" >"$out" 2>"$err"
      grep -qEx "$size bytes from $address: icmp_seq=1 ttl=64 time=[0-9.]+(µs|ms)|no answer from $address in time" \
        "$out" || fail "not the first answer"
      for sequence in 2 3; do
        grep -qEx "$size bytes from $address: icmp_seq=$sequence ttl=64 time=[0-9.]+(µs|ms)" "$out" ||
          fail "no answer $sequence"
      done
    done <<<$'10.7.255.254 84\nfd07::ffff 104'
    ;;

  in_front_of_gvisor) in_front_of gVisor 10.7.0.1 fd07::1 ;;
  in_front_of_smoltcp) in_front_of smoltcp 10.7.0.1 10.7.200.3 fd07::1 fd07::beef ;;

  *) fail "nobody knows how to test this example" ;;
esac
