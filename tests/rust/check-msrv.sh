#!/usr/bin/env bash
# The crates, their tests and their examples compile with the oldest Rust that Cargo.toml promises, and with what
# Cargo.lock names. That toolchain is one of rustup's, or is put into build/rust.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$root/build/rust
cd "$root/rust"
promised=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
[[ $promised =~ ^1\.[0-9]+$ ]] || {
  echo "msrv: rust/Cargo.toml names no rust-version but '$promised'" >&2
  exit 1
}
crates=(--locked --workspace --all-targets --all-features)

# Prints the name of such a toolchain, if rustup has one.
find_toolchain() {
  local known
  known=$(rustup toolchain list) && grep -oE -m 1 "^${promised//./\\.}(\.[0-9]+)?-[^ ]+" <<<"$known"
}

if ! find_toolchain >/dev/null &&
  RUSTUP_HOME=$work/rustup rustup toolchain install "$promised" --profile minimal --no-self-update; then
  export RUSTUP_HOME=$work/rustup
fi
if ! toolchain=$(find_toolchain); then
  echo "msrv: no Rust $promised: rustup toolchain install $promised" >&2
  exit 1
fi
rustup run "$toolchain" rustc --version
rustup run "$toolchain" cargo check "${crates[@]}"
