#!/usr/bin/env bash
# Builds the program of rust/tools into build/rust and prints its path.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

"$root/packaging/find-rust.sh" >/dev/null
export CARGO_HOME=$root/build/rust/cargo
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! cargo build --locked --manifest-path "$root/rust/tools/Cargo.toml" \
  --target-dir "$root/build/rust/tools" >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  echo "netstack: rust/tools could not be built" >&2
  exit 1
fi
echo "$root/build/rust/tools/debug/netstack-rust-tools"
