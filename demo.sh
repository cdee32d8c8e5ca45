#!/usr/bin/env bash
# Installs what is missing, builds netstack and shows it at work.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

packaging/install-dependencies.sh build

mkdir -p build
log=build/demo-build.log
echo "Building (some minutes the first time; details in $log)"
if ! {
  # The compilers are those of test.sh: CMake starts anew in a folder when they change.
  cmake --preset release -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ \
    -DNETSTACK_BUILD_TESTS=OFF &&
    cmake --build --preset release --target netstack_program -j "${NETSTACK_JOBS:-$(nproc)}"
} >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  echo "netstack: the build failed" >&2
  exit 1
fi

exec build/release/bin/netstack demo "$@"
