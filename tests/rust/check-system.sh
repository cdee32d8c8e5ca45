#!/usr/bin/env bash
# That the crates' tests, which run.sh has run, used the installed library; and what netstack-sys's build script
# refuses, in which words.
#   check-system.sh PREFIX      where the library is installed
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$root/build/rust
library=$(dirname "$(find "$1" -name libnetstack.so)")
refused=$(mktemp)
trap 'rm -f "$refused"' EXIT
cd "$root/rust"
unset NETSTACK_SYS_SYSTEM PKG_CONFIG_PATH
tested=${CARGO_TARGET_DIR:-$work/target}
export CARGO_TARGET_DIR=$work/refused

step() { echo "-- $*"; }
fail() {
  echo "system: $*" >&2
  exit 1
}

# refuse WORDS VARIABLE=VALUE...: the build fails and says so.
refuse() {
  local words=$1
  shift
  step "refused: $words"
  if env "$@" cargo build --locked --package netstack-sys >"$refused" 2>&1; then fail "built with $*"; fi
  grep -qF "netstack-sys: $words" "$refused" || {
    cat "$refused" >&2
    fail "did not say: $words"
  }
}
refuse "NETSTACK_SYS_SYSTEM and NETSTACK_SYS_BUNDLED exclude each other" NETSTACK_SYS_SYSTEM=1 NETSTACK_SYS_BUNDLED=1
refuse "NETSTACK_SYS_SYSTEM is set, but there is no netstack 0.1" NETSTACK_SYS_SYSTEM=1 PKG_CONFIG_LIBDIR=/nowhere
mkdir -p "$work/older/pkgconfig"
sed 's/^Version: .*/Version: 0.2.0/' "$library/pkgconfig/netstack.pc" >"$work/older/pkgconfig/netstack.pc"
refuse "NETSTACK_SYS_SYSTEM is set, but there is no netstack 0.1" NETSTACK_SYS_SYSTEM=1 \
  PKG_CONFIG_PATH="$work/older/pkgconfig"
cat >"$work/old-compiler" <<'END'
#!/bin/sh
# A compiler that is too old.
case " $* " in *-std=c++20*) echo "unrecognized command-line option" >&2; exit 1 ;; esac
exec c++ "$@"
END
chmod +x "$work/old-compiler"
refuse "$work/old-compiler does not know C++20; name another compiler in CXX" NETSTACK_SYS_BUNDLED=1 CXX="$work/old-compiler"
refuse "no C++ compiler, which the sources in this crate need" NETSTACK_SYS_BUNDLED=1 CXX=/nowhere/c++

step "the tests used the installed library"
binary=$(find "$tested/debug/deps" -name 'library-*' -perm -u+x -type f | head -n 1)
[[ -n $binary ]] || fail "no tests in $tested"
readelf -d "$binary" | grep -q 'NEEDED.*libnetstack\.so\.0\.1' || fail "$binary does not use the installed library"
