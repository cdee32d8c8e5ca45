#!/usr/bin/env bash
# Prints the version of cargo if what the Rust crates and their tests need is there: cargo, rustc, clippy, rustfmt.
# Otherwise it says what is missing. Users of the crates need an older Rust than the bench does, because of smoltcp.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
needed=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$root"/rust/Cargo.toml "$root"/rust/*/Cargo.toml \
  "$root"/tests/*/*/Cargo.toml | sort -V | tail -n 1)

fail() {
  echo "netstack: $*; install Rust $needed or later with clippy and rustfmt, for instance by rustup" >&2
  exit 1
}

for tool in cargo rustc cargo-clippy cargo-fmt; do
  command -v "$tool" >/dev/null || fail "$tool is not there"
  # What rustup puts there may stand for nothing.
  version=$("$tool" --version 2>/dev/null) || fail "$tool does not run"
  case $tool in
    cargo | rustc)
      [[ $version =~ ^$tool\ ([0-9]+\.[0-9.]+) ]] || fail "$tool says of its version: $version"
      if [[ $(printf '%s\n' "$needed" "${BASH_REMATCH[1]}" | sort -V | head -n 1) != "$needed" ]]; then
        fail "$version is older than $needed"
      fi
      ;;
  esac
done
cargo --version
