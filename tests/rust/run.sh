#!/usr/bin/env bash
# Everything about the Rust crates: source, bindings, tests, documentation, what is published of them, an
# installed library, C on either side. Each check counts as one beside cargo's tests; the last line is
# "N passed, M failed".
#   run.sh BUILD-FOLDER      a release, which most is tried with: it spares compiling the sources each time
set -euo pipefail
build=$(cd "$1" && pwd)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root/rust"
# shellcheck source=tests/checks.sh
. "$root/tests/checks.sh"

work=$root/build/rust
# Nothing outside the checkout is written to, but by rustup where Miri is missing, and no setting of the user's counts.
export CARGO_HOME=$work/cargo CARGO_TARGET_DIR=$work/target CARGO_TERM_COLOR=never
export CARGO_BUILD_JOBS=${NETSTACK_JOBS:-$(nproc)}
mkdir -p "$work"
prefix=$work/prefix
rm -rf "$prefix"
cmake --install "$build" --prefix "$prefix" >/dev/null
library=$(dirname "$(find "$prefix" -name libnetstack.so)")
export NETSTACK_SYS_SYSTEM=1 PKG_CONFIG_PATH=$library/pkgconfig LD_LIBRARY_PATH=$library
bundled=(env -u NETSTACK_SYS_SYSTEM NETSTACK_SYS_BUNDLED=1 CARGO_TARGET_DIR="$work/bundled")

# run_tests NAME COMMAND...: adds cargo's tests to the count. One that was ignored has not shown that it works.
run_tests() {
  local name=$1 log=$work/test.log status=0 good bad
  shift
  echo "== $name"
  "$@" 2>&1 | tee "$log" || status=$?
  read -r good bad < <(awk '/^test result: / { good += $4; bad += $6 + $8 } END { print good + 0, bad + 0 }' "$log")
  add_tests "$name" "$status" "$good" "$bad"
}

packaging=$root/packaging tests=$root/tests/rust
check "find-rust.sh" "$packaging/find-rust.sh" || finish
check "rustfmt" cargo fmt --check || true
check "rustfmt, tools" cargo fmt --check --manifest-path tools/Cargo.toml || true
bench=$root/tests/bench/rust/Cargo.toml
check "rustfmt, bench" cargo fmt --check --manifest-path "$bench" || true
check "bindings" "$packaging/generate-bindings.sh" --check || true
check "clippy" cargo clippy --locked --workspace --all-targets --all-features -- -D warnings || true
check "clippy, bench" cargo clippy --locked --manifest-path "$bench" -- -D warnings || true
run_tests "cargo test" cargo test --locked --workspace --all-features --no-fail-fast
run_tests "cargo test, with the sources inside" "${bundled[@]}" cargo test --locked --package netstack-sys \
  --package netstack --tests -- --skip misuse_does_not_compile
check "check-msrv.sh" "$tests/check-msrv.sh" || true
check "without features" cargo test --quiet --locked --package netstack --no-default-features --lib || true
check "rustdoc" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --all-features --no-deps || true
check "check-package.sh" "${bundled[@]}" "$tests/check-package.sh" || true
check "check-system.sh" "$tests/check-system.sh" "$prefix" || true
check "check-handler.sh" "${bundled[@]}" "$tests/check-handler.sh" || true
tools=$("$packaging/make-rust-tools.sh")
round_trip=("$("$packaging/find-python.sh")" "$tests/round_trip/round_trip.py" "$tools" "$work/round_trip")
check "round trip" "${round_trip[@]}" "$library" || true
check "round trip, self-test" "${round_trip[@]}" --self-test || true
check "check-miri.sh" "$tests/check-miri.sh" || true
check "run-examples.sh" "$tests/run-examples.sh" || true
check "the bench's contestants answer right" "$root/tests/bench/rust/run.sh" --verify || true
finish
