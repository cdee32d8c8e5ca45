#!/usr/bin/env bash
# Wrong arguments, and features that are not there yet: exit status 2 and one line that says why.
#   test-arguments.sh NETSTACK
set -euo pipefail

netstack=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# refused ARGUMENT...: exit 2, nothing on stdout, exactly one line on stderr.
refused() {
  local status=0
  timeout 10 "$netstack" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
  if ((status != 2)) || [[ -s $work/out || $(wc -l <"$work/err") -ne 1 ]]; then
    echo "netstack $*: exit $status, expected 2 and one line on stderr; got:" >&2
    cat "$work/out" "$work/err" >&2
    failures=$((failures + 1))
  else
    echo "netstack $* -> $(<"$work/err")"
  fi
}

# accepted ARGUMENT...: exit 0 and something to read on stdout.
accepted() {
  if ! timeout 10 "$netstack" "$@" >"$work/out" 2>"$work/err" </dev/null ||
    [[ ! -s $work/out || -s $work/err ]]; then
    echo "netstack $*: expected exit 0 and text on stdout; got:" >&2
    cat "$work/out" "$work/err" >&2
    failures=$((failures + 1))
  fi
}

serve=(serve --tun tun0 --prefix 10.0.0.0/8)
refused "${serve[@]}" --policy 10.0.0.0/8=delay:10
refused "${serve[@]}" --policy 10.0.0.0/8=reject:admin-prohibited
refused "${serve[@]}" --policy 10.0.0.0/8=hops:10.0.0.1,10.0.0.2
refused "${serve[@]}" --policy 10.0.0.0/8=dance
refused "${serve[@]}" --policy 10.0.0.0/8
refused "${serve[@]}" --policy 10.0.0.0/33=reply
refused serve --tun tun0 --prefix 10.0.0.0/33
refused serve --tun tun0 --prefix nonsense
refused "${serve[@]}" --host-address 10.7.255.254
refused "${serve[@]}" --address 10.0.0.1/99
refused serve --tun a-name-that-is-much-too-long --prefix 10.0.0.0/8
refused serve
refused serve --no-such-option
refused no-such-command
refused demo unexpected
refused
accepted --help
accepted --version
accepted serve --help
accepted demo --help

((failures == 0))
