#!/usr/bin/env bash
# Measures the Rust crate: cost of an echo beside C and smoltcp, size of a program, memory. Takes some minutes on a
# quiet machine.
#   run.sh [--verify]
# --verify: shows that every contestant's answers are right, and times nothing. Which library it is then, the
# environment says, as for any program that uses netstack-sys; the table is of the one with the sources inside.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
cd "$root/tests/bench/rust"
"$root/packaging/find-rust.sh" >/dev/null

# As tests/rust/run.sh: nothing outside the checkout is written to.
export CARGO_HOME=${CARGO_HOME:-$root/build/rust/cargo}
if [[ ${1:-} == --verify ]]; then
  export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/build/rust/target}
  exec cargo run --quiet --locked -- --verify
elif (($# > 0)); then
  echo "run.sh: no option $1" >&2
  exit 2
fi

export CARGO_TARGET_DIR=$root/build/bench-rust NETSTACK_SYS_BUNDLED=1
unset NETSTACK_SYS_SYSTEM
build=(cargo build --quiet --release --locked)
"${build[@]}"
"${build[@]}" --manifest-path "$root/rust/netstack/Cargo.toml" --example ten_lines
bench=$CARGO_TARGET_DIR/release/netstack-bench-rust
program=$CARGO_TARGET_DIR/release/examples/ten_lines
strip -o "$program-stripped" "$program"

echo "netstack $(<"$root/VERSION"), $(rustc --version), smoltcp $(cargo pkgid smoltcp | sed 's/.*[@#]//')"
echo "$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | sed -n 1p), $(nproc) cores," \
  "load $(cut -d ' ' -f 1 /proc/loadavg), $(date -u +%F)"
printf '\n'
"$bench"
printf '\nthe ten-line program, the library inside: %d KiB, stripped %d KiB\n\n' \
  $(($(stat -c %s "$program") / 1024)) $(($(stat -c %s "$program-stripped") / 1024))
"$bench" --memory 10000000
