#!/usr/bin/env bash
# pytest against an extension module that was built with the address and undefined behaviour sanitizers.
# Takes clang, and minutes. Arguments go to pytest in place of "python/tests".
# Leaks are not looked for: the interpreter itself keeps much to its end.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

compiler=${CXX:-clang++-14}
tools=$(packaging/make-python-tools.sh)
build=$root/build/python-asan
cmake --preset asan -B "$build" -DCMAKE_C_COMPILER="${CC:-clang-14}" -DCMAKE_CXX_COMPILER="$compiler" \
  -DNETSTACK_BUILD_TESTS=OFF -DNETSTACK_BUILD_PROGRAM=OFF -DNETSTACK_BUILD_EXAMPLES=OFF \
  -DNETSTACK_BUILD_PYTHON=ON -DPython_EXECUTABLE="$tools/bin/python"
cmake --build "$build"

# The interpreter is not built with them: what they bring must be there before it.
first=$("$compiler" -print-file-name="libclang_rt.asan-$(uname -m).so"):$("$compiler" -print-file-name=libstdc++.so.6)
[[ $# -gt 0 ]] || set -- python/tests
exec env PYTHONPATH="$build/python" PYTHONMALLOC=malloc LD_PRELOAD="$first" \
  ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 "$tools/bin/python" -m pytest "$@"
