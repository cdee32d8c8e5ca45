#!/usr/bin/env bash
# `netstack demo` with the system's ping: as root, and as a user without any right.
#   test-demo.sh NETSTACK
set -euo pipefail

netstack=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# demo WHO COMMAND...: runs it, and refuses a run in which no system ping took part.
demo() {
  local who=$1 status=0 start=$SECONDS
  shift
  echo "-- demo as $who"
  timeout 90 "$@" "$netstack" demo >"$work/out" 2>&1 </dev/null || status=$?
  cat "$work/out"
  if ((status != 0)); then
    echo "demo as $who: exit $status" >&2
  elif grep -qi 'no system ping' "$work/out" || ! grep -q "The system's own ping" "$work/out"; then
    echo "demo as $who: it ran in memory, without the system's ping" >&2
  elif ! grep -qE '^([1-9][0-9]*) of \1 answers as promised$' "$work/out"; then
    echo "demo as $who: it does not say that every answer was as promised" >&2
  elif ((SECONDS - start >= 60)); then
    echo "demo as $who: took $((SECONDS - start)) s, promised is less than 60" >&2
  else
    echo "-- demo as $who: ok in $((SECONDS - start)) s"
    return
  fi
  failures=$((failures + 1))
}

# in_memory COMMAND...: where there is no TUN device it runs all the same, and says what did not happen.
in_memory() {
  local status=0
  echo "-- demo without a TUN device"
  timeout 90 "$@" "$netstack" demo >"$work/out" 2>&1 </dev/null || status=$?
  if ((status != 0)) || ! grep -qi 'no system ping ran' "$work/out"; then
    cat "$work/out" >&2
    echo "demo without a TUN device: exit $status, expected 0 and 'no system ping ran'" >&2
    failures=$((failures + 1))
  fi
}

namespace=(unshare --mount)
if [[ $(id -u) -ne 0 ]]; then namespace+=(--user --map-root-user); fi
# shellcheck disable=SC2016  # expanded by the inner shell
in_memory "${namespace[@]}" bash -c 'mount --bind /dev/null /dev/net/tun && exec "$@"' bash

if [[ $(id -u) -eq 0 ]]; then
  demo root env
  # Where /dev/net/tun is closed to users (most systems leave it open), open one for this run only,
  # in a mount namespace of its own.
  # shellcheck disable=SC2016  # expanded by the inner shell
  demo nobody unshare --mount bash -c '
    set -euo pipefail
    if [[ $(stat -c %a /dev/net/tun) != ?*6 ]]; then
      mount -t tmpfs tmpfs /mnt
      mknod /mnt/tun c 10 200
      chmod 666 /mnt/tun
      mount --bind /mnt/tun /dev/net/tun
    fi
    exec setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=-all "$@"' bash
else
  demo "$(id -un)" env
  # Root of a namespace of its own is as near to root as we get without asking for more.
  demo "root in a user namespace" unshare --user --map-root-user
fi

((failures == 0))
