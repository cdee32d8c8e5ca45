#!/usr/bin/env bash
# That the crates' tests, which run.sh has run, used the installed library; what netstack-sys's build script refuses, in
# which words; and that a program refuses a library of another version.
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
binary=$(find "$tested/debug/deps" -name 'library-*' -perm -u+x -type f -printf '%T@ %p\n' | sort -n | tail -n 1)
binary=${binary#* }
[[ -n $binary ]] || fail "no tests in $tested"
readelf -d "$binary" | grep -q 'NEEDED.*libnetstack\.so\.0\.1' || fail "$binary does not use the installed library"

step "a program refuses a library of another version, whatever it makes first"
program=$work/other_version
mkdir -p "$program/src"
cat >"$program/Cargo.toml" <<END
[package]
name = "other_version"
version = "0.0.0"
edition = "2021"

[dependencies]
netstack = { path = "$root/rust/netstack" }

[workspace]
END
cp Cargo.lock "$program"
cat >"$program/src/main.rs" <<'END'
use netstack::{CallbackLink, Capture, Channel, FdLink, ManualClock, PacketInformation, Result, Stack, StackOptions, Tun};

fn main() {
    let calls: [(&str, fn() -> Result<()>); 9] = [
        ("stack", || Stack::new().map(drop)),
        ("random", || Stack::with(StackOptions::new().seed(1).random(|| 4)).map(drop)),
        ("clock", || ManualClock::new(std::time::Duration::ZERO).map(drop)),
        ("channel", || Channel::new().map(drop)),
        ("callbacks", || CallbackLink::new(None, |_| Ok(())).map(drop)),
        ("descriptor", || {
            let socket = std::os::unix::net::UnixDatagram::unbound()?;
            FdLink::new(socket, None, PacketInformation::None).map(drop)
        }),
        ("tun", || match Tun::open("") {
            Err(netstack::Error::InvalidArgument(_)) => Ok(()),
            outcome => outcome.map(drop),
        }),
        ("file", || Capture::create("/dev/null").map(drop)),
        ("writer", || Capture::to_writer(std::io::sink()).map(drop)),
    ];
    for (name, call) in calls {
        println!("{name}: {}", call().map_or_else(|error| error.to_string(), |()| "made".to_owned()));
    }
}
END
# One that says its version, and whose every other function ends the process.
{
  echo '#include <stdlib.h>'
  echo 'unsigned ns_abi_version(void) { return 2; }'
  echo 'const char *ns_version_string(void) { return "0.2.5"; }'
  sed -n 's/^ *\(ns_[a-z0-9_]*\);$/void \1(void) { abort(); }/p' "$root/capi/netstack.map" |
    grep -vE 'ns_(abi_version|version_string)\('
} >"$work/other_version.c"
gcc -shared -fPIC -o "$work/other_version.so" "$work/other_version.c"
NETSTACK_SYS_SYSTEM=1 PKG_CONFIG_PATH=$library/pkgconfig CARGO_TARGET_DIR=$tested \
  cargo build --quiet --manifest-path "$program/Cargo.toml"
# must_say WORDS [VARIABLE=VALUE]: of each of the nine.
must_say() {
  local words=$1 output
  shift
  output=$(env LD_LIBRARY_PATH="$library" "$@" "$tested/debug/other_version") || fail "the program failed: $output"
  (($(grep -c ": $words\$" <<<"$output") == 9)) || fail "it did not say '$words' each time: $output"
}
must_say "made"
must_say "made for version 0.1 of the library, and the one that runs is 0.2.5" LD_PRELOAD="$work/other_version.so"
