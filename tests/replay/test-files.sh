#!/usr/bin/env bash
# Files: every format and link type that is read, what is refused, and that a file which was there
# before stays as it is until there is a whole new one.
#   test-files.sh NETSTACK CAPTURE-TEXT
set -euo pipefail

netstack=$(realpath "$1")
capture_text=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
checks=0
failures=0

request=45000020000000004001f989c0a80002c0a8000108002e6604d2000161626364
reply=45000020000000004001f989c0a80001c0a800020000366604d2000161626364
request6=60000000000c3a40000a0000000000000000000000000002000a00000000000000000000000000018000b60804d2000161626364
reply6=60000000000c3a40000a0000000000000000000000000001000a00000000000000000000000000028100b50804d2000161626364
options=(--address 192.168.0.1/24 --address a::1/64)

fail() {
  echo "$1; it said: $(cat said 2>/dev/null)" >&2
  failures=$((failures + 1))
}

# check TEXT COMMAND...: the command succeeds.
check() {
  checks=$((checks + 1))
  "${@:2}" || fail "$1"
}

# write FORMAT LINK-TYPE LINE...: makes in.pcap.
write() {
  printf '%s\n' "${@:3}" | "$capture_text" write "$1" "$2" in.pcap
}

# run ARGUMENT...: the exit status goes to $status.
run() {
  status=0
  checks=$((checks + 1))
  timeout 60 "$netstack" replay "$@" >said 2>&1 </dev/null || status=$?
}

# sends LINE...: in.pcap is accepted, and these are sent.
sends() {
  rm -f out.pcap
  run in.pcap out.pcap --stats stats.json "${options[@]}"
  if ((status != 0)) || [[ -s said ]]; then
    fail "exit $status, expected 0 and silence"
  elif ! diff -u --label expected --label sent <(printf '%s\n' "$@" | sed '/^$/d') \
    <("$capture_text" read out.pcap); then
    fail "sent something else"
  fi
}

# counts NAME NUMBER: of the last run.
counts() {
  check "$1 is not $2" grep -qxE "  \"${1//./\\.}\": $2,?" stats.json
}

# refused TEXT ARGUMENT...: exit 2 and one line with TEXT in it; what stood in out.pcap and
# stats.json still does, and nothing else was left behind.
refused() {
  local text=$1
  shift
  echo 'a good capture' >out.pcap
  echo 'good counters' >stats.json
  ls -A >before
  run "$@"
  if ((status != 2)) || [[ $(wc -l <said) -ne 1 ]] || ! grep -qF -- "$text" said; then
    fail "replay $*: exit $status, expected 2 and one line with '$text'"
  elif [[ $(<out.pcap) != 'a good capture' || $(<stats.json) != 'good counters' ]]; then
    fail "replay $*: a file that was there is not what it was"
  elif ! diff before <(ls -A) >/dev/null; then
    fail "replay $*: left something behind: $(ls -A)"
  fi
}

# Formats. Time is written in microseconds.
for format in micro nano big-endian pcapng; do
  write "$format" 101 "5.000001 $request"
  sends "5.000001 $reply"
done
write nano 101 "5.000001999 $request"
sends "5.000001 $reply"
# Later than 2038, where a signed number of seconds ends.
write micro 101 "4000000000.000001 $request"
sends "4000000000.000001 $reply"

# Link types: raw IP of either or one family, Ethernet, Linux cooked of both versions.
both_ways() {
  sends "1.000000 $reply" "2.000000 $reply6"
  counts nic.1.rx.packets 2
}
write micro 101 "1 $request" "2 $request6" && both_ways
write micro 228 "1 $request" && sends "1.000000 $reply"
write micro 229 "1 $request6" && sends "1.000000 $reply6"
macs=020000000001020000000002 # Nobody looks at them.
write micro 1 "1 ${macs}0800 $request" "2 ${macs}86dd $request6" && both_ways
write pcapng 1 "1 ${macs}0800 $request" "2 ${macs}86dd $request6" && both_ways
# VLAN tags of IEEE 802.1Q and 802.1ad, one or two; padding to the shortest frame behind the packet.
write micro 1 "1 ${macs}81000001 0800 $request 0000000000" "2 ${macs}88a80002 81000001 86dd $request6"
both_ways
cooked=0000000100060200000000010000 # For us, from an Ethernet device.
write micro 113 "1 ${cooked}0800 $request" "2 ${cooked}8100 000186dd $request6" && both_ways
cooked2=000000000001000100060200000000010000 # What follows the protocol, which stands first.
write micro 276 "1 0800$cooked2 $request" "2 86dd$cooked2 $request6" && both_ways

