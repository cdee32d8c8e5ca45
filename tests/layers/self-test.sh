#!/usr/bin/env bash
# Proves that check-layers.sh and check-bundled.sh catch each violation, and nothing else.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
check=$here/check-layers.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
cases=0

# A small tree in which everything is allowed.
make_tree() {
  rm -rf "$work/tree"
  mkdir -p "$work"/tree/cxx/netstack/{base,wire,packet,link,ip,icmp,stack,testing,nowhere} \
    "$work"/tree/capi/{include/netstack/hpp,src,program,examples} "$work"/tree/tests/abi/ffi \
    "$work"/tree/python/src "$work"/tree/go/{netstack,internal/bundled} \
    "$work"/tree/rust/{netstack-sys,netstack,examples/hello}/src
  cd "$work/tree"
  echo '#include <cstdint>' >cxx/netstack/base/status.h
  echo '#include "netstack/base/status.h"' >cxx/netstack/wire/ip4.h
  printf '#include <linux/if_tun.h>\n#include "netstack/wire/ip4.h"\n' >cxx/netstack/link/tun.cc
  printf '#include <gtest/gtest.h>\n#include "netstack/testing/clock.h"\n' \
    >cxx/netstack/base/status_test.cc
  echo '#include "netstack/stack/stack.h"' >cxx/netstack/testing/clock.h
  printf '#include <stddef.h>\n#include <stdint.h>\n' >capi/include/netstack/base.h
  printf '#include <netstack/base.h>\n#include "netstack/base.h"\n' \
    >capi/include/netstack/netstack.h
  printf '#include <netstack/hpp/error.hpp>\n#include <netstack/netstack.h>\n' \
    >capi/include/netstack/netstack.hpp
  printf '#include <stdexcept>\n#include <netstack/base.h>\n' >capi/include/netstack/hpp/error.hpp
  printf '#include "netstack/netstack.h"\n#include "netstack/stack/stack.h"\n#include "guard.h"\n' \
    >capi/src/stack.cc
  printf '#include <CLI/CLI.hpp>\n#include <netstack/netstack.h>\n#include "table.h"\n' \
    >capi/program/main.cc
  printf '#include <netstack/netstack.h>\n#include <stdio.h>\n' >capi/examples/hello.c
  printf '#include <netstack/hpp/error.hpp>\n#include <iostream>\n' >capi/examples/hello.cc
  printf '#include <netstack/netstack.hpp>\n#include <pybind11/pybind11.h>\n#include "stack.h"\n' \
    >python/src/module.cc
  printf 'use core::ffi::c_int;\n' >rust/netstack-sys/src/lib.rs
  printf 'use std::fmt;\nuse netstack_sys as sys;\npub use nic::Nic;\n    use super::*;\n' >rust/netstack/src/lib.rs
  printf '/// use tun::Device;\nuse crate::link;\n' >rust/netstack/src/nic.rs
  printf '#include <stdio.h>\n#include "hello.h"\n' >rust/examples/hello/main.c
  printf 'package netstack\n\n// #include <stdlib.h>\n// #include "shim.h"\nimport "C"\n' >go/netstack/stack.go
  printf '#include <netstack/netstack.h>\n#include "_cgo_export.h"\n' >go/netstack/shim.c
  echo '#include "netstack/link/tun.cc"' >go/internal/bundled/link.cc
  echo '#include "src/stack.cc"' >go/internal/bundled/capi.cc
  printf '#include <gtest/gtest.h>\n#include <netstack/netstack.h>\n#include "abi/kit.h"\n' \
    >tests/abi/null_test.cc
  printf '#include <ffi.h>\n#include <nlohmann/json.hpp>\n' >tests/abi/ffi/call.cc
}

# expect_caught FILE INCLUDE: with this include added to the file, or this use in Rust, the check fails and
# names it.
expect_caught() {
  local file=$1 include=$2 output
  cases=$((cases + 1))
  make_tree
  if [[ $file == *.rs ]]; then echo "use $include::one;" >>"$file"; else echo "#include $include" >>"$file"; fi
  if output=$("$check" "$work/tree" 2>&1); then
    echo "self-test: not caught: $file includes $include" >&2
    failures=$((failures + 1))
  elif [[ $output != *"$file: includes $include"* ]]; then
    echo "self-test: wrong message for $file, $include: $output" >&2
    failures=$((failures + 1))
  fi
}

# expect_not_bundled LINE COMMAND...: with the tree changed by the command, check-bundled.sh fails
# and shows the line.
expect_not_bundled() {
  local line=$1 output
  shift
  cases=$((cases + 1))
  make_tree
  "$@"
  if output=$("$here/check-bundled.sh" "$work/tree" 2>&1); then
    echo "self-test: not caught: $*" >&2
    failures=$((failures + 1))
  elif ! grep -qxF -e "$line" <<<"$output"; then
    echo "self-test: wrong message for $*: $output" >&2
    failures=$((failures + 1))
  fi
}
append() { echo "$2" >>"$1"; }

