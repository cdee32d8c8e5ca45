#!/usr/bin/env bash
# The example handler_for_c, as its README says: the header is what cbindgen makes of the crate, and the program
# in C runs with the handler in Rust.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
example=$root/rust/examples/handler_for_c
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/build/rust/target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$example"

tools=$("$root/packaging/make-rust-tools.sh")
"$tools" header src/lib.rs cbindgen.toml >"$work/handler_for_c.h"
diff -u --label "handler_for_c.h, checked in" --label "made of src/lib.rs" handler_for_c.h "$work/handler_for_c.h"

cargo build --quiet --locked
flags=(-Wall -Wextra -Wpedantic -Werror "-I$root/capi/include" -DNS_STATIC)
gcc -std=c99 "${flags[@]}" main.c "$CARGO_TARGET_DIR/debug/libhandler_for_c.a" -lstdc++ -lm -pthread -ldl -o "$work/main"
clang-14 -std=c99 "${flags[@]}" -fsyntax-only main.c
g++ -std=c++17 "${flags[@]}" -fsyntax-only -x c++ handler_for_c.h
"$work/main" | diff - <(printf '10.7.0.1 answered\n1 answered, 1 silent\n')
