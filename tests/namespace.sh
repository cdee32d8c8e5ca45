#!/usr/bin/env bash
# For scripts to source that let a program serve tun0 in a network namespace of their own.
# shellcheck disable=SC2034  # whoever sources this uses $work
set -euo pipefail

# enter_namespace ARGUMENT...: begins the script again inside, with its arguments and one more.
enter_namespace() {
  if [[ ${*: -1} != inside ]]; then
    local namespace=(unshare --net)
    if [[ $(id -u) -ne 0 ]]; then namespace+=(--user --map-root-user); fi
    exec "${namespace[@]}" "$0" "$@" inside
  fi
  # What ends with the script: a folder, and the program if one runs.
  work=$(mktemp -d)
  process=
  trap clean_up EXIT
}

# shellcheck disable=SC2317  # called by trap
clean_up() {
  if [[ -n $process ]]; then kill -KILL "$process" 2>/dev/null || true; fi
  rm -rf "$work"
}

# wait_for_device PATTERN: until the program has made tun0 and `ip link` has PATTERN in its line; false if the program
# ended before, or after 10 s.
wait_for_device() {
  for _ in {1..100}; do
    if ip -o link show tun0 2>/dev/null | grep -q "$1"; then return; fi
    kill -0 "$process" 2>/dev/null || return
    sleep 0.1
  done
  return 1
}
is_up='[<,]UP[,>]'
