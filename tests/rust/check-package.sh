#!/usr/bin/env bash
# Packs both crates, and builds a program outside the tree that uses nothing else of ours.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=$(<"$root/VERSION")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root/rust"

step() { echo "-- $*"; }
fail() {
  echo "package: $*" >&2
  exit 1
}

step "pack them"
"$root/packaging/build-crates.sh"
mkdir "$work/crates"
for crate in netstack-sys netstack; do
  tar -xzf "$root/dist/$crate-$version.crate" -C "$work/crates"
  cp -r "$work/crates/$crate-$version" "$work/crates/$crate"
  (cd "$work/crates/$crate" && find . -type f -printf '%P\n' | sort) >"$work/$crate.files"
done
for file in netstack-sys/{Cargo.toml,LICENSE,README.md,build.rs,src/bindings.rs} \
  netstack-sys/capi/{include/netstack/netstack.h,src/stack.cc} netstack-sys/cxx/netstack/base/clock.h \
  netstack/{Cargo.toml,LICENSE,README.md,src/lib.rs}; do
  [[ -s $work/crates/$file ]] || fail "lacks $file"
done
# Sources, and nothing that only this tree has a use for.
if grep -vE '^(Cargo\.(toml|lock|toml\.orig)|LICENSE|README\.md)$|\.(rs|h|hpp|cc)$' "$work"/*.files ||
  grep -E '_test\.cc$|/testing/|/program/' "$work"/*.files; then
  fail "has files that it should not"
fi
if find "$work/crates" -type l | grep .; then fail "has symbolic links"; fi

step "use them, as the README says"
mkdir -p "$work/program/src"
mv "$work/crates/netstack-$version" "$work/crates/netstack-sys-$version" "$work/program/"
cat >"$work/program/Cargo.toml" <<END
[package]
name = "program"
version = "0.0.0"
edition = "2021"
END
cat >"$work/program/src/main.rs" <<'END'
use netstack::{Stack, Verdict};

fn main() -> netstack::Result<()> {
    let stack = Stack::new()?;
    stack.on_echo(|request| {
        let _ = request.reply();
        Verdict::Consumed
    })?;
    println!("netstack {}", netstack::version());
    Ok(())
}
END
cd "$work/program"
lines=$("$root/tests/install/readme-lines.sh" "cargo")
(
  export NETSTACK_SYS_BUNDLED=1 CARGO_TARGET_DIR=$work/target
  eval "$lines"
)
program=$work/target/debug/program
[[ $("$program") == "netstack $version" ]] || fail "the program said: $("$program")"

step "it needs no C++ runtime"
needed=$(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
if grep -E 'stdc\+\+|netstack' <<<"$needed"; then fail "the program needs it: $needed"; fi
echo "$(stat -c %s "$program") bytes; needs ${needed//$'\n'/, }"
