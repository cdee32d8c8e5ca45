#!/usr/bin/env bash
# Installs the wheel of these sources into build/python-tests/site, and writes the wheel's path to
# build/python-tests/wheel. Does nothing where that was done for the very same sources.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work=build/python-tests
sources=$(tests/lint/list-files.sh 'cxx/*' 'capi/*' 'packaging/*' 'python/netstack/*' 'python/src/*' 'python/CMakeLists.txt' \
  CMakeLists.txt pyproject.toml VERSION | xargs -d '\n' sha256sum)
if [[ -f $work/stamp && $(<"$work/stamp") == "$sources" && -f $(<"$work/wheel") ]]; then exit 0; fi

rm -rf "$work/site" "$work/stamp"
mkdir -p "$work"
wheel=$(packaging/build-wheel.sh NETSTACK_WERROR=ON)
tools=$(packaging/make-python-tools.sh)
"$tools/bin/python" -m pip install --quiet --no-index --no-deps --target "$work/site" "$wheel"
echo "$wheel" >"$work/wheel"
echo "$sources" >"$work/stamp"
