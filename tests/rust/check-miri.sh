#!/usr/bin/env bash
# Miri on the tests that call no C, which it can't interpret: the modules that are named here are all of those.
# They are built against an installed library, which run.sh names; nothing is linked.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$root/build/rust
cd "$root/rust"

if ! cargo +nightly miri --version && ! rustup component add --toolchain nightly miri rust-src; then
  echo "miri: no nightly toolchain with it: rustup toolchain install nightly --component miri,rust-src" >&2
  exit 1
fi
export MIRI_SYSROOT=$work/miri-sysroot CARGO_TARGET_DIR=$work/miri
cargo +nightly miri setup
output=$(cargo +nightly miri test --locked --package netstack --lib -- address:: callback:: error:: version::)
echo "$output"
grep -qE '^test result: ok\. [1-9][0-9]* passed' <<<"$output"
