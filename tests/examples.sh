#!/usr/bin/env bash
# For run-examples.sh of each language to source, in the root of the checkout: play_examples builds each example
# and runs it with the system's ping and curl, in a network namespace of its own that anybody may make. It prints
# "ok: NAME" for each; for one that fails, what was said.
set -euo pipefail

export PATH=$PATH:/usr/sbin:/sbin

# play_examples NAME...: `build NAME FOLDER` is the language's, and puts the program of that name into the folder.
play_examples() {
  local name work status=0
  work=$(mktemp -d)
  # shellcheck disable=SC2064  # this folder
  trap "rm -rf '$work'" EXIT
  mkdir "$work/programs"
  for name in "$@"; do
    mkdir "$work/$name"
    if {
      build "$name" "$work/programs" &&
        timeout 240 unshare -rn tests/play-example.sh "$name" "$work/programs/$name" "$work/$name"
    } >"$work/$name/log" 2>&1; then
      echo "ok: $name"
    else
      echo "FAILED: $name" >&2
      tail -n 40 "$work/$name"/* >&2
      status=1
    fi
  done
  return "$status"
}
