#!/usr/bin/env bash
# Real programs and hand-made packets against netstack and against Linux, each in network namespaces of its own: where
# the answers differ, differences.tsv says why. Fails where the table is not that of RESULTS.md. Needs root.
#   run.sh BUILD-FOLDER [--renew] [SET...]      --renew: writes RESULTS.md, for which all sets are needed
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd)
shift
renew=
if [[ ${1:-} == --renew ]]; then
  renew=yes
  shift
fi
all=(packets ping prefix mtu1280 nmap fragmentation6 fuzz_ip6 implementation6 timeouts)
sets=("${@:-${all[@]}}")
for set in "${sets[@]}"; do
  if [[ " ${all[*]} " != *" $set "* ]]; then
    echo "conformance: there is no set $set; there are ${all[*]}" >&2
    exit 2
  fi
done

missing=()
for tool in atk6-implementation6:thc-ipv6 nmap:nmap ping:iputils-ping tracepath:iputils-tracepath ip:iproute2 tc:iproute2 setpriv:util-linux; do
  [[ -n $(type -P "${tool%:*}") ]] || missing+=("${tool#*:}")
done
/usr/bin/python3 -c 'import scapy' 2>/dev/null || missing+=(python3-scapy)
if ((${#missing[@]})); then
  echo "conformance: install these packages first: ${missing[*]}" >&2
  exit 2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Each has its own namespaces, so all of them run at once; most of the time they wait.
labs=()
for set in "${sets[@]}"; do
  for peer in linux netstack; do
    "$here/lab.sh" "$build/bin/netstack" "$peer" "$set" "$work" &
    labs+=("$!")
  done
done
status=0
for lab in "${labs[@]}"; do wait "$lab" || status=1; done
if ((status)); then
  cat "$work"/*.log >&2
  exit 1
fi
/usr/bin/python3 "$here/compare.py" "$work" "${sets[@]}" >"$work/table" || status=$?
if [[ -n $renew ]]; then
  cp "$work/table" "$here/RESULTS.md"
  exit "$status"
fi
cat "$work/table"
# Every answer of these sets is the one that was there when somebody read the table last.
rows() { grep -E "^\| ($(IFS='|' && echo "${sets[*]}")) \|" "$1" | sort; }
diff -u --label RESULTS.md --label now <(rows "$here/RESULTS.md") <(rows "$work/table") >&2 || status=1
exit "$status"
