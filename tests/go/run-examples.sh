#!/usr/bin/env bash
# Builds the examples and runs each with the system's ping and curl, in a network namespace of its own that
# anybody may make. Prints "ok: NAME" for each; for one that fails, what was said.
#   run-examples.sh [NAME...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/go/environment.sh
. tests/go/environment.sh
export PATH=$PATH:/usr/sbin:/sbin

names=("$@")
if (($# == 0)); then mapfile -t names < <(cd go/examples && printf '%s\n' */ | tr -d /); fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/programs"
status=0
for name in "${names[@]}"; do
  mkdir "$work/$name"
  # Built in its own folder, since one is a module of its own.
  if {
    (cd "go/examples/$name" && go vet . && go build -o "$work/programs/" .) &&
      timeout 240 unshare -rn tests/go/play-example.sh "$name" "$work/programs/$name" "$work/$name"
  } >"$work/$name/log" 2>&1; then
    echo "ok: $name"
  else
    echo "FAILED: $name" >&2
    tail -n 40 "$work/$name"/* >&2
    status=1
  fi
done
exit "$status"