make_tree
for script in check-layers.sh check-bundled.sh; do
  if ! "$here/$script" "$work/tree"; then
    echo "self-test: $script refused the clean tree" >&2
    failures=$((failures + 1))
  fi
done

# Each folder against each one above it.
layers=(base wire packet link ip icmp stack testing)
for ((i = 0; i < ${#layers[@]}; ++i)); do
  for ((j = i + 1; j < ${#layers[@]}; ++j)); do
    expect_caught "cxx/netstack/${layers[i]}/some.cc" "\"netstack/${layers[j]}/other.h\""
  done
done
# Only testing is open to tests, no other folder above.
expect_caught cxx/netstack/base/status_test.cc '"netstack/wire/ip4.h"'
expect_caught cxx/netstack/base/some.h '"netstack/nowhere/other.h"'
expect_caught cxx/netstack/nowhere/some.h '<cstdint>'
expect_caught cxx/netstack/some.h '<cstdint>'
expect_caught cxx/netstack/base/some.h '"status.h"'
expect_caught cxx/netstack/base/some.h '"../wire/ip4.h"'
expect_caught cxx/netstack/base/some.cc '<gtest/gtest.h>'
expect_caught cxx/netstack/base/some.cc '<fmt/core.h>'
expect_caught cxx/netstack/stack/some.cc '<netstack/netstack.h>'
expect_caught cxx/netstack/stack/some.cc '"netstack/netstack.h"'
expect_caught cxx/netstack/stack/some.cc '"capi/src/guard.h"'
for header in '<sys/socket.h>' '<stdbool.h>' '<stdio.h>' '"guard.h"' '"netstack/stack/stack.h"' \
  '<netstack/netstack.hpp>' '<netstack/hpp/error.hpp>' '"netstack/missing.h"'; do
  expect_caught capi/include/netstack/base.h "$header"
done
expect_caught capi/include/netstack/netstack.hpp '"netstack/stack/stack.h"'
expect_caught capi/include/netstack/netstack.hpp '<fmt/core.h>'
expect_caught capi/include/netstack/hpp/error.hpp '<netstack/hpp/missing.hpp>'
expect_caught capi/include/netstack/hpp/error.hpp '"error.hpp"'
expect_caught capi/include/netstack/hpp/error.hpp '<sys/socket.h>'
expect_caught capi/src/stack.cc '"program/table.h"'
expect_caught capi/src/stack.cc '"netstack/testing/clock.h"'
expect_caught capi/src/stack.cc '<CLI/CLI.hpp>'
for file in capi/program/main.cc capi/examples/hello.c python/src/module.cc tests/abi/null_test.cc \
  go/netstack/shim.c go/netstack/stack.go; do
  expect_caught "$file" '"netstack/stack/stack.h"'
  expect_caught "$file" '<netstack/stack/stack.h>'
  expect_caught "$file" '"../src/guard.h"'
done
expect_caught capi/examples/hello.c '"table.h"'
expect_caught capi/examples/hello.c '<fmt/core.h>'
expect_caught capi/examples/hello.c '<pybind11/pybind11.h>'
expect_caught python/src/module.cc '<fmt/core.h>'
expect_caught tests/abi/ffi/call.cc '<netstack/base.h>'
expect_caught tests/abi/ffi/call.cc '"netstack/stack/stack.h"'
expect_caught rust/examples/hello/main.c '"netstack/stack/stack.h"'
expect_caught rust/examples/hello/main.c '<fmt/core.h>'
expect_caught rust/netstack-sys/src/lib.rs std
expect_caught rust/netstack-sys/src/lib.rs libc
expect_caught rust/netstack/src/nic.rs smoltcp
expect_caught rust/netstack/src/nic.rs missing
expect_caught go/netstack/stack.go '<pybind11/pybind11.h>'
expect_caught go/internal/bundled/capi.cc '"stack.cc"'
expect_caught go/internal/bundled/capi.cc '<netstack/netstack.h>'
expect_caught go/internal/bundled/bundled.go '<stdint.h>'

cases=$((cases + 1))
make_tree
echo '// #include "netstack/stack/stack.h"' >>go/netstack/stack.go
if "$check" "$work/tree" >/dev/null 2>&1; then
  echo "self-test: not caught: an include in a comment of Go" >&2
  failures=$((failures + 1))
fi

expect_not_bundled '-cxx/netstack/wire/text.cc' touch cxx/netstack/wire/text.cc
expect_not_bundled '-capi/src/guard.cc' touch capi/src/guard.cc
expect_not_bundled '+capi/src/stack.cc' append go/internal/bundled/link.cc '#include "src/stack.cc"'
expect_not_bundled '+cxx/netstack/base/status_test.cc' \
  append go/internal/bundled/link.cc '#include "netstack/base/status_test.cc"'
expect_not_bundled '+cxx/netstack/testing/fake.cc' \
  append go/internal/bundled/link.cc '#include "netstack/testing/fake.cc"'
expect_not_bundled '+stdio.h' append go/internal/bundled/link.cc '#include <stdio.h>'

echo "layers self-test: $cases violations tried, $failures not caught"
((failures == 0))
