#!/usr/bin/env bash
# Makes netstack-sys's bindings from the C headers; with --check it only says whether those that are
# checked in are what it would make.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

bindings=rust/netstack-sys/src/bindings.rs
tools=$("$root/packaging/make-rust-tools.sh")
cd "$root"
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
# Always this libclang: another one could see another thing.
LIBCLANG_PATH=/usr/lib/llvm-14/lib "$tools" bindings capi/include >"$fresh"

if [[ ${1:-} != --check ]]; then
  cat "$fresh" >"$bindings"
elif ! diff -u --label "$bindings" --label "made from capi/include" "$bindings" "$fresh"; then
  echo "$bindings is not what the headers say: run packaging/generate-bindings.sh" >&2
  exit 1
fi
