#!/usr/bin/env bash
# Prints the version of cargo if what the Rust crates and their tests need is there: cargo and rustc 1.82 or
# later, clippy, rustfmt. Otherwise it says what is missing.
set -euo pipefail

fail() {
  echo "netstack: $*; install Rust 1.82 or later with clippy and rustfmt, for instance by rustup" >&2
  exit 1
}

for tool in cargo rustc cargo-clippy cargo-fmt; do
  command -v "$tool" >/dev/null || fail "$tool is not there"
  # What rustup puts there may stand for nothing.
  version=$("$tool" --version 2>/dev/null) || fail "$tool does not run"
  case $tool in
    cargo | rustc)
      [[ $version =~ ^$tool\ ([0-9]+)\.([0-9]+) ]] || fail "$tool says of its version: $version"
      if ((BASH_REMATCH[1] == 1 && BASH_REMATCH[2] < 82)); then fail "$version is older than 1.82"; fi
      ;;
  esac
done
cargo --version
