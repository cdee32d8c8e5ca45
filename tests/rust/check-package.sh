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
# Until netstack-sys is published, netstack's dependency on it is the folder beside it.
pack=(cargo package --quiet --no-verify --allow-dirty --target-dir "$work/packing")
"${pack[@]}" --package netstack-sys
"${pack[@]}" --package netstack --config 'patch.crates-io.netstack-sys.path="netstack-sys"'
mkdir "$work/crates"
for crate in netstack-sys netstack; do
  tar -xzf "$work/packing/package/$crate-$version.crate" -C "$work/crates"
  mv "$work/crates/$crate-$version" "$work/crates/$crate"
  (cd "$work/crates/$crate" && find . -type f -printf '%P\n' | sort) >"$work/$crate.files"
done
for file in netstack-sys/{Cargo.toml,LICENSE,README.md,build.rs,src/bindings.rs} \
  netstack-sys/capi/{include/netstack/netstack.h,src/stack.cc} netstack-sys/cxx/netstack/base/clock.h \
  netstack/{Cargo.toml,LICENSE,README.md,src/lib.rs}; do
  [[ -s $work/crates/$file ]] || fail "lacks $file"
done
# Sources, and nothing that only this tree has a use for.
if grep -vE '^(Cargo\.(toml|lock|toml\.orig)|LICENSE|README\.md|\.cargo_vcs_info\.json)$|\.(rs|h|hpp|cc)$' "$work"/*.files ||
  grep -E '_test\.cc$|/testing/|/program/' "$work"/*.files; then
  fail "has files that it should not"
fi
if find "$work/crates" -type l | grep .; then fail "has symbolic links"; fi

step "use them"
mkdir -p "$work/program/src"
cat >"$work/program/Cargo.toml" <<END
[package]
name = "program"
version = "0.0.0"
edition = "2021"

[dependencies]
netstack = "$version"

[patch.crates-io]
netstack = { path = "../crates/netstack" }
netstack-sys = { path = "../crates/netstack-sys" }
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
NETSTACK_SYS_BUNDLED=1 cargo build --quiet --release --target-dir "$work/target"
program=$work/target/release/program
[[ $("$program") == "netstack $version" ]] || fail "the program said: $("$program")"

step "it needs no C++ runtime"
needed=$(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
if grep -E 'stdc\+\+|netstack' <<<"$needed"; then fail "the program needs it: $needed"; fi
echo "$(stat -c %s "$program") bytes; needs ${needed//$'\n'/, }"