# Frames without a packet for the stack: another protocol, shorter than their header or tag. The NIC
# counts them.
write micro 1 "1 ${macs}0806 0001080006040001" "2 $macs" "3" "4 ${macs}8100" "5 ${macs}8100 0001" \
  "6 ${macs}002a 4242030000"
sends ''
counts nic.1.rx.packets 6
counts nic.1.unknown_l3_protocol_rcvd_packets 6
write micro 101 "1" "2 00$request"
sends ''
counts nic.1.unknown_l3_protocol_rcvd_packets 2
# What holds another version than its link header says is malformed, whatever it is.
write micro 1 "1 ${macs}86dd $request" "2 ${macs}0800 $request6" "3 ${macs}0800" "4 ${macs}86dd"
sends ''
counts ip.packets_received 4
counts ip.malformed_packets_received 4
write micro 228 "1 $request6" && sends ''
counts ip.malformed_packets_received 1
# A packet longer than what was captured of it.
write micro 101 "1 ${request:0:60}" && sends ''
counts ip.malformed_packets_received 1

# Time. The past counts as the latest time seen.
write micro 101 "5.5 $request" "4 $request" "5.499999 $request" "6 $request"
sends "5.500000 $reply" "5.500000 $reply" "5.500000 $reply" "6.000000 $reply"

# A capture of nothing.
: | "$capture_text" write micro 101 in.pcap
sends ''
counts ip.packets_received 0
: | "$capture_text" write pcapng 101 in.pcap
sends ''

# Same input and seed, same bytes.
write micro 101 "1 $request" "2 $request6"
run in.pcap out.pcap --stats stats.json --seed 7 "${options[@]}"
run in.pcap again.pcap --stats again.json --seed 7 "${options[@]}"
check 'another run sent something else' cmp out.pcap again.pcap
check 'another run counted something else' cmp stats.json again.json

# Nothing is longer than the MTU.
write micro 101 "1 $request" "2 45000064000000004001f945c0a80002c0a80001 0800f7ff$(printf '%0152d' 0)"
run in.pcap out.pcap --address 192.168.0.1/24 --mtu 68
"$capture_text" read out.pcap >text
check 'a reply that fits' grep -qx "1.000000 $reply" text
check 'a reply that does not fit' test "$(cut -d ' ' -f 2 text | wc -L)" -le 136

# What is no capture, or none that can be replayed.
refused '"missing.pcap": No such file' missing.pcap out.pcap
refused 'Is a directory' . out.pcap
: >in.pcap
refused '"in.pcap": no capture: ' in.pcap out.pcap --stats stats.json
head -c 100000 /dev/zero >in.pcap
refused '"in.pcap": no capture: unknown file format' in.pcap out.pcap
echo 'Dear Sir or Madam, this is no capture at all.' >in.pcap
refused '"in.pcap": no capture: unknown file format' in.pcap out.pcap
write micro 105 "1 $request"
refused 'link type IEEE802_11; use a capture of raw IP, Ethernet or Linux cooked' in.pcap out.pcap
write micro 0 "1 $request"
refused 'link type NULL' in.pcap out.pcap
write micro 60000 "1 $request"
refused 'link type' in.pcap out.pcap

# A capture that breaks off, anywhere. The second packet is there up to its last byte but one.
for format in micro pcapng; do
  write "$format" 101 "1 $request" "2 $request"
  cp in.pcap whole.pcap
  size=$(wc -c <whole.pcap)
  for ((length = 1; length < size; ++length)); do
    head -c "$length" whole.pcap >in.pcap
    run in.pcap cut.pcap
    # Where a header or a packet ends, so may a capture.
    case $format-$length in
      micro-24 | micro-72 | pcapng-48 | pcapng-112) expected=0 ;;
      *) expected=2 ;;
    esac
    check "$format of $length bytes: exit $status" test "$status" -eq "$expected"
    if ((expected == 2)); then check "$format of $length bytes: a file" test ! -e cut.pcap; fi
    rm -f cut.pcap
  done
  head -c $((size - 1)) whole.pcap >in.pcap
  refused "\"in.pcap\": packet 2: truncated" in.pcap out.pcap --stats stats.json
