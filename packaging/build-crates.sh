#!/usr/bin/env bash
# Packs the two crates as cargo publishes them into dist/ and prints their paths. Nothing is compiled.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=packaging/release-tools.sh
. packaging/release-tools.sh

packaging/find-rust.sh >/dev/null
version=$(<VERSION)
work=$root/build/crates
rm -rf "$work"
mkdir -p "$work/source" dist
copy_sources "$work/source"

export CARGO_HOME=$root/build/rust/cargo
# What is in a crate does not depend on whether git's history is there, so what cargo would write of it is not.
pack=(cargo package --quiet --no-verify --allow-dirty --target-dir "$work/target")
# Until netstack-sys is published, netstack's dependency on it is the folder beside it.
patch='patch.crates-io.netstack-sys.path="netstack-sys"'
if ! (cd "$work/source/rust" && "${pack[@]}" --package netstack-sys &&
  "${pack[@]}" --package netstack --config "$patch") >"$work/log" 2>&1; then
  tail -n 30 "$work/log" >&2
  fail "the crates could not be packed"
fi
for crate in netstack-sys netstack; do
  mv "$work/target/package/$crate-$version.crate" dist/
  echo "dist/$crate-$version.crate"
done
