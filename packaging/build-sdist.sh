#!/usr/bin/env bash
# Makes the source distribution of the Python package into dist/ and prints its path.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=packaging/release-tools.sh
. packaging/release-tools.sh

set_source_date
tools=$(packaging/make-python-tools.sh)
work=$root/build/sdist
rm -rf "$work"
mkdir -p "$work" dist
# What lies around in the checkout, and is none of git's, stays out.
mkdir "$work/source"
copy_sources "$work/source"
"$tools/bin/python" -m build --sdist --no-isolation --outdir "$work" "$work/source" >"$work/log" 2>&1 || {
  tail -n 30 "$work/log" >&2
  fail "the source distribution could not be made"
}
sdist=netstack-$(<VERSION).tar.gz
mv "$work/$sdist" dist/
echo "dist/$sdist"
