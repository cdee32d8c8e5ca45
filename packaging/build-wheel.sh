#!/usr/bin/env bash
# Builds the wheel for many Linux systems into dist/ and prints its path; fails where it would need a
# library that those systems do not have.
#   build-wheel.sh [CMAKE-OPTION=VALUE...]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=packaging/release-tools.sh
. packaging/release-tools.sh

set_source_date
tools=$(packaging/make-python-tools.sh)
export PATH=$tools/bin:$PATH
build=build/wheel
mkdir -p "$build"

settings=("--config-setting=build-dir=$build/cmake" "--config-setting=cmake.define.PCAP_USE_STATIC_LIBS=ON")
for option in "$@"; do settings+=("--config-setting=cmake.define.$option"); done

# Whatever lay there would be taken for what was built now.
rm -rf "$build/raw" "$build/repaired"
log=$build/log
if ! CMAKE_BUILD_PARALLEL_LEVEL=${NETSTACK_JOBS:-$(nproc)} python -m build --wheel --no-isolation \
  --outdir "$build/raw" "${settings[@]}" . >"$log" 2>&1; then
  tail -n 60 "$log" >&2
  fail "the wheel could not be built"
fi

auditwheel show "$build"/raw/*.whl >&2 || fail "auditwheel can't judge the wheel"
auditwheel repair --wheel-dir "$build/repaired" "$build"/raw/*.whl >>"$log" 2>&1 || {
  tail -n 15 "$log" >&2
  fail "auditwheel could not repair the wheel"
}
wheel=$(echo "$build"/repaired/*.whl)
[[ $wheel == *-manylinux_* || $wheel == *-musllinux_* ]] || fail "$wheel fits this machine alone"
# What auditwheel copies in beside the package is what other machines lack.
if python -m zipfile -l "$wheel" | grep -E '^netstack\.libs/' >&2; then
  fail "$wheel had to bring along libraries of this machine"
fi

mkdir -p dist
mv "$wheel" dist/
echo "dist/${wheel##*/}"
