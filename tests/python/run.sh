#!/usr/bin/env bash
# Everything about the Python package: its source, the wheel that is made of it, pytest against that wheel,
# and both ways of installing. Each check counts as one beside pytest's tests; the last line is
# "N passed, M failed".
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
# shellcheck source=tests/checks.sh
. tests/checks.sh

tools=$(packaging/make-python-tools.sh)
export PATH=$tools/bin:$PATH
work=$root/build/python-tests
site=$work/site
rm -rf "$work"
mkdir -p "$work"

# Adds pytest's tests to the count: one that was skipped has not shown that it works.
run_pytest() {
  local report=$work/pytest.xml status=0 total bad
  echo "== pytest"
  PYTHONPATH=$site python -m pytest --junitxml="$report" || status=$?
  read -r total bad < <(python tests/python/count_tests.py "$report") || total=0 bad=0
  add_tests pytest "$status" $((total - bad)) "$bad"
}

sources=(
  python packaging tests/packages tests/program tests/python tests/bench/python tests/rust tests/vectors tests/abi
)
check "ruff check" ruff check "${sources[@]}" || true
check "ruff format" ruff format --check "${sources[@]}" || true
# Not the tests of the package, which hand over wrong types on purpose, nor its examples, which leave types out.
check "mypy" mypy "${sources[@]}" || true

# The wheel itself is what is tested, with the tools beside it.
check "build-wheel.sh" tests/python/make-site.sh || finish
wheel=$(<"$work/wheel")
# Which functions of the C ABI are behind the module: inline functions of the C++ header stand between, so its
# objects tell, not its sources.
objects=()
for source in python/src/*.cc; do
  objects+=("build/wheel/cmake/python/CMakeFiles/netstack_python.dir/src/${source##*/}.o")
done
check "uses.py" python tests/abi/uses.py capi/abi/netstack.json tests/abi/unused.txt python "${objects[@]}" || true
if [[ -f python/netstack/_core.pyi ]]; then
  check "stubtest" env PYTHONPATH="$site" python -m mypy.stubtest netstack \
    --allowlist tests/python/stubtest-allowlist.txt || true
fi
run_pytest
check "check-wheel.sh" tests/python/check-wheel.sh "$wheel" || true
check "check-sdist.sh" tests/python/check-sdist.sh "$wheel" || true
finish