done

# patch OFFSET BYTES: changes in.pcap in place.
patch() {
  # shellcheck disable=SC2059
  printf "$2" | dd of=in.pcap bs=1 seek="$1" conv=notrunc status=none
}
# A length of 2^31, one of 300,000, and a fraction of 2,000,000 microseconds.
write micro 101 "1 $request"
patch 32 '\000\000\000\200'
refused '"in.pcap": packet 1: ' in.pcap out.pcap
write micro 101 "1 $request"
patch 32 '\340\223\004\000'
refused '"in.pcap": packet 1: ' in.pcap out.pcap
write micro 101 "1 $request"
patch 28 '\200\204\036\000'
refused '"in.pcap": packet 1: its time makes no sense' in.pcap out.pcap
# The last seconds of 2106 leave no room for what comes afterwards.
write micro 101 "4294967290 $request"
refused '"in.pcap": packet 1: its time makes no sense' in.pcap out.pcap

# Places that can't be written to, and files that must not be.
write micro 101 "1 $request"
refused '"missing/out.pcap": can' in.pcap missing/out.pcap
refused 'Is a directory' in.pcap .
refused 'Is a directory' in.pcap new/
refused '"missing/s": can' in.pcap out.pcap --stats missing/s
refused 'both IN and OUT' in.pcap ./in.pcap
refused 'is IN or OUT' in.pcap out.pcap --stats out.pcap
refused 'is IN or OUT' in.pcap out.pcap --stats ./in.pcap
refused 'not assigned' in.pcap out.pcap --stats stats.json --ping-socket 192.168.0.9:1
refused 'in use' in.pcap out.pcap "${options[@]}" --ping-socket 192.168.0.1:1 \
  --ping-socket 192.168.0.1:1
refused '224.0.0.1' in.pcap out.pcap --address 224.0.0.1/24

# A new file has the rights of any new file, an old one keeps its own; links stay links; what is no
# file is written to.
rm -f out.pcap
(umask 027 && "$netstack" replay in.pcap out.pcap)
check 'the rights of a new file' test "$(stat -c %a out.pcap)" = 640
chmod 600 out.pcap
run in.pcap out.pcap "${options[@]}"
check 'the rights of an old file' test "$(stat -c %a out.pcap)" = 600
cp out.pcap good.pcap
mkdir folder
ln -s ../good.pcap folder/link.pcap
run in.pcap folder/link.pcap
check 'a symbolic link was replaced' test -L folder/link.pcap
check 'a symbolic link was not followed' test "$(wc -c <good.pcap)" -eq 24
"$netstack" replay in.pcap /dev/stdout "${options[@]}" | cat >piped.pcap
check 'a pipe got something else' cmp piped.pcap out.pcap
mkfifo pipe
cat pipe >piped.pcap &
run in.pcap pipe "${options[@]}"
wait $!
check 'a named pipe got something else' cmp piped.pcap out.pcap
check 'a named pipe was replaced' test -p pipe
# Not where devices would be replaced.
if [[ -p pipe && -c /dev/full ]]; then
  run in.pcap /dev/full
  check "a full disk: exit $status" test "$status" -eq 1
  check 'a full disk was not noticed' grep -q 'disk full' said
fi
# A signal while the capture is still coming: what was there stays.
mkfifo endless
exec 3<>endless
cat in.pcap >&3
echo 'a good capture' >kept.pcap
"$netstack" replay endless kept.pcap 2>said 3>&- &
until compgen -G '.netstack-*' >folder/found; do :; done
kill -TERM $!
exec 3>&-
status=0
wait $! || status=$?
check "an interrupted replay: exit $status" test "$status" -eq 1
check 'an interrupted replay said something else' grep -qx 'netstack: interrupted; nothing was written' said
check 'an interrupted replay wrote a file' grep -qx 'a good capture' kept.pcap

cp in.pcap serve
run serve demo "${options[@]}"
check 'files named like commands' cmp demo out.pcap
check 'temporary files were left' test -z "$(find . -name '.netstack-*')"

echo "$checks checks, $failures failed"
((failures == 0))
