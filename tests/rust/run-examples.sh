#!/usr/bin/env bash
# Builds the examples in Rust alone, and plays with each as ../examples.sh says. An installed library is used if the
# environment says so, as netstack-sys's README has it.
#   run-examples.sh [NAME...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/examples.sh
. tests/examples.sh
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/build/rust/target}

# One is a crate of its own, since it depends on another stack.
build() {
  local what=(--package netstack --example "$1") program=examples/$1
  if [[ -d rust/examples/$1 ]]; then what=(--package "$1") program=$1; fi
  (cd rust && cargo build --locked "${what[@]}") && cp "$CARGO_TARGET_DIR/debug/$program" "$2/"
}

names=("$@")
if (($# == 0)); then
  mapfile -t names < <(basename -s .rs rust/netstack/examples/*.rs)
  names+=(in_front_of_smoltcp)
fi
play_examples "${names[@]}"
